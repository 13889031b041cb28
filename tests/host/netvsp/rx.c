// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rx - frames for the guest (netvsc-wire.md 5.8, 5.11, 9.2).
 *
 *	deliver: filter -> queue by hash -> write into a sub-allocation -> batch
 *	flush:   batch -> one transfer-page packet per queue
 *
 * A frame that finds no sub-allocation, or a batch that finds no room in the
 * ring, waits; up to fifo= frames per queue, the rest is dropped and counted.
 * What waits goes on when the guest completes a packet or signals.
 *
 * The 1806 style puts the frame at byte 256 and claims the whole sub-allocation;
 * the 1728 style puts it behind the PPIs and claims what it uses.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../backend/packet.h"
#include "../fault/fault.h"
#include "nic.h"

static void put_dword(uint8_t *p, uint32_t v)
{
	__le32 le = htole32(v);

	memcpy(p, &le, sizeof(le));
}

static uint8_t *put_ppi(uint8_t *p, uint32_t type, uint32_t v)
{
	put_dword(p, RNDIS_PPI_BYTES);
	put_dword(p + 4, type);
	put_dword(p + 8, RNDIS_PPI_HEADER_BYTES);
	put_dword(p + 12, v);
	return p + RNDIS_PPI_BYTES;
}

/* What the checksum PPI says of a frame. */
static uint32_t csum_bits(const struct nic *nic, const struct nic_waiting *w)
{
	const struct nic_offloads *f = &nic->off;
	struct pkt_info info;
	uint32_t v = 0;
	bool tcp, on;

	if (fault_hit("recv.lie_csum", nic->id, "", 0))
		return RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_IP_SUCCEEDED;
	if (nic->cfg.offload == OFFLOAD_NONE)
		return 0;
	pkt_parse(w->data, w->len, &info);
	if (info.is_ip4)
		v |= pkt_ip4_csum_good(w->data, &info) ? RNDIS_RX_CSUM_IP_SUCCEEDED :
							 RNDIS_RX_CSUM_IP_FAILED;
	if (!info.l4_off)
		return v;
	tcp = info.l4_proto == IP_PROTO_TCP;
	on = info.is_ip4 ? (tcp ? f->rx_tcp4 : f->rx_udp4) :
			   (tcp ? f->rx_tcp6 : f->rx_udp6);
	if (!on)
		return v;
	if (w->l4_good || pkt_l4_csum_good(w->data, &info))
		return v | (tcp ? RNDIS_RX_CSUM_TCP_SUCCEEDED : RNDIS_RX_CSUM_UDP_SUCCEEDED);
	return v | (tcp ? RNDIS_RX_CSUM_TCP_FAILED : RNDIS_RX_CSUM_UDP_FAILED);
}

static uint32_t vlan_ppi(uint16_t tci)
{
	return (uint32_t)(tci >> 13 | (tci >> 9 & RNDIS_VLAN_DEI) | (tci & 0xfff) << 4);
}

/* Faults N5 to N10 and their like: the finished header is changed. */
static void mutate_header(int nic, uint8_t *h, uint32_t data_room)
{
	const struct fault *f;

	if (fault_hit("recv.msg_length", nic, "", 0))
		put_dword(h + 4, 0x10000);
	f = fault_hit("recv.data_offset", nic, "", 0);
	if (f)
		put_dword(h + 8, f->has_value ? f->value : 0xfffffff8);
	if (fault_hit("recv.data_length", nic, "", 0))
		put_dword(h + 12, data_room + 1);
	if (fault_hit("recv.ppi_size_zero", nic, "", 0))
		put_dword(h + 44, 0);
	if (fault_hit("recv.ppi_size_odd", nic, "", 0))
		put_dword(h + 44, 17);
	if (fault_hit("recv.ppi_data_offset", nic, "", 0))
		put_dword(h + 52, 16);
	f = fault_hit("recv.rndis_type", nic, "", 0);
	if (f)
		put_dword(h, f->has_value ? f->value : 0x99);
}

