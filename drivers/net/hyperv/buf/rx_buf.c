// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rx_buf: the memory of received frames
 *
 * Promise: nobody else knows where the bytes of a received frame are. It is
 * copied once out of the receive section; one that a program drops or sends back
 * costs no allocation; no allocation is above order 0.
 *
 * Neighbours: rx copies frames in and takes skbs out; xdp shows a frame to its
 * program, xdp_tx.c sends it back, xdp_xsk.c brings the memory of sockets. The
 * kernel's page pool does the recycling and the statistics.
 *
 *	for the stack, whole
 *	  up to 256 bytes	small skb of the stack
 *	  2 KiB			skb built on a piece of a page: MTU 1500 takes one
 *	  4, 8, ... KiB		likewise, where a page is larger
 *	  a page		skb built on it
 *	  more			in the buffer
 *	in pieces, or for a program: in the buffer
 *	  a page		the queue's
 *	  more			the same, and pages as fragments
 *	  with a socket		a chunk of it in place of the page, for a program
 *
 * The pages are those of the queue's pool, so they are where they belong
 * wherever they go, and come back. That of the buffer stays until somebody takes
 * a frame with it. An skb that is built on a page has the head that GRO merges as
 * a fragment; it does not make copies of headers.
 *
 * States of the buffer, one for a queue:
 *
 *	empty	begin -> open, fill -> whole
 *	open	append; end -> whole; cancel, or an append that fails -> empty
 *	whole	drop, consumed, to_skb -> empty
 *
 * Frames are not read by a device, so nothing is mapped for DMA.
 *
 * Locks: all of this belongs to the queue's NAPI; pages go back from anywhere.
 */
#include <linux/netdevice.h>
#include <linux/numa.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#include "buf/rx_buf.h"
#include "compat/page_pool.h"
#include "compat/xdp.h"
#include "lib/rsc.h"
#include "lib/sizing.h"
#include "netvsc.h"

/* Pages kept for recycling, per queue: 1 MB. */
#define POOL_PAGES	256

/* ---- memory of a queue ---- */

static struct page_pool *rx_buf_create_pool(struct netvsc_queue *q)
{
	struct page_pool_params params = {
		.flags = NETVSC_POOL_FLAGS,
		.pool_size = POOL_PAGES,
		.nid = NUMA_NO_NODE,
	};

	netvsc_pool_owner(&params, q->ndev, &q->napi);
	return page_pool_create(&params);
}

static int rx_buf_register(struct netvsc_queue *q, struct netvsc_rx_buf *buf)
{
	int err;

	/* Fragments have pages of their own, so they may grow. */
	err = __xdp_rxq_info_reg(&buf->rxq, q->ndev, q->index, 0, PAGE_SIZE);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&buf->rxq, MEM_TYPE_PAGE_POOL,
					 buf->pool);
	if (err)
		xdp_rxq_info_unreg(&buf->rxq);
	return err;
}

int netvsc_rx_buf_alloc(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf;
	int err;

	buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	buf->pool = rx_buf_create_pool(q);
	if (IS_ERR(buf->pool)) {
		err = PTR_ERR(buf->pool);
		goto free_buf;
	}
	err = rx_buf_register(q, buf);
	if (err)
		goto destroy_pool;
	xdp_init_buff(&buf->own.xdp, PAGE_SIZE, &buf->rxq);
	buf->cur = &buf->own.xdp;
	q->rx_buf = buf;
	return 0;

destroy_pool:
	page_pool_destroy(buf->pool);
free_buf:
	kfree(buf);
	return err;
}

void netvsc_rx_buf_free(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf = q->rx_buf;

	if (!buf)
		return;
	q->rx_buf = NULL;
	if (buf->page)
		page_pool_put_full_page(buf->pool, buf->page, false);
	xdp_rxq_info_unreg(&buf->rxq);
	page_pool_destroy(buf->pool);
	kfree(buf);
}

