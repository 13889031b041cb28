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
#include "ack.h"

void netvsc_ack_init(struct netvsc_ack_ring *ring, struct netvsc_ack *slots,
		     u32 size)
{
	ring->slots = slots;
	ring->size = size;
	ring->head = 0;
	ring->cnt = 0;
}
