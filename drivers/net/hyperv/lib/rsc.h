/* SPDX-License-Identifier: GPL-2.0 */
/* Room rsc: which fragments make one coalesced frame, and how it was cut. */
#ifndef _NETVSC_LIB_RSC_H
#define _NETVSC_LIB_RSC_H

#include <linux/compiler.h>
#include <linux/types.h>

#include <netvsc/rndis.h>

/* Largest frame: what an IP length can say, and the Ethernet header. R14. */
#define NETVSC_RSC_MAX_BYTES		(65535 + 14)
/* One fragment is one range, so a packet cannot have more. R14. */
#define NETVSC_RSC_MAX_FRAGMENTS	562

/**
 * struct netvsc_rsc - a frame that comes in fragments; begins as zeros
 * @open: its end is still to come
 * @bytes: of all fragments
 * @cnt: fragments; 0 if it came whole, in one range
 * @first: bytes of the first one, frame header included
 * @middle: bytes of the second one
 * @last: bytes of the latest one
 * @uneven: neither the second nor the last, and not as long as the second
 */
struct netvsc_rsc {
	bool open;
	bool uneven;
	u32 bytes;
	u32 cnt;
	u32 first;
	u32 middle;
	u32 last;
};

/* What is to be done, in this order: bits of netvsc_rsc_add(). */
#define NETVSC_RSC_DROP		0x1	/* throw away what was collected */
#define NETVSC_RSC_BEGIN	0x2	/* collect into something new */
#define NETVSC_RSC_TAKE		0x4	/* collect this fragment */
#define NETVSC_RSC_DONE		0x8	/* the frame is complete */

/**
 * netvsc_rsc_end() - something came that is no fragment, or nothing more comes
 * @rsc: the frame
 *
 * Fragments of a frame lie in consecutive ranges of one packet. Sheet 5.12.
 *
 * Return: true if a frame was open: throw away what was collected, failure.
 */
static inline bool netvsc_rsc_end(struct netvsc_rsc *rsc)
{
	if (likely(!rsc->open))
		return false;
	rsc->open = false;
	return true;
}

/* A first fragment: the slow half of netvsc_rsc_add(). */
u32 netvsc_rsc_begin(struct netvsc_rsc *rsc, u8 flags, u32 bytes);

/* Any other, of a frame that is open. */
static inline u32 netvsc_rsc_grow(struct netvsc_rsc *rsc, u8 flags, u32 bytes)
{
	if (unlikely(rsc->cnt == NETVSC_RSC_MAX_FRAGMENTS ||
		     bytes > NETVSC_RSC_MAX_BYTES - rsc->bytes)) {
		rsc->open = false;
		return NETVSC_RSC_DROP;
	}
	/* The one before is none of the ends now: as long as the second? */
	if (rsc->cnt == 1)
		rsc->middle = bytes;
	else if (rsc->last != rsc->middle)
		rsc->uneven = true;
	rsc->last = bytes;
	rsc->bytes += bytes;
	rsc->cnt++;
	if (!(flags & RNDIS_PKT_ID_LAST))
		return NETVSC_RSC_TAKE;
	rsc->open = false;
	return NETVSC_RSC_TAKE | NETVSC_RSC_DONE;
}

/**
 * netvsc_rsc_add() - a fragment came, hot path
 * @rsc: the frame
 * @flags: RNDIS_PKT_ID_*, with RNDIS_PKT_ID_FRAGMENTED among them
 * @bytes: of it, not 0
 *
 * First, middle and last in the order of ranges (sheet 5.12); a first one ends
 * what was open, a middle or last one without a first belongs to nothing, and
 * the limits of R14 hold. The packet ids are not compared: nobody has
 * established that they are equal (sheet 11.2).
 *
 * Return: NETVSC_RSC_*; without NETVSC_RSC_TAKE, and with NETVSC_RSC_DROP, the
 * host broke the format: the range's status is a failure.
 */
static inline u32 netvsc_rsc_add(struct netvsc_rsc *rsc, u8 flags, u32 bytes)
{
	if (unlikely(flags & RNDIS_PKT_ID_FIRST))
		return netvsc_rsc_begin(rsc, flags, bytes);
	return rsc->open ? netvsc_rsc_grow(rsc, flags, bytes) : 0;
}

/**
 * netvsc_rsc_whole() - a frame that came in one range
 * @rsc: set up: no fragments
 */
static inline void netvsc_rsc_whole(struct netvsc_rsc *rsc)
{
	*rsc = (struct netvsc_rsc){};
}

/**
 * netvsc_rsc_split() - size of the segments that the host made one frame of
 * @rsc: the frame, complete
 * @header_bytes: Ethernet, IP and TCP header, less than all
 * @mss_max: the most a segment can carry at our MTU
 * @segs: set: number of segments
 *
 * The host does not say it. When each fragment looks like one segment (all as
 * long as the first, only the last one shorter) it is believed; otherwise as
 * few segments of equal size as our MTU allows. So a frame that is forwarded is
 * cut into what fits the link it came from, and TCP's idea of the segment size
 * is never too high (R42).
 *
 * Return: bytes per segment; 0: it is one segment.
 */
u32 netvsc_rsc_split(const struct netvsc_rsc *rsc, u32 header_bytes,
		     u32 mss_max, u32 *segs);

#endif /* _NETVSC_LIB_RSC_H */
