// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: builds, unbuilds and rebuilds an attachment to the host
 *
 * Promise: an attachment is either complete and published, or nothing of it is
 * left with the host; whatever the host does, the way down ends.
 *
 * Neighbours: calls every room to its left; main attaches and detaches, netdev
 * starts, stops and changes the MTU, ethtool changes the buffers.
 *
 *	           alloc             attach             start
 *	(nothing) ------> ALLOCATED -------> ATTACHED -------> STARTED
 *	          <------           <-------          <-------
 *	           put     memory    detach    host     stop    traffic
 *	                              |
 *	                              `--> LATE: the host does not answer; whoever puts
 *	                                   the last reference frees it (chan_call.c)
 *
 * Each of the pairs touches only its own thing: memory, host, traffic. So a
 * re-configuration allocates first, and only the handshake can fail after the
 * old attachment was given up; that one keeps its memory and can come back.
 *
 * Every attachment is made by netvsc_priv.params, what the user set last, whatever
 * it was allocated for. If there is none in the end, keep.c tries again.
 *
 * An operation that asks the host several things has one limit for all of them,
 * thirty seconds, and what is left to do then does not wait; the way down takes five seconds
 * more at most (chan_bus.c), and a VF half a second.
 *
 * Locks: RTNL for all of it. Readers find the device under RCU in
 * netvsc_priv.nvdev.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <netvsc/oid.h>

#include "bus/chan.h"
#include "bus/chan_call.h"
#include "ctrl/defer.h"
#include "ctrl/oid.h"
#include "data/tx.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "netvsc.h"
#include "vf/vf.h"

void netvsc_dev_lost(struct net_device *ndev, int err)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	netif_carrier_off(ndev);
	if (!priv->detached && err != -ENODEV) {
		netdev_err(ndev, "detached from the host: %d, retrying\n", err);
		priv->events->health(ndev, NETVSC_HEALTH_TX_DETACHED, err);
	}
	priv->detached = true;
	netvsc_defer_task(ndev, NETVSC_TASK_ATTACH, HZ);
}

/* ---- traffic ---- */

int netvsc_dev_start(struct netvsc_device *nvdev)
{
	int err;

	ASSERT_RTNL();
	/* Frames may come before the answer to the filter does. */
	WRITE_ONCE(nvdev->rx_open, true);
	err = netvsc_oid_open_filter(nvdev, netvsc_dev_filter(nvdev));
	if (err) {
		netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_FILTER, err);
		WRITE_ONCE(nvdev->rx_open, false);
		return err;
	}
	nvdev->state = NETVSC_DEV_STARTED;
	/* The work may have found it closed. */
	schedule_work(&nvdev->filter_work);
	netvsc_tx_on(nvdev, NETVSC_TX_OFF_STATE);
	netvsc_vf_start(nvdev->ndev);
	return 0;
}

static void dev_stop_traffic(struct netvsc_device *nvdev)
{
	int err;
	u32 i;

	netvsc_vf_stop(nvdev->ndev);
	netvsc_tx_off(nvdev, NETVSC_TX_OFF_STATE);
	for (i = 0; i < nvdev->num_open; i++)
		netvsc_tx_flush(nvdev->queue_mem[i]);
	/* Behind a filter of 0 no frame may come, from no channel. */
	netvsc_chan_wait_read(nvdev);
	err = netvsc_oid_close_filter(nvdev);
	netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_FILTER, err);
	if (!err)
		err = netvsc_chan_wait_drained(nvdev, 0);
	if (err && err != -ENODEV && net_ratelimit())
		netdev_warn(nvdev->ndev, "timeout waiting for the host to drain the rings: %d\n",
			    err);
	WRITE_ONCE(nvdev->rx_open, false);
	nvdev->state = NETVSC_DEV_ATTACHED;
}

void netvsc_dev_stop(struct netvsc_device *nvdev)
{
	ASSERT_RTNL();
	if (nvdev->state != NETVSC_DEV_STARTED)
		return;
	netvsc_chan_begin_op(nvdev->ndev);
	dev_stop_traffic(nvdev);
	netvsc_chan_end_op(nvdev->ndev);
}

/* ---- other parameters ---- */

static int dev_attach_start(struct netvsc_device *nvdev, bool running)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	int err;

	err = netvsc_dev_attach(nvdev);
	if (err)
		return err;
	/* The RSS table comes before the filter (sheet 4.1). */
	netvsc_dev_add_channels(nvdev);
	if (running)
		err = netvsc_dev_start(nvdev);
	if (err) {
		netvsc_dev_detach(nvdev);
		return err;
	}
	priv->detached = false;
	priv->events->health(nvdev->ndev, NETVSC_HEALTH_ATTACHED, 0);
	return 0;
}

/* The old attachment back in its place, or none for now. */
static void dev_restore_old(struct netvsc_device *old, struct net_device *ndev,
			    int why, struct netlink_ext_ack *extack)
{
	int err = why;

	if (old)
		err = dev_attach_start(old, netif_running(ndev));
	if (old && !err) {
		NL_SET_ERR_MSG_MOD(extack, "rejected by the host, the old parameters are in force");
		return;
	}
	netvsc_dev_put(old);
	netvsc_dev_lost(ndev, err);
	NL_SET_ERR_MSG_MOD(extack, "detached from the host: retried while the interface is up");
}

/*
 * Within ndo_open() nothing is sent yet, and if that fails nobody ends the watchdog
 * that netif_device_attach() begins.
 */
static bool dev_is_opening(const struct net_device *ndev)
{
	return netif_running(ndev) && !(ndev->flags & IFF_UP);
}

/* The one that was wanted, or the old one: there is one. */
static void dev_report_attached(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	/* An open that fails must leave no carrier: one that succeeds looks by itself. */
	if (rtnl_dereference(priv->nvdev) && !dev_is_opening(ndev))
		priv->events->attached(ndev);
}

/* The wish is in netvsc_priv.params already. */
static int dev_replace_device(struct net_device *ndev,
			      struct netvsc_device *old,
			      struct netvsc_device *nvdev,
			      const struct netvsc_params *before,
			      struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	bool live = old && !dev_is_opening(ndev);
	int err;

	if (live)
		netif_device_detach(ndev);
	if (old)
		netvsc_dev_detach(old);
	err = dev_attach_start(nvdev, netif_running(ndev));
	if (err) {
		netvsc_dev_put(nvdev);
		priv->params = *before;
		dev_restore_old(old, ndev, err, extack);
	} else {
		netvsc_dev_put(old);
	}
	if (live)
		netif_device_attach(ndev);
	return err;
}

int netvsc_dev_reconfigure(struct net_device *ndev,
			   const struct netvsc_params *params,
			   struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *old = rtnl_dereference(priv->nvdev);
	struct netvsc_params before = priv->params;
	struct netvsc_device *nvdev;
	int err;

	ASSERT_RTNL();
	priv->params = *params;
	nvdev = netvsc_dev_alloc(ndev, &priv->params, old, priv->events);
	if (!nvdev) {
		priv->params = before;
		NL_SET_ERR_MSG_MOD(extack, "no memory, nothing has changed");
		if (!old)
			netvsc_dev_lost(ndev, -ENOMEM);
		return -ENOMEM;
	}
	netvsc_chan_begin_op(ndev);
	err = dev_replace_device(ndev, old, nvdev, &before, extack);
	netvsc_chan_end_op(ndev);
	dev_report_attached(ndev);
	return err;
}

int netvsc_dev_reattach(struct net_device *ndev, const char *why)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	netdev_warn(ndev, "re-attaching: %s\n", why);
	return netvsc_dev_reconfigure(ndev, &priv->params, NULL);
}

/* ---- sleep ---- */

/*
 * The host forgets in the sleep what it was asked, hv_vmbus does not: it would wait until
 * reboot, behind a late close with the whole bus.
 */
static int dev_refuse_suspend(struct net_device *ndev)
{
	netdev_err(ndev, "cannot suspend: requests to the host are outstanding\n");
	return -EBUSY;
}

int netvsc_dev_suspend(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	if (!netvsc_call_none())
		return dev_refuse_suspend(ndev);
	netif_device_detach(ndev);
	if (nvdev)
		netvsc_dev_detach(nvdev);
	netvsc_vf_suspend(ndev);
	if (!netvsc_call_none()) {
		netvsc_dev_put(nvdev);
		if (nvdev)
			netvsc_dev_lost(ndev, -EBUSY);
		netif_device_attach(ndev);
		return dev_refuse_suspend(ndev);
	}
	priv->asleep = true;
	priv->saved = nvdev;
	return 0;
}

int netvsc_dev_resume(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = priv->saved;
	int err = 0;

	ASSERT_RTNL();
	priv->saved = NULL;
	priv->asleep = false;
	netvsc_chan_begin_op(ndev);
	if (nvdev)
		err = dev_attach_start(nvdev, netif_running(ndev));
	else
		/* There was none before. */
		netvsc_defer_task(ndev, NETVSC_TASK_ATTACH, HZ);
	netvsc_chan_end_op(ndev);
	if (err) {
		netvsc_dev_put(nvdev);
		netvsc_dev_lost(ndev, err);
	}
	netif_device_attach(ndev);
	dev_report_attached(ndev);
	return err;
}
