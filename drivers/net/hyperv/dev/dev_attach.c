// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: attach to the host and detach
 *
 * Promise: the order of sheet 4.1 on the way up; on the way down the order that
 * is argued at netvsc_dev_detach(), which also ends every way up that did not
 * get to its end: each step down looks whether its step up was done. What the
 * host may still use when the time of the way down is over is not touched any
 * more: it belongs to the bus call that is late (chan_call.c).
 *
 * Neighbours and locks: see dev.c.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "buf/send.h"
#include "bus/chan.h"
#include "bus/chan_call.h"
#include "bus/chan_ring.h"
#include "ctrl/nvsp.h"
#include "ctrl/oid.h"
#include "ctrl/rndis.h"
#include "data/poll.h"
#include "data/tx.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "lib/sizing.h"
#include "netvsc.h"
#include "trace.h"
#include "vf/vf.h"
#include "xdp/xdp.h"

/* How long no frame may come before nothing more is expected; and at most. */
#define RX_QUIET_MS		20
#define RX_QUIET_MAX_MS		100

/* ---- attach ---- */

/* What an earlier attachment left in the memory; what the user set since. */
static void dev_reset_state(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);

	nvdev->params.mtu = priv->params.mtu;
	nvdev->channels_missing = false;
	nvdev->unconfirmed = 0;
	nvdev->filter_known = true;
	nvdev->unresponsive = false;
	WRITE_ONCE(nvdev->erred_at, 0);
	nvdev->rx_open = false;
	nvdev->tx_off |= BIT(NETVSC_TX_OFF_STATE);
	nvdev->filter = 0;
	nvdev->host_caps_new = false;
	nvdev->rsc_refused = false;
	nvdev->host_queues = 1;
	nvdev->rss_applied = false;
	nvdev->rss_known = true;
	memset(&nvdev->rss_caps, 0, sizeof(nvdev->rss_caps));
	nvdev->tx_table_from_host = false;
	memset(nvdev->tx_table, 0, sizeof(nvdev->tx_table));
	memset(&nvdev->caps, 0, sizeof(nvdev->caps));
	memset(&nvdev->host_caps, 0, sizeof(nvdev->host_caps));
	memset(&nvdev->recv.sections, 0, sizeof(nvdev->recv.sections));
	memset(&nvdev->send.sections, 0, sizeof(nvdev->send.sections));
}

static int dev_map_sections(struct netvsc_device *nvdev)
{
	return netvsc_send_alloc_map(nvdev, NETVSC_RNDIS_SECTIONS);
}

static int dev_share_recv(struct netvsc_device *nvdev)
{
	return netvsc_chan_share(nvdev, &nvdev->recv);
}

static int dev_share_send(struct netvsc_device *nvdev)
{
	return netvsc_chan_share(nvdev, &nvdev->send);
}

/* Only now is it known how large the buffers may be. */
static int dev_alloc_memory(struct netvsc_device *nvdev)
{
	return netvsc_dev_alloc_buffers(nvdev, nvdev->nvsp_caps);
}

/* The answer was a refusal or nonsense: what was asked for can be done without. */
static bool dev_has_answered(int err)
{
	return netvsc_rndis_refused(err) || err == -EPROTO;
}

/* Once, and never over a name that somebody gave it (R80). */
static int dev_read_name(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	char name[IFALIASZ];
	int len;

	if (priv->named)
		return 0;
	len = netvsc_oid_get_name(nvdev, name, sizeof(name));
	/* Without an answer this attachment ends; the next one asks. */
	priv->named = len >= 0 || dev_has_answered(len);
	if (len > 0)
		dev_set_alias(nvdev->ndev, name, len);
	return min(len, 0);
}

/*
 * What the host grants. Asked for a larger MTU than it can have it may answer with its
 * least one: no reason to give up the one that is in force.
 */
static int dev_read_mtu(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	int err;

	err = netvsc_oid_get_mtu(nvdev);
	if (err == -ETIMEDOUT || err == -ENODEV)
		return err;
	if (nvdev->params.mtu < priv->params.mtu_least)
		return -ERANGE;
	/* One that does not tell takes what it was told. */
	return 0;
}

