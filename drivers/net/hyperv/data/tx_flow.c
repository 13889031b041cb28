// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: when the stack may send, and what came of it
 *
 * Promise: a queue that was stopped is woken, as long as the host completes anything; a
 * queue that must not send is not woken by anybody; every frame is counted once, as
 * sent when the host completed it, or as dropped.
 *
 * Neighbours and locks: see tx.c, which this file belongs to. send says what has ended,
 * xdp which queues have a socket; completions run in NAPI beside the transmit lock.
 *
 * A queue is stopped by BQL, or by ourselves when the ring or the ids run low.
 * Then NETVSC_QUEUE_STOPPED is set, and whoever clears it wakes: the completion
 * that made room, or the sender that looked again. Each side sets its own thing
 * first and looks at the other's behind a full barrier (R22). tx_off outranks
 * that: with a bit in it nobody wakes.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "buf/send.h"
#include "buf/send_post.h"
#include "bus/chan_ring.h"
#include "data/tx.h"
#include "data/tx_flow.h"
#include "lib/share.h"
#include "netvsc.h"
#include "xdp/xdp.h"

static bool tx_room_is_back(struct netvsc_queue *q)
{
	u32 slots = netvsc_send_free_slots(q);

	if (slots == q->slot_cnt)
		return true;
	if (!netvsc_send_has_sections(q->nvdev,
				      netvsc_send_frame_max(q->nvdev)))
		return false;
	return netvsc_share_stack_wakes(slots, q->slot_cnt) &&
	       netvsc_chan_has_room(q, q->wake_bytes);
}

void netvsc_tx_stop_queue(struct netvsc_queue *q)
{
	netif_tx_stop_queue(q->txq);
	if (test_and_set_bit(NETVSC_QUEUE_STOPPED, &q->flags))
		return;
	netvsc_count(q->ndev, NETVSC_CNT_STOP_QUEUE);
	/*
	 * The atomic above is a full barrier: either the completion that makes
	 * room sees the bit (netvsc_tx_done) or we see the room here.
	 */
	if (tx_room_is_back(q) &&
	    test_and_clear_bit(NETVSC_QUEUE_STOPPED, &q->flags)) {
		netif_tx_start_queue(q->txq);
		netvsc_count(q->ndev, NETVSC_CNT_WAKE_QUEUE);
	}
}

static void tx_wake_queue(struct netvsc_queue *q)
{
	if (!test_and_clear_bit(NETVSC_QUEUE_STOPPED, &q->flags))
		return;
	netvsc_count(q->ndev, NETVSC_CNT_WAKE_QUEUE);
	if (READ_ONCE(q->nvdev->tx_off))
		return;
	netif_tx_wake_queue(q->txq);
	/*
	 * Pairs with the barrier in netvsc_tx_off(): either we see its bit here
	 * or it stops the queue after our wake.
	 */
	smp_mb();
	if (READ_ONCE(q->nvdev->tx_off))
		netif_tx_stop_queue(q->txq);
}

/* ---- completions ---- */

static void tx_count_done(struct netvsc_queue *q, u32 pkts, u32 bytes)
{
	struct netvsc_priv *priv = netdev_priv(q->ndev);
	struct netvsc_queue_stats *stats = q->stats;
	struct netvsc_cpu_stats *cpu;

	u64_stats_update_begin(&stats->done_sync);
	stats->tx_packets += pkts;
	stats->tx_bytes += bytes;
	u64_stats_update_end(&stats->done_sync);

	cpu = this_cpu_ptr(priv->cpu_stats);
	u64_stats_update_begin(&cpu->syncp);
	cpu->tx_packets += pkts;
	cpu->tx_bytes += bytes;
	u64_stats_update_end(&cpu->syncp);
	WRITE_ONCE(q->done_at, jiffies);
}

void netvsc_tx_done(struct netvsc_queue *q, const struct netvsc_send_sum *sum)
{
	u32 lost = atomic_read(&q->lost_bytes);

	if (unlikely(lost))
		atomic_sub(lost, &q->lost_bytes);
	if (sum->pkts)
		tx_count_done(q, sum->pkts, sum->bytes);
	if (unlikely(sum->xdp_pkts))
		tx_count_done(q, sum->xdp_pkts, sum->xdp_bytes);
	if (sum->bytes || lost)
		netdev_tx_completed_queue(q->txq, sum->pkts, sum->bytes + lost);

	/* Pairs with netvsc_tx_stop_queue(): the slots were put back before. */
	smp_mb();
	if (unlikely(test_bit(NETVSC_QUEUE_STOPPED, &q->flags)) &&
	    tx_room_is_back(q))
		tx_wake_queue(q);
}

/* ---- start and stop ---- */

void netvsc_tx_off(struct netvsc_device *nvdev, int why)
{
	set_bit(why, &nvdev->tx_off);
	/* Pairs with tx_wake_queue(). */
	smp_mb__after_atomic();
	netif_tx_disable(nvdev->ndev);
	/* Programs send without the stack's lock, but in softirq. */
	if (why != NETVSC_TX_OFF_LINK)
		synchronize_net();
}

void netvsc_tx_poll_sockets(struct netvsc_device *nvdev)
{
	struct netvsc_queue *q;
	u32 i;

	for (i = 0; i < nvdev->num_open; i++) {
		q = nvdev->queue_mem[i];
		if (likely(!netvsc_xdp_has_xsk(q)))
			continue;
		local_bh_disable();
		napi_schedule(&q->napi);
		local_bh_enable();
	}
}

void netvsc_tx_on(struct netvsc_device *nvdev, int why)
{
	clear_bit(why, &nvdev->tx_off);
	if (READ_ONCE(nvdev->tx_off))
		return;
	if (netif_device_present(nvdev->ndev))
		netif_tx_wake_all_queues(nvdev->ndev);
	netvsc_tx_poll_sockets(nvdev);
}

void netvsc_tx_write_off(struct netvsc_queue *q)
{
	struct netvsc_send_sum sum = {};

	netvsc_send_abandon(q, &sum);
	sum.pkts += q->open.batch.pkts;
	netvsc_send_close(&q->open);

	__netif_tx_lock_bh(q->txq);
	netvsc_tx_count_drops(q, sum.pkts);
	netdev_tx_reset_queue(q->txq);
	__netif_tx_unlock_bh(q->txq);
	atomic_set(&q->lost_bytes, 0);
	atomic64_add(sum.xdp_pkts, &q->stats->xdp_tx_dropped);
	if (test_and_clear_bit(NETVSC_QUEUE_STOPPED, &q->flags))
		netvsc_count(q->ndev, NETVSC_CNT_WAKE_QUEUE);
}
