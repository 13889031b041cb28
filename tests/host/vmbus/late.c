// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: late - answers of the bus that come late, never or twice, when the device says so
 * (faults vmbus.delay, vmbus.no_answer and vmbus.twice).
 *
 * What was asked for is done at once, only the word of it is held back: the guest must
 * find the bus in the state that the answer tells of, whenever that comes. A late
 * answer is for the guest that asked: contact, unload and reset throw it away.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include "loop.h"

struct late {
	struct late *next;
	struct vmbus *bus;
	struct loop_timer *timer;
	size_t len;
	uint8_t msg[VMBUS_MESSAGE_MAX];
};

static void unlink_late(struct late *late)
{
	struct late **at;

	for (at = &late->bus->late; *at; at = &(*at)->next)
		if (*at == late) {
			*at = late->next;
			return;
		}
}

static void is_due(void *priv)
{
	struct late *late = priv;

	unlink_late(late);
	bus_post(late->bus, late->msg, late->len);
	free(late);
}

static void post_after(struct vmbus *bus, int ms, const uint8_t *msg, size_t len)
{
	struct late *late = ms ? calloc(1, sizeof(*late)) : NULL;

	if (!late) {
		bus_post(bus, msg, len);
		return;
	}
	late->bus = bus;
	late->len = len;
	memcpy(late->msg, msg, len);
	late->next = bus->late;
	bus->late = late;
	late->timer = loop_add_timer((unsigned int)ms, is_due, late);
	if (!late->timer)
		is_due(late);
}

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
	post_after(bus, ms, msg, len);
	if (more >= 0)
		post_after(bus, ms + more, msg, len);
}

void bus_forget_late(struct vmbus *bus)
{
	struct late *late;

	while ((late = bus->late)) {
		bus->late = late->next;
		loop_del_timer(late->timer);
		free(late);
	}
}
