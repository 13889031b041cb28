/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NDIS structures carried in the info buffers of RNDIS QUERY and SET, and in
 * one status indication. Sheet: sections 6.3 to 6.9.
 *
 * Each starts with an object header whose revision says how long the structure
 * is. Readers accept longer structures, and use only bytes that are present.
 */
#ifndef _NETVSC_NDIS_H
#define _NETVSC_NDIS_H

#include "wire.h"

/* First member of every NDIS structure. Sheet 6.3. */
struct ndis_object_header {
	__u8   type;
	__u8   revision;
	__le16 size;		/* of the structure in bytes */
};

netvsc_assert_size(struct ndis_object_header, 4);

#define NDIS_OBJECT_DEFAULT		0x80
#define NDIS_OBJECT_RSS_CAPS		0x88
#define NDIS_OBJECT_RSS_PARAMS		0x89
#define NDIS_OBJECT_OID_REQUEST		0x96
#define NDIS_OBJECT_OFFLOAD		0xA7
#define NDIS_OBJECT_OFFLOAD_ENCAP	0xA8

/* OID_GEN_LINK_STATE, answer. Sheet 6.3. */
struct ndis_link_state {
	struct ndis_object_header header; /* DEFAULT, 1, 40 */
	__le32 connect_state;
	__le32 duplex;
	__le32 padding;
	__le64 xmit_speed;	/* bit/s */
	__le64 recv_speed;	/* bit/s */
	__le32 pause;
	__le32 autoneg_flags;
};

netvsc_assert_size(struct ndis_link_state, 40);
netvsc_assert_offset(struct ndis_link_state, xmit_speed, 16);

#define NDIS_CONNECT_UNKNOWN		0
#define NDIS_CONNECT_CONNECTED		1
#define NDIS_CONNECT_DISCONNECTED	2
#define NDIS_DUPLEX_UNKNOWN		0
#define NDIS_DUPLEX_HALF		1
#define NDIS_DUPLEX_FULL		2

/* Checksum capabilities of one family and direction. Sheet 6.4. */
struct ndis_csum_caps {
	__le32 encapsulation;	/* NDIS_ENCAP_* */
	__le32 bits;		/* NDIS_CSUM_CAP_* */
};

netvsc_assert_size(struct ndis_csum_caps, 8);

/* LSO version 1, IPv4 only; nobody uses it. Sheet 6.4. */
struct ndis_lso_v1_caps {
	__le32 encapsulation;
	__le32 max_size;
	__le32 min_segs;
	__le32 options;
};

netvsc_assert_size(struct ndis_lso_v1_caps, 16);

/* LSO version 2 of IPv4. Sheet 6.4. */
struct ndis_lso_v2_ip4_caps {
	__le32 encapsulation;
	__le32 max_size;
	__le32 min_segs;
};

netvsc_assert_size(struct ndis_lso_v2_ip4_caps, 12);

/* LSO version 2 of IPv6. Sheet 6.4. */
struct ndis_lso_v2_ip6_caps {
	__le32 encapsulation;
	__le32 max_size;
	__le32 min_segs;
	__le32 options;		/* NDIS_LSO_IP6_* */
};

netvsc_assert_size(struct ndis_lso_v2_ip6_caps, 16);

/*
 * NDIS_OFFLOAD: answer to OID_TCP_OFFLOAD_HW_CAPABILITIES and
 * OID_TCP_OFFLOAD_CURRENT_CONFIG, buffer of the task-offload indication, and
 * (header only, rest zero) input of the former query. Sheet 6.4.
 */
