// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: channel - offers, opening, closing, packets and signals (vmbus-host.md A.5-A.11, C).
 *
 * HIDDEN -> OFFERED <-> OPEN; any -> RESCINDED -> freed at RELID_RELEASED. A new
 * contact, an unload or a reset puts primaries back to HIDDEN and frees the rest.
 *
 * Guest-to-host: the mask is set while the device drains, cleared when the ring is
 * empty, and the ring looked at once more (C.3). Host-to-guest: signalled when the
 * ring was empty and the guest does not poll (C.4).
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "violation.h"

#define FULL_RETRY_MS	10

static uint32_t connection_of(const struct vmbus_channel *ch)
{
	return CONNECTION_BASE + ch->relid;
}

/* ---- offer and release ---- */

static void doorbell_enable(struct vmbus_channel *ch, bool on)
{
	struct vmbus *bus = ch->bus;

	if (ch->doorbell == on)
		return;
	ch->doorbell = on;
	if (on)
		bus->act->doorbell_on(bus->priv, connection_of(ch));
	else
		bus->act->doorbell_off(bus->priv, connection_of(ch));
}

void channel_show(struct vmbus_channel *ch)
{
	uint8_t msg[196] = { MSG_OFFER };

	memcpy(msg + 8, ch->params.type.b, 16);
	memcpy(msg + 24, ch->params.instance.b, 16);
	memcpy(msg + 56, &ch->params.channel_flags, 2);
	memcpy(msg + 180, &ch->params.subchannel_index, 2);
	put32(msg, 184, ch->relid);
	msg[188] = 0xff;	/* no monitor */
	msg[190] = 1;		/* dedicated interrupt */
	put32(msg, 192, connection_of(ch));
	ch->state = CH_OFFERED;
	doorbell_enable(ch, true);
	bus_post(ch->bus, msg, sizeof(msg));
}

static uint32_t free_relid(struct vmbus *bus)
{
	uint32_t i, relid = bus->next_relid;

	for (i = 1; i < RELID_MAX; i++, relid++) {
		if (relid >= RELID_MAX)
			relid = 1;
		if (!bus->channel[relid]) {
			bus->next_relid = relid + 1;
			return relid;
		}
	}
	return 0;
}

struct vmbus_channel *channel_offer(struct vmbus *bus, const struct vmbus_offer_params *p,
				    const struct vmbus_device_ops *ops, void *dev)
{
	struct vmbus_channel *ch;
	uint32_t relid = free_relid(bus);

	ch = relid ? calloc(1, sizeof(*ch)) : NULL;
	if (!ch)
		return NULL;
	ch->bus = bus;
	ch->relid = relid;
	ch->params = *p;
	ch->ops = ops;
	ch->dev = dev;
	bus->channel[relid] = ch;
	if (bus->offers_wanted)
		channel_show(ch);
	return ch;
}

static void release(struct vmbus_channel *ch)
{
	struct vmbus *bus = ch->bus;

	doorbell_enable(ch, false);
	gpadl_drop_of(bus, ch);
	bus->channel[ch->relid] = NULL;
	if (ch->ops->released)
		ch->ops->released(ch->dev, ch);
	free(ch);
}

/* OPEN -> OFFERED, on the host's side alone. */
static void shut(struct vmbus_channel *ch)
{
	if (ch->state != CH_OPEN)
		return;
	loop_del_timer(ch->full_timer);
	ch->full_timer = NULL;
	ch->ops->close(ch->dev, ch);
	ch->state = CH_OFFERED;
	if (ch->ring_gpadl)
		ch->ring_gpadl->is_ring = true;	/* stays a ring: its teardown is the guest's next step */
	ch->ring_gpadl = NULL;
	memset(&ch->from_guest, 0, sizeof(ch->from_guest));
	memset(&ch->to_guest, 0, sizeof(ch->to_guest));
}

void channel_rescind(struct vmbus_channel *ch)
{
	uint8_t msg[12] = { MSG_RESCIND };

	if (ch->state == CH_RESCINDED)
		return;
	if (ch->state == CH_HIDDEN) {
		release(ch);
		return;
	}
	shut(ch);
	ch->state = CH_RESCINDED;
	put32(msg, 8, ch->relid);
	bus_post(ch->bus, msg, sizeof(msg));
}

void channel_forget_guest(struct vmbus_channel *ch)
{
	shut(ch);
	if (ch->state == CH_RESCINDED || ch->params.subchannel_index) {
		release(ch);
	} else {
		doorbell_enable(ch, false);
		ch->state = CH_HIDDEN;
	}
}

