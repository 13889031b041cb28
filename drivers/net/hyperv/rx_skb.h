/* SPDX-License-Identifier: GPL-2.0 */
/* Room rx, memory of frames; for rx.c. */
#ifndef _NETVSC_RX_SKB_H
#define _NETVSC_RX_SKB_H

#include <linux/types.h>

struct netvsc_queue;
struct sk_buff;

/* Up to here a frame is copied into memory of its own, not into a page. */
#define NETVSC_RX_COPYBREAK	256

/**
 * netvsc_rx_skb_alloc() - empty skb for a frame, built on a page
 * @q: the queue
 * @bytes: of the frame, or U32_MAX if nobody knows yet
 *
 * Linear as far as half a page or a page goes, the rest will be order-0 pages
 * of the queue's pool.
 *
 * Context: NAPI.
 * Return: skb, NULL.
 */
struct sk_buff *netvsc_rx_skb_alloc(struct netvsc_queue *q, u32 bytes);

/**
 * netvsc_rx_skb_add() - copy bytes of the host behind what is there
 * @q: the queue
 * @skb: from netvsc_rx_skb_alloc(), filled by nobody else; its cb is ours
 * @from: the bytes, each read once
 * @bytes: how many; in all no more than NETVSC_RSC_MAX_BYTES
 *
 * Return: false if there is no memory; the skb is as good as before, but lacks
 * some of the bytes.
 */
bool netvsc_rx_skb_add(struct netvsc_queue *q, struct sk_buff *skb,
		       const void *from, u32 bytes);

#endif /* _NETVSC_RX_SKB_H */
