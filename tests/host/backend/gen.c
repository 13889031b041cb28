// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: gen - jobs that send, and books of what arrived.
 *
 * A gen.send is a job: a burst per round of the loop, never more than the
 * receiver's queue takes, answered when the last frame is out (or when nothing
 * moved for a while). A gen.expect waits for a number of frames. Both are on
 * lists and end by timer, by arrival or by teardown.
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
#include "switch.h"
#include "train.h"

#define BURST		64
#define FRAME_MAX	9300
#define STUCK_MS	10000	/* a job that cannot move for so long is over */
#define SEEN_MAX	(1u << 20)	/* sequence numbers remembered per stream */
#define KEPT_FRAMES	32
#define KEPT_BYTES	2048

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
	uint32_t count, sent;
	uint64_t bytes;
	uint64_t moved_ms;		/* when it last made progress */
};

struct wait {
	struct wait *next;
	struct ctl_call *call;
	struct loop_timer *timer;
	uint64_t count;
	int stream;			/* -1: all */
};

struct stream {
	uint64_t received, bytes, duplicates, reordered, corrupt;
	uint32_t top;			/* highest sequence number + 1 */
	uint64_t unique;
	uint8_t *seen;
};

static struct {
	struct switch_port *port;
	struct job *jobs;
	struct wait *waits;
	struct stream stream[GEN_STREAMS];
	uint64_t received, bytes, foreign, sent, sent_bytes;
	uint8_t kept[KEPT_FRAMES][KEPT_BYTES];
	size_t kept_len[KEPT_FRAMES];
	uint64_t kept_cnt;
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
	struct switch_frame f = { .data = buf, .tci = j->tci, .tagged = j->tagged };

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
	unsigned int n = 0;

	j->timer = NULL;
	while (j->sent < j->count && n < BURST &&
	       switch_room(j->raw ? j->raw : j->head) > 0) {
		send_one(j);
		n++;
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

/* ---- receiving ---- */

static json_t *stream_counts(int which, bool complete)
{
	json_int_t received = 0, bytes = 0, dup = 0, reord = 0, corrupt = 0, lost = 0;
	int i;

	for (i = 0; i < GEN_STREAMS; i++) {
		const struct stream *s = &gen.stream[i];

		if (which >= 0 && which != i)
			continue;
		received += (json_int_t)s->received;
		bytes += (json_int_t)s->bytes;
		dup += (json_int_t)s->duplicates;
		reord += (json_int_t)s->reordered;
		corrupt += (json_int_t)s->corrupt;
		lost += (json_int_t)(s->top - s->unique);
	}
	return json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "complete", complete,
			 "received", received, "bytes", bytes, "lost", lost,
			 "duplicates", dup, "reordered", reord, "corrupt", corrupt,
			 "foreign", (json_int_t)gen.foreign);
}

static uint64_t stream_received(int which)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < GEN_STREAMS; i++)
		if (which < 0 || which == i)
			n += gen.stream[i].received;
	return which < 0 ? n + gen.foreign : n;
}

static void wait_end(struct wait *w, bool complete)
{
	struct wait **at = &gen.waits;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
	loop_del_timer(w->timer);
	ctl_ok(w->call, stream_counts(w->stream, complete));
	free(w);
}

static void wait_over(void *priv)
{
	struct wait *w = priv;

	w->timer = NULL;
	wait_end(w, stream_received(w->stream) >= w->count);
}

static void check_waits(void)
{
	struct wait *w, *next;

	for (w = gen.waits; w; w = next) {
		next = w->next;
		if (w->count && stream_received(w->stream) >= w->count)
			wait_end(w, true);
	}
}

static void count_sequence(struct stream *s, uint32_t seq)
{
	uint8_t bit = (uint8_t)(1u << (seq % 8));

	if (seq >= SEEN_MAX)
		return;
	if (!s->seen)
		s->seen = calloc(SEEN_MAX / 8, 1);
	if (!s->seen)
		return;
	if (s->seen[seq / 8] & bit) {
		s->duplicates++;
		return;
	}
	s->seen[seq / 8] |= bit;
	s->unique++;
	if (seq < s->top)
		s->reordered++;
	else
		s->top = seq + 1;
}

static bool pattern_good(const uint8_t *f, size_t len, uint32_t seq)
{
	size_t i;

	for (i = GEN_MIN_BYTES; i < len; i++)
		if (f[i] != (uint8_t)(seq + i * 7))
			return false;
	return true;
}

static void count_numbered(const uint8_t *f, size_t len)
{
	uint32_t seq = get_be32(f + 18);
	uint16_t stream = get_be16(f + 24), told = get_be16(f + 22);
	struct stream *s = &gen.stream[stream % GEN_STREAMS];

	s->received++;
	s->bytes += len;
	/* A short frame may have been padded to 60 on its way. */
	if (told > len || (told < len && len > 60) || stream >= GEN_STREAMS ||
	    !pattern_good(f, told, seq)) {
		s->corrupt++;
		return;
	}
	count_sequence(s, seq);
}

