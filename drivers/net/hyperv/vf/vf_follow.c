// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: settings of the interface are those of the VF
 *
 * Promise: while a VF is ours it has our MTU, address, features, filters and
 * VLANs, and is up when we are. It is not used while it has not: frames would be
 * lost. What it refuses when it joins is tried again; what it refuses later we
 * refuse, unless it is not used for that anyway. When it leaves and stays in the
 * system it is as it was before.
 *
 * A VF's driver may take the address that the host's side names whenever it sets
 * the VF up anew, at an MTU say, and tell nobody: ours is set again.
 *
 * What somebody changes at the VF itself stays as it is, but for the address; with
 * an MTU below ours the VF is not used, since it would drop what we are sent. A VF
 * with an IPv4 address is not opened: its route would come before ours, and no
 * answer arrives there.
 *
 * Frames are made as large as the present sender can cut, by the limits of the user
 * at most; a frame that comes too late for that is cut anyway.
 *
 * Neighbours and locks: see vf.c. RTNL, and the
 * address lock of the interface for the addresses.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "compat/lower.h"
#include "data/tx_meta.h"
#include "lib/gso_limit.h"
#include "netvsc.h"
#include "vf/vf.h"
#include "vf/vf_priv.h"

/* Features that are passed on, where the VF has them. */
#define FOLLOWED	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | \
			 NETIF_F_HW_CSUM | NETIF_F_ALL_TSO | \
			 NETVSC_RSC_FEATURES | NETIF_F_RXCSUM | \
			 NETIF_F_RXHASH | NETIF_F_GRO)

static int vf_set_dev_mac(struct net_device *vf, const u8 *mac)
{
	if (ether_addr_equal(vf->dev_addr, mac))
		return 0;
	return netvsc_lower_set_mac(vf, mac);
}

/* Return: those that the VF was to change and did not. */
static netdev_features_t vf_set_dev_features(struct net_device *vf,
					     netdev_features_t features,
					     netdev_features_t mask)
{
	netdev_features_t before, wanted, refused = 0;

	netvsc_lower_lock(vf);
	before = vf->wanted_features;
	mask &= vf->hw_features;
	wanted = (before & ~mask) | (features & mask);
	if (wanted != before) {
		vf->wanted_features = wanted;
		netdev_update_features(vf);
		refused = (vf->features ^ wanted) & (before ^ wanted);
	}
	netvsc_lower_unlock(vf);
	return refused;
}

/* What both of us may switch; a checksum is one, whatever its name. */
static netdev_features_t vf_shared_features(const struct net_device *ndev)
{
	netdev_features_t mask = ndev->hw_features & FOLLOWED;

	if (mask & NETIF_F_CSUM_MASK)
		mask |= NETIF_F_HW_CSUM;
	return mask;
}

/* What ours mean there: its checksum, and GRO_HW where it has no LRO. */
static netdev_features_t vf_map_features(const struct net_device *vf,
					 netdev_features_t features)
{
	if (features & NETIF_F_CSUM_MASK)
		features |= NETIF_F_HW_CSUM;
	if ((features & NETIF_F_LRO) && !(vf->hw_features & NETIF_F_LRO))
		features |= NETIF_F_GRO_HW;
	return features;
}

/* One of the two flags; @given: whether ours was passed on. */
static int vf_set_dev_flag(struct net_device *vf, bool *given, bool on,
			   int (*set)(struct net_device *dev, int inc))
{
	int err;

	if (*given == on)
		return 0;
	err = set(vf, on ? 1 : -1);
	if (!err)
		*given = on;
	return err;
}

static int vf_set_dev_flags(struct netvsc_priv *priv, struct net_device *vf,
			    unsigned int flags)
{
	struct netvsc_vf_before *before = &priv->vf->before;
	int err;

	err = vf_set_dev_flag(vf, &before->promisc, flags & IFF_PROMISC,
			      dev_set_promiscuity);
	return vf_set_dev_flag(vf, &before->allmulti, flags & IFF_ALLMULTI,
			       dev_set_allmulti) ?: err;
}

static int vf_sync_mac(struct netvsc_priv *priv, struct net_device *vf)
{
	const u8 *mac = priv->ndev->dev_addr;
	int err;

	err = vf_set_dev_mac(vf, mac);
	if (!err && !ether_addr_equal(vf->dev_addr, mac))
		err = -EADDRNOTAVAIL;
	return err;
}

