// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: what changes while frames flow
 *
 * Promise: the receive table and key, the number of queues within the channels
 * that are open, and an MTU within what the host was told change in place: no
 * frame is lost, the carrier and the channels do not notice. The host is asked
 * first, so what it refuses has not happened (R75).
 *
 * Offloads change when the host says so: while it goes from the old ones to the
 * new ones the stack uses what they have in common (R79).
 *
 * Neighbours and locks: see dev.c, which this file belongs to.
 *
 * Order of a change of the queues. A frame finds its queue by num_queues, the
 * stack holds it against real_num_*_queues: the latter is the larger one at any
 * time.
 *
 *	more:  real_num up -> num_queues up -> table of the host
 *	fewer: table of the host -> num_queues down -> senders gone, what waits
 *	       for those queues is sent -> real_num down
 */
#include <linux/delay.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>

#include "chan.h"
#include "dev.h"
#include "netvsc.h"
#include "nvsp.h"
#include "oid.h"
#include "rndis.h"
#include "tx.h"
#include "tx_meta.h"
#include "vf.h"

/* How long frames may wait in queues that go away. */
#define QDISC_WAIT	(HZ / 2)
/* Without a frame for so long nobody will miss the next ones. */
#define QUIET_MS	250

/* ---- receive table and key ---- */

bool netvsc_dev_has_rss(const struct netvsc_device *nvdev)
{
	return nvdev->host_queues > 1 && nvdev->rss_caps.table_entries;
}

/*
 * Some hosts start their queues anew with each setting, and lose what is under way: what
 * changes nothing is not told.
 */
static bool dev_rss_unchanged(const struct netvsc_device *nvdev, const u8 *key,
			      const u16 *table, u32 hash_info)
{
	u32 bytes = nvdev->rss_caps.table_entries * sizeof(*table);

	return nvdev->rss_applied &&
	       !test_bit(NETVSC_UNCONFIRMED_RSS, &nvdev->unconfirmed) &&
	       nvdev->rss_hash_info == hash_info &&
	       !memcmp(nvdev->rss_key, key, sizeof(nvdev->rss_key)) &&
	       !memcmp(nvdev->rss_table, table, bytes);
}

/* Tells the host; what it agreed to is in nvdev->rss_table. */
static int dev_send_rss(struct netvsc_device *nvdev,
			const struct netvsc_rss *rss, u32 queues, u32 l3_only)
{
	u32 hash_info = netvsc_rss_hash_info(nvdev->rss_caps.flags, l3_only);
	u32 entries = nvdev->rss_caps.table_entries, i;
	u16 table[NDIS_RSS_TABLE_ENTRIES_MAX];
	u16 channels[NDIS_RSS_TABLE_ENTRIES_MAX];
	int err;

	netvsc_rss_resolve(rss, queues, table, entries);
	if (dev_rss_unchanged(nvdev, rss->key, table, hash_info))
		return 0;
	for (i = 0; i < entries; i++)
		channels[i] = nvdev->queue_mem[table[i]]->channel_index;
	err = netvsc_oid_set_rss(nvdev, rss->key, channels, hash_info);
	if (err)
		return err;
	memcpy(nvdev->rss_table, table, entries * sizeof(*table));
	memcpy(nvdev->rss_key, rss->key, sizeof(nvdev->rss_key));
	nvdev->rss_hash_info = hash_info;
	nvdev->rss_applied = true;
	return 0;
}

int netvsc_dev_apply_rss(struct netvsc_device *nvdev, u32 queues)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);

	if (!netvsc_dev_has_rss(nvdev))
		return 0;
	/* "default" is no wish, whatever the core made of it. */
	if (!netif_is_rxfh_configured(nvdev->ndev))
		priv->rss.entries = 0;
	/* All goes to the primary until the host is told otherwise. */
	if (queues == 1 && !nvdev->rss_applied) {
		netvsc_rss_resolve(&priv->rss, 1, nvdev->rss_table,
				   nvdev->rss_caps.table_entries);
		return 0;
	}
	return dev_send_rss(nvdev, &priv->rss, queues,
			    READ_ONCE(priv->l3_only));
}

