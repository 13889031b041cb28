// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: what the host must know about a frame
 *
 * Promise: the host is asked only for what it said it can do, and the headers
 * then look as it wants them; everything else is done in software, or the
 * frame is dropped and counted.
 *
 * Neighbours: lib/tx_rules judges a frame, lib/rndis_tx writes the meta data
 * down. tx.c calls for every frame, netdev for the stack's question what
 * a frame needs.
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

#include "buf/send.h"
#include "data/tx_meta.h"
#include "data/tx_recut.h"
#include "lib/rndis_tx.h"
#include "lib/tx_rules.h"
#include "netvsc.h"

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

static noinline int tx_pull_ethernet(struct netvsc_queue *q,
				     struct sk_buff **pskb)
{
	int err = netvsc_tx_own(q, pskb);

	if (err)
		return err;
	if (pskb_may_pull(*pskb, ETH_HLEN))
		return 0;
	netvsc_count(q->ndev, NETVSC_CNT_TX_BAD_FRAME);
	return -EINVAL;
}

/* The tag of a raw socket, out of the frame. */
static noinline int tx_pop_tag(struct netvsc_queue *q, struct sk_buff **pskb,
			       u16 *tci)
{
	int err = netvsc_tx_own(q, pskb);

	if (err)
		return err;
	if ((*pskb)->len < VLAN_ETH_HLEN || __skb_vlan_pop(*pskb, tci)) {
		netvsc_count(q->ndev, NETVSC_CNT_VLAN_ERROR);
		return -EINVAL;
	}
	/* It stays with the frame, which may have to go back to the stack. */
	__vlan_hwaccel_put_tag(*pskb, htons(ETH_P_8021Q), *tci);
	return 0;
}

/*
 * The tag meant for the switch port travels beside the frame, also when a raw
 * socket put it inside (R30).
 */
static int tx_vlan_meta(struct netvsc_queue *q, struct sk_buff **pskb,
			struct netvsc_tx_meta *meta)
{
	struct sk_buff *skb = *pskb;
	u16 tci;
	int err;

	if (!(q->nvdev->nvsp_caps->bits & NVSP_CAP_IEEE8021Q))
		return 0;
	if (skb_vlan_tag_present(skb)) {
		tci = skb_vlan_tag_get(skb);
	} else if (eth_hdr(skb)->h_proto == htons(ETH_P_8021Q)) {
		err = tx_pop_tag(q, pskb, &tci);
		if (err)
			return err;
	} else {
		return 0;
	}
	meta->vlan = netvsc_rndis_tx_vlan(tci);
	meta->ppis |= NETVSC_TX_VLAN;
	return 0;
}

static __always_inline void tx_ask_csum(const struct sk_buff *skb,
					struct netvsc_tx_ask *ask)
{
	ask->bytes = skb->len;
	ask->partial = skb->ip_summed == CHECKSUM_PARTIAL;
	if (ask->partial) {
		ask->start = skb_checksum_start_offset(skb);
		ask->field = skb->csum_offset;
	}
}

static void tx_ask_gso(const struct sk_buff *skb, struct netvsc_tx_ask *ask)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	ask->mss = info->gso_size;
	if (info->gso_type & SKB_GSO_TCPV4)
		ask->family = 4;
	else if (info->gso_type & SKB_GSO_TCPV6)
		ask->family = 6;
}

static bool tx_headers_in_pages(const struct sk_buff *skb)
{
	return skb_is_nonlinear(skb) &&
	       skb_headlen(skb) < NETVSC_TX_RULES_BYTES;
}

/* A copy of them is judged. */
static noinline struct netvsc_tx_ruling
tx_judge_copy(const struct netvsc_device *nvdev, const struct sk_buff *skb)
{
	u32 linear = min_t(u32, skb->len, NETVSC_TX_RULES_BYTES);
	u8 head[NETVSC_TX_RULES_BYTES];
	struct netvsc_tx_ask ask = {};

	tx_ask_csum(skb, &ask);
	if (skb_is_gso(skb))
		tx_ask_gso(skb, &ask);
	skb_copy_bits(skb, 0, head, linear);
	return netvsc_tx_rules_judge(head, linear, &ask, &nvdev->caps,
				     nvdev->frame_max);
}

/* One that is to be cut. */
static noinline struct netvsc_tx_ruling
tx_judge_gso(const struct netvsc_device *nvdev, const struct sk_buff *skb)
{
	struct netvsc_tx_ruling ruling;
	struct netvsc_tx_ask ask = {};

	tx_ask_csum(skb, &ask);
	tx_ask_gso(skb, &ask);
	ruling = netvsc_tx_rules_judge(skb->data, skb_headlen(skb), &ask,
				       &nvdev->caps, nvdev->frame_max);
	if (ruling.verdict == NETVSC_TX_CUT_AND_SUM && tx_headers_in_pages(skb))
		return tx_judge_copy(nvdev, skb);
	return ruling;
}

static __always_inline struct netvsc_tx_ruling
tx_judge_frame(const struct netvsc_device *nvdev, const struct sk_buff *skb)
{
	struct netvsc_tx_ruling ruling;
	struct netvsc_tx_ask ask = {};

	if (skb_is_gso(skb))
		return tx_judge_gso(nvdev, skb);
	tx_ask_csum(skb, &ask);
	ruling = netvsc_tx_rules_whole(skb->data, skb_headlen(skb), &ask,
				       &nvdev->caps, nvdev->frame_max);
	if (ruling.verdict == NETVSC_TX_SUM && tx_headers_in_pages(skb))
		return tx_judge_copy(nvdev, skb);
	return ruling;
}

