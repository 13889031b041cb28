/* SPDX-License-Identifier: GPL-2.0 */
/* Room tx_rules: what the host may be asked for of a frame that the stack sends. */
#ifndef _NETVSC_LIB_TX_RULES_H
#define _NETVSC_LIB_TX_RULES_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include "ndis_caps.h"

/* The rules look at no more than so many bytes: Ethernet, IPv6, TCP. */
#define NETVSC_TX_RULES_BYTES	74

/**
 * enum netvsc_tx_kind - what a frame is by its own headers
 * @NETVSC_TX_OTHER: nothing that the host is asked about
 * @NETVSC_TX_TCP4: TCP over IPv4 without options, no fragment
 * @NETVSC_TX_UDP4: UDP over the same
 * @NETVSC_TX_TCP6: TCP over IPv6 without extension headers
 * @NETVSC_TX_UDP6: UDP over the same
 */
enum netvsc_tx_kind {
	NETVSC_TX_OTHER,
	NETVSC_TX_TCP4,
	NETVSC_TX_UDP4,
	NETVSC_TX_TCP6,
	NETVSC_TX_UDP6,
};

/**
 * struct netvsc_tx_ask - a frame, and what its sender says of it: anything
 * @bytes: of the frame, without a tag that travels beside it
 * @partial: the sum from @start on is left to us
 * @start: from the first byte of the frame
 * @field: where the sum belongs, from @start
 * @mss: payload bytes of a segment; 0: the frame is not to be cut
 * @family: the segments are of TCP over IPv4 (4) or IPv6 (6); 0: of others
 */
struct netvsc_tx_ask {
	u32 bytes;
	bool partial;
	u32 start;
	u32 field;
	u32 mss;
	u8 family;
};

/**
 * enum netvsc_tx_verdict - what is to be done about a frame
 * @NETVSC_TX_AS_IS: ask for nothing
 * @NETVSC_TX_ASK_CSUM: ask for the sum
 * @NETVSC_TX_ASK_LSO: ask for segments
 * @NETVSC_TX_LSO_UNFIT: it could be asked, but does not do it for such a size, or
 *	not now: cut in software
 * @NETVSC_TX_SUM: sum in software
 * @NETVSC_TX_CUT: cut in software; what comes of it is judged again
 * @NETVSC_TX_CUT_AND_SUM: both in software
 * @NETVSC_TX_TOO_LONG: drop, it or its segments are longer than any frame
 * @NETVSC_TX_BAD: drop, the sum does not lie within the frame
 */
enum netvsc_tx_verdict {
	NETVSC_TX_AS_IS,
	NETVSC_TX_ASK_CSUM,
	NETVSC_TX_ASK_LSO,
	NETVSC_TX_LSO_UNFIT,
	NETVSC_TX_SUM,
	NETVSC_TX_CUT,
	NETVSC_TX_CUT_AND_SUM,
	NETVSC_TX_TOO_LONG,
	NETVSC_TX_BAD,
};

/**
 * struct netvsc_tx_ruling - by value, in one register
 * @kind: what a frame is; NETVSC_TX_OTHER where it does not matter
 * @verdict: what is to be done about it
 */
struct netvsc_tx_ruling {
	enum netvsc_tx_kind kind;
	enum netvsc_tx_verdict verdict;
};

static __always_inline bool netvsc_tx_rules_is_tcp(enum netvsc_tx_kind kind)
{
	return kind == NETVSC_TX_TCP4 || kind == NETVSC_TX_TCP6;
}

static __always_inline bool netvsc_tx_rules_is_ipv6(enum netvsc_tx_kind kind)
{
	return kind == NETVSC_TX_TCP6 || kind == NETVSC_TX_UDP6;
}

/**
 * netvsc_tx_rules_l4() - where TCP or UDP begins
 * @kind: any but NETVSC_TX_OTHER
 *
 * Return: from the first byte of the frame (sheet 7.2).
 */
static __always_inline u32 netvsc_tx_rules_l4(enum netvsc_tx_kind kind)
{
	return netvsc_tx_rules_is_ipv6(kind) ? 54 : 34;
}

