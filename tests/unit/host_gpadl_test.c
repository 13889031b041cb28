// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: lists of guest pages, the good and the bad (vmbus-host.md A.6, A.8).
 */
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl.h"
#include "gmem.h"
#include "host_bus.h"
#include "internal.h"
#include "loop_run.h"

/* ---- GPADLs ---- */

UNIT_TEST(gpadl_over_bodies_keeps_the_order_of_pages)
{
	struct vmbus_channel *ch = begin();
	struct membus_gpadl g;
	uint8_t *all, *back;
	unsigned int i;

	EXPECT_EQ(membus_gpadl(mb, 1, 300, &g), 0);	/* 26 + 9 * 28 + 22 */
	all = malloc(300 * 4096);
	back = malloc(300 * 4096);
	for (i = 0; i < 300 * 4096; i++)
		all[i] = (uint8_t)(i * 7 + i / 4096);
	EXPECT_EQ(gpadl_write(channel_gpadl(ch, g.handle), 0, all, 300 * 4096), 0);
	membus_gpadl_copy_out(mb, &g, 0, back, 300 * 4096);
	EXPECT_TRUE(!memcmp(all, back, 300 * 4096));
	membus_gpadl_copy_in(mb, &g, 4090, "across", 6);
	EXPECT_EQ(gpadl_read(channel_gpadl(ch, g.handle), 4090, back, 6), 0);
	EXPECT_MEMEQ(back, "across", 6);
	free(all);
	free(back);
	finish();
}

/* Header and body of a list of 27 pages, all of them the first of RAM. */
static void send_header(uint32_t relid, uint32_t handle, uint32_t pages, uint32_t pfns)
{
	uint8_t msg[MEMBUS_MESSAGE_MAX] = { 8 };
	uint16_t words[2] = { (uint16_t)(8 + 8 * pages), 1 };
	uint32_t bytes = pages * 4096;
	uint64_t pfn = MEMBUS_RAM_GPA / 4096;
	unsigned int i;

	memcpy(msg + 8, &relid, 4);
	memcpy(msg + 12, &handle, 4);
	memcpy(msg + 16, words, 4);
	memcpy(msg + 20, &bytes, 4);
	for (i = 0; i < pfns; i++)
		memcpy(msg + 28 + 8 * i, &pfn, 8);
	membus_post(mb, msg, 28 + 8 * pfns);
}

static void send_body(uint32_t handle, unsigned int pfns, uint64_t pfn)
{
	uint8_t msg[MEMBUS_MESSAGE_MAX] = { 9 };
	unsigned int i;

	memcpy(msg + 12, &handle, 4);
	for (i = 0; i < pfns; i++)
		memcpy(msg + 16 + 8 * i, &pfn, 8);
	membus_post(mb, msg, 16 + 8 * pfns);
}

static int created(uint32_t handle)
{
	struct membus_message m;
	uint32_t got, status;

	if (!membus_take_id(mb, 10, &m))
		return -1;
	memcpy(&got, m.b + 12, 4);
	memcpy(&status, m.b + 16, 4);
	return got == handle ? (int)status : -2;
}

UNIT_TEST(bodies_of_two_lists_may_interleave)
{
	const uint64_t pfn = MEMBUS_RAM_GPA / 4096;

	begin();
	send_header(1, 7, 54, 26);
	send_header(1, 8, 27, 26);
	EXPECT_EQ(membus_waiting(mb), 0);
	send_body(8, 1, pfn);
	EXPECT_EQ(created(8), 0);
	send_body(7, 28, pfn);
	EXPECT_EQ(created(7), 0);
	finish();
}

UNIT_TEST(the_device_may_refuse_by_size)
{
	const uint64_t pfn = MEMBUS_RAM_GPA / 4096;

	begin();
	dev.refuse = 20 * 4096;
	send_header(1, 7, 27, 26);
	EXPECT_EQ(membus_waiting(mb), 0);
	send_body(7, 1, pfn);
	EXPECT_EQ(created(7), 1);
	send_header(1, 7, 19, 19);	/* the handle is free again */
	EXPECT_EQ(created(7), 0);
	dev.refuse = 0;
	send_header(1, 8, 26, 26);
	EXPECT_EQ(created(8), 0);
	finish();
}

