/* SPDX-License-Identifier: GPL-2.0 */
/* Room reqid: transaction ids of our requests on one channel. */
#ifndef _NETVSC_LIB_REQID_H
#define _NETVSC_LIB_REQID_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>

#include <asm/barrier.h>

/**
 * struct netvsc_reqid_slots - where the slots are; fixed
 * @tags: one per slot: odd while its id is out, one more at each change
 * @free: ring of free slot numbers
 * @cnt: number of slots, a power of two
 */
struct netvsc_reqid_slots {
	u32 *tags;
	u32 *free;
	u32 cnt;
};

/**
 * struct netvsc_reqid_table - slots and which of them are out
 * @to_send: the sender's copy of where they are
 * @alloc_cnt: slots ever taken from the ring; free running, the sender's
 * @put_seen: @put_cnt as the sender saw it last; there may be more
 * @to_take: the receiver's copy
 * @put_cnt: slots ever added to the ring; free running, the receiver's
 *
 * The sender peeks and issues, the receiver takes and puts. Each side is
 * serialized by its caller; the two may run at the same time, each with a cache
 * line of its own: the sender looks at the other's only when it knows of no free slot.
 */
struct netvsc_reqid_table {
	struct netvsc_reqid_slots to_send;
	u32 alloc_cnt;
	u32 put_seen;
	struct netvsc_reqid_slots to_take ____cacheline_aligned_in_smp;
	u32 put_cnt;
};

/**
 * netvsc_reqid_init() - no id is out
 * @table: set up
 * @tags: storage for @cnt entries
 * @free: storage for @cnt entries
 * @cnt: number of slots, a power of two up to 2^30
 *
 * The caller keeps what belongs to a request in an array of its own, by slot.
 *
 * Return: 0, -EINVAL.
 */
int netvsc_reqid_init(struct netvsc_reqid_table *table, u32 *tags, u32 *free,
		      u32 cnt);

/**
 * netvsc_reqid_peek() - the slot that goes out next, sender's side
 * @table: the table
 *
 * The slot is free, so the sender may fill what belongs to it:
 * netvsc_reqid_issue() is what shows it to the receiver.
 *
 * Return: the slot, -ENOSPC if all are out.
 */
static inline int netvsc_reqid_peek(struct netvsc_reqid_table *table)
{
	u32 at = table->alloc_cnt;

	if (unlikely(at == table->put_seen)) {
		/* Pairs with the release in put: whoever put it is done with the slot. */
		WRITE_ONCE(table->put_seen, smp_load_acquire(&table->put_cnt));
		if (at == table->put_seen)
			return -ENOSPC;
	}
	return table->to_send.free[at & (table->to_send.cnt - 1)];
}

/**
 * netvsc_reqid_issue() - the slot is out, sender's side
 * @table: the table
 * @slot: from netvsc_reqid_peek()
 *
 * From here on a hostile host may complete the id, sent or not: issue last,
 * after the slot is filled, the ring's space is reserved and nothing but the
 * writing is left.
 *
 * Return: the id; never 0 (sheet 2.7), never the same twice in a row for one
 * slot.
 */
static inline u64 netvsc_reqid_issue(struct netvsc_reqid_table *table, u32 slot)
{
	u32 tag = table->to_send.tags[slot] + 1;

	WRITE_ONCE(table->alloc_cnt, table->alloc_cnt + 1);
	/* Pairs with the acquire in take: the slot is filled. */
	smp_store_release(&table->to_send.tags[slot], tag);
	return (u64)tag << 32 | (slot + 1);
}

/**
 * netvsc_reqid_find() - is an id out? Receiver's side
 * @table: the table
 * @id: from the host
 *
 * Return: the slot, to look at until it is taken; -ENOENT.
 */
static inline int netvsc_reqid_find(const struct netvsc_reqid_table *table,
				    u64 id)
{
	u32 slot = (u32)id - 1;	/* wraps to something too large for 0 */
	u32 tag = id >> 32;

	if (slot >= table->to_take.cnt || !(tag & 1))
		return -ENOENT;
	/* Pairs with the release in issue, for those who look at the slot. */
	if (smp_load_acquire(&table->to_take.tags[slot]) != tag)
		return -ENOENT;
	return slot;
}

/**
 * netvsc_reqid_take() - a completion came, receiver's side
 * @table: the table
 * @id: from the host
 *
 * An id succeeds once: unknown, old and repeated ones are counted by the caller
 * and ignored (R15). The slot's data is the receiver's until it puts the slot.
 *
 * Return: the slot, -ENOENT.
 */
static inline int netvsc_reqid_take(struct netvsc_reqid_table *table, u64 id)
{
	int slot = netvsc_reqid_find(table, id);

	/* The sender leaves an odd tag alone, so this needs no exchange. */
	if (slot >= 0)
		WRITE_ONCE(table->to_take.tags[slot], (u32)(id >> 32) + 1);
	return slot;
}

/**
 * netvsc_reqid_put() - done with the slot's data, receiver's side
 * @table: the table
 * @slot: from netvsc_reqid_take(), once
 */
static inline void netvsc_reqid_put(struct netvsc_reqid_table *table, u32 slot)
{
	u32 at = table->put_cnt;

	table->to_take.free[at & (table->to_take.cnt - 1)] = slot;
	/* Pairs with the acquire in peek. */
	smp_store_release(&table->put_cnt, at + 1);
}

/**
 * netvsc_reqid_free() - slots that can be taken
 * @table: the table
 *
 * Return: number; exact only for the side that stands still.
 */
static inline u32 netvsc_reqid_free(const struct netvsc_reqid_table *table)
{
	s32 cnt = READ_ONCE(table->put_cnt);

	/* Slots that were put and taken after the first look make it less than none. */
	cnt -= READ_ONCE(table->alloc_cnt);
	return cnt > 0 ? cnt : 0;
}

/**
 * netvsc_reqid_known() - slots that the sender knows to be free
 * @table: the table
 *
 * Does not look at what the receiver writes.
 *
 * Return: number, at most netvsc_reqid_free() while the sender stands still.
 */
static inline u32 netvsc_reqid_known(const struct netvsc_reqid_table *table)
{
	s32 cnt = READ_ONCE(table->put_seen);

	cnt -= READ_ONCE(table->alloc_cnt);
	return cnt > 0 ? cnt : 0;
}

/**
 * netvsc_reqid_busy() - slots that are out or not put back yet
 * @table: the table
 *
 * Return: number; exact only for the side that stands still.
 */
static inline u32 netvsc_reqid_busy(const struct netvsc_reqid_table *table)
{
	return table->to_take.cnt - netvsc_reqid_free(table);
}

#endif /* _NETVSC_LIB_REQID_H */
