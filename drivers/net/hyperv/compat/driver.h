/* SPDX-License-Identifier: GPL-2.0 */
/* Operations of a VMBus driver as the kernel at hand calls them. */
#ifndef _NETVSC_COMPAT_DRIVER_H
#define _NETVSC_COMPAT_DRIVER_H

/* The type of the remove operation and what it returns: it used to be 0. */
#ifdef NETVSC_COMPAT_NO_VOID_REMOVE
#define NETVSC_REMOVE_TYPE	int
#define NETVSC_REMOVED		0
#else
#define NETVSC_REMOVE_TYPE	void
#define NETVSC_REMOVED
#endif

#endif /* _NETVSC_COMPAT_DRIVER_H */
