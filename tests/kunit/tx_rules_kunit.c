// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_tx_rules. R29; sheet 7.1 to 7.3. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/tx_rules.c"

#define FRAME_MAX	1514

static const struct netvsc_offload_caps all_caps = {
	.tcp4_csum = true,
	.udp4_csum = true,
	.tcp6_csum = true,
	.udp6_csum = true,
	.tso4 = true,
	.tso6 = true,
	.tso_max_bytes = 62780,
	.tso_min_segs = 2,
};

/* Frames of 200 bytes, and what their sender asks for. */
static const u8 tcp4[NETVSC_TX_RULES_BYTES] = {
	[12] = 0x08, 0x00, 0x45, 0, 0, 186, [20] = 0x40, [22] = 64, 6,
	[46] = 0x50,
};

static const u8 udp4[NETVSC_TX_RULES_BYTES] = {
	[12] = 0x08, 0x00, 0x45, 0, 0, 186, [22] = 64, 17,
};

static const u8 tcp6[NETVSC_TX_RULES_BYTES] = {
	[12] = 0x86, 0xdd, 0x60, [18] = 0, 146, 6, 64, [66] = 0x50,
};

static const u8 udp6[NETVSC_TX_RULES_BYTES] = {
	[12] = 0x86, 0xdd, 0x6f, 0xff, [18] = 0, 146, 17, 64,
};

#define ASK_TCP4	{ .bytes = 200, .partial = true, .start = 34, .field = 16 }
#define ASK_UDP4	{ .bytes = 200, .partial = true, .start = 34, .field = 6 }
#define ASK_TCP6	{ .bytes = 200, .partial = true, .start = 54, .field = 16 }
#define ASK_UDP6	{ .bytes = 200, .partial = true, .start = 54, .field = 6 }
#define CUT_TCP4	{ .bytes = 6054, .partial = true, .start = 34, .field = 16, \
			  .mss = 1460, .family = 4 }
#define CUT_TCP6	{ .bytes = 6074, .partial = true, .start = 54, .field = 16, \
			  .mss = 1440, .family = 6 }

static enum netvsc_tx_verdict judge(const u8 *head, u32 linear,
				    const struct netvsc_tx_ask *ask,
				    const struct netvsc_offload_caps *caps)
{
	return netvsc_tx_rules_judge(head, linear, ask, caps,
				     FRAME_MAX).verdict;
}

static void plain_frames_are_left_to_the_host(struct kunit *test)
{
	static const struct {
		const char *name;
		const u8 *head;
		struct netvsc_tx_ask ask;
		enum netvsc_tx_verdict want;
	} rows[] = {
		{ "TCP over IPv4", tcp4, ASK_TCP4, NETVSC_TX_ASK_CSUM },
		{ "UDP over IPv4", udp4, ASK_UDP4, NETVSC_TX_ASK_CSUM },
		{ "TCP over IPv6", tcp6, ASK_TCP6, NETVSC_TX_ASK_CSUM },
		{ "UDP over IPv6", udp6, ASK_UDP6, NETVSC_TX_ASK_CSUM },
		{ "TSO4", tcp4, CUT_TCP4, NETVSC_TX_ASK_LSO },
		{ "TSO6", tcp6, CUT_TCP6, NETVSC_TX_ASK_LSO },
		{ "TSO4, sum not left to us", tcp4,
		  { .bytes = 6054, .mss = 1460, .family = 4 },
		  NETVSC_TX_ASK_LSO },
		{ "nothing asked", tcp4, { .bytes = 1514 }, NETVSC_TX_AS_IS },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    (int)judge(rows[i].head, sizeof(tcp4),
					       &rows[i].ask, &all_caps),
				    (int)rows[i].want, "%s", rows[i].name);
}

