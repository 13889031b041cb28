/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NVSP: the control protocol between NetVSC (guest) and NetVSP (host).
 *
 * One NVSP message is the payload of one VMBus packet; all numbers are little
 * endian, dword 0 is the message type.  RNDIS bytes never travel in here, only
 * references to them (message 107).
 *
 * "G>H" guest to host, "H>G" host to guest, "(C)" sent with the completion
 * flag, "=>" what the completion carries.  Sheet: sections 1.1, 2.5, 3.
 */
#ifndef _NETVSC_NVSP_H
#define _NETVSC_NVSP_H

#include "wire.h"

/* The synthetic NIC's interface GUID as its 16 bytes on the wire. Sheet 1.1. */
#define NVSP_CLASS_GUID_BYTES \
	{ 0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46, \
	  0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e }

/* Protocol versions; from V2 on major << 16 | minor, there is no V3. Sheet 3.1. */
#define NVSP_VERSION_1			0x00000002
#define NVSP_VERSION_2			0x00030002
#define NVSP_VERSION_4			0x00040000
#define NVSP_VERSION_5			0x00050000
#define NVSP_VERSION_6			0x00060000
#define NVSP_VERSION_61			0x00060001

/*
 * Message sizes. The guest sends 40 bytes always (a host may ignore requests
 * below 32), except the receive completion, which is 8. The host sends 28
 * below V6.1 and 40 with it. Sheet 3.2.
 */
#define NVSP_MSG_BYTES			40
#define NVSP_MSG_LEGACY_BYTES		28
#define NVSP_MSG_GUEST_MIN_BYTES	32
#define NVSP_RNDIS_COMPLETE_BYTES	8

/* Message types. Sheet 3.3. */
#define NVSP_MSG_NONE				0
#define NVSP_MSG_INIT				1
#define NVSP_MSG_INIT_COMPLETE			2

/* V1 */
#define NVSP_MSG_SEND_NDIS_VERSION		100
#define NVSP_MSG_SEND_RECV_BUF			101
#define NVSP_MSG_SEND_RECV_BUF_COMPLETE		102
#define NVSP_MSG_REVOKE_RECV_BUF		103
#define NVSP_MSG_SEND_SEND_BUF			104
#define NVSP_MSG_SEND_SEND_BUF_COMPLETE		105
#define NVSP_MSG_REVOKE_SEND_BUF		106
#define NVSP_MSG_SEND_RNDIS_PKT			107
#define NVSP_MSG_SEND_RNDIS_PKT_COMPLETE	108

/* V2; all but SEND_NDIS_CONFIG are obsolete and never used */
#define NVSP_MSG_SEND_CHIMNEY_DELEGATED_BUF		109
#define NVSP_MSG_SEND_CHIMNEY_DELEGATED_BUF_COMPLETE	110
#define NVSP_MSG_REVOKE_CHIMNEY_DELEGATED_BUF		111
#define NVSP_MSG_RESUME_CHIMNEY_RX_INDICATION		112
#define NVSP_MSG_TERMINATE_CHIMNEY			113
#define NVSP_MSG_TERMINATE_CHIMNEY_COMPLETE		114
#define NVSP_MSG_INDICATE_CHIMNEY_EVENT			115
#define NVSP_MSG_SEND_CHIMNEY_PACKET			116
#define NVSP_MSG_SEND_CHIMNEY_PACKET_COMPLETE		117
#define NVSP_MSG_POST_CHIMNEY_RECV_REQUEST		118
#define NVSP_MSG_POST_CHIMNEY_RECV_REQUEST_COMPLETE	119
#define NVSP_MSG_ALLOC_RXBUF				120
#define NVSP_MSG_ALLOC_RXBUF_COMPLETE			121
#define NVSP_MSG_FREE_RXBUF				122
#define NVSP_MSG_SEND_VMQ_RNDIS_PKT			123
#define NVSP_MSG_SEND_VMQ_RNDIS_PKT_COMPLETE		124
#define NVSP_MSG_SEND_NDIS_CONFIG			125
#define NVSP_MSG_ALLOC_CHIMNEY_HANDLE			126
#define NVSP_MSG_ALLOC_CHIMNEY_HANDLE_COMPLETE		127

