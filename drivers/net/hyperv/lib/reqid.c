// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room reqid: transaction ids of our requests on one channel
 *
 * Promise: a completion gets at a request's slot only with the id of the
 * request that is out right now, and only once; the host never sees an address
 * and never an id of 0.
 *
 * An id is made of the slot and of a tag that changes with every use of it:
 *
 *	bits 63..32  tag, odd while the id is out
 *	bits 31..0   slot + 1
 *
 * States of a slot, by its tag and the ring of free slots:
 *
 *	free (even, in ring) --alloc--> out (odd) --take--> taken (even)
 *	  ^   ^                          |                     |
 *	  |   +---------- undo ----------+                     |
 *	  +------------------------- put ----------------------+
 *
 * Neighbours: chan.c owns one per channel. Sender (alloc, undo) and receiver
 * (take, put) are serialized each by its own lock or NAPI and run beside each
 * other: the ring has one producer and one consumer, and the tag is changed by
 * compare and exchange, so of an undo and a (hostile) early completion exactly
 * one succeeds.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include <asm/barrier.h>

#include "reqid.h"

#define SLOTS_MAX	BIT(30)

int netvsc_reqid_init(struct netvsc_reqid_table *table, u32 *tags, u32 *free,
		      u32 cnt)
{
	u32 i;

	if (!is_power_of_2(cnt) || cnt > SLOTS_MAX)
		return -EINVAL;
	table->tags = tags;
	table->free = free;
	table->cnt = cnt;
	table->alloc_cnt = 0;
	table->put_cnt = cnt;
	for (i = 0; i < cnt; i++) {
		tags[i] = 0;
		free[i] = i;
	}
	return 0;
}

static u64 make_id(u32 tag, u32 slot)
{
	return (u64)tag << 32 | (slot + 1);
}

int netvsc_reqid_peek(const struct netvsc_reqid_table *table)
{
	u32 at = table->alloc_cnt;

	/* Pairs with the release in put: who put it is done with the slot. */
	if (at == smp_load_acquire(&table->put_cnt))
		return -ENOSPC;
	return table->free[at & (table->cnt - 1)];
}

int netvsc_reqid_alloc(struct netvsc_reqid_table *table, u64 *id)
{
	u32 at = table->alloc_cnt;
	u32 slot, tag;

	/* Pairs with the release in put: the slot's number is there. */
	if (at == smp_load_acquire(&table->put_cnt))
		return -ENOSPC;
	slot = table->free[at & (table->cnt - 1)];
	WRITE_ONCE(table->alloc_cnt, at + 1);

	tag = READ_ONCE(table->tags[slot]) + 1;
	*id = make_id(tag, slot);
	/* Pairs with the compare and exchange in retire: the slot is filled. */
	smp_store_release(&table->tags[slot], tag);
	return slot;
}

/* Splits an id from the host into a slot that exists and an odd tag. */
static int split_id(const struct netvsc_reqid_table *table, u64 id, u32 *tag)
{
	u32 slot = (u32)id - 1;	/* wraps to something too large for 0 */

	*tag = id >> 32;
	if (slot >= table->cnt || !(*tag & 1))
		return -ENOENT;
	return slot;
}

/* Out -> not out, for one caller only. */
static int retire(struct netvsc_reqid_table *table, u64 id)
{
	int slot;
	u32 tag;

	slot = split_id(table, id, &tag);
	if (slot < 0)
		return slot;
	if (cmpxchg(&table->tags[slot], tag, tag + 1) != tag)
		return -ENOENT;
	return slot;
}

int netvsc_reqid_undo(struct netvsc_reqid_table *table, u64 id)
{
	int slot;

	slot = retire(table, id);
	if (slot < 0)
		return slot;
	/*
	 * The slot's number still stands in the ring where alloc read it: while
	 * this slot was out at most cnt - 1 others were free, so put has not
	 * come round to that place.
	 */
	WRITE_ONCE(table->alloc_cnt, table->alloc_cnt - 1);
	return slot;
}

int netvsc_reqid_lookup(const struct netvsc_reqid_table *table, u64 id)
{
	int slot;
	u32 tag;

	slot = split_id(table, id, &tag);
	if (slot < 0)
		return slot;
	/* Pairs with the release in alloc, for those who look at the slot. */
	return smp_load_acquire(&table->tags[slot]) == tag ? slot : -ENOENT;
}

int netvsc_reqid_take(struct netvsc_reqid_table *table, u64 id)
{
	return retire(table, id);
}

void netvsc_reqid_put(struct netvsc_reqid_table *table, u32 slot)
{
	u32 at = table->put_cnt;

	table->free[at & (table->cnt - 1)] = slot;
	/* Pairs with the acquire in alloc. */
	smp_store_release(&table->put_cnt, at + 1);
}

u32 netvsc_reqid_busy(const struct netvsc_reqid_table *table)
{
	return table->cnt - (READ_ONCE(table->put_cnt) -
			     READ_ONCE(table->alloc_cnt));
}
