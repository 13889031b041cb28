// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_ring_in. Sheet 2.1-2.5; R11, R39. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/ring_in.h"

#define RING	256

/* Mapped twice in a row by hand: the host writes both. */
static u64 words[2 * RING / 8];
static u8 *const data = (u8 *)words;
static struct netvsc_ring_in in;
static struct netvsc_pkt pkt;

static void put16(u32 at, u16 value)
{
	at %= RING;
	data[at] = value;
	data[at + 1] = value >> 8;
	memcpy(data + RING, data, RING);
}

/* A packet of the host at @at; returns where the next one begins. */
static u32 write_packet(u32 at, u16 type, u16 offset8, u16 len8, u8 id)
{
	put16(at, type);
	put16(at + 2, offset8);
	put16(at + 4, len8);
	put16(at + 6, 1);
	put16(at + 8, id);
	put16(at + 10, 0);
	put16(at + 12, 0);
	put16(at + 14, 0);
	return (at + 8 * len8 + 8) % RING;
}

static void fresh(void)
{
	memset(words, 0, sizeof(words));
	/* What is not set shows. */
	memset(&in, 0xa5, sizeof(in));
	memset(&pkt, 0xa5, sizeof(pkt));
	netvsc_ring_in_init(&in, data, RING);
}

static void empty_ring_has_nothing(struct kunit *test)
{
	fresh();
	KUNIT_EXPECT_FALSE(test, netvsc_ring_in_refresh(&in, 0));
	in.read = 64;
	KUNIT_EXPECT_FALSE(test, netvsc_ring_in_refresh(&in, 64));
}

static void index_that_cannot_be_shows_nothing(struct kunit *test)
{
	static const u32 bad[] = { RING, RING + 8, 4, 65, 0x80000000, 0xFFFFFFF8 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fresh();
		KUNIT_EXPECT_EQ_MSG(test, netvsc_ring_in_refresh(&in, bad[i]),
				    false, "index %x", bad[i]);
		KUNIT_EXPECT_EQ(test, in.seen, 0);
	}
}

static void later_look_replaces_the_earlier(struct kunit *test)
{
	fresh();
	netvsc_ring_in_refresh(&in, 72);
	KUNIT_EXPECT_EQ(test, in.seen, 72);
	netvsc_ring_in_refresh(&in, 24);
	KUNIT_EXPECT_EQ(test, in.seen, 24);
}

