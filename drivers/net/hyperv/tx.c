// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: from an skb to the ring
 *
 * Promise: every frame handed in ends exactly once: copied and freed, freed at
 * its completion, given back as busy while something is in flight that will
 * wake the queue, or dropped and counted.
 *
 * Neighbours: of this room, tx_select finds the queue, tx_meta looks at the frame and
 * tx_flow stops and wakes queues and counts completions. lib/batch decides how a frame
 * travels, lib/rndis_tx writes its header, lib/section knows the send sections, chan
 * writes the ring, send ends what was sent. netdev hands frames in.
 *
 *	         append / start                 partial, direct
 *	skb ------ copy ----> open section       skb's pages
 *	     (freed here)          |                  |
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

#include "chan_ring.h"
#include "lib/rndis_tx.h"
#include "lib/share.h"
#include "netvsc.h"
#include "send.h"
#include "tx.h"
#include "tx_meta.h"
#include "tx_flow.h"

/* ---- room in ring and id table ---- */

/* Slots too: a queue with fewer than NETVSC_SHARE_STOP_SLOTS was stopped. */
static bool tx_has_room(struct netvsc_queue *q)
{
	return netvsc_chan_has_room(q, NETVSC_CHAN_RESERVE_BYTES);
}

static __always_inline bool tx_room_is_low(struct netvsc_queue *q)
{
	return netvsc_share_stack_stops(netvsc_tx_free_slots(q)) ||
	       !netvsc_chan_has_room(q, q->stop_bytes);
}

/* ---- sending ---- */

/**
 * struct tx_frame - one frame on its way
 * @skb: the frame
 * @meta: what the host must know about it
 * @hdr: bytes of its RNDIS header
 * @more: another one follows at once
 * @tiny: both fit where otherwise the header alone would be
 */
struct tx_frame {
	struct sk_buff *skb;
	struct netvsc_tx_meta meta;
	u32 hdr;
	bool more;
	bool tiny;
};

/* Told to BQL, but will never be completed. */
static void tx_drop_posted(struct netvsc_queue *q,
			   const struct netvsc_slot *what, int err)
{
	if (what->section != NVSP_SECTION_NONE)
		netvsc_section_release(&q->nvdev->sections, what->section);
	dev_kfree_skb_any(what->skb);
	netvsc_tx_count_drops(q, what->pkts);
	if (err == -EAGAIN)
		netvsc_count(q->ndev, NETVSC_CNT_TX_NO_SPACE);
	else if (err == -ENODEV && q->index)
		q->nvdev->events->broken(q->nvdev);
	/* BQL takes completions from NAPI only. */
	atomic_add(what->bytes, &q->lost_bytes);
	napi_schedule(&q->napi);
}

/* @more: the host need not know yet, another packet follows. */
static __always_inline void tx_unlock_chan(struct netvsc_queue *q,
					   unsigned long flags, bool more)
{
	if (more)
		netvsc_chan_unlock_later(q, flags);
	else
		netvsc_chan_unlock(q, flags);
	if (unlikely(tx_room_is_low(q))) {
		/* A stopped queue is not called again (R25). */
		netvsc_chan_publish(q);
		netvsc_tx_stop_queue(q);
	}
}

/* Header, and of a tiny frame all of it, into the memory of the slot. */
static void tx_fill_header(struct netvsc_queue *q, u32 slot,
			   const struct tx_frame *frame)
{
	void *header = netvsc_chan_header(q, slot);
	u32 at = offset_in_hvpage(header), len = frame->skb->len;
	u64 pfn = netvsc_chan_pfn(header);

	BUILD_BUG_ON(RNDIS_PACKET_BYTES + 3 * sizeof(struct netvsc_tx_ppi) >
		     NETVSC_HEADER_BYTES);
	netvsc_rndis_tx_put_header(header, frame->hdr, &frame->meta, len, 0);
	netvsc_gpa_place(&q->gpa, 0, pfn, at, frame->hdr);
	if (unlikely(frame->tiny)) {
		skb_copy_bits(frame->skb, 0, header + frame->hdr, len);
		netvsc_gpa_place(&q->gpa, 1, pfn, at + frame->hdr, len);
	}
}

