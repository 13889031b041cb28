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
 * OP_MS, and what is left to do then does not wait; the way down takes five seconds
 * more at most (chan_bus.c), and a VF half a second.
 *
 * Locks: RTNL for all of it. Readers find the device under RCU in
 * netvsc_priv.nvdev.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <netvsc/oid.h>

#include "chan.h"
#include "chan_call.h"
#include "dev.h"
#include "lib/sizing.h"
#include "netvsc.h"
#include "nvsp.h"
#include "oid.h"
#include "poll.h"
#include "rndis.h"
#include "rx_skb.h"
#include "tx.h"
#include "vf.h"

/* For all that one operation waits for. */
#define OP_MS		30000
/* How often a work item tries for RTNL. */
#define RTNL_RETRY	(HZ / 20)

/* ---- limits ---- */

void netvsc_dev_begin_most(struct net_device *ndev, unsigned int ms)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	if (!priv->op_depth)
		WRITE_ONCE(priv->op_end, jiffies + msecs_to_jiffies(ms));
	WRITE_ONCE(priv->op_depth, priv->op_depth + 1);
}

void netvsc_dev_begin(struct net_device *ndev)
{
	netvsc_dev_begin_most(ndev, OP_MS);
}

void netvsc_dev_end(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	WRITE_ONCE(priv->op_depth, priv->op_depth - 1);
}

/* ---- deferred tasks ---- */

void netvsc_dev_defer(struct net_device *ndev, enum netvsc_task task,
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
		netvsc_dev_defer(nvdev->ndev, NETVSC_TASK_RESYNC, HZ);
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
		netvsc_dev_defer(nvdev->ndev, NETVSC_TASK_RESYNC, 0);
}

void netvsc_dev_lost(struct net_device *ndev, int err)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	netif_carrier_off(ndev);
	if (!priv->detached && err != -ENODEV)
		netdev_err(ndev, "detached from the host: %d, retrying\n", err);
	priv->detached = true;
	netvsc_dev_defer(ndev, NETVSC_TASK_ATTACH, HZ);
}

/* ---- memory ---- */

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

static struct netvsc_queue *dev_alloc_queue(struct netvsc_device *nvdev, u32 i)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_queue *q;

	q = kvzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return NULL;
	q->nvdev = nvdev;
	q->ndev = nvdev->ndev;
	q->index = i;
	q->txq = netdev_get_tx_queue(nvdev->ndev, i);
	q->stats = &priv->qstats[i];
	if (netvsc_chan_alloc(q)) {
		kvfree(q);
		return NULL;
	}
	if (netvsc_rx_alloc(q)) {
		netvsc_chan_free(q);
		kvfree(q);
		return NULL;
	}
	return q;
}

static void dev_free_queue(struct netvsc_device *nvdev, u32 i)
{
	struct netvsc_queue *q = nvdev->queue_mem[i];

	if (!q)
		return;
	nvdev->queue_mem[i] = NULL;
	netvsc_rx_free(q);
	netvsc_chan_free(q);
	kvfree(q);
}

int netvsc_dev_alloc_queues(struct netvsc_device *nvdev, u32 cnt)
{
	u32 i;

	for (i = 0; i < cnt; i++) {
		if (!nvdev->queue_mem[i])
			nvdev->queue_mem[i] = dev_alloc_queue(nvdev, i);
		if (!nvdev->queue_mem[i])
			return -ENOMEM;
	}
	return 0;
}

void netvsc_dev_trim_queues(struct netvsc_device *nvdev, u32 cnt)
{
	u32 i;

	for (i = max(cnt, nvdev->num_open); i < NVSP_MAX_CHANNELS; i++)
		dev_free_queue(nvdev, i);
}

int netvsc_dev_alloc_buffers(struct netvsc_device *nvdev,
			     const struct netvsc_nvsp_caps *nvsp_caps)
{
	const struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	const struct netvsc_params *params = &nvdev->params;
	u32 bytes, least;
	int err = 0;

	if (!nvdev->recv.addr) {
		least = netvsc_sizing_recv_least(params->mtu, priv->rx_overhead,
						 netvsc_dev_most_queues(priv));
		bytes = netvsc_sizing_recv_bytes(params->rx_sections,
						 params->rx_section_bytes,
						 least, nvsp_caps);
		err = netvsc_chan_alloc_buffer(&nvdev->recv, bytes);
	}
	if (!err && !nvdev->send.addr) {
		bytes = netvsc_sizing_send_bytes(params->tx_sections,
						 params->tx_section_bytes);
		err = netvsc_chan_alloc_buffer(&nvdev->send, bytes);
	}
	return err;
}

