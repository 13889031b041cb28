/* SPDX-License-Identifier: GPL-2.0 */
/* Room netdev: what the stack asks of the interface. */
#ifndef _NETVSC_NETDEV_H
#define _NETVSC_NETDEV_H

#include <linux/netdevice.h>

extern const struct net_device_ops netvsc_netdev_ops;

#endif /* _NETVSC_NETDEV_H */
