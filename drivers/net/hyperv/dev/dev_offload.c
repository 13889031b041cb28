// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: what the host can do for the stack, as features of the interface
 *
 * Promise: the interface offers what the host can do, and no more. Offloads change when
 * the host says so: while it goes from the old ones to the new ones the stack uses what
 * they have in common (R79). Coalescing that is wanted, and that the host refuses where
 * nobody hears it, is asked for again until it is on. A user hears it, and decides.
 *
 * Neighbours: oid asks and sets, lib/ndis_caps compares; netdev asks what a user may
 * switch, link passes on that the host has changed some. Locks: RTNL; a work item reads
 * again.
 */
#include <linux/device.h>
#include <linux/hyperv.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "bus/chan.h"
#include "ctrl/defer.h"
#include "ctrl/oid.h"
#include "ctrl/rndis.h"
#include "data/tx_meta.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "lib/ndis_caps.h"
#include "netvsc.h"
#include "vf/vf.h"
#include "xdp/xdp.h"

/* Nobody waits for what the host changes by itself, and many may wait for RTNL. */
#define OFFLOAD_MS	15000
/* A host that changes them all the time is heard so often. */
#define OFFLOAD_PAUSE	(HZ / 5)

/**
 * struct netvsc_reread - the host said that its offloads have changed
 * @ndev: the interface
 * @work: reads them again
 * @done_at: the work's alone, when it did so last, in jiffies
 */
struct netvsc_reread {
	struct net_device *ndev;
	struct delayed_work work;
	unsigned long done_at;
};

netdev_features_t netvsc_dev_features(const struct netvsc_device *nvdev)
{
	const struct netvsc_offload_caps *caps = &nvdev->caps;
	netdev_features_t features = NETIF_F_RXCSUM;

	if (caps->tcp4_csum)
		features |= NETIF_F_IP_CSUM;
	if (caps->tcp6_csum)
		features |= NETIF_F_IPV6_CSUM;
	if (caps->tso4)
		features |= NETIF_F_TSO;
	if (caps->tso6)
		features |= NETIF_F_TSO6;
	/* A sender by pages must not want a checksum over them first. */
	if (features & (NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM))
		features |= NETIF_F_SG;
	if (nvdev->nvsp_caps->multi_queue)
		features |= NETIF_F_RXHASH;
	if (caps->rsc && nvdev->nvsp_caps->rsc)
		features |= NETVSC_RSC_FEATURES;
	return features;
}

/* What a user may switch from now on; netdev_update_features() is to follow. */
static void dev_setup_features(struct netvsc_device *nvdev)
{
	struct net_device *ndev = nvdev->ndev;

	/* What the core added at the registration stays. */
	ndev->hw_features = (ndev->hw_features & ~NETVSC_DEV_HOST_FEATURES) |
			    netvsc_dev_features(nvdev);
	ndev->vlan_features = ndev->hw_features & NETVSC_DEV_HOST_FEATURES &
			      ~NETVSC_RSC_FEATURES;
	netvsc_vf_set_tso_max(ndev, netvsc_tx_tso_max(nvdev));
}

/* Coalescing is wanted and not on, the host can do it, and nothing of ours is in its way. */
static bool dev_rsc_is_missing(const struct netvsc_device *nvdev)
{
	const struct net_device *ndev = nvdev->ndev;

	return (netvsc_dev_features(nvdev) & ndev->wanted_features &
		NETVSC_RSC_FEATURES) &&
	       !(ndev->features & NETVSC_RSC_FEATURES) &&
	       (ndev->features & NETIF_F_RXCSUM) &&
	       !netvsc_xdp_refuses_rsc(ndev);
}

/* Likewise, and the host has refused it. */
static bool dev_rsc_was_refused(const struct netvsc_device *nvdev)
{
	return nvdev->rsc_refused && dev_rsc_is_missing(nvdev);
}

void netvsc_dev_update_features(struct netvsc_device *nvdev)
{
	dev_setup_features(nvdev);
	netdev_update_features(nvdev->ndev);
	/* Coalescing is all that the host is asked for here, and nobody hears the answer. */
	if (dev_rsc_was_refused(nvdev))
		netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_RSC,
					  -EAGAIN);
}

void netvsc_dev_restore_rsc(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	/* A new attachment looks for itself. */
	if (nvdev && ndev->reg_state == NETREG_REGISTERED &&
	    dev_rsc_is_missing(nvdev))
		netvsc_dev_update_features(nvdev);
}

int netvsc_dev_resync_rsc(struct netvsc_device *nvdev)
{
	struct net_device *ndev = nvdev->ndev;
	int err;

	if (dev_rsc_was_refused(nvdev)) {
		/* Asked first: each update of the features is an event for everybody. */
		err = netvsc_oid_set_rsc(nvdev, true);
		if (err)
			return netvsc_rndis_refused(err) ? -EAGAIN : err;
		nvdev->rsc_refused = false;
		nvdev->rsc_agreed = true;
		netdev_update_features(ndev);
		nvdev->rsc_agreed = false;
		/* An interface above ours, or the VF, may be against it all the same. */
		if (ndev->features & NETVSC_RSC_FEATURES)
			return 0;
	}
	/* A host that cannot do it any more has nothing to be told. */
	if (!(netvsc_dev_features(nvdev) & NETVSC_RSC_FEATURES))
		return 0;
	return netvsc_oid_set_rsc(nvdev, ndev->features & NETVSC_RSC_FEATURES);
}

