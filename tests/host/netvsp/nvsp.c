// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: nvsp - the NVSP server (netvsc-wire.md 3, 4.8).
 *
 * One table lists the messages a guest may send: the version that has it, the
 * length of its body, whether a completion is due, the states in which it makes
 * sense. What the table rejects is a violation and is answered, where an answer
 * is due, with failure; handlers see only messages at their place.
 */
#include <errno.h>
#include <string.h>
#include "../fault/fault.h"
#include "nic.h"
#include "nvsp.h"
#include "queue.h"
#include "subchan.h"
#include "wire.h"

#define IN(state)	(1u << (state))
#define IN_SETUP	IN(NIC_NEGOTIATED)
#define IN_ANY_RNDIS	(IN(NIC_OPERATIONAL) | IN(NIC_HALTED))

static uint32_t dword(const struct vmbus_packet *pkt, size_t off)
{
	return wire_get32(pkt->payload + off);
}

/* A fault that makes the host refuse: true and the status to send. */
static bool refused(struct nic *nic, const char *what, uint32_t *status)
{
	const struct fault *f = fault_hit("nvsp.refuse", nic->id, what, 0);

	if (f)
		*status = f->has_value ? f->value : NVSP_STAT_FAILURE;
	return f != NULL;
}

static bool known_version(uint32_t v)
{
	return strcmp(wire_version_name(v), "none") != 0;
}

static void do_init(struct nic *nic, const struct vmbus_packet *pkt)
{
	uint32_t min = dword(pkt, 4), max = dword(pkt, 8);
	struct nvsp_message m = { 0 };
	uint32_t status;

	if (min != max)
		nic_violation(nic, "netvsp.init.version_range", pkt->payload, 12,
			      "INIT offers 0x%x..0x%x, both fields carry the same version (3.6)",
			      min, max);
	status = known_version(min) && min <= nic->cfg.nvsp_max ? NVSP_STAT_SUCCESS :
								   NVSP_STAT_NONE;
	refused(nic, "init", &status);
	m.init_complete.type = htole32(NVSP_MSG_INIT_COMPLETE);
	m.init_complete.version = htole32(min == NVSP_VERSION_1 ? NVSP_VERSION_1 :
					  NVSP_INIT_COMPLETE_VERSION);
	m.init_complete.max_mdl_chain = htole32(NVSP_INIT_COMPLETE_MDL_CHAIN);
	m.init_complete.status = htole32(status);
	/* No version is in force yet: the answer has the legacy size. */
	nvsp_answer(nic, "init", pkt, &m, false);
	if (status != NVSP_STAT_SUCCESS)
		return;
	nic->version = min;
	nic->frame_size = NVSP_FRAME_MIN;
	nic->state = NIC_NEGOTIATED;
}

static uint64_t legal_caps(const struct nic *nic)
{
	uint64_t caps = NVSP_CAP_IEEE8021Q;

	if (nic->version >= NVSP_VERSION_5)
		caps |= NVSP_CAP_SRIOV | NVSP_CAP_TEAMING;
	if (nic->version >= NVSP_VERSION_61)
		caps |= NVSP_CAP_RSC;
	return caps;
}

static void do_config(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };
	uint32_t size = dword(pkt, 4);
	uint64_t caps = dword(pkt, 12) | (uint64_t)dword(pkt, 16) << 32;

	if (nic->got_config)
		nic_violation(nic, "netvsp.config.twice", pkt->payload, 20,
			      "SEND_NDIS_CONFIG was sent before (3.7)");
	if (nic->got_recv)
		nic_violation(nic, "netvsp.config.after_recv_buf", pkt->payload, 20,
			      "SEND_NDIS_CONFIG after SEND_RECV_BUF (3.7)");
	if (caps & ~legal_caps(nic))
		nic_violation(nic, "netvsp.config.capabilities", pkt->payload, 20,
			      "capability bits 0x%llx, version %s has 0x%llx (3.7)",
			      (unsigned long long)caps, wire_version_name(nic->version),
			      (unsigned long long)legal_caps(nic));
	nic->got_config = true;
	nic->caps = caps;
	nic->frame_size = size < NVSP_FRAME_MIN || size > NVSP_FRAME_MAX ?
		NVSP_FRAME_MIN : size;
	nvsp_answer(nic, "ndis_config", pkt, &m, true);
}

