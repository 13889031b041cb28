// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp: programs on received frames, frames that programs send
 *
 * Promise: a program sees each frame whole and once, or the frame is dropped and
 * counted; what it decides happens exactly so; a frame that it drops or sends
 * back costs no allocation.
 *
 * Neighbours: rx copies frames in and takes those for the stack out. xdp_tx.c
 * sends, xdp_set.c knows the program, xdp_hints.c what programs may ask,
 * xdp_sums.c makes stale sums right; lib/xdp_rules says what a verdict means.
 *
 *	receive section --copy--> the queue's page (headroom, frame, tailroom)
 *	                             |            + pages as fragments
 *	                          program
 *	    DROP, ABORTED            |           nothing more; the page stays
 *	    TX                       |--copy-->  send section; the page stays
 *	    REDIRECT                 |-------->  the page goes, another one comes
 *	    PASS, short              |--copy-->  small skb; the page stays
 *	    PASS                     '-------->  skb built on the page
 *
 * The page is one of the queue's pool, so it is where it belongs wherever it
 * goes, and comes back.
 *
 * A program that does not know fragments is in force only where all frames fit
 * one page (xdp_set.c). One that comes longer all the same - coalesced before
 * the host heard that it should not - is dropped whole: neither may it slip by,
 * nor is its beginning the frame (R44).
 *
 * Locks: all of this belongs to the queue's NAPI.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#include "compat/page_pool.h"
#include "compat/xdp.h"
#include "lib/rndis_rx.h"
#include "lib/rsc.h"
#include "lib/rx_meta.h"
#include "lib/xdp_rules.h"
#include "netvsc.h"
#include "xdp.h"
#include "xdp_buff.h"

/* What is for the stack and as short as this leaves the page where it is. */
#define COPYBREAK	256

/* ---- memory ---- */

static struct page *xdp_alloc_page(struct netvsc_queue *q)
{
	struct page *page = page_pool_dev_alloc_pages(q->pool);

	/* Not a piece: one that leaves the pool for good must leave it whole. */
	if (likely(page))
		netvsc_pool_whole_page(page);
	return page;
}

int netvsc_xdp_alloc(struct netvsc_queue *q)
{
	struct netvsc_xdp *xdp;
	int err;

	xdp = kzalloc(sizeof(*xdp), GFP_KERNEL);
	if (!xdp)
		return -ENOMEM;
	/* Fragments have pages of their own, so they may grow. */
	err = __xdp_rxq_info_reg(&xdp->rxq, q->ndev, q->index, 0, PAGE_SIZE);
	if (err)
		goto free_xdp;
	err = xdp_rxq_info_reg_mem_model(&xdp->rxq, MEM_TYPE_PAGE_POOL,
					 q->pool);
	if (err)
		goto unreg_rxq;
	xdp_init_buff(&xdp->own.xdp, PAGE_SIZE, &xdp->rxq);
	xdp->cur = &xdp->own.xdp;
	q->xdp = xdp;
	return 0;

unreg_rxq:
	xdp_rxq_info_unreg(&xdp->rxq);
free_xdp:
	kfree(xdp);
	return err;
}

void netvsc_xdp_free(struct netvsc_queue *q)
{
	struct netvsc_xdp *xdp = q->xdp;

	if (!xdp)
		return;
	q->xdp = NULL;
	if (xdp->page)
		page_pool_put_full_page(q->pool, xdp->page, false);
	xdp_rxq_info_unreg(&xdp->rxq);
	kfree(xdp);
}

struct bpf_prog *netvsc_xdp_prog(struct netvsc_queue *q)
{
	struct netvsc_priv *priv = netdev_priv(q->ndev);

	return rcu_dereference_bh(priv->xdp_prog);
}

void netvsc_xdp_start(struct netvsc_queue *q)
{
	struct netvsc_priv *priv = netdev_priv(q->ndev);

	/* For sockets that poll; nobody reads it yet. */
	netvsc_xdp_set_napi_id(&q->xdp->rxq, q->napi.napi_id);
	q->xsk = priv->xsk[q->index];
	if (q->xsk)
		netvsc_xdp_set_napi_id(&q->xsk->rxq, q->napi.napi_id);
}

/* ---- the buffer ---- */

