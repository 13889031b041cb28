/* SPDX-License-Identifier: GPL-2.0 */
/* Room health: what is not well, for "devlink health". */
#ifndef _NETVSC_HEALTH_H
#define _NETVSC_HEALTH_H

#include "netvsc.h"

#if IS_ENABLED(CONFIG_NET_DEVLINK)

/**
 * netvsc_health_add() - a devlink instance for the device
 * @ndev: the interface, registered or not; nothing was told of it yet
 * @version: of the driver; a constant
 *
 * Without memory for it there is none, with a line in the log, and nobody minds.
 *
 * Context: process, not under RTNL.
 */
void netvsc_health_add(struct net_device *ndev, const char *version);

/**
 * netvsc_health_del() - undo netvsc_health_add()
 * @ndev: the interface; without an instance is fine
 *
 * On return nobody asks for anything any more, and what is told is forgotten. A
 * re-attachment that the user asked for has ended.
 *
 * Context: process, not under RTNL, sleeps, as long as a re-attachment may take.
 */
void netvsc_health_del(struct net_device *ndev);

/**
 * netvsc_health_note() - something is not well, or well again
 * @ndev: the interface
 * @event: what
 * @arg: more about it, see enum netvsc_health_event
 *
 * devlink hears of it from a work item, at most eight times a second of each kind.
 *
 * Context: any.
 */
void netvsc_health_note(struct net_device *ndev,
			enum netvsc_health_event event, int arg);

#else

static inline void netvsc_health_add(struct net_device *ndev,
				     const char *version)
{
}

static inline void netvsc_health_del(struct net_device *ndev)
{
}

static inline void netvsc_health_note(struct net_device *ndev,
				      enum netvsc_health_event event, int arg)
{
}

#endif

#endif /* _NETVSC_HEALTH_H */
