// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: interfaces come and go
 *
 * Promise: a VF joins the interface it belongs to whichever of the two is there
 * first, and is marked as ours before user space hears of it where we are there
 * first; else a "change" uevent tells. It follows us into another network
 * namespace. What it was before it gets back.
 *
 *	POST_INIT	marked: nothing in user space knows the VF yet
 *	REGISTER	joined: lower device, rx handler
 *	   100 ms	so that it can be renamed while it is down
 *	taken		set up like us, opened if we are up
 *	GOING_DOWN	left, and settled, before it stops
 *	PRECHANGEMTU	likewise: most drivers restart it
 *	UP, CHANGEMTU	it gets again what its driver forgot
 *	UNREGISTER	left
 *
 * What keeps a VF from joining is looked at again when it changes; what keeps one
 * that joined from being used is tried again, more and more seldom.
 *
 * Neighbours and locks: see vf.c; all of this is RTNL's, and the work only tries for
 * it. A namespace is changed by a work item only: within a notifier, and at
 * the end of a namespace, it cannot be (R65).
 */
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "compat/lower.h"
#include "ctrl/defer.h"
#include "lib/vf_match.h"
#include "netvsc.h"
#include "vf/vf.h"
#include "vf/vf_priv.h"

/* User space may name a new interface in this time. */
#define RENAME_WAIT	(HZ / 10)

/* All interfaces of ours, by netvsc_vf.node. R. */
static LIST_HEAD(vf_nic_list);

/* ---- who belongs to whom ---- */

static void vf_read_identity(const struct net_device *dev,
			     struct netvsc_vf_identity *identity)
{
	struct pci_dev *pci = netvsc_vf_pci_dev(dev);

	*identity = (struct netvsc_vf_identity){
		.pci = pci,
		.slot = pci && pci->slot ? pci_slot_name(pci->slot) : NULL,
	};
	ether_addr_copy(identity->mac, dev->dev_addr);
	ether_addr_copy(identity->permanent, dev->perm_addr);
}

static enum netvsc_vf_match vf_match_nic(struct netvsc_priv *priv,
					 const struct net_device *dev)
{
	struct netvsc_vf_identity identity;
	struct netvsc_vf_criteria criteria;
	unsigned long flags;

	if (dev->type != ARPHRD_ETHER || dev->addr_len != ETH_ALEN ||
	    is_vlan_dev(dev) || netif_is_bond_master(dev))
		return NETVSC_VF_MATCH_NOT;
	vf_read_identity(dev, &identity);
	spin_lock_irqsave(&priv->vf->lock, flags);
	criteria.announced = priv->vf->fsm.conditions & NETVSC_VF_HAS_HOST;
	criteria.serial = priv->vf->serial;
	spin_unlock_irqrestore(&priv->vf->lock, flags);
	ether_addr_copy(criteria.permanent, priv->ndev->perm_addr);
	return netvsc_vf_match(&identity, &criteria);
}

/* The interface that this one is a VF for, NULL if it is none. */
static struct netvsc_priv *vf_nic_for(const struct net_device *dev)
{
	enum netvsc_vf_match best = NETVSC_VF_MATCH_NOT, m;
	struct netvsc_priv *priv, *found = NULL;
	struct netvsc_vf *vf;

	list_for_each_entry(vf, &vf_nic_list, node) {
		priv = netdev_priv(vf->self);
		if (priv->ndev == dev)
			return NULL;
		m = vf_match_nic(priv, dev);
		if (m > best) {
			best = m;
			found = priv;
		}
	}
	return found;
}

/* The interface that this VF has joined. */
static struct netvsc_priv *vf_nic_of(const struct net_device *dev)
{
	struct netvsc_vf *vf;

	list_for_each_entry(vf, &vf_nic_list, node)
		if (rcu_access_pointer(vf->ndev) == dev)
			return netdev_priv(vf->self);
	return NULL;
}

