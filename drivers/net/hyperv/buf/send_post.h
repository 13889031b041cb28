/* SPDX-License-Identifier: GPL-2.0 */
/* Room send: open sections, and requests with frames on their way to the ring; the hot path. */
#ifndef _NETVSC_SEND_POST_H
#define _NETVSC_SEND_POST_H

#include <linux/err.h>
#include <linux/hyperv.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "bus/chan_ring.h"
#include "lib/batch.h"
#include "lib/gpa.h"
#include "lib/rndis_tx.h"
#include "lib/section.h"
#include "netvsc.h"

/* ---- the open section; it belongs to the caller (R24) ---- */

/**
 * struct netvsc_send_header - the RNDIS header of a frame
 * @meta: what the host must know about the frame
 * @bytes: netvsc_rndis_tx_header_bytes() of @meta
 */
struct netvsc_send_header {
	struct netvsc_tx_meta meta;
	u32 bytes;
};

/* All sections are taken. Busy queues come here often: each has a counter of its own. */
static inline void netvsc_send_count_full(struct netvsc_queue *q)
{
	atomic64_inc(&q->stats->send_full);
}

/**
 * netvsc_send_claim() - open a section
 * @q: the queue
 * @open: nothing is open; the section, with nothing in it
 *
 * Return: 0; -ENOSPC, counted: all are taken.
 */
static inline int netvsc_send_claim(struct netvsc_queue *q,
				    struct netvsc_send_open *open)
{
	int section = netvsc_section_claim(&q->nvdev->sections,
					   READ_ONCE(q->section_start));

	if (unlikely(section < 0)) {
		netvsc_send_count_full(q);
		return section;
	}
	open->section = section;
	open->bytes = 0;
	return 0;
}

/**
 * netvsc_send_place() - where the next frame goes, or its header
 * @q: the queue
 * @open: the section; lib/batch.h says what fits
 *
 * Return: the place behind what the section holds.
 */
static inline u8 *netvsc_send_place(const struct netvsc_queue *q,
				    const struct netvsc_send_open *open)
{
	const struct netvsc_device *nvdev = q->nvdev;

	return nvdev->send.addr +
	       (size_t)open->section * nvdev->limits.section_bytes +
	       open->batch.used;
}

/**
 * netvsc_send_added() - a frame was written with its header
 * @open: the section
 * @at: where, from netvsc_send_place()
 * @len: bytes of header and frame
 * @pad: bytes behind it, as its header says; zeroed
 * @bytes: of the frame
 */
static __always_inline void netvsc_send_added(struct netvsc_send_open *open,
					      u8 *at, u32 len, u32 pad,
					      u32 bytes)
{
	if (pad)
		memset(at + len, 0, pad);
	open->batch.used += len + pad;
	open->batch.pkts++;
	open->bytes += bytes;
}

/* What was in the section is sent, or lost: nothing is open. */
static inline void netvsc_send_close(struct netvsc_send_open *open)
{
	open->batch.pkts = 0;
	open->batch.used = 0;
}

/* ---- posting ---- */

/* Under the queue's lock. */
static __always_inline void
netvsc_send_count_posted(struct netvsc_queue *q, enum netvsc_slot_kind kind)
{
	if (kind == NETVSC_SLOT_XDP)
		WRITE_ONCE(q->xdp_posted, q->xdp_posted + 1);
}

static __always_inline void netvsc_send_unlock(struct netvsc_queue *q,
					       unsigned long flags, bool more)
{
	if (more)
		netvsc_chan_unlock_later(q, flags);
	else
		netvsc_chan_unlock(q, flags);
}

/**
 * netvsc_send_post_open() - send what the open section holds, hot path
 * @q: the queue
 * @open: the section, not empty; netvsc_send_close() is to follow
 * @kind: whose frames, NETVSC_SLOT_TX or NETVSC_SLOT_XDP
 * @skb: freed at the completion: the last frame, so that its socket waits; NULL: none
 * @more: the host need not know yet: netvsc_chan_publish() is owed
 *
 * Return: 0; -EAGAIN (no room), -ENODEV (rescinded), -EIO (the host broke the ring):
 * the frames are lost, the section is free again, and @skb is the caller's.
 */
static __always_inline int
netvsc_send_post_open(struct netvsc_queue *q,
		      const struct netvsc_send_open *open,
		      enum netvsc_slot_kind kind, struct sk_buff *skb, bool more)
{
	unsigned long flags;
	void *at;
	int slot;

	flags = netvsc_chan_lock(q);
	at = netvsc_chan_begin(q, NETVSC_CHAN_MSG_BYTES, &slot);
	if (!IS_ERR(at)) {
		q->slots[slot] = (struct netvsc_slot){
			.kind = kind,
			.pkts = open->batch.pkts,
			.bytes = open->bytes,
			.section = open->section,
			.skb = skb,
		};
		netvsc_send_count_posted(q, kind);
		netvsc_chan_put_rndis(q, at, slot, NVSP_RNDIS_CHANNEL_DATA,
				      open->section, open->batch.used);
	}
	netvsc_send_unlock(q, flags, more);
	if (IS_ERR(at))
		netvsc_section_release(&q->nvdev->sections, open->section);
	return PTR_ERR_OR_ZERO(at);
}

/**
 * netvsc_send_list_pages() - list the memory of a frame, hot path
 * @gpa: the list
 * @placed: ranges that come before, of memory known only with the slot
 * @data: the first piece
 * @linear: bytes of that, may be 0
 * @frag: the other pieces
 * @cnt: how many
 *
 * Return: 0, -E2BIG: more than the host takes.
 */
