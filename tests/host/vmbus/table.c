// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: table - the channels by their number, the way to the guest, and plain facts of
 * the bus. All other files of the room use it.
 */
#include "internal.h"

struct vmbus_channel *bus_channel(const struct vmbus *bus, uint32_t relid)
{
	struct vmbus_channel *ch = relid && relid < RELID_MAX ? bus->channel[relid] : NULL;

	return ch && ch->state != CH_HIDDEN ? ch : NULL;
}

void bus_post(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	bus->act->post(bus->priv, bus->message_vp, msg, len);
}

unsigned int bus_vp_count(const struct vmbus *bus)
{
	return bus->vps;
}

uint32_t bus_version(const struct vmbus *bus)
{
	return bus->version;
}
