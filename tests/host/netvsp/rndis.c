// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rndis - control messages of the guest: INITIALIZE, HALT, QUERY, SET, KEEPALIVE
 * (netvsc-wire.md 5). The answers go out through rndis_out.c.
 */
#include <string.h>
#include "../fault/fault.h"
#include "late.h"
#include "nic.h"
#include "oid.h"
#include "queue.h"
#include "wire.h"

static uint32_t dword(const uint8_t *msg, size_t off)
{
	return wire_get32(msg + off);
}

static void put_dword(uint8_t *msg, size_t off, uint32_t v)
{
	wire_put32(msg + off, v);
}

/* Fault rndis.refuse; what is refused has no effect. */
static bool refused(struct nic *nic, const char *what, uint32_t oid, uint32_t *status)
{
	const struct fault *f = fault_hit("rndis.refuse", nic->id, what, oid);

	if (f)
		*status = f->has_value ? f->value : RNDIS_STATUS_FAILURE;
	return f != NULL;
}

static void rndis_send_late(struct nic *nic, uint64_t id, const void *msg, size_t len)
{
	(void)id;
	rndis_send(nic, msg, len);
}

/* Send the answer @msg to the request named @what, or what a fault makes of it. */
static void answer(struct nic *nic, const char *what, uint32_t oid, uint8_t *msg,
		   size_t len)
{
	const struct fault *f;

	if (fault_hit("rndis.no_answer", nic->id, what, oid))
		return;
	f = fault_hit("rndis.wrong_id", nic->id, what, oid);
	if (f)
		put_dword(msg, 8, f->has_value ? f->value : 0x77);
	if (fault_hit("rndis.malformed", nic->id, what, oid) && len >= 24) {
		put_dword(msg, 16, 0xffffffff);
		put_dword(msg, 20, 0xfffffff8);
	}
	if (fault_hit("rndis.short", nic->id, what, oid)) {
		len = 8;
		put_dword(msg, 4, 8);
	}
	f = fault_hit("rndis.delay", nic->id, what, oid);
	if (f) {
		late_keep(nic, rndis_send_late, 0, msg, len, f->ms);
		return;
	}
	rndis_send(nic, msg, len);
	if (fault_hit("rndis.twice", nic->id, what, oid))
		rndis_send(nic, msg, len);
}

static void answer_status(struct nic *nic, const char *what, uint32_t oid,
			  uint32_t type, uint32_t request, uint32_t status)
{
	uint8_t msg[sizeof(struct rndis_completion)];

	put_dword(msg, 0, type);
	put_dword(msg, 4, sizeof(msg));
	put_dword(msg, 8, request);
	put_dword(msg, 12, status);
	answer(nic, what, oid, msg, sizeof(msg));
}

/* ---- from the guest ---- */

static void do_initialize(struct nic *nic, const uint8_t *msg, size_t len)
{
	struct rndis_initialize_cmplt c = {
		.type = htole32(RNDIS_MSG_INITIALIZE_CMPLT),
		.length = htole32(sizeof(c)),
		.major_version = htole32(RNDIS_MAJOR_VERSION),
		.minor_version = htole32(RNDIS_MINOR_VERSION),
		.device_flags = htole32(RNDIS_DEVICE_CONNECTIONLESS),
		.medium = htole32(RNDIS_MEDIUM_802_3),
		.max_packets = htole32(RNDIS_MAX_PACKETS_HOST),
		.max_transfer_size = htole32(RNDIS_MAX_TRANSFER_HOST),
		.alignment_exp = htole32(RNDIS_ALIGNMENT_EXP_HOST),
	};
	const struct fault *f;
	uint32_t status;

	if (nic->state != NIC_NEGOTIATED) {
		nic_violation(nic, "netvsp.rndis.initialize_twice", msg, len,
			      "INITIALIZE in state %u: once per open channel (4.8)",
			      nic->state);
		c.status = htole32(RNDIS_STATUS_FAILURE);
	} else if (dword(msg, 12) != RNDIS_MAJOR_VERSION) {
		nic_violation(nic, "netvsp.rndis.initialize_version", msg, len,
			      "INITIALIZE with RNDIS version %u.%u, 1.0 wanted (5.3)",
			      dword(msg, 12), dword(msg, 16));
		c.status = htole32(RNDIS_STATUS_BAD_VERSION);
	} else if (refused(nic, "initialize", 0, &status)) {
		c.status = htole32(status);
	} else {
		nic->state = NIC_OPERATIONAL;
	}
	f = fault_hit("init.align", nic->id, "", 0);
	if (f)
		c.alignment_exp = htole32(f->value);
	f = fault_hit("init.max_packets", nic->id, "", 0);
	if (f)
		c.max_packets = htole32(f->value);
	c.request_id = htole32(dword(msg, 8));
	answer(nic, "initialize", 0, (uint8_t *)&c, sizeof(c));
	if (!c.status)
		nic->events->operational(nic);
}

