// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ixvf rings - frames by advanced descriptors.
 *
 * Transmit: from head to tail; context descriptors are kept, data descriptors add up to
 * a frame until the one that says end of packet. Each that asks for it is written back.
 * Receive: a frame takes as many descriptors as its buffers need, or is dropped.
 */
#include "inside.h"

#include <endian.h>
#include <limits.h>
#include <string.h>

#include "../backend/lso.h"
#include "../backend/packet.h"
#include "../backend/switch.h"
#include "../vm/gmem.h"

#define DESC_BYTES	16u
#define TX_LEN		0xffffu
#define TX_TYPE		0x00f00000u
#define TX_CONTEXT	0x00200000u
#define TX_DATA		0x00300000u
#define TX_EOP		0x01000000u
#define TX_RS		0x08000000u
#define TX_DEXT		0x20000000u
#define TX_VLE		0x40000000u
#define TX_TSE		0x80000000u
#define OL_CC		0x80u
#define OL_INDEX	0x10u
#define OL_L4		0x200u
#define CTX_TCP		0x0800u
#define CTX_SCTP	0x1000u
#define RX_DD		1u
#define RX_EOP		2u
#define RX_VP		8u
#define RX_L4_GOOD	0x20u
#define RX_IP_GOOD	0x40u
#define BUDGET		(2 * IXVF_RING_MAX)

struct frame {
	size_t len;
	bool bad;
	uint32_t cmd, olinfo;	/* of the first descriptor */
};

static uint8_t frame_buf[IXVF_FRAME_MAX + 1];

static uint64_t base(const uint32_t *q)
{
	return (uint64_t)q[Q_BASE_HIGH / 4] << 32 | q[Q_BASE_LOW / 4];
}

static uint32_t entries(const uint32_t *q)
{
	uint32_t n = q[Q_BYTES / 4] / DESC_BYTES;

	return q[Q_CONTROL / 4] & QUEUE_ENABLE && n <= IXVF_RING_MAX ? n : 0;
}

/* ---- transmit ---- */

struct emit {
	struct ixvf *v;
	struct switch_frame f;
};

static void emit(void *priv, const uint8_t *seg, size_t len)
{
	struct emit *e = priv;

	e->f.data = seg;
	e->f.len = len;
	e->v->ops->transmit(e->v->priv, &e->f);
}

/* The field holds the sum of the pseudo-header: add what follows. */
static bool fill_csum(uint8_t *frame, size_t len, const struct ixvf_context *c)
{
	size_t start = (c->lens >> 9 & 0x7f) + (c->lens & 0x1ff);
	size_t field = start + (c->type & CTX_TCP ? 16 : 6);
	uint16_t sum;

	if (c->type & CTX_SCTP || start < ETH_HEADER_BYTES || field + 2 > len)
		return false;
	sum = (uint16_t)~csum_fold(csum_partial(frame + start, len - start, 0));
	put_be16(frame + field, sum ? sum : 0xffff);
	return true;
}

static bool send_frame(struct ixvf *v, unsigned int q, struct frame *f)
{
	const struct ixvf_context *c = &v->context[q][f->olinfo & OL_INDEX ? 1 : 0];
	struct emit e = { .v = v };
	int n;

	if (f->bad || f->len < ETH_HEADER_BYTES)
		return false;
	v->stats.tx_frames++;
	v->stats.tx_bytes += f->len;
	e.f.data = frame_buf;
	e.f.len = f->len;
	e.f.tagged = f->cmd & TX_VLE;
	e.f.tci = (uint16_t)(c->lens >> 16);
	e.f.l4_good = f->olinfo & OL_L4;
	if (f->cmd & TX_TSE) {
		n = lso_segment(frame_buf, f->len, c->mss >> 16,
				(c->lens >> 9 & 0x7f) + (c->lens & 0x1ff), emit, &e);
		v->stats.tx_segments += n > 0 ? (uint64_t)n : 0;
		return n > 0;
	}
	if (f->olinfo & OL_L4 && !fill_csum(frame_buf, f->len, c))
		return false;
	v->ops->transmit(v->priv, &e.f);
	return true;
}

