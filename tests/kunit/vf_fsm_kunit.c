// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_vf_fsm. Sheet 3.11, 3.12, 4.6, 9.6; R57-R60. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/vf_fsm.c"

/* ---- the table ---- */

/*
 * Next state by event, for a VF that is not wanted after the event and for one
 * that is. Events in the order of enum netvsc_vf_event: Joined Gone, Usable
 * unusable lost, Associated withdrawn, aTtached detaching detached, host Back,
 * host Crossed, acKed, failed, time.
 */
static const struct {
	u8 state;
	const char *not_wanted;
	const char *wanted;
} rows[] = {
	/*			  JgUulAwTddBCKft    JgUulAwTddBCKft */
	{ NETVSC_VF_SYNTHETIC,	"SSSSSSSSSSSSSSS", "HSHSSHSHSSHHHHH" },
	{ NETVSC_VF_HOLD,	"SSSSSSSSSSSSSSS", "HSHSSHSHSSHHHHE" },
	{ NETVSC_VF_ENTERING,	"LLLLLLLLLSLLLLL", "ELELLELELSLLALE" },
	{ NETVSC_VF_ACTIVE,	"LLLLLLLLLSLLLLL", "ALALLALALSHLAAA" },
	{ NETVSC_VF_LEAVING,	"LLLLLLLLLSLLSSL", "LLLLLLLLLSLLHHL" },
};

static const char letters[] = "SHEAL";

static u8 state_of(char letter)
{
	return strchr(letters, letter) - letters;
}

/* Whether the facts can be these after the event. */
static bool possible(unsigned int event, bool wanted)
{
	return !wanted || !fsm_effects[event].clear;
}

/* Facts before an event after which the VF is wanted, or not. */
static u8 facts_before(unsigned int event, bool wanted)
{
	if (wanted)
		return NETVSC_VF_WANTED & ~fsm_effects[event].set;
	/* Without an announcement, or without a VF if that is the event. */
	return event == NETVSC_VF_ASSOCIATED ?
	       NETVSC_VF_WANTED & ~NETVSC_VF_HAS_VF :
	       NETVSC_VF_WANTED & ~NETVSC_VF_HAS_HOST;
}

static u32 actions_of(u8 from, u8 to, unsigned int event)
{
	u32 actions = 0;

	if (from == NETVSC_VF_ACTIVE && to != from)
		actions |= NETVSC_VF_STOP;
	if (to == NETVSC_VF_ACTIVE && to != from)
		actions |= NETVSC_VF_USE;
	if (to == NETVSC_VF_ENTERING && to != from)
		actions |= NETVSC_VF_ASK_VF;
	if (to == NETVSC_VF_LEAVING && to != from)
		actions |= NETVSC_VF_ASK_SYNTHETIC;
	if (to == NETVSC_VF_HOLD &&
	    (to != from || event == NETVSC_VF_HOST_BACK ||
	     event == NETVSC_VF_HOST_CROSSED))
		actions |= NETVSC_VF_WAIT;
	return actions;
}

static void check_pair(struct kunit *test, u8 state, unsigned int event,
		       bool wanted, u8 next)
{
	struct netvsc_vf_fsm fsm = {
		.state = state,
		.conditions = facts_before(event, wanted),
	};
	u32 actions = netvsc_vf_fsm_step(&fsm, event);

	KUNIT_EXPECT_EQ_MSG(test, fsm.conditions == NETVSC_VF_WANTED, wanted,
			    "state %u event %u", state, event);
	KUNIT_EXPECT_EQ_MSG(test, fsm.state, next, "state %u event %u wanted %d",
			    state, event, wanted);
	KUNIT_EXPECT_EQ_MSG(test, actions, actions_of(state, next, event),
			    "state %u event %u wanted %d", state, event, wanted);
}

static void every_pair_of_state_and_event_is_decided(struct kunit *test)
{
	unsigned int i, event;

	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(rows), NETVSC_VF_STATE_CNT);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (event = 0; event < NETVSC_VF_EVENT_CNT; event++) {
			check_pair(test, rows[i].state, event, false,
				   state_of(rows[i].not_wanted[event]));
			if (possible(event, true))
				check_pair(test, rows[i].state, event, true,
					   state_of(rows[i].wanted[event]));
		}
}

