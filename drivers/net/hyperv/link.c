// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room link: carrier and speed, at a pace that others can follow
 *
 * Promise: what is shown in the end is what the host said last, and each carrier
 * change stays for at least two seconds: user space hears of the link once a
 * second only. A storm is shown as one down, and two seconds later the latest state
 * (R68): what was over before its turn came is part of that. A flood of events costs
 * nothing: of each kind the latest counts.
 *
 * What an attachment said is older than the answer to the question for the link that
 * the next one asks, and is forgotten before. What comes between question and answer
 * ends in the state that the answer tells.
 *
 * Neighbours: rndis reports through netvsc_device.events; netdev and ethtool ask
 * for a sync after an open or a re-configuration. What is said of offloads goes
 * on to dev.
 *
 *	indication (NAPI) -> merged -> work -> carrier, speed, announcement
 *	                                | RTNL busy: later
 *
 * A network change is shown as down, then up again, so that DHCP clients ask
 * anew.
 *
 * Locks: netvsc_link.lock for what is pending, with interrupts off since netconsole
 * may run NAPI in any context. Everything else is RTNL; the work only tries for
 * it, so a holder of RTNL can cancel it.
 */
#include <linux/device.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <netvsc/oid.h>

#include "ctrl/defer.h"
#include "data/tx.h"
#include "dev/dev.h"
#include "link.h"
#include "netvsc.h"

#define PACE		(2 * HZ)

/**
 * struct netvsc_link - what the host said of the link and is not shown yet
 * @ndev: I
 * @lock: for what has an L
 * @media: L, RNDIS_STATUS_MEDIA_CONNECT or _DISCONNECT, the latest; 0: none
 * @flapped: L, it was down in between, or the network changed: shown as down, up
 * @has_speed: L, there is one
 * @speed_units: L, the latest, in units of 100 bit/s
 * @dead: L, nothing is taken any more
 * @next: R, earliest time of the next carrier change, in jiffies
 * @back_up: R, carrier went off for a network change and must come back
 * @work: applies it
 */
struct netvsc_link {
	struct net_device *ndev;
	spinlock_t lock;	/* L */
	u32 media;
	bool flapped;
	bool has_speed;
	u32 speed_units;
	bool dead;
	unsigned long next;
	bool back_up;
	struct delayed_work work;
};

static void link_set_carrier(struct net_device *ndev,
			     struct netvsc_device *nvdev, bool up)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	if (up) {
		netif_carrier_on(ndev);
		netvsc_tx_on(nvdev, NETVSC_TX_OFF_LINK);
	} else {
		netif_carrier_off(ndev);
		netvsc_tx_off(nvdev, NETVSC_TX_OFF_LINK);
	}
	priv->link->next = jiffies + PACE;
}

static void link_set_speed(struct netvsc_priv *priv, u32 units)
{
	u32 mbps = units / OID_LINK_SPEED_PER_MBPS;

	WRITE_ONCE(priv->speed, mbps ?: SPEED_UNKNOWN);
	WRITE_ONCE(priv->duplex, mbps ? DUPLEX_FULL : DUPLEX_UNKNOWN);
}

static void link_handle_connect(struct net_device *ndev,
				struct netvsc_device *nvdev)
{
	nvdev->link_up = true;
	if (!netif_running(ndev))
		return;
	/* Connected again: other neighbours may be there now. */
	if (netif_carrier_ok(ndev))
		call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, ndev);
	else
		link_set_carrier(ndev, nvdev, true);
}

static void link_handle_disconnect(struct net_device *ndev,
				   struct netvsc_device *nvdev)
{
	nvdev->link_up = false;
	if (netif_running(ndev) && netif_carrier_ok(ndev))
		link_set_carrier(ndev, nvdev, false);
}

/* What is waiting, at once; it is taken away. */
struct link_pending {
	u32 media;
	bool flapped;
	bool has_speed;
	u32 speed_units;
};

static bool link_take_pending(struct netvsc_link *link,
			      struct link_pending *pending)
{
	unsigned long flags;

	spin_lock_irqsave(&link->lock, flags);
	*pending = (struct link_pending){
		.media = link->media,
		.flapped = link->flapped,
		.has_speed = link->has_speed,
		.speed_units = link->speed_units,
	};
	link->media = 0;
	link->flapped = false;
	link->has_speed = false;
	spin_unlock_irqrestore(&link->lock, flags);
	return pending->media || pending->flapped || pending->has_speed;
}

