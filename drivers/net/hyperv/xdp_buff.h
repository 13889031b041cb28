/* SPDX-License-Identifier: GPL-2.0 */
/* Room xdp, its inside; for xdp*.c alone. */
#ifndef _NETVSC_XDP_BUFF_H
#define _NETVSC_XDP_BUFF_H

#include <linux/filter.h>
#include <linux/if_xdp.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "netvsc.h"
#include "xdp.h"

struct netvsc_queue;
struct netvsc_rx_meta;
struct page;
struct xdp_metadata_ops;

/* Longest frame in one buffer: a page, the program's room, the stack's struct. */
#define NETVSC_XDP_LINEAR_BYTES	(SKB_WITH_OVERHEAD(PAGE_SIZE) - \
				 XDP_PACKET_HEADROOM)

/**
 * struct netvsc_xdp_buff - a received frame as programs see it
 * @xdp: what they are given; the first, since what the kernel gives back to
 *	us is a pointer to it
 * @meta: what the host said about the frame
 */
struct netvsc_xdp_buff {
	struct xdp_buff xdp;
	const struct netvsc_rx_meta *meta;
};

struct xsk_buff_pool;

/* Chunks that are asked for at once: as many as a message often has frames. */
#define NETVSC_XSK_STOCK	32

/**
 * struct netvsc_xsk - the socket of a queue
 * @pool: I, its memory and rings
 * @rxq: I, as in struct netvsc_xdp
 * @bytes: I, so much of a frame fits into a chunk
 * @stock: N, chunks of it that take frames, in the order the user gave them
 * @cnt: N, how many are left
 * @next: N, index of the first of these
 * @desc: N, a frame out of its ring
 * @waits: N, @desc is still to be sent
 * @polled: N, its user was told that polls come without being asked for
 */
struct netvsc_xsk {
	struct xsk_buff_pool *pool;
	struct xdp_rxq_info rxq;
	u32 bytes;
	struct xdp_buff *stock[NETVSC_XSK_STOCK];
	u32 cnt;
	u32 next;
	struct xdp_desc desc;
	bool waits;
	bool polled;
};

/**
 * struct netvsc_xdp - what a queue has for programs
 * @rxq: I, where frames come from and whose their memory is
 * @page: N, the buffer's; NULL if it was given away
 * @own: N, the buffer on the page
 * @cur: N, where the frame is: @own, or a chunk of the socket's
 * @xsk: N, the socket whose chunk @cur is, NULL if it is @own
 * @limit: N, nothing linear goes beyond
 * @at_once: N, a frame can go to @own as it is: it is @cur, and has a page
 * @before: N, length of the frame before the program ran
 * @sum: N, what programs did in this poll
 * @send: N, the open send section of what is sent back, and of a socket
 */
struct netvsc_xdp {
	struct xdp_rxq_info rxq;
	struct page *page;
	struct netvsc_xdp_buff own;
	struct xdp_buff *cur;
	struct netvsc_xsk *xsk;
	void *limit;
	bool at_once;
	u32 before;
	struct netvsc_xdp_sum sum;
	struct netvsc_send_open send;
};

/*
 * Nothing is in the buffer, whoever had the memory of the last frame: a socket that
 * is gone has taken its chunks along.
 */
static inline void netvsc_xdp_empty(struct netvsc_xdp *xdp)
{
	xdp->own.xdp.flags = 0;
	xdp->cur = &xdp->own.xdp;
	xdp->xsk = NULL;
}

/* The frame has gone with its memory: nothing is in the buffer. @is_chunk: as xdp->xsk says. */
static __always_inline void netvsc_xdp_consumed(struct netvsc_xdp *xdp,
						bool is_chunk)
{
	if (is_chunk) {
		xdp->xsk->next++;
		xdp->xsk->cnt--;
		return;
	}
	xdp->page = NULL;
	xdp->at_once = false;
	xdp->own.xdp.flags = 0;
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

/**
 * netvsc_xdp_refill_chunks() - ask a socket for chunks
 * @xsk: the socket, nothing left in its stock
 *
 * Return: false if it gave us none.
 */
bool netvsc_xdp_refill_chunks(struct netvsc_xsk *xsk);

/**
 * netvsc_xdp_chunk() - an empty chunk of a socket
 * @xsk: the socket, something left in its stock
 *
 * It stays there until netvsc_xdp_consumed().
 *
 * Return: its buffer, with nothing in it.
 */
static inline struct xdp_buff *netvsc_xdp_chunk(struct netvsc_xsk *xsk)
{
	struct xdp_buff *xdp = xsk->stock[xsk->next];

	xdp->data = xdp->data_hard_start + XDP_PACKET_HEADROOM;
	xdp->data_end = xdp->data;
	xdp->data_meta = xdp->data;
	xdp->flags = 0;
	return xdp;
}

/**
 * netvsc_xdp_fix_csums() - right sums and lengths, before a program looks
 * @q: the queue, a frame in its buffer that begins where it was received
 * @meta: what the host said about it
 *
 * TCP that was verified, and IPv4 headers: what the host calls stale is made anew.
 */
void netvsc_xdp_fix_csums(struct netvsc_queue *q,
			  const struct netvsc_rx_meta *meta);

/* What programs may ask; xdp_hints.c. */
extern const struct xdp_metadata_ops netvsc_xdp_hints;

#endif /* _NETVSC_XDP_BUFF_H */
