// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: gen - jobs that send.
 *
 * A gen.send is a job: a burst per round of the loop, never more than the
 * receiver's queue takes, answered when the last frame is out (or when nothing
 * moved for a while). Jobs are on a list and end by timer or by teardown. A frame
 * may carry what the host is to say of it (csum=, hash=) and where (queue=).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/arg.h"
#include "../base/ctl.h"
#include "../base/loop.h"
#include "gen.h"
#include "packet.h"
#include "sink.h"
#include "switch.h"
#include "train.h"

#define BURST		64	/* frames in one go, at least */
#define BURST_MAX	4096
#define FRAME_MAX	9300
#define STUCK_MS	10000	/* a job that cannot move for so long is over */

struct job {
	struct job *next;
	struct ctl_call *call;
	struct loop_timer *timer;
	uint8_t head[14];
	uint16_t tci;
	bool tagged;
	uint8_t *raw;			/* one frame to repeat, instead of numbered ones */
	size_t raw_len;
	unsigned int size_min, size_max, size_step, size;
	unsigned int stream;
	unsigned int burst;		/* frames in one run */
	struct switch_order order;
	bool ordered;
	uint32_t count, sent;
	uint64_t bytes;
	uint64_t moved_ms;		/* when it last made progress */
};

static struct {
	struct switch_port *port;
	struct job *jobs;
	uint64_t sent, sent_bytes;
} gen;

static const uint8_t gen_mac[6] = GEN_MAC_BYTES;

/* ---- sending ---- */

static void job_end(struct job *j, const char *why)
{
	struct job **at = &gen.jobs;

	while (*at && *at != j)
		at = &(*at)->next;
	if (*at)
		*at = j->next;
	loop_del_timer(j->timer);
	if (why)
		ctl_error(j->call, "%s after %u of %u frames", why, j->sent, j->count);
	else
		ctl_ok(j->call, json_pack("{s:I,s:I}", "sent", (json_int_t)j->sent,
					  "bytes", (json_int_t)j->bytes));
	free(j->raw);
	free(j);
}

static void fill_numbered(const struct job *j, uint8_t *f, size_t len)
{
	size_t i;

	memcpy(f, j->head, 14);
	memcpy(f + 14, "HVGN", 4);
	put_be32(f + 18, j->sent);
	put_be16(f + 22, (uint16_t)len);
	put_be16(f + 24, (uint16_t)j->stream);
	for (i = GEN_MIN_BYTES; i < len; i++)
		f[i] = (uint8_t)(j->sent + i * 7);
}

static void send_one(struct job *j)
{
	uint8_t buf[FRAME_MAX];
	struct switch_frame f = { .data = buf, .tci = j->tci, .tagged = j->tagged,
				  .order = j->ordered ? &j->order : NULL };

	if (j->raw) {
		f.data = j->raw;
		f.len = j->raw_len;
	} else {
		f.len = j->size;
		fill_numbered(j, buf, f.len);
		j->size += j->size_step;
		if (j->size > j->size_max)
			j->size = j->size_min;
	}
	j->sent++;
	j->bytes += f.len;
	gen.sent++;
	gen.sent_bytes += f.len;
	switch_input(gen.port, &f);
}

static void job_run(void *priv)
{
	struct job *j = priv;
	unsigned int n = 0, most = j->burst > BURST ? j->burst : BURST;

	j->timer = NULL;
	while (j->sent < j->count && n < most &&
	       switch_room(j->raw ? j->raw : j->head) > 0) {
		send_one(j);
		if (++n % j->burst == 0)
			switch_flush();
	}
	switch_flush();
	if (n)
		j->moved_ms = loop_now_ms();
	if (j->sent == j->count)
		job_end(j, NULL);
	else if (loop_now_ms() - j->moved_ms > STUCK_MS)
		job_end(j, "the receiver makes no room");
	else
		j->timer = loop_add_timer(n ? 0 : 1, job_run, j);
}

/* size=N or size=MIN-MAX or size=MIN-MAX/STEP */
static bool parse_size(const json_t *args, struct job *j)
{
	const char *s = arg_str(args, "size");
	int64_t v = 60;

	j->size_step = 1;
	if (s && sscanf(s, "%u-%u/%u", &j->size_min, &j->size_max, &j->size_step) >= 2) {
		if (!j->size_step)
			return false;
	} else {
		if (json_object_get(args, "size") && !arg_int(args, "size", &v))
			return false;
		if (v < 0 || v > FRAME_MAX)
			return false;
		j->size_min = (unsigned int)v;
		j->size_max = (unsigned int)v;
	}
	j->size = j->size_min;
	return j->size_min >= GEN_MIN_BYTES && j->size_min <= j->size_max &&
	       j->size_max <= FRAME_MAX;
}