void channel_on_released(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));

	if (ch && ch->state == CH_RESCINDED)
		release(ch);
	else
		violation("vmbus.released", msg, len, "RELID_RELEASED for %s channel %u (A.9)",
			  ch ? "the living" : "the unknown", get32(msg, 8));
}

/* ---- open and close ---- */

static void answer_open(struct vmbus *bus, const uint8_t *msg, uint32_t status)
{
	uint8_t answer[20] = { MSG_OPEN_RESULT };

	memcpy(answer + 8, msg + 8, 8);
	put32(answer, 16, status);
	bus_post(bus, answer, sizeof(answer));
}

/* A sentence when the channel cannot be opened so. */
static const char *judge_open(const struct vmbus_channel *ch, const struct gpadl *g,
			      const uint8_t *msg)
{
	uint32_t down = get32(msg, 24);

	if (!ch)
		return "no such channel";
	if (ch->state != CH_OFFERED)
		return "channel is not closed";
	if (!g || !g->created || g->ch != ch)
		return "ring GPADL is not this channel's";
	if (g->byte_off || g->byte_cnt % RING_PAGE)
		return "ring memory is not whole pages";
	if (down < 2 || down > g->pages || g->pages - down < 2)
		return "downstream offset leaves a ring without data";
	if (get32(msg, 20) >= ch->bus->vps)
		return "target VP does not exist";
	return NULL;
}

static void map_rings(struct vmbus_channel *ch, struct gpadl *g, uint32_t down)
{
	ring_init(&ch->from_guest, g->page, down);
	ring_init(&ch->to_guest, g->page + down, g->pages - down);
	/* 6.1 leaves what an earlier host wrote (C.6). */
	ch->from_guest.ctl->interrupt_mask = 0;
	ch->to_guest.ctl->pending_send_bytes = 0;
	g->is_ring = true;
	ch->ring_gpadl = g;
}

static void check_fresh_rings(const struct vmbus_channel *ch, const uint8_t *msg, size_t len)
{
	const struct ring_control *a = ch->from_guest.ctl, *b = ch->to_guest.ctl;

	if (a->write_index || a->read_index || b->write_index || b->read_index)
		violation("vmbus.open.indices", msg, len, "ring indices are not 0 at open (C.6)");
}

void channel_on_open(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));
	struct gpadl *g = gpadl_find(bus, get32(msg, 16));
	const char *why = judge_open(ch, g, msg);

	if (why) {
		/* An open may cross a rescind (A.9): no offence. */
		if (!ch || ch->state != CH_RESCINDED)
			violation("vmbus.open", msg, len, "OPEN_CHANNEL: %s (A.7)", why);
		answer_open(bus, msg, 1);
		return;
	}
	map_rings(ch, g, get32(msg, 24));
	check_fresh_rings(ch, msg, len);
	ch->target_vp = get32(msg, 20);
	ch->dead = false;
	ch->state = CH_OPEN;
	if (ch->ops->open(ch->dev, ch)) {
		ch->state = CH_OFFERED;
		ch->ring_gpadl = NULL;
		answer_open(bus, msg, 1);
		return;
	}
	answer_open(bus, msg, 0);
	if (ch->state == CH_OPEN)
		channel_on_doorbell(ch);
}

void channel_on_close(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));

	if (ch && ch->state == CH_OPEN)
		shut(ch);
	else if (!ch || ch->state != CH_RESCINDED)
		violation("vmbus.close", msg, len, "CLOSE_CHANNEL for %s channel %u (A.8)",
			  ch ? "the closed" : "the unknown", get32(msg, 8));
}

void channel_on_modify(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));
	uint8_t answer[16] = { MSG_MODIFY_RESPONSE };
	uint32_t vp = get32(msg, 12), status = 0;

	if (bus->version < VMBUS_VERSION(4, 1))
		violation("vmbus.modify.version", msg, len, "MODIFY_CHANNEL below 4.1 (A.4)");
	if (!ch || ch->state != CH_OPEN || vp >= bus->vps) {
		if (!ch || ch->state != CH_RESCINDED)
			violation("vmbus.modify", msg, len, "MODIFY_CHANNEL %u to VP %u (A.11)",
				  get32(msg, 8), vp);
		status = 1;
	} else {
		ch->target_vp = vp;
	}
	if (bus->version < VMBUS_VERSION(5, 3))
		return;
	put32(answer, 8, get32(msg, 8));
	put32(answer, 12, status);
	bus_post(bus, answer, sizeof(answer));
}

