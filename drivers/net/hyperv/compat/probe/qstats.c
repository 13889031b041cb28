// SPDX-License-Identifier: GPL-2.0
/* Can a driver show the counters of its queues by netlink? */
#include <linux/netdevice.h>
#include <net/netdev_queues.h>

static void probe(struct net_device *ndev, const struct netdev_stat_ops *ops)
{
	ndev->stat_ops = ops;
}
