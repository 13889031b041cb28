/* SPDX-License-Identifier: GPL-2.0 */
/* Room tx: a frame that has to be cut after all. */
#ifndef _NETVSC_TX_RECUT_H
#define _NETVSC_TX_RECUT_H

struct net_device;
struct sk_buff;

/**
 * netvsc_tx_recut_init() - before the first attachment
 * @ndev: the interface
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int netvsc_tx_recut_init(struct net_device *ndev);

/**
 * netvsc_tx_recut_kill() - the interface is gone, nobody sends any more
 * @ndev: the interface
 */
void netvsc_tx_recut_kill(struct net_device *ndev);

/**
 * netvsc_tx_recut() - send a frame round the stack once more
 * @ndev: the interface
 * @skb: the frame, as the stack handed it in; given away, not shared
 *
 * Context: any.
 */
void netvsc_tx_recut(struct net_device *ndev, struct sk_buff *skb);

#endif /* _NETVSC_TX_RECUT_H */
