// SPDX-License-Identifier: GPL-2.0
/* Is the number of receive queues an operation of its own? */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

static u32 probe(struct net_device *ndev)
{
	return ndev->ethtool_ops->get_rx_ring_count(ndev);
}
