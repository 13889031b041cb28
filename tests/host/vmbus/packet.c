// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: packet - packets in the two rings of an open channel, and who is told when
 * (vmbus-host.md C).
 *
 * Guest to host: the mask is set while the device drains, cleared when the ring is
 * empty, and the ring looked at once more (C.3). Each packet is copied out once and
 * judged in the copy. Host to guest: signalled when the ring was empty and the
 * guest does not poll (C.4). A ring that makes no sense kills its channel ("dead")
 * until the guest closes it; nothing else of the host is touched.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>

#include "loop.h"
#include "violation.h"

#define FULL_RETRY_MS	50
#define DESC_BYTES	16
#define TRAILER_BYTES	8
#define PACKET_MAX	8192u	/* of ours, that a device may want to see */
#define PACKET_MIN	(DESC_BYTES + TRAILER_BYTES)

static void signal_guest(struct vmbus_channel *ch)
{
	ch->stats.tx_signals++;
	ch->bus->act->set_event(ch->bus->priv, ch->target_vp, ch->relid);
}

static int corrupt(struct vmbus_channel *ch, const char *name, const void *bytes, size_t len,
		   const char *what)
{
	if (!ch->forgiven)
		violation_note(name, bytes, len, "channel %u: %s (C.1, C.2)", ch->relid, what);
	ch->dead = true;
	ch->from_guest.ctl->interrupt_mask = 1;
	return -EPROTO;
}

/* Bytes waiting, or -EPROTO after noting what is wrong with the indices. */
static int64_t used_or_corrupt(struct vmbus_channel *ch, const struct ring *r)
{
	int64_t used = ring_used(r);
	uint32_t shown[4];

	if (used >= 0 && (ch->bent || ring_own_intact(r)))
		return used;
	memcpy(shown, (const void *)r->ctl, sizeof(shown));
	if (used < 0)
		return corrupt(ch, "ring.index", shown, sizeof(shown),
			       "ring index out of range or unaligned");
	return corrupt(ch, "ring.index_of_host", shown, sizeof(shown),
		       "the guest changed an index of the host");
}

/* ---- guest to host ---- */

void channel_on_doorbell(struct vmbus_channel *ch)
{
	uint64_t before = ch->stats.rx_packets;
	bool waited = ch->full_timer != NULL;

	ch->stats.rx_signals++;
	ch->ops->doorbell(ch->dev, ch);
	if (ch->state == CH_OPEN && !waited && before == ch->stats.rx_packets)
		ch->stats.rx_spurious++;
}

/*
 * Interrupts a guest that waits for room (C.5). The fill is read anew: between
 * our first look and now the guest may have written more, and only then blocked.
 */
static void wake_writer(struct vmbus_channel *ch, uint32_t freed)
{
	struct ring *r = &ch->from_guest;
	uint32_t pending;
	int64_t used, room;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* pairs with the guest's, after pending */
	pending = r->ctl->pending_send_bytes;
	if (!pending)
		return;
	used = ring_used(r);
	room = (int64_t)r->size - used;
	if (used >= 0 && room - freed <= pending && room > pending)
		signal_guest(ch);
}

/* 1: something to read, 0: empty and unmasked, -EPROTO. @used is the fill. */
static int look(struct vmbus_channel *ch, int64_t *used)
{
	struct ring *r = &ch->from_guest;

	*used = used_or_corrupt(ch, r);
	if (*used)
		goto out;
	r->ctl->interrupt_mask = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* pairs with the guest's, after its index */
	*used = used_or_corrupt(ch, r);
out:
	if (*used > 0 && !r->ctl->interrupt_mask)
		r->ctl->interrupt_mask = 1;
	return *used < 0 ? -EPROTO : *used > 0;
}

/* Judges and copies the packet at the read index; its length, or -EPROTO. */
static int64_t take(struct vmbus_channel *ch, uint8_t *buf, int64_t used)
{
	struct ring *r = &ch->from_guest;
	uint32_t off, len, trailer[2];

	if (used < PACKET_MIN)
		return corrupt(ch, "ring.short", NULL, 0, "less than a packet in the ring");
	ring_copy_out(r, r->own, buf, DESC_BYTES);
	off = get16(buf, 2) * 8u;
	len = get16(buf, 4) * 8u;
	if (off < DESC_BYTES || len < off || len + TRAILER_BYTES > used)
		return corrupt(ch, "ring.packet.length", buf, DESC_BYTES,
			       "packet length or offset makes no sense");
	if (len > VMBUS_PKT_MAX)
		return corrupt(ch, "ring.packet.too_long", buf, DESC_BYTES,
			       "packet is longer than any may be");
	ring_copy_out(r, ring_advance(r, r->own, DESC_BYTES), buf + DESC_BYTES, len - DESC_BYTES);
	ring_copy_out(r, ring_advance(r, r->own, len), trailer, sizeof(trailer));
	if (trailer[0] || trailer[1] != r->own)
		violation_note("ring.packet.trailer", trailer, sizeof(trailer),
			       "channel %u: trailer does not name the packet's start %#x (C.2)",
			       ch->relid, r->own);
	return len;
}

