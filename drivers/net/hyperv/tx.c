// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: from an skb to the ring, and its completion
 *
 * Promise: every frame handed in ends exactly once: copied and freed, freed at
 * its completion, given back as busy while something is in flight that will
 * wake the queue, or dropped and counted.
 *
 * Neighbours: tx_facts looks at the frame (the other half of this room),
 * lib/batch decides how it travels, lib/rndis_tx writes its header, lib/section
 * knows the send sections, chan writes the ring. netdev hands frames in, poll
 * completions.
 *
 *	         append / start                 partial, direct
 *	skb ------ copy ----> open section       skb's pages
 *	     (freed here)          |                  |
 *	                           +---- one packet --+--> ring ... completion
 *
 * The header is composed where the host reads it: in the section, or in memory
 * of the request's slot that never crosses a page (sheet 7.4); a tiny frame that
 * found no section is copied there too.
 *
 * Locks: the open section belongs to the transmit lock of the stack's queue
 * (R24); the ring and the ids to netvsc_queue.lock, taken inside. Completions
 * run in NAPI beside both.
 *
 * A queue is stopped by BQL, or by ourselves when the ring or the ids run low.
 * Then NETVSC_QUEUE_STOPPED is set, and who clears it wakes: the completion
 * that made room, or the sender that looked again. Each side sets its own thing
 * first and looks at the other's behind a full barrier (R22). tx_off outranks
 * that: with a bit in it nobody wakes.
 */
#include <linux/skbuff.h>
#include <net/sock.h>

#include "chan.h"
#include "lib/rndis_tx.h"
#include "netvsc.h"
#include "tx.h"
#include "tx_facts.h"
#include "tx_hash.h"

/* Requests left when the queue stops, and again when it is woken. */
#define STOP_SLOTS	16
#define WAKE_SLOTS	(NETVSC_SLOT_CNT / 4)

/* ---- room in ring and id table ---- */

static u32 free_slots(const struct netvsc_queue *q)
{
	return NETVSC_SLOT_CNT - netvsc_reqid_busy(&q->ids);
}

/* Slots too: a queue with fewer than STOP_SLOTS was stopped. */
static bool room_for_one(struct netvsc_queue *q)
{
	return netvsc_chan_has_room(q, NETVSC_CHAN_RESERVE_BYTES);
}

static __always_inline bool room_is_low(struct netvsc_queue *q)
{
	return free_slots(q) < STOP_SLOTS ||
	       !netvsc_chan_has_room(q, q->stop_bytes);
}

static bool room_is_back(struct netvsc_queue *q)
{
	u32 slots = free_slots(q);

	return slots == NETVSC_SLOT_CNT ||
	       (slots > WAKE_SLOTS && netvsc_chan_has_room(q, q->wake_bytes));
}

static void stop_queue(struct netvsc_queue *q)
{
	netif_tx_stop_queue(q->txq);
	if (test_and_set_bit(NETVSC_QUEUE_STOPPED, &q->flags))
		return;
	netvsc_count(q->ndev, NETVSC_CNT_STOP_QUEUE);
	/*
	 * The atomic above is a full barrier: either the completion that makes
	 * room sees the bit (netvsc_tx_done) or we see the room here.
	 */
	if (room_is_back(q) &&
	    test_and_clear_bit(NETVSC_QUEUE_STOPPED, &q->flags)) {
		netif_tx_start_queue(q->txq);
		netvsc_count(q->ndev, NETVSC_CNT_WAKE_QUEUE);
	}
}

static void wake_queue(struct netvsc_queue *q)
{
	if (!test_and_clear_bit(NETVSC_QUEUE_STOPPED, &q->flags))
		return;
	netvsc_count(q->ndev, NETVSC_CNT_WAKE_QUEUE);
	if (READ_ONCE(q->nvdev->tx_off))
		return;
	netif_tx_wake_queue(q->txq);
	/*
	 * Pairs with the barrier in netvsc_tx_off(): either we see its bit here
	 * or it stops the queue after our wake.
	 */
	smp_mb();
	if (READ_ONCE(q->nvdev->tx_off))
		netif_tx_stop_queue(q->txq);
}

