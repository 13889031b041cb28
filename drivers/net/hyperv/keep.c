// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room keep: the interface stays attached, and the host is told what holds
 *
 * Promise: as long as the device is there and its interface is up, or was never
 * registered, an attachment that failed is tried again; what the host did not confirm
 * is told again until it does; it gets as many channels as the user wants.
 * Nobody has to do anything for it.
 *
 * Neighbours: dev attaches, and says what is to be done later (netvsc_defer_task());
 * link shows; main probes and removes.
 *
 *	task		when				again
 *	ATTACH		there is no attachment		after 1, 2, 4 ... 60 s
 *	SETTLE		something is unconfirmed	after 1, 2, 4 ... 30 s, and at
 *							once when the host answers
 *	CHANNELS	more than "ethtool -L" said	each second, until no frame
 *							came or went for one, or half
 *							a minute is over
 *			one was not opened in time	likewise, after 2 s, 4 s ...
 *							32 min
 *
 * Locks: netvsc_tasks.lock for what is due, interrupts off since NAPI reports from
 * any context. The tasks run under RTNL, which the work only tries for, so it can be
 * cancelled by who holds it.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "chan.h"
#include "defer.h"
#include "dev.h"
#include "keep.h"
#include "lib/pause.h"
#include "link.h"
#include "netvsc.h"
#include "vf.h"

/* Nobody waits for it, and many may wait for RTNL. */
#define BACKGROUND_MS		15000
#define ATTACH_PAUSE_MAX	(60 * HZ)
#define RESYNC_PAUSE_MAX	(30 * HZ)
#define CHANNELS_LOOK		HZ
#define CHANNELS_MAX		(30 * HZ)

/* ---- attach ---- */

/* From the first word to the host until the stack knows the interface. */
static int keep_attach_register(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;
	int err;

	nvdev = netvsc_dev_alloc(ndev, &priv->params, NULL, priv->events);
	if (!nvdev)
		return -ENOMEM;
	err = netif_set_real_num_tx_queues(ndev, 1);
	if (!err)
		err = netif_set_real_num_rx_queues(ndev, 1);
	if (!err)
		err = netvsc_dev_attach(nvdev);
	if (err)
		goto put_device;
	priv->params.mtu = nvdev->params.mtu;
	err = register_netdevice(ndev);
	if (err)
		goto detach;
	netvsc_link_sync(ndev);
	netvsc_vf_add(ndev);
	/* Not from here: we are in the way of a rescind (R2, R9). */
	netvsc_dev_add_channels_later(ndev);
	return 0;

detach:
	netvsc_dev_detach(nvdev);
put_device:
	netvsc_dev_put(nvdev);
	return err;
}

static bool keep_may_retry(int err)
{
	return err != -ENODEV && err != -EOPNOTSUPP && err != -EINVAL &&
	       err != -EEXIST;
}

static void keep_retry_attach(struct netvsc_priv *priv)
{
	unsigned long pause = netvsc_pause(priv->tasks.tries++, HZ,
					   ATTACH_PAUSE_MAX);

	netvsc_defer_task(priv->ndev, NETVSC_TASK_ATTACH, pause);
}

int netvsc_keep_bring_up(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	int err;

	ASSERT_RTNL();
	err = keep_attach_register(ndev);
	if (!err) {
		priv->tasks.tries = 0;
		return 0;
	}
	if (!keep_may_retry(err))
		return err;
	if (!priv->tasks.tries)
		dev_warn(&priv->hdev->device,
			 "no interface yet: %d, retrying in the background\n",
			 err);
	keep_retry_attach(priv);
	return 0;
}

static void keep_run_attach(struct netvsc_priv *priv)
{
	struct net_device *ndev = priv->ndev;
	int err;

	if (priv->asleep || rtnl_dereference(priv->nvdev) ||
	    READ_ONCE(priv->hdev->channel->rescind)) {
		priv->tasks.tries = 0;
		return;
	}
	if (ndev->reg_state == NETREG_UNINITIALIZED) {
		err = netvsc_keep_bring_up(ndev);
		if (err)
			dev_err(&priv->hdev->device, "giving up, no interface: %d\n", err);
		return;
	}
	/* Whoever sets it up attaches it. */
	if (ndev->reg_state != NETREG_REGISTERED || !netif_running(ndev)) {
		priv->tasks.tries = 0;
		return;
	}
	err = netvsc_dev_reconfigure(ndev, &priv->params, NULL);
	if (err) {
		/* Also what does not look like it: netvsc_dev_lost() said "soon". */
		keep_retry_attach(priv);
		return;
	}
	priv->tasks.tries = 0;
	netdev_info(ndev, "re-attached to the host\n");
}