static struct netvsc_priv *vf_nic_self(const struct net_device *dev)
{
	struct netvsc_vf *vf;

	list_for_each_entry(vf, &vf_nic_list, node)
		if (vf->self == dev)
			return netdev_priv(vf->self);
	return NULL;
}

/* ---- join and leave ---- */

/* User space and IPv6 leave it alone from here on (R54). */
static bool vf_mark_slave(struct net_device *dev)
{
	bool late = !(dev->flags & IFF_SLAVE);

	dev->flags |= IFF_SLAVE;
	dev->priv_flags |= NETVSC_VF_PRIV_FLAGS;
	return late;
}

static void vf_unmark_slave(struct net_device *dev)
{
	dev->flags &= ~IFF_SLAVE;
	dev->priv_flags &= ~NETVSC_VF_PRIV_FLAGS;
}

static void vf_set_ndev(struct netvsc_priv *priv, struct net_device *dev)
{
	unsigned long flags;

	spin_lock_irqsave(&priv->vf->lock, flags);
	rcu_assign_pointer(priv->vf->ndev, dev);
	spin_unlock_irqrestore(&priv->vf->lock, flags);
}

static int vf_link_upper(struct netvsc_priv *priv, struct net_device *dev)
{
	int err;

	err = netdev_rx_handler_register(dev, netvsc_vf_receive, priv);
	if (err)
		return err;
	err = netdev_master_upper_dev_link(dev, priv->ndev, NULL, NULL, NULL);
	if (err)
		netdev_rx_handler_unregister(dev);
	return err;
}

/* @delay: in jiffies, until it is ours to set up. */
static void vf_join_nic(struct netvsc_priv *priv, struct net_device *dev,
			unsigned long delay)
{
	bool late;
	int err;

	if (rcu_access_pointer(priv->vf->ndev)) {
		if (rcu_access_pointer(priv->vf->ndev) != dev)
			netdev_info(priv->ndev, "VF waiting: %s\n", dev->name);
		return;
	}
	err = vf_link_upper(priv, dev);
	netvsc_vf_set_reason(priv, dev, NETVSC_VF_NO_JOIN, err);
	if (err)
		return;
	late = vf_mark_slave(dev);
	netdev_hold(dev, &priv->vf->tracker, GFP_KERNEL);
	priv->vf->configured = false;
	if (priv->vf->moved != dev)
		priv->vf->before.up = false;
	vf_set_ndev(priv, dev);
	netdev_info(priv->ndev, "VF registering: %s\n", dev->name);
	call_netdevice_notifiers(NETDEV_JOIN, dev);
	netdev_info(dev, "joined to %s\n", priv->ndev->name);
	if (late) {
		/* Addresses that it gave itself go with the next down. */
		if (netif_running(dev)) {
			dev_close(dev);
			priv->vf->before.up = true;
		}
		kobject_uevent(&dev->dev.kobj, KOBJ_CHANGE);
	}
	netvsc_vf_defer(priv, NETVSC_VF_TASK_CONFIGURE, delay);
}

/*
 * Who could still use the VF, step by step:
 *  1 senders: the path is ours again, and none is inside after settling
 *  2 the host: told, and it has answered or had its time
 *  3 settings: given back, and not passed on any more
 *  4 receivers: out of the rx handler when that is unregistered
 * @stays: it is not on its way out itself.
 */
static void vf_leave_nic(struct netvsc_priv *priv, struct net_device *dev,
			 bool stays)
{
	netvsc_vf_event(priv, NETVSC_VF_GONE);
	netvsc_vf_drain(priv);
	if (priv->vf->configured) {
		WRITE_ONCE(priv->vf->configured, false);
		netvsc_vf_restore(priv, dev, stays);
	}
	vf_set_ndev(priv, NULL);
	netdev_rx_handler_unregister(dev);
	netdev_upper_dev_unlink(dev, priv->ndev);
	netdev_info(priv->ndev, "VF unregistering: %s\n", dev->name);
	if (stays)
		vf_unmark_slave(dev);
	netdev_put(dev, &priv->vf->tracker);
	priv->vf->reasons = 0;
	priv->vf->tries = 0;
}

