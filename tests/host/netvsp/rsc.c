// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rsc - receive segment coalescing (netvsc-wire.md 5.12, 9.5).
 *
 * Only when the guest asked: version 6.1, its capability bit, and the switch of the
 * family on. One aggregate is open per queue; a segment of the same flow with equal
 * headers and the next sequence number joins it. Anything else, the end of a run of
 * frames (rx_flush) or a limit seals it first, so the order of frames never
 * changes. Nothing waits for a later run: what is coalesced came together.
 *
 * The open aggregate is one buffer, headers of the first segment and all payloads;
 * sealing makes a nic_waiting of it with a shape: one fragment per segment, or
 * fragments that fill sub-allocations (rsc_frag=fill). One segment alone is
 * delivered as the frame that it was. The faults rsc.* act on the finished shape.
 */
#include <stdlib.h>
#include <string.h>
#include "../backend/packet.h"
#include "../backend/switch.h"
#include "../fault/fault.h"
#include "nic.h"
#include "rsc.h"

#define TCP_PSH		0x08
#define TCP_ACK		0x10
#define EXTRA_BYTES	8192	/* room that the faults need behind the longest frame */
#define BUF_BYTES	(ETH_HEADER_BYTES + RSC_BYTES_MAX + EXTRA_BYTES)
#define TOO_LONG_BYTES	65550
#define TOO_MANY_FRAGS	563

struct rsc {
	size_t len;			/* 0: nothing is open */
	size_t alone;			/* the first segment's frame, with its padding */
	struct pkt_info info;		/* of the first segment */
	uint32_t header;		/* bytes: Ethernet, IP, TCP */
	uint32_t next_seq;
	unsigned int segs;
	uint32_t payload[NVSP_XFER_RANGES_MAX_RSC];
	uint16_t tci;
	bool tagged;
	uint32_t hash, hash_type;
	uint8_t buf[BUF_BYTES];
};

static bool allowed(const struct nic *nic, const struct pkt_info *info)
{
	if (nic->version < NVSP_VERSION_61 || !(nic->caps & NVSP_CAP_RSC))
		return false;
	if (fault_peek("rsc.late", nic->id))
		return info->is_ip4 || info->is_ip6;
	return info->is_ip4 ? nic->off.rsc4 : info->is_ip6 && nic->off.rsc6;
}

/* A plain TCP segment with data: no options of IP, no flags but ACK and PSH. */
static bool eligible(const struct switch_frame *f, const struct pkt_info *info)
{
	const uint8_t *tcp = f->data + info->l4_off;
	uint32_t ip_header = info->is_ip4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;

	if (!info->l4_off || info->l4_proto != IP_PROTO_TCP ||
	    info->l3_off != ETH_HEADER_BYTES || info->l4_off != info->l3_off + ip_header)
		return false;
	if ((tcp[13] | TCP_PSH) != (TCP_ACK | TCP_PSH) ||
	    info->l4_len <= (tcp[12] >> 4) * 4u)
		return false;
	if (info->is_ip4 && !pkt_ip4_csum_good(f->data, info))
		return false;
	return f->l4_good || pkt_l4_csum_good(f->data, info);
}

/* Equal but for lengths, sums, the id, the sequence number and PSH. */
static bool same_headers(const struct rsc *r, const struct switch_frame *f,
			 const struct pkt_info *info)
{
	const uint8_t *a = r->buf, *b = f->data;
	uint32_t ip = ETH_HEADER_BYTES, tcp = r->info.l4_off;

	if (f->tagged != r->tagged || (f->tagged && f->tci != r->tci) ||
	    info->l4_off != tcp || info->is_ip4 != r->info.is_ip4 || memcmp(a, b, ip))
		return false;
	if (info->is_ip4) {
		if (memcmp(a + ip, b + ip, 2) || memcmp(a + ip + 6, b + ip + 6, 4) ||
		    memcmp(a + ip + 12, b + ip + 12, 8))
			return false;
	} else if (memcmp(a + ip, b + ip, 4) || memcmp(a + ip + 6, b + ip + 6, 34)) {
		return false;
	}
	return !memcmp(a + tcp, b + tcp, 4) && !memcmp(a + tcp + 8, b + tcp + 8, 5) &&
	       !memcmp(a + tcp + 14, b + tcp + 14, 2) &&
	       !memcmp(a + tcp + 18, b + tcp + 18, r->header - tcp - 18);
}

