// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim SRCS: tests/host/backend/packet.c */
/*
 * Bad bytes for the parsers of lib/: golden dumps with random changes, in heap
 * blocks of exactly their size so that the sanitizer sees one byte too many.
 * What is asked of the host for a bad frame is compared with what the test host
 * makes of that frame.
 * The seeds are fixed: a failure comes again. UNIT_FUZZ_ROUNDS=N in the
 * environment multiplies the work (1 is about two seconds in all, 0.1 a tenth).
 */
#include "../../drivers/net/hyperv/lib/ndis_caps.c"
#include "../../drivers/net/hyperv/lib/nvsp_msg.c"
#include "../../drivers/net/hyperv/lib/rndis_rx.c"
#include "../../drivers/net/hyperv/lib/tx_rules.c"

#include "../host/backend/packet.h"
#include "../vectors/negative.h"

#include "unit.h"

#define ROUNDS		150000
#define MAX_BYTES	2048
#define BUF_BYTES	(16U << 20)
#define SECTION_BYTES	1806

static u64 state;

/* xorshift64* */
static u32 rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545F4914F6CDD1DULL) >> 32;
}

static u32 below(u32 n)
{
	return (u64)rnd() * n >> 32;
}

static u64 rounds(void)
{
	const char *factor = getenv("UNIT_FUZZ_ROUNDS");

	return ROUNDS * (factor ? strtod(factor, NULL) : 1);
}

/* Values at which length checks break. */
static u32 nasty(u32 len)
{
	static const u32 values[] = {
		0, 1, 3, 4, 7, 8, 11, 12, 13, 14, 16, 20, 35, 36, 37, 43, 44,
		64, 68, 255, 256, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0,
		0xFFFFFFF8, 0xFFFFFFFC, 0xFFFFFFFF,
	};

	switch (below(4)) {
	case 0:
		return values[below(ARRAY_SIZE(values))];
	case 1:
		return len + below(17) - 8;
	case 2:
		return below(2 * len + 1);
	default:
		return rnd();
	}
}

static void mutate(u8 *p, u32 len)
{
	u32 n = below(5);

	while (n--) {
		u32 value = nasty(len);

		if (len >= 4 && below(4))
			memcpy(p + 4 * below(len / 4), &value, 4);
		else if (len)
			p[below(len)] = value;
	}
}

struct base {
	const u8 *bytes;
	u32 len;
};

#define BASE(vec)	{ vec_##vec, sizeof(vec_##vec) }

/* A changed copy of one of @bases, maybe cut or stretched; the caller frees. */
static u8 *fuzzed(const struct base *bases, u32 cnt, u32 *len)
{
	const struct base *base = &bases[below(cnt)];
	u8 *p;

	*len = base->len;
	if (!below(4))
		*len = below(base->len + 1);
	else if (!below(4))
		*len = base->len + below(MAX_BYTES - base->len);
	p = calloc(1, *len ? *len : 1);
	memcpy(p, base->bytes, *len < base->len ? *len : base->len);
	mutate(p, *len);
	return p;
}

static void check_facts(const struct netvsc_rx_meta *f, u32 length, u32 range)
{
	ASSERT_TRUE(length <= range);
	ASSERT_TRUE(netvsc_inside(f->data_offset, f->data_len, length));
	ASSERT_TRUE(f->data_offset >= RNDIS_PACKET_BYTES);
	ASSERT_TRUE(f->data_len > 0);
	ASSERT_TRUE(netvsc_inside(f->ppi_offset, f->ppi_len, length));
	ASSERT_TRUE(f->ppi_len <= NETVSC_RX_PPI_MAX_BYTES);
	ASSERT_TRUE(!f->ppi_len ||
		    f->ppi_offset + f->ppi_len <= f->data_offset ||
		    f->data_offset + f->data_len <= f->ppi_offset);
	ASSERT_TRUE(f->data_len >= RNDIS_FRAME_MIN_BYTES ||
		    (f->fragment && !(f->fragment & RNDIS_PKT_ID_FIRST)));
	ASSERT_TRUE(!f->has || f->ppi_len);
}