/* A VF for this interface that is there already; @here: in our namespace. */
static struct net_device *vf_find_candidate(struct netvsc_priv *priv, bool here)
{
	struct net_device *dev, *found = NULL;
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		if (net_eq(net, dev_net(priv->ndev)) != here)
			continue;
		for_each_netdev(net, dev) {
			if (dev->reg_state != NETREG_REGISTERED ||
			    vf_nic_for(dev) != priv)
				continue;
			if (!found ||
			    vf_match_nic(priv, dev) > vf_match_nic(priv, found))
				found = dev;
		}
	}
	up_read(&net_rwsem);
	return found;
}

/* One that is there already joins; one that is elsewhere is fetched. */
static void vf_find_and_join(struct netvsc_priv *priv, unsigned long delay)
{
	struct net_device *dev = vf_find_candidate(priv, true);

	if (dev)
		vf_join_nic(priv, dev, delay);
	else if (vf_find_candidate(priv, false))
		netvsc_vf_defer(priv, NETVSC_VF_TASK_MOVE, 0);
}

/*
 * What was marked for us and has not joined is nobody's VF any more. A bond marks
 * its own in the same way.
 */
static void vf_unmark_waiting(struct netvsc_priv *priv)
{
	struct net_device *dev;
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net)
		for_each_netdev(net, dev)
			if (dev->flags & IFF_SLAVE && vf_nic_for(dev) == priv &&
			    !vf_nic_of(dev) && !netif_is_bond_slave(dev))
				vf_unmark_slave(dev);
	up_read(&net_rwsem);
}

/* ---- deferred tasks ---- */

static void vf_announce_peers(struct net_device *ndev)
{
	if (!netif_running(ndev) || !netif_carrier_ok(ndev))
		return;
	call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, ndev);
	call_netdevice_notifiers(NETDEV_RESEND_IGMP, ndev);
}

/*
 * One that could not join does now. One that is elsewhere is brought to us; it leaves
 * and joins on its way.
 */
static void vf_move_netns(struct netvsc_priv *priv)
{
	struct net *net = dev_net(priv->ndev);
	struct net_device *dev;
	int err;

	dev = rtnl_dereference(priv->vf->ndev)	    ?:
		      vf_find_candidate(priv, true) ?:
		      vf_find_candidate(priv, false);
	if (!dev)
		return;
	if (net_eq(dev_net(dev), net)) {
		vf_join_nic(priv, dev, 0);
		return;
	}
	err = dev_change_net_namespace(dev, net, "eth%d");
	if (err)
		netdev_info(priv->ndev, "cannot move %s to our network namespace: %d\n", dev->name,
			    err);
}

static void vf_configure(struct netvsc_priv *priv)
{
	struct net_device *dev = rtnl_dereference(priv->vf->ndev);

	if (!dev)
		return;
	if (priv->vf->configured) {
		netvsc_vf_xdp_update(priv->ndev);
		return;
	}
	netvsc_vf_configure(priv, dev);
	WRITE_ONCE(priv->vf->configured, true);
	netvsc_vf_event(priv, NETVSC_VF_JOINED);
	netvsc_vf_open(priv->ndev);
}

static void vf_retry_settings(struct netvsc_priv *priv)
{
	struct net_device *dev = netvsc_vf_ours(priv->ndev);

	if (!dev)
		return;
	priv->vf->changing = true;
	netvsc_vf_conform(priv, dev);
	priv->vf->changing = false;
	/* One that was taken down by hand stays down. */
	if (netvsc_vf_has_reason(priv, NETVSC_VF_NO_OPEN) ||
	    netvsc_vf_has_reason(priv, NETVSC_VF_HAS_ADDRESS))
		netvsc_vf_open(priv->ndev);
	else
		netvsc_vf_update_usable(priv);
}