/* ---- sending ---- */

/**
 * struct frame - one frame on its way
 * @skb: the frame
 * @facts: what the host must know about it
 * @hdr: bytes of its RNDIS header
 * @more: another one follows at once
 * @tiny: both fit where otherwise the header alone would be
 */
struct frame {
	struct sk_buff *skb;
	struct netvsc_tx_facts facts;
	u32 hdr;
	bool more;
	bool tiny;
};

static void count_drops(struct netvsc_queue *q, u32 pkts)
{
	struct netvsc_queue_stats *stats = q->stats;

	u64_stats_update_begin(&stats->drop_sync);
	stats->tx_dropped += pkts;
	u64_stats_update_end(&stats->drop_sync);
}

/* Told to BQL, but will never be completed. */
static void lose(struct netvsc_queue *q, const struct netvsc_slot *what,
		 int err)
{
	if (what->section != NVSP_SECTION_NONE)
		netvsc_section_release(&q->nvdev->sections, what->section);
	dev_kfree_skb_any(what->skb);
	count_drops(q, what->pkts);
	if (err == -EAGAIN)
		netvsc_count(q->ndev, NETVSC_CNT_TX_NO_SPACE);
	else if (err == -ENODEV && q->index)
		q->nvdev->news->broken(q->nvdev);
	/* BQL takes completions from NAPI only. */
	atomic_add(what->bytes, &q->lost_bytes);
	napi_schedule(&q->napi);
}

/* @more: the host need not know yet, another packet follows. */
static __always_inline void unlock(struct netvsc_queue *q, unsigned long flags,
				   bool more)
{
	if (more)
		netvsc_chan_unlock_later(q, flags);
	else
		netvsc_chan_unlock(q, flags);
	if (unlikely(room_is_low(q))) {
		/* A stopped queue is not called again (R25). */
		netvsc_chan_tell(q);
		stop_queue(q);
	}
}

/* Header, and of a tiny frame all of it, into the memory of the slot. */
static void fill_header(struct netvsc_queue *q, u32 slot,
			const struct frame *frame)
{
	void *header = netvsc_chan_header(q, slot);
	u32 at = offset_in_hvpage(header), len = frame->skb->len;
	u64 pfn = netvsc_chan_pfn(header);

	BUILD_BUG_ON(RNDIS_PACKET_BYTES + 3 * sizeof(struct netvsc_tx_ppi) >
		     NETVSC_HEADER_BYTES);
	netvsc_rndis_tx_put_header(header, frame->hdr, &frame->facts, len, 0);
	netvsc_gpa_place(&q->gpa, 0, pfn, at, frame->hdr);
	if (unlikely(frame->tiny)) {
		skb_copy_bits(frame->skb, 0, header + frame->hdr, len);
		netvsc_gpa_place(&q->gpa, 1, pfn, at + frame->hdr, len);
	}
}

/*
 * Writes one packet with pages to the ring; on failure it is lost. @direct: a
 * frame whose header goes into the memory of the slot and becomes range 0.
 */
static __always_inline void
post_pages(struct netvsc_queue *q, struct netvsc_slot what, u32 section_bytes,
	   const struct frame *direct, bool more)
{
	unsigned long flags;
	void *at;
	int slot;

	flags = netvsc_chan_lock(q);
	at = netvsc_chan_begin(q, netvsc_gpa_bytes(&q->gpa) + NVSP_MSG_BYTES,
			       &slot);
	if (!IS_ERR(at)) {
		if (direct)
			fill_header(q, slot, direct);
		q->slots[slot] = what;
		netvsc_chan_put_pages(q, at, slot, &q->gpa,
				      NVSP_RNDIS_CHANNEL_DATA, what.section,
				      section_bytes);
	}
	unlock(q, flags, more);
	if (IS_ERR(at)) {
		/* A copy, so that the other can do without memory. */
		struct netvsc_slot lost = what;

		lose(q, &lost, PTR_ERR(at));
	}
}

