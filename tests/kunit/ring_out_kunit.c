// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_ring_out. Sheet 2.1-2.3, 2.8; R14, R39. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/ring_out.h"

#define RING	256

/* The second half stands for the second mapping of the same bytes. */
static u64 words[2 * RING / 8];
static u8 *const data = (u8 *)words;
static struct netvsc_ring_out out;

static void fresh(void)
{
	netvsc_ring_out_init(&out, data, RING);
}

static u64 trailer(u32 packet, u32 bytes)
{
	return *(u64 *)(data + packet + bytes);
}

static void nothing_fits_before_a_look(struct kunit *test)
{
	fresh();
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_fits(&out, 8));
	KUNIT_EXPECT_EQ(test, netvsc_ring_out_refresh(&out, 0), 0);
	KUNIT_EXPECT_EQ(test, out.room, RING);
}

static void ring_never_gets_full(struct kunit *test)
{
	fresh();
	netvsc_ring_out_refresh(&out, 0);
	KUNIT_EXPECT_TRUE(test, netvsc_ring_out_fits(&out, RING - 16));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_fits(&out, RING - 8));

	netvsc_ring_out_commit(&out, RING - 16);
	KUNIT_EXPECT_EQ(test, out.room, 8);
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_fits(&out, 0));
	netvsc_ring_out_refresh(&out, 0);
	KUNIT_EXPECT_EQ(test, out.room, 8);
}

static void packet_is_followed_by_its_offset(struct kunit *test)
{
	u32 at;

	fresh();
	netvsc_ring_out_refresh(&out, 0);
	netvsc_ring_out_commit(&out, 56);
	KUNIT_EXPECT_EQ(test, trailer(0, 56), 0);
	at = out.write;
	KUNIT_EXPECT_EQ(test, at, 64);
	netvsc_ring_out_commit(&out, 24);
	KUNIT_EXPECT_EQ(test, trailer(at, 24), 64ULL << 32);
}

static void index_wraps_and_packets_do_not(struct kunit *test)
{
	u32 read = 0, i;

	fresh();
	for (i = 0; i < 100; i++) {
		netvsc_ring_out_refresh(&out, read);
		KUNIT_ASSERT_TRUE(test, netvsc_ring_out_fits(&out, 88));
		KUNIT_EXPECT_EQ(test, out.write, i * 96 % RING);
		netvsc_ring_out_commit(&out, 88);
		KUNIT_EXPECT_EQ(test, trailer(i * 96 % RING, 88),
				(u64)(i * 96 % RING) << 32);
		read = out.write;
	}
}

static void room_is_what_the_host_has_read(struct kunit *test)
{
	fresh();
	netvsc_ring_out_refresh(&out, 0);
	netvsc_ring_out_commit(&out, 192);
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_fits(&out, 56));
	KUNIT_EXPECT_EQ(test, netvsc_ring_out_refresh(&out, 8), 0);
	KUNIT_EXPECT_EQ(test, out.room, 64);
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_fits(&out, 56));
	netvsc_ring_out_refresh(&out, 16);
	KUNIT_EXPECT_TRUE(test, netvsc_ring_out_fits(&out, 56));
	netvsc_ring_out_refresh(&out, 200);
	KUNIT_EXPECT_EQ(test, out.room, RING);
	/* The write index has gone round and is behind the read index. */
	netvsc_ring_out_commit(&out, 56);
	KUNIT_EXPECT_EQ(test, out.write, 8);
	netvsc_ring_out_refresh(&out, 200);
	KUNIT_EXPECT_EQ(test, out.room, 192);
}

static void index_that_is_none_changes_nothing(struct kunit *test)
{
	static const u32 bad[] = { RING, RING + 8, 0xFFFFFFF8, 0xFFFFFFFF,
				   0x80000000, 1, 4, RING - 1 };
	u32 i;

	fresh();
	netvsc_ring_out_refresh(&out, 0);
	netvsc_ring_out_commit(&out, 56);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, netvsc_ring_out_refresh(&out, bad[i]), -EIO);
		KUNIT_EXPECT_EQ(test, out.room, RING - 64);
	}
}

static void batch_is_told_once(struct kunit *test)
{
	fresh();
	netvsc_ring_out_refresh(&out, 0);
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_unpublished(&out));
	netvsc_ring_out_commit(&out, 24);
	netvsc_ring_out_commit(&out, 24);
	KUNIT_EXPECT_TRUE(test, netvsc_ring_out_unpublished(&out));
	KUNIT_EXPECT_EQ(test, out.published, 0);
	/* What decides about the signal is the index before the batch. */
	KUNIT_EXPECT_EQ(test, netvsc_ring_out_publish(&out), 0);
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_unpublished(&out));
	netvsc_ring_out_commit(&out, 24);
	KUNIT_EXPECT_EQ(test, netvsc_ring_out_publish(&out), 64);
	KUNIT_EXPECT_EQ(test, out.published, out.write);
}

static void indices_that_do_not_fit_are_seen(struct kunit *test)
{
	fresh();
	netvsc_ring_out_refresh(&out, 0);
	netvsc_ring_out_commit(&out, 56);
	netvsc_ring_out_publish(&out);
	KUNIT_EXPECT_TRUE(test, netvsc_ring_out_is_sane(&out, 0, 64));
	KUNIT_EXPECT_TRUE(test, netvsc_ring_out_is_sane(&out, 64, 64));
	/* Ours was changed; the host's is none, or beyond what was written. */
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_is_sane(&out, 0, 56));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_is_sane(&out, RING, 64));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_is_sane(&out, 4, 64));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_is_sane(&out, 72, 64));
	/* It went back. */
	netvsc_ring_out_refresh(&out, 64);
	KUNIT_EXPECT_TRUE(test, netvsc_ring_out_is_sane(&out, 64, 64));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_is_sane(&out, 32, 64));
	/* Written and not published yet: the index in shared memory is the old one. */
	netvsc_ring_out_commit(&out, 24);
	KUNIT_EXPECT_TRUE(test, netvsc_ring_out_is_sane(&out, 64, 64));
	KUNIT_EXPECT_FALSE(test, netvsc_ring_out_is_sane(&out, 64, out.write));
}

static struct kunit_case ring_out_cases[] = {
	KUNIT_CASE(nothing_fits_before_a_look),
	KUNIT_CASE(ring_never_gets_full),
	KUNIT_CASE(packet_is_followed_by_its_offset),
	KUNIT_CASE(index_wraps_and_packets_do_not),
	KUNIT_CASE(room_is_what_the_host_has_read),
	KUNIT_CASE(index_that_is_none_changes_nothing),
	KUNIT_CASE(batch_is_told_once),
	KUNIT_CASE(indices_that_do_not_fit_are_seen),
	{}
};

static struct kunit_suite ring_out_suite = {
	.name = "hv_netvsc_ring_out",
	.test_cases = ring_out_cases,
};

kunit_test_suite(ring_out_suite);
