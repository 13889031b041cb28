// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx_rules: what the host may be asked for of a frame
 *
 * Promise: whatever a sender says of his frame, the host is asked only for what
 * the headers of the frame bear out, and gets no frame and no segment longer than
 * was agreed. Raw sockets and the taps of nested VMs may say anything.
 *
 *	                          one frame          to be cut
 *	longer than agreed        dropped            dropped, by its segments
 *	plain, sender agrees      host sums          host cuts
 *	plain, host does not      software sums      software cuts
 *	anything else             software sums      software cuts and sums
 *
 * Plain: Ethernet, IPv4 without options or IPv6 without extension headers, no
 * fragment, TCP or UDP whose header is there.
 *
 * Neighbours: tx_meta.c asks for the stack, before a frame is cut and again when
 * it is sent. No state, no locks.
 */
#include <linux/kernel.h>

#include "tx_rules.h"

enum netvsc_tx_verdict netvsc_tx_rules_software(u32 bytes, u32 start,
						u32 field)
{
	/* Neither may wrap; two bytes are the field. */
	if (start >= bytes || field > bytes - start ||
	    bytes - start - field < 2)
		return NETVSC_TX_BAD;
	return NETVSC_TX_SUM;
}

/* Fewer segments than the host cuts, more bytes, or it does not cut at all. */
static bool rules_lso_is_unfit(enum netvsc_tx_kind kind, u32 payload,
			       const struct netvsc_tx_ask *ask,
			       const struct netvsc_offload_caps *caps)
{
	if (!(kind == NETVSC_TX_TCP4 ? caps->tso4 : caps->tso6))
		return true;
	/* The payload fills at most one segment less than that. */
	return ask->bytes > caps->tso_max_bytes ||
	       (u64)ask->mss * caps->tso_min_segs >= (u64)payload + ask->mss;
}

static enum netvsc_tx_verdict
rules_judge_gso(enum netvsc_tx_kind kind, const u8 *head,
		const struct netvsc_tx_ask *ask,
		const struct netvsc_offload_caps *caps, u32 frame_max)
{
	u32 headers;

	if (kind == NETVSC_TX_OTHER ||
	    !netvsc_tx_rules_sum_agrees(kind, head, ask))
		return NETVSC_TX_CUT_AND_SUM;
	if ((ask->family != 4 || kind != NETVSC_TX_TCP4) &&
	    (ask->family != 6 || kind != NETVSC_TX_TCP6))
		return NETVSC_TX_CUT;
	headers = netvsc_tx_rules_headers(kind, head);
	if (headers == ask->bytes)
		return NETVSC_TX_CUT;
	if (headers > frame_max || ask->mss > frame_max - headers)
		return NETVSC_TX_TOO_LONG;
	return rules_lso_is_unfit(kind, ask->bytes - headers, ask, caps) ?
	       NETVSC_TX_LSO_UNFIT : NETVSC_TX_ASK_LSO;
}

struct netvsc_tx_ruling
netvsc_tx_rules_judge(const u8 *head, u32 linear,
		      const struct netvsc_tx_ask *ask,
		      const struct netvsc_offload_caps *caps, u32 frame_max)
{
	struct netvsc_tx_ruling ruling;

	if (!ask->mss)
		return netvsc_tx_rules_whole(head, linear, ask, caps,
					     frame_max);
	ruling.kind = netvsc_tx_rules_kind(head, linear);
	ruling.verdict =
		rules_judge_gso(ruling.kind, head, ask, caps, frame_max);
	return ruling;
}