struct ndis_offload {
	struct ndis_object_header header; /* OFFLOAD, revision, size */
	struct ndis_csum_caps ip4_tx;
	struct ndis_csum_caps ip4_rx;
	struct ndis_csum_caps ip6_tx;
	struct ndis_csum_caps ip6_rx;
	struct ndis_lso_v1_caps lso_v1;
	__le32 ipsec_v1[7];
	struct ndis_lso_v2_ip4_caps lso_v2_ip4;
	struct ndis_lso_v2_ip6_caps lso_v2_ip6;
	__le32 flags;		/* end of revision 1 */
	__u8   ipsec_v2[32];	/* end of revision 2 */
	__u8   rsc_ip4;		/* 0 or 1 */
	__u8   rsc_ip6;		/* 0 or 1 */
	__le16 padding;
	__le32 encap_flags;
	__le32 encap_max_header;	/* end of revision 3 */
};

netvsc_assert_size(struct ndis_offload, 156);
netvsc_assert_offset(struct ndis_offload, ip6_tx, 20);
netvsc_assert_offset(struct ndis_offload, lso_v1, 36);
netvsc_assert_offset(struct ndis_offload, lso_v2_ip4, 80);
netvsc_assert_offset(struct ndis_offload, lso_v2_ip6, 92);
netvsc_assert_offset(struct ndis_offload, ipsec_v2, 112);
netvsc_assert_offset(struct ndis_offload, rsc_ip4, 144);

#define NDIS_OFFLOAD_REV1_BYTES		112	/* NDIS 6.0 */
#define NDIS_OFFLOAD_REV2_BYTES		144	/* NDIS 6.1 */
#define NDIS_OFFLOAD_REV3_BYTES		156	/* NDIS 6.30 */

#define NDIS_ENCAP_NONE			0x00
#define NDIS_ENCAP_NULL			0x01
#define NDIS_ENCAP_8023			0x02
#define NDIS_ENCAP_8023_PRIO_IN_FRAME	0x04
#define NDIS_ENCAP_8023_PRIO_OOB	0x08
#define NDIS_ENCAP_RFC1483		0x10

/* Each is the low bit of a two-bit field; 1 = supported. */
#define NDIS_CSUM_CAP_IP_OPTIONS	0x001	/* IPv4; extension headers in IPv6 */
#define NDIS_CSUM_CAP_TCP_OPTIONS	0x004
#define NDIS_CSUM_CAP_TCP		0x010
#define NDIS_CSUM_CAP_UDP		0x040
#define NDIS_CSUM_CAP_IP_HEADER		0x100	/* IPv4 only */

#define NDIS_LSO_IP6_EXT_HEADERS	0x1
#define NDIS_LSO_IP6_TCP_OPTIONS	0x4

/*
 * NDIS_OFFLOAD_PARAMETERS: SET of OID_TCP_OFFLOAD_PARAMETERS. Sheet 6.5.
 * 0 means "no change" everywhere.
 */
struct ndis_offload_params {
	struct ndis_object_header header; /* DEFAULT, 3, size */
	__u8   ip4_csum;	/* NDIS_CSUM_PARAM_* */
	__u8   tcp_ip4_csum;
	__u8   udp_ip4_csum;
	__u8   tcp_ip6_csum;
	__u8   udp_ip6_csum;
	__u8   lso_v1;		/* NDIS_PARAM_* */
	__u8   ipsec_v1;
	__u8   lso_v2_ip4;
	__u8   lso_v2_ip6;
	__u8   tcp_conn_ip4;
	__u8   tcp_conn_ip6;
	__u8   padding;
	__le32 flags;		/* end of revision 1 */
	__u8   ipsec_v2;
	__u8   ipsec_v2_ip4;	/* end of revision 2 */
	__u8   rsc_ip4;
	__u8   rsc_ip6;
	__u8   encap_task;
	__u8   encap_types;	/* end of revision 3 in the NDIS documentation */
	__le16 tail;		/* sent by all drivers nevertheless */
};

netvsc_assert_size(struct ndis_offload_params, 28);
netvsc_assert_offset(struct ndis_offload_params, flags, 16);
netvsc_assert_offset(struct ndis_offload_params, rsc_ip4, 22);

