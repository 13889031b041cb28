// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: monitored notification: who gets a bit, what the guest's page shows, when the
 * host looks, and what it leaves alone. Section letters are of vmbus-host.md.
 */
#include <jansson.h>

#include "host_bus.h"
#include "loop.h"
#include "loop_run.h"

#define LATENCY_US	100u
#define SLOW_US		3200u	/* how long it takes after looks in vain */

static uint64_t page_gpa;
static struct vmbus_channel *ch;
static struct membus_channel g;
static struct vmbus_packet pkt;
static uint8_t buf[VMBUS_PKT_MAX];

static uint8_t *page(void)
{
	return membus_ptr(mb, page_gpa);
}

static uint32_t pending(unsigned int group)
{
	uint32_t v;

	memcpy(&v, page() + 8 + 8 * group, 4);
	return v;
}

static unsigned int latency(unsigned int id)
{
	return page()[0x240 + 2 * id] | page()[0x241 + 2 * id] << 8;
}

static uint32_t parameter(unsigned int id)
{
	uint32_t v;

	memcpy(&v, page() + 0x440 + 8 * id, 4);
	return v;
}

static uint64_t looks(void)
{
	json_t *bus = vmbus_json(membus_bus(mb));
	json_int_t n = json_integer_value(json_object_get(bus, "monitor_looks"));

	json_decref(bus);
	return (uint64_t)n;
}

static struct vmbus_channel *offer_at(uint8_t n, uint16_t subindex, unsigned int us)
{
	struct vmbus_offer_params p = { .type = nic_class, .subchannel_index = subindex,
					.latency_us = us, .instance.b = { n } };

	return channel_offer(membus_bus(mb), &p, &diary_ops, &dev);
}

/* A bus whose guest has a page for its bits, and no channel yet. */
static void start_with_page(uint32_t version)
{
	start(version);
	EXPECT_EQ(loop_init(NULL), 0);
	membus_page(mb);	/* what contacts name otherwise */
	page_gpa = membus_page(mb);
	membus_set_monitor(mb, page_gpa);
}

static void open_one(unsigned int us)
{
	start_with_page(V53);
	ch = offer_at(1, 0, us);
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	dev.doorbells = 0;	/* that of the open */
}

static void turn_until_doorbell(unsigned int wanted)
{
	unsigned int i;

	for (i = 0; i < 1000 && dev.doorbells < wanted; i++)
		loop_turn(10);
	EXPECT_EQ(dev.doorbells, wanted);
}

static void turn_for(uint64_t us)
{
	uint64_t end = loop_now_us() + us;

	while (loop_now_us() < end)
		loop_turn(1);
}

static void turn_until_looks(uint64_t wanted)
{
	unsigned int i;

	for (i = 0; i < 10000 && looks() < wanted; i++)
		loop_turn(10);
	EXPECT_GE(looks(), wanted);
}

/* ---- offers ---- */

UNIT_TEST(offer_names_a_bit_and_the_page_describes_it)
{
	static const uint32_t versions[] = { V53, VMBUS_VERSION(5, 0), VMBUS_VERSION(4, 1),
					     VMBUS_VERSION(2, 4) };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		start_with_page(versions[i]);
		offer_at(1, 0, LATENCY_US);
		offer_at(2, 0, 6553);
		EXPECT_TRUE(membus_connect(mb, versions[i]));
		EXPECT_EQ(membus_offer(mb, 0)->monitor, 0);
		EXPECT_EQ(membus_offer(mb, 1)->monitor, 1);
		EXPECT_EQ(latency(0), 1000);	/* of 100 ns */
		EXPECT_EQ(latency(1), 65530);
		EXPECT_EQ(parameter(0), membus_offer(mb, 0)->connection);
		EXPECT_EQ(parameter(1), membus_offer(mb, 1)->connection);
		EXPECT_EQ(page()[0], 1);	/* group 0 */
		finish();
	}
}

