// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: open, close, modify, rescind of channels (vmbus-host.md A.7-A.11).
 */
#include "host_bus.h"

/* ---- open and close ---- */

UNIT_TEST(open_maps_rings_of_different_sizes)
{
	struct vmbus_channel *ch = begin();
	uint8_t msg[148] = { 5, [8] = 1, [12] = 1, [20] = 2, [24] = 3 };
	struct membus_gpadl g;
	struct membus_message m;

	EXPECT_EQ(membus_gpadl(mb, 1, 10, &g), 0);
	memcpy(msg + 16, &g.handle, 4);
	((uint32_t *)membus_ptr(mb, g.gpa[0]))[16] = 1;
	((uint32_t *)membus_ptr(mb, g.gpa[3]))[16] = 1;
	membus_post(mb, msg, sizeof(msg));
	EXPECT_TRUE(membus_take_id(mb, 6, &m));
	EXPECT_TRUE(channel_is_open(ch));
	EXPECT_EQ(channel_target_vp(ch), 2);
	EXPECT_EQ(dev.doorbells, 1);	/* one look right after the open (C.3) */
	EXPECT_NULL(channel_gpadl(ch, g.handle));	/* ring memory is no buffer */
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "to page 3", 9), 0);
	EXPECT_EQ(((uint32_t *)membus_ptr(mb, g.gpa[3]))[0], 40);
	finish();
}

UNIT_TEST(open_clears_what_an_earlier_host_left)
{
	struct vmbus_channel *ch = begin();
	uint8_t msg[148] = { 5, [8] = 1, [12] = 1, [24] = 2 };
	struct membus_gpadl g;
	uint32_t *tx, *rx;

	EXPECT_EQ(membus_gpadl(mb, 1, 4, &g), 0);
	memcpy(msg + 16, &g.handle, 4);
	tx = membus_ptr(mb, g.gpa[0]);
	rx = membus_ptr(mb, g.gpa[2]);
	tx[16] = rx[16] = 1;
	tx[2] = 1;
	rx[3] = 100;
	membus_post(mb, msg, sizeof(msg));
	EXPECT_TRUE(channel_is_open(ch));
	EXPECT_EQ(tx[2], 0);
	EXPECT_EQ(rx[3], 0);
	finish();
}

UNIT_TEST(open_with_old_indices_or_features_is_noted)
{
	struct vmbus_channel *ch = begin();
	uint8_t msg[148] = { 5, [8] = 1, [12] = 1, [24] = 2 };
	struct membus_gpadl g;

	EXPECT_EQ(membus_gpadl(mb, 1, 4, &g), 0);
	memcpy(msg + 16, &g.handle, 4);
	((uint32_t *)membus_ptr(mb, g.gpa[0]))[1] = 0xdeadbeef;
	membus_post(mb, msg, sizeof(msg));
	EXPECT_TRUE(channel_is_open(ch));
	EXPECT_EQ(violation_count("vmbus.open.indices"), 1);
	EXPECT_EQ(violation_count("vmbus.open.features"), 1);
	EXPECT_EQ(violation_total(), 2);
	violation_clear();
	finish();
}

UNIT_TEST(open_that_cannot_be_is_refused)
{
	static const struct { unsigned int off; uint8_t val; } bad[] = {
		{ 8, 9 },	/* unknown relid */
		{ 16, 0xff },	/* unknown GPADL */
		{ 20, 4 },	/* VP 4 of 4 */
		{ 24, 0 },	/* no data for guest to host */
		{ 24, 1 },
		{ 24, 7 },	/* none for host to guest */
		{ 24, 8 },
		{ 26, 1 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t msg[148] = { 5, [8] = 1, [12] = 0x55, [24] = 4 };
		struct membus_gpadl g;
		struct membus_message m = { 0 };

		begin();
		EXPECT_EQ(membus_gpadl(mb, 1, 8, &g), 0);
		memcpy(msg + 16, &g.handle, 4);
		msg[bad[i].off] = bad[i].val;
		membus_post(mb, msg, sizeof(msg));
		EXPECT_TRUE(membus_take_id(mb, 6, &m));
		EXPECT_EQ(m.b[12], 0x55);	/* the open id comes back */
		EXPECT_NE(m.b[16], 0);
		EXPECT_EQ(dev.opens, 0);
		EXPECT_EQ(noted("vmbus.open"), 1);
		finish();
	}
}

UNIT_TEST(open_with_the_gpadl_of_another_channel_is_refused)
{
	uint8_t msg[148] = { 5, [8] = 2, [12] = 2, [24] = 4 };
	struct membus_gpadl g;
	struct membus_message m;

	begin();
	offer(mb, &dev, 2, 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 8, &g), 0);
	memcpy(msg + 16, &g.handle, 4);
	membus_post(mb, msg, sizeof(msg));
	EXPECT_TRUE(membus_take_id(mb, 6, &m));
	EXPECT_EQ(m.b[16], 1);
	EXPECT_EQ(noted("vmbus.open"), 1);
	finish();
}

