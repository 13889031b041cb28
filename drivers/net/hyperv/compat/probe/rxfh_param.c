// SPDX-License-Identifier: GPL-2.0
/* Do receive table and key come in one struct? */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

static int probe(struct net_device *ndev, struct ethtool_rxfh_param *rxfh)
{
	return ndev->ethtool_ops->set_rxfh(ndev, rxfh, NULL);
}
