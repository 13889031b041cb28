// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room section: which sections of the send buffer are taken
 *
 * Promise: a section belongs to one packet at a time, from the claim to the
 * release after the host's completion; a release that makes no sense changes
 * nothing and says so.
 *
 * Neighbours: tx.c claims and releases, poll.c (through tx.c) releases. The
 * map is shared by all queues of a device and changed by atomic bit operations
 * only: a claim is an acquire (nothing is written to the section before it is
 * ours), a release is ordered after everything that used it.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/kernel.h>

#include "section.h"

void netvsc_section_init(struct netvsc_section_map *map, unsigned long *words,
			 u32 cnt)
{
	map->words = words;
	map->cnt = cnt;
	bitmap_zero(words, cnt);
}

u32 netvsc_section_start(const struct netvsc_section_map *map, u32 queue,
			 u32 queues)
{
	u32 start = (u64)map->cnt * (queue % queues) / queues;

	/* Whole words to each queue, as long as every queue gets one. */
	if (map->cnt / queues >= BITS_PER_LONG)
		start -= start % BITS_PER_LONG;
	return start;
}

static int section_claim_between(unsigned long *words, u32 from, u32 end)
{
	u32 i;

	/* Losing a race for a bit moves on, so this ends. */
	for (i = find_next_zero_bit(words, end, from); i < end;
	     i = find_next_zero_bit(words, end, i + 1))
		if (!test_and_set_bit_lock(i, words))
			return i;
	return -ENOSPC;
}

int netvsc_section_search(struct netvsc_section_map *map, u32 start)
{
	int index;

	if (start >= map->cnt)
		start = 0;
	index = section_claim_between(map->words, start, map->cnt);
	if (index < 0 && start)
		index = section_claim_between(map->words, 0, start);
	return index;
}

u32 netvsc_section_used(const struct netvsc_section_map *map)
{
	return bitmap_weight(map->words, map->cnt);
}
