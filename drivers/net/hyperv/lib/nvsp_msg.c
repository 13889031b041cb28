// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room nvsp_msg: build and check NVSP messages
 *
 * Promise: a message that leaves here has the size and the zeros hosts insist
 * on, and nothing a host wrote gets further than here unless it is as long as
 * its type demands and says something possible.
 *
 * Neighbours: nvsp.c (handshake and requests) and poll.c (transfer pages) call;
 * nothing is called. Plain data in, plain data out, no state, any context.
 *
 * Everything that differs between protocol versions is one table here; other
 * rooms ask for a capability, never for a version number.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <netvsc/ndis.h>
#include <netvsc/nvsp.h>

#include "get.h"
#include "nvsp_msg.h"

#define ETHERNET_HEADER_BYTES	14

#define CAPS_V2		NVSP_CAP_IEEE8021Q
#define CAPS_V5		(CAPS_V2 | NVSP_CAP_SRIOV | NVSP_CAP_TEAMING)
#define CAPS_V61	(CAPS_V5 | NVSP_CAP_RSC)

#define MTU_MAX_V1	1500
#define MTU_MAX		65521	/* 65535 - Ethernet header */

/* Newest first: this is the order in which they are offered. */
static const struct netvsc_nvsp_caps msg_versions[NETVSC_NVSP_VERSION_CNT] = {
	{
		.version = NVSP_VERSION_61,
		.bits = CAPS_V61,
		.ndis_major = NVSP_NDIS_MAJOR,
		.ndis_minor = NVSP_NDIS_MINOR_V5,
		.recv_buf_max_bytes = NVSP_RECV_BUF_MAX_BYTES,
		.mtu_max = MTU_MAX,
		.offload_revision = 3,
		.offload_bytes = NDIS_OFFLOAD_REV3_BYTES,
		.offload_params_bytes = NDIS_OFFLOAD_PARAMS_REV3_BYTES,
		.vf = true,
		.multi_queue = true,
		.link_speed = true,
		.udp_csum = true,
		.rsc = true,
	},
	{
		.version = NVSP_VERSION_6,
		.bits = CAPS_V5,
		.ndis_major = NVSP_NDIS_MAJOR,
		.ndis_minor = NVSP_NDIS_MINOR_V5,
		.recv_buf_max_bytes = NVSP_RECV_BUF_MAX_BYTES,
		.mtu_max = MTU_MAX,
		.offload_revision = 3,
		.offload_bytes = NDIS_OFFLOAD_REV3_BYTES,
		.offload_params_bytes = NDIS_OFFLOAD_PARAMS_REV3_BYTES,
		.vf = true,
		.multi_queue = true,
		.link_speed = true,
		.udp_csum = true,
	},
	{
		.version = NVSP_VERSION_5,
		.bits = CAPS_V5,
		.ndis_major = NVSP_NDIS_MAJOR,
		.ndis_minor = NVSP_NDIS_MINOR_V5,
		.recv_buf_max_bytes = NVSP_RECV_BUF_MAX_BYTES,
		.mtu_max = MTU_MAX,
		.offload_revision = 3,
		.offload_bytes = NDIS_OFFLOAD_REV3_BYTES,
		.offload_params_bytes = NDIS_OFFLOAD_PARAMS_REV3_BYTES,
		.vf = true,
		.multi_queue = true,
		.link_speed = true,
		.udp_csum = true,
	},
	{
		.version = NVSP_VERSION_4,
		.bits = CAPS_V2,
		.ndis_major = NVSP_NDIS_MAJOR,
		.ndis_minor = NVSP_NDIS_MINOR_V4,
		.recv_buf_max_bytes = NVSP_RECV_BUF_MAX_BYTES,
		.mtu_max = MTU_MAX,
		.offload_revision = 2,
		.offload_bytes = NDIS_OFFLOAD_REV2_BYTES,
		.offload_params_bytes = NDIS_OFFLOAD_PARAMS_REV2_BYTES,
		.vf = true,
	},
	{
		.version = NVSP_VERSION_2,
		.bits = CAPS_V2,
		.ndis_major = NVSP_NDIS_MAJOR,
		.ndis_minor = NVSP_NDIS_MINOR_V4,
		.recv_buf_max_bytes = NVSP_RECV_BUF_MAX_BYTES_V2,
		.mtu_max = MTU_MAX,
		.offload_revision = 1,
		.offload_bytes = NDIS_OFFLOAD_REV1_BYTES,
		.offload_params_bytes = NDIS_OFFLOAD_PARAMS_REV2_BYTES,
	},
	{
		.version = NVSP_VERSION_1,
		.ndis_major = NVSP_NDIS_MAJOR,
		.ndis_minor = NVSP_NDIS_MINOR_V4,
		.recv_buf_max_bytes = NVSP_RECV_BUF_MAX_BYTES_V2,
		.mtu_max = MTU_MAX_V1,
		.offload_revision = 1,
		.offload_bytes = NDIS_OFFLOAD_REV1_BYTES,
		.offload_params_bytes = NDIS_OFFLOAD_PARAMS_REV2_BYTES,
	},
};

