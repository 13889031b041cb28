// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room defer: what is done later, under RTNL
 *
 * Promise: a task that was deferred is done at its time, and a work item that wants RTNL
 * never waits for it: whoever holds RTNL may be waiting for the end of that item.
 *
 * Neighbours: any room above defers; keep does the tasks.
 *
 * Locks: netvsc_defer.lock, interrupts off since NAPI defers from any context.
 */
#include <linux/device.h>
#include <linux/hyperv.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "ctrl/defer.h"
#include "netvsc.h"

/**
 * struct netvsc_defer - deferred tasks of an interface
 * @ndev: I
 * @run: I, does what is due, under RTNL
 * @lock: for what has an L
 * @pending: L, bits of enum netvsc_task
 * @due: L, when each of them is due, in jiffies
 * @dead: L, none is taken any more
 * @work: whatever is due
 */
struct netvsc_defer {
	struct net_device *ndev;
	void (*run)(struct net_device *ndev, unsigned long due);
	spinlock_t lock;	/* L */
	unsigned long pending;
	unsigned long due[NETVSC_TASK_CNT];
	bool dead;
	struct delayed_work work;
};

bool netvsc_defer_try_rtnl(struct delayed_work *work)
{
	if (rtnl_trylock())
		return true;
	schedule_delayed_work(work, NETVSC_DEFER_RETRY);
	return false;
}

void netvsc_defer_end_work(struct delayed_work *work, spinlock_t *lock,
			   bool *dead)
{
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	/* A running item may look without the lock. */
	WRITE_ONCE(*dead, true);
	spin_unlock_irqrestore(lock, flags);
	cancel_delayed_work_sync(work);
}

void netvsc_defer_task(struct net_device *ndev, enum netvsc_task task,
		       unsigned long delay)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_defer *defer = priv->defer;
	unsigned long flags;

	spin_lock_irqsave(&defer->lock, flags);
	if (!defer->dead) {
		defer->pending |= BIT(task);
		defer->due[task] = jiffies + delay;
		/* It looks for itself when each of them is due. */
		mod_delayed_work(system_percpu_wq, &defer->work, 0);
	}
	spin_unlock_irqrestore(&defer->lock, flags);
}

/* What is due; it is taken off the list. The rest has its time. */
static unsigned long defer_take_due(struct netvsc_defer *defer)
{
	unsigned long due = 0, now = jiffies, next = now + HZ, flags;
	unsigned int i;

	spin_lock_irqsave(&defer->lock, flags);
	for (i = 0; i < NETVSC_TASK_CNT; i++) {
		if (!(defer->pending & BIT(i)))
			continue;
		if (time_after_eq(now, defer->due[i]))
			due |= BIT(i);
		else if (time_before(defer->due[i], next))
			next = defer->due[i];
	}
	defer->pending &= ~due;
	if (defer->pending && !defer->dead)
		mod_delayed_work(system_percpu_wq, &defer->work, next - now);
	spin_unlock_irqrestore(&defer->lock, flags);
	return due;
}

static void defer_work(struct work_struct *work)
{
	struct netvsc_defer *defer = container_of(to_delayed_work(work),
						  struct netvsc_defer, work);

	if (!netvsc_defer_try_rtnl(&defer->work))
		return;
	defer->run(defer->ndev, defer_take_due(defer));
	rtnl_unlock();
}

int netvsc_defer_init(struct net_device *ndev,
		      void (*run)(struct net_device *ndev, unsigned long due))
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->defer = devm_kzalloc(&priv->hdev->device, sizeof(*priv->defer),
				   GFP_KERNEL);
	if (!priv->defer)
		return -ENOMEM;
	priv->defer->ndev = ndev;
	priv->defer->run = run;
	spin_lock_init(&priv->defer->lock);
	INIT_DELAYED_WORK(&priv->defer->work, defer_work);
	return 0;
}

void netvsc_defer_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_defer *defer = priv->defer;

	netvsc_defer_end_work(&defer->work, &defer->lock, &defer->dead);
}
