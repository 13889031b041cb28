// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vf - what the guest is told of its VF, and the data path in force
 * (netvsc-wire.md 3.11, 3.12, 4.6, 9.6).
 *
 *	SYNTHETIC -> request 1 -> (SWITCHING) -> VF -> request 0 -> (SWITCHING) -> SYNTHETIC
 *
 * The path changes when the switch port has been steered, and then the request is
 * completed. A switch to the VF that fails is completed too, and a notice with path
 * 0 follows. Whatever the guest does, the path is synthetic when there is no VF and
 * when the channel is closed. The function itself is vffn.c; its port is the NIC's.
 *
 * News that find no room in the ring wait, in order; a full list loses the newest.
 */
#include <string.h>
#include "../fault/fault.h"
#include "nic.h"
#include "nvsp.h"

#define ASSOC_DELAY_MS	10	/* after INITIALIZE: the answer, and a sub-channel request */
#define ASK_ID		0x56460000ull	/* notices that ask for a completion count from here */

/* ---- messages ---- */

static bool can_tell(const struct nic *nic)
{
	return nic->q[0] && nic->q[0]->open && !nic->removing && nic->version >= NVSP_VERSION_4 &&
	       nic->state == NIC_OPERATIONAL;
}

void vf_flush(struct nic *nic)
{
	struct nic_vf *vf = &nic->vf;
	unsigned int i = 0;

	if (!vf->msg_cnt || !can_tell(nic))
		return;
	for (; i < vf->msg_cnt; i++)
		if (channel_send(nic->q[0]->ch, VMBUS_PKT_INBAND, vf->msg[i].asks ?
				 VMBUS_PKT_FLAG_COMPLETION_REQUESTED : 0, vf->msg[i].id,
				 &vf->msg[i].m, vf->msg[i].len))
			break;
	vf->msg_cnt -= i;
	memmove(vf->msg, vf->msg + i, vf->msg_cnt * sizeof(vf->msg[0]));
}

static bool tell(struct nic *nic, const struct nvsp_message *m, bool asks)
{
	struct nic_vf *vf = &nic->vf;
	struct nic_vf_message *w;

	if (!can_tell(nic) || vf->msg_cnt == NIC_VF_MSGS_MAX)
		return false;
	w = &vf->msg[vf->msg_cnt++];
	w->m = *m;
	w->len = nic_msg_bytes(nic);
	if (nic->cfg.vf_short && le32toh(m->type) == NVSP_MSG_SWITCH_DATA_PATH)
		w->len = sizeof(m->switch_data_path);
	asks |= nic->cfg.vf_asks;
	w->asks = asks;
	w->id = asks ? ASK_ID + vf->ask_cnt++ : 0;
	vf_flush(nic);
	return true;
}

bool vf_answered(struct nic *nic, const struct vmbus_packet *pkt)
{
	uint64_t n = pkt->trans_id - ASK_ID;

	if (pkt->trans_id < ASK_ID || n >= nic->vf.ask_cnt)
		return false;
	nic->vf.stats.notices_answered++;
	return true;
}

bool vf_notice(struct nic *nic, uint32_t path, bool asks)
{
	struct nvsp_message m = { 0 };

	if (fault_hit("vf.notice_lost", nic->id, "", 0))
		return false;
	m.switch_data_path.type = htole32(NVSP_MSG_SWITCH_DATA_PATH);
	m.switch_data_path.data_path = htole32(path);
	if (!tell(nic, &m, asks))
		return false;
	nic->vf.stats.notices++;
	return true;
}

/* ---- association ---- */

static bool send_association(struct nic *nic, bool on, uint32_t serial)
{
	struct nvsp_message m = { 0 };

	m.vf_association.type = htole32(NVSP_MSG_SEND_VF_ASSOCIATION);
	m.vf_association.allocated = htole32(on);
	m.vf_association.serial = htole32(serial);
	if (on)
		nic->vf.ready_ms = loop_now_ms() + nic->cfg.vf_delay;
	return tell(nic, &m, false);
}

bool vf_associate(struct nic *nic, bool on, uint32_t serial)
{
	struct nic_vf *vf = &nic->vf;
	const struct fault *f;

	/* Only a guest that said it can (3.11). */
	if (!can_tell(nic) || !(nic->caps & NVSP_CAP_SRIOV))
		return false;
	if (fault_hit(on ? "vf.assoc_lost" : "vf.withdraw_lost", nic->id, "", 0))
		return false;
	f = on ? fault_hit("vf.assoc_serial", nic->id, "", 0) : NULL;
	if (f)
		serial = f->has_value ? f->value : serial + 1000;
	if (!on && vf->told)
		serial = vf->told_serial;	/* the one that was allocated, always */
	if (!send_association(nic, on, serial))
		return false;
	if (on && fault_hit("vf.assoc_twice", nic->id, "", 0))
		send_association(nic, on, serial);
	*(on ? &vf->stats.associations : &vf->stats.withdrawals) += 1;
	vf->told = on;
	vf->told_serial = serial;
	return true;
}

