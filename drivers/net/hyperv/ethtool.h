/* SPDX-License-Identifier: GPL-2.0 */
/* Room ethtool: what ethtool shows and changes. */
#ifndef _NETVSC_ETHTOOL_H
#define _NETVSC_ETHTOOL_H

#include <linux/ethtool.h>

extern const struct ethtool_ops netvsc_ethtool_ops;

#endif /* _NETVSC_ETHTOOL_H */
