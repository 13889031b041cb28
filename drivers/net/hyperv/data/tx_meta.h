/* SPDX-License-Identifier: GPL-2.0 */
/* Room tx: what the host must know about a frame. For tx.c and, as
 * to the features, for netdev.c.
 */
#ifndef _NETVSC_TX_META_H
#define _NETVSC_TX_META_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "netvsc.h"

struct netvsc_tx_meta;

/**
 * netvsc_tx_features() - what the host cannot do with a frame that is to be cut
 * @nvdev: the device
 * @skb: the frame; a sum alone is made by netvsc_tx_find_meta() if need be
 * @features: wanted
 *
 * Sheet 7.2, 7.3, R29.
 *
 * Return: @features without what must be done in software.
 */
netdev_features_t netvsc_tx_features(const struct netvsc_device *nvdev,
				     struct sk_buff *skb,
				     netdev_features_t features);

/**
 * netvsc_tx_tso_max() - the largest frame that the stack may hand in to be cut
 * @nvdev: the device
 *
 * Return: bytes.
 */
u32 netvsc_tx_tso_max(const struct netvsc_device *nvdev);

/**
 * netvsc_tx_own() - make a frame ours alone, before it is changed
 * @q: the queue
 * @pskb: the frame; another one in place of a shared one (pktgen), which loses
 *	our share. Its data may still be shared, as the core's functions expect
 *
 * Return: 0, or -ENOMEM and @pskb as it was; counted.
 */
int netvsc_tx_own(struct netvsc_queue *q, struct sk_buff **pskb);

/**
 * netvsc_tx_find_meta() - look at a frame, prepare its headers
 * @q: the queue
 * @pskb: the frame; an inline VLAN tag leaves it (R30); may become another, see
 *	netvsc_tx_own()
 * @meta: all zero; filled
 *
 * Sheet 7.1 to 7.3.
 *
 * Return: 0, or an errno: the frame cannot be sent; what is odd about it is
 * counted, @pskb is to be freed. It is NULL with a frame that goes round the stack
 * once more, as it has to be cut.
 */
int netvsc_tx_find_meta(struct netvsc_queue *q, struct sk_buff **pskb,
			struct netvsc_tx_meta *meta);

/**
 * netvsc_tx_is_plain() - the same for a frame that wants nothing
 * @q: the queue
 * @skb: the frame
 *
 * Return: true if the meta data stays all zero; if not, netvsc_tx_find_meta() knows.
 */
static inline bool netvsc_tx_is_plain(const struct netvsc_queue *q,
				      struct sk_buff *skb)
{
	if (skb_headlen(skb) < ETH_HLEN || skb_vlan_tag_present(skb) ||
	    skb->ip_summed == CHECKSUM_PARTIAL || skb_is_gso(skb) ||
	    q->nvdev->num_queues > 1 || skb->len > q->nvdev->frame_max)
		return false;
	skb_reset_mac_header(skb);
	return eth_hdr(skb)->h_proto != htons(ETH_P_8021Q);
}

#endif /* _NETVSC_TX_META_H */