static unsigned int most_segments(const struct nic *nic)
{
	unsigned int n = nic->cfg.rsc_segs;

	return n < nic->pool.share ? n : nic->pool.share;
}

static bool joins(const struct nic_queue *q, const struct switch_frame *f,
		  const struct pkt_info *info, uint32_t payload)
{
	const struct rsc *r = q->rsc;

	return r->segs < most_segments(q->nic) &&
	       r->len - ETH_HEADER_BYTES + payload <= q->nic->cfg.rsc_max &&
	       get_be32(f->data + info->l4_off + 4) == r->next_seq &&
	       same_headers(r, f, info);
}

static void open_with(struct rsc *r, const struct switch_frame *f,
		      const struct pkt_info *info, uint32_t hash, uint32_t hash_type)
{
	const uint8_t *tcp = f->data + info->l4_off;

	r->info = *info;
	r->header = info->l4_off + (tcp[12] >> 4) * 4u;
	r->len = info->l3_off + info->l3_len;
	r->payload[0] = (uint32_t)r->len - r->header;
	r->next_seq = get_be32(tcp + 4) + r->payload[0];
	r->segs = 1;
	r->tci = f->tci;
	r->tagged = f->tagged;
	r->hash = hash;
	r->hash_type = hash_type;
	r->alone = f->len;
	memcpy(r->buf, f->data, f->len);
}

static void join(struct rsc *r, const struct switch_frame *f, uint32_t payload)
{
	const uint8_t *tcp = f->data + r->info.l4_off;

	r->buf[r->info.l4_off + 13] |= tcp[13] & TCP_PSH;
	memcpy(r->buf + r->len, f->data + r->header, payload);
	r->len += payload;
	r->next_seq += payload;
	r->payload[r->segs++] = payload;
}

bool rsc_take(struct nic_queue *q, const struct switch_frame *f, uint32_t hash,
	      uint32_t hash_type)
{
	struct pkt_info info;
	uint32_t payload;

	pkt_parse(f->data, f->len, &info);
	if (!allowed(q->nic, &info) || !eligible(f, &info) ||
	    info.l3_len > q->nic->cfg.rsc_max) {
		rsc_seal(q);
		return false;
	}
	if (!q->rsc)
		q->rsc = calloc(1, sizeof(*q->rsc));
	if (!q->rsc)
		return false;
	payload = info.l4_len - (f->data[info.l4_off + 12] >> 4) * 4u;
	if (q->rsc->len && joins(q, f, &info, payload)) {
		join(q->rsc, f, payload);
	} else {
		rsc_seal(q);
		open_with(q->rsc, f, &info, hash, hash_type);
	}
	if (f->last)
		rsc_seal(q);
	return true;
}

/* ---- sealing ---- */

static void add_frag(struct rsc_shape *s, uint32_t len)
{
	s->frag[s->cnt++].len = len;
}

static void cut(const struct nic_queue *q, const struct rsc *r, struct rsc_shape *s)
{
	uint32_t room = rxmsg_room(q->nic);
	uint32_t left = (uint32_t)r->len;
	unsigned int i;

	if (!q->nic->cfg.rsc_fill || room < r->header) {
		for (i = 0; i < r->segs; i++)
			add_frag(s, r->payload[i] + (i ? 0 : r->header));
		return;
	}
	while (left) {
		uint32_t len = left < room ? left : room;

		add_frag(s, len);
		left -= len;
	}
}

/* Faults that make the aggregate longer; the new bytes are 0. */
static void grow(const struct nic_queue *q, struct rsc *r, struct rsc_shape *s)
{
	const struct fault *f = fault_hit("rsc.too_many", q->nic->id, "", 0);
	uint32_t room = rxmsg_room(q->nic);
	size_t want = r->len;
	size_t part = 1;

	if (f) {
		unsigned int n = f->has_value ? f->value : TOO_MANY_FRAGS;

		n = n < RSC_FRAGS_FAULT ? n : RSC_FRAGS_FAULT;
		want += n > s->cnt ? n - s->cnt : 0;
	} else {
		f = fault_hit("rsc.too_long", q->nic->id, "", 0);
		if (!f)
			return;
		want = f->has_value ? f->value : TOO_LONG_BYTES;
		part = room;
	}
	want = want < BUF_BYTES ? want : BUF_BYTES;
	while (part && r->len < want && s->cnt < RSC_FRAGS_FAULT) {
		size_t len = want - r->len < part ? want - r->len : part;

		memset(r->buf + r->len, 0, len);
		r->len += len;
		add_frag(s, (uint32_t)len);
	}
}