/* ---- what the host did not confirm ---- */

static void keep_run_resync(struct netvsc_priv *priv)
{
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	unsigned long pause;

	if (!nvdev || !READ_ONCE(nvdev->unconfirmed) ||
	    priv->ndev->reg_state != NETREG_REGISTERED)
		return;
	if (netvsc_dev_resync(nvdev, !priv->tasks.resync_tries)) {
		priv->tasks.resync_tries = 0;
	} else {
		pause = netvsc_pause(priv->tasks.resync_tries++, HZ,
				     RESYNC_PAUSE_MAX);
		netvsc_defer_task(priv->ndev, NETVSC_TASK_RESYNC, pause);
	}
}

/* ---- as many channels as are wanted ---- */

static void keep_run_channels(struct netvsc_priv *priv)
{
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	struct netvsc_tasks *tasks = &priv->tasks;
	u64 now;

	if (!nvdev || priv->ndev->reg_state != NETREG_REGISTERED ||
	    (!nvdev->sub_late && !netvsc_dev_has_excess_channels(nvdev))) {
		tasks->channels_by = 0;
		return;
	}
	/* The way down waits for a call that is out, so that comes first. */
	if (nvdev->sub_late && kref_read(&nvdev->ref) > 1) {
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS,
				 CHANNELS_LOOK);
		return;
	}
	if (!tasks->channels_by) {
		tasks->seen = 0;
		tasks->channels_by = jiffies + CHANNELS_MAX;
	}
	now = netvsc_dev_frames(nvdev);
	if (now != tasks->seen && time_before(jiffies, tasks->channels_by)) {
		tasks->seen = now;
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS, CHANNELS_LOOK);
		return;
	}
	tasks->channels_by = 0;
	/* Without memory all is as it was; it looks for itself what is left to do. */
	if (netvsc_dev_reconfigure(priv->ndev, &priv->params, NULL))
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS,
				  CHANNELS_MAX);
}

/* ---- the work ---- */

/* What is due; it is taken off the list. The rest has its time. */
static unsigned long keep_take_due(struct netvsc_tasks *tasks)
{
	unsigned long due = 0, now = jiffies, next = now + HZ, flags;
	unsigned int i;

	spin_lock_irqsave(&tasks->lock, flags);
	for (i = 0; i < NETVSC_TASK_CNT; i++) {
		if (!(tasks->pending & BIT(i)))
			continue;
		if (time_after_eq(now, tasks->due[i]))
			due |= BIT(i);
		else if (time_before(tasks->due[i], next))
			next = tasks->due[i];
	}
	tasks->pending &= ~due;
	if (tasks->pending && !tasks->dead)
		mod_delayed_work(system_percpu_wq, &tasks->work, next - now);
	spin_unlock_irqrestore(&tasks->lock, flags);
	return due;
}

static void keep_run_tasks(struct work_struct *work)
{
	struct netvsc_priv *priv = container_of(to_delayed_work(work),
						struct netvsc_priv, tasks.work);
	unsigned long due;

	if (!netvsc_defer_try_rtnl(&priv->tasks.work))
		return;
	due = keep_take_due(&priv->tasks);
	/* RTNL is held once, so there is one limit. */
	netvsc_chan_begin_op_most(priv->ndev, BACKGROUND_MS);
	if (due & BIT(NETVSC_TASK_ATTACH))
		keep_run_attach(priv);
	if (due & BIT(NETVSC_TASK_RESYNC))
		keep_run_resync(priv);
	if (due & BIT(NETVSC_TASK_CHANNELS))
		keep_run_channels(priv);
	netvsc_chan_end_op(priv->ndev);
	rtnl_unlock();
}

void netvsc_keep_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	spin_lock_init(&priv->tasks.lock);
	INIT_DELAYED_WORK(&priv->tasks.work, keep_run_tasks);
}

void netvsc_keep_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_tasks *tasks = &priv->tasks;
	unsigned long flags;

	spin_lock_irqsave(&tasks->lock, flags);
	tasks->dead = true;
	spin_unlock_irqrestore(&tasks->lock, flags);
	cancel_delayed_work_sync(&tasks->work);
}
