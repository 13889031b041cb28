/* SPDX-License-Identifier: GPL-2.0 */
/* Room section: which sections of the send buffer are taken. */
#ifndef _NETVSC_LIB_SECTION_H
#define _NETVSC_LIB_SECTION_H

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>

/**
 * struct netvsc_section_map - one bit per section, shared by all queues
 * @words: storage of NETVSC_SECTION_WORDS(@cnt) words, given by the caller;
 *	changed with atomic bit operations only
 * @cnt: number of sections, fixed
 */
struct netvsc_section_map {
	unsigned long *words;
	u32 cnt;
};

#define NETVSC_SECTION_WORDS(cnt)	BITS_TO_LONGS(cnt)

/**
 * netvsc_section_init() - all sections free
 * @map: set up
 * @words: storage, NETVSC_SECTION_WORDS(@cnt) words
 * @cnt: number of sections
 */
void netvsc_section_init(struct netvsc_section_map *map, unsigned long *words,
			 u32 cnt);

/**
 * netvsc_section_start() - where a queue starts to look
 * @map: the map
 * @queue: index of the queue
 * @queues: number of queues, not 0
 *
 * Spreads the queues over the map, on different words where there are enough,
 * so that they do not fight for the same cache line.
 *
 * Return: the hint for netvsc_section_claim(); constant for a queue.
 */
u32 netvsc_section_start(const struct netvsc_section_map *map, u32 queue,
			 u32 queues);

/* The slow half of netvsc_section_claim(). */
int netvsc_section_search(struct netvsc_section_map *map, u32 start);

/**
 * netvsc_section_claim() - take a free section
 * @map: the map
 * @start: where to look first; the search wraps around once
 *
 * Context: any; safe against itself and netvsc_section_release() on all CPUs.
 * Return: index of the section, -ENOSPC if none is free.
 */
static inline int netvsc_section_claim(struct netvsc_section_map *map, u32 start)
{
	unsigned long free;
	u32 i;

	/* Mostly the word a queue starts at has a free one. */
	if (likely(start < map->cnt)) {
		free = ~READ_ONCE(map->words[BIT_WORD(start)]) &
		       BITMAP_FIRST_WORD_MASK(start);
		i = round_down(start, BITS_PER_LONG) + (free ? __ffs(free) : 0);
		if (likely(free && i < map->cnt &&
			   !test_and_set_bit_lock(i, map->words)))
			return i;
	}
	return netvsc_section_search(map, start);
}

/**
 * netvsc_section_release() - give a section back
 * @map: the map
 * @index: as claimed
 *
 * Never toggles: a section that is free stays free (R15). The host cannot name
 * a section in a completion, but a bug elsewhere could.
 *
 * Context: any.
 * Return: 0, -ERANGE if there is no such section, -EALREADY if it is free.
 */
static inline int netvsc_section_release(struct netvsc_section_map *map,
					 u32 index)
{
	if (index >= map->cnt)
		return -ERANGE;
	/* Fully ordered: pairs with the acquire of the next claim. */
	return test_and_clear_bit(index, map->words) ? 0 : -EALREADY;
}

/**
 * netvsc_section_used() - how many sections are taken
 * @map: the map
 *
 * Return: number, exact only while nobody claims or releases.
 */
u32 netvsc_section_used(const struct netvsc_section_map *map);

#endif /* _NETVSC_LIB_SECTION_H */
