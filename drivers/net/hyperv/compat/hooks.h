/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Filters at a device, where kernels of different age keep them. Which kernels
 * have no others is in hooks.list; hooks.sh compares.
 */
#ifndef _NETVSC_COMPAT_HOOKS_H
#define _NETVSC_COMPAT_HOOKS_H

#include <linux/netdevice.h>

/* Does a filter see what the device sends? */
static inline bool netvsc_sending_is_hooked(const struct net_device *dev)
{
	bool any = false;

#ifdef CONFIG_NETFILTER_EGRESS
	any |= !!rcu_access_pointer(dev->nf_hooks_egress);
#endif
#if defined(CONFIG_NET_XGRESS)
	any |= !!rcu_access_pointer(dev->tcx_egress);
#elif defined(CONFIG_NET_CLS_ACT)
	any |= !!rcu_access_pointer(dev->miniq_egress);
#endif
#if IS_ENABLED(CONFIG_CGROUP_NET_PRIO)
	any |= !!rcu_access_pointer(dev->priomap);
#endif
	return any;
}

#endif /* _NETVSC_COMPAT_HOOKS_H */
