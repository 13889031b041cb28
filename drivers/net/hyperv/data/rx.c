// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rx: from the receive buffer to the stack, and the completions owed
 *
 * Promise: every byte the host wrote is read once, into a register or private
 * memory, and checked there before it is used (R11); every transfer-page packet ends in
 * exactly one completion, in order, none is ever lost (R36, R37).
 *
 * Neighbours: lib/nvsp_msg checks the packet, lib/rndis_rx each message in it,
 * lib/rsc tells which fragments are one frame, lib/rx_meta what may be believed of
 * it, lib/ack keeps what is owed. rx_buf has the memory of frames, xdp the verdict
 * of the program if there is one; rx_rsc.c says what a frame with stale sums is
 * called. Control messages go down to rndis. poll calls.
 *
 *	packet -> range -> frame:    its words, each read once; data copied by
 *	                             rx_buf -> skb -> GRO, or -> program first
 *	                -> fragment: the same, behind what rx_buf has of its frame;
 *	                             with the last one as above
 *	                -> control:  copied whole -> rndis
 *
 * The ranges of a packet are judged one by one: a bad one is skipped and makes
 * the packet's status a failure, the good ones are delivered.
 *
 * Locks: all of this belongs to the queue's NAPI.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>

#include <netvsc/ndis.h>

#include "buf/rx_buf.h"
#include "bus/chan_ring.h"
#include "ctrl/rndis.h"
#include "ctrl/rndis_priv.h"
#include "data/rx.h"
#include "data/rx_rsc.h"
#include "lib/rndis_rx.h"
#include "lib/rx_meta.h"
#include "netvsc.h"
#include "xdp/xdp.h"

/* Hash types that cover the ports. */
#define HASH_TYPES_L4	(NDIS_HASH_TCP_IPV4 | NDIS_HASH_TCP_IPV6 | \
			 NDIS_HASH_TCP_IPV6_EX | NDIS_HASH_UDP_IPV4 | \
			 NDIS_HASH_UDP_IPV6 | NDIS_HASH_UDP_IPV6_EX)

/* ---- what the stack is told about a frame ---- */

static void rx_set_csum(const struct netvsc_rx *rx, struct sk_buff *skb,
			u32 csum)
{
	if (netvsc_rx_meta_ip_stale(csum))
		netvsc_rx_meta_fix_ip_csum(skb->protocol, skb->data,
					   skb_headlen(skb));

	if ((rx->features & NETIF_F_RXCSUM) &&
	    (csum & (RNDIS_RX_CSUM_TCP_SUCCEEDED |
		     RNDIS_RX_CSUM_UDP_SUCCEEDED)) &&
	    netvsc_rx_meta_credible(skb->protocol, skb->data,
				    skb_headlen(skb)))
		skb->ip_summed = CHECKSUM_UNNECESSARY;
}

static void rx_set_meta(const struct netvsc_queue *q, struct sk_buff *skb,
			const struct netvsc_rx_meta *meta,
			const struct netvsc_rx *rx)
{
	bool l4;

	rx_set_csum(rx, skb, meta->csum);
	if (meta->has & NETVSC_RX_HAS_VLAN)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       meta->vlan_tci);
	if ((meta->has & NETVSC_RX_HAS_HASH) &&
	    (rx->features & NETIF_F_RXHASH)) {
		l4 = meta->hash_info & HASH_TYPES_L4;
		skb_set_hash(skb, meta->hash,
			     l4 ? PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	}
	if (likely(rx->recorded))
		skb_record_rx_queue(skb, q->index);
}

/* ---- one message ---- */

static bool rx_may_deliver(const struct netvsc_queue *q)
{
	return READ_ONCE(q->nvdev->rx_open) &&
	       q->ndev->reg_state == NETREG_REGISTERED;
}

static noinline void rx_count_no_memory(struct netvsc_queue *q,
					struct netvsc_rx *rx)
{
	netvsc_count(q->ndev, NETVSC_CNT_RX_NO_MEMORY);
	rx->dropped++;
}

/* Why rx_buf did not take it; -ENOENT: it was counted before. */
static noinline void rx_count_lost(struct netvsc_queue *q, struct netvsc_rx *rx,
				   int err)
{
	if (err == -ENOMEM)
		rx_count_no_memory(q, rx);
	if (err != -E2BIG)
		return;
	netvsc_count(q->ndev, NETVSC_CNT_RX_XDP_TOO_LONG);
	rx->dropped++;
}

