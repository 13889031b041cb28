/* SPDX-License-Identifier: GPL-2.0 */
/* Room xdp, its inside; for xdp*.c alone. */
#ifndef _NETVSC_XDP_PRIV_H
#define _NETVSC_XDP_PRIV_H

#include <linux/filter.h>
#include <linux/if_xdp.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "netvsc.h"
#include "xdp/xdp.h"

struct netvsc_queue;
struct netvsc_rx_meta;
struct xdp_metadata_ops;

/**
 * struct netvsc_xdp_src - a frame to be sent
 * @data: its first piece
 * @head: bytes of that
 * @bytes: of the frame
 * @info: the other pieces, NULL if there are none
 */
struct netvsc_xdp_src {
	u8 *data;
	u32 head;
	u32 bytes;
	const struct skb_shared_info *info;
};

/**
 * netvsc_xdp_send_back() - send what is in the queue's buffer
 * @q: the queue
 * @meta: what the host said about the frame
 *
 * Copied, or by its pages: then the page is gone from the buffer.
 *
 * Context: NAPI.
 * Return: false if it cannot be sent: still the caller's.
 */
bool netvsc_xdp_send_back(struct netvsc_queue *q,
			  const struct netvsc_rx_meta *meta);

/**
 * netvsc_xdp_send_flush() - post the open section, tell the host
 * @q: the queue
 * @open: the section, or none
 */
void netvsc_xdp_send_flush(struct netvsc_queue *q,
			   struct netvsc_send_open *open);

/**
 * netvsc_xdp_send_chunk() - send what a socket wants sent
 * @q: the queue
 * @data: the frame, copied
 * @bytes: of it
 *
 * Context: NAPI.
 * Without a free section it goes by a page of its own, but for a confidential VM.
 *
 * Return: 0, also when the frame is none that could be sent: counted; -EAGAIN:
 * no room in ring or slots, -ENOSPC: no section, -ENOMEM: no page; later then.
 */
int netvsc_xdp_send_chunk(struct netvsc_queue *q, void *data, u32 bytes);

/* What programs may ask; xdp_hints.c. */
extern const struct xdp_metadata_ops netvsc_xdp_hints;

#endif /* _NETVSC_XDP_PRIV_H */
