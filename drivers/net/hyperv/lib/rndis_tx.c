// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rndis_tx: write RNDIS headers and control requests
 *
 * Promise: what is written fits the buffer and is what sheet 5 and 7 demand.
 * The packet header is composed in place, with plain stores and no reads, so
 * the buffer may be the send section itself, which the host reads at any time.
 *
 * Neighbours: tx.c and xdp.c (headers, hot path), rndis.c and oid.c (requests)
 * call; nothing is called. What the frame itself must look like (pseudo-header
 * sums, zeroed lengths) is the caller's duty. No state, any context.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <asm/byteorder.h>

#include <netvsc/ndis.h>
#include <netvsc/rndis.h>

#include "rndis_tx.h"

u32 netvsc_rndis_tx_lso(bool ipv6, u32 mss, u32 tcp_offset)
{
	if (tcp_offset > RNDIS_L4_OFFSET_MAX || mss > RNDIS_LSO_MSS_MAX || !mss)
		return 0;
	return FIELD_PREP(RNDIS_LSO_MSS, mss) |
	       FIELD_PREP(RNDIS_LSO_TCP_OFFSET, tcp_offset) |
	       RNDIS_LSO_V2 | (ipv6 ? RNDIS_LSO_IPV6 : 0);
}

u32 netvsc_rndis_tx_vlan(u16 tci)
{
	return FIELD_PREP(RNDIS_VLAN_PRIO, tci >> 13) |
	       FIELD_PREP(RNDIS_VLAN_DEI, tci >> 12 & 1) |
	       FIELD_PREP(RNDIS_VLAN_VID, tci & 0xFFF);
}

int netvsc_rndis_tx_initialize(void *buf, size_t size, u32 request_id)
{
	struct rndis_initialize *msg = buf;

	if (size < sizeof(*msg))
		return -ENOSPC;
	*msg = (struct rndis_initialize){
		.type = cpu_to_le32(RNDIS_MSG_INITIALIZE),
		.length = cpu_to_le32(sizeof(*msg)),
		.request_id = cpu_to_le32(request_id),
		.major_version = cpu_to_le32(RNDIS_MAJOR_VERSION),
		.minor_version = cpu_to_le32(RNDIS_MINOR_VERSION),
		.max_transfer_size = cpu_to_le32(RNDIS_MAX_TRANSFER_GUEST),
	};
	return sizeof(*msg);
}

/* HALT and KEEPALIVE: nothing but the head. */
static int rndis_put_request(void *buf, size_t size, u32 type, u32 request_id)
{
	struct rndis_request *msg = buf;

	if (size < sizeof(*msg))
		return -ENOSPC;
	*msg = (struct rndis_request){
		.type = cpu_to_le32(type),
		.length = cpu_to_le32(sizeof(*msg)),
		.request_id = cpu_to_le32(request_id),
	};
	return sizeof(*msg);
}

int netvsc_rndis_tx_halt(void *buf, size_t size, u32 request_id)
{
	return rndis_put_request(buf, size, RNDIS_MSG_HALT, request_id);
}

int netvsc_rndis_tx_keepalive(void *buf, size_t size, u32 request_id)
{
	return rndis_put_request(buf, size, RNDIS_MSG_KEEPALIVE, request_id);
}

static int rndis_put_oid_request(void *buf, size_t size, u32 type,
				 u32 request_id, u32 oid, const void *info,
				 u32 info_len)
{
	struct rndis_oid_request *msg = buf;

	if (info_len > RNDIS_REQUEST_INFO_MAX_BYTES)
		return -EINVAL;
	if (size < sizeof(*msg) + info_len)
		return -ENOSPC;
	*msg = (struct rndis_oid_request){
		.type = cpu_to_le32(type),
		.length = cpu_to_le32(sizeof(*msg) + info_len),
		.request_id = cpu_to_le32(request_id),
		.oid = cpu_to_le32(oid),
		.info_length = cpu_to_le32(info_len),
		.info_offset = cpu_to_le32(RNDIS_OID_REQUEST_INFO_OFFSET),
	};
	if (info_len)
		memcpy(msg + 1, info, info_len);
	return sizeof(*msg) + info_len;
}

int netvsc_rndis_tx_query(void *buf, size_t size, u32 request_id, u32 oid,
			  const void *info, u32 info_len)
{
	return rndis_put_oid_request(buf, size, RNDIS_MSG_QUERY, request_id,
				     oid, info, info_len);
}

int netvsc_rndis_tx_set(void *buf, size_t size, u32 request_id, u32 oid,
			const void *info, u32 info_len)
{
	return rndis_put_oid_request(buf, size, RNDIS_MSG_SET, request_id, oid,
				     info, info_len);
}

static __le16 *rndis_put_utf16(__le16 *to, char c)
{
	*to = cpu_to_le16(c);
	return to + 1;
}

int netvsc_rndis_tx_mac_param(void *buf, size_t size, const u8 mac[6])
{
	const u32 value_bytes = NDIS_CONFIG_MAC_VALUE_UNITS * sizeof(__le16);
	const u32 name_bytes = NDIS_CONFIG_MAC_NAME_UNITS * sizeof(__le16);
	struct ndis_config_param *param = buf;
	__le16 *to = (__le16 *)(param + 1);
	unsigned int i;

	if (size < NDIS_CONFIG_MAC_BYTES)
		return -ENOSPC;
	*param = (struct ndis_config_param){
		.name_offset = cpu_to_le32(sizeof(*param)),
		.name_length = cpu_to_le32(name_bytes),
		.type = cpu_to_le32(NDIS_CONFIG_PARAM_STRING),
		.value_offset = cpu_to_le32(sizeof(*param) + name_bytes),
		.value_length = cpu_to_le32(value_bytes),
	};
	for (i = 0; i < NDIS_CONFIG_MAC_NAME_UNITS; i++)
		to = rndis_put_utf16(to, NDIS_CONFIG_MAC_NAME[i]);
	for (i = 0; i < 6; i++) {
		to = rndis_put_utf16(to, "0123456789abcdef"[mac[i] >> 4]);
		to = rndis_put_utf16(to, "0123456789abcdef"[mac[i] & 0xf]);
	}
	return NDIS_CONFIG_MAC_BYTES;
}
