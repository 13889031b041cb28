/* SPDX-License-Identifier: GPL-2.0 */
/* Room reqid: transaction ids of our requests on one channel. */
#ifndef _NETVSC_LIB_REQID_H
#define _NETVSC_LIB_REQID_H

#include <linux/cache.h>
#include <linux/types.h>

/**
 * struct netvsc_reqid_table - slots and which of them are out
 * @tags: one per slot: odd while its id is out, one more at each change
 * @free: ring of free slot numbers
 * @cnt: number of slots, a power of two
 * @alloc_cnt: slots ever taken from @free; free running, the sender's
 * @put_cnt: slots ever added to @free; free running, the receiver's
 *
 * The sender allocates (and undoes), the receiver takes and puts. Each side
 * is serialized by its caller; the two may run at the same time.
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
 * netvsc_reqid_peek() - the slot that the next alloc will take, sender's side
 * @table: the table
 *
 * The slot is free, so the sender may fill what belongs to it: its alloc is
 * what shows it to the receiver.
 *
 * Return: the slot, -ENOSPC if all are out.
 */
int netvsc_reqid_peek(const struct netvsc_reqid_table *table);

/**
 * netvsc_reqid_alloc() - next id, sender's side
 * @table: the table
 * @id: set on success; never 0 (sheet 2.7), never the same twice in a row for
 *	one slot
 *
 * From here on a hostile host may complete the id, sent or not: allocate last,
 * after the slot that netvsc_reqid_peek() named is filled and nothing but the
 * ring write is left.
 *
 * Return: the slot, -ENOSPC if all are out.
 */
int netvsc_reqid_alloc(struct netvsc_reqid_table *table, u64 *id);

/**
 * netvsc_reqid_undo() - the ring had no room, sender's side
 * @table: the table
 * @id: the one that was allocated last
 *
 * Return: the slot, which is free again; -ENOENT if the host completed the id
 * though it was never sent: the receiver owns the request then.
 */
int netvsc_reqid_undo(struct netvsc_reqid_table *table, u64 id);

/**
 * netvsc_reqid_lookup() - is this id out? Either side
 * @table: the table
 * @id: from the host
 *
 * Return: the slot, -ENOENT.
 */
int netvsc_reqid_lookup(const struct netvsc_reqid_table *table, u64 id);

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
int netvsc_reqid_take(struct netvsc_reqid_table *table, u64 id);

/**
 * netvsc_reqid_put() - done with the slot's data, receiver's side
 * @table: the table
 * @slot: from netvsc_reqid_take(), once
 */
void netvsc_reqid_put(struct netvsc_reqid_table *table, u32 slot);

/**
 * netvsc_reqid_busy() - slots that are out or not put back yet
 * @table: the table
 *
 * Return: number; exact only for the side that stands still.
 */
u32 netvsc_reqid_busy(const struct netvsc_reqid_table *table);

#endif /* _NETVSC_LIB_REQID_H */
