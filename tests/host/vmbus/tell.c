// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: tell - what the bus tells the guest: at once, or as faults will have it.
 *
 * Two kinds of faults meet here. The device says of an answer that it comes late, never or
 * twice (vmbus.delay, vmbus.no_answer, vmbus.twice). And the fault "mutate" may change any message,
 * as it does with those of a NIC: what there is, is in fault/messages.def. A lie may lead
 * the guest into violations; those that messages.def names are excused until the
 * book of them is cleared, as a bus has no end.
 */
#include "internal.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "../fault/fault.h"
#include "../fault/lie_table.h"
#include "loop.h"
#include "violation.h"

#define LATE_MS		500
#define SWAP_MS		300
#define STRETCH_BYTES	8u
#define HEADER_BYTES	8u	/* of a message: its id, and padding */

struct telling {
	const struct lie_line *message;
	const struct fault *f;
	uint8_t b[VMBUS_MESSAGE_MAX];
	size_t len;
};

/* ---- one lets the next one pass ---- */

struct tell_held {
	struct vmbus *bus;
	struct loop_timer *end;
	size_t len;
	uint8_t b[VMBUS_MESSAGE_MAX];
};

static void tell_release(struct vmbus *bus)
{
	struct tell_held *h = bus->held;

	bus->held = NULL;
	if (!h)
		return;
	loop_del_timer(h->end);
	bus_post(bus, h->b, h->len);
	free(h);
}

static void tell_fired(void *priv)
{
	struct tell_held *h = priv;

	h->end = NULL;
	tell_release(h->bus);
}

static void tell_hold(struct vmbus *bus, const struct telling *t)
{
	struct tell_held *h = bus->held ? NULL : calloc(1, sizeof(*h));

	if (!h) {
		bus_post(bus, t->b, t->len);
		return;
	}
	h->bus = bus;
	h->len = t->len;
	memcpy(h->b, t->b, t->len);
	h->end = loop_add_timer(t->f->ms ? t->f->ms : SWAP_MS, tell_fired, h);
	bus->held = h;
}

void tell_forget(struct vmbus *bus)
{
	struct tell_held *h = bus->held;

	bus->held = NULL;
	if (h)
		loop_del_timer(h->end);
	free(h);
}

/* ---- changes ---- */

static void change_field(struct telling *t)
{
	const struct lie_line *field = lie_field(t->f);
	uint64_t v = htole64(t->f->wide);

	if (!t->f->has_value)
		lie_noise(t->f, (uint8_t *)&v, sizeof(v));
	if (field->type + field->width <= t->len)
		memcpy(t->b + field->type, &v, field->width);
}

static void change_length(struct telling *t, enum lie_kind kind)
{
	size_t more = t->f->has_value ? t->f->value : STRETCH_BYTES;

	if (kind == LIE_TRUNCATED) {
		if (t->f->value < t->len)
			t->len = t->f->value;
		return;
	}
	if (more > VMBUS_MESSAGE_MAX - t->len)
		more = VMBUS_MESSAGE_MAX - t->len;
	lie_noise(t->f, t->b + t->len, more);
	t->len += more;
}

/* @ms: how much later than now it would be told. */
static void bus_lie(struct vmbus *bus, struct telling *t, unsigned int ms)
{
	enum lie_kind kind = lie_kind(t->f);

	violation_excuse(t->message->excuses);
	if (kind == LIE_LOST)
		return;
	if (kind == LIE_SWAPPED) {
		tell_hold(bus, t);
		return;
	}
	if (kind == LIE_LATE)
		ms += t->f->ms ? t->f->ms : LATE_MS;
	else if (kind == LIE_TRUNCATED || kind == LIE_STRETCHED)
		change_length(t, kind);
	else if (kind == LIE_GARBAGE && t->len > HEADER_BYTES)
		lie_noise(t->f, t->b + HEADER_BYTES, t->len - HEADER_BYTES);
	else if (kind == LIE_FIELD)
		change_field(t);
	bus_post_late(bus, ms, t->b, t->len);
	if (kind == LIE_TWICE)
		bus_post_late(bus, ms + t->f->ms, t->b, t->len);
}

static void tell_after(struct vmbus *bus, const struct vmbus_channel *ch, const uint8_t *msg,
		       size_t len, unsigned int ms)
{
	int number = ch && ch->ops->number ? ch->ops->number(ch->dev) : FAULT_ANY_NIC;
	struct telling t = { .message = lie_message(LIE_BUS, get32(msg, 0)), .len = len };
	bool waits = bus->held;

	t.f = t.message ? fault_hit("mutate", number, t.message->name, 0) : NULL;
	if (t.f) {
		memcpy(t.b, msg, len);
		bus_lie(bus, &t, ms);
	} else {
		bus_post_late(bus, ms, msg, len);
	}
	if (waits)
		tell_release(bus);
}

void bus_tell(struct vmbus *bus, const struct vmbus_channel *ch, const uint8_t *msg, size_t len)
{
	tell_after(bus, ch, msg, len, 0);
}

/* ---- requests and answers ---- */

void bus_request(struct vmbus_channel *ch, const char *what)
{
	if (ch->ops->request)
		ch->ops->request(ch->dev, ch, what);
}

void bus_answer(struct vmbus *bus, struct vmbus_channel *ch, const char *what, const uint8_t *msg,
		size_t len)
{
	int ms = ch && ch->ops->late ? ch->ops->late(ch->dev, ch, what) : 0;
	int more = ch && ch->ops->again ? ch->ops->again(ch->dev, ch, what) : -1;

	if (ms < 0)
		return;
	tell_after(bus, ch, msg, len, (unsigned int)ms);
	if (more >= 0)
		tell_after(bus, ch, msg, len, (unsigned int)(ms + more));
}