/* All VLANs come to us anyway; a VF may have to be told. */
#define DEV_FIXED_FEATURES	(NETIF_F_HIGHDMA | NETIF_F_HW_VLAN_CTAG_RX | \
				 NETIF_F_HW_VLAN_CTAG_FILTER)

void netvsc_dev_init_features(struct netvsc_device *nvdev)
{
	netdev_features_t fixed = DEV_FIXED_FEATURES;
	struct net_device *ndev = nvdev->ndev;

	if (nvdev->nvsp_caps->bits & NVSP_CAP_IEEE8021Q)
		fixed |= NETIF_F_HW_VLAN_CTAG_TX;
	if (ndev->reg_state != NETREG_UNINITIALIZED) {
		netvsc_dev_update_features(nvdev);
		return;
	}
	dev_setup_features(nvdev);
	/* LRO is on from the start, and the core allows one of the two only. */
	ndev->features = (ndev->hw_features & ~NETIF_F_GRO_HW) | fixed;
}

/* ---- the host has others ---- */

/*
 * Of a host that is slow there may be time for one answer only: what it can do now is
 * kept in host_caps until it is in force. Our own setting is indicated, too: then
 * nothing is new.
 */
static int dev_ask_offloads(struct netvsc_device *nvdev)
{
	int err = 0;

	if (!nvdev->host_caps_new)
		err = netvsc_oid_get_offloads(nvdev);
	nvdev->host_caps_new = !err && !netvsc_ndis_caps_equal(&nvdev->caps,
							       &nvdev->host_caps);
	return err;
}

/* From the old ones to the new ones. */
static int dev_switch_offloads(struct netvsc_device *nvdev)
{
	int err;

	netvsc_ndis_caps_common(&nvdev->caps, &nvdev->host_caps, &nvdev->caps);
	netvsc_dev_update_features(nvdev);
	err = netvsc_oid_set_offloads(nvdev);
	netvsc_dev_update_features(nvdev);
	return err;
}

int netvsc_dev_read_offloads(struct netvsc_device *nvdev)
{
	int err;

	err = dev_ask_offloads(nvdev);
	if (nvdev->host_caps_new)
		err = dev_switch_offloads(nvdev);
	if (!err)
		nvdev->host_caps_new = false;
	/* It has changed some, so a refusal is for a while only. */
	netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_CAPS, err);
	return err;
}

/* What it says is put in force by NETVSC_TASK_RESYNC, which has a limit of its own. */
static int dev_hear_offloads(struct netvsc_device *nvdev)
{
	int err;

	nvdev->host_caps_new = false;
	err = dev_ask_offloads(nvdev);
	netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_CAPS,
				  nvdev->host_caps_new ? -EAGAIN : err);
	if (nvdev->host_caps_new)
		netvsc_defer_task(nvdev->ndev, NETVSC_TASK_RESYNC, 0);
	return err;
}

static void dev_run_offload_work(struct work_struct *work)
{
	struct netvsc_reread *reread = container_of(to_delayed_work(work),
						    struct netvsc_reread, work);
	struct netvsc_priv *priv = netdev_priv(reread->ndev);
	struct netvsc_device *nvdev;
	int err = 0;

	/* More may have changed while the work was running. */
	if (time_before(jiffies, reread->done_at + OFFLOAD_PAUSE)) {
		schedule_delayed_work(&reread->work, OFFLOAD_PAUSE);
		return;
	}
	if (!netvsc_defer_try_rtnl(&reread->work))
		return;
	nvdev = rtnl_dereference(priv->nvdev);
	netvsc_chan_begin_op_most(priv->ndev, OFFLOAD_MS);
	/* One that is unregistering has no features to change. */
	if (nvdev && priv->ndev->reg_state == NETREG_REGISTERED)
		err = dev_hear_offloads(nvdev);
	netvsc_chan_end_op(priv->ndev);
	reread->done_at = jiffies;
	if (err && err != -ENODEV && net_ratelimit())
		netdev_info(priv->ndev, "cannot re-read the offload capabilities: %d\n", err);
	rtnl_unlock();
}

void netvsc_dev_reread_offloads(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	schedule_delayed_work(&priv->reread->work, 0);
}

int netvsc_dev_init_offload(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->reread = devm_kzalloc(&priv->hdev->device, sizeof(*priv->reread),
				    GFP_KERNEL);
	if (!priv->reread)
		return -ENOMEM;
	priv->reread->ndev = ndev;
	priv->reread->done_at = jiffies - OFFLOAD_PAUSE;
	INIT_DELAYED_WORK(&priv->reread->work, dev_run_offload_work);
	return 0;
}

void netvsc_dev_kill_offload(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	/* The channel is closed: the host says no more. */
	cancel_delayed_work_sync(&priv->reread->work);
}