static int vf_sync_filters(struct netvsc_priv *priv, struct net_device *vf)
{
	struct net_device *ndev = priv->ndev;
	int err, err_lists;

	err = vf_set_dev_flags(priv, vf, ndev->flags);
	netif_addr_lock_bh(ndev);
	err_lists = dev_uc_sync(vf, ndev) ?: dev_mc_sync(vf, ndev);
	netif_addr_unlock_bh(ndev);
	return err ?: err_lists;
}

/* All or none. */
static int vf_add_vlans(struct netvsc_priv *priv, struct net_device *vf)
{
	int err;

	if (priv->vf->vlans)
		return 0;
	err = vlan_vids_add_by_dev(vf, priv->ndev);
	priv->vf->vlans = !err;
	return err;
}

static int vf_is_vlan(struct net_device *vlan, int vid, void *arg)
{
	return vid;
}

/*
 * A VF need not take VLAN 0 alone, which the core adds to many an interface: a port
 * that has a VLAN of its own refuses it.
 */
static int vf_sync_vlans(struct netvsc_priv *priv, struct net_device *vf)
{
	int err = vf_add_vlans(priv, vf);

	return vlan_for_each(priv->ndev, vf_is_vlan, NULL) ? err : 0;
}

void netvsc_vf_conform(struct netvsc_priv *priv, struct net_device *vf)
{
	netvsc_vf_set_reason(priv, vf, NETVSC_VF_NO_MAC, vf_sync_mac(priv, vf));
	netvsc_vf_set_reason(priv, vf, NETVSC_VF_NO_FILTERS,
			     vf_sync_filters(priv, vf));
	netvsc_vf_set_reason(priv, vf, NETVSC_VF_NO_VLANS,
			     vf_sync_vlans(priv, vf));
}

static u32 vf_own_tso_max(struct netvsc_priv *priv)
{
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	return nvdev ? netvsc_tx_tso_max(nvdev) : NETVSC_TSO_MAX_BYTES;
}

static void vf_set_max(struct netvsc_priv *priv, u32 bytes, u32 segs)
{
	struct netvsc_vf_limits *limits = &priv->vf->limits;
	struct net_device *ndev = priv->ndev;
	u32 any, ipv4, pieces;

	any = netvsc_gso_limit_apply(&limits->bytes, ndev->gso_max_size, bytes);
	ipv4 = netvsc_gso_limit_apply(&limits->ipv4_bytes,
				      netvsc_gso_ipv4_max(ndev), bytes);
	pieces = netvsc_gso_limit_apply(&limits->segs, ndev->gso_max_segs,
					segs);
	/* These lower the limits in force, too; they raise none. */
	netif_set_tso_max_size(ndev, bytes);
	netif_set_tso_max_segs(ndev, segs);
	WRITE_ONCE(ndev->gso_max_size, any);
	netvsc_set_gso_ipv4_max(ndev, ipv4);
	WRITE_ONCE(ndev->gso_max_segs, pieces);
}

/* A connection reads them with its route; VLANs and bonds have their own. */
static void vf_announce_limits(struct net_device *ndev)
{
	if (ndev->reg_state != NETREG_REGISTERED)
		return;
	netdev_features_change(ndev);
	rt_genid_bump_all(dev_net(ndev));
}

static void vf_apply_limits(struct netvsc_priv *priv, u32 own_bytes)
{
	struct net_device *vf = netvsc_vf_ours(priv->ndev);
	struct netvsc_vf_limits was = priv->vf->limits;
	struct net_device *ndev = priv->ndev;
	u32 segs = TSO_MAX_SEGS;
	u32 bytes = own_bytes;

	if (vf && rcu_access_pointer(priv->vf_path)) {
		bytes = vf->tso_max_size;
		segs = vf->tso_max_segs;
	}
	vf_set_max(priv, bytes, segs);
	if (memcmp(&was, &priv->vf->limits, sizeof(was)))
		vf_announce_limits(ndev);
}

void netvsc_vf_update_limits(struct netvsc_priv *priv)
{
	vf_apply_limits(priv, vf_own_tso_max(priv));
}

void netvsc_vf_set_tso_max(struct net_device *ndev, u32 bytes)
{
	vf_apply_limits(netdev_priv(ndev), bytes);
}