/* The host forgot an address that the user chose: tell it again. */
static int dev_sync_mac(struct netvsc_device *nvdev)
{
	struct net_device *ndev = nvdev->ndev;
	int err;

	err = netvsc_oid_get_mac(nvdev);
	if (err)
		return err;
	if (ndev->reg_state == NETREG_UNINITIALIZED) {
		eth_hw_addr_set(ndev, nvdev->mac);
		ether_addr_copy(ndev->perm_addr, nvdev->mac);
		return 0;
	}
	if (ether_addr_equal(ndev->dev_addr, nvdev->mac))
		return 0;
	err = netvsc_oid_set_mac(nvdev, ndev->dev_addr);
	if (err)
		netdev_warn(ndev, "cannot restore MAC address %pM: %d\n",
			    ndev->dev_addr, err);
	netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_MAC, err);
	return 0;
}

/*
 * A host that had offloads before, and refuses to say or to switch them now, does so for
 * a while only: it is asked again.
 */
static int dev_confirm_offloads(struct netvsc_device *nvdev, int err)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);

	if (dev_has_answered(err) && priv->host_offloads)
		netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_CAPS, err);
	return err;
}

static int dev_get_offloads(struct netvsc_device *nvdev)
{
	return dev_confirm_offloads(nvdev, netvsc_oid_get_offloads(nvdev));
}

static int dev_set_offloads(struct netvsc_device *nvdev)
{
	return dev_confirm_offloads(nvdev, netvsc_oid_set_offloads(nvdev));
}

/* What was said of the link before is older than the answer. */
static int dev_read_link(struct netvsc_device *nvdev)
{
	nvdev->events->link_query(nvdev->ndev);
	return netvsc_oid_get_link(nvdev);
}

/* A host that had several before and will not say now refuses for a while only. */
static int dev_read_queues(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	int err;

	err = netvsc_oid_get_queues(nvdev);
	/* What may be wanted is what the host said last. */
	if (!err || !priv->host_queues)
		priv->host_queues = nvdev->host_queues;
	else if (dev_has_answered(err) && netvsc_dev_most_queues(priv) > 1)
		netvsc_dev_retry_channels(nvdev);
	return err;
}

int netvsc_dev_ask_queues(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	int err;

	ASSERT_RTNL();
	if (nvdev->host_queues >= priv->host_queues)
		return 0;
	err = netvsc_oid_get_queues(nvdev);
	if (err && err != -ENODEV)
		netvsc_dev_retry_channels(nvdev);
	return err;
}

/**
 * struct attach_step - one step of the way up
 * @what: for the log, if the way ends here
 * @take: does it
 * @optional: the host may refuse; it is taken at its defaults then. Without memory, or
 *	without an answer, nobody knows
 */
struct attach_step {
	const char *what;
	int (*take)(struct netvsc_device *nvdev);
	bool optional;
};

/* Sheet 4.1, steps 2 to 15. */
static const struct attach_step dev_attach_steps[] = {
	{ "NVSP version", netvsc_nvsp_connect },
	{ "memory for the buffers", dev_alloc_memory },
	{ "sharing the receive buffer", dev_share_recv },
	{ "receive buffer", netvsc_nvsp_announce_recv },
	{ "sharing the send buffer", dev_share_send },
	{ "send buffer", netvsc_nvsp_announce_send },
	{ "map of the send buffer", dev_map_sections },
	{ "RNDIS initialization", netvsc_rndis_init },
	{ "MTU", dev_read_mtu },
	{ "address", dev_sync_mac },
	{ "name", dev_read_name, true },
	{ "offload capabilities", dev_get_offloads, true },
	{ "offload parameters", dev_set_offloads, true },
	{ "link state", dev_read_link, true },
	{ "link speed", netvsc_oid_get_speed, true },
	{ "receive queues", dev_read_queues, true },
};

static int dev_run_attach_steps(struct netvsc_device *nvdev)
{
	const struct attach_step *step;
	int err;

	for (step = dev_attach_steps;
	     step < dev_attach_steps + ARRAY_SIZE(dev_attach_steps); step++) {
		err = step->take(nvdev);
		if (!err)
			continue;
		if (step->optional && dev_has_answered(err))
			continue;
		/* The removal of the device reports a rescind. */
		if (err != -ENODEV)
			dev_err(&nvdev->hdev->device,
				"attach failed at %s: %d\n", step->what, err);
		return err;
	}
	return 0;
}

