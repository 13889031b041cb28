// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: sink - books of what arrived at the generator's port: numbered frames by
 * stream, the last frames as they came. A gen.expect waits for a number of frames;
 * it ends by arrival, by timer or by teardown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/arg.h"
#include "../base/ctl.h"
#include "../base/loop.h"
#include "gen.h"
#include "packet.h"
#include "sink.h"

#define SEEN_MAX	(1u << 20)	/* sequence numbers remembered per stream */
#define KEPT_FRAMES	32
#define KEPT_BYTES	2048

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
	struct wait *waits;
	struct stream stream[GEN_STREAMS];
	uint64_t received, bytes, foreign;
	uint8_t kept[KEPT_FRAMES][KEPT_BYTES];
	size_t kept_len[KEPT_FRAMES];
	uint64_t kept_cnt;
} sink;

static const uint8_t gen_mac[6] = GEN_MAC_BYTES;

static json_t *stream_counts(int which, bool complete)
{
	json_int_t received = 0, bytes = 0, dup = 0, reord = 0, corrupt = 0, lost = 0;
	int i;

	for (i = 0; i < GEN_STREAMS; i++) {
		const struct stream *s = &sink.stream[i];

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
			 "foreign", (json_int_t)sink.foreign);
}

static uint64_t stream_received(int which)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < GEN_STREAMS; i++)
		if (which < 0 || which == i)
			n += sink.stream[i].received;
	return which < 0 ? n + sink.foreign : n;
}

static void wait_end(struct wait *w, bool complete)
{
	struct wait **at = &sink.waits;

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

	for (w = sink.waits; w; w = next) {
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
	struct stream *s = &sink.stream[stream % GEN_STREAMS];

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

void sink_deliver(void *priv, const struct switch_frame *f)
{
	size_t keep = f->len < KEPT_BYTES ? f->len : KEPT_BYTES;
	unsigned int slot;

	(void)priv;
	/* Only what is meant for the sink; what floods by is not its business. */
	if (memcmp(f->data, gen_mac, 6))
		return;
	sink.received++;
	sink.bytes += f->len;
	slot = sink.kept_cnt++ % KEPT_FRAMES;
	memcpy(sink.kept[slot], f->data, keep);
	sink.kept_len[slot] = keep;
	if (f->len >= GEN_MIN_BYTES && !memcmp(f->data + 14, "HVGN", 4))
		count_numbered(f->data, f->len);
	else
		sink.foreign++;
}

void sink_flush(void *priv)
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
	w->next = sink.waits;
	sink.waits = w;
	w->timer = loop_add_timer((unsigned int)timeout, wait_over, w);
}

static void forget(void)
{
	int i;

	for (i = 0; i < GEN_STREAMS; i++) {
		free(sink.stream[i].seen);
		memset(&sink.stream[i], 0, sizeof(sink.stream[i]));
	}
	sink.foreign = 0;
	sink.kept_cnt = 0;
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
	uint64_t i, n = sink.kept_cnt < KEPT_FRAMES ? sink.kept_cnt : KEPT_FRAMES;
	char hex[2 * KEPT_BYTES + 1];
	json_t *list = json_array();

	(void)priv;
	(void)args;
	for (i = sink.kept_cnt - n; i < sink.kept_cnt; i++) {
		const uint8_t *f = sink.kept[i % KEPT_FRAMES];
		size_t k;

		hex[0] = 0;
		for (k = 0; k < sink.kept_len[i % KEPT_FRAMES]; k++)
			sprintf(hex + 2 * k, "%02x", f[k]);
		json_array_append_new(list, json_string(hex));
	}
	ctl_ok(call, json_pack("{s:o}", "frames", list));
}

void sink_setup(void)
{
	ctl_register("gen.expect", "[count=N] [timeout=MS] [stream=N]: counts at the sink 02:68:76:67:65:6e",
		     verb_expect, NULL);
	ctl_register("gen.reset", "forget what arrived", verb_reset, NULL);
	ctl_register("gen.frames", "the last frames that arrived, in hex", verb_frames, NULL);
}

void sink_teardown(void)
{
	while (sink.waits)
		wait_end(sink.waits, false);
	forget();
}

void sink_report(json_t *o)
{
	json_object_set_new(o, "received", json_integer((json_int_t)sink.received));
	json_object_set_new(o, "received_bytes", json_integer((json_int_t)sink.bytes));
	json_object_set_new(o, "sink", stream_counts(-1, true));
}
