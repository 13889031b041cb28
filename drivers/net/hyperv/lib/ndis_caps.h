/* SPDX-License-Identifier: GPL-2.0 */
/* Room ndis_caps: offload and RSS answers of the host, and what we ask it for. */
#ifndef _NETVSC_LIB_NDIS_CAPS_H
#define _NETVSC_LIB_NDIS_CAPS_H

#include <linux/types.h>

#include <netvsc/ndis.h>

struct netvsc_nvsp_caps;

/**
 * struct netvsc_offload_caps - what the host can do, by sheet 6.4
 * @tcp4_csum: transmit checksum of TCP over IPv4
 * @udp4_csum: transmit checksum of UDP over IPv4
 * @tcp6_csum: transmit checksum of TCP over IPv6
 * @udp6_csum: transmit checksum of UDP over IPv6
 * @tso4: segmentation of TCP over IPv4; implies @tcp4_csum
 * @tso6: segmentation of TCP over IPv6; implies @tcp6_csum
 * @rsc: receive coalescing, both families
 * @tso_max_bytes: largest frame for @tso4 and @tso6; 0 if neither
 * @tso_min_segs: fewest segments for @tso4 and @tso6; 0 if neither
 *
 * Receive checksum and hash are always on, no capability is asked for them.
 */
struct netvsc_offload_caps {
	bool tcp4_csum;
	bool udp4_csum;
	bool tcp6_csum;
	bool udp6_csum;
	bool tso4;
	bool tso6;
	bool rsc;
	u32 tso_max_bytes;
	u32 tso_min_segs;
};

#define NETVSC_TSO_MAX_BYTES	65536

/**
 * netvsc_ndis_caps_build_query() - input of OID_TCP_OFFLOAD_HW_CAPABILITIES
 * @nvsp_caps: of the NVSP version in force: revision and size depend on it
 * @buf: where to, 4-byte aligned
 * @size: bytes there; NDIS_OFFLOAD_REV3_BYTES always do
 *
 * Return: bytes, -ENOSPC. Sheet 6.4.
 */
int netvsc_ndis_caps_build_query(const struct netvsc_nvsp_caps *nvsp_caps,
				 void *buf, size_t size);

/**
 * netvsc_ndis_caps_parse() - answer of OID_TCP_OFFLOAD_HW_CAPABILITIES
 * @buf: info buffer, private copy, any alignment
 * @len: its bytes
 * @caps: filled on success
 *
 * Also reads the buffer of RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG. A tail
 * that an old host does not have counts as zero.
 *
 * Return: 0, -EPROTO. Sheet 6.4; R79.
 */
int netvsc_ndis_caps_parse(const void *buf, size_t len,
			   struct netvsc_offload_caps *caps);

/**
 * netvsc_ndis_caps_common() - what two sets of caps have in common
 * @a: one
 * @b: the other; may be @a
 * @common: filled; may be either
 *
 * What may be used while the host goes from one to the other (R79).
 */
void netvsc_ndis_caps_common(const struct netvsc_offload_caps *a,
			     const struct netvsc_offload_caps *b,
			     struct netvsc_offload_caps *common);

/**
 * netvsc_ndis_caps_equal() - do they say the same?
 * @a: one
 * @b: the other
 *
 * Return: true: each offload and version is the same.
 */
bool netvsc_ndis_caps_equal(const struct netvsc_offload_caps *a,
			    const struct netvsc_offload_caps *b);

/**
 * netvsc_ndis_caps_build_params() - value of OID_TCP_OFFLOAD_PARAMETERS
 * @nvsp_caps: of the NVSP version in force: size and UDP depend on it
 * @caps: what the host can do; all of it is switched on
 * @rsc: NDIS_PARAM_ON or NDIS_PARAM_OFF if @caps have it; else not used
 * @buf: where to, 4-byte aligned
 * @size: bytes there; NDIS_OFFLOAD_PARAMS_REV3_BYTES always do
 *
 * Return: bytes, -ENOSPC. Sheet 6.5; R79.
 */
int netvsc_ndis_caps_build_params(const struct netvsc_nvsp_caps *nvsp_caps,
				  const struct netvsc_offload_caps *caps,
				  u8 rsc, void *buf, size_t size);

/**
 * netvsc_ndis_caps_build_rsc() - the same, to switch RSC alone at run time
 * @nvsp_caps: of the NVSP version in force
 * @rsc: NDIS_PARAM_ON or NDIS_PARAM_OFF
 * @buf: where to, 4-byte aligned
 * @size: bytes there
 *
 * Everything else says "no change". Sheet 4.4, 6.5.
 *
 * Return: bytes, -ENOSPC, -EOPNOTSUPP if the version has no RSC.
 */
int netvsc_ndis_caps_build_rsc(const struct netvsc_nvsp_caps *nvsp_caps,
			       u8 rsc, void *buf, size_t size);

/**
 * struct netvsc_rss_caps - answer of OID_GEN_RECEIVE_SCALE_CAPABILITIES
 * @flags: NDIS_RSS_CAP_*
 * @rx_queues: receive queues; fewer than 2 means no multi-queue
 * @table_entries: indirection table entries to use, 1..256
 */
struct netvsc_rss_caps {
	u32 flags;
	u32 rx_queues;
	u16 table_entries;
};

/**
 * netvsc_ndis_caps_build_rss_query() - input of that query
 * @buf: where to
 * @size: bytes there; NDIS_RSS_CAPS_REV2_BYTES are needed
 *
 * Return: bytes, -ENOSPC. Sheet 6.8.
 */
int netvsc_ndis_caps_build_rss_query(void *buf, size_t size);

/**
 * netvsc_ndis_caps_parse_rss() - answer of that query
 * @buf: info buffer, private copy, any alignment
 * @len: its bytes
 * @caps: filled on success; a table size that is absent, 0 or above 256
 *	becomes 128
 *
 * Return: 0, -EPROTO. Sheet 6.8.
 */
int netvsc_ndis_caps_parse_rss(const void *buf, size_t len,
			       struct netvsc_rss_caps *caps);

#endif /* _NETVSC_LIB_NDIS_CAPS_H */