/* Opened in the middle of a poll is seen; closing waits for its end. */
static bool rx_check_open(struct netvsc_queue *q, struct netvsc_rx *rx)
{
	if (likely(rx->open))
		return true;
	rx->open = rx_may_deliver(q);
	if (!rx->open) {
		rx->dropped++;
		return false;
	}
	/* A queue that goes or comes is none for the stack yet, or any more. */
	rx->recorded = q->index < READ_ONCE(q->nvdev->num_queues);
	rx->features = READ_ONCE(q->ndev->features);
	/* One program for the whole poll: no frame meets two halves. */
	rx->prog = netvsc_xdp_prog(q, &rx->reader);
	rx->plain = !rx->prog;
	return true;
}

/*
 * A frame with a stale TCP checksum reaches the stack as one whose checksum is
 * still to be filled in. If it was not verified, or is no TCP, it may be no longer
 * than any other.
 */
static noinline bool rx_set_stale_gso(const struct netvsc_queue *q,
				      struct sk_buff *skb, u32 csum,
				      const struct netvsc_rsc *rsc)
{
	u32 mtu = READ_ONCE(q->ndev->mtu);

	if ((csum & RNDIS_RX_CSUM_TCP_SUCCEEDED) &&
	    (q->ndev->features & NETIF_F_RXCSUM) &&
	    netvsc_rx_rsc_setup_gso(skb, rsc, netvsc_rx_meta_ip_stale(csum),
				    mtu))
		return true;
	return skb->len <= mtu + VLAN_HLEN;
}

static void rx_to_stack(struct netvsc_queue *q, struct sk_buff *skb, u32 bytes,
			struct netvsc_rx *rx)
{
	rx->pkts++;
	rx->bytes += bytes;
	rx->multicast += skb->pkt_type == PACKET_MULTICAST;
	napi_gro_receive(&q->napi, skb);
}

static bool rx_deliver_skb(struct netvsc_queue *q, struct sk_buff *skb,
			   const struct netvsc_rx_meta *meta,
			   const struct netvsc_rsc *rsc, struct netvsc_rx *rx)
{
	u32 bytes = skb->len;

	skb->protocol = eth_type_trans(skb, q->ndev);
	rx_set_meta(q, skb, meta, rx);
	if (unlikely(rsc) && !rx_set_stale_gso(q, skb, meta->csum, rsc)) {
		kfree_skb(skb);
		rx->errors++;
		return false;
	}
	rx_to_stack(q, skb, bytes, rx);
	return true;
}

/* ---- frames in the buffer ---- */

/*
 * What the host verified is not what is here any more. The sums were made right
 * before the program ran, so the stack can verify whatever it finds.
 */
static noinline bool rx_deliver_changed(struct netvsc_queue *q,
					struct sk_buff *skb,
					const struct netvsc_rx_meta *meta,
					bool long_one, struct netvsc_rx *rx)
{
	struct netvsc_rx_meta left = *meta;
	u32 bytes = skb->len;

	left.csum = 0;
	left.has &= ~NETVSC_RX_HAS_HASH;
	skb->protocol = eth_type_trans(skb, q->ndev);
	rx_set_meta(q, skb, &left, rx);
	if (long_one)
		netvsc_rx_rsc_setup_changed(skb, READ_ONCE(q->ndev->mtu));
	rx_to_stack(q, skb, bytes, rx);
	return true;
}

/* No program has seen it, or one let it pass; what is left of it goes up. */
static noinline bool rx_deliver_buf(struct netvsc_queue *q,
				    const struct netvsc_rx_meta *meta,
				    const struct netvsc_rsc *rsc,
				    struct netvsc_rx *rx)
{
	struct sk_buff *skb;
	bool changed;

	skb = netvsc_rx_buf_to_skb(q, &changed);
	if (unlikely(!skb)) {
		rx_count_no_memory(q, rx);
		return false;
	}
	if (changed)
		return rx_deliver_changed(q, skb, meta, rsc, rx);
	return rx_deliver_skb(q, skb, meta, rsc, rx);
}

/* A frame that came whole. */
static noinline bool rx_pass_whole(struct netvsc_queue *q,
				   const struct netvsc_rx_meta *meta,
				   struct netvsc_rx *rx)
{
	struct netvsc_rsc *rsc = NULL;

	if (unlikely(meta->csum & RNDIS_RX_CSUM_TCP_VALUE_INVALID)) {
		netvsc_rsc_whole(&rx->rsc);
		rsc = &rx->rsc;
	}
	return rx_deliver_buf(q, meta, rsc, rx);
}

static noinline bool rx_frame_to_xdp(struct netvsc_queue *q, const u8 *from,
				     const struct netvsc_rx_meta *meta,
				     struct netvsc_rx *rx)
{
	int err = netvsc_rx_buf_fill(q, rx->reader, from, meta->data_len);

	if (unlikely(err)) {
		rx_count_lost(q, rx, err);
		return false;
	}
	if (netvsc_xdp_run(q, rx->prog, meta, &rx->xdp))
		return rx_pass_whole(q, meta, rx);
	rx->pkts++;
	rx->bytes += meta->data_len;
	return true;
}

