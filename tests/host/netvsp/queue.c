// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: queue - one channel of a NIC as an object: from its offer to the release of its
 * relid.
 */
#include <stdlib.h>
#include "nic.h"
#include "queue.h"

static const struct vmbus_guid class_guid = { NVSP_CLASS_GUID_BYTES };

struct nic_queue *queue_new(struct nic *nic, unsigned int index)
{
	struct vmbus_offer_params p = { .type = class_guid, .instance = nic->instance };
	struct nic_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->nic = nic;
	q->index = index;
	p.subchannel_index = (uint16_t)index;
	p.latency_us = nic->cfg.monitor ? nic->cfg.latency : 0;
	p.primary = index ? nic->q[0]->ch : NULL;
	nic->q[index] = q;
	q->ch = channel_offer(nic->bus, &p, nic->events->channel, q);
	if (!q->ch) {
		nic->q[index] = NULL;
		free(q);
		return NULL;
	}
	if (nic->cfg.wait_quarter)
		channel_wait_for_quarter(q->ch);
	nic->alive++;
	return q;
}

void queue_free(struct nic_queue *q)
{
	nic_add_counters(&q->nic->gone, &q->stats, sizeof(q->stats));
	nic_add_counters(&q->nic->gone_ch, channel_stats(q->ch), sizeof(q->nic->gone_ch));
	q->nic->alive--;
	loop_del_timer(q->doom);
	free(q);
}

static void doom_fired(void *priv)
{
	struct nic_queue *q = priv;

	q->doom = NULL;
	if (q->index)
		channel_rescind(q->ch);
	else if (!q->nic->removing)
		q->nic->events->remove(q->nic);
}

/* Not at once: whoever is asking now goes on with the channel. */
void queue_doom(struct nic_queue *q)
{
	if (!q->doom)
		q->doom = loop_add_timer(0, doom_fired, q);
}
