/* SPDX-License-Identifier: GPL-2.0 */
/* Room link: carrier and speed, at a pace that others can follow. */
#ifndef _NETVSC_LINK_H
#define _NETVSC_LINK_H

#include <linux/types.h>

struct net_device;
struct netvsc_device;

/**
 * netvsc_link_init() - ready for events
 * @ndev: the interface
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_link_init(struct net_device *ndev);

/**
 * netvsc_link_kill() - no more events
 * @ndev: the interface, its channel closed (R68)
 *
 * Context: sleeps; not under RTNL's waiters: RTNL may be held.
 */
void netvsc_link_kill(struct net_device *ndev);

/**
 * netvsc_link_status() - the host indicated something
 * @nvdev: the device
 * @status: RNDIS_STATUS_*
 * @value: first dword of its buffer, 0 if none
 *
 * Context: NAPI.
 */
void netvsc_link_status(struct netvsc_device *nvdev, u32 status, u32 value);

/**
 * netvsc_link_discard() - the host is about to be asked for the link
 * @ndev: the interface
 *
 * For struct netvsc_events. What it indicated before is forgotten.
 *
 * Context: any.
 */
void netvsc_link_discard(struct net_device *ndev);

/**
 * netvsc_link_sync() - show what the host said at the attach
 * @ndev: the interface
 *
 * Context: RTNL; after open and after a re-configuration.
 */
void netvsc_link_sync(struct net_device *ndev);

#endif /* _NETVSC_LINK_H */
