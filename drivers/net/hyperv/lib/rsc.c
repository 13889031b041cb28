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

#include "rsc.h"

u32 netvsc_rsc_begin(struct netvsc_rsc *rsc, u8 flags, u32 bytes)
{
	u32 todo = netvsc_rsc_end(rsc) ? NETVSC_RSC_DROP : 0;

	if (bytes > NETVSC_RSC_MAX_BYTES)
		return todo;
	*rsc = (struct netvsc_rsc){
		.open = !(flags & RNDIS_PKT_ID_LAST), .bytes = bytes, .cnt = 1,
		.first = bytes, .last = bytes,
	};
	return todo | NETVSC_RSC_BEGIN | NETVSC_RSC_TAKE |
	       (rsc->open ? 0 : NETVSC_RSC_DONE);
}

/* Payload of a fragment if each one is a segment; 0 if it cannot be so. */
static u32 rsc_segment_bytes(const struct netvsc_rsc *rsc, u32 header_bytes)
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
	u32 size = rsc_segment_bytes(rsc, header_bytes);
	u32 payload = rsc->bytes - header_bytes;

	*segs = 1;
	if (!size || size > mss_max) {
		if (!mss_max || payload <= mss_max)
			return 0;
		size = DIV_ROUND_UP(payload, DIV_ROUND_UP(payload, mss_max));
	}
	*segs = DIV_ROUND_UP(payload, size);
	return size;
}
