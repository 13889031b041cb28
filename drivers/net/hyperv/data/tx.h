/* SPDX-License-Identifier: GPL-2.0 */
/* Room tx: from an skb to the ring, and what came of it. */
#ifndef _NETVSC_TX_H
#define _NETVSC_TX_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "netvsc.h"

/* Why nothing may be transmitted: bits of netvsc_device.tx_off. */
enum netvsc_tx_off {
	NETVSC_TX_OFF_STATE,	/* closed, detaching or not attached yet */
	NETVSC_TX_OFF_LINK,	/* no carrier */
	NETVSC_TX_OFF_TEST,	/* a test wants to see the queues at rest */
};

struct netvsc_send_sum;

/**
 * netvsc_tx_select_queue() - which queue for this frame?
 * @nvdev: the device
 * @skb: the frame
 * @sb_dev: as of ndo_select_queue
 *
 * Sheet 7.6, R31: the socket's queue, then the queue it was received on, then
 * the host's table by hash. XPS maps and traffic classes, where a user set some,
 * come before.
 *
 * Context: as ndo_select_queue.
 * Return: index of an open queue.
 */
u16 netvsc_tx_select_queue(const struct netvsc_device *nvdev,
			   struct sk_buff *skb, struct net_device *sb_dev);

/**
 * netvsc_tx_select_class_queue() - which queue, where there are traffic classes (mqprio)?
 * @ndev: the interface, with classes
 * @skb: the frame
 * @sb_dev: as of ndo_select_queue
 *
 * One of the queues that its priority's class has: by the queue it was received
 * on, else by its hash.
 *
 * Context: as ndo_select_queue.
 * Return: index of a queue that the stack uses.
 */
u16 netvsc_tx_select_class_queue(const struct net_device *ndev,
				 struct sk_buff *skb,
				 struct net_device *sb_dev);

/**
 * netvsc_tx_xmit() - transmit a frame
 * @q: the queue
 * @skb: the frame; ours unless NETDEV_TX_BUSY is returned
 * @more: the stack will call again at once
 *
 * Context: the transmit lock of the stack's queue is held.
 * Return: NETDEV_TX_OK, also for a drop; NETDEV_TX_BUSY only if the ring is
 * full and a completion will wake the queue (R21, R23), or a test is stopping it.
 */
netdev_tx_t netvsc_tx_xmit(struct netvsc_queue *q, struct sk_buff *skb,
			   bool more);

/**
 * netvsc_tx_done() - end of a poll: counters, BQL, wake
 * @q: the queue
 * @sum: of this poll
 *
 * Context: NAPI.
 */
void netvsc_tx_done(struct netvsc_queue *q, const struct netvsc_send_sum *sum);

/**
 * netvsc_tx_off() - nothing may be transmitted
 * @nvdev: the device
 * @why: enum netvsc_tx_off
 *
 * On return no netvsc_tx_xmit() is running that began before, the stack's
 * queues are stopped and stay so (R22). The same holds for frames of programs, except with
 * NETVSC_TX_OFF_LINK.
 *
 * Context: may sleep.
 */
void netvsc_tx_off(struct netvsc_device *nvdev, int why);

/**
 * netvsc_tx_on() - takes back one netvsc_tx_off()
 * @nvdev: the device
 * @why: enum netvsc_tx_off
 *
 * When it was the last one, what waits in queues and in sockets' rings goes out.
 *
 * Context: process.
 */
void netvsc_tx_on(struct netvsc_device *nvdev, int why);

/**
 * netvsc_tx_poll_sockets() - have the rings of sockets looked at
 * @nvdev: the device
 *
 * A user who was told that the kernel looks by itself does not wake it again.
 * Owed when frames may be sent again, and for queues that are open now.
 *
 * Context: RTNL.
 */
void netvsc_tx_poll_sockets(struct netvsc_device *nvdev);

/**
 * netvsc_tx_flush() - send what is parked (R25)
 * @q: the queue, open
 *
 * Nothing is parked afterwards if netvsc_tx_off() was called before, or if all
 * senders go another way.
 *
 * Context: process, RCU may be held.
 */
void netvsc_tx_flush(struct netvsc_queue *q);

/**
 * netvsc_tx_write_off() - no completion will be looked at any more
 * @q: the queue, its NAPI disabled
 *
 * Counters and BQL are settled. The frames themselves stay in the slots: the host
 * may read them until the channel is closed.
 *
 * Context: process.
 */
void netvsc_tx_write_off(struct netvsc_queue *q);

#endif /* _NETVSC_TX_H */