static const struct base messages[] = {
	BASE(rx_tcp4_header), BASE(rx_rsc_first), BASE(rx_rsc_middle),
	BASE(rx_rsc_last), BASE(tx_tcp4_vlan_csum), BASE(tx_udp6_csum),
	BASE(tx_lso_header), BASE(rndis_initialize_cmplt),
	BASE(rndis_query_mac_cmplt), BASE(rndis_set_filter_cmplt),
	BASE(rndis_media_disconnect), BASE(rndis_link_speed_10g),
};

UNIT_TEST(frames_from_a_hostile_host)
{
	u64 i;

	state = 1;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		struct netvsc_rx_meta meta;
		u32 len, range;
		u8 *p = fuzzed(messages, ARRAY_SIZE(messages), &len);

		range = below(2) ? len : len + below(SECTION_BYTES);
		if (!netvsc_rndis_rx_parse(p, len, range, &meta))
			check_facts(&meta, netvsc_get_le32(p + 4), range);
		free(p);
	}
}

/* What was learned from others changes nothing, whatever they were. */
UNIT_TEST(frames_like_others_from_a_hostile_host)
{
	struct netvsc_rx_template templates[NETVSC_RX_TEMPLATES] = {};
	u64 i, good = 0;

	state = 7;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		struct netvsc_rx_meta meta = {}, like = {};
		u32 len;
		u8 *p = fuzzed(messages, ARRAY_SIZE(messages), &len);
		int err = netvsc_rndis_rx_parse(p, len, len, &meta);

		ASSERT_EQ(netvsc_rndis_rx_parse_template(p, len, &like, templates, NULL), err);
		if (!err)
			ASSERT_TRUE(!memcmp(&meta, &like, sizeof(meta)));
		good += !err;
		free(p);
	}
	ASSERT_TRUE(good > i / 100);
}

UNIT_TEST(answers_and_indications_from_a_hostile_host)
{
	u64 i;

	state = 2;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		struct netvsc_rndis_answer answer;
		struct netvsc_rndis_status status;
		struct netvsc_rndis_init init;
		u32 len;
		u8 *p = fuzzed(messages, ARRAY_SIZE(messages), &len);

		if (!netvsc_rndis_rx_answer(p, len, &answer)) {
			EXPECT_TRUE(netvsc_inside(answer.info_offset,
						  answer.info_len, len));
			if (answer.type == RNDIS_MSG_INITIALIZE_CMPLT)
				EXPECT_EQ(netvsc_rndis_rx_init(p, len, &init),
					  0);
		}
		if (!netvsc_rndis_rx_status(p, len, &status))
			EXPECT_TRUE(netvsc_inside(status.buf_offset,
						  status.buf_len, len));
		free(p);
	}
}

static const struct base nvsp_messages[] = {
	BASE(nvsp_recv_buf_complete), BASE(nvsp_send_buf_complete),
	BASE(nvsp_subchannel_complete), BASE(nvsp_indirection_windows),
	BASE(nvsp_indirection_compact), BASE(nvsp_vf_association),
	BASE(tx_aggregate_payload),
};