/* ---- guest to host ---- */

void channel_on_doorbell(struct vmbus_channel *ch)
{
	uint64_t before = ch->stats.rx_packets;
	uint32_t room = ch->to_guest.ctl->read_index;

	ch->ops->doorbell(ch->dev, ch);
	if (ch->state == CH_OPEN && before == ch->stats.rx_packets &&
	    room == ch->to_guest.ctl->read_index && !ch->to_guest.ctl->pending_send_bytes)
		ch->stats.rx_spurious++;
}

static int corrupt(struct vmbus_channel *ch, const char *name, const void *bytes, size_t len,
		   const char *what)
{
	violation(name, bytes, len, "channel %u: %s (C.2)", ch->relid, what);
	ch->dead = true;
	ch->from_guest.ctl->interrupt_mask = 1;
	return -EPROTO;
}

/* Publishes the read index; interrupts a guest that waits for room (C.5). */
static void consume(struct vmbus_channel *ch, uint32_t used, uint32_t total)
{
	struct ring *r = &ch->from_guest;
	uint32_t before = r->size - used, after = before + total, pending;

	__atomic_store_n((uint32_t *)&r->ctl->read_index,
			 ring_advance(r, r->ctl->read_index, total), __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	pending = r->ctl->pending_send_bytes;
	if (pending && before <= pending && after > pending) {
		ch->stats.tx_signals++;
		ch->bus->act->set_event(ch->bus->priv, ch->target_vp, ch->relid);
	}
}

/* 1: something to read, 0: empty and unmasked, -EPROTO. *used is the fill. */
static int look(struct vmbus_channel *ch, int64_t *used)
{
	struct ring *r = &ch->from_guest;

	*used = ring_used(r);
	if (*used < 0)
		return *used;
	if (*used) {
		r->ctl->interrupt_mask = 1;
		return 1;
	}
	r->ctl->interrupt_mask = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*used = ring_used(r);
	if (*used > 0)
		r->ctl->interrupt_mask = 1;
	return *used < 0 ? (int)*used : *used > 0;
}

int channel_recv(struct vmbus_channel *ch, struct vmbus_packet *pkt, uint8_t *buf)
{
	struct ring *r = &ch->from_guest;
	uint32_t len, off;
	int64_t used;
	int ret;

	if (ch->state != CH_OPEN || ch->dead)
		return ch->dead ? -EPROTO : 0;
	ret = look(ch, &used);
	if (ret < 0)
		return corrupt(ch, "ring.index", (void *)r->ctl, 16, "ring index out of range");
	if (!ret)
		return 0;
	if (used < 24)
		return corrupt(ch, "ring.short", NULL, 0, "less than a packet in the ring");
	ring_copy_out(r, r->ctl->read_index, buf, 16);
	off = get16(buf, 2) * 8u;
	len = get16(buf, 4) * 8u;
	if (off < 16 || len < off || len + 8 > used)
		return corrupt(ch, "ring.packet.length", buf, 16, "packet length or offset makes no sense");
	if (len > VMBUS_PKT_MAX)
		return corrupt(ch, "ring.packet.too_long", buf, 16, "packet is longer than any may be");
	ring_copy_out(r, ring_advance(r, r->ctl->read_index, 16), buf + 16, len - 16);
	if (get16(buf, 6) & ~VMBUS_PKT_FLAG_COMPLETION_REQUESTED)
		return corrupt(ch, "ring.packet.flags", buf, len, "unknown flags");
	pkt->type = get16(buf, 0);
	if (pkt->type != VMBUS_PKT_INBAND && pkt->type != VMBUS_PKT_GPA_DIRECT &&
	    pkt->type != VMBUS_PKT_COMPLETION)
		return corrupt(ch, "ring.packet.type", buf, len, "type is not a guest's");
	pkt->flags = get16(buf, 6);
	memcpy(&pkt->trans_id, buf + 8, 8);
	pkt->desc = buf;
	pkt->desc_len = off;
	pkt->payload = buf + off;
	pkt->payload_len = len - off;
	ch->stats.rx_packets++;
	consume(ch, used, len + 8);
	return 1;
}

/* ---- host to guest ---- */

static void on_full_timer(void *priv)
{
	struct vmbus_channel *ch = priv;

	ch->full_timer = NULL;
	if (ch->state == CH_OPEN)
		channel_on_doorbell(ch);
}

/* Room for @total bytes, strictly: a full ring would look empty. */
static bool has_room(const struct ring *r, uint32_t total)
{
	int64_t used = ring_used(r);

	return used >= 0 && r->size - used > total;
}

static int wait_for_room(struct vmbus_channel *ch, uint32_t total)
{
	struct ring *r = &ch->to_guest;

	r->ctl->pending_send_bytes = total;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (has_room(r, total)) {
		r->ctl->pending_send_bytes = 0;
		return 0;
	}
	ch->stats.tx_full++;
	if (!ch->full_timer)
		ch->full_timer = loop_add_timer(FULL_RETRY_MS, on_full_timer, ch);
	return -EAGAIN;
}

struct piece { const void *bytes; uint32_t len; };

/* One packet made of pieces, padded to 8, with its trailer. */
static int send_pieces(struct vmbus_channel *ch, const struct piece *piece, unsigned int n)
{
	static const uint8_t zero[8];
	struct ring *r = &ch->to_guest;
	uint32_t len = 0, at, old, i;
	uint64_t trailer;

	if (ch->state != CH_OPEN)
		return -ENODEV;
	for (i = 0; i < n; i++)
		len += piece[i].len;
	if (ring_used(r) < 0)
		return corrupt(ch, "ring.index", (void *)r->ctl, 16, "ring index out of range");
	if (!has_room(r, ((len + 7) & ~7u) + 8) && wait_for_room(ch, ((len + 7) & ~7u) + 8))
		return -EAGAIN;
	r->ctl->pending_send_bytes = 0;
	old = r->ctl->write_index;
	at = old;
	for (i = 0; i < n; i++) {
		ring_copy_in(r, at, piece[i].bytes, piece[i].len);
		at = ring_advance(r, at, piece[i].len);
	}
	ring_copy_in(r, at, zero, -len & 7);
	at = ring_advance(r, at, -len & 7);
	trailer = (uint64_t)old << 32;
	ring_copy_in(r, at, &trailer, 8);
	at = ring_advance(r, at, 8);
	__atomic_store_n((uint32_t *)&r->ctl->write_index, at, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ch->stats.tx_packets++;
	if (!r->ctl->interrupt_mask && r->ctl->read_index == old) {
		ch->stats.tx_signals++;
		ch->bus->act->set_event(ch->bus->priv, ch->target_vp, ch->relid);
	}
	return 0;
}

static void fill_desc(uint8_t *desc, uint16_t type, uint32_t desc_len, size_t payload,
		      uint16_t flags, uint64_t trans_id)
{
	uint16_t words[4] = { type, desc_len / 8, (desc_len + payload + 7) / 8, flags };

	memcpy(desc, words, 8);
	memcpy(desc + 8, &trans_id, 8);
}

int channel_send(struct vmbus_channel *ch, uint16_t type, uint16_t flags, uint64_t trans_id,
		 const void *payload, size_t len)
{
	uint8_t desc[16];

	fill_desc(desc, type, sizeof(desc), len, flags, trans_id);
	return send_pieces(ch, (struct piece[]){ { desc, sizeof(desc) }, { payload, len } }, len ? 2 : 1);
}

int channel_send_ranges(struct vmbus_channel *ch, uint64_t trans_id, uint16_t set_id,
			const struct vmbus_range *range, unsigned int n,
			const void *payload, size_t len)
{
	uint8_t desc[24] = { 0 };

	fill_desc(desc, VMBUS_PKT_XFER_PAGES, sizeof(desc) + 8 * n, len,
		  VMBUS_PKT_FLAG_COMPLETION_REQUESTED, trans_id);
	memcpy(desc + 16, &set_id, 2);
	put32(desc, 20, n);
	return send_pieces(ch, (struct piece[]){ { desc, sizeof(desc) }, { range, 8 * n },
						 { payload, len } }, 3);
}

int channel_send_raw(struct vmbus_channel *ch, const void *packet, size_t len)
{
	return send_pieces(ch, (struct piece[]){ { packet, len } }, 1);
}

/* ---- plain facts ---- */

uint32_t channel_relid(const struct vmbus_channel *ch) { return ch->relid; }
uint16_t channel_subindex(const struct vmbus_channel *ch) { return ch->params.subchannel_index; }
bool channel_is_open(const struct vmbus_channel *ch) { return ch->state == CH_OPEN; }
uint32_t channel_target_vp(const struct vmbus_channel *ch) { return ch->target_vp; }
const struct gmem *channel_gmem(const struct vmbus_channel *ch) { return ch->bus->mem; }
const struct channel_stats *channel_stats(const struct vmbus_channel *ch) { return &ch->stats; }
