// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: the fault "mutate" at messages of the bus: each kind of it, whose messages it means, and what it excuses.
 */
#include "host_bus.h"
#include "fault/fault.h"
#include "fault/lie_table.h"
#include "loop.h"
#include "loop_run.h"

static struct membus_gpadl g;

static void lie(int nic, const char *what, const char *kind, const char *field, uint32_t value)
{
	struct fault f = { .nic = nic, .count = 1, .value = value, .wide = value, .has_value = true,
			   .seed = 3 };

	snprintf(f.what, sizeof(f.what), "%s", what);
	snprintf(f.kind, sizeof(f.kind), "%s", kind);
	snprintf(f.field, sizeof(f.field), "%s", field);
	EXPECT_TRUE(!lie_check(&f));
	EXPECT_TRUE(fault_set(&f, "mutate") > 0);
}

static void begin_lies(void)
{
	static bool up;

	if (!up)
		EXPECT_EQ(loop_init(NULL), 0);
	up = true;
	begin();
}

static void end_lies(void)
{
	fault_clear(NULL, FAULT_ANY_NIC);
	finish();
}

UNIT_TEST(field_of_an_answer_is_changed_once)
{
	begin_lies();
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "field", "status", 7);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), 7);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), 0);
	end_lies();
}

UNIT_TEST(answer_is_lost_or_says_another_thing)
{
	begin_lies();
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "lost", "", 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "truncated", "", 12);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "stretched", "", 8);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "garbage", "", 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), 0);
	end_lies();
}

UNIT_TEST(answer_comes_twice_or_late)
{
	struct membus_message m;
	uint64_t end;

	begin_lies();
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "twice", "", 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), 0);
	EXPECT_TRUE(membus_take_id(mb, 10, &m));
	EXPECT_FALSE(membus_take_id(mb, 10, &m));
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "late", "", 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	for (end = loop_now_ms() + 5000; !membus_waiting(mb) && loop_now_ms() < end; )
		loop_turn(50);
	EXPECT_TRUE(membus_take_id(mb, 10, &m));
	end_lies();
}

UNIT_TEST(message_of_the_bus_lets_the_next_one_pass)
{
	struct membus_message m;
	struct membus_gpadl other;
	uint32_t handle;

	begin_lies();
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "swapped", "", 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &other), 0);
	EXPECT_TRUE(membus_take_id(mb, 10, &m));
	memcpy(&handle, m.b + 12, 4);
	EXPECT_EQ(handle, g.handle);
	/* It is forgotten with the guest that asked. */
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "swapped", "", 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	end_lies();
}

UNIT_TEST(fault_of_one_nic_is_not_anothers)
{
	begin_lies();
	dev.number = 2;
	lie(3, "bus.gpadl_created", "field", "status", 7);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), 0);
	dev.number = 3;
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), 7);
	end_lies();
}

UNIT_TEST(messages_about_no_channel_can_be_lied_about)
{
	struct membus_message m;

	begin_lies();
	lie(FAULT_ANY_NIC, "bus.unload_response", "field", "type", 99);
	post_words(16, 0, 0, 8);
	EXPECT_TRUE(membus_take_id(mb, 99, &m));
	end_lies();
}

UNIT_TEST(what_follows_from_a_lie_is_excused_until_the_book_is_cleared)
{
	begin_lies();
	lie(FAULT_ANY_NIC, "bus.gpadl_created", "field", "gpadl", 5);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), -1);
	post_words(11, 1, 5, 16);		/* teardown of a list that there is not */
	EXPECT_EQ(violation_total(), 0);
	violation_note("other.rule", NULL, 0, "of another kind");
	EXPECT_EQ(noted("other.rule"), 1);
	post_words(11, 1, 5, 16);
	EXPECT_EQ(noted("vmbus.gpadl.teardown"), 1);
	end_lies();
}

UNIT_TEST(kinds_that_no_message_of_the_bus_has_are_refused)
{
	struct fault f = { .what = "bus.offer", .kind = "rewritten", .field = "relid" };

	EXPECT_TRUE(lie_check(&f));
	snprintf(f.kind, sizeof(f.kind), "elsewhere");
	EXPECT_TRUE(lie_check(&f));
	snprintf(f.kind, sizeof(f.kind), "field");
	EXPECT_TRUE(!lie_check(&f));
}

UNIT_MAIN()
