/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS as the Hyper-V NIC speaks it: the messages NVSP message 107 refers to.
 *
 * Every message starts with type and total length; every offset inside a
 * message counts from byte 8 of that message (RNDIS_OFFSET_BASE). Control
 * messages travel alone, with channel type 1; data packets with channel type 0.
 * Sheet: section 5; [MS-RNDIS] where nothing else is said.
 *
 * Do not include <linux/rndis.h> or <linux/usb/rndis_host.h> beside this one:
 * they describe the USB dialect under the same names.
 */
#ifndef _NETVSC_RNDIS_H
#define _NETVSC_RNDIS_H

#include "wire.h"

#define RNDIS_OFFSET_BASE		8

/* Message types. Sheet 5.2. */
#define RNDIS_MSG_PACKET		0x00000001	/* both; no answer */
#define RNDIS_MSG_INITIALIZE		0x00000002	/* G>H => INITIALIZE_CMPLT */
#define RNDIS_MSG_HALT			0x00000003	/* G>H; no answer */
#define RNDIS_MSG_QUERY			0x00000004	/* G>H => QUERY_CMPLT */
#define RNDIS_MSG_SET			0x00000005	/* G>H => SET_CMPLT */
#define RNDIS_MSG_RESET			0x00000006	/* G>H => RESET_CMPLT */
#define RNDIS_MSG_INDICATE_STATUS	0x00000007	/* H>G; no answer */
#define RNDIS_MSG_KEEPALIVE		0x00000008	/* G>H => KEEPALIVE_CMPLT */
#define RNDIS_MSG_SET_EX		0x00000009	/* implemented by nobody */
#define RNDIS_MSG_COMPLETION		0x80000000	/* bit: answer to the rest */
#define RNDIS_MSG_INITIALIZE_CMPLT	0x80000002
#define RNDIS_MSG_QUERY_CMPLT		0x80000004
#define RNDIS_MSG_SET_CMPLT		0x80000005
#define RNDIS_MSG_RESET_CMPLT		0x80000006
#define RNDIS_MSG_KEEPALIVE_CMPLT	0x80000008
#define RNDIS_MSG_SET_EX_CMPLT		0x80000009
#define RNDIS_MSG_BUS			0xFF000001	/* private, never used */

#define RNDIS_MAJOR_VERSION		1
#define RNDIS_MINOR_VERSION		0

/* Field "status" of completions. Sheet 5.7. */
#define RNDIS_STATUS_SUCCESS		0x00000000
#define RNDIS_STATUS_PENDING		0x00000103
#define RNDIS_STATUS_BUFFER_OVERFLOW	0x80000005
#define RNDIS_STATUS_FAILURE		0xC0000001
#define RNDIS_STATUS_RESOURCES		0xC000009A
#define RNDIS_STATUS_NOT_SUPPORTED	0xC00000BB
#define RNDIS_STATUS_CLOSING		0xC0010002
#define RNDIS_STATUS_BAD_VERSION	0xC0010004
#define RNDIS_STATUS_MULTICAST_FULL	0xC0010009
#define RNDIS_STATUS_RESET_IN_PROGRESS	0xC001000D
#define RNDIS_STATUS_INVALID_PACKET	0xC001000F
#define RNDIS_STATUS_INVALID_LENGTH	0xC0010014
#define RNDIS_STATUS_INVALID_DATA	0xC0010015
#define RNDIS_STATUS_BUFFER_TOO_SHORT	0xC0010016
#define RNDIS_STATUS_INVALID_OID	0xC0010017

/* Field "status" of INDICATE_STATUS. Sheet 5.6. */
#define RNDIS_STATUS_MEDIA_CONNECT	0x4001000B	/* no buffer */
#define RNDIS_STATUS_MEDIA_DISCONNECT	0x4001000C	/* no buffer */
#define RNDIS_STATUS_LINK_SPEED_CHANGE	0x40010013	/* u32, 100 bit/s */
#define RNDIS_STATUS_NETWORK_CHANGE	0x40010018	/* optional u32, below */
#define RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG 0x40020006 /* ndis_offload */

#define RNDIS_NETWORK_CHANGE_POSSIBLE	1
#define RNDIS_NETWORK_CHANGE_DEFINITE	2
#define RNDIS_NETWORK_CHANGE_FROM_MEDIA_CONNECT 3

