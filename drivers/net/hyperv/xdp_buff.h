/* SPDX-License-Identifier: GPL-2.0 */
/* Room xdp, its inside; for xdp*.c alone. */
#ifndef _NETVSC_XDP_BUFF_H
#define _NETVSC_XDP_BUFF_H

#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "lib/batch.h"

struct netvsc_queue;
struct netvsc_rx_facts;
struct page;
struct xdp_metadata_ops;

/* Longest frame in one buffer: a page, the program's room, the stack's struct. */
#define NETVSC_XDP_LINEAR_BYTES	(SKB_WITH_OVERHEAD(PAGE_SIZE) - \
				 XDP_PACKET_HEADROOM)

/**
 * struct netvsc_xdp_buff - a received frame as programs see it
 * @xdp: what they are given; the first, since what the kernel gives back to
 *	us is a pointer to it
 * @facts: what the host said about the frame
 */
struct netvsc_xdp_buff {
	struct xdp_buff xdp;
	const struct netvsc_rx_facts *facts;
};

/**
 * struct netvsc_xdp_send - an open send section; begins as zeros
 * @batch: what is in it
 * @section: its index
 * @frames: bytes of the frames in it
 */
struct netvsc_xdp_send {
	struct netvsc_batch batch;
	u32 section;
	u32 frames;
};

/**
 * struct netvsc_xdp - what a queue has for programs
 * @rxq: I, where frames come from and whose their memory is
 * @page: N, the buffer's; NULL if it was given away
 * @buff: N
 * @before: N, length of the frame before the program ran
 * @send: N, what is sent back
 */
struct netvsc_xdp {
	struct xdp_rxq_info rxq;
	struct page *page;
	struct netvsc_xdp_buff buff;
	u32 before;
	struct netvsc_xdp_send send;
};

/* The frame has gone with its pages: nothing is in the buffer. */
static inline void netvsc_xdp_gave_page(struct netvsc_xdp *xdp)
{
	xdp->page = NULL;
	xdp->buff.xdp.flags = 0;
}

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
 *
 * Copied, or by its pages: then the page is gone from the buffer.
 *
 * Context: NAPI.
 * Return: false if it cannot be sent: still the caller's.
 */
bool netvsc_xdp_send_back(struct netvsc_queue *q);

/**
 * netvsc_xdp_send_flush() - post the open section, tell the host
 * @q: the queue
 * @send: the section, or none
 */
void netvsc_xdp_send_flush(struct netvsc_queue *q,
			   struct netvsc_xdp_send *send);

/* What programs may ask; xdp_hints.c. */
extern const struct xdp_metadata_ops netvsc_xdp_hints;

#endif /* _NETVSC_XDP_BUFF_H */
