// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
/*
 * Bad bytes for the parsers of lib/: golden dumps with random changes, in heap
 * blocks of exactly their size so that the sanitizer sees one byte too many.
 * The seeds are fixed: a failure comes again. UNIT_FUZZ_ROUNDS=N in the
 * environment multiplies the work (1 is about two seconds in all, 0.1 a tenth).
 */
#include "../../drivers/net/hyperv/lib/ndis_caps.c"
#include "../../drivers/net/hyperv/lib/nvsp_msg.c"
#include "../../drivers/net/hyperv/lib/rndis_rx.c"

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

static void check_facts(const struct netvsc_rx_facts *f, u32 length, u32 range)
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
		struct netvsc_rx_facts facts;
		u32 len, range;
		u8 *p = fuzzed(messages, ARRAY_SIZE(messages), &len);

		range = below(2) ? len : len + below(SECTION_BYTES);
		if (!netvsc_rndis_rx_parse(p, len, range, &facts))
			check_facts(&facts, netvsc_get_le32(p + 4), range);
		free(p);
	}
}

/* What was learned from others changes nothing, whatever they were. */
UNIT_TEST(frames_like_others_from_a_hostile_host)
{
	struct netvsc_rx_shape shapes[NETVSC_RX_SHAPES] = {};
	u64 i, good = 0;

	state = 7;
	for (i = 0; i < rounds() && !unit_failures; i++) {
		struct netvsc_rx_facts facts = {}, like = {};
		u32 len;
		u8 *p = fuzzed(messages, ARRAY_SIZE(messages), &len);
		int err = netvsc_rndis_rx_parse(p, len, len, &facts);

		ASSERT_EQ(netvsc_rndis_rx_parse_like(p, len, &like, shapes), err);
		if (!err)
			ASSERT_TRUE(!memcmp(&facts, &like, sizeof(facts)));
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
	const struct netvsc_nvsp_abilities *v =
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

UNIT_MAIN()