/*
 * Writes one packet with pages to the ring; on failure it is lost. @direct: a
 * frame whose header goes into the memory of the slot and becomes range 0.
 */
static __always_inline void
tx_post_pages(struct netvsc_queue *q, struct netvsc_slot what,
	      u32 section_bytes, const struct tx_frame *direct, bool more)
{
	unsigned long flags;
	void *at;
	int slot;

	flags = netvsc_chan_lock(q);
	at = netvsc_chan_begin(q, netvsc_gpa_bytes(&q->gpa) + NVSP_MSG_BYTES,
			       &slot);
	if (!IS_ERR(at)) {
		if (direct)
			tx_fill_header(q, slot, direct);
		q->slots[slot] = what;
		netvsc_chan_put_pages(q, at, slot, &q->gpa,
				      NVSP_RNDIS_CHANNEL_DATA, what.section,
				      section_bytes);
	}
	tx_unlock_chan(q, flags, more);
	if (IS_ERR(at)) {
		/* A copy, so that the other can do without memory. */
		struct netvsc_slot lost = what;

		tx_drop_posted(q, &lost, PTR_ERR(at));
	}
}

/* The open section had no place in the ring. */
static noinline void tx_drop_section(struct netvsc_queue *q, int err)
{
	struct netvsc_slot what = {
		.pkts = q->batch.pkts,
		.bytes = q->batch_frames,
		.section = q->batch_section,
	};

	tx_drop_posted(q, &what, err);
}

/* Writes the packet that names the open section; on failure it is lost. */
static void tx_post_section(struct netvsc_queue *q, bool more)
{
	unsigned long flags;
	void *at;
	int slot;

	flags = netvsc_chan_lock(q);
	at = netvsc_chan_begin(q, NETVSC_CHAN_MSG_BYTES, &slot);
	if (!IS_ERR(at)) {
		q->slots[slot] = (struct netvsc_slot){
			.kind = NETVSC_SLOT_TX,
			.pkts = q->batch.pkts,
			.bytes = q->batch_frames,
			.section = q->batch_section,
		};
		netvsc_chan_put_rndis(q, at, slot, NVSP_RNDIS_CHANNEL_DATA,
				      q->batch_section, q->batch.used);
	}
	tx_unlock_chan(q, flags, more);
	if (IS_ERR(at))
		tx_drop_section(q, PTR_ERR(at));
	q->batch.pkts = 0;
	q->batch.used = 0;
}

/* Sends what is parked; unless more follows, the host knows then. */
static void tx_flush_section(struct netvsc_queue *q, bool more)
{
	if (q->batch.pkts)
		tx_post_section(q, more);
	else if (!more)
		netvsc_chan_publish(q);
}

static void *tx_section_addr(const struct netvsc_queue *q, u32 offset)
{
	const struct netvsc_device *nvdev = q->nvdev;

	return nvdev->send.addr +
	       (size_t)q->batch_section * nvdev->limits.section_bytes + offset;
}

/* Behind what the open section holds; the caller knows that it fits. */
static void tx_append_frame(struct netvsc_queue *q, struct tx_frame *frame)
{
	const struct netvsc_batch_limits *limits = &q->nvdev->limits;
	u8 *to = tx_section_addr(q, q->batch.used);
	u32 len = frame->hdr + frame->skb->len;
	struct sk_buff *skb = frame->skb;
	bool more, stays;
	u32 pad = 0;

	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	stays = netvsc_batch_stays_open(limits, q->batch.pkts + 1, more);
	if (stays)
		pad = netvsc_batch_pad(limits, len);

	netvsc_rndis_tx_put_header(to, frame->hdr, &frame->meta, skb->len,
				   pad);
	if (likely(!skb_is_nonlinear(skb)))
		memcpy(to + frame->hdr, skb->data, skb->len);
	else
		skb_copy_bits(skb, 0, to + frame->hdr, skb->len);
	if (pad)
		memset(to + len, 0, pad);
	q->batch.used += len + pad;
	q->batch.pkts++;
	q->batch_frames += skb->len;

	skb_tx_timestamp(skb);
	dev_consume_skb_any(skb);
	if (!stays)
		tx_post_section(q, more);
}

