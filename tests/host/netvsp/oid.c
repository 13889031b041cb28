// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: oid - queries and sets (netvsc-wire.md 6.1). Two tables: numbers that are
 * answered as they stand or computed in one line, and OIDs with structure.
 */
#include <stdio.h>
#include <string.h>
#include "../backend/switch.h"
#include "nic.h"
#include "oid.h"

static uint32_t put32(uint8_t *out, size_t *len, uint32_t v)
{
	__le32 le = htole32(v);

	memcpy(out, &le, sizeof(le));
	*len = sizeof(le);
	return RNDIS_STATUS_SUCCESS;
}

static void add32(uint8_t *out, size_t *len, uint32_t v)
{
	__le32 le = htole32(v);

	memcpy(out + *len, &le, sizeof(le));
	*len += sizeof(le);
}

static void put64(uint8_t *out, uint64_t v)
{
	__le64 le = htole64(v);

	memcpy(out, &le, sizeof(le));
}

static const uint32_t list_common[] = {
	OID_GEN_SUPPORTED_LIST, OID_GEN_HARDWARE_STATUS, OID_GEN_MEDIA_SUPPORTED,
	OID_GEN_MEDIA_IN_USE, OID_GEN_MAXIMUM_LOOKAHEAD, OID_GEN_MAXIMUM_FRAME_SIZE,
	OID_GEN_LINK_SPEED, OID_GEN_TRANSMIT_BUFFER_SPACE, OID_GEN_RECEIVE_BUFFER_SPACE,
	OID_GEN_TRANSMIT_BLOCK_SIZE, OID_GEN_RECEIVE_BLOCK_SIZE, OID_GEN_VENDOR_ID,
	OID_GEN_VENDOR_DESCRIPTION, OID_GEN_CURRENT_PACKET_FILTER,
	OID_GEN_CURRENT_LOOKAHEAD, OID_GEN_DRIVER_VERSION, OID_GEN_MAXIMUM_TOTAL_SIZE,
	OID_GEN_PROTOCOL_OPTIONS, OID_GEN_MAC_OPTIONS, OID_GEN_MEDIA_CONNECT_STATUS,
	OID_GEN_MAXIMUM_SEND_PACKETS, OID_GEN_VENDOR_DRIVER_VERSION,
	OID_802_3_PERMANENT_ADDRESS, OID_802_3_CURRENT_ADDRESS, OID_802_3_MULTICAST_LIST,
	OID_802_3_MAXIMUM_LIST_SIZE, OID_802_3_RCV_ERROR_ALIGNMENT,
	OID_802_3_XMIT_ONE_COLLISION, OID_802_3_XMIT_MORE_COLLISIONS,
	OID_GEN_FRIENDLY_NAME, OID_GEN_RNDIS_CONFIG_PARAMETER,
};

static const uint32_t list_ndis6[] = {
	OID_GEN_LINK_STATE, OID_GEN_LINK_PARAMETERS, OID_GEN_MAX_LINK_SPEED,
	OID_GEN_BYTES_RCV, OID_GEN_BYTES_XMIT, OID_TCP_OFFLOAD_CURRENT_CONFIG,
	OID_TCP_OFFLOAD_PARAMETERS, OID_TCP_OFFLOAD_HW_CAPABILITIES,
	OID_OFFLOAD_ENCAPSULATION,
};

static const uint32_t list_rss[] = {
	OID_GEN_RECEIVE_SCALE_CAPABILITIES, OID_GEN_RECEIVE_SCALE_PARAMETERS,
};

static void add_list(uint8_t *out, size_t *len, const uint32_t *oids, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes / sizeof(*oids); i++)
		add32(out, len, oids[i]);
}

