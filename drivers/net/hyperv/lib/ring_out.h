/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: Room ring_out: indices of a ring that we fill and the host empties
 *
 * Promise: what was reserved is free, whatever the host writes into its index;
 * a packet that was committed is never seen in part; a signal is due if, and
 * only if, the host had read everything that it had been told of.
 *
 *	      read (the host's)   published       write
 *	        |                  |                |
 *	  ......|xxxxxxxxxxxxxxxxxx|----------------|..............
 *	        what it knows       published next    room
 *
 * Neighbours: chan_tx.c owns one per channel, writes packets where a reservation
 * points, and does what fences and shared memory want. Nothing is called. The
 * ring is mapped twice in a row, so a reservation is one piece (sheet 2.1).
 *
 * State: write and published run apart while packets are held back, and meet when
 * the write index is published. room is what is known to be free; there may be more.
 *
 * No locks: the caller has one.
 */
#ifndef _NETVSC_LIB_RING_OUT_H
#define _NETVSC_LIB_RING_OUT_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>

/* Behind every packet: the offset it began at, in the upper half. Sheet 2.2. */
#define NETVSC_RING_TRAILER_BYTES	8

/**
 * struct netvsc_ring_out - see above
 * @data: where the ring begins; NULL until somebody looked
 * @bytes: its size, a multiple of 8
 * @write: offset of the next packet
 * @published: the write index that the host was given
 * @room: bytes known to be free, the one that must stay so included
 */
struct netvsc_ring_out {
	u8 *data;
	u32 bytes;
	u32 write;
	u32 published;
	u32 room;
};

/**
 * netvsc_ring_out_init() - an empty ring of which nothing is known to be free
 * @out: set up
 * @data: where it begins
 * @bytes: its size
 */
static inline void netvsc_ring_out_init(struct netvsc_ring_out *out, void *data,
					u32 bytes)
{
	*out = (struct netvsc_ring_out){ .data = data, .bytes = bytes };
}

/**
 * netvsc_ring_out_refresh() - how much is free, from the host's read index
 * @out: the ring
 * @read: the index, read once
 *
 * Return: 0; -EIO: the index is none, @out is unchanged.
 */
static inline int netvsc_ring_out_refresh(struct netvsc_ring_out *out, u32 read)
{
	if (unlikely(read >= out->bytes || read % 8))
		return -EIO;
	out->room = read > out->write ? read - out->write :
					out->bytes - (out->write - read);
	return 0;
}

/**
 * netvsc_ring_out_fits() - is room for a packet known?
 * @out: the ring
 * @bytes: of the packet, a multiple of 8
 *
 * A full ring would look like an empty one, so it never gets full. Sheet 2.3.
 *
 * Return: true: it fits; false: the index of the host has to be read again.
 */
static inline bool netvsc_ring_out_fits(const struct netvsc_ring_out *out,
					u32 bytes)
{
	return out->room > bytes + NETVSC_RING_TRAILER_BYTES;
}

/**
 * netvsc_ring_out_commit() - the packet at @write is there
 * @out: the ring
 * @bytes: of the packet; netvsc_ring_out_fits() said that it does
 */
static inline void netvsc_ring_out_commit(struct netvsc_ring_out *out, u32 bytes)
{
	*(u64 *)(out->data + out->write + bytes) = (u64)out->write << 32;
	bytes += NETVSC_RING_TRAILER_BYTES;
	out->room -= bytes;
	out->write += bytes;
	if (out->write >= out->bytes)
		out->write -= out->bytes;
}

/**
 * netvsc_ring_out_is_sane() - do the indices of both sides fit together?
 * @out: the ring
 * @read: the host's read index, read once
 * @write: the write index as it stands in shared memory
 *
 * The host only frees space, so there is no less of it than was known before.
 *
 * Return: false: one of them is none, or was changed by somebody else.
 */
static inline bool netvsc_ring_out_is_sane(const struct netvsc_ring_out *out,
					   u32 read, u32 write)
{
	struct netvsc_ring_out now = *out;

	return write == out->published &&
	       !netvsc_ring_out_refresh(&now, read) && now.room >= out->room;
}

/**
 * netvsc_ring_out_unpublished() - was anything written that the host does not know?
 * @out: the ring
 *
 * Return: true: the write index is still to be published.
 */
static inline bool
netvsc_ring_out_unpublished(const struct netvsc_ring_out *out)
{
	return READ_ONCE(out->published) != READ_ONCE(out->write);
}

/**
 * netvsc_ring_out_publish() - the write index is about to be published
 * @out: the ring
 *
 * Return: the index it knew before. It wants a signal if its read index, read
 * after the new write index is visible, is still that one, and its mask is 0.
 * Sheet 2.8.
 */
static inline u32 netvsc_ring_out_publish(struct netvsc_ring_out *out)
{
	u32 before = out->published;

	WRITE_ONCE(out->published, out->write);
	return before;
}

#endif /* _NETVSC_LIB_RING_OUT_H */