#define NDIS_OFFLOAD_PARAMS_REVISION	3
#define NDIS_OFFLOAD_PARAMS_REV1_BYTES	20
#define NDIS_OFFLOAD_PARAMS_REV2_BYTES	22	/* sent up to NVSP V4, as revision 3 */
#define NDIS_OFFLOAD_PARAMS_REV3_BYTES	28	/* sent from NVSP V5 */

/* LSO, RSC and TCP connection offload */
#define NDIS_PARAM_NO_CHANGE		0
#define NDIS_PARAM_OFF			1
#define NDIS_PARAM_ON			2

/* Checksums */
#define NDIS_CSUM_PARAM_NO_CHANGE	0
#define NDIS_CSUM_PARAM_OFF		1
#define NDIS_CSUM_PARAM_TX		2
#define NDIS_CSUM_PARAM_RX		3
#define NDIS_CSUM_PARAM_TX_RX		4

/* OID_OFFLOAD_ENCAPSULATION; only Windows guests send it. Sheet 6.6. */
struct ndis_offload_encap {
	struct ndis_object_header header; /* OFFLOAD_ENCAP, 1, 28 */
	__le32 ip4_state;	/* set: 1 on, 2 off; query: 0/1 supported */
	__le32 ip4_type;	/* NDIS_ENCAP_8023 */
	__le32 ip4_header_size;	/* 14 */
	__le32 ip6_state;
	__le32 ip6_type;
	__le32 ip6_header_size;
};

netvsc_assert_size(struct ndis_offload_encap, 28);

#define NDIS_ENCAP_SET_ON		1
#define NDIS_ENCAP_SET_OFF		2

/*
 * SET of OID_GEN_RNDIS_CONFIG_PARAMETER. Offsets count from the start of this
 * structure; strings are UTF-16LE without terminator. Sheet 6.7.
 */
struct ndis_config_param {
	__le32 name_offset;	/* 20 */
	__le32 name_length;	/* bytes */
	__le32 type;		/* NDIS_CONFIG_PARAM_* */
	__le32 value_offset;
	__le32 value_length;	/* bytes */
};

netvsc_assert_size(struct ndis_config_param, 20);

#define NDIS_CONFIG_PARAM_INTEGER	0
#define NDIS_CONFIG_PARAM_HEX_INTEGER	1
#define NDIS_CONFIG_PARAM_STRING	2
#define NDIS_CONFIG_PARAM_MULTI_STRING	3
#define NDIS_CONFIG_PARAM_BINARY	4

#define NDIS_CONFIG_MAC_NAME		"NetworkAddress"
#define NDIS_CONFIG_MAC_NAME_UNITS	14	/* UTF-16 units */
#define NDIS_CONFIG_MAC_VALUE_UNITS	12	/* hexadecimal digits */
#define NDIS_CONFIG_MAC_BYTES		72	/* 20 + 28 + 24 */

/*
 * OID_GEN_RECEIVE_SCALE_CAPABILITIES: answer and (header only) input of the
 * query. Revision 2 ends after table_entries (18 bytes), revision 1 before it.
 * Sheet 6.8.
 */
struct ndis_rss_caps {
	struct ndis_object_header header; /* RSS_CAPS, 2, 18 */
	__le32 flags;		/* NDIS_RSS_CAP_* */
	__le32 interrupt_msgs;
	__le32 rx_queues;
	__le16 table_entries;
} __packed __aligned(2);

netvsc_assert_size(struct ndis_rss_caps, 18);

#define NDIS_RSS_CAPS_REVISION		2
#define NDIS_RSS_CAPS_REV1_BYTES	16
#define NDIS_RSS_CAPS_REV2_BYTES	18

