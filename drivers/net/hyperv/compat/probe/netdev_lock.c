// SPDX-License-Identifier: GPL-2.0
/* May a device have a lock of its own? */
#include <net/netdev_lock.h>

static void probe(struct net_device *ndev)
{
	netdev_lockdep_set_classes(ndev);
	netdev_lock_ops(ndev);
	netdev_unlock_ops(ndev);
}
