// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_rsc. Sheet 5.12, 8.5, 10.11, N11, N12; R14, R42. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/rsc.c"

#define F	(RNDIS_PKT_ID_FRAGMENTED | RNDIS_PKT_ID_FIRST)
#define M	RNDIS_PKT_ID_FRAGMENTED
#define L	(RNDIS_PKT_ID_FRAGMENTED | RNDIS_PKT_ID_LAST)
#define FL	(F | L)

#define TAKEN	NETVSC_RSC_TAKE
#define BEGUN	(NETVSC_RSC_BEGIN | NETVSC_RSC_TAKE)
#define ENDED	(NETVSC_RSC_TAKE | NETVSC_RSC_DONE)
#define REFUSED	0

#define HEADER	54
#define MSS	1460

static struct netvsc_rsc rsc;

static void fresh(void)
{
	rsc = (struct netvsc_rsc){};
}

/* Sequences */

static void fragments_make_frames(struct kunit *test)
{
	static const struct {
		const char *name;
		u8 flags[6];
		u8 want[6];	/* up to the first flags of 0 */
		bool open;
	} rows[] = {
		{ "golden: three", { F, M, L }, { BEGUN, TAKEN, ENDED } },
		{ "two", { F, L }, { BEGUN, ENDED } },
		{ "one that is first and last", { FL },
		  { BEGUN | NETVSC_RSC_DONE } },
		{ "two frames in a row", { F, L, F, L },
		  { BEGUN, ENDED, BEGUN, ENDED } },
		{ "N12: middle without a first", { M, M, L },
		  { REFUSED, REFUSED, REFUSED } },
		{ "last without a first", { L, F, L },
		  { REFUSED, BEGUN, ENDED } },
		{ "middle behind the last", { F, L, M }, { BEGUN, ENDED, REFUSED } },
		{ "last twice", { F, L, L }, { BEGUN, ENDED, REFUSED } },
		{ "first twice", { F, F, L },
		  { BEGUN, NETVSC_RSC_DROP | BEGUN, ENDED } },
		{ "one in the middle of another", { F, FL, L },
		  { BEGUN, NETVSC_RSC_DROP | BEGUN | NETVSC_RSC_DONE, REFUSED } },
		{ "N11: no last", { F, M }, { BEGUN, TAKEN }, true },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh();
		for (j = 0; rows[i].flags[j]; j++)
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_rsc_add(&rsc, rows[i].flags[j],
							   100),
					    rows[i].want[j], "%s, fragment %u",
					    rows[i].name, j);
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rsc_end(&rsc), rows[i].open,
				    "%s", rows[i].name);
		KUNIT_EXPECT_FALSE(test, netvsc_rsc_end(&rsc));
		/* Whatever it was, the next one is none the worse for it. */
		KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 100), BEGUN);
		KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, L, 50), ENDED);
		KUNIT_EXPECT_EQ(test, rsc.bytes, 150);
	}
}

static void frame_is_no_longer_than_ip_can_say(struct kunit *test)
{
	fresh();
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 65535), BEGUN);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, M, 14), TAKEN);
	KUNIT_EXPECT_EQ(test, rsc.bytes, NETVSC_RSC_MAX_BYTES);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, L, 1), NETVSC_RSC_DROP);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, L, 1), REFUSED);
	KUNIT_EXPECT_FALSE(test, netvsc_rsc_end(&rsc));

	/* So is its first fragment, and what was open goes all the same. */
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 65549), BEGUN);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 65550), NETVSC_RSC_DROP);
	KUNIT_EXPECT_FALSE(test, netvsc_rsc_end(&rsc));
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 65550), REFUSED);
	KUNIT_EXPECT_FALSE(test, netvsc_rsc_end(&rsc));
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 0xFFFFFFFF), REFUSED);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 60), BEGUN);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, L, 0xFFFFFFFF),
			NETVSC_RSC_DROP);
}

static void fragments_have_a_limit(struct kunit *test)
{
	u32 i;

	fresh();
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, F, 60), BEGUN);
	for (i = 1; i < NETVSC_RSC_MAX_FRAGMENTS; i++)
		KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, M, 1), TAKEN);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, L, 1), NETVSC_RSC_DROP);
}

static void frame_that_came_whole_has_no_fragments(struct kunit *test)
{
	memset(&rsc, 0xa5, sizeof(rsc));
	netvsc_rsc_whole(&rsc);
	KUNIT_EXPECT_FALSE(test, rsc.open);
	KUNIT_EXPECT_FALSE(test, rsc.uneven);
	KUNIT_EXPECT_EQ(test, rsc.bytes, 0);
	KUNIT_EXPECT_EQ(test, rsc.cnt, 0);
	KUNIT_EXPECT_EQ(test, rsc.first, 0);
	KUNIT_EXPECT_EQ(test, rsc.middle, 0);
	KUNIT_EXPECT_EQ(test, rsc.last, 0);
	KUNIT_EXPECT_EQ(test, netvsc_rsc_add(&rsc, M, 100), REFUSED);
}

/* Segments */