static uint32_t supported_list(const struct nic *nic, uint8_t *out, size_t *len)
{
	if (nic->ndis_major != 5 && nic->ndis_major != 6)
		return RNDIS_STATUS_BAD_VERSION;
	add_list(out, len, list_common, sizeof(list_common));
	if (nic->ndis_major == 6)
		add_list(out, len, list_ndis6, sizeof(list_ndis6));
	if (nic->ndis_major == 6 && nic->ndis_minor >= 30)
		add_list(out, len, list_rss, sizeof(list_rss));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t put_mac(uint8_t *out, size_t *len, const uint8_t mac[6])
{
	memcpy(out, mac, 6);
	*len = 6;
	return RNDIS_STATUS_SUCCESS;
}

/* 512 bytes: up to 255 UTF-16 units and the terminator, zero filled (6.3). */
static uint32_t friendly_name(const struct nic *nic, uint8_t *out, size_t *len)
{
	size_t i;

	if (!nic->cfg.friendly[0])
		return RNDIS_STATUS_NOT_SUPPORTED;
	memset(out, 0, OID_FRIENDLY_NAME_MAX_BYTES);
	for (i = 0; nic->cfg.friendly[i]; i++)
		out[i * 2] = (uint8_t)nic->cfg.friendly[i];
	*len = OID_FRIENDLY_NAME_MAX_BYTES;
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t link_state(const struct nic *nic, uint8_t *out, size_t *len)
{
	uint64_t bps = (uint64_t)nic->speed_mbps * 1000000;
	struct ndis_link_state s = {
		.header = { NDIS_OBJECT_DEFAULT, 1, htole16(sizeof(s)) },
		.connect_state = htole32(nic->link_up ? NDIS_CONNECT_CONNECTED :
							NDIS_CONNECT_DISCONNECTED),
		.duplex = htole32(NDIS_DUPLEX_FULL),
		.xmit_speed = htole64(bps),
		.recv_speed = htole64(bps),
	};

	memcpy(out, &s, sizeof(s));
	*len = sizeof(s);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t link_speed(const struct nic *nic)
{
	uint64_t v = (uint64_t)nic->speed_mbps * OID_LINK_SPEED_PER_MBPS;

	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static uint32_t max_link_speed(const struct nic *nic, uint8_t *out, size_t *len)
{
	put64(out, (uint64_t)nic->speed_mbps * 1000000);
	put64(out + 8, (uint64_t)nic->speed_mbps * 1000000);
	*len = 16;
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t encapsulation(uint8_t *out, size_t *len)
{
	struct ndis_offload_encap e = {
		.header = { NDIS_OBJECT_OFFLOAD_ENCAP, 1, htole16(sizeof(e)) },
		.ip4_state = htole32(1),
		.ip4_type = htole32(NDIS_ENCAP_8023),
		.ip4_header_size = htole32(14),
		.ip6_state = htole32(1),
		.ip6_type = htole32(NDIS_ENCAP_8023),
		.ip6_header_size = htole32(14),
	};

	memcpy(out, &e, sizeof(e));
	*len = sizeof(e);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t hw_caps(const struct nic *nic, bool current, const uint8_t *in,
			size_t in_len, uint8_t *out, size_t *len)
{
	struct ndis_offload o;

	if (current)
		offload_current(nic, &o);
	else
		offload_caps(nic, &o);
	*len = offload_trim(nic, &o, in, in_len);
	memcpy(out, &o, *len);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t number(const struct nic *nic, uint32_t oid, uint8_t *out, size_t *len)
{
	uint32_t mtu = nic->frame_size - 14;

	switch (oid) {
	case OID_GEN_HARDWARE_STATUS:
	case OID_GEN_MEDIA_SUPPORTED:
	case OID_GEN_MEDIA_IN_USE:
	case OID_802_3_MAXIMUM_LIST_SIZE:
	case OID_802_3_RCV_ERROR_ALIGNMENT:
	case OID_802_3_XMIT_ONE_COLLISION:
	case OID_802_3_XMIT_MORE_COLLISIONS:
		return put32(out, len, 0);
	case OID_GEN_MAXIMUM_LOOKAHEAD:
	case OID_GEN_CURRENT_LOOKAHEAD:
	case OID_GEN_MAXIMUM_FRAME_SIZE:
		return put32(out, len, mtu);
	case OID_GEN_LINK_SPEED:
		return put32(out, len, link_speed(nic));
	case OID_GEN_TRANSMIT_BUFFER_SPACE:
	case OID_GEN_RECEIVE_BUFFER_SPACE:
		return put32(out, len, 262144);
	case OID_GEN_TRANSMIT_BLOCK_SIZE:
	case OID_GEN_RECEIVE_BLOCK_SIZE:
	case OID_GEN_MAXIMUM_TOTAL_SIZE:
		return put32(out, len, nic->frame_size);
	case OID_GEN_VENDOR_ID:
		return put32(out, len, 0x0000155d);
	case OID_GEN_CURRENT_PACKET_FILTER:
		return put32(out, len, nic->filter);
	case OID_GEN_MAC_OPTIONS:
		return put32(out, len, 0x24d);
	case OID_GEN_MEDIA_CONNECT_STATUS:
		return put32(out, len, nic->link_up ? OID_MEDIA_CONNECTED :
						      OID_MEDIA_DISCONNECTED);
	case OID_GEN_MAXIMUM_SEND_PACKETS:
		return put32(out, len, UINT32_MAX);
	case OID_GEN_DRIVER_VERSION:
	case OID_GEN_VENDOR_DRIVER_VERSION:
		put32(out, len, 0x0100);
		*len = 2;
		return RNDIS_STATUS_SUCCESS;
	default:
		return RNDIS_STATUS_NOT_SUPPORTED;
	}
}

uint32_t oid_query(struct nic *nic, uint32_t oid, const uint8_t *in, size_t in_len,
		   uint8_t out[OID_ANSWER_MAX], size_t *out_len)
{
	static const char vendor[] = "Microsoft Corporation";

	*out_len = 0;
	switch (oid) {
	case OID_GEN_SUPPORTED_LIST:
		return supported_list(nic, out, out_len);
	case OID_GEN_VENDOR_DESCRIPTION:
		*out_len = sizeof(vendor) - 1;
		memcpy(out, vendor, *out_len);
		return RNDIS_STATUS_SUCCESS;
	case OID_802_3_PERMANENT_ADDRESS:
		return put_mac(out, out_len, nic->cfg.mac);
	case OID_802_3_CURRENT_ADDRESS:
		return put_mac(out, out_len, nic->mac);
	case OID_GEN_FRIENDLY_NAME:
		return friendly_name(nic, out, out_len);
	case OID_GEN_LINK_STATE:
		return link_state(nic, out, out_len);
	case OID_GEN_MAX_LINK_SPEED:
		return max_link_speed(nic, out, out_len);
	case OID_OFFLOAD_ENCAPSULATION:
		return encapsulation(out, out_len);
	case OID_TCP_OFFLOAD_HW_CAPABILITIES:
	case OID_TCP_OFFLOAD_CURRENT_CONFIG:
		return hw_caps(nic, oid == OID_TCP_OFFLOAD_CURRENT_CONFIG, in, in_len, out,
			       out_len);
	case OID_GEN_RECEIVE_SCALE_CAPABILITIES:
		if (nic->version < NVSP_VERSION_5)
			return RNDIS_STATUS_NOT_SUPPORTED;
		*out_len = rss_caps(nic, in, in_len, out);
		return RNDIS_STATUS_SUCCESS;
	default:
		return number(nic, oid, out, out_len);
	}
}

/* ---- sets ---- */

static uint32_t wrong_length(struct nic *nic, const uint8_t *in, size_t len,
			     const char *what)
{
	nic_violation(nic, "netvsp.oid.length", in, len, "SET of %s with %zu bytes (6)",
		      what, len);
	return RNDIS_STATUS_INVALID_LENGTH;
}

static uint32_t set_filter(struct nic *nic, const uint8_t *in, size_t len)
{
	const uint32_t known = 0xff | NDIS_PACKET_TYPE_GROUP |
		NDIS_PACKET_TYPE_ALL_FUNCTIONAL | NDIS_PACKET_TYPE_FUNCTIONAL |
		NDIS_PACKET_TYPE_MAC_FRAME;
	__le32 le;

	if (len != 4)
		return wrong_length(nic, in, len, "the packet filter");
	memcpy(&le, in, 4);
	if (le32toh(le) & ~known)
		nic_violation(nic, "netvsp.oid.filter_bits", in, len,
			      "packet filter 0x%x has undefined bits (6.2)", le32toh(le));
	nic->filter = le32toh(le);
	nic->filter_was_set |= nic->filter != 0;
	if (!nic->filter)
		nic->events->drop_frames(nic);
	return RNDIS_STATUS_SUCCESS;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Twelve UTF-16 hexadecimal digits. */
static bool parse_address(const uint8_t *v, size_t len, uint8_t mac[6])
{
	size_t i;

	if (len != 2 * NDIS_CONFIG_MAC_VALUE_UNITS)
		return false;
	for (i = 0; i < NDIS_CONFIG_MAC_VALUE_UNITS; i++) {
		int d = v[i * 2 + 1] ? -1 : hex_digit(v[i * 2]);

		if (d < 0)
			return false;
		mac[i / 2] = (uint8_t)(i & 1 ? mac[i / 2] | d : d << 4);
	}
	return !(mac[0] & 1);
}

static bool name_is(const uint8_t *name, size_t len, const char *want)
{
	size_t i;

	if (len != 2 * strlen(want))
		return false;
	for (i = 0; want[i]; i++)
		if (name[i * 2] != (uint8_t)want[i] || name[i * 2 + 1])
			return false;
	return true;
}

static uint32_t set_config_param(struct nic *nic, const uint8_t *in, size_t len)
{
	struct ndis_config_param p;
	uint32_t no, nl, vo, vl;
	uint8_t mac[6];

	if (len < sizeof(p))
		return wrong_length(nic, in, len, "a config parameter");
	memcpy(&p, in, sizeof(p));
	no = le32toh(p.name_offset);
	nl = le32toh(p.name_length);
	vo = le32toh(p.value_offset);
	vl = le32toh(p.value_length);
	if (no < sizeof(p) || no > len || nl > len - no || vo < sizeof(p) || vo > len ||
	    vl > len - vo || nl > 255 || vl > 255) {
		nic_violation(nic, "netvsp.oid.config_param", in, len,
			      "config parameter: name %u+%u, value %u+%u in %zu bytes (6.7)",
			      no, nl, vo, vl, len);
		return RNDIS_STATUS_INVALID_DATA;
	}
	if (!name_is(in + no, nl, NDIS_CONFIG_MAC_NAME))
		return RNDIS_STATUS_SUCCESS;
	if (le32toh(p.type) != NDIS_CONFIG_PARAM_STRING ||
	    !parse_address(in + vo, vl, mac)) {
		nic_violation(nic, "netvsp.oid.mac_value", in, len,
			      "NetworkAddress wants a string of 12 hexadecimal digits of a unicast address (6.7)");
		return RNDIS_STATUS_INVALID_DATA;
	}
	if (!nic->cfg.spoof)
		return RNDIS_STATUS_FAILURE;
	memcpy(nic->mac, mac, 6);
	switch_port_own(nic->port, mac);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t set_encapsulation(struct nic *nic, const uint8_t *in, size_t len)
{
	struct ndis_offload_encap e;

	if (len < sizeof(e))
		return wrong_length(nic, in, len, "the encapsulation");
	memcpy(&e, in, sizeof(e));
	if (e.header.type != NDIS_OBJECT_OFFLOAD_ENCAP)
		return RNDIS_STATUS_INVALID_DATA;
	if ((le32toh(e.ip4_state) == NDIS_ENCAP_SET_ON &&
	     (le32toh(e.ip4_type) != NDIS_ENCAP_8023 || le32toh(e.ip4_header_size) != 14)) ||
	    (le32toh(e.ip6_state) == NDIS_ENCAP_SET_ON &&
	     (le32toh(e.ip6_type) != NDIS_ENCAP_8023 || le32toh(e.ip6_header_size) != 14)))
		return RNDIS_STATUS_NOT_SUPPORTED;
	return RNDIS_STATUS_SUCCESS;
}

uint32_t oid_set(struct nic *nic, uint32_t oid, const uint8_t *in, size_t in_len)
{
	switch (oid) {
	case OID_GEN_CURRENT_PACKET_FILTER:
		return set_filter(nic, in, in_len);
	case OID_TCP_OFFLOAD_PARAMETERS:
		return offload_set(nic, in, in_len);
	case OID_GEN_RECEIVE_SCALE_PARAMETERS:
		if (nic->version < NVSP_VERSION_5)
			return RNDIS_STATUS_NOT_SUPPORTED;
		return rss_set(nic, in, in_len);
	case OID_GEN_RNDIS_CONFIG_PARAMETER:
		return set_config_param(nic, in, in_len);
	case OID_OFFLOAD_ENCAPSULATION:
		return set_encapsulation(nic, in, in_len);
	case OID_GEN_NETWORK_LAYER_ADDRESSES:
		return RNDIS_STATUS_SUCCESS;
	default:
		return RNDIS_STATUS_NOT_SUPPORTED;
	}
}

void oid_reset(struct nic *nic)
{
	nic->filter = 0;
	nic->filter_was_set = false;
	memcpy(nic->mac, nic->cfg.mac, 6);
	if (nic->port)
		switch_port_own(nic->port, nic->mac);
}
