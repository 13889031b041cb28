// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room netdev: what the stack asks of the interface
 *
 * Promise: each operation works, or says why not, in every state of the
 * attachment, also while there is none; what a VF has to do too it does first.
 *
 * Neighbours: dev starts, stops and rebuilds; tx takes the frames, or vf; oid
 * the address; link shows the carrier; stats counts. main names the table below as
 * the interface's operations.
 *
 * Locks: RTNL, except for transmit, queue choice and feature check (RCU) and the
 * receive mode (address lock): that one only notes what is wanted and leaves
 * the asking to a work item.
 */
#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <netvsc/oid.h>

#include "bus/chan.h"
#include "compat/hwtstamp.h"
#include "compat/lower.h"
#include "ctrl/oid.h"
#include "data/tx.h"
#include "data/tx_meta.h"
#include "dev/dev.h"
#include "link.h"
#include "netdev.h"
#include "netvsc.h"
#include "stats.h"
#include "vf/vf.h"
#include "xdp/xdp.h"

/* A new attachment is started too (R74). */
static int netvsc_start_or_attach(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	u32 rx_index;
	int err;

	if (!nvdev)
		return netvsc_dev_reconfigure(ndev, &priv->params, NULL);
	rx_index = netvsc_chan_rx_index(nvdev->queue_mem[0]);
	err = netvsc_dev_start(nvdev);
	if (err != -ETIMEDOUT ||
	    rx_index != netvsc_chan_rx_index(nvdev->queue_mem[0]) ||
	    !netvsc_chan_bus_answers(nvdev))
		return err;
	return netvsc_dev_reattach(ndev, NETVSC_DEV_CHANNEL_DEAD);
}

static int netvsc_open(struct net_device *ndev)
{
	int err;

	netvsc_chan_begin_op(ndev);
	err = netvsc_start_or_attach(ndev);
	netvsc_chan_end_op(ndev);
	if (err) {
		netdev_err(ndev, "cannot bring the interface up: %d\n", err);
		return err;
	}
	netvsc_link_sync(ndev);
	netvsc_vf_open(ndev);
	return 0;
}

static int netvsc_stop(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	netvsc_vf_close(ndev);
	if (nvdev)
		netvsc_dev_stop(nvdev);
	netif_carrier_off(ndev);
	return 0;
}

static netdev_tx_t netvsc_xmit_synthetic(struct sk_buff *skb,
					 struct netvsc_device *nvdev)
{
	u16 index = skb_get_queue_mapping(skb);

	return netvsc_tx_xmit(nvdev->queues[index % NVSP_MAX_CHANNELS], skb,
			      netdev_xmit_more());
}

/* What is rare is apart, so that the usual frame need not save registers for it. */
static noinline netdev_tx_t netvsc_drop_skb(struct sk_buff *skb,
					    struct net_device *ndev)
{
	dev_core_stats_tx_dropped_inc(ndev);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static noinline netdev_tx_t netvsc_xmit_fallback(struct sk_buff *skb,
						 struct net_device *ndev,
						 struct net_device *vf)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rcu_dereference_bh(priv->nvdev);

	/* The notifier hears of it within a second: too late. */
	if (!netif_carrier_ok(vf))
		netvsc_vf_event(priv, NETVSC_VF_LOST);
	return nvdev ? netvsc_xmit_synthetic(skb, nvdev) :
		       netvsc_drop_skb(skb, ndev);
}

static netdev_tx_t netvsc_start_xmit(struct sk_buff *skb,
				     struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rcu_dereference_bh(priv->nvdev);
	struct net_device *vf = netvsc_vf_sender(priv);

	if (unlikely(vf)) {
		if (likely(netvsc_vf_may_send(vf)))
			return netvsc_vf_xmit(ndev, vf, skb);
		return netvsc_xmit_fallback(skb, ndev, vf);
	}
	return likely(nvdev) ? netvsc_xmit_synthetic(skb, nvdev) :
			       netvsc_drop_skb(skb, ndev);
}

/* Context: RCU, of either kind. */
static __always_inline u16 netvsc_queue_of(struct net_device *ndev,
					   struct sk_buff *skb,
					   struct net_device *sb_dev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev =
		rcu_dereference_check(priv->nvdev, rcu_read_lock_bh_held());

	if (unlikely(rcu_access_pointer(priv->vf_path)))
		return netvsc_vf_select_queue(ndev, skb, sb_dev);
	return nvdev ? netvsc_tx_select_queue(nvdev, skb, sb_dev) : 0;
}

