// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room poll: NAPI; the loop on top of the packet path
 *
 * Promise: whatever is on the ring is taken off in order and handed to the room
 * it is for; before the queue goes idle every completion owed is sent; no
 * event is missed between the last look and the next interrupt.
 *
 * Neighbours: chan reads the ring; send, tx, rx, rndis and nvsp take what is theirs.
 * Nothing below calls up. dev starts and stops.
 *
 *	interrupt --> mask, schedule --> poll --+-- budget used: poll again
 *	                                        +-- ring full for completions:
 *	                                        |   masked, again in a tick
 *	                                        +-- empty: unmask, look again (R38)
 *
 * A poll with budget 0 (netpoll) reaps completions of frames, also of those behind
 * a frame that was received: that stays where it is, and whatever else needs memory
 * of the page pool, or is for a waiter, with it (R34).
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>

#include "buf/rx_buf.h"
#include "buf/send.h"
#include "bus/chan_ring.h"
#include "ctrl/nvsp.h"
#include "ctrl/rndis.h"
#include "data/poll.h"
#include "data/rx.h"
#include "data/tx.h"
#include "netvsc.h"
#include "xdp/xdp.h"

/* Completions of our sends cost little; but a poll must end. */
#define SENDS_PER_POLL	512
/* Completions owed before they are sent in the middle of a poll. */
#define ACK_BATCH	64

/* The longest in-band message is the table: 44 + 16 * 4 bytes (sheet 3.13). */
#define INBAND_BYTES	256

/**
 * struct poll_work - what one poll did
 * @rx: frames received; nothing at all as long as @packets is 0
 * @tx: frames whose send was completed
 * @sends: completions of our requests
 * @packets: with frames or control messages of the host
 */
struct poll_work {
	struct netvsc_rx rx;
	struct netvsc_send_sum tx;
	u32 sends;
	u32 packets;
};

void netvsc_poll_interrupt(void *context)
{
	struct netvsc_queue *q = context;

	/* A signal may come before there is a ring; then nothing is in it. */
	if (unlikely(!netvsc_chan_ready(q)))
		return;
	if (napi_schedule_prep(&q->napi)) {
		netvsc_chan_mask(q);
		__napi_schedule_irqoff(&q->napi);
	}
}

static noinline void poll_control_completion(struct netvsc_queue *q,
					     const struct netvsc_pkt *pkt,
					     const struct netvsc_slot *slot)
{
	u8 copy[NVSP_MSG_BYTES] __aligned(8);
	u32 len;

	if (slot->kind == NETVSC_SLOT_RNDIS)
		netvsc_rndis_sent(q->nvdev, slot);
	if (slot->kind == NETVSC_SLOT_PATH)
		netvsc_nvsp_path_done(q->nvdev, slot);
	if (slot->kind != NETVSC_SLOT_NVSP)
		return;
	len = netvsc_chan_copy(pkt, copy, sizeof(copy));
	netvsc_nvsp_answer(q->nvdev, slot, copy, len);
}

/* The host completed one of our requests. */
static void poll_handle_completion(struct netvsc_queue *q,
				   const struct netvsc_pkt *pkt, int budget,
				   struct poll_work *work)
{
	int i;

	work->sends++;
	i = netvsc_chan_take(q, pkt->id);
	if (unlikely(i < 0)) {
		/* Netpoll took it where it lay, or it is none of ours. */
		if (q->reaped)
			q->reaped--;
		else
			netvsc_count_error(q->nvdev, NETVSC_CNT_HOST_BAD_ID);
		return;
	}
	if (unlikely(!netvsc_send_complete(q, pkt, i, &work->tx, budget)))
		poll_control_completion(q, pkt, &q->slots[i]);
	netvsc_chan_put(q, i);
}

static void poll_queue_completion(struct netvsc_queue *q,
				  const struct netvsc_pkt *pkt, u32 status)
{
	if (pkt->answer)
		netvsc_rx_queue_completion(q, pkt->id, status);
	if (netvsc_ack_count(&q->acks) >= ACK_BATCH)
		netvsc_rx_send_completions(q);
}

static noinline u32 poll_handle_inband(struct netvsc_queue *q,
				       const struct netvsc_pkt *pkt)
{
	u8 copy[INBAND_BYTES] __aligned(8);

	return netvsc_nvsp_inband(q, copy,
				  netvsc_chan_copy(pkt, copy, sizeof(copy)));
}

static void poll_handle_packet(struct netvsc_queue *q,
			       const struct netvsc_pkt *pkt,
			       struct poll_work *work)
{
	u32 status;

	if (!work->packets++)
		work->rx = (struct netvsc_rx){};
	if (likely(pkt->type == VM_PKT_DATA_USING_XFER_PAGES)) {
		status = netvsc_rx_packet(q, pkt, &work->rx);
	} else if (pkt->type == VM_PKT_DATA_INBAND) {
		status = poll_handle_inband(q, pkt);
	} else {
		netvsc_count_bad_packet(q->nvdev);
		status = NVSP_STAT_FAILURE;
	}
	poll_queue_completion(q, pkt, status);
}

/* What counts against the budget. */
static int poll_budget_used(const struct poll_work *work)
{
	return work->packets ? max(work->rx.pkts, work->packets) : 0;
}

static bool poll_is_done(const struct poll_work *work, int budget)
{
	return work->sends >= SENDS_PER_POLL ||
	       poll_budget_used(work) >= budget;
}

/* Takes packets off the ring; true if some had to stay there. */
static bool poll_read_ring(struct netvsc_queue *q, int budget,
			   struct poll_work *work)
{
	struct netvsc_pkt pkt;

