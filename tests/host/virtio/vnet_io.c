// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vnet frames (virtio 1.0, 5.1.6).
 *
 * Transmit: the chain is copied once, its header judged in the copy, a checksum
 * filled in or a large TCP frame cut, the 802.1Q tag taken beside the frame.
 * Receive: the pair is chosen by a hash of the flow; a frame takes as many buffers
 * as it needs (MRG_RXBUF) or is dropped and counted - there is no queue here, the
 * driver's buffers are all a VF has.
 */
#include <limits.h>
#include <string.h>
#include <netvsc/ndis.h>

#include "../backend/lso.h"
#include "../backend/packet.h"
#include "../backend/switch.h"
#include "vnet_dev.h"

#define HDR_NEEDS_CSUM	1
#define HDR_DATA_VALID	2
#define GSO_NONE	0
#define GSO_TCP4	1
#define GSO_TCP6	4
#define GSO_ECN		0x80
#define RX_BUFFERS_MAX	(FRAME_MAX / 64)

struct hdr {			/* little endian, as this host is */
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size, csum_start, csum_offset, num_buffers;
};

_Static_assert(sizeof(struct hdr) == HDR_BYTES, "header of VERSION_1 (5.1.6)");

/*
 * A frame of one VF may be delivered to another while it is being sent: the two
 * directions share no buffer.
 */
static uint8_t frame_buf[FRAME_MAX], untagged_buf[FRAME_MAX], tagged_buf[FRAME_MAX];
static struct virtq_chain chain, rx_chain, first_chain;

/* ---- transmit ---- */

static bool header_ok(const struct vnet *v, const struct hdr *h, size_t len)
{
	uint8_t gso = h->gso_type & (uint8_t)~GSO_ECN;

	if (h->flags & ~(HDR_NEEDS_CSUM | HDR_DATA_VALID))
		return false;
	if (h->flags & HDR_NEEDS_CSUM &&
	    (!(v->features & F_CSUM) || h->csum_start < ETH_HEADER_BYTES ||
	     (size_t)h->csum_start + h->csum_offset + 2 > len))
		return false;
	if (gso == GSO_NONE)
		return !h->gso_type;
	if (gso != GSO_TCP4 && gso != GSO_TCP6)
		return false;
	return v->features & (gso == GSO_TCP4 ? F_HOST_TSO4 : F_HOST_TSO6) &&
	       h->flags & HDR_NEEDS_CSUM && h->gso_size;
}

/* The checksum field holds the sum of the pseudo-header: only add what follows. */
static void fill_csum(uint8_t *frame, size_t len, size_t start, size_t offset)
{
	uint16_t sum = (uint16_t)~csum_fold(csum_partial(frame + start, len - start, 0));

	put_be16(frame + start + offset, sum ? sum : 0xffff);
}

struct emit {
	struct vnet *v;
	struct switch_frame f;
};

static void emit(void *priv, const uint8_t *seg, size_t len)
{
	struct emit *e = priv;

	e->f.data = seg;
	e->f.len = len;
	e->v->ops->transmit(e->v->priv, &e->f);
}

static void send(struct vnet *v, const struct hdr *h, size_t len)
{
	struct emit e = { .v = v };
	size_t start = h->csum_start;
	int n;

	switch_untag(frame_buf, len, untagged_buf, &e.f);
	start -= e.f.tagged ? ETH_TAG_BYTES : 0;
	v->stats.tx_frames++;
	v->stats.tx_bytes += len;
	e.f.l4_good = h->flags & HDR_NEEDS_CSUM;
	if (h->gso_type != GSO_NONE) {
		n = lso_segment(untagged_buf, e.f.len, h->gso_size, (uint32_t)start, emit, &e);
		v->stats.tx_segments += n > 0 ? (uint64_t)n : 0;
		v->stats.tx_bad += n <= 0;
		return;
	}
	if (h->flags & HDR_NEEDS_CSUM) {
		if (start < ETH_HEADER_BYTES || start + h->csum_offset + 2 > e.f.len) {
			v->stats.tx_bad++;
			return;
		}
		fill_csum(untagged_buf, e.f.len, start, h->csum_offset);
	}
	v->ops->transmit(v->priv, &e.f);
}