UNIT_TEST(an_answer_may_come_late_or_never)
{
	struct membus_message m;

	loop_init(NULL);
	begin();
	dev.late = -1;
	send_header(1, 7, 2, 2);
	EXPECT_EQ(membus_waiting(mb), 0);
	dev.late = 5;
	EXPECT_FALSE(membus_teardown(mb, 1, 7));
	EXPECT_EQ(dev.teardowns, 1);	/* it was there, and it is gone: only the word of it waits */
	usleep(10000);
	loop_turn(10);
	EXPECT_TRUE(membus_take_id(mb, 12, &m));
	finish();
}

UNIT_TEST(an_answer_may_come_twice)
{
	struct membus_message m;

	loop_init(NULL);
	begin();
	dev.again = 1;
	send_header(1, 7, 2, 2);
	EXPECT_EQ(created(7), 0);
	EXPECT_EQ(created(7), 0);
	dev.late = 5;
	dev.again = 6;
	EXPECT_FALSE(membus_teardown(mb, 1, 7));
	usleep(7000);
	loop_turn(10);
	EXPECT_TRUE(membus_take_id(mb, 12, &m));
	usleep(10000);
	loop_turn(10);
	EXPECT_TRUE(membus_take_id(mb, 12, &m));
	EXPECT_EQ(membus_waiting(mb), 0);
	finish();
}

UNIT_TEST(the_device_hears_of_each_request_once)
{
	struct membus_channel ch;
	struct membus_gpadl buf;
	struct membus_offer o = { .relid = 1, .connection = 0x10001 };

	begin();
	EXPECT_EQ(membus_open(mb, &o, 4, 0, &ch), 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 40, &buf), 0);
	EXPECT_TRUE(membus_teardown(mb, 1, buf.handle));
	membus_close(&ch);
	EXPECT_STREQ(dev.asked, "gogtct");
	finish();
}

UNIT_TEST(a_late_answer_is_not_for_the_next_guest)
{
	struct membus_message m;

	loop_init(NULL);
	begin();
	dev.late = 5;
	send_header(1, 7, 2, 2);
	EXPECT_TRUE(membus_connect(mb, V53));
	usleep(10000);
	loop_turn(10);
	EXPECT_FALSE(membus_take_id(mb, 10, &m));
	finish();
}

UNIT_TEST(a_page_that_a_confidential_guest_hides_fails)
{
	struct gmem *mem;

	begin();
	mem = (struct gmem *)channel_gmem(offer(mb, &dev, 2, 0));
	ASSERT_TRUE(!gmem_isolate(mem));
	send_header(1, 7, 1, 1);
	EXPECT_EQ(created(7), 1);
	EXPECT_EQ(violation_count("vmbus.gpadl.private"), 1);
	violation_clear();
	gmem_show(mem, MEMBUS_RAM_GPA / 4096, 1);
	send_header(1, 7, 1, 1);
	EXPECT_EQ(created(7), 0);
	free(mem->shown);
	mem->shown = NULL;
	finish();
}

UNIT_TEST(gpadl_for_an_unknown_channel_fails)
{
	begin();
	send_header(9, 7, 1, 1);
	EXPECT_EQ(created(7), 1);
	EXPECT_EQ(noted("vmbus.gpadl.header"), 1);
	finish();
}

UNIT_TEST(gpadl_for_a_channel_not_offered_yet_fails)
{
	start(V53);
	offer(mb, &dev, 1, 0);
	EXPECT_TRUE(membus_contact(mb, V53));	/* and no REQUEST_OFFERS */
	send_header(1, 7, 1, 1);
	EXPECT_EQ(created(7), 1);
	EXPECT_EQ(noted("vmbus.gpadl.header"), 1);
	finish();
}

UNIT_TEST(gpadl_shapes_out_of_range_fail)
{
	static const struct { unsigned int off; uint8_t val; } bad[] = {
		{ 18, 2 },	/* two ranges */
		{ 25, 0x10 },	/* byte offset 4096 */
		{ 23, 0x10 },	/* 256 MB */
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t msg[36] = { 8, [8] = 1, [12] = 7, [16] = 16, [18] = 1, [21] = 0x10, [29] = 1 };

		begin();
		msg[bad[i].off] = bad[i].val;
		membus_post(mb, msg, sizeof(msg));
		EXPECT_EQ(created(7), 1);
		EXPECT_EQ(noted("vmbus.gpadl.header"), 1);
		finish();
	}
}