	while (netvsc_chan_first(q, &pkt)) {
		if (poll_is_done(work, budget))
			return true;
		if (pkt.type == VM_PKT_COMP) {
			poll_handle_completion(q, &pkt, budget, work);
		} else {
			if (!netvsc_rx_can_complete(q))
				return true;
			poll_handle_packet(q, &pkt, work);
		}
		netvsc_chan_next(q, &pkt);
	}
	return false;
}

/* ---- netpoll ---- */

/* A completion that needs no budget. */
static bool poll_netpoll_may_reap(struct netvsc_queue *q,
				  const struct netvsc_pkt *pkt)
{
	int i;

	if (pkt->type != VM_PKT_COMP)
		return false;
	i = netvsc_chan_find(q, pkt->id);
	return i >= 0 && netvsc_send_gives_no_page(&q->slots[i]);
}

/*
 * The ring is emptied in order, so what is behind a packet that has to stay stays
 * too. But an id is good for one completion, whoever sees it first.
 */
static void poll_netpoll_reap_behind(struct netvsc_queue *q,
				     struct poll_work *work)
{
	struct netvsc_ring_in in;
	struct netvsc_pkt pkt;

	netvsc_chan_refresh(q);
	in = q->in;
	while (in.seen && work->sends < SENDS_PER_POLL) {
		netvsc_ring_in_first(&in, &pkt);
		if (poll_netpoll_may_reap(q, &pkt)) {
			poll_handle_completion(q, &pkt, 0, work);
			q->reaped++;
		}
		netvsc_ring_in_next(&in, &pkt);
	}
}

static noinline void poll_netpoll_reap(struct netvsc_queue *q,
				       struct poll_work *work)
{
	struct netvsc_pkt pkt;

	while (netvsc_chan_first(q, &pkt)) {
		if (!poll_netpoll_may_reap(q, &pkt)) {
			poll_netpoll_reap_behind(q, work);
			return;
		}
		if (work->sends >= SENDS_PER_POLL)
			return;
		poll_handle_completion(q, &pkt, 0, work);
		netvsc_chan_next(q, &pkt);
	}
}

/* ---- NAPI ---- */

/* Everything was read and paid for: sleep until the next interrupt. */
static void poll_complete_napi(struct netvsc_queue *q, int done)
{
	if (!napi_complete_done(&q->napi, done))
		return;
	if (netvsc_chan_unmask(q) && napi_schedule_prep(&q->napi)) {
		netvsc_chan_mask(q);
		__napi_schedule(&q->napi);
	}
}

static int poll_run_napi(struct napi_struct *napi, int budget)
{
	struct netvsc_queue *q = container_of(napi, struct netvsc_queue, napi);
	struct poll_work work;
	bool more, paid;
	int done;

	work.tx = (struct netvsc_send_sum){};
	work.sends = 0;
	work.packets = 0;

	if (unlikely(!netvsc_chan_ready(q))) {
		if (budget)
			napi_complete_done(napi, 0);
		return 0;
	}
	if (unlikely(!budget)) {
		poll_netpoll_reap(q, &work);
		netvsc_chan_read_done(q);
		netvsc_tx_done(q, &work.tx);
		return 0;
	}
	more = poll_read_ring(q, budget, &work);
	if (unlikely(netvsc_xdp_has_xsk(q)))
		more |= netvsc_xdp_send_xsk(q);
	netvsc_chan_read_done(q);
	netvsc_tx_done(q, &work.tx);
	if (work.packets)
		netvsc_rx_done(q, &work.rx);
	paid = netvsc_rx_send_completions(q);

	if (paid && more)
		return budget;
	/*
	 * Nothing is left, so a budget that was just enough is no reason to be
	 * polled again: busy polling may end without doing so.
	 */
	done = min(poll_budget_used(&work), budget - 1);
	if (paid) {
		poll_complete_napi(q, done);
		return done;
	}
	/*
	 * No room for the completions. Interrupts stay masked, and instead of
	 * spinning until the host has read its ring we look again in a tick.
	 */
	if (napi_complete_done(napi, done))
		schedule_delayed_work(&q->poll_later, 1);
	return done;
}

static void poll_run_retry(struct work_struct *work)
{
	struct netvsc_queue *q = container_of(to_delayed_work(work),
					      struct netvsc_queue, poll_later);

	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

void netvsc_poll_start(struct netvsc_queue *q)
{
	INIT_DELAYED_WORK(&q->poll_later, poll_run_retry);
	netif_napi_add(q->ndev, &q->napi, poll_run_napi);
	netvsc_rx_buf_start(q);
	netvsc_send_start(q);
	netvsc_xdp_start(q);
	napi_enable(&q->napi);
	netif_queue_set_napi(q->ndev, q->index, NETDEV_QUEUE_TYPE_RX, &q->napi);
	netif_queue_set_napi(q->ndev, q->index, NETDEV_QUEUE_TYPE_TX, &q->napi);
}

void netvsc_poll_stop(struct netvsc_queue *q)
{
	netif_queue_set_napi(q->ndev, q->index, NETDEV_QUEUE_TYPE_TX, NULL);
	netif_queue_set_napi(q->ndev, q->index, NETDEV_QUEUE_TYPE_RX, NULL);
	napi_disable(&q->napi);
	/* A disabled NAPI is not scheduled, so nobody queues this any more. */
	cancel_delayed_work_sync(&q->poll_later);
	netif_napi_del(&q->napi);
}