/* The open section had no place in the ring. */
static noinline void lose_section(struct netvsc_queue *q, int err)
{
	struct netvsc_slot what = {
		.pkts = q->batch.pkts,
		.bytes = q->batch_frames,
		.section = q->batch_section,
	};

	lose(q, &what, err);
}

/* Writes the packet that names the open section; on failure it is lost. */
static void post_section(struct netvsc_queue *q, bool more)
{
	unsigned long flags;
	void *at;
	int slot;

	flags = netvsc_chan_lock(q);
	at = netvsc_chan_begin(q, NETVSC_CHAN_MSG_BYTES, &slot);
	if (!IS_ERR(at)) {
		q->slots[slot] = (struct netvsc_slot){
			.kind = NETVSC_SLOT_TX,
			.pkts = q->batch.pkts,
			.bytes = q->batch_frames,
			.section = q->batch_section,
		};
		netvsc_chan_put_rndis(q, at, slot, NVSP_RNDIS_CHANNEL_DATA,
				      q->batch_section, q->batch.used);
	}
	unlock(q, flags, more);
	if (IS_ERR(at))
		lose_section(q, PTR_ERR(at));
	q->batch.pkts = 0;
	q->batch.used = 0;
}

/* Sends what is parked; unless more follows, the host knows then. */
static void flush(struct netvsc_queue *q, bool more)
{
	if (q->batch.pkts)
		post_section(q, more);
	else if (!more)
		netvsc_chan_tell(q);
}

static void *section_at(const struct netvsc_queue *q, u32 offset)
{
	const struct netvsc_device *nvdev = q->nvdev;

	return nvdev->send.addr +
	       (size_t)q->batch_section * nvdev->limits.section_bytes + offset;
}

/* Behind what the open section holds; the caller knows that it fits. */
static void append(struct netvsc_queue *q, struct frame *frame)
{
	const struct netvsc_batch_limits *limits = &q->nvdev->limits;
	u32 len = frame->hdr + frame->skb->len;
	struct sk_buff *skb = frame->skb;
	u8 *to = section_at(q, q->batch.used);
	bool more, stays;
	u32 pad = 0;

	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	stays = netvsc_batch_stays_open(limits, q->batch.pkts + 1, more);
	if (stays)
		pad = netvsc_batch_pad(limits, len);

	netvsc_rndis_tx_put_header(to, frame->hdr, &frame->facts, skb->len,
				   pad);
	if (likely(!skb_is_nonlinear(skb)))
		memcpy(to + frame->hdr, skb->data, skb->len);
	else
		skb_copy_bits(skb, 0, to + frame->hdr, skb->len);
	if (pad)
		memset(to + len, 0, pad);
	q->batch.used += len + pad;
	q->batch.pkts++;
	q->batch_frames += skb->len;

	skb_tx_timestamp(skb);
	dev_consume_skb_any(skb);
	if (!stays)
		post_section(q, more);
}

/* @placed: ranges that come before, of memory known only with the slot */
static int list_pages(struct netvsc_queue *q, const struct sk_buff *skb,
		      u32 placed)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	const skb_frag_t *frag = info->frags;
	const skb_frag_t *end = frag + info->nr_frags;
	struct netvsc_gpa *gpa = &q->gpa;
	u32 linear = skb_headlen(skb);
	u32 offset, words;

	netvsc_gpa_init_placed(gpa, placed);
	if (linear && netvsc_gpa_add(gpa, netvsc_chan_pfn(skb->data),
				     offset_in_hvpage(skb->data), linear))
		return -E2BIG;
	words = gpa->words;
	for (; frag < end; frag++) {
		if (unlikely(!skb_frag_size(frag)))
			continue;
		offset = skb_frag_off(frag);
		words = netvsc_gpa_put(gpa, words,
				       page_to_hvpfn(skb_frag_page(frag)) +
				       HVPFN_DOWN(offset),
				       offset & ~HV_HYP_PAGE_MASK,
				       skb_frag_size(frag));
		if (unlikely(!words))
			return -E2BIG;
		placed++;
	}
	gpa->words = words;
	gpa->ranges = placed + !!linear;
	return likely(netvsc_gpa_fits(gpa)) ? 0 : -E2BIG;
}

