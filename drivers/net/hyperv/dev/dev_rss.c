// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: the receive table and key of the host
 *
 * Promise: what the user wants the host has, or it refused and has what it had (R75).
 * What changes nothing is not told.
 *
 * Neighbours: oid tells, lib/rss makes the table; dev_queues and dev_live say for how many
 * queues. Locks: RTNL.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "ctrl/oid.h"
#include "ctrl/rndis.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "lib/rss.h"
#include "netvsc.h"

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

	return nvdev->rss_applied && nvdev->rss_known &&
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
	u16 channels[NDIS_RSS_TABLE_ENTRIES_MAX];
	u16 table[NDIS_RSS_TABLE_ENTRIES_MAX];
	bool known = nvdev->rss_known;
	int err;

	netvsc_rss_resolve(rss, queues, table, entries);
	if (dev_rss_unchanged(nvdev, rss->key, table, hash_info))
		return 0;
	for (i = 0; i < entries; i++)
		channels[i] = nvdev->queue_mem[table[i]]->channel_index;
	nvdev->rss_known = false;
	err = netvsc_oid_set_rss(nvdev, rss->key, channels, hash_info);
	/* Refused, it has what it had. */
	if (netvsc_rndis_refused(err))
		nvdev->rss_known = known;
	if (err)
		return err;
	nvdev->rss_known = true;
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
	if (queues == 1 && !nvdev->rss_applied && nvdev->rss_known) {
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
