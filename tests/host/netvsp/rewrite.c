// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rewrite - the fault "rewrite": a thread changes values in packets and messages that are written
 * already, and puts them right again, over and over (double fetch: what the guest checked is not
 * what it uses).
 *
 *	lie_outgoing() -> rewrite_outgoing(): the packet is written; its descriptor, its NVSP message and
 *	the RNDIS messages that it points at are remembered, the last PLACES of them
 *	thread: each round puts right what was wrong, and bends one value in every fourth of them, or
 *	the one field that was asked for in every second
 *
 * Timers of the loop would do, if the loop did nothing else: this needs a thread of its own, since what
 * is looked for lies between two instructions of the guest. It has the machine lock while it writes, and
 * the guest's processors run meanwhile. A place is left alone as soon as its bytes are another
 * message's - the mark of a packet and the turn of a sub-allocation tell -, and not before: the
 * guest may look once more at what it has given back.
 */
#include <stdlib.h>
#include <string.h>
#include "../fault/fault.h"
#include "../fault/lie_table.h"
#include "nic.h"
#include "rewrite.h"
#include "wire.h"

#define PLACES		64
#define TRUTH_BYTES	128	/* of a message that are remembered, and bent */
#define RANGES_MAX	8	/* of a packet whose messages are */
#define ROUND_US	200
#define ROUND_US_MIN	20
#define ONE_IN		4	/* of the places that are right becomes wrong in a round */
#define AIMED_ONE_IN	2	/* the same when all is about one field */

/* What the guest was sent. */
struct rewrite_place {
	const struct lie_line *message;	/* NULL: nothing is here */
	unsigned int queue;
	uint64_t mark;			/* of its packet */
	uint32_t slot, turn;		/* of its sub-allocation: LIE_RNDIS */
	size_t at;			/* in packet or receive buffer */
	size_t size;			/* at most TRUTH_BYTES */
	uint8_t truth[TRUTH_BYTES];
	size_t bent_at, bent_len;	/* what is wrong in it just now */
};

struct rewrites {
	struct nic *nic;		/* NULL: it is gone */
	struct rewrite_place place[PLACES];
	unsigned int next;
	uint32_t noise;
};

static const char *word_of(const struct lie_line *message)
{
	return message->carrier == LIE_RNDIS ? "section" :
	       message->carrier == LIE_NVSP ? "completion" : "ring";
}

const char *rewrite_check(const struct fault *f)
{
	const struct lie_line *message = lie_named(f->what);

	if (f->has_value && f->value < ROUND_US_MIN)
		return "value= is the microseconds of a round, 20 at least";
	if (f->field[0] && !lie_field(f))
		return "field= names no field of the message what=";
	if (message ? message->carrier != LIE_RING : !f->what[0] || !strcmp(f->what, "ring") ||
	    !strcmp(f->what, "completion") || !strcmp(f->what, "section"))
		return NULL;
	return "what=ring|completion|section or a message of fault/messages.def that is no ring wanted";
}

bool rewrite_is_armed(const struct nic *nic)
{
	return fault_is_set("rewrite", nic->id);
}

static uint32_t rewrite_noise(struct rewrites *r)
{
	r->noise ^= r->noise << 13;
	r->noise ^= r->noise >> 17;
	r->noise ^= r->noise << 5;
	return r->noise;
}

/* ---- places ---- */

/* 1: the guest has not given it back yet, 0: it has; negative: the place is another message's. */
static int write_place(struct nic *nic, const struct rewrite_place *pl, size_t at, const void *bytes,
		       size_t len)
{
	struct nic_queue *q = nic->q[pl->queue];

	if (pl->message->carrier != LIE_RNDIS)
		return q && q->open ? channel_overwrite(q->ch, pl->mark, (uint32_t)(pl->at + at), bytes,
							(uint32_t)len) : -1;
	if (!nic->recv_buf || nic->state == NIC_QUIESCED || pool_turn(&nic->pool, pl->slot) != pl->turn ||
	    gpadl_write(nic->recv_buf, pl->at + at, bytes, len))
		return -1;
	return pool_is_sent(&nic->pool, pl->slot);
}