static void xdp_use_chunk(struct netvsc_xdp *xdp, struct netvsc_xsk *xsk,
			  struct xdp_buff *chunk)
{
	xdp->cur = chunk;
	xdp->xsk = xsk;
	xdp->at_once = false;
}

/* What at_once says. False: no memory, and nothing is in the buffer. */
static noinline bool xdp_use_page(struct netvsc_queue *q,
				  struct netvsc_xdp *xdp)
{
	netvsc_xdp_empty(xdp);
	if (!xdp->page) {
		xdp->page = xdp_alloc_page(q);
		if (unlikely(!xdp->page))
			return false;
	}
	xdp->own.xdp.data_hard_start = page_address(xdp->page);
	xdp->at_once = true;
	return true;
}

bool netvsc_xdp_begin(struct netvsc_queue *q)
{
	struct netvsc_xsk *xsk = READ_ONCE(q->xsk);
	struct netvsc_xdp *xdp = q->xdp;

	/* Without a chunk only the socket loses its frames. */
	if (unlikely(xsk) && (xsk->cnt || netvsc_xdp_refill_chunks(xsk))) {
		xdp_use_chunk(xdp, xsk, netvsc_xdp_chunk(xsk));
		xdp->limit = xdp->cur->data + xsk->bytes;
		return true;
	}
	if (!xdp_use_page(q, xdp))
		return false;
	xdp_prepare_buff(&xdp->own.xdp, xdp->own.xdp.data_hard_start,
			 XDP_PACKET_HEADROOM, 0, true);
	xdp->limit = xdp_data_hard_end(&xdp->own.xdp);
	return true;
}

/* The last fragment if it has room, or a new one; NULL: no memory. */
static skb_frag_t *xdp_frag_with_room(struct netvsc_queue *q,
				      struct xdp_buff *xdp)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);
	struct page *page;

	if (!xdp_buff_has_frags(xdp)) {
		info->nr_frags = 0;
		info->xdp_frags_size = 0;
		xdp_buff_set_frags_flag(xdp);
	}
	if (info->nr_frags &&
	    skb_frag_size(&info->frags[info->nr_frags - 1]) < PAGE_SIZE)
		return &info->frags[info->nr_frags - 1];
	if (info->nr_frags == MAX_SKB_FRAGS)
		return NULL;
	page = xdp_alloc_page(q);
	if (unlikely(!page))
		return NULL;
	if (page_is_pfmemalloc(page))
		xdp_buff_set_frag_pfmemalloc(xdp);
	__skb_fill_page_desc_noacc(info, info->nr_frags, page, 0, 0);
	return &info->frags[info->nr_frags++];
}

static noinline int xdp_add_frags(struct netvsc_queue *q, struct xdp_buff *xdp,
				  const void *from, u32 bytes)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);
	skb_frag_t *frag;
	u32 n;

	while (bytes) {
		frag = xdp_frag_with_room(q, xdp);
		if (unlikely(!frag))
			return -ENOMEM;
		n = min_t(u32, bytes, PAGE_SIZE - skb_frag_size(frag));
		memcpy(skb_frag_address(frag) + skb_frag_size(frag), from, n);
		skb_frag_size_add(frag, n);
		info->xdp_frags_size += n;
		from += n;
		bytes -= n;
	}
	return 0;
}

int netvsc_xdp_add(struct netvsc_queue *q, const struct bpf_prog *prog,
		   const void *from, u32 bytes)
{
	struct xdp_buff *xdp = q->xdp->cur;
	u32 n = min_t(u32, bytes, q->xdp->limit - xdp->data_end);

	memcpy(xdp->data_end, from, n);
	xdp->data_end += n;
	if (likely(n == bytes))
		return 0;
	if (!prog->aux->xdp_has_frags || q->xdp->xsk)
		return -E2BIG;
	return xdp_add_frags(q, xdp, from + n, bytes - n);
}

u32 netvsc_xdp_bytes(const struct netvsc_queue *q)
{
	return xdp_get_buff_len(q->xdp->cur);
}

static noinline void xdp_drop_frags(struct netvsc_queue *q,
				    struct xdp_buff *xdp)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);
	u32 i;

	for (i = 0; i < info->nr_frags; i++)
		page_pool_put_full_page(q->pool, skb_frag_page(&info->frags[i]),
					true);
	xdp->flags = 0;
}

