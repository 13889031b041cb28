/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What older kernels lack, forced in front of every file of the driver by its
 * Makefile. What is missing was found by compiling a question for each
 * (probe/NAME.c; a no defines NETVSC_COMPAT_NO_NAME), see probe.sh.
 * The rooms are written for the newest kernel and know nothing of this. What
 * has to call a room is in a header that this room includes behind its own.
 */
#ifndef _NETVSC_COMPAT_H
#define _NETVSC_COMPAT_H

struct napi_struct;
struct net_device;

/* Netlink did not show which NAPI serves which queue. */
#ifdef NETVSC_COMPAT_NO_QUEUE_NAPI
enum { NETDEV_QUEUE_TYPE_RX, NETDEV_QUEUE_TYPE_TX };

static inline void netif_queue_set_napi(struct net_device *ndev,
					unsigned int index, int type,
					struct napi_struct *napi)
{
}
#endif

/* Receive table and key used to come as single arguments: compat/ethtool.h. */
#ifdef NETVSC_COMPAT_NO_RXFH_PARAM
#include <linux/types.h>

struct ethtool_rxfh_param {
	u8 hfunc;
	u32 indir_size;
	u32 *indir;
	u32 key_size;
	u8 *key;
	u8 input_xfrm;
};

#define RXH_XFRM_NO_CHANGE	0xff
#endif

/* So did what the hash of a kind of packets covers. */
#ifdef NETVSC_COMPAT_NO_RXFH_FIELDS
#include <linux/types.h>

struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
};
#endif

/* The queue that schedule_work() uses got a new name. */
#ifdef NETVSC_COMPAT_NO_PERCPU_WQ
#define system_percpu_wq	system_wq
#endif

/* Netlink did not show the counters of the queues. */
#ifdef NETVSC_COMPAT_NO_QSTATS
#include <linux/types.h>

struct netdev_queue_stats_rx {
	u64 bytes;
	u64 packets;
};

struct netdev_queue_stats_tx {
	u64 bytes;
	u64 packets;
};

struct netdev_stat_ops {
	void (*get_queue_stats_rx)(struct net_device *ndev, int i,
				   struct netdev_queue_stats_rx *rx);
	void (*get_queue_stats_tx)(struct net_device *ndev, int i,
				   struct netdev_queue_stats_tx *tx);
	void (*get_base_stats)(struct net_device *ndev,
			       struct netdev_queue_stats_rx *rx,
			       struct netdev_queue_stats_tx *tx);
};

static inline void netvsc_set_stat_ops(struct net_device *ndev,
				       const struct netdev_stat_ops *ops)
{
}
#else
#define netvsc_set_stat_ops(ndev, ops)	((ndev)->stat_ops = (ops))
#endif

/*
 * What keeps IPv6 from an interface that is a part of another one, beside
 * IFF_SLAVE. Before there was such a flag IFF_SLAVE was enough for that, but
 * an interface that is up could be renamed only if it said so.
 */
#ifdef NETVSC_COMPAT_NO_NO_ADDRCONF
#define NETVSC_VF_PRIV_FLAGS	IFF_LIVE_RENAME_OK
#else
#define NETVSC_VF_PRIV_FLAGS	IFF_NO_ADDRCONF
#endif

/* Largest frame by segmentation: IPv4 got a limit of its own. */
#ifdef NETVSC_COMPAT_NO_GSO_IPV4
#define netvsc_gso_ipv4_max(ndev)	((ndev)->gso_max_size)
#define netvsc_set_gso_ipv4_max(ndev, bytes)	((void)(bytes))
#else
#define netvsc_gso_ipv4_max(ndev)	((ndev)->gso_ipv4_max_size)
#define netvsc_set_gso_ipv4_max(ndev, bytes)	\
	WRITE_ONCE((ndev)->gso_ipv4_max_size, (bytes))
#endif

/* Interfaces did not tell what programs can do with them. */
#ifdef NETVSC_COMPAT_NO_XDP_FEATURES
#define netvsc_set_xdp_features(ndev, features)	do { } while (0)
#define netvsc_takes_redirects(ndev)	((ndev)->netdev_ops->ndo_xdp_xmit)
/* A device that takes redirected frames can redirect. */
#define netvsc_redirects(ndev)		netvsc_takes_redirects(ndev)
#else
#define netvsc_set_xdp_features(ndev, features)	\
	xdp_set_features_flag(ndev, features)
#define netvsc_takes_redirects(ndev)	\
	((ndev)->xdp_features & NETDEV_XDP_ACT_NDO_XMIT)
#define netvsc_redirects(ndev)	\
	((ndev)->xdp_features & NETDEV_XDP_ACT_REDIRECT)
#endif

/* A device below another one was called directly. */
#ifdef NETVSC_COMPAT_NO_XDP_PROPAGATE
#define netvsc_xdp_propagate(ndev, bpf)	\
	({ \
		struct net_device *below = (ndev); \
		below->netdev_ops->ndo_bpf ? \
		below->netdev_ops->ndo_bpf(below, bpf) : -EOPNOTSUPP; \
	})
#else
#define netvsc_xdp_propagate(ndev, bpf)	dev_xdp_propagate(ndev, bpf)
#endif

/* Programs could not ask about their frame. */
#ifdef NETVSC_COMPAT_NO_XDP_HINTS
#define netvsc_has_xdp_hints	false

static inline void netvsc_set_xdp_hints(struct net_device *ndev)
{
}
#else
#define netvsc_has_xdp_hints	true
#define netvsc_set_xdp_hints(ndev)	\
	((ndev)->xdp_metadata_ops = &netvsc_xdp_hints)
#endif

#endif /* _NETVSC_COMPAT_H */
