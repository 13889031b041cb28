/* SPDX-License-Identifier: GPL-2.0 */
/* Room ethtool: what ethtool shows and changes. */
#ifndef _NETVSC_ETHTOOL_H
#define _NETVSC_ETHTOOL_H

#include <linux/ethtool.h>

extern const struct ethtool_ops netvsc_ethtool_ops;

/* Between the files of this room: operations of the table above. */
u32 netvsc_get_rxfh_key_size(struct net_device *ndev);
u32 netvsc_get_rxfh_indir_size(struct net_device *ndev);
int netvsc_get_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh);
int netvsc_set_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh,
		    struct netlink_ext_ack *extack);
u32 netvsc_get_rx_ring_count(struct net_device *ndev);
int netvsc_get_rxfh_fields(struct net_device *ndev,
			   struct ethtool_rxfh_fields *fields);
int netvsc_set_rxfh_fields(struct net_device *ndev,
			   const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack);

/* ---- ethtool_test.c ---- */

/**
 * netvsc_ethtool_tests() - how many tests there are
 *
 * Return: number of results of netvsc_self_test(), and of their names.
 */
int netvsc_ethtool_tests(void);

/**
 * netvsc_ethtool_test_names() - their names
 * @data: filled, ETH_GSTRING_LEN bytes for each
 */
void netvsc_ethtool_test_names(u8 *data);

/**
 * netvsc_self_test() - ethtool -t
 * @ndev: the interface
 * @test: ETH_TEST_FL_OFFLINE: frames to be sent wait meanwhile
 * @data: filled: 0 good, 1 bad
 *
 * Context: RTNL, sleeps 5 seconds at most, offline 8.
 */
void netvsc_self_test(struct net_device *ndev, struct ethtool_test *test,
		      u64 *data);

#endif /* _NETVSC_ETHTOOL_H */
