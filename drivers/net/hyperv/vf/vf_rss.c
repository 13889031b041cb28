// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: receive table and key are those of the VF
 *
 * Promise: what the user sets here the VF has too, where it can: its driver takes
 * such settings, its key is as long as ours, the table names no queue that it
 * lacks. A user who never set any leaves the VF its own. It gets back what it had.
 *
 * It is told while it is up, and whenever its driver has started it: some refuse
 * while it is down, and some forget.
 *
 * A VF has a table of another length; ours is repeated in it.
 *
 * Neighbours and locks: see vf.c; RTNL, and the VF's own lock where it has one: for
 * all that its driver is asked. The core holds it while it tells of a start.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "compat/lower.h"
#include "lib/rss.h"
#include "netvsc.h"
#include "vf/vf.h"
#include "vf/vf_priv.h"

/**
 * struct netvsc_vf_rss - what a VF had
 * @user_entries: of the table, if its user had set it, or 0
 * @applied: NETVSC_VF_RSS_*, what it was told by us
 * @key: if it is as long as ours
 * @entries: of @table
 * @table: queue by hash
 */
struct netvsc_vf_rss {
	u32 user_entries;
	unsigned int applied;
	u8 key[NDIS_RSS_KEY_BYTES];
	u32 entries;
	u32 table[];
};

static u32 vf_rss_entries(struct net_device *vf)
{
	const struct ethtool_ops *ops = vf->ethtool_ops;

	return ops->get_rxfh_indir_size ? ops->get_rxfh_indir_size(vf) : 0;
}

static bool vf_rss_key_fits(struct net_device *vf)
{
	const struct ethtool_ops *ops = vf->ethtool_ops;

	return ops->get_rxfh_key_size &&
	       ops->get_rxfh_key_size(vf) == NDIS_RSS_KEY_BYTES;
}

static bool vf_rss_supported(const struct net_device *vf)
{
	return netif_device_present(vf) && vf->ethtool_ops->get_rxfh &&
	       vf->ethtool_ops->set_rxfh;
}

/* Nothing that the VF lacks. */
static bool vf_rss_table_fits(const struct netvsc_rss *rss, u32 queues)
{
	u32 i;

	for (i = 0; i < rss->entries; i++)
		if (rss->table[i] >= queues)
			return false;
	return true;
}

/* Before the first change, and when its driver made itself another table. */
static int vf_rss_save(struct netvsc_priv *priv, struct net_device *vf)
{
	struct netvsc_vf_rss *had = priv->vf->before.rss;
	struct ethtool_rxfh_param rxfh = {};
	u32 entries = vf_rss_entries(vf);
	int err;

	if (had && had->entries == entries)
		return 0;
	kfree(had);
	priv->vf->before.rss = NULL;
	had = kzalloc(struct_size(had, table, entries), GFP_KERNEL);
	if (!had)
		return -ENOMEM;
	had->user_entries = netvsc_lower_rxfh_user(vf);
	had->entries = entries;
	if (entries) {
		rxfh.indir = had->table;
		rxfh.indir_size = entries;
	}
	if (vf_rss_key_fits(vf)) {
		rxfh.key = had->key;
		rxfh.key_size = NDIS_RSS_KEY_BYTES;
	}
	err = netvsc_lower_get_rxfh(vf, &rxfh);
	if (err)
		kfree(had);
	else
		priv->vf->before.rss = had;
	return err;
}

/* NULL: no change. */
static int vf_rss_apply(struct net_device *vf, u32 *table, u32 entries,
			const u8 *key)
{
	struct ethtool_rxfh_param rxfh = {
		.hfunc = ETH_RSS_HASH_NO_CHANGE,
		.indir = table,
		.indir_size = table ? entries : 0,
		.key = (u8 *)key,
		.key_size = key ? NDIS_RSS_KEY_BYTES : 0,
		.input_xfrm = RXH_XFRM_NO_CHANGE,
	};

	return netvsc_lower_set_rxfh(vf, &rxfh);
}

