// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp: frames that programs send
 *
 * Promise: a frame is copied behind others into a send section and is free at
 * once, or, if it is too long or no section is free, it travels by its pages and
 * is free at its completion (a socket's travels in a page of ours); no skb is made.
 * The host is told once for a poll, or once for what was handed in together. What
 * cannot be sent is dropped and counted.
 *
 * Neighbours: the stack hands in what others redirected to us, xdp.c what a
 * program sent back. send, lib/batch and lib/rndis_tx are the same as for tx,
 * whose open section is not touched (R24): each has its own.
 *
 *	XDP_TX		section open for a poll, the queue's
 *	ndo_xdp_xmit	section open for a call, the caller's
 *
 * So nobody waits for anybody but for netvsc_queue.lock, in which a packet is
 * written. XDP_XMIT_FLUSH adds nothing: every call tells the host, for a program
 * behind us may drop what would have come with that flag.
 *
 * The stack is to find room whenever its queue is not stopped, and is stopped by
 * itself alone: so this side keeps away from the last of ring and slots. How
 * much it may have while the stack waits is in lib/share.
 *
 * Going down: netvsc_tx_off() returns when all senders that did not see it are through.
 */
#include <linux/bpf.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

#include "buf/rx_buf.h"
#include "buf/send.h"
#include "buf/send_post.h"
#include "bus/chan_ring.h"
#include "compat/xdp.h"
#include "lib/rndis_rx.h"
#include "lib/rndis_tx.h"
#include "lib/share.h"
#include "lib/xdp_rules.h"
#include "netvsc.h"
#include "xdp/xdp.h"
#include "xdp/xdp_priv.h"

/**
 * struct xdp_tx_frame - one frame on its way
 * @src: where it is
 * @hdr: its RNDIS header
 * @untag: a tag in the frame is left out, it is in @hdr
 */
struct xdp_tx_frame {
	struct netvsc_xdp_src src;
	struct netvsc_send_header hdr;
	bool untag;
};

/* ---- what the host must know ---- */

/*
 * The tag meant for the switch travels beside the frame (R30). One that came so
 * goes so (R51), and what is in the frame then is another one.
 */
static void xdp_find_tag(const struct netvsc_queue *q,
			 struct xdp_tx_frame *frame,
			 const struct netvsc_rx_meta *rx)
{
	const struct vlan_ethhdr *eth = (const void *)frame->src.data;
	u16 tci;

	if (!(q->nvdev->nvsp_caps->bits & NVSP_CAP_IEEE8021Q))
		return;
	if (rx && (rx->has & NETVSC_RX_HAS_VLAN)) {
		tci = rx->vlan_tci;
	} else if (eth->h_vlan_proto == htons(ETH_P_8021Q) &&
		   frame->src.head >= VLAN_ETH_HLEN) {
		tci = ntohs(eth->h_vlan_TCI);
		frame->untag = true;
	} else {
		return;
	}
	frame->hdr.meta.vlan = netvsc_rndis_tx_vlan(tci);
	frame->hdr.meta.ppis |= NETVSC_TX_VLAN;
}

/* False: the host would not take it. */
static bool xdp_prepare_frame(const struct netvsc_queue *q,
			      struct xdp_tx_frame *frame,
			      const struct netvsc_rx_meta *rx)
{
	if (unlikely(frame->src.head < ETH_HLEN))
		return false;
	xdp_find_tag(q, frame, rx);
	frame->hdr.bytes = netvsc_rndis_tx_header_bytes(&frame->hdr.meta);
	return netvsc_xdp_rules_may_send(frame->src.bytes, frame->untag,
					 READ_ONCE(q->ndev->mtu));
}

/* ---- by copy ---- */

/* The stack's queue is stopped, and must not wait for ever. */
static noinline bool xdp_has_share(struct netvsc_queue *q)
{
	u32 wakes = q->wake_bytes + sizeof(struct netvsc_gpa);

	return netvsc_share_xdp_goes_on(netvsc_send_xdp_out(q),
					q->slot_cnt,
					netvsc_chan_has_room(q, wakes));
}

static bool xdp_has_room(struct netvsc_queue *q)
{
	return netvsc_share_xdp_sends(netvsc_send_free_slots(q)) &&
	       netvsc_chan_has_room(q, q->stop_bytes) &&
	       (likely(!test_bit(NETVSC_QUEUE_STOPPED, &q->flags)) ||
		xdp_has_share(q));
}

/* Sends what the open section holds; on failure it is lost. */
static void xdp_post_section(struct netvsc_queue *q,
			     struct netvsc_send_open *open)
{
	if (unlikely(netvsc_send_post_open(q, open, NETVSC_SLOT_XDP, NULL, true)))
		atomic64_add(open->batch.pkts, &q->stats->xdp_tx_dropped);
	netvsc_send_close(open);
}

void netvsc_xdp_send_flush(struct netvsc_queue *q,
			   struct netvsc_send_open *open)
{
	if (open->batch.pkts)
		xdp_post_section(q, open);
	netvsc_chan_publish(q);
}

static void xdp_copy_frags(u8 *to, const struct xdp_tx_frame *frame)
{
	const struct netvsc_xdp_src *src = &frame->src;
	const skb_frag_t *frag;
	u32 skip = 0, i;

	if (frame->untag) {
		memcpy(to, src->data, 2 * ETH_ALEN);
		to += 2 * ETH_ALEN;
		skip = 2 * ETH_ALEN + VLAN_HLEN;
	}
	memcpy(to, src->data + skip, src->head - skip);
	if (likely(!src->info))
		return;
	to += src->head - skip;
	for (i = 0; i < src->info->nr_frags; i++) {
		frag = &src->info->frags[i];
		memcpy(to, skb_frag_address(frag), skb_frag_size(frag));
		to += skb_frag_size(frag);
	}
}

/* An open section with room for @len bytes; -E2BIG, -ENOSPC: by pages then. */
static int xdp_find_section(struct netvsc_queue *q,
			    struct netvsc_send_open *open, u32 len)
{
	const struct netvsc_batch_limits *limits = &q->nvdev->limits;

	if (open->batch.pkts) {
		if (open->batch.pkts < limits->max_pkts &&
		    netvsc_batch_fits(limits, open->batch.used, len,
				      limits->align))
			return 0;
		xdp_post_section(q, open);
	}
	if (!netvsc_batch_fits(limits, 0, len, limits->align))
		return -E2BIG;
	if (unlikely(!xdp_has_room(q)))
		return -EAGAIN;
	return netvsc_send_claim(q, open);
}

static int xdp_append_frame(struct netvsc_queue *q,
			    struct netvsc_send_open *open,
			    const struct xdp_tx_frame *frame)
{
	u32 bytes = frame->src.bytes - (frame->untag ? VLAN_HLEN : 0);
	u32 len = frame->hdr.bytes + bytes, pad;
	int err;
	u8 *to;

	err = xdp_find_section(q, open, len);
	if (unlikely(err))
		return err;
	to = netvsc_send_place(q, open);
	/* Another one may follow, so it ends where that can begin. */
	pad = netvsc_batch_pad(&q->nvdev->limits, len);
	netvsc_rndis_tx_put_header(to, frame->hdr.bytes, &frame->hdr.meta,
				   bytes, pad);
	xdp_copy_frags(to + frame->hdr.bytes, frame);
	netvsc_send_added(open, to, len, pad, bytes);
	return 0;
}

/* ---- by pages ---- */

/* @err: what xdp_append_frame() said. A confidential VM shows no pages of frames (R18). */
static bool xdp_may_use_pages(int err)
{
	return err != -EAGAIN && netvsc_send_may_show_pages();
}

/* The header's place is known only with its slot. */
static int xdp_list_pages(struct netvsc_gpa *gpa, const struct xdp_frame *xdpf,
			  const struct skb_shared_info *info)
{
	return netvsc_send_list_pages(gpa, 1, xdpf->data, xdpf->len,
				      info ? info->frags : NULL,
				      info ? info->nr_frags : 0);
}

static void xdp_strip_tag(struct xdp_frame *xdpf)
{
	memmove(xdpf->data + VLAN_HLEN, xdpf->data, 2 * ETH_ALEN);
	xdpf->data += VLAN_HLEN;
	xdpf->len -= VLAN_HLEN;
	/* Where the memory begins is counted from the data. */
	xdpf->headroom += VLAN_HLEN;
}

static int xdp_post_pages(struct netvsc_queue *q, struct netvsc_gpa *gpa,
			  const struct xdp_tx_frame *frame, u32 bytes,
			  struct xdp_frame *xdpf)
{
	const struct netvsc_send_pages pages = {
		.gpa = gpa,
		.what = {
			.kind = NETVSC_SLOT_XDP,
			.pkts = 1,
			.bytes = bytes,
			.section = NVSP_SECTION_NONE,
			.xdpf = xdpf,
		},
		.hdr = &frame->hdr,
	};

	return netvsc_send_post_pages(q, &pages, true);
}

/* The frame is the host's until the completion; on failure the caller's. */
static noinline int xdp_send_pages(struct netvsc_queue *q,
				   struct netvsc_send_open *open,
				   const struct xdp_tx_frame *frame,
				   struct xdp_frame *xdpf)
{
	u32 bytes = frame->src.bytes - (frame->untag ? VLAN_HLEN : 0);
	struct netvsc_gpa gpa;
	int err;

	if (open->batch.pkts)
		xdp_post_section(q, open);
	if (!xdp_has_room(q))
		return -EAGAIN;
	if (frame->untag)
		xdp_strip_tag(xdpf);
	err = xdp_list_pages(&gpa, xdpf, frame->src.info);
	return err ?: xdp_post_pages(q, &gpa, frame, bytes, xdpf);
}

/* ---- XDP_TX ---- */

static noinline bool xdp_send_back_pages(struct netvsc_queue *q,
					 struct xdp_tx_frame *frame)
{
	struct xdp_frame *xdpf;

	/* Rare enough for a socket's chunk to go without. */
	if (netvsc_rx_buf_is_chunk(q))
		return false;
	/* Its description lies in front of the frame. */
	xdpf = xdp_convert_buff_to_frame(netvsc_rx_buf_view(q));
	if (unlikely(!xdpf))
		return false;
	if (xdp_send_pages(q, &q->xdp_open, frame, xdpf))
		return false;
	netvsc_rx_buf_consumed(q);
	return true;
}

bool netvsc_xdp_send_back(struct netvsc_queue *q,
			  const struct netvsc_rx_meta *meta)
{
	struct xdp_buff *xdp = netvsc_rx_buf_view(q);
	struct xdp_tx_frame frame = {
		.src = {
			.data = xdp->data,
			.head = xdp->data_end - xdp->data,
			.bytes = xdp_get_buff_len(xdp),
		},
	};
	int err;

	if (unlikely(READ_ONCE(q->nvdev->tx_off)))
		goto refused;
	if (unlikely(xdp_buff_has_frags(xdp)))
		frame.src.info = xdp_get_shared_info_from_buff(xdp);
	if (unlikely(!xdp_prepare_frame(q, &frame, meta)))
		goto refused;
	err = xdp_append_frame(q, &q->xdp_open, &frame);
	if (likely(!err)) {
		netvsc_rx_buf_drop(q);
		return true;
	}
	if (xdp_may_use_pages(err) && xdp_send_back_pages(q, &frame))
		return true;
	/* What was written may be what makes room. */
	netvsc_chan_publish(q);
refused:
	atomic64_inc(&q->stats->xdp_tx_dropped);
	return false;
}

/* ---- what sockets send ---- */

/*
 * The frame in a page of its own. Its chunk is the socket's again at once, as if
 * it had been copied into a section: chunks have to be given back in order.
 */
static noinline int xdp_send_chunk_page(struct netvsc_queue *q,
					struct xdp_tx_frame *frame)
{
	u32 bytes = frame->src.bytes;
	struct xdp_frame *xdpf;
	int err;

	if (sizeof(*xdpf) + bytes > PAGE_SIZE)
		return -E2BIG;
	xdpf = (void *)__get_free_page(GFP_ATOMIC | __GFP_NOWARN);
	if (!xdpf)
		return -ENOMEM;
	*xdpf = (struct xdp_frame){
		.data = xdpf + 1,
		.len = bytes,
		.frame_sz = PAGE_SIZE,
	};
	netvsc_xdp_frame_set_page(xdpf);
	memcpy(xdpf->data, frame->src.data, bytes);
	err = xdp_send_pages(q, &q->xdp_open, frame, xdpf);
	if (err)
		free_page((unsigned long)xdpf);
	return err;
}

int netvsc_xdp_send_chunk(struct netvsc_queue *q, void *data, u32 bytes)
{
	struct xdp_tx_frame frame = {
		.src = { .data = data, .head = bytes, .bytes = bytes },
	};
	int err = -EINVAL;

	if (likely(xdp_prepare_frame(q, &frame, NULL))) {
		err = xdp_append_frame(q, &q->xdp_open, &frame);
		if (unlikely(err) && xdp_may_use_pages(err))
			err = xdp_send_chunk_page(q, &frame);
	}
	if (!err || err == -EAGAIN || err == -ENOSPC || err == -ENOMEM)
		return err;
	atomic64_inc(&q->stats->xdp_tx_dropped);
	return 0;
}

/* ---- what others redirected to us ---- */

/* One that can never be sent is no reason to give back those behind it. */
static int xdp_drop_redirected(struct netvsc_queue *q, struct xdp_frame *xdpf)
{
	atomic64_inc(&q->stats->xdp_tx_dropped);
	xdp_return_frame(xdpf);
	return 0;
}

/* An error: there is no room for it now, and none for those behind it. */
static int xdp_send_redirected(struct netvsc_queue *q,
			       struct netvsc_send_open *open,
			       struct xdp_frame *xdpf,
			       struct xdp_frame_bulk *bulk)
{
	struct xdp_tx_frame frame = {
		.src = {
			.data = xdpf->data,
			.head = xdpf->len,
			.bytes = xdp_get_frame_len(xdpf),
		},
	};
	int err;

	if (unlikely(xdp_frame_has_frags(xdpf)))
		frame.src.info = xdp_get_shared_info_from_frame(xdpf);
	if (unlikely(!xdp_prepare_frame(q, &frame, NULL)))
		return xdp_drop_redirected(q, xdpf);
	err = xdp_append_frame(q, open, &frame);
	if (likely(!err)) {
		xdp_return_frame_bulk(xdpf, bulk);
		return 0;
	}
	if (xdp_may_use_pages(err))
		err = xdp_send_pages(q, open, &frame, xdpf);
	return err == -E2BIG ? xdp_drop_redirected(q, xdpf) : err;
}

int netvsc_xdp_xmit(struct net_device *ndev, int n, struct xdp_frame **frames,
		    u32 flags)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rcu_dereference_bh(priv->nvdev);
	struct netvsc_send_open open = {};
	struct xdp_frame_bulk bulk;
	struct netvsc_queue *q;
	int i;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!nvdev || READ_ONCE(nvdev->tx_off)))
		return -ENETDOWN;
	q = READ_ONCE(nvdev->queues[smp_processor_id() %
				    READ_ONCE(nvdev->num_queues)]);
	xdp_frame_bulk_init(&bulk);
	/* For the memory of the frames. */
	rcu_read_lock();
	for (i = 0; i < n; i++)
		if (xdp_send_redirected(q, &open, frames[i], &bulk))
			break;
	xdp_flush_frame_bulk(&bulk);
	rcu_read_unlock();
	netvsc_xdp_send_flush(q, &open);
	atomic64_add(i, &q->stats->xdp_xmit);
	return i;
}