static void add_data(struct ixvf *v, struct frame *f, uint64_t addr, uint32_t cmd,
		     uint32_t olinfo)
{
	size_t len = cmd & TX_LEN;

	if (!f->len) {
		f->cmd = cmd;
		f->olinfo = olinfo;
	}
	if (len > IXVF_FRAME_MAX - f->len || gmem_read(v->mem, addr, frame_buf + f->len, len))
		f->bad = true;
	else
		f->len += len;
}

/* One descriptor; true when it is to be written back. */
static bool take(struct ixvf *v, unsigned int q, struct frame *f, const uint8_t *d)
{
	uint32_t word[4];
	uint64_t addr;

	memcpy(&addr, d, 8);
	memcpy(word, d, 16);
	if (!(word[2] & TX_DEXT)) {
		v->stats.tx_bad++;	/* legacy ones are not spoken here */
	} else if ((word[2] & TX_TYPE) == TX_CONTEXT) {
		v->context[q][word[3] & OL_INDEX ? 1 : 0] =
			(struct ixvf_context){ word[0], word[2], word[3] };
		return false;
	} else {
		add_data(v, f, addr, word[2], word[3]);
	}
	if (word[2] & TX_EOP) {
		if (!v->cfg.link_up)
			v->stats.tx_link++;
		else if (!send_frame(v, q, f))
			v->stats.tx_bad++;
		memset(f, 0, sizeof(*f));
	}
	return word[2] & TX_RS;
}

void ixvf_transmit(struct ixvf *v, unsigned int q)
{
	uint32_t *r = ixvf_tx(v, q, 0), n = entries(r), head = r[Q_HEAD / 4];
	const uint32_t done = htole32(1);
	struct frame f = { 0 };
	unsigned int budget = BUDGET;
	bool any = false;
	uint8_t d[DESC_BYTES];

	if (!n || head >= n || r[Q_TAIL / 4] >= n)
		return;
	while (head != r[Q_TAIL / 4] && budget--) {
		uint64_t at = base(r) + (uint64_t)head * DESC_BYTES;

		if (gmem_read(v->mem, at, d, sizeof(d)))
			break;
		head = (head + 1) % n;
		if (take(v, q, &f, d))
			gmem_write(v->mem, at + 12, &done, sizeof(done));
		any = true;
	}
	r[Q_HEAD / 4] = head;
	if (!any)
		return;
	v->ops->transmitted(v->priv);
	ixvf_cause(v, ixvf_queue_cause(v, q, true));
}

/* ---- receive ---- */

static bool wanted(const struct ixvf *v, const uint8_t *dst)
{
	unsigned int i, hash;

	if (v->xcast == 3 || !memcmp(dst, v->mac, 6) || !memcmp(dst, "\xff\xff\xff\xff\xff\xff", 6))
		return true;
	hash = (dst[4] >> 4 | dst[5] << 4) & 0xfff;
	if (dst[0] & 1)
		return v->xcast == 2 || v->hashes[hash / 8] & 1u << (hash & 7);
	for (i = 0; i < v->mac_cnt; i++)
		if (!memcmp(dst, v->macs[i], 6))
			return true;
	return false;
}

static bool vlan_passes(const struct ixvf *v, const struct switch_frame *f)
{
	unsigned int vid = f->tci & 0xfff;

	return !f->tagged || !vid || v->vids[vid / 8] & 1u << (vid & 7);
}

/* Receive queues that are on, counted from the first. */
static unsigned int active(struct ixvf *v)
{
	unsigned int n = 0;

	while (n < v->cfg.pairs && entries(ixvf_rx(v, n, 0)))
		n++;
	return n;
}

static unsigned int queue_of(const struct switch_frame *f, unsigned int queues)
{
	struct pkt_info info;
	uint32_t h = 2166136261u;
	size_t i, from, addrs;

	if (queues < 2)
		return 0;
	pkt_parse(f->data, f->len, &info);
	if (!info.is_ip4 && !info.is_ip6)
		return 0;
	from = info.l3_off + (info.is_ip4 ? 12u : 8u);
	addrs = info.is_ip4 ? 8u : 32u;
	for (i = 0; i < addrs && from + i < f->len; i++)
		h = (h ^ f->data[from + i]) * 16777619u;
	for (i = 0; i < 4 && info.l4_off; i++)
		h = (h ^ f->data[info.l4_off + i]) * 16777619u;
	return (h >> 8) % queues;
}