void netvsc_vf_init_limits(struct netvsc_priv *priv)
{
	struct netvsc_vf_limits *limits = &priv->vf->limits;
	const struct net_device *ndev = priv->ndev;

	netvsc_gso_limit_init(&limits->bytes, ndev->gso_max_size);
	netvsc_gso_limit_init(&limits->ipv4_bytes, netvsc_gso_ipv4_max(ndev));
	netvsc_gso_limit_init(&limits->segs, ndev->gso_max_segs);
}

/* What it has is its own, unless it comes back from another namespace. */
static void vf_save_settings(struct netvsc_priv *priv,
			     const struct net_device *vf)
{
	struct netvsc_vf_before *before = &priv->vf->before;

	if (priv->vf->moved == vf) {
		priv->vf->moved = NULL;
		return;
	}
	netvsc_vf_forget_moved(priv, true);
	before->mtu = vf->mtu;
	ether_addr_copy(before->mac, vf->dev_addr);
	before->up |= netif_running(vf);
	before->features = vf->wanted_features;
}

void netvsc_vf_configure(struct netvsc_priv *priv, struct net_device *vf)
{
	struct netvsc_vf_before *before = &priv->vf->before;
	struct net_device *ndev = priv->ndev;

	vf_save_settings(priv, vf);
	before->promisc = false;
	before->allmulti = false;
	before->headroom = ndev->needed_headroom;
	priv->vf->vlans = false;

	/* One that refuses this shows it, by a smaller one. */
	dev_set_mtu(vf, ndev->mtu);
	vf_set_dev_features(vf, vf_map_features(vf, ndev->features),
			    vf_shared_features(ndev));
	netvsc_vf_conform(priv, vf);
	ndev->needed_headroom = max(ndev->needed_headroom,
				    vf->needed_headroom);
	netvsc_vf_configure_rss(priv, vf);
	netvsc_vf_configure_xdp(priv, vf);
}

/* It is as it was before it was ours. */
static void vf_restore_settings(struct netvsc_priv *priv, struct net_device *vf)
{
	const struct netvsc_vf_before *before = &priv->vf->before;
	struct net_device *ndev = priv->ndev;

	netvsc_vf_restore_rss(priv, vf, true);
	if (!before->up)
		dev_close(vf);
	if (dev_set_mtu(vf, before->mtu) || vf_set_dev_mac(vf, before->mac))
		netdev_info(vf, "keeps the MTU or MAC address that %s set\n", ndev->name);
	/* Also what the host no longer has. */
	vf_set_dev_features(vf, before->features, FOLLOWED);
}

void netvsc_vf_restore(struct netvsc_priv *priv, struct net_device *vf,
		       bool stays)
{
	struct net_device *ndev = priv->ndev;

	netvsc_vf_restore_xdp(priv, vf, stays);
	dev_uc_unsync(vf, ndev);
	dev_mc_unsync(vf, ndev);
	if (priv->vf->vlans)
		vlan_vids_del_by_dev(vf, ndev);
	priv->vf->vlans = false;
	vf_set_dev_flags(priv, vf, 0);
	ndev->needed_headroom = priv->vf->before.headroom;
	netvsc_vf_update_limits(priv);
	/*
	 * One that goes has no use for the rest. One that moves will be back, and
	 * its MTU must not change now: IPv6 would take it for a new interface.
	 */
	if (stays)
		vf_restore_settings(priv, vf);
	else if (priv->vf->moved != vf)
		netvsc_vf_restore_rss(priv, vf, false);
}

void netvsc_vf_forget_moved(struct netvsc_priv *priv, bool stays)
{
	struct net_device *vf = priv->vf->moved;

	priv->vf->moved = NULL;
	if (!vf)
		return;
	if (stays)
		vf_restore_settings(priv, vf);
	else
		netvsc_vf_restore_rss(priv, vf, false);
}

/* ---- while it is ours ---- */

struct net_device *netvsc_vf_hold(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = NULL;

	rcu_read_lock();
	if (READ_ONCE(priv->vf->configured))
		vf = rcu_dereference(priv->vf->ndev);
	dev_hold(vf);
	rcu_read_unlock();
	return vf;
}

static bool vf_has_address(const struct net_device *vf)
{
	struct in_device *in_dev = __in_dev_get_rtnl(vf);

	return in_dev && rtnl_dereference(in_dev->ifa_list);
}

