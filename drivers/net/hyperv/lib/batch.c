// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room batch: copy, append, header only, or by pages?
 *
 * Promise: the decision table of sheet 7.5, and nothing else. What the verdict
 * means for sections, rings and packets is tx.c's business.
 *
 *	open section holds `used` bytes in fewer than max_pkts messages?
 *	  the packet fits behind them	APPEND
 *	  at least its header fits	PARTIAL
 *	fits a section of its own	START
 *	otherwise			DIRECT
 *
 * The comparisons are strict and count one alignment, as those of stock Linux:
 * a section is never filled to its last byte.
 */
#include <linux/kernel.h>

#include "batch.h"

static bool fits(u32 used, u32 more, u32 align, u32 section_bytes)
{
	return (u64)used + more + align < section_bytes;
}

enum netvsc_batch_verdict
netvsc_batch_decide(const struct netvsc_batch *open,
		    const struct netvsc_batch_limits *limits, u32 hdr, u32 len)
{
	if (open->pkts && open->pkts < limits->max_pkts) {
		if (fits(open->used, len, limits->align, limits->section_bytes))
			return NETVSC_BATCH_APPEND;
		if (fits(open->used, hdr, 0, limits->section_bytes))
			return NETVSC_BATCH_PARTIAL;
	}
	if (fits(0, len, limits->align, limits->section_bytes))
		return NETVSC_BATCH_START;
	return NETVSC_BATCH_DIRECT;
}
