/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Negative vectors N1 to N24 of sheet 10.15: a golden dump with a few bytes
 * changed, and what must come of it. vec_negative_apply() makes the bytes.
 */
#ifndef _TESTS_VECTORS_NEGATIVE_H
#define _TESTS_VECTORS_NEGATIVE_H

#include "ndis.h"
#include "nvsp.h"
#include "rndis.h"
#include "rx.h"
#include "tx.h"
#include "vector.h"

enum vec_judge {
	VEC_GUEST,
	VEC_HOST,
};

/**
 * struct vec_negative - one row of the table
 * @number: the N
 * @judge: who must react
 * @name: behaviour that is wanted
 * @base: golden dump
 * @base_bytes: its length
 * @offset: of the change in @base
 * @bytes: how many change, 1 to 4
 * @value: little endian
 */
struct vec_negative {
	int number;
	enum vec_judge judge;
	const char *name;
	const __u8 *base;
	__u32 base_bytes;
	__u32 offset;
	__u32 bytes;
	__u32 value;
};

#define NEGATIVE(n, who, dump, off, len, val, text)			\
	[n] = {								\
		.number = n, .judge = who, .name = text,		\
		.base = vec_##dump, .base_bytes = sizeof(vec_##dump),	\
		.offset = off, .bytes = len, .value = val,		\
	}

#define VEC_NEGATIVE_CNT	24
#define VEC_NEGATIVE_MAX_BYTES	256

/* By number: vec_negative[5] is N5; [0] is empty. */
static const struct vec_negative VECTOR_UNUSED
vec_negative[VEC_NEGATIVE_CNT + 1] = {
	NEGATIVE(1, VEC_GUEST, rx_tcp4_packet, 16, 2, 0x0000,
		 "wrong set id: drop, complete with status 2"),
	NEGATIVE(2, VEC_GUEST, rx_tcp4_packet, 20, 4, 0x20000000,
		 "range count overflows: drop, complete with status 2"),
	NEGATIVE(3, VEC_GUEST, rx_tcp4_packet, 28, 4, 0xFFFFFFF0,
		 "range 1 outside the buffer: deliver range 2, status 2"),
	NEGATIVE(4, VEC_GUEST, rx_tcp4_packet, 24, 4, 0x0000070F,
		 "range 1 above the sub-allocation: deliver range 2, status 2"),
	NEGATIVE(5, VEC_GUEST, rx_tcp4_header, 4, 4, 0x0000070F,
		 "message length above the range (1806): reject"),
	NEGATIVE(6, VEC_GUEST, rx_tcp4_header, 8, 4, 0xFFFFFFF8,
		 "data offset overflows: reject"),
	NEGATIVE(7, VEC_GUEST, rx_tcp4_header, 12, 4, 0x0000060F,
		 "data length above the 1550 bytes that remain: reject"),
	NEGATIVE(8, VEC_GUEST, rx_tcp4_header, 44, 4, 0,
		 "PPI of size 0: reject without looping"),
	NEGATIVE(9, VEC_GUEST, rx_tcp4_header, 44, 4, 0x00000011,
		 "PPI past the end of the block: reject"),
	NEGATIVE(10, VEC_GUEST, rx_tcp4_header, 52, 4, 0x10,
		 "PPI data past the end of the element: reject"),
	NEGATIVE(11, VEC_GUEST, rx_rsc_packet, 20, 4, 2,
		 "last fragment missing: discard the sequence, status 2"),
	NEGATIVE(12, VEC_GUEST, rx_rsc_first, 105, 1, 0x01,
		 "middle without first: discard all three, status 2"),
	NEGATIVE(13, VEC_GUEST, rndis_initialize_cmplt, 8, 4, 0x77,
		 "unknown request id: log, ignore, status 1"),
	NEGATIVE(14, VEC_GUEST, nvsp_indirection_windows, 8, 4, 0x24,
		 "V6 offset defect: table at 40 anyway"),
	NEGATIVE(15, VEC_GUEST, nvsp_indirection_windows, 8, 4, 0x2C,
		 "V6.1, table past the end: ignore the message"),
	NEGATIVE(16, VEC_GUEST, nvsp_indirection_compact, 12, 4, 64,
		 "entry 0 names no channel: reduce it"),
	NEGATIVE(17, VEC_HOST, tx_tcp4_vlan_csum, 44, 4, 0,
		 "PPI of size 0: status 2"),
	NEGATIVE(18, VEC_HOST, tx_tcp4_vlan_csum, 12, 4, 61,
		 "data length past the message: status 2"),
	NEGATIVE(19, VEC_HOST, tx_tcp4_vlan_csum_packet, 24, 4, 0x00FFFFFF,
		 "section that does not exist: status 2"),
	NEGATIVE(20, VEC_HOST, tx_tcp4_vlan_csum_packet, 24, 4, 0xFFFFFFFF,
		 "in-band without section, no data at all: status 2"),
	NEGATIVE(21, VEC_HOST, tx_aggregate, 112, 4, 4,
		 "QUERY behind a PACKET: status 2, nothing sent"),
	NEGATIVE(22, VEC_HOST, tx_aggregate, 4, 4, 0,
		 "message of length 0: status 2, no loop"),
	NEGATIVE(23, VEC_HOST, tx_lso_packet, 44, 4, 0x1000,
		 "byte offset of a range is a page: reject the packet"),
	NEGATIVE(24, VEC_HOST, ndis_set_rss, 80, 4, 9,
		 "table entry 9 with 4 channels: SET status 0xC0010015"),
};

/* Copies the dump into @to (VEC_NEGATIVE_MAX_BYTES do) and changes it. */
static inline __u32 vec_negative_apply(const struct vec_negative *vec, __u8 *to)
{
	__u32 i;

	for (i = 0; i < vec->base_bytes; i++)
		to[i] = vec->base[i];
	for (i = 0; i < vec->bytes; i++)
		to[vec->offset + i] = vec->value >> (8 * i);
	return vec->base_bytes;
}

#endif /* _TESTS_VECTORS_NEGATIVE_H */