#define NDIS_RSS_CAP_TOEPLITZ		0x00000001
#define NDIS_RSS_CAP_TCP_IPV4		0x00000100
#define NDIS_RSS_CAP_TCP_IPV6		0x00000200
#define NDIS_RSS_CAP_TCP_IPV6_EX	0x00000400
#define NDIS_RSS_CAP_UDP_IPV4		0x00000800
#define NDIS_RSS_CAP_UDP_IPV6		0x00001000
#define NDIS_RSS_CAP_UDP_IPV6_EX	0x00002000
#define NDIS_RSS_CAP_MSI		0x01000000
#define NDIS_RSS_CAP_CLASSIFY_ISR	0x02000000
#define NDIS_RSS_CAP_CLASSIFY_DPC	0x04000000
#define NDIS_RSS_CAP_USING_MSIX		0x08000000
#define NDIS_RSS_CAP_PORTS		0x10000000
#define NDIS_RSS_CAP_MSIX		0x20000000
#define NDIS_RSS_CAP_INDEPENDENT_MOVE	0x40000000

/*
 * SET of OID_GEN_RECEIVE_SCALE_PARAMETERS. Table (__le32 channel indexes) and
 * key follow where the offsets say. Sheet 6.8.
 */
struct ndis_rss_params {
	struct ndis_object_header header; /* RSS_PARAMS, 2, 40 */
	__le16 flags;		/* NDIS_RSS_PARAM_* */
	__le16 base_cpu;
	__le32 hash_info;	/* NDIS_HASH_* */
	__le16 table_size;	/* bytes */
	__le16 padding1;
	__le32 table_offset;	/* from the start of this structure */
	__le16 key_size;	/* bytes */
	__le16 padding2;
	__le32 key_offset;	/* end of revision 1 */
	__le32 cpu_masks_offset;
	__le32 cpu_masks_cnt;
	__le32 cpu_masks_entry_size; /* end of revision 2 */
};

netvsc_assert_size(struct ndis_rss_params, 40);
netvsc_assert_offset(struct ndis_rss_params, table_offset, 16);
netvsc_assert_offset(struct ndis_rss_params, key_offset, 24);

#define NDIS_RSS_PARAMS_REVISION	2
#define NDIS_RSS_PARAMS_REV1_BYTES	28
#define NDIS_RSS_PARAMS_REV2_BYTES	40

#define NDIS_RSS_PARAM_CPU_UNCHANGED	0x01
#define NDIS_RSS_PARAM_HASH_UNCHANGED	0x02
#define NDIS_RSS_PARAM_TABLE_UNCHANGED	0x04
#define NDIS_RSS_PARAM_KEY_UNCHANGED	0x08
#define NDIS_RSS_PARAM_DISABLE		0x10
#define NDIS_RSS_PARAM_DEFAULT_CPU_UNCHANGED 0x20

#define NDIS_RSS_TABLE_ENTRIES		128
#define NDIS_RSS_TABLE_ENTRIES_MAX	256	/* what a guest takes from the caps */
#define NDIS_RSS_KEY_BYTES		40

/* The key of the NDIS documentation. Sheet 6.9. */
#define NDIS_RSS_DEFAULT_KEY_BYTES \
	{ 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, \
	  0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, \
	  0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, \
	  0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa }

/* Hash information: RSS parameters and RNDIS_PPI_HASH_INFO. Sheet 6.9. */
#define NDIS_HASH_FUNCTION		0x000000FF
#define NDIS_HASH_TOEPLITZ		0x00000001
#define NDIS_HASH_TYPES			0x00FFFF00
#define NDIS_HASH_IPV4			0x00000100
#define NDIS_HASH_TCP_IPV4		0x00000200
#define NDIS_HASH_IPV6			0x00000400
#define NDIS_HASH_IPV6_EX		0x00000800
#define NDIS_HASH_TCP_IPV6		0x00001000
#define NDIS_HASH_TCP_IPV6_EX		0x00002000
#define NDIS_HASH_UDP_IPV4		0x00004000
#define NDIS_HASH_UDP_IPV6		0x00008000
#define NDIS_HASH_UDP_IPV6_EX		0x00010000

#endif /* _NETVSC_NDIS_H */
