/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Toeplitz verification vectors for the default key, sheet 10.14. Addresses
 * and ports as they are on the wire.
 */
#ifndef _TESTS_VECTORS_TOEPLITZ_H
#define _TESTS_VECTORS_TOEPLITZ_H

#include "vector.h"

struct vec_toeplitz {
	__u8 addr_bytes;	/* of one address: 4 or 16 */
	__u8 saddr[16];
	__u8 daddr[16];
	__u16 sport;		/* as a number */
	__u16 dport;
	__u32 hash_2tuple;
	__u32 hash_4tuple;
};

static const struct vec_toeplitz VECTOR_UNUSED vec_toeplitz[] = {
	{ 4, { 66, 9, 149, 187 }, { 161, 142, 100, 80 }, 2794, 1766,
	  0x323e8fc2, 0x51ccc178 },
	{ 4, { 199, 92, 111, 2 }, { 65, 69, 140, 83 }, 14230, 4739,
	  0xd718262a, 0xc626b0ea },
	{ 4, { 24, 19, 198, 95 }, { 12, 22, 207, 184 }, 12898, 38024,
	  0xd2d0a5de, 0x5c2b394a },
	{ 4, { 38, 27, 205, 30 }, { 209, 142, 163, 6 }, 48228, 2217,
	  0x82989176, 0xafc7327f },
	{ 4, { 153, 39, 163, 191 }, { 202, 188, 127, 2 }, 44251, 1303,
	  0x5d1809c5, 0x10e828a2 },
	{ 16, { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff,
		[15] = 0x07 },
	  { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03, [15] = 0x01 },
	  2794, 1766, 0x2cc18cd5, 0x40207d3d },
	{ 16, { 0x3f, 0xfe, 0x05, 0x01, 0x00, 0x08, 0x00, 0x00,
		0x02, 0x60, 0x97, 0xff, 0xfe, 0x40, 0xef, 0xab },
	  { 0xff, 0x02, [15] = 0x01 },
	  14230, 4739, 0x0f0c461c, 0xdde51bbf },
	{ 16, { 0x3f, 0xfe, 0x19, 0x00, 0x45, 0x45, 0x00, 0x03,
		0x02, 0x00, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf },
	  { 0xfe, 0x80, 0, 0, 0, 0, 0, 0,
	    0x02, 0x00, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf },
	  44251, 38024, 0x4b61e985, 0x02d1feef },
};

#endif /* _TESTS_VECTORS_TOEPLITZ_H */
