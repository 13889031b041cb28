// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_reqid. Sheet 2.7; R15, R33. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/reqid.c"

#define CNT	8

static struct netvsc_reqid_table table;
static u32 tags[CNT], free_slots[CNT];

static void fresh(void)
{
	netvsc_reqid_init(&table, tags, free_slots, CNT);
}

/* As a sender does it, the filling of the slot left out. */
static int alloc(u64 *id)
{
	int slot = netvsc_reqid_peek(&table);

	if (slot >= 0)
		*id = netvsc_reqid_issue(&table, slot);
	return slot;
}

static void slot_counts_must_be_powers_of_two(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_reqid_init(&table, tags, free_slots, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_init(&table, tags, free_slots, 7),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_init(&table, tags, free_slots,
						1U << 31), -EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_init(&table, tags, free_slots, 1), 0);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_init(&table, tags, free_slots, CNT),
			0);
}

static void every_slot_goes_out_once(struct kunit *test)
{
	u64 ids[CNT], id;
	u32 i, j;

	fresh();
	for (i = 0; i < CNT; i++) {
		KUNIT_EXPECT_EQ(test, netvsc_reqid_busy(&table), i);
		KUNIT_EXPECT_EQ(test, alloc(&ids[i]), i);
		KUNIT_EXPECT_NE(test, ids[i], 0);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, ids[i], ids[j]);
	}
	KUNIT_EXPECT_EQ(test, alloc(&id), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_busy(&table), CNT);
}

static void id_succeeds_once(struct kunit *test)
{
	u64 id;

	fresh();
	KUNIT_ASSERT_EQ(test, alloc(&id), 0);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, id), 0);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, id), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_busy(&table), 1);
	netvsc_reqid_put(&table, 0);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, id), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_busy(&table), 0);
}

/* The sender looks at what came back when it knows of no free slot. */
static void what_came_back_is_seen_late(struct kunit *test)
{
	u64 ids[CNT], id;
	u32 i;

	fresh();
	KUNIT_EXPECT_EQ(test, netvsc_reqid_known(&table), CNT);
	for (i = 0; i < CNT - 1; i++)
		KUNIT_ASSERT_EQ(test, alloc(&ids[i]), i);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, netvsc_reqid_take(&table, ids[i]), i);
		netvsc_reqid_put(&table, i);
	}
	KUNIT_EXPECT_EQ(test, netvsc_reqid_known(&table), 1);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_free(&table), 4);
	KUNIT_EXPECT_EQ(test, alloc(&id), CNT - 1);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_known(&table), 0);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, alloc(&id), i);
		KUNIT_EXPECT_EQ(test, netvsc_reqid_known(&table), 2 - i);
	}
	KUNIT_EXPECT_EQ(test, alloc(&id), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_free(&table), 0);
}

static void finding_an_id_takes_nothing(struct kunit *test)
{
	u64 id;
	int slot;

	fresh();
	slot = alloc(&id);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_find(&table, id), slot);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_find(&table, id), slot);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_find(&table, id + 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_find(&table, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_find(&table, CNT + 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, id), slot);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_find(&table, id), -ENOENT);
}

static void old_id_of_a_reused_slot_is_refused(struct kunit *test)
{
	u64 old = 0, id = 0;
	int slot;
	u32 i;

	fresh();
	for (i = 0; i < 5 * CNT; i++) {
		slot = alloc(&id);
		KUNIT_ASSERT_GE(test, slot, 0);
		KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, old), -ENOENT);
		KUNIT_ASSERT_EQ(test, netvsc_reqid_take(&table, id), slot);
		netvsc_reqid_put(&table, slot);
		if (!slot)
			old = id;
	}
}

static void id_never_issued_is_refused(struct kunit *test)
{
	u64 id, out;
	u32 i;

	fresh();
	KUNIT_ASSERT_EQ(test, alloc(&out), 0);
	for (i = 0; i < 64; i++) {
		id = out ^ 1ULL << i;
		KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, id), -ENOENT);
	}
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, ~0ULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, 2ULL << 32 | 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, out), 0);
}

