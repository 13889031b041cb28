// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: nic - a NIC's channels: offer, open, doorbell, close, rescind.
 *
 * A queue lives from its offer to the release of its relid. A doorbell leads to
 * queue_service(): send what waits, then read the guest's packets, at most a
 * budget of them at a time so that one guest ring cannot occupy the loop. When
 * completions pile up (the guest does not make room) reading stops: the guest's
 * ring is the only unbounded producer.
 *
 * nic_reset() is the one place where a connection is forgotten.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../base/violation.h"
#include "../fault/fault.h"
#include "nic.h"

static const struct vmbus_guid class_guid = { NVSP_CLASS_GUID_BYTES };

/* The one private copy a packet is parsed from; filled and used under the lock. */
static uint8_t packet_buf[VMBUS_PKT_MAX] __attribute__((aligned(8)));

void nic_violation(struct nic *nic, const char *name, const void *bytes, size_t len,
		   const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!nic->cfg.strict)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	violation(name, bytes, len, "nic %d: %s", nic->id, text);
}

size_t nic_msg_bytes(const struct nic *nic)
{
	return nic->version == NVSP_VERSION_61 ? NVSP_MSG_BYTES : NVSP_MSG_LEGACY_BYTES;
}

unsigned int nic_open_queues(const struct nic *nic)
{
	unsigned int i, n = 0;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		n += nic->q[i] && nic->q[i]->open;
	return n;
}

/* ---- reading the guest's ring ---- */

static void again_fired(void *priv)
{
	struct nic_queue *q = priv;

	q->again = NULL;
	if (q->open)
		queue_service(q);
}

static void stall_over(void *priv)
{
	struct nic *nic = priv;
	unsigned int i;

	nic->stall = NULL;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			queue_service(nic->q[i]);
}

void nic_pause(struct nic *nic, unsigned int ms)
{
	if (!nic->stall)
		nic->stall = loop_add_timer(ms, stall_over, nic);
	rx_hold(nic, ms);
}

static bool stalled(struct nic *nic)
{
	const struct fault *f;

	if (nic->stall)
		return true;
	/* Only once traffic flows: a stalled handshake is another fault. */
	if (nic->state != NIC_OPERATIONAL || !nic->filter)
		return false;
	f = fault_hit("rx.stall", nic->id, "", 0);
	if (!f)
		return false;
	nic->stall = loop_add_timer(f->ms ? f->ms : 1000, stall_over, nic);
	return nic->stall != NULL;
}

/* Fault channel.die: neither ring is touched from now on. */
static bool dies(struct nic_queue *q)
{
	if (!fault_hit("channel.die", q->nic->id, q->index ? "sub" : "primary", 0))
		return false;
	channel_die(q->ch);
	q->dead = true;
	return true;
}

/* The bus lets only types 6, 9 and 11 and the one known flag through. */
static void packet_dispatch(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	if (pkt->type == VMBUS_PKT_COMPLETION)
		rx_completion(q, pkt);
	else
		nvsp_packet(q, pkt);
}

static void read_ring(struct nic_queue *q)
{
	struct vmbus_packet pkt;
	unsigned int n = 0;
	int ret;

	while (q->open && !q->dead && q->done_cnt < NIC_DONE_STOP && !stalled(q->nic)) {
		if (dies(q))
			return;
		if (n++ == NIC_BUDGET) {
			if (!q->again)
				q->again = loop_add_timer(0, again_fired, q);
			return;
		}
		ret = channel_recv(q->ch, &pkt, packet_buf);
		if (ret < 0)
			q->dead = true;
		if (ret <= 0)
			return;
		packet_dispatch(q, &pkt);
	}
}

void queue_service(struct nic_queue *q)
{
	queue_flush_done(q);
	if (!q->index)
		rndis_flush(q->nic);
	if (!q->index)
		vf_flush(q->nic);
	rx_kick(q);
	read_ring(q);
	switch_flush();
}

/* ---- channel life ---- */

struct nic_queue *nic_queue_new(struct nic *nic, unsigned int index)
{
	struct vmbus_offer_params p = { .type = class_guid, .instance = nic->instance };
	struct nic_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->nic = nic;
	q->index = index;
	q->wait_last = &q->wait_first;
	q->batch_head = POOL_NONE;
	p.subchannel_index = (uint16_t)index;
	p.primary = index ? nic->q[0]->ch : NULL;
	nic->q[index] = q;
	q->ch = channel_offer(nic->bus, &p, &nic_device_ops, q);
	if (!q->ch) {
		nic->q[index] = NULL;
		free(q);
		return NULL;
	}
	if (nic->cfg.wait_quarter)
		channel_wait_for_quarter(q->ch);
	nic->alive++;
	return q;
}

