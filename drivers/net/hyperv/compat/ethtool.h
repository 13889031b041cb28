/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations of ethtool as the kernel at hand calls them. For the file with the
 * table of operations; the functions are declared by its own header.
 */
#ifndef _NETVSC_COMPAT_ETHTOOL_H
#define _NETVSC_COMPAT_ETHTOOL_H

#include <linux/ethtool.h>

#include "../ethtool.h"

/* Receive table and key used to come as single arguments. */
#ifdef NETVSC_COMPAT_NO_RXFH_PARAM
static inline int netvsc_compat_get_rxfh(struct net_device *ndev, u32 *indir,
					 u8 *key, u8 *hfunc)
{
	struct ethtool_rxfh_param rxfh = { .indir = indir, .key = key };
	int err;

	err = netvsc_get_rxfh(ndev, &rxfh);
	if (hfunc)
		*hfunc = rxfh.hfunc;
	return err;
}

static inline int netvsc_compat_set_rxfh(struct net_device *ndev,
					 const u32 *indir, const u8 *key,
					 const u8 hfunc)
{
	struct ethtool_rxfh_param rxfh = {
		.hfunc = hfunc,
		.indir = (u32 *)indir,
		.key = (u8 *)key,
	};

	return netvsc_set_rxfh(ndev, &rxfh, NULL);
}

#define NETVSC_RXFH_OPS	\
	.get_rxfh		= netvsc_compat_get_rxfh, \
	.set_rxfh		= netvsc_compat_set_rxfh
#else
#define NETVSC_RXFH_OPS	\
	.get_rxfh		= netvsc_get_rxfh, \
	.set_rxfh		= netvsc_set_rxfh
#endif

/*
 * The number of receive queues and what the hash covers were commands of the
 * receive classifier. Stable kernels have one without the other.
 */
#ifdef NETVSC_COMPAT_NO_RXFH_FIELDS
static inline int netvsc_compat_get_fields(struct net_device *ndev,
					   struct ethtool_rxnfc *info)
{
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type };
	int err;

	err = netvsc_get_rxfh_fields(ndev, &fields);
	if (!err)
		info->data = fields.data;
	return err;
}

static inline int netvsc_compat_set_rxnfc(struct net_device *ndev,
					  struct ethtool_rxnfc *info)
{
	struct ethtool_rxfh_fields fields = {
		.data = info->data,
		.flow_type = info->flow_type,
	};

	if (info->cmd != ETHTOOL_SRXFH || info->data > U32_MAX)
		return -EOPNOTSUPP;
	return netvsc_set_rxfh_fields(ndev, &fields, NULL);
}

#define NETVSC_RXFH_FIELDS_OPS	\
	.set_rxnfc		= netvsc_compat_set_rxnfc
#else
static inline int netvsc_compat_get_fields(struct net_device *ndev,
					   struct ethtool_rxnfc *info)
{
	return -EOPNOTSUPP;
}

#define NETVSC_RXFH_FIELDS_OPS	\
	.get_rxfh_fields	= netvsc_get_rxfh_fields, \
	.set_rxfh_fields	= netvsc_set_rxfh_fields
#endif

#ifdef NETVSC_COMPAT_NO_RING_COUNT
static inline int netvsc_compat_get_rxnfc(struct net_device *ndev,
					  struct ethtool_rxnfc *info,
					  u32 *rules)
{
	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = netvsc_get_rx_ring_count(ndev);
		return info->data ? 0 : -ENODEV;
	case ETHTOOL_GRXFH:
		return netvsc_compat_get_fields(ndev, info);
	default:
		return -EOPNOTSUPP;
	}
}

#define NETVSC_RING_COUNT_OPS	\
	.get_rxnfc		= netvsc_compat_get_rxnfc
#else
#define NETVSC_RING_COUNT_OPS	\
	.get_rx_ring_count	= netvsc_get_rx_ring_count
#endif

#endif /* _NETVSC_COMPAT_ETHTOOL_H */
