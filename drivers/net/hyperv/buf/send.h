/* SPDX-License-Identifier: GPL-2.0 */
/* Room send: how memory may leave, and how a request with frames ends. */
#ifndef _NETVSC_SEND_H
#define _NETVSC_SEND_H

#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "bus/chan.h"
#include "bus/chan_ring.h"
#include "lib/nvsp_msg.h"
#include "lib/section.h"
#include "lib/share.h"
#include "netvsc.h"

/* ---- how may memory leave? ---- */

/**
 * netvsc_send_may_show_pages() - may the host be told where memory of ours is?
 *
 * In a confidential VM it reads rings and shared buffers and nothing else (R18).
 *
 * Return: true: it may; false: what leaves is copied into the send buffer.
 */
static __always_inline bool netvsc_send_may_show_pages(void)
{
	return !netvsc_chan_isolated();
}

/**
 * netvsc_send_alloc_map() - the sections of the send buffer, all free
 * @nvdev: the device, its send buffer known to the host
 * @kept: so many at its end are not for frames if control requests need some
 *
 * Return: 0, -ENOMEM; -EOPNOTSUPP: all has to leave by a buffer that is too small.
 */
int netvsc_send_alloc_map(struct netvsc_device *nvdev, u32 kept);

/**
 * netvsc_send_free_map() - undo netvsc_send_alloc_map()
 * @nvdev: the device; no map is fine
 */
void netvsc_send_free_map(struct netvsc_device *nvdev);

/* The slow half of netvsc_send_frame_max(). */
u32 netvsc_send_multi_max(const struct netvsc_device *nvdev);

/**
 * netvsc_send_frame_max() - the largest frame that can leave
 * @nvdev: the device, its send buffer known to the host
 *
 * Return: bytes, without the RNDIS header; U32_MAX: no limit of ours.
 */
static inline u32 netvsc_send_frame_max(const struct netvsc_device *nvdev)
{
	return netvsc_send_may_show_pages() ? U32_MAX :
	       netvsc_send_multi_max(nvdev);
}

/* The slow half of netvsc_send_has_sections(). */
bool netvsc_send_multi_has_room(const struct netvsc_device *nvdev, u32 bytes);

/**
 * netvsc_send_has_sections() - are there sections for another frame, if it needs some?
 * @nvdev: the device
 * @bytes: of the frame, up to netvsc_send_frame_max()
 *
 * Context: any; others may take them.
 * Return: true: there are, or it can do without.
 */
static inline bool netvsc_send_has_sections(const struct netvsc_device *nvdev,
					    u32 bytes)
{
	return netvsc_send_may_show_pages() ||
	       netvsc_send_multi_has_room(nvdev, bytes);
}

/**
 * netvsc_send_sections_ok() - are no more sections taken than requests account for?
 * @nvdev: the device
 * @requests: that are out at most, on all queues
 * @open: sections that senders may have open
 *
 * Context: RTNL.
 * Return: false: some are lost, or the map is broken.
 */
bool netvsc_send_sections_ok(const struct netvsc_device *nvdev, u32 requests,
			     u32 open);

/* ---- is there room? ---- */

/* Requests that can still be sent. */
static inline u32 netvsc_send_free_slots(const struct netvsc_queue *q)
{
	return netvsc_reqid_free(&q->ids);
}

/**
 * netvsc_send_is_low() - do ring or slots run low?
 * @q: the queue, not locked
 *
 * Return: true: the stack is to stop.
 */
static __always_inline bool netvsc_send_is_low(struct netvsc_queue *q)
{
	/* What came back is looked at only when it matters. */
	return (unlikely(netvsc_share_stack_stops(netvsc_reqid_known(&q->ids))) &&
		netvsc_share_stack_stops(netvsc_send_free_slots(q))) ||
	       !netvsc_chan_has_room(q, q->stop_bytes);
}

/* ---- how a request ends ---- */

/**
 * struct netvsc_send_sum - what has ended
 * @pkts: frames of the stack
 * @bytes: of these frames
 * @xdp_pkts: frames of programs, of which BQL knows nothing
 * @xdp_bytes: of these frames
 */
