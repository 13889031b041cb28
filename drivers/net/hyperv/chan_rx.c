// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room chan, third file: the ring from the host
 *
 * Promise: what is handed up is a private copy with consistent lengths; the
 * host gets the space of what was read back, and is signalled if it waits for
 * that.
 *
 * Neighbours: see chan.c, which this file belongs to. Only poll reads.
 *
 * Locks: all of this belongs to the queue's NAPI.
 */
#include <linux/hyperv.h>

#include "chan.h"
#include "netvsc.h"

bool netvsc_chan_ready(const struct netvsc_queue *q)
{
	/* What hv_vmbus sets up last. */
	return READ_ONCE(q->channel->inbound.pkt_buffer);
}

struct vmpacket_descriptor *netvsc_chan_first(struct netvsc_queue *q)
{
	return hv_pkt_iter_first(q->channel);
}

struct vmpacket_descriptor *netvsc_chan_next(struct netvsc_queue *q,
					     struct vmpacket_descriptor *pkt)
{
	return __hv_pkt_iter_next(q->channel, pkt);
}

void netvsc_chan_read_done(struct netvsc_queue *q)
{
	hv_pkt_iter_close(q->channel);
}

void netvsc_chan_mask(struct netvsc_queue *q)
{
	hv_begin_read(&q->channel->inbound);
}

bool netvsc_chan_unmask(struct netvsc_queue *q)
{
	return hv_end_read(&q->channel->inbound);
}