UNIT_TEST(second_open_is_refused_and_harmless)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g, again;

	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 1, &g), 0);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 2, &again), 1);
	EXPECT_EQ(noted("vmbus.open"), 1);
	EXPECT_EQ(channel_target_vp(ch), 1);
	EXPECT_EQ(dev.opens, 1);
	EXPECT_TRUE(channel_is_open(ch));
	finish();
}

UNIT_TEST(device_may_refuse_to_open)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;

	dev.open_result = -ENOMEM;
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 1);
	EXPECT_FALSE(channel_is_open(ch));
	EXPECT_EQ(dev.closes, 0);
	EXPECT_TRUE(membus_teardown(mb, 1, g.mem.handle));
	dev.open_result = 0;
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	finish();
}

UNIT_TEST(close_and_open_again_and_again)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;
	unsigned int i;

	for (i = 1; i <= 20; i++) {
		EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
		EXPECT_EQ(dev.opens, i);
		membus_close(&g);
		EXPECT_EQ(dev.closes, i);
		EXPECT_FALSE(channel_is_open(ch));
	}
	EXPECT_EQ(dev.teardowns, 0);	/* ring memory is none of the device's */
	finish();
}

UNIT_TEST(close_of_a_closed_or_unknown_channel_is_noted)
{
	struct membus_channel g;

	begin();
	post_words(7, 1, 0, 12);
	post_words(7, 55, 0, 12);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	membus_close(&g);
	post_words(7, 1, 0, 12);
	EXPECT_EQ(noted("vmbus.close"), 3);
	EXPECT_EQ(dev.closes, 1);
	finish();
}

UNIT_TEST(ring_memory_of_an_open_channel_stays)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;

	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	EXPECT_TRUE(membus_teardown(mb, 1, g.mem.handle));
	EXPECT_EQ(noted("vmbus.gpadl.teardown_ring"), 1);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "x", 1), 0);
	membus_close(&g);
	finish();
}

UNIT_TEST(old_ring_memory_may_go_while_a_new_one_is_open)
{
	struct membus_channel g, again;

	begin();
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	post_words(7, 1, 0, 12);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &again), 0);
	EXPECT_TRUE(membus_teardown(mb, 1, g.mem.handle));
	membus_close(&again);
	finish();
}

UNIT_TEST(buffers_outlive_the_close_until_they_are_torn_down)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;
	struct membus_gpadl buf;

	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 4, &buf), 0);
	membus_close(&g);
	EXPECT_NOT_NULL(channel_gpadl(ch, buf.handle));
	EXPECT_TRUE(membus_teardown(mb, 1, buf.handle));
	EXPECT_EQ(dev.teardowns, 1);
	finish();
}

/* ---- modify ---- */

UNIT_TEST(modify_moves_the_event_flag)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;

	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "a", 1), 0);
	EXPECT_EQ(membus_events(mb, 0, 1), 1);
	EXPECT_EQ(membus_modify(&g, 3), 0);
	*membus_word(&g, false, 1) = *membus_word(&g, false, 0);	/* read it all */
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "b", 1), 0);
	EXPECT_EQ(membus_events(mb, 0, 1), 0);
	EXPECT_EQ(membus_events(mb, 3, 1), 1);
	finish();
}