static void facts_stay_until_taken_back(struct kunit *test)
{
	struct netvsc_vf_fsm fsm = {};

	netvsc_vf_fsm_step(&fsm, NETVSC_VF_ASSOCIATED);
	netvsc_vf_fsm_step(&fsm, NETVSC_VF_ATTACHED);
	KUNIT_EXPECT_EQ(test, fsm.conditions,
			NETVSC_VF_HAS_HOST | NETVSC_VF_IS_ATTACHED);
	netvsc_vf_fsm_step(&fsm, NETVSC_VF_JOINED);
	netvsc_vf_fsm_step(&fsm, NETVSC_VF_USABLE);
	KUNIT_EXPECT_EQ(test, fsm.conditions, NETVSC_VF_WANTED);
	/* Another VF has to show first that it can be used. */
	netvsc_vf_fsm_step(&fsm, NETVSC_VF_GONE);
	KUNIT_EXPECT_EQ(test, fsm.conditions,
			NETVSC_VF_HAS_HOST | NETVSC_VF_IS_ATTACHED);
}

/* Each event with each set of facts in each state, from a list of its own. */
static void each_event_changes_its_facts_alone(struct kunit *test)
{
	static const struct {
		u8 event, set, clear;
	} wanted[] = {
		{ NETVSC_VF_JOINED,	0x1, 0 },
		{ NETVSC_VF_GONE,	0, 0x1 | 0x2 },
		{ NETVSC_VF_USABLE,	0x2, 0 },
		{ NETVSC_VF_UNUSABLE,	0, 0x2 },
		{ NETVSC_VF_LOST,	0, 0x2 },
		{ NETVSC_VF_ASSOCIATED,	0x4, 0 },
		{ NETVSC_VF_WITHDRAWN,	0, 0x4 },
		{ NETVSC_VF_ATTACHED,	0x8, 0 },
		{ NETVSC_VF_DETACHING,	0, 0x8 },
		{ NETVSC_VF_DETACHED,	0, 0x8 },
		{ NETVSC_VF_HOST_BACK,	0, 0 },
		{ NETVSC_VF_HOST_CROSSED, 0, 0 },
		{ NETVSC_VF_ACKED,	0, 0 },
		{ NETVSC_VF_FAILED,	0, 0 },
		{ NETVSC_VF_TIME,	0, 0 },
	};
	unsigned int i, state, conditions;

	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(wanted), NETVSC_VF_EVENT_CNT);
	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		for (state = 0; state < NETVSC_VF_STATE_CNT; state++)
			for (conditions = 0; conditions <= 0xf; conditions++) {
				struct netvsc_vf_fsm fsm = { state, conditions };

				netvsc_vf_fsm_step(&fsm, wanted[i].event);
				KUNIT_EXPECT_EQ_MSG(test, fsm.conditions,
						    (conditions | wanted[i].set) &
						    ~wanted[i].clear,
						    "event %u state %u facts %x",
						    i, state, conditions);
			}
}

/* ---- stories ---- */

struct chapter {
	u8 event;
	u8 state;
	u32 actions;
};

static void tell(struct kunit *test, struct netvsc_vf_fsm *fsm,
		 const struct chapter *story, unsigned int cnt)
{
	unsigned int i;
	u32 actions;

	for (i = 0; i < cnt; i++) {
		actions = netvsc_vf_fsm_step(fsm, story[i].event);
		KUNIT_EXPECT_EQ_MSG(test, fsm->state, story[i].state,
				    "chapter %u", i);
		KUNIT_EXPECT_EQ_MSG(test, actions, story[i].actions,
				    "chapter %u", i);
	}
}

static const struct chapter in_use[] = {
	{ NETVSC_VF_ATTACHED, NETVSC_VF_SYNTHETIC, 0 },
	{ NETVSC_VF_ASSOCIATED, NETVSC_VF_SYNTHETIC, 0 },
	{ NETVSC_VF_JOINED, NETVSC_VF_SYNTHETIC, 0 },
	{ NETVSC_VF_USABLE, NETVSC_VF_HOLD, NETVSC_VF_WAIT },
	{ NETVSC_VF_TIME, NETVSC_VF_ENTERING, NETVSC_VF_ASK_VF },
	{ NETVSC_VF_ACKED, NETVSC_VF_ACTIVE, NETVSC_VF_USE },
};

static void begin(struct kunit *test, struct netvsc_vf_fsm *fsm)
{
	*fsm = (struct netvsc_vf_fsm){};
	tell(test, fsm, in_use, ARRAY_SIZE(in_use));
}

static void association_may_come_last(struct kunit *test)
{
	static const struct chapter story[] = {
		{ NETVSC_VF_JOINED, NETVSC_VF_SYNTHETIC, 0 },
		{ NETVSC_VF_USABLE, NETVSC_VF_SYNTHETIC, 0 },
		{ NETVSC_VF_ATTACHED, NETVSC_VF_SYNTHETIC, 0 },
		{ NETVSC_VF_ASSOCIATED, NETVSC_VF_HOLD, NETVSC_VF_WAIT },
		{ NETVSC_VF_TIME, NETVSC_VF_ENTERING, NETVSC_VF_ASK_VF },
	};
	struct netvsc_vf_fsm fsm = {};

	tell(test, &fsm, story, ARRAY_SIZE(story));
}