/* V4 */
#define NVSP_MSG_SEND_VF_ASSOCIATION		128
#define NVSP_MSG_SWITCH_DATA_PATH		129
#define NVSP_MSG_UPLINK_CONNECT_STATE		130	/* deprecated */

/* V5 */
#define NVSP_MSG_OID_QUERY_EX			131
#define NVSP_MSG_OID_QUERY_EX_COMPLETE		132
#define NVSP_MSG_SUBCHANNEL			133
#define NVSP_MSG_SEND_INDIRECTION_TABLE		134

/* V6.1 */
#define NVSP_MSG_PD_API				135
#define NVSP_MSG_PD_POST_BATCH			136

/* Field "status". Guests compare with SUCCESS, all else is failure. Sheet 3.5. */
#define NVSP_STAT_NONE				0
#define NVSP_STAT_SUCCESS			1
#define NVSP_STAT_FAILURE			2
#define NVSP_STAT_PROTOCOL_TOO_NEW		3
#define NVSP_STAT_PROTOCOL_TOO_OLD		4
#define NVSP_STAT_INVALID_RNDIS_PKT		5
#define NVSP_STAT_BUSY				6
#define NVSP_STAT_PROTOCOL_UNSUPPORTED		7

/*
 * INIT (1). G>H (C) => INIT_COMPLETE. V1. Sheet 3.6.
 * The guest offers one version per INIT, in both fields, newest first.
 */
struct nvsp_init {
	__le32 type;
	__le32 min_version;
	__le32 max_version;
};

netvsc_assert_size(struct nvsp_init, 12);

/* INIT_COMPLETE (2). H>G, payload of the completion. V1. Sheet 3.6. */
struct nvsp_init_complete {
	__le32 type;
	__le32 version;		/* deprecated: guests ignore it */
	__le32 max_mdl_chain;	/* guests ignore it */
	__le32 status;
};

netvsc_assert_size(struct nvsp_init_complete, 16);

#define NVSP_INIT_COMPLETE_VERSION	0xFFFFFFFF	/* what hosts write above V1 */
#define NVSP_INIT_COMPLETE_MDL_CHAIN	34

/*
 * SEND_NDIS_VERSION (100). G>H, no answer (an empty completion if one was
 * requested). V1. Sheet 3.8.
 */
struct nvsp_ndis_version {
	__le32 type;
	__le32 major;
	__le32 minor;
};

netvsc_assert_size(struct nvsp_ndis_version, 12);

#define NVSP_NDIS_MAJOR			6
#define NVSP_NDIS_MINOR_V4		1	/* up to NVSP V4 */
#define NVSP_NDIS_MINOR_V5		30	/* from NVSP V5 */

/* SEND_RECV_BUF (101). G>H (C) => SEND_RECV_BUF_COMPLETE. V1. Sheet 3.8. */
struct nvsp_send_recv_buf {
	__le32 type;
	__le32 gpadl;
	__le16 id;		/* comes back as transfer page set id */
	__le16 reserved;
};

netvsc_assert_size(struct nvsp_send_recv_buf, 12);

#define NVSP_RECV_BUF_ID		0xCAFE

/* One section of SEND_RECV_BUF_COMPLETE. Sheet 3.8. */
struct nvsp_recv_section {
	__le32 offset;
	__le32 suballoc_size;
	__le32 suballoc_cnt;
	__le32 end_offset;	/* guests do not check it */
};

netvsc_assert_size(struct nvsp_recv_section, 16);

/*
 * SEND_RECV_BUF_COMPLETE (102). H>G, payload of the completion. V1. Sheet 3.8.
 * Every host sends one section; more would follow the first (never seen).
 */
struct nvsp_recv_buf_complete {
	__le32 type;
	__le32 status;
	__le32 section_cnt;
	struct nvsp_recv_section section;
};