/* As it stands there: to be compared, not to be counted with. */
static __always_inline __be16 netvsc_tx_rules_be16(const u8 *p)
{
	__be16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/**
 * netvsc_tx_rules_kind() - what a frame is
 * @head: its first bytes
 * @linear: how many; with fewer than NETVSC_TX_RULES_BYTES it may be another
 *	than it seems unless they are all of it
 *
 * Return: enum netvsc_tx_kind; any but NETVSC_TX_OTHER: the headers are there, up
 * to 20 bytes of TCP or 8 of UDP.
 */
static __always_inline enum netvsc_tx_kind
netvsc_tx_rules_kind(const u8 *head, u32 linear)
{
	__be16 type;
	u8 l4;

	if (linear < 42)
		return NETVSC_TX_OTHER;
	type = netvsc_tx_rules_be16(head + 12);
	if (type == cpu_to_be16(ETH_P_IP)) {
		l4 = head[23];
		/* Version 4, five words of header; offset 0, no more fragments. */
		if (head[14] != 0x45 ||
		    netvsc_tx_rules_be16(head + 20) & cpu_to_be16(0x3fff))
			return NETVSC_TX_OTHER;
		if (l4 == IPPROTO_TCP && linear >= 54)
			return NETVSC_TX_TCP4;
		return l4 == IPPROTO_UDP ? NETVSC_TX_UDP4 : NETVSC_TX_OTHER;
	}
	if (type == cpu_to_be16(ETH_P_IPV6) && head[14] >> 4 == 6) {
		l4 = head[20];
		if (l4 == IPPROTO_TCP && linear >= 74)
			return NETVSC_TX_TCP6;
		if (l4 == IPPROTO_UDP && linear >= 62)
			return NETVSC_TX_UDP6;
	}
	return NETVSC_TX_OTHER;
}

/* Ethernet up to the payload of TCP or UDP; may be beyond the frame. */
static __always_inline u32
netvsc_tx_rules_headers(enum netvsc_tx_kind kind, const u8 *head)
{
	u32 l4 = netvsc_tx_rules_l4(kind);

	return l4 + (netvsc_tx_rules_is_tcp(kind) ? (head[l4 + 12] >> 4) * 4 : 8);
}

/* What the sender says of the sum is what the headers say. */
static __always_inline bool
netvsc_tx_rules_sum_agrees(enum netvsc_tx_kind kind, const u8 *head,
			   const struct netvsc_tx_ask *ask)
{
	u32 l4 = netvsc_tx_rules_l4(kind), headers;

	if (ask->partial &&
	    (ask->start != l4 ||
	     ask->field != (netvsc_tx_rules_is_tcp(kind) ? 16 : 6)))
		return false;
	if (!netvsc_tx_rules_is_tcp(kind))
		return true;
	headers = netvsc_tx_rules_headers(kind, head);
	return headers >= l4 + 20 && headers <= ask->bytes;
}

/* The packet ends where the frame does. */
static __always_inline bool
netvsc_tx_rules_length_agrees(enum netvsc_tx_kind kind, const u8 *head,
			      u32 bytes)
{
	if (netvsc_tx_rules_is_ipv6(kind))
		return be16_to_cpu(netvsc_tx_rules_be16(head + 18)) == bytes - 54;
	return be16_to_cpu(netvsc_tx_rules_be16(head + 16)) == bytes - 14;
}

/**
 * netvsc_tx_rules_software() - can the sum be made in software?
 * @bytes: of the frame
 * @start: as in struct netvsc_tx_ask
 * @field: likewise
 *
 * Return: NETVSC_TX_SUM, NETVSC_TX_BAD.
 */
enum netvsc_tx_verdict netvsc_tx_rules_software(u32 bytes, u32 start,
						u32 field);

/* @kind is a constant, so little is left of this. */
static __always_inline struct netvsc_tx_ruling
netvsc_tx_rules_sum(enum netvsc_tx_kind kind, bool able, const u8 *head,
		    const struct netvsc_tx_ask *ask)
{
	struct netvsc_tx_ruling ruling = { .kind = kind };

	if (able && netvsc_tx_rules_sum_agrees(kind, head, ask) &&
	    netvsc_tx_rules_length_agrees(kind, head, ask->bytes))
		ruling.verdict = NETVSC_TX_ASK_CSUM;
	else
		ruling.verdict = netvsc_tx_rules_software(ask->bytes,
							  ask->start,
							  ask->field);
	return ruling;
}

/**
 * netvsc_tx_rules_whole() - a frame that is not to be cut, hot path
 * @head: its first bytes
 * @linear: how many
 * @ask: what its sender says; mss is 0
 * @caps: what the host does
 * @frame_max: longest frame that it takes
 *
 * Return: the verdict, and the kind if the sum is left to us.
 */
static __always_inline struct netvsc_tx_ruling
netvsc_tx_rules_whole(const u8 *head, u32 linear,
		      const struct netvsc_tx_ask *ask,
		      const struct netvsc_offload_caps *caps, u32 frame_max)
{
	if (ask->bytes > frame_max)
		return (struct netvsc_tx_ruling){ .verdict = NETVSC_TX_TOO_LONG };
	if (!ask->partial)
		return (struct netvsc_tx_ruling){ .verdict = NETVSC_TX_AS_IS };
	switch (netvsc_tx_rules_kind(head, linear)) {
	case NETVSC_TX_TCP4:
		return netvsc_tx_rules_sum(NETVSC_TX_TCP4, caps->tcp4_csum,
					   head, ask);
	case NETVSC_TX_UDP4:
		return netvsc_tx_rules_sum(NETVSC_TX_UDP4, caps->udp4_csum,
					   head, ask);
	case NETVSC_TX_TCP6:
		return netvsc_tx_rules_sum(NETVSC_TX_TCP6, caps->tcp6_csum,
					   head, ask);
	case NETVSC_TX_UDP6:
		return netvsc_tx_rules_sum(NETVSC_TX_UDP6, caps->udp6_csum,
					   head, ask);
	case NETVSC_TX_OTHER:
		break;
	}
	return netvsc_tx_rules_sum(NETVSC_TX_OTHER, false, head, ask);
}

/**
 * netvsc_tx_rules_judge() - what a frame is, and the verdict on it
 * @head: its first bytes
 * @linear: how many
 * @ask: what its sender says
 * @caps: what the host does
 * @frame_max: longest frame that it takes
 *
 * Sheet 7.1 to 7.3; R29. The host has to be right about a frame by its headers
 * alone, so nothing is asked for where sender and headers disagree.
 *
 * Return: both. The kind is what it is where the host is asked.
 */
struct netvsc_tx_ruling
netvsc_tx_rules_judge(const u8 *head, u32 linear,
		      const struct netvsc_tx_ask *ask,
		      const struct netvsc_offload_caps *caps, u32 frame_max);

#endif /* _NETVSC_LIB_TX_RULES_H */
