/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: Room ring_in: indices of a ring that the host fills and we empty
 *
 * Promise: a packet that comes out lies wholly in what the host has written and
 * its lengths fit together, whatever the host writes there afterwards: each word
 * of a descriptor is read once (R11). When nobody can say where the next packet
 * begins, all that is there goes, so no two rounds look at the same nonsense.
 *
 *	      read                          write (the host's)
 *	        |<---------- seen ----------->|
 *	  ......|-----------------------------|..............
 *	  freed>|  packets
 *
 * Neighbours: chan_rx.c owns one per channel and does what fences and shared
 * memory want. Nothing is called. The ring is mapped twice in a row, so a packet
 * is one piece (sheet 2.1).
 *
 * State: freed runs ahead of what the host knows to be free until it is told.
 *
 * No locks: the queue's NAPI owns it.
 */
#ifndef _NETVSC_LIB_RING_IN_H
#define _NETVSC_LIB_RING_IN_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>

#include <netvsc/nvsp.h>

#include "get.h"
#include "ring_out.h"

/**
 * struct netvsc_ring_in - see above
 * @data: where the ring begins; NULL until somebody looked
 * @bytes: its size, a multiple of 8
 * @read: offset of the next packet
 * @seen: bytes known to be there from @read on; there may be more
 * @freed: bytes read that the host does not know about yet
 */
struct netvsc_ring_in {
	const u8 *data;
	u32 bytes;
	u32 read;
	u32 seen;
	u32 freed;
};

/* Type of a packet whose descriptor cannot be; no type of the wire. */
#define NETVSC_PKT_BROKEN	0

/* The one bit of the descriptor's flags: the host wants a completion. */
#define NETVSC_PKT_ANSWER	1

/**
 * struct netvsc_pkt - a packet in the ring, its descriptor read
 * @raw: where it is; the host may write there at any time
 * @id: transaction id
 * @type: VM_PKT_*, or NETVSC_PKT_BROKEN
 * @offset: bytes of descriptor and ranges, the payload begins there
 * @bytes: of it all, without the trailer; @raw has that many, and @offset is
 *	not beyond them
 * @answer: the host wants a completion
 */
struct netvsc_pkt {
	const u8 *raw;
	u64 id;
	u32 type;
	u32 offset;
	u32 bytes;
	bool answer;
};

/**
 * netvsc_ring_in_init() - a ring of which nothing is known to be filled
 * @in: set up
 * @data: where it begins
 * @bytes: its size
 */
static inline void netvsc_ring_in_init(struct netvsc_ring_in *in,
				       const void *data, u32 bytes)
{
	*in = (struct netvsc_ring_in){ .data = data, .bytes = bytes };
}

/* Packets end at multiples of 8, inside the ring. */
static inline bool netvsc_ring_in_index_ok(u32 bytes, u32 index)
{
	return index < bytes && !(index % 8);
}

/**
 * netvsc_ring_in_refresh() - how much is there, from the host's write index
 * @in: the ring
 * @write: the index, read once
 *
 * Return: true if there is something; false also for an index that is none,
 * @in is unchanged then.
 */
static inline bool netvsc_ring_in_refresh(struct netvsc_ring_in *in, u32 write)
{
	if (unlikely(!netvsc_ring_in_index_ok(in->bytes, write)))
		return false;
	in->seen = write >= in->read ? write - in->read :
				       in->bytes - (in->read - write);
	return in->seen;
}

/**
 * netvsc_ring_in_first() - the oldest packet
 * @in: the ring, something seen in it
 * @pkt: filled
 *
 * Sheet 2.2.
 */
static inline void netvsc_ring_in_first(const struct netvsc_ring_in *in,
					struct netvsc_pkt *pkt)
{
	const u8 *desc = in->data + in->read;
	/* Type, data offset, length, flags: 16 bits each. */
	u64 head = netvsc_once_le64(desc);

	pkt->raw = desc;
	pkt->id = netvsc_once_le64(desc + 8);
	pkt->type = (u16)head;
	pkt->offset = 8 * (u16)(head >> 16);
	pkt->bytes = 8 * (u16)(head >> 32);
	pkt->answer = head >> 48 & NETVSC_PKT_ANSWER;
	if (likely(pkt->offset >= NVSP_VMBUS_DESC_BYTES &&
		   pkt->offset <= pkt->bytes &&
		   pkt->bytes + NETVSC_RING_TRAILER_BYTES <= in->seen))
		return;

	/* All that was seen, and if there is an id it can have its answer. */
	pkt->type = NETVSC_PKT_BROKEN;
	pkt->offset = 0;
	pkt->bytes = in->seen - NETVSC_RING_TRAILER_BYTES;
	pkt->answer = pkt->answer && in->seen >= NVSP_VMBUS_DESC_BYTES;
}

/**
 * netvsc_ring_in_next() - done with the oldest packet
 * @in: the ring
 * @pkt: from netvsc_ring_in_first()
 */
static inline void netvsc_ring_in_next(struct netvsc_ring_in *in,
				       const struct netvsc_pkt *pkt)
{
	u32 bytes = pkt->bytes + NETVSC_RING_TRAILER_BYTES;

	in->seen -= bytes;
	in->freed += bytes;
	in->read += bytes;
	if (in->read >= in->bytes)
		in->read -= in->bytes;
}

/**
 * netvsc_ring_in_wakes() - was the host stuck for want of space, and is not now?
 * @in: the ring
 * @freed: what it was told with the read index it has now
 * @pending: bytes it waits for, read after that index was told; not 0
 * @write: its index, read after @pending
 *
 * Only the step from too little to enough is worth a signal. Sheet 2.1; R39.
 *
 * Return: true: signal the host.
 */
static inline bool netvsc_ring_in_wakes(const struct netvsc_ring_in *in,
					u32 freed, u32 pending, u32 write)
{
	u32 room;

	if (!netvsc_ring_in_index_ok(in->bytes, write))
		return false;
	room = write >= in->read ? in->bytes - (write - in->read) :
				   in->read - write;
	return room > pending && (u64)room <= (u64)pending + freed;
}

#endif /* _NETVSC_LIB_RING_IN_H */
