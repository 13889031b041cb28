// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: subchan - sub-channels on request, and the transmit table once all of
 * them are open (netvsc-wire.md 3.13).
 *
 *	SUBCHANNEL(n) -> answer(n) -> (timer) n offers -> guest opens each ->
 *	table (once) ... primary closes -> all rescinded
 *
 * The offers travel on another road than the answer; the timer lets the answer
 * be first.
 */
#include <stdlib.h>
#include <string.h>
#include "../fault/fault.h"
#include "nic.h"
#include "nvsp.h"
#include "queue.h"
#include "subchan.h"

#define OFFER_DELAY_MS	1

static void offer_all(void *priv)
{
	struct nic *nic = priv;
	const struct fault *f;
	unsigned int i, n = nic->subs_granted, missing = 0;

	nic->subs_timer = NULL;
	f = fault_hit("subchannel.missing", nic->id, "", 0);
	if (f)
		missing = f->has_value ? f->value : 1;
	for (i = 1; i + missing <= n; i++)
		if (!nic->q[i])
			queue_new(nic, i);
}

bool subchan_too_tiny(const struct nic *nic, unsigned int queues)
{
	return nic->cfg.tiny == TINY_DEAD && nic->got_recv &&
	       nic->pool.cnt < POOL_CTRL_MAX + queues;
}

/* Data sub-allocations are shared out anew; what is out stays out. */
static bool enough_buffer(const struct nic *nic, unsigned int queues)
{
	return nic->pool.cnt >= nic->pool.ctrl + queues && !subchan_too_tiny(nic, queues);
}

static uint32_t grant(struct nic *nic, const struct vmbus_packet *pkt, uint32_t op,
		      uint32_t asked, uint32_t *status)
{
	const struct fault *f;
	uint32_t n = asked;

	*status = NVSP_STAT_FAILURE;
	if (op != NVSP_SUBCHANNEL_ALLOCATE) {
		nic_violation(nic, "netvsp.subchannel.operation", pkt->payload, 12,
			      "SUBCHANNEL operation %u, 1 wanted (3.13)", op);
		return 0;
	}
	if (nic->subs_asked) {
		nic_violation(nic, "netvsp.subchannel.twice", pkt->payload, 12,
			      "SUBCHANNEL was sent before (3.13)");
		return 0;
	}
	if (asked >= nic->cfg.queues) {
		nic_violation(nic, "netvsp.subchannel.too_many", pkt->payload, 12,
			      "%u sub-channels asked for, the host has %u queues in all (3.13)",
			      asked, nic->cfg.queues);
		return 0;
	}
	if (!enough_buffer(nic, asked + 1))
		return 0;
	f = fault_hit("nvsp.refuse", nic->id, "subchannel", 0);
	if (f) {
		*status = f->has_value ? f->value : NVSP_STAT_FAILURE;
		return 0;
	}
	*status = NVSP_STAT_SUCCESS;
	f = fault_hit("subchannel.fewer", nic->id, "", 0);
	if (f)
		n -= f->has_value && f->value < n ? f->value : n ? 1 : 0;
	if (fault_hit("subchannel.more", nic->id, "", 0))
		n++;
	return n;
}

void subchan_request(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };
	const struct fault *f;
	uint32_t op, asked, status, n;

	memcpy(&op, pkt->payload + 4, 4);
	memcpy(&asked, pkt->payload + 8, 4);
	n = grant(nic, pkt, le32toh(op), le32toh(asked), &status);
	m.subchannel_complete.type = htole32(NVSP_MSG_SUBCHANNEL);
	m.subchannel_complete.status = htole32(status);
	m.subchannel_complete.count = htole32(n);
	if (status == NVSP_STAT_SUCCESS) {
		nic->subs_asked = true;
		nic->subs_granted = n < NVSP_MAX_CHANNELS ? n : NVSP_MAX_SUBCHANNELS;
	}
	if (nic->subs_granted && fault_hit("subchannel.early", nic->id, "", 0))
		offer_all(nic);
	if (!nvsp_answer(nic, "subchannel", pkt, &m, false))
		return;
	if (!nic->subs_granted || nic->subs_timer)
		return;
	f = fault_hit("subchannel.late", nic->id, "", 0);
	nic->subs_timer = loop_add_timer(OFFER_DELAY_MS + (f ? f->ms : 0), offer_all, nic);
}