static bool type_is_a_guests(uint16_t type)
{
	return type == VMBUS_PKT_INBAND || type == VMBUS_PKT_GPA_DIRECT ||
	       type == VMBUS_PKT_COMPLETION;
}

int channel_recv(struct vmbus_channel *ch, struct vmbus_packet *pkt, uint8_t *buf)
{
	int64_t used, len;
	int ret;

	if (ch->state != CH_OPEN)
		return 0;
	if (ch->dead)
		return -EPROTO;
	ret = look(ch, &used);
	if (ret <= 0)
		return ret;
	len = take(ch, buf, used);
	if (len < 0)
		return (int)len;
	pkt->type = get16(buf, 0);
	pkt->flags = get16(buf, 6);
	if (!type_is_a_guests(pkt->type))
		return corrupt(ch, "ring.packet.type", buf, len, "type is not a guest's");
	if (pkt->flags & ~VMBUS_PKT_FLAG_COMPLETION_REQUESTED)
		return corrupt(ch, "ring.packet.flags", buf, len, "unknown flags");
	memcpy(&pkt->trans_id, buf + 8, 8);
	pkt->desc = buf;
	pkt->desc_len = get16(buf, 2) * 8u;
	pkt->payload = buf + pkt->desc_len;
	pkt->payload_len = (uint32_t)len - pkt->desc_len;
	ch->stats.rx_packets++;
	ring_move(&ch->from_guest, (uint32_t)len + TRAILER_BYTES);
	wake_writer(ch, (uint32_t)len + TRAILER_BYTES);
	return 1;
}

/* ---- host to guest ---- */

static void on_full_timer(void *priv)
{
	struct vmbus_channel *ch = priv;

	ch->full_timer = NULL;
	if (ch->state == CH_OPEN)
		ch->ops->doorbell(ch->dev, ch);
}

void channel_die(struct vmbus_channel *ch)
{
	ch->dead = true;
}

void channel_wait_for_quarter(struct vmbus_channel *ch)
{
	ch->by_quarter = true;
}

/* What must be free before a packet of @total is written, once the ring was full. */
static uint32_t bytes_to_wait_for(const struct vmbus_channel *ch, uint32_t total)
{
	uint32_t quarter = ch->to_guest.size / 4;

	return ch->by_quarter && quarter > total ? quarter : total;
}

/* Room for @total bytes, strictly: a full ring would look empty (C.1). */
static int make_room(struct vmbus_channel *ch, uint32_t total)
{
	struct ring *r = &ch->to_guest;
	int64_t used = used_or_corrupt(ch, r);
	uint32_t want = total;

	/* A host that waits for a quarter goes on waiting for it. */
	if (ch->by_quarter && r->ctl->pending_send_bytes)
		want = bytes_to_wait_for(ch, total);
	if (used >= 0 && r->size - used <= want) {
		want = bytes_to_wait_for(ch, total);
		r->ctl->pending_send_bytes = want;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* pairs with the guest's, after its index */
		used = used_or_corrupt(ch, r);
	}
	if (used < 0)
		return -ENODEV;
	if (r->size - used > want) {
		if (r->ctl->pending_send_bytes)
			r->ctl->pending_send_bytes = 0;
		return 0;
	}
	ch->stats.tx_full++;
	/* The guest rings when there is room; the timer only makes up for a guest that does not. */
	if (!ch->full_timer)
		ch->full_timer = loop_add_timer(FULL_RETRY_MS, on_full_timer, ch);
	return -EAGAIN;
}

struct piece { const void *bytes; size_t len; };

