// SPDX-License-Identifier: GPL-2.0
/* Can a driver say which NAPI serves which queue? */
#include <linux/netdevice.h>

static void probe(struct net_device *ndev, struct napi_struct *napi)
{
	netif_queue_set_napi(ndev, 0, NETDEV_QUEUE_TYPE_TX, napi);
}