/* R28: too many pieces are made one, once. */
static int list_pages_or_linearize(struct netvsc_queue *q, struct sk_buff *skb,
				   u32 placed)
{
	if (likely(!list_pages(q, skb, placed)))
		return 0;
	netvsc_count(q->ndev, NETVSC_CNT_TX_SCATTERED);
	if (skb_linearize(skb)) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_NO_MEMORY);
		return -ENOMEM;
	}
	if (!list_pages(q, skb, placed))
		return 0;
	netvsc_count(q->ndev, NETVSC_CNT_TX_TOO_BIG);
	return -E2BIG;
}

/* Header behind what the open section holds, the frame by its pages. */
static int partial(struct netvsc_queue *q, struct frame *frame)
{
	struct sk_buff *skb = frame->skb;
	struct netvsc_slot what;
	bool more;
	int err;

	err = list_pages_or_linearize(q, skb, 0);
	if (err)
		return err;
	netvsc_rndis_tx_put_header(section_at(q, q->batch.used), frame->hdr,
				   &frame->facts, skb->len, 0);
	what = (struct netvsc_slot){
		.kind = NETVSC_SLOT_TX,
		.pkts = q->batch.pkts + 1,
		.bytes = q->batch_frames + skb->len,
		.section = q->batch_section,
		.skb = skb,
	};
	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	skb_tx_timestamp(skb);
	q->batch.pkts = 0;
	post_pages(q, what, q->batch.used + frame->hdr, NULL, more);
	q->batch.used = 0;
	return 0;
}

/*
 * The frame by its pages, the header in the memory of the slot. A frame that
 * fits there as well travels like a copied one.
 */
static int direct(struct netvsc_queue *q, struct frame *frame)
{
	struct sk_buff *skb = frame->skb;
	struct netvsc_slot what;
	bool more;
	int err;

	frame->tiny = frame->hdr + skb->len <= NETVSC_HEADER_BYTES;
	if (unlikely(frame->tiny)) {
		/* The header stands alone in its range (sheet 7.4). */
		netvsc_gpa_init_placed(&q->gpa, 2);
	} else {
		err = list_pages_or_linearize(q, skb, 1);
		if (err)
			return err;
	}
	what = (struct netvsc_slot){
		.kind = NETVSC_SLOT_TX,
		.pkts = 1,
		.bytes = skb->len,
		.section = NVSP_SECTION_NONE,
		.skb = frame->tiny ? NULL : skb,
	};
	more = !__netdev_tx_sent_queue(q->txq, skb->len, frame->more);
	skb_tx_timestamp(skb);
	post_pages(q, what, 0, frame, more);
	if (unlikely(frame->tiny))
		dev_consume_skb_any(skb);
	return 0;
}

static int start_or_direct(struct netvsc_queue *q, struct frame *frame)
{
	int section;

	if (q->batch.pkts)
		flush(q, true);
	section = netvsc_section_claim(&q->nvdev->sections,
				       READ_ONCE(q->section_start));
	if (section < 0) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_SEND_FULL);
		return direct(q, frame);
	}
	q->batch_section = section;
	q->batch_frames = 0;
	append(q, frame);
	return 0;
}