static void planned_removal_stops_before_it_asks(struct kunit *test)
{
	static const struct chapter story[] = {
		{ NETVSC_VF_UNUSABLE, NETVSC_VF_LEAVING,
		  NETVSC_VF_STOP | NETVSC_VF_ASK_SYNTHETIC },
		{ NETVSC_VF_GONE, NETVSC_VF_LEAVING, 0 },
		{ NETVSC_VF_WITHDRAWN, NETVSC_VF_LEAVING, 0 },
		{ NETVSC_VF_ACKED, NETVSC_VF_SYNTHETIC, 0 },
	};
	struct netvsc_vf_fsm fsm;

	begin(test, &fsm);
	tell(test, &fsm, story, ARRAY_SIZE(story));
}

/* As OpenVMM does it: sheet 4.6. */
static void surprise_removal_needs_no_answer(struct kunit *test)
{
	static const struct chapter story[] = {
		{ NETVSC_VF_HOST_BACK, NETVSC_VF_HOLD,
		  NETVSC_VF_STOP | NETVSC_VF_WAIT },
		{ NETVSC_VF_WITHDRAWN, NETVSC_VF_SYNTHETIC, 0 },
		{ NETVSC_VF_UNUSABLE, NETVSC_VF_SYNTHETIC, 0 },
		{ NETVSC_VF_GONE, NETVSC_VF_SYNTHETIC, 0 },
	};
	struct netvsc_vf_fsm fsm;

	begin(test, &fsm);
	tell(test, &fsm, story, ARRAY_SIZE(story));
}

/* The host serves our request after it has gone back by itself. */
static void a_host_that_may_steer_again_is_told(struct kunit *test)
{
	static const struct chapter story[] = {
		{ NETVSC_VF_HOST_CROSSED, NETVSC_VF_LEAVING,
		  NETVSC_VF_STOP | NETVSC_VF_ASK_SYNTHETIC },
		{ NETVSC_VF_LOST, NETVSC_VF_LEAVING, 0 },
		{ NETVSC_VF_ACKED, NETVSC_VF_SYNTHETIC, 0 },
	};
	struct netvsc_vf_fsm fsm;

	begin(test, &fsm);
	tell(test, &fsm, story, ARRAY_SIZE(story));
}

static void a_refused_switch_is_tried_again_later(struct kunit *test)
{
	static const struct chapter story[] = {
		{ NETVSC_VF_HOST_BACK, NETVSC_VF_HOLD,
		  NETVSC_VF_STOP | NETVSC_VF_WAIT },
		{ NETVSC_VF_USABLE, NETVSC_VF_HOLD, 0 },
		{ NETVSC_VF_TIME, NETVSC_VF_ENTERING, NETVSC_VF_ASK_VF },
	};
	struct netvsc_vf_fsm fsm;

	begin(test, &fsm);
	tell(test, &fsm, story, ARRAY_SIZE(story));
}

static void a_lost_answer_ends_on_the_synthetic_path(struct kunit *test)
{
	static const struct chapter story[] = {
		{ NETVSC_VF_UNUSABLE, NETVSC_VF_LEAVING,
		  NETVSC_VF_STOP | NETVSC_VF_ASK_SYNTHETIC },
		{ NETVSC_VF_USABLE, NETVSC_VF_LEAVING, 0 },
		{ NETVSC_VF_FAILED, NETVSC_VF_HOLD, NETVSC_VF_WAIT },
		{ NETVSC_VF_TIME, NETVSC_VF_ENTERING, NETVSC_VF_ASK_VF },
		{ NETVSC_VF_FAILED, NETVSC_VF_LEAVING,
		  NETVSC_VF_ASK_SYNTHETIC },
		{ NETVSC_VF_FAILED, NETVSC_VF_HOLD, NETVSC_VF_WAIT },
	};
	struct netvsc_vf_fsm fsm;

	begin(test, &fsm);
	tell(test, &fsm, story, ARRAY_SIZE(story));
}