UNIT_TEST(gpadl_of_no_bytes_fails)
{
	begin();
	send_header(1, 7, 0, 0);
	EXPECT_EQ(created(7), 1);
	EXPECT_EQ(noted("vmbus.gpadl.header"), 1);
	finish();
}

UNIT_TEST(gpadl_sizes_of_messages_are_checked)
{
	uint8_t msg[60] = { 8, [8] = 1, [12] = 7, [16] = 16, [18] = 1, [21] = 0x10 };

	begin();
	membus_post(mb, msg, 24);
	membus_post(mb, msg, 33);
	EXPECT_EQ(noted("vmbus.gpadl.header_size"), 2);
	msg[0] = 9;
	membus_post(mb, msg, 16);
	membus_post(mb, msg, 21);
	EXPECT_EQ(noted("vmbus.gpadl.body_size"), 2);
	EXPECT_EQ(membus_waiting(mb), 0);
	finish();
}

UNIT_TEST(gpadl_length_that_disagrees_is_noted)
{
	uint8_t msg[36] = { 8, [8] = 1, [12] = 7, [16] = 24, [18] = 1, [21] = 0x10, [29] = 1 };

	begin();
	membus_post(mb, msg, sizeof(msg));
	EXPECT_EQ(created(7), 0);	/* the byte count is what holds (A.6) */
	EXPECT_EQ(noted("vmbus.gpadl.range_length"), 1);
	finish();
}

UNIT_TEST(body_without_a_header_is_noted)
{
	begin();
	send_body(7, 3, MEMBUS_RAM_GPA / 4096);
	send_header(1, 8, 1, 1);
	EXPECT_EQ(created(8), 0);
	send_body(8, 1, MEMBUS_RAM_GPA / 4096);	/* complete already */
	EXPECT_EQ(noted("vmbus.gpadl.body"), 2);
	finish();
}

UNIT_TEST(more_frames_than_announced_are_noted)
{
	begin();
	send_header(1, 7, 2, 3);
	EXPECT_EQ(created(7), 0);
	send_header(1, 8, 27, 26);
	send_body(8, 2, MEMBUS_RAM_GPA / 4096);
	EXPECT_EQ(created(8), 0);
	EXPECT_EQ(noted("vmbus.gpadl.excess"), 2);
	finish();
}

UNIT_TEST(frames_that_are_no_ram_fail_the_list)
{
	static const uint64_t bad[] = { 0, 0xfffff, MEMBUS_ROM_GPA / 4096, 1ull << 52, ~0ull };
	struct vmbus_channel *ch;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ch = begin();
		send_header(1, 7, 27, 26);
		send_body(7, 1, bad[i]);
		EXPECT_EQ(created(7), 1);
		EXPECT_EQ(noted("vmbus.gpadl.page"), 1);
		EXPECT_NULL(channel_gpadl(ch, 7));
		finish();
	}
}

UNIT_TEST(handle_in_use_fails)
{
	struct vmbus_channel *ch = begin();

	send_header(1, 7, 1, 1);
	EXPECT_EQ(created(7), 0);
	send_header(1, 7, 1, 1);
	EXPECT_EQ(created(7), 1);
	EXPECT_EQ(noted("vmbus.gpadl.header"), 1);
	EXPECT_NOT_NULL(channel_gpadl(ch, 7));
	finish();
}

UNIT_TEST(memory_of_the_host_is_bounded)
{
	unsigned int i;

	begin();
	for (i = 0; i < 11; i++)	/* announced, never filled: 11 * 128 MB */
		send_header(1, 100 + i, 32768, 26);
	EXPECT_EQ(created(110), 1);
	for (i = 0; i < 5000; i++)
		send_header(1, 1000 + i, 1, 1);
	EXPECT_TRUE(violation_count("vmbus.gpadl.header") >= 900);
	violation_clear();
	finish();
}

UNIT_TEST(teardown_of_an_unknown_handle_is_answered)
{
	begin();
	EXPECT_TRUE(membus_teardown(mb, 1, 0x77));
	EXPECT_EQ(noted("vmbus.gpadl.teardown"), 1);
	EXPECT_TRUE(membus_teardown(mb, 99, 0x77));
	EXPECT_EQ(noted("vmbus.gpadl.teardown"), 1);
	finish();
}