static void do_ndis_version(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };

	if (nic->got_ndis)
		nic_violation(nic, "netvsp.ndis_version.twice", pkt->payload, 12,
			      "SEND_NDIS_VERSION was sent before (4.1)");
	nic->got_ndis = true;
	nic->ndis_major = dword(pkt, 4);
	nic->ndis_minor = dword(pkt, 8);
	nvsp_answer(nic, "ndis_version", pkt, &m, true);
}

/* The GPADL of a buffer message, or NULL with the violation noted (1.6). */
static struct gpadl *buffer(struct nic *nic, const struct vmbus_packet *pkt)
{
	uint32_t handle = dword(pkt, 4);
	struct gpadl *g = channel_gpadl(nic->q[0]->ch, handle);

	if (!g) {
		nic_violation(nic, "netvsp.buffer.unknown_gpadl", pkt->payload, 12,
			      "GPADL 0x%x is not one of this channel (3.8)", handle);
		return NULL;
	}
	if (gpadl_range_count(g) != 1 || gpadl_byte_offset(g) || gpadl_len(g) % 4096 ||
	    !gpadl_len(g)) {
		nic_violation(nic, "netvsp.buffer.gpadl_shape", pkt->payload, 12,
			      "GPADL 0x%x has %u ranges, offset %u, %zu bytes; one range, offset 0, whole pages wanted (1.6)",
			      handle, gpadl_range_count(g), gpadl_byte_offset(g),
			      gpadl_len(g));
		return NULL;
	}
	return g;
}

/* Sub-allocation size for the negotiated frame size, in the chosen host's manner. */
static uint32_t suballoc_size(const struct nic *nic)
{
	if (nic->cfg.suballoc == NVSP_RECV_SUBALLOC_DEFAULT)
		return nic->frame_size + NVSP_RECV_SUBALLOC_DEFAULT - NVSP_FRAME_MIN;
	return nic->frame_size + NVSP_RECV_SUBALLOC_HEAD + NVSP_RECV_SUBALLOC_TAIL;
}

static bool take_recv_buf(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct gpadl *g = buffer(nic, pkt);
	const struct fault *f;
	size_t limit = NVSP_RECV_BUF_MAX_BYTES;

	if (!g)
		return false;
	if (nic->version <= NVSP_VERSION_2)
		limit = NVSP_RECV_BUF_MAX_BYTES_V2;
	if (gpadl_len(g) > limit) {
		nic_violation(nic, "netvsp.recv_buf.too_big", pkt->payload, 12,
			      "receive buffer of %zu bytes, at most %zu with version %s (9.1)",
			      gpadl_len(g), limit, wire_version_name(nic->version));
		return false;
	}
	f = fault_hit("suballoc.size", nic->id, "", 0);
	nic->sub_size = f && f->has_value ? f->value : suballoc_size(nic);
	if (pool_init(&nic->pool, nic->sub_size ?
		      (uint32_t)(gpadl_len(g) / nic->sub_size) : 0))
		return false;
	nic->recv_buf = g;
	nic->recv_handle = gpadl_handle(g);
	return true;
}

static void do_recv_buf(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };
	uint32_t status = NVSP_STAT_SUCCESS, cnt;
	const struct fault *f;

	m.recv_buf_complete.type = htole32(NVSP_MSG_SEND_RECV_BUF_COMPLETE);
	if (nic->version >= NVSP_VERSION_2 && !nic->got_config)
		nic_violation(nic, "netvsp.recv_buf.before_config", pkt->payload, 12,
			      "SEND_RECV_BUF before SEND_NDIS_CONFIG (3.7)");
	if (nic->got_recv) {
		nic_violation(nic, "netvsp.recv_buf.twice", pkt->payload, 12,
			      "SEND_RECV_BUF while a receive buffer is shared (4.1)");
		status = NVSP_STAT_FAILURE;
	} else if (refused(nic, "recv_buf", &status)) {
		status = status ? status : NVSP_STAT_FAILURE;
	} else if (!take_recv_buf(nic, pkt)) {
		status = NVSP_STAT_FAILURE;
	}
	if (status == NVSP_STAT_SUCCESS) {
		nic->got_recv = true;
		nic->recv_id = (uint16_t)dword(pkt, 8);
		cnt = nic->pool.cnt;
		f = fault_hit("suballoc.count", nic->id, "", 0);
		if (f)
			cnt = f->value;
		m.recv_buf_complete.section_cnt = htole32(1);
		f = fault_hit("suballoc.sections", nic->id, "", 0);
		if (f)
			m.recv_buf_complete.section_cnt = htole32(f->value);
		f = fault_hit("suballoc.offset", nic->id, "", 0);
		if (f)
			m.recv_buf_complete.section.offset = htole32(f->value);
		m.recv_buf_complete.section.suballoc_size = htole32(nic->sub_size);
		m.recv_buf_complete.section.suballoc_cnt = htole32(cnt);
		m.recv_buf_complete.section.end_offset = htole32(nic->sub_size * cnt);
	}
	m.recv_buf_complete.status = htole32(status);
	nvsp_answer(nic, "recv_buf", pkt, &m, false);
}

