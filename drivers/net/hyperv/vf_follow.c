// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf, fourth file: settings of the interface are those of the VF
 *
 * Promise: while a VF is ours it has our MTU, address, features, filters and
 * VLANs, and is up when we are; what it refuses we refuse. When it leaves and
 * stays in the system it is as it was before.
 *
 * What somebody changes at the VF itself stays as it is; with an MTU below ours
 * the VF is not used, since it would drop what we are sent.
 *
 * Neighbours and locks: see vf.c, which this file belongs to. RTNL, and the
 * address lock of the interface for the addresses.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "compat/lower.h"
#include "netvsc.h"
#include "tx_facts.h"
#include "vf.h"

/* Features that are passed on, where the VF has them. */
#define FOLLOWED	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | \
			 NETIF_F_HW_CSUM | NETIF_F_ALL_TSO | NETIF_F_LRO | \
			 NETIF_F_RXCSUM | NETIF_F_RXHASH | NETIF_F_GRO)

static int set_mac(struct net_device *vf, const u8 *mac)
{
	if (ether_addr_equal(vf->dev_addr, mac))
		return 0;
	return netvsc_lower_set_mac(vf, mac);
}

static void set_features(struct net_device *vf, netdev_features_t features,
			 netdev_features_t mask)
{
	netdev_features_t wanted;

	mask &= vf->hw_features;
	wanted = (vf->wanted_features & ~mask) | (features & mask);
	if (wanted == vf->wanted_features)
		return;
	vf->wanted_features = wanted;
	netdev_update_features(vf);
}

/* What both of us may switch; a checksum is one, whatever its name. */
static netdev_features_t shared_features(const struct net_device *ndev)
{
	netdev_features_t mask = ndev->hw_features & FOLLOWED;

	if (mask & NETIF_F_CSUM_MASK)
		mask |= NETIF_F_HW_CSUM;
	return mask;
}

static netdev_features_t as_the_vf_says(netdev_features_t features)
{
	if (features & NETIF_F_CSUM_MASK)
		features |= NETIF_F_HW_CSUM;
	return features;
}

/* One of the two flags; @given: whether ours was passed on. */
static void set_flag(struct net_device *vf, bool *given, bool on,
		     int (*set)(struct net_device *dev, int inc))
{
	int err;

	if (*given == on)
		return;
	err = set(vf, on ? 1 : -1);
	if (err)
		netdev_info(vf, "does not receive all: %d\n", err);
	else
		*given = on;
}

static void set_flags(struct netvsc_priv *priv, struct net_device *vf,
		      unsigned int flags)
{
	struct netvsc_vf_before *before = &priv->vf.before;

	set_flag(vf, &before->promisc, flags & IFF_PROMISC,
		 dev_set_promiscuity);
	set_flag(vf, &before->allmulti, flags & IFF_ALLMULTI,
		 dev_set_allmulti);
}

static void set_room(struct net_device *ndev, const struct net_device *vf)
{
	ndev->needed_headroom = max(ndev->needed_headroom,
				    vf->needed_headroom);
	netif_set_tso_max_size(ndev, min(ndev->tso_max_size,
					 vf->tso_max_size));
}

void netvsc_vf_take(struct netvsc_priv *priv, struct net_device *vf)
{
	struct netvsc_vf_before *before = &priv->vf.before;
	struct net_device *ndev = priv->ndev;
	int err;

	before->mtu = vf->mtu;
	ether_addr_copy(before->mac, vf->dev_addr);
	before->up |= netif_running(vf);
	before->features = vf->wanted_features;
	before->promisc = false;
	before->allmulti = false;
	before->headroom = ndev->needed_headroom;
	before->gso_bytes = ndev->gso_max_size;

	err = dev_set_mtu(vf, ndev->mtu);
	if (err)
		netdev_info(vf, "does not take an MTU of %u: %d\n", ndev->mtu,
			    err);
	err = set_mac(vf, ndev->dev_addr);
	if (err)
		netdev_info(vf, "does not take %pM: %d\n", ndev->dev_addr, err);
	set_features(vf, as_the_vf_says(ndev->features), shared_features(ndev));
	set_flags(priv, vf, ndev->flags);
	netif_addr_lock_bh(ndev);
	dev_uc_sync(vf, ndev);
	dev_mc_sync(vf, ndev);
	netif_addr_unlock_bh(ndev);
	err = vlan_vids_add_by_dev(vf, ndev);
	if (err)
		netdev_info(vf, "does not take the VLANs: %d\n", err);
	set_room(ndev, vf);
	netvsc_vf_take_rss(priv, vf);
	netvsc_vf_take_xdp(priv, vf);
}

