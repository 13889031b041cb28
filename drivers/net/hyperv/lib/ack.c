// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room ack: receive completions that are owed to the host
 *
 * Promise: what was pushed comes out once, in order, and nothing is ever
 * dropped: a full store is reported before anything is lost, and the poll loop
 * then leaves packets on the channel until the host made room.
 *
 * Neighbours: poll.c owns one per queue and is the only caller; no locks.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "ack.h"

void netvsc_ack_init(struct netvsc_ack_ring *ring, struct netvsc_ack *slots,
		     u32 size)
{
	ring->slots = slots;
	ring->size = size;
	ring->head = 0;
	ring->cnt = 0;
}

int netvsc_ack_push(struct netvsc_ack_ring *ring, u64 id, u32 status)
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

const struct netvsc_ack *netvsc_ack_peek(const struct netvsc_ack_ring *ring)
{
	return ring->cnt ? &ring->slots[ring->head] : NULL;
}

void netvsc_ack_pop(struct netvsc_ack_ring *ring)
{
	if (!ring->cnt)
		return;
	ring->cnt--;
	if (++ring->head == ring->size)
		ring->head = 0;
}
