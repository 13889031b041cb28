// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_batch. Sheet 5.9, 7.5, 10.7, 10.9; R25, R26, R27. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/batch.h"

static const struct netvsc_batch_limits stock = {
	.section_bytes = 6144,
	.align = 8,
	.max_pkts = 8,
};

#define APPEND	NETVSC_BATCH_APPEND
#define PARTIAL	NETVSC_BATCH_PARTIAL
#define START	NETVSC_BATCH_START
#define DIRECT	NETVSC_BATCH_DIRECT

struct row {
	const char *name;
	u32 used, pkts, hdr, len;
	enum netvsc_batch_verdict want;
};

static const struct row rows[] = {
	/* No open section */
	{ "small packet", 0, 0, 44, 104, START },
	{ "largest that is copied", 0, 0, 44, 6135, START },
	{ "one byte more", 0, 0, 44, 6136, DIRECT },
	{ "exactly a section", 0, 0, 44, 6144, DIRECT },
	{ "TSO", 0, 0, 60, 62780, DIRECT },
	/* An open section with room */
	{ "second of 10.7", 112, 1, 44, 104, APPEND },
	{ "fills all but one byte", 6032, 1, 44, 103, APPEND },
	{ "one byte too long: header fits", 6032, 1, 44, 104, PARTIAL },
	{ "10.9: header into the section", 112, 1, 44, 9058, PARTIAL },
	{ "TSO behind a small one", 112, 7, 60, 62780, PARTIAL },
	{ "header fills all but one byte", 6099, 1, 44, 1044, PARTIAL },
	{ "header does not fit: own section", 6100, 1, 44, 1044, START },
	{ "header does not fit: by pages", 6100, 1, 44, 9058, DIRECT },
	/* An open section that is full of messages */
	{ "eighth message", 800, 7, 44, 104, APPEND },
	{ "ninth message: own section", 800, 8, 44, 104, START },
	{ "ninth, large: by pages, no partial", 800, 8, 44, 9058, DIRECT },
	{ "more messages than allowed", 800, 9, 44, 104, START },
	/* Numbers that would wrap */
	{ "length all ones", 0, 0, 44, ~0u, DIRECT },
	{ "length all ones behind another", 112, 1, ~0u, ~0u, DIRECT },
	{ "used all ones", ~0u, 1, 44, 104, START },
};

static void decision_follows_the_table(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct netvsc_batch open = {
			.used = rows[i].used, .pkts = rows[i].pkts,
		};

		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_batch_decide(&open, &stock,
							rows[i].hdr,
							rows[i].len),
				    rows[i].want, "%s", rows[i].name);
	}
}

static void host_without_aggregation_gets_single_packets(struct kunit *test)
{
	struct netvsc_batch_limits one = stock;
	struct netvsc_batch open = { .used = 104, .pkts = 1 };

	one.max_pkts = 1;
	KUNIT_EXPECT_EQ(test, netvsc_batch_decide(&open, &one, 44, 104), START);
	KUNIT_EXPECT_FALSE(test, netvsc_batch_stays_open(&one, 1, true));
}

static void no_send_buffer_means_by_pages(struct kunit *test)
{
	struct netvsc_batch_limits none = stock;
	struct netvsc_batch open = {};

	none.section_bytes = 0;
	KUNIT_EXPECT_EQ(test, netvsc_batch_decide(&open, &none, 44, 58), DIRECT);
}

static void wide_alignment_leaves_its_room(struct kunit *test)
{
	struct netvsc_batch_limits wide = stock;
	struct netvsc_batch open = {};

	wide.align = 4096;
	KUNIT_EXPECT_EQ(test, netvsc_batch_decide(&open, &wide, 44, 2047), START);
	KUNIT_EXPECT_EQ(test, netvsc_batch_decide(&open, &wide, 44, 2048),
			DIRECT);
	wide.section_bytes = 68;
	KUNIT_EXPECT_EQ(test, netvsc_batch_decide(&open, &wide, 44, 58), DIRECT);
}

static void whole_section_is_never_overrun(struct kunit *test)
{
	u32 used, len;

	for (used = 0; used <= 6152; used += 8) {
		struct netvsc_batch open = { .used = used, .pkts = 1 };

		for (len = 58; len < 6200; len += 61) {
			u32 padded = len + netvsc_batch_pad(&stock, len);

			switch (netvsc_batch_decide(&open, &stock, 44, len)) {
			case NETVSC_BATCH_APPEND:
				KUNIT_ASSERT_LE(test, used + padded, 6144);
				break;
			case NETVSC_BATCH_PARTIAL:
				KUNIT_ASSERT_LE(test, used + 44, 6144);
				break;
			case NETVSC_BATCH_START:
				KUNIT_ASSERT_LE(test, padded, 6144);
				break;
			case NETVSC_BATCH_DIRECT:
				break;
			}
		}
	}
}

static void section_waits_only_for_more_packets(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, netvsc_batch_stays_open(&stock, 1, true));
	KUNIT_EXPECT_TRUE(test, netvsc_batch_stays_open(&stock, 7, true));
	KUNIT_EXPECT_FALSE(test, netvsc_batch_stays_open(&stock, 8, true));
	KUNIT_EXPECT_FALSE(test, netvsc_batch_stays_open(&stock, 1, false));
}

static void padding_reaches_the_alignment(struct kunit *test)
{
	static const struct {
		u32 len, pad;
	} lens[] = { { 105, 7 }, { 104, 0 }, { 111, 1 }, { 112, 0 }, { 106, 6 } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++)
		KUNIT_EXPECT_EQ(test, netvsc_batch_pad(&stock, lens[i].len),
				lens[i].pad);
}

static struct kunit_case batch_cases[] = {
	KUNIT_CASE(decision_follows_the_table),
	KUNIT_CASE(host_without_aggregation_gets_single_packets),
	KUNIT_CASE(no_send_buffer_means_by_pages),
	KUNIT_CASE(wide_alignment_leaves_its_room),
	KUNIT_CASE(whole_section_is_never_overrun),
	KUNIT_CASE(section_waits_only_for_more_packets),
	KUNIT_CASE(padding_reaches_the_alignment),
	{}
};

static struct kunit_suite batch_suite = {
	.name = "hv_netvsc_batch",
	.test_cases = batch_cases,
};

kunit_test_suite(batch_suite);