static u32 own_tso_max(struct netvsc_priv *priv)
{
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	return nvdev ? netvsc_tx_tso_max(nvdev) : NETVSC_TSO_MAX_BYTES;
}

void netvsc_vf_give_back(struct netvsc_priv *priv, struct net_device *vf,
			 bool stays)
{
	struct netvsc_vf_before *before = &priv->vf.before;
	struct net_device *ndev = priv->ndev;

	netvsc_vf_give_back_xdp(priv, vf, stays);
	netvsc_vf_give_back_rss(priv, vf, stays);
	dev_uc_unsync(vf, ndev);
	dev_mc_unsync(vf, ndev);
	vlan_vids_del_by_dev(vf, ndev);
	set_flags(priv, vf, 0);
	ndev->needed_headroom = before->headroom;
	netif_set_tso_max_size(ndev, own_tso_max(priv));
	netvsc_set_gso_max(ndev, min(before->gso_bytes, own_tso_max(priv)));
	/* One that goes has no use for the rest. */
	if (!stays)
		return;
	if (!before->up)
		dev_close(vf);
	if (dev_set_mtu(vf, before->mtu) || set_mac(vf, before->mac))
		netdev_info(vf, "keeps what %s set\n", ndev->name);
	set_features(vf, before->features, shared_features(ndev));
}

/* ---- while it is ours ---- */

struct net_device *netvsc_vf_hold(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = NULL;

	rcu_read_lock();
	if (READ_ONCE(priv->vf.taken))
		vf = rcu_dereference(priv->vf.ndev);
	dev_hold(vf);
	rcu_read_unlock();
	return vf;
}

void netvsc_vf_open(struct net_device *ndev)
{
	struct net_device *vf = netvsc_vf_ours(ndev);
	int err;

	if (!vf || !netif_running(ndev))
		return;
	err = dev_open(vf, NULL);
	if (err)
		netdev_info(vf, "cannot be opened: %d\n", err);
	netvsc_vf_look(netdev_priv(ndev));
}

void netvsc_vf_close(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (!vf)
		return;
	netvsc_vf_event(priv, NETVSC_VF_UNUSABLE);
	netvsc_vf_settle(priv);
	dev_close(vf);
}

int netvsc_vf_set_mtu(struct net_device *ndev, int mtu)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? dev_set_mtu(vf, mtu) : 0;
}

int netvsc_vf_set_mac(struct net_device *ndev, const u8 *mac)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? set_mac(vf, mac) : 0;
}

void netvsc_vf_set_features(struct net_device *ndev, netdev_features_t features)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (vf)
		set_features(vf, as_the_vf_says(features),
			     shared_features(ndev));
}

void netvsc_vf_set_rx_mode(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct net_device *vf;

	rcu_read_lock();
	vf = rcu_dereference(priv->vf.ndev);
	if (vf && READ_ONCE(priv->vf.taken)) {
		dev_uc_sync(vf, ndev);
		dev_mc_sync(vf, ndev);
	}
	rcu_read_unlock();
}

void netvsc_vf_set_flags(struct net_device *ndev, int changed)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (vf)
		set_flags(netdev_priv(ndev), vf, ndev->flags);
}

int netvsc_vf_add_vlan(struct net_device *ndev, __be16 proto, u16 vid)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? vlan_vid_add(vf, proto, vid) : 0;
}

void netvsc_vf_del_vlan(struct net_device *ndev, __be16 proto, u16 vid)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	if (vf)
		vlan_vid_del(vf, proto, vid);
}

u32 netvsc_vf_tso_max(struct net_device *ndev, u32 bytes)
{
	struct net_device *vf = netvsc_vf_ours(ndev);

	return vf ? min_t(u32, bytes, vf->tso_max_size) : bytes;
}