/* The info buffer of a query or set; false with the violation noted. */
static bool info_buffer(struct nic *nic, const uint8_t *msg, size_t len,
			const uint8_t **info, size_t *info_len)
{
	uint32_t n = dword(msg, 16), off = dword(msg, 20);
	bool query = dword(msg, 0) == RNDIS_MSG_QUERY;

	if (off != RNDIS_OID_REQUEST_INFO_OFFSET) {
		nic_violation(nic, query ? "netvsp.rndis.query_offset" :
					   "netvsp.rndis.set_offset", msg, len,
			      "info buffer offset %u, always 20 even when empty (5.4)", off);
		return false;
	}
	if (n > len - sizeof(struct rndis_oid_request)) {
		nic_violation(nic, "netvsp.rndis.info_length", msg, len,
			      "info buffer of %u bytes in a message of %zu (5.4)", n, len);
		return false;
	}
	if (n != len - sizeof(struct rndis_oid_request))
		nic_violation(nic, "netvsp.rndis.info_trailing", msg, len,
			      "message of %zu bytes, 28 + %u info bytes wanted (5.4)", len, n);
	if (dword(msg, 24))
		nic_violation(nic, "netvsp.rndis.vc_handle", msg, len,
			      "device VC handle 0x%x, 0 wanted (5.4)", dword(msg, 24));
	*info = msg + sizeof(struct rndis_oid_request);
	*info_len = n;
	return true;
}

static void do_query(struct nic *nic, const uint8_t *msg, size_t len)
{
	uint8_t out[sizeof(struct rndis_query_cmplt) + OID_ANSWER_MAX] = { 0 };
	uint32_t oid = dword(msg, 12), status = RNDIS_STATUS_INVALID_DATA;
	size_t in_len, n = 0;
	const struct fault *f;
	const uint8_t *in;

	if (info_buffer(nic, msg, len, &in, &in_len))
		status = oid_query(nic, oid, in, in_len,
				   out + sizeof(struct rndis_query_cmplt), &n);
	if (status)
		n = 0;
	refused(nic, "query", oid, &status);
	f = fault_hit("rndis.long", nic->id, "query", oid);
	if (f)
		n += f->has_value ? f->value % 256 : 8;
	put_dword(out, 0, RNDIS_MSG_QUERY_CMPLT);
	put_dword(out, 4, (uint32_t)(sizeof(struct rndis_query_cmplt) + n));
	put_dword(out, 8, dword(msg, 8));
	put_dword(out, 12, status);
	put_dword(out, 16, (uint32_t)n);
	put_dword(out, 20, RNDIS_QUERY_CMPLT_INFO_OFFSET);
	answer(nic, "query", oid, out, sizeof(struct rndis_query_cmplt) + n);
}

static void do_set(struct nic *nic, const uint8_t *msg, size_t len)
{
	uint32_t oid = dword(msg, 12), status = RNDIS_STATUS_INVALID_DATA;
	const uint8_t *in;
	size_t in_len;

	if (info_buffer(nic, msg, len, &in, &in_len) && !refused(nic, "set", oid, &status))
		status = oid_set(nic, oid, in, in_len);
	answer_status(nic, "set", oid, RNDIS_MSG_SET_CMPLT, dword(msg, 8), status);
	if (!status && oid == OID_TCP_OFFLOAD_PARAMETERS) {
		struct ndis_offload o;

		offload_current(nic, &o);
		rndis_indicate(nic, RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, &o,
			       sizeof(o));
	}
}

