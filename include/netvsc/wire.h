/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wire truth of the Hyper-V synthetic NIC: helpers shared by the format
 * headers of this directory.
 *
 * These headers are read by the guest driver (kernel) and by the test host
 * (user space), so they use nothing but <linux/types.h>.  They hold formats
 * and constants, never logic.  "Sheet" with a section number, here and in the
 * driver, is Documentation/protocol: it is numbered the same way.
 *
 * A field of type __le16/__le32/__le64 was written by the other side of the
 * trust boundary: it is neither converted nor believed yet.
 */
#ifndef _NETVSC_WIRE_H
#define _NETVSC_WIRE_H

#include <linux/types.h>

#ifndef __packed
#define __packed __attribute__((__packed__))
#endif

#ifndef __aligned
#define __aligned(x) __attribute__((__aligned__(x)))
#endif

#define netvsc_static_assert(expr) _Static_assert(expr, #expr)
#define netvsc_assert_size(type, bytes) \
	netvsc_static_assert(sizeof(type) == (bytes))
#define netvsc_assert_offset(type, member, bytes) \
	netvsc_static_assert(__builtin_offsetof(type, member) == (bytes))

#endif /* _NETVSC_WIRE_H */