static void transmit_one(struct vnet *v, struct virtq *q)
{
	size_t len = chain.read_len - HDR_BYTES;
	struct hdr h;

	if (chain.read_len < HDR_BYTES + ETH_HEADER_BYTES || len > FRAME_MAX ||
	    virtq_read(q, &chain, 0, &h, sizeof(h)) ||
	    virtq_read(q, &chain, HDR_BYTES, frame_buf, len) || !header_ok(v, &h, len)) {
		v->stats.tx_bad++;
		return;
	}
	if (v->cfg.link_up)
		send(v, &h, len);
	else
		v->stats.tx_link++;
}

void vnet_transmit(struct vnet *v, struct virtq *q)
{
	unsigned int budget = 2 * VIRTQ_SIZE_MAX;
	bool any = false;
	int ret = 0;

	/* The driver runs on while we send; what it adds is taken, within reason. */
	while (budget-- && (ret = virtq_pop(q, &chain)) > 0) {
		uint16_t head = chain.head;

		transmit_one(v, q);
		virtq_push(q, head, 0);
		any = true;
	}
	if (any)
		v->ops->transmitted(v->priv);
	if (ret < 0 || q->broken)
		vnet_broken(v);
	else if (any)
		vnet_used(v, (unsigned int)(q - v->q));
}

/* ---- receive ---- */

static bool wanted(const struct vnet *v, const uint8_t *dst)
{
	unsigned int i;

	if (v->promisc || v->table_full || (dst[0] & 1 && v->allmulti) ||
	    !memcmp(dst, v->mac, 6) || !memcmp(dst, "\xff\xff\xff\xff\xff\xff", 6))
		return true;
	for (i = 0; i < v->table_cnt; i++)
		if (!memcmp(dst, v->table[i], 6))
			return true;
	return false;
}

static unsigned int pair_by_rss(const struct vnet *v, const struct switch_frame *f)
{
	static const uint32_t names[] = {	/* bit by bit of RSS_TYPES */
		NDIS_HASH_IPV4, NDIS_HASH_TCP_IPV4, NDIS_HASH_UDP_IPV4,
		NDIS_HASH_IPV6, NDIS_HASH_TCP_IPV6, NDIS_HASH_UDP_IPV6,
	};
	const struct vnet_rss *r = &v->rss;
	uint32_t hash, type, types = 0;
	struct pkt_info info;
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (r->types >> i & 1)
			types |= names[i];
	pkt_parse(f->data, f->len, &info);
	hash = pkt_hash(f->data, &info, types, r->key, &type);
	return type ? r->table[hash & r->mask] : r->unclassified;
}

static unsigned int pair_of(const struct vnet *v, const struct switch_frame *f)
{
	struct pkt_info info;
	uint32_t h = 2166136261u;
	size_t i, from, to;

	if (v->rss.on)
		return pair_by_rss(v, f);
	if (v->pairs < 2)
		return 0;
	pkt_parse(f->data, f->len, &info);
	if (!info.is_ip4 && !info.is_ip6)
		return 0;
	from = info.l3_off + (info.is_ip4 ? 12u : 8u);
	to = info.l4_off ? info.l4_off + 4u : from + (info.is_ip4 ? 8u : 32u);
	for (i = from; i < to && i < f->len; i++)
		if (i < from + (info.is_ip4 ? 8u : 32u) || (info.l4_off && i >= info.l4_off))
			h = (h ^ f->data[i]) * 16777619u;
	return (h >> 8) % v->pairs;
}

