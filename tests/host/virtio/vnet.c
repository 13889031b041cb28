// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vnet - the registers (virtio 1.0, 4.1.4.3 to 4.1.4.5 and 5.1.4).
 *
 * An access counts only where a register begins and with its size; the 64-bit
 * addresses come in two halves. What a driver may not change in a state is left.
 */
#include "vnet_dev.h"

#include <stdlib.h>
#include <string.h>

#define C_OFFERED_SELECT	0x00
#define C_OFFERED		0x04
#define C_FEATURES_SELECT	0x08
#define C_FEATURES		0x0c
#define C_CONFIG_VECTOR		0x10
#define C_QUEUES		0x12
#define C_STATUS		0x14
#define C_GENERATION		0x15
#define C_SELECT		0x16
#define C_SIZE			0x18
#define C_VECTOR		0x1a
#define C_ENABLE		0x1c
#define C_NOTIFY_OFF		0x1e
#define C_DESC			0x20
#define C_AVAIL			0x28
#define C_USED			0x30

#define LINK_UP			1

static uint64_t offer(const struct vnet_cfg *c)
{
	uint64_t f = F_MAC | F_STATUS | F_CTRL_VQ | F_CTRL_RX | F_CTRL_MAC_ADDR | F_MRG_RXBUF |
		     F_INDIRECT_DESC | F_VERSION_1 | F_SPEED_DUPLEX;

	if (c->pairs > 1)
		f |= F_MQ;
	if (c->pairs > 1 && c->rss)
		f |= F_RSS;
	if (c->mtu)
		f |= F_MTU;
	if (c->csum)
		f |= F_CSUM | F_GUEST_CSUM | F_CTRL_GUEST_OFFLOADS;
	if (c->csum && c->tso)
		f |= F_HOST_TSO4 | F_HOST_TSO6;
	return f;
}

void vnet_reset(struct vnet *v)
{
	unsigned int i;

	v->features = 0;
	v->offered_select = v->features_select = 0;
	v->status = 0;
	v->isr = 0;
	v->select = 0;
	v->config_vector = VIRTQ_NO_VECTOR;
	for (i = 0; i < VNET_QUEUES_MAX; i++) {
		virtq_reset(&v->q[i], v->mem, i < vnet_queue_cnt(v) ? VIRTQ_SIZE_MAX : 0);
		v->due[i] = false;
	}
	v->pairs = 1;
	memcpy(v->mac, v->cfg.mac, 6);
	v->promisc = v->allmulti = false;
	v->offloads = 0;
	memset(&v->rss, 0, sizeof(v->rss));
	v->table_cnt = 0;
	v->table_full = false;
	v->stats.resets++;
}

struct vnet *vnet_create(const struct gmem *mem, const struct vnet_cfg *cfg,
			 const struct vnet_ops *ops, void *priv)
{
	struct vnet *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->mem = mem;
	v->cfg = *cfg;
	v->ops = ops;
	v->priv = priv;
	v->offered = offer(cfg);
	vnet_reset(v);
	v->stats.resets = 0;
	return v;
}

void vnet_free(struct vnet *v)
{
	free(v);
}

/* ---- reading ---- */

