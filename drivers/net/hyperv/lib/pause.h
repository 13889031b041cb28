/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: Room pause: how long until the next try
 *
 * Promise: what fails again and again is tried less often each time, twice as long
 * apart, up to a limit.
 *
 * Neighbours: whoever tries: keep, dev_queues, netdev_watch, vf. No state, any context.
 */
#ifndef _NETVSC_LIB_PAUSE_H
#define _NETVSC_LIB_PAUSE_H

#include <linux/minmax.h>
#include <linux/types.h>

/**
 * netvsc_pause() - the pause after another try
 * @tries: how many there were before
 * @first: the pause after the first; 65536 times as much fits a long
 * @most: the longest
 *
 * Return: @first, twice as much and so on, at most @most.
 */
static inline unsigned long netvsc_pause(u32 tries, unsigned long first,
					 unsigned long most)
{
	/* A shift has its limit, and no pause doubles that often. */
	return min(first << min_t(u32, tries, 16), most);
}

#endif /* _NETVSC_LIB_PAUSE_H */
