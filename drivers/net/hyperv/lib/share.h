/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: Room share: who may take the last requests and the last of a ring
 *
 * Promise: neither of the two that send on a channel, the stack and XDP in the
 * queue's NAPI, keeps the other from sending, whatever it has to send, as long as
 * the host completes what is out. Control requests find a slot whatever both do.
 *
 *	the stack stops		below STOP_SLOTS free slots
 *	the stack is woken	above a quarter of the slots
 *	XDP sends		from XDP_SPARE on, while the stack runs; while the
 *				stack waits, only with less than half of the slots
 *
 * A queue of the stack that stopped stays so until more slots are free than XDP
 * wants, and a poll wakes it last, so XDP has its turn before. The bound on
 * XDP's part is what lets the stack be woken: XDP has at most half of the slots,
 * so more than a quarter is free when the rest of the stack's was completed.
 *
 * A ring holds less than its slots can name when frames travel by many pages.
 * There the stack waits for a fifth of the ring, and XDP leaves that alone but
 * for a few requests, too few to fill the rest.
 *
 * Neighbours: tx stops and wakes, xdp asks. No state, any context.
 */
#ifndef _NETVSC_LIB_SHARE_H
#define _NETVSC_LIB_SHARE_H

#include <linux/types.h>

/* Free slots below which the stack's queue stops: control requests need some. */
#define NETVSC_SHARE_STOP_SLOTS	16
/* Free slots that XDP leaves alone. */
#define NETVSC_SHARE_XDP_SPARE	32
/* Requests that XDP may have out however low the ring is for a waiting stack. */
#define NETVSC_SHARE_XDP_LEAST	16

/**
 * netvsc_share_stack_stops() - does the stack's queue stop?
 * @free: slots that are free
 *
 * Return: true: it does.
 */
static inline bool netvsc_share_stack_stops(u32 free)
{
	return free < NETVSC_SHARE_STOP_SLOTS;
}

/**
 * netvsc_share_stack_wakes() - are there slots enough to wake the stack's queue?
 * @free: slots that are free
 * @cnt: all slots
 *
 * Return: true: there are.
 */
static inline bool netvsc_share_stack_wakes(u32 free, u32 cnt)
{
	return free > cnt / 4;
}

/**
 * netvsc_share_xdp_sends() - may XDP take a slot while the stack runs?
 * @free: slots that are free
 *
 * Return: true: it may.
 */
static inline bool netvsc_share_xdp_sends(u32 free)
{
	return free >= NETVSC_SHARE_XDP_SPARE;
}

/**
 * netvsc_share_xdp_goes_on() - may it do so while the stack waits, too?
 * @out: requests of XDP that are out
 * @cnt: all slots
 * @ring_wakes: the ring has the room for which the stack waits, and will have it
 *	after another request
 *
 * Refused only while something of XDP is out, whose completion is a reason to
 * ask again.
 *
 * Return: true: it may.
 */
static inline bool netvsc_share_xdp_goes_on(u32 out, u32 cnt, bool ring_wakes)
{
	return out < (ring_wakes ? cnt / 2 : NETVSC_SHARE_XDP_LEAST);
}

#endif /* _NETVSC_LIB_SHARE_H */
