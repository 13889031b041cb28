// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: life - a NIC comes and goes, and what the bus says of its channels: open,
 * doorbell, close, release.
 *
 * life_reset() is the one place where a connection is forgotten.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../backend/switch.h"
#include "../fault/fault.h"
#include "late.h"
#include "leave.h"
#include "life.h"
#include "nic.h"
#include "nvsp.h"
#include "oid.h"
#include "port.h"
#include "queue.h"
#include "rsc.h"
#include "rx.h"
#include "serve.h"
#include "subchan.h"
#include "vf_job.h"
#include "vffn.h"

static void life_reset(struct nic *nic)
{
	late_drop_all(nic);
	lie_reset(nic);
	rewrite_reset(nic);
	vf_reset(nic);
	rndis_drop_backlog(nic);
	subchan_reset(nic);
	serve_reset(nic);
	rx_batch_hold_end(nic);
	done_withhold_end(nic);
	nvsp_reset(nic);
	oid_reset(nic);
	offload_reset(nic);
	rss_reset(nic);
}

static int nic_op_open(void *dev, struct vmbus_channel *ch)
{
	struct nic_queue *q = dev;

	(void)ch;
	if (q->orphan || q->nic->removing)
		return -ENODEV;
	if (fault_hit(q->index ? "subchannel.refuse_open" : "open.refuse", q->nic->id, "", 0) ||
	    fault_hit("vmbus.refuse", q->nic->id, q->index ? "subopen" : "open", 0))
		return -EIO;
	done_reset(q);
	rx_batch_init(q);
	q->dead = false;
	q->open = true;
	if (q->index)
		return 0;
	life_reset(q->nic);
	q->nic->version = 0;
	q->nic->lies.told = 0;
	q->nic->state = NIC_WAIT_INIT;
	q->nic->opens++;
	return 0;
}

/* What a guest that tears down in order must have done before it closes (4.3). */
struct nic_close {
	struct nic_close *next;
	struct nic *nic;
	struct loop_timer *timer;
	unsigned int queue;
	bool operational;
	uint32_t outstanding;
};

/*
 * A close also comes with UNLOAD, where nothing was promised; whether it does is
 * known a moment later.
 */
static void close_check_fired(void *priv)
{
	struct nic_close *c = priv, **at = &c->nic->closing;
	struct nic *nic = c->nic;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	if (!nic->removing && bus_version(nic->bus)) {
		if (c->operational)
			nic_style(nic, "netvsp.close.without_halt",
				  "primary channel closed without RNDIS HALT (4.3 step 4)");
		if (c->outstanding)
			nic_violation(nic, "netvsp.close.missing_completion", NULL, 0,
				      "channel %u closed with %u received packets never completed (2.9, 4.3 step 5)",
				      c->queue, c->outstanding);
	}
	free(c);
}

static void close_check(struct nic_queue *q)
{
	struct nic *nic = q->nic;
	struct nic_close *c;
	bool operational = !q->index && nic->state == NIC_OPERATIONAL;
	uint32_t outstanding = nic->pool.slot ? pool_outstanding(&nic->pool, (int)q->index) : 0;

	/* What the guest sent to a dead one was not read. */
	if (nic->removing || q->dead || (!operational && !outstanding))
		return;
	c = calloc(1, sizeof(*c));
	if (!c)
		return;
	c->nic = nic;
	c->queue = q->index;
	c->operational = operational;
	c->outstanding = outstanding;
	c->timer = loop_add_timer(0, close_check_fired, c);
	if (!c->timer) {
		free(c);
		return;
	}
	c->next = nic->closing;
	nic->closing = c;
}

static void close_checks_drop(struct nic *nic)
{
	while (nic->closing) {
		struct nic_close *c = nic->closing;

		nic->closing = c->next;
		loop_del_timer(c->timer);
		free(c);
	}
}

static void close_queue(struct nic_queue *q)
{
	q->open = false;
	rx_drop_waiting(q);
	done_reset(q);
	serve_stop(q);
}

static void nic_op_close(void *dev, struct vmbus_channel *ch)
{
	struct nic_queue *q = dev;
	struct nic *nic = q->nic;

	(void)ch;
	if (!q->orphan)
		close_check(q);
	close_queue(q);
	if (q->index) {
		if (!q->orphan && nic->subs_open)
			nic->subs_open--;
		return;
	}
	nic->closes++;
	nic->state = NIC_CLOSED;
	subchan_rescind_all(nic);
	life_reset(nic);
}

static void nic_op_doorbell(void *dev, struct vmbus_channel *ch)
{
	struct nic_queue *q = dev;

	(void)ch;
	if (!q->open)
		return;
	if (q->index)
		subchan_opened(q);
	if (!serve_paced(q))
		serve_queue(q);
}

/* Faults vmbus.refuse, and gpadl.refuse: no more than so many bytes at a time. */
static int nic_op_gpadl(void *dev, struct vmbus_channel *ch, size_t bytes)
{
	struct nic_queue *q = dev;
	const struct fault *f = fault_peek("gpadl.refuse", q->nic->id);

	(void)ch;
	if (!q->orphan && fault_hit("vmbus.refuse", q->nic->id, "gpadl", 0))
		return -ENOMEM;
	if (!f || (f->has_value && bytes < f->value))
		return 0;
	return fault_hit("gpadl.refuse", q->nic->id, "", 0) ? -ENOMEM : 0;
}

