// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: txmsg - the RNDIS data messages of one transmit, checked by every rule of
 * netvsc-wire.md 5.8 to 5.10, 7.1 and 7.4. All or nothing: one bad message makes
 * the whole transmit bad.
 *
 * Two kinds of findings: what cannot be read (return, status 2) and what a lenient
 * host would live with (noted only).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "../backend/packet.h"
#include "nic.h"
#include "txmsg.h"
#include "txoff.h"
#include "wire.h"

/* The host's alignment of aggregated messages, as told in INITIALIZE_CMPLT. */
#define ALIGNMENT	(1u << RNDIS_ALIGNMENT_EXP_HOST)
#define SHOWN_BYTES	256

struct reader {
	struct nic_queue *q;
	const struct tx_stream *s;
	size_t off;			/* of the message in the stream */
	uint32_t length, data_off, data_len, ppi_off, ppi_len;
};

static void note(const struct reader *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void note(const struct reader *r, const char *name, const char *fmt, ...)
{
	size_t len = r->s->len - r->off;
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	nic_violation(r->q->nic, name, r->s->data + r->off,
		      len < SHOWN_BYTES ? len : SHOWN_BYTES, "channel %u: byte %zu: %s",
		      r->q->index, r->off, text);
}

static uint32_t dword(const struct reader *r, size_t off)
{
	return wire_get32(r->s->data + r->off + off);
}

static int read_header(struct reader *r, unsigned int index)
{
	size_t rest = r->s->len - r->off;
	uint32_t type;

	if (rest < RNDIS_PACKET_BYTES) {
		note(r, index ? "netvsp.data.trailing_garbage" : "netvsp.data.short",
		     "%zu bytes left, a PACKET has at least 44 (5.8)", rest);
		return -EPROTO;
	}
	type = dword(r, 0);
	if (type != RNDIS_MSG_PACKET) {
		note(r, index ? "netvsp.data.aggregate_type" : "netvsp.data.type",
		     "message type 0x%x among data, only PACKET may be there (5.9)", type);
		return -EPROTO;
	}
	r->length = dword(r, 4);
	r->data_off = dword(r, 8);
	r->data_len = dword(r, 12);
	r->ppi_off = dword(r, 28);
	r->ppi_len = dword(r, 32);
	if (r->length < RNDIS_PACKET_BYTES || r->length > rest) {
		note(r, "netvsp.data.length",
		     "message length %u with %zu bytes left (5.8)", r->length, rest);
		return -EPROTO;
	}
	if (dword(r, 16) || dword(r, 20) || dword(r, 24)) {
		note(r, "netvsp.data.oob", "out-of-band fields are not 0 (5.8)");
		return -EPROTO;
	}
	if (dword(r, 36)) {
		note(r, "netvsp.data.vc_handle", "VC handle 0x%x, 0 wanted (5.8)",
		     dword(r, 36));
		return -EPROTO;
	}
	if (dword(r, 40))
		note(r, "netvsp.data.reserved", "reserved field 0x%x, 0 wanted (5.8)",
		     dword(r, 40));
	return 0;
}

static int check_data_area(const struct reader *r)
{
	uint32_t body = r->length - RNDIS_OFFSET_BASE;

	if (!r->data_len) {
		note(r, "netvsp.data.empty", "data length 0 (5.8)");
		return -EPROTO;
	}
	if (r->data_off < RNDIS_PACKET_PPI_OFFSET || r->data_off > body ||
	    r->data_len > body - r->data_off) {
		note(r, "netvsp.data.outside",
		     "frame at %u of %u bytes in a message of %u (5.8)",
		     r->data_off, r->data_len, r->length);
		return -EPROTO;
	}
	if (r->data_len < ETH_HEADER_BYTES) {
		note(r, "netvsp.data.frame_short",
		     "frame of %u bytes, an Ethernet header has 14 (7.1)", r->data_len);
		return -EPROTO;
	}
	return 0;
}

static int check_ppi_area(struct reader *r)
{
	uint32_t body = r->length - RNDIS_OFFSET_BASE;

	if (!r->ppi_len) {
		if (r->ppi_off && r->ppi_off != RNDIS_PACKET_PPI_OFFSET)
			note(r, "netvsp.ppi.offset",
			     "no PPIs but PPI offset %u, 36 or 0 wanted (5.8)", r->ppi_off);
	} else if (r->ppi_off < RNDIS_PACKET_PPI_OFFSET ||
		   r->ppi_off % RNDIS_PPI_ALIGN || r->ppi_off > body ||
		   r->ppi_len > body - r->ppi_off) {
		note(r, "netvsp.ppi.outside", "PPIs at %u of %u bytes in a message of %u (5.8)",
		     r->ppi_off, r->ppi_len, r->length);
		return -EPROTO;
	} else if (r->ppi_off + r->ppi_len > r->data_off) {
		note(r, "netvsp.ppi.overlap", "PPIs end at %u, the frame begins at %u (5.8)",
		     r->ppi_off + r->ppi_len, r->data_off);
		return -EPROTO;
	}
	if (r->data_off != RNDIS_PACKET_PPI_OFFSET + r->ppi_len)
		note(r, "netvsp.data.offset", "data offset %u, 36 + %u bytes of PPIs wanted (5.8)",
		     r->data_off, r->ppi_len);
	return 0;
}

/* The first element of a type wins; unknown types are skipped (5.10, 8.4). */
static void take_ppi(const struct reader *r, uint32_t type, uint32_t v, unsigned int *seen,
		     struct tx_msg *m)
{
	struct nic *nic = r->q->nic;

	if (type < 32) {
		if (*seen & 1u << type) {
			note(r, "netvsp.ppi.duplicate", "PPI type %u occurs twice (5.10)",
			     type);
			return;
		}
		*seen |= 1u << type;
	}
	switch (type) {
	case RNDIS_PPI_CSUM:
		m->has_csum = true;
		m->csum = v;
		break;
	case RNDIS_PPI_LSO:
		m->has_lso = true;
		m->lso = v;
		break;
	case RNDIS_PPI_VLAN:
		m->has_vlan = true;
		m->vlan = v;
		if (v >> 16)
			note(r, "netvsp.ppi.vlan", "802.1Q PPI 0x%x has bits above 15 (5.11)",
			     v);
		break;
	case RNDIS_PPI_HASH_VALUE:
	case RNDIS_PPI_HASH_INFO:
		if (nic->version < NVSP_VERSION_5)
			note(r, "netvsp.ppi.hash_version",
			     "hash PPI with version %s, it exists from V5 on (7.1)",
			     wire_version_name(nic->version));
		break;
	}
}

static int read_ppis(const struct reader *r, struct tx_msg *m)
{
	uint32_t off = RNDIS_OFFSET_BASE + r->ppi_off, rest = r->ppi_len;
	unsigned int seen = 0;

	while (rest) {
		uint32_t size, type, at, v = 0;

		if (rest < RNDIS_PPI_HEADER_BYTES) {
			note(r, "netvsp.ppi.malformed", "%u bytes left for a PPI (5.10)", rest);
			return -EPROTO;
		}
		size = dword(r, off);
		type = dword(r, off + 4);
		at = dword(r, off + 8);
		if (size < RNDIS_PPI_HEADER_BYTES || size > rest || size % RNDIS_PPI_ALIGN ||
		    at < RNDIS_PPI_HEADER_BYTES || at > size) {
			note(r, "netvsp.ppi.malformed",
			     "PPI of size %u, data at %u, %u bytes left (5.10)", size, at, rest);
			return -EPROTO;
		}
		if (size - at >= RNDIS_PPI_DATA_BYTES)
			v = dword(r, off + at);
		else if (type == RNDIS_PPI_CSUM || type == RNDIS_PPI_LSO ||
			 type == RNDIS_PPI_VLAN) {
			note(r, "netvsp.ppi.malformed", "PPI type %u with %u data bytes (5.10)",
			     type, size - at);
			return -EPROTO;
		}
		take_ppi(r, type, v, &seen, m);
		off += size;
		rest -= size;
	}
	return 0;
}

/* The header must lie in one piece; in pages, alone in its range (7.4). */
static int check_pieces(const struct reader *r)
{
	size_t end = r->off + RNDIS_OFFSET_BASE + r->data_off;
	unsigned int i;

	for (i = 0; i < r->s->seg_cnt; i++) {
		const struct tx_seg *g = &r->s->seg[i];

		if (r->off >= g->off + g->len)
			continue;
		if (end > g->off + g->len) {
			note(r, "netvsp.gpa.header_split",
			     "RNDIS header of %zu bytes crosses the end of range %d (7.4)",
			     end - r->off, g->range);
			return 0;
		}
		if (g->range >= 0 && (g->off != r->off || g->len != end - r->off))
			note(r, "netvsp.gpa.header_not_alone",
			     "range %d of %zu bytes holds more than the header of %zu (7.4)",
			     g->range, g->len, end - r->off);
		return 0;
	}
	return 0;
}

/* Pad bytes: fewer than the alignment, zero; none missing before another message. */
static void check_padding(const struct reader *r)
{
	uint32_t used = RNDIS_OFFSET_BASE + r->data_off + r->data_len;
	bool last = r->off + r->length == r->s->len;
	uint32_t i;

	if (!last && r->length % ALIGNMENT)
		note(r, "netvsp.data.alignment",
		     "message of %u bytes is followed by another, multiple of 8 wanted (5.9)",
		     r->length);
	if (r->length - used >= ALIGNMENT) {
		note(r, "netvsp.data.trailing_garbage",
		     "%u bytes behind the frame, at most 7 of padding (5.9)",
		     r->length - used);
		return;
	}
	for (i = used; i < r->length; i++) {
		if (!r->s->data[r->off + i])
			continue;
		note(r, "netvsp.data.padding", "pad byte %u is not zero (5.9)", i);
		return;
	}
}

/* The tag for the switch does not count, also where it has no place but the frame (7.1). */
static uint32_t longest(const struct nic *nic, const struct tx_msg *m)
{
	bool within = !(nic->caps & NVSP_CAP_IEEE8021Q) &&
		      get_be16(m->frame + 12) == ETH_TYPE_VLAN;

	return nic->frame_size + (within ? ETH_TAG_BYTES : 0);
}

static int read_one(struct reader *r, unsigned int index, struct tx_msg *m)
{
	memset(m, 0, sizeof(*m));
	if (read_header(r, index) || check_data_area(r) || check_ppi_area(r) ||
	    read_ppis(r, m) || check_pieces(r))
		return -EPROTO;
	check_padding(r);
	m->frame = r->s->data + r->off + RNDIS_OFFSET_BASE + r->data_off;
	m->len = r->data_len;
	if (!m->has_vlan && get_be16(m->frame + 12) == ETH_TYPE_VLAN &&
	    (r->q->nic->caps & NVSP_CAP_IEEE8021Q))
		note(r, "netvsp.tx.inline_tag",
		     "frame carries its 802.1Q tag inline, the PPI is its place (7.1)");
	if (!m->has_lso && m->len > longest(r->q->nic, m)) {
		note(r, "netvsp.tx.frame_too_long",
		     "frame of %zu bytes, %u negotiated (7.1)", m->len,
		     r->q->nic->frame_size);
		return -EPROTO;
	}
	return txoff_check(r->q->nic, m);
}

int txmsg_read(struct nic_queue *q, const struct tx_stream *s,
	       struct tx_msg msg[TXMSG_MAX])
{
	struct reader r = { .q = q, .s = s };
	unsigned int n = 0;

	do {
		if (n == TXMSG_MAX)
			return -EPROTO;
		if (read_one(&r, n, &msg[n]))
			return -EPROTO;
		if (n++ == RNDIS_MAX_PACKETS_HOST) {
			note(&r, "netvsp.data.too_many_messages",
			     "more than 8 messages in one packet (5.9)");
			return -EPROTO;
		}
		r.off += r.length;
	} while (r.off < s->len);
	return (int)n;
}