/*
 * Place of the table: Windows hosts write a full message and put it at 40, but
 * those that speak V6 or lower do not count the growth of the message in the
 * offset field; the compact form has it right behind the header.
 */
bool subchan_table(struct nic *nic, const uint32_t *entry, unsigned int n)
{
	uint8_t buf[NVSP_INDIRECTION_BYTES_WINDOWS] = { 0 };
	struct nvsp_indirection_table *t = (void *)buf;
	bool windows = nic->cfg.itab == ITAB_WINDOWS;
	uint32_t at = windows ? NVSP_INDIRECTION_OFFSET_WINDOWS :
				NVSP_INDIRECTION_OFFSET_COMPACT;
	uint32_t field = windows && nic->version < NVSP_VERSION_61 ?
		NVSP_MSG_LEGACY_BYTES : at;
	const struct fault *f;
	unsigned int i;

	t->type = htole32(NVSP_MSG_SEND_INDIRECTION_TABLE);
	f = fault_hit("itab.bad_count", nic->id, "", 0);
	t->entry_cnt = htole32(!f ? NVSP_INDIRECTION_ENTRIES : f->has_value ? f->value : 15);
	f = fault_hit("itab.bad_offset", nic->id, "", 0);
	t->table_offset = htole32(!f ? field : f->has_value ? f->value : 0x24);
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++) {
		__le32 e = htole32(entry[i % n]);

		memcpy(buf + at + i * 4, &e, 4);
	}
	f = fault_hit("itab.bad_entry", nic->id, "", 0);
	if (f) {
		__le32 e = htole32(f->has_value ? f->value : 64);

		memcpy(buf + at, &e, 4);
	}
	return !channel_send(nic->q[0]->ch, VMBUS_PKT_INBAND, 0, 0, buf,
			     at + NVSP_INDIRECTION_TABLE_BYTES);
}

static void send_table(struct nic *nic)
{
	uint32_t entry[NVSP_MAX_CHANNELS];
	unsigned int i;

	for (i = 0; i <= nic->subs_open; i++)
		entry[i] = i;
	if (subchan_table(nic, entry, i))
		nic->itab_sent = true;
}

/* First doorbell of a sub-channel after its open, and every later one. */
void subchan_opened(struct nic_queue *q)
{
	struct nic *nic = q->nic;
	unsigned int i, open = 0;

	if (q->orphan || nic->itab_sent)
		return;
	for (i = 1; i < NVSP_MAX_CHANNELS; i++)
		open += nic->q[i] && nic->q[i]->open;
	nic->subs_open = open;
	pool_set_queues(&nic->pool, open + 1);
	if (nic->cfg.itab == ITAB_OFF || open < nic->subs_granted ||
	    nic->state != NIC_OPERATIONAL)
		return;
	send_table(nic);
}

void subchan_rescind_all(struct nic *nic)
{
	unsigned int i;

	for (i = 1; i < NVSP_MAX_CHANNELS; i++) {
		struct nic_queue *q = nic->q[i];

		if (!q)
			continue;
		nic->q[i] = NULL;
		q->orphan = true;
		channel_rescind(q->ch);		/* closes it; may free q */
	}
	nic->subs_open = 0;
}

void subchan_reset(struct nic *nic)
{
	loop_del_timer(nic->subs_timer);
	nic->subs_timer = NULL;
	nic->subs_granted = 0;
	nic->subs_open = 0;
	nic->subs_asked = false;
	nic->itab_sent = false;
}
