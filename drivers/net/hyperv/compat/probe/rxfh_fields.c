// SPDX-License-Identifier: GPL-2.0
/* Is what the hash covers an operation of its own? */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

static int probe(struct net_device *ndev, struct ethtool_rxfh_fields *fields)
{
	return ndev->ethtool_ops->get_rxfh_fields(ndev, fields);
}
