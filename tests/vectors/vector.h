/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the vector headers. They need <linux/types.h> only and are read by
 * KUnit suites, user-space tests and the tests of the host alike; none of them
 * is included from code.
 */
#ifndef _TESTS_VECTORS_VECTOR_H
#define _TESTS_VECTORS_VECTOR_H

#include <linux/types.h>

#define VECTOR_UNUSED	__attribute__((__unused__, __aligned__(8)))

/* VECTOR(room_name) = { bytes }; gives the array vec_room_name. */
#define VECTOR(name)	static const __u8 VECTOR_UNUSED vec_##name[]

#define VECTOR_TRAILER_BYTES	8	/* behind a VMBus packet, not counted in it */

/* Where the parts of a VMBus packet dump are. */
#define VECTOR_PACKET_BYTES(vec)	(sizeof(vec) - VECTOR_TRAILER_BYTES)
#define VECTOR_PAYLOAD(vec)		((vec) + 8 * (vec)[2])
#define VECTOR_PAYLOAD_BYTES(vec)	(VECTOR_PACKET_BYTES(vec) - 8 * (vec)[2])

#endif /* _TESTS_VECTORS_VECTOR_H */