static u32 *vf_rss_build_table(const struct netvsc_vf_rss *had,
			       const struct netvsc_rss *rss)
{
	u32 *table = kmalloc_array(had->entries, sizeof(*table), GFP_KERNEL);
	u32 i;

	for (i = 0; table && i < had->entries; i++)
		table[i] = rss->entries ? rss->table[i % rss->entries] :
					  had->table[i];
	return table;
}

static int vf_rss_pass_on(struct netvsc_priv *priv, struct net_device *vf,
			  const struct netvsc_rss *rss, unsigned int what)
{
	struct netvsc_vf_rss *had;
	const u8 *key = NULL;
	u32 *table = NULL;
	int err;

	if (!vf_rss_supported(vf) || !netif_running(vf))
		return 0;
	err = vf_rss_save(priv, vf);
	if (err)
		return err;
	had = priv->vf->before.rss;
	if (what & NETVSC_VF_RSS_KEY && vf_rss_key_fits(vf))
		key = rss->keyed ? rss->key : had->key;
	if (what & NETVSC_VF_RSS_TABLE && had->entries &&
	    vf_rss_table_fits(rss, vf->real_num_rx_queues)) {
		table = vf_rss_build_table(had, rss);
		if (!table)
			return -ENOMEM;
	}
	if (!key && !table)
		return 0;
	err = vf_rss_apply(vf, table, had->entries, key);
	if (!err)
		had->applied |= what;
	if (!err && table)
		netvsc_lower_set_rxfh_user(vf, rss->entries ? had->entries :
					   had->user_entries);
	kfree(table);
	return err;
}

int netvsc_vf_set_rss(struct net_device *ndev, const struct netvsc_rss *rss,
		      unsigned int what)
{
	struct net_device *vf = netvsc_vf_ours(ndev);
	int err = 0;

	if (vf) {
		netvsc_lower_lock(vf);
		err = vf_rss_pass_on(netdev_priv(ndev), vf, rss, what);
		netvsc_lower_unlock(vf);
	}
	/* One that cannot has its own. */
	return err == -EOPNOTSUPP ? 0 : err;
}

void netvsc_vf_configure_rss_locked(struct netvsc_priv *priv,
				    struct net_device *vf)
{
	const struct netvsc_vf_rss *had = priv->vf->before.rss;
	unsigned int what = had ? had->applied : 0;
	int err = 0;

	if (priv->rss.entries)
		what |= NETVSC_VF_RSS_TABLE;
	if (priv->rss.keyed)
		what |= NETVSC_VF_RSS_KEY;
	if (what)
		err = vf_rss_pass_on(priv, vf, &priv->rss, what);
	if (err && err != -EOPNOTSUPP)
		netdev_info(vf, "rejects the RSS table: %d\n", err);
}

void netvsc_vf_configure_rss(struct netvsc_priv *priv, struct net_device *vf)
{
	netvsc_lower_lock(vf);
	netvsc_vf_configure_rss_locked(priv, vf);
	netvsc_lower_unlock(vf);
}

/* Its driver may have made itself another table meanwhile: that one stays. */
static int vf_rss_give_back(struct net_device *vf, struct netvsc_vf_rss *had)
{
	int err;

	if (!vf_rss_supported(vf) || vf_rss_entries(vf) != had->entries)
		return 0;
	err = vf_rss_apply(vf, had->entries ? had->table : NULL, had->entries,
			   vf_rss_key_fits(vf) ? had->key : NULL);
	if (!err)
		netvsc_lower_set_rxfh_user(vf, had->user_entries);
	return err;
}

void netvsc_vf_restore_rss(struct netvsc_priv *priv, struct net_device *vf,
			   bool stays)
{
	struct netvsc_vf_rss *had = priv->vf->before.rss;
	int err = 0;

	priv->vf->before.rss = NULL;
	if (had && stays) {
		netvsc_lower_lock(vf);
		err = vf_rss_give_back(vf, had);
		netvsc_lower_unlock(vf);
	}
	if (err)
		netdev_info(vf, "keeps the RSS table of %s\n",
			    priv->ndev->name);
	kfree(had);
}
