// SPDX-License-Identifier: GPL-2.0
/* Does a device say what programs can do with it? */
#include <net/xdp.h>
#include <linux/netdevice.h>

static void probe(struct net_device *ndev, xdp_features_t features)
{
	xdp_set_features_flag(ndev, features | ndev->xdp_features);
}
