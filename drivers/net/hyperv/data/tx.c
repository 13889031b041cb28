// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: from an skb to the ring
 *
 * Promise: every frame handed in ends exactly once: copied and freed, freed at
 * its completion, given back as busy while something is in flight that will
 * wake the queue, sent round the stack again to be cut, or dropped and counted.
 * What is freed at the completion is charged to its socket until then, which
 * bounds what one sender has in the ring: that is why the last frame of a section
 * is kept, and a tiny one, though both were copied.
 *
 * Neighbours: of this room, tx_select finds the queue, tx_meta looks at the frame,
 * tx_recut has one cut that must be, tx_flow stops and wakes queues and counts
 * completions. lib/batch decides how a frame travels, lib/rndis_tx writes its header,
 * send has sections and slots. netdev hands frames in.
 *
 *	         append / start                 partial, direct
 *	skb ------ copy ----> open section       skb's pages
 *	     (all but the last     |                  |
 *	     are freed here)       |                  |
 *	                           +---- one packet --+--> ring ... completion
 *
 * The header is composed where the host reads it: in the section, or in memory
 * of the request's slot that never crosses a page (sheet 7.4); a tiny frame that
 * found no section is copied there too.
 *
 * Locks: the open section belongs to the transmit lock of the stack's queue
 * (R24); the ring and the ids to netvsc_queue.lock, taken inside. Completions
 * run in NAPI beside both.
 */
#include <linux/skbuff.h>

#include "buf/send.h"
#include "buf/send_post.h"
#include "bus/chan_ring.h"
#include "data/tx.h"
#include "data/tx_flow.h"
#include "data/tx_meta.h"
#include "lib/rndis_tx.h"
#include "netvsc.h"

/* ---- sending ---- */

/**
 * struct tx_frame - one frame on its way
 * @skb: the frame
 * @hdr: its RNDIS header
 * @more: another one follows at once
 */
struct tx_frame {
	struct sk_buff *skb;
	struct netvsc_send_header hdr;
	bool more;
};

/* Known to BQL, but will never be completed; @skb: NULL, or still ours. */
static noinline void tx_drop_posted(struct netvsc_queue *q,
				    struct sk_buff *skb, u32 pkts, u32 bytes,
				    int err)
{
	dev_kfree_skb_any(skb);
	netvsc_tx_count_drops(q, pkts);
	if (err == -EAGAIN)
		netvsc_count(q->ndev, NETVSC_CNT_TX_NO_SPACE);
	else if (err == -ENOMEM)
		netvsc_count(q->ndev, NETVSC_CNT_TX_NO_MEMORY);
	else if (err == -ENODEV && q->index)
		q->nvdev->events->broken(q->nvdev);
	/* BQL takes completions from NAPI only. */
	atomic_add(bytes, &q->lost_bytes);
	napi_schedule(&q->napi);
}

static __always_inline void tx_check_room(struct netvsc_queue *q)
{
	if (unlikely(netvsc_send_is_low(q))) {
		/* A stopped queue is not called again (R25). */
		netvsc_chan_publish(q);
		netvsc_tx_stop_queue(q);
	}
}

/* Sends what the open section holds; on failure it is lost. @skb: its last frame, or NULL. */
static void tx_post_section(struct netvsc_queue *q, struct sk_buff *skb,
			    bool more)
{
	struct netvsc_send_open *open = &q->open;
	int err;

	err = netvsc_send_post_open(q, open, NETVSC_SLOT_TX, skb, more);
	tx_check_room(q);
	if (unlikely(err))
		tx_drop_posted(q, skb, open->batch.pkts, open->bytes, err);
	netvsc_send_close(open);
}

/* Sends what is parked; unless more follows, the host knows then. */
static void tx_flush_section(struct netvsc_queue *q, bool more)
{
	if (q->open.batch.pkts)
		tx_post_section(q, NULL, more);
	else if (!more)
		netvsc_chan_publish(q);
}

