// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: lie - the fault "mutate" at the one place where packets for a NIC's guest are written.
 *
 *	channel_send*() -> lie_outgoing(): packet, NVSP or RNDIS message known? fault set?
 *		-> changed, kept, repeated, sent elsewhere -> channel_write()
 *
 * No message has code of its own: what there is, is in fault/messages.def. A packet that is
 * kept waits among the late answers; one that is lost gives its sub-allocations back at
 * once, as a guest that never saw it cannot. What a guest then does wrong is a violation
 * still, unless messages.def says that a lie about this message can lead to it: such ones
 * are counted as excused, until the channel is opened anew.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../fault/fault.h"
#include "../fault/lie_table.h"
#include "late.h"
#include "lie.h"
#include "nic.h"
#include "rewrite.h"
#include "wire.h"

#define LATE_MS		500
#define SWAP_MS		300
#define BENT_MS		50
#define GARBAGE_MAX	256	/* bytes of an RNDIS message that become garbage */

/* A packet, and the message in it that is lied about. */
struct lie_packet {
	struct nic_queue *q;
	uint8_t *b;
	size_t len;
	const struct lie_line *message;
	const struct fault *f;
	size_t at, size;	/* of the message: in @b, or in the receive buffer */
};

static uint16_t lie_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void lie_put_length(struct lie_packet *p, size_t len)
{
	p->len = len;
	p->b[4] = (uint8_t)(len / 8);
	p->b[5] = (uint8_t)(len / 8 >> 8);
}

/* ---- which message is it ---- */

static bool has_ranges(const struct lie_packet *p)
{
	return lie_get16(p->b) == VMBUS_PKT_XFER_PAGES && p->len >= NVSP_XFER_RANGES_OFFSET + 8;
}

/* True when a fault wants the message at @at, which is @type of @carrier. */
static bool lie_wanted(struct lie_packet *p, enum lie_carrier carrier, uint32_t type, size_t at,
		       size_t size)
{
	p->message = lie_message(carrier, type);
	p->f = p->message ? fault_hit("mutate", p->q->nic->id, p->message->name, 0) : NULL;
	p->at = at;
	p->size = size;
	return p->f;
}

static bool find_lie(struct lie_packet *p)
{
	struct nic *nic = p->q->nic;
	size_t payload = lie_get16(p->b + 2) * 8u, room = p->len - payload;
	uint8_t dword[4];
	uint32_t at;

	if (lie_wanted(p, LIE_PACKET, lie_get16(p->b), 0, p->len))
		return true;
	if (lie_wanted(p, LIE_NVSP, room >= 4 ? wire_get32(p->b + payload) : LIE_NVSP_NONE, payload, room))
		return true;
	at = has_ranges(p) ? wire_get32(p->b + NVSP_XFER_RANGES_OFFSET + 4) : 0;
	if (has_ranges(p) && nic->recv_buf && !gpadl_read(nic->recv_buf, at, dword, sizeof(dword)) &&
	    lie_wanted(p, LIE_RNDIS, wire_get32(dword), at, wire_get32(p->b + NVSP_XFER_RANGES_OFFSET)))
		return true;
	return lie_wanted(p, LIE_RING, 0, 0, 0) || lie_wanted(p, LIE_RING, 1, 0, 0);
}

/* ---- packets that go out later, or not at all ---- */

static int lie_write(struct nic *nic, unsigned int queue, const uint8_t *b, size_t len)
{
	struct nic_queue *q = queue < NVSP_MAX_CHANNELS ? nic->q[queue] : NULL;

	return q && q->open ? channel_write(q->ch, b, len) : -ENODEV;
}

static void lie_send_late(struct nic *nic, uint64_t queue, const void *b, size_t len)
{
	lie_write(nic, (unsigned int)queue, b, len);
}

/* The sub-allocations of a lost packet; @id has the channel above its 32 bits. */
static void lie_take_back(struct nic *nic, uint64_t id, const void *b, size_t len)
{
	struct nic_queue *q = nic->q[id >> 32];

	(void)b;
	(void)len;
	if (nic->pool.slot)
		pool_complete(&nic->pool, (uint32_t)id, (unsigned int)(id >> 32));
	if (q && q->open)
		nic->events->service(q);
}