static void one_nvsp_message(const u8 *p, u32 len)
{
	static const u32 requests[] = {
		NVSP_MSG_INIT, NVSP_MSG_SEND_RECV_BUF, NVSP_MSG_SEND_SEND_BUF,
		NVSP_MSG_SEND_RNDIS_PKT, NVSP_MSG_SUBCHANNEL,
	};
	const struct netvsc_nvsp_caps *v =
		netvsc_nvsp_msg_candidate(below(NETVSC_NVSP_VERSION_CNT));
	u16 table[NVSP_INDIRECTION_ENTRIES];
	u32 channels = 1 + below(64), value, i;
	struct netvsc_sections s;
	bool allocated;

	netvsc_nvsp_msg_type(p, len, &value);
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		netvsc_nvsp_msg_check_answer(requests[i], p, len);
	netvsc_nvsp_msg_parse_init(p, len);
	netvsc_nvsp_msg_parse_rndis_complete(p, len);
	netvsc_nvsp_msg_parse_vf(p, len, &allocated, &value);
	netvsc_nvsp_msg_parse_data_path(p, len, &value);
	if (!netvsc_nvsp_msg_parse_recv_buf(p, len, BUF_BYTES, &s))
		EXPECT_TRUE((u64)s.bytes * s.cnt <= BUF_BYTES &&
			    s.bytes >= 68 && s.cnt);
	if (!netvsc_nvsp_msg_parse_send_buf(p, len, BUF_BYTES, &s))
		EXPECT_TRUE((u64)s.bytes * s.cnt <= BUF_BYTES &&
			    s.bytes >= 68 && s.cnt);
	if (!netvsc_nvsp_msg_parse_subchannel(p, len, 3, &value))
		EXPECT_LE(value, 3);
	if (netvsc_nvsp_msg_parse_indirection(p, len, v->version, channels,
					      table) >= 0)
		for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
			EXPECT_LT(table[i], channels);
}

UNIT_TEST(nvsp_messages_from_a_hostile_host)
{
	u64 i;

	state = 3;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		u32 len;
		u8 *p = fuzzed(nvsp_messages, ARRAY_SIZE(nvsp_messages), &len);

		one_nvsp_message(p, len);
		free(p);
	}
}

static const struct base packets[] = {
	BASE(rx_tcp4_packet), BASE(rx_rsc_packet),
	BASE(rndis_initialize_cmplt_packet), BASE(tx_lso_packet),
};

UNIT_TEST(transfer_pages_from_a_hostile_host)
{
	u64 i;
	u32 r;

	state = 4;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		struct netvsc_xfer xfer;
		u32 len, ok = 0;
		u8 *p = fuzzed(packets, ARRAY_SIZE(packets), &len);

		/* chan lets no descriptor through that is not there */
		if (len >= NVSP_VMBUS_DESC_BYTES &&
		    !netvsc_nvsp_msg_parse_xfer(p, 8 * (netvsc_get_le32(p) >> 16),
						len, &xfer)) {
			/* Reads every range: the sanitizer judges */
			for (r = 0; r < xfer.range_cnt; r++) {
				u32 off, cnt = netvsc_nvsp_msg_range(&xfer, r, &off);

				if (!netvsc_nvsp_msg_range_ok(off, cnt,
							      BUF_BYTES,
							      SECTION_BYTES))
					continue;
				ok++;
				EXPECT_LE((u64)off + cnt, BUF_BYTES);
				EXPECT_LE(cnt, SECTION_BYTES);
			}
			EXPECT_LE(ok, NVSP_XFER_RANGES_MAX_RSC);
		}
		free(p);
	}
}

static const struct base structures[] = {
	BASE(ndis_offload), { vec_ndis_query_offload + 28, 156 },
};

UNIT_TEST(capabilities_from_a_hostile_host)
{
	u64 i;

	state = 5;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		struct netvsc_offload_caps caps;
		struct netvsc_rss_caps rss;
		u32 len;
		u8 *p = fuzzed(structures, ARRAY_SIZE(structures), &len);

		if (!netvsc_ndis_caps_parse(p, len, &caps)) {
			EXPECT_LE(caps.tso_max_bytes, NETVSC_TSO_MAX_BYTES);
			EXPECT_EQ(caps.tso4 || caps.tso6, !!caps.tso_max_bytes);
			EXPECT_TRUE(caps.tcp4_csum || !caps.tso4);
			EXPECT_TRUE(caps.tcp6_csum || !caps.tso6);
		}
		if (len && below(2))
			p[0] = NDIS_OBJECT_RSS_CAPS;
		if (len > 3 && below(2))
			p[2] = 16 + below(5);
		if (!netvsc_ndis_caps_parse_rss(p, len, &rss))
			EXPECT_TRUE(rss.table_entries >= 1 &&
				    rss.table_entries <= 256);
		free(p);
	}
}

