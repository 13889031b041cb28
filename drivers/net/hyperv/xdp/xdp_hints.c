// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp: what programs may ask about a frame
 *
 * Promise: a program learns what the host said about its frame and nothing that
 * the interface's features deny: no hash with rxhash off (R41).
 *
 * Neighbours: the kernel calls, in the name of a program that was loaded for
 * this interface alone; lib/xdp_rules translates. Kernels without the question
 * are built without this file.
 *
 * The VLAN tag is not in the frame: this is where a program sees it.
 *
 * Locks: none; called from netvsc_xdp_run().
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

#include "buf/rx_buf.h"
#include "lib/rndis_rx.h"
#include "lib/xdp_rules.h"
#include "netvsc.h"
#include "xdp/xdp_priv.h"

static_assert(NETVSC_XDP_HASH_IPV4 == XDP_RSS_L3_IPV4);
static_assert(NETVSC_XDP_HASH_IPV6 == XDP_RSS_L3_IPV6);
static_assert(NETVSC_XDP_HASH_EX == XDP_RSS_L3_DYNHDR);
static_assert(NETVSC_XDP_HASH_L4 == XDP_RSS_L4);
static_assert(NETVSC_XDP_HASH_TCP == XDP_RSS_L4_TCP);
static_assert(NETVSC_XDP_HASH_UDP == XDP_RSS_L4_UDP);

static const struct netvsc_xdp_buff *xdp_buff_of_ctx(const struct xdp_md *ctx)
{
	BUILD_BUG_ON(offsetof(struct netvsc_xdp_buff, xdp));
	return (const void *)ctx;
}

static int xdp_hint_hash(const struct xdp_md *ctx, u32 *hash,
			 enum xdp_rss_hash_type *type)
{
	const struct netvsc_xdp_buff *buff = xdp_buff_of_ctx(ctx);
	const struct netvsc_rx_meta *meta = buff->meta;

	if (!(meta->has & NETVSC_RX_HAS_HASH) ||
	    !(buff->xdp.rxq->dev->features & NETIF_F_RXHASH))
		return -ENODATA;
	*hash = meta->hash;
	*type = netvsc_xdp_rules_hash_type(meta->hash_info);
	return 0;
}

static int xdp_hint_vlan_tag(const struct xdp_md *ctx, __be16 *proto, u16 *tci)
{
	const struct netvsc_rx_meta *meta = xdp_buff_of_ctx(ctx)->meta;

	if (!(meta->has & NETVSC_RX_HAS_VLAN))
		return -ENODATA;
	*proto = htons(ETH_P_8021Q);
	*tci = meta->vlan_tci;
	return 0;
}

const struct xdp_metadata_ops netvsc_xdp_hints = {
	.xmo_rx_hash		= xdp_hint_hash,
	.xmo_rx_vlan_tag	= xdp_hint_vlan_tag,
};
