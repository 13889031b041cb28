// SPDX-License-Identifier: GPL-2.0
/* Has IPv4 a limit of its own for large frames? */
#include <linux/netdevice.h>

static void probe(struct net_device *ndev)
{
	WRITE_ONCE(ndev->gso_ipv4_max_size, 65536);
}
