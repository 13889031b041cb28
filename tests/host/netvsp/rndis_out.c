// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rndis_out - control messages for the guest: answers and status indications
 * (netvsc-wire.md 5).
 *
 * They travel in the control sub-allocations of the receive buffer, one message per
 * transfer-page packet; what finds none waits in a short backlog until the guest
 * completes something.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../fault/fault.h"
#include "nic.h"
#include "wire.h"

#define BACKLOG_MAX	64

/* A control message that waits for a sub-allocation. */
struct rndis_waiting {
	struct rndis_waiting *next;
	size_t len;
	uint8_t data[];
};

void rndis_init(struct nic *nic)
{
	nic->backlog.last = &nic->backlog.first;
}

static int send_now(struct nic *nic, const void *msg, size_t len)
{
	struct nic_queue *q = nic->q[0];
	struct nvsp_message m = { 0 };
	struct vmbus_range r;
	uint32_t slot;
	int ret;

	slot = pool_get(&nic->pool, 0, true);
	if (slot == POOL_NONE)
		return -EAGAIN;
	r.byte_count = (uint32_t)len;
	r.byte_offset = slot * nic->sub_size;
	m.rndis_pkt.type = htole32(NVSP_MSG_SEND_RNDIS_PKT);
	m.rndis_pkt.channel_type = htole32(NVSP_RNDIS_CHANNEL_CONTROL);
	m.rndis_pkt.section_index = htole32(NVSP_SECTION_NONE);
	ret = gpadl_write(nic->recv_buf, r.byte_offset, msg, len);
	if (!ret)
		ret = channel_send_ranges(q->ch, slot, nic->recv_id, &r, 1, &m,
					  nic_msg_bytes(nic));
	if (ret) {
		pool_put(&nic->pool, slot, 0);
		return ret;
	}
	pool_sent(&nic->pool, slot, 0);
	q->stats.rx_packets++;
	return 0;
}

static bool can_send(const struct nic *nic)
{
	return nic->recv_buf && nic->q[0] && nic->q[0]->open &&
	       nic->state != NIC_QUIESCED && !nic->removing;
}

void rndis_send(struct nic *nic, const void *msg, size_t len)
{
	struct rndis_waiting *c;

	if (!can_send(nic) || len > nic->sub_size)
		return;
	if (!nic->backlog.first && send_now(nic, msg, len) != -EAGAIN)
		return;
	c = nic->backlog.cnt < BACKLOG_MAX ? malloc(sizeof(*c) + len) : NULL;
	if (!c)
		return;
	c->next = NULL;
	c->len = len;
	memcpy(c->data, msg, len);
	*nic->backlog.last = c;
	nic->backlog.last = &c->next;
	nic->backlog.cnt++;
}

static void backlog_pop(struct nic *nic)
{
	struct rndis_waiting *c = nic->backlog.first;

	nic->backlog.first = c->next;
	if (!nic->backlog.first)
		nic->backlog.last = &nic->backlog.first;
	nic->backlog.cnt--;
	free(c);
}

void rndis_flush(struct nic *nic)
{
	while (nic->backlog.first && can_send(nic)) {
		if (send_now(nic, nic->backlog.first->data, nic->backlog.first->len) == -EAGAIN)
			return;
		backlog_pop(nic);
	}
}

void rndis_drop_backlog(struct nic *nic)
{
	while (nic->backlog.first)
		backlog_pop(nic);
}

void rndis_indicate(struct nic *nic, uint32_t status, const void *buf, size_t len)
{
	uint8_t msg[sizeof(struct rndis_indicate_status) + 256] = { 0 };
	bool bad = fault_hit("status.malformed", nic->id, "", 0);

	if (nic->state != NIC_OPERATIONAL || len > 256)
		return;
	wire_put32(msg, RNDIS_MSG_INDICATE_STATUS);
	wire_put32(msg + 4, (uint32_t)(sizeof(struct rndis_indicate_status) + len));
	wire_put32(msg + 8, status);
	wire_put32(msg + 12, bad ? 0x10000 : (uint32_t)len);
	wire_put32(msg + 16, bad ? 0xfffffff0 : len ? RNDIS_STATUS_BUFFER_OFFSET : 0);
	if (len)
		memcpy(msg + sizeof(struct rndis_indicate_status), buf, len);
	rndis_send(nic, msg, sizeof(struct rndis_indicate_status) + len);
}

void rndis_link_changed(struct nic *nic)
{
	rndis_indicate(nic, nic->link_up ? RNDIS_STATUS_MEDIA_CONNECT :
					   RNDIS_STATUS_MEDIA_DISCONNECT, NULL, 0);
}