/*
 * Whoever had the last reference: nobody uses it, the host included. The interface may
 * be gone.
 */
static void dev_release_device(struct kref *ref)
{
	struct netvsc_device *nvdev = container_of(ref, struct netvsc_device,
						   ref);

	netvsc_dev_free_outstanding(nvdev);
	nvdev->num_open = 0;
	netvsc_dev_trim_queues(nvdev, 0);
	netvsc_chan_free_buffer(&nvdev->recv);
	netvsc_chan_free_buffer(&nvdev->send);
	kvfree(nvdev->section_words);
	kfree(nvdev);
}

struct netvsc_device *
netvsc_dev_alloc(struct net_device *ndev, const struct netvsc_params *params,
		 const struct netvsc_device *old,
		 const struct netvsc_events *events)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;

	nvdev = kzalloc(sizeof(*nvdev), GFP_KERNEL);
	if (!nvdev)
		return NULL;
	kref_init(&nvdev->ref);
	nvdev->release = dev_release_device;
	nvdev->ndev = ndev;
	nvdev->hdev = priv->hdev;
	nvdev->params = *params;
	nvdev->events = events;
	nvdev->tx_off = BIT(NETVSC_TX_OFF_STATE);
	mutex_init(&nvdev->filter_lock);
	INIT_WORK(&nvdev->filter_work, dev_run_filter_work);
	netvsc_nvsp_init(nvdev);
	netvsc_rndis_prepare(nvdev);
	if (netvsc_dev_alloc_queues(nvdev, old ?
				    netvsc_dev_wants_queues(nvdev, old) : 1) ||
	    (old && netvsc_dev_alloc_buffers(nvdev, old->nvsp_caps))) {
		netvsc_dev_put(nvdev);
		return NULL;
	}
	return nvdev;
}

void netvsc_dev_put(struct netvsc_device *nvdev)
{
	u32 i;

	if (!nvdev)
		return;
	/* Their pages were never the host's, and page pools know the interface. */
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nvdev->queue_mem[i])
			netvsc_rx_free(nvdev->queue_mem[i]);
	netvsc_chan_put_device(nvdev);
}

/* ---- traffic ---- */

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
	/* Who wants pages sent must not want a checksum over them first. */
	if (features & (NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM))
		features |= NETIF_F_SG;
	if (nvdev->nvsp_caps->multi_queue)
		features |= NETIF_F_RXHASH;
	if (caps->rsc && nvdev->nvsp_caps->rsc)
		features |= NETIF_F_LRO;
	return features;
}

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
	u32 i;
	int err;

	netvsc_vf_stop(nvdev->ndev);
	netvsc_tx_off(nvdev, NETVSC_TX_OFF_STATE);
	for (i = 0; i < nvdev->num_open; i++)
		netvsc_tx_flush(nvdev->queue_mem[i]);
	/* Behind a filter of 0 no frame may come, from no channel. */
	netvsc_chan_wait_read(nvdev);
	err = netvsc_oid_close_filter(nvdev);
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
	netvsc_dev_begin(nvdev->ndev);
	dev_stop_traffic(nvdev);
	netvsc_dev_end(nvdev->ndev);
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
	priv->tasks.tries = 0;
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
	netvsc_dev_begin(ndev);
	err = dev_replace_device(ndev, old, nvdev, &before, extack);
	netvsc_dev_end(ndev);
	return err;
}

/* ---- work items ---- */

bool netvsc_dev_try_rtnl(struct delayed_work *work)
{
	if (rtnl_trylock())
		return true;
	schedule_delayed_work(work, RTNL_RETRY);
	return false;
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
	if (nvdev) {
		netvsc_dev_detach(nvdev);
		netvsc_vf_suspend(ndev);
	}
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
	int err = -EBUSY;

	ASSERT_RTNL();
	priv->saved = NULL;
	priv->asleep = false;
	netvsc_dev_begin(ndev);
	if (nvdev)
		err = dev_attach_start(nvdev, netif_running(ndev));
	netvsc_dev_end(ndev);
	if (err) {
		netvsc_dev_put(nvdev);
		netvsc_dev_lost(ndev, err);
	}
	netif_device_attach(ndev);
	return err;
}
