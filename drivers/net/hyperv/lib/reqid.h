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
 * struct netvsc_reqid_table - slots and which of them are out
 * @tags: one per slot: odd while its id is out, one more at each change
 * @free: ring of free slot numbers
 * @cnt: number of slots, a power of two
 * @alloc_cnt: slots ever taken from @free; free running, the sender's
 * @put_cnt: slots ever added to @free; free running, the receiver's
 *
 * The sender peeks and issues, the receiver takes and puts. Each side is
 * serialized by its caller; the two may run at the same time.
 */
struct netvsc_reqid_table {
	u32 *tags;
	u32 *free;
	u32 cnt;
	u32 alloc_cnt ____cacheline_aligned_in_smp;
	u32 put_cnt ____cacheline_aligned_in_smp;
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
static inline int netvsc_reqid_peek(const struct netvsc_reqid_table *table)
{
	u32 at = table->alloc_cnt;

	/* Pairs with the release in put: whoever put it is done with the slot. */
	if (at == smp_load_acquire(&table->put_cnt))
		return -ENOSPC;
	return table->free[at & (table->cnt - 1)];
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
	u32 tag = table->tags[slot] + 1;

	WRITE_ONCE(table->alloc_cnt, table->alloc_cnt + 1);
	/* Pairs with the acquire in take: the slot is filled. */
	smp_store_release(&table->tags[slot], tag);
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

	if (slot >= table->cnt || !(tag & 1))
		return -ENOENT;
	/* Pairs with the release in issue, for those who look at the slot. */
	if (smp_load_acquire(&table->tags[slot]) != tag)
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
		WRITE_ONCE(table->tags[slot], (u32)(id >> 32) + 1);
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

	table->free[at & (table->cnt - 1)] = slot;
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
	return READ_ONCE(table->put_cnt) - READ_ONCE(table->alloc_cnt);
}

/**
 * netvsc_reqid_busy() - slots that are out or not put back yet
 * @table: the table
 *
 * Return: number; exact only for the side that stands still.
 */
static inline u32 netvsc_reqid_busy(const struct netvsc_reqid_table *table)
{
	return table->cnt - netvsc_reqid_free(table);
}

#endif /* _NETVSC_LIB_REQID_H */
