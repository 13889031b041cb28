// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: frames by the VF
 *
 * Promise: a frame is handed to the VF's own transmit, qdisc and queue choice
 * included, without a lock of ours, by the short way (vf_direct.c) if nobody
 * waits for it there; what the VF receives comes in as ours.
 *
 * Neighbours and locks: see vf.c. Counters are per
 * CPU; both directions run with bottom halves off.
 *
 *	stack -> our qdisc -> netvsc_vf_xmit (-> VF's qdisc) -> VF
 *	stack <- us <- rx handler <------------------------- VF
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/sch_generic.h>
#include <net/sock.h>

#include "data/tx.h"
#include "netvsc.h"
#include "vf/vf.h"
#include "vf/vf_priv.h"

static void vf_count_tx(struct netvsc_priv *priv, u32 bytes, int err)
{
	struct netvsc_vf_stats *stats = this_cpu_ptr(priv->vf_stats);

	u64_stats_update_begin(&stats->syncp);
	if (likely(!err)) {
		stats->tx_packets++;
		stats->tx_bytes += bytes;
	} else {
		stats->tx_dropped++;
	}
	u64_stats_update_end(&stats->syncp);
}

/* Whoever else wants the queue need not wait for the VF. */
static int vf_queue_xmit(struct netdev_queue *txq, struct net_device *vf,
			 struct sk_buff *skb)
	__releases(&txq->_xmit_lock) __acquires(&txq->_xmit_lock)
{
	int err = 0;

	__netif_tx_unlock(txq);
	if (!netvsc_vf_send_direct(vf, skb))
		err = dev_queue_xmit(skb);
	__netif_tx_lock(txq, smp_processor_id());
	return err;
}

/* A frame that its sender holds on to (pktgen) must not wait in two queues. */
static noinline netdev_tx_t vf_xmit_shared(struct net_device *ndev,
					   struct net_device *vf,
					   struct sk_buff *skb)
{
	struct sk_buff *own = skb_share_check(skb, GFP_ATOMIC);

	if (own)
		return netvsc_vf_xmit(ndev, vf, own);
	vf_count_tx(netdev_priv(ndev), 0, -ENOMEM);
	return NETDEV_TX_OK;
}

netdev_tx_t netvsc_vf_xmit(struct net_device *ndev, struct net_device *vf,
			   struct sk_buff *skb)
{
	struct netdev_queue *txq = skb_get_tx_queue(ndev, skb);
	struct netvsc_priv *priv = netdev_priv(ndev);
	u32 bytes = skb->len;
	int err;

	if (unlikely(skb_shared(skb)))
		return vf_xmit_shared(ndev, vf, skb);
	skb->dev = vf;
	/* What the frame came with, for the VF to choose by. */
	skb_set_queue_mapping(skb, ndev->real_num_tx_queues == 1 ? 0 :
			      qdisc_skb_cb(skb)->slave_dev_queue_mapping);
	err = vf_queue_xmit(txq, vf, skb);
	vf_count_tx(priv, bytes, err == NET_XMIT_CN ? 0 : err);
	return err;
}

u16 netvsc_vf_select_queue(const struct net_device *ndev, struct sk_buff *skb,
			   struct net_device *sb_dev)
{
	u32 queues = READ_ONCE(ndev->real_num_tx_queues);
	int known;
	u32 pick;

	qdisc_skb_cb(skb)->slave_dev_queue_mapping = skb_get_queue_mapping(skb);
	if (unlikely(ndev->num_tc))
		return netvsc_tx_select_class_queue(ndev, skb, sb_dev);
	known = sk_tx_queue_get(skb->sk);
	if (known >= 0)
		pick = known;
	else if (skb_rx_queue_recorded(skb))
		pick = skb_get_rx_queue(skb);
	else
		pick = skb_get_hash(skb);
	return pick < queues ? pick : pick % queues;
}

/* The VF may have more queues than we; for the receiver they are ours. */
static noinline void vf_wrap_rx_queue(struct sk_buff *skb, u32 queues)
{
	skb_record_rx_queue(skb, skb_get_rx_queue(skb) % queues);
}

static __always_inline rx_handler_result_t vf_receive_skb(struct sk_buff *skb)
{
	struct netvsc_priv *priv = rcu_dereference(skb->dev->rx_handler_data);
	struct netvsc_vf_stats *stats;
	u32 queues;

	/* It met no program. */
	if (unlikely(READ_ONCE(priv->vf_blocked))) {
		dev_core_stats_rx_dropped_inc(priv->ndev);
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	skb->dev = priv->ndev;
	queues = READ_ONCE(priv->ndev->real_num_rx_queues);
	/* One more than the queue, 0: none was recorded. */
	if (unlikely(skb_get_queue_mapping(skb) > queues))
		vf_wrap_rx_queue(skb, queues);
	stats = this_cpu_ptr(priv->vf_stats);
	u64_stats_update_begin(&stats->syncp);
	stats->rx_packets++;
	stats->rx_bytes += skb->len;
	u64_stats_update_end(&stats->syncp);
	return RX_HANDLER_ANOTHER;
}

/* Apart, so that the usual frame need not save registers for it. */
static noinline rx_handler_result_t vf_receive_shared(struct sk_buff **pskb)
{
	*pskb = skb_share_check(*pskb, GFP_ATOMIC);
	return *pskb ? vf_receive_skb(*pskb) : RX_HANDLER_CONSUMED;
}

rx_handler_result_t netvsc_vf_receive(struct sk_buff **pskb)
{
	if (unlikely(skb_shared(*pskb)))
		return vf_receive_shared(pskb);
	return vf_receive_skb(*pskb);
}
