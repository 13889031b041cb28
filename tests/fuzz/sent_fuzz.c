// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that senders say anything about: what the host is asked for is compared with
 * what the test host makes of the same frame.
 * SRCS: tests/host/backend/packet.c
 * SEEDS: rx_tcp4_frame
 * PREFIX: 22
 */
#include "../../drivers/net/hyperv/lib/tx_rules.c"

#include "../host/backend/packet.h"

#include "fuzz.h"

/* The test host finds the header where it is told that it is. */
static void check_asked(const u8 *frame, u32 len, enum netvsc_tx_kind kind)
{
	struct pkt_info info;

	pkt_parse(frame, len, &info);
	FUZZ_ASSERT(info.l4_off == netvsc_tx_rules_l4(kind));
	FUZZ_ASSERT(info.is_ip6 == netvsc_tx_rules_is_ipv6(kind));
	FUZZ_ASSERT((info.l4_proto == IP_PROTO_TCP) == netvsc_tx_rules_is_tcp(kind));
	FUZZ_ASSERT(!info.is_fragment);
}

static void check_ruling(const u8 *frame, const struct netvsc_tx_ask *ask,
			 const struct netvsc_offload_caps *caps, u32 frame_max,
			 struct netvsc_tx_ruling ruling)
{
	switch (ruling.verdict) {
	case NETVSC_TX_ASK_CSUM:
		check_asked(frame, ask->bytes, ruling.kind);
		FUZZ_ASSERT(ask->partial && !ask->mss && ask->bytes <= frame_max);
		FUZZ_ASSERT(ask->start == netvsc_tx_rules_l4(ruling.kind));
		break;
	case NETVSC_TX_ASK_LSO:
		FUZZ_ASSERT(ask->bytes <= caps->tso_max_bytes);
		FUZZ_ASSERT(ruling.kind == NETVSC_TX_TCP4 ? caps->tso4 : caps->tso6);
		break;
	case NETVSC_TX_SUM:
		FUZZ_ASSERT((u64)ask->start + ask->field + 2 <= ask->bytes);
		break;
	case NETVSC_TX_AS_IS:
		FUZZ_ASSERT(ask->bytes <= frame_max && !ask->mss);
		break;
	case NETVSC_TX_CUT:
	case NETVSC_TX_CUT_AND_SUM:
		FUZZ_ASSERT(ask->mss);
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	u8 able = fuzz_u8(&in), how = fuzz_u8(&in);
	struct netvsc_offload_caps caps = {
		.tcp4_csum = able & 1, .udp4_csum = able & 2,
		.tcp6_csum = able & 4, .udp6_csum = able & 8,
		.tso4 = able & 16, .tso6 = able & 32,
		.tso_max_bytes = fuzz_u32(&in) % (NETVSC_TSO_MAX_BYTES + 1),
		.tso_min_segs = fuzz_u8(&in),
	};
	u32 frame_max = 82 + fuzz_u16(&in), linear, len;
	struct netvsc_tx_ask ask = {
		.partial = how & 1,
		.start = how & 2 ? 34 : how & 4 ? 54 : fuzz_u32(&in),
		.field = how & 8 ? 16 : how & 16 ? 6 : fuzz_u32(&in),
		.mss = how & 32 ? fuzz_u16(&in) : 0,
		.family = how & 64 ? 4 : 6,
	};
	u8 *frame = fuzz_rest(&in, 2048, &len);

	ask.bytes = len;
	linear = how & 128 && len ? 1 + able % len : len;
	if (len >= 14)
		check_ruling(frame, &ask, &caps, frame_max,
			     netvsc_tx_rules_judge(frame, linear, &ask, &caps, frame_max));
	free(frame);
	return 0;
}
