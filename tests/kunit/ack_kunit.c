// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_ack. Sheet 8.6; R36, R37. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/ack.c"

#define SLOTS	7	/* no power of two */

static struct netvsc_ack slots[SLOTS];
static struct netvsc_ack_ring ring;

/* What init does not set shows. */
static void fresh(u32 size)
{
	memset(&ring, 0xa5, sizeof(ring));
	memset(slots, 0xa5, sizeof(slots));
	netvsc_ack_init(&ring, slots, size);
}

static void empty_ring_owes_nothing(struct kunit *test)
{
	fresh(SLOTS);
	KUNIT_EXPECT_EQ(test, netvsc_ack_count(&ring), 0);
	KUNIT_EXPECT_TRUE(test, !netvsc_ack_peek(&ring));
	KUNIT_EXPECT_FALSE(test, netvsc_ack_full(&ring));
	netvsc_ack_pop(&ring);
	KUNIT_EXPECT_EQ(test, netvsc_ack_count(&ring), 0);
	KUNIT_EXPECT_EQ(test, netvsc_ack_push(&ring, 1, 1), 0);
	KUNIT_ASSERT_NOT_NULL(test, netvsc_ack_peek(&ring));
	KUNIT_EXPECT_EQ(test, netvsc_ack_peek(&ring)->id, 1);
}

static void full_ring_refuses_and_keeps_what_it_has(struct kunit *test)
{
	u32 i;

	fresh(SLOTS);
	for (i = 0; i < SLOTS; i++) {
		KUNIT_EXPECT_FALSE(test, netvsc_ack_full(&ring));
		KUNIT_EXPECT_EQ(test, netvsc_ack_push(&ring, 100 + i, 1), 0);
	}
	KUNIT_EXPECT_TRUE(test, netvsc_ack_full(&ring));
	KUNIT_EXPECT_EQ(test, netvsc_ack_push(&ring, 999, 2), -ENOSPC);
	for (i = 0; i < SLOTS; i++) {
		KUNIT_ASSERT_NOT_NULL(test, netvsc_ack_peek(&ring));
		KUNIT_EXPECT_EQ(test, netvsc_ack_peek(&ring)->id, 100 + i);
		netvsc_ack_pop(&ring);
	}
	KUNIT_EXPECT_EQ(test, netvsc_ack_count(&ring), 0);
}

static void peek_does_not_take(struct kunit *test)
{
	fresh(SLOTS);
	netvsc_ack_push(&ring, 5, 2);
	KUNIT_EXPECT_EQ(test, netvsc_ack_peek(&ring)->id, 5);
	KUNIT_EXPECT_EQ(test, netvsc_ack_peek(&ring)->status, 2);
	KUNIT_EXPECT_EQ(test, netvsc_ack_count(&ring), 1);
}

static void order_holds_while_the_ring_turns(struct kunit *test)
{
	u64 in = 0, out = 0;
	u32 step;

	fresh(SLOTS);
	for (step = 0; step < 1000; step++) {
		u32 push = step % 5 + 1, pop = (step * 7) % 6;

		while (push-- && !netvsc_ack_push(&ring, in << 33 | in, in & 1))
			in++;
		while (pop-- && netvsc_ack_peek(&ring)) {
			const struct netvsc_ack *ack = netvsc_ack_peek(&ring);

			KUNIT_ASSERT_EQ(test, ack->id, out << 33 | out);
			KUNIT_ASSERT_EQ(test, ack->status, out & 1);
			netvsc_ack_pop(&ring);
			out++;
		}
		KUNIT_ASSERT_EQ(test, netvsc_ack_count(&ring), in - out);
	}
	KUNIT_EXPECT_GT(test, out, 1000);
}

static void empty_ring_begins_anew(struct kunit *test)
{
	u32 i;

	fresh(SLOTS);
	for (i = 0; i < 3; i++) {
		netvsc_ack_push(&ring, 1, 1);
		netvsc_ack_push(&ring, 2, 1);
		KUNIT_EXPECT_PTR_EQ(test, netvsc_ack_peek(&ring), &slots[0]);
		netvsc_ack_pop(&ring);
		KUNIT_EXPECT_PTR_EQ(test, netvsc_ack_peek(&ring), &slots[1]);
		netvsc_ack_pop(&ring);
	}
}

static void ring_of_one_slot_works(struct kunit *test)
{
	u32 i;

	fresh(1);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, netvsc_ack_push(&ring, i, 1), 0);
		KUNIT_EXPECT_EQ(test, netvsc_ack_push(&ring, 9, 1), -ENOSPC);
		KUNIT_EXPECT_EQ(test, netvsc_ack_peek(&ring)->id, i);
		netvsc_ack_pop(&ring);
	}
}

static struct kunit_case ack_cases[] = {
	KUNIT_CASE(empty_ring_owes_nothing),
	KUNIT_CASE(full_ring_refuses_and_keeps_what_it_has),
	KUNIT_CASE(peek_does_not_take),
	KUNIT_CASE(order_holds_while_the_ring_turns),
	KUNIT_CASE(empty_ring_begins_anew),
	KUNIT_CASE(ring_of_one_slot_works),
	{}
};

static struct kunit_suite ack_suite = {
	.name = "hv_netvsc_ack",
	.test_cases = ack_cases,
};

kunit_test_suite(ack_suite);
