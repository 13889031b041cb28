// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_pause. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/pause.h"

static void each_pause_is_twice_the_last(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_pause(0, 250, 15000), 250);
	KUNIT_EXPECT_EQ(test, netvsc_pause(1, 250, 15000), 500);
	KUNIT_EXPECT_EQ(test, netvsc_pause(5, 250, 15000), 8000);
}

static void no_pause_is_longer_than_the_longest(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_pause(6, 250, 15000), 15000);
	KUNIT_EXPECT_EQ(test, netvsc_pause(0, 250, 100), 100);
}

/* Also in a long of 32 bits, with the fastest clock and the longest first pause. */
static void tries_without_end_do_no_harm(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_pause(64, 60000, 1920000), 1920000);
	KUNIT_EXPECT_EQ(test, netvsc_pause(U32_MAX, 60000, 1920000), 1920000);
	KUNIT_EXPECT_EQ(test, netvsc_pause(U32_MAX, 1, 100000), 65536);
}

static struct kunit_case pause_cases[] = {
	KUNIT_CASE(each_pause_is_twice_the_last),
	KUNIT_CASE(no_pause_is_longer_than_the_longest),
	KUNIT_CASE(tries_without_end_do_no_harm),
	{}
};

static struct kunit_suite pause_suite = {
	.name = "hv_netvsc_pause",
	.test_cases = pause_cases,
};

kunit_test_suite(pause_suite);
