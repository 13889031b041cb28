/* SPDX-License-Identifier: GPL-2.0 */
/* What is asked of a device below ours, as older kernels asked it. */
#ifndef _NETVSC_COMPAT_LOWER_H
#define _NETVSC_COMPAT_LOWER_H

#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/net_tstamp.h>
#include <linux/netdevice.h>
#include <linux/sockios.h>

#ifdef NETVSC_COMPAT_NO_RXFH_PARAM
static inline int netvsc_lower_get_rxfh(struct net_device *lower,
					struct ethtool_rxfh_param *rxfh)
{
	return lower->ethtool_ops->get_rxfh(lower, rxfh->indir, rxfh->key,
					    &rxfh->hfunc);
}

static inline int netvsc_lower_set_rxfh(struct net_device *lower,
					struct ethtool_rxfh_param *rxfh)
{
	return lower->ethtool_ops->set_rxfh(lower, rxfh->indir, rxfh->key,
					    rxfh->hfunc);
}
#else
static inline int netvsc_lower_get_rxfh(struct net_device *lower,
					struct ethtool_rxfh_param *rxfh)
{
	return lower->ethtool_ops->get_rxfh(lower, rxfh);
}

static inline int netvsc_lower_set_rxfh(struct net_device *lower,
					struct ethtool_rxfh_param *rxfh)
{
	return lower->ethtool_ops->set_rxfh(lower, rxfh, NULL);
}
#endif

/* The answer had the layout of user space. */
#ifdef NETVSC_COMPAT_NO_KERNEL_TS_INFO
#define kernel_ethtool_ts_info	ethtool_ts_info
#endif

#ifdef NETVSC_COMPAT_NO_TS_INFO_BY_LAYER
static inline int ethtool_get_ts_info_by_layer(struct net_device *lower,
					       struct ethtool_ts_info *info)
{
	const struct ethtool_ops *ops = lower->ethtool_ops;

	memset(info, 0, sizeof(*info));
	info->cmd = ETHTOOL_GET_TS_INFO;
	if (ops->get_ts_info)
		return ops->get_ts_info(lower, info);
	info->so_timestamping = SOF_TIMESTAMPING_RX_SOFTWARE |
				SOF_TIMESTAMPING_SOFTWARE;
	info->phc_index = -1;
	return 0;
}
#endif

/* Settings came as any other request to the hardware. */
#ifdef NETVSC_COMPAT_NO_HWTSTAMP_LOWER
struct kernel_hwtstamp_config {
	struct ifreq *ifr;
};

static inline int netvsc_hwtstamp_ioctl(struct net_device *lower,
					struct kernel_hwtstamp_config *config,
					int cmd)
{
	const struct net_device_ops *ops = lower->netdev_ops;
	struct ifreq ifr;
	int err;

	if (!netif_device_present(lower))
		return -ENODEV;
	if (!ops->ndo_eth_ioctl)
		return -EOPNOTSUPP;
	strscpy_pad(ifr.ifr_name, lower->name, IFNAMSIZ);
	ifr.ifr_ifru = config->ifr->ifr_ifru;
	err = ops->ndo_eth_ioctl(lower, &ifr, cmd);
	if (!err)
		config->ifr->ifr_ifru = ifr.ifr_ifru;
	return err;
}

#define generic_hwtstamp_get_lower(lower, config)	\
	netvsc_hwtstamp_ioctl(lower, config, SIOCGHWTSTAMP)
#define generic_hwtstamp_set_lower(lower, config, extack)	\
	netvsc_hwtstamp_ioctl(lower, config, SIOCSHWTSTAMP)
#endif

/*
 * A device may have a lock of its own for what its driver is asked. The core's own
 * functions take it; a caller of the driver, or a change of the device, has to take it
 * beside RTNL. The function that tells lockdep of a new kind of interface moved
 * to the same header.
 */
#ifndef NETVSC_COMPAT_NO_NETDEV_LOCK
#include <net/netdev_lock.h>
#endif

static inline void netvsc_lower_lock(struct net_device *lower)
{
#ifndef NETVSC_COMPAT_NO_NETDEV_LOCK
	netdev_lock_ops(lower);
#endif
}

static inline void netvsc_lower_unlock(struct net_device *lower)
{
#ifndef NETVSC_COMPAT_NO_NETDEV_LOCK
	netdev_unlock_ops(lower);
#endif
}

/* An address was a short one. */
static inline int netvsc_lower_set_mac(struct net_device *lower, const u8 *mac)
{
#ifdef NETVSC_COMPAT_NO_LONG_SOCKADDR
	struct sockaddr sa = { .sa_family = lower->type };

	memcpy(sa.sa_data, mac, ETH_ALEN);
	return dev_set_mac_address(lower, &sa, NULL);
#else
	struct sockaddr_storage ss = { .ss_family = lower->type };

	memcpy(ss.__data, mac, ETH_ALEN);
	return dev_set_mac_address(lower, &ss, NULL);
#endif
}

/*
 * Who set the receive table of a device: nobody (0) or the user, with so many
 * entries. Older kernels remember only that somebody did.
 */
static inline u32 netvsc_lower_rxfh_user(const struct net_device *lower)
{
#ifdef NETVSC_COMPAT_NO_RXFH_USER_SIZE
	return netif_is_rxfh_configured(lower);
#else
	return lower->ethtool->rss_indir_user_size;
#endif
}

static inline void netvsc_lower_set_rxfh_user(struct net_device *lower,
					      u32 entries)
{
#ifdef NETVSC_COMPAT_NO_RXFH_USER_SIZE
	lower->priv_flags &= ~IFF_RXFH_CONFIGURED;
	if (entries)
		lower->priv_flags |= IFF_RXFH_CONFIGURED;
#else
	lower->ethtool->rss_indir_user_size = entries;
#endif
}

#endif /* _NETVSC_COMPAT_LOWER_H */
