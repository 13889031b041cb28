/* SPDX-License-Identifier: GPL-2.0 */
/* Room vf_fsm: when is a VF used, and what has the host to be told? */
#ifndef _NETVSC_LIB_VF_FSM_H
#define _NETVSC_LIB_VF_FSM_H

#include <linux/types.h>

/**
 * enum netvsc_vf_state - where the frames go, and what the host knows of it
 * @NETVSC_VF_SYNTHETIC: by netvsc's own queues; something is missing for more
 * @NETVSC_VF_HOLD: the same; nothing is missing, but it shall last for a while
 * @NETVSC_VF_ENTERING: the same; the host was asked for the VF
 * @NETVSC_VF_ACTIVE: the VF sends
 * @NETVSC_VF_LEAVING: by netvsc's own queues; the host was told so and has not
 *	answered
 * @NETVSC_VF_STATE_CNT: how many there are
 */
enum netvsc_vf_state {
	NETVSC_VF_SYNTHETIC,
	NETVSC_VF_HOLD,
	NETVSC_VF_ENTERING,
	NETVSC_VF_ACTIVE,
	NETVSC_VF_LEAVING,
	NETVSC_VF_STATE_CNT
};

/**
 * enum netvsc_vf_event - what happened
 * @NETVSC_VF_JOINED: a VF is ours, and set up like us
 * @NETVSC_VF_GONE: not any more
 * @NETVSC_VF_USABLE: it is up, with a carrier and frames as long as ours
 * @NETVSC_VF_UNUSABLE: not any more, as somebody in this system wants it so
 * @NETVSC_VF_LOST: not any more, by itself: it has no carrier
 * @NETVSC_VF_ASSOCIATED: the host announced a VF
 * @NETVSC_VF_WITHDRAWN: it took it back
 * @NETVSC_VF_ATTACHED: we are attached to the host
 * @NETVSC_VF_DETACHING: we are about to go, the host still listens
 * @NETVSC_VF_DETACHED: the host does not know us any more
 * @NETVSC_VF_HOST_BACK: the host says that it switched back by itself
 * @NETVSC_VF_HOST_CROSSED: it says so while a request of ours is on its way
 * @NETVSC_VF_ACKED: it answered our latest request
 * @NETVSC_VF_FAILED: it did not answer, or could not be asked
 * @NETVSC_VF_TIME: the hold is over
 * @NETVSC_VF_EVENT_CNT: how many there are
 *
 * Up to and including @NETVSC_VF_DETACHED they change conditions, which stay.
 */
enum netvsc_vf_event {
	NETVSC_VF_JOINED,
	NETVSC_VF_GONE,
	NETVSC_VF_USABLE,
	NETVSC_VF_UNUSABLE,
	NETVSC_VF_LOST,
	NETVSC_VF_ASSOCIATED,
	NETVSC_VF_WITHDRAWN,
	NETVSC_VF_ATTACHED,
	NETVSC_VF_DETACHING,
	NETVSC_VF_DETACHED,
	NETVSC_VF_HOST_BACK,
	NETVSC_VF_HOST_CROSSED,
	NETVSC_VF_ACKED,
	NETVSC_VF_FAILED,
	NETVSC_VF_TIME,
	NETVSC_VF_EVENT_CNT
};

/* Conditions: bits of netvsc_vf_fsm.conditions. All of them: the VF is wanted. */
#define NETVSC_VF_HAS_VF	0x1
#define NETVSC_VF_IS_USABLE	0x2
#define NETVSC_VF_HAS_HOST	0x4
#define NETVSC_VF_IS_ATTACHED	0x8
#define NETVSC_VF_WANTED	0xf

/* Actions, in the order in which they are to be done. */
#define NETVSC_VF_STOP		0x01	/* send by our own queues again */
#define NETVSC_VF_USE		0x02	/* send by the VF */
#define NETVSC_VF_ASK_VF	0x04	/* tell the host: data path to the VF */
#define NETVSC_VF_ASK_SYNTHETIC	0x08	/* tell the host: data path to us */
#define NETVSC_VF_WAIT		0x10	/* NETVSC_VF_TIME is due after a while */

/**
 * struct netvsc_vf_fsm - the machine; begins as zeros
 * @state: enum netvsc_vf_state
 * @conditions: NETVSC_VF_HAS_VF and so on
 */
struct netvsc_vf_fsm {
	u8 state;
	u8 conditions;
};

/**
 * netvsc_vf_fsm_step() - an event happened
 * @fsm: the machine
 * @event: enum netvsc_vf_event
 *
 * Entering: first the host's answer, then use. Leaving: first stop, then tell
 * the host (R58). What the host says on its own counts at once (R59), what
 * comes twice changes nothing (R60). Sheet 3.11, 3.12, 4.6, 9.6.
 *
 * Return: what is to be done, NETVSC_VF_STOP and so on.
 */
u32 netvsc_vf_fsm_step(struct netvsc_vf_fsm *fsm, enum netvsc_vf_event event);

/**
 * netvsc_vf_fsm_is_flap() - does this event count as a loss of the VF?
 * @state: enum netvsc_vf_state, before the event
 * @event: enum netvsc_vf_event
 *
 * Only what may go on by itself counts: the carrier, and the host. A VF that is
 * set down or gets another MTU or program is as good as before.
 *
 * Return: true: the next hold is longer.
 */
bool netvsc_vf_fsm_is_flap(enum netvsc_vf_state state,
			   enum netvsc_vf_event event);

/**
 * netvsc_vf_fsm_hold_ms() - how long must all be well before the VF is used?
 * @flaps: how often it was lost lately
 *
 * Return: milliseconds: none the first time, then longer and longer.
 */
u32 netvsc_vf_fsm_hold_ms(u32 flaps);

#endif /* _NETVSC_LIB_VF_FSM_H */
