// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: memory of an attachment
 *
 * Promise: all that an attachment needs is allocated before the host hears of it; what
 * the host may still use is not freed before it cannot.
 *
 *	netvsc_dev_alloc()	the device, its first queues, and with a device that knows
 *				the host all queues and buffers
 *	netvsc_dev_put()	the end for the interface; the memory goes with the last
 *				reference, which a late bus call may have (chan_call.c)
 *
 * How many queues there are is decided here too, since it decides about the memory.
 *
 * Neighbours: chan, rx_buf, nvsp and rndis have their parts in it, send knows what is
 * left in slots with frames. Locks: RTNL, but for the release of the last reference,
 * which finds neither interface nor stack.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "buf/rx_buf.h"
#include "buf/send.h"
#include "bus/chan.h"
#include "ctrl/nvsp.h"
#include "ctrl/rndis.h"
#include "data/tx.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "lib/sizing.h"
#include "netvsc.h"

/* ---- how many queues ---- */

static u32 dev_count_queues(const struct netvsc_priv *priv, u32 host_queues)
{
	return netvsc_sizing_queues(priv->params.queues,
				    netif_get_num_default_rss_queues(),
				    num_online_cpus(), host_queues);
}

u32 netvsc_dev_most_queues(const struct netvsc_priv *priv)
{
	return dev_count_queues(priv, priv->host_queues ?: NVSP_MAX_CHANNELS);
}

u32 netvsc_dev_wants_queues(const struct netvsc_device *nvdev,
			    const struct netvsc_device *old)
{
	return dev_count_queues(netdev_priv(nvdev->ndev), old->host_queues);
}

/* ---- queues and buffers ---- */

static struct netvsc_queue *dev_alloc_queue(struct netvsc_device *nvdev, u32 i)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_queue *q;
	u32 pages;

	q = kvzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return NULL;
	q->nvdev = nvdev;
	q->ndev = nvdev->ndev;
	q->index = i;
	q->txq = netdev_get_tx_queue(nvdev->ndev, i);
	q->stats = &priv->qstats[i];
	pages = nvdev->params.ring_pages;
	if (i)
		pages = netvsc_sizing_sub_ring_pages(pages);
	if (netvsc_chan_alloc(q, pages))
		goto free_queue;
	if (netvsc_rx_buf_alloc(q))
		goto free_chan;
	return q;

free_chan:
	netvsc_chan_free(q);
free_queue:
	kvfree(q);
	return NULL;
}

static void dev_free_queue(struct netvsc_device *nvdev, u32 i)
{
	struct netvsc_queue *q = nvdev->queue_mem[i];

	if (!q)
		return;
	nvdev->queue_mem[i] = NULL;
	netvsc_rx_buf_free(q);
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
		err = netvsc_chan_alloc_buffer(nvdev->hdev->channel,
					       &nvdev->recv, bytes);
	}
	if (!err && !nvdev->send.addr) {
		bytes = netvsc_sizing_send_bytes(params->tx_sections,
						 params->tx_section_bytes);
		err = netvsc_chan_alloc_buffer(nvdev->hdev->channel,
					       &nvdev->send, bytes);
	}
	return err;
}

/* ---- the device ---- */

/* The host does not look at it any more. */
void netvsc_dev_free_outstanding(struct netvsc_device *nvdev)
{
	struct netvsc_slot *slot;
	struct netvsc_queue *q;
	u32 i, k;

	for (k = 0; k < NVSP_MAX_CHANNELS; k++) {
		q = nvdev->queue_mem[k];
		for (i = 0; q && i < q->slot_cnt; i++) {
			slot = &q->slots[i];
			if (!netvsc_send_free(slot) &&
			    slot->kind == NETVSC_SLOT_RNDIS)
				netvsc_rndis_sent(nvdev, slot);
			slot->kind = NETVSC_SLOT_FREE;
		}
	}
	netvsc_rndis_abandon(nvdev);
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
	netvsc_send_free_map(nvdev);
	netvsc_rndis_free(nvdev);
	netvsc_nvsp_free(nvdev);
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
	if (netvsc_nvsp_alloc(nvdev) || netvsc_rndis_alloc(nvdev)) {
		netvsc_nvsp_free(nvdev);
		kfree(nvdev);
		return NULL;
	}
	kref_init(&nvdev->ref);
	nvdev->release = dev_release_device;
	nvdev->ndev = ndev;
	nvdev->hdev = priv->hdev;
	nvdev->params = *params;
	nvdev->events = events;
	nvdev->tx_off = BIT(NETVSC_TX_OFF_STATE);
	netvsc_dev_init_filter(nvdev);
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
			netvsc_rx_buf_free(nvdev->queue_mem[i]);
	netvsc_chan_put_device(nvdev);
}
