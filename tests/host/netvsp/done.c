// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: done - completions on their way to the guest, and transaction ids in use.
 *
 * A completion goes straight into the ring; when that is full, or a fault wants it,
 * it waits in its queue's line. The order is kept. An id is in use from the request
 * until its completion is in the ring.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "nic.h"

bool queue_take_id(struct nic_queue *q, uint64_t id)
{
	uint8_t *byte, bit;

	if (!id)
		nic_violation(q->nic, "netvsp.transid.zero", NULL, 0,
			      "channel %u: transaction id 0 with a completion requested (2.7)",
			      q->index);
	if (id >= sizeof(q->id_used) * 8)
		return true;
	byte = &q->id_used[id / 8];
	bit = (uint8_t)(1u << (id % 8));
	if (*byte & bit) {
		nic_violation(q->nic, "netvsp.transid.reused", &id, sizeof(id),
			      "channel %u: transaction id %llu is used while its completion is outstanding (2.7)",
			      q->index, (unsigned long long)id);
		return false;
	}
	*byte |= bit;
	return true;
}

static void release_id(struct nic_queue *q, uint64_t id)
{
	if (id < sizeof(q->id_used) * 8)
		q->id_used[id / 8] &= (uint8_t)~(1u << (id % 8));
}

static bool done_grow(struct nic_queue *q)
{
	size_t i, cap = q->done_cap ? q->done_cap * 2 : 64;
	struct nic_done *d = malloc(cap * sizeof(*d));

	if (!d)
		return false;
	for (i = 0; i < q->done_cnt; i++)
		d[i] = q->done[(q->done_first + i) % q->done_cap];
	free(q->done);
	q->done = d;
	q->done_first = 0;
	q->done_cap = cap;
	return true;
}

void queue_done_late(struct nic_queue *q, uint64_t id, const void *payload, size_t len,
		     unsigned int ms, bool keep_id)
{
	struct nic_done *d;

	if (!q->open || (q->done_cnt == q->done_cap && !done_grow(q)))
		return;
	d = &q->done[(q->done_first + q->done_cnt++) % q->done_cap];
	d->id = id;
	d->due_ms = ms ? loop_now_ms() + ms : 0;
	d->keep_id = keep_id;
	d->len = (uint8_t)len;
	if (len)
		memcpy(d->payload, payload, len);
	queue_flush_done(q);
}

void queue_done(struct nic_queue *q, uint64_t id, const void *payload, size_t len)
{
	queue_done_late(q, id, payload, len, 0, false);
}

static void retry_fired(void *priv)
{
	struct nic_queue *q = priv;

	q->retry = NULL;
	if (q->open)
		q->nic->events->service(q);
}

/* Completions leave in order; one that is not due yet holds up those behind it. */
void queue_flush_done(struct nic_queue *q)
{
	while (q->open && q->done_cnt && !q->nic->withhold) {
		struct nic_done *d = &q->done[q->done_first];
		uint64_t now = d->due_ms ? loop_now_ms() : 0;
		int ret;

		if (d->due_ms > now) {
			if (!q->retry)
				q->retry = loop_add_timer((unsigned int)(d->due_ms - now),
							  retry_fired, q);
			return;
		}
		ret = channel_send(q->ch, VMBUS_PKT_COMPLETION, 0, d->id, d->payload,
				   d->len);
		if (ret == -EAGAIN) {
			q->stats.ring_full++;
			return;
		}
		if (!d->keep_id)
			release_id(q, d->id);
		q->stats.tx_completions += !ret;
		q->done_first = (q->done_first + 1) % q->done_cap;
		q->done_cnt--;
	}
}

void queue_hurry_done(struct nic_queue *q)
{
	size_t i;

	for (i = 0; i < q->done_cnt; i++)
		q->done[(q->done_first + i) % q->done_cap].due_ms = 0;
	queue_flush_done(q);
}
