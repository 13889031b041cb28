/* SPDX-License-Identifier: GPL-2.0 */
/* Room netdev: what the stack asks of the interface. */
#ifndef _NETVSC_NETDEV_H
#define _NETVSC_NETDEV_H

#include <linux/netdevice.h>

extern const struct net_device_ops netvsc_netdev_ops;

struct netvsc_device;

/* ---- netdev_watch.c ---- */

/**
 * netvsc_netdev_watch_init() - before the interface is registered
 * @ndev: the interface
 */
void netvsc_netdev_watch_init(struct net_device *ndev);

/**
 * netvsc_netdev_watch_kill() - after its last attachment; not under RTNL
 * @ndev: the interface
 */
void netvsc_netdev_watch_kill(struct net_device *ndev);

/**
 * netvsc_netdev_timeout() - a queue was stopped for too long
 * @ndev: the interface
 * @index: of the queue
 *
 * Context: softirq.
 */
void netvsc_netdev_timeout(struct net_device *ndev, unsigned int index);

/**
 * netvsc_netdev_broken() - a sub-channel was taken away alone
 * @nvdev: the device
 *
 * Context: transmit.
 */
void netvsc_netdev_broken(struct netvsc_device *nvdev);

#endif /* _NETVSC_NETDEV_H */
