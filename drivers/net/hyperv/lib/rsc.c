// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rsc: which fragments make one coalesced frame, and how it was cut
 *
 * Promise: whatever order, number and sizes of fragments a host invents, what is
 * collected is one frame from first to last, no longer than an IP length can
 * say, or it is thrown away; the segment size given with it never makes more
 * segments than the host could have coalesced, nor larger ones than our link
 * carries.
 *
 *	          first                    last
 *	(nothing) -----> open --middle--> ------> complete
 *	            ^     |
 *	            '-----+ first again, no fragment, end of packet,
 *	                    too long, too many: thrown away
 *
 * Neighbours: rx.c calls; rx_rsc.c asks for the split. No locks, the poll that
 * reads the packet owns the frame.
 */
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include <netvsc/rndis.h>

#include "rsc.h"

static u32 begin(struct netvsc_rsc *rsc, u32 bytes)
{
	if (bytes > NETVSC_RSC_MAX_BYTES) {
		rsc->open = false;
		return 0;
	}
	*rsc = (struct netvsc_rsc){
		.open = true, .bytes = bytes, .cnt = 1, .first = bytes,
		.last = bytes,
	};
	return NETVSC_RSC_BEGIN | NETVSC_RSC_TAKE;
}

static u32 grow(struct netvsc_rsc *rsc, u32 bytes)
{
	if (rsc->cnt == NETVSC_RSC_MAX_FRAGMENTS ||
	    bytes > NETVSC_RSC_MAX_BYTES - rsc->bytes) {
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
	return NETVSC_RSC_TAKE;
}

u32 netvsc_rsc_add(struct netvsc_rsc *rsc, u8 flags, u32 bytes)
{
	u32 todo = 0;

	if (flags & RNDIS_PKT_ID_FIRST) {
		if (netvsc_rsc_end(rsc))
			todo = NETVSC_RSC_DROP;
		todo |= begin(rsc, bytes);
	} else if (rsc->open) {
		todo = grow(rsc, bytes);
	}
	if ((flags & RNDIS_PKT_ID_LAST) && (todo & NETVSC_RSC_TAKE)) {
		rsc->open = false;
		todo |= NETVSC_RSC_DONE;
	}
	return todo;
}

/* Payload of a fragment if each one is a segment; 0 if it cannot be so. */
static u32 segment_bytes(const struct netvsc_rsc *rsc, u32 header_bytes)
{
	u32 bytes;

	if (rsc->cnt < 2 || rsc->first <= header_bytes)
		return 0;
	bytes = rsc->first - header_bytes;
	if (rsc->uneven || rsc->last > bytes)
		return 0;
	return rsc->cnt == 2 || rsc->middle == bytes ? bytes : 0;
}

u32 netvsc_rsc_split(const struct netvsc_rsc *rsc, u32 header_bytes,
		     u32 mss_max, u32 *segs)
{
	u32 payload = rsc->bytes - header_bytes;
	u32 size = segment_bytes(rsc, header_bytes);

	*segs = 1;
	if (!size || size > mss_max) {
		if (!mss_max || payload <= mss_max)
			return 0;
		size = DIV_ROUND_UP(payload, DIV_ROUND_UP(payload, mss_max));
	}
	*segs = DIV_ROUND_UP(payload, size);
	return size;
}