static void put(uint8_t *p, uint64_t v, unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void fill_common(const struct vnet *v, uint8_t b[VNET_COMMON_BYTES])
{
	const struct virtq *q = v->select < vnet_queue_cnt(v) ? &v->q[v->select] : NULL;

	memset(b, 0, VNET_COMMON_BYTES);
	put(b + C_OFFERED_SELECT, v->offered_select, 4);
	if (v->offered_select < 2)
		put(b + C_OFFERED, v->offered >> 32 * v->offered_select, 4);
	put(b + C_FEATURES_SELECT, v->features_select, 4);
	if (v->features_select < 2)
		put(b + C_FEATURES, v->features >> 32 * v->features_select, 4);
	put(b + C_CONFIG_VECTOR, v->config_vector, 2);
	put(b + C_QUEUES, vnet_queue_cnt(v), 2);
	b[C_STATUS] = v->status;
	b[C_GENERATION] = v->generation;
	put(b + C_SELECT, v->select, 2);
	if (!q)
		return;		/* size 0: there is no such queue */
	put(b + C_SIZE, q->size, 2);
	put(b + C_VECTOR, q->vector, 2);
	put(b + C_ENABLE, q->enabled, 2);
	put(b + C_NOTIFY_OFF, v->select, 2);
	put(b + C_DESC, q->desc, 8);
	put(b + C_AVAIL, q->avail, 8);
	put(b + C_USED, q->used, 8);
}

static void fill_config(const struct vnet *v, uint8_t b[VNET_CONFIG_BYTES])
{
	memset(b, 0, VNET_CONFIG_BYTES);
	memcpy(b, v->cfg.mac, 6);
	put(b + 6, v->cfg.link_up ? LINK_UP : 0, 2);
	put(b + 8, v->cfg.pairs, 2);
	put(b + 10, v->cfg.mtu, 2);
	put(b + 12, v->cfg.link_up ? v->cfg.speed_mbps : 0xffffffff, 4);
	b[16] = v->cfg.link_up ? 1 : 0xff;	/* full duplex, or unknown */
	if (!(v->offered & F_RSS))
		return;
	b[17] = RSS_KEY_BYTES;
	put(b + 18, RSS_ENTRIES, 2);
	put(b + 20, RSS_TYPES, 4);
}

uint32_t vnet_read(struct vnet *v, uint32_t off, unsigned int size)
{
	uint8_t b[VNET_CONFIG_BYTES];	/* the larger one */
	uint32_t val = 0;

	if (size != 1 && size != 2 && size != 4)
		goto none;
	if (off == VNET_ISR && size == 1) {
		val = v->isr;
		v->isr = 0;
		return val;
	}
	if (off < VNET_COMMON_BYTES && size <= VNET_COMMON_BYTES - off) {
		fill_common(v, b);
		memcpy(&val, b + off, size);
		return val;
	}
	off -= VNET_CONFIG;
	if (off < VNET_CONFIG_BYTES && size <= VNET_CONFIG_BYTES - off) {
		fill_config(v, b);
		memcpy(&val, b + off, size);
		return val;
	}
none:
	v->stats.bad_accesses++;
	return 0xffffffff;
}

/* ---- writing ---- */

static void set_status(struct vnet *v, uint8_t val)
{
	if (!val) {
		vnet_reset(v);
		return;
	}
	/* The features are agreed on once: a set that cannot be is not taken. */
	if (val & S_FEATURES_OK && !(v->status & S_FEATURES_OK) &&
	    (v->features & ~v->offered || !(v->features & F_VERSION_1)))
		val &= (uint8_t)~S_FEATURES_OK;
	if (val & S_DRIVER_OK && !(val & S_FEATURES_OK))
		val &= (uint8_t)~S_DRIVER_OK;
	if (val & S_DRIVER_OK && !(v->status & S_DRIVER_OK) && v->features & F_GUEST_CSUM)
		v->offloads = F_GUEST_CSUM;
	v->status = val | (v->status & S_NEEDS_RESET);
}

static void set_half(uint64_t *to, bool high, uint32_t val)
{
	unsigned int shift = high ? 32 : 0;

	*to = (*to & ~(0xffffffffull << shift)) | (uint64_t)val << shift;
}

static void set_vector(uint16_t *to, uint32_t val)
{
	*to = val < VNET_VECTORS ? (uint16_t)val : VIRTQ_NO_VECTOR;
}

/* Registers of the selected queue; its place is fixed once it is on. */
static bool write_queue(struct vnet *v, uint32_t off, uint32_t val, unsigned int size)
{
	struct virtq *q = v->select < vnet_queue_cnt(v) ? &v->q[v->select] : NULL;

	if (!q)
		return off >= C_SIZE;
	if (off == C_VECTOR && size == 2) {
		set_vector(&q->vector, val);
		return true;
	}
	if (q->enabled)
		return off >= C_SIZE;
	if (off == C_SIZE && size == 2) {
		q->size = val <= VIRTQ_SIZE_MAX ? (uint16_t)val : 0;
	} else if (off == C_ENABLE && size == 2) {
		q->indirect = v->features & F_INDIRECT_DESC;
		if (val == 1 && !virtq_enable(q))
			vnet_broken(v);
	} else if (off >= C_DESC && off < C_USED + 8 && size == 4 && !(off & 3)) {
		set_half(off < C_AVAIL ? &q->desc : off < C_USED ? &q->avail : &q->used,
			 off & 4, val);
	} else {
		return false;
	}
	return true;
}

static bool write_common(struct vnet *v, uint32_t off, uint32_t val, unsigned int size)
{
	if (off == C_OFFERED_SELECT && size == 4)
		v->offered_select = val;
	else if (off == C_FEATURES_SELECT && size == 4)
		v->features_select = val;
	else if (off == C_CONFIG_VECTOR && size == 2)
		set_vector(&v->config_vector, val);
	else if (off == C_STATUS && size == 1)
		set_status(v, (uint8_t)val);
	else if (off == C_SELECT && size == 2)
		v->select = (uint16_t)val;
	else if (off == C_FEATURES && size == 4) {
		if (v->features_select < 2 && !(v->status & S_FEATURES_OK))
			set_half(&v->features, v->features_select, val);
	} else {
		return write_queue(v, off, val, size);
	}
	return true;
}

static void notify(struct vnet *v, uint32_t n)
{
	v->stats.notifications++;
	if (n >= vnet_queue_cnt(v) || !vnet_ready(v) || !v->q[n].enabled)
		return;
	if (n == 2 * v->cfg.pairs)
		vnet_control(v, &v->q[n]);
	else if (n & 1)
		vnet_transmit(v, &v->q[n]);
	/* A receive queue: its buffers are looked at when a frame comes. */
}

void vnet_write(struct vnet *v, uint32_t off, uint32_t val, unsigned int size)
{
	if (off < VNET_COMMON_BYTES && write_common(v, off, val, size))
		return;
	if (off >= VNET_NOTIFY && off < VNET_NOTIFY + VNET_NOTIFY_BYTES && size == 2) {
		notify(v, (off - VNET_NOTIFY) / VNET_NOTIFY_STEP);
		return;
	}
	v->stats.bad_accesses++;
}

/* The table in force, a digit a queue; empty without one. */
static const char *table_text(const struct vnet *v, char text[RSS_ENTRIES + 1])
{
	unsigned int i, n = v->rss.on ? v->rss.mask + 1u : 0;

	for (i = 0; i < n; i++)
		text[i] = (char)('0' + v->rss.table[i]);
	text[n] = 0;
	return text;
}

static const char *key_text(const struct vnet *v, char text[2 * RSS_KEY_BYTES + 1])
{
	unsigned int i;

	text[0] = 0;
	for (i = 0; v->rss.on && i < RSS_KEY_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", v->rss.key[i]);
	return text;
}

json_t *vnet_report(const struct vnet *v)
{
	char mac[20], features[20], table[RSS_ENTRIES + 1], key[2 * RSS_KEY_BYTES + 1];
	const struct vnet_stats *s = &v->stats;

	snprintf(features, sizeof(features), "0x%llx", (unsigned long long)v->features);
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", v->mac[0], v->mac[1],
		 v->mac[2], v->mac[3], v->mac[4], v->mac[5]);
	return json_pack("{s:b,s:b,s:i,s:s,s:s,s:s,s:s,s:i,s:b,s:b,s:i,"
			 "s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
			 "ready", vnet_ready(v), "link", v->cfg.link_up, "status", v->status,
			 "features", features, "mac", mac, "rss_table", table_text(v, table),
			 "rss_key", key_text(v, key), "pairs", (int)v->pairs,
			 "promisc", v->promisc, "allmulti", v->allmulti,
			 "macs", (int)v->table_cnt,
			 "tx_frames", (json_int_t)s->tx_frames, "tx_bytes", (json_int_t)s->tx_bytes,
			 "tx_segments", (json_int_t)s->tx_segments,
			 "tx_bad", (json_int_t)s->tx_bad, "tx_link", (json_int_t)s->tx_link,
			 "rx_frames", (json_int_t)s->rx_frames,
			 "rx_bytes", (json_int_t)s->rx_bytes,
			 "rx_no_buffer", (json_int_t)s->rx_no_buffer,
			 "rx_not_ready", (json_int_t)s->rx_not_ready,
			 "rx_link", (json_int_t)s->rx_link, "rx_filter", (json_int_t)s->rx_filter,
			 "interrupts", (json_int_t)s->interrupts,
			 "notifications", (json_int_t)s->notifications,
			 "controls", (json_int_t)s->controls,
			 "controls_refused", (json_int_t)s->controls_refused,
			 "bad_accesses", (json_int_t)s->bad_accesses,
			 "resets", (json_int_t)s->resets, "broken", (json_int_t)s->broken);
}
