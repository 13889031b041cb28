// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: leave - how a NIC is taken away (netvsc-wire.md 4.7).
 *
 * abrupt:  complete what the host has, rescind at once.
 * drained: no more frames for the guest; rescind when it has returned all that it
 *          got, at the latest after a fifth of a second. The default: a guest that
 *          waits for its receive completions to go out cannot do so afterwards.
 * orderly: the link goes down first, and the guest's transmits have come to rest.
 *
 * A VF goes before its NIC: but for abrupt, the guest is asked to let go of it first. A
 * stock guest that loses both at once waits for ever for the path it asks for.
 */
#include <stdlib.h>
#include "../base/ctl.h"
#include "leave.h"
#include "nic.h"
#include "rx.h"
#include "vf_job.h"
#include "vffn.h"

#define TICK_MS		5
#define DRAIN_MS	200
#define ORDERLY_MS	6000	/* a stock guest looks at link news every 2 s */
#define SILENCE_MS	150
#define VF_MS		10000	/* for the guest to let go of its VF */

struct nic_leave {
	struct ctl_call *call;
	struct loop_timer *timer;
	enum leave_how how;
	uint64_t deadline_ms;
	uint64_t vf_ms;			/* until then the VF may be there */
	uint64_t silent_ms;		/* since when nothing came */
	uint64_t requests;
};

static uint64_t requests(const struct nic *nic)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		n += nic->q[i] ? nic->q[i]->stats.tx_requests : 0;
	return n;
}

static bool quiet(const struct nic *nic)
{
	struct nic_leave *l = nic->leave;
	uint64_t now = loop_now_ms();

	if (nic->vf.fn && now < l->vf_ms) {
		l->deadline_ms = now + (l->how == LEAVE_ORDERLY ? ORDERLY_MS : DRAIN_MS);
		l->silent_ms = now;
		return false;
	}
	if (now >= l->deadline_ms)
		return true;
	if (requests(nic) != l->requests) {
		l->requests = requests(nic);
		l->silent_ms = now;
	}
	if (nic->pool.slot && pool_outstanding(&nic->pool, -1))
		return false;
	return l->how == LEAVE_DRAINED || now - l->silent_ms >= SILENCE_MS;
}

static void tick(void *priv)
{
	struct nic *nic = priv;

	nic->leave->timer = NULL;
	if (quiet(nic))
		nic->events->remove(nic);
	else
		nic->leave->timer = loop_add_timer(TICK_MS, tick, nic);
}

void leave_cancel(struct nic *nic)
{
	struct nic_leave *l = nic->leave;

	if (!l)
		return;
	nic->leave = NULL;
	loop_del_timer(l->timer);
	if (l->call)
		ctl_ok(l->call, NULL);
	free(l);
}

void leave_begin(struct nic *nic, enum leave_how how, struct ctl_call *call)
{
	struct nic_leave *l;

	if (nic->leave) {
		ctl_error(call, "NIC %d is leaving already", nic->id);
		return;
	}
	l = how == LEAVE_ABRUPT || nic->state != NIC_OPERATIONAL ? NULL :
		calloc(1, sizeof(*l));
	if (!l) {
		nic->events->remove(nic);
		ctl_ok(call, NULL);
		return;
	}
	l->call = call;
	l->how = how;
	l->silent_ms = loop_now_ms();
	l->deadline_ms = l->silent_ms + (how == LEAVE_ORDERLY ? ORDERLY_MS : DRAIN_MS);
	l->requests = requests(nic);
	nic->leave = l;
	rx_drop_all(nic);
	if (how == LEAVE_ORDERLY && nic->link_up) {
		nic->link_up = false;
		rndis_link_changed(nic);
	}
	l->vf_ms = l->silent_ms + VF_MS;
	vf_job_cancel(nic);
	if (nic->vf.fn)
		vffn_pull(nic->vf.fn, VF_MS, true, NULL, NULL);
	tick(nic);
}