int netvsc_dev_set_rss(struct netvsc_device *nvdev,
		       const struct netvsc_rss *rss)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	int err;

	ASSERT_RTNL();
	err = dev_send_rss(nvdev, rss, nvdev->num_queues, priv->l3_only);
	if (!err)
		priv->rss = *rss;
	netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_RSS, err);
	return err;
}

int netvsc_dev_set_flow_hash(struct net_device *ndev, u32 l3_only)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	u32 old = priv->l3_only;
	int err = 0;

	WRITE_ONCE(priv->l3_only, l3_only);
	/* Only where the host hashes the ports of UDP does it have to know. */
	if (nvdev && nvdev->rss_applied &&
	    netvsc_rss_hash_info(nvdev->rss_caps.flags, old) !=
	    netvsc_rss_hash_info(nvdev->rss_caps.flags, l3_only))
		err = netvsc_dev_apply_rss(nvdev, nvdev->num_queues);
	if (!err)
		return 0;
	WRITE_ONCE(priv->l3_only, old);
	netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_RSS, err);
	return err;
}

/* ---- number of queues ---- */

/* Frames that wait for queues from @first on. */
static bool dev_qdisc_backlog(struct net_device *ndev, u32 first)
{
	const struct netdev_queue *txq;
	u32 i;

	for (i = first; i < ndev->real_num_tx_queues; i++) {
		txq = netdev_get_tx_queue(ndev, i);
		if (qdisc_qlen_sum(rtnl_dereference(txq->qdisc)))
			return true;
	}
	return false;
}

/* The stack would throw away what waits for the queues that go. */
static void dev_drain_qdiscs(struct netvsc_device *nvdev, u32 first)
{
	unsigned long limit = jiffies + QDISC_WAIT;
	u32 i;

	/* Who looked at num_queues before is through after this. */
	synchronize_net();
	while (netif_running(nvdev->ndev) &&
	       dev_qdisc_backlog(nvdev->ndev, first) &&
	       time_before(jiffies, limit))
		usleep_range(500, 1000);
	for (i = first; i < nvdev->num_open; i++)
		netvsc_tx_flush(nvdev->queue_mem[i]);
}

static int dev_add_queues(struct netvsc_device *nvdev, u32 n)
{
	struct net_device *ndev = nvdev->ndev;
	u32 before = nvdev->num_queues;
	int err;

	err = netif_set_real_num_queues(ndev, n, n);
	if (err)
		return err;
	WRITE_ONCE(nvdev->num_queues, n);
	err = netvsc_dev_apply_rss(nvdev, n);
	if (!err)
		return 0;
	WRITE_ONCE(nvdev->num_queues, before);
	dev_drain_qdiscs(nvdev, before);
	netif_set_real_num_queues(ndev, before, before);
	return err;
}

static int dev_remove_queues(struct netvsc_device *nvdev, u32 n)
{
	int err;

	err = netvsc_dev_apply_rss(nvdev, n);
	if (err)
		return err;
	WRITE_ONCE(nvdev->num_queues, n);
	dev_drain_qdiscs(nvdev, n);
	return netif_set_real_num_queues(nvdev->ndev, n, n);
}

int netvsc_dev_set_queues(struct netvsc_device *nvdev, u32 n)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	u32 before = nvdev->num_queues;
	int err = 0;

	ASSERT_RTNL();
	if (WARN_ON_ONCE(!n || n > nvdev->num_open))
		return -EINVAL;
	if (n > before)
		err = dev_add_queues(nvdev, n);
	else if (n < before)
		err = dev_remove_queues(nvdev, n);
	netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_RSS, err);
	if (err)
		return err;
	priv->params.queues = n;
	netvsc_nvsp_default_table(nvdev, n);
	return 0;
}

u64 netvsc_dev_frames(const struct netvsc_device *nvdev)
{
	const struct netvsc_queue_stats *stats;
	u64 sum = 0;
	u32 i;

	for (i = 0; i < nvdev->num_open; i++) {
		stats = nvdev->queue_mem[i]->stats;
		sum += READ_ONCE(stats->rx_packets) +
		       READ_ONCE(stats->tx_packets);
	}
	return sum;
}

bool netvsc_dev_is_quiet(const struct netvsc_device *nvdev)
{
	u64 before = netvsc_dev_frames(nvdev);

	if (!netif_running(nvdev->ndev))
		return true;
	msleep(QUIET_MS);
	return netvsc_dev_frames(nvdev) == before;
}

