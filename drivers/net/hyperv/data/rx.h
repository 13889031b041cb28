/* SPDX-License-Identifier: GPL-2.0 */
/* Room rx: from the receive buffer to the stack, and the completions owed. */
#ifndef _NETVSC_RX_H
#define _NETVSC_RX_H

#include <linux/types.h>

#include "buf/rx_buf.h"
#include "lib/rndis_rx.h"
#include "lib/rsc.h"
#include "netvsc.h"
#include "xdp/xdp.h"

/**
 * struct netvsc_rx - what one poll receives; begins as zeros
 * @buf: receive buffer, NULL until a frame came
 * @buf_bytes: its size
 * @section_bytes: no range is longer
 * @open: frames may go up the stack
 * @plain: they may, and no program is in their way
 * @recorded: the stack knows this queue; likewise
 * @features: of the interface, NETIF_F_*; likewise
 * @reader: who reads frames first; known once @open
 * @prog: the program, NULL if there is none; likewise
 * @rsc: the coalesced frame under way
 * @meta: of its first fragment; what there is of it is in rx_buf
 * @pkts: frames given to the stack or to a program
 * @bytes: of these frames
 * @multicast: of these frames
 * @errors: ranges or packets that broke the format
 * @dropped: frames without memory or receiver
 * @xdp: what programs did
 */
struct netvsc_rx {
	const u8 *buf;
	u32 buf_bytes;
	u32 section_bytes;
	bool open;
	bool plain;
	bool recorded;
	netdev_features_t features;
	enum netvsc_rx_buf_reader reader;
	struct bpf_prog *prog;
	struct netvsc_rsc rsc;
	struct netvsc_rx_meta meta;
	u32 pkts;
	u32 bytes;
	u32 multicast;
	u32 errors;
	u32 dropped;
	struct netvsc_xdp_sum xdp;
};

/**
 * netvsc_rx_packet() - a transfer-page packet arrived
 * @q: the queue
 * @pkt: the packet
 * @rx: of this poll
 *
 * Every range is handled, whatever the others look like. Sheet 8.1.
 *
 * Context: NAPI.
 * Return: NVSP_STAT_* for the one completion that the packet gets (R36).
 */
u32 netvsc_rx_packet(struct netvsc_queue *q, const struct netvsc_pkt *pkt,
		     struct netvsc_rx *rx);

/**
 * netvsc_rx_send_completions() - send the completions that are owed
 * @q: the queue
 *
 * Context: NAPI.
 * Return: true if none is left; false if the ring is full: call again soon.
 */
bool netvsc_rx_send_completions(struct netvsc_queue *q);

/**
 * netvsc_rx_can_complete() - is there room for one more completion?
 * @q: the queue
 *
 * Sends what is owed if there is none. If this says no the packet must stay on
 * the ring.
 *
 * Return: true: there is.
 */
static inline bool netvsc_rx_can_complete(struct netvsc_queue *q)
{
	return likely(!netvsc_ack_full(&q->acks)) ||
	       netvsc_rx_send_completions(q) || !netvsc_ack_full(&q->acks);
}

/**
 * netvsc_rx_queue_completion() - remember a completion
 * @q: the queue, netvsc_rx_can_complete() was true
 * @id: transaction id of the packet
 * @status: NVSP_STAT_*
 */
static inline void netvsc_rx_queue_completion(struct netvsc_queue *q, u64 id,
					      u32 status)
{
	WARN_ON_ONCE(netvsc_ack_push(&q->acks, id, status));
}

/**
 * netvsc_rx_done() - end of a poll: counters
 * @q: the queue
 * @rx: of this poll
 */
void netvsc_rx_done(struct netvsc_queue *q, const struct netvsc_rx *rx);

#endif /* _NETVSC_RX_H */