static void flag_all(struct nic_queue *q, struct rsc_shape *s)
{
	unsigned int i;

	q->rsc_id++;
	for (i = 0; i < s->cnt; i++) {
		s->frag[i].id = q->rsc_id;
		s->frag[i].flags = RNDIS_PKT_ID_FRAGMENTED;
	}
	s->frag[0].flags |= RNDIS_PKT_ID_FIRST;
	s->frag[s->cnt - 1].flags |= RNDIS_PKT_ID_LAST;
}

static void mutate(struct nic_queue *q, struct rsc_shape *s)
{
	unsigned int second = s->cnt > 1;
	const struct fault *f;
	int nic = q->nic->id;

	if (fault_hit("rsc.no_first", nic, "", 0))
		s->frag[0].flags &= (uint8_t)~RNDIS_PKT_ID_FIRST;
	if (fault_hit("rsc.no_last", nic, "", 0))
		s->frag[s->cnt - 1].flags &= (uint8_t)~RNDIS_PKT_ID_LAST;
	if (fault_hit("rsc.first_again", nic, "", 0))
		s->frag[second].flags |= RNDIS_PKT_ID_FIRST;
	if (fault_hit("rsc.no_id", nic, "", 0))
		s->frag[second].no_ppi = true;
	f = fault_hit("rsc.wrong_id", nic, "", 0);
	if (f)
		s->frag[second].id = (uint16_t)(f->has_value ? f->value : q->rsc_id + 1u);
	f = fault_hit("rsc.flags", nic, "", 0);
	if (f)
		s->frag[0].flags = (uint8_t)f->value;
	s->split = fault_hit("rsc.split", nic, "", 0) != NULL;
}

/* The headers of the whole; both sums are stale, 0 here as Windows hosts have it. */
static void finish_headers(struct rsc *r)
{
	uint8_t *ip = r->buf + ETH_HEADER_BYTES;
	size_t bytes = r->len - ETH_HEADER_BYTES;

	if (r->info.is_ip4) {
		put_be16(ip + 2, (uint16_t)bytes);
		put_be16(ip + 10, 0);
	} else {
		put_be16(ip + 4, (uint16_t)(bytes - IPV6_HEADER_BYTES));
	}
	put_be16(r->buf + r->info.l4_off + 16, 0);
}

static struct nic_waiting *to_waiting(const struct rsc *r, struct rsc_shape *s)
{
	size_t len = s ? r->len : r->alone;
	struct nic_waiting *w = malloc(sizeof(*w) + len);

	if (!w) {
		free(s);
		return NULL;
	}
	memset(w, 0, sizeof(*w));
	w->shape = s;
	w->len = len;
	w->tci = r->tci;
	w->tagged = r->tagged;
	w->l4_good = true;
	w->hash = r->hash;
	w->hash_type = r->hash_type;
	memcpy(w->data, r->buf, len);
	return w;
}

void rsc_seal(struct nic_queue *q)
{
	struct rsc *r = q->rsc;
	struct rsc_shape *s = NULL;
	struct nic_waiting *w;

	if (!r || !r->len)
		return;
	if (r->segs > 1 || fault_hit("rsc.single", q->nic->id, "", 0)) {
		s = calloc(1, sizeof(*s));
		if (!s) {
			rsc_drop(q);
			return;
		}
		s->segs = r->segs;
		cut(q, r, s);
		grow(q, r, s);
		finish_headers(r);
		flag_all(q, s);
		mutate(q, s);
	}
	w = to_waiting(r, s);
	r->len = 0;
	rx_batch_enqueue(q, w);
}

unsigned int rsc_drop(struct nic_queue *q)
{
	unsigned int n = q->rsc && q->rsc->len ? q->rsc->segs : 0;

	if (n)
		q->rsc->len = 0;
	return n;
}

void rsc_free(struct nic_queue *q)
{
	free(q->rsc);
	q->rsc = NULL;
}