static void link_apply_pending(struct net_device *ndev,
			       struct netvsc_device *nvdev,
			       const struct link_pending *pending)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	if (pending->has_speed) {
		nvdev->speed_units = pending->speed_units;
		link_set_speed(priv, pending->speed_units);
	}
	if (pending->media == RNDIS_STATUS_MEDIA_DISCONNECT) {
		link_handle_disconnect(ndev, nvdev);
	} else if (pending->flapped && netif_running(ndev) &&
		   netif_carrier_ok(ndev)) {
		if (pending->media)
			nvdev->link_up = true;
		link_set_carrier(ndev, nvdev, false);
		priv->link->back_up = true;
	} else if (pending->media) {
		link_handle_connect(ndev, nvdev);
	}
}

/* One step; true if there is more to do. */
static bool link_run_once(struct net_device *ndev, struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_link *link = priv->link;
	struct link_pending pending;

	if (!link_take_pending(link, &pending) && !link->back_up)
		return false;
	if (link->back_up) {
		/* That is down: whatever came meanwhile is shown by it, too. */
		link->back_up = false;
		if (!pending.media && nvdev->link_up)
			pending.media = RNDIS_STATUS_MEDIA_CONNECT;
	}
	link_apply_pending(ndev, nvdev, &pending);
	return true;
}

static void link_run_work(struct work_struct *work)
{
	struct netvsc_link *link = container_of(to_delayed_work(work),
						struct netvsc_link, work);
	struct netvsc_priv *priv = netdev_priv(link->ndev);
	struct netvsc_device *nvdev;
	bool more;

	if (!netvsc_defer_try_rtnl(&link->work))
		return;
	nvdev = rtnl_dereference(priv->nvdev);
	/* A detached interface is told all at its next attach. */
	more = nvdev;
	/* A speed change needs no pause after it. */
	while (more && time_after_eq(jiffies, link->next))
		more = link_run_once(link->ndev, nvdev);
	if (more && !READ_ONCE(link->dead))
		schedule_delayed_work(&link->work,
				      max_t(long, link->next - jiffies, 0));
	rtnl_unlock();
}

int netvsc_link_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->link = devm_kzalloc(&priv->hdev->device, sizeof(*priv->link),
				  GFP_KERNEL);
	if (!priv->link)
		return -ENOMEM;
	priv->link->ndev = ndev;
	spin_lock_init(&priv->link->lock);
	INIT_DELAYED_WORK(&priv->link->work, link_run_work);
	priv->link->next = jiffies;
	priv->speed = SPEED_UNKNOWN;
	priv->duplex = DUPLEX_UNKNOWN;
	return 0;
}

void netvsc_link_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_link *link = priv->link;

	netvsc_defer_end_work(&link->work, &link->lock, &link->dead);
}

void netvsc_link_discard(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct link_pending old;

	link_take_pending(priv->link, &old);
}

/* Of each kind only the latest counts, and that it was down in between. */
static void link_merge_status(struct netvsc_link *link, u32 status, u32 value)
{
	lockdep_assert_held(&link->lock);
	switch (status) {
	case RNDIS_STATUS_MEDIA_CONNECT:
		if (link->media == RNDIS_STATUS_MEDIA_DISCONNECT)
			link->flapped = true;
		link->media = status;
		break;
	case RNDIS_STATUS_MEDIA_DISCONNECT:
		link->media = status;
		break;
	case RNDIS_STATUS_NETWORK_CHANGE:
		link->flapped = true;
		break;
	case RNDIS_STATUS_LINK_SPEED_CHANGE:
		link->has_speed = true;
		link->speed_units = value;
		break;
	}
}

void netvsc_link_status(struct netvsc_device *nvdev, u32 status, u32 value)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_link *link = priv->link;
	unsigned long flags;

	switch (status) {
	case RNDIS_STATUS_MEDIA_CONNECT:
	case RNDIS_STATUS_MEDIA_DISCONNECT:
	case RNDIS_STATUS_NETWORK_CHANGE:
	case RNDIS_STATUS_LINK_SPEED_CHANGE:
		break;
	case RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG:
		/* Not an event of the link: no reason to wait in its queue. */
		netvsc_dev_reread_offloads(nvdev->ndev);
		return;
	default:
		return;
	}
	spin_lock_irqsave(&link->lock, flags);
	if (!link->dead) {
		link_merge_status(link, status, value);
		schedule_delayed_work(&link->work, 0);
	}
	spin_unlock_irqrestore(&link->lock, flags);
}

void netvsc_link_sync(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;

	ASSERT_RTNL();
	nvdev = rtnl_dereference(priv->nvdev);
	if (!nvdev)
		return;
	link_set_speed(priv, nvdev->speed_units);
	priv->link->back_up = false;
	if (!netif_running(ndev))
		return;
	if (nvdev->link_up != netif_carrier_ok(ndev) ||
	    nvdev->link_up == test_bit(NETVSC_TX_OFF_LINK, &nvdev->tx_off))
		link_set_carrier(ndev, nvdev, nvdev->link_up);
}
