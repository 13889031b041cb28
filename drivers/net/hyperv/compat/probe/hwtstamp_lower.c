// SPDX-License-Identifier: GPL-2.0
/* Can a device above pass on a setting of time stamps? */
#include <linux/netdevice.h>
#include <linux/net_tstamp.h>

static int probe(struct net_device *ndev, struct kernel_hwtstamp_config *config)
{
	return generic_hwtstamp_get_lower(ndev, config);
}
