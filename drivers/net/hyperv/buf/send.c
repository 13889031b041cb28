// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room send: requests with frames, from the open section to their end
 *
 * Promise: this room alone knows what a slot with frames holds. Whatever was put
 * there ends exactly once: at its completion, or, where the host does not
 * complete it, when the channel is closed. What could not be posted is the
 * caller's again, and its sections are free.
 *
 * Neighbours: tx sends for the stack, xdp_tx for programs and sockets, poll
 * brings completions, dev ends what the host did not. They decide what is sent
 * together, count what has ended or was lost, and stop when room runs low. chan
 * writes the ring; control requests have slots too, which are their rooms'.
 *
 *	claim ---> open section --- place, added: frame behind frame
 *	                |
 *	                | post: the section, or its header and pages of a frame;
 *	                v       without one: header in the slot's memory, and pages
 *	slot: free --> out --- completed ---------------------------> free
 *	                |
 *	                +--- abandoned: the host may read it still -> free
 *	                                     when the channel is closed
 *
 * In a confidential VM nothing leaves but what was copied into the send buffer,
 * which is shown to the host as long as it is in use (R18, sheet 8.7). What fits
 * into a section goes the usual way. What does not is spread over several, and
 * travels by their pages:
 *
 *	section a: | header | frame ...      |
 *	section b: | ... frame ...           |    a packet with a range for the
 *	section c: | ... frame |                  header and one for each page
 *
 * The sections are noted in the memory of the request's slot, which otherwise has the
 * header, and are released with its completion. When they run out the queue stops
 * until some came back.
 *
 * Locks: an open section belongs to its owner: the transmit lock of the stack's
 * queue, a poll, or a call (R24). A slot is filled under netvsc_queue.lock before
 * its id goes out; from the completion on it belongs to the queue's NAPI, see
 * lib/reqid.h.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/dst.h>
#include <net/xdp.h>

#include "buf/send.h"
#include "buf/send_post.h"
#include "bus/chan_ring.h"
#include "netvsc.h"

/* ---- how may memory leave? ---- */

int netvsc_send_alloc_map(struct netvsc_device *nvdev, u32 kept)
{
	u32 cnt = nvdev->send.sections.cnt;

	if (netvsc_send_frame_max(nvdev) < ETH_FRAME_LEN)
		return -EOPNOTSUPP;
	if (!netvsc_send_may_show_pages()) {
		if (cnt <= 2 * kept)
			return -EOPNOTSUPP;
		cnt -= kept;
	}
	netvsc_send_free_map(nvdev);
	nvdev->section_words = kvcalloc(NETVSC_SECTION_WORDS(cnt),
					sizeof(*nvdev->section_words),
					GFP_KERNEL);
	if (!nvdev->section_words)
		return -ENOMEM;
	netvsc_section_init(&nvdev->sections, nvdev->section_words, cnt);
	nvdev->queue_mem[0]->section_start = 0;
	return 0;
}

void netvsc_send_free_map(struct netvsc_device *nvdev)
{
	kvfree(nvdev->section_words);
	nvdev->section_words = NULL;
}

/* None at all if the sections are of no use. */
u32 netvsc_send_multi_max(const struct netvsc_device *nvdev)
{
	u32 cnt = min_t(u32, NETVSC_SEND_MULTI_MAX,
			nvdev->send.sections.cnt / 2);

	/* The header must fit into the first one, with something behind it. */
	if (!cnt || nvdev->send.sections.bytes < 2 * NETVSC_HEADER_BYTES)
		return 0;
	return cnt * nvdev->send.sections.bytes - NETVSC_HEADER_BYTES;
}

static u32 send_count_sections(const struct netvsc_device *nvdev, u32 bytes)
{
	return DIV_ROUND_UP(bytes, nvdev->send.sections.bytes);
}

bool netvsc_send_multi_has_room(const struct netvsc_device *nvdev, u32 bytes)
{
	const struct netvsc_section_map *map = &nvdev->sections;

	return map->cnt - netvsc_section_used(map) >=
	       send_count_sections(nvdev, bytes + NETVSC_HEADER_BYTES);
}

bool netvsc_send_sections_ok(const struct netvsc_device *nvdev, u32 requests,
			     u32 open)
{
	u32 used;

	/*
	 * Requests were counted first: what has ended since has given its section back. Pairs
	 * with the release in netvsc_reqid_put().
	 */
	smp_rmb();
	used = netvsc_section_used(&nvdev->sections);
	/* A frame over several has one request; as many as there are may be taken. */
	if (!netvsc_send_may_show_pages() && requests)
		return used <= nvdev->sections.cnt;
	return used <= requests + open;
}

/* ---- over several sections ---- */

static void send_release_multi(struct netvsc_device *nvdev,
			       const struct netvsc_send_multi *multi)
{
	u32 i;

	for (i = 0; i < multi->cnt; i++)
		netvsc_section_release(&nvdev->sections, multi->section[i]);
}

static int send_claim_multi(struct netvsc_queue *q,
			    struct netvsc_send_multi *multi, u32 bytes)
{
	u32 cnt = send_count_sections(q->nvdev, bytes);
	int section;

	multi->cnt = 0;
	if (cnt > NETVSC_SEND_MULTI_MAX)
		return -E2BIG;
	while (multi->cnt < cnt) {
		section = netvsc_section_claim(&q->nvdev->sections,
					       READ_ONCE(q->section_start));
		if (section < 0) {
			send_release_multi(q->nvdev, multi);
			return -ENOSPC;
		}
		multi->section[multi->cnt++] = section;
	}
	return 0;
}

