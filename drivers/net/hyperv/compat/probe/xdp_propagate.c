// SPDX-License-Identifier: GPL-2.0
/* Does the core pass a program on to a device below? */
#include <linux/netdevice.h>

static int probe(struct net_device *ndev, struct netdev_bpf *bpf)
{
	return dev_xdp_propagate(ndev, bpf);
}