static int dispatch(struct netvsc_queue *q, struct frame *frame)
{
	u32 len = frame->hdr + frame->skb->len;

	switch (netvsc_batch_decide(&q->batch, &q->nvdev->limits, frame->hdr,
				    len)) {
	case NETVSC_BATCH_APPEND:
		append(q, frame);
		return 0;
	case NETVSC_BATCH_PARTIAL:
		return partial(q, frame);
	case NETVSC_BATCH_START:
		return start_or_direct(q, frame);
	case NETVSC_BATCH_DIRECT:
		break;
	}
	if (q->batch.pkts)
		flush(q, true);
	return direct(q, frame);
}

/* ---- the stack's side ---- */

/* Whoever wrote to xps_cpus or xps_rxqs wants it so. */
static bool user_chose_queues(const struct net_device *ndev)
{
#ifdef CONFIG_XPS
	return rcu_access_pointer(ndev->xps_maps[XPS_CPUS]) ||
	       rcu_access_pointer(ndev->xps_maps[XPS_RXQS]);
#else
	return false;
#endif
}

u16 netvsc_tx_pick(const struct netvsc_device *nvdev, struct sk_buff *skb)
{
	u32 queues = READ_ONCE(nvdev->num_queues);
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct sock *sk = skb->sk;
	int pick;
	u32 hash;

	if (queues == 1)
		return 0;
	if (unlikely(user_chose_queues(nvdev->ndev)))
		return netdev_pick_tx(nvdev->ndev, skb, NULL) % queues;
	pick = sk_tx_queue_get(sk);
	if (pick >= 0 && pick < queues && !skb->ooo_okay)
		return pick;
	if (skb_rx_queue_recorded(skb))
		return skb_get_rx_queue(skb) % queues;

	hash = netvsc_tx_hash(skb, READ_ONCE(priv->l3_only));
	pick = READ_ONCE(nvdev->tx_table[hash % NVSP_INDIRECTION_ENTRIES]) %
	       queues;
	if (sk && sk_fullsock(sk) && rcu_access_pointer(sk->sk_dst_cache))
		sk_tx_queue_set(sk, pick);
	return pick;
}

