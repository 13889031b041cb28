/* SPDX-License-Identifier: GPL-2.0 */
/* Room netdev: what the stack asks of the interface. */
#ifndef _NETVSC_NETDEV_H
#define _NETVSC_NETDEV_H

#include <linux/netdevice.h>

extern const struct net_device_ops netvsc_netdev_ops;

struct kernel_hwtstamp_config;
struct netlink_ext_ack;
struct netvsc_device;

/**
 * netvsc_hwtstamp_get() - how are frames stamped? The VF is asked
 * @ndev: the interface
 * @config: filled
 *
 * Context: RTNL.
 * Return: 0, or errno of the VF; -EOPNOTSUPP without one.
 */
int netvsc_hwtstamp_get(struct net_device *ndev,
			struct kernel_hwtstamp_config *config);

/**
 * netvsc_hwtstamp_set() - stamp them so; passed on to the VF
 * @ndev: the interface
 * @config: the wish
 * @extack: for the reason of a refusal
 *
 * Context: RTNL.
 * Return: as netvsc_hwtstamp_get().
 */
int netvsc_hwtstamp_set(struct net_device *ndev,
			struct kernel_hwtstamp_config *config,
			struct netlink_ext_ack *extack);

/* ---- netdev_watch.c ---- */

/**
 * netvsc_netdev_watch_init() - before the interface is registered
 * @ndev: the interface
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_netdev_watch_init(struct net_device *ndev);

/**
 * netvsc_netdev_watch_kill() - after its last attachment; not under RTNL
 * @ndev: the interface
 */
void netvsc_netdev_watch_kill(struct net_device *ndev);

/**
 * netvsc_netdev_recover() - a new attachment because the user wants one
 * @ndev: the interface
 *
 * As the watch makes it for a queue that sends nothing, and also where there is none.
 *
 * Context: RTNL, sleeps, with a limit.
 * Return: as netvsc_dev_reconfigure(); -ENODEV: asleep, not registered or taken away;
 * -EHOSTDOWN: the bus does not answer, and all is as it was.
 */
int netvsc_netdev_recover(struct net_device *ndev);

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

/**
 * netvsc_netdev_attaching() - a new attachment begins
 * @ndev: the interface
 *
 * A sub-channel that was gone belonged to the one before.
 *
 * Context: RTNL.
 */
void netvsc_netdev_attaching(struct net_device *ndev);

/**
 * netvsc_netdev_unresponsive() - the host did not answer in time
 * @nvdev: the device
 *
 * It is asked again until it answers; a dead channel is opened anew.
 *
 * Context: process.
 */
void netvsc_netdev_unresponsive(struct netvsc_device *nvdev);

#endif /* _NETVSC_NETDEV_H */