const struct netvsc_nvsp_caps *netvsc_nvsp_msg_candidate(unsigned int i)
{
	return i < ARRAY_SIZE(msg_versions) ? &msg_versions[i] : NULL;
}

const struct netvsc_nvsp_caps *netvsc_nvsp_msg_find_caps(u32 version)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(msg_versions); i++)
		if (msg_versions[i].version == version)
			return &msg_versions[i];
	return NULL;
}

u32 netvsc_nvsp_msg_cap_bits(const struct netvsc_nvsp_caps *nvsp_caps,
			     bool isolated)
{
	return isolated ? nvsp_caps->bits & ~NVSP_CAP_SRIOV : nvsp_caps->bits;
}

static void msg_init_type(struct nvsp_message *msg, u32 type)
{
	memset(msg, 0, sizeof(*msg));
	msg->type = cpu_to_le32(type);
}

void netvsc_nvsp_msg_build_init(struct nvsp_message *msg, u32 version)
{
	msg_init_type(msg, NVSP_MSG_INIT);
	msg->init.min_version = cpu_to_le32(version);
	msg->init.max_version = cpu_to_le32(version);
}

void netvsc_nvsp_msg_build_ndis_config(struct nvsp_message *msg, u32 mtu,
				       u32 caps)
{
	msg_init_type(msg, NVSP_MSG_SEND_NDIS_CONFIG);
	msg->ndis_config.frame_size = cpu_to_le32(mtu + ETHERNET_HEADER_BYTES);
	msg->ndis_config.capabilities = cpu_to_le64(caps);
}

void netvsc_nvsp_msg_build_ndis_version(struct nvsp_message *msg,
					const struct netvsc_nvsp_caps *caps)
{
	msg_init_type(msg, NVSP_MSG_SEND_NDIS_VERSION);
	msg->ndis_version.major = cpu_to_le32(caps->ndis_major);
	msg->ndis_version.minor = cpu_to_le32(caps->ndis_minor);
}

void netvsc_nvsp_msg_build_recv_buf(struct nvsp_message *msg, u32 gpadl)
{
	msg_init_type(msg, NVSP_MSG_SEND_RECV_BUF);
	msg->send_recv_buf.gpadl = cpu_to_le32(gpadl);
	msg->send_recv_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
}

void netvsc_nvsp_msg_build_revoke_recv_buf(struct nvsp_message *msg)
{
	msg_init_type(msg, NVSP_MSG_REVOKE_RECV_BUF);
	msg->revoke_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
}

void netvsc_nvsp_msg_build_send_buf(struct nvsp_message *msg, u32 gpadl)
{
	msg_init_type(msg, NVSP_MSG_SEND_SEND_BUF);
	msg->send_send_buf.gpadl = cpu_to_le32(gpadl);
	msg->send_send_buf.id = cpu_to_le16(NVSP_SEND_BUF_ID);
}

void netvsc_nvsp_msg_build_revoke_send_buf(struct nvsp_message *msg)
{
	msg_init_type(msg, NVSP_MSG_REVOKE_SEND_BUF);
	msg->revoke_buf.id = cpu_to_le16(NVSP_SEND_BUF_ID);
}

