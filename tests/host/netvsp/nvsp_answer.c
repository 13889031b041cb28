// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: nvsp_answer - completions of the guest's NVSP requests, as they should be or as a
 * fault has them.
 */
#include "../fault/fault.h"
#include "late.h"
#include "nic.h"
#include "nvsp.h"

bool nvsp_wants_answer(const struct vmbus_packet *pkt)
{
	return pkt->flags & VMBUS_PKT_FLAG_COMPLETION_REQUESTED;
}

static void nvsp_send_late(struct nic *nic, uint64_t id, const void *msg, size_t len)
{
	if (nic->q[0])
		done_send(nic->q[0], id, msg, len);
}

bool nvsp_answer(struct nic *nic, const char *what, const struct vmbus_packet *pkt,
		 struct nvsp_message *m, bool empty)
{
	size_t len = empty ? 0 : nic_msg_bytes(nic);
	uint64_t id = pkt->trans_id;
	const struct fault *f;

	if (!nvsp_wants_answer(pkt) || fault_hit("nvsp.no_answer", nic->id, what, 0))
		return false;
	if (fault_hit("nvsp.malformed", nic->id, what, 0))
		m->type = htole32(0x7fff);
	if (len && fault_hit("nvsp.short", nic->id, what, 0))
		len = 8;
	if (fault_hit("nvsp.wrong_id", nic->id, what, 0))
		id = 0x7ffffff0;
	f = fault_hit("nvsp.delay", nic->id, what, 0);
	if (f) {
		late_keep(nic, nvsp_send_late, id, m, len, f->ms);
		return true;
	}
	done_send(nic->q[0], id, m, len);
	if (fault_hit("nvsp.twice", nic->id, what, 0))
		done_send(nic->q[0], id, m, len);
	return true;
}

/* An answer nobody defined: what the guest asked for cannot be had here. */
void nvsp_fail(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };

	if (!nvsp_wants_answer(pkt))
		return;
	m.rndis_pkt_complete.type = htole32(NVSP_MSG_SEND_RNDIS_PKT_COMPLETE);
	m.rndis_pkt_complete.status = htole32(NVSP_STAT_FAILURE);
	done_send(q, pkt->trans_id, &m, nic_msg_bytes(q->nic));
}