/* One packet made of pieces, padded to 8, with its trailer. */
static int write_pieces(struct vmbus_channel *ch, const struct piece *piece, unsigned int n)
{
	uint8_t tail[8 + TRAILER_BYTES] = { 0 };
	struct ring *r = &ch->to_guest;
	uint32_t start = r->own, at = start;
	size_t len = 0, pad;
	unsigned int i;
	int ret;

	if (ch->state != CH_OPEN || ch->dead)
		return -ENODEV;
	for (i = 0; i < n; i++)
		len += piece[i].len;
	pad = -len & 7;
	if (len + pad + TRAILER_BYTES >= r->size)
		return -EMSGSIZE;
	ret = make_room(ch, (uint32_t)(len + pad + TRAILER_BYTES));
	if (ret)
		return ret;
	for (i = 0; i < n; i++) {
		ring_copy_in(r, at, piece[i].bytes, (uint32_t)piece[i].len);
		at = ring_advance(r, at, (uint32_t)piece[i].len);
	}
	ch->last = ch->written;
	ch->written += len + pad + TRAILER_BYTES;
	put32(tail, (unsigned int)pad + 4, start);
	ring_copy_in(r, at, tail, (uint32_t)pad + TRAILER_BYTES);
	ring_move(r, (uint32_t)(len + pad + TRAILER_BYTES));
	ch->stats.tx_packets++;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* index before mask; pairs with the guest's re-check */
	if (!r->ctl->interrupt_mask && r->ctl->read_index == start)
		signal_guest(ch);
	return 0;
}

/* The device writes it, whatever that will be. */
static int send_by_device(struct vmbus_channel *ch, const struct piece *piece, unsigned int n)
{
	static uint8_t buf[PACKET_MAX];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (piece[i].len > sizeof(buf) - len)
			return -EMSGSIZE;
		memcpy(buf + len, piece[i].bytes, piece[i].len);
		len += piece[i].len;
	}
	memset(buf + len, 0, -len & 7);
	return ch->ops->outgoing(ch->dev, ch, buf, len + (-len & 7));
}

static int send_pieces(struct vmbus_channel *ch, const struct piece *piece, unsigned int n)
{
	if (ch->ops->meddles && ch->ops->meddles(ch->dev, ch))
		return send_by_device(ch, piece, n);
	return write_pieces(ch, piece, n);
}

static void fill_desc(uint8_t *desc, uint16_t type, size_t desc_len, size_t payload,
		      uint16_t flags, uint64_t trans_id)
{
	const uint16_t words[4] = { type, (uint16_t)(desc_len / 8),
				    (uint16_t)((desc_len + payload + 7) / 8), flags };

	memcpy(desc, words, 8);
	memcpy(desc + 8, &trans_id, 8);
}

int channel_send(struct vmbus_channel *ch, uint16_t type, uint16_t flags, uint64_t trans_id,
		 const void *payload, size_t len)
{
	uint8_t desc[DESC_BYTES];

	fill_desc(desc, type, sizeof(desc), len, flags, trans_id);
	return send_pieces(ch, (struct piece[]){ { desc, sizeof(desc) }, { payload, len } },
			   len ? 2 : 1);
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
						 { payload, len } }, len ? 3 : 2);
}

int channel_send_raw(struct vmbus_channel *ch, const void *packet, size_t len)
{
	return send_pieces(ch, (struct piece[]){ { packet, len } }, 1);
}

int channel_write(struct vmbus_channel *ch, const void *packet, size_t len)
{
	return write_pieces(ch, (struct piece[]){ { packet, len } }, 1);
}

uint64_t channel_mark(const struct vmbus_channel *ch)
{
	return ch->last;
}

int channel_overwrite(struct vmbus_channel *ch, uint64_t mark, uint32_t at, const void *bytes,
		      uint32_t len)
{
	uint64_t since = ch->written - mark;
	struct ring *r = &ch->to_guest;
	int64_t used;

	if (ch->state != CH_OPEN || ch->dead || since > r->size || at + len > since)
		return -ENODEV;
	ring_copy_in(r, (uint32_t)((mark + at) % r->size), bytes, len);
	used = ring_used(r);
	return used >= 0 && since <= (uint64_t)used;
}

void channel_forgive(struct vmbus_channel *ch)
{
	ch->forgiven = true;
}

void channel_bend(struct vmbus_channel *ch, bool from_guest, uint32_t word, uint32_t value)
{
	struct ring *r = from_guest ? &ch->from_guest : &ch->to_guest;

	if (ch->state != CH_OPEN || ch->dead || word > 12)
		return;
	channel_forgive(ch);
	ch->bent = true;
	((volatile uint32_t *)r->ctl)[word / 4] = value;
	signal_guest(ch);
}

void channel_mend(struct vmbus_channel *ch)
{
	if (ch->state != CH_OPEN || !ch->bent)
		return;
	ch->bent = false;
	ring_show(&ch->from_guest);
	ring_show(&ch->to_guest);
	ch->to_guest.ctl->pending_send_bytes = 0;
	ch->from_guest.ctl->interrupt_mask = 0;
	signal_guest(ch);
	channel_on_doorbell(ch);
}