/* One bit of the flags asks for a completion, the others say nothing. */
static void answer_is_the_lowest_flag(struct kunit *test)
{
	static const struct {
		u16 flags;
		bool want;
	} rows[] = {
		{ 0, false }, { 1, true }, { 2, false }, { 0x0100, false },
		{ 0xFFFE, false }, { 0xFFFF, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh();
		netvsc_ring_in_refresh(&in, write_packet(0, 7, 4, 8, 5));
		put16(6, rows[i].flags);
		netvsc_ring_in_first(&in, &pkt);
		KUNIT_EXPECT_EQ_MSG(test, pkt.answer, rows[i].want, "flags %x",
				    rows[i].flags);
		KUNIT_EXPECT_EQ(test, pkt.bytes, 64);
		/* Also if nothing else is good. */
		put16(2, 0);
		netvsc_ring_in_first(&in, &pkt);
		KUNIT_EXPECT_EQ(test, pkt.type, NETVSC_PKT_BROKEN);
		KUNIT_EXPECT_EQ(test, pkt.answer, rows[i].want);
	}
}

static void packets_come_in_order_and_wrap(struct kunit *test)
{
	u32 write = 0, i;

	fresh();
	for (i = 0; i < 50; i++) {
		u32 first = write_packet(write, 7, 4, 8, 2 * i);

		write = write_packet(first, 11, 2, 3, 2 * i + 1);
		KUNIT_ASSERT_TRUE(test, netvsc_ring_in_refresh(&in, write));
		KUNIT_EXPECT_EQ(test, in.seen, 72 + 32);

		netvsc_ring_in_first(&in, &pkt);
		KUNIT_EXPECT_EQ(test, pkt.type, 7);
		KUNIT_EXPECT_EQ(test, pkt.id, 2 * i);
		KUNIT_EXPECT_EQ(test, pkt.offset, 32);
		KUNIT_EXPECT_EQ(test, pkt.bytes, 64);
		KUNIT_EXPECT_TRUE(test, pkt.answer);
		netvsc_ring_in_next(&in, &pkt);
		KUNIT_EXPECT_EQ(test, in.read, first);

		netvsc_ring_in_first(&in, &pkt);
		KUNIT_EXPECT_EQ(test, pkt.type, 11);
		KUNIT_EXPECT_EQ(test, pkt.id, 2 * i + 1);
		netvsc_ring_in_next(&in, &pkt);
		KUNIT_EXPECT_EQ(test, in.read, write);
		KUNIT_EXPECT_EQ(test, in.seen, 0);
	}
	KUNIT_EXPECT_EQ(test, in.freed, 50 * 104);
}

static void packet_may_be_nothing_but_its_descriptor(struct kunit *test)
{
	fresh();
	netvsc_ring_in_refresh(&in, write_packet(0, 11, 2, 2, 9));
	netvsc_ring_in_first(&in, &pkt);
	KUNIT_EXPECT_EQ(test, pkt.type, 11);
	KUNIT_EXPECT_EQ(test, pkt.offset, pkt.bytes);
}

static void descriptor_that_cannot_be_takes_all_with_it(struct kunit *test)
{
	static const struct {
		const char *name;
		u16 offset8, len8;
	} rows[] = {
		{ "offset inside the descriptor", 1, 8 },
		{ "offset 0", 0, 8 },
		{ "offset past the packet", 9, 8 },
		{ "no length", 2, 0 },
		{ "shorter than a descriptor", 1, 1 },
		{ "one word too long", 4, 16 },
		{ "everything set", 0xFFFF, 0xFFFF },
		{ "longer than the ring", 2, 0xFFFF },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh();
		write_packet(0, 7, rows[i].offset8, rows[i].len8, 5);
		KUNIT_ASSERT_TRUE(test, netvsc_ring_in_refresh(&in, 128));
		netvsc_ring_in_first(&in, &pkt);
		KUNIT_EXPECT_EQ_MSG(test, pkt.type, NETVSC_PKT_BROKEN, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ(test, pkt.id, 5);
		KUNIT_EXPECT_TRUE(test, pkt.answer);
		KUNIT_EXPECT_EQ(test, pkt.offset, 0);
		KUNIT_EXPECT_EQ(test, pkt.bytes, 120);
		netvsc_ring_in_next(&in, &pkt);
		KUNIT_EXPECT_EQ(test, in.read, 128);
		KUNIT_EXPECT_EQ(test, in.seen, 0);
	}

	/* The longest that fits does */
	fresh();
	write_packet(0, 7, 4, 15, 5);
	netvsc_ring_in_refresh(&in, 128);
	netvsc_ring_in_first(&in, &pkt);
	KUNIT_EXPECT_EQ(test, pkt.type, 7);
}

static void half_a_descriptor_gets_no_answer(struct kunit *test)
{
	fresh();
	write_packet(0, 7, 4, 8, 5);
	netvsc_ring_in_refresh(&in, 8);
	netvsc_ring_in_first(&in, &pkt);
	KUNIT_EXPECT_EQ(test, pkt.type, NETVSC_PKT_BROKEN);
	KUNIT_EXPECT_FALSE(test, pkt.answer);
	KUNIT_EXPECT_EQ(test, pkt.bytes, 0);
	netvsc_ring_in_next(&in, &pkt);
	KUNIT_EXPECT_EQ(test, in.read, 8);

	/* A whole one, but no room for what ends a packet */
	fresh();
	write_packet(0, 7, 2, 2, 5);
	netvsc_ring_in_refresh(&in, 16);
	netvsc_ring_in_first(&in, &pkt);
	KUNIT_EXPECT_EQ(test, pkt.type, NETVSC_PKT_BROKEN);
	KUNIT_EXPECT_TRUE(test, pkt.answer);
}

static void stuck_host_is_woken_once(struct kunit *test)
{
	/* Full but for 8 bytes; read goes from 0 on, write stands at 248. */
	static const struct {
		u32 read, freed, pending;
		bool want;
	} rows[] = {
		{ 64, 64, 72, false },	/* room 72: exactly is not enough */
		{ 72, 8, 72, true },	/* now it is more */
		{ 80, 8, 72, false },	/* and was so before */
		{ 200, 200, 72, true },	/* over the mark in one step */
		{ 200, 0, 72, false },
		{ 200, 200, 0xFFFFFFFF, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh();
		in.read = rows[i].read;
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_ring_in_wakes(&in, rows[i].freed,
							 rows[i].pending, 248),
				    rows[i].want, "row %u", i);
	}
	/* Enough now and not before, but for an index that is none */
	in.read = 72;
	KUNIT_EXPECT_TRUE(test, netvsc_ring_in_wakes(&in, 16, 72, 240));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_in_wakes(&in, 16, 72, 247));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_in_wakes(&in, 16, 64, RING));
	/* An empty ring is all room. */
	in.read = 248;
	KUNIT_EXPECT_TRUE(test, netvsc_ring_in_wakes(&in, 248, 72, 248));
}

/* The host's index has gone round and is behind ours. */
static void stuck_host_may_be_behind(struct kunit *test)
{
	static const struct {
		u32 freed, pending;
		bool want;
	} rows[] = {
		{ 16, 80, true },	/* room 96: was 80 */
		{ 16, 88, true },
		{ 16, 96, false },	/* exactly is not enough */
		{ 16, 72, false },	/* was enough before */
		{ 8, 80, false },
	};
	unsigned int i;

	fresh();
	in.read = 200;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_ring_in_wakes(&in, rows[i].freed,
							 rows[i].pending, 104),
				    rows[i].want, "row %u", i);
}

static struct kunit_case ring_in_cases[] = {
	KUNIT_CASE(empty_ring_has_nothing),
	KUNIT_CASE(index_that_cannot_be_shows_nothing),
	KUNIT_CASE(later_look_replaces_the_earlier),
	KUNIT_CASE(answer_is_the_lowest_flag),
	KUNIT_CASE(packets_come_in_order_and_wrap),
	KUNIT_CASE(packet_may_be_nothing_but_its_descriptor),
	KUNIT_CASE(descriptor_that_cannot_be_takes_all_with_it),
	KUNIT_CASE(half_a_descriptor_gets_no_answer),
	KUNIT_CASE(stuck_host_is_woken_once),
	KUNIT_CASE(stuck_host_may_be_behind),
	{}
};

static struct kunit_suite ring_in_suite = {
	.name = "hv_netvsc_ring_in",
	.test_cases = ring_in_cases,
};

kunit_test_suite(ring_in_suite);
