/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What older kernels lack, forced in front of every file of the driver by its
 * Makefile, which also looks into the kernel tree for what is missing there.
 * The rooms are written for the newest kernel and know nothing of this.
 */
#ifndef _NETVSC_COMPAT_H
#define _NETVSC_COMPAT_H

struct hv_device;
struct napi_struct;
struct net_device;

/* The remove callback of a VMBus driver used to return 0. */
void netvsc_remove(struct hv_device *hdev);

#ifdef NETVSC_COMPAT_REMOVE_RETURNS
static inline int netvsc_remove_compat(struct hv_device *hdev)
{
	netvsc_remove(hdev);
	return 0;
}

#define NETVSC_REMOVE	netvsc_remove_compat
#else
#define NETVSC_REMOVE	netvsc_remove
#endif

/* Netlink did not show which NAPI serves which queue. */
#ifdef NETVSC_COMPAT_NO_QUEUE_NAPI
enum { NETDEV_QUEUE_TYPE_RX, NETDEV_QUEUE_TYPE_TX };

static inline void netif_queue_set_napi(struct net_device *ndev,
					unsigned int index, int type,
					struct napi_struct *napi)
{
}
#endif

#endif /* _NETVSC_COMPAT_H */