/* What is due and wants RTNL. */
static void vf_run_due(struct netvsc_priv *priv, unsigned long tasks)
{
	if (tasks & BIT(NETVSC_VF_TASK_LIMITS))
		netvsc_vf_update_limits(priv);
	if (tasks & BIT(NETVSC_VF_TASK_ANNOUNCE))
		vf_announce_peers(priv->ndev);
	if (tasks & BIT(NETVSC_VF_TASK_MOVE))
		vf_move_netns(priv);
	if (tasks & BIT(NETVSC_VF_TASK_CONFIGURE))
		vf_configure(priv);
	if (tasks & BIT(NETVSC_VF_TASK_RETRY))
		vf_retry_settings(priv);
}

static void vf_run_work(struct work_struct *work)
{
	struct netvsc_vf *vf = container_of(to_delayed_work(work),
					    struct netvsc_vf, work);
	struct netvsc_priv *priv = netdev_priv(vf->self);
	unsigned long tasks = netvsc_vf_tick(priv);

	if (!tasks)
		return;
	if (!netvsc_defer_try_rtnl(&vf->work)) {
		netvsc_vf_tasks_again(priv, tasks);
		return;
	}
	if (priv->ndev->reg_state == NETREG_REGISTERED)
		vf_run_due(priv, tasks);
	rtnl_unlock();
}

/* ---- the notifier ---- */

static void vf_handle_register(struct net_device *dev)
{
	struct netvsc_priv *priv = vf_nic_self(dev);

	/* We are in another namespace now: the VF shall follow, or was here first. */
	if (priv) {
		if (rcu_access_pointer(priv->vf->ndev))
			netvsc_vf_defer(priv, NETVSC_VF_TASK_MOVE, 0);
		else
			vf_find_and_join(priv, RENAME_WAIT);
		return;
	}
	priv = vf_nic_for(dev);
	if (!priv)
		return;
	if (net_eq(dev_net(dev), dev_net(priv->ndev)))
		vf_join_nic(priv, dev, RENAME_WAIT);
	else
		netvsc_vf_defer(priv, NETVSC_VF_TASK_MOVE, 0);
}

static void vf_forget_dev(const struct net_device *dev)
{
	struct netvsc_vf *vf;

	list_for_each_entry(vf, &vf_nic_list, node)
		if (vf->moved == dev)
			netvsc_vf_forget_moved(netdev_priv(vf->self), false);
}

static void vf_handle_unregister(struct net_device *dev)
{
	struct netvsc_priv *priv = vf_nic_of(dev);
	/* The core says the same of one that goes to another namespace. */
	bool moves = dev->reg_state == NETREG_REGISTERED;

	if (!moves)
		vf_forget_dev(dev);
	if (!priv) {
		priv = vf_nic_for(dev);
		if (priv)
			netvsc_vf_set_reason(priv, dev, NETVSC_VF_NO_JOIN, 0);
		return;
	}
	if (moves && priv->vf->configured)
		priv->vf->moved = dev;
	vf_leave_nic(priv, dev, false);
	/* The next one may be there already. */
	vf_find_and_join(priv, RENAME_WAIT);
}

/* Its driver is about to stop it: nothing is lost if nothing is on its way. */
static void vf_handle_stop(struct netvsc_priv *priv)
{
	netvsc_vf_event(priv, NETVSC_VF_UNUSABLE);
	netvsc_vf_drain(priv);
}

/* Its driver has set it up anew, and may have forgotten what it was told. */
static void vf_handle_restart(struct netvsc_priv *priv, struct net_device *dev)
{
	if (priv->vf->configured)
		netvsc_vf_configure_rss_locked(priv, dev);
	netvsc_vf_update_usable(priv);
}