static netdev_tx_t no_room(struct netvsc_queue *q, struct sk_buff *skb)
{
	/* What is parked may be what gets the completions going. */
	flush(q, false);
	if (free_slots(q) < NETVSC_SLOT_CNT) {
		netvsc_count(q->ndev, NETVSC_CNT_TX_BUSY);
		stop_queue(q);
		return NETDEV_TX_BUSY;
	}
	/* Nothing in flight: no completion would ever wake the queue (R23). */
	netvsc_count(q->ndev, NETVSC_CNT_TX_NO_SPACE);
	count_drops(q, 1);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

netdev_tx_t netvsc_tx_xmit(struct netvsc_queue *q, struct sk_buff *skb,
			   bool more)
{
	struct frame frame = { .skb = skb, .more = more };

	if (unlikely(READ_ONCE(q->nvdev->tx_off)))
		goto drop;
	if (unlikely(!room_for_one(q)))
		return no_room(q, skb);
	if (!netvsc_tx_facts_quickly(q, skb) &&
	    unlikely(netvsc_tx_find_facts(q, skb, &frame.facts)))
		goto drop;
	frame.hdr = netvsc_rndis_tx_header_bytes(&frame.facts);
	if (likely(!dispatch(q, &frame)))
		return NETDEV_TX_OK;
drop:
	count_drops(q, 1);
	dev_kfree_skb_any(skb);
	if (!more)
		flush(q, false);
	return NETDEV_TX_OK;
}

/* ---- completions ---- */

void netvsc_tx_refused(struct netvsc_queue *q, int err)
{
	if (err != -EIO) {
		netvsc_count(q->ndev, NETVSC_CNT_HOST_BAD_PACKET);
		return;
	}
	netvsc_count(q->ndev, NETVSC_CNT_HOST_TX_STATUS);
	if (net_ratelimit())
		netdev_dbg(q->ndev, "host refused a packet\n");
}

static void count_done(struct netvsc_queue *q, u32 pkts, u32 bytes)
{
	struct netvsc_priv *priv = netdev_priv(q->ndev);
	struct netvsc_queue_stats *stats = q->stats;
	struct netvsc_cpu_stats *cpu;

	u64_stats_update_begin(&stats->done_sync);
	stats->tx_packets += pkts;
	stats->tx_bytes += bytes;
	u64_stats_update_end(&stats->done_sync);

	cpu = this_cpu_ptr(priv->cpu_stats);
	u64_stats_update_begin(&cpu->syncp);
	cpu->tx_packets += pkts;
	cpu->tx_bytes += bytes;
	u64_stats_update_end(&cpu->syncp);
}

void netvsc_tx_done(struct netvsc_queue *q, const struct netvsc_tx_sum *sum)
{
	u32 lost = atomic_read(&q->lost_bytes);

	if (unlikely(lost))
		atomic_sub(lost, &q->lost_bytes);
	if (sum->pkts)
		count_done(q, sum->pkts, sum->bytes);
	if (unlikely(sum->xdp_pkts))
		count_done(q, sum->xdp_pkts, sum->xdp_bytes);
	if (sum->bytes || lost)
		netdev_tx_completed_queue(q->txq, sum->pkts, sum->bytes + lost);

	/* Pairs with stop_queue(): the slots were put back before. */
	smp_mb();
	if (unlikely(test_bit(NETVSC_QUEUE_STOPPED, &q->flags)) &&
	    room_is_back(q))
		wake_queue(q);
}

/* ---- start and stop ---- */

void netvsc_tx_off(struct netvsc_device *nvdev, int why)
{
	set_bit(why, &nvdev->tx_off);
	/* Pairs with wake_queue(). */
	smp_mb__after_atomic();
	netif_tx_disable(nvdev->ndev);
	/* Programs send without the stack's lock, but in softirq. */
	if (why == NETVSC_TX_OFF_STATE)
		synchronize_net();
}

/* Who was told that the kernel looks by itself does not wake us again. */
static void look_after_sockets(struct netvsc_device *nvdev)
{
	struct netvsc_queue *q;
	u32 i;

	for (i = 0; i < nvdev->num_open; i++) {
		q = nvdev->queue_mem[i];
		if (likely(!READ_ONCE(q->xsk)))
			continue;
		local_bh_disable();
		napi_schedule(&q->napi);
		local_bh_enable();
	}
}

void netvsc_tx_on(struct netvsc_device *nvdev, int why)
{
	clear_bit(why, &nvdev->tx_off);
	if (READ_ONCE(nvdev->tx_off))
		return;
	if (netif_device_present(nvdev->ndev))
		netif_tx_wake_all_queues(nvdev->ndev);
	look_after_sockets(nvdev);
}

void netvsc_tx_flush(struct netvsc_queue *q)
{
	__netif_tx_lock_bh(q->txq);
	flush(q, false);
	__netif_tx_unlock_bh(q->txq);
}

void netvsc_tx_abandon(struct netvsc_queue *q)
{
	struct netvsc_slot *slot;
	u32 i, pkts = 0;

	for (i = 0; i < NETVSC_SLOT_CNT; i++) {
		slot = &q->slots[i];
		if (slot->kind != NETVSC_SLOT_TX)
			continue;
		pkts += slot->pkts;
		dev_kfree_skb_any(slot->skb);
		slot->kind = NETVSC_SLOT_FREE;
	}
	pkts += q->batch.pkts;
	q->batch.pkts = 0;
	q->batch.used = 0;

	__netif_tx_lock_bh(q->txq);
	count_drops(q, pkts);
	netdev_tx_reset_queue(q->txq);
	__netif_tx_unlock_bh(q->txq);
	atomic_set(&q->lost_bytes, 0);
	if (test_and_clear_bit(NETVSC_QUEUE_STOPPED, &q->flags))
		netvsc_count(q->ndev, NETVSC_CNT_WAKE_QUEUE);
}
