// SPDX-License-Identifier: GPL-2.0
/* Is the address of a device set by a sockaddr_storage? */
#include <linux/netdevice.h>

static int probe(struct net_device *ndev, struct sockaddr_storage *ss)
{
	return dev_set_mac_address(ndev, ss, NULL);
}
