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
 *	free (even, in ring) --issue--> out (odd) --take--> taken (even)
 *	  ^                                                    |
 *	  +------------------------- put ----------------------+
 *
 * Neighbours: chan owns one per channel. Sender (peek, issue) and receiver
 * (take, put) are serialized each by its own lock or NAPI and run beside each
 * other: the ring of free slots has one producer and one consumer, an even tag
 * is changed by the sender alone, an odd one by the receiver alone. What was put
 * back the sender learns when it knows of no free slot any more.
 *
 * All but the set-up is on the hot path and lives in the header.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "reqid.h"

#define SLOTS_MAX	BIT(30)

int netvsc_reqid_init(struct netvsc_reqid_table *table, u32 *tags, u32 *free,
		      u32 cnt)
{
	u32 i;

	if (!is_power_of_2(cnt) || cnt > SLOTS_MAX)
		return -EINVAL;
	table->to_send = (struct netvsc_reqid_slots){
		.tags = tags,
		.free = free,
		.cnt = cnt,
	};
	table->to_take = table->to_send;
	table->alloc_cnt = 0;
	table->put_seen = cnt;
	table->put_cnt = cnt;
	for (i = 0; i < cnt; i++) {
		tags[i] = 0;
		free[i] = i;
	}
	return 0;
}
