// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: the short way to the VF
 *
 * Promise: a frame that nobody waits for between us and the VF's queue gets there
 * without a second round through the device layer. That is what the device layer
 * does itself with an empty qdisc that may be passed by: the VF chooses the queue,
 * the qdisc counts the frame, the queue is locked, the VF's transmit is called.
 * Whoever wants the frame sees it, because then it is refused here and takes
 * dev_queue_xmit(): a qdisc that holds frames or has some, a filter or a tap at the
 * VF, a queue that is stopped or busy, and a frame that the VF cannot send as it is.
 * It exists on kernels only whose device layer was compared with it: compat/hooks.sh.
 *
 * Neighbours and locks: see vf.c. Bottom halves are off, no lock of ours is held.
 * The qdisc's lock and the VF's queue are taken one after the other. The core
 * waits for RCU before it takes the qdisc away.
 *
 *	netvsc_vf_xmit --> passes the VF's qdisc? --> VF's queue --> VF
 *	                    | no                       | stopped, busy
 *	                    `--> dev_queue_xmit() <----'
 */
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/busy_poll.h>
#include <net/sch_generic.h>
#include <net/sock.h>

#include "compat/hooks.h"
#include "vf/vf.h"
#include "vf/vf_priv.h"

/* Can the VF add up its checksum? Else the device layer does. */
static bool vf_offloads_csum(struct sk_buff *skb, netdev_features_t features)
{
	if (skb_csum_is_sctp(skb))
		return features & NETIF_F_SCTP_CRC;
	if (likely(features & NETIF_F_HW_CSUM))
		return true;
	if (skb->csum_offset != offsetof(struct tcphdr, check) &&
	    skb->csum_offset != offsetof(struct udphdr, check))
		return false;
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return features & NETIF_F_IP_CSUM;
	case htons(ETH_P_IPV6):
		return features & NETIF_F_IPV6_CSUM &&
		       skb_network_header_len(skb) == sizeof(struct ipv6hdr);
	}
	return false;
}

/* Somebody reworks what this socket sends, for the device it goes to. */
static bool vf_sock_validates(const struct sk_buff *skb)
{
#ifdef CONFIG_SOCK_VALIDATE_XMIT
	const struct sock *sk = skb->sk;

	if (sk && sk_fullsock(sk) && sk->sk_validate_xmit_skb)
		return true;
#endif
	return skb_sec_path(skb);
}

/* One IP packet in one piece, as most are: there is its checksum to ask for only. */
static bool vf_skb_is_plain(const struct sk_buff *skb)
{
	return !skb_is_nonlinear(skb) && !skb_is_gso(skb) &&
	       !skb->encapsulation && !skb_vlan_tag_present(skb) &&
	       (skb->protocol == htons(ETH_P_IP) ||
		skb->protocol == htons(ETH_P_IPV6));
}

/* As netif_skb_features() answers for a plain frame. */
static netdev_features_t vf_plain_features(struct net_device *vf,
					   struct sk_buff *skb)
{
	const struct net_device_ops *ops = vf->netdev_ops;
	netdev_features_t features = vf->features;

	if (ops->ndo_features_check)
		features &= ops->ndo_features_check(skb, vf, features);
	return features;
}

/* Can it stay as it is made: in its pieces, its tag beside it, not cut? */
static bool vf_needs_no_segmentation(struct sk_buff *skb,
				     netdev_features_t features)
{
	if (skb_is_nonlinear(skb) &&
	    (!(features & NETIF_F_SG) ||
	     (skb_has_frag_list(skb) && !(features & NETIF_F_FRAGLIST))))
		return false;
	if (skb_vlan_tag_present(skb) &&
	    !vlan_hw_offload_capable(features, skb->vlan_proto))
		return false;
	return !netif_needs_gso(skb, features);
}

/* Can the VF send it without cutting, copying, tagging, adding up? */
static bool vf_can_send_as_is(struct net_device *vf, struct sk_buff *skb)
{
	netdev_features_t features;

	if (vf_sock_validates(skb))
		return false;
	if (likely(vf_skb_is_plain(skb))) {
		features = vf_plain_features(vf, skb);
	} else {
		features = netif_skb_features(skb);
		if (!vf_needs_no_segmentation(skb, features))
			return false;
	}
	return skb->ip_summed != CHECKSUM_PARTIAL ||
	       vf_offloads_csum(skb, features);
}

/* As the device layer chooses for a device. */
static u16 vf_pick_txq(struct net_device *vf, struct sk_buff *skb)
{
	u16 pick;

	if (vf->real_num_tx_queues == 1)
		return 0;
#ifdef CONFIG_XPS
	/* A NAPI's number stands in the same place. */
	if (!skb->sender_cpu || skb->sender_cpu >= MIN_NAPI_ID)
		skb->sender_cpu = raw_smp_processor_id() + 1;
#endif
	if (vf->netdev_ops->ndo_select_queue)
		pick = vf->netdev_ops->ndo_select_queue(vf, skb, NULL);
	else
		pick = netdev_pick_tx(vf, skb, NULL);
	return netdev_cap_txqueue(vf, pick);
}

/*
 * May the frame pass by the qdisc? Not if others wait in it, nor while some that
 * did are on their way: so it overtakes none of its flow. Asked in this order, as
 * a frame is on its way before it waits no more.
 */
static bool vf_bypass_qdisc(struct Qdisc *q, const struct sk_buff *skb)
{
	bool may;

	if (!q->enqueue)
		return true;
	if (!(q->flags & TCQ_F_CAN_BYPASS) || rcu_access_pointer(q->stab))
		return false;
	if (q->flags & TCQ_F_NOLOCK) {
		if (!nolock_qdisc_is_empty(q))
			return false;
		smp_rmb(); /* see above */
		if (qdisc_is_running(q))
			return false;
		qdisc_bstats_cpu_update(q, skb);
		return true;
	}
	if (qdisc_is_running(q))
		return false;
	spin_lock(qdisc_lock(q));
	may = !test_bit(__QDISC_STATE_DEACTIVATED, &q->state) &&
	      !qdisc_qlen(q) && !qdisc_is_running(q);
	if (likely(may))
		qdisc_bstats_update(q, skb);
	spin_unlock(qdisc_lock(q));
	return may;
}

static bool vf_xmit_locked(struct net_device *vf, struct netdev_queue *txq,
			   struct sk_buff *skb)
{
	bool sent = false;

	HARD_TX_LOCK(vf, txq, smp_processor_id());
	if (likely(!netif_xmit_frozen_or_stopped(txq)))
		sent = dev_xmit_complete(netdev_start_xmit(skb, vf, txq, false));
	HARD_TX_UNLOCK(vf, txq);
	return sent;
}

bool netvsc_vf_send_direct(struct net_device *vf, struct sk_buff *skb)
{
	u16 came_with = skb_get_queue_mapping(skb);
	struct netdev_queue *txq;

	if (netvsc_sending_is_hooked(vf) || dev_nit_active(vf) ||
	    skb_shinfo(skb)->tx_flags & SKBTX_SCHED_TSTAMP ||
	    !vf_can_send_as_is(vf, skb))
		return false;
	if (vf->priv_flags & IFF_XMIT_DST_RELEASE)
		skb_dst_drop(skb);
	else
		skb_dst_force(skb);

	skb_set_queue_mapping(skb, vf_pick_txq(vf, skb));
	txq = skb_get_tx_queue(vf, skb);
	if (likely(!netif_xmit_frozen_or_stopped(txq)) &&
	    likely(vf_bypass_qdisc(rcu_dereference_bh(txq->qdisc), skb)) &&
	    likely(vf_xmit_locked(vf, txq, skb)))
		return true;
	/* The next choice of a queue is made by the same. */
	skb_set_queue_mapping(skb, came_with);
	return false;
}
