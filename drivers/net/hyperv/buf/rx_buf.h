/* SPDX-License-Identifier: GPL-2.0 */
/* Room rx_buf: the memory of received frames. */
#ifndef _NETVSC_RX_BUF_H
#define _NETVSC_RX_BUF_H

#include <linux/bpf.h>
#include <linux/compiler.h>
#include <linux/if_xdp.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/types.h>
#include <net/xdp.h>

#include "netvsc.h"

struct netvsc_rx_meta;
struct page_pool;
struct xsk_buff_pool;

/* Longest frame in one piece: a page but for the program's room and the stack's. */
#define NETVSC_RX_BUF_LINEAR_BYTES	(SKB_WITH_OVERHEAD(PAGE_SIZE) - \
					 XDP_PACKET_HEADROOM)

/* Longest frame in an skb of one piece: it has the stack's room only. */
#define NETVSC_RX_BUF_SKB_BYTES		(SKB_WITH_OVERHEAD(PAGE_SIZE) - \
					 NET_SKB_PAD)
/* Up to here the stack gets a frame in memory of its own, not in a page. */
#define NETVSC_RX_BUF_COPYBREAK		256

/* Whoever reads a frame first decides what memory it may have. */
enum netvsc_rx_buf_reader {
	NETVSC_RX_BUF_STACK,	/* the stack: pages, never a socket's chunk */
	NETVSC_RX_BUF_PROG,	/* a program that knows one buffer alone (R44) */
	NETVSC_RX_BUF_FRAGS,	/* a program that knows fragments */
};

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

/* Chunks that are asked for at once: as many as a message often has frames. */
#define NETVSC_XSK_STOCK	32

/**
 * struct netvsc_xsk - the memory of a queue's socket
 * @pool: I, its memory and rings
 * @rxq: I, as in struct netvsc_rx_buf
 * @bytes: I, so much of a frame fits into a chunk
 * @stock: N, chunks of it that take frames, in the order the user gave them
 * @cnt: N, how many are left
 * @next: N, index of the first of these
 */
struct netvsc_xsk {
	struct xsk_buff_pool *pool;
	struct xdp_rxq_info rxq;
	u32 bytes;
	struct xdp_buff *stock[NETVSC_XSK_STOCK];
	u32 cnt;
	u32 next;
};

/**
 * struct netvsc_rx_buf - where the frames of a queue are put
 * @pool: I, its pages
 * @cur: N, where the frame is: @own, or a chunk of the socket's
 * @at_once: N, a frame can go to @own as it is: it is @cur, and has a page
 * @bytes: N, length of the frame as it was received
 * @own: N, the buffer on the page
 * @page: N, its page; NULL if it was given away
 * @xsk: N, the socket whose chunk @cur is, NULL if it is @own
 * @at: N, where the next byte of a frame goes that comes in pieces; NULL if
 *	none is under way
 * @room: N, bytes there
 * @may_grow: N, pages may be added to it
 * @rxq: I, where frames come from and whose their memory is
 */
struct netvsc_rx_buf {
	struct page_pool *pool;
	struct xdp_buff *cur;
	bool at_once;
	u32 bytes;
	struct netvsc_xdp_buff own;
	struct page *page;
	struct netvsc_xsk *xsk;
	u8 *at;
	u32 room;
	bool may_grow;
	struct xdp_rxq_info rxq;
};

/**
 * netvsc_rx_buf_alloc() - memory for received frames
 * @q: the queue
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int netvsc_rx_buf_alloc(struct netvsc_queue *q);

/**
 * netvsc_rx_buf_free() - undo netvsc_rx_buf_alloc()
 * @q: the queue, its NAPI disabled; nothing allocated is fine
 *
 * Pages that are with the stack still go back when it is done with them.
 */
void netvsc_rx_buf_free(struct netvsc_queue *q);

/**
 * netvsc_rx_buf_start() - the queue is about to be polled
 * @q: the queue, its NAPI added
 */
void netvsc_rx_buf_start(struct netvsc_queue *q);

/* ---- a frame that comes in pieces. All from the queue's NAPI ---- */

/**
 * netvsc_rx_buf_begin() - an empty buffer
 * @q: the queue; what was in its buffer is gone or given away
 * @reader: who reads the frame first
 *
 * Return: false without memory.
 */
bool netvsc_rx_buf_begin(struct netvsc_queue *q,
			 enum netvsc_rx_buf_reader reader);

/* What does not fit: the slow half of netvsc_rx_buf_append(). */
int netvsc_rx_buf_append_pages(struct netvsc_queue *q, const void *from,
			       u32 bytes);

