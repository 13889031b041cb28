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
 *	           free    memory    detach    host     stop    traffic
 *
 * Each of the pairs touches only its own thing: memory, host, traffic. So a
 * re-configuration allocates first, and only the handshake can fail after the
 * old attachment was given up; that one keeps its memory and can come back.
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

/* How often a work item tries for RTNL. */
#define RTNL_RETRY	(HZ / 20)

/* ---- memory ---- */

static void filter_work(struct work_struct *work)
{
	struct netvsc_device *nvdev = container_of(work, struct netvsc_device,
						   filter_work);
	int err;

	err = netvsc_oid_update_filter(nvdev, READ_ONCE(nvdev->filter_wanted));
	if (err && net_ratelimit())
		netdev_warn(nvdev->ndev, "packet filter not set: %d\n", err);
}

static struct netvsc_queue *alloc_queue(struct netvsc_device *nvdev, u32 i)
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

static void free_queue(struct netvsc_device *nvdev, u32 i)
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
			nvdev->queue_mem[i] = alloc_queue(nvdev, i);
		if (!nvdev->queue_mem[i])
			return -ENOMEM;
	}
	return 0;
}

void netvsc_dev_trim_queues(struct netvsc_device *nvdev, u32 cnt)
{
	u32 i;

	for (i = max(cnt, nvdev->num_open); i < NVSP_MAX_CHANNELS; i++)
		free_queue(nvdev, i);
}

int netvsc_dev_alloc_buffers(struct netvsc_device *nvdev,
			     const struct netvsc_nvsp_abilities *abilities)
{
	const struct netvsc_params *params = &nvdev->params;
	u32 bytes;
	int err = 0;

	if (!nvdev->recv.addr) {
		bytes = netvsc_sizing_recv_bytes(params->rx_sections,
						 params->rx_section_bytes,
						 abilities);
		err = netvsc_chan_alloc_buffer(&nvdev->recv, bytes);
	}
	if (!err && !nvdev->send.addr) {
		bytes = netvsc_sizing_send_bytes(params->tx_sections,
						 params->tx_section_bytes);
		err = netvsc_chan_alloc_buffer(&nvdev->send, bytes);
	}
	return err;
}

struct netvsc_device *
netvsc_dev_alloc(struct net_device *ndev, const struct netvsc_params *params,
		 const struct netvsc_device *like,
		 const struct netvsc_news *news)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;

	nvdev = kzalloc(sizeof(*nvdev), GFP_KERNEL);
	if (!nvdev)
		return NULL;
	nvdev->ndev = ndev;
	nvdev->hdev = priv->hdev;
	nvdev->params = *params;
	nvdev->news = news;
	nvdev->tx_off = BIT(NETVSC_TX_OFF_STATE);
	mutex_init(&nvdev->filter_lock);
	INIT_WORK(&nvdev->filter_work, filter_work);
	netvsc_nvsp_init(nvdev);
	netvsc_rndis_prepare(nvdev);
	if (netvsc_dev_alloc_queues(nvdev, like ?
				    netvsc_dev_wants_queues(nvdev, like) : 1) ||
	    (like && netvsc_dev_alloc_buffers(nvdev, like->abilities))) {
		netvsc_dev_free(nvdev);
		return NULL;
	}
	return nvdev;
}

void netvsc_dev_free(struct netvsc_device *nvdev)
{
	if (!nvdev)
		return;
	netvsc_dev_trim_queues(nvdev, 0);
	netvsc_chan_free_buffer(&nvdev->recv);
	netvsc_chan_free_buffer(&nvdev->send);
	kvfree(nvdev->section_words);
	kfree(nvdev);
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
	if (nvdev->abilities->multi_queue)
		features |= NETIF_F_RXHASH;
	if (caps->rsc && nvdev->abilities->rsc)
		features |= NETIF_F_LRO;
	return features;
}