void netvsc_rx_buf_start(struct netvsc_queue *q)
{
	/* For sockets that poll; nobody reads it yet. */
	netvsc_xdp_set_napi_id(&q->rx_buf->rxq, q->napi.napi_id);
}

static struct page *rx_buf_alloc_page(struct netvsc_rx_buf *buf)
{
	struct page *page = page_pool_dev_alloc_pages(buf->pool);

	/* Not a piece: one that leaves the pool for good must leave it whole. */
	if (likely(page))
		netvsc_pool_whole_page(page);
	return page;
}

/* ---- page or chunk ---- */

/*
 * Nothing is in the buffer, whoever had the memory of the last frame: a socket
 * that is gone has taken its chunks along.
 */
static void rx_buf_set_empty(struct netvsc_rx_buf *buf)
{
	buf->own.xdp.flags = 0;
	buf->cur = &buf->own.xdp;
	buf->xsk = NULL;
}

/* What at_once says. */
bool netvsc_rx_buf_use_page(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf = q->rx_buf;

	rx_buf_set_empty(buf);
	if (!buf->page) {
		buf->page = rx_buf_alloc_page(buf);
		if (unlikely(!buf->page))
			return false;
	}
	buf->own.xdp.data_hard_start = page_address(buf->page);
	buf->at_once = true;
	return true;
}

/* False: the socket gave us none. */
static noinline bool rx_buf_refill_chunks(struct netvsc_xsk *xsk)
{
	xsk->next = 0;
	xsk->cnt = xsk_buff_alloc_batch(xsk->pool, xsk->stock,
					NETVSC_XSK_STOCK);
	if (xsk_uses_need_wakeup(xsk->pool)) {
		if (xsk->cnt)
			xsk_clear_rx_need_wakeup(xsk->pool);
		else
			xsk_set_rx_need_wakeup(xsk->pool);
	}
	return xsk->cnt;
}

void netvsc_rx_buf_free_chunks(struct netvsc_xsk *xsk)
{
	for (; xsk->cnt; xsk->cnt--)
		xsk_buff_free(xsk->stock[xsk->next++]);
}

/* ---- a frame that comes in pieces ---- */

bool netvsc_rx_buf_begin(struct netvsc_queue *q,
			 enum netvsc_rx_buf_reader reader)
{
	struct netvsc_xsk *xsk = READ_ONCE(q->xsk);
	struct netvsc_rx_buf *buf = q->rx_buf;
	struct xdp_buff *own = &buf->own.xdp;

	/* Without a chunk only the socket loses its frames. */
	if (unlikely(xsk) && reader != NETVSC_RX_BUF_STACK &&
	    (xsk->cnt || rx_buf_refill_chunks(xsk))) {
		buf->at = netvsc_rx_buf_use_chunk(buf, xsk)->data;
		buf->room = xsk->bytes;
		buf->may_grow = false;
		return true;
	}
	if (unlikely(!netvsc_rx_buf_use_page(q)))
		return false;
	xdp_prepare_buff(own, own->data_hard_start, XDP_PACKET_HEADROOM, 0,
			 true);
	buf->at = own->data;
	buf->room = NETVSC_RX_BUF_LINEAR_BYTES;
	buf->may_grow = reader != NETVSC_RX_BUF_PROG;
	return true;
}

/* One more fragment, empty; an error: no memory, or too many. */
static int rx_buf_add_page(struct netvsc_rx_buf *buf)
{
	struct xdp_buff *xdp = &buf->own.xdp;
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);
	struct page *page;

	if (!xdp_buff_has_frags(xdp)) {
		xdp->data_end = buf->at;
		info->nr_frags = 0;
		xdp_buff_set_frags_flag(xdp);
	}
	if (unlikely(info->nr_frags == MAX_SKB_FRAGS))
		return -ENOMEM;
	page = rx_buf_alloc_page(buf);
	if (unlikely(!page))
		return -ENOMEM;
	if (page_is_pfmemalloc(page))
		xdp_buff_set_frag_pfmemalloc(xdp);
	/* The last one may be less: netvsc_rx_buf_end(). */
	__skb_fill_page_desc_noacc(info, info->nr_frags++, page, 0, PAGE_SIZE);
	buf->at = page_address(page);
	buf->room = PAGE_SIZE;
	return 0;
}

