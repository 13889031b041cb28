// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: the bus as a state machine: contact, frames, offers, unload,
 * signals. Section letters are of vmbus-host.md.
 */
#include "host_bus.h"

/* ---- contact ---- */

UNIT_TEST(every_version_up_to_the_limit_is_taken)
{
	static const uint32_t known[] = { VMBUS_VERSION(5, 3), VMBUS_VERSION(5, 2), VMBUS_VERSION(5, 1),
		VMBUS_VERSION(5, 0), VMBUS_VERSION(4, 1), VMBUS_VERSION(4, 0), VMBUS_VERSION(3, 0),
		VMBUS_VERSION(2, 4) };
	unsigned int limit, v;

	for (limit = 0; limit < 8; limit++)
		for (v = 0; v < 8; v++) {
			start(known[limit]);
			EXPECT_EQ(membus_contact(mb, known[v]), v >= limit);
			EXPECT_EQ(bus_version(membus_bus(mb)), v >= limit ? known[v] : 0);
			finish();
		}
}

UNIT_TEST(unknown_versions_are_refused_without_offence)
{
	static const uint32_t unknown[] = { 0, 1, VMBUS_VERSION(1, 1), VMBUS_VERSION(2, 5),
		VMBUS_VERSION(4, 2), VMBUS_VERSION(5, 4), VMBUS_VERSION(6, 0), 0xffffffff };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		start(V53);
		EXPECT_FALSE(membus_contact(mb, unknown[i]));
		finish();
	}
}

UNIT_TEST(guest_walks_down_to_the_version_the_host_has)
{
	start(VMBUS_VERSION(4, 0));
	offer(mb, &dev, 1, 0);
	EXPECT_FALSE(membus_contact(mb, V53));
	EXPECT_FALSE(membus_contact(mb, VMBUS_VERSION(5, 0)));
	EXPECT_FALSE(membus_contact(mb, VMBUS_VERSION(4, 1)));
	EXPECT_TRUE(membus_connect(mb, VMBUS_VERSION(4, 0)));
	EXPECT_NOT_NULL(membus_offer(mb, 0));
	EXPECT_EQ(vmbus_contacts(membus_bus(mb)), 1);
	finish();
}

UNIT_TEST(contact_on_the_other_connection_is_noted_and_answered)
{
	uint8_t msg[40];
	struct membus_message m;

	start(V53);
	memcpy(msg, g1_contact, 40);
	memset(msg + 24, 0, 16);
	msg[26] = msg[34] = 0x10;
	EXPECT_EQ(membus_post_on(mb, 1, msg, 40), HV_SUCCESS);
	EXPECT_TRUE(membus_take_id(mb, 15, &m));
	EXPECT_EQ(noted("vmbus.contact.connection"), 1);
	finish();
}

UNIT_TEST(contact_with_bad_fields_is_noted_and_answered)
{
	static const struct { unsigned int off; uint8_t val; const char *name; } bad[] = {
		{ 16, 3, "vmbus.contact.sint" }, { 17, 2, "vmbus.contact.sint" },
		{ 12, 4, "vmbus.contact.vp" }, { 24, 1, "vmbus.contact.page" },
		{ 37, 9, "vmbus.contact.page" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct membus_message m = { .vp = 77 };
		uint8_t msg[40];

		start(V53);
		memcpy(msg, g1_contact, 40);
		memset(msg + 24, 0, 16);
		msg[26] = msg[34] = 0x10;
		msg[bad[i].off] = bad[i].val;
		membus_post_on(mb, 4, msg, 40);
		EXPECT_TRUE(membus_take_id(mb, 15, &m));
		EXPECT_EQ(m.vp, 0);
		EXPECT_EQ(noted(bad[i].name), 1);
		finish();
	}
}

UNIT_TEST(messages_go_to_the_vp_of_the_contact)
{
	uint8_t msg[40];
	struct membus_message m = { 0 };

	start(V53);
	offer(mb, &dev, 1, 0);
	memcpy(msg, g1_contact, 40);
	memset(msg + 24, 0, 16);
	msg[26] = msg[34] = 0x10;
	msg[12] = 3;
	membus_post_on(mb, 4, msg, 40);
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.vp, 3);
	membus_post_on(mb, 4, (const uint8_t[8]){ 3 }, 8);
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.vp, 3);
	finish();
}

UNIT_TEST(second_contact_forgets_all_and_drops_queued_messages)
{
	struct membus_channel g;

	begin();
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	EXPECT_EQ(membus_doorbells(mb), 1);
	membus_post(mb, (const uint8_t[8]){ 3 }, 8);	/* its answers are never read */
	violation_clear();
	EXPECT_TRUE(membus_contact(mb, VMBUS_VERSION(4, 1)));
	EXPECT_EQ(dev.closes, 1);
	EXPECT_EQ(membus_doorbells(mb), 0);
	EXPECT_EQ(membus_waiting(mb), 0);
	EXPECT_EQ(dev.releases, 0);	/* a primary stays offered */
	EXPECT_TRUE(membus_connect(mb, VMBUS_VERSION(4, 1)));
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	EXPECT_EQ(dev.opens, 2);
	finish();
}