/* Write header, PPIs and frame into @slot; the bytes to claim, 0 on failure. */
static uint32_t write_frame(struct nic *nic, const struct nic_waiting *w, uint32_t slot)
{
	uint8_t h[NVSP_RECV_SUBALLOC_HEAD] = { 0 }, *p = h + RNDIS_PACKET_BYTES;
	bool whole = nic->cfg.suballoc != NVSP_RECV_SUBALLOC_DEFAULT;
	uint64_t base = (uint64_t)slot * nic->sub_size;
	uint32_t at, claim;

	p = put_ppi(p, RNDIS_PPI_CSUM, csum_bits(nic, w));
	if (w->tagged)
		p = put_ppi(p, RNDIS_PPI_VLAN, vlan_ppi(w->tci));
	if (w->hash_type && nic->cfg.hash_ppi && nic->version >= NVSP_VERSION_5) {
		p = put_ppi(p, RNDIS_PPI_HASH_VALUE, w->hash);
		p = put_ppi(p, RNDIS_PPI_HASH_INFO, w->hash_type | NDIS_HASH_TOEPLITZ);
	}
	at = whole ? NVSP_RECV_SUBALLOC_HEAD : (uint32_t)(p - h);
	if (fault_hit("recv.unaligned", nic->id, "", 0))
		at++;
	if (at > nic->sub_size || w->len > nic->sub_size - at)
		return 0;
	claim = whole ? nic->sub_size : at + (uint32_t)w->len;
	put_dword(h, RNDIS_MSG_PACKET);
	put_dword(h + 4, claim);
	put_dword(h + 8, at - RNDIS_OFFSET_BASE);
	put_dword(h + 12, (uint32_t)w->len);
	put_dword(h + 28, RNDIS_PACKET_PPI_OFFSET);
	put_dword(h + 32, (uint32_t)(p - h) - RNDIS_PACKET_BYTES);
	mutate_header(nic->id, h, claim - at);
	if (gpadl_write(nic->recv_buf, base, h, (size_t)(p - h)) ||
	    gpadl_write(nic->recv_buf, base + at, w->data, w->len))
		return 0;
	return claim;
}

/* ---- packets ---- */