netvsc_assert_size(struct nvsp_recv_buf_complete, 28);
netvsc_assert_offset(struct nvsp_recv_buf_complete, section, 12);

/*
 * A sub-allocation takes at least one RNDIS packet header with a minimal
 * frame behind it; 1728 is what Windows hosts choose for MTU 1500 and what
 * guests size their buffer with. OpenVMM uses 256 + frame size + 36.
 */
#define NVSP_RECV_SUBALLOC_MIN		68
#define NVSP_RECV_SUBALLOC_DEFAULT	1728
#define NVSP_RECV_SUBALLOC_HEAD		256
#define NVSP_RECV_SUBALLOC_TAIL		36
#define NVSP_RECV_SUBALLOC_CONTROL	16	/* of them for control messages; sheet 9.2 */

/* REVOKE_RECV_BUF (103), REVOKE_SEND_BUF (106). G>H, no answer. V1. Sheet 3.10. */
struct nvsp_revoke_buf {
	__le32 type;
	__le16 id;
	__le16 reserved;
};

netvsc_assert_size(struct nvsp_revoke_buf, 8);

/* SEND_SEND_BUF (104). G>H (C) => SEND_SEND_BUF_COMPLETE. V1. Sheet 3.8. */
struct nvsp_send_send_buf {
	__le32 type;
	__le32 gpadl;
	__le16 id;
	__le16 reserved;
};

netvsc_assert_size(struct nvsp_send_send_buf, 12);

#define NVSP_SEND_BUF_ID		0

/* SEND_SEND_BUF_COMPLETE (105). H>G, payload of the completion. V1. Sheet 3.8. */
struct nvsp_send_buf_complete {
	__le32 type;
	__le32 status;
	__le32 section_size;
};

netvsc_assert_size(struct nvsp_send_buf_complete, 12);

#define NVSP_SEND_SECTION_DEFAULT	6144
#define NVSP_SEND_SECTION_MIN		68

/*
 * SEND_RNDIS_PKT (107). Both directions (C) => SEND_RNDIS_PKT_COMPLETE. V1.
 * Sheet 3.9. Where the RNDIS bytes are:
 *   G>H in-band, valid section     first section_size bytes of that section
 *   G>H GPA-direct, no section     the GPA ranges
 *   G>H GPA-direct, valid section  the section's bytes, then the GPA ranges
 *   H>G transfer pages             the ranges, one RNDIS message in each
 */
struct nvsp_rndis_pkt {
	__le32 type;
	__le32 channel_type;
	__le32 section_index;
	__le32 section_size;	/* bytes used in the section; 0 if none */
};

netvsc_assert_size(struct nvsp_rndis_pkt, 16);

#define NVSP_RNDIS_CHANNEL_DATA		0
#define NVSP_RNDIS_CHANNEL_CONTROL	1
#define NVSP_SECTION_NONE		0xFFFFFFFF

/*
 * SEND_RNDIS_PKT_COMPLETE (108). Both directions, payload of the completion.
 * V1. Sheet 3.9. "The resources named by the packet are yours again", whatever
 * the status is.
 */
struct nvsp_rndis_pkt_complete {
	__le32 type;
	__le32 status;
};

netvsc_assert_size(struct nvsp_rndis_pkt_complete, NVSP_RNDIS_COMPLETE_BYTES);

/*
 * SEND_NDIS_CONFIG (125). G>H, no answer (an empty completion if one was
 * requested). V2. Sheet 3.7. Goes right after INIT_COMPLETE, before
 * SEND_RECV_BUF: the sub-allocation size depends on it.
 */
struct nvsp_ndis_config {
	__le32 type;
	__le32 frame_size;	/* IP MTU + 14; no FCS, no VLAN tag */
	__le32 reserved;
	__le64 capabilities;	/* NVSP_CAP_* */
} __packed __aligned(4);

netvsc_assert_size(struct nvsp_ndis_config, 20);
netvsc_assert_offset(struct nvsp_ndis_config, capabilities, 12);

