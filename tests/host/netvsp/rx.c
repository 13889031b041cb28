// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rx - frames for the guest (netvsc-wire.md 5.8, 5.11, 9.2).
 *
 *	deliver: filter -> queue by hash -> (coalesce) -> rx_batch
 *
 * What waits goes on when the guest completes a packet or signals. Segments that come
 * in one run pass through rsc.c first.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "../backend/switch.h"
#include "../fault/fault.h"
#include "nic.h"
#include "rsc.h"
#include "rx.h"

void rx_drop_waiting(struct nic_queue *q)
{
	q->nic->drops.reset += rx_batch_drop(q) + rsc_drop(q);
}

void rx_drop_all(struct nic *nic)
{
	unsigned int i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i])
			rx_drop_waiting(nic->q[i]);
}

void rx_completion(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	const struct nvsp_rndis_pkt_complete *c = (const void *)pkt->payload;
	struct nic *nic = q->nic;
	enum pool_verdict v;
	uint32_t status;

	if (pkt->flags)
		nic_violation(nic, "netvsp.completion.flags", pkt->desc, pkt->desc_len,
			      "channel %u: completion with flags 0x%x, 0 wanted (2.4)",
			      q->index, pkt->flags);
	if (pkt->payload_len < sizeof(*c) ||
	    le32toh(c->type) != NVSP_MSG_SEND_RNDIS_PKT_COMPLETE) {
		nic_violation(nic, "netvsp.completion.message", pkt->desc,
			      pkt->desc_len + pkt->payload_len,
			      "channel %u: completion without message 108 (8.6)", q->index);
		status = NVSP_STAT_FAILURE;
	} else {
		status = le32toh(c->status);
		if (status != NVSP_STAT_SUCCESS && status != NVSP_STAT_FAILURE)
			nic_violation(nic, "netvsp.completion.status", pkt->payload,
				      pkt->payload_len,
				      "channel %u: completion status %u, 1 or 2 wanted (8.6)",
				      q->index, status);
	}
	if (!nic->pool.slot)
		v = POOL_UNKNOWN;
	else
		v = pool_complete(&nic->pool, pkt->trans_id, q->index);
	if (v != POOL_OK) {
		nic_violation(nic, v == POOL_DOUBLE ? "netvsp.completion.double" :
			      v == POOL_WRONG_QUEUE ? "netvsp.completion.wrong_channel" :
						      "netvsp.completion.unknown",
			      pkt->desc, pkt->desc_len + pkt->payload_len,
			      "channel %u: completion of transaction %llu, which is not outstanding there (2.9, 8.6)",
			      q->index, (unsigned long long)pkt->trans_id);
		return;
	}
	q->stats.rx_completions++;
	q->stats.rx_failed += status != NVSP_STAT_SUCCESS;
	if (!q->index)
		rndis_flush(nic);
	rx_batch_kick(q);
}

/* ---- from the switch ---- */

/* Is the frame asked for (6.2)? Counts its kind. */
static bool wanted(struct nic *nic, const uint8_t *dst)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	bool promisc = nic->filter & NDIS_PACKET_TYPE_PROMISCUOUS;

	if (!memcmp(dst, all, 6)) {
		if (!promisc && !(nic->filter & NDIS_PACKET_TYPE_BROADCAST))
			return false;
		nic->broadcast[1]++;
		return true;
	}
	if (dst[0] & 1) {
		if (!promisc && !(nic->filter & NDIS_PACKET_TYPE_ALL_MULTICAST))
			return false;
		nic->multicast[1]++;
		return true;
	}
	if (!promisc && (!(nic->filter & NDIS_PACKET_TYPE_DIRECTED) ||
			 memcmp(dst, nic->mac, 6)))
		return false;
	nic->unicast[1]++;
	return true;
}

static void maybe_hold(struct nic *nic)
{
	const struct fault *f;

	if (nic->hold)
		return;
	f = fault_hit("rx.hold", nic->id, "", 0);
	if (f)
		rx_batch_hold(nic, f->ms ? f->ms : 1000);
}

static struct nic_waiting *waiting(const struct switch_frame *f, uint32_t hash,
				   uint32_t hash_type)
{
	struct nic_waiting *w = malloc(sizeof(*w) + f->len);

	if (!w)
		return NULL;
	w->next = NULL;
	w->shape = NULL;
	w->len = f->len;
	w->tci = f->tci;
	w->tagged = f->tagged;
	w->l4_good = f->l4_good;
	w->has_csum = f->order && f->order->has_csum;
	w->csum = f->order ? f->order->csum : 0;
	w->hash = hash;
	w->hash_type = hash_type;
	memcpy(w->data, f->data, f->len);
	return w;
}

void rx_deliver(struct nic *nic, const struct switch_frame *f)
{
	const struct switch_order *o = f->order;
	uint32_t hash, type;
	unsigned int n;

	if (!nic->link_up) {
		nic->drops.link++;
		return;
	}
	if (!rx_batch_ready(nic)) {
		nic->drops.not_ready++;
		return;
	}
	if (f->len > nic->frame_size) {
		nic->drops.too_long++;
		return;
	}
	if (!wanted(nic, f->data)) {
		nic->drops.filter++;
		return;
	}
	maybe_hold(nic);
	n = rss_queue(nic, f->data, f->len, &hash, &type);
	if (o && o->queue >= 0)
		n = (unsigned int)o->queue;
	if (o && o->has_hash) {
		hash = o->hash;
		type = o->hash_type;
	}
	if (!nic->q[n] || !nic->q[n]->open) {
		nic->drops.not_ready++;
		return;
	}
	if (o)
		rsc_seal(nic->q[n]);
	else if (rsc_take(nic->q[n], f, hash, type))
		return;
	rx_batch_enqueue(nic->q[n], waiting(f, hash, type));
}

void rx_flush(struct nic *nic)
{
	unsigned int i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		struct nic_queue *q = nic->q[i];

		if (!q || !q->open)
			continue;
		rsc_seal(q);
		if (q->batch.range_cnt)
			rx_batch_kick(q);
	}
}

unsigned int rx_room(const struct nic *nic)
{
	unsigned int i, room = UINT_MAX;

	/* Which queue it will be is not known: the fullest one counts. */
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		const struct nic_queue *q = nic->q[i];
		unsigned int n;

		if (!q || !q->open)
			continue;
		n = nic->cfg.fifo > q->batch.wait_cnt ? nic->cfg.fifo - q->batch.wait_cnt : 0;
		if (n < room)
			room = n;
	}
	return room;
}