static void mend_place(struct nic *nic, struct rewrite_place *pl)
{
	if (pl->message && pl->bent_len &&
	    write_place(nic, pl, pl->bent_at, pl->truth + pl->bent_at, pl->bent_len) < 0)
		pl->message = NULL;
	pl->bent_len = 0;
}

static struct rewrite_place *next_place(struct nic_queue *q, const struct lie_line *message)
{
	struct rewrites *r = q->nic->rewritten.now;
	struct rewrite_place *pl = &r->place[r->next++ % PLACES];

	mend_place(q->nic, pl);
	*pl = (struct rewrite_place){ .message = message, .queue = q->index };
	q->nic->lies.told |= lie_bit(message);
	return pl;
}

static bool is_wanted(const struct nic *nic, const struct lie_line *message)
{
	return message && (fault_wants("rewrite", nic->id, word_of(message)) ||
			   fault_wants("rewrite", nic->id, message->name));
}

/* @size bytes at @at of the packet that was written just now are @message. */
static void note_in_packet(struct nic_queue *q, const struct lie_line *message, const uint8_t *pkt,
			   size_t at, size_t size)
{
	struct rewrite_place *pl;

	if (!is_wanted(q->nic, message))
		return;
	if (message->carrier == LIE_PACKET)
		channel_forgive(q->ch);
	pl = next_place(q, message);
	pl->mark = channel_mark(q->ch);
	pl->at = at;
	pl->size = size < TRUTH_BYTES ? size : TRUTH_BYTES;
	memcpy(pl->truth, pkt + at, pl->size);
}

/* Of a frame's message the bytes before the frame: others are no concern of the guest's kernel. */
static size_t header_bytes(const uint8_t *msg, size_t size)
{
	size_t n = wire_get32(msg) == RNDIS_MSG_PACKET ? wire_get32(msg + 8) + RNDIS_OFFSET_BASE : size;

	return n < size ? n : size;
}

static void note_in_buffer(struct nic_queue *q, uint32_t at, uint32_t bytes)
{
	size_t size = bytes < TRUTH_BYTES ? bytes : TRUTH_BYTES;
	const struct lie_line *message;
	struct nic *nic = q->nic;
	uint8_t truth[TRUTH_BYTES];
	struct rewrite_place *pl;

	if (size < RNDIS_OFFSET_BASE + 4 || !nic->sub_size || !nic->recv_buf ||
	    gpadl_read(nic->recv_buf, at, truth, size))
		return;
	message = lie_message(LIE_RNDIS, wire_get32(truth));
	if (!is_wanted(nic, message) || !pool_turn(&nic->pool, at / nic->sub_size))
		return;
	pl = next_place(q, message);
	pl->slot = at / nic->sub_size;
	pl->turn = pool_turn(&nic->pool, pl->slot);
	pl->at = at;
	pl->size = header_bytes(truth, size);
	memcpy(pl->truth, truth, size);
}

static void note_packet(struct nic_queue *q, const uint8_t *pkt, size_t len)
{
	uint16_t type = (uint16_t)wire_get32(pkt);
	size_t payload = (wire_get32(pkt) >> 16) * 8u, range = NVSP_XFER_RANGES_OFFSET;
	unsigned int n;

	if (payload > len)
		return;
	note_in_packet(q, lie_message(LIE_PACKET, type), pkt, 0, payload);
	if (len - payload >= 4)
		note_in_packet(q, lie_message(LIE_NVSP, wire_get32(pkt + payload)), pkt, payload,
			       len - payload);
	if (type != VMBUS_PKT_XFER_PAGES)
		return;
	for (n = 0; n < RANGES_MAX && range + 8 <= payload; n++, range += 8)
		note_in_buffer(q, wire_get32(pkt + range + 4), wire_get32(pkt + range));
}

/* ---- the thread ---- */

#define EDGES		5

