/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: Room gpa: page list of a GPA-direct packet
 *
 * Promise: the list is what stands in the ring between the descriptor and the
 * payload, byte for byte, so that it is copied there in one go; it says whether
 * the host takes that much in a packet.
 *
 *	raw: | descriptor 16 | 0, ranges 4+4 | len, offset, pages | len, ... |
 *	     0               16              24 = empty list             used
 *
 * Neighbours: send and rndis.c list pages, chan writes descriptor and ring.
 *
 * State: only grows, until it is begun anew. No locks: the caller's.
 */
#ifndef _NETVSC_LIB_GPA_H
#define _NETVSC_LIB_GPA_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include <netvsc/nvsp.h>

/* The host's pages, whatever the kernel's are. */
#define NETVSC_GPA_PAGE_SHIFT	12
#define NETVSC_GPA_PAGE_BYTES	4096U

/* Words before the first range, and in all. */
#define NETVSC_GPA_HEAD_WORDS	3
#define NETVSC_GPA_WORDS	(NETVSC_GPA_HEAD_WORDS + NVSP_GPA_RANGES_MAX + \
				 NVSP_GPA_PAGES_MAX)

/**
 * struct netvsc_gpa - page list under construction
 * @words: of @raw in use
 * @ranges: ranges so far
 * @raw: see above; sheet 2.6
 */
struct netvsc_gpa {
	u32 words;
	u32 ranges;
	__le64 raw[NETVSC_GPA_WORDS];
};

/**
 * netvsc_gpa_init() - empty list
 * @gpa: the list
 */
static inline void netvsc_gpa_init(struct netvsc_gpa *gpa)
{
	gpa->words = NETVSC_GPA_HEAD_WORDS;
	gpa->ranges = 0;
}

/**
 * netvsc_gpa_init_placed() - list whose first ranges are said later
 * @gpa: the list
 * @ranges: so many, of one page each: netvsc_gpa_place() before it is sealed
 */
static inline void netvsc_gpa_init_placed(struct netvsc_gpa *gpa, u32 ranges)
{
	gpa->words = NETVSC_GPA_HEAD_WORDS + 2 * ranges;
	gpa->ranges = ranges;
}

/* First word of a range: bytes, and where in its first page it begins. */
static inline __le64 netvsc_gpa_extent(u32 offset, u32 len)
{
	return cpu_to_le64(len | (u64)offset << 32);
}

/**
 * netvsc_gpa_put() - write one physically contiguous range, hot path
 * @gpa: the list
 * @words: of it in use
 * @pfn: number of its first page
 * @offset: into that page, below NETVSC_GPA_PAGE_BYTES
 * @len: bytes, not 0; less than 1 GiB
 *
 * For a caller who keeps the count in a register; netvsc_gpa_add() is the same
 * for all others. Only @raw is a limit here; what the host takes is
 * netvsc_gpa_fits(), asked once for a list.
 *
 * Return: words in use then; 0: no place for it.
 */
static inline u32 netvsc_gpa_put(struct netvsc_gpa *gpa, u32 words, u64 pfn,
				 u32 offset, u32 len)
{
	u32 pages = (offset + len + NETVSC_GPA_PAGE_BYTES - 1) >>
		    NETVSC_GPA_PAGE_SHIFT;
	u32 end = words + 1 + pages;

	if (unlikely(end > NETVSC_GPA_WORDS))
		return 0;
	gpa->raw[words++] = netvsc_gpa_extent(offset, len);
	do {
		gpa->raw[words] = cpu_to_le64(pfn++);
	} while (++words < end);
	return end;
}

/**
 * netvsc_gpa_add() - append one physically contiguous range
 * @gpa: the list
 * @pfn: number of its first page
 * @offset: into that page, below NETVSC_GPA_PAGE_BYTES
 * @len: bytes, not 0; less than 1 GiB
 *
 * Return: 0, -E2BIG: no place for it; the list is unchanged then.
 */
static inline int netvsc_gpa_add(struct netvsc_gpa *gpa, u64 pfn, u32 offset,
				 u32 len)
{
	u32 words = netvsc_gpa_put(gpa, gpa->words, pfn, offset, len);

	if (!words)
		return -E2BIG;
	gpa->words = words;
	gpa->ranges++;
	return 0;
}

/**
 * netvsc_gpa_fits() - does the host take so many ranges and pages?
 * @gpa: the list
 *
 * Sheet 2.6: NVSP_GPA_RANGES_MAX, NVSP_GPA_PAGES_MAX.
 *
 * Return: true: it does.
 */
static inline bool netvsc_gpa_fits(const struct netvsc_gpa *gpa)
{
	return gpa->ranges <= NVSP_GPA_RANGES_MAX &&
	       gpa->words - NETVSC_GPA_HEAD_WORDS - gpa->ranges <=
	       NVSP_GPA_PAGES_MAX;
}

/**
 * netvsc_gpa_place() - say where a range is, after all
 * @gpa: the list
 * @range: its number, below what netvsc_gpa_init_placed() was given
 * @pfn: number of that page
 * @offset: into it
 * @len: bytes
 *
 * For what goes into memory that is known only when all else is listed.
 */
static inline void netvsc_gpa_place(struct netvsc_gpa *gpa, u32 range, u64 pfn,
				    u32 offset, u32 len)
{
	__le64 *at = gpa->raw + NETVSC_GPA_HEAD_WORDS + 2 * range;

	at[0] = netvsc_gpa_extent(offset, len);
	at[1] = cpu_to_le64(pfn);
}

/**
 * netvsc_gpa_bytes() - of descriptor and list in the ring
 * @gpa: the list
 *
 * Return: bytes, a multiple of 8.
 */
static inline u32 netvsc_gpa_bytes(const struct netvsc_gpa *gpa)
{
	return gpa->words * sizeof(gpa->raw[0]);
}

/**
 * netvsc_gpa_seal() - the list is complete
 * @gpa: the list
 * @desc: first word of the packet's descriptor
 * @id: the second: its transaction id
 *
 * After that netvsc_gpa_bytes() of @gpa->raw are ready for the ring.
 */
static inline void netvsc_gpa_seal(struct netvsc_gpa *gpa, u64 desc, u64 id)
{
	gpa->raw[0] = cpu_to_le64(desc);
	gpa->raw[1] = cpu_to_le64(id);
	gpa->raw[2] = cpu_to_le64((u64)gpa->ranges << 32);
}

#endif /* _NETVSC_LIB_GPA_H */