UNIT_TEST(reset_is_like_a_new_machine)
{
	struct membus_channel g;

	begin();
	dev.sub = offer(mb, &dev, 1, 1);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	vmbus_reset(membus_bus(mb));
	EXPECT_EQ(dev.closes, 1);
	EXPECT_EQ(dev.releases, 1);	/* the sub-channel */
	EXPECT_EQ(bus_version(membus_bus(mb)), 0);
	EXPECT_EQ(membus_waiting(mb), 0);
	EXPECT_EQ(membus_doorbells(mb), 0);
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_NOT_NULL(membus_offer(mb, 0));
	EXPECT_NULL(membus_offer(mb, 1));
	finish();
}

/* ---- frames of messages ---- */

UNIT_TEST(other_connections_get_status_18)
{
	begin();
	EXPECT_EQ(membus_post_on(mb, 2, (const uint8_t[8]){ 3 }, 8), HV_INVALID_CONNECTION_ID);
	EXPECT_EQ(noted("vmbus.message.connection"), 1);
	finish();
}

UNIT_TEST(message_on_the_other_good_connection_is_noted)
{
	struct membus_message m;

	begin();
	EXPECT_EQ(membus_post_on(mb, 1, (const uint8_t[8]){ 16 }, 8), HV_SUCCESS);
	EXPECT_TRUE(membus_take_id(mb, 17, &m));
	EXPECT_EQ(noted("vmbus.message.wrong_connection"), 1);
	finish();
}

UNIT_TEST(frames_out_of_range_get_status_5)
{
	uint8_t msg[241] = { 3 };

	begin();
	EXPECT_EQ(membus_post(mb, msg, 7), HV_INVALID_PARAMETER);
	EXPECT_EQ(membus_post(mb, msg, 0), HV_INVALID_PARAMETER);
	EXPECT_EQ(membus_post(mb, msg, 241), HV_INVALID_PARAMETER);
	EXPECT_EQ(vmbus_message(membus_bus(mb), 4, 2, msg, 8), HV_INVALID_PARAMETER);
	EXPECT_EQ(noted("vmbus.message.frame"), 4);
	finish();
}

UNIT_TEST(ids_that_are_no_guests_are_noted)
{
	static const uint8_t ids[] = { 0, 1, 2, 4, 6, 10, 12, 15, 17, 18, 19, 20, 23, 24, 25, 29, 255 };
	unsigned int i;

	begin();
	for (i = 0; i < sizeof(ids); i++)
		EXPECT_EQ(post_words(ids[i], 1, 0, 40), HV_SUCCESS);
	EXPECT_EQ(noted("vmbus.message.unknown"), sizeof(ids));
	EXPECT_EQ(membus_waiting(mb), 0);
	finish();
}

UNIT_TEST(short_messages_are_noted_and_ignored)
{
	static const struct { uint8_t id; uint8_t size; } fixed[] = {
		{ 5, 148 }, { 7, 12 }, { 11, 16 }, { 13, 12 }, { 14, 40 }, { 22, 16 } };
	unsigned int i;

	begin();
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		post_words(fixed[i].id, 1, 1, fixed[i].size - 4);
	EXPECT_EQ(noted("vmbus.message.size"), i);
	EXPECT_EQ(membus_waiting(mb), 0);
	EXPECT_EQ(bus_version(membus_bus(mb)), V53);
	finish();
}

UNIT_TEST(long_messages_are_noted_and_obeyed)
{
	struct membus_message m;

	begin();
	post_words(16, 0, 0, 20);
	EXPECT_EQ(noted("vmbus.message.size"), 1);
	EXPECT_TRUE(membus_take_id(mb, 17, &m));
	finish();
}

UNIT_TEST(traffic_without_a_contact_is_noted)
{
	start(V53);
	offer(mb, &dev, 1, 0);
	post_words(3, 0, 0, 8);
	post_words(5, 1, 1, 148);
	post_words(22, 1, 0, 16);
	post_words(11, 1, 9, 16);
	EXPECT_EQ(noted("vmbus.message.unconnected"), 4);
	EXPECT_EQ(membus_waiting(mb), 0);
	finish();
}

UNIT_TEST(hv_sock_request_is_ignored)
{
	begin();
	EXPECT_EQ(post_words(21, 1, 0, 40), HV_SUCCESS);
	EXPECT_EQ(membus_waiting(mb), 0);
	finish();
}

/* ---- offers ---- */

UNIT_TEST(offers_asked_for_twice_are_noted)
{
	struct membus_message m;

	begin();
	post_words(3, 0, 0, 8);
	EXPECT_EQ(noted("vmbus.offers.twice"), 1);
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.b[0], 4);	/* nothing new, but the end is said */
	finish();
}

UNIT_TEST(hot_add_is_offered_at_once)
{
	begin();
	offer(mb, &dev, 2, 0);
	ASSERT_NOT_NULL(membus_offer(mb, 1));
	EXPECT_EQ(membus_offer(mb, 1)->relid, 2);
	EXPECT_TRUE(membus_has_doorbell(mb, 0x10002));
	finish();
}

