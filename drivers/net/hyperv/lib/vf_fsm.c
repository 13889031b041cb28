// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf_fsm: when is a VF used, and what has the host to be told?
 *
 * Promise: each pair of state and event is decided, in the table below. Frames
 * go by the VF only after the host agreed, and no longer than all four conditions
 * hold. A host that may have steered to the VF is told when it is not wanted,
 * unless it said so itself. The answer to the latest request is what counts.
 *
 *	SYNTHETIC --wanted--> HOLD --time--> ENTERING --acked--> ACTIVE
 *	    ^                  |  ^             |                 |  |
 *	    |<---not wanted----+  |        not wanted,            |  |
 *	    |                     |        failed            not wanted
 *	    |                     |             v                 |  |
 *	    +<-------acked, failed+---------- LEAVING <-----------+  |
 *	                          +<----------host went back---------+
 *
 * Pure: no lock, no clock, no device; vf does what is to be done.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "vf_fsm.h"

#define HOLD_MS		100
#define HOLD_DOUBLINGS	6

/* What an event does to the conditions. */
static const struct {
	u8 set;
	u8 clear;
} fsm_effects[NETVSC_VF_EVENT_CNT] = {
	[NETVSC_VF_JOINED]	= { NETVSC_VF_HAS_VF, 0 },
	[NETVSC_VF_GONE]	= { 0, NETVSC_VF_HAS_VF | NETVSC_VF_IS_USABLE },
	[NETVSC_VF_USABLE]	= { NETVSC_VF_IS_USABLE, 0 },
	[NETVSC_VF_UNUSABLE]	= { 0, NETVSC_VF_IS_USABLE },
	[NETVSC_VF_LOST]	= { 0, NETVSC_VF_IS_USABLE },
	[NETVSC_VF_ASSOCIATED]	= { NETVSC_VF_HAS_HOST, 0 },
	[NETVSC_VF_WITHDRAWN]	= { 0, NETVSC_VF_HAS_HOST },
	[NETVSC_VF_ATTACHED]	= { NETVSC_VF_IS_ATTACHED, 0 },
	[NETVSC_VF_DETACHING]	= { 0, NETVSC_VF_IS_ATTACHED },
	[NETVSC_VF_DETACHED]	= { 0, NETVSC_VF_IS_ATTACHED },
};

/* A move: the next state, and what is done on the way. */
struct fsm_move {
	u8 next;
	u8 actions;
};

#define STAY(state)	{ NETVSC_VF_##state, 0 }
#define FALL		{ NETVSC_VF_SYNTHETIC, 0 }
#define REST		{ NETVSC_VF_HOLD, NETVSC_VF_WAIT }
#define TURN		{ NETVSC_VF_LEAVING, NETVSC_VF_ASK_SYNTHETIC }
#define LEAVE		{ NETVSC_VF_LEAVING, \
			  NETVSC_VF_STOP | NETVSC_VF_ASK_SYNTHETIC }