#define NVSP_CAP_VMQ			0x01	/* nobody sets it */
#define NVSP_CAP_CHIMNEY		0x02	/* nobody sets it */
#define NVSP_CAP_SRIOV			0x04	/* V5+, not on isolated VMs */
#define NVSP_CAP_IEEE8021Q		0x08	/* V2+ */
#define NVSP_CAP_CORRELATION_ID		0x10	/* nobody sets it */
#define NVSP_CAP_TEAMING		0x20	/* V5+; enables speed indications */
#define NVSP_CAP_VSUBNETID		0x40	/* nobody sets it */
#define NVSP_CAP_RSC			0x80	/* V6.1 */

/* Frame sizes a host takes as they are; others become MIN. Sheet 3.7. */
#define NVSP_FRAME_MIN			1514
#define NVSP_FRAME_MAX			9216

/*
 * SEND_VF_ASSOCIATION (128). H>G in-band, completion optional. V4, and only if
 * the guest set NVSP_CAP_SRIOV. Sheet 3.11.
 */
struct nvsp_vf_association {
	__le32 type;
	__le32 allocated;	/* 1 exists or will soon, 0 withdrawn */
	__le32 serial;		/* the VF's PCI slot name in decimal */
};

netvsc_assert_size(struct nvsp_vf_association, 12);

/*
 * SWITCH_DATA_PATH (129). G>H => EMPTY completion if requested, never a
 * payload; also H>G as a notice. V4. Sheet 3.12.
 */
struct nvsp_switch_data_path {
	__le32 type;
	__le32 data_path;
};

netvsc_assert_size(struct nvsp_switch_data_path, 8);

#define NVSP_DATAPATH_SYNTHETIC		0
#define NVSP_DATAPATH_VF		1

/* OID_QUERY_EX (131). G>H (C) => OID_QUERY_EX_COMPLETE. V5; unused. Sheet 3.14. */
struct nvsp_oid_query_ex {
	__le32 type;
	__u8   header_type;	/* NDIS object header: 1, 1, 2 */
	__u8   header_revision;
	__le16 header_size;
	__le32 oid;
};

netvsc_assert_size(struct nvsp_oid_query_ex, 12);

/* OID_QUERY_EX_COMPLETE (132). H>G, payload of the completion. V5. Sheet 3.14. */
struct nvsp_oid_query_ex_complete {
	__le32 type;
	__le32 status;		/* NDIS status, not NVSP_STAT_* */
	__le32 bytes;
};

netvsc_assert_size(struct nvsp_oid_query_ex_complete, 12);

/* SUBCHANNEL (133). G>H (C) => the same type with the answer. V5. Sheet 3.13. */
struct nvsp_subchannel_request {
	__le32 type;
	__le32 operation;
	__le32 count;		/* sub-channels wanted: channels - 1 */
};

netvsc_assert_size(struct nvsp_subchannel_request, 12);

#define NVSP_SUBCHANNEL_NONE		0
#define NVSP_SUBCHANNEL_ALLOCATE	1

/* Answer to SUBCHANNEL (133). H>G, payload of the completion. V5. Sheet 3.13. */
struct nvsp_subchannel_complete {
	__le32 type;
	__le32 status;
	__le32 count;		/* allocated; fewer than wanted is legal */
};

netvsc_assert_size(struct nvsp_subchannel_complete, 12);

/*
 * SEND_INDIRECTION_TABLE (134). H>G in-band, no completion. V5. Sheet 3.13.
 * The table of __le32 channel indexes lies at table_offset from the start of
 * this message. Windows hosts put it at 40 (104 bytes in total); those that
 * negotiated V6 or lower write a table_offset that is too small. OpenVMM sends
 * the compact form, table at 12. Steers guest transmit only.
 */
struct nvsp_indirection_table {
	__le32 type;
	__le32 entry_cnt;	/* must be NVSP_INDIRECTION_ENTRIES */
	__le32 table_offset;
};

netvsc_assert_size(struct nvsp_indirection_table, 12);