/* Faults N1, N2 and the NVSP type: a packet put together by hand. */
static int send_mutated(struct nic_queue *q, const struct nvsp_message *m, bool *done)
{
	struct nic *nic = q->nic;
	uint8_t pkt[NVSP_XFER_RANGES_OFFSET + sizeof(q->range) + NVSP_MSG_BYTES] = { 0 };
	const struct fault *set = fault_hit("recv.set_id", nic->id, "", 0);
	const struct fault *cnt = fault_hit("recv.range_count", nic->id, "", 0);
	const struct fault *type = fault_hit("recv.nvsp_type", nic->id, "", 0);
	size_t msg = nic_msg_bytes(nic), ranges = q->range_cnt * sizeof(q->range[0]);
	size_t len = NVSP_XFER_RANGES_OFFSET + ranges + (msg + 7) / 8 * 8;
	uint16_t *h = (uint16_t *)pkt;
	__le64 id = htole64(q->batch_head);

	*done = set || cnt || type;
	if (!*done)
		return 0;
	h[0] = htole16(VMBUS_PKT_XFER_PAGES);
	h[1] = htole16((uint16_t)((NVSP_XFER_RANGES_OFFSET + ranges) / 8));
	h[2] = htole16((uint16_t)(len / 8));
	h[3] = htole16(VMBUS_PKT_FLAG_COMPLETION_REQUESTED);
	memcpy(pkt + 8, &id, 8);
	put_dword(pkt + 16, !set ? nic->recv_id : set->has_value ? set->value : 0);
	put_dword(pkt + 20, !cnt ? q->range_cnt : cnt->has_value ? cnt->value : 0x20000000);
	memcpy(pkt + NVSP_XFER_RANGES_OFFSET, q->range, ranges);
	memcpy(pkt + NVSP_XFER_RANGES_OFFSET + ranges, m, msg);
	if (type)
		put_dword(pkt + NVSP_XFER_RANGES_OFFSET + ranges,
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
	q->batch_head = POOL_NONE;
	q->range_cnt = 0;
	q->batch_bytes = 0;
	q->batch_stuck = false;
}

/* Send the batch; false when the ring has no room (it stays). */
static bool batch_send(struct nic_queue *q)
{
	struct nvsp_message m = { 0 };
	struct nic *nic = q->nic;
	bool done;
	int ret;

	if (!q->range_cnt)
		return true;
	m.rndis_pkt.type = htole32(NVSP_MSG_SEND_RNDIS_PKT);
	m.rndis_pkt.channel_type = htole32(NVSP_RNDIS_CHANNEL_DATA);
	m.rndis_pkt.section_index = htole32(NVSP_SECTION_NONE);
	if (!q->batch_stuck)
		mutate_range(nic, &q->range[0]);
	ret = send_mutated(q, &m, &done);
	if (!done)
		ret = channel_send_ranges(q->ch, q->batch_head, nic->recv_id, q->range,
					  q->range_cnt, &m, nic_msg_bytes(nic));
	if (ret == -EAGAIN) {
		q->stats.ring_full += !q->batch_stuck;
		q->batch_stuck = true;
		return false;
	}
	if (ret) {
		pool_put(&nic->pool, q->batch_head, q->index);
	} else {
		pool_sent(&nic->pool, q->batch_head, q->index);
		q->stats.rx_packets++;
		q->stats.frames_to_guest += q->range_cnt;
		q->stats.bytes_to_guest += q->batch_bytes;
	}
	batch_forget(q);
	return true;
}

/* Put one frame into the batch; false: no room now. */
static bool batch_add(struct nic_queue *q, const struct nic_waiting *w)
{
	struct nic *nic = q->nic;
	uint32_t slot, claim;

	if (q->range_cnt >= nic->cfg.batch && !batch_send(q))
		return false;
	if (q->batch_stuck && !batch_send(q))
		return false;
	slot = pool_get(&nic->pool, q->index, false);
	if (slot == POOL_NONE)
		return false;
	claim = write_frame(nic, w, slot);
	if (!claim) {
		pool_put(&nic->pool, slot, q->index);
		nic->drops.too_long++;
		return true;
	}
	if (q->batch_head == POOL_NONE)
		q->batch_head = slot;
	else
		pool_link(&nic->pool, q->batch_last, slot);
	q->batch_last = slot;
	q->range[q->range_cnt].byte_count = claim;
	q->range[q->range_cnt++].byte_offset = slot * nic->sub_size;
	q->batch_bytes += w->len;
	return true;
}

static void fifo_pop(struct nic_queue *q)
{
	struct nic_waiting *w = q->wait_first;

	q->wait_first = w->next;
	if (!q->wait_first)
		q->wait_last = &q->wait_first;
	q->wait_cnt--;
	free(w);
}

static bool can_receive(const struct nic *nic)
{
	return nic->state == NIC_OPERATIONAL && nic->filter && nic->recv_buf &&
	       nic->port && !nic->leave;
}

void rx_kick(struct nic_queue *q)
{
	if (!q->open || !can_receive(q->nic) || q->nic->hold)
		return;
	while (q->wait_first && batch_add(q, q->wait_first))
		fifo_pop(q);
	batch_send(q);
}

void rx_drop_waiting(struct nic_queue *q)
{
	q->nic->drops.reset += q->wait_cnt + q->range_cnt;
	while (q->wait_first)
		fifo_pop(q);
	if (q->range_cnt && q->nic->pool.slot)
		pool_put(&q->nic->pool, q->batch_head, q->index);
	batch_forget(q);
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
	rx_kick(q);
}

/* ---- the switch port ---- */

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

static void hold_over(void *priv)
{
	struct nic *nic = priv;
	unsigned int i;

	nic->hold = NULL;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			rx_kick(nic->q[i]);
}

static void maybe_hold(struct nic *nic)
{
	const struct fault *f;

	if (nic->hold)
		return;
	f = fault_hit("rx.hold", nic->id, "", 0);
	if (f)
		nic->hold = loop_add_timer(f->ms ? f->ms : 1000, hold_over, nic);
}

static struct nic_waiting *waiting(const struct switch_frame *f, uint32_t hash,
				   uint32_t hash_type)
{
	struct nic_waiting *w = malloc(sizeof(*w) + f->len);

	if (!w)
		return NULL;
	w->next = NULL;
	w->len = f->len;
	w->tci = f->tci;
	w->tagged = f->tagged;
	w->l4_good = f->l4_good;
	w->hash = hash;
	w->hash_type = hash_type;
	memcpy(w->data, f->data, f->len);
	return w;
}

static void enqueue(struct nic_queue *q, const struct switch_frame *f, uint32_t hash,
		    uint32_t hash_type)
{
	struct nic *nic = q->nic;
	struct nic_waiting *w = waiting(f, hash, hash_type);

	if (w && !q->wait_first && !nic->hold && batch_add(q, w)) {
		free(w);
		return;
	}
	if (!w || q->wait_cnt >= nic->cfg.fifo) {
		free(w);
		nic->drops.fifo_full++;
		return;
	}
	*q->wait_last = w;
	q->wait_last = &w->next;
	q->wait_cnt++;
}

static void port_deliver(void *priv, const struct switch_frame *f)
{
	struct nic *nic = priv;
	uint32_t hash, type;
	unsigned int n;

	if (!nic->link_up) {
		nic->drops.link++;
		return;
	}
	if (!can_receive(nic)) {
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
	if (!nic->q[n] || !nic->q[n]->open) {
		nic->drops.not_ready++;
		return;
	}
	enqueue(nic->q[n], f, hash, type);
}

static void port_flush(void *priv)
{
	struct nic *nic = priv;
	unsigned int i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open && nic->q[i]->range_cnt)
			rx_kick(nic->q[i]);
}

static unsigned int port_room(void *priv)
{
	struct nic *nic = priv;
	unsigned int i, room = UINT_MAX;

	/* Which queue it will be is not known: the fullest one counts. */
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		struct nic_queue *q = nic->q[i];
		unsigned int n;

		if (!q || !q->open)
			continue;
		n = nic->cfg.fifo > q->wait_cnt ? nic->cfg.fifo - q->wait_cnt : 0;
		if (n < room)
			room = n;
	}
	return room;
}

const struct switch_port_ops rx_port_ops = {
	.deliver = port_deliver,
	.flush = port_flush,
	.room = port_room,
};