/* Behind what the open section holds; the caller knows that it fits. */
static void tx_append_frame(struct netvsc_queue *q, struct tx_frame *frame)
{
	const struct netvsc_batch_limits *limits = &q->nvdev->limits;
	u32 len = frame->hdr.bytes + frame->skb->len;
	u8 *to = netvsc_send_place(q, &q->open);
	struct sk_buff *skb = frame->skb;
	bool more, stays;
	u32 pad = 0;

	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	stays = netvsc_batch_stays_open(limits, q->open.batch.pkts + 1, more);
	if (stays)
		pad = netvsc_batch_pad(limits, len);

	netvsc_rndis_tx_put_header(to, frame->hdr.bytes, &frame->hdr.meta,
				   skb->len, pad);
	if (likely(!skb_is_nonlinear(skb)))
		memcpy(to + frame->hdr.bytes, skb->data, skb->len);
	else
		skb_copy_bits(skb, 0, to + frame->hdr.bytes, skb->len);
	netvsc_send_added(&q->open, to, len, pad, skb->len);

	skb_tx_timestamp(skb);
	if (stays)
		dev_consume_skb_any(skb);
	else
		tx_post_section(q, skb, more);
}

/* @placed: ranges that come before, of memory known only with the slot */
static int tx_list_pages(struct netvsc_queue *q, const struct sk_buff *skb,
			 u32 placed)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	return netvsc_send_list_pages(&q->gpa, placed, skb->data,
				      skb_headlen(skb), info->frags,
				      info->nr_frags);
}

/* R28: too many pieces are made one, once. */
static int tx_list_or_linearize(struct netvsc_queue *q,
				struct sk_buff **pskb, u32 placed)
{
	int err;

	if (likely(!tx_list_pages(q, *pskb, placed)))
		return 0;
	netvsc_count(q->ndev, NETVSC_CNT_TX_SCATTERED);
	err = netvsc_tx_own(q, pskb);
	if (err)
		return err;
	if (skb_linearize(*pskb)) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_NO_MEMORY);
		return -ENOMEM;
	}
	if (!tx_list_pages(q, *pskb, placed))
		return 0;
	netvsc_count(q->ndev, NETVSC_CNT_TX_TOO_BIG);
	return -E2BIG;
}

/* Header and frame over several sections (R18). */
static noinline int tx_send_multi(struct netvsc_queue *q,
				  struct tx_frame *frame)
{
	struct netvsc_send_multi multi;
	u32 len = frame->skb->len;
	bool more;
	int err;

	err = netvsc_send_fill_multi(q, &multi, frame->skb, &frame->hdr);
	if (err)
		return err;
	more = !__netdev_tx_sent_queue(q->txq, len, frame->more);
	skb_tx_timestamp(frame->skb);
	err = netvsc_send_post_multi(q, &multi, len, more);
	tx_check_room(q);
	if (err)
		tx_drop_posted(q, NULL, 1, len, err);
	dev_consume_skb_any(frame->skb);
	return 0;
}

/* The frame is known to BQL; its pages are listed. */
static __always_inline void tx_post_pages(struct netvsc_queue *q,
					  const struct netvsc_send_pages *pages,
					  bool more)
{
	struct sk_buff *skb = pages->what.skb;
	int err;

	err = netvsc_send_post_pages(q, pages, more);
	tx_check_room(q);
	if (unlikely(err))
		tx_drop_posted(q, skb, pages->what.pkts, pages->what.bytes, err);
}

/* Header behind what the open section holds, the frame by its pages. */
static int tx_send_partial(struct netvsc_queue *q, struct tx_frame *frame)
{
	struct netvsc_send_open *open = &q->open;
	struct netvsc_send_pages pages;
	struct sk_buff *skb;
	bool more;
	int err;

	err = tx_list_or_linearize(q, &frame->skb, 0);
	if (err)
		return err;
	skb = frame->skb;
	netvsc_rndis_tx_put_header(netvsc_send_place(q, open),
				   frame->hdr.bytes, &frame->hdr.meta,
				   skb->len, 0);
	pages = (struct netvsc_send_pages){
		.gpa = &q->gpa,
		.what = {
			.kind = NETVSC_SLOT_TX,
			.pkts = open->batch.pkts + 1,
			.bytes = open->bytes + skb->len,
			.section = open->section,
			.skb = skb,
		},
		.section_bytes = open->batch.used + frame->hdr.bytes,
	};
	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	skb_tx_timestamp(skb);
	netvsc_send_close(open);
	tx_post_pages(q, &pages, more);
	return 0;
}

/*
 * The frame by its pages, the header in the memory of the slot. A frame that
 * fits there as well travels like a copied one.
 */
