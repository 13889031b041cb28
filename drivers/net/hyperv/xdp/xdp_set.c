// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp: the program of an interface
 *
 * Promise: a program is in force for every frame from the moment it was accepted
 * to the moment it was taken away, on every queue, whatever is reconfigured in
 * between; what would break that is refused before anything changes.
 *
 * The program belongs to the interface, with one reference. Each poll reads the
 * pointer once, so nothing has to be installed on a queue that comes, nor taken
 * off one that goes, and a swap is one store: frames before it met the old
 * program, frames after it the new one.
 *
 * Neighbours: netdev calls; lib/xdp_rules decides.
 *
 * Locks: RTNL to change the pointer, RCU to read it; the kernel frees a program
 * only after a grace period.
 */
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/xdp.h>

#include "buf/rx_buf.h"
#include "lib/xdp_rules.h"
#include "netvsc.h"
#include "xdp/xdp.h"
#include "xdp/xdp_priv.h"

void netvsc_xdp_init(struct net_device *ndev)
{
	/*
	 * At any MTU, coalescing or not, a program can be in force and frames
	 * be redirected to us: no setting takes anything away from this. What
	 * is refused are single programs: those that know no fragments.
	 */
	netvsc_set_xdp_features(ndev, NETDEV_XDP_ACT_BASIC |
				      NETDEV_XDP_ACT_REDIRECT |
				      NETDEV_XDP_ACT_NDO_XMIT |
				      NETDEV_XDP_ACT_RX_SG |
				      NETDEV_XDP_ACT_NDO_XMIT_SG |
				      NETDEV_XDP_ACT_XSK_ZEROCOPY);
	netvsc_set_xdp_hints(ndev);
}

static enum netvsc_xdp_refusal xdp_prog_refusal(const struct bpf_prog *prog,
						u32 mtu, bool rsc)
{
	return netvsc_xdp_rules_refuse(prog->aux->xdp_has_frags, mtu,
				       NETVSC_RX_BUF_LINEAR_BYTES, rsc);
}

int netvsc_xdp_check(const struct net_device *ndev, const struct bpf_prog *prog,
		     struct netlink_ext_ack *extack)
{
	if (!prog)
		return 0;
	switch (xdp_prog_refusal(prog, ndev->mtu,
				 ndev->features & NETVSC_RSC_FEATURES)) {
	case NETVSC_XDP_REFUSE_MTU:
		NL_SET_ERR_MSG_MOD(extack, "XDP: mtu too large");
		return -EOPNOTSUPP;
	case NETVSC_XDP_REFUSE_RSC:
		if (ndev->features & NETIF_F_GRO_HW)
			NL_SET_ERR_MSG_MOD(extack, "XDP: not support rx-gro-hw");
		else
			NL_SET_ERR_MSG_MOD(extack, "XDP: not support LRO");
		return -EOPNOTSUPP;
	case NETVSC_XDP_ACCEPT:
		break;
	}
	return 0;
}

struct bpf_prog *netvsc_xdp_swap(struct net_device *ndev, struct bpf_prog *prog)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	return rcu_replace_pointer(priv->xdp_prog, prog,
				   lockdep_rtnl_is_held());
}

bool netvsc_xdp_refuses_mtu(const struct net_device *ndev, u32 mtu)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct bpf_prog *prog = rtnl_dereference(priv->xdp_prog);

	if (netvsc_xdp_bound(ndev, mtu)) {
		netdev_info(ndev, "XDP: mtu too large: %u, a socket's chunks are smaller\n",
			    mtu);
		return true;
	}
	if (!prog || xdp_prog_refusal(prog, mtu, false) == NETVSC_XDP_ACCEPT)
		return false;
	netdev_info(ndev, "XDP: mtu too large: %u, at most %lu for a program without frags\n",
		    mtu, NETVSC_RX_BUF_LINEAR_BYTES - ETH_HLEN);
	return true;
}

bool netvsc_xdp_refuses_rsc(const struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct bpf_prog *prog = rtnl_dereference(priv->xdp_prog);

	return (prog && xdp_prog_refusal(prog, 0, true) != NETVSC_XDP_ACCEPT) ||
	       netvsc_xdp_bound(ndev, U16_MAX);
}
