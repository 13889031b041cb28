// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: the packet filter, and what the host has not confirmed
 *
 * Promise: what the host was told and did not confirm is remembered and told again, until
 * it does; it has the packet filter that the stack wanted last.
 *
 * Neighbours: oid tells; defer has the task that settles, and keep does it.
 *
 * Locks: the bits of netvsc_device.unconfirmed are atomic. The filter is told by whoever has
 * RTNL and by a work item of its own.
 */
#include <linux/netdevice.h>

#include <netvsc/oid.h>

#include "ctrl/defer.h"
#include "ctrl/oid.h"
#include "ctrl/rndis.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "netvsc.h"

/* ---- what is not confirmed ---- */

/*
 * A refusal changes nothing, and says nothing of what was asked before; the rest leaves
 * open what the host does.
 */
void netvsc_dev_record_result(struct netvsc_device *nvdev,
			      enum netvsc_unconfirmed what, int err)
{
	if (netvsc_rndis_refused(err))
		return;
	if (!err) {
		clear_bit(what, &nvdev->unconfirmed);
		return;
	}
	set_bit(what, &nvdev->unconfirmed);
	if (err != -ENODEV)
		netvsc_defer_task(nvdev->ndev, NETVSC_TASK_RESYNC, HZ);
}

/* Nobody is there to be told of a refusal: it may be for a while only. */
void netvsc_dev_record_pending(struct netvsc_device *nvdev,
			       enum netvsc_unconfirmed what, int err)
{
	netvsc_dev_record_result(nvdev, what,
				 netvsc_rndis_refused(err) ? -EAGAIN : err);
}

void netvsc_dev_responsive(struct netvsc_device *nvdev)
{
	if (READ_ONCE(nvdev->unconfirmed))
		netvsc_defer_task(nvdev->ndev, NETVSC_TASK_RESYNC, 0);
}

/* ---- the packet filter ---- */

u32 netvsc_dev_filter(const struct netvsc_device *nvdev)
{
	const struct netvsc_priv *priv = netdev_priv(nvdev->ndev);

	return READ_ONCE(priv->filter_wanted) ?: NDIS_PACKET_FILTER_OPEN;
}

/* What is wanted may change while somebody else tells the host what was. */
int netvsc_dev_update_filter(struct netvsc_device *nvdev)
{
	u32 filter;
	int err;

	do {
		filter = netvsc_dev_filter(nvdev);
		err = netvsc_oid_update_filter(nvdev, filter);
	} while (!err && filter != netvsc_dev_filter(nvdev));
	return err;
}

static void dev_run_filter_work(struct work_struct *work)
{
	struct netvsc_device *nvdev = container_of(work, struct netvsc_device,
						   filter_work);
	int err;

	err = netvsc_dev_update_filter(nvdev);
	if (err && net_ratelimit())
		netdev_warn(nvdev->ndev, "cannot set the packet filter: %d\n", err);
	netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_FILTER, err);
}

void netvsc_dev_init_filter(struct netvsc_device *nvdev)
{
	mutex_init(&nvdev->filter_lock);
	INIT_WORK(&nvdev->filter_work, dev_run_filter_work);
}
