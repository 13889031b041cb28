/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_BITOPS_H
#define _SHIM_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/math.h>
#include <linux/types.h>

#define BITS_TO_LONGS(n)	DIV_ROUND_UP(n, BITS_PER_LONG)

#define BIT_WORD(nr)		((nr) / BITS_PER_LONG)
#define __ffs(word)		((unsigned long)__builtin_ctzl(word))

static inline unsigned long *shim_word(unsigned long nr, unsigned long *words)
{
	return &words[nr / BITS_PER_LONG];
}

static inline bool test_bit(unsigned long nr, const unsigned long *words)
{
	return __atomic_load_n(&words[nr / BITS_PER_LONG], __ATOMIC_RELAXED) &
	       BIT(nr % BITS_PER_LONG);
}

static inline bool test_and_set_bit_lock(unsigned long nr, unsigned long *words)
{
	unsigned long bit = BIT(nr % BITS_PER_LONG);

	return __atomic_fetch_or(shim_word(nr, words), bit, __ATOMIC_ACQUIRE) &
	       bit;
}

static inline bool test_and_clear_bit(unsigned long nr, unsigned long *words)
{
	unsigned long bit = BIT(nr % BITS_PER_LONG);

	return __atomic_fetch_and(shim_word(nr, words), ~bit,
				  __ATOMIC_SEQ_CST) & bit;
}

static inline unsigned long
find_next_zero_bit(const unsigned long *words, unsigned long size,
		   unsigned long offset)
{
	while (offset < size && test_bit(offset, words))
		offset++;
	return offset < size ? offset : size;
}

#endif
