// SPDX-License-Identifier: GPL-2.0
/*
 * What the host says it can do: offloads and receive queues; and what we make of it.
 * SEEDS: ndis_offload ndis_query_offload
 * PREFIX: 3
 */
#include "../../drivers/net/hyperv/lib/ndis_caps.c"
#include "../../drivers/net/hyperv/lib/nvsp_msg.c"

#include "fuzz.h"

static void check_caps(const struct netvsc_offload_caps *caps)
{
	FUZZ_ASSERT(caps->tso_max_bytes <= NETVSC_TSO_MAX_BYTES);
	FUZZ_ASSERT((caps->tso4 || caps->tso6) == !!caps->tso_max_bytes);
	FUZZ_ASSERT(caps->tcp4_csum || !caps->tso4);
	FUZZ_ASSERT(caps->tcp6_csum || !caps->tso6);
}

/* What two hosts have in common is no more than either has. */
static void check_common(const struct netvsc_offload_caps *a, const struct netvsc_offload_caps *b)
{
	struct netvsc_offload_caps common;

	netvsc_ndis_caps_common(a, b, &common);
	FUZZ_ASSERT(!common.tcp4_csum || (a->tcp4_csum && b->tcp4_csum));
	FUZZ_ASSERT(!common.tcp6_csum || (a->tcp6_csum && b->tcp6_csum));
	FUZZ_ASSERT(!common.tso4 || (a->tso4 && b->tso4));
	FUZZ_ASSERT(!common.tso6 || (a->tso6 && b->tso6));
	FUZZ_ASSERT(!common.rsc || (a->rsc && b->rsc));
	FUZZ_ASSERT(common.tso_max_bytes <= a->tso_max_bytes &&
		    common.tso_max_bytes <= b->tso_max_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	const struct netvsc_nvsp_caps *nvsp =
		netvsc_nvsp_msg_candidate(fuzz_u8(&in) % NETVSC_NVSP_VERSION_CNT);
	u8 before = fuzz_u8(&in), segs = fuzz_u8(&in);
	const struct netvsc_offload_caps other = {
		.tcp4_csum = before & 1, .udp4_csum = before & 2, .tcp6_csum = before & 4,
		.udp6_csum = before & 8, .tso4 = before & 16, .tso6 = before & 32,
		.rsc = before & 64, .tso_max_bytes = segs * 256, .tso_min_segs = segs % 4,
	};
	struct netvsc_offload_caps caps;
	struct netvsc_rss_caps rss;
	u8 params[128];
	u32 len;
	u8 *msg = fuzz_rest(&in, 1024, &len);

	if (!netvsc_ndis_caps_parse(msg, len, &caps)) {
		check_caps(&caps);
		check_common(&caps, &other);
		FUZZ_ASSERT(netvsc_ndis_caps_equal(&caps, &caps));
		FUZZ_ASSERT(netvsc_ndis_caps_build_params(nvsp, &caps, 1, params, sizeof(params)) <=
			    (int)sizeof(params));
	}
	if (!netvsc_ndis_caps_parse_rss(msg, len, &rss))
		FUZZ_ASSERT(rss.table_entries >= 1 && rss.table_entries <= 256);
	free(msg);
	return 0;
}