UNIT_TEST(channel_without_latency_has_no_bit)
{
	start_with_page(V53);
	offer_at(1, 0, 0);
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_EQ(membus_offer(mb, 0)->monitor, 0xff);
	EXPECT_EQ(page()[0], 0);
	finish();
}

UNIT_TEST(guest_without_a_page_has_no_bits)
{
	static const struct { uint64_t gpa; unsigned int noted; } bad[] = {
		{ 0, 1 }, { MEMBUS_RAM_GPA + 8, 1 }, { MEMBUS_ROM_GPA, 0 }, { 1ull << 46, 1 },
	};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		start(V53);
		offer_at(1, 0, LATENCY_US);
		membus_set_monitor(mb, bad[i].gpa);
		EXPECT_TRUE(membus_connect(mb, V53));
		EXPECT_EQ(membus_offer(mb, 0)->monitor, 0xff);
		EXPECT_EQ(noted("vmbus.contact.page"), bad[i].noted);
		finish();
	}
}

UNIT_TEST(confidential_guest_has_no_bits)
{
	start(V53);
	EXPECT_EQ(gmem_isolate(membus_gmem(mb)), 0);
	offer_at(1, 0, LATENCY_US);
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_EQ(membus_offer(mb, 0)->monitor, 0xff);
	free(membus_gmem(mb)->shown);
	membus_gmem(mb)->shown = NULL;
	finish();
}

UNIT_TEST(bits_are_given_again_and_the_129th_channel_has_none)
{
	struct vmbus_channel *all[129];
	unsigned int i;

	start_with_page(V53);
	EXPECT_TRUE(membus_connect(mb, V53));
	for (i = 0; i < 129; i++)
		all[i] = offer_at(1, (uint16_t)(i + 1), LATENCY_US);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(latency(32 * i), 1000);
	EXPECT_EQ(page()[0], 15);
	channel_rescind(all[77]);
	membus_release(mb, channel_relid(all[77]));
	memset(page() + 8, 0xff, 32);	/* left by whoever had them */
	offer_at(2, 0, 200);
	EXPECT_EQ(latency(77), 2000);
	EXPECT_EQ(pending(2), ~(1u << 77 % 32));
	finish();
}

UNIT_TEST(sub_channels_have_bits_of_their_own)
{
	open_one(LATENCY_US);
	offer_at(1, 1, LATENCY_US);
	EXPECT_EQ(membus_offer_sub(mb, (const uint8_t[16]){ 1 }, 1)->monitor, 1);
	membus_close(&g);
	finish();
}

/* ---- signals ---- */

UNIT_TEST(bit_rings_the_channel_and_is_gone)
{
	open_one(LATENCY_US);
	EXPECT_TRUE(membus_put(&g, 6, 0, 1, NULL, 0, "a", 1));
	EXPECT_EQ(g.signals, 1);
	EXPECT_EQ(dev.doorbells, 0);
	EXPECT_EQ(pending(0), 1);
	turn_until_doorbell(1);
	EXPECT_EQ(pending(0), 0);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 0);
	EXPECT_EQ(channel_stats(ch)->rx_signals, 1);
	EXPECT_EQ(channel_stats(ch)->rx_monitor, 1);
	membus_close(&g);
	finish();
}

UNIT_TEST(guest_may_still_ring_by_hypercall)
{
	open_one(LATENCY_US);
	EXPECT_EQ(vmbus_signal(membus_bus(mb), g.connection), HV_SUCCESS);
	EXPECT_EQ(dev.doorbells, 1);
	EXPECT_EQ(channel_stats(ch)->rx_signals, 1);
	EXPECT_EQ(channel_stats(ch)->rx_monitor, 0);
	membus_close(&g);
	finish();
}

