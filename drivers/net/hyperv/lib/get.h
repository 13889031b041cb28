/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to lib/: little-endian reads at any alignment. netvsc_get_*() wants a
 * private copy; netvsc_once_*() reads what the host may write meanwhile, so what
 * it gives is the one truth about it (R11).
 */
#ifndef _NETVSC_LIB_GET_H
#define _NETVSC_LIB_GET_H

#include <linux/string.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include <netvsc/wire.h>

static inline u32 netvsc_get_le32(const void *p)
{
	__le32 v;

	memcpy(&v, p, sizeof(v));
	return le32_to_cpu(v);
}

struct netvsc_once32 {
	__le32 v;
} __packed;

struct netvsc_once64 {
	__le64 v;
} __packed;

static inline u32 netvsc_once_le32(const void *p)
{
	return le32_to_cpu(((const volatile struct netvsc_once32 *)p)->v);
}

static inline u64 netvsc_once_le64(const void *p)
{
	return le64_to_cpu(((const volatile struct netvsc_once64 *)p)->v);
}

/* True if [off, off + n) lies inside [0, len); no sum can overflow. */
static inline bool netvsc_inside(u64 off, u64 n, u64 len)
{
	return off <= len && n <= len - off;
}

#endif /* _NETVSC_LIB_GET_H */