UNIT_TEST(teardown_by_another_channel_is_answered_and_not_done)
{
	struct vmbus_channel *ch = begin();
	struct membus_gpadl g;

	offer(mb, &dev, 2, 0);
	EXPECT_EQ(membus_gpadl(mb, 1, 2, &g), 0);
	EXPECT_TRUE(membus_teardown(mb, 2, g.handle));
	EXPECT_EQ(noted("vmbus.gpadl.teardown_channel"), 1);
	EXPECT_NOT_NULL(channel_gpadl(ch, g.handle));
	EXPECT_EQ(dev.teardowns, 0);
	finish();
}

UNIT_TEST(teardown_of_an_unfinished_list_is_fine)
{
	begin();
	send_header(1, 7, 27, 26);
	EXPECT_TRUE(membus_teardown(mb, 1, 7));
	EXPECT_EQ(dev.teardowns, 0);	/* the device never saw it */
	finish();
}

/* ---- what the host can see ---- */

static const uint8_t canary[32] = "canary: the first half, then on.";
static int64_t pages;

static int64_t scanned(bool all)
{
	json_t *o = scan_for(membus_bus(mb), canary, sizeof(canary), all);
	int64_t n = json_integer_value(json_object_get(o, "found"));

	pages = json_integer_value(json_object_get(o, "pages"));
	json_decref(o);
	return n;
}

UNIT_TEST(scan_finds_what_is_in_a_list_and_nothing_else)
{
	uint64_t private_page;
	struct membus_gpadl g;

	begin();
	private_page = membus_page(mb);
	memcpy(membus_ptr(mb, private_page), canary, 32);
	EXPECT_EQ(membus_gpadl(mb, 1, 3, &g), 0);
	EXPECT_EQ(scanned(false), 0);
	EXPECT_EQ(pages, 3);
	EXPECT_EQ(scanned(true), 1);
	membus_gpadl_copy_in(mb, &g, 5, canary, 32);
	EXPECT_EQ(scanned(false), 1);
	/* Across two pages, either way. */
	membus_gpadl_copy_in(mb, &g, 4096 - 10, canary, 32);
	membus_gpadl_copy_in(mb, &g, 8192 - 20, canary, 32);
	EXPECT_EQ(scanned(false), 3);
	/* Half of it is enough, less is not. */
	membus_gpadl_copy_in(mb, &g, 100, canary + 16, 16);
	EXPECT_EQ(scanned(false), 4);
	membus_gpadl_copy_in(mb, &g, 200, canary, 15);
	EXPECT_EQ(scanned(false), 4);
	EXPECT_TRUE(membus_teardown(mb, 1, g.handle));
	EXPECT_EQ(scanned(false), 0);
	EXPECT_EQ(pages, 0);
	finish();
}

UNIT_TEST(scan_of_a_confidential_guest_is_of_what_it_shows)
{
	uint64_t page;

	begin();
	page = membus_page(mb);
	memcpy(membus_ptr(mb, page), canary, 32);
	EXPECT_EQ(gmem_isolate(membus_gmem(mb)), 0);
	EXPECT_EQ(scanned(false), 0);
	EXPECT_EQ(gmem_show(membus_gmem(mb), page / 4096, 1), 0);
	EXPECT_EQ(scanned(false), 1);
	EXPECT_EQ(pages, 1);
	free(membus_gmem(mb)->shown);
	membus_gmem(mb)->shown = NULL;
	finish();
}

static bool refused;

static void take_refusal(void *priv, const char *line, size_t len)
{
	(void)priv;
	refused = memmem(line, len, "\"ok\":false", 10);
}

UNIT_TEST(scan_wants_a_pattern_of_some_length)
{
	const char *const bad[] = {
		"{\"cmd\":\"scan\"}", "{\"cmd\":\"scan\",\"pattern\":\"0011223344556677\"}",
		"{\"cmd\":\"scan\",\"pattern\":\"0011223344556677889900112233445566\"}",
	};
	unsigned int i;

	begin();
	vmbus_register_verbs(membus_bus(mb));
	for (i = 0; i < 3; i++) {
		refused = false;
		ctl_line(bad[i], strlen(bad[i]), take_refusal, NULL);
		EXPECT_TRUE(refused);
	}
	finish();
}

UNIT_MAIN()