static const u8 frame_tcp4[200] = {
	[12] = 0x08, 0x00, 0x45, 0, 0, 186, [20] = 0x40, [22] = 64, 6,
	[46] = 0x80, 0x10,
};

static const u8 frame_udp4[200] = {
	[12] = 0x08, 0x00, 0x45, 0, 0, 186, [22] = 64, 17, [38] = 0, 166,
};

static const u8 frame_options4[200] = {
	[12] = 0x08, 0x00, 0x46, 0, 0, 186, [22] = 64, 6, [34] = 1, 1, 1, 0,
	[50] = 0x50, 0x10,
};

static const u8 frame_tcp6[200] = {
	[12] = 0x86, 0xdd, 0x60, [18] = 0, 146, 6, 64, [66] = 0x50, 0x10,
};

static const u8 frame_udp6[200] = {
	[12] = 0x86, 0xdd, 0x60, [18] = 0, 146, 17, 64, [58] = 0, 146,
};

static const u8 frame_extension6[200] = {
	[12] = 0x86, 0xdd, 0x60, [18] = 0, 146, 0, 64, [54] = 6, 0,
	[74] = 0x50, 0x10,
};

static const struct base frames[] = {
	{ frame_tcp4, 200 }, { frame_udp4, 200 }, { frame_options4, 200 },
	{ frame_tcp6, 200 }, { frame_udp6, 200 }, { frame_extension6, 200 },
};

/* Mostly what is true of a plain frame, so that much of it gets far. */
static struct netvsc_tx_ask any_ask(const u8 *frame, u32 len)
{
	static const u32 starts[] = { 34, 54, 38, 62, 33 }, fields[] = { 16, 6, 4 };
	static const u32 mss[] = { 1, 1400, 1440, 1460, 1461, 1480, 65535 };
	bool six = len > 12 && frame[12] == 0x86;
	bool udp = len > 23 && (six ? frame[20] : frame[23]) == 17;
	struct netvsc_tx_ask ask = {
		.bytes = len,
		.partial = below(8),
		.start = six ? 54 : 34,
		.field = udp ? 6 : 16,
		.family = six ? 6 : 4,
	};

	if (!below(4))
		ask.start = below(2) ? starts[below(5)] : nasty(len);
	if (!below(4))
		ask.field = below(2) ? fields[below(3)] : nasty(len);
	if (!below(4))
		ask.family = below(3) * 2 + (below(2) ? 2 : 0);
	if (below(2))
		ask.mss = mss[below(ARRAY_SIZE(mss))];
	return ask;
}

/* The test host finds the header where it is told that it is. */
static void check_asked(const u8 *frame, u32 len, enum netvsc_tx_kind kind,
			u32 field)
{
	struct pkt_info info;

	pkt_parse(frame, len, &info);
	ASSERT_EQ(info.l4_off, netvsc_tx_rules_l4(kind));
	ASSERT_EQ(info.is_ip6, netvsc_tx_rules_is_ipv6(kind));
	ASSERT_EQ(info.l4_proto == IP_PROTO_TCP, netvsc_tx_rules_is_tcp(kind));
	ASSERT_TRUE(!info.is_fragment);
	ASSERT_TRUE(!field ||
		    info.l4_off + field == pkt_l4_csum_field(&info));
}

static void check_verdict(const u8 *frame, const struct netvsc_tx_ask *ask,
			  const struct netvsc_offload_caps *caps, u32 frame_max,
			  enum netvsc_tx_verdict verdict,
			  enum netvsc_tx_kind kind)
{
	u32 header;

