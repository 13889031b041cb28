// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room ndis_caps: offload and RSS answers of the host
 *
 * Promise: what the host says it can do becomes a handful of yes and no that
 * are safe to act upon; what we ask it for is made from those and has the form
 * its generation understands.
 *
 * Neighbours: oid.c calls; the caps of the NVSP version come from
 * nvsp_msg. No state, any context. Sheet 6.4, 6.5, 6.8.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <asm/byteorder.h>

#include <netvsc/ndis.h>
#include <netvsc/nvsp.h>

#include "ndis_caps.h"
#include "nvsp_msg.h"

/*
 * Linux sends TCP with options (timestamps) and IPv6 with extension headers,
 * and cannot ask the host about each packet: all or nothing.
 */
#define TCP4_NEEDS	(NDIS_CSUM_CAP_TCP | NDIS_CSUM_CAP_TCP_OPTIONS)
#define TCP6_NEEDS	(NDIS_CSUM_CAP_TCP | NDIS_CSUM_CAP_TCP_OPTIONS | \
			 NDIS_CSUM_CAP_IP_OPTIONS)
#define LSO6_NEEDS	(NDIS_LSO_IP6_EXT_HEADERS | NDIS_LSO_IP6_TCP_OPTIONS)

int netvsc_ndis_caps_build_query(const struct netvsc_nvsp_caps *nvsp_caps,
				 void *buf, size_t size)
{
	struct ndis_object_header *hdr = buf;

	if (size < nvsp_caps->offload_bytes)
		return -ENOSPC;
	memset(buf, 0, nvsp_caps->offload_bytes);
	hdr->type = NDIS_OBJECT_OFFLOAD;
	hdr->revision = nvsp_caps->offload_revision;
	hdr->size = cpu_to_le16(nvsp_caps->offload_bytes);
	return nvsp_caps->offload_bytes;
}

static bool caps_has_all(__le32 bits, u32 needs)
{
	return (le32_to_cpu(bits) & needs) == needs;
}

/* A host that cannot take one full-sized frame does not segment. */
static bool caps_lso_usable(__le32 encapsulation, __le32 max_size)
{
	return le32_to_cpu(encapsulation) & NDIS_ENCAP_8023 &&
	       le32_to_cpu(max_size) >= NVSP_FRAME_MIN;
}

static void caps_limit_tso(struct netvsc_offload_caps *caps, __le32 max_size,
			   __le32 min_segs)
{
	if (!caps->tso_max_bytes)
		caps->tso_max_bytes = NETVSC_TSO_MAX_BYTES;
	caps->tso_max_bytes = min(caps->tso_max_bytes, le32_to_cpu(max_size));
	caps->tso_min_segs = max(caps->tso_min_segs, le32_to_cpu(min_segs));
}

static void caps_from_offload(const struct ndis_offload *offload,
			      struct netvsc_offload_caps *caps)
{
	const struct ndis_lso_v2_ip4_caps *lso4 = &offload->lso_v2_ip4;
	const struct ndis_lso_v2_ip6_caps *lso6 = &offload->lso_v2_ip6;

	*caps = (struct netvsc_offload_caps){};

	caps->tcp4_csum = caps_has_all(offload->ip4_tx.bits, TCP4_NEEDS);
	caps->udp4_csum = caps->tcp4_csum &&
			  caps_has_all(offload->ip4_tx.bits, NDIS_CSUM_CAP_UDP);
	caps->tcp6_csum = caps_has_all(offload->ip6_tx.bits, TCP6_NEEDS);
	caps->udp6_csum = caps->tcp6_csum &&
			  caps_has_all(offload->ip6_tx.bits, NDIS_CSUM_CAP_UDP);

	if (caps->tcp4_csum &&
	    caps_lso_usable(lso4->encapsulation, lso4->max_size)) {
		caps->tso4 = true;
		caps_limit_tso(caps, lso4->max_size, lso4->min_segs);
	}
	if (caps->tcp6_csum && caps_has_all(lso6->options, LSO6_NEEDS) &&
	    caps_lso_usable(lso6->encapsulation, lso6->max_size)) {
		caps->tso6 = true;
		caps_limit_tso(caps, lso6->max_size, lso6->min_segs);
	}
	caps->rsc = offload->rsc_ip4 && offload->rsc_ip6;
}

int netvsc_ndis_caps_parse(const void *buf, size_t len,
			   struct netvsc_offload_caps *caps)
{
	struct ndis_offload offload = {};
	size_t size;

	if (len < NDIS_OFFLOAD_REV1_BYTES)
		return -EPROTO;
	memcpy(&offload.header, buf, sizeof(offload.header));
	size = le16_to_cpu(offload.header.size);
	if (offload.header.type != NDIS_OBJECT_OFFLOAD ||
	    offload.header.revision < 1 ||
	    size < NDIS_OFFLOAD_REV1_BYTES || size > len)
		return -EPROTO;

	/* What a shorter revision lacks stays zero, what a longer has is cut. */
	memcpy(&offload, buf, min(size, sizeof(offload)));
	caps_from_offload(&offload, caps);
	return 0;
}

void netvsc_ndis_caps_common(const struct netvsc_offload_caps *a,
			     const struct netvsc_offload_caps *b,
			     struct netvsc_offload_caps *common)
{
	struct netvsc_offload_caps c = {
		.tcp4_csum = a->tcp4_csum && b->tcp4_csum,
		.udp4_csum = a->udp4_csum && b->udp4_csum,
		.tcp6_csum = a->tcp6_csum && b->tcp6_csum,
		.udp6_csum = a->udp6_csum && b->udp6_csum,
		.tso4 = a->tso4 && b->tso4,
		.tso6 = a->tso6 && b->tso6,
		.rsc = a->rsc && b->rsc,
	};

