// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_gso_limit. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/gso_limit.h"

#define HOST	62780
#define SMALL	30000
#define BIG	524280

/* What is in force is what was applied, unless the case says that the user set it. */
static u32 again(struct netvsc_gso_limit *limit, u32 most)
{
	return netvsc_gso_limit_apply(limit, limit->applied, most);
}

static void the_sender_limits_the_default(struct kunit *test)
{
	struct netvsc_gso_limit limit;

	netvsc_gso_limit_init(&limit, 65536);
	KUNIT_EXPECT_EQ(test, again(&limit, HOST), HOST);
	KUNIT_EXPECT_EQ(test, again(&limit, BIG), 65536);
	KUNIT_EXPECT_EQ(test, again(&limit, SMALL), SMALL);
	KUNIT_EXPECT_EQ(test, again(&limit, HOST), HOST);
}

static void a_smaller_wish_holds_with_each_sender(struct kunit *test)
{
	struct netvsc_gso_limit limit;

	netvsc_gso_limit_init(&limit, 65536);
	again(&limit, HOST);
	KUNIT_EXPECT_EQ(test, netvsc_gso_limit_apply(&limit, 20000, BIG), 20000);
	KUNIT_EXPECT_EQ(test, again(&limit, HOST), 20000);
	KUNIT_EXPECT_EQ(test, again(&limit, 10000), 10000);
	KUNIT_EXPECT_EQ(test, again(&limit, HOST), 20000);
}

static void a_larger_wish_waits_for_who_can(struct kunit *test)
{
	struct netvsc_gso_limit limit;

	netvsc_gso_limit_init(&limit, 65536);
	again(&limit, BIG);
	KUNIT_EXPECT_EQ(test, netvsc_gso_limit_apply(&limit, 185000, HOST), HOST);
	KUNIT_EXPECT_EQ(test, again(&limit, SMALL), SMALL);
	KUNIT_EXPECT_EQ(test, again(&limit, BIG), 185000);
}

static void a_new_wish_replaces_one_that_waits(struct kunit *test)
{
	struct netvsc_gso_limit limit;

	netvsc_gso_limit_init(&limit, 65536);
	again(&limit, BIG);
	netvsc_gso_limit_apply(&limit, 185000, HOST);
	KUNIT_EXPECT_EQ(test, netvsc_gso_limit_apply(&limit, 40000, HOST), 40000);
	KUNIT_EXPECT_EQ(test, again(&limit, BIG), 40000);
	KUNIT_EXPECT_EQ(test, netvsc_gso_limit_apply(&limit, 65536, BIG), 65536);
}

static struct kunit_case gso_limit_cases[] = {
	KUNIT_CASE(the_sender_limits_the_default),
	KUNIT_CASE(a_smaller_wish_holds_with_each_sender),
	KUNIT_CASE(a_larger_wish_waits_for_who_can),
	KUNIT_CASE(a_new_wish_replaces_one_that_waits),
	{}
};

static struct kunit_suite gso_limit_suite = {
	.name = "hv_netvsc_gso_limit",
	.test_cases = gso_limit_cases,
};

kunit_test_suite(gso_limit_suite);