void netvsc_vf_open(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);
	int err = 0;

	if (!vf || !netif_running(ndev))
		return;
	if (!netif_running(vf) && vf_has_address(vf))
		err = -EADDRINUSE;
	netvsc_vf_set_reason(priv, vf, NETVSC_VF_HAS_ADDRESS, err);
	if (!err)
		netvsc_vf_set_reason(priv, vf, NETVSC_VF_NO_OPEN,
				     dev_open(vf, NULL));
	netvsc_vf_update_usable(priv);
}

void netvsc_vf_close(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (!vf)
		return;
	netvsc_vf_event(priv, NETVSC_VF_UNUSABLE);
	netvsc_vf_drain(priv);
	dev_close(vf);
	netvsc_vf_set_reason(priv, vf, NETVSC_VF_NO_OPEN, 0);
	netvsc_vf_set_reason(priv, vf, NETVSC_VF_HAS_ADDRESS, 0);
}

void netvsc_vf_begin_change(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->vf->changing = true;
}

void netvsc_vf_end_change(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (vf)
		netvsc_vf_conform(priv, vf);
	priv->vf->changing = false;
	netvsc_vf_update_usable(priv);
}

/* A VF that is not used for it anyway cannot refuse it for both. */
static int vf_filter_refusal(struct netvsc_priv *priv,
			     enum netvsc_vf_reason reason, int err)
{
	return netvsc_vf_has_reason(priv, reason) ? 0 : err;
}

int netvsc_vf_set_mtu(struct net_device *ndev, int mtu)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? vf_filter_refusal(priv, NETVSC_VF_NO_MTU,
				      dev_set_mtu(vf, mtu)) :
		    0;
}

int netvsc_vf_set_mac(struct net_device *ndev, const u8 *mac)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? vf_filter_refusal(priv, NETVSC_VF_NO_MAC,
				      vf_set_dev_mac(vf, mac)) :
		    0;
}

int netvsc_vf_set_features(struct net_device *ndev, netdev_features_t features)
{
	struct net_device *vf = netvsc_vf_ours(ndev);
	netdev_features_t had, now, refused;

	if (!vf)
		return 0;
	had = vf->wanted_features;
	now = vf_map_features(vf, features);
	refused = vf_set_dev_features(vf, now, vf_shared_features(ndev));
	/* Only a wish can be refused, not what the host no longer has. */
	refused &= ~(now ^ vf_map_features(vf, ndev->wanted_features));
	/* "Off" always holds for these: bridges, routers and programs depend on it. */
	refused &= ~NETVSC_RSC_FEATURES | features;
	if (!refused)
		return 0;
	netdev_info(ndev, "%s refuses to change features %pNF\n", vf->name, &refused);
	/* Nor may a wish that it refuses be in the way. */
	if (ndev->features & ~features & NETVSC_RSC_FEATURES)
		return 0;
	vf_set_dev_features(vf, had, vf_shared_features(ndev));
	return -EIO;
}

void netvsc_vf_set_rx_mode(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf;

	rcu_read_lock();
	vf = rcu_dereference(priv->vf->ndev);
	if (vf && READ_ONCE(priv->vf->configured) &&
	    (dev_uc_sync(vf, ndev) || dev_mc_sync(vf, ndev)))
		netvsc_vf_defer(priv, NETVSC_VF_TASK_RETRY, 0);
	rcu_read_unlock();
}

void netvsc_vf_set_flags(struct net_device *ndev, int changed)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (!vf)
		return;
	/*
	 * An address that is added to an interface that filters none makes it promiscuous,
	 * with its address lock held; the VF's own lock may sleep.
	 */
	if (in_softirq() || vf_set_dev_flags(priv, vf, ndev->flags))
		netvsc_vf_defer(priv, NETVSC_VF_TASK_RETRY, 0);
}

int netvsc_vf_add_vlan(struct net_device *ndev, __be16 proto, u16 vid)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);
	int err;

	if (!vf)
		return 0;
	err = vf_add_vlans(priv, vf) ?: vlan_vid_add(vf, proto, vid);
	return vf_filter_refusal(priv, NETVSC_VF_NO_VLANS, err);
}

void netvsc_vf_del_vlan(struct net_device *ndev, __be16 proto, u16 vid)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (vf && priv->vf->vlans)
		vlan_vid_del(vf, proto, vid);
	/* It may take the others. */
	else if (vf)
		netvsc_vf_defer(priv, NETVSC_VF_TASK_RETRY, 0);
}