	switch (verdict) {
	case NETVSC_TX_ASK_CSUM:
		check_asked(frame, ask->bytes, kind, ask->field);
		ASSERT_TRUE(ask->partial && !ask->mss);
		ASSERT_TRUE(ask->bytes <= frame_max);
		ASSERT_EQ(ask->start, netvsc_tx_rules_l4(kind));
		break;
	case NETVSC_TX_ASK_LSO:
		ASSERT_TRUE(ask->bytes <= caps->tso_max_bytes);
		ASSERT_TRUE(kind == NETVSC_TX_TCP4 ? caps->tso4 : caps->tso6);
		/* fall through */
	case NETVSC_TX_LSO_UNFIT:
		/* Its length fields are set to 0 before it is sent. */
		ASSERT_TRUE(ask->mss && netvsc_tx_rules_is_tcp(kind));
		ASSERT_EQ(ask->family,
			  netvsc_tx_rules_is_ipv6(kind) ? 6 : 4);
		header = netvsc_tx_rules_headers(kind, frame);
		ASSERT_TRUE(header < ask->bytes);
		ASSERT_TRUE(header + ask->mss <= frame_max);
		break;
	case NETVSC_TX_SUM:
		ASSERT_TRUE(netvsc_inside((u64)ask->start + ask->field, 2,
					  ask->bytes));
		/* fall through */
	case NETVSC_TX_AS_IS:
		ASSERT_TRUE(ask->bytes <= frame_max && !ask->mss);
		break;
	case NETVSC_TX_CUT:
	case NETVSC_TX_CUT_AND_SUM:
		ASSERT_TRUE(ask->mss);
		break;
	case NETVSC_TX_TOO_LONG:
		ASSERT_TRUE(ask->bytes > frame_max ||
			    ask->mss + 54 > frame_max ||
			    netvsc_tx_rules_headers(kind, frame) + ask->mss >
			    frame_max);
		break;
	case NETVSC_TX_BAD:
		ASSERT_TRUE(!netvsc_inside((u64)ask->start + ask->field, 2,
					   ask->bytes));
		break;
	}
}

UNIT_TEST(frames_from_a_hostile_sender)
{
	u64 i, asked = 0, cut = 0;

	state = 6;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		struct netvsc_offload_caps caps = {
			.tcp4_csum = below(8), .udp4_csum = below(8),
			.tcp6_csum = below(8), .udp6_csum = below(8),
			.tso4 = below(8), .tso6 = below(8),
			.tso_max_bytes = below(4) ? 62780 : nasty(2000),
			.tso_min_segs = below(4) ? 2 : nasty(3),
		};
		u32 frame_max = below(4) ? 1514 : 82 + below(65454);
		struct netvsc_tx_ruling r;
		struct netvsc_tx_ask ask;
		u32 len;
		u8 *p = fuzzed(frames, ARRAY_SIZE(frames), &len);

		ask = any_ask(p, len);
		/* The IP length is what most changes break. */
		if (below(2) && len > 54 && p[12] == 0x08) {
			p[16] = (len - 14) >> 8;
			p[17] = len - 14;
		}
		if (ask.mss && len > 54) {
			p[16] = 0;
			p[17] = 0;
			if (p[12] == 0x86)
				p[18] = p[19] = 0;
		}
		r = netvsc_tx_rules_judge(p, len, &ask, &caps, frame_max);
		check_verdict(p, &ask, &caps, frame_max, r.verdict, r.kind);
		if (r.verdict == NETVSC_TX_ASK_LSO) {
			check_asked(p, len, r.kind, 0);
			cut++;
		}
		asked += r.verdict == NETVSC_TX_ASK_CSUM;
		/* A copy of the headers says no other. */
		if (len > NETVSC_TX_RULES_BYTES)
			ASSERT_EQ(netvsc_tx_rules_judge(p, NETVSC_TX_RULES_BYTES,
							&ask, &caps,
							frame_max).verdict,
				  r.verdict);
		free(p);
	}
	ASSERT_TRUE(asked > i / 100 && cut > i / 200);
}

UNIT_MAIN()
