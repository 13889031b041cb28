/* SPDX-License-Identifier: GPL-2.0 */
/* Operations of a VMBus driver as the kernel at hand calls them. */
#ifndef _NETVSC_COMPAT_DRIVER_H
#define _NETVSC_COMPAT_DRIVER_H

/*
 * NETVSC_DEFINE_REMOVE() - the remove operation NAME, which calls FN
 *
 * It used to return 0.
 */
#ifdef NETVSC_COMPAT_REMOVE_RETURNS
#define NETVSC_DEFINE_REMOVE(name, fn)		\
static int name(struct hv_device *hdev)	\
{						\
	fn(hdev);				\
	return 0;				\
}
#else
#define NETVSC_DEFINE_REMOVE(name, fn)		\
static void name(struct hv_device *hdev)	\
{						\
	fn(hdev);				\
}
#endif

#endif /* _NETVSC_COMPAT_DRIVER_H */