static void lie_lose(struct lie_packet *p)
{
	if (has_ranges(p))
		late_keep(p->q->nic, lie_take_back, wire_get32(p->b + 8) | (uint64_t)p->q->index << 32,
			  "", 0, 0);
}

static void release_held(struct nic *nic)
{
	struct nic_lies *lies = &nic->lies;
	uint8_t *b = lies->held;

	loop_del_timer(lies->held_end);
	lies->held_end = NULL;
	lies->held = NULL;
	if (b)
		lie_write(nic, lies->held_queue, b, lies->held_len);
	free(b);
}

static void held_fired(void *priv)
{
	struct nic *nic = priv;

	nic->lies.held_end = NULL;
	release_held(nic);
}

static int lie_hold(struct lie_packet *p)
{
	struct nic_lies *lies = &p->q->nic->lies;

	if (lies->held)
		return channel_write(p->q->ch, p->b, p->len);
	lies->held = malloc(p->len);
	if (!lies->held)
		return -EAGAIN;
	memcpy(lies->held, p->b, p->len);
	lies->held_len = p->len;
	lies->held_queue = p->q->index;
	lies->held_end = loop_add_timer(p->f->ms ? p->f->ms : SWAP_MS, held_fired, p->q->nic);
	return 0;
}

/* ---- bytes ---- */

static void put_range_bytes(struct lie_packet *p, uint32_t bytes)
{
	wire_put32(p->b + NVSP_XFER_RANGES_OFFSET, bytes);
}

static void lie_truncate(struct lie_packet *p)
{
	size_t keep = p->f->value;

	if (keep >= p->size)
		return;
	if (p->message->carrier == LIE_RNDIS)
		put_range_bytes(p, (uint32_t)keep);
	else if (p->at + keep >= NVSP_VMBUS_DESC_BYTES)
		lie_put_length(p, (p->at + keep) / 8 * 8);
}

static void lie_stretch(struct lie_packet *p)
{
	struct nic *nic = p->q->nic;
	uint8_t noise[GARBAGE_MAX];
	size_t more = p->f->value ? p->f->value : 8;

	more = more > sizeof(noise) ? sizeof(noise) : (more + 7) / 8 * 8;
	lie_noise(p->f, noise, more);
	if (p->message->carrier == LIE_RNDIS) {
		if (p->size + more > nic->sub_size)
			return;
		gpadl_write(nic->recv_buf, p->at + p->size, noise, more);
		put_range_bytes(p, (uint32_t)(p->size + more));
	} else if (p->len + more <= LIE_PACKET_MAX) {
		memcpy(p->b + p->len, noise, more);
		lie_put_length(p, p->len + more);
	}
}

static void lie_garble(struct lie_packet *p)
{
	uint8_t noise[GARBAGE_MAX];
	size_t skip = p->message->carrier == LIE_PACKET ? NVSP_VMBUS_DESC_BYTES : 0;
	size_t n = p->size - skip > sizeof(noise) ? sizeof(noise) : p->size - skip;

	lie_noise(p->f, noise, n);
	if (p->message->carrier == LIE_RNDIS)
		gpadl_write(p->q->nic->recv_buf, p->at, noise, n);
	else
		memcpy(p->b + p->at + skip, noise, n);
}

/* The field's bytes in the message that is still here, or (@sent) that the guest has. */
static void lie_set_field(struct lie_packet *p, bool sent)
{
	const struct lie_line *field = lie_field(p->f);
	__le64 v = htole64(p->f->wide);
	size_t at = p->at + field->type;

	if (field->type + field->width > p->size)
		return;
	if (!p->f->has_value)
		lie_noise(p->f, (uint8_t *)&v, sizeof(v));
	if (p->message->carrier == LIE_RNDIS)
		gpadl_write(p->q->nic->recv_buf, at, &v, field->width);
	else if (sent)
		channel_overwrite(p->q->ch, channel_mark(p->q->ch), (uint32_t)at, &v, field->width);
	else
		memcpy(p->b + at, &v, field->width);
}

