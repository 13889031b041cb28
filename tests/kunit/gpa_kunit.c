// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_gpa. Sheet 2.6; R28. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/gpa.h"

static struct netvsc_gpa gpa;

/* What is not set shows. */
static void begin(void)
{
	memset(&gpa, 0xa5, sizeof(gpa));
	netvsc_gpa_init(&gpa);
}

static u64 word(u32 i)
{
	return le64_to_cpu(gpa.raw[i]);
}

static void an_empty_list_is_a_descriptor_and_a_count(struct kunit *test)
{
	begin();
	netvsc_gpa_seal(&gpa, 0x1122, 0x3344);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_bytes(&gpa), 24);
	KUNIT_EXPECT_EQ(test, word(0), 0x1122);
	KUNIT_EXPECT_EQ(test, word(1), 0x3344);
	KUNIT_EXPECT_EQ(test, word(2), 0);
}

/* Three ranges: in a page, up to its end, over the edges of three. */
static void ranges_stand_one_behind_the_other(struct kunit *test)
{
	begin();
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 0x100, 8, 60), 0);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 0x200, 4000, 96), 0);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 0x300, 4095, 4098), 0);
	netvsc_gpa_seal(&gpa, 1, 2);

	KUNIT_EXPECT_EQ(test, gpa.ranges, 3);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_bytes(&gpa), 24 + 3 * 8 + 5 * 8);
	KUNIT_EXPECT_EQ(test, word(2), 3ULL << 32);
	KUNIT_EXPECT_EQ(test, word(3), 8ULL << 32 | 60);
	KUNIT_EXPECT_EQ(test, word(4), 0x100);
	KUNIT_EXPECT_EQ(test, word(5), 4000ULL << 32 | 96);
	KUNIT_EXPECT_EQ(test, word(6), 0x200);
	KUNIT_EXPECT_EQ(test, word(7), 4095ULL << 32 | 4098);
	KUNIT_EXPECT_EQ(test, word(8), 0x300);
	KUNIT_EXPECT_EQ(test, word(9), 0x301);
	KUNIT_EXPECT_EQ(test, word(10), 0x302);
}

static void first_ranges_find_their_places_late(struct kunit *test)
{
	memset(&gpa, 0xa5, sizeof(gpa));
	netvsc_gpa_init_placed(&gpa, 2);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 0x200, 0, 4096), 0);
	netvsc_gpa_place(&gpa, 0, 0x900, 128, 64);
	netvsc_gpa_place(&gpa, 1, 0x901, 192, 60);
	netvsc_gpa_seal(&gpa, 1, 2);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_bytes(&gpa), 24 + 3 * 16);
	KUNIT_EXPECT_EQ(test, word(2), 3ULL << 32);
	KUNIT_EXPECT_EQ(test, word(3), 128ULL << 32 | 64);
	KUNIT_EXPECT_EQ(test, word(4), 0x900);
	KUNIT_EXPECT_EQ(test, word(5), 192ULL << 32 | 60);
	KUNIT_EXPECT_EQ(test, word(6), 0x901);
	KUNIT_EXPECT_EQ(test, word(7), 4096);
	KUNIT_EXPECT_EQ(test, word(8), 0x200);
}

static void there_is_an_end_to_ranges(struct kunit *test)
{
	u32 i;

	begin();
	for (i = 0; i < NVSP_GPA_RANGES_MAX; i++)
		KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, i, 0, 1), 0);
	KUNIT_EXPECT_TRUE(test, netvsc_gpa_fits(&gpa));
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, i, 0, 1), 0);
	KUNIT_EXPECT_FALSE(test, netvsc_gpa_fits(&gpa));
}

static void there_is_an_end_to_pages(struct kunit *test)
{
	begin();
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 7, 0,
					     (NVSP_GPA_PAGES_MAX - 1) * 4096), 0);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 7, 4095, 1), 0);
	KUNIT_EXPECT_TRUE(test, netvsc_gpa_fits(&gpa));
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 7, 0, 1), 0);
	KUNIT_EXPECT_FALSE(test, netvsc_gpa_fits(&gpa));
}

/* Full to the last word, and one more: nothing is written behind. */
static void nothing_is_written_behind_the_end(struct kunit *test)
{
	u32 words = NETVSC_GPA_WORDS - NETVSC_GPA_HEAD_WORDS;

	begin();
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 7, 1, words * 4096), -E2BIG);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 7, 0, words * 4096), -E2BIG);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_bytes(&gpa), 24);
	KUNIT_EXPECT_EQ(test, gpa.ranges, 0);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 7, 0, (words - 1) * 4096), 0);
	KUNIT_EXPECT_EQ(test, netvsc_gpa_bytes(&gpa), sizeof(gpa.raw));
	KUNIT_EXPECT_EQ(test, netvsc_gpa_add(&gpa, 7, 0, 1), -E2BIG);
	KUNIT_EXPECT_EQ(test, gpa.ranges, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(an_empty_list_is_a_descriptor_and_a_count),
	KUNIT_CASE(ranges_stand_one_behind_the_other),
	KUNIT_CASE(first_ranges_find_their_places_late),
	KUNIT_CASE(there_is_an_end_to_ranges),
	KUNIT_CASE(there_is_an_end_to_pages),
	KUNIT_CASE(nothing_is_written_behind_the_end),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_gpa",
	.test_cases = cases,
};

kunit_test_suite(suite);