struct netvsc_send_sum {
	u32 pkts;
	u32 bytes;
	u32 xdp_pkts;
	u32 xdp_bytes;
};

/**
 * netvsc_send_start() - the queue is about to be polled
 * @q: the queue, nothing is out
 */
static inline void netvsc_send_start(struct netvsc_queue *q)
{
	q->xdp_posted = 0;
	q->xdp_done = 0;
}

/* Requests of programs that are out. */
static inline u32 netvsc_send_xdp_out(const struct netvsc_queue *q)
{
	return READ_ONCE(q->xdp_posted) - READ_ONCE(q->xdp_done);
}

/* The host did not take a packet, or said so in no known way: counted. */
void netvsc_send_refused(struct netvsc_queue *q, int err);

/* Whatever the host says, an id that was out is in again. */
static __always_inline void
netvsc_send_check_status(struct netvsc_queue *q, const struct netvsc_pkt *pkt)
{
	u32 len = pkt->bytes - pkt->offset;
	u64 status = 0;
	int err;

	/* Lengths are multiples of 8: type and status, or nothing. */
	if (likely(len))
		status = READ_ONCE(*(u64 *)(pkt->raw + pkt->offset));
	err = netvsc_nvsp_msg_parse_rndis_complete(&status,
						   min_t(u32, len,
							 sizeof(status)));
	if (unlikely(err))
		netvsc_send_refused(q, err);
}

/* netvsc_send_complete() of what is not an ordinary request of the stack. */
bool netvsc_send_complete_other(struct netvsc_queue *q,
				const struct netvsc_pkt *pkt, u32 i,
				struct netvsc_send_sum *sum);

/**
 * netvsc_send_complete() - the host completed a request, hot path
 * @q: the queue
 * @pkt: the completion; of one with frames the status was not read yet
 * @i: number of the slot, from netvsc_chan_take()
 * @sum: added to
 * @budget: of the poll, 0 for netpoll
 *
 * Context: NAPI.
 * Return: true: what the slot held has ended; false: it is a control request.
 */
static __always_inline bool
netvsc_send_complete(struct netvsc_queue *q, const struct netvsc_pkt *pkt,
		     u32 i, struct netvsc_send_sum *sum, int budget)
{
	const struct netvsc_slot *slot = &q->slots[i];

	if (unlikely(slot->kind != NETVSC_SLOT_TX))
		return netvsc_send_complete_other(q, pkt, i, sum);
	netvsc_send_check_status(q, pkt);
	if (slot->section != NVSP_SECTION_NONE)
		netvsc_section_release(&q->nvdev->sections, slot->section);
	if (slot->skb)
		napi_consume_skb(slot->skb, budget);
	sum->pkts += slot->pkts;
	sum->bytes += slot->bytes;
	return true;
}

/**
 * netvsc_send_gives_no_page() - may netpoll see the end of a request?
 * @slot: what belongs to it
 *
 * The page pool and XDP may not be called without a budget.
 *
 * Return: true: frames, and none of them has a page of a pool.
 */
static inline bool netvsc_send_gives_no_page(const struct netvsc_slot *slot)
{
	return slot->kind == NETVSC_SLOT_TX ||
	       slot->kind == NETVSC_SLOT_MULTI ||
	       (slot->kind == NETVSC_SLOT_XDP && !slot->xdpf);
}

/**
 * netvsc_send_abandon() - no completion will be looked at any more
 * @q: the queue, its NAPI disabled
 * @sum: the frames that are out are added
 *
 * The frames themselves stay in the slots: the host may read them until the
 * channel is closed. Neither a socket nor a namespace has to wait for that.
 *
 * Context: process.
 */
void netvsc_send_abandon(struct netvsc_queue *q, struct netvsc_send_sum *sum);

/**
 * netvsc_send_free() - free what a slot still holds
 * @slot: the slot; the channel is closed, or its memory is about to go
 *
 * Context: process.
 * Return: true: it was a request with frames; false: it was not, nothing was done.
 */
bool netvsc_send_free(const struct netvsc_slot *slot);

#endif /* _NETVSC_SEND_H */
