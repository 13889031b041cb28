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
#include "nic.h"

bool done_take_id(struct nic_queue *q, uint64_t id)
{
	uint8_t *byte, bit;

	if (!id)
		nic_style(q->nic, "netvsp.transid.zero",
			  "transaction id 0 with a completion requested (2.7)");
	if (id >= sizeof(q->done.id_used) * 8)
		return true;
	byte = &q->done.id_used[id / 8];
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
	if (id < sizeof(q->done.id_used) * 8)
		q->done.id_used[id / 8] &= (uint8_t)~(1u << (id % 8));
}

static bool done_grow(struct nic_queue *q)
{
	size_t i, cap = q->done.cap ? q->done.cap * 2 : 64;
	struct nic_done *d = malloc(cap * sizeof(*d));

	if (!d)
		return false;
	for (i = 0; i < q->done.cnt; i++)
		d[i] = q->done.item[(q->done.first + i) % q->done.cap];
	free(q->done.item);
	q->done.item = d;
	q->done.first = 0;
	q->done.cap = cap;
	return true;
}

void done_send_late(struct nic_queue *q, uint64_t id, const void *payload, size_t len,
		    unsigned int ms, bool keep_id)
{
	struct nic_done *d;

	if (!q->open || (q->done.cnt == q->done.cap && !done_grow(q)))
		return;
	d = &q->done.item[(q->done.first + q->done.cnt++) % q->done.cap];
	d->id = id;
	d->due_ms = ms ? loop_now_ms() + ms : 0;
	d->keep_id = keep_id;
	d->len = (uint8_t)len;
	if (len)
		memcpy(d->payload, payload, len);
	done_flush(q);
}

void done_send(struct nic_queue *q, uint64_t id, const void *payload, size_t len)
{
	done_send_late(q, id, payload, len, 0, false);
}

static void retry_fired(void *priv)
{
	struct nic_queue *q = priv;

	q->done.retry = NULL;
	if (q->open)
		q->nic->events->service(q);
}

/* Completions leave in order; one that is not due yet holds up those behind it. */
void done_flush(struct nic_queue *q)
{
	while (q->open && q->done.cnt && !q->nic->withhold) {
		struct nic_done *d = &q->done.item[q->done.first];
		uint64_t now = d->due_ms ? loop_now_ms() : 0;
		int ret;

		if (d->due_ms > now) {
			if (!q->done.retry)
				q->done.retry = loop_add_timer((unsigned int)(d->due_ms - now),
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
		q->done.first = (q->done.first + 1) % q->done.cap;
		q->done.cnt--;
	}
}

void done_hurry(struct nic_queue *q)
{
	size_t i;

	for (i = 0; i < q->done.cnt; i++)
		q->done.item[(q->done.first + i) % q->done.cap].due_ms = 0;
	done_flush(q);
}

void done_reset(struct nic_queue *q)
{
	memset(q->done.id_used, 0, sizeof(q->done.id_used));
	q->done.first = 0;
	q->done.cnt = 0;
	loop_del_timer(q->done.retry);
	q->done.retry = NULL;
}

void done_free(struct nic_queue *q)
{
	done_reset(q);
	free(q->done.item);
	q->done.item = NULL;
	q->done.cap = 0;
}

static void withhold_over(void *priv)
{
	struct nic *nic = priv;
	unsigned int i;

	nic->withhold = NULL;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			nic->events->service(nic->q[i]);
}

void done_withhold(struct nic *nic, unsigned int ms)
{
	if (!nic->withhold)
		nic->withhold = loop_add_timer(ms, withhold_over, nic);
}

void done_withhold_end(struct nic *nic)
{
	loop_del_timer(nic->withhold);
	nic->withhold = NULL;
}
