// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx, second file: what the host must know about a frame
 *
 * Promise: the host is asked only for what it said it can do, and the headers
 * then look as it wants them; everything else is done in software before.
 *
 * Neighbours: lib/rndis_tx knows how the facts are written down. tx.c calls for
 * every frame, netdev for the stack's question what a frame needs.
 *
 * No state, no locks; the frame belongs to the caller.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "chan.h"
#include "lib/rndis_tx.h"
#include "netvsc.h"
#include "tx_facts.h"
#include "tx_spread.h"

int netvsc_tx_own(struct netvsc_queue *q, struct sk_buff **pskb)
{
	struct sk_buff *own;

	if (likely(!skb_shared(*pskb)))
		return 0;
	own = skb_clone(*pskb, GFP_ATOMIC);
	if (!own) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_NO_MEMORY);
		return -ENOMEM;
	}
	consume_skb(*pskb);
	*pskb = own;
	return 0;
}

static noinline int pull_ethernet(struct netvsc_queue *q,
				  struct sk_buff **pskb)
{
	int err = netvsc_tx_own(q, pskb);

	if (err)
		return err;
	return pskb_may_pull(*pskb, ETH_HLEN) ? 0 : -EINVAL;
}

/* The tag of a raw socket, out of the frame. */
static noinline int pop_tag(struct netvsc_queue *q, struct sk_buff **pskb,
			    u16 *tci)
{
	int err = netvsc_tx_own(q, pskb);

	if (err)
		return err;
	if ((*pskb)->len < VLAN_ETH_HLEN || __skb_vlan_pop(*pskb, tci)) {
		netvsc_count(q->ndev, NETVSC_CNT_VLAN_ERROR);
		return -EINVAL;
	}
	return 0;
}

/*
 * The tag meant for the switch port travels beside the frame, also when a raw
 * socket put it inside (R30).
 */
static int vlan_facts(struct netvsc_queue *q, struct sk_buff **pskb,
		      struct netvsc_tx_facts *facts)
{
	struct sk_buff *skb = *pskb;
	u16 tci;
	int err;

	if (!(q->nvdev->abilities->caps & NVSP_CAP_IEEE8021Q))
		return 0;
	if (skb_vlan_tag_present(skb)) {
		tci = skb_vlan_tag_get(skb);
	} else if (eth_hdr(skb)->h_proto == htons(ETH_P_8021Q)) {
		err = pop_tag(q, pskb, &tci);
		if (err)
			return err;
	} else {
		return 0;
	}
	facts->vlan = netvsc_rndis_tx_vlan(tci);
	facts->ppis |= NETVSC_TX_VLAN;
	return 0;
}

/* Headers as LSO wants them: no lengths, no IP checksum (sheet 7.3, R29). */
static int lso_facts(struct netvsc_queue *q, struct sk_buff **pskb,
		     struct netvsc_tx_facts *facts)
{
	int err = netvsc_tx_own(q, pskb);
	struct sk_buff *skb = *pskb;
	struct iphdr *iph;
	bool ipv6;

	if (err)
		return err;
	ipv6 = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6;
	if (!(skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)))
		return -EINVAL;
	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	if (ipv6) {
		tcp_v6_gso_csum_prep(skb);
	} else {
		iph = ip_hdr(skb);
		iph->tot_len = 0;
		iph->check = 0;
		tcp_hdr(skb)->check = ~tcp_v4_check(0, iph->saddr, iph->daddr, 0);
	}
	facts->offload = netvsc_rndis_tx_lso(ipv6, skb_shinfo(skb)->gso_size,
					     skb_transport_offset(skb));
	facts->ppis |= NETVSC_TX_LSO;
	return facts->offload ? 0 : -EINVAL;
}

/**
 * enum l4 - what the host could compute the checksum of
 * @L4_OTHER: nothing it knows
 * @L4_TCP4: TCP over IPv4 without options
 * @L4_UDP4: UDP over IPv4 without options
 * @L4_TCP6: TCP over IPv6 without extension headers
 * @L4_UDP6: UDP over IPv6 without extension headers
 */
enum l4 { L4_OTHER, L4_TCP4, L4_UDP4, L4_TCP6, L4_UDP6 };