void netvsc_nvsp_msg_build_subchannel(struct nvsp_message *msg, u32 count)
{
	msg_init_type(msg, NVSP_MSG_SUBCHANNEL);
	msg->subchannel_request.operation =
		cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE);
	msg->subchannel_request.count = cpu_to_le32(count);
}

void netvsc_nvsp_msg_build_data_path(struct nvsp_message *msg, u32 path)
{
	msg_init_type(msg, NVSP_MSG_SWITCH_DATA_PATH);
	msg->switch_data_path.data_path = cpu_to_le32(path);
}

int netvsc_nvsp_msg_type(const void *buf, size_t len, u32 *type)
{
	if (len < sizeof(__le32))
		return -EPROTO;
	*type = netvsc_get_le32(buf);
	return 0;
}

/* Least payload of the answers that have one. Sheet 3.4. */
static const struct msg_answer {
	u32 request;
	u32 type;
	u32 min_bytes;
} msg_answers[] = {
	{ NVSP_MSG_INIT, NVSP_MSG_INIT_COMPLETE,
	  sizeof(struct nvsp_init_complete) },
	{ NVSP_MSG_SEND_RECV_BUF, NVSP_MSG_SEND_RECV_BUF_COMPLETE,
	  sizeof(struct nvsp_recv_buf_complete) },
	{ NVSP_MSG_SEND_SEND_BUF, NVSP_MSG_SEND_SEND_BUF_COMPLETE,
	  sizeof(struct nvsp_send_buf_complete) },
	{ NVSP_MSG_SEND_RNDIS_PKT, NVSP_MSG_SEND_RNDIS_PKT_COMPLETE,
	  sizeof(struct nvsp_rndis_pkt_complete) },
	{ NVSP_MSG_SUBCHANNEL, NVSP_MSG_SUBCHANNEL,
	  sizeof(struct nvsp_subchannel_complete) },
};

int netvsc_nvsp_msg_check_answer(u32 request, const void *buf, size_t len)
{
	unsigned int i;

	/* By the sheet the completion is empty; what else comes says nothing. */
	if (request == NVSP_MSG_SWITCH_DATA_PATH)
		return 0;

	for (i = 0; i < ARRAY_SIZE(msg_answers); i++) {
		if (msg_answers[i].request != request)
			continue;
		if (len < msg_answers[i].min_bytes ||
		    netvsc_get_le32(buf) != msg_answers[i].type)
			return -EPROTO;
		return 0;
	}
	return -EPROTO;
}

int netvsc_nvsp_msg_parse_init(const void *buf, size_t len)
{
	const struct nvsp_init_complete *msg = buf;

	if (netvsc_nvsp_msg_check_answer(NVSP_MSG_INIT, buf, len))
		return -EPROTO;
	return le32_to_cpu(msg->status) == NVSP_STAT_SUCCESS ? 0 : -EIO;
}

int netvsc_nvsp_msg_parse_recv_buf(const void *buf, size_t len, u32 buf_bytes,
				   struct netvsc_sections *sections)
{
	const struct nvsp_recv_buf_complete *msg = buf;
	u32 bytes, cnt;

	if (netvsc_nvsp_msg_check_answer(NVSP_MSG_SEND_RECV_BUF, buf, len))
		return -EPROTO;
	if (le32_to_cpu(msg->status) != NVSP_STAT_SUCCESS)
		return -EIO;
	if (le32_to_cpu(msg->section_cnt) != 1 ||
	    le32_to_cpu(msg->section.offset) != 0)
		return -EPROTO;

	bytes = le32_to_cpu(msg->section.suballoc_size);
	cnt = le32_to_cpu(msg->section.suballoc_cnt);
	if (bytes < NVSP_RECV_SUBALLOC_MIN || !cnt ||
	    (u64)bytes * cnt > buf_bytes)
		return -EPROTO;

	sections->bytes = bytes;
	sections->cnt = cnt;
	return 0;
}

int netvsc_nvsp_msg_parse_send_buf(const void *buf, size_t len, u32 buf_bytes,
				   struct netvsc_sections *sections)
{
	const struct nvsp_send_buf_complete *msg = buf;
	u32 bytes;