static uint32_t available(const uint32_t *r)
{
	uint32_t n = entries(r);

	if (!n || r[Q_HEAD / 4] >= n || r[Q_TAIL / 4] >= n)
		return 0;
	return (r[Q_TAIL / 4] + n - r[Q_HEAD / 4]) % n;
}

static uint32_t status_bits(const struct switch_frame *f)
{
	struct pkt_info info;

	if (!f->l4_good)
		return 0;
	pkt_parse(f->data, f->len, &info);
	return info.l4_off ? RX_L4_GOOD | (info.is_ip4 ? RX_IP_GOOD : 0) : 0;
}

/* One part of the frame into the descriptor at head. */
static bool put(struct ixvf *v, uint32_t *r, const uint8_t *data, size_t len, uint32_t status,
		uint16_t tci)
{
	uint64_t at = base(r) + (uint64_t)r[Q_HEAD / 4] * DESC_BYTES, addr;
	uint8_t wb[DESC_BYTES] = { 0 };
	uint16_t bytes = (uint16_t)len;

	if (!gmem_ptr_rw(v->mem, at, DESC_BYTES) || gmem_read(v->mem, at, &addr, 8) ||
	    gmem_write(v->mem, addr, data, len))
		return false;
	memcpy(wb + 12, &bytes, 2);
	memcpy(wb + 14, &tci, 2);
	gmem_write(v->mem, at, wb, 8);
	gmem_write(v->mem, at + 12, wb + 12, 4);
	/* The driver that sees the status sees the rest. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	gmem_write(v->mem, at + 8, &status, 4);
	r[Q_HEAD / 4] = (r[Q_HEAD / 4] + 1) % entries(r);
	return true;
}

static bool receive(struct ixvf *v, uint32_t *r, const struct switch_frame *f)
{
	uint32_t size = (r[Q_SRRCTL / 4] & 0x7f) * 1024, n, status = RX_DD | status_bits(f);
	size_t off = 0;

	n = size ? (uint32_t)((f->len + size - 1) / size) : 0;
	if (!n || n > available(r))
		return false;
	if (f->tagged)
		status |= RX_VP;
	for (; off < f->len; off += size) {
		size_t part = f->len - off < size ? f->len - off : size;
		bool last = off + part == f->len;

		if (!put(v, r, f->data + off, part, status | (last ? RX_EOP : 0),
			 f->tagged ? f->tci : 0))
			return false;
	}
	return true;
}

void ixvf_deliver(struct ixvf *v, const struct switch_frame *f)
{
	unsigned int queues = active(v), q;
	uint32_t *r, control;

	if (!v->talking || !queues) {
		v->stats.rx_not_ready++;
		return;
	}
	if (!v->cfg.link_up) {
		v->stats.rx_link++;
		return;
	}
	if (!wanted(v, f->data) || !vlan_passes(v, f)) {
		v->stats.rx_filter++;
		return;
	}
	q = queue_of(f, queues);
	r = ixvf_rx(v, q, 0);
	control = r[Q_CONTROL / 4];
	if (f->len + 4 > v->lpe || (control & RX_LIMIT_ON && f->len > (control & RX_LIMIT))) {
		v->stats.rx_too_long++;
		return;
	}
	if (!receive(v, r, f)) {
		v->stats.rx_no_buffer++;
		return;
	}
	v->stats.rx_frames++;
	v->stats.rx_bytes += f->len;
	v->due[q] = true;
}

void ixvf_flush(struct ixvf *v)
{
	uint32_t bits = 0;
	unsigned int q;

	for (q = 0; q < IXVF_QUEUES; q++) {
		if (v->due[q])
			bits |= ixvf_queue_cause(v, q, false);
		v->due[q] = false;
	}
	if (bits)
		ixvf_cause(v, bits);
}

unsigned int ixvf_room(struct ixvf *v)
{
	unsigned int q, n = active(v), room = UINT_MAX;

	for (q = 0; q < n; q++) {
		uint32_t a = available(ixvf_rx(v, q, 0));

		room = a < room ? a : room;
	}
	return room;
}
