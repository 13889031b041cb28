// SPDX-License-Identifier: GPL-2.0
/* Can anything be asked? A "no" here is none of the kernel's. */
#include <linux/ethtool.h>
#include <linux/hyperv.h>
#include <linux/netdevice.h>

static void probe(struct net_device *ndev)
{
	netif_carrier_off(ndev);
}