/* ---- rings ---- */

static void mend_fired(void *priv)
{
	struct nic *nic = priv;
	unsigned int i;

	nic->lies.mend = NULL;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			channel_mend(nic->q[i]->ch);
}

static void bend_ring(struct lie_packet *p)
{
	struct nic *nic = p->q->nic;

	channel_bend(p->q->ch, p->message->type, lie_field(p->f)->type, p->f->value);
	if (!nic->lies.mend)
		nic->lies.mend = loop_add_timer(p->f->ms ? p->f->ms : BENT_MS, mend_fired, nic);
}

/* ---- all of them ---- */

static struct vmbus_channel *another_channel(const struct nic_queue *q)
{
	unsigned int i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (q->nic->q[i] && q->nic->q[i] != q && q->nic->q[i]->open)
			return q->nic->q[i]->ch;
	return q->ch;
}

/* It goes out once, now; what is changed in it is changed. */
static int lie_send_changed(struct lie_packet *p, enum lie_kind kind)
{
	struct vmbus_channel *ch = p->q->ch;
	int ret;

	if (p->message->carrier == LIE_PACKET)
		channel_forgive(ch);
	if (kind == LIE_TRUNCATED)
		lie_truncate(p);
	else if (kind == LIE_STRETCHED)
		lie_stretch(p);
	else if (kind == LIE_GARBAGE)
		lie_garble(p);
	else if (kind == LIE_ELSEWHERE)
		ch = another_channel(p->q);
	else if (kind == LIE_FIELD && p->message->carrier != LIE_RING)
		lie_set_field(p, false);
	ret = channel_write(ch, p->b, p->len);
	if (!ret && kind == LIE_REWRITTEN)
		lie_set_field(p, true);
	if (!ret && p->message->carrier == LIE_RING)
		bend_ring(p);
	return ret;
}

static int tell_lie(struct lie_packet *p)
{
	struct nic *nic = p->q->nic;
	unsigned int ms = p->f->ms;
	int ret;

	nic->lies.told |= lie_bit(p->message);
	nic->lies.changed++;
	switch (lie_kind(p->f)) {
	case LIE_LOST:
		lie_lose(p);
		return 0;
	case LIE_LATE:
		late_keep(nic, lie_send_late, p->q->index, p->b, p->len, ms ? ms : LATE_MS);
		return 0;
	case LIE_TWICE:
		ret = channel_write(p->q->ch, p->b, p->len);
		if (!ret)
			late_keep(nic, lie_send_late, p->q->index, p->b, p->len, ms);
		return ret;
	case LIE_SWAPPED:
		return lie_hold(p);
	default:
		return lie_send_changed(p, lie_kind(p->f));
	}
}

bool lie_is_armed(void *dev, struct vmbus_channel *ch)
{
	const struct nic_queue *q = dev;

	(void)ch;
	return q->nic->lies.held || fault_is_set("mutate", q->nic->id) || rewrite_is_armed(q->nic);
}

int lie_outgoing(void *dev, struct vmbus_channel *ch, uint8_t *pkt, size_t len)
{
	struct lie_packet p = { .q = dev, .b = pkt, .len = len };
	struct nic *nic = p.q->nic;
	bool waits = nic->lies.held && nic->lies.held_queue == p.q->index;
	int ret;

	if (rewrite_is_armed(nic))
		ret = rewrite_outgoing(p.q, pkt, len);
	else
		ret = find_lie(&p) ? tell_lie(&p) : channel_write(ch, pkt, len);
	if (waits && !ret)
		release_held(nic);
	return ret;
}

void lie_reset(struct nic *nic)
{
	struct nic_lies *lies = &nic->lies;

	loop_del_timer(lies->mend);
	loop_del_timer(lies->held_end);
	free(lies->held);
	lies->mend = NULL;
	lies->held_end = NULL;
	lies->held = NULL;
}