/* A tag does not count (sheet 7.1); old hosts have it within the frame. */
static u32 dev_frame_max(const struct netvsc_device *nvdev)
{
	bool beside = nvdev->nvsp_caps->bits & NVSP_CAP_IEEE8021Q;

	return nvdev->params.mtu + (beside ? ETH_HLEN : VLAN_ETH_HLEN);
}

/* What the new host means for the interface (R77, R79). */
static void dev_setup_interface(struct netvsc_device *nvdev)
{
	struct net_device *ndev = nvdev->ndev;

	WRITE_ONCE(ndev->mtu, nvdev->params.mtu);
	ndev->min_mtu = NETVSC_MTU_MIN;
	ndev->max_mtu = min(nvdev->nvsp_caps->mtu_max,
			    netvsc_send_frame_max(nvdev) - VLAN_ETH_HLEN);
	netvsc_dev_init_features(nvdev);
}

/* The primary channel; netvsc_dev_detach() is owed from here on. */
static int dev_open_primary(struct netvsc_device *nvdev)
{
	struct netvsc_queue *q = nvdev->queue_mem[0];
	u32 i;

	nvdev->events->attaching(nvdev->ndev);
	dev_reset_state(nvdev);
	/* Whatever index a reader has, there is a queue behind it (R72). */
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		nvdev->queues[i] = q;
	netvsc_poll_start(q);
	nvdev->num_open = 1;
	nvdev->num_queues = 1;
	nvdev->state = NETVSC_DEV_ATTACHED;
	return netvsc_chan_open(q, nvdev->hdev->channel,
				nvdev->params.ring_pages, netvsc_poll_interrupt);
}

static int dev_run_attach(struct netvsc_device *nvdev)
{
	struct device *dev = &nvdev->hdev->device;
	int err;

	if (nvdev->state != NETVSC_DEV_ALLOCATED ||
	    netvsc_call_pending(nvdev->hdev->channel)) {
		dev_info_ratelimited(dev, "an earlier request to the host is still outstanding\n");
		return -EBUSY;
	}
	if (netvsc_chan_rescinded(nvdev))
		return -ENODEV;
	err = dev_open_primary(nvdev);
	if (err && err != -ENODEV)
		dev_err(dev, "attach failed at opening the channel: %d\n", err);
	err = err ?: dev_run_attach_steps(nvdev);
	if (err)
		netvsc_dev_detach(nvdev);
	return err;
}

int netvsc_dev_attach(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	int err;

	ASSERT_RTNL();
	netvsc_chan_begin_op(nvdev->ndev);
	err = dev_run_attach(nvdev);
	netvsc_chan_end_op(nvdev->ndev);
	trace_netvsc_attach(nvdev->ndev, nvdev->nvsp_caps ?
			    nvdev->nvsp_caps->version : 0, err);
	if (err)
		return err;
	priv->host_offloads |= netvsc_dev_features(nvdev) &
			       (NETIF_F_CSUM_MASK | NETIF_F_ALL_TSO);
	nvdev->frame_max = dev_frame_max(nvdev);
	priv->rx_overhead = netvsc_sizing_overhead(nvdev->recv.sections.bytes,
						   nvdev->params.mtu);
	rcu_assign_pointer(priv->nvdev, nvdev);
	dev_setup_interface(nvdev);
	return 0;
}

/* ---- detach ---- */

static u64 dev_count_received(const struct netvsc_device *nvdev)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < nvdev->num_open; i++)
		sum += READ_ONCE(nvdev->queue_mem[i]->stats->rx_packets);
	return sum;
}

/*
 * Behind a filter of 0 the host throws away what is on its way to us. Nothing is
 * sent any more, so the answers to what was sent last end soon.
 */
static void dev_wait_rx_quiet(struct netvsc_device *nvdev)
{
	unsigned long limit = jiffies + msecs_to_jiffies(RX_QUIET_MAX_MS);
	u64 before, now = dev_count_received(nvdev);

	do {
		before = now;
		msleep(RX_QUIET_MS);
		now = dev_count_received(nvdev);
	} while (now != before && time_before(jiffies, limit));
}