static void vf_handle_change(struct netvsc_priv *priv, struct net_device *dev,
			     unsigned long event)
{
	switch (event) {
	case NETDEV_GOING_DOWN:
		vf_handle_stop(priv);
		break;
	case NETDEV_PRECHANGEMTU:
		vf_handle_stop(priv);
		/* Nobody tells of one that it refused. */
		netvsc_vf_defer(priv, NETVSC_VF_TASK_RETRY, 0);
		break;
	case NETDEV_CHANGENAME:
		/* That was what we waited for. */
		if (!priv->vf->configured)
			netvsc_vf_defer(priv, NETVSC_VF_TASK_CONFIGURE, 0);
		break;
	case NETDEV_UP:
	case NETDEV_CHANGEMTU:
		vf_handle_restart(priv, dev);
		break;
	case NETDEV_FEAT_CHANGE:
		/* Its driver may have other limits; the device may be locked here. */
		netvsc_vf_defer(priv, NETVSC_VF_TASK_LIMITS, 0);
		break;
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEADDR:
		netvsc_vf_update_usable(priv);
		break;
	}
}

/* What kept it from joining may be gone. */
static void vf_retry_join(struct net_device *dev, unsigned long event)
{
	struct netvsc_priv *priv;

	switch (event) {
	case NETDEV_CHANGEUPPER:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGENAME:
	case NETDEV_UP:
		priv = vf_nic_for(dev);
		/* Later: it is still half in its bridge. */
		if (priv && !rcu_access_pointer(priv->vf->ndev))
			netvsc_vf_defer(priv, NETVSC_VF_TASK_MOVE, 0);
		break;
	}
}

static int vf_notify_event(struct notifier_block *block, unsigned long event,
			   void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct netvsc_priv *priv;

	switch (event) {
	case NETDEV_POST_INIT:
		if (vf_nic_for(dev))
			vf_mark_slave(dev);
		break;
	case NETDEV_REGISTER:
		vf_handle_register(dev);
		break;
	case NETDEV_UNREGISTER:
		vf_handle_unregister(dev);
		break;
	default:
		priv = vf_nic_of(dev);
		if (priv)
			vf_handle_change(priv, dev, event);
		else
			vf_retry_join(dev, event);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block vf_netdev_notifier = {
	.notifier_call = vf_notify_event,
};

int netvsc_vf_register(void)
{
	return register_netdevice_notifier(&vf_netdev_notifier);
}

void netvsc_vf_unregister(void)
{
	unregister_netdevice_notifier(&vf_netdev_notifier);
}

/* ---- begin and end ---- */

int netvsc_vf_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_vf *vf;

	vf = devm_kzalloc(&priv->hdev->device, sizeof(*vf), GFP_KERNEL);
	if (!vf)
		return -ENOMEM;
	vf->self = ndev;
	spin_lock_init(&vf->lock);
	INIT_LIST_HEAD(&vf->node);
	init_waitqueue_head(&vf->left);
	INIT_DELAYED_WORK(&vf->work, vf_run_work);
	/* A VF is a device below ours, and sends inside our transmit. */
	netdev_lockdep_set_classes(ndev);
	priv->vf = vf;
	netvsc_vf_init_limits(priv);
	return 0;
}

void netvsc_vf_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_vf *vf = priv->vf;

	netvsc_defer_end_work(&vf->work, &vf->lock, &vf->dead);
}

void netvsc_vf_add(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	list_add_tail(&priv->vf->node, &vf_nic_list);
	/* Named long ago. */
	vf_find_and_join(priv, 0);
}

void netvsc_vf_del(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *dev = rtnl_dereference(priv->vf->ndev);

	ASSERT_RTNL();
	vf_unmark_waiting(priv);
	list_del_init(&priv->vf->node);
	netvsc_vf_forget_moved(priv, true);
	if (dev)
		vf_leave_nic(priv, dev, true);
}