void netvsc_xdp_drop(struct netvsc_queue *q)
{
	struct xdp_buff *xdp = q->xdp->cur;

	if (unlikely(xdp_buff_has_frags(xdp)))
		xdp_drop_frags(q, xdp);
}

/* ---- the program ---- */

/*
 * A redirect failed. Kernels differ in whether a chunk that found no room in its
 * socket's ring is free then; freeing it twice is once, and it may not be used.
 */
static void xdp_free_chunk(struct netvsc_xdp *xdp)
{
	if (!xdp->xsk)
		return;
	xsk_buff_free(xdp->cur);
	netvsc_xdp_consumed(xdp, true);
}

/* Whatever else a program says than DROP and PASS, and redirects that fail. */
static noinline bool xdp_handle_action(struct netvsc_queue *q,
				       struct bpf_prog *prog, u32 act)
{
	struct netvsc_xdp_sum *sum = &q->xdp->sum;

	switch (netvsc_xdp_rules_todo(act)) {
	case NETVSC_XDP_PASS:
		return true;
	case NETVSC_XDP_SEND:
		if (likely(netvsc_xdp_send_back(q))) {
			sum->tx++;
			return false;
		}
		trace_xdp_exception(q->ndev, prog, act);
		break;
	case NETVSC_XDP_UNKNOWN:
		bpf_warn_invalid_xdp_action(q->ndev, prog, act);
		fallthrough;
	case NETVSC_XDP_ABORT:
		trace_xdp_exception(q->ndev, prog, act);
		break;
	case NETVSC_XDP_REDIRECT:
		/* Traced by who failed. */
		xdp_free_chunk(q->xdp);
		break;
	case NETVSC_XDP_DROP:
		break;
	}
	sum->drop++;
	netvsc_xdp_drop(q);
	return false;
}

/* @is_chunk: as xdp->xsk says, where the caller knows it. */
static __always_inline bool xdp_run_prog(struct netvsc_queue *q,
					 struct netvsc_xdp *xdp, bool is_chunk,
					 struct bpf_prog *prog,
					 struct xdp_buff *buff,
					 const struct netvsc_rx_meta *meta)
{
	u32 act;

	xdp->own.meta = meta;
	/* A chunk has room behind its buffer for this. */
	if (netvsc_has_xdp_hints)
		container_of(buff, struct netvsc_xdp_buff, xdp)->meta = meta;
	act = bpf_prog_run_xdp(prog, buff);
	if (likely(act == XDP_DROP)) {
		xdp->sum.drop++;
		if (unlikely(xdp_buff_has_frags(buff)))
			xdp_drop_frags(q, buff);
		return false;
	}
	if (act == XDP_REDIRECT &&
	    likely(!xdp_do_redirect(q->ndev, buff, prog))) {
		netvsc_xdp_consumed(xdp, is_chunk);
		xdp->sum.redirect++;
		return false;
	}
	return act == XDP_PASS || xdp_handle_action(q, prog, act);
}

bool netvsc_xdp_run(struct netvsc_queue *q, struct bpf_prog *prog,
		    const struct netvsc_rx_meta *meta)
{
	struct netvsc_xdp *xdp = q->xdp;

	if (meta->csum & NETVSC_RX_META_STALE)
		netvsc_xdp_fix_csums(q, meta);
	xdp->before = xdp_get_buff_len(xdp->cur);
	return xdp_run_prog(q, xdp, xdp->xsk, prog, xdp->cur, meta);
}

static noinline int xdp_frame_to_frags(struct netvsc_queue *q,
				       struct bpf_prog *prog, const void *from,
				       const struct netvsc_rx_meta *meta)
{
	int err;

	if (unlikely(meta->data_len > NETVSC_RSC_MAX_BYTES)) {
		netvsc_xdp_empty(q->xdp);
		return -E2BIG;
	}
	if (unlikely(!netvsc_xdp_begin(q)))
		return -ENOMEM;
	err = netvsc_xdp_add(q, prog, from, meta->data_len);
	return err ?: netvsc_xdp_run(q, prog, meta);
}

