/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How frames are stamped, as the kernel at hand asks it. For the file with the
 * interface's operations; the functions are declared by its own header.
 */
#ifndef _NETVSC_COMPAT_HWTSTAMP_H
#define _NETVSC_COMPAT_HWTSTAMP_H

#include <linux/netdevice.h>

#include "../netdev.h"
#include "lower.h"

#ifdef NETVSC_COMPAT_NO_HWTSTAMP_LOWER
static inline int netvsc_eth_ioctl(struct net_device *ndev, struct ifreq *ifr,
				   int cmd)
{
	struct kernel_hwtstamp_config config = { .ifr = ifr };

	switch (cmd) {
	case SIOCGHWTSTAMP:
		return netvsc_hwtstamp_get(ndev, &config);
	case SIOCSHWTSTAMP:
		return netvsc_hwtstamp_set(ndev, &config, NULL);
	default:
		return -EOPNOTSUPP;
	}
}

#define NETVSC_HWTSTAMP_OPS	\
	.ndo_eth_ioctl		= netvsc_eth_ioctl
#else
#define NETVSC_HWTSTAMP_OPS	\
	.ndo_hwtstamp_get	= netvsc_hwtstamp_get, \
	.ndo_hwtstamp_set	= netvsc_hwtstamp_set
#endif

#endif /* _NETVSC_COMPAT_HWTSTAMP_H */
