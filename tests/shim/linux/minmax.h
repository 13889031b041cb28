/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_MINMAX_H
#define _SHIM_LINUX_MINMAX_H

#define shim_cmp(x, op, y)			\
({						\
	__auto_type shim_x = (x);		\
	__auto_type shim_y = (y);		\
	shim_x op shim_y ? shim_x : shim_y;	\
})

#define min(x, y)		shim_cmp(x, <, y)
#define max(x, y)		shim_cmp(x, >, y)
#define min3(x, y, z)		min(min(x, y), z)
#define min_t(type, x, y)	min((type)(x), (type)(y))
#define max_t(type, x, y)	max((type)(x), (type)(y))
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)

#endif