/* @placed: ranges that come before, of memory known only with the slot */
static int tx_list_pages(struct netvsc_queue *q, const struct sk_buff *skb,
			 u32 placed)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	const skb_frag_t *frag = info->frags;
	const skb_frag_t *end = frag + info->nr_frags;
	struct netvsc_gpa *gpa = &q->gpa;
	u32 linear = skb_headlen(skb);
	u32 offset, words;

	netvsc_gpa_init_placed(gpa, placed);
	if (linear && netvsc_gpa_add(gpa, netvsc_chan_pfn(skb->data),
				     offset_in_hvpage(skb->data), linear))
		return -E2BIG;
	words = gpa->words;
	for (; frag < end; frag++) {
		if (unlikely(!skb_frag_size(frag)))
			continue;
		offset = skb_frag_off(frag);
		words = netvsc_gpa_put(gpa, words,
				       page_to_hvpfn(skb_frag_page(frag)) +
				       HVPFN_DOWN(offset),
				       offset & ~HV_HYP_PAGE_MASK,
				       skb_frag_size(frag));
		if (unlikely(!words))
			return -E2BIG;
		placed++;
	}
	gpa->words = words;
	gpa->ranges = placed + !!linear;
	return likely(netvsc_gpa_fits(gpa)) ? 0 : -E2BIG;
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

/* The slot's memory says which sections; on failure they are free again. */
static void tx_post_multi(struct netvsc_queue *q,
			  const struct netvsc_send_multi *multi, u32 bytes,
			  bool more)
{
	const struct netvsc_slot what = {
		.kind = NETVSC_SLOT_MULTI,
		.pkts = 1,
		.bytes = bytes,
		.section = NVSP_SECTION_NONE,
	};
	unsigned long flags;
	void *at;
	int slot;

	BUILD_BUG_ON(sizeof(*multi) > NETVSC_HEADER_BYTES);
	flags = netvsc_chan_lock(q);
	at = netvsc_chan_begin(q, netvsc_gpa_bytes(&q->gpa) + NVSP_MSG_BYTES,
			       &slot);
	if (!IS_ERR(at)) {
		memcpy(netvsc_chan_header(q, slot), multi, sizeof(*multi));
		q->slots[slot] = what;
		netvsc_chan_put_pages(q, at, slot, &q->gpa,
				      NVSP_RNDIS_CHANNEL_DATA,
				      NVSP_SECTION_NONE, 0);
	}
	tx_unlock_chan(q, flags, more);
	if (IS_ERR(at)) {
		netvsc_send_multi_release(q->nvdev, multi);
		tx_drop_posted(q, &what, PTR_ERR(at));
	}
}

/* Header and frame over several sections (R18). */
static noinline int tx_send_multi(struct netvsc_queue *q,
				  struct tx_frame *frame)
{
	u32 hdr = frame->hdr, len = frame->skb->len;
	struct netvsc_send_multi multi;
	void *header;
	bool more;
	int err;

	err = netvsc_send_multi_claim(q, &multi, hdr + len);
	if (err) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_SEND_FULL);
		return err;
	}
	header = netvsc_send_multi_copy(q, &multi, frame->skb, hdr);
	if (IS_ERR(header)) {
		netvsc_send_multi_release(q->nvdev, &multi);
		return PTR_ERR(header);
	}
	netvsc_rndis_tx_put_header(header, hdr, &frame->meta, len, 0);
	more = !__netdev_tx_sent_queue(q->txq, len, frame->more);
	skb_tx_timestamp(frame->skb);
	tx_post_multi(q, &multi, len, more);
	dev_consume_skb_any(frame->skb);
	return 0;
}