int netvsc_rx_buf_append_pages(struct netvsc_queue *q, const void *from,
			       u32 bytes)
{
	struct netvsc_rx_buf *buf = q->rx_buf;
	int err = buf->may_grow ? 0 : -E2BIG;
	u32 n;

	if (unlikely(!buf->at))
		return -ENOENT;
	while (!err) {
		n = min(bytes, buf->room);
		memcpy(buf->at, from, n);
		buf->at += n;
		buf->room -= n;
		if (n == bytes)
			return 0;
		from += n;
		bytes -= n;
		err = rx_buf_add_page(buf);
	}
	netvsc_rx_buf_cancel(q);
	return err;
}

/* All fragments but the last are full. */
static void rx_buf_end_frags(struct netvsc_rx_buf *buf)
{
	struct skb_shared_info *info;
	u32 last;

	info = xdp_get_shared_info_from_buff(&buf->own.xdp);
	last = info->nr_frags - 1;
	skb_frag_size_set(&info->frags[last], PAGE_SIZE - buf->room);
	info->xdp_frags_size = info->nr_frags * PAGE_SIZE - buf->room;
}

void netvsc_rx_buf_end(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf = q->rx_buf;

	if (xdp_buff_has_frags(buf->cur))
		rx_buf_end_frags(buf);
	else
		buf->cur->data_end = buf->at;
	buf->bytes = xdp_get_buff_len(buf->cur);
	buf->at = NULL;
	buf->room = 0;
}

void netvsc_rx_buf_cancel(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf = q->rx_buf;

	if (!buf->at)
		return;
	buf->at = NULL;
	buf->room = 0;
	netvsc_rx_buf_drop(q);
}

/* ---- a frame that is there whole, for the stack ---- */

struct sk_buff *netvsc_rx_buf_alloc_skb(struct netvsc_queue *q, u32 bytes)
{
	u32 need = NET_SKB_PAD + bytes + SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	unsigned int offset, size = netvsc_sizing_piece(need, PAGE_SIZE);
	struct page_pool *pool = q->rx_buf->pool;
	struct sk_buff *skb;
	struct page *page;

	page = page_pool_dev_alloc_frag(pool, &offset, size);
	if (unlikely(!page))
		return NULL;
	skb = napi_build_skb(page_address(page) + offset, size);
	if (unlikely(!skb)) {
		page_pool_put_full_page(pool, page, true);
		return NULL;
	}
	skb_reserve(skb, NET_SKB_PAD);
	skb_mark_for_recycle(skb);
	return skb;
}

struct sk_buff *netvsc_rx_buf_copy_pages(struct netvsc_queue *q,
					 const void *from, u32 bytes)
{
	bool changed;

	if (netvsc_rx_buf_fill_pages(q, NETVSC_RX_BUF_STACK, from, bytes))
		return NULL;
	return netvsc_rx_buf_to_skb(q, &changed);
}

/* ---- a frame that is there whole, for a program ---- */

int netvsc_rx_buf_fill_pages(struct netvsc_queue *q,
			     enum netvsc_rx_buf_reader reader,
			     const void *from, u32 bytes)
{
	int err;

	if (unlikely(bytes > NETVSC_RSC_MAX_BYTES))
		return -E2BIG;
	if (unlikely(!netvsc_rx_buf_begin(q, reader)))
		return -ENOMEM;
	err = netvsc_rx_buf_append(q, from, bytes);
	if (likely(!err))
		netvsc_rx_buf_end(q);
	return err;
}