/* Nothing is indicated from now on; what waits for room is dropped. */
static void do_halt(struct nic *nic, const uint8_t *msg, size_t len)
{
	(void)msg;
	(void)len;
	nic->state = NIC_HALTED;
	nic->filter = 0;
	nic->events->drop_frames(nic);
}

static void do_keepalive(struct nic *nic, const uint8_t *msg, size_t len)
{
	uint32_t status = RNDIS_STATUS_SUCCESS;

	(void)len;
	refused(nic, "keepalive", 0, &status);
	answer_status(nic, "keepalive", 0, RNDIS_MSG_KEEPALIVE_CMPLT, dword(msg, 8), status);
}

static const struct {
	uint32_t type;
	const char *name;
	const char *what;		/* in faults and in the trace */
	size_t min, max;		/* message length */
	bool needs_initialize;
	void (*run)(struct nic *nic, const uint8_t *msg, size_t len);
} messages[] = {
	{ RNDIS_MSG_INITIALIZE, "INITIALIZE", "initialize", 24, 24, false, do_initialize },
	{ RNDIS_MSG_HALT, "HALT", "halt", 12, 12, true, do_halt },
	{ RNDIS_MSG_QUERY, "QUERY", "query", 28, 28 + RNDIS_REQUEST_INFO_MAX_BYTES, true, do_query },
	{ RNDIS_MSG_SET, "SET", "set", 28, 28 + RNDIS_REQUEST_INFO_MAX_BYTES, true, do_set },
	{ RNDIS_MSG_KEEPALIVE, "KEEPALIVE", "keepalive", 12, 12, true, do_keepalive },
};

#define MESSAGES	(sizeof(messages) / sizeof(messages[0]))

bool rndis_control(struct nic_queue *q, const uint8_t *msg, size_t len)
{
	struct nic *nic = q->nic;
	uint32_t type, length, oid = 0;
	unsigned int i;

	if (len < sizeof(struct rndis_request)) {
		nic_violation(nic, "netvsp.rndis.short", msg, len,
			      "control message of %zu bytes, at least 12 wanted (5.1)", len);
		return false;
	}
	type = dword(msg, 0);
	length = dword(msg, 4);
	for (i = 0; i < MESSAGES && messages[i].type != type; i++)
		;
	if (i == MESSAGES) {
		nic_violation(nic, "netvsp.rndis.unknown_type", msg, len,
			      "control message type 0x%x is none a guest sends (5.2)", type);
		return false;
	}
	if (length > len || length < messages[i].min || length > messages[i].max) {
		nic_violation(nic, "netvsp.rndis.length", msg, len,
			      "%s with length %u in %zu bytes, %zu to %zu wanted (5.3 to 5.5)",
			      messages[i].name, length, len, messages[i].min,
			      messages[i].max);
		return false;
	}
	if (length < len)
		nic_violation(nic, "netvsp.rndis.trailing_garbage", msg, len,
			      "%zu bytes behind %s of %u: one message per packet (5.1)",
			      len - length, messages[i].name, length);
	if (messages[i].needs_initialize && nic->state != NIC_OPERATIONAL) {
		nic_violation(nic, "netvsp.rndis.wrong_state", msg, len,
			      "%s in state %u: only between INITIALIZE and HALT (4.8)",
			      messages[i].name, nic->state);
		return false;
	}
	if (type == RNDIS_MSG_QUERY || type == RNDIS_MSG_SET)
		oid = dword(msg, 12);
	trace_request(nic, "rndis", messages[i].what, oid, type != RNDIS_MSG_HALT);
	if (fault_hit("rndis.rescind", nic->id, messages[i].what, oid))
		queue_doom(q);
	else
		messages[i].run(nic, msg, length);
	return true;
}