static void gen_deliver(void *priv, const struct switch_frame *f)
{
	size_t keep = f->len < KEPT_BYTES ? f->len : KEPT_BYTES;
	unsigned int slot;

	(void)priv;
	/* Only what is meant for the sink; what floods by is not its business. */
	if (memcmp(f->data, gen_mac, 6))
		return;
	gen.received++;
	gen.bytes += f->len;
	slot = gen.kept_cnt++ % KEPT_FRAMES;
	memcpy(gen.kept[slot], f->data, keep);
	gen.kept_len[slot] = keep;
	if (f->len >= GEN_MIN_BYTES && !memcmp(f->data + 14, "HVGN", 4))
		count_numbered(f->data, f->len);
	else
		gen.foreign++;
}

static void gen_flush(void *priv)
{
	(void)priv;
	check_waits();
}

static void verb_expect(void *priv, struct ctl_call *call, const json_t *args)
{
	int64_t count = 0, timeout = 5000, stream = -1;
	struct wait *w;

	(void)priv;
	arg_int(args, "count", &count);
	arg_int(args, "timeout", &timeout);
	arg_int(args, "stream", &stream);
	if (count < 0 || timeout < 0 || stream < -1 || stream >= GEN_STREAMS) {
		ctl_error(call, "count=N [timeout=MS] [stream=0..15] wanted");
		return;
	}
	if (!count || stream_received((int)stream) >= (uint64_t)count) {
		ctl_ok(call, stream_counts((int)stream, true));
		return;
	}
	w = calloc(1, sizeof(*w));
	if (!w) {
		ctl_error(call, "no memory");
		return;
	}
	w->call = call;
	w->count = (uint64_t)count;
	w->stream = (int)stream;
	w->next = gen.waits;
	gen.waits = w;
	w->timer = loop_add_timer((unsigned int)timeout, wait_over, w);
}

static void forget(void)
{
	int i;

	for (i = 0; i < GEN_STREAMS; i++) {
		free(gen.stream[i].seen);
		memset(&gen.stream[i], 0, sizeof(gen.stream[i]));
	}
	gen.foreign = 0;
	gen.kept_cnt = 0;
}

static void verb_reset(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	(void)args;
	forget();
	ctl_ok(call, NULL);
}

static void verb_frames(void *priv, struct ctl_call *call, const json_t *args)
{
	uint64_t i, n = gen.kept_cnt < KEPT_FRAMES ? gen.kept_cnt : KEPT_FRAMES;
	char hex[2 * KEPT_BYTES + 1];
	json_t *list = json_array();

	(void)priv;
	(void)args;
	for (i = gen.kept_cnt - n; i < gen.kept_cnt; i++) {
		const uint8_t *f = gen.kept[i % KEPT_FRAMES];
		size_t k;

		hex[0] = 0;
		for (k = 0; k < gen.kept_len[i % KEPT_FRAMES]; k++)
			sprintf(hex + 2 * k, "%02x", f[k]);
		json_array_append_new(list, json_string(hex));
	}
	ctl_ok(call, json_pack("{s:o}", "frames", list));
}

static const struct switch_port_ops gen_ops = {
	.deliver = gen_deliver,
	.flush = gen_flush,
};

int gen_setup(void)
{
	gen.port = switch_port_add("gen", &gen_ops, NULL);
	if (!gen.port)
		return -ENOSPC;
	switch_port_own(gen.port, gen_mac);
	train_setup(gen.port);
	ctl_register("gen.send", "dst=MAC|PORT [src=MAC] [count=N] [size=N|MIN-MAX[/STEP]] [ethertype=N] [tci=N] [stream=0..15] | hex=FRAME [count=N]",
		     verb_send, NULL);
	ctl_register("gen.expect", "[count=N] [timeout=MS] [stream=N]: counts at the sink 02:68:76:67:65:6e",
		     verb_expect, NULL);
	ctl_register("gen.reset", "forget what arrived", verb_reset, NULL);
	ctl_register("gen.frames", "the last frames that arrived, in hex", verb_frames, NULL);
	return 0;
}

void gen_teardown(void)
{
	while (gen.jobs)
		job_end(gen.jobs, "the host ends");
	while (gen.waits)
		wait_end(gen.waits, false);
	train_teardown();
	forget();
	switch_port_del(gen.port);
	gen.port = NULL;
}

json_t *gen_report(void)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:o}", "sent", (json_int_t)gen.sent,
			 "sent_bytes", (json_int_t)gen.sent_bytes,
			 "received", (json_int_t)gen.received,
			 "received_bytes", (json_int_t)gen.bytes,
			 "sink", stream_counts(-1, true));
}