static void do_send_buf(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };
	uint32_t status = NVSP_STAT_SUCCESS;
	const struct fault *f;
	struct gpadl *g;

	g = nic->got_send ? NULL : buffer(nic, pkt);
	if (nic->got_send)
		nic_violation(nic, "netvsp.send_buf.twice", pkt->payload, 12,
			      "SEND_SEND_BUF while a send buffer is shared (4.1)");
	if (!g)
		status = NVSP_STAT_FAILURE;
	refused(nic, "send_buf", &status);
	m.send_buf_complete.type = htole32(NVSP_MSG_SEND_SEND_BUF_COMPLETE);
	m.send_buf_complete.status = htole32(status);
	if (status == NVSP_STAT_SUCCESS) {
		f = fault_hit("section.size", nic->id, "", 0);
		nic->section_size = f ? f->value : nic->cfg.section_size;
		nic->got_send = true;
		nic->send_buf = g;
		nic->send_handle = gpadl_handle(g);
		nic->send_id = (uint16_t)dword(pkt, 8);
		m.send_buf_complete.section_size = htole32(nic->section_size);
	}
	nvsp_answer(nic, "send_buf", pkt, &m, false);
}

/* From the first revoke on nothing of either buffer is touched (3.10). */
static void quiesce(struct nic *nic)
{
	nic->state = NIC_QUIESCED;
	nic->events->drop_frames(nic);
	rndis_drop_backlog(nic);
}

static void do_revoke(struct nic *nic, const struct vmbus_packet *pkt)
{
	bool recv = dword(pkt, 0) == NVSP_MSG_REVOKE_RECV_BUF;
	uint16_t id = (uint16_t)dword(pkt, 4);
	bool *got = recv ? &nic->got_recv : &nic->got_send;

	if (!*got || id != (recv ? nic->recv_id : nic->send_id))
		nic_violation(nic, "netvsp.revoke.unknown", pkt->payload, 8,
			      "%s buffer with id 0x%x is revoked but not shared (3.10)",
			      recv ? "receive" : "send", id);
	if (nic->state == NIC_OPERATIONAL)
		nic_violation(nic, "netvsp.revoke.without_halt", pkt->payload, 8,
			      "buffer revoked without RNDIS HALT before (4.3 step 4)");
	quiesce(nic);
	*got = false;
	if (recv)
		nic->recv_buf = NULL;
	else
		nic->send_buf = NULL;
}

/* The guest takes a GPADL back: legal after the revoke, or after the close. */
void nvsp_revoked(struct nic *nic, struct gpadl *g)
{
	if (g != nic->recv_buf && g != nic->send_buf)
		return;
	nic_violation(nic, "netvsp.buffer.torn_down", NULL, 0,
		      "GPADL 0x%x of the %s buffer torn down while it is shared (4.3)",
		      gpadl_handle(g), g == nic->recv_buf ? "receive" : "send");
	quiesce(nic);
	if (g == nic->recv_buf)
		nic->recv_buf = NULL;
	else
		nic->send_buf = NULL;
}

static void do_data_path(struct nic *nic, const struct vmbus_packet *pkt)
{
	if (dword(pkt, 4) > NVSP_DATAPATH_VF)
		nic_violation(nic, "netvsp.datapath.value", pkt->payload, 8,
			      "data path %u, 0 or 1 wanted (3.12)", dword(pkt, 4));
	nic->events->path_request(nic, pkt, dword(pkt, 4));
}