	if (c.tso4 || c.tso6) {
		c.tso_max_bytes = min(a->tso_max_bytes, b->tso_max_bytes);
		c.tso_min_segs = max(a->tso_min_segs, b->tso_min_segs);
	}
	*common = c;
}

bool netvsc_ndis_caps_equal(const struct netvsc_offload_caps *a,
			    const struct netvsc_offload_caps *b)
{
	return a->tcp4_csum == b->tcp4_csum && a->udp4_csum == b->udp4_csum &&
	       a->tcp6_csum == b->tcp6_csum && a->udp6_csum == b->udp6_csum &&
	       a->tso4 == b->tso4 && a->tso6 == b->tso6 && a->rsc == b->rsc &&
	       a->tso_max_bytes == b->tso_max_bytes &&
	       a->tso_min_segs == b->tso_min_segs;
}

/*
 * Revision 3 with the length of revision 2 for hosts up to V4 is what stock
 * Linux sends and every host takes.
 */
static struct ndis_offload_params *
caps_begin_params(const struct netvsc_nvsp_caps *nvsp_caps, void *buf,
		  size_t size)
{
	struct ndis_offload_params *params = buf;

	if (size < nvsp_caps->offload_params_bytes)
		return NULL;
	memset(buf, 0, nvsp_caps->offload_params_bytes);
	params->header.type = NDIS_OBJECT_DEFAULT;
	params->header.revision = NDIS_OFFLOAD_PARAMS_REVISION;
	params->header.size = cpu_to_le16(nvsp_caps->offload_params_bytes);
	return params;
}

int netvsc_ndis_caps_build_params(const struct netvsc_nvsp_caps *nvsp_caps,
				  const struct netvsc_offload_caps *caps,
				  u8 rsc, void *buf, size_t size)
{
	struct ndis_offload_params *params;

	params = caps_begin_params(nvsp_caps, buf, size);
	if (!params)
		return -ENOSPC;

	/* The stack fills the IPv4 header checksum itself. */
	params->ip4_csum = NDIS_CSUM_PARAM_OFF;
	if (caps->tcp4_csum)
		params->tcp_ip4_csum = NDIS_CSUM_PARAM_TX_RX;
	if (caps->tcp6_csum)
		params->tcp_ip6_csum = NDIS_CSUM_PARAM_TX_RX;
	if (caps->udp4_csum && nvsp_caps->udp_csum)
		params->udp_ip4_csum = NDIS_CSUM_PARAM_TX_RX;
	if (caps->udp6_csum && nvsp_caps->udp_csum)
		params->udp_ip6_csum = NDIS_CSUM_PARAM_TX_RX;
	if (caps->tso4)
		params->lso_v2_ip4 = NDIS_PARAM_ON;
	if (caps->tso6)
		params->lso_v2_ip6 = NDIS_PARAM_ON;
	if (caps->rsc && nvsp_caps->rsc) {
		params->rsc_ip4 = rsc;
		params->rsc_ip6 = rsc;
	}
	return nvsp_caps->offload_params_bytes;
}

int netvsc_ndis_caps_build_rsc(const struct netvsc_nvsp_caps *nvsp_caps,
			       u8 rsc, void *buf, size_t size)
{
	struct ndis_offload_params *params;

	if (!nvsp_caps->rsc)
		return -EOPNOTSUPP;
	params = caps_begin_params(nvsp_caps, buf, size);
	if (!params)
		return -ENOSPC;
	params->rsc_ip4 = rsc;
	params->rsc_ip6 = rsc;
	return nvsp_caps->offload_params_bytes;
}

int netvsc_ndis_caps_build_rss_query(void *buf, size_t size)
{
	struct ndis_object_header hdr = {
		.type = NDIS_OBJECT_RSS_CAPS,
		.revision = NDIS_RSS_CAPS_REVISION,
		.size = cpu_to_le16(NDIS_RSS_CAPS_REV2_BYTES),
	};

	if (size < NDIS_RSS_CAPS_REV2_BYTES)
		return -ENOSPC;
	memset(buf, 0, NDIS_RSS_CAPS_REV2_BYTES);
	memcpy(buf, &hdr, sizeof(hdr));
	return NDIS_RSS_CAPS_REV2_BYTES;
}

int netvsc_ndis_caps_parse_rss(const void *buf, size_t len,
			       struct netvsc_rss_caps *caps)
{
	struct ndis_rss_caps rss = {};
	size_t size;
	u16 entries;

	if (len < NDIS_RSS_CAPS_REV1_BYTES)
		return -EPROTO;
	memcpy(&rss.header, buf, sizeof(rss.header));
	size = le16_to_cpu(rss.header.size);
	if (rss.header.type != NDIS_OBJECT_RSS_CAPS ||
	    rss.header.revision < 1 ||
	    size < NDIS_RSS_CAPS_REV1_BYTES || size > len)
		return -EPROTO;

	memcpy(&rss, buf, min(size, sizeof(rss)));
	caps->flags = le32_to_cpu(rss.flags);
	caps->rx_queues = le32_to_cpu(rss.rx_queues);
	entries = le16_to_cpu(rss.table_entries);
	if (!entries || entries > NDIS_RSS_TABLE_ENTRIES_MAX)
		entries = NDIS_RSS_TABLE_ENTRIES;
	caps->table_entries = entries;
	return 0;
}
