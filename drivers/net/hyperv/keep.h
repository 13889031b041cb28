/* SPDX-License-Identifier: GPL-2.0 */
/* Room keep: the interface stays attached, and the host is told what holds. */
#ifndef _NETVSC_KEEP_H
#define _NETVSC_KEEP_H

struct net_device;

/**
 * netvsc_keep_init() - before the first attachment
 * @ndev: the interface
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_keep_init(struct net_device *ndev);

/**
 * netvsc_keep_kill() - no more deferred tasks
 * @ndev: the interface
 *
 * Context: sleeps; RTNL may be held.
 */
void netvsc_keep_kill(struct net_device *ndev);

/**
 * netvsc_keep_attaching() - a new attachment begins
 * @ndev: the interface
 *
 * What was tried with the one before says nothing of this one.
 *
 * Context: RTNL.
 */
void netvsc_keep_attaching(struct net_device *ndev);

/**
 * netvsc_keep_bring_up() - attach, and register the interface
 * @ndev: the interface, not registered
 *
 * A host that does not answer, or refuses for now, is tried again by a deferred task.
 *
 * Context: RTNL, sleeps, bounded by netvsc_chan_begin_op().
 * Return: 0: the interface is there, or will be; -ENODEV (rescinded) or what cannot
 * change: it will not.
 */
int netvsc_keep_bring_up(struct net_device *ndev);

#endif /* _NETVSC_KEEP_H */
