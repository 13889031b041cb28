/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of an interface: each room counts, room stats shows them. */
#ifndef _NETVSC_COUNTERS_H
#define _NETVSC_COUNTERS_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

/* Counters of the whole interface, in the order of "ethtool -S". */
enum netvsc_counter {
	NETVSC_CNT_TX_SCATTERED,	/* linearised: too many page entries */
	NETVSC_CNT_TX_NO_MEMORY,	/* dropped: no memory for a header */
	NETVSC_CNT_TX_NO_SPACE,		/* dropped: ring full, nothing in flight */
	NETVSC_CNT_TX_TOO_BIG,		/* dropped: too many page entries still */
	NETVSC_CNT_TX_BUSY,		/* given back to the stack: ring full */
	NETVSC_CNT_TX_SEND_FULL,	/* counted by queue: netvsc_queue_stats.send_full */
	NETVSC_CNT_RX_COMP_BUSY,	/* completion had to wait: ring full */
	NETVSC_CNT_RX_NO_MEMORY,	/* dropped: no memory for an skb */
	NETVSC_CNT_STOP_QUEUE,		/* queue stopped for lack of room */
	NETVSC_CNT_WAKE_QUEUE,		/* and woken again */
	NETVSC_CNT_VLAN_ERROR,		/* dropped: broken inline VLAN tag */
	/* not in stock's list: */
	NETVSC_CNT_HOST_BAD_PACKET,	/* the host broke a format */
	NETVSC_CNT_HOST_BAD_ID,		/* completion of an id that is not out */
	NETVSC_CNT_HOST_TX_STATUS,	/* host completed a send with failure */
	NETVSC_CNT_TX_TIMEOUT,		/* a queue sent nothing for too long */
	NETVSC_CNT_RX_XDP_TOO_LONG,	/* dropped: longer than the program can see */
	NETVSC_CNT_TX_TOO_LONG,		/* dropped: longer than the host takes */
	NETVSC_CNT_TX_BAD_FRAME,	/* dropped: cannot be what its sender says */
	NETVSC_COUNTER_CNT
};

#define NETVSC_COUNTER_STOCK_CNT	(NETVSC_CNT_VLAN_ERROR + 1)

/**
 * struct netvsc_queue_stats - counters of one queue; live with the interface
 * @done_sync: for the group below
 * @tx_packets: N, frames whose send was completed by the host
 * @tx_bytes: N, of these frames
 * @rx_sync: for the group below
 * @rx_packets: N, frames given to the stack or to a program
 * @rx_bytes: N, of these frames
 * @rx_multicast: N, of these the multicast ones
 * @rx_errors: N, ranges or packets that broke the format
 * @rx_dropped: N, frames for which there was no memory or no receiver
 * @xdp_drop: N, of @rx_packets those that a program dropped
 * @xdp_redirect: N, of @rx_packets those that it gave to somebody else
 * @xdp_tx: N, of @rx_packets those that it sent back
 * @drop_sync: for the group below
 * @tx_dropped: T, frames that never reached the host
 * @xdp_xmit: a, frames taken that others redirected to us
 * @xdp_tx_dropped: a, frames of programs that never reached the host
 * @send_full: a, frames of either that wanted a send section when none was free
 */
struct netvsc_queue_stats {
	struct u64_stats_sync done_sync;
	u64 tx_packets;
	u64 tx_bytes;

	struct u64_stats_sync rx_sync;
	u64 rx_packets;
	u64 rx_bytes;
	u64 rx_multicast;
	u64 rx_errors;
	u64 rx_dropped;
	u64 xdp_drop;
	u64 xdp_redirect;
	u64 xdp_tx;

	struct u64_stats_sync drop_sync ____cacheline_aligned_in_smp;
	u64 tx_dropped;
	atomic64_t xdp_xmit;
	atomic64_t xdp_tx_dropped;
	atomic64_t send_full;
} ____cacheline_aligned_in_smp;

/* Counters of one CPU: what its NAPI polls handled. */
struct netvsc_cpu_stats {
	struct u64_stats_sync syncp;
	u64 tx_packets;
	u64 tx_bytes;
	u64 rx_packets;
	u64 rx_bytes;
};

/* Counters of one CPU: what it sent and received by the VF, softirqs off. */
struct netvsc_vf_stats {
	struct u64_stats_sync syncp;
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_dropped;
};

#endif /* _NETVSC_COUNTERS_H */
