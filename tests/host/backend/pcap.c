// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: pcap - the classic format with magic 0xa1b23c4d. A file that cannot be
 * written any more is given up silently: a capture never disturbs the traffic.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "packet.h"
#include "pcap.h"

struct pcap {
	FILE *f;
	uint64_t frames;
};

struct pcap_file_header {
	uint32_t magic;
	uint16_t major;
	uint16_t minor;
	int32_t zone;
	uint32_t sigfigs;
	uint32_t snaplen;
	uint32_t network;
};

struct pcap_record_header {
	uint32_t sec;
	uint32_t nsec;
	uint32_t caplen;
	uint32_t len;
};

struct pcap *pcap_open(const char *path)
{
	struct pcap_file_header h = { 0xa1b23c4d, 2, 4, 0, 0, 262144, 1 };
	struct pcap *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->f = fopen(path, "wbe");
	if (!p->f || fwrite(&h, sizeof(h), 1, p->f) != 1) {
		int err = errno;

		pcap_close(p);
		errno = err;
		return NULL;
	}
	return p;
}

void pcap_frame(struct pcap *p, const uint8_t *frame, size_t len, bool tagged,
		uint16_t tci)
{
	struct pcap_record_header h;
	struct timespec now;
	uint8_t tag[4];

	if (tagged && len < 12)
		tagged = false;
	clock_gettime(CLOCK_REALTIME, &now);
	h.sec = (uint32_t)now.tv_sec;
	h.nsec = (uint32_t)now.tv_nsec;
	h.caplen = len + (tagged ? 4 : 0);
	h.len = h.caplen;
	fwrite(&h, sizeof(h), 1, p->f);
	if (tagged) {
		put_be16(tag, ETH_TYPE_VLAN);
		put_be16(tag + 2, tci);
		fwrite(frame, 12, 1, p->f);
		fwrite(tag, sizeof(tag), 1, p->f);
		fwrite(frame + 12, len - 12, 1, p->f);
	} else {
		fwrite(frame, len, 1, p->f);
	}
	p->frames++;
}

uint64_t pcap_frames(const struct pcap *p)
{
	return p->frames;
}

void pcap_close(struct pcap *p)
{
	if (!p)
		return;
	if (p->f)
		fclose(p->f);
	free(p);
}
