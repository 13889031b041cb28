/* SPDX-License-Identifier: GPL-2.0 */
/* Room stats: counters for the stack and for "ethtool -S". */
#ifndef _NETVSC_STATS_H
#define _NETVSC_STATS_H

#include <linux/types.h>

struct ethtool_stats;
struct net_device;
struct rtnl_link_stats64;

/**
 * netvsc_stats_alloc() - memory of the counters
 * @ndev: the interface
 *
 * They live as long as the interface, so they never go backwards (R73).
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_stats_alloc(struct net_device *ndev);

/**
 * netvsc_stats_free() - undo netvsc_stats_alloc()
 * @ndev: the interface
 */
void netvsc_stats_free(struct net_device *ndev);

/* Net device and ethtool operations. */
void netvsc_stats_get64(struct net_device *ndev,
			struct rtnl_link_stats64 *total);
int netvsc_stats_count(struct net_device *ndev, int set);
void netvsc_stats_names(struct net_device *ndev, u32 set, u8 *data);
void netvsc_stats_values(struct net_device *ndev, struct ethtool_stats *stats,
			 u64 *data);

/* Counters of the queues by netlink; main names it as the interface's. */
extern const struct netdev_stat_ops netvsc_stats_queue_ops;

#endif /* _NETVSC_STATS_H */
