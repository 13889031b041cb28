// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rx_batch - frames of one queue on their way into the ring (netvsc-wire.md 9.2).
 *
 *	frame -> sub-allocation -> batch -> one transfer-page packet
 *
 * A frame that finds no sub-allocation, or a batch that finds no room in the ring,
 * waits; up to fifo= frames, the rest is dropped and counted. The fragments of an
 * aggregate are ranges of one packet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../fault/fault.h"
#include "nic.h"
#include "wire.h"

/* Faults N1, N2 and the NVSP type: a packet put together by hand. */
static int send_mutated(struct nic_queue *q, const struct nvsp_message *m, bool *done)
{
	struct nic *nic = q->nic;
	uint8_t pkt[NVSP_XFER_RANGES_OFFSET + sizeof(q->batch.range) + NVSP_MSG_BYTES] = { 0 };
	const struct fault *set = fault_hit("recv.set_id", nic->id, "", 0);
	const struct fault *cnt = fault_hit("recv.range_count", nic->id, "", 0);
	const struct fault *type = fault_hit("recv.nvsp_type", nic->id, "", 0);
	size_t msg = nic_msg_bytes(nic), ranges = q->batch.range_cnt * sizeof(q->batch.range[0]);
	size_t len = NVSP_XFER_RANGES_OFFSET + ranges + (msg + 7) / 8 * 8;
	uint16_t *h = (uint16_t *)pkt;
	__le64 id = htole64(q->batch.head);

	*done = set || cnt || type;
	if (!*done)
		return 0;
	h[0] = htole16(VMBUS_PKT_XFER_PAGES);
	h[1] = htole16((uint16_t)((NVSP_XFER_RANGES_OFFSET + ranges) / 8));
	h[2] = htole16((uint16_t)(len / 8));
	h[3] = htole16(VMBUS_PKT_FLAG_COMPLETION_REQUESTED);
	memcpy(pkt + 8, &id, 8);
	wire_put32(pkt + 16, !set ? nic->recv_id : set->has_value ? set->value : 0);
	wire_put32(pkt + 20, !cnt ? q->batch.range_cnt : cnt->has_value ? cnt->value : 0x20000000);
	memcpy(pkt + NVSP_XFER_RANGES_OFFSET, q->batch.range, ranges);
	memcpy(pkt + NVSP_XFER_RANGES_OFFSET + ranges, m, msg);
	if (type)
		wire_put32(pkt + NVSP_XFER_RANGES_OFFSET + ranges,
			   type->has_value ? type->value : 0);
	return channel_send_raw(q->ch, pkt, len);
}

static void mutate_range(struct nic *nic, struct vmbus_range *r)
{
	const struct fault *f = fault_hit("recv.range_offset", nic->id, "", 0);

	if (f)
		r->byte_offset = f->has_value ? f->value : 0xfffffff0;
	if (fault_hit("recv.range_size", nic->id, "", 0))
		r->byte_count = nic->sub_size + 1;
}

static void batch_forget(struct nic_queue *q)
{
	q->batch.head = POOL_NONE;
	q->batch.range_cnt = 0;
	q->batch.frames = 0;
	q->batch.aggregates = 0;
	q->batch.segs = 0;
	q->batch.bytes = 0;
	q->batch.stuck = false;
}

/* Send the batch; false when the ring has no room (it stays). */
static bool batch_send(struct nic_queue *q)
{
	struct nvsp_message m = { 0 };
	struct nic *nic = q->nic;
	bool done;
	int ret;

	if (!q->batch.range_cnt)
		return true;
	m.rndis_pkt.type = htole32(NVSP_MSG_SEND_RNDIS_PKT);
	m.rndis_pkt.channel_type = htole32(NVSP_RNDIS_CHANNEL_DATA);
	m.rndis_pkt.section_index = htole32(NVSP_SECTION_NONE);
	if (!q->batch.stuck)
		mutate_range(nic, &q->batch.range[0]);
	ret = send_mutated(q, &m, &done);
	if (!done)
		ret = channel_send_ranges(q->ch, q->batch.head, nic->recv_id, q->batch.range,
					  q->batch.range_cnt, &m, nic_msg_bytes(nic));
	if (ret == -EAGAIN) {
		q->stats.ring_full += !q->batch.stuck;
		q->batch.stuck = true;
		return false;
	}
	if (ret) {
		pool_put(&nic->pool, q->batch.head, q->index);
	} else {
		pool_sent(&nic->pool, q->batch.head, q->index);
		q->stats.rx_packets++;
		q->stats.rx_ranges += q->batch.range_cnt;
		q->stats.frames_to_guest += q->batch.frames;
		q->stats.rsc_packets += q->batch.aggregates;
		q->stats.rsc_segments += q->batch.segs;
		q->stats.bytes_to_guest += q->batch.bytes;
	}
	batch_forget(q);
	return true;
}

/* Ranges of one packet: more with RSC (2.8). */
static unsigned int range_limit(const struct nic *nic)
{
	return nic->off.rsc4 || nic->off.rsc6 ? NVSP_XFER_RANGES_MAX_RSC :
						NVSP_XFER_RANGES_MAX;
}

/* A chain of @n sub-allocations; POOL_NONE when there are not so many. */
static uint32_t get_slots(struct nic_queue *q, unsigned int n)
{
	struct pool *pool = &q->nic->pool;
	uint32_t head = pool_get(pool, q->index, false), last = head;

	while (last != POOL_NONE && --n) {
		uint32_t slot = pool_get(pool, q->index, false);

		if (slot == POOL_NONE) {
			pool_put(pool, head, q->index);
			return POOL_NONE;
		}
		pool_link(pool, last, slot);
		last = slot;
	}
	return head;
}