/**
 * netvsc_rx_buf_append() - copy bytes of the host behind the rest, hot path
 * @q: the queue
 * @from: the bytes, each read once
 * @bytes: how many, not 0; in all no more than NETVSC_RSC_MAX_BYTES
 *
 * Return: 0; -E2BIG: longer than its reader can see (R44); -ENOMEM. After these
 * nothing is left of the frame, and what is appended all the same is swallowed:
 * -ENOENT.
 */
static __always_inline int netvsc_rx_buf_append(struct netvsc_queue *q,
						const void *from, u32 bytes)
{
	struct netvsc_rx_buf *buf = q->rx_buf;

	if (unlikely(bytes > buf->room))
		return netvsc_rx_buf_append_pages(q, from, bytes);
	memcpy(buf->at, from, bytes);
	buf->at += bytes;
	buf->room -= bytes;
	return 0;
}

/**
 * netvsc_rx_buf_end() - all of the frame is there
 * @q: the queue
 */
void netvsc_rx_buf_end(struct netvsc_queue *q);

/**
 * netvsc_rx_buf_cancel() - the rest of the frame does not come
 * @q: the queue; nothing begun, or lost since, is fine
 */
void netvsc_rx_buf_cancel(struct netvsc_queue *q);

/* ---- a frame that is there whole, for the stack ---- */

/* Empty, built on a piece of a page or a page. Return: NULL without memory. */
struct sk_buff *netvsc_rx_buf_alloc_skb(struct netvsc_queue *q, u32 bytes);

/* Longer than one piece. Return: as netvsc_rx_buf_copy(). */
struct sk_buff *netvsc_rx_buf_copy_pages(struct netvsc_queue *q,
					 const void *from, u32 bytes);

/**
 * netvsc_rx_buf_copy() - an skb of a frame, hot path
 * @q: the queue; nothing is begun in its buffer
 * @from: the frame, each byte read once
 * @bytes: of it, no more than NETVSC_RSC_MAX_BYTES
 *
 * Return: skb, NULL without memory.
 */
static __always_inline struct sk_buff *
netvsc_rx_buf_copy(struct netvsc_queue *q, const void *from, u32 bytes)
{
	struct sk_buff *skb;

	if (bytes <= NETVSC_RX_BUF_COPYBREAK)
		skb = napi_alloc_skb(&q->napi, bytes);
	else if (likely(bytes <= NETVSC_RX_BUF_SKB_BYTES))
		skb = netvsc_rx_buf_alloc_skb(q, bytes);
	else
		return netvsc_rx_buf_copy_pages(q, from, bytes);
	if (likely(skb))
		memcpy(__skb_put(skb, bytes), from, bytes);
	return skb;
}

/* ---- a frame that is there whole, for a program ---- */

/* A page for the buffer. Return: false without memory, and nothing is in it. */
bool netvsc_rx_buf_use_page(struct netvsc_queue *q);

/* Longer than one piece. Return: as netvsc_rx_buf_fill(). */
int netvsc_rx_buf_fill_pages(struct netvsc_queue *q,
			     enum netvsc_rx_buf_reader reader,
			     const void *from, u32 bytes);

/* Asks a socket for chunks before. Return: as netvsc_rx_buf_fill(). */
int netvsc_rx_buf_fill_refilled(struct netvsc_queue *q, struct netvsc_xsk *xsk,
				enum netvsc_rx_buf_reader reader,
				const void *from, u32 bytes);

/* An empty chunk; it stays in the stock until netvsc_rx_buf_consumed(). */
static inline struct xdp_buff *
netvsc_rx_buf_use_chunk(struct netvsc_rx_buf *buf, struct netvsc_xsk *xsk)
{
	struct xdp_buff *chunk = xsk->stock[xsk->next];

	chunk->data = chunk->data_hard_start + XDP_PACKET_HEADROOM;
	chunk->data_end = chunk->data;
	chunk->data_meta = chunk->data;
	chunk->flags = 0;
	buf->cur = chunk;
	buf->xsk = xsk;
	buf->at_once = false;
	return chunk;
}

/* Into the memory of the queue's socket. Return: as netvsc_rx_buf_fill(). */
static __always_inline int
netvsc_rx_buf_fill_chunk(struct netvsc_queue *q, struct netvsc_xsk *xsk,
			 enum netvsc_rx_buf_reader reader,
			 const void *from, u32 bytes)
{
	struct netvsc_rx_buf *buf = q->rx_buf;
	struct xdp_buff *chunk;

	if (unlikely(!xsk->cnt))
		return netvsc_rx_buf_fill_refilled(q, xsk, reader, from, bytes);
	if (unlikely(bytes > xsk->bytes))
		return -E2BIG;
	chunk = netvsc_rx_buf_use_chunk(buf, xsk);
	chunk->data_end = chunk->data + bytes;
	buf->bytes = bytes;
	memcpy(chunk->data, from, bytes);
	return 0;
}