static __always_inline int
netvsc_send_list_pages(struct netvsc_gpa *gpa, u32 placed, const void *data,
		       u32 linear, const skb_frag_t *frag, u32 cnt)
{
	const skb_frag_t *end = frag + cnt;
	u32 offset, words;

	netvsc_gpa_init_placed(gpa, placed);
	if (linear && netvsc_gpa_add(gpa, netvsc_chan_pfn(data),
				     offset_in_hvpage(data), linear))
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

/* Enough for 64 KB in sections of 6144 bytes, and ranges for all of them. */
#define NETVSC_SEND_MULTI_MAX	12

/**
 * struct netvsc_send_multi - the sections that a frame is spread over
 * @cnt: how many
 * @section: which
 */
struct netvsc_send_multi {
	u16 cnt;
	u16 section[NETVSC_SEND_MULTI_MAX];
};

/**
 * struct netvsc_send_pages - a request that names pages
 * @gpa: the list; with @hdr its first range is left open, with @tiny the second too
 * @what: what the slot is to hold
 * @section_bytes: used in the section of @what, which holds what comes before the pages
 * @hdr: goes into the memory of the slot, NULL: it is in the section, or listed
 * @tiny: a frame that goes there too, copied; NULL: all of it is listed
 * @multi: noted there: sections that end with the request; NULL: none
 */
struct netvsc_send_pages {
	struct netvsc_gpa *gpa;
	struct netvsc_slot what;
	u32 section_bytes;
	const struct netvsc_send_header *hdr;
	const struct sk_buff *tiny;
	const struct netvsc_send_multi *multi;
};

/* The header stands alone in its range (sheet 7.4). */
static __always_inline void
netvsc_send_fill_header(struct netvsc_queue *q, u32 slot,
			const struct netvsc_send_pages *pages)
{
	const struct netvsc_send_header *hdr = pages->hdr;
	void *header = netvsc_chan_header(q, slot);
	u32 at = offset_in_hvpage(header), len = pages->what.bytes;
	u64 pfn = netvsc_chan_pfn(header);

	BUILD_BUG_ON(RNDIS_PACKET_BYTES + 3 * sizeof(struct netvsc_tx_ppi) >
		     NETVSC_HEADER_BYTES);
	netvsc_rndis_tx_put_header(header, hdr->bytes, &hdr->meta, len, 0);
	netvsc_gpa_place(pages->gpa, 0, pfn, at, hdr->bytes);
	if (unlikely(pages->tiny)) {
		skb_copy_bits(pages->tiny, 0, header + hdr->bytes, len);
		netvsc_gpa_place(pages->gpa, 1, pfn, at + hdr->bytes, len);
	}
}

/**
 * netvsc_send_post_pages() - send a frame by its pages, hot path
 * @q: the queue
 * @pages: the request
 * @more: as of netvsc_send_post_open()
 *
 * Return: 0; -EAGAIN, -ENODEV, -EIO as of netvsc_send_post_open(), -ENOMEM: none for
 * the header. Sections are free again, the frame is the caller's.
 */
static __always_inline int
netvsc_send_post_pages(struct netvsc_queue *q,
		       const struct netvsc_send_pages *pages, bool more)
{
	u32 bytes = netvsc_gpa_bytes(pages->gpa) + NVSP_MSG_BYTES;
	u32 section = pages->what.section;
	unsigned long flags;
	void *at;
	int slot;

	flags = netvsc_chan_lock(q);
	if (pages->hdr || pages->multi)
		at = netvsc_chan_begin_pages(q, bytes, &slot);
	else
		at = netvsc_chan_begin(q, bytes, &slot);
	if (!IS_ERR(at)) {
		if (pages->hdr)
			netvsc_send_fill_header(q, slot, pages);
		if (pages->multi)
			memcpy(netvsc_chan_header(q, slot), pages->multi,
			       sizeof(*pages->multi));
		q->slots[slot] = pages->what;
		netvsc_send_count_posted(q, pages->what.kind);
		netvsc_chan_put_pages(q, at, slot, pages->gpa,
				      NVSP_RNDIS_CHANNEL_DATA, section,
				      pages->section_bytes);
	}
	netvsc_send_unlock(q, flags, more);
	if (IS_ERR(at) && section != NVSP_SECTION_NONE)
		netvsc_section_release(&q->nvdev->sections, section);
	return PTR_ERR_OR_ZERO(at);
}

/* ---- over several sections ---- */

/**
 * netvsc_send_fill_multi() - a frame with its header into sections of its own
 * @q: the queue, its page list is filled
 * @multi: filled
 * @skb: the frame
 * @hdr: its header
 *
 * Context: the transmit lock of the stack's queue is held.
 * Return: 0; -E2BIG, -ENOSPC: none is taken. Too few of them are counted.
 */
int netvsc_send_fill_multi(struct netvsc_queue *q,
			   struct netvsc_send_multi *multi,
			   const struct sk_buff *skb,
			   const struct netvsc_send_header *hdr);

/**
 * netvsc_send_post_multi() - send what they hold
 * @q: the queue, its page list as netvsc_send_fill_multi() left it
 * @multi: from there
 * @bytes: of the frame
 * @more: as of netvsc_send_post_open()
 *
 * Return: 0, or as of netvsc_send_post_pages().
 */
int netvsc_send_post_multi(struct netvsc_queue *q,
			   const struct netvsc_send_multi *multi, u32 bytes,
			   bool more);

#endif /* _NETVSC_SEND_POST_H */
