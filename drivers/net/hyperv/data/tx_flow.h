/* SPDX-License-Identifier: GPL-2.0 */
/* Room tx: what sending and flow know of each other. */
#ifndef _NETVSC_TX_FLOW_H
#define _NETVSC_TX_FLOW_H

#include "netvsc.h"

/* Under the transmit lock of the stack's queue. */
static inline void netvsc_tx_count_drops(struct netvsc_queue *q, u32 pkts)
{
	struct netvsc_queue_stats *stats = q->stats;

	u64_stats_update_begin(&stats->drop_sync);
	stats->tx_dropped += pkts;
	u64_stats_update_end(&stats->drop_sync);
}

/**
 * netvsc_tx_stop_queue() - no more frames until completions have made room
 * @q: the queue; fewer than NETVSC_SHARE_STOP_SLOTS slots are free, or less of the
 *	ring than its reserve
 *
 * If the room came back meanwhile the queue goes on.
 *
 * Context: the transmit lock of the stack's queue is held.
 */
void netvsc_tx_stop_queue(struct netvsc_queue *q);

#endif /* _NETVSC_TX_FLOW_H */
