// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_share. R21, R22. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/share.h"

#define SLOTS		256
#define RING_BYTES	61440	/* the smallest ring */
#define LONGEST		1024	/* more than any request */

static void marks_are_in_order(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, netvsc_share_stack_stops(15));
	KUNIT_EXPECT_FALSE(test, netvsc_share_stack_stops(16));
	KUNIT_EXPECT_FALSE(test, netvsc_share_xdp_sends(31));
	KUNIT_EXPECT_TRUE(test, netvsc_share_xdp_sends(32));
	KUNIT_EXPECT_FALSE(test, netvsc_share_stack_wakes(64, SLOTS));
	KUNIT_EXPECT_TRUE(test, netvsc_share_stack_wakes(65, SLOTS));
}

static void xdp_leaves_a_waiting_stack_half(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, netvsc_share_xdp_goes_on(0, SLOTS, true));
	KUNIT_EXPECT_TRUE(test, netvsc_share_xdp_goes_on(127, SLOTS, true));
	KUNIT_EXPECT_FALSE(test, netvsc_share_xdp_goes_on(128, SLOTS, true));
	KUNIT_EXPECT_TRUE(test, netvsc_share_xdp_goes_on(0, SLOTS, false));
	KUNIT_EXPECT_TRUE(test, netvsc_share_xdp_goes_on(15, SLOTS, false));
	KUNIT_EXPECT_FALSE(test, netvsc_share_xdp_goes_on(16, SLOTS, false));
}

/*
 * A channel on which both always have something to send. What is out is in the
 * order it went out; the ring has what the host did not complete.
 */
struct channel {
	bool is_xdp[SLOTS];
	u32 used;
	u32 xdp_out;
	u32 ring_used;
	u32 bytes[2];		/* of a request: the stack's, XDP's */
	u32 sent[2];
	bool stack_waits;
	u32 seed;
};

static bool ring_has(const struct channel *c, u32 bytes)
{
	return RING_BYTES - c->ring_used > bytes;
}

static void send(struct channel *c, bool xdp)
{
	c->is_xdp[c->used++] = xdp;
	c->xdp_out += xdp;
	c->ring_used += c->bytes[xdp];
	c->sent[xdp]++;
}

static void send_xdp(struct channel *c)
{
	while (netvsc_share_xdp_sends(SLOTS - c->used) &&
	       ring_has(c, RING_BYTES / 10) &&
	       (!c->stack_waits ||
		netvsc_share_xdp_goes_on(c->xdp_out, SLOTS,
					 ring_has(c, RING_BYTES / 5 +
						     LONGEST))))
		send(c, true);
}

static void send_stack(struct channel *c)
{
	if (c->stack_waits &&
	    (!netvsc_share_stack_wakes(SLOTS - c->used, SLOTS) ||
	     !ring_has(c, RING_BYTES / 5)))
		return;
	c->stack_waits = false;
	while (!c->stack_waits) {
		send(c, false);
		c->stack_waits = netvsc_share_stack_stops(SLOTS - c->used) ||
				 !ring_has(c, RING_BYTES / 10);
	}
}

/* The host completes one: the oldest, or any of those that are out. */
static void complete_one(struct channel *c, bool any)
{
	u32 at = 0;

	c->seed = c->seed * 1664525 + 1013904223;
	if (any)
		at = (c->seed >> 8) % c->used;
	c->xdp_out -= c->is_xdp[at];
	c->ring_used -= c->bytes[c->is_xdp[at]];
	c->used--;
	memmove(&c->is_xdp[at], &c->is_xdp[at + 1],
		(c->used - at) * sizeof(c->is_xdp[0]));
}

/* A poll: what the host completed, then XDP, then the stack is woken. */
static void run(struct channel *c, u32 polls, u32 at_once, bool any)
{
	u32 i;

	while (polls--) {
		for (i = 0; i < at_once && c->used; i++)
			complete_one(c, any);
		send_xdp(c);
		send_stack(c);
	}
}

static void check_run(struct kunit *test, u32 stack_bytes, u32 xdp_bytes,
		      u32 at_once, bool any)
{
	struct channel c = {
		.bytes = { stack_bytes, xdp_bytes },
		.seed = 1,
	};
	u32 i;

	/* XDP was there first and has all it may have. */
	send_xdp(&c);
	send_stack(&c);
	for (i = 0; i < 5; i++) {
		c.sent[0] = 0;
		c.sent[1] = 0;
		run(&c, 3 * SLOTS, at_once, any);
		KUNIT_EXPECT_TRUE_MSG(test, c.sent[0] && c.sent[1],
				      "bytes %u %u, %u at once, any %u: stack %u, XDP %u",
				      stack_bytes, xdp_bytes, at_once, any,
				      c.sent[0], c.sent[1]);
		KUNIT_EXPECT_LE(test, c.used, SLOTS - NETVSC_SHARE_STOP_SLOTS + 1);
	}
}

static void neither_keeps_the_other_out(struct kunit *test)
{
	static const u32 bytes[] = { 48, 600 };
	static const u32 at_once[] = { 1, 2, 7, 64 };
	unsigned int s, x, n, any;

	for (s = 0; s < ARRAY_SIZE(bytes); s++)
		for (x = 0; x < ARRAY_SIZE(bytes); x++)
			for (n = 0; n < ARRAY_SIZE(at_once); n++)
				for (any = 0; any < 2; any++)
					check_run(test, bytes[s], bytes[x],
						  at_once[n], any);
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE(marks_are_in_order),
	KUNIT_CASE(xdp_leaves_a_waiting_stack_half),
	KUNIT_CASE(neither_keeps_the_other_out),
	{}
};

static struct kunit_suite share_suite = {
	.name = "hv_netvsc_share",
	.test_cases = share_cases,
};

kunit_test_suite(share_suite);