/* Without a chunk: the page, and only the socket loses the frame. */
static noinline int xdp_frame_to_refill(struct netvsc_queue *q,
					struct netvsc_xsk *xsk,
					struct bpf_prog *prog, const void *from,
					const struct netvsc_rx_meta *meta)
{
	if (!netvsc_xdp_refill_chunks(xsk))
		return xdp_frame_to_frags(q, prog, from, meta);
	return netvsc_xdp_frame_to_socket(q, xsk, prog, from, meta);
}

int netvsc_xdp_frame_to_socket(struct netvsc_queue *q, struct netvsc_xsk *xsk,
			       struct bpf_prog *prog, const void *from,
			       const struct netvsc_rx_meta *meta)
{
	struct netvsc_xdp *xdp = q->xdp;
	u32 bytes = meta->data_len;
	struct xdp_buff *chunk;

	if (unlikely(!xsk->cnt))
		return xdp_frame_to_refill(q, xsk, prog, from, meta);
	if (unlikely(bytes > xsk->bytes || (meta->csum & NETVSC_RX_META_STALE)))
		return xdp_frame_to_frags(q, prog, from, meta);
	chunk = netvsc_xdp_chunk(xsk);
	chunk->data_end = chunk->data + bytes;
	xdp->before = bytes;
	xdp_use_chunk(xdp, xsk, chunk);
	memcpy(chunk->data, from, bytes);
	return xdp_run_prog(q, xdp, true, prog, chunk, meta);
}

int netvsc_xdp_frame_to_page(struct netvsc_queue *q, struct bpf_prog *prog,
			     const void *from,
			     const struct netvsc_rx_meta *meta)
{
	struct netvsc_xdp *xdp = q->xdp;
	struct xdp_buff *buff = &xdp->own.xdp;
	u32 bytes = meta->data_len;

	if (unlikely(!xdp->at_once) && unlikely(!xdp_use_page(q, xdp)))
		return -ENOMEM;
	if (unlikely(bytes > NETVSC_XDP_LINEAR_BYTES ||
		     (meta->csum & NETVSC_RX_META_STALE)))
		return xdp_frame_to_frags(q, prog, from, meta);
	/* All but where the page is: a program may have moved it. */
	buff->flags = 0;
	xdp_prepare_buff(buff, buff->data_hard_start, XDP_PACKET_HEADROOM,
			 bytes, true);
	xdp->before = bytes;
	/* One call, whatever can be known of the length. */
	OPTIMIZER_HIDE_VAR(bytes);
	memcpy(buff->data, from, bytes);
	return xdp_run_prog(q, xdp, false, prog, buff, meta);
}

struct netvsc_xdp_sum netvsc_xdp_done(struct netvsc_queue *q)
{
	struct netvsc_xdp_sum sum = q->xdp->sum;

	q->xdp->sum = (struct netvsc_xdp_sum){};
	if (sum.redirect)
		xdp_do_flush();
	if (sum.tx)
		netvsc_xdp_send_flush(q, &q->xdp->send);
	return sum;
}

/* ---- to the stack ---- */

/* With what a program left in front of the frame for those behind it. */
static struct sk_buff *xdp_copy_small(struct netvsc_queue *q,
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

static struct sk_buff *xdp_build_on_page(struct netvsc_queue *q,
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
	netvsc_xdp_consumed(q->xdp, false);
	return skb;
}

struct sk_buff *netvsc_xdp_skb(struct netvsc_queue *q, bool *changed)
{
	struct xdp_buff *xdp = q->xdp->cur;
	struct sk_buff *skb;
	u32 meta = 0;

	*changed = xdp->data != xdp->data_hard_start + XDP_PACKET_HEADROOM ||
		   xdp_get_buff_len(xdp) != q->xdp->before;
	if (!xdp_data_meta_unsupported(xdp))
		meta = xdp->data - xdp->data_meta;
	if (q->xdp->xsk || (!xdp_buff_has_frags(xdp) &&
			    xdp->data_end - xdp->data + meta <= COPYBREAK))
		skb = xdp_copy_small(q, xdp, meta);
	else
		skb = xdp_build_on_page(q, xdp, meta);
	if (unlikely(!skb))
		netvsc_xdp_drop(q);
	return skb;
}