static void dev_quiesce_host(struct netvsc_device *nvdev)
{
	int err;

	/* It never opened, or nobody knows: there is nobody to talk to. */
	if (!netvsc_chan_ready(nvdev->queue_mem[0]))
		return;

	/* A host that missed a deadline gets short ones, but is told all of it. */
	netvsc_chan_wait_read(nvdev);
	if (nvdev->state == NETVSC_DEV_STARTED && !netvsc_chan_rescinded(nvdev))
		dev_wait_rx_quiet(nvdev);
	err = netvsc_oid_close_filter(nvdev);
	err = netvsc_chan_wait_idle(nvdev) ?: err;
	/* Up to here what comes was asked for. */
	WRITE_ONCE(nvdev->rx_open, false);
	err = netvsc_rndis_halt(nvdev) ?: err;
	err = netvsc_chan_wait_idle(nvdev) ?: err;
	if (err && err != -ENODEV && net_ratelimit())
		netdev_warn(nvdev->ndev, "timeout waiting for the host to drain the rings: %d\n",
			    err);

	netvsc_nvsp_revoke_recv(nvdev);
	netvsc_nvsp_revoke_send(nvdev);
}

/* Senders, readers and interrupts of all queues: none is left. */
static void dev_stop_queues(struct netvsc_device *nvdev)
{
	struct netvsc_queue *q;
	u32 i;

	for (i = 0; i < nvdev->num_open; i++) {
		q = nvdev->queue_mem[i];
		netvsc_chan_clear_callback(q);
		netvsc_poll_stop(q);
		q->live = false;
		/* Counters and BQL take what is out for lost; the host may still read it. */
		netvsc_tx_write_off(q);
	}
}

/*
 * Who could still hold the attachment, step by step (R71):
 *  1 the stack's senders: stopped, and none is inside after netvsc_tx_off()
 *  2 the host: no more frames (what answers our last ones is waited for), all
 *    requests completed, both rings empty; or it had its time
 *  3 the host: told not to touch the buffers
 *  4 readers under RCU: find nothing, and are gone after synchronize_net()
 *  5 the filter work: could only be queued by those
 *  6 interrupts and NAPI of each queue: taken away, disabled, so nobody reads ring
 *    or receive buffer
 *  7 the host: all channels closed, with the primary, and the buffers taken back;
 *    it reads nothing any more, and the memory is ours alone. Offers of sub-channels
 *    are not taken up from here on
 *  8 requests without completion: freed
 *
 * When 7 does not end in time nothing of 8 is done here: the bus call holds a
 * reference, and whoever puts the last one does 8 and frees the memory. It finds neither
 * the interface nor the stack's queues, with which all is settled before 7.
 */
static void dev_run_detach(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	bool late;
	u32 i;

	if (nvdev->state == NETVSC_DEV_STARTED)
		netvsc_vf_stop(nvdev->ndev);
	netvsc_tx_off(nvdev, NETVSC_TX_OFF_STATE);
	for (i = 0; i < nvdev->num_open; i++)
		netvsc_tx_flush(nvdev->queue_mem[i]);
	dev_quiesce_host(nvdev);

	if (rcu_access_pointer(priv->nvdev) == nvdev)
		RCU_INIT_POINTER(priv->nvdev, NULL);
	netvsc_vf_detached(nvdev->ndev);
	synchronize_net();
	cancel_work_sync(&nvdev->filter_work);

	dev_stop_queues(nvdev);
	late = netvsc_chan_close(nvdev);
	netvsc_dev_drop_channels(nvdev);
	if (late) {
		netdev_warn(nvdev->ndev, "timeout closing the channel: shared memory is kept until the host answers\n");
		nvdev->state = NETVSC_DEV_LATE;
		return;
	}
	for (i = 0; i < nvdev->num_open; i++)
		nvdev->queue_mem[i]->channel = NULL;
	netvsc_dev_free_outstanding(nvdev);
	atomic_set(&nvdev->paths_asked, 0);
	nvdev->num_open = 0;
	nvdev->num_queues = 1;
	nvdev->state = NETVSC_DEV_ALLOCATED;
}

void netvsc_dev_detach(struct netvsc_device *nvdev)
{
	ASSERT_RTNL();
	if (nvdev->state == NETVSC_DEV_ALLOCATED ||
	    nvdev->state == NETVSC_DEV_LATE)
		return;
	netvsc_chan_begin_op(nvdev->ndev);
	dev_run_detach(nvdev);
	netvsc_chan_end_op(nvdev->ndev);
	trace_netvsc_detach(nvdev->ndev, nvdev->state == NETVSC_DEV_LATE);
}
