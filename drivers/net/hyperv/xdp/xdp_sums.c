// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp: sums that are right before a program sees them
 *
 * Promise: a program sees no stale checksum and no stale length of what the host
 * verified. So whatever it does to the frame, the stack can verify the rest, and
 * a program that keeps a sum right by the difference of what it wrote does.
 *
 * Neighbours: xdp.c calls when the frame is in the buffer; lib/rx_meta knows the
 * headers. Coalesced frames and frames of the same host have stale sums, all
 * others do not come here.
 *
 * Locks: all of this belongs to the queue's NAPI.
 */
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/xdp.h>

#include "buf/rx_buf.h"
#include "lib/rndis_rx.h"
#include "lib/rx_meta.h"
#include "netvsc.h"
#include "xdp/xdp.h"

/* Sum over the frame's bytes from one offset to another; the first is linear. */
static __wsum xdp_csum_range(struct xdp_buff *xdp, u32 from, u32 to)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);
	u32 at = min_t(u32, to, xdp->data_end - xdp->data);
	__wsum part, sum = csum_partial(xdp->data + from, at - from, 0);
	const skb_frag_t *frag = info->frags;
	u32 n;

	/* What is not linear is in fragments, so there are enough of them. */
	for (; at < to; frag++, at += n) {
		n = min_t(u32, to - at, skb_frag_size(frag));
		part = csum_partial(skb_frag_address(frag), n, 0);
		sum = csum_block_add(sum, part, at - from);
	}
	return sum;
}

void netvsc_xdp_fix_csums(struct netvsc_queue *q,
			  const struct netvsc_rx_meta *meta)
{
	bool ip_stale = netvsc_rx_meta_ip_stale(meta->csum);
	struct xdp_buff *xdp = netvsc_rx_buf_view(q);
	u32 head = xdp->data_end - xdp->data - ETH_HLEN;
	u8 *data = xdp->data + ETH_HLEN;
	struct ethhdr *eth = xdp->data;
	struct netvsc_rx_tcp tcp;
	struct tcphdr *th;

	if (ip_stale)
		netvsc_rx_meta_fix_ip_csum(eth->h_proto, data, head);
	if (!(meta->csum & RNDIS_RX_CSUM_TCP_SUCCEEDED) ||
	    !(meta->csum & RNDIS_RX_CSUM_TCP_VALUE_INVALID) ||
	    !(q->ndev->features & NETIF_F_RXCSUM) ||
	    !netvsc_rx_meta_find_tcp(eth->h_proto, data, head,
				     xdp_get_buff_len(xdp) - ETH_HLEN,
				     meta->fragment, &tcp))
		return;
	netvsc_rx_meta_fix_headers(data, &tcp, meta->fragment || ip_stale);
	th = (struct tcphdr *)(data + tcp.tcp);
	th->check = csum_fold(xdp_csum_range(xdp, ETH_HLEN + tcp.tcp,
					     ETH_HLEN + tcp.bytes));
}