/* What every message starts with. Sheet 5.1. */
struct rndis_header {
	__le32 type;
	__le32 length;		/* of the whole message, from byte 0 */
};

netvsc_assert_size(struct rndis_header, 8);

/*
 * What every control message with a request id starts with, HALT and
 * KEEPALIVE in whole. Sheet 5.5.
 */
struct rndis_request {
	__le32 type;
	__le32 length;
	__le32 request_id;	/* chosen by the guest, echoed */
};

netvsc_assert_size(struct rndis_request, 12);

/* What every completion but RESET_CMPLT starts with; SET_CMPLT in whole. */
struct rndis_completion {
	__le32 type;
	__le32 length;
	__le32 request_id;
	__le32 status;
};

netvsc_assert_size(struct rndis_completion, 16);

/* INITIALIZE (2). G>H => INITIALIZE_CMPLT. Sheet 5.3. */
struct rndis_initialize {
	__le32 type;
	__le32 length;		/* 24 */
	__le32 request_id;
	__le32 major_version;
	__le32 minor_version;
	__le32 max_transfer_size;
};

netvsc_assert_size(struct rndis_initialize, 24);

#define RNDIS_MAX_TRANSFER_GUEST	0x4000

/*
 * INITIALIZE_CMPLT (0x80000002). H>G. Sheet 5.3. Some hosts end it before
 * af_list_size (48 bytes): RNDIS_INITIALIZE_CMPLT_MIN_BYTES.
 */
struct rndis_initialize_cmplt {
	__le32 type;
	__le32 length;		/* 52 */
	__le32 request_id;
	__le32 status;
	__le32 major_version;
	__le32 minor_version;
	__le32 device_flags;
	__le32 medium;
	__le32 max_packets;	/* per message: limit of aggregation */
	__le32 max_transfer_size;
	__le32 alignment_exp;	/* power of two exponent; bound it */
	__le32 af_list_offset;
	__le32 af_list_size;
};

netvsc_assert_size(struct rndis_initialize_cmplt, 52);
netvsc_assert_offset(struct rndis_initialize_cmplt, alignment_exp, 40);

#define RNDIS_INITIALIZE_CMPLT_MIN_BYTES 48
#define RNDIS_DEVICE_CONNECTIONLESS	0x00000001
#define RNDIS_MEDIUM_802_3		0
#define RNDIS_MAX_PACKETS_HOST		8
#define RNDIS_MAX_TRANSFER_HOST		0xEFFFFFFF
#define RNDIS_ALIGNMENT_EXP_HOST	3
#define RNDIS_ALIGNMENT_EXP_MAX		12

/*
 * QUERY (4), SET (5). G>H => QUERY_CMPLT, SET_CMPLT. Sheet 5.4. The info
 * buffer follows directly and info_offset is 20 even when it is empty: with
 * the 0 that [MS-RNDIS] asks for a Windows host answers with an error.
 */
struct rndis_oid_request {
	__le32 type;
	__le32 length;		/* 28 + info_length */
	__le32 request_id;
	__le32 oid;
	__le32 info_length;
	__le32 info_offset;	/* from byte 8 */
	__le32 vc_handle;	/* 0 */
};

netvsc_assert_size(struct rndis_oid_request, 28);

#define RNDIS_OID_REQUEST_INFO_OFFSET	20
netvsc_static_assert(sizeof(struct rndis_oid_request) ==
		     RNDIS_OFFSET_BASE + RNDIS_OID_REQUEST_INFO_OFFSET);

/* QUERY_CMPLT (0x80000004). H>G. Sheet 5.4. */
struct rndis_query_cmplt {
	__le32 type;
	__le32 length;		/* 24 + info_length */
	__le32 request_id;
	__le32 status;
	__le32 info_length;
	__le32 info_offset;	/* from byte 8, normally 16 */
};

netvsc_assert_size(struct rndis_query_cmplt, 24);

#define RNDIS_QUERY_CMPLT_INFO_OFFSET	16
netvsc_static_assert(sizeof(struct rndis_query_cmplt) ==
		     RNDIS_OFFSET_BASE + RNDIS_QUERY_CMPLT_INFO_OFFSET);

