/* SPDX-License-Identifier: GPL-2.0 */
/* Room defer: what is done later, under RTNL. */
#ifndef _NETVSC_DEFER_H
#define _NETVSC_DEFER_H

#include <linux/spinlock_types.h>
#include <linux/types.h>

struct delayed_work;
struct net_device;

/* Deferred tasks: what is done under RTNL, each at its time. */
enum netvsc_task {
	NETVSC_TASK_ATTACH,	/* attach, there is no attachment */
	NETVSC_TASK_RESYNC,	/* tell the host again what it did not confirm */
	NETVSC_TASK_CHANNELS,	/* have as many channels as the user wants */
	NETVSC_TASK_CNT
};

/* How often a work item tries for RTNL. */
#define NETVSC_DEFER_RETRY	(HZ / 20)

/**
 * netvsc_defer_try_rtnl() - RTNL for a work item
 * @work: the item that runs
 *
 * It must not wait: whoever holds RTNL may be waiting for its end.
 *
 * Context: not under RTNL.
 * Return: true with RTNL held; false: the item will run again soon, or when it was
 * due anyway.
 */
bool netvsc_defer_try_rtnl(struct delayed_work *work);

/**
 * netvsc_defer_end_work() - the end of a work item that others schedule
 * @work: the item
 * @lock: held, with interrupts off, by whoever schedules the item from outside
 * @dead: set under @lock; they look at it there, so none of them schedules it after
 *	this. What the item schedules itself is cancelled with it
 *
 * Context: sleeps until the item does not run. It only tries for RTNL
 * (netvsc_defer_try_rtnl()), so RTNL may be held.
 */
void netvsc_defer_end_work(struct delayed_work *work, spinlock_t *lock,
			   bool *dead);

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

/**
 * netvsc_defer_init() - before the first attachment
 * @ndev: the interface
 * @run: called under RTNL with the tasks that are due, bits of enum netvsc_task
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_defer_init(struct net_device *ndev,
		      void (*run)(struct net_device *ndev, unsigned long due));

/**
 * netvsc_defer_kill() - no task is taken any more, none runs
 * @ndev: the interface
 *
 * Context: not under RTNL, sleeps.
 */
void netvsc_defer_kill(struct net_device *ndev);

#endif /* _NETVSC_DEFER_H */