/* In faults and in the trace the opening of a sub-channel is "subopen". */
static const char *bus_word(const struct nic_queue *q, const char *what)
{
	return q->index && !strcmp(what, "open") ? "subopen" : what;
}

/* The trace, and fault vmbus.rescind. */
static void nic_op_request(void *dev, struct vmbus_channel *ch, const char *what)
{
	struct nic_queue *q = dev;

	(void)ch;
	if (q->orphan || q->nic->removing)
		return;
	trace_request(q->nic, "vmbus", bus_word(q, what), 0, strcmp(what, "close"));
	if (fault_hit("vmbus.rescind", q->nic->id, bus_word(q, what), 0))
		queue_doom(q);
}

/*
 * Faults vmbus.no_answer and vmbus.delay; no answer comes before a rescind that is due. A teardown is answered behind
 * it, as always: hv_vmbus waits for that with the mutex that its rescind needs.
 */
static int nic_op_late(void *dev, struct vmbus_channel *ch, const char *what)
{
	struct nic_queue *q = dev;
	const struct fault *f;

	(void)ch;
	if (q->orphan)
		return 0;
	if (q->doom)
		return strcmp(what, "teardown") ? -1 : LIFE_BEHIND_MS;
	what = bus_word(q, what);
	if (fault_hit("vmbus.no_answer", q->nic->id, what, 0))
		return -1;
	f = fault_hit("vmbus.delay", q->nic->id, what, 0);
	return f ? (int)f->ms : 0;
}

/* Fault vmbus.twice. */
static int nic_op_again(void *dev, struct vmbus_channel *ch, const char *what)
{
	struct nic_queue *q = dev;
	const struct fault *f;

	(void)ch;
	f = q->orphan ? NULL : fault_hit("vmbus.twice", q->nic->id, bus_word(q, what), 0);
	return f ? (int)f->ms : -1;
}

static int nic_op_number(void *dev)
{
	const struct nic_queue *q = dev;

	return q->nic->id;
}

static void nic_op_gpadl_teardown(void *dev, struct vmbus_channel *ch, struct gpadl *g)
{
	struct nic_queue *q = dev;

	(void)ch;
	nvsp_revoked(q->nic, g);
}

/*
 * The NIC itself dies with its last channel: (1) removing is set, so no verb and
 * no switch port finds it any more, (2) its timers were deleted by the reset at
 * close or never armed, (3) nobody else holds a pointer.
 */
static void life_free(struct nic *nic)
{
	life_reset(nic);
	close_checks_drop(nic);
	trace_clear(nic);
	rewrite_free(nic);
	free(nic);
}

static void nic_op_released(void *dev, struct vmbus_channel *ch)
{
	struct nic_queue *q = dev;
	struct nic *nic = q->nic;

	(void)ch;
	if (nic->q[q->index] == q)
		nic->q[q->index] = NULL;
	serve_stop(q);
	done_free(q);
	rsc_free(q);
	queue_free(q);
	if (nic->removing && !nic->alive)
		life_free(nic);
}

const struct vmbus_device_ops life_channel_ops = {
	.open = nic_op_open,
	.close = nic_op_close,
	.doorbell = nic_op_doorbell,
	.gpadl = nic_op_gpadl,
	.request = nic_op_request,
	.late = nic_op_late,
	.again = nic_op_again,
	.number = nic_op_number,
	.meddles = lie_is_armed,
	.outgoing = lie_outgoing,
	.gpadl_teardown = nic_op_gpadl_teardown,
	.released = nic_op_released,
};

struct nic *life_create(struct vmbus *bus, int id, const struct nic_cfg *cfg,
			const struct nic_events *events)
{
	struct nic *nic = calloc(1, sizeof(*nic));
	char name[16];

	if (!nic)
		return NULL;
	nic->id = id;
	nic->cfg = *cfg;
	nic->able = offload_able(cfg);
	nic->bus = bus;
	nic->events = events;
	nic->link_up = cfg->link_up;
	nic->speed_mbps = cfg->speed_mbps;
	rndis_init(nic);
	/* In the text form of a GUID the first group comes first: NICs sort by id. */
	nic->instance = (struct vmbus_guid){ { 0, 0, 0, 0, 0x56, 0x48, 0x43, 0x4e,
					       0x80, 0, 0, 0x15, 0x5d, 0, 0, 1 } };
	nic->instance.b[0] = (uint8_t)(id + 1);
	nic->instance.b[1] = (uint8_t)((id + 1) >> 8);
	life_reset(nic);
	snprintf(name, sizeof(name), "nic%d", id);
	nic->port = switch_port_add(name, &port_ops, nic);
	if (!nic->port || !queue_new(nic, 0)) {
		switch_port_del(nic->port);
		free(nic);
		return NULL;
	}
	switch_port_own(nic->port, nic->mac);
	return nic;
}

/* What was promised to the guest comes before the rescind (4.7). */
static void complete_all(struct nic *nic)
{
	unsigned int i;

	done_withhold_end(nic);
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			done_hurry(nic->q[i]);
}

void life_rescind(struct nic *nic)
{
	unsigned int i;

	leave_cancel(nic);
	/* Transmits still in the rings are taken and completed too. */
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			serve_queue(nic->q[i]);
	complete_all(nic);
	nic->removing = true;
	vf_job_cancel(nic);
	vffn_orphan(nic);
	switch_port_del(nic->port);
	nic->port = NULL;
	subchan_rescind_all(nic);
	channel_rescind(nic->q[0]->ch);		/* may free nic */
}
