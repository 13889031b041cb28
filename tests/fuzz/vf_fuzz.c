// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of the VF's data path: any sequence of events. Frames go by the VF
 * only after the host agreed and no longer than all conditions hold; the VF is asked for
 * once, and what is answered is the latest request.
 */
#include "../../drivers/net/hyperv/lib/vf_fsm.c"

#include "fuzz.h"

/* What the world knows of the machine. */
struct world {
	bool asked;		/* the latest request is not answered */
	bool asked_vf;		/* and it was for the VF */
	bool uses;		/* frames go by the VF */
};

static void obey(struct world *world, u32 todo)
{
	FUZZ_ASSERT(!(todo & NETVSC_VF_USE && todo & NETVSC_VF_STOP));
	FUZZ_ASSERT(!(todo & NETVSC_VF_ASK_VF && todo & NETVSC_VF_ASK_SYNTHETIC));
	if (todo & NETVSC_VF_STOP)
		world->uses = false;
	if (todo & NETVSC_VF_USE)
		world->uses = true;
	if (todo & (NETVSC_VF_ASK_VF | NETVSC_VF_ASK_SYNTHETIC)) {
		/* The VF is asked for when nothing is under way, the way back at any time. */
		FUZZ_ASSERT(!world->asked || (todo & NETVSC_VF_ASK_SYNTHETIC &&
					      world->asked_vf));
		world->asked = true;
		world->asked_vf = todo & NETVSC_VF_ASK_VF;
	}
}

/* An answer comes when something was asked, and once. */
static bool may_come(struct world *world, enum netvsc_vf_event event)
{
	if (event != NETVSC_VF_ACKED && event != NETVSC_VF_FAILED)
		return true;
	if (!world->asked)
		return false;
	world->asked = false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netvsc_vf_fsm fsm = {};
	struct world world = {};
	size_t i;

	for (i = 0; i < size; i++) {
		enum netvsc_vf_event event = data[i] % NETVSC_VF_EVENT_CNT;

		if (!may_come(&world, event))
			continue;
		/* With the channel the request is gone: no answer to it will be heard. */
		if (event == NETVSC_VF_DETACHED)
			world.asked = false;
		netvsc_vf_fsm_is_flap(fsm.state, event);
		obey(&world, netvsc_vf_fsm_step(&fsm, event));
		FUZZ_ASSERT(fsm.state < NETVSC_VF_STATE_CNT);
		FUZZ_ASSERT(!(fsm.conditions & ~NETVSC_VF_WANTED));
		FUZZ_ASSERT(world.uses == (fsm.state == NETVSC_VF_ACTIVE));
		FUZZ_ASSERT(!world.uses || fsm.conditions == NETVSC_VF_WANTED);
		FUZZ_ASSERT(fsm.state != NETVSC_VF_ENTERING || world.asked);
		FUZZ_ASSERT(fsm.state != NETVSC_VF_LEAVING || world.asked);
		FUZZ_ASSERT(!data[i] || netvsc_vf_fsm_hold_ms(data[i]) > 0);
	}
	return 0;
}
