// SPDX-License-Identifier: GPL-2.0
/* Has the answer about time stamps a layout of the kernel's own? */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

static int probe(struct net_device *ndev, struct kernel_ethtool_ts_info *info)
{
	return ndev->ethtool_ops->get_ts_info(ndev, info);
}