int netvsc_rx_buf_fill_refilled(struct netvsc_queue *q, struct netvsc_xsk *xsk,
				enum netvsc_rx_buf_reader reader,
				const void *from, u32 bytes)
{
	/* Without a chunk only the socket loses the frame. */
	if (!rx_buf_refill_chunks(xsk))
		return netvsc_rx_buf_fill_page(q, reader, from, bytes);
	return netvsc_rx_buf_fill_chunk(q, xsk, reader, from, bytes);
}

/* ---- what becomes of it ---- */

noinline void netvsc_rx_buf_drop_frags(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf = q->rx_buf;
	struct skb_shared_info *info;
	u32 i;

	info = xdp_get_shared_info_from_buff(buf->cur);
	for (i = 0; i < info->nr_frags; i++)
		page_pool_put_full_page(buf->pool,
					skb_frag_page(&info->frags[i]), true);
	buf->cur->flags = 0;
}

/*
 * Kernels differ in whether a chunk that found no room in its socket's ring is
 * free then; freeing it twice is once, and it may not be used.
 */
void netvsc_rx_buf_drop_refused(struct netvsc_queue *q)
{
	struct netvsc_rx_buf *buf = q->rx_buf;

	if (!buf->xsk) {
		netvsc_rx_buf_drop(q);
		return;
	}
	xsk_buff_free(buf->cur);
	netvsc_rx_buf_consumed(q);
}

/* With what a program left in front of the frame for those behind it. */
static struct sk_buff *rx_buf_copy_small(struct netvsc_queue *q,
					 struct xdp_buff *xdp, u32 meta)
{
	u32 bytes = meta + (xdp->data_end - xdp->data);
	struct sk_buff *skb;

	skb = napi_alloc_skb(&q->napi, bytes);
	if (unlikely(!skb))
		return NULL;
	memcpy(__skb_put(skb, bytes), xdp->data - meta, bytes);
	if (meta) {
		skb_metadata_set(skb, meta);
		__skb_pull(skb, meta);
	}
	return skb;
}

static struct sk_buff *rx_buf_build_on_page(struct netvsc_queue *q,
					    struct xdp_buff *xdp, u32 meta)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);
	u32 frags = 0, frags_size = 0;
	struct sk_buff *skb;

	/* Building the skb clears them. */
	if (unlikely(xdp_buff_has_frags(xdp))) {
		frags = info->nr_frags;
		frags_size = info->xdp_frags_size;
	}
	skb = napi_build_skb(xdp->data_hard_start, PAGE_SIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (meta)
		skb_metadata_set(skb, meta);
	if (frags)
		xdp_update_skb_frags_info(skb, frags, frags_size,
					  frags * PAGE_SIZE,
					  xdp_buff_get_skb_flags(xdp));
	skb_mark_for_recycle(skb);
	netvsc_rx_buf_consumed(q);
	return skb;
}

struct sk_buff *netvsc_rx_buf_to_skb(struct netvsc_queue *q, bool *changed)
{
	struct netvsc_rx_buf *buf = q->rx_buf;
	struct xdp_buff *xdp = buf->cur;
	struct sk_buff *skb;
	u32 meta = 0;

	*changed = xdp->data != xdp->data_hard_start + XDP_PACKET_HEADROOM ||
		   xdp_get_buff_len(xdp) != buf->bytes;
	if (!xdp_data_meta_unsupported(xdp))
		meta = xdp->data - xdp->data_meta;
	if (buf->xsk || (!xdp_buff_has_frags(xdp) &&
			 xdp->data_end - xdp->data + meta <= NETVSC_RX_BUF_COPYBREAK))
		skb = rx_buf_copy_small(q, xdp, meta);
	else
		skb = rx_buf_build_on_page(q, xdp, meta);
	if (unlikely(!skb))
		netvsc_rx_buf_drop(q);
	return skb;
}
