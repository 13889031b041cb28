/* SPDX-License-Identifier: GPL-2.0 */
/* Room defer: what is done later, under RTNL. */
#ifndef _NETVSC_DEFER_H
#define _NETVSC_DEFER_H

#include <linux/types.h>

#include "netvsc.h"

struct delayed_work;
struct net_device;

/**
 * netvsc_defer_try_rtnl() - RTNL for a work item
 * @work: the item that runs
 *
 * It must not wait: whoever holds RTNL may be waiting for its end.
 *
 * Context: not under RTNL.
 * Return: true with RTNL held; false: the item will run again soon.
 */
bool netvsc_defer_try_rtnl(struct delayed_work *work);

/**
 * netvsc_defer_task() - do a deferred task
 * @ndev: the interface
 * @task: which; it is done by keep.c, under RTNL
 * @delay: in jiffies; replaces what was said before
 *
 * Context: any.
 */
void netvsc_defer_task(struct net_device *ndev, enum netvsc_task task,
		       unsigned long delay);

#endif /* _NETVSC_DEFER_H */