/* Header behind what the open section holds, the frame by its pages. */
static int tx_send_partial(struct netvsc_queue *q, struct tx_frame *frame)
{
	struct netvsc_slot what;
	struct sk_buff *skb;
	bool more;
	int err;

	err = tx_list_or_linearize(q, &frame->skb, 0);
	if (err)
		return err;
	skb = frame->skb;
	netvsc_rndis_tx_put_header(tx_section_addr(q, q->batch.used),
				   frame->hdr, &frame->meta, skb->len, 0);
	what = (struct netvsc_slot){
		.kind = NETVSC_SLOT_TX,
		.pkts = q->batch.pkts + 1,
		.bytes = q->batch_frames + skb->len,
		.section = q->batch_section,
		.skb = skb,
	};
	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	skb_tx_timestamp(skb);
	q->batch.pkts = 0;
	tx_post_pages(q, what, q->batch.used + frame->hdr, NULL, more);
	q->batch.used = 0;
	return 0;
}

/*
 * The frame by its pages, the header in the memory of the slot. A frame that
 * fits there as well travels like a copied one.
 */
static int tx_send_direct(struct netvsc_queue *q, struct tx_frame *frame)
{
	struct netvsc_slot what;
	struct sk_buff *skb;
	bool more;
	int err;

	if (!netvsc_send_may_show_pages())
		return tx_send_multi(q, frame);
	frame->tiny = frame->hdr + frame->skb->len <= NETVSC_HEADER_BYTES;
	if (unlikely(frame->tiny)) {
		/* The header stands alone in its range (sheet 7.4). */
		netvsc_gpa_init_placed(&q->gpa, 2);
	} else {
		err = tx_list_or_linearize(q, &frame->skb, 1);
		if (err)
			return err;
	}
	skb = frame->skb;
	what = (struct netvsc_slot){
		.kind = NETVSC_SLOT_TX,
		.pkts = 1,
		.bytes = skb->len,
		.section = NVSP_SECTION_NONE,
		.skb = frame->tiny ? NULL : skb,
	};
	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	skb_tx_timestamp(skb);
	tx_post_pages(q, what, 0, frame, more);
	if (unlikely(frame->tiny))
		dev_consume_skb_any(skb);
	return 0;
}

static int tx_start_section(struct netvsc_queue *q, struct tx_frame *frame)
{
	int section;

	if (q->batch.pkts)
		tx_flush_section(q, true);
	section = netvsc_section_claim(&q->nvdev->sections,
				       READ_ONCE(q->section_start));
	if (section < 0) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_SEND_FULL);
		return tx_send_direct(q, frame);
	}
	q->batch_section = section;
	q->batch_frames = 0;
	tx_append_frame(q, frame);
	return 0;
}

static int tx_send_frame(struct netvsc_queue *q, struct tx_frame *frame)
{
	u32 len = frame->hdr + frame->skb->len;

	switch (netvsc_batch_decide(&q->batch, &q->nvdev->limits, frame->hdr,
				    len)) {
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
	if (q->batch.pkts)
		tx_flush_section(q, true);
	return tx_send_direct(q, frame);
}

/* ---- the stack's side ---- */

static netdev_tx_t tx_handle_no_room(struct netvsc_queue *q,
				     struct sk_buff *skb)
{
	/* What is parked may be what gets the completions going. */
	tx_flush_section(q, false);
	if (netvsc_tx_free_slots(q) < NETVSC_SLOT_CNT) {
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

	if (unlikely(READ_ONCE(q->nvdev->tx_off)))
		goto drop;
	if (unlikely(!tx_has_room(q)) ||
	    !netvsc_send_has_sections(q->nvdev, skb->len))
		return tx_handle_no_room(q, skb);
	if (!netvsc_tx_is_plain(q, skb) &&
	    unlikely(netvsc_tx_find_meta(q, &frame.skb, &frame.meta)))
		goto drop;
	frame.hdr = netvsc_rndis_tx_header_bytes(&frame.meta);
	if (likely(!tx_send_frame(q, &frame)))
		return NETDEV_TX_OK;
drop:
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
