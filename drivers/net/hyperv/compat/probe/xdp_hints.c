// SPDX-License-Identifier: GPL-2.0
/* Can a program ask for the VLAN tag of its frame? */
#include <net/xdp.h>

static int probe(const struct xdp_md *ctx, __be16 *proto, u16 *tci)
{
	return 0;
}

static int probe_hash(const struct xdp_md *ctx, u32 *hash,
		      enum xdp_rss_hash_type *type)
{
	return 0;
}

static const struct xdp_metadata_ops answer = {
	.xmo_rx_hash		= probe_hash,
	.xmo_rx_vlan_tag	= probe,
};