UNIT_TEST(modify_is_answered_from_5_3_only)
{
	static const struct { uint32_t version; int answer; unsigned int violations; } table[] = {
		{ VMBUS_VERSION(5, 3), 0, 0 }, { VMBUS_VERSION(5, 2), -1, 0 },
		{ VMBUS_VERSION(4, 1), -1, 0 }, { VMBUS_VERSION(4, 0), -1, 1 },
	};
	struct membus_channel g;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		start(V53);
		offer(mb, &dev, 1, 0);
		EXPECT_TRUE(membus_connect(mb, table[i].version));
		EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
		EXPECT_EQ(membus_modify(&g, 1), table[i].answer);
		EXPECT_EQ(noted("vmbus.modify.version"), table[i].violations);
		finish();
	}
}

UNIT_TEST(modify_that_cannot_be_fails)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;

	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 1, &g), 0);
	EXPECT_EQ(membus_modify(&g, 4), 1);
	membus_close(&g);
	EXPECT_EQ(membus_modify(&g, 2), 1);
	g.relid = 88;
	EXPECT_EQ(membus_modify(&g, 2), 1);
	EXPECT_EQ(noted("vmbus.modify"), 3);
	EXPECT_EQ(channel_target_vp(ch), 1);
	finish();
}

/* ---- rescind ---- */

UNIT_TEST(rescind_closes_and_waits_for_the_release)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;
	struct membus_gpadl buf;

	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 4, &buf), 0);
	channel_rescind(ch);
	channel_rescind(ch);	/* once is enough */
	EXPECT_EQ(dev.closes, 1);
	EXPECT_NULL(membus_offer(mb, 0));
	EXPECT_EQ(membus_waiting(mb), 0);
	EXPECT_EQ(dev.releases, 0);
	post_words(7, 1, 0, 12);	/* a late close */
	EXPECT_EQ(membus_signal(&g), HV_SUCCESS);	/* and a late doorbell */
	membus_release(mb, 1);
	EXPECT_EQ(dev.releases, 1);
	EXPECT_EQ(dev.teardowns, 1);	/* its buffers went with it */
	EXPECT_EQ(membus_doorbells(mb), 0);
	finish();
}

UNIT_TEST(requests_that_cross_a_rescind_are_no_offence)
{
	struct vmbus_channel *ch = begin();
	struct membus_channel g;
	struct membus_gpadl buf;

	EXPECT_EQ(membus_gpadl(mb, 1, 4, &buf), 0);
	channel_rescind(ch);
	EXPECT_EQ(membus_open(mb, &(struct membus_offer){ .relid = 1, .connection = 0x10001 }, 4, 0, &g), 1);
	EXPECT_TRUE(membus_teardown(mb, 1, buf.handle));
	EXPECT_TRUE(membus_teardown(mb, 1, 0x999));
	EXPECT_EQ(membus_modify(&g, 1), 1);
	EXPECT_EQ(dev.opens, 0);
	membus_release(mb, 1);
	EXPECT_EQ(dev.releases, 1);
	finish();
}

UNIT_TEST(rescind_before_the_guest_knows_is_silent)
{
	struct vmbus_channel *ch;

	start(V53);
	ch = offer(mb, &dev, 1, 0);
	EXPECT_TRUE(membus_contact(mb, V53));
	channel_rescind(ch);
	EXPECT_EQ(dev.releases, 1);
	EXPECT_EQ(membus_waiting(mb), 0);
	finish();
}

UNIT_TEST(release_of_a_living_or_unknown_channel_is_noted)
{
	struct vmbus_channel *ch = begin();

	membus_release(mb, 1);
	membus_release(mb, 44);
	EXPECT_EQ(noted("vmbus.released"), 2);
	EXPECT_EQ(dev.releases, 0);
	EXPECT_EQ(channel_relid(ch), 1);
	finish();
}

UNIT_TEST(close_of_the_primary_may_rescind_the_subchannel)
{
	struct membus_channel g, sub;

	begin();
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	dev.sub = offer(mb, &dev, 1, 1);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 1), 4, 1, &sub), 0);
	membus_close(&g);
	EXPECT_EQ(dev.closes, 2);
	EXPECT_NULL(membus_offer(mb, 1));
	EXPECT_NOT_NULL(membus_offer(mb, 0));
	membus_release(mb, sub.relid);
	EXPECT_EQ(dev.releases, 1);
	EXPECT_TRUE(membus_teardown(mb, sub.relid, sub.mem.handle) || true);
	violation_clear();
	finish();
}

UNIT_MAIN()