static void do_oid_query_ex(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };

	m.oid_query_ex_complete.type = htole32(NVSP_MSG_OID_QUERY_EX_COMPLETE);
	m.oid_query_ex_complete.status = htole32(RNDIS_STATUS_NOT_SUPPORTED);
	nvsp_answer(nic, "oid_ex", pkt, &m, false);
}

static void do_subchannel(struct nic *nic, const struct vmbus_packet *pkt)
{
	subchan_request(nic, pkt);
}

static void do_pd_api(struct nic *nic, const struct vmbus_packet *pkt)
{
	struct nvsp_message m = { 0 };

	m.pd_api_complete.type = htole32(NVSP_MSG_PD_API);
	m.pd_api_complete.operation = htole32(dword(pkt, 4));
	m.pd_api_complete.status = htole32(RNDIS_STATUS_NOT_SUPPORTED);
	nvsp_answer(nic, "pd_api", pkt, &m, false);
}

static const struct {
	uint32_t type;
	const char *name;
	const char *what;	/* in faults and in the trace */
	uint32_t version;
	uint8_t body;		/* bytes that carry something; zero behind them */
	bool completion;	/* must be requested */
	unsigned int states;
	void (*run)(struct nic *nic, const struct vmbus_packet *pkt);
} messages[] = {
	{ NVSP_MSG_INIT, "INIT", "init", 0, 12, true, IN(NIC_WAIT_INIT), do_init },
	{ NVSP_MSG_SEND_NDIS_CONFIG, "SEND_NDIS_CONFIG", "ndis_config", NVSP_VERSION_2, 20, false,
	  IN_SETUP, do_config },
	{ NVSP_MSG_SEND_NDIS_VERSION, "SEND_NDIS_VERSION", "ndis_version", NVSP_VERSION_1, 12, false,
	  IN_SETUP, do_ndis_version },
	{ NVSP_MSG_SEND_RECV_BUF, "SEND_RECV_BUF", "recv_buf", NVSP_VERSION_1, 12, true,
	  IN_SETUP, do_recv_buf },
	{ NVSP_MSG_SEND_SEND_BUF, "SEND_SEND_BUF", "send_buf", NVSP_VERSION_1, 12, true,
	  IN_SETUP, do_send_buf },
	{ NVSP_MSG_REVOKE_RECV_BUF, "REVOKE_RECV_BUF", "revoke_recv", NVSP_VERSION_1, 8, false,
	  IN_SETUP | IN_ANY_RNDIS | IN(NIC_QUIESCED), do_revoke },
	{ NVSP_MSG_REVOKE_SEND_BUF, "REVOKE_SEND_BUF", "revoke_send", NVSP_VERSION_1, 8, false,
	  IN_SETUP | IN_ANY_RNDIS | IN(NIC_QUIESCED), do_revoke },
	{ NVSP_MSG_SWITCH_DATA_PATH, "SWITCH_DATA_PATH", "datapath", NVSP_VERSION_4, 8, false,
	  IN_SETUP | IN_ANY_RNDIS, do_data_path },
	{ NVSP_MSG_OID_QUERY_EX, "OID_QUERY_EX", "oid_ex", NVSP_VERSION_5, 12, true,
	  IN_ANY_RNDIS, do_oid_query_ex },
	{ NVSP_MSG_SUBCHANNEL, "SUBCHANNEL", "subchannel", NVSP_VERSION_5, 12, true,
	  IN(NIC_OPERATIONAL), do_subchannel },
	{ NVSP_MSG_PD_API, "PD_API", "pd_api", NVSP_VERSION_61, 40, true,
	  IN_ANY_RNDIS, do_pd_api },
};

#define MESSAGES	(sizeof(messages) / sizeof(messages[0]))

static void check_tail(struct nic *nic, const struct vmbus_packet *pkt, size_t body,
		       const char *name)
{
	size_t i;

	for (i = body; i < pkt->payload_len; i++) {
		if (!pkt->payload[i])
			continue;
		nic_violation(nic, "netvsp.message.trailing_garbage", pkt->payload,
			      pkt->payload_len, "%s: byte %zu behind the body is not zero (3.2)",
			      name, i);
		return;
	}
}