	if (netvsc_nvsp_msg_check_answer(NVSP_MSG_SEND_SEND_BUF, buf, len))
		return -EPROTO;
	if (le32_to_cpu(msg->status) != NVSP_STAT_SUCCESS)
		return -EIO;

	bytes = le32_to_cpu(msg->section_size);
	if (bytes < NVSP_SEND_SECTION_MIN || bytes > buf_bytes)
		return -EPROTO;

	sections->bytes = bytes;
	sections->cnt = buf_bytes / bytes;
	return 0;
}

int netvsc_nvsp_msg_parse_subchannel(const void *buf, size_t len, u32 wanted,
				     u32 *granted)
{
	const struct nvsp_subchannel_complete *msg = buf;

	if (netvsc_nvsp_msg_check_answer(NVSP_MSG_SUBCHANNEL, buf, len))
		return -EPROTO;
	if (le32_to_cpu(msg->status) != NVSP_STAT_SUCCESS)
		return -EIO;
	if (le32_to_cpu(msg->count) > wanted)
		return -EPROTO;
	*granted = le32_to_cpu(msg->count);
	return 0;
}

/* True if @buf holds a message of this type and at least this length. */
static bool msg_has_type(const void *buf, size_t len, u32 type,
			 size_t min_bytes)
{
	return len >= min_bytes && netvsc_get_le32(buf) == type;
}

int netvsc_nvsp_msg_parse_vf(const void *buf, size_t len, bool *allocated,
			     u32 *serial)
{
	const struct nvsp_vf_association *msg = buf;

	if (!msg_has_type(buf, len, NVSP_MSG_SEND_VF_ASSOCIATION, sizeof(*msg)))
		return -EPROTO;
	*allocated = le32_to_cpu(msg->allocated) != 0;
	*serial = le32_to_cpu(msg->serial);
	return 0;
}

int netvsc_nvsp_msg_parse_data_path(const void *buf, size_t len, u32 *path)
{
	const struct nvsp_switch_data_path *msg = buf;

	if (!msg_has_type(buf, len, NVSP_MSG_SWITCH_DATA_PATH, sizeof(*msg)) ||
	    le32_to_cpu(msg->data_path) > NVSP_DATAPATH_VF)
		return -EPROTO;
	*path = le32_to_cpu(msg->data_path);
	return 0;
}

/*
 * Hosts up to V6 put the table behind a full message of 40 bytes but count the
 * shorter message of their version, so their offset is short of it. A message
 * with room for the table at 40 is theirs; a shorter one is the compact form,
 * whose offset is right in every version.
 */
static u32 msg_table_offset(const struct nvsp_indirection_table *msg,
			    size_t len, u32 version)
{
	if (version <= NVSP_VERSION_6 && len >= NVSP_INDIRECTION_BYTES_WINDOWS)
		return NVSP_INDIRECTION_OFFSET_WINDOWS;
	return le32_to_cpu(msg->table_offset);
}

int netvsc_nvsp_msg_parse_indirection(const void *buf, size_t len, u32 version,
				      u32 channels,
				      u16 table[NVSP_INDIRECTION_ENTRIES])
{
	const struct nvsp_indirection_table *msg = buf;
	unsigned int i, reduced = 0;
	const u8 *entries;
	u32 offset;

	if (!msg_has_type(buf, len, NVSP_MSG_SEND_INDIRECTION_TABLE,
			  sizeof(*msg)) ||
	    le32_to_cpu(msg->entry_cnt) != NVSP_INDIRECTION_ENTRIES)
		return -EPROTO;

	offset = msg_table_offset(msg, len, version);
	if (offset < sizeof(*msg) ||
	    !netvsc_inside(offset, NVSP_INDIRECTION_TABLE_BYTES, len))
		return -EPROTO;

	entries = (const u8 *)buf + offset;
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++) {
		u32 entry = netvsc_get_le32(entries + i * sizeof(__le32));

		reduced += entry >= channels;
		table[i] = entry % channels;
	}
	return reduced;
}