static void stats_add(struct nic_queue_stats *sum, const struct nic_queue_stats *s)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)s;
	size_t i;

	for (i = 0; i < sizeof(*s) / sizeof(*to); i++)
		to[i] += from[i];
}

static void channel_stats_add(struct channel_stats *sum, const struct channel_stats *s)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)s;
	size_t i;

	for (i = 0; i < sizeof(*s) / sizeof(*to); i++)
		to[i] += from[i];
}

static void queue_free(struct nic_queue *q)
{
	stats_add(&q->nic->gone, &q->stats);
	channel_stats_add(&q->nic->gone_ch, channel_stats(q->ch));
	q->nic->alive--;
	loop_del_timer(q->again);
	loop_del_timer(q->retry);
	loop_del_timer(q->doom);
	free(q->done);
	free(q->rsc);
	free(q);
}

void nic_reset(struct nic *nic)
{
	late_drop_all(nic);
	vf_reset(nic);
	rndis_drop_backlog(nic);
	loop_del_timer(nic->subs_timer);
	nic->subs_timer = NULL;
	loop_del_timer(nic->stall);
	nic->stall = NULL;
	loop_del_timer(nic->hold);
	nic->hold = NULL;
	loop_del_timer(nic->withhold);
	nic->withhold = NULL;
	pool_free(&nic->pool);
	nic->recv_buf = NULL;
	nic->send_buf = NULL;
	nic->got_config = false;
	nic->got_ndis = false;
	nic->got_recv = false;
	nic->got_send = false;
	nic->frame_size = NVSP_FRAME_MIN;
	nic->caps = 0;
	nic->subs_granted = 0;
	nic->subs_open = 0;
	nic->subs_asked = false;
	nic->itab_sent = false;
	nic->filter = 0;
	nic->filter_was_set = false;
	memset(&nic->off, 0, sizeof(nic->off));
	nic->off_before_ms = 0;
	memset(&nic->rss, 0, sizeof(nic->rss));
	memcpy(nic->mac, nic->cfg.mac, 6);
	if (nic->port)
		switch_port_own(nic->port, nic->mac);
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
	memset(q->id_used, 0, sizeof(q->id_used));
	q->done_first = 0;
	q->done_cnt = 0;
	q->dead = false;
	q->open = true;
	if (q->index)
		return 0;
	nic_reset(q->nic);
	q->nic->version = 0;
	q->nic->state = NIC_WAIT_INIT;
	q->nic->opens++;
	return 0;
}

/* What a guest that tears down in order must have done before it closes (4.3). */
struct close_check {
	int nic;
	unsigned int queue;
	bool halted;
	bool operational;
	uint32_t outstanding;
	struct vmbus *bus;
};

/*
 * A close also comes with UNLOAD, where nothing was promised; whether it does is
 * known a moment later.
 */