/* A packet socket that bypasses the qdisc asks with nothing held. */
static noinline u16 netvsc_queue_of_rcu(struct net_device *ndev,
					struct sk_buff *skb,
					struct net_device *sb_dev)
{
	u16 index;

	rcu_read_lock();
	index = netvsc_queue_of(ndev, skb, sb_dev);
	rcu_read_unlock();
	return index;
}

static u16 netvsc_select_queue(struct net_device *ndev, struct sk_buff *skb,
			       struct net_device *sb_dev)
{
	/* Senders have bottom halves off. */
	return likely(in_softirq()) ? netvsc_queue_of(ndev, skb, sb_dev) :
				      netvsc_queue_of_rcu(ndev, skb, sb_dev);
}

/*
 * The VF has limits of its own, and what is cut for it is cut behind us. One that
 * cannot send just now leaves its frames to the host.
 *
 * Context: RCU, of either kind.
 */
static __always_inline netdev_features_t
netvsc_sender_features(struct netvsc_priv *priv, struct sk_buff *skb,
		       netdev_features_t features)
{
	struct netvsc_device *nvdev =
		rcu_dereference_check(priv->nvdev, rcu_read_lock_bh_held());
	struct net_device *vf =
		rcu_dereference_check(priv->vf_path, rcu_read_lock_bh_held());

	if (unlikely(vf) && netvsc_vf_may_send(vf))
		return features;
	return nvdev ? netvsc_tx_features(nvdev, skb, features) : features;
}

/* A packet socket that bypasses the qdisc asks with nothing held. */
static noinline netdev_features_t
netvsc_sender_features_rcu(struct netvsc_priv *priv, struct sk_buff *skb,
			   netdev_features_t features)
{
	rcu_read_lock();
	features = netvsc_sender_features(priv, skb, features);
	rcu_read_unlock();
	return features;
}

static netdev_features_t netvsc_features_check(struct sk_buff *skb,
					       struct net_device *ndev,
					       netdev_features_t features)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	features = vlan_features_check(skb, features);
	/* tx makes a sum itself; only a large frame must be cut before. */
	if (!skb_is_gso(skb))
		return features;
	/* Senders have bottom halves off. */
	return likely(in_softirq()) ?
		       netvsc_sender_features(priv, skb, features) :
		       netvsc_sender_features_rcu(priv, skb, features);
}

/* For the log: what is in force, or would be. */
static const char *netvsc_rsc_name(netdev_features_t features)
{
	return features & NETIF_F_GRO_HW ? "rx-gro-hw" : "LRO";
}

static netdev_features_t netvsc_fix_features(struct net_device *ndev,
					     netdev_features_t features)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	/* A host that came back with less takes its features away (R79). */
	if (nvdev)
		features &= ~NETVSC_DEV_HOST_FEATURES |
			    netvsc_dev_features(nvdev);
	/* Nobody but the host can verify what it has coalesced. */
	if (!(features & NETIF_F_RXCSUM))
		features &= ~NETVSC_RSC_FEATURES;
	if ((features & NETVSC_RSC_FEATURES) && netvsc_xdp_refuses_rsc(ndev)) {
		netdev_info(ndev, "Skip %s - unsupported with XDP\n",
			    netvsc_rsc_name(features));
		features &= ~NETVSC_RSC_FEATURES;
	}
	return features;
}

/*
 * All but coalescing is a matter of our own; a new attachment tells the host too.
 * From LRO to GRO_HW and back the host's switch stays as it is.
 */
static int netvsc_set_rsc(struct net_device *ndev, netdev_features_t features)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	bool was = ndev->features & NETVSC_RSC_FEATURES;
	bool on = features & NETVSC_RSC_FEATURES;
	int err;

	if (!nvdev || on == was || (on && nvdev->rsc_agreed) ||
	    !(netvsc_dev_features(nvdev) & NETVSC_RSC_FEATURES))
		return 0;
	err = netvsc_oid_set_rsc(nvdev, on);
	if (on)
		netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_RSC, err);
	else
		netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_RSC, err);
	/* It is asked again and again. */
	if (err && !(on && nvdev->rsc_refused))
		netdev_info(ndev, "host rejects %s %s: %d\n",
			    netvsc_rsc_name(on ? features : ndev->features),
			    on ? "on" : "off", err);
	nvdev->rsc_refused = on && err;
	/* What it still coalesces the stack can cut, so "off" always holds. */
	return on ? err : 0;
}

