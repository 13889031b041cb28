// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: the queue of a frame
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
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "data/tx.h"
#include "lib/rss.h"
#include "netvsc.h"

static u32 tx_hash_seed(void)
{
	static u32 value __read_mostly;

	net_get_random_once(&value, sizeof(value));
	return value;
}

/* The user's bit of a protocol; @tcp and @udp are those of the family. */
static u32 tx_flow_bit(u8 protocol, u32 tcp, u32 udp)
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

static bool tx_hash_ip4(const struct sk_buff *skb, u32 l3_only, u32 *hash)
{
	const struct iphdr *iph;
	struct iphdr copy;

	iph = skb_header_pointer(skb, skb_network_offset(skb), sizeof(copy),
				 &copy);
	if (!iph || !(l3_only & tx_flow_bit(iph->protocol, NETVSC_FLOW_TCP4,
					    NETVSC_FLOW_UDP4)))
		return false;
	*hash = jhash_2words((__force u32)iph->saddr, (__force u32)iph->daddr,
			     tx_hash_seed());
	return true;
}

static bool tx_hash_ip6(const struct sk_buff *skb, u32 l3_only, u32 *hash)
{
	int offset = skb_network_offset(skb);
	const struct frag_hdr *frag;
	const struct ipv6hdr *ip6h;
	struct frag_hdr frag_copy;
	struct ipv6hdr copy;
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
	if (!(l3_only &
	      tx_flow_bit(protocol, NETVSC_FLOW_TCP6, NETVSC_FLOW_UDP6)))
		return false;
	*hash = jhash2((const u32 *)&ip6h->saddr,
		       2 * sizeof(ip6h->saddr) / sizeof(u32), tx_hash_seed());
	return true;
}

/* All fragments of a datagram have the same one. At most one look at the headers. */
static u32 tx_flow_hash(struct sk_buff *skb, u32 l3_only)
{
	u32 hash;

	if (unlikely(l3_only)) {
		if (skb->protocol == htons(ETH_P_IP) &&
		    tx_hash_ip4(skb, l3_only, &hash))
			return hash;
		if (skb->protocol == htons(ETH_P_IPV6) &&
		    tx_hash_ip6(skb, l3_only, &hash))
			return hash;
	}
	return skb_get_hash(skb);
}

/* Whoever wrote to xps_cpus or xps_rxqs wants it so. */
static bool tx_xps_is_set(const struct net_device *ndev)
{
#ifdef CONFIG_XPS
	return rcu_access_pointer(ndev->xps_maps[XPS_CPUS]) ||
	       rcu_access_pointer(ndev->xps_maps[XPS_RXQS]);
#else
	return false;
#endif
}

/*
 * What a socket got last time does not count here: it may have another priority
 * by now, or that queue was the VF's choice.
 */
noinline u16 netvsc_tx_select_class_queue(const struct net_device *ndev,
					  struct sk_buff *skb,
					  struct net_device *sb_dev)
{
	u8 class = netdev_get_prio_tc_map(ndev, skb->priority);
	const struct netvsc_priv *priv = netdev_priv(ndev);
	u32 queues = READ_ONCE(ndev->real_num_tx_queues);
	struct netdev_tc_txq of_class;
	u32 pick;

	of_class = (sb_dev ?: ndev)->tc_to_txq[class];
	/* The core may be taking the classes away. */
	if (!of_class.count || of_class.offset + of_class.count > queues)
		of_class = (struct netdev_tc_txq){ .count = queues };
	if (!skb_rx_queue_recorded(skb))
		pick = tx_flow_hash(skb, READ_ONCE(priv->l3_only));
	else if (skb_get_rx_queue(skb) >= of_class.offset)
		pick = skb_get_rx_queue(skb) - of_class.offset;
	else
		pick = skb_get_rx_queue(skb);
	return of_class.offset + pick % of_class.count;
}

u16 netvsc_tx_select_queue(const struct netvsc_device *nvdev,
			   struct sk_buff *skb, struct net_device *sb_dev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	u32 queues = READ_ONCE(nvdev->num_queues);
	struct sock *sk = skb->sk;
	int pick;
	u32 hash;

	if (queues == 1)
		return 0;
	if (unlikely(tx_xps_is_set(nvdev->ndev)))
		return netdev_pick_tx(nvdev->ndev, skb, sb_dev) % queues;
	if (unlikely(nvdev->ndev->num_tc))
		return netvsc_tx_select_class_queue(nvdev->ndev, skb, sb_dev) %
		       queues;
	pick = sk_tx_queue_get(sk);
	if (pick >= 0 && pick < queues && !skb->ooo_okay)
		return pick;
	if (skb_rx_queue_recorded(skb))
		return skb_get_rx_queue(skb) % queues;

	hash = tx_flow_hash(skb, READ_ONCE(priv->l3_only));
	pick = READ_ONCE(nvdev->tx_table[hash % NVSP_INDIRECTION_ENTRIES]) %
	       queues;
	if (sk && sk_fullsock(sk) && rcu_access_pointer(sk->sk_dst_cache))
		sk_tx_queue_set(sk, pick);
	return pick;
}