static int tx_send_direct(struct netvsc_queue *q, struct tx_frame *frame)
{
	struct netvsc_send_pages pages;
	struct sk_buff *skb;
	bool more, tiny;
	int err;

	if (!netvsc_send_may_show_pages())
		return tx_send_multi(q, frame);
	tiny = frame->hdr.bytes + frame->skb->len <= NETVSC_HEADER_BYTES;
	if (unlikely(tiny)) {
		netvsc_gpa_init_placed(&q->gpa, 2);
	} else {
		err = tx_list_or_linearize(q, &frame->skb, 1);
		if (err)
			return err;
	}
	skb = frame->skb;
	pages = (struct netvsc_send_pages){
		.gpa = &q->gpa,
		.what = {
			.kind = NETVSC_SLOT_TX,
			.pkts = 1,
			.bytes = skb->len,
			.section = NVSP_SECTION_NONE,
			.skb = skb,
		},
		.hdr = &frame->hdr,
		.tiny = tiny ? skb : NULL,
	};
	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	skb_tx_timestamp(skb);
	tx_post_pages(q, &pages, more);
	return 0;
}

static int tx_start_section(struct netvsc_queue *q, struct tx_frame *frame)
{
	if (q->open.batch.pkts)
		tx_flush_section(q, true);
	if (unlikely(netvsc_send_claim(q, &q->open)))
		return tx_send_direct(q, frame);
	tx_append_frame(q, frame);
	return 0;
}

static int tx_send_frame(struct netvsc_queue *q, struct tx_frame *frame)
{
	u32 hdr = frame->hdr.bytes;

	switch (netvsc_batch_decide(&q->open.batch, &q->nvdev->limits, hdr,
				    hdr + frame->skb->len)) {
	case NETVSC_BATCH_APPEND:
		tx_append_frame(q, frame);
		return 0;
	case NETVSC_BATCH_PARTIAL:
		if (!netvsc_send_may_show_pages())
			break;
		return tx_send_partial(q, frame);
	case NETVSC_BATCH_START:
		return tx_start_section(q, frame);
	case NETVSC_BATCH_DIRECT:
		break;
	}
	if (q->open.batch.pkts)
		tx_flush_section(q, true);
	return tx_send_direct(q, frame);
}

/* ---- the stack's side ---- */

static netdev_tx_t tx_handle_no_room(struct netvsc_queue *q,
				     struct sk_buff *skb)
{
	/* What is parked may be what gets the completions going. */
	tx_flush_section(q, false);
	if (netvsc_send_free_slots(q) < q->slot_cnt) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_BUSY);
		netvsc_tx_stop_queue(q);
		return NETDEV_TX_BUSY;
	}
	/* Nothing in flight: no completion would ever wake the queue (R23). */
	netvsc_count(q->ndev, NETVSC_CNT_TX_NO_SPACE);
	netvsc_tx_count_drops(q, 1);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

netdev_tx_t netvsc_tx_xmit(struct netvsc_queue *q, struct sk_buff *skb,
			   bool more)
{
	struct tx_frame frame = { .skb = skb, .more = more };

	if (unlikely(READ_ONCE(q->nvdev->tx_off))) {
		/* It is soon over: the stack keeps the frame. */
		if (READ_ONCE(q->nvdev->tx_off) == BIT(NETVSC_TX_OFF_TEST))
			return NETDEV_TX_BUSY;
		/* No sender comes behind that would send what is parked. */
		more = false;
		goto drop;
	}
	/* Slots too: a queue with too few of them was stopped. */
	if (unlikely(!netvsc_chan_has_room(q, NETVSC_CHAN_RESERVE_BYTES)) ||
	    !netvsc_send_has_sections(q->nvdev, skb->len))
		return tx_handle_no_room(q, skb);
	if (!netvsc_tx_is_plain(q, skb) &&
	    unlikely(netvsc_tx_find_meta(q, &frame.skb, &frame.hdr.meta)))
		goto drop;
	frame.hdr.bytes = netvsc_rndis_tx_header_bytes(&frame.hdr.meta);
	if (likely(!tx_send_frame(q, &frame)))
		return NETDEV_TX_OK;
drop:
	/* One that has to be cut is not lost. */
	if (frame.skb)
		netvsc_tx_count_drops(q, 1);
	dev_kfree_skb_any(frame.skb);
	if (!more)
		tx_flush_section(q, false);
	return NETDEV_TX_OK;
}

void netvsc_tx_flush(struct netvsc_queue *q)
{
	__netif_tx_lock_bh(q->txq);
	tx_flush_section(q, false);
	__netif_tx_unlock_bh(q->txq);
}
