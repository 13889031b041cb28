// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp_rules: what a program's verdict means, and which frames it may have
 *
 * Promise: whatever number a program returns there is something to do; a program
 * that cannot see a whole frame is refused before anything changes.
 *
 *	            fits one buffer    does not
 *	plain             yes             no: refused, by MTU or RSC
 *	xdp.frags         yes             yes
 *
 * Neighbours: xdp.c asks about verdicts, xdp_set.c about programs, xdp_tx.c about
 * what may be sent, xdp_hints.c about the hash. No state, no locks.
 */
#include <linux/if_ether.h>
#include <linux/kernel.h>

#include <netvsc/ndis.h>

#include "xdp_rules.h"

enum netvsc_xdp_refusal netvsc_xdp_rules_refuse(bool frags, u32 mtu,
						u32 linear_bytes, bool rsc)
{
	if (frags)
		return NETVSC_XDP_ACCEPT;
	/* A received tag lies beside the frame, so it needs no place. */
	if (mtu > linear_bytes - ETH_HLEN)
		return NETVSC_XDP_REFUSE_MTU;
	return rsc ? NETVSC_XDP_REFUSE_RSC : NETVSC_XDP_ACCEPT;
}

u32 netvsc_xdp_rules_hash_type(u32 info)
{
	switch (info & NDIS_HASH_TYPES) {
	case NDIS_HASH_IPV4:
		return NETVSC_XDP_HASH_IPV4;
	case NDIS_HASH_IPV6:
		return NETVSC_XDP_HASH_IPV6;
	case NDIS_HASH_IPV6_EX:
		return NETVSC_XDP_HASH_IPV6 | NETVSC_XDP_HASH_EX;
	case NDIS_HASH_TCP_IPV4:
		return NETVSC_XDP_HASH_IPV4 | NETVSC_XDP_HASH_L4 |
		       NETVSC_XDP_HASH_TCP;
	case NDIS_HASH_TCP_IPV6:
		return NETVSC_XDP_HASH_IPV6 | NETVSC_XDP_HASH_L4 |
		       NETVSC_XDP_HASH_TCP;
	case NDIS_HASH_TCP_IPV6_EX:
		return NETVSC_XDP_HASH_IPV6 | NETVSC_XDP_HASH_L4 |
		       NETVSC_XDP_HASH_TCP | NETVSC_XDP_HASH_EX;
	case NDIS_HASH_UDP_IPV4:
		return NETVSC_XDP_HASH_IPV4 | NETVSC_XDP_HASH_L4 |
		       NETVSC_XDP_HASH_UDP;
	case NDIS_HASH_UDP_IPV6:
		return NETVSC_XDP_HASH_IPV6 | NETVSC_XDP_HASH_L4 |
		       NETVSC_XDP_HASH_UDP;
	case NDIS_HASH_UDP_IPV6_EX:
		return NETVSC_XDP_HASH_IPV6 | NETVSC_XDP_HASH_L4 |
		       NETVSC_XDP_HASH_UDP | NETVSC_XDP_HASH_EX;
	}
	return 0;
}
