// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rx: memory of received frames
 *
 * Promise: no allocation above order 0, whatever the frame's size; pages come
 * back to the queue that filled them; a frame is copied once.
 *
 * Neighbours: see rx.c, which this file belongs to. The kernel's page pool does
 * the recycling and the statistics.
 *
 *	up to 256 bytes		small skb of the stack
 *	half a page		skb built on it: MTU 1500 takes one
 *	a page			skb built on it
 *	more			the same, and pages as fragments
 *
 * An skb that is built on a page has the head that GRO merges as a fragment; it
 * does not make copies of headers. Frames are not read by a device, so nothing
 * is mapped for DMA.
 *
 * Locks: the pool belongs to the queue's NAPI; pages go back from anywhere.
 */
#include <linux/skbuff.h>

#include "compat/page_pool.h"
#include "netvsc.h"
#include "rx_buf.h"
#include "rx_skb.h"

/* In front of a frame; programs want more, see rx_buf.h. */
#define HEADROOM	NET_SKB_PAD
/* Behind it. */
#define TAILROOM	SKB_DATA_ALIGN(sizeof(struct skb_shared_info))

struct sk_buff *netvsc_rx_skb_alloc(struct netvsc_queue *q, u32 bytes)
{
	unsigned int offset, size = PAGE_SIZE;
	struct sk_buff *skb;
	struct page *page;

	if (bytes <= SKB_WITH_OVERHEAD(PAGE_SIZE / 2) - HEADROOM)
		size = PAGE_SIZE / 2;
	page = page_pool_dev_alloc_frag(q->rx_buf->pool, &offset, size);
	if (unlikely(!page))
		return NULL;
	skb = napi_build_skb(page_address(page) + offset, size);
	if (unlikely(!skb)) {
		page_pool_put_full_page(q->rx_buf->pool, page, true);
		return NULL;
	}
	skb_reserve(skb, HEADROOM);
	skb_mark_for_recycle(skb);
	return skb;
}

/**
 * struct rx_skb_tail - where the next byte of a frame goes; in skb->cb until the frame
 * is delivered
 * @at: address
 * @room: bytes there
 */
struct rx_skb_tail {
	u8 *at;
	u32 room;
};

static struct rx_skb_tail *rx_skb_tail_of(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct rx_skb_tail) > sizeof(skb->cb));
	return (struct rx_skb_tail *)skb->cb;
}

/* Copies what has room, into the last fragment if there are any. */
static __always_inline void rx_put_bytes(struct sk_buff *skb,
					 struct rx_skb_tail *end,
					 const void *from, u32 bytes)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	memcpy(end->at, from, bytes);
	end->at += bytes;
	end->room -= bytes;
	skb->len += bytes;
	if (info->nr_frags) {
		skb->data_len += bytes;
		skb_frag_size_add(&info->frags[info->nr_frags - 1], bytes);
	} else {
		skb->tail += bytes;
	}
}

/* One more fragment, empty; false: no memory, or too many. */
static bool rx_add_page(struct netvsc_queue *q, struct sk_buff *skb,
			struct rx_skb_tail *end)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int offset;
	struct page *page;

	if (unlikely(info->nr_frags == MAX_SKB_FRAGS))
		return false;
	page = page_pool_dev_alloc_frag(q->rx_buf->pool, &offset, PAGE_SIZE);
	if (unlikely(!page))
		return false;
	skb_add_rx_frag(skb, info->nr_frags, page, offset, 0, PAGE_SIZE);
	end->at = page_address(page) + offset;
	end->room = PAGE_SIZE;
	return true;
}

static noinline bool rx_put_over_pages(struct netvsc_queue *q,
				       struct sk_buff *skb,
				       struct rx_skb_tail *end,
				       const void *from, u32 bytes)
{
	u32 n;

	while (bytes) {
		if (!end->room && !rx_add_page(q, skb, end))
			return false;
		n = min(bytes, end->room);
		rx_put_bytes(skb, end, from, n);
		from += n;
		bytes -= n;
	}
	return true;
}

bool netvsc_rx_skb_add(struct netvsc_queue *q, struct sk_buff *skb,
		       const void *from, u32 bytes)
{
	struct rx_skb_tail *end = rx_skb_tail_of(skb);

	if (unlikely(!skb->len))
		*end = (struct rx_skb_tail){ skb_tail_pointer(skb),
					     skb_tailroom(skb) };
	if (unlikely(bytes > end->room))
		return rx_put_over_pages(q, skb, end, from, bytes);
	rx_put_bytes(skb, end, from, bytes);
	return true;
}