/* Each pair: if the VF is not wanted after the event, and if it is. */
static const struct fsm_move
fsm_table[NETVSC_VF_STATE_CNT][NETVSC_VF_EVENT_CNT][2] = {
	[NETVSC_VF_SYNTHETIC] = {
		[NETVSC_VF_JOINED]	= { FALL, REST },
		[NETVSC_VF_GONE]	= { FALL, FALL },
		[NETVSC_VF_USABLE]	= { FALL, REST },
		[NETVSC_VF_UNUSABLE]	= { FALL, FALL },
		[NETVSC_VF_LOST]		= { FALL, FALL },
		[NETVSC_VF_ASSOCIATED]	= { FALL, REST },
		[NETVSC_VF_WITHDRAWN]	= { FALL, FALL },
		[NETVSC_VF_ATTACHED]	= { FALL, REST },
		[NETVSC_VF_DETACHING]	= { FALL, FALL },
		[NETVSC_VF_DETACHED]	= { FALL, FALL },
		[NETVSC_VF_HOST_BACK]	= { FALL, REST },
		[NETVSC_VF_HOST_CROSSED] = { FALL, REST },
		[NETVSC_VF_ACKED]	= { FALL, REST },
		[NETVSC_VF_FAILED]	= { FALL, REST },
		[NETVSC_VF_TIME]	= { FALL, REST },
	},
	[NETVSC_VF_HOLD] = {
		[NETVSC_VF_JOINED]	= { FALL, STAY(HOLD) },
		[NETVSC_VF_GONE]	= { FALL, FALL },
		[NETVSC_VF_USABLE]	= { FALL, STAY(HOLD) },
		[NETVSC_VF_UNUSABLE]	= { FALL, FALL },
		[NETVSC_VF_LOST]		= { FALL, FALL },
		[NETVSC_VF_ASSOCIATED]	= { FALL, STAY(HOLD) },
		[NETVSC_VF_WITHDRAWN]	= { FALL, FALL },
		[NETVSC_VF_ATTACHED]	= { FALL, STAY(HOLD) },
		[NETVSC_VF_DETACHING]	= { FALL, FALL },
		[NETVSC_VF_DETACHED]	= { FALL, FALL },
		[NETVSC_VF_HOST_BACK]	= { FALL, REST },
		[NETVSC_VF_HOST_CROSSED] = { FALL, REST },
		[NETVSC_VF_ACKED]	= { FALL, STAY(HOLD) },
		[NETVSC_VF_FAILED]	= { FALL, STAY(HOLD) },
		[NETVSC_VF_TIME]	= { FALL, { NETVSC_VF_ENTERING,
						    NETVSC_VF_ASK_VF } },
	},
	[NETVSC_VF_ENTERING] = {
		[NETVSC_VF_JOINED]	= { TURN, STAY(ENTERING) },
		[NETVSC_VF_GONE]	= { TURN, TURN },
		[NETVSC_VF_USABLE]	= { TURN, STAY(ENTERING) },
		[NETVSC_VF_UNUSABLE]	= { TURN, TURN },
		[NETVSC_VF_LOST]		= { TURN, TURN },
		[NETVSC_VF_ASSOCIATED]	= { TURN, STAY(ENTERING) },
		[NETVSC_VF_WITHDRAWN]	= { TURN, TURN },
		[NETVSC_VF_ATTACHED]	= { TURN, STAY(ENTERING) },
		[NETVSC_VF_DETACHING]	= { TURN, TURN },
		[NETVSC_VF_DETACHED]	= { FALL, FALL },
		/* Before or behind our request? An answer to a new one tells. */
		[NETVSC_VF_HOST_BACK]	= { TURN, TURN },
		[NETVSC_VF_HOST_CROSSED] = { TURN, TURN },
		[NETVSC_VF_ACKED]	= { TURN, { NETVSC_VF_ACTIVE,
						    NETVSC_VF_USE } },
		/* It may still do it: it has to know that we do not want. */
		[NETVSC_VF_FAILED]	= { TURN, TURN },
		[NETVSC_VF_TIME]	= { TURN, STAY(ENTERING) },
	},
	[NETVSC_VF_ACTIVE] = {
		[NETVSC_VF_JOINED]	= { LEAVE, STAY(ACTIVE) },
		[NETVSC_VF_GONE]	= { LEAVE, LEAVE },
		[NETVSC_VF_USABLE]	= { LEAVE, STAY(ACTIVE) },
		[NETVSC_VF_UNUSABLE]	= { LEAVE, LEAVE },
		[NETVSC_VF_LOST]		= { LEAVE, LEAVE },
		[NETVSC_VF_ASSOCIATED]	= { LEAVE, STAY(ACTIVE) },
		[NETVSC_VF_WITHDRAWN]	= { LEAVE, LEAVE },
		[NETVSC_VF_ATTACHED]	= { LEAVE, STAY(ACTIVE) },
		[NETVSC_VF_DETACHING]	= { LEAVE, LEAVE },
		[NETVSC_VF_DETACHED]	= { { NETVSC_VF_SYNTHETIC,
					      NETVSC_VF_STOP },
					    { NETVSC_VF_SYNTHETIC,
					      NETVSC_VF_STOP } },
		/* It knows; asked again it may do it again. */
		[NETVSC_VF_HOST_BACK]	= { LEAVE, { NETVSC_VF_HOLD,
						     NETVSC_VF_STOP |
						     NETVSC_VF_WAIT } },
		/* Our request may undo it: it has to know that we do not want. */
		[NETVSC_VF_HOST_CROSSED] = { LEAVE, LEAVE },
		[NETVSC_VF_ACKED]	= { LEAVE, STAY(ACTIVE) },
		[NETVSC_VF_FAILED]	= { LEAVE, STAY(ACTIVE) },
		[NETVSC_VF_TIME]	= { LEAVE, STAY(ACTIVE) },
	},
	[NETVSC_VF_LEAVING] = {
		[NETVSC_VF_JOINED]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_GONE]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_USABLE]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_UNUSABLE]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_LOST]		= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_ASSOCIATED]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_WITHDRAWN]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_ATTACHED]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_DETACHING]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_DETACHED]	= { FALL, FALL },
		[NETVSC_VF_HOST_BACK]	= { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_HOST_CROSSED] = { STAY(LEAVING), STAY(LEAVING) },
		[NETVSC_VF_ACKED]	= { FALL, REST },
		[NETVSC_VF_FAILED]	= { FALL, REST },
		[NETVSC_VF_TIME]	= { STAY(LEAVING), STAY(LEAVING) },
	},
};

u32 netvsc_vf_fsm_step(struct netvsc_vf_fsm *fsm, enum netvsc_vf_event event)
{
	const struct fsm_move *move;
	bool wanted;

	fsm->conditions |= fsm_effects[event].set;
	fsm->conditions &= ~fsm_effects[event].clear;
	wanted = fsm->conditions == NETVSC_VF_WANTED;
	move = &fsm_table[fsm->state][event][wanted];
	fsm->state = move->next;
	return move->actions;
}

bool netvsc_vf_fsm_is_flap(enum netvsc_vf_state state,
			   enum netvsc_vf_event event)
{
	bool at_work = state == NETVSC_VF_ENTERING || state == NETVSC_VF_ACTIVE;

	switch (event) {
	case NETVSC_VF_LOST:
		return at_work;
	case NETVSC_VF_HOST_BACK:
	case NETVSC_VF_HOST_CROSSED:
		return at_work || state == NETVSC_VF_HOLD;
	case NETVSC_VF_FAILED:
		return true;
	default:
		return false;
	}
}

u32 netvsc_vf_fsm_hold_ms(u32 flaps)
{
	return flaps ? HOLD_MS << min_t(u32, flaps - 1, HOLD_DOUBLINGS) : 0;
}
