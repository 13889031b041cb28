// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room ethtool: receive table and key, hash levels
 *
 * Promise: what is shown is what the host agreed to; a change that it refuses,
 * or that names a queue that is not there, leaves everything as it was (R75).
 *
 * Neighbours and locks: see ethtool.c, which this file belongs to.
 *
 * The levels of "ethtool -N IF rx-flow-hash" are those of stock: they rule which
 * queue a frame is sent on. The host is told only about UDP, and only where it
 * can hash the ports of UDP.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "dev/dev.h"
#include "ethtool.h"
#include "lib/rss.h"
#include "netvsc.h"
#include "vf/vf.h"

#define HASH_L3		(RXH_IP_SRC | RXH_IP_DST)
#define HASH_L4		(HASH_L3 | RXH_L4_B_0_1 | RXH_L4_B_2_3)

static struct netvsc_device *ethtool_get_nvdev(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	return rtnl_dereference(priv->nvdev);
}

u32 netvsc_get_rxfh_key_size(struct net_device *ndev)
{
	return NDIS_RSS_KEY_BYTES;
}

u32 netvsc_get_rxfh_indir_size(struct net_device *ndev)
{
	const struct netvsc_device *nvdev = ethtool_get_nvdev(ndev);

	return nvdev && netvsc_dev_has_rss(nvdev) ?
	       nvdev->rss_caps.table_entries : 0;
}

int netvsc_get_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh)
{
	const struct netvsc_device *nvdev = ethtool_get_nvdev(ndev);
	struct netvsc_priv *priv = netdev_priv(ndev);
	u32 i;

	if (!nvdev)
		return -ENODEV;
	rxfh->hfunc = ETH_RSS_HASH_TOP;
	if (rxfh->indir)
		for (i = 0; i < nvdev->rss_caps.table_entries; i++)
			rxfh->indir[i] = nvdev->rss_table[i];
	if (rxfh->key)
		memcpy(rxfh->key, priv->rss.key, sizeof(priv->rss.key));
	return 0;
}

int netvsc_set_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh,
		    struct netlink_ext_ack *extack)
{
	struct netvsc_device *nvdev = ethtool_get_nvdev(ndev);
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_rss rss = priv->rss;
	unsigned int what = 0;
	u32 entries, i;
	int err;

	if (!nvdev)
		return -ENODEV;
	if (!netvsc_dev_has_rss(nvdev))
		return -EOPNOTSUPP;
	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    rxfh->hfunc != ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	if (rxfh->indir) {
		entries = nvdev->rss_caps.table_entries;
		err = netvsc_rss_check(rxfh->indir, entries, entries,
				       nvdev->num_queues);
		if (err)
			return err;
		for (i = 0; i < entries; i++)
			rss.table[i] = rxfh->indir[i];
		rss.entries = entries;
		what |= NETVSC_VF_RSS_TABLE;
	}
	if (rxfh->key) {
		memcpy(rss.key, rxfh->key, sizeof(rss.key));
		rss.keyed = true;
		what |= NETVSC_VF_RSS_KEY;
	}
	err = netvsc_vf_set_rss(ndev, &rss, what);
	if (err)
		return err;
	err = netvsc_dev_set_rss(nvdev, &rss);
	if (err) {
		netvsc_vf_set_rss(ndev, &priv->rss, what);
		netdev_info(ndev, "host rejects the new RSS table: %d\n",
			    err);
	}
	return err;
}

static int ethtool_flow_bit(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return NETVSC_FLOW_TCP4;
	case TCP_V6_FLOW:
		return NETVSC_FLOW_TCP6;
	case UDP_V4_FLOW:
		return NETVSC_FLOW_UDP4;
	case UDP_V6_FLOW:
		return NETVSC_FLOW_UDP6;
	default:
		return -EOPNOTSUPP;
	}
}

u32 netvsc_get_rx_ring_count(struct net_device *ndev)
{
	const struct netvsc_device *nvdev = ethtool_get_nvdev(ndev);

	return nvdev ? nvdev->num_queues : 0;
}

int netvsc_get_rxfh_fields(struct net_device *ndev,
			   struct ethtool_rxfh_fields *fields)
{
	const struct netvsc_priv *priv = netdev_priv(ndev);
	int flow = ethtool_flow_bit(fields->flow_type);
	u32 flow_type = fields->flow_type;

	if (!ethtool_get_nvdev(ndev))
		return -ENODEV;
	if (flow >= 0)
		fields->data = priv->l3_only & BIT(flow) ? HASH_L3 : HASH_L4;
	else if (flow_type == IPV4_FLOW || flow_type == IPV6_FLOW)
		fields->data = HASH_L3;
	else
		fields->data = 0;
	return 0;
}

int netvsc_set_rxfh_fields(struct net_device *ndev,
			   const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack)
{
	int flow = ethtool_flow_bit(fields->flow_type);
	struct netvsc_priv *priv = netdev_priv(ndev);
	u32 l3_only = priv->l3_only;

	if (flow < 0)
		return flow;
	if (fields->data == HASH_L4)
		l3_only &= ~BIT(flow);
	else if (fields->data == HASH_L3)
		l3_only |= BIT(flow);
	else
		return -EOPNOTSUPP;
	return netvsc_dev_set_flow_hash(ndev, l3_only);
}
