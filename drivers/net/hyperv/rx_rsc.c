// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rx, third file: what a coalesced frame tells the stack
 *
 * Promise: a coalesced TCP frame is what GRO would have made of its segments: it
 * can be delivered, bridged, routed, and is cut again into segments that fit the
 * link it came from. What is no TCP is not called so.
 *
 * Neighbours: see rx.c, which this file belongs to; lib/rsc knows the segments.
 *
 * The host leaves the checksum fields stale and may have them say anything (sheet
 * 8.5), so nothing of them is used: the IP header gets a fresh one, the TCP
 * checksum is marked as to be filled in by who sends the frame on.
 *
 * Locks: none, the skb is ours alone.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "lib/rsc.h"
#include "rx_skb.h"

/* Bytes of the IP header in front of TCP, 0 if there is no such thing. */
static u32 ip_bytes(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = (const void *)skb->data;
	const struct iphdr *iph = (const void *)skb->data;

	if (skb->protocol == htons(ETH_P_IP) &&
	    skb_headlen(skb) >= sizeof(*iph) && iph->version == 4 &&
	    iph->ihl >= 5 && iph->protocol == IPPROTO_TCP &&
	    !ip_is_fragment(iph))
		return iph->ihl * 4;
	if (skb->protocol == htons(ETH_P_IPV6) &&
	    skb_headlen(skb) >= sizeof(*ip6h) && ip6h->version == 6 &&
	    ip6h->nexthdr == IPPROTO_TCP)
		return sizeof(*ip6h);
	return 0;
}

/* TCP's header with its options, 0 if it is not all there. */
static u32 tcp_bytes(const struct sk_buff *skb, u32 offset)
{
	const struct tcphdr *th = (const void *)skb->data + offset;

	if (skb_headlen(skb) < offset + sizeof(*th) || th->doff < 5 ||
	    skb_headlen(skb) < offset + th->doff * 4)
		return 0;
	return th->doff * 4;
}

/* Lengths as long as the frame; returns the sum over the pseudo header. */
static __sum16 settle_ip(struct sk_buff *skb, u32 tcp_len)
{
	struct ipv6hdr *ip6h = (void *)skb->data;
	struct iphdr *iph = (void *)skb->data;

	if (skb->protocol == htons(ETH_P_IPV6)) {
		ip6h->payload_len = htons(tcp_len);
		return ~tcp_v6_check(tcp_len, &ip6h->saddr, &ip6h->daddr, 0);
	}
	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	return ~tcp_v4_check(tcp_len, iph->saddr, iph->daddr, 0);
}

bool netvsc_rx_rsc_dress(struct sk_buff *skb, const struct netvsc_rsc *rsc,
			 u32 mtu)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	u32 ip = ip_bytes(skb);
	u32 tcp = ip ? tcp_bytes(skb, ip) : 0;
	struct tcphdr *th;
	u32 size, segs;

	if (!tcp || skb->len > U16_MAX)
		return false;
	th = (void *)skb->data + ip;
	th->check = settle_ip(skb, skb->len - ip);
	skb->csum_start = (u8 *)th - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;

	size = netvsc_rsc_split(rsc, ETH_HLEN + ip + tcp,
				mtu > ip + tcp ? mtu - ip - tcp : 0, &segs);
	if (!size)
		return true;
	info->gso_size = size;
	info->gso_segs = segs;
	/* The size is inferred, so whoever cuts shall count again. */
	info->gso_type = SKB_GSO_DODGY |
			 (skb->protocol == htons(ETH_P_IP) ? SKB_GSO_TCPV4 :
							     SKB_GSO_TCPV6);
	if (th->cwr)
		info->gso_type |= SKB_GSO_TCP_ECN;
	return true;
}