/* One byte of a header, and the frame is another. */
static void odd_headers_are_left_to_software(struct kunit *test)
{
	static const struct {
		const char *name;
		const u8 *head;
		u8 at, value;
	} rows[] = {
		{ "another Ethernet type", tcp4, 12, 0x88 },
		{ "a tag within", tcp4, 12, 0x81 },
		{ "IPv4 said to be IPv6", tcp4, 12, 0x86 },
		{ "version 6 in IPv4", tcp4, 14, 0x65 },
		{ "version 4 in IPv6", tcp6, 14, 0x40 },
		{ "options", tcp4, 14, 0x46 },
		{ "half an IPv4 header", tcp4, 14, 0x44 },
		{ "first fragment", tcp4, 20, 0x20 },
		{ "second fragment", tcp4, 21, 0x01 },
		{ "last bit of the offset", tcp4, 20, 0x10 },
		{ "another protocol", tcp4, 23, 17 },
		{ "another protocol over IPv6", tcp6, 20, 17 },
		{ "an extension header", tcp6, 20, 0 },
		{ "a fragment header", tcp6, 20, 44 },
		{ "TCP header of 16 bytes", tcp4, 46, 0x40 },
		{ "TCP header of 0 bytes over IPv6", tcp6, 66, 0 },
	};
	struct netvsc_tx_ask sum4 = ASK_TCP4, sum6 = ASK_TCP6;
	struct netvsc_tx_ask cut4 = CUT_TCP4, cut6 = CUT_TCP6;
	u8 head[NETVSC_TX_RULES_BYTES];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool six = rows[i].head == tcp6;

		memcpy(head, rows[i].head, sizeof(head));
		head[rows[i].at] = rows[i].value;
		KUNIT_EXPECT_EQ_MSG(test,
				    (int)judge(head, sizeof(head),
					       six ? &sum6 : &sum4, &all_caps),
				    (int)NETVSC_TX_SUM, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test,
				    (int)judge(head, sizeof(head),
					       six ? &cut6 : &cut4, &all_caps),
				    (int)NETVSC_TX_CUT_AND_SUM, "%s, cut",
				    rows[i].name);
	}
}

static void lengths_must_agree(struct kunit *test)
{
	struct netvsc_tx_ask ask = ASK_TCP4, ask6 = ASK_UDP6;
	u8 head[NETVSC_TX_RULES_BYTES];

	memcpy(head, tcp4, sizeof(head));
	head[17] = 185;
	KUNIT_EXPECT_EQ(test, (int)judge(head, sizeof(head), &ask, &all_caps),
			(int)NETVSC_TX_SUM);
	head[16] = 1;
	head[17] = 186;
	KUNIT_EXPECT_EQ(test, (int)judge(head, sizeof(head), &ask, &all_caps),
			(int)NETVSC_TX_SUM);
	ask6.bytes = 201;
	KUNIT_EXPECT_EQ(test, (int)judge(udp6, sizeof(udp6), &ask6, &all_caps),
			(int)NETVSC_TX_SUM);
	/* A TCP header that ends with the frame, and one byte behind. */
	memcpy(head, tcp4, sizeof(head));
	head[46] = 0xa0;
	head[17] = 60;
	ask.bytes = 74;
	KUNIT_EXPECT_EQ(test, (int)judge(head, sizeof(head), &ask, &all_caps),
			(int)NETVSC_TX_ASK_CSUM);
	head[17] = 59;
	ask.bytes = 73;
	KUNIT_EXPECT_EQ(test, (int)judge(head, 73, &ask, &all_caps),
			(int)NETVSC_TX_SUM);
}

static void a_cut_header_is_none(struct kunit *test)
{
	static const struct {
		const u8 *head;
		u32 enough;
		enum netvsc_tx_kind kind;
	} rows[] = {
		{ tcp4, 54, NETVSC_TX_TCP4 },
		{ udp4, 42, NETVSC_TX_UDP4 },
		{ tcp6, 74, NETVSC_TX_TCP6 },
		{ udp6, 62, NETVSC_TX_UDP6 },
	};
	unsigned int i;
	u32 linear;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (linear = 0; linear <= NETVSC_TX_RULES_BYTES; linear++)
			KUNIT_EXPECT_EQ_MSG(test,
					    (int)netvsc_tx_rules_kind(rows[i].head,
								      linear),
					    (int)(linear < rows[i].enough ?
						  NETVSC_TX_OTHER : rows[i].kind),
					    "row %u, %u bytes", i, linear);
}