int netvsc_dev_start(struct netvsc_device *nvdev)
{
	int err;

	ASSERT_RTNL();
	/* Frames may come before the answer to the filter does. */
	WRITE_ONCE(nvdev->rx_open, true);
	err = netvsc_oid_open_filter(nvdev, READ_ONCE(nvdev->filter_wanted) ?:
					    NDIS_PACKET_FILTER_OPEN);
	if (err) {
		WRITE_ONCE(nvdev->rx_open, false);
		return err;
	}
	nvdev->state = NETVSC_DEV_STARTED;
	netvsc_tx_on(nvdev, NETVSC_TX_OFF_STATE);
	netvsc_vf_start(nvdev->ndev);
	return 0;
}

void netvsc_dev_stop(struct netvsc_device *nvdev)
{
	u32 i;
	int err;

	ASSERT_RTNL();
	if (nvdev->state != NETVSC_DEV_STARTED)
		return;
	netvsc_vf_stop(nvdev->ndev);
	netvsc_tx_off(nvdev, NETVSC_TX_OFF_STATE);
	for (i = 0; i < nvdev->num_open; i++)
		netvsc_tx_flush(nvdev->queue_mem[i]);
	/* Behind a filter of 0 no frame may come, from no channel. */
	netvsc_chan_wait_heard(nvdev);
	err = netvsc_oid_close_filter(nvdev);
	if (!err)
		err = netvsc_chan_wait_drained(nvdev, 0);
	if (err && err != -ENODEV && net_ratelimit())
		netdev_warn(nvdev->ndev, "host does not come to rest: %d\n",
			    err);
	WRITE_ONCE(nvdev->rx_open, false);
	nvdev->state = NETVSC_DEV_ATTACHED;
}

/* ---- other parameters ---- */

static int attach_and_start(struct netvsc_device *nvdev, bool running)
{
	int err;

	err = netvsc_dev_attach(nvdev);
	if (err)
		return err;
	/* The RSS table comes before the filter (sheet 4.1). */
	netvsc_dev_add_channels(nvdev);
	if (!running)
		return 0;
	err = netvsc_dev_start(nvdev);
	if (err)
		netvsc_dev_detach(nvdev);
	return err;
}

/* The old attachment back in its place, or none at all. */
static void fall_back(struct netvsc_device *old, struct net_device *ndev,
		      u32 mtu, struct netlink_ext_ack *extack)
{
	int err = -ENODEV;

	if (old)
		err = attach_and_start(old, netif_running(ndev));
	if (!err) {
		/* It may have been smaller than what the host was told. */
		WRITE_ONCE(ndev->mtu, mtu);
		NL_SET_ERR_MSG_MOD(extack, "refused by the host, the old parameters are in force");
		return;
	}
	netvsc_dev_free(old);
	netif_carrier_off(ndev);
	NL_SET_ERR_MSG_MOD(extack, "refused by the host, the old parameters too: detached");
	netdev_err(ndev, "detached from the host: %d\n", err);
}

int netvsc_dev_reconfigure(struct net_device *ndev,
			   const struct netvsc_params *params,
			   struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *old = rtnl_dereference(priv->nvdev);
	struct netvsc_device *nvdev;
	u32 mtu = ndev->mtu;
	int err;

	nvdev = netvsc_dev_alloc(ndev, params, old, priv->news);
	if (!nvdev) {
		NL_SET_ERR_MSG_MOD(extack, "no memory, the old parameters are in force");
		return -ENOMEM;
	}
	if (old)
		nvdev->filter_wanted = old->filter_wanted;

	netif_device_detach(ndev);
	if (old)
		netvsc_dev_detach(old);
	err = attach_and_start(nvdev, netif_running(ndev));
	if (err) {
		netvsc_dev_free(nvdev);
		fall_back(old, ndev, mtu, extack);
	} else {
		netvsc_dev_free(old);
		priv->params = nvdev->params;
	}
	netif_device_attach(ndev);
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

void netvsc_dev_suspend(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	netif_device_detach(ndev);
	if (!nvdev)
		return;
	netvsc_dev_detach(nvdev);
	netvsc_vf_suspend(ndev);
	priv->saved = nvdev;
}

int netvsc_dev_resume(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = priv->saved;
	int err = 0;

	ASSERT_RTNL();
	priv->saved = NULL;
	if (nvdev)
		err = attach_and_start(nvdev, netif_running(ndev));
	if (err) {
		netvsc_dev_free(nvdev);
		netif_carrier_off(ndev);
	}
	netif_device_attach(ndev);
	return err;
}
