// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx, third file: the hash that picks the queue of a frame
 *
 * Promise: all fragments of a datagram get the same hash. The stack's hash is
 * so by itself: it takes no ports from a fragment, or comes from the socket for
 * all of them. Where the user wants no ports it is a hash of the addresses,
 * which are where they always are: nothing is dissected twice.
 *
 * Neighbours and locks: see tx.c, which this file belongs to.
 */
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "lib/rss.h"
#include "tx_hash.h"

static u32 seed(void)
{
	static u32 value __read_mostly;

	net_get_random_once(&value, sizeof(value));
	return value;
}

/* The user's bit of a protocol; @tcp and @udp are those of the family. */
static u32 bit_of(u8 protocol, u32 tcp, u32 udp)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return BIT(tcp);
	case IPPROTO_UDP:
		return BIT(udp);
	default:
		return 0;
	}
}

static bool hash_ip4(const struct sk_buff *skb, u32 l3_only, u32 *hash)
{
	const struct iphdr *iph;
	struct iphdr copy;

	iph = skb_header_pointer(skb, skb_network_offset(skb), sizeof(copy),
				 &copy);
	if (!iph || !(l3_only & bit_of(iph->protocol, NETVSC_FLOW_TCP4,
				       NETVSC_FLOW_UDP4)))
		return false;
	*hash = jhash_2words((__force u32)iph->saddr, (__force u32)iph->daddr,
			     seed());
	return true;
}

static bool hash_ip6(const struct sk_buff *skb, u32 l3_only, u32 *hash)
{
	int offset = skb_network_offset(skb);
	const struct ipv6hdr *ip6h;
	const struct frag_hdr *frag;
	struct ipv6hdr copy;
	struct frag_hdr frag_copy;
	u8 protocol;

	ip6h = skb_header_pointer(skb, offset, sizeof(copy), &copy);
	if (!ip6h)
		return false;
	protocol = ip6h->nexthdr;
	if (protocol == NEXTHDR_FRAGMENT) {
		frag = skb_header_pointer(skb, offset + sizeof(*ip6h),
					  sizeof(frag_copy), &frag_copy);
		if (!frag)
			return false;
		protocol = frag->nexthdr;
	}
	if (!(l3_only & bit_of(protocol, NETVSC_FLOW_TCP6, NETVSC_FLOW_UDP6)))
		return false;
	*hash = jhash2((const u32 *)&ip6h->saddr,
		       2 * sizeof(ip6h->saddr) / sizeof(u32), seed());
	return true;
}

u32 netvsc_tx_hash(struct sk_buff *skb, u32 l3_only)
{
	u32 hash;

	if (unlikely(l3_only)) {
		if (skb->protocol == htons(ETH_P_IP) &&
		    hash_ip4(skb, l3_only, &hash))
			return hash;
		if (skb->protocol == htons(ETH_P_IPV6) &&
		    hash_ip6(skb, l3_only, &hash))
			return hash;
	}
	return skb_get_hash(skb);
}