/* ---- one frame ---- */

static bool rx_handle_frame(struct netvsc_queue *q, const u8 *at,
			    const struct netvsc_rx_meta *meta,
			    struct netvsc_rx *rx)
{
	const struct netvsc_rsc *rsc = NULL;
	struct sk_buff *skb;

	if (unlikely(!rx->plain)) {
		if (!rx->prog && !rx_check_open(q, rx))
			return false;
		if (rx->prog)
			return rx_frame_to_xdp(q, at + meta->data_offset,
					       meta, rx);
	}
	if (unlikely(meta->data_len > NETVSC_RSC_MAX_BYTES)) {
		rx->errors++;
		return false;
	}
	skb = netvsc_rx_buf_copy(q, at + meta->data_offset, meta->data_len);
	if (unlikely(!skb)) {
		rx_count_no_memory(q, rx);
		return false;
	}
	/* Its checksum is stale, not its length. */
	if (unlikely(meta->csum & RNDIS_RX_CSUM_TCP_VALUE_INVALID)) {
		netvsc_rsc_whole(&rx->rsc);
		rsc = &rx->rsc;
	}
	return rx_deliver_skb(q, skb, meta, rsc, rx);
}

/* ---- coalesced frames ---- */

static noinline bool rx_end_incomplete(struct netvsc_queue *q,
				       struct netvsc_rx *rx)
{
	netvsc_rx_buf_cancel(q);
	rx->errors++;
	return false;
}

/* What is behind the last fragment; false if it did not come. */
static __always_inline bool rx_end_frame(struct netvsc_queue *q,
					 struct netvsc_rx *rx)
{
	return likely(!netvsc_rsc_end(&rx->rsc)) || rx_end_incomplete(q, rx);
}

static void rx_begin_coalesced(struct netvsc_queue *q,
			       const struct netvsc_rx_meta *meta,
			       struct netvsc_rx *rx)
{
	rx->meta = *meta;
	if (rx_check_open(q, rx) && !netvsc_rx_buf_begin(q, rx->reader))
		rx_count_no_memory(q, rx);
}

/* All of it is in the buffer. */
static noinline bool rx_finish_coalesced(struct netvsc_queue *q,
					 struct netvsc_rx *rx)
{
	netvsc_rx_buf_end(q);
	if (!rx->prog || netvsc_xdp_run(q, rx->prog, &rx->meta, &rx->xdp))
		return rx_deliver_buf(q, &rx->meta, &rx->rsc, rx);
	rx->pkts++;
	rx->bytes += rx->rsc.bytes;
	return true;
}

static noinline bool rx_handle_fragment(struct netvsc_queue *q, const u8 *at,
					const struct netvsc_rx_meta *meta,
					struct netvsc_rx *rx)
{
	u32 todo = netvsc_rsc_add(&rx->rsc, meta->fragment, meta->data_len);
	bool ok = (todo & NETVSC_RSC_TAKE) && !(todo & NETVSC_RSC_DROP);
	int err;

	rx->errors += !ok;
	if (todo & NETVSC_RSC_DROP)
		netvsc_rx_buf_cancel(q);
	if (!(todo & NETVSC_RSC_TAKE))
		return false;
	if (todo & NETVSC_RSC_BEGIN)
		rx_begin_coalesced(q, meta, rx);
	err = netvsc_rx_buf_append(q, at + meta->data_offset, meta->data_len);
	if (unlikely(err)) {
		/* The rest of it is swallowed: it is one frame lost. */
		rx_count_lost(q, rx, err);
		return false;
	}
	if (todo & NETVSC_RSC_DONE)
		ok &= rx_finish_coalesced(q, rx);
	return ok;
}

/* ---- ranges ---- */

/* Anything but a frame: a private copy first, then a look at it. */
static noinline bool rx_handle_control(struct netvsc_queue *q, const u8 *at,
				       u32 bytes)
{
	struct netvsc_device *nvdev = q->nvdev;
	u8 *copy = nvdev->rndis->scratch;
	u32 copied;
	int kind;

	/* Control belongs to the primary, and so does the scratch memory. */
	if (q->index)
		return false;
	copied = min_t(u32, bytes, sizeof(nvdev->rndis->scratch));
	memcpy(copy, at, copied);
	kind = netvsc_rndis_rx_classify(copy, copied, bytes);
	return kind > NETVSC_RNDIS_PACKET &&
	       !netvsc_rndis_receive(nvdev, copy, copied, kind);
}