bool netvsc_dev_has_excess_channels(const struct netvsc_device *nvdev)
{
	return nvdev->num_open > netvsc_dev_wants_queues(nvdev, nvdev);
}

/* ---- offloads ---- */

void netvsc_dev_apply_features(struct netvsc_device *nvdev)
{
	struct net_device *ndev = nvdev->ndev;

	/* What the core added at the registration stays. */
	ndev->hw_features = (ndev->hw_features & ~NETVSC_DEV_HOST_FEATURES) |
			    netvsc_dev_features(nvdev);
	ndev->vlan_features = ndev->hw_features & NETVSC_DEV_HOST_FEATURES &
			      ~NETIF_F_LRO;
	netif_set_tso_max_size(ndev,
			       netvsc_vf_tso_max(ndev, netvsc_tx_tso_max(nvdev)));
}

static void dev_update_features(struct netvsc_device *nvdev)
{
	netvsc_dev_apply_features(nvdev);
	netdev_update_features(nvdev->ndev);
}

static int dev_read_offloads(struct netvsc_device *nvdev)
{
	int err;

	err = netvsc_oid_get_offloads(nvdev);
	/* Our own setting is indicated, too: then there is nothing new. */
	if (!err && !netvsc_ndis_caps_equal(&nvdev->caps, &nvdev->host_caps)) {
		netvsc_ndis_caps_common(&nvdev->caps, &nvdev->host_caps,
					&nvdev->caps);
		dev_update_features(nvdev);
		err = netvsc_oid_set_offloads(nvdev);
		dev_update_features(nvdev);
	}
	netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_CAPS, err);
	if (err && err != -ENODEV && net_ratelimit())
		netdev_info(nvdev->ndev, "cannot re-read the offload capabilities: %d\n", err);
	return err;
}

/* ---- what the host has not confirmed ---- */

static int dev_resync_one(struct netvsc_device *nvdev, unsigned int what)
{
	switch (what) {
	case NETVSC_UNCONFIRMED_MAC:
		return netvsc_oid_set_mac(nvdev, nvdev->ndev->dev_addr);
	case NETVSC_UNCONFIRMED_FILTER:
		return netvsc_dev_update_filter(nvdev);
	case NETVSC_UNCONFIRMED_RSS:
		return netvsc_dev_apply_rss(nvdev, nvdev->num_queues);
	case NETVSC_UNCONFIRMED_OFFLOADS:
		return netvsc_oid_set_rsc(nvdev, nvdev->ndev->features &
						 NETIF_F_LRO);
	default:
		return dev_read_offloads(nvdev);
	}
}

bool netvsc_dev_resync(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	unsigned int what;
	bool all = true;
	int err;

	ASSERT_RTNL();
	for (what = 0; what < NETVSC_UNCONFIRMED_CNT; what++) {
		if (!test_bit(what, &nvdev->unconfirmed))
			continue;
		err = dev_resync_one(nvdev, what);
		/* It may be for a while only. */
		if (netvsc_rndis_refused(err) &&
		    !priv->tasks.resync_tries)
			netdev_warn(nvdev->ndev, "host rejects setting %u once more: %d\n",
				    what, err);
		if (!err)
			clear_bit(what, &nvdev->unconfirmed);
		/* One that the host never answers is no reason to keep the others. */
		all &= !err;
	}
	return all;
}

static void dev_run_offload_work(struct work_struct *work)
{
	struct netvsc_priv *priv = container_of(to_delayed_work(work),
						struct netvsc_priv,
						offload_work);
	struct netvsc_device *nvdev;

	if (!netvsc_dev_try_rtnl(&priv->offload_work))
		return;
	nvdev = rtnl_dereference(priv->nvdev);
	/* One that is unregistering has no features to change. */
	if (nvdev && priv->ndev->reg_state == NETREG_REGISTERED)
		dev_read_offloads(nvdev);
	rtnl_unlock();
}

void netvsc_dev_reread_offloads(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	schedule_delayed_work(&priv->offload_work, 0);
}

void netvsc_dev_init_live(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	INIT_DELAYED_WORK(&priv->offload_work, dev_run_offload_work);
}

void netvsc_dev_kill_live(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	/* The channel is closed: the host says no more. */
	cancel_delayed_work_sync(&priv->offload_work);
}