static void a_new_attachment_starts_from_the_synthetic_path(struct kunit *test)
{
	static const struct chapter story[] = {
		{ NETVSC_VF_DETACHING, NETVSC_VF_LEAVING,
		  NETVSC_VF_STOP | NETVSC_VF_ASK_SYNTHETIC },
		{ NETVSC_VF_DETACHED, NETVSC_VF_SYNTHETIC, 0 },
		{ NETVSC_VF_ACKED, NETVSC_VF_SYNTHETIC, 0 },
		{ NETVSC_VF_ATTACHED, NETVSC_VF_HOLD, NETVSC_VF_WAIT },
	};
	struct netvsc_vf_fsm fsm;

	begin(test, &fsm);
	tell(test, &fsm, story, ARRAY_SIZE(story));
}

static void only_what_goes_on_by_itself_is_a_flap(struct kunit *test)
{
	/* The states in which an event is one. */
	static const u8 flaps[NETVSC_VF_EVENT_CNT] = {
		[NETVSC_VF_LOST] = BIT(NETVSC_VF_ENTERING) |
				   BIT(NETVSC_VF_ACTIVE),
		[NETVSC_VF_HOST_BACK] = BIT(NETVSC_VF_HOLD) |
					BIT(NETVSC_VF_ENTERING) |
					BIT(NETVSC_VF_ACTIVE),
		[NETVSC_VF_HOST_CROSSED] = BIT(NETVSC_VF_HOLD) |
					   BIT(NETVSC_VF_ENTERING) |
					   BIT(NETVSC_VF_ACTIVE),
		[NETVSC_VF_FAILED] = BIT(NETVSC_VF_STATE_CNT) - 1,
	};
	unsigned int state, event;

	for (event = 0; event < NETVSC_VF_EVENT_CNT; event++)
		for (state = 0; state < NETVSC_VF_STATE_CNT; state++)
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_vf_fsm_is_flap(state, event),
					    !!(flaps[event] & BIT(state)),
					    "state %u event %u", state, event);
}

static void the_hold_grows_to_a_limit(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, netvsc_vf_fsm_hold_ms(0), 0);
	KUNIT_EXPECT_EQ(test, netvsc_vf_fsm_hold_ms(1), 100);
	for (i = 1; i < 7; i++)
		KUNIT_EXPECT_EQ(test, netvsc_vf_fsm_hold_ms(i + 1),
				2 * netvsc_vf_fsm_hold_ms(i));
	KUNIT_EXPECT_EQ(test, netvsc_vf_fsm_hold_ms(1000),
			netvsc_vf_fsm_hold_ms(7));
	KUNIT_EXPECT_EQ(test, netvsc_vf_fsm_hold_ms(~0u),
			netvsc_vf_fsm_hold_ms(7));
}

/* ---- a host that does what it likes, and news that are on their way ---- */

#define NEWS_MAX	8
#define WALK_STEPS	200000
#define BACK		0	/* else the number of an answered request */

struct world {
	struct netvsc_vf_fsm fsm;
	u32 random;
	bool host_vf;		/* the host steers to the VF */
	u32 asked;		/* requests so far; the latest is waited for */
	u32 request;		/* on its way to the host, 0 if none */
	bool request_vf;	/* which path it wants */
	u32 events[NEWS_MAX];	/* on their way to the guest, oldest first */
	unsigned int news_cnt;
	unsigned int used;	/* how often the VF came into use */
};

static u32 dice(struct world *w, u32 sides)
{
	w->random = w->random * 1664525 + 1013904223;
	return (w->random >> 8) % sides;
}

static void host_says(struct world *w, u32 what)
{
	w->events[w->news_cnt++] = what;
}

static void host_serves(struct world *w)
{
	bool refused = !dice(w, 4);

	if (!w->request || w->news_cnt + 2 > NEWS_MAX)
		return;
	w->host_vf = w->request_vf && !refused;
	host_says(w, w->request);
	if (w->request_vf && refused)
		host_says(w, BACK);
	w->request = 0;
}

static void guest(struct kunit *test, struct world *w,
		  enum netvsc_vf_event event)
{
	u8 before = w->fsm.state;
	u32 actions = netvsc_vf_fsm_step(&w->fsm, event);

	w->used += !!(actions & NETVSC_VF_USE);
	/* Frames go by the VF only between these two. */
	KUNIT_EXPECT_EQ(test, !!(actions & NETVSC_VF_USE),
			before != NETVSC_VF_ACTIVE &&
			w->fsm.state == NETVSC_VF_ACTIVE);
	KUNIT_EXPECT_EQ(test, !!(actions & NETVSC_VF_STOP),
			before == NETVSC_VF_ACTIVE &&
			w->fsm.state != NETVSC_VF_ACTIVE);
	if (w->fsm.state == NETVSC_VF_ACTIVE)
		KUNIT_EXPECT_EQ(test, w->fsm.conditions, NETVSC_VF_WANTED);
	if (!(actions & (NETVSC_VF_ASK_VF | NETVSC_VF_ASK_SYNTHETIC)))
		return;
	/* The host takes them in order: a new one finds the old one served. */
	while (w->request)
		host_serves(w);
	w->request = ++w->asked;
	w->request_vf = actions & NETVSC_VF_ASK_VF;
}

