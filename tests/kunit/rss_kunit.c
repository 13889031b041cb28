// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_rss. Sheet 6.8, 6.9, 10.12; R73, R75. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/rss.c"

/* What init does not set shows. */
static void init(struct netvsc_rss *rss)
{
	memset(rss, 0xa5, sizeof(*rss));
	netvsc_rss_init(rss);
}

static void without_a_wish_queues_take_turns(struct kunit *test)
{
	struct netvsc_rss rss;
	u16 table[128];
	unsigned int i;

	init(&rss);
	KUNIT_EXPECT_FALSE(test, rss.keyed);
	KUNIT_EXPECT_EQ(test, rss.entries, 0);
	for (i = 0; i < NDIS_RSS_TABLE_ENTRIES_MAX; i++)
		KUNIT_EXPECT_EQ(test, rss.table[i], 0);
	netvsc_rss_resolve(&rss, 3, table, 128);
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, table[i], i % 3);
	netvsc_rss_resolve(&rss, 1, table, 128);
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, table[i], 0);
}

static void a_wish_survives_fewer_queues(struct kunit *test)
{
	struct netvsc_rss rss;
	u16 table[8];
	unsigned int i;

	init(&rss);
	rss.entries = 8;
	for (i = 0; i < 8; i++)
		rss.table[i] = i < 4 ? 3 : 1;
	netvsc_rss_resolve(&rss, 2, table, 8);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_LT(test, table[i], 2);
	netvsc_rss_resolve(&rss, 4, table, 8);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, table[i], i < 4 ? 3 : 1);
}

static void another_number_of_entries_repeats_or_cuts_the_wish(struct kunit *test)
{
	struct netvsc_rss rss;
	u16 table[6];
	unsigned int i;

	init(&rss);
	rss.entries = 4;
	for (i = 0; i < 4; i++)
		rss.table[i] = 3 - i;
	netvsc_rss_resolve(&rss, 4, table, 6);
	KUNIT_EXPECT_EQ(test, table[4], 3);
	KUNIT_EXPECT_EQ(test, table[5], 2);
	netvsc_rss_resolve(&rss, 4, table, 2);
	KUNIT_EXPECT_EQ(test, table[1], 2);
}

static void rss_table_without_valid_queue(struct kunit *test)
{
	u32 table[4] = { 0, 1, 2, 3 };

	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 4, 4, 4), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 4, 4, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 4, 8, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 0, 0, 4), -EINVAL);
	table[0] = ~0u;
	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 4, 4, 64), -EINVAL);
}

static void rss_table_has_a_limit(struct kunit *test)
{
	static const u32 table[NDIS_RSS_TABLE_ENTRIES_MAX + 1];

	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 1, 1, 1), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 256, 256, 1), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 257, 257, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_rss_check(table, 4, 0, 1), -EINVAL);
}

static void udp_ports_count_where_offered_and_wanted(struct kunit *test)
{
	static const struct {
		u32 caps, l3_only, want;
	} rows[] = {
		{ 0, 0, 0x1701 },	/* what stock asks for */
		{ NDIS_RSS_CAP_UDP_IPV4 | NDIS_RSS_CAP_UDP_IPV6, 0, 0xd701 },
		{ NDIS_RSS_CAP_UDP_IPV4 | NDIS_RSS_CAP_UDP_IPV6,
		  BIT(NETVSC_FLOW_UDP4), 0x9701 },
		{ NDIS_RSS_CAP_UDP_IPV4 | NDIS_RSS_CAP_UDP_IPV6,
		  BIT(NETVSC_FLOW_UDP6) | BIT(NETVSC_FLOW_TCP4), 0x5701 },
		{ NDIS_RSS_CAP_UDP_IPV4, 0, 0x5701 },
		{ NDIS_RSS_CAP_UDP_IPV6, 0, 0x9701 },
		{ ~(NDIS_RSS_CAP_UDP_IPV4 | NDIS_RSS_CAP_UDP_IPV6), 0, 0x1701 },
		{ NDIS_RSS_CAP_UDP_IPV4 | NDIS_RSS_CAP_UDP_IPV6, ~0u, 0x1701 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_rss_hash_info(rows[i].caps,
							 rows[i].l3_only),
				    rows[i].want, "row %u", i);
}

/* Sheet 10.12: 16 entries 0,1,2,3,0,..., default key, 0x1701. */
static void message_is_that_of_the_sheet(struct kunit *test)
{
	static const u8 head[40] = {
		0x89, 0x02, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x17, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00,
		0x28, 0x00, 0x00, 0x00, 0x28, 0x00, 0x00, 0x00,
		0x68, 0x00, 0x00, 0x00,
	};
	u8 buf[NETVSC_RSS_MSG_MAX_BYTES] __aligned(4);
	struct netvsc_rss rss;
	u16 table[16];
	unsigned int i;

	memset(buf, 0xa5, sizeof(buf));
	init(&rss);
	netvsc_rss_resolve(&rss, 4, table, 16);
	KUNIT_ASSERT_EQ(test, netvsc_rss_build(rss.key, table, 16, 0x1701, buf,
					       sizeof(buf)), 144);
	KUNIT_EXPECT_EQ(test, memcmp(buf, head, sizeof(head)), 0);
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, buf[40 + 4 * i], i % 4);
		KUNIT_EXPECT_EQ(test, buf[41 + 4 * i], 0);
		KUNIT_EXPECT_EQ(test, buf[42 + 4 * i], 0);
		KUNIT_EXPECT_EQ(test, buf[43 + 4 * i], 0);
	}
	KUNIT_EXPECT_EQ(test, buf[104], 0x6d);
	KUNIT_EXPECT_EQ(test, buf[143], 0xfa);
	KUNIT_EXPECT_EQ(test, memcmp(buf + 104, rss.key, 40), 0);
	KUNIT_EXPECT_EQ(test, buf[144], 0xa5);
}

static void message_that_does_not_fit_is_not_built(struct kunit *test)
{
	u8 buf[NETVSC_RSS_MSG_MAX_BYTES] __aligned(4);
	u16 table[NDIS_RSS_TABLE_ENTRIES_MAX] = {};
	struct netvsc_rss rss;

	init(&rss);
	KUNIT_EXPECT_EQ(test, netvsc_rss_build(rss.key, table, 256, 0x1701,
					       buf, sizeof(buf)),
			(int)sizeof(buf));
	KUNIT_EXPECT_EQ(test, netvsc_rss_build(rss.key, table, 256, 0x1701,
					       buf, sizeof(buf) - 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_rss_build(rss.key, table, 0, 0x1701, buf,
					       sizeof(buf)), -EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_rss_build(rss.key, table, 257, 0x1701,
					       buf, 4096), -EINVAL);
}

static struct kunit_case rss_cases[] = {
	KUNIT_CASE(without_a_wish_queues_take_turns),
	KUNIT_CASE(a_wish_survives_fewer_queues),
	KUNIT_CASE(another_number_of_entries_repeats_or_cuts_the_wish),
	KUNIT_CASE(rss_table_without_valid_queue),
	KUNIT_CASE(rss_table_has_a_limit),
	KUNIT_CASE(udp_ports_count_where_offered_and_wanted),
	KUNIT_CASE(message_is_that_of_the_sheet),
	KUNIT_CASE(message_that_does_not_fit_is_not_built),
	{}
};

static struct kunit_suite rss_suite = {
	.name = "hv_netvsc_rss",
	.test_cases = rss_cases,
};

kunit_test_suite(rss_suite);
