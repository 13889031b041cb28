/* SPDX-License-Identifier: GPL-2.0 */
/* Room dev: builds, unbuilds and rebuilds an attachment to the host. */
#ifndef _NETVSC_DEV_H
#define _NETVSC_DEV_H

#include <linux/netdev_features.h>

struct netlink_ext_ack;
struct net_device;
struct netvsc_device;
struct netvsc_news;
struct netvsc_nvsp_abilities;
struct netvsc_params;

/* All of these want RTNL and may sleep. */

/**
 * netvsc_dev_alloc() - memory of an attachment; the host knows nothing yet
 * @ndev: the interface
 * @params: what it shall be like
 * @abilities: of the host if known; then the buffers are allocated too, and
 *	netvsc_dev_attach() can fail for the host's sake only
 * @news: whom to tell
 *
 * Return: the device, NULL without memory.
 */
struct netvsc_device *
netvsc_dev_alloc(struct net_device *ndev, const struct netvsc_params *params,
		 const struct netvsc_nvsp_abilities *abilities,
		 const struct netvsc_news *news);

/**
 * netvsc_dev_alloc_buffers() - receive and send buffer, unless they are there
 * @nvdev: the device
 * @abilities: of the host
 *
 * Between the two files of this room.
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_dev_alloc_buffers(struct netvsc_device *nvdev,
			     const struct netvsc_nvsp_abilities *abilities);

/**
 * netvsc_dev_free() - undo netvsc_dev_alloc()
 * @nvdev: the device, not attached; NULL is fine
 */
void netvsc_dev_free(struct netvsc_device *nvdev);

/**
 * netvsc_dev_attach() - open the channel, bring up NVSP and RNDIS, publish
 * @nvdev: the device
 *
 * Sheet 4.1 steps 1 to 15. On failure everything is undone and the device may
 * be attached again.
 *
 * Return: 0, -ENODEV (rescinded), -ETIMEDOUT, -EPROTO, -EIO, -ENOMEM.
 */
int netvsc_dev_attach(struct netvsc_device *nvdev);

/**
 * netvsc_dev_detach() - undo netvsc_dev_attach()
 * @nvdev: the device; stopped if it was started
 *
 * Sheet 4.3. Bounded, and complete also when the host does not play along.
 */
void netvsc_dev_detach(struct netvsc_device *nvdev);

/**
 * netvsc_dev_start() - frames flow
 * @nvdev: the device, attached
 *
 * Return: 0 or errno of the packet filter.
 */
int netvsc_dev_start(struct netvsc_device *nvdev);

/**
 * netvsc_dev_stop() - undo netvsc_dev_start()
 * @nvdev: the device; not started is fine
 */
void netvsc_dev_stop(struct netvsc_device *nvdev);

/**
 * netvsc_dev_reconfigure() - replace the attachment by one with other parameters
 * @ndev: the interface, registered
 * @params: what it shall be like
 * @extack: told what survived, may be NULL
 *
 * If the host does not take the new parameters the old attachment is restored;
 * if that cannot be either the interface stays, without a carrier, and the next
 * call tries again (R74). Counters go on (R73).
 *
 * Return: 0 or why the new parameters are not in force.
 */
int netvsc_dev_reconfigure(struct net_device *ndev,
			   const struct netvsc_params *params,
			   struct netlink_ext_ack *extack);

/**
 * netvsc_dev_features() - features the host makes possible
 * @nvdev: the device
 *
 * Return: NETIF_F_*, those a user may switch.
 */
netdev_features_t netvsc_dev_features(const struct netvsc_device *nvdev);

/* The features that depend on what the host can do. */
#define NETVSC_DEV_HOST_FEATURES	(NETIF_F_SG | NETIF_F_IP_CSUM | \
					 NETIF_F_IPV6_CSUM | NETIF_F_TSO | \
					 NETIF_F_TSO6)

#endif /* _NETVSC_DEV_H */
