/* SPDX-License-Identifier: GPL-2.0 */
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
#ifndef _NETVSC_LIB_BATCH_H
#define _NETVSC_LIB_BATCH_H

#include <linux/types.h>

/**
 * struct netvsc_batch_limits - what the host allows, fixed while attached
 * @section_bytes: size of a send section; 0 if there is no send buffer
 * @align: alignment of a message that follows another, a power of two
 * @max_pkts: messages per VMBus packet, at least 1
 */
struct netvsc_batch_limits {
	u32 section_bytes;
	u32 align;
	u32 max_pkts;
};

/**
 * struct netvsc_batch - the open section of a queue
 * @used: bytes in it, padding included
 * @pkts: messages in it; 0 means that no section is open
 */
struct netvsc_batch {
	u32 used;
	u32 pkts;
};

/* Strictly less than a section, with room for the padding behind it. */
static inline bool netvsc_batch_fits(const struct netvsc_batch_limits *limits,
				     u32 used, u32 more, u32 align)
{
	return (u64)used + more + align < limits->section_bytes;
}

/**
 * enum netvsc_batch_verdict - what to do with the next packet
 * @NETVSC_BATCH_APPEND: copy it behind what the open section holds
 * @NETVSC_BATCH_PARTIAL: append its RNDIS header alone, name the frame's pages
 *	in the same VMBus packet and send now
 * @NETVSC_BATCH_START: send the open section if there is one, claim another
 *	and copy the packet into it; if none is free: @NETVSC_BATCH_DIRECT
 * @NETVSC_BATCH_DIRECT: send the open section if there is one, then this
 *	packet by its pages
 */
enum netvsc_batch_verdict {
	NETVSC_BATCH_APPEND,
	NETVSC_BATCH_PARTIAL,
	NETVSC_BATCH_START,
	NETVSC_BATCH_DIRECT,
};

/**
 * netvsc_batch_decide() - the decision table of sheet 7.5, hot path
 * @open: the queue's open section
 * @limits: what the host allows
 * @hdr: RNDIS header bytes of the packet
 * @len: RNDIS bytes of the packet, header and frame, without padding
 *
 * R26, R27. Control and XDP frames do not ask: they must not touch the open
 * section (R24).
 *
 * Return: the verdict.
 */
static inline enum netvsc_batch_verdict
netvsc_batch_decide(const struct netvsc_batch *open,
		    const struct netvsc_batch_limits *limits, u32 hdr, u32 len)
{
	if (open->pkts && open->pkts < limits->max_pkts) {
		if (netvsc_batch_fits(limits, open->used, len, limits->align))
			return NETVSC_BATCH_APPEND;
		if (netvsc_batch_fits(limits, open->used, hdr, 0))
			return NETVSC_BATCH_PARTIAL;
	}
	if (netvsc_batch_fits(limits, 0, len, limits->align))
		return NETVSC_BATCH_START;
	return NETVSC_BATCH_DIRECT;
}

/**
 * netvsc_batch_stays_open() - may the section wait for more packets?
 * @limits: what the host allows
 * @pkts: messages in it, the newest included
 * @more: the stack says that more packets follow
 *
 * Ask before copying: a message is padded only if the section stays open.
 * If this says no, send now (R25).
 *
 * Return: true: it may wait.
 */
static inline bool
netvsc_batch_stays_open(const struct netvsc_batch_limits *limits, u32 pkts,
			bool more)
{
	return more && pkts < limits->max_pkts;
}

/**
 * netvsc_batch_pad() - zero bytes that align what follows
 * @limits: what the host allows
 * @len: RNDIS bytes of the message
 *
 * Return: 0 .. align - 1; counted in the message length. Sheet 5.9.
 */
static inline u32 netvsc_batch_pad(const struct netvsc_batch_limits *limits,
				   u32 len)
{
	return -len & (limits->align - 1);
}

#endif /* _NETVSC_LIB_BATCH_H */
