// SPDX-License-Identifier: GPL-2.0
/* Can a page pool belong to a device? */
#include <net/page_pool/types.h>

static void probe(struct page_pool_params *params, struct net_device *ndev)
{
	params->netdev = ndev;
}