/* Asks once more for the path that is in force; the answer is nobody's. */
static void guest_confirms(struct world *w)
{
	if (w->fsm.state != NETVSC_VF_ACTIVE || w->request)
		return;
	w->request = w->asked;
	w->request_vf = true;
}

/* A request of which no answer has arrived. */
static bool is_asked(const struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->news_cnt; i++)
		if (w->events[i] != BACK)
			return true;
	return w->request;
}

static void deliver(struct kunit *test, struct world *w)
{
	u32 what;

	if (!w->news_cnt)
		return;
	what = w->events[0];
	memmove(&w->events[0], &w->events[1], --w->news_cnt * sizeof(what));
	if (what == BACK)
		guest(test, w, is_asked(w) ? NETVSC_VF_HOST_CROSSED :
					     NETVSC_VF_HOST_BACK);
	else if (what == w->asked)
		guest(test, w, NETVSC_VF_ACKED);
}

static bool waits(const struct world *w)
{
	return w->fsm.state == NETVSC_VF_ENTERING ||
	       w->fsm.state == NETVSC_VF_LEAVING;
}

static void wander(struct kunit *test, struct world *w)
{
	/* What ends things is rarer, so that there is something to end. */
	static const u8 mostly[] = {
		NETVSC_VF_JOINED, NETVSC_VF_USABLE, NETVSC_VF_ASSOCIATED,
		NETVSC_VF_ATTACHED,
	};

	/* Room for what a request that is made now may bring. */
	while (w->news_cnt > NEWS_MAX - 4)
		deliver(test, w);
	switch (dice(w, 9)) {
	case 0:
		guest(test, w, dice(w, NETVSC_VF_DETACHING));
		break;
	case 1:
	case 2:
		guest(test, w, mostly[dice(w, ARRAY_SIZE(mostly))]);
		break;
	case 3:
		if (w->fsm.state == NETVSC_VF_HOLD)
			guest(test, w, NETVSC_VF_TIME);
		break;
	case 4:
		if (waits(w) && !dice(w, 4))
			guest(test, w, NETVSC_VF_FAILED);
		break;
	case 5:
		if (w->host_vf && !dice(w, 4)) {
			w->host_vf = false;
			host_says(w, BACK);
		}
		break;
	case 6:
		host_serves(w);
		break;
	case 7:
		deliver(test, w);
		break;
	case 8:
		guest_confirms(w);
		break;
	}
}

static void both_sides_agree_when_all_is_said(struct kunit *test)
{
	struct world w = { .random = 1 };
	u32 i;

	for (i = 0; i < WALK_STEPS; i++) {
		wander(test, &w);
		if (w.request || w.news_cnt || waits(&w))
			continue;
		/* A path that nobody uses would swallow what comes in. */
		KUNIT_ASSERT_EQ(test, w.host_vf,
				w.fsm.state == NETVSC_VF_ACTIVE);
	}
	KUNIT_EXPECT_GT(test, w.used, WALK_STEPS / 1000);
}

static struct kunit_case vf_fsm_cases[] = {
	KUNIT_CASE(every_pair_of_state_and_event_is_decided),
	KUNIT_CASE(facts_stay_until_taken_back),
	KUNIT_CASE(each_event_changes_its_facts_alone),
	KUNIT_CASE(association_may_come_last),
	KUNIT_CASE(planned_removal_stops_before_it_asks),
	KUNIT_CASE(surprise_removal_needs_no_answer),
	KUNIT_CASE(a_host_that_may_steer_again_is_told),
	KUNIT_CASE(a_refused_switch_is_tried_again_later),
	KUNIT_CASE(a_lost_answer_ends_on_the_synthetic_path),
	KUNIT_CASE(a_new_attachment_starts_from_the_synthetic_path),
	KUNIT_CASE(only_what_goes_on_by_itself_is_a_flap),
	KUNIT_CASE(the_hold_grows_to_a_limit),
	KUNIT_CASE(both_sides_agree_when_all_is_said),
	{}
};

static struct kunit_suite vf_fsm_suite = {
	.name = "hv_netvsc_vf_fsm",
	.test_cases = vf_fsm_cases,
};

kunit_test_suite(vf_fsm_suite);