/* RESET (6). G>H => RESET_CMPLT. Carries no request id; never sent. Sheet 5.5. */
struct rndis_reset {
	__le32 type;
	__le32 length;		/* 12 */
	__le32 reserved;
};

netvsc_assert_size(struct rndis_reset, 12);

/* RESET_CMPLT (0x80000006). H>G. Sheet 5.5. */
struct rndis_reset_cmplt {
	__le32 type;
	__le32 length;		/* 16 */
	__le32 status;
	__le32 addressing_reset; /* 1: filter and addresses must be set again */
};

netvsc_assert_size(struct rndis_reset_cmplt, 16);

/*
 * INDICATE_STATUS (7). H>G, no answer. Sheet 5.6. Some old Windows switches
 * do not count the buffer in the message length: check the buffer against the
 * byte count of the range instead (R20).
 */
struct rndis_indicate_status {
	__le32 type;
	__le32 length;		/* 20 + buffer_length */
	__le32 status;
	__le32 buffer_length;
	__le32 buffer_offset;	/* from byte 8; 12, or 0 if there is none */
};

netvsc_assert_size(struct rndis_indicate_status, 20);

#define RNDIS_STATUS_BUFFER_OFFSET	12
netvsc_static_assert(sizeof(struct rndis_indicate_status) ==
		     RNDIS_OFFSET_BASE + RNDIS_STATUS_BUFFER_OFFSET);

/*
 * PACKET (1). Both directions, no RNDIS answer. Sheet 5.8. PPIs come first,
 * then, at data_offset and not necessarily aligned, the frame. length may
 * count stale bytes behind the frame: data_length is the only frame length.
 */
struct rndis_packet {
	__le32 type;
	__le32 length;
	__le32 data_offset;	/* from byte 8 */
	__le32 data_length;
	__le32 oob_offset;	/* 0 */
	__le32 oob_length;	/* 0 */
	__le32 oob_cnt;		/* 0 */
	__le32 ppi_offset;	/* from byte 8; 36, or 0 if there is none */
	__le32 ppi_length;	/* of all elements */
	__le32 vc_handle;	/* 0 */
	__le32 reserved;	/* 0 */
};

netvsc_assert_size(struct rndis_packet, 44);

#define RNDIS_PACKET_BYTES		44
#define RNDIS_PACKET_PPI_OFFSET		36
netvsc_static_assert(RNDIS_PACKET_BYTES ==
		     RNDIS_OFFSET_BASE + RNDIS_PACKET_PPI_OFFSET);

/* Out-of-band element of a PACKET; never used. Sheet 5.8. */
struct rndis_oob {
	__le32 size;
	__le32 type;
	__le32 class_info_offset;
};

netvsc_assert_size(struct rndis_oob, 12);

/*
 * Per-packet info: elements follow each other directly, 4 bytes of data in
 * each one that is used here. Sheet 5.10.
 */
struct rndis_ppi {
	__le32 size;		/* of the element, this header included */
	__le32 type;		/* RNDIS_PPI_*; bit 31: internal */
	__le32 data_offset;	/* from the start of the element: 12 */
};

netvsc_assert_size(struct rndis_ppi, 12);

#define RNDIS_PPI_HEADER_BYTES		12
#define RNDIS_PPI_DATA_BYTES		4
#define RNDIS_PPI_BYTES			16	/* header + data */
#define RNDIS_PPI_ALIGN			4

#define RNDIS_PPI_CSUM			0	/* tx, rx */
#define RNDIS_PPI_IPSEC			1
#define RNDIS_PPI_LSO			2	/* tx */
#define RNDIS_PPI_CLASSIFICATION	3
#define RNDIS_PPI_SG_LIST		5
#define RNDIS_PPI_VLAN			6	/* tx, rx */
#define RNDIS_PPI_ORIGINAL_PKT		7
#define RNDIS_PPI_HASH_VALUE		8	/* tx, rx; V5+ */
#define RNDIS_PPI_HASH_INFO		9	/* rx; V5+ */
#define RNDIS_PPI_CACHED_NBL		10
#define RNDIS_PPI_SHORT_PKT_PADDING	11
#define RNDIS_PPI_INTERNAL		0x80000000
#define RNDIS_PPI_PACKET_ID		(RNDIS_PPI_INTERNAL | 1) /* rx, RSC */