static void control(struct nic_queue *q, const struct vmbus_packet *pkt, uint32_t type)
{
	struct nic *nic = q->nic;
	unsigned int i;

	for (i = 0; i < MESSAGES && messages[i].type != type; i++)
		;
	if (i == MESSAGES) {
		nic_violation(nic, "netvsp.message.unknown", pkt->payload, pkt->payload_len,
			      "NVSP message type %u is none a guest sends (3.3)", type);
		nvsp_fail(q, pkt);
		return;
	}
	if (q->index) {
		nic_violation(nic, "netvsp.message.on_subchannel", pkt->payload,
			      pkt->payload_len, "%s on sub-channel %u (1.5)",
			      messages[i].name, q->index);
		nvsp_fail(q, pkt);
		return;
	}
	check_tail(nic, pkt, messages[i].body, messages[i].name);
	if (messages[i].completion && !nvsp_wants_answer(pkt))
		nic_violation(nic, "netvsp.message.no_completion_flag", pkt->payload,
			      pkt->payload_len, "%s without completion requested (3.3)",
			      messages[i].name);
	if (nic->version < messages[i].version && nic->state != NIC_WAIT_INIT) {
		nic_violation(nic, "netvsp.message.version", pkt->payload, pkt->payload_len,
			      "%s does not exist in version %s (3.3)", messages[i].name,
			      wire_version_name(nic->version));
		nvsp_fail(q, pkt);
		return;
	}
	if (!(messages[i].states & IN(nic->state))) {
		nic_violation(nic, "netvsp.message.wrong_state", pkt->payload,
			      pkt->payload_len, "%s in state %u (4.8)", messages[i].name,
			      nic->state);
		nvsp_fail(q, pkt);
		return;
	}
	trace_request(nic, "nvsp", messages[i].what, 0, nvsp_wants_answer(pkt));
	if (fault_hit("nvsp.rescind", nic->id, messages[i].what, 0))
		queue_doom(q);
	else
		messages[i].run(nic, pkt);
}

/* All that RNDIS needs has been shared (4.1). */
bool nvsp_buffers_ready(const struct nic *nic)
{
	return nic->got_ndis && nic->got_recv && nic->recv_buf &&
	       (nic->got_config || nic->version < NVSP_VERSION_2);
}

bool nvsp_packet(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	struct nic *nic = q->nic;
	uint32_t type;

	if (nvsp_wants_answer(pkt))
		done_take_id(q, pkt->trans_id);
	if (pkt->payload_len < NVSP_MSG_GUEST_MIN_BYTES) {
		nic_violation(nic, "netvsp.message.short", pkt->payload, pkt->payload_len,
			      "NVSP message of %u bytes, at least 32 wanted (3.2)",
			      pkt->payload_len);
		/* A Windows host ignores it; here the guest is not left waiting. */
		nvsp_fail(q, pkt);
		return false;
	}
	type = dword(pkt, 0);
	if (type == NVSP_MSG_SEND_RNDIS_PKT) {
		check_tail(nic, pkt, sizeof(struct nvsp_rndis_pkt), "SEND_RNDIS_PKT");
		return true;
	}
	if (pkt->type != VMBUS_PKT_INBAND) {
		nic_violation(nic, "netvsp.packet.gpa_without_rndis", pkt->desc,
			      pkt->desc_len, "NVSP message %u in a GPA-direct packet (3.3)",
			      type);
		nvsp_fail(q, pkt);
		return false;
	}
	if (pkt->desc_len != NVSP_VMBUS_DESC_BYTES)
		nic_violation(nic, "netvsp.packet.inband_extension", pkt->desc,
			      pkt->desc_len, "in-band packet with data offset %u, 16 wanted (2.2)",
			      pkt->desc_len);
	control(q, pkt, type);
	return false;
}

void nvsp_reset(struct nic *nic)
{
	pool_free(&nic->pool);
	nic->recv_buf = NULL;
	nic->send_buf = NULL;
	nic->got_config = false;
	nic->got_ndis = false;
	nic->got_recv = false;
	nic->got_send = false;
	nic->frame_size = NVSP_FRAME_MIN;
	nic->caps = 0;
}