static void tag_of_a_free_slot_is_no_id(struct kunit *test)
{
	u64 id;

	fresh();
	KUNIT_ASSERT_EQ(test, alloc(&id), 0);
	KUNIT_EXPECT_EQ(test, tags[1], 0);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, 0ULL << 32 | 2), -ENOENT);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, id), 0);
	KUNIT_EXPECT_EQ(test, tags[0], 2);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, 2ULL << 32 | 1), -ENOENT);
}

static void taken_slot_waits_for_its_put(struct kunit *test)
{
	u64 ids[CNT], id;
	u32 i;

	fresh();
	for (i = 0; i < CNT; i++)
		alloc(&ids[i]);
	KUNIT_EXPECT_EQ(test, netvsc_reqid_take(&table, ids[3]), 3);
	KUNIT_EXPECT_EQ(test, alloc(&id), -ENOSPC);
	netvsc_reqid_put(&table, 3);
	KUNIT_EXPECT_EQ(test, alloc(&id), 3);
	KUNIT_EXPECT_NE(test, id, ids[3]);
}

static void peek_names_the_slot_of_the_next_alloc(struct kunit *test)
{
	u64 id;
	u32 i;

	fresh();
	for (i = 0; i < CNT; i++) {
		int slot = netvsc_reqid_peek(&table);

		KUNIT_EXPECT_EQ(test, netvsc_reqid_peek(&table), slot);
		KUNIT_EXPECT_EQ(test, alloc(&id), slot);
	}
	KUNIT_EXPECT_EQ(test, netvsc_reqid_peek(&table), -ENOSPC);
}

static void counters_may_wrap(struct kunit *test)
{
	u64 id;
	int slot;
	u32 i;

	fresh();
	table.alloc_cnt = 0xFFFFFFF0;
	table.put_cnt = 0xFFFFFFF0 + CNT;
	table.put_seen = table.put_cnt;
	for (i = 0; i < 40; i++) {
		slot = alloc(&id);
		KUNIT_ASSERT_GE(test, slot, 0);
		KUNIT_EXPECT_EQ(test, netvsc_reqid_busy(&table), 1);
		KUNIT_EXPECT_LE(test, netvsc_reqid_known(&table),
				netvsc_reqid_free(&table));
		KUNIT_ASSERT_EQ(test, netvsc_reqid_take(&table, id), slot);
		netvsc_reqid_put(&table, slot);
	}
}

static void tags_may_wrap(struct kunit *test)
{
	u64 id;
	u32 i;

	fresh();
	for (i = 0; i < CNT; i++)
		tags[i] = 0xFFFFFFFE;
	for (i = 0; i < 2 * CNT; i++) {
		int slot = alloc(&id);

		KUNIT_EXPECT_NE(test, id, 0);
		KUNIT_ASSERT_EQ(test, netvsc_reqid_take(&table, id), slot);
		netvsc_reqid_put(&table, slot);
	}
	KUNIT_EXPECT_EQ(test, tags[0], 2);
}

static struct kunit_case reqid_cases[] = {
	KUNIT_CASE(slot_counts_must_be_powers_of_two),
	KUNIT_CASE(every_slot_goes_out_once),
	KUNIT_CASE(id_succeeds_once),
	KUNIT_CASE(what_came_back_is_seen_late),
	KUNIT_CASE(finding_an_id_takes_nothing),
	KUNIT_CASE(old_id_of_a_reused_slot_is_refused),
	KUNIT_CASE(id_never_issued_is_refused),
	KUNIT_CASE(tag_of_a_free_slot_is_no_id),
	KUNIT_CASE(taken_slot_waits_for_its_put),
	KUNIT_CASE(peek_names_the_slot_of_the_next_alloc),
	KUNIT_CASE(counters_may_wrap),
	KUNIT_CASE(tags_may_wrap),
	{}
};

static struct kunit_suite reqid_suite = {
	.name = "hv_netvsc_reqid",
	.test_cases = reqid_cases,
};

kunit_test_suite(reqid_suite);
