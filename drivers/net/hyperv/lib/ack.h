/* SPDX-License-Identifier: GPL-2.0 */
/* Room ack: receive completions that are owed to the host. */
#ifndef _NETVSC_LIB_ACK_H
#define _NETVSC_LIB_ACK_H

#include <linux/errno.h>
#include <linux/types.h>

/**
 * struct netvsc_ack - one completion owed
 * @id: transaction id of the packet, the host's choice, echoed as it is
 * @status: NVSP_STAT_*
 */
struct netvsc_ack {
	u64 id;
	u32 status;
};

/**
 * struct netvsc_ack_ring - first in, first out; owned by one queue's NAPI
 * @slots: storage, given by the caller
 * @size: number of slots, any number but 0
 * @head: index of the oldest one, below @size
 * @cnt: how many are owed
 */
struct netvsc_ack_ring {
	struct netvsc_ack *slots;
	u32 size;
	u32 head;
	u32 cnt;
};

/**
 * netvsc_ack_init() - nothing owed
 * @ring: set up
 * @slots: storage
 * @size: number of slots, not 0
 */
void netvsc_ack_init(struct netvsc_ack_ring *ring, struct netvsc_ack *slots,
		     u32 size);

/**
 * netvsc_ack_count() - how many are owed
 * @ring: the ring
 *
 * Return: completions, 0 to the size of the ring.
 */
static inline u32 netvsc_ack_count(const struct netvsc_ack_ring *ring)
{
	return ring->cnt;
}

/**
 * netvsc_ack_full() - stop polling until some were sent
 * @ring: the ring
 *
 * Return: true: not one more has a place.
 */
static inline bool netvsc_ack_full(const struct netvsc_ack_ring *ring)
{
	return ring->cnt == ring->size;
}

/**
 * netvsc_ack_push() - owe one more
 * @ring: the ring
 * @id: transaction id
 * @status: NVSP_STAT_*
 *
 * Losing a completion loses receive buffer space for good (R36), so look at
 * netvsc_ack_full() before taking a packet off the channel.
 *
 * Return: 0, -ENOSPC: nothing was stored, the packet must stay where it is.
 */
static inline int netvsc_ack_push(struct netvsc_ack_ring *ring, u64 id,
				  u32 status)
{
	struct netvsc_ack *slot;
	u32 room_at_end;

	if (netvsc_ack_full(ring))
		return -ENOSPC;

	/* Any size is legal, so wrap by comparison and not by mask. */
	room_at_end = ring->size - ring->head;
	slot = &ring->slots[ring->cnt < room_at_end ? ring->head + ring->cnt :
						      ring->cnt - room_at_end];
	slot->id = id;
	slot->status = status;
	ring->cnt++;
	return 0;
}

/**
 * netvsc_ack_peek() - the oldest one, which stays owed
 * @ring: the ring
 *
 * Return: pointer into the storage until the next pop, NULL if none is owed.
 */
static inline const struct netvsc_ack *
netvsc_ack_peek(const struct netvsc_ack_ring *ring)
{
	return ring->cnt ? &ring->slots[ring->head] : NULL;
}

/**
 * netvsc_ack_pop() - the oldest one was sent
 * @ring: the ring; nothing happens if none is owed
 */
static inline void netvsc_ack_pop(struct netvsc_ack_ring *ring)
{
	if (!ring->cnt)
		return;
	ring->cnt--;
	/* What is empty begins anew, so the same few slots stay warm. */
	if (!ring->cnt || ++ring->head == ring->size)
		ring->head = 0;
}

#endif /* _NETVSC_LIB_ACK_H */