static int netvsc_set_features(struct net_device *ndev,
			       netdev_features_t features)
{
	int err;

	err = netvsc_vf_set_features(ndev, features);
	if (err)
		return err;
	if (!netvsc_set_rsc(ndev, features))
		return 0;
	/* The host refuses coalescing: that is no reason to refuse the others. */
	features &= ~NETVSC_RSC_FEATURES;
	netvsc_vf_set_features(ndev, features);
	ndev->features = features;
	return 1;
}

static u32 netvsc_wanted_filter(const struct net_device *ndev)
{
	u32 filter = NDIS_PACKET_TYPE_DIRECTED;

	if (ndev->flags & IFF_PROMISC)
		return NDIS_PACKET_TYPE_PROMISCUOUS;
	if ((ndev->flags & IFF_ALLMULTI) || !netdev_mc_empty(ndev))
		filter |= NDIS_PACKET_TYPE_ALL_MULTICAST;
	if (ndev->flags & IFF_BROADCAST)
		filter |= NDIS_PACKET_TYPE_BROADCAST;
	return filter;
}

static void netvsc_set_rx_mode(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;

	/* While there is no attachment it is kept for the next one. */
	WRITE_ONCE(priv->filter_wanted, netvsc_wanted_filter(ndev));
	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	if (nvdev)
		schedule_work(&nvdev->filter_work);
	rcu_read_unlock();
	netvsc_vf_set_rx_mode(ndev);
}

static void netvsc_change_rx_flags(struct net_device *ndev, int changed)
{
	netvsc_vf_set_flags(ndev, changed);
}

static int netvsc_apply_mtu(struct net_device *ndev, int mtu)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	struct netvsc_params params = priv->params;
	int err;

	if (netvsc_xdp_refuses_mtu(ndev, mtu))
		return -EINVAL;
	params.mtu = mtu;
	/* The host was told of frames at least so long: nothing to do there. */
	if (nvdev && mtu <= nvdev->params.mtu) {
		priv->params.mtu = mtu;
		WRITE_ONCE(ndev->mtu, mtu);
		return 0;
	}
	params.mtu_least = min_t(u32, mtu, ndev->mtu + 1);
	err = netvsc_dev_reconfigure(ndev, &params, NULL);
	priv->params.mtu_least = 0;
	if (err == -ERANGE)
		netdev_info(ndev, "host refuses an MTU of %u\n", mtu);
	if (err)
		return err;
	if (ndev->mtu != mtu)
		netdev_info(ndev, "host grants an MTU of %u\n", ndev->mtu);
	priv->params.mtu = ndev->mtu;
	return 0;
}

static int netvsc_change_mtu(struct net_device *ndev, int mtu)
{
	int before = ndev->mtu;
	int err;

	netvsc_vf_begin_change(ndev);
	err = netvsc_vf_set_mtu(ndev, mtu);
	if (err)
		goto end_change;
	err = netvsc_apply_mtu(ndev, mtu);
	/* The host may grant less, or nothing. */
	if (err || ndev->mtu != mtu)
		netvsc_vf_set_mtu(ndev, err ? before : ndev->mtu);

end_change:
	netvsc_vf_end_change(ndev);
	return err;
}

static int netvsc_apply_mac(struct net_device *ndev,
			    struct netvsc_device *nvdev, void *addr)
{
	struct sockaddr *sa = addr;
	int err;

	err = netvsc_vf_set_mac(ndev, sa->sa_data);
	if (err)
		return err;
	err = netvsc_oid_set_mac(nvdev, sa->sa_data);
	netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_MAC, err);
	if (err) {
		netvsc_vf_set_mac(ndev, ndev->dev_addr);
		netdev_info(ndev, "host refuses the address %pM: %d\n",
			    sa->sa_data, err);
		return err;
	}
	eth_commit_mac_addr_change(ndev, addr);
	return 0;
}

static int netvsc_set_mac(struct net_device *ndev, void *addr)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	int err;

	err = eth_prepare_mac_addr_change(ndev, addr);
	if (err)
		return err;
	if (!nvdev)
		return -ENODEV;
	netvsc_vf_begin_change(ndev);
	err = netvsc_apply_mac(ndev, nvdev, addr);
	netvsc_vf_end_change(ndev);
	return err;
}