/* No frame, or no good one; in any case no fragment. */
static noinline bool rx_handle_other(struct netvsc_queue *q, const u8 *at,
				     u32 bytes, int err, struct netvsc_rx *rx)
{
	bool ok = rx_end_frame(q, rx);

	if (err == -ENOMSG && rx_handle_control(q, at, bytes))
		return ok;
	rx->errors++;
	return false;
}

static bool rx_handle_range(struct netvsc_queue *q, u32 offset, u32 bytes,
			    struct netvsc_rx *rx)
{
	/* The parser fills it, or nobody looks at it. */
	struct netvsc_rx_meta meta __uninitialized;
	const u8 *at = rx->buf + offset;
	int err = -EPROTO;
	bool ok;

	if (likely(netvsc_nvsp_msg_range_ok(offset, bytes, rx->buf_bytes,
					    rx->section_bytes)))
		err = netvsc_rndis_rx_parse_template(at, bytes, &meta,
						     q->templates,
						     q->ppis_unknown);
	if (unlikely(err))
		return rx_handle_other(q, at, bytes, err, rx);
	if (unlikely(meta.fragment))
		return rx_handle_fragment(q, at, &meta, rx);
	ok = rx_end_frame(q, rx);
	return rx_handle_frame(q, at, &meta, rx) && ok;
}

/* Without a negotiated buffer there is nothing a range could name. */
static bool rx_find_buffer(const struct netvsc_queue *q, struct netvsc_rx *rx)
{
	const struct netvsc_buffer *buf = &q->nvdev->recv;

	if (!buf->sections.cnt)
		return false;
	rx->buf = buf->addr;
	rx->buf_bytes = buf->bytes;
	rx->section_bytes = buf->sections.bytes;
	return true;
}

u32 netvsc_rx_packet(struct netvsc_queue *q, const struct netvsc_pkt *pkt,
		     struct netvsc_rx *rx)
{
	struct netvsc_xfer xfer;
	u32 i, offset, bytes;
	bool ok = true;

	if (unlikely((!rx->buf && !rx_find_buffer(q, rx)) ||
		     netvsc_nvsp_msg_parse_xfer(pkt->raw, pkt->offset,
						pkt->bytes, &xfer))) {
		rx->errors++;
		return NVSP_STAT_FAILURE;
	}
	for (i = 0; i < xfer.range_cnt; i++) {
		bytes = netvsc_nvsp_msg_range(&xfer, i, &offset);
		ok &= rx_handle_range(q, offset, bytes, rx);
	}
	/* All of a coalesced frame is in one packet. */
	ok &= rx_end_frame(q, rx);
	return ok ? NVSP_STAT_SUCCESS : NVSP_STAT_FAILURE;
}

/* ---- completions ---- */

bool netvsc_rx_send_completions(struct netvsc_queue *q)
{
	if (!netvsc_ack_count(&q->acks) || !netvsc_chan_complete(q, &q->acks))
		return true;
	netvsc_count(q->ndev, NETVSC_CNT_RX_COMP_BUSY);
	return false;
}

/* ---- counters ---- */

/* Apart from what is counted of each poll. */
static noinline void rx_count_bad(struct netvsc_queue *q,
				  const struct netvsc_rx *rx)
{
	struct netvsc_queue_stats *stats = q->stats;

	u64_stats_update_begin(&stats->rx_sync);
	stats->rx_errors += rx->errors;
	stats->rx_dropped += rx->dropped;
	u64_stats_update_end(&stats->rx_sync);
	if (rx->errors)
		q->nvdev->events->health(q->ndev, NETVSC_HEALTH_RX_BAD, 0);
}

void netvsc_rx_done(struct netvsc_queue *q, const struct netvsc_rx *rx)
{
	struct netvsc_priv *priv = netdev_priv(q->ndev);
	struct netvsc_queue_stats *stats = q->stats;
	struct netvsc_cpu_stats *cpu;

	if (!(rx->pkts | rx->errors | rx->dropped))
		return;
	if (unlikely(rx->prog))
		netvsc_xdp_done(q, &rx->xdp);
	u64_stats_update_begin(&stats->rx_sync);
	stats->rx_packets += rx->pkts;
	stats->rx_bytes += rx->bytes;
	stats->rx_multicast += rx->multicast;
	stats->xdp_drop += rx->xdp.drop;
	stats->xdp_redirect += rx->xdp.redirect;
	stats->xdp_tx += rx->xdp.tx;
	u64_stats_update_end(&stats->rx_sync);
	if (unlikely(rx->errors | rx->dropped))
		rx_count_bad(q, rx);

	cpu = this_cpu_ptr(priv->cpu_stats);
	u64_stats_update_begin(&cpu->syncp);
	cpu->rx_packets += rx->pkts;
	cpu->rx_bytes += rx->bytes;
	u64_stats_update_end(&cpu->syncp);
}