UNIT_TEST(each_bit_waits_for_its_own_latency)
{
	struct membus_channel slow;
	uint64_t at, now;

	start_with_page(V53);
	offer_at(1, 0, LATENCY_US);
	offer_at(2, 0, 6553);
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 1), 4, 0, &slow), 0);
	/* Just behind a multiple of the longer one. */
	do
		loop_turn(1);
	while (loop_now_us() % 6553 > 1000);
	at = loop_now_us() / 6553;
	dev.doorbells = 0;
	membus_signal(&slow);
	membus_signal(&g);
	turn_until_doorbell(1);
	now = loop_now_us();
	if (now / 6553 == at)	/* else the machine was away meanwhile */
		EXPECT_EQ(pending(0), 2);
	turn_until_doorbell(2);
	EXPECT_GE(loop_now_us() / 6553, at + 1);
	EXPECT_EQ(pending(0), 0);
	membus_close(&g);
	membus_close(&slow);
	finish();
}

UNIT_TEST(guest_may_choose_another_latency)
{
	uint64_t start;

	open_one(6553);
	page()[0x240] = page()[0x241] = 0;	/* nonsense: the least that there is */
	membus_signal(&g);
	turn_until_doorbell(1);
	start = loop_now_us();
	turn_until_looks(looks() + 10);
	EXPECT_LT(loop_now_us() - start, 1000000);	/* the longer one takes 1.2 s for these */
	membus_close(&g);
	finish();
}

UNIT_TEST(foreign_bits_are_left_alone_without_offence)
{
	open_one(LATENCY_US);
	memset(page() + 8, 0xff, 32);
	turn_until_doorbell(1);
	EXPECT_EQ(pending(0), 0xfffffffe);
	EXPECT_EQ(pending(3), 0xffffffff);
	turn_for(2 * SLOW_US);
	EXPECT_EQ(dev.doorbells, 1);
	membus_close(&g);
	finish();
}

UNIT_TEST(bit_of_a_channel_that_is_not_open_says_nothing)
{
	open_one(LATENCY_US);
	offer_at(2, 0, LATENCY_US);
	membus_pump(mb);
	page()[8] |= 2;
	turn_for(2 * SLOW_US);
	EXPECT_EQ(dev.doorbells, 0);
	EXPECT_EQ(pending(0), 0);
	membus_close(&g);
	finish();
}

/* ---- when it looks ---- */

UNIT_TEST(host_looks_only_while_a_channel_is_open)
{
	uint64_t before;

	start_with_page(V53);
	offer_at(1, 0, LATENCY_US);
	EXPECT_TRUE(membus_connect(mb, V53));
	turn_for(5000);
	EXPECT_EQ(looks(), 0);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 0, &g), 0);
	turn_until_looks(5);
	membus_close(&g);
	turn_for(2 * SLOW_US);
	before = looks();
	turn_for(5000);
	EXPECT_EQ(looks(), before);
	finish();
}

UNIT_TEST(host_looks_less_often_at_a_silent_guest)
{
	uint64_t before;

	open_one(LATENCY_US);
	turn_until_looks(5);
	before = looks();
	turn_for(20 * SLOW_US);
	EXPECT_LE(looks(), before + 22);
	membus_signal(&g);
	turn_until_doorbell(1);
	membus_close(&g);
	finish();
}

UNIT_TEST(page_of_an_earlier_guest_is_not_touched)
{
	uint64_t old;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		open_one(LATENCY_US);
		old = page_gpa;
		if (i == 0)
			membus_unload(mb);
		if (i == 1)
			vmbus_reset(membus_bus(mb));
		if (i == 2) {
			membus_set_monitor(mb, membus_page(mb));
			EXPECT_TRUE(membus_connect(mb, V53));
			EXPECT_EQ(membus_offer(mb, 0)->monitor, 0);
		}
		memset(membus_ptr(mb, old), 0xff, 4096);
		turn_for(2 * SLOW_US);
		EXPECT_EQ(*(uint64_t *)membus_ptr(mb, old), UINT64_MAX);
		EXPECT_EQ(*((uint64_t *)membus_ptr(mb, old) + 1), UINT64_MAX);
		EXPECT_EQ(dev.doorbells, 0);
		finish();
	}
}

UNIT_MAIN()
