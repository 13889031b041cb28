/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Object identifiers of the RNDIS control plane and the plain values they
 * carry. Structures they carry are in ndis.h. Sheet: 6.1, 6.2.
 *
 * "q" the guest may query it, "s" it may set it.
 */
#ifndef _NETVSC_OID_H
#define _NETVSC_OID_H

#include "wire.h"

/* General, mandatory */
#define OID_GEN_SUPPORTED_LIST			0x00010101 /* q u32[] */
#define OID_GEN_HARDWARE_STATUS			0x00010102 /* q u32, 0 ready */
#define OID_GEN_MEDIA_SUPPORTED			0x00010103 /* q u32, 0 802.3 */
#define OID_GEN_MEDIA_IN_USE			0x00010104 /* q u32, 0 802.3 */
#define OID_GEN_MAXIMUM_LOOKAHEAD		0x00010105 /* q u32 */
#define OID_GEN_MAXIMUM_FRAME_SIZE		0x00010106 /* q u32, IP MTU (no Ethernet header) */
#define OID_GEN_LINK_SPEED			0x00010107 /* q u32, 100 bit/s; V5+ */
#define OID_GEN_TRANSMIT_BUFFER_SPACE		0x00010108 /* q u32 */
#define OID_GEN_RECEIVE_BUFFER_SPACE		0x00010109 /* q u32 */
#define OID_GEN_TRANSMIT_BLOCK_SIZE		0x0001010A /* q u32 */
#define OID_GEN_RECEIVE_BLOCK_SIZE		0x0001010B /* q u32 */
#define OID_GEN_VENDOR_ID			0x0001010C /* q u32 */
#define OID_GEN_VENDOR_DESCRIPTION		0x0001010D /* q ASCII, no NUL */
#define OID_GEN_CURRENT_PACKET_FILTER		0x0001010E /* s q u32, NDIS_PACKET_TYPE_* */
#define OID_GEN_CURRENT_LOOKAHEAD		0x0001010F /* q u32 */
#define OID_GEN_DRIVER_VERSION			0x00010110 /* q u16 */
#define OID_GEN_MAXIMUM_TOTAL_SIZE		0x00010111 /* q u32, frame size */
#define OID_GEN_PROTOCOL_OPTIONS		0x00010112
#define OID_GEN_MAC_OPTIONS			0x00010113 /* q u32 */
#define OID_GEN_MEDIA_CONNECT_STATUS		0x00010114 /* q u32, OID_MEDIA_* */
#define OID_GEN_MAXIMUM_SEND_PACKETS		0x00010115 /* q u32 */
#define OID_GEN_VENDOR_DRIVER_VERSION		0x00010116 /* q u16 */
#define OID_GEN_NETWORK_LAYER_ADDRESSES		0x00010118 /* s */
#define OID_GEN_TRANSPORT_HEADER_OFFSET		0x00010119

/* General, optional */
#define OID_GEN_PHYSICAL_MEDIUM			0x00010202
#define OID_GEN_RECEIVE_SCALE_CAPABILITIES	0x00010203 /* q ndis_rss_caps; V5+ */
#define OID_GEN_RECEIVE_SCALE_PARAMETERS	0x00010204 /* s ndis_rss_params */
#define OID_GEN_MAX_LINK_SPEED			0x00010206 /* q u64 tx, u64 rx, bit/s */
#define OID_GEN_LINK_STATE			0x00010207 /* q ndis_link_state */
#define OID_GEN_LINK_PARAMETERS			0x00010208
#define OID_GEN_INTERRUPT_MODERATION		0x00010209
#define OID_GEN_MACHINE_NAME			0x0001021A
#define OID_GEN_RNDIS_CONFIG_PARAMETER		0x0001021B /* s ndis_config_param */
#define OID_GEN_VLAN_ID				0x0001021C
#define OID_GEN_FRIENDLY_NAME			0x00020216 /* q UTF-16LE, <= 512 bytes */
#define OID_GEN_BYTES_RCV			0x00020219
#define OID_GEN_BYTES_XMIT			0x0002021A
#define OID_GEN_RCV_DISCARDS			0x0002021B
#define OID_GEN_XMIT_DISCARDS			0x0002021C
#define OID_TCP_RSC_STATISTICS			0x0002021D