static int netvsc_add_vlan(struct net_device *ndev, __be16 proto, u16 vid)
{
	return netvsc_vf_add_vlan(ndev, proto, vid);
}

static int netvsc_del_vlan(struct net_device *ndev, __be16 proto, u16 vid)
{
	netvsc_vf_del_vlan(ndev, proto, vid);
	return 0;
}

/* What refuses has changed nothing (R48). */
static int netvsc_set_xdp_prog(struct net_device *ndev, struct bpf_prog *prog,
			       struct netlink_ext_ack *extack)
{
	struct bpf_prog *old;
	int err;

	err = netvsc_xdp_check(ndev, prog, extack) ?:
	      netvsc_vf_set_xdp(ndev, prog, extack);
	if (err)
		return err;
	old = netvsc_xdp_swap(ndev, prog);
	/* No frame gets past it by a VF that does not run it. */
	netvsc_vf_xdp_update(ndev);
	if (old)
		bpf_prog_put(old);
	return 0;
}

static int netvsc_set_xsk_pool(struct net_device *ndev,
			       struct xsk_buff_pool *pool, u16 index)
{
	int err = netvsc_xdp_bind(ndev, pool, index);

	/* One that ends is still there for the core: looked at again later. */
	if (!err)
		netvsc_vf_xdp_update(ndev);
	return err;
}

static int netvsc_bpf(struct net_device *ndev, struct netdev_bpf *bpf)
{
	int err;

	switch (bpf->command) {
	case XDP_SETUP_PROG:
		err = netvsc_set_xdp_prog(ndev, bpf->prog, bpf->extack);
		break;
	case XDP_SETUP_XSK_POOL:
		err = netvsc_set_xsk_pool(ndev, bpf->xsk.pool,
					  bpf->xsk.queue_id);
		break;
	default:
		return -EINVAL;
	}
	if (!err)
		netvsc_dev_restore_rsc(ndev);
	return err;
}

static int netvsc_xmit_redirected(struct net_device *ndev, int n,
				  struct xdp_frame **frames, u32 flags)
{
	struct net_device *vf = netvsc_vf_sender(netdev_priv(ndev));

	/* It knows best; a VF that cannot do it leaves it to us. */
	if (vf && netvsc_takes_redirects(vf))
		return vf->netdev_ops->ndo_xdp_xmit(vf, n, frames, flags);
	return netvsc_xdp_xmit(ndev, n, frames, flags);
}

/* The synthetic NIC has no clock of its own. */
int netvsc_hwtstamp_get(struct net_device *ndev,
			struct kernel_hwtstamp_config *config)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? generic_hwtstamp_get_lower(vf, config) : -EOPNOTSUPP;
}

int netvsc_hwtstamp_set(struct net_device *ndev,
			struct kernel_hwtstamp_config *config,
			struct netlink_ext_ack *extack)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? generic_hwtstamp_set_lower(vf, config, extack) :
		    -EOPNOTSUPP;
}

const struct net_device_ops netvsc_netdev_ops = {
	.ndo_open		= netvsc_open,
	.ndo_stop		= netvsc_stop,
	.ndo_start_xmit		= netvsc_start_xmit,
	.ndo_select_queue	= netvsc_select_queue,
	.ndo_features_check	= netvsc_features_check,
	.ndo_fix_features	= netvsc_fix_features,
	.ndo_set_features	= netvsc_set_features,
	.ndo_set_rx_mode	= netvsc_set_rx_mode,
	.ndo_change_rx_flags	= netvsc_change_rx_flags,
	.ndo_vlan_rx_add_vid	= netvsc_add_vlan,
	.ndo_vlan_rx_kill_vid	= netvsc_del_vlan,
	.ndo_change_mtu		= netvsc_change_mtu,
	.ndo_set_mac_address	= netvsc_set_mac,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_get_stats64	= netvsc_stats_get64,
	.ndo_tx_timeout		= netvsc_netdev_timeout,
	.ndo_bpf		= netvsc_bpf,
	.ndo_xdp_xmit		= netvsc_xmit_redirected,
	.ndo_xsk_wakeup		= netvsc_xdp_wake,
	NETVSC_HWTSTAMP_OPS,
};