UNIT_TEST(instance_that_the_guest_holds_is_not_offered_again)
{
	struct vmbus_channel *ch = begin();

	EXPECT_NULL(offer(mb, &dev, 1, 0));
	channel_rescind(ch);
	EXPECT_NULL(offer(mb, &dev, 1, 0));
	membus_pump(mb);
	membus_release(mb, 1);
	EXPECT_NOT_NULL(offer(mb, &dev, 1, 0));
	EXPECT_NE(membus_offer(mb, 0)->relid, 1);
	finish();
}

UNIT_TEST(relids_are_unique_and_end_at_2047)
{
	struct vmbus_offer_params p = { .type = nic_class };
	unsigned int n = 0;

	start(V53);
	for (;; n++) {
		p.instance.b[0] = (uint8_t)n;
		p.instance.b[1] = (uint8_t)(n >> 8);
		if (!channel_offer(membus_bus(mb), &p, &diary_ops, &dev))
			break;
	}
	EXPECT_EQ(n, 2047);
	finish();
}

/* ---- unload ---- */

UNIT_TEST(unload_closes_answers_and_takes_late_goodbyes)
{
	struct membus_channel g;
	struct membus_message m = { 0 };

	begin();
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	dev.sub = offer(mb, &dev, 1, 1);
	membus_unload(mb);
	EXPECT_EQ(dev.closes, 1);
	EXPECT_EQ(dev.releases, 1);
	EXPECT_TRUE(membus_take(mb, &m));	/* the offer that waited is gone */
	EXPECT_EQ(m.b[0], 17);
	EXPECT_EQ(m.len, 8);
	EXPECT_EQ(membus_waiting(mb), 0);
	post_words(13, 1, 0, 12);
	post_words(7, 1, 0, 12);
	EXPECT_EQ(membus_waiting(mb), 0);
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_NOT_NULL(membus_offer(mb, 0));
	finish();
}

UNIT_TEST(unload_without_a_contact_is_answered)
{
	struct membus_message m;

	start(V53);
	membus_unload(mb);
	EXPECT_TRUE(membus_take_id(mb, 17, &m));
	finish();
}

UNIT_TEST(unload_below_3_0_is_noted)
{
	struct membus_message m;

	start(V53);
	EXPECT_TRUE(membus_connect(mb, VMBUS_VERSION(2, 4)));
	membus_unload(mb);
	EXPECT_TRUE(membus_take_id(mb, 17, &m));
	EXPECT_EQ(noted("vmbus.unload.version"), 1);
	finish();
}

UNIT_TEST(unload_releases_a_rescinded_channel)
{
	struct vmbus_channel *ch = begin();

	channel_rescind(ch);
	membus_unload(mb);
	EXPECT_EQ(dev.releases, 1);
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_NULL(membus_offer(mb, 0));
	finish();
}

/* ---- signals ---- */

UNIT_TEST(signal_of_an_unknown_connection_gets_status_18)
{
	begin();
	EXPECT_EQ(vmbus_signal(membus_bus(mb), 0x10063), HV_INVALID_CONNECTION_ID);
	EXPECT_EQ(vmbus_signal(membus_bus(mb), 0), HV_INVALID_CONNECTION_ID);
	EXPECT_EQ(vmbus_signal(membus_bus(mb), 0xffffffff), HV_INVALID_CONNECTION_ID);
	EXPECT_EQ(noted("vmbus.signal.unknown"), 3);
	finish();
}

UNIT_TEST(signal_before_the_first_open_is_noted)
{
	begin();
	EXPECT_EQ(vmbus_signal(membus_bus(mb), 0x10001), HV_SUCCESS);
	EXPECT_EQ(noted("vmbus.signal.never_open"), 1);
	EXPECT_EQ(dev.doorbells, 0);
	finish();
}

UNIT_TEST(signal_that_comes_behind_the_close_is_no_offence)
{
	struct membus_channel g;
	unsigned int seen;

	begin();
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	membus_close(&g);
	seen = dev.doorbells;
	EXPECT_EQ(membus_signal(&g), HV_SUCCESS);
	EXPECT_EQ(dev.doorbells, seen);
	finish();
}

UNIT_TEST(all_lengths_of_all_messages_do_no_harm)
{
	unsigned int id, fill, len;
	uint8_t msg[MEMBUS_MESSAGE_MAX];

	static const uint8_t fills[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };

	begin();
	for (id = 0; id < 32; id++)
		for (fill = 0; fill < sizeof(fills); fill++)
			for (len = 0; len <= MEMBUS_MESSAGE_MAX; len += 4) {
				struct membus_message m;

				memset(msg, fills[fill], sizeof(msg));
				memset(msg, 0, 8);
				msg[0] = (uint8_t)id;
				membus_post(mb, msg, len);
				while (membus_take(mb, &m))
					;
			}
	violation_clear();
	EXPECT_TRUE(membus_connect(mb, V53));
	finish();
}

UNIT_MAIN()