/* 802.3 */
#define OID_802_3_PERMANENT_ADDRESS		0x01010101 /* q 6 bytes */
#define OID_802_3_CURRENT_ADDRESS		0x01010102 /* q 6 bytes */
#define OID_802_3_MULTICAST_LIST		0x01010103 /* s n * 6 bytes; nobody uses it */
#define OID_802_3_MAXIMUM_LIST_SIZE		0x01010104 /* q u32 */
#define OID_802_3_MAC_OPTIONS			0x01010105
#define OID_OFFLOAD_ENCAPSULATION		0x0101010A /* q s ndis_offload_encap */
#define OID_802_3_ADD_MULTICAST_ADDRESS		0x01010208
#define OID_802_3_DELETE_MULTICAST_ADDRESS	0x01010209
#define OID_802_3_RCV_ERROR_ALIGNMENT		0x01020101 /* q u32 */
#define OID_802_3_XMIT_ONE_COLLISION		0x01020102 /* q u32 */
#define OID_802_3_XMIT_MORE_COLLISIONS		0x01020103 /* q u32 */

/* Task offload */
#define OID_TCP_OFFLOAD_CURRENT_CONFIG		0xFC01020B /* q ndis_offload */
#define OID_TCP_OFFLOAD_PARAMETERS		0xFC01020C /* s ndis_offload_params */
#define OID_TCP_OFFLOAD_HW_CAPABILITIES		0xFC01020D /* q ndis_offload, with input */
#define OID_TCP_CONN_OFFLOAD_CURRENT_CONFIG	0xFC01020E
#define OID_TCP_CONN_OFFLOAD_HW_CAPABILITIES	0xFC01020F

/* Values of OID_GEN_MEDIA_CONNECT_STATUS (unlike those of ndis_link_state) */
#define OID_MEDIA_CONNECTED			0
#define OID_MEDIA_DISCONNECTED			1

/* OID_GEN_LINK_SPEED and the speed indication count in this many bit/s. */
#define OID_LINK_SPEED_UNIT			100
#define OID_LINK_SPEED_PER_MBPS			10000

#define OID_FRIENDLY_NAME_MAX_BYTES		512	/* 255 units + terminator */
/* Of a NIC without a name, by host; neither is an alias */
#define OID_FRIENDLY_NAME_DEFAULT		"Network Adapter"
#define OID_FRIENDLY_NAME_DEFAULT_OPENVMM	"Network Device"

/*
 * OID_GEN_CURRENT_PACKET_FILTER. A set replaces the mask; 0 = no data frames,
 * control traffic is not affected. Sheet 6.2.
 */
#define NDIS_PACKET_TYPE_DIRECTED		0x00000001
#define NDIS_PACKET_TYPE_MULTICAST		0x00000002
#define NDIS_PACKET_TYPE_ALL_MULTICAST		0x00000004
#define NDIS_PACKET_TYPE_BROADCAST		0x00000008
#define NDIS_PACKET_TYPE_SOURCE_ROUTING		0x00000010
#define NDIS_PACKET_TYPE_PROMISCUOUS		0x00000020
#define NDIS_PACKET_TYPE_SMT			0x00000040
#define NDIS_PACKET_TYPE_ALL_LOCAL		0x00000080
#define NDIS_PACKET_TYPE_GROUP			0x00001000
#define NDIS_PACKET_TYPE_ALL_FUNCTIONAL		0x00002000
#define NDIS_PACKET_TYPE_FUNCTIONAL		0x00004000
#define NDIS_PACKET_TYPE_MAC_FRAME		0x00008000

/* What an open interface sets first: 0x0D. Sheet 4.1 step 20. */
#define NDIS_PACKET_FILTER_OPEN \
	(NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_ALL_MULTICAST | \
	 NDIS_PACKET_TYPE_BROADCAST)

#endif /* _NETVSC_OID_H */