/* At the edges; near the truth, or anything. */
static uint64_t pick_value(struct rewrites *r, uint64_t truth, unsigned int width, bool edge)
{
	uint64_t sign = 1ull << (8 * width - 1), max = sign | (sign - 1);
	const uint64_t values[] = { 0, 1, sign, max - 1, max, truth + 1, truth - 1, truth + 8, truth - 8,
				    truth * 2, rewrite_noise(r) % 4096, rewrite_noise(r) };

	return values[rewrite_noise(r) % (edge ? EDGES : sizeof(values) / sizeof(values[0]))];
}

/* The field that the fault is about; NULL: any will do. */
static const struct lie_line *aimed_field(const struct rewrites *r, const struct lie_line *message)
{
	const struct fault *f = fault_peek("rewrite", r->nic->id);

	return f && f->field[0] && lie_named(f->what) == message ? lie_field(f) : NULL;
}

/* A field, more often than any four bytes. */
static void pick_bytes(struct rewrites *r, const struct rewrite_place *pl, size_t *at, size_t *len)
{
	const struct lie_line *field = aimed_field(r, pl->message);
	unsigned int cnt = 0;

	while (lie_nth_field(pl->message, cnt))
		cnt++;
	if (!field && cnt && rewrite_noise(r) % 4)
		field = lie_nth_field(pl->message, rewrite_noise(r) % cnt);
	*at = field ? field->type : rewrite_noise(r) % TRUTH_BYTES & ~3u;
	*len = field ? field->width : 4;
}

static void bend_place(struct rewrites *r, struct rewrite_place *pl)
{
	struct nic *nic = r->nic;
	uint64_t truth = 0;
	size_t at, len;
	__le64 v;
	int ret;

	pick_bytes(r, pl, &at, &len);
	if (at + len > pl->size ||
	    (!fault_hit("rewrite", nic->id, word_of(pl->message), 0) &&
	     !fault_hit("rewrite", nic->id, pl->message->name, 0)))
		return;
	memcpy(&truth, pl->truth + at, len);
	v = htole64(pick_value(r, le64toh(truth), (unsigned int)len, aimed_field(r, pl->message)));
	ret = write_place(nic, pl, at, &v, len);
	if (ret < 0) {
		pl->message = NULL;
		return;
	}
	pl->bent_at = at;
	pl->bent_len = len;
	nic->rewritten.all++;
	nic->rewritten.waiting += (uint64_t)ret;
}

static void mend_all(struct rewrites *r)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		mend_place(r->nic, &r->place[i]);
}

static unsigned int rewrite_round(void *priv)
{
	struct rewrites *r = priv;
	const struct fault *f;
	unsigned int i;

	if (r->nic)
		mend_all(r);
	if (!r->nic || !rewrite_is_armed(r->nic)) {
		rewrite_free(r->nic);
		free(r);
		return 0;
	}
	for (i = 0; i < PLACES; i++)
		if (r->place[i].message &&
		    rewrite_noise(r) % (aimed_field(r, r->place[i].message) ? AIMED_ONE_IN : ONE_IN) == 0)
			bend_place(r, &r->place[i]);
	f = fault_peek("rewrite", r->nic->id);
	return f && f->has_value ? f->value : ROUND_US;
}

static bool start_thread(struct nic *nic)
{
	const struct fault *f = fault_peek("rewrite", nic->id);
	struct rewrites *r = calloc(1, sizeof(*r));

	if (!r)
		return false;
	r->nic = nic;
	r->noise = f && f->seed ? f->seed : 1;
	if (loop_beside(rewrite_round, r)) {
		free(r);
		return false;
	}
	nic->rewritten.now = r;
	return true;
}

int rewrite_outgoing(struct nic_queue *q, const uint8_t *pkt, size_t len)
{
	int ret = channel_write(q->ch, pkt, len);

	if (!ret && len >= NVSP_VMBUS_DESC_BYTES && (q->nic->rewritten.now || start_thread(q->nic)))
		note_packet(q, pkt, len);
	return ret;
}

void rewrite_reset(struct nic *nic)
{
	if (nic->rewritten.now)
		memset(nic->rewritten.now->place, 0, sizeof(nic->rewritten.now->place));
}

void rewrite_free(struct nic *nic)
{
	if (nic && nic->rewritten.now)
		nic->rewritten.now->nic = NULL;
	if (nic)
		nic->rewritten.now = NULL;
}
