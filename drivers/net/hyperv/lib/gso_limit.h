/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: Room gso_limit: how large a frame the stack makes for whoever sends it
 *
 * Promise: the limit is what the user wants, as far as the sender of the hour can do it.
 * A wish that one sender cannot fulfil is kept for the next one. A value that is not
 * the one applied last is a wish of the user; the same value again is none.
 *
 * Neighbours: vf, which knows who sends. No locks: the caller's.
 */
#ifndef _NETVSC_LIB_GSO_LIMIT_H
#define _NETVSC_LIB_GSO_LIMIT_H

#include <linux/minmax.h>
#include <linux/types.h>

/**
 * struct netvsc_gso_limit - one limit of the interface
 * @wanted: by the user, or the default
 * @applied: in force since the last look
 */
struct netvsc_gso_limit {
	u32 wanted;
	u32 applied;
};

/**
 * netvsc_gso_limit_init() - nobody has changed the default yet
 * @limit: to be filled
 * @now: the default, which is in force
 */
static inline void netvsc_gso_limit_init(struct netvsc_gso_limit *limit,
					 u32 now)
{
	limit->wanted = now;
	limit->applied = now;
}

/**
 * netvsc_gso_limit_apply() - another sender, or one that can do more or less
 * @limit: the limit
 * @now: in force; another than we applied: of the user
 * @most: the sender can do
 *
 * Return: what is to be in force from now on.
 */
static inline u32 netvsc_gso_limit_apply(struct netvsc_gso_limit *limit,
					 u32 now, u32 most)
{
	if (now != limit->applied)
		limit->wanted = now;
	limit->applied = min(limit->wanted, most);
	return limit->applied;
}

#endif /* _NETVSC_LIB_GSO_LIMIT_H */
