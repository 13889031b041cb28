// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rx: what a frame with stale sums tells the stack
 *
 * Promise: a coalesced TCP frame is what GRO would have made of its segments: it
 * can be delivered, bridged, routed, and is cut again into segments that fit the
 * link it came from. One that came in one range is the packet that its IP header
 * says, without what pads it. What is no TCP is not called so.
 *
 * Neighbours: see rx.c, which this file belongs to; lib/rx_meta says what the frame
 * is and how long, lib/rsc knows the segments.
 *
 * The host leaves checksum fields stale and may have them say anything (sheet
 * 8.5), so nothing of them is used: the IP header gets a fresh one, the TCP
 * checksum is marked as to be filled in by the sender if the frame is sent on.
 *
 * Locks: none, the skb is ours alone.
 */
#include <linux/if_ether.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "data/rx_rsc.h"
#include "lib/rsc.h"
#include "lib/rx_meta.h"

static bool rx_find_tcp(const struct sk_buff *skb, bool coalesced,
			struct netvsc_rx_tcp *tcp)
{
	return netvsc_rx_meta_find_tcp(skb->protocol, skb->data,
				       skb_headlen(skb), skb->len, coalesced,
				       tcp);
}

static const struct tcphdr *rx_tcp_header(const struct sk_buff *skb,
					  const struct netvsc_rx_tcp *tcp)
{
	return (const void *)skb->data + tcp->tcp;
}

/* How it can be cut, if it is more than one segment. */
static void rx_set_gso(struct sk_buff *skb, const struct netvsc_rsc *rsc,
		       const struct netvsc_rx_tcp *tcp, u32 mtu)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	u32 header = tcp->payload - tcp->ip;
	u32 size, segs;

	size = netvsc_rsc_split(rsc, ETH_HLEN + tcp->payload,
				mtu > header ? mtu - header : 0, &segs);
	if (!size)
		return;
	info->gso_size = size;
	info->gso_segs = segs;
	/* The size is inferred, so the core has to count again before it cuts. */
	info->gso_type = SKB_GSO_DODGY |
			 (tcp->v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4);
	if (rx_tcp_header(skb, tcp)->cwr)
		info->gso_type |= SKB_GSO_TCP_ECN;
}

bool netvsc_rx_rsc_setup_gso(struct sk_buff *skb, const struct netvsc_rsc *rsc,
			     bool ip_stale, u32 mtu)
{
	struct netvsc_rsc whole = {};
	bool coalesced = rsc->cnt;
	struct netvsc_rx_tcp tcp;

	if (!rx_find_tcp(skb, coalesced, &tcp) || pskb_trim(skb, tcp.bytes))
		return false;
	netvsc_rx_meta_fix_headers(skb->data, &tcp, coalesced || ip_stale);
	skb->csum_start = skb_headroom(skb) + tcp.tcp;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;

	whole.bytes = ETH_HLEN + tcp.bytes;
	rx_set_gso(skb, coalesced ? rsc : &whole, &tcp, mtu);
	return true;
}

void netvsc_rx_rsc_setup_changed(struct sk_buff *skb, u32 mtu)
{
	struct netvsc_rsc whole = { .bytes = ETH_HLEN + skb->len };
	struct netvsc_rx_tcp tcp;

	/* A length that is not the frame's makes no good segments. */
	if (rx_find_tcp(skb, false, &tcp) && tcp.bytes == skb->len)
		rx_set_gso(skb, &whole, &tcp, mtu);
}
