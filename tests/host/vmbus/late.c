// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: late - messages of the bus that come later than they would (tell).
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

void bus_post_late(struct vmbus *bus, unsigned int ms, const uint8_t *msg, size_t len)
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
	late->timer = loop_add_timer(ms, is_due, late);
	if (!late->timer)
		is_due(late);
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
