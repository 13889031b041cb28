// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room defer: what is done later, under RTNL
 *
 * Promise: a task that was deferred is done at its time, and a work item that wants RTNL
 * never waits for it: whoever holds RTNL may be waiting for the end of that item.
 *
 * Neighbours: any room above defers; keep does the tasks.
 *
 * Locks: netvsc_tasks.lock, interrupts off since NAPI defers from any context.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "defer.h"
#include "netvsc.h"

/* How often a work item tries for RTNL. */
#define RTNL_RETRY	(HZ / 20)

bool netvsc_defer_try_rtnl(struct delayed_work *work)
{
	if (rtnl_trylock())
		return true;
	/* Whatever else it is due for comes later. */
	mod_delayed_work(system_percpu_wq, work, RTNL_RETRY);
	return false;
}

void netvsc_defer_task(struct net_device *ndev, enum netvsc_task task,
		       unsigned long delay)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_tasks *tasks = &priv->tasks;
	unsigned long flags;

	spin_lock_irqsave(&tasks->lock, flags);
	if (!tasks->dead) {
		tasks->pending |= BIT(task);
		tasks->due[task] = jiffies + delay;
		/* It looks for itself when each of them is due. */
		mod_delayed_work(system_percpu_wq, &tasks->work, 0);
	}
	spin_unlock_irqrestore(&tasks->lock, flags);
}
