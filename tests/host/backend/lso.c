// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: lso - one large TCP frame in, wire-size segments out. No state.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lso.h"
#include "packet.h"

#define TCP_FLAG_FIN	0x01
#define TCP_FLAG_PSH	0x08
#define TCP_FLAG_CWR	0x80

struct lso {
	struct pkt_info info;
	uint32_t header_len;	/* Ethernet to the end of the TCP header */
	uint32_t payload_len;	/* of the large frame */
	uint32_t mss;
	uint16_t ip_id;
	uint32_t seq;
	uint8_t flags;
};

static void fill_ip(const struct lso *s, uint8_t *seg, size_t len, unsigned int n)
{
	uint8_t *ip = seg + s->info.l3_off;

	if (s->info.is_ip6) {
		put_be16(ip + 4, len - s->info.l3_off - IPV6_HEADER_BYTES);
		return;
	}
	put_be16(ip + 2, len - s->info.l3_off);
	put_be16(ip + 4, s->ip_id + n);
	pkt_fill_ip4_csum(seg, &s->info);
}

static void fill_tcp(const struct lso *s, uint8_t *seg, uint32_t off, uint32_t bytes)
{
	uint8_t *tcp = seg + s->info.l4_off;
	uint8_t flags = s->flags;

	if (off)
		flags &= (uint8_t)~TCP_FLAG_CWR;
	if (off + bytes < s->payload_len)
		flags &= (uint8_t)~(TCP_FLAG_FIN | TCP_FLAG_PSH);
	put_be32(tcp + 4, s->seq + off);
	tcp[13] = flags;
}

static int prepare(struct lso *s, const uint8_t *frame, size_t len, uint32_t mss,
		   uint32_t tcp_off)
{
	const uint8_t *tcp = frame + tcp_off;

	pkt_parse(frame, len, &s->info);
	if (!mss || s->info.l4_proto != IP_PROTO_TCP || !s->info.l4_off ||
	    s->info.l4_off != tcp_off)
		return -EINVAL;
	s->mss = mss;
	s->header_len = tcp_off + (tcp[12] >> 4) * 4;
	s->payload_len = len - s->header_len;
	s->ip_id = s->info.is_ip4 ? get_be16(frame + s->info.l3_off + 4) : 0;
	s->seq = get_be32(tcp + 4);
	s->flags = tcp[13];
	return 0;
}

int lso_segment(const uint8_t *frame, size_t len, uint32_t mss, uint32_t tcp_off,
		lso_emit_fn emit, void *priv)
{
	struct lso s = { 0 };
	uint32_t off = 0;
	uint8_t *seg;
	int n = 0;

	if (prepare(&s, frame, len, mss, tcp_off))
		return -EINVAL;
	seg = malloc(len);
	if (!seg)
		return -ENOMEM;
	memcpy(seg, frame, s.header_len);
	do {
		uint32_t bytes = s.payload_len - off < mss ? s.payload_len - off : mss;
		struct pkt_info info = s.info;

		memcpy(seg + s.header_len, frame + s.header_len + off, bytes);
		fill_ip(&s, seg, s.header_len + bytes, n);
		fill_tcp(&s, seg, off, bytes);
		info.l4_len = s.header_len + bytes - s.info.l4_off;
		pkt_fill_l4_csum(seg, &info);
		emit(priv, seg, s.header_len + bytes);
		off += bytes;
		n++;
	} while (off < s.payload_len);
	free(seg);
	return n;
}