/* Write @w into the chain from @head; the ranges behind those of the batch. */
static bool write_slots(struct nic_queue *q, const struct nic_waiting *w, uint32_t head,
			uint32_t *last)
{
	struct nic *nic = q->nic;
	struct vmbus_range *r = &q->batch.range[q->batch.range_cnt];
	uint32_t slot = head;
	unsigned int i = 0;
	size_t off = 0;

	for (; slot != POOL_NONE; slot = nic->pool.slot[slot].next, i++, r++) {
		r->byte_count = rxmsg_write(nic, w, slot, off, i);
		r->byte_offset = slot * nic->sub_size;
		if (!r->byte_count)
			return false;
		if (w->shape)
			off += w->shape->frag[i].len;
		*last = slot;
	}
	return true;
}

static void batch_link(struct nic_queue *q, uint32_t head, uint32_t last, unsigned int n)
{
	if (q->batch.head == POOL_NONE)
		q->batch.head = head;
	else
		pool_link(&q->nic->pool, q->batch.last, head);
	q->batch.last = last;
	q->batch.range_cnt += n;
}

/* Fault rsc.split: the first @half sub-allocations of @n go alone; the head of the others. */
static uint32_t send_half(struct nic_queue *q, uint32_t head, unsigned int half,
			  unsigned int n)
{
	struct pool_slot *slot = q->nic->pool.slot;
	unsigned int i, first = q->batch.range_cnt;
	uint32_t last = head, rest;

	for (i = 1; i < half; i++)
		last = slot[last].next;
	rest = slot[last].next;
	slot[last].next = POOL_NONE;
	batch_link(q, head, last, half);
	if (!batch_send(q))
		return rest;
	memmove(q->batch.range, &q->batch.range[first + half], (n - half) * sizeof(q->batch.range[0]));
	return rest;
}

static void batch_append(struct nic_queue *q, const struct nic_waiting *w, uint32_t head,
			 uint32_t last, unsigned int n)
{
	if (w->shape && w->shape->split && n > 1) {
		head = send_half(q, head, n / 2, n);
		n -= n / 2;
	}
	batch_link(q, head, last, n);
	q->batch.frames++;
	q->batch.bytes += w->len;
	if (!w->shape)
		return;
	q->batch.aggregates++;
	q->batch.segs += w->shape->segs;
}

/* Put one frame into the batch; false: no room now. */
static bool batch_add(struct nic_queue *q, const struct nic_waiting *w)
{
	unsigned int n = w->shape ? w->shape->cnt : 1;
	struct nic *nic = q->nic;
	uint32_t head, last;

	if ((q->batch.frames >= nic->cfg.batch || q->batch.stuck ||
	     (q->batch.range_cnt && q->batch.range_cnt + n > range_limit(nic))) && !batch_send(q))
		return false;
	if (n > nic->pool.share && n > 1) {
		nic->drops.too_long++;
		return true;
	}
	head = get_slots(q, n);
	if (head == POOL_NONE)
		return false;
	if (!write_slots(q, w, head, &last)) {
		pool_put(&nic->pool, head, q->index);
		nic->drops.too_long++;
		return true;
	}
	batch_append(q, w, head, last, n);
	return true;
}

static void waiting_free(struct nic_waiting *w)
{
	if (w)
		free(w->shape);
	free(w);
}

static void fifo_pop(struct nic_queue *q)
{
	struct nic_waiting *w = q->batch.wait_first;

	q->batch.wait_first = w->next;
	if (!q->batch.wait_first)
		q->batch.wait_last = &q->batch.wait_first;
	q->batch.wait_cnt--;
	waiting_free(w);
}

bool rx_batch_ready(const struct nic *nic)
{
	return nic->state == NIC_OPERATIONAL && nic->filter && nic->recv_buf &&
	       nic->port && !nic->leave;
}

void rx_batch_kick(struct nic_queue *q)
{
	if (!q->open || !rx_batch_ready(q->nic) || q->nic->hold)
		return;
	while (q->batch.wait_first && batch_add(q, q->batch.wait_first))
		fifo_pop(q);
	batch_send(q);
}

unsigned int rx_batch_drop(struct nic_queue *q)
{
	unsigned int n = q->batch.wait_cnt + q->batch.frames;

	while (q->batch.wait_first)
		fifo_pop(q);
	if (q->batch.range_cnt && q->nic->pool.slot)
		pool_put(&q->nic->pool, q->batch.head, q->index);
	batch_forget(q);
	return n;
}

void rx_batch_enqueue(struct nic_queue *q, struct nic_waiting *w)
{
	struct nic *nic = q->nic;

	if (w && !q->batch.wait_first && !nic->hold && batch_add(q, w)) {
		waiting_free(w);
		return;
	}
	if (!w || q->batch.wait_cnt >= nic->cfg.fifo) {
		waiting_free(w);
		nic->drops.fifo_full++;
		return;
	}
	*q->batch.wait_last = w;
	q->batch.wait_last = &w->next;
	q->batch.wait_cnt++;
}

static void hold_over(void *priv)
{
	struct nic *nic = priv;
	unsigned int i;

	nic->hold = NULL;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			rx_batch_kick(nic->q[i]);
}

void rx_batch_hold(struct nic *nic, unsigned int ms)
{
	if (!nic->hold)
		nic->hold = loop_add_timer(ms, hold_over, nic);
}

void rx_batch_hold_end(struct nic *nic)
{
	loop_del_timer(nic->hold);
	nic->hold = NULL;
}

void rx_batch_init(struct nic_queue *q)
{
	q->batch.wait_last = &q->batch.wait_first;
	q->batch.head = POOL_NONE;
}
