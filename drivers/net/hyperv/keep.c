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
 *			the host does not say how	it is asked, after 2 s, 4 s ...
 *			many queues it has		32 min; attached anew when it said
 *
 * Locks: RTNL, under which defer.c runs the tasks.
 */
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "bus/chan.h"
#include "ctrl/defer.h"
#include "dev/dev.h"
#include "keep.h"
#include "lib/pause.h"
#include "link.h"
#include "netvsc.h"
#include "vf/vf.h"

/* Nobody waits for it, and many may wait for RTNL. */
#define BACKGROUND_MS		15000
#define ATTACH_PAUSE_MAX	(60 * HZ)
#define RESYNC_PAUSE_MAX	(30 * HZ)
#define CHANNELS_LOOK		HZ
#define CHANNELS_MAX		(30 * HZ)

/**
 * struct netvsc_keep - what has been tried
 * @tries: R, of NETVSC_TASK_ATTACH in a row that failed
 * @resync_tries: R, likewise of NETVSC_TASK_RESYNC
 * @channels_by: R, when not to wait for a pause in the traffic any longer
 * @seen: R, frames at the last look of NETVSC_TASK_CHANNELS
 */
struct netvsc_keep {
	u32 tries;
	u32 resync_tries;
	unsigned long channels_by;
	u64 seen;
};

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
	priv->detached = false;
	priv->events->health(ndev, NETVSC_HEALTH_ATTACHED, 0);
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
	unsigned long pause = netvsc_pause(priv->keep->tries++, HZ,
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
		priv->keep->tries = 0;
		return 0;
	}
	if (!keep_may_retry(err))
		return err;
	if (!priv->keep->tries)
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
		priv->keep->tries = 0;
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
		priv->keep->tries = 0;
		return;
	}
	err = netvsc_dev_reconfigure(ndev, &priv->params, NULL);
	if (err) {
		/* Also what does not look like it: netvsc_dev_lost() said "soon". */
		keep_retry_attach(priv);
		return;
	}
	priv->keep->tries = 0;
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
	if (netvsc_dev_resync(nvdev, !priv->keep->resync_tries)) {
		priv->keep->resync_tries = 0;
	} else {
		pause = netvsc_pause(priv->keep->resync_tries++, HZ,
				     RESYNC_PAUSE_MAX);
		netvsc_defer_task(priv->ndev, NETVSC_TASK_RESYNC, pause);
	}
}

/* ---- as many channels as are wanted ---- */

static void keep_run_channels(struct netvsc_priv *priv)
{
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	struct netvsc_keep *keep = priv->keep;
	bool missing;
	u64 now;

	if (!nvdev || priv->ndev->reg_state != NETREG_REGISTERED)
		return;
	missing = netvsc_dev_lacks_channels(nvdev);
	if (!missing && !netvsc_dev_has_excess_channels(nvdev)) {
		keep->channels_by = 0;
		return;
	}
	/* The way down waits for a call that is out, so that comes first. */
	if (kref_read(&nvdev->ref) > 1) {
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS,
				  CHANNELS_LOOK);
		return;
	}
	if (!keep->channels_by) {
		if (missing && netvsc_dev_ask_queues(nvdev))
			return;
		keep->seen = 0;
		keep->channels_by = jiffies + CHANNELS_MAX;
	}
	now = netvsc_dev_frames(nvdev);
	if (now != keep->seen && time_before(jiffies, keep->channels_by)) {
		keep->seen = now;
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS, CHANNELS_LOOK);
		return;
	}
	if (!netvsc_dev_has_way_back(nvdev)) {
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS, CHANNELS_MAX);
		return;
	}
	/* Somebody may have begun to send while the bus was asked. */
	if (netvsc_dev_frames(nvdev) != now &&
	    time_before(jiffies, keep->channels_by)) {
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS, CHANNELS_LOOK);
		return;
	}
	keep->channels_by = 0;
	/* Without memory all is as it was; it looks for itself what is left to do. */
	if (netvsc_dev_reconfigure(priv->ndev, &priv->params, NULL))
		netvsc_defer_task(priv->ndev, NETVSC_TASK_CHANNELS,
				  CHANNELS_MAX);
}

/* ---- what is due ---- */

void netvsc_keep_attaching(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->keep->channels_by = 0;
	priv->keep->resync_tries = 0;
}

static void keep_run(struct net_device *ndev, unsigned long due)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	/* RTNL is held once, so there is one limit. */
	netvsc_chan_begin_op_most(ndev, BACKGROUND_MS);
	if (due & BIT(NETVSC_TASK_ATTACH))
		keep_run_attach(priv);
	if (due & BIT(NETVSC_TASK_RESYNC))
		keep_run_resync(priv);
	if (due & BIT(NETVSC_TASK_CHANNELS))
		keep_run_channels(priv);
	netvsc_chan_end_op(ndev);
}

int netvsc_keep_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->keep = devm_kzalloc(&priv->hdev->device, sizeof(*priv->keep),
				  GFP_KERNEL);
	if (!priv->keep)
		return -ENOMEM;
	return netvsc_defer_init(ndev, keep_run);
}

void netvsc_keep_kill(struct net_device *ndev)
{
	netvsc_defer_kill(ndev);
}