#define NVSP_INDIRECTION_ENTRIES	16
#define NVSP_INDIRECTION_TABLE_BYTES	64	/* 16 * 4 */
#define NVSP_INDIRECTION_OFFSET_WINDOWS	40
#define NVSP_INDIRECTION_OFFSET_COMPACT	12
#define NVSP_INDIRECTION_BYTES_WINDOWS	104	/* 40 + 64 */

/* ALLOC_RXBUF (120). G>H. V2, deprecated, never used. Sheet 3.15. */
struct nvsp_alloc_rxbuf {
	__le32 type;
	__le32 alloc_id;
	__le32 length;
};

netvsc_assert_size(struct nvsp_alloc_rxbuf, 12);

/* ALLOC_RXBUF_COMPLETE (121). H>G. V2, deprecated, never used. Sheet 3.15. */
struct nvsp_alloc_rxbuf_complete {
	__le32 type;
	__le32 status;		/* NDIS status */
	__le32 alloc_id;
	__le32 gpadl;
	__le64 recv_buf_id;
} __packed __aligned(4);

netvsc_assert_size(struct nvsp_alloc_rxbuf_complete, 24);

/* FREE_RXBUF (122). G>H. V2, deprecated, never used. Sheet 3.15. */
struct nvsp_free_rxbuf {
	__le32 type;
	__le64 recv_buf_id;
} __packed __aligned(4);

netvsc_assert_size(struct nvsp_free_rxbuf, 12);

/*
 * PD_API (135). G>H (C) => the same type with NTSTATUS behind the operation.
 * V6.1, PacketDirect; no open guest uses it, a host refuses the operation with
 * a non-zero status. Sheet 3.16. The largest completion body makes the 40
 * bytes of NVSP_MSG_BYTES.
 */
struct nvsp_pd_api {
	__le32 type;
	__le32 operation;
	__u8   data[32];	/* per operation, packed */
};

netvsc_assert_size(struct nvsp_pd_api, NVSP_MSG_BYTES);

struct nvsp_pd_api_complete {
	__le32 type;
	__le32 operation;
	__le32 status;		/* NTSTATUS */
	__u8   data[28];	/* per operation, packed */
};

netvsc_assert_size(struct nvsp_pd_api_complete, NVSP_MSG_BYTES);

#define NVSP_PD_API_CONFIG		1
#define NVSP_PD_API_SWITCH_DATAPATH	2
#define NVSP_PD_API_OPEN_PROVIDER	3
#define NVSP_PD_API_CLOSE_PROVIDER	4
#define NVSP_PD_API_CREATE_QUEUE	5
#define NVSP_PD_API_FLUSH_QUEUE		6
#define NVSP_PD_API_FREE_QUEUE		7
#define NVSP_PD_API_ALLOC_COMMON_BUF	8
#define NVSP_PD_API_FREE_COMMON_BUF	9

/* PD_POST_BATCH (136). Both directions. V6.1, PacketDirect; unused. Sheet 3.16. */
struct nvsp_pd_post_batch {
	__le32 type;
	__le16 count;		/* entries that follow, 8 bytes each */
	__le16 flags;		/* NVSP_PD_BATCH_* */
};

netvsc_assert_size(struct nvsp_pd_post_batch, 8);

#define NVSP_PD_BATCH_GUEST_TO_HOST	0x0001
#define NVSP_PD_BATCH_RECEIVE		0x0002

struct nvsp_pd_buffer {
	__le32 region_offset;
	__le16 region_id;
	__le16 flags;		/* NVSP_PD_BUFFER_* */
};

netvsc_assert_size(struct nvsp_pd_buffer, 8);

#define NVSP_PD_BUFFER_PARTIAL		0x0001