static void assoc_fired(void *priv)
{
	struct nic *nic = priv;

	nic->vf.assoc_timer = NULL;
	if (nic->vf.assoc && !nic->vf.told)
		vf_associate(nic, true, nic->vf.serial);
	if (nic->vf.assoc)
		nic->events->vf_told(nic);
}

void vf_operational(struct nic *nic)
{
	const struct fault *f;
	unsigned int ms;

	if (nic->vf.assoc_timer || !nic->vf.assoc)
		return;
	ms = nic->cfg.vf_assoc == VF_ASSOC_AFTER ? nic->cfg.vf_delay : 0;
	f = fault_hit("vf.assoc_delay", nic->id, "", 0);
	if (nic->cfg.vf_told_early && !f && !ms) {
		assoc_fired(nic);
		return;
	}
	nic->vf.assoc_timer = loop_add_timer((f ? f->ms : ms) + ASSOC_DELAY_MS, assoc_fired, nic);
}

/* ---- the path ---- */

void vf_sent_synthetic(struct nic *nic, uint64_t frames)
{
	if (nic->vf.path == NVSP_DATAPATH_VF)
		nic->vf.stats.wrong_path_synthetic += frames;
}

void vf_set_path(struct nic *nic, uint32_t path)
{
	struct nic_vf *vf = &nic->vf;

	if (vf->path == path)
		return;
	vf->path = path;
	*(path == NVSP_DATAPATH_VF ? &vf->stats.to_vf : &vf->stats.to_synthetic) += 1;
}

/* There is no function, or (vf_quiet) it is not offered yet. */
static bool cannot_switch(const struct nic *nic)
{
	const struct nic_vf *vf = &nic->vf;

	return !vf->fn || (nic->cfg.vf_quiet && vf->path != NVSP_DATAPATH_VF &&
			   loop_now_ms() < vf->ready_ms);
}

/* Steer, complete, and own up to a switch that failed. */
static void finish(struct nic *nic)
{
	struct nic_vf *vf = &nic->vf;
	struct vmbus_packet pkt = { .flags = vf->pending_flags, .trans_id = vf->pending_id };
	uint32_t to = vf->pending_to;
	struct nvsp_message m = { 0 };
	bool failed, quiet;

	if (!vf->pending)
		return;
	vf->pending = false;
	loop_del_timer(vf->switch_timer);
	vf->switch_timer = NULL;
	failed = to == NVSP_DATAPATH_VF && cannot_switch(nic);
	quiet = failed && nic->cfg.vf_quiet;
	vf->stats.switch_pointless += failed || to == vf->path || to > NVSP_DATAPATH_VF;
	if (to != vf->path && fault_hit("vf.switch_fail", nic->id, "", 0))
		failed = true;
	vf->stats.switch_failed += failed;
	if (!failed && to <= NVSP_DATAPATH_VF)
		vf_set_path(nic, to);
	/* Never with a payload; there is no status (3.12). */
	nvsp_answer(nic, "datapath", &pkt, &m, true);
	if (failed && !quiet && to == NVSP_DATAPATH_VF)
		vf_notice(nic, NVSP_DATAPATH_SYNTHETIC, false);
}

static void switch_fired(void *priv)
{
	struct nic *nic = priv;

	nic->vf.switch_timer = NULL;
	finish(nic);
}

void vf_request(struct nic *nic, const struct vmbus_packet *pkt, uint32_t to)
{
	struct nic_vf *vf = &nic->vf;
	const struct fault *f;

	finish(nic);		/* one that still runs, first */
	vf->stats.switch_requests++;
	vf->pending = true;
	vf->pending_to = to;
	vf->pending_flags = pkt->flags;
	vf->pending_id = pkt->trans_id;
	f = fault_hit("vf.switch_slow", nic->id, "", 0);
	if (f)
		vf->switch_timer = loop_add_timer(f->ms ? f->ms : 1000, switch_fired, nic);
	if (!vf->switch_timer)
		finish(nic);
}

/* In this order (4.6); the path is synthetic at once. */
void vf_gone(struct nic *nic, bool withdraw)
{
	bool was_vf = nic->vf.path == NVSP_DATAPATH_VF;

	vf_set_path(nic, NVSP_DATAPATH_SYNTHETIC);
	finish(nic);
	if (was_vf)
		vf_notice(nic, NVSP_DATAPATH_SYNTHETIC, false);
	if (!withdraw)
		return;
	if (nic->vf.told)
		vf_associate(nic, false, nic->vf.serial);
	nic->vf.assoc = false;
}

void vf_reset(struct nic *nic)
{
	struct nic_vf *vf = &nic->vf;

	loop_del_timer(vf->assoc_timer);
	vf->assoc_timer = NULL;
	loop_del_timer(vf->switch_timer);
	vf->switch_timer = NULL;
	vf->pending = false;
	vf->msg_cnt = 0;
	vf->told = false;
	if (!nic->cfg.vf_keep)
		vf_set_path(nic, NVSP_DATAPATH_SYNTHETIC);
}