static void close_check_fired(void *priv)
{
	struct close_check *c = priv;
	struct nic *nic = netvsp_nic(c->nic);

	if (nic && bus_version(c->bus)) {
		if (c->operational && !c->halted)
			nic_violation(nic, "netvsp.close.without_halt", NULL, 0,
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
	struct close_check *c;
	bool operational = !q->index && nic->state == NIC_OPERATIONAL;
	uint32_t outstanding = nic->pool.slot ? pool_outstanding(&nic->pool, (int)q->index) : 0;

	/* What the guest sent to a dead one was not read. */
	if (nic->removing || q->dead || (!operational && !outstanding))
		return;
	c = calloc(1, sizeof(*c));
	if (!c)
		return;
	c->nic = nic->id;
	c->queue = q->index;
	c->operational = operational;
	c->outstanding = outstanding;
	c->bus = nic->bus;
	if (!loop_add_timer(0, close_check_fired, c))
		free(c);
}

static void queue_closed(struct nic_queue *q)
{
	q->open = false;
	rx_drop_waiting(q);
	q->done_cnt = 0;
	loop_del_timer(q->again);
	q->again = NULL;
	loop_del_timer(q->retry);
	q->retry = NULL;
}

static void nic_op_close(void *dev, struct vmbus_channel *ch)
{
	struct nic_queue *q = dev;
	struct nic *nic = q->nic;

	(void)ch;
	if (!q->orphan)
		close_check(q);
	queue_closed(q);
	if (q->index) {
		if (!q->orphan && nic->subs_open)
			nic->subs_open--;
		return;
	}
	nic->closes++;
	nic->state = NIC_CLOSED;
	subchan_rescind_all(nic);
	nic_reset(nic);
}

/* Key pace: the host is busy and comes by later, once for all that is there then. */
static bool paced(struct nic_queue *q)
{
	const struct nic *nic = q->nic;

	if (!nic->cfg.pace_ms || nic->state != NIC_OPERATIONAL || !nic->filter)
		return false;
	if (!q->again)
		q->again = loop_add_timer(nic->cfg.pace_ms, again_fired, q);
	return q->again;
}

static void nic_op_doorbell(void *dev, struct vmbus_channel *ch)
{
	struct nic_queue *q = dev;

	(void)ch;
	if (!q->open)
		return;
	if (q->index)
		subchan_opened(q);
	if (!paced(q))
		queue_service(q);
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

static void doom_fired(void *priv)
{
	struct nic_queue *q = priv;

	q->doom = NULL;
	if (q->index)
		channel_rescind(q->ch);
	else if (!q->nic->removing)
		netvsp_remove(q->nic);
}

/* Not at once: whoever is asking now goes on with the channel. */
void nic_doom(struct nic_queue *q)
{
	if (!q->doom)
		q->doom = loop_add_timer(0, doom_fired, q);
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
		nic_doom(q);
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
		return strcmp(what, "teardown") ? -1 : NIC_BEHIND_MS;
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

static void nic_op_gpadl_teardown(void *dev, struct vmbus_channel *ch, struct gpadl *g)
{
	struct nic_queue *q = dev;

	(void)ch;
	nvsp_revoked(q->nic, g);
}

static void nic_op_released(void *dev, struct vmbus_channel *ch)
{
	struct nic_queue *q = dev;
	struct nic *nic = q->nic;

	(void)ch;
	if (nic->q[q->index] == q)
		nic->q[q->index] = NULL;
	queue_free(q);
	if (nic->removing && !nic->alive)
		nic_free(nic);
}

/*
 * The NIC itself dies with its last channel: (1) removing is set, so no verb and
 * no switch port finds it any more, (2) its timers were deleted by the reset at
 * close or never armed, (3) nobody else holds a pointer.
 */
void nic_free(struct nic *nic)
{
	nic_reset(nic);
	trace_clear(nic);
	free(nic);
}

struct nic *nic_create(struct vmbus *bus, int id, const struct nic_cfg *cfg)
{
	struct nic *nic = calloc(1, sizeof(*nic));
	char name[16];

	if (!nic)
		return NULL;
	nic->id = id;
	nic->cfg = *cfg;
	nic->able = offload_able(cfg);
	nic->bus = bus;
	nic->link_up = cfg->link_up;
	nic->speed_mbps = cfg->speed_mbps;
	nic->ctrl_last = &nic->ctrl_first;
	/* In the text form of a GUID the first group comes first: NICs sort by id. */
	nic->instance = (struct vmbus_guid){ { 0, 0, 0, 0, 0x56, 0x48, 0x43, 0x4e,
					       0x80, 0, 0, 0x15, 0x5d, 0, 0, 1 } };
	nic->instance.b[0] = (uint8_t)(id + 1);
	nic->instance.b[1] = (uint8_t)((id + 1) >> 8);
	nic_reset(nic);
	snprintf(name, sizeof(name), "nic%d", id);
	nic->port = switch_port_add(name, &rx_port_ops, nic);
	if (!nic->port || !nic_queue_new(nic, 0)) {
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
	size_t k;

	loop_del_timer(nic->withhold);
	nic->withhold = NULL;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		struct nic_queue *q = nic->q[i];

		if (!q || !q->open)
			continue;
		for (k = 0; k < q->done_cnt; k++)
			q->done[(q->done_first + k) % q->done_cap].due_ms = 0;
		queue_flush_done(q);
	}
}

void nic_rescind(struct nic *nic)
{
	unsigned int i;

	leave_cancel(nic);
	/* Transmits still in the rings are taken and completed too. */
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			queue_service(nic->q[i]);
	complete_all(nic);
	nic->removing = true;
	vf_job_cancel(nic);
	vffn_orphan(nic);
	switch_port_del(nic->port);
	nic->port = NULL;
	subchan_rescind_all(nic);
	channel_rescind(nic->q[0]->ch);		/* may free nic */
}

const struct vmbus_device_ops nic_device_ops = {
	.open = nic_op_open,
	.close = nic_op_close,
	.doorbell = nic_op_doorbell,
	.gpadl = nic_op_gpadl,
	.request = nic_op_request,
	.late = nic_op_late,
	.again = nic_op_again,
	.gpadl_teardown = nic_op_gpadl_teardown,
	.released = nic_op_released,
};