static void sums_lie_within_the_frame(struct kunit *test)
{
	static const struct {
		u32 bytes, start, field;
		enum netvsc_tx_verdict want;
	} rows[] = {
		{ 200, 34, 16, NETVSC_TX_ASK_CSUM },
		{ 200, 34, 6, NETVSC_TX_SUM },
		{ 200, 34, 17, NETVSC_TX_SUM },
		{ 200, 54, 16, NETVSC_TX_SUM },
		{ 200, 0, 0, NETVSC_TX_SUM },
		{ 200, 180, 18, NETVSC_TX_SUM },
		{ 200, 180, 19, NETVSC_TX_BAD },
		{ 200, 198, 0, NETVSC_TX_SUM },
		{ 200, 199, 0, NETVSC_TX_BAD },
		{ 200, 200, 0, NETVSC_TX_BAD },
		{ 200, U32_MAX, 3, NETVSC_TX_BAD },
		{ 200, 34, U32_MAX, NETVSC_TX_BAD },
		{ 200, 34, U32_MAX - 33, NETVSC_TX_BAD },
		{ 14, 34, 16, NETVSC_TX_BAD },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct netvsc_tx_ask ask = {
			.bytes = rows[i].bytes,
			.partial = true,
			.start = rows[i].start,
			.field = rows[i].field,
		};

		KUNIT_EXPECT_EQ_MSG(test,
				    (int)judge(tcp4, min_t(u32, rows[i].bytes,
							   sizeof(tcp4)),
					       &ask, &all_caps),
				    (int)rows[i].want, "row %u", i);
	}
}

static void segments_fit_what_was_agreed(struct kunit *test)
{
	static const struct {
		const char *name;
		const u8 *head;
		struct netvsc_tx_ask ask;
		enum netvsc_tx_verdict want;
	} rows[] = {
		{ "one byte too long", tcp4,
		  { .bytes = 6054, .mss = 1461, .family = 4 },
		  NETVSC_TX_TOO_LONG },
		{ "far too long", tcp6,
		  { .bytes = 60000, .mss = 65535, .family = 6 },
		  NETVSC_TX_TOO_LONG },
		{ "one byte too long over IPv6", tcp6,
		  { .bytes = 6074, .mss = 1441, .family = 6 },
		  NETVSC_TX_TOO_LONG },
		{ "one segment", tcp4,
		  { .bytes = 54 + 1400, .mss = 1400, .family = 4 },
		  NETVSC_TX_LSO_UNFIT },
		{ "two segments", tcp4,
		  { .bytes = 54 + 1401, .mss = 1400, .family = 4 },
		  NETVSC_TX_ASK_LSO },
		{ "all that the host takes", tcp4,
		  { .bytes = 62780, .mss = 1400, .family = 4 },
		  NETVSC_TX_ASK_LSO },
		{ "more", tcp4,
		  { .bytes = 62781, .mss = 1400, .family = 4 },
		  NETVSC_TX_LSO_UNFIT },
		{ "no payload", tcp4,
		  { .bytes = 54, .mss = 1400, .family = 4 },
		  NETVSC_TX_CUT },
		{ "segments of the other family", tcp4,
		  { .bytes = 6054, .mss = 1400, .family = 6 },
		  NETVSC_TX_CUT },
		{ "the other way round", tcp6,
		  { .bytes = 6054, .mss = 1400, .family = 4 },
		  NETVSC_TX_CUT },
		{ "TCP cut otherwise", tcp4,
		  { .bytes = 6054, .mss = 1400 }, NETVSC_TX_CUT },
		{ "UDP", udp4,
		  { .bytes = 6054, .mss = 1400 }, NETVSC_TX_CUT },
		{ "UDP said to be TCP", udp4,
		  { .bytes = 6054, .mss = 1400, .family = 4 },
		  NETVSC_TX_CUT },
		{ "not to be cut, too long", tcp4,
		  { .bytes = 1515 }, NETVSC_TX_TOO_LONG },
		{ "the same, with a sum", tcp4,
		  { .bytes = 1515, .partial = true, .start = 34, .field = 16 },
		  NETVSC_TX_TOO_LONG },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    (int)judge(rows[i].head, sizeof(tcp4),
					       &rows[i].ask, &all_caps),
				    (int)rows[i].want, "%s", rows[i].name);
}

/* A frame that is nothing of ours is cut by the stack, which has to sum it, too. */
static void what_is_neither_tcp_nor_udp_is_said_so(struct kunit *test)
{
	struct netvsc_tx_ask cut = { .bytes = 6054, .mss = 1400, .family = 4 };
	struct netvsc_tx_ask sum = ASK_TCP4;
	u8 head[NETVSC_TX_RULES_BYTES];

	memcpy(head, tcp4, sizeof(head));
	head[12] = 0x88;
	KUNIT_EXPECT_EQ(test, (int)judge(head, sizeof(head), &cut, &all_caps),
			(int)NETVSC_TX_CUT_AND_SUM);
	KUNIT_EXPECT_EQ(test,
			(int)netvsc_tx_rules_judge(head, sizeof(head), &sum,
						   &all_caps, FRAME_MAX).kind,
			(int)NETVSC_TX_OTHER);
	/* UDP over IPv6, the kind before it, is known. */
	KUNIT_EXPECT_EQ(test, (int)judge(udp6, sizeof(udp6), &cut, &all_caps),
			(int)NETVSC_TX_CUT);
}

