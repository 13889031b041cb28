// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_xdp_rules. R48, R51; sheet 5.11, 7.1. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/xdp_rules.c"

/* A page without 256 bytes in front and the stack's struct behind. */
#define LINEAR	3520

static void each_verdict_means_something(struct kunit *test)
{
	static const struct {
		u32 act;
		enum netvsc_xdp_todo want;
	} rows[] = {
		{ 0, NETVSC_XDP_ABORT },
		{ 1, NETVSC_XDP_DROP },
		{ 2, NETVSC_XDP_PASS },
		{ 3, NETVSC_XDP_SEND },
		{ 4, NETVSC_XDP_REDIRECT },
		{ 5, NETVSC_XDP_UNKNOWN },
		{ 0x80000002, NETVSC_XDP_UNKNOWN },
		{ U32_MAX, NETVSC_XDP_UNKNOWN },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ(test, (int)netvsc_xdp_rules_todo(rows[i].act),
				(int)rows[i].want);
}

static void programs_are_refused_for_what_they_cannot_see(struct kunit *test)
{
	static const struct {
		const char *name;
		bool frags;
		u32 mtu;
		bool rsc;
		enum netvsc_xdp_refusal want;
	} rows[] = {
		{ "plain at 1500", false, 1500, false, NETVSC_XDP_ACCEPT },
		{ "plain at the limit", false, 3506, false, NETVSC_XDP_ACCEPT },
		{ "plain above it", false, 3507, false, NETVSC_XDP_REFUSE_MTU },
		{ "plain, jumbo", false, 9000, false, NETVSC_XDP_REFUSE_MTU },
		{ "plain with RSC", false, 1500, true, NETVSC_XDP_REFUSE_RSC },
		{ "plain with both", false, 9000, true, NETVSC_XDP_REFUSE_MTU },
		{ "frags, jumbo", true, 9000, false, NETVSC_XDP_ACCEPT },
		{ "frags at the end", true, 65521, false, NETVSC_XDP_ACCEPT },
		{ "frags with RSC", true, 1500, true, NETVSC_XDP_ACCEPT },
		{ "frags with both", true, 65521, true, NETVSC_XDP_ACCEPT },
		{ "plain, least MTU", false, 68, false, NETVSC_XDP_ACCEPT },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    (int)netvsc_xdp_rules_refuse(rows[i].frags,
								 rows[i].mtu,
								 LINEAR,
								 rows[i].rsc),
				    (int)rows[i].want, "%s", rows[i].name);
}

static void what_is_sent_is_as_long_as_the_host_expects(struct kunit *test)
{
	static const struct {
		u32 bytes;
		bool tagged;
		u32 mtu;
		bool want;
	} rows[] = {
		{ 14, false, 1500, true },
		{ 13, false, 1500, false },
		{ 1514, false, 1500, true },
		{ 1515, false, 1500, false },
		{ 1518, true, 1500, true },
		{ 1519, true, 1500, false },
		{ 17, true, 1500, false },
		{ 18, true, 1500, true },
		{ 0, false, 1500, false },
		{ 3, true, 1500, false },
		{ 65535, false, 65521, true },
		{ 65549, false, 1500, false },
		{ 65549, false, 65521, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_xdp_rules_may_send(rows[i].bytes,
							      rows[i].tagged,
							      rows[i].mtu),
				    rows[i].want, "row %u", i);
}

static void a_hash_says_what_it_covers(struct kunit *test)
{
	static const struct {
		u32 info;
		u32 want;
	} rows[] = {
		{ 0x00000101, 0x01 },	/* IPv4, Toeplitz */
		{ 0x00000201, 0x19 },	/* TCP over it */
		{ 0x00004001, 0x29 },	/* UDP over it */
		{ 0x00000401, 0x02 },	/* IPv6 */
		{ 0x00000801, 0x06 },
		{ 0x00001001, 0x1a },
		{ 0x00002001, 0x1e },
		{ 0x00008001, 0x2a },
		{ 0x00010001, 0x2e },
		{ 0x00000001, 0 },	/* a function, no type */
		{ 0x00000301, 0 },	/* two types */
		{ 0x00020001, 0 },	/* a type that there is not */
		{ 0, 0 },
		{ U32_MAX, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_xdp_rules_hash_type(rows[i].info),
				    rows[i].want, "row %u", i);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_verdict_means_something),
	KUNIT_CASE(programs_are_refused_for_what_they_cannot_see),
	KUNIT_CASE(what_is_sent_is_as_long_as_the_host_expects),
	KUNIT_CASE(a_hash_says_what_it_covers),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_xdp_rules",
	.test_cases = cases,
};

kunit_test_suite(suite);