/* Any message, in the size a guest sends. Fields above the body are zero. */
struct nvsp_message {
	union {
		__le32				type;
		struct nvsp_init		init;
		struct nvsp_init_complete	init_complete;
		struct nvsp_ndis_version	ndis_version;
		struct nvsp_send_recv_buf	send_recv_buf;
		struct nvsp_recv_buf_complete	recv_buf_complete;
		struct nvsp_revoke_buf		revoke_buf;
		struct nvsp_send_send_buf	send_send_buf;
		struct nvsp_send_buf_complete	send_buf_complete;
		struct nvsp_rndis_pkt		rndis_pkt;
		struct nvsp_rndis_pkt_complete	rndis_pkt_complete;
		struct nvsp_ndis_config		ndis_config;
		struct nvsp_vf_association	vf_association;
		struct nvsp_switch_data_path	switch_data_path;
		struct nvsp_oid_query_ex	oid_query_ex;
		struct nvsp_oid_query_ex_complete oid_query_ex_complete;
		struct nvsp_subchannel_request	subchannel_request;
		struct nvsp_subchannel_complete	subchannel_complete;
		struct nvsp_indirection_table	indirection_table;
		struct nvsp_alloc_rxbuf		alloc_rxbuf;
		struct nvsp_alloc_rxbuf_complete alloc_rxbuf_complete;
		struct nvsp_free_rxbuf		free_rxbuf;
		struct nvsp_pd_api		pd_api;
		struct nvsp_pd_api_complete	pd_api_complete;
		struct nvsp_pd_post_batch	pd_post_batch;
		__u8				raw[NVSP_MSG_BYTES];
	};
};

netvsc_assert_size(struct nvsp_message, NVSP_MSG_BYTES);

/*
 * Transfer-page packets (VMBus packet type 7), H>G: what follows the 16-byte
 * packet descriptor. range_cnt ranges follow, then the NVSP message; the
 * packet's data offset is 3 + range_cnt units of 8 bytes. Sheet 2.5.
 */
struct nvsp_xfer_header {
	__le16 set_id;		/* the id given in SEND_RECV_BUF */
	__u8   sender_owns_set;	/* ignore: garbage on real hosts */
	__u8   reserved;
	__le32 range_cnt;
};

netvsc_assert_size(struct nvsp_xfer_header, 8);

struct nvsp_xfer_range {
	__le32 byte_count;
	__le32 byte_offset;	/* from the start of the receive buffer */
};

netvsc_assert_size(struct nvsp_xfer_range, 8);

#define NVSP_VMBUS_DESC_BYTES		16	/* descriptor without extension */
#define NVSP_XFER_RANGES_OFFSET		24	/* descriptor + nvsp_xfer_header */

/* Limits. Sheet 1.5, 2.8, 7.4, 9.1. */
#define NVSP_MAX_CHANNELS		64	/* 1 primary + 63 sub-channels */
#define NVSP_MAX_SUBCHANNELS		63
#define NVSP_XFER_RANGES_MAX		375
#define NVSP_XFER_RANGES_MAX_RSC	562
#define NVSP_XFER_RANGES_MAX_NDIS5	64
#define NVSP_RX_PKT_MAX_BYTES		4624	/* 24 + 562 * 8 + 40 + 64 */
#define NVSP_GPA_PAGES_MAX		32	/* page entries of one GPA-direct packet */
#define NVSP_GPA_RANGES_MAX		19	/* 1 header + 1 linear + 17 fragments */
#define NVSP_VMBUS_PAGE_BYTES		4096	/* also on guests with bigger pages */
netvsc_static_assert(NVSP_RX_PKT_MAX_BYTES ==
		     24 + NVSP_XFER_RANGES_MAX_RSC * 8 + NVSP_MSG_BYTES + 64);

/* Buffer limits. Sheet 9.1; R78. */
#define NVSP_RECV_BUF_MAX_BYTES		(31 * 1024 * 1024)
#define NVSP_RECV_BUF_MAX_BYTES_V2	(15 * 1024 * 1024)	/* V1 and V2 hosts */
#define NVSP_SEND_BUF_MAX_BYTES		(15 * 1024 * 1024)
#define NVSP_RECV_BUF_DEFAULT_BYTES	(16 * 1024 * 1024)
#define NVSP_SEND_BUF_DEFAULT_BYTES	(170 * NVSP_SEND_SECTION_DEFAULT)
#define NVSP_SECTIONS_MIN		10

#endif /* _NETVSC_NVSP_H */