/* Into the queue's page. Return: as netvsc_rx_buf_fill(). */
static __always_inline int
netvsc_rx_buf_fill_page(struct netvsc_queue *q,
			enum netvsc_rx_buf_reader reader,
			const void *from, u32 bytes)
{
	struct netvsc_rx_buf *buf = q->rx_buf;
	struct xdp_buff *xdp = &buf->own.xdp;

	if (unlikely(!buf->at_once) && unlikely(!netvsc_rx_buf_use_page(q)))
		return -ENOMEM;
	if (unlikely(bytes > NETVSC_RX_BUF_LINEAR_BYTES))
		return netvsc_rx_buf_fill_pages(q, reader, from, bytes);
	/* All but where the page is: a program may have moved it. */
	xdp->flags = 0;
	xdp_prepare_buff(xdp, xdp->data_hard_start, XDP_PACKET_HEADROOM, bytes,
			 true);
	buf->bytes = bytes;
	/* One call, whatever can be known of the length. */
	OPTIMIZER_HIDE_VAR(bytes);
	memcpy(xdp->data, from, bytes);
	return 0;
}

/**
 * netvsc_rx_buf_fill() - begin, append and end in one, hot path
 * @q: the queue; what was in its buffer is gone or given away
 * @reader: who reads the frame first: a program
 * @from: the frame, each byte read once
 * @bytes: of it
 *
 * Return: 0; -E2BIG: longer than its reader can see (R44); -ENOMEM: nothing is in
 * the buffer then.
 */
static __always_inline int netvsc_rx_buf_fill(struct netvsc_queue *q,
					      enum netvsc_rx_buf_reader reader,
					      const void *from, u32 bytes)
{
	struct netvsc_xsk *xsk = READ_ONCE(q->xsk);

	if (unlikely(xsk))
		return netvsc_rx_buf_fill_chunk(q, xsk, reader, from, bytes);
	return netvsc_rx_buf_fill_page(q, reader, from, bytes);
}

/* ---- what is in the buffer, and what becomes of it ---- */

/**
 * netvsc_rx_buf_view() - the frame as programs are given it
 * @q: the queue, a frame in its buffer
 *
 * Return: the buffer; the first part of a struct netvsc_xdp_buff where
 * netvsc_has_xdp_hints.
 */
static inline struct xdp_buff *netvsc_rx_buf_view(const struct netvsc_queue *q)
{
	return q->rx_buf->cur;
}

/**
 * netvsc_rx_buf_is_chunk() - is the frame in the memory of a socket?
 * @q: the queue, a frame in its buffer
 *
 * Return: true: it is.
 */
static inline bool netvsc_rx_buf_is_chunk(const struct netvsc_queue *q)
{
	return q->rx_buf->xsk;
}

/* The fragments go back to the pool: the rare half of netvsc_rx_buf_drop(). */
void netvsc_rx_buf_drop_frags(struct netvsc_queue *q);

/**
 * netvsc_rx_buf_drop() - nobody wants the frame, or it was copied
 * @q: the queue
 *
 * Page or chunk stay for the next one.
 */
static inline void netvsc_rx_buf_drop(struct netvsc_queue *q)
{
	if (unlikely(xdp_buff_has_frags(q->rx_buf->cur)))
		netvsc_rx_buf_drop_frags(q);
}

/**
 * netvsc_rx_buf_drop_refused() - the same after a redirection that failed
 * @q: the queue
 *
 * Its chunk goes back to the socket, if it is in one.
 */
void netvsc_rx_buf_drop_refused(struct netvsc_queue *q);

/**
 * netvsc_rx_buf_consumed() - the frame has gone with its memory
 * @q: the queue
 *
 * The next one takes another page or chunk.
 */
static __always_inline void netvsc_rx_buf_consumed(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf = q->rx_buf;
	struct netvsc_xsk *xsk = buf->xsk;

	if (unlikely(xsk)) {
		xsk->next++;
		xsk->cnt--;
		return;
	}
	buf->page = NULL;
	buf->at_once = false;
	buf->own.xdp.flags = 0;
}

/**
 * netvsc_rx_buf_to_skb() - an skb of what is in the buffer
 * @q: the queue
 * @changed: set: the frame begins elsewhere or has another length than when it
 *	was received, so the host's verdict on its checksums is void
 *
 * A short one is copied and the page stays; others, and all with fragments, go
 * with their pages. What is in a chunk is copied. In any case the buffer is empty.
 *
 * Return: skb, NULL without memory.
 */
struct sk_buff *netvsc_rx_buf_to_skb(struct netvsc_queue *q, bool *changed);

/* ---- memory of a socket ---- */

/**
 * netvsc_rx_buf_free_chunks() - give back what is left of a socket's stock
 * @xsk: the socket; no poll sees it any more
 */
void netvsc_rx_buf_free_chunks(struct netvsc_xsk *xsk);

#endif /* _NETVSC_RX_BUF_H */
