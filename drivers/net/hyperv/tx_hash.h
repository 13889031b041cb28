/* SPDX-License-Identifier: GPL-2.0 */
/* Room tx, third file: the hash that picks the queue of a frame. */
#ifndef _NETVSC_TX_HASH_H
#define _NETVSC_TX_HASH_H

#include <linux/types.h>

struct sk_buff;

/**
 * netvsc_tx_hash() - hash of a frame's flow
 * @skb: the frame
 * @l3_only: bits of enum netvsc_flow: by addresses alone
 *
 * Fragments of a datagram have the same one at either level, so they stay on
 * one queue. At most one look at the headers.
 *
 * Context: transmit.
 */
u32 netvsc_tx_hash(struct sk_buff *skb, u32 l3_only);

#endif /* _NETVSC_TX_HASH_H */