/* At most hash, VLAN and one of LSO/checksum leave a guest; 108 is generous. */
#define RNDIS_TX_PPI_MAX		3
#define RNDIS_TX_HEADER_MAX_BYTES	(RNDIS_PACKET_BYTES + \
					 RNDIS_TX_PPI_MAX * RNDIS_PPI_BYTES)
#define RNDIS_TX_HEADER_RESERVE_BYTES	108
netvsc_static_assert(RNDIS_TX_HEADER_MAX_BYTES == 92);

/* RNDIS_PPI_CSUM, transmit. Sheet 5.11, 7.2. */
#define RNDIS_TX_CSUM_IPV4		0x00000001
#define RNDIS_TX_CSUM_IPV6		0x00000002
#define RNDIS_TX_CSUM_TCP		0x00000004
#define RNDIS_TX_CSUM_UDP		0x00000008
#define RNDIS_TX_CSUM_IP_HEADER		0x00000010
#define RNDIS_TX_CSUM_L4_OFFSET		0x03FF0000 /* from the start of the frame */

/* RNDIS_PPI_CSUM, receive. Sheet 5.11, 8.5. */
#define RNDIS_RX_CSUM_TCP_FAILED	0x00000001
#define RNDIS_RX_CSUM_UDP_FAILED	0x00000002
#define RNDIS_RX_CSUM_IP_FAILED		0x00000004
#define RNDIS_RX_CSUM_TCP_SUCCEEDED	0x00000008
#define RNDIS_RX_CSUM_UDP_SUCCEEDED	0x00000010
#define RNDIS_RX_CSUM_IP_SUCCEEDED	0x00000020
#define RNDIS_RX_CSUM_LOOPBACK		0x00000040
#define RNDIS_RX_CSUM_TCP_VALUE_INVALID	0x00000080 /* field is stale, yet verified */
#define RNDIS_RX_CSUM_IP_VALUE_INVALID	0x00000100 /* field is stale, yet verified */

/* RNDIS_PPI_LSO, version 2. Sheet 5.11, 7.3. */
#define RNDIS_LSO_MSS			0x000FFFFF
#define RNDIS_LSO_TCP_OFFSET		0x3FF00000 /* from the start of the frame */
#define RNDIS_LSO_V2			0x40000000
#define RNDIS_LSO_IPV6			0x80000000

#define RNDIS_L4_OFFSET_MAX		1023	/* 10 bits in both of them */
#define RNDIS_LSO_MSS_MAX		0x000FFFFF
#define RNDIS_LSO_MAX_BYTES_HOST	0xF53C	/* what hosts advertise */
#define RNDIS_LSO_MIN_SEGS_HOST		2

/* RNDIS_PPI_VLAN. Not the order of a TCI. Sheet 5.11. */
#define RNDIS_VLAN_PRIO			0x00000007
#define RNDIS_VLAN_DEI			0x00000008
#define RNDIS_VLAN_VID			0x0000FFF0

/* RNDIS_PPI_HASH_INFO; the types are NDIS_HASH_*. Sheet 5.11, 6.9. */
#define RNDIS_HASH_FUNCTION		0x000000FF
#define RNDIS_HASH_TYPE			0x00FFFF00

/* RNDIS_PPI_PACKET_ID: data of the element. V6.1. Sheet 5.11, 5.12. */
struct rndis_packet_id {
	__u8   version;
	__u8   flags;		/* RNDIS_PKT_ID_* */
	__le16 packet_id;
};

netvsc_assert_size(struct rndis_packet_id, 4);

#define RNDIS_PKT_ID_VERSION		1
#define RNDIS_PKT_ID_FRAGMENTED		0x01
#define RNDIS_PKT_ID_FIRST		0x02
#define RNDIS_PKT_ID_LAST		0x04

/* Limits of control messages. Sheet 5.1. */
#define RNDIS_REQUEST_INFO_MAX_BYTES	4096
#define RNDIS_RESPONSE_MAX_BYTES	4148	/* 4096 + 52 */
#define RNDIS_CONTROL_SUBALLOCS		16	/* what OpenVMM keeps for answers */

/* Shortest frame a host may indicate: an Ethernet header. Sheet 8.3. */
#define RNDIS_FRAME_MIN_BYTES		14

#endif /* _NETVSC_RNDIS_H */
