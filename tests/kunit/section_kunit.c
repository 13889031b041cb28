// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_section. Sheet 7.5; R15, R33. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/section.c"

#define CNT	170	/* the default: two full words and a part */

static unsigned long words[NETVSC_SECTION_WORDS(CNT) + 1];
static struct netvsc_section_map map;

static void fresh(u32 cnt)
{
	memset(words, 0xff, sizeof(words));
	netvsc_section_init(&map, words, cnt);
}

static void every_section_is_given_once(struct kunit *test)
{
	u32 i;

	fresh(CNT);
	KUNIT_EXPECT_EQ(test, netvsc_section_used(&map), 0);
	for (i = 0; i < CNT; i++)
		KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 0), i);
	KUNIT_EXPECT_EQ(test, netvsc_section_used(&map), CNT);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 100), -ENOSPC);
}

static void claim_wraps_around_from_its_start(struct kunit *test)
{
	u32 i;

	fresh(CNT);
	for (i = 0; i < CNT; i++)
		KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 100),
				(100 + i) % CNT);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 100), -ENOSPC);
}

static void start_out_of_range_is_harmless(struct kunit *test)
{
	fresh(CNT);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, CNT), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, ~0u), 1);
}

/* Bits behind the last section are free in memory and for nobody. */
static void nothing_behind_the_end_is_given(struct kunit *test)
{
	static const u32 starts[] = {
		0, 1, 64, 127, 128, 129, CNT - 1, CNT, CNT + 1, 191, 192, 255,
		256, ~0u,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		fresh(CNT);
		memset(words, 0xff, CNT / 8);
		words[CNT / BITS_PER_LONG] = (1UL << CNT % BITS_PER_LONG) - 1;
		words[ARRAY_SIZE(words) - 1] = 0;
		KUNIT_EXPECT_EQ_MSG(test, netvsc_section_claim(&map, starts[i]),
				    -ENOSPC, "start %u", starts[i]);
		KUNIT_EXPECT_EQ(test, netvsc_section_search(&map, starts[i]),
				-ENOSPC);
		KUNIT_EXPECT_EQ(test, netvsc_section_used(&map), CNT);
		KUNIT_EXPECT_EQ(test, words[ARRAY_SIZE(words) - 1], 0);
		/* The first and the last are found from anywhere. */
		netvsc_section_release(&map, CNT - 1);
		KUNIT_EXPECT_EQ(test, netvsc_section_search(&map, starts[i]),
				CNT - 1);
		netvsc_section_release(&map, 0);
		KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, starts[i]), 0);
	}
}

/* No word behind the last one is read: a sanitizer sees to that. */
static void map_of_whole_words_is_not_read_over(struct kunit *test)
{
	static unsigned long exact[2];

	netvsc_section_init(&map, exact, 2 * BITS_PER_LONG);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 2 * BITS_PER_LONG), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 2 * BITS_PER_LONG - 1),
			2 * BITS_PER_LONG - 1);
}

static void released_section_is_given_again(struct kunit *test)
{
	u32 i;

	fresh(CNT);
	for (i = 0; i < CNT; i++)
		netvsc_section_claim(&map, 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, 64), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, CNT - 1), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_used(&map), CNT - 2);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 65), CNT - 1);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 65), 64);
}

static void second_release_changes_nothing(struct kunit *test)
{
	fresh(CNT);
	KUNIT_ASSERT_EQ(test, netvsc_section_claim(&map, 0), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, 0), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, 0), -EALREADY);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, 7), -EALREADY);
	KUNIT_EXPECT_EQ(test, netvsc_section_used(&map), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 0), 0);
}

static void section_that_does_not_exist_is_refused(struct kunit *test)
{
	fresh(CNT);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, CNT), -ERANGE);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, ~0u), -ERANGE);
	KUNIT_EXPECT_EQ(test, words[ARRAY_SIZE(words) - 1], ~0UL);
}

static void map_of_one_section_works(struct kunit *test)
{
	fresh(1);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 5), 0);
	KUNIT_EXPECT_EQ(test, netvsc_section_claim(&map, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_section_release(&map, 0), 0);
}

static void queues_start_apart(struct kunit *test)
{
	u32 queues, q;

	for (queues = 1; queues <= 64; queues++) {
		map.cnt = 2560;	/* the start looks at nothing else */
		for (q = 0; q < queues; q++) {
			u32 start = netvsc_section_start(&map, q, queues);

			KUNIT_EXPECT_LT(test, start, map.cnt);
			if (!q)
				KUNIT_EXPECT_EQ(test, start, 0);
			else
				KUNIT_EXPECT_GT(test, start,
						netvsc_section_start(&map, q - 1,
								     queues));
			/* Words of their own where there are enough */
			if (map.cnt / queues >= BITS_PER_LONG)
				KUNIT_EXPECT_EQ(test, start % BITS_PER_LONG, 0);
		}
	}
	map.cnt = 10;
	KUNIT_EXPECT_EQ(test, netvsc_section_start(&map, 63, 64), 9);
	/* Just enough for a word each, and just not. */
	map.cnt = 3 * BITS_PER_LONG + 2;
	KUNIT_EXPECT_EQ(test, netvsc_section_start(&map, 2, 3),
			2 * BITS_PER_LONG);
	map.cnt = 2 * BITS_PER_LONG - 1;
	KUNIT_EXPECT_EQ(test, netvsc_section_start(&map, 1, 2),
			BITS_PER_LONG - 1);
}

static struct kunit_case section_cases[] = {
	KUNIT_CASE(every_section_is_given_once),
	KUNIT_CASE(claim_wraps_around_from_its_start),
	KUNIT_CASE(start_out_of_range_is_harmless),
	KUNIT_CASE(nothing_behind_the_end_is_given),
	KUNIT_CASE(map_of_whole_words_is_not_read_over),
	KUNIT_CASE(released_section_is_given_again),
	KUNIT_CASE(second_release_changes_nothing),
	KUNIT_CASE(section_that_does_not_exist_is_refused),
	KUNIT_CASE(map_of_one_section_works),
	KUNIT_CASE(queues_start_apart),
	{}
};

static struct kunit_suite section_suite = {
	.name = "hv_netvsc_section",
	.test_cases = section_cases,
};

kunit_test_suite(section_suite);