/* Headers as LSO wants them: no lengths, no IP checksum (sheet 7.3, R29). */
static int tx_lso_meta(struct netvsc_queue *q, struct sk_buff **pskb,
		       enum netvsc_tx_kind kind, struct netvsc_tx_meta *meta)
{
	bool ipv6 = netvsc_tx_rules_is_ipv6(kind);
	u32 l4 = netvsc_tx_rules_l4(kind);
	struct sk_buff *skb;
	struct iphdr *iph;
	int err;

	err = netvsc_tx_own(q, pskb);
	if (err)
		return err;
	skb = *pskb;
	if (!pskb_may_pull(skb, l4 + sizeof(struct tcphdr)) ||
	    skb_cow_head(skb, 0))
		return -ENOMEM;
	/* A sender may have put them anywhere. */
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_transport_header(skb, l4);
	if (ipv6) {
		tcp_v6_gso_csum_prep(skb);
	} else {
		iph = ip_hdr(skb);
		iph->tot_len = 0;
		iph->check = 0;
		tcp_hdr(skb)->check = ~tcp_v4_check(0, iph->saddr, iph->daddr, 0);
	}
	meta->offload = netvsc_rndis_tx_lso(ipv6, skb_shinfo(skb)->gso_size,
					    l4);
	meta->ppis |= NETVSC_TX_LSO;
	return 0;
}

static void tx_csum_meta(enum netvsc_tx_kind kind, struct netvsc_tx_meta *meta)
{
	meta->offload = netvsc_rndis_tx_csum(netvsc_tx_rules_is_ipv6(kind),
					     !netvsc_tx_rules_is_tcp(kind),
					     netvsc_tx_rules_l4(kind));
	meta->ppis |= NETVSC_TX_CSUM;
}

/* The field must be in the linear part; the core warns if it is not. */
static noinline int tx_csum_software(struct netvsc_queue *q,
				     struct sk_buff **pskb)
{
	u32 end = skb_checksum_start_offset(*pskb) + (*pskb)->csum_offset +
		  sizeof(__sum16);
	int err = netvsc_tx_own(q, pskb);

	if (err)
		return err;
	if (!pskb_may_pull(*pskb, end))
		return -ENOMEM;
	return skb_checksum_help(*pskb);
}

/* The stack was told otherwise, or was not told: it takes the frame again. */
static int tx_recut_frame(struct netvsc_queue *q, struct sk_buff **pskb)
{
	int err = netvsc_tx_own(q, pskb);

	if (err)
		return err;
	netvsc_tx_recut(q->ndev, *pskb);
	*pskb = NULL;
	return -EAGAIN;
}

/* What the host is not asked for. */
static noinline int tx_handle_other(struct netvsc_queue *q,
				    struct sk_buff **pskb,
				    enum netvsc_tx_verdict verdict)
{
	switch (verdict) {
	case NETVSC_TX_SUM:
		return tx_csum_software(q, pskb);
	case NETVSC_TX_TOO_LONG:
		netvsc_count(q->ndev, NETVSC_CNT_TX_TOO_LONG);
		return -EMSGSIZE;
	case NETVSC_TX_LSO_UNFIT:
	case NETVSC_TX_CUT:
	case NETVSC_TX_CUT_AND_SUM:
		return tx_recut_frame(q, pskb);
	default:
		netvsc_count(q->ndev, NETVSC_CNT_TX_BAD_FRAME);
		return -EINVAL;
	}
}

int netvsc_tx_find_meta(struct netvsc_queue *q, struct sk_buff **pskb,
			struct netvsc_tx_meta *meta)
{
	struct netvsc_tx_ruling ruling;
	struct sk_buff *skb;
	int err;

	if (unlikely(skb_headlen(*pskb) < ETH_HLEN)) {
		err = tx_pull_ethernet(q, pskb);
		if (err)
			return err;
	}
	skb_reset_mac_header(*pskb);
	err = tx_vlan_meta(q, pskb, meta);
	if (err)
		return err;
	skb = *pskb;
	if (q->nvdev->num_queues > 1 && skb->hash) {
		meta->hash = skb->hash;
		meta->ppis |= NETVSC_TX_HASH;
	}
	ruling = tx_judge_frame(q->nvdev, skb);
	switch (ruling.verdict) {
	case NETVSC_TX_AS_IS:
		return 0;
	case NETVSC_TX_ASK_CSUM:
		tx_csum_meta(ruling.kind, meta);
		return 0;
	case NETVSC_TX_ASK_LSO:
		return tx_lso_meta(q, pskb, ruling.kind, meta);
	default:
		return tx_handle_other(q, pskb, ruling.verdict);
	}
}

/* The core is about to put the tag into the frame, in front of what was judged. */
static bool tx_tag_hides_frame(const struct sk_buff *skb,
			       netdev_features_t features)
{
	return skb_vlan_tag_present(skb) &&
	       !vlan_hw_offload_capable(features, skb->vlan_proto);
}

netdev_features_t netvsc_tx_features(const struct netvsc_device *nvdev,
				     struct sk_buff *skb,
				     netdev_features_t features)
{
	if (tx_tag_hides_frame(skb, features))
		return features & ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	switch (tx_judge_gso(nvdev, skb).verdict) {
	case NETVSC_TX_CUT_AND_SUM:
		return features & ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	case NETVSC_TX_CUT:
	case NETVSC_TX_LSO_UNFIT:
		return features & ~NETIF_F_GSO_MASK;
	default:
		/* If it is too long, it is dropped when it is sent. */
		return features;
	}
}

u32 netvsc_tx_tso_max(const struct netvsc_device *nvdev)
{
	u32 bytes = nvdev->caps.tso_max_bytes ?: NETVSC_TSO_MAX_BYTES;

	return min(bytes, netvsc_send_frame_max(nvdev));
}