/* An address, or the name of a port with an address of its own ("nic0"). */
static bool parse_address(const json_t *args, const char *key, uint8_t mac[6])
{
	const char *s = arg_str(args, key);

	return s && (arg_mac(s, mac) || switch_port_mac(s, mac));
}

/* csum=, hash= with hash_type=, queue=: what the receiving host is to say and do. */
static bool parse_order(const json_t *args, struct job *j)
{
	struct switch_order *o = &j->order;
	int64_t v;

	o->queue = -1;
	if (arg_int(args, "csum", &v)) {
		o->has_csum = true;
		o->csum = (uint32_t)v;
	}
	if (arg_int(args, "hash", &v)) {
		o->has_hash = true;
		o->hash = (uint32_t)v;
		v = 0;
		arg_int(args, "hash_type", &v);
		o->hash_type = (uint32_t)v;
	}
	if (arg_int(args, "queue", &v)) {
		if (v < 0 || v > 63)
			return false;
		o->queue = (int)v;
	}
	j->ordered = o->has_csum || o->has_hash || o->queue >= 0;
	v = BURST;
	arg_int(args, "burst", &v);
	j->burst = (unsigned int)v;
	return v >= 1 && v <= BURST_MAX;
}

static const char *parse_job(const json_t *args, struct job *j)
{
	int64_t v = GEN_ETHERTYPE;
	uint8_t raw[FRAME_MAX];

	memcpy(j->head + 6, gen_mac, 6);
	if (arg_str(args, "hex")) {
		if (!arg_hex(args, "hex", raw, sizeof(raw), &j->raw_len) || j->raw_len < 14)
			return "hex=: a frame of 14 to 9300 bytes wanted";
		j->raw = malloc(j->raw_len);
		if (!j->raw)
			return "no memory";
		memcpy(j->raw, raw, j->raw_len);
	} else if (!parse_address(args, "dst", j->head)) {
		return "dst=: an address or a port like nic0 wanted";
	}
	if (arg_str(args, "src") && !parse_address(args, "src", j->head + 6))
		return "src=: an address wanted";
	arg_int(args, "ethertype", &v);
	put_be16(j->head + 12, (uint16_t)v);
	if (!parse_size(args, j))
		return "size=: 26..9300, or MIN-MAX, or MIN-MAX/STEP wanted";
	if (!parse_order(args, j))
		return "queue=: 0..63, burst=: 1..4096 wanted";
	v = 1;
	arg_int(args, "count", &v);
	if (v < 1 || v > INT32_MAX)
		return "count=: 1 or more wanted";
	j->count = (uint32_t)v;
	j->tagged = arg_int(args, "tci", &v);
	j->tci = j->tagged ? (uint16_t)v : 0;
	v = 0;
	arg_int(args, "stream", &v);
	j->stream = (unsigned int)v;
	return v < 0 || v >= GEN_STREAMS ? "stream=: 0..15 wanted" : NULL;
}

static void verb_send(void *priv, struct ctl_call *call, const json_t *args)
{
	struct job *j = calloc(1, sizeof(*j));
	const char *err = j ? parse_job(args, j) : "no memory";

	(void)priv;
	if (err) {
		ctl_error(call, "%s", err);
		free(j ? j->raw : NULL);
		free(j);
		return;
	}
	j->call = call;
	j->moved_ms = loop_now_ms();
	j->next = gen.jobs;
	gen.jobs = j;
	j->timer = loop_add_timer(0, job_run, j);
}

static const struct switch_port_ops gen_ops = {
	.deliver = sink_deliver,
	.flush = sink_flush,
};

int gen_setup(void)
{
	gen.port = switch_port_add("gen", &gen_ops, NULL);
	if (!gen.port)
		return -ENOSPC;
	switch_port_own(gen.port, gen_mac);
	train_setup(gen.port);
	ctl_register("gen.send", "dst=MAC|PORT [src=MAC] [count=N] [size=N|MIN-MAX[/STEP]] [ethertype=N] [tci=N] [stream=0..15] | hex=FRAME [count=N]; [burst=1..4096] [csum=BITS] [hash=N hash_type=BIT] [queue=N]",
		     verb_send, NULL);
	sink_setup();
	return 0;
}

void gen_teardown(void)
{
	while (gen.jobs)
		job_end(gen.jobs, "the host ends");
	train_teardown();
	sink_teardown();
	switch_port_del(gen.port);
	gen.port = NULL;
}

json_t *gen_report(void)
{
	json_t *o = json_pack("{s:I,s:I}", "sent", (json_int_t)gen.sent, "sent_bytes",
			      (json_int_t)gen.sent_bytes);

	sink_report(o);
	return o;
}
