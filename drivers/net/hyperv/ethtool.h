/* SPDX-License-Identifier: GPL-2.0 */
/* Room ethtool: what ethtool shows and changes. */
#ifndef _NETVSC_ETHTOOL_H
#define _NETVSC_ETHTOOL_H

#include <linux/ethtool.h>

extern const struct ethtool_ops netvsc_ethtool_ops;

/* Between the two files of this room: operations of the table above. */
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

#endif /* _NETVSC_ETHTOOL_H */