/* Behind @hdr bytes, which begin where the first section does. */
static int send_copy_multi(struct netvsc_queue *q,
			   const struct netvsc_send_multi *multi,
			   const struct sk_buff *skb, u32 hdr)
{
	const struct netvsc_device *nvdev = q->nvdev;
	u32 i, part, done = 0, skip = hdr;
	int err;
	u8 *to;

	netvsc_gpa_init(&q->gpa);
	to = netvsc_chan_section(nvdev, multi->section[0]);
	err = netvsc_chan_list_buffer(&q->gpa, to, hdr);
	for (i = 0; !err && i < multi->cnt && done < skb->len; i++) {
		part = min(skb->len - done, nvdev->send.sections.bytes - skip);
		to = netvsc_chan_section(nvdev, multi->section[i]) + skip;
		skb_copy_bits(skb, done, to, part);
		err = netvsc_chan_list_buffer(&q->gpa, to, part);
		done += part;
		skip = 0;
	}
	return err ?: netvsc_gpa_fits(&q->gpa) ? 0 : -E2BIG;
}

int netvsc_send_fill_multi(struct netvsc_queue *q,
			   struct netvsc_send_multi *multi,
			   const struct sk_buff *skb,
			   const struct netvsc_send_header *hdr)
{
	int err;

	err = send_claim_multi(q, multi, hdr->bytes + skb->len);
	if (err) {
		netvsc_send_count_full(q);
		return err;
	}
	err = send_copy_multi(q, multi, skb, hdr->bytes);
	if (err) {
		send_release_multi(q->nvdev, multi);
		return err;
	}
	netvsc_rndis_tx_put_header(netvsc_chan_section(q->nvdev,
						       multi->section[0]),
				   hdr->bytes, &hdr->meta, skb->len, 0);
	return 0;
}

int netvsc_send_post_multi(struct netvsc_queue *q,
			   const struct netvsc_send_multi *multi, u32 bytes,
			   bool more)
{
	const struct netvsc_send_pages pages = {
		.gpa = &q->gpa,
		.what = {
			.kind = NETVSC_SLOT_MULTI,
			.pkts = 1,
			.bytes = bytes,
			.section = NVSP_SECTION_NONE,
		},
		.multi = multi,
	};
	int err;

	BUILD_BUG_ON(sizeof(*multi) > NETVSC_HEADER_BYTES);
	err = netvsc_send_post_pages(q, &pages, more);
	if (err)
		send_release_multi(q->nvdev, multi);
	return err;
}

/* ---- how a request ends ---- */

void netvsc_send_refused(struct netvsc_queue *q, int err)
{
	if (err != -EIO) {
		netvsc_count_bad_packet(q->nvdev);
		return;
	}
	netvsc_count(q->ndev, NETVSC_CNT_HOST_TX_STATUS);
	if (net_ratelimit())
		netdev_dbg(q->ndev, "host refused a packet\n");
}

static void send_complete_xdp(struct netvsc_queue *q,
			      const struct netvsc_slot *slot,
			      struct netvsc_send_sum *sum)
{
	if (slot->section != NVSP_SECTION_NONE)
		netvsc_section_release(&q->nvdev->sections, slot->section);
	if (slot->xdpf)
		xdp_return_frame(slot->xdpf);
	WRITE_ONCE(q->xdp_done, q->xdp_done + 1);
	sum->xdp_pkts += slot->pkts;
	sum->xdp_bytes += slot->bytes;
}

bool netvsc_send_complete_other(struct netvsc_queue *q,
				const struct netvsc_pkt *pkt, u32 i,
				struct netvsc_send_sum *sum)
{
	const struct netvsc_slot *slot = &q->slots[i];

	if (slot->kind == NETVSC_SLOT_XDP) {
		netvsc_send_check_status(q, pkt);
		send_complete_xdp(q, slot, sum);
		return true;
	}
	if (slot->kind != NETVSC_SLOT_MULTI)
		return false;
	netvsc_send_check_status(q, pkt);
	send_release_multi(q->nvdev, netvsc_chan_header(q, i));
	sum->pkts += slot->pkts;
	sum->bytes += slot->bytes;
	return true;
}

static void send_orphan_skb(struct sk_buff *skb)
{
	skb_orphan(skb);
	nf_reset_ct(skb);
	skb_dst_drop(skb);
}

void netvsc_send_abandon(struct netvsc_queue *q, struct netvsc_send_sum *sum)
{
	const struct netvsc_slot *slot;

	for (slot = q->slots; slot < q->slots + q->slot_cnt; slot++) {
		if (slot->kind == NETVSC_SLOT_XDP) {
			sum->xdp_pkts += slot->pkts;
			sum->xdp_bytes += slot->bytes;
		} else if (slot->kind == NETVSC_SLOT_TX ||
			   slot->kind == NETVSC_SLOT_MULTI) {
			sum->pkts += slot->pkts;
			sum->bytes += slot->bytes;
			if (slot->skb)
				send_orphan_skb(slot->skb);
		}
	}
}

bool netvsc_send_free(const struct netvsc_slot *slot)
{
	switch (slot->kind) {
	case NETVSC_SLOT_TX:
	case NETVSC_SLOT_MULTI:
		dev_kfree_skb(slot->skb);
		return true;
	case NETVSC_SLOT_XDP:
		if (slot->xdpf)
			xdp_return_frame(slot->xdpf);
		return true;
	default:
		return false;
	}
}
