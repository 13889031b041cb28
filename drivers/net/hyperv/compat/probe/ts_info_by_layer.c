// SPDX-License-Identifier: GPL-2.0
/* Can a device above ask one below for its time stamps? */
#include <linux/ethtool.h>

static int probe(struct net_device *ndev, struct kernel_ethtool_ts_info *info)
{
	return ethtool_get_ts_info_by_layer(ndev, info);
}