static void headers_alone_may_be_too_long(struct kunit *test)
{
	struct netvsc_tx_ask ask = { .bytes = 6054, .mss = 1, .family = 4 };

	KUNIT_EXPECT_EQ(test,
			(int)netvsc_tx_rules_judge(tcp4, sizeof(tcp4), &ask,
						   &all_caps, 53).verdict,
			(int)NETVSC_TX_TOO_LONG);
	KUNIT_EXPECT_EQ(test,
			(int)netvsc_tx_rules_judge(tcp4, sizeof(tcp4), &ask,
						   &all_caps, 55).verdict,
			(int)NETVSC_TX_ASK_LSO);
}

static void headers_end_where_the_payload_begins(struct kunit *test)
{
	static const struct {
		enum netvsc_tx_kind kind;
		const u8 *head;
		u32 bytes;
	} rows[] = {
		{ NETVSC_TX_TCP4, tcp4, 54 },
		{ NETVSC_TX_UDP4, udp4, 42 },
		{ NETVSC_TX_TCP6, tcp6, 74 },
		{ NETVSC_TX_UDP6, udp6, 62 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ(test, netvsc_tx_rules_headers(rows[i].kind,
							      rows[i].head),
				rows[i].bytes);
}

/* Options count: 40 bytes of them leave as many less for the payload. */
static void tcp_options_are_part_of_a_segment(struct kunit *test)
{
	struct netvsc_tx_ask ask = CUT_TCP4;
	u8 head[NETVSC_TX_RULES_BYTES];

	memcpy(head, tcp4, sizeof(head));
	head[46] = 0xf0;
	ask.mss = 1420;
	KUNIT_EXPECT_EQ(test, (int)judge(head, sizeof(head), &ask, &all_caps),
			(int)NETVSC_TX_ASK_LSO);
	ask.mss = 1421;
	KUNIT_EXPECT_EQ(test, (int)judge(head, sizeof(head), &ask, &all_caps),
			(int)NETVSC_TX_TOO_LONG);
}

static void nothing_is_asked_that_the_host_does_not_do(struct kunit *test)
{
	struct netvsc_tx_ask asks[] = { ASK_TCP4, ASK_UDP4, ASK_TCP6, ASK_UDP6,
					CUT_TCP4, CUT_TCP6 };
	const u8 *heads[] = { tcp4, udp4, tcp6, udp6, tcp4, tcp6 };
	unsigned int i, without;

	for (i = 0; i < ARRAY_SIZE(asks); i++) {
		for (without = 0; without < ARRAY_SIZE(asks); without++) {
			struct netvsc_offload_caps caps = all_caps;
			enum netvsc_tx_verdict want;

			caps.tcp4_csum = without != 0;
			caps.udp4_csum = without != 1;
			caps.tcp6_csum = without != 2;
			caps.udp6_csum = without != 3;
			caps.tso4 = without != 4;
			caps.tso6 = without != 5;
			if (i < 4)
				want = without == i ? NETVSC_TX_SUM :
						      NETVSC_TX_ASK_CSUM;
			else
				want = without == i ? NETVSC_TX_LSO_UNFIT :
						      NETVSC_TX_ASK_LSO;
			KUNIT_EXPECT_EQ_MSG(test,
					    (int)judge(heads[i], sizeof(tcp4),
						       &asks[i], &caps),
					    (int)want, "%u without %u", i,
					    without);
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(plain_frames_are_left_to_the_host),
	KUNIT_CASE(odd_headers_are_left_to_software),
	KUNIT_CASE(lengths_must_agree),
	KUNIT_CASE(a_cut_header_is_none),
	KUNIT_CASE(sums_lie_within_the_frame),
	KUNIT_CASE(segments_fit_what_was_agreed),
	KUNIT_CASE(what_is_neither_tcp_nor_udp_is_said_so),
	KUNIT_CASE(headers_alone_may_be_too_long),
	KUNIT_CASE(headers_end_where_the_payload_begins),
	KUNIT_CASE(tcp_options_are_part_of_a_segment),
	KUNIT_CASE(nothing_is_asked_that_the_host_does_not_do),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_tx_rules",
	.test_cases = cases,
};

kunit_test_suite(suite);