/* The frame as it lies in memory, its tag inline again. */
static const uint8_t *inline_tag(const struct switch_frame *f, size_t *len)
{
	*len = f->len;
	if (!f->tagged)
		return f->data;
	if (f->len + ETH_TAG_BYTES > FRAME_MAX)
		return NULL;
	memcpy(tagged_buf, f->data, 12);
	put_be16(tagged_buf + 12, ETH_TYPE_VLAN);
	put_be16(tagged_buf + 14, f->tci);
	memcpy(tagged_buf + 16, f->data + 12, f->len - 12);
	*len = f->len + ETH_TAG_BYTES;
	return tagged_buf;
}

/* Heads and fill of the buffers of one frame. */
struct spread {
	unsigned int n;
	uint16_t head[RX_BUFFERS_MAX];
	uint32_t used[RX_BUFFERS_MAX];
};

static struct spread spread;

static void give_back(struct virtq *q)
{
	unsigned int n;

	for (n = spread.n; n--;) {
		rx_chain.head = spread.head[n];
		virtq_unpop(q, &rx_chain);
	}
}

/* Into as many buffers as it takes; 0, or negative: none were taken. */
static int scatter(struct virtq *q, const struct hdr *h, const uint8_t *data, size_t len,
		   bool mergeable)
{
	size_t done = 0;

	spread.n = 0;
	while (done < len) {
		size_t lead = spread.n ? 0 : sizeof(*h), part;
		int ret;

		if (spread.n == 1)
			first_chain = rx_chain;
		ret = spread.n < RX_BUFFERS_MAX ? virtq_pop(q, &rx_chain) : 0;
		if (ret <= 0) {
			give_back(q);
			return -1;
		}
		spread.head[spread.n] = rx_chain.head;
		part = rx_chain.write_len > lead ? rx_chain.write_len - lead : 0;
		part = part < len - done ? part : len - done;
		spread.used[spread.n++] = (uint32_t)(lead + part);
		if (!part || (!mergeable && part < len) ||
		    virtq_write(q, &rx_chain, lead, data + done, part)) {
			give_back(q);
			return -1;
		}
		done += part;
	}
	return 0;
}

static bool receive(struct vnet *v, struct virtq *q, const struct switch_frame *f)
{
	struct hdr h = { 0 };
	const uint8_t *data;
	unsigned int i;
	size_t len;

	data = inline_tag(f, &len);
	if (f->l4_good && v->offloads & F_GUEST_CSUM)
		h.flags = HDR_DATA_VALID;
	if (!data || scatter(q, &h, data, len, v->features & F_MRG_RXBUF))
		return false;
	h.num_buffers = (uint16_t)spread.n;
	virtq_write(q, spread.n > 1 ? &first_chain : &rx_chain, 0, &h, sizeof(h));
	for (i = 0; i < spread.n; i++)
		virtq_push(q, spread.head[i], spread.used[i]);
	v->stats.rx_frames++;
	v->stats.rx_bytes += len;
	return true;
}

void vnet_deliver(struct vnet *v, const struct switch_frame *f)
{
	struct virtq *q;
	unsigned int n;

	if (!vnet_ready(v)) {
		v->stats.rx_not_ready++;
		return;
	}
	if (!v->cfg.link_up) {
		v->stats.rx_link++;
		return;
	}
	if (!wanted(v, f->data)) {
		v->stats.rx_filter++;
		return;
	}
	n = 2 * pair_of(v, f);
	q = &v->q[n];
	if (!receive(v, q, f))
		v->stats.rx_no_buffer++;
	else
		v->due[n] = true;
	if (q->broken)
		vnet_broken(v);
}

void vnet_flush(struct vnet *v)
{
	unsigned int i;

	for (i = 0; i < vnet_queue_cnt(v); i++) {
		if (!v->due[i])
			continue;
		v->due[i] = false;
		vnet_used(v, i);
	}
}

unsigned int vnet_room(struct vnet *v)
{
	unsigned int i, room = UINT_MAX;

	if (!vnet_ready(v))
		return UINT_MAX;	/* dropped, so taken */
	for (i = 0; i < v->pairs; i++) {
		unsigned int n = virtq_waiting(&v->q[2 * i]);

		room = n < room ? n : room;
	}
	return room;
}
