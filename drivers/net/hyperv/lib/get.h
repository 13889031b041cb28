/* SPDX-License-Identifier: GPL-2.0 */
/* Private to lib/: little-endian reads at any alignment from a private copy. */
#ifndef _NETVSC_LIB_GET_H
#define _NETVSC_LIB_GET_H

#include <linux/string.h>
#include <linux/types.h>

#include <asm/byteorder.h>

static inline u32 netvsc_get_le32(const void *p)
{
	__le32 v;

	memcpy(&v, p, sizeof(v));
	return le32_to_cpu(v);
}

/* True if [off, off + n) lies inside [0, len); no sum can overflow. */
static inline bool netvsc_inside(u64 off, u64 n, u64 len)
{
	return off <= len && n <= len - off;
}

#endif /* _NETVSC_LIB_GET_H */