static __always_inline enum l4 l4_of(const struct sk_buff *skb)
{
	u32 l3 = skb_network_offset(skb);
	u32 l4 = skb_checksum_start_offset(skb);

	if (skb->encapsulation || l3 != ETH_HLEN)
		return L4_OTHER;
	if (eth_hdr(skb)->h_proto == htons(ETH_P_IP) &&
	    l4 == ETH_HLEN + sizeof(struct iphdr)) {
		if (ip_hdr(skb)->protocol == IPPROTO_TCP)
			return L4_TCP4;
		if (ip_hdr(skb)->protocol == IPPROTO_UDP)
			return L4_UDP4;
	}
	if (eth_hdr(skb)->h_proto == htons(ETH_P_IPV6) &&
	    l4 == ETH_HLEN + sizeof(struct ipv6hdr)) {
		if (ipv6_hdr(skb)->nexthdr == IPPROTO_TCP)
			return L4_TCP6;
		if (ipv6_hdr(skb)->nexthdr == IPPROTO_UDP)
			return L4_UDP6;
	}
	return L4_OTHER;
}

static bool host_checksums(const struct netvsc_device *nvdev, enum l4 l4)
{
	const struct netvsc_offload_caps *caps = &nvdev->caps;

	return (l4 == L4_TCP4 && caps->tcp4_csum) ||
	       (l4 == L4_UDP4 && caps->udp4_csum) ||
	       (l4 == L4_TCP6 && caps->tcp6_csum) ||
	       (l4 == L4_UDP6 && caps->udp6_csum);
}

static int csum_facts(struct netvsc_queue *q, struct sk_buff **pskb,
		      struct netvsc_tx_facts *facts)
{
	struct sk_buff *skb = *pskb;
	enum l4 l4 = l4_of(skb);

	if (!host_checksums(q->nvdev, l4))
		return netvsc_tx_own(q, pskb) ?: skb_checksum_help(*pskb);
	facts->offload = netvsc_rndis_tx_csum(l4 == L4_TCP6 || l4 == L4_UDP6,
					      l4 == L4_UDP4 || l4 == L4_UDP6,
					      skb_checksum_start_offset(skb));
	facts->ppis |= NETVSC_TX_CSUM;
	return 0;
}

int netvsc_tx_find_facts(struct netvsc_queue *q, struct sk_buff **pskb,
			 struct netvsc_tx_facts *facts)
{
	struct sk_buff *skb;
	int err;

	if (unlikely(skb_headlen(*pskb) < ETH_HLEN)) {
		err = pull_ethernet(q, pskb);
		if (err)
			return err;
	}
	skb_reset_mac_header(*pskb);
	err = vlan_facts(q, pskb, facts);
	if (err)
		return err;
	skb = *pskb;
	if (q->nvdev->num_queues > 1 && skb->hash) {
		facts->hash = skb->hash;
		facts->ppis |= NETVSC_TX_HASH;
	}
	if (skb_is_gso(skb))
		err = lso_facts(q, pskb, facts);
	else if (skb->ip_summed == CHECKSUM_PARTIAL)
		err = csum_facts(q, pskb, facts);
	return err;
}

/* Frames of taps and packet sockets come without a count until the core has looked. */
static unsigned int segments(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_segs ?:
	       DIV_ROUND_UP(skb->len, skb_shinfo(skb)->gso_size);
}

netdev_features_t netvsc_tx_features(const struct netvsc_device *nvdev,
				     struct sk_buff *skb,
				     netdev_features_t features)
{
	enum l4 l4;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return features;
	l4 = l4_of(skb);
	if (!host_checksums(nvdev, l4))
		return features & ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	if (skb_is_gso(skb) &&
	    (segments(skb) < nvdev->caps.tso_min_segs ||
	     skb->len > nvdev->caps.tso_max_bytes))
		features &= ~NETIF_F_GSO_MASK;
	return features;
}

u32 netvsc_tx_tso_max(const struct netvsc_device *nvdev)
{
	u32 bytes = nvdev->caps.tso_max_bytes ?: NETVSC_TSO_MAX_BYTES;

	return netvsc_chan_isolated() ?
	       min(bytes, netvsc_tx_spread_max(nvdev)) : bytes;
}