static void split_is_what_the_host_coalesced(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 frags[6];
		u32 mss, size, segs;
	} rows[] = {
		{ "full ones", { 1514, 1460, 1460, 1460 }, MSS, 1460, 4 },
		{ "the last is shorter", { 1514, 1460, 700 }, MSS, 1460, 3 },
		{ "two", { 1514, 1 }, MSS, 1460, 2 },
		{ "a peer with a small MSS", { 590, 536, 536 }, MSS, 536, 3 },
		{ "small and uneven: what was full is not known",
		  { 590, 536, 400, 536, 536 }, MSS, 1272, 2 },
		{ "golden: cut by sub-allocations", { 1054, 1400, 600 }, MSS,
		  1000, 3 },
		{ "the last is longest", { 1054, 1000, 1001 }, MSS, 1001, 3 },
		{ "the first is longest", { 1054, 900, 500 }, MSS, 1200, 2 },
		{ "the first is longest, all others alike",
		  { 1054, 900, 900, 900 }, MSS, 1234, 3 },
		{ "the second last differs", { 1054, 1000, 900, 1000 }, MSS,
		  1300, 3 },
		{ "header alone in front", { 54, 1460, 1460 }, MSS, 1460, 2 },
		{ "header in two pieces", { 40, 1474, 1460 }, MSS, 1460, 2 },
		{ "segments larger than our link takes", { 9014, 8960 }, MSS,
		  1379, 13 },
		{ "one fragment, longer than a segment", { 3054 }, MSS, 1000, 3 },
		{ "one fragment, one segment", { 1514 }, MSS, 0, 1 },
		{ "one byte each", { 55, 1, 1, 1 }, MSS, 1, 4 },
		{ "no room for a payload at all", { 1054, 1400, 600 }, 0, 0, 1 },
		{ "nothing but a header", { 54 }, MSS, 0, 1 },
	};
	unsigned int i, j;
	u32 segs;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh();
		for (j = 0; rows[i].frags[j]; j++)
			netvsc_rsc_add(&rsc, j ? M : F, rows[i].frags[j]);
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rsc_split(&rsc, HEADER,
							   rows[i].mss, &segs),
				    rows[i].size, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, segs, rows[i].segs, "%s", rows[i].name);
	}
}

static u32 rnd(u32 below)
{
	static u64 state = 42;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(state >> 33) % below;
}

/*
 * Any sequence: what is taken is counted here by hand, and of each frame that
 * is done the split must account for every byte.
 */
static void any_sequence_makes_only_frames(struct kunit *test)
{
	u32 bytes = 0, cnt = 0, frames = 0, drops = 0, i;
	bool open = false;

	fresh();
	for (i = 0; i < 100000; i++) {
		u32 n = rnd(8) ? 1 + rnd(1500) : 1 + rnd(70000);
		u32 todo, size, segs;
		u8 flags = M;

		if (!rnd(8))
			flags |= F;
		if (!rnd(12))
			flags |= L;
		if (!rnd(40))
			KUNIT_ASSERT_EQ(test, netvsc_rsc_end(&rsc), open);
		open = rsc.open;
		todo = netvsc_rsc_add(&rsc, flags, n);
		if (todo & NETVSC_RSC_DROP) {
			KUNIT_ASSERT_TRUE(test, open);
			drops++;
		}
		if (todo & NETVSC_RSC_BEGIN) {
			bytes = 0;
			cnt = 0;
		}
		if (todo & NETVSC_RSC_TAKE) {
			KUNIT_ASSERT_TRUE(test, open || todo & NETVSC_RSC_BEGIN);
			bytes += n;
			cnt++;
		}
		open = rsc.open;
		if (!(todo & NETVSC_RSC_DONE))
			continue;
		frames++;
		KUNIT_ASSERT_EQ(test, open, false);
		KUNIT_ASSERT_EQ(test, rsc.bytes, bytes);
		KUNIT_ASSERT_EQ(test, rsc.cnt, cnt);
		KUNIT_ASSERT_LE(test, bytes, NETVSC_RSC_MAX_BYTES);
		if (bytes <= HEADER)
			continue;
		size = netvsc_rsc_split(&rsc, HEADER, MSS, &segs);
		KUNIT_ASSERT_LE(test, size, MSS);
		if (!size)
			continue;
		KUNIT_ASSERT_LE(test, (segs - 1) * size + 1, bytes - HEADER);
		KUNIT_ASSERT_LE(test, bytes - HEADER, segs * size);
	}
	KUNIT_EXPECT_GT(test, frames, 1000);
	KUNIT_EXPECT_GT(test, drops, 1000);
}

static struct kunit_case rsc_cases[] = {
	KUNIT_CASE(fragments_make_frames),
	KUNIT_CASE(frame_is_no_longer_than_ip_can_say),
	KUNIT_CASE(fragments_have_a_limit),
	KUNIT_CASE(frame_that_came_whole_has_no_fragments),
	KUNIT_CASE(split_is_what_the_host_coalesced),
	KUNIT_CASE(any_sequence_makes_only_frames),
	{}
};

static struct kunit_suite rsc_suite = {
	.name = "hv_netvsc_rsc",
	.test_cases = rsc_cases,
};

kunit_test_suite(rsc_suite);
