// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: channel - offers, opening, closing, rescind (vmbus-host.md A.5-A.11).
 *
 * HIDDEN -> OFFERED <-> OPEN; any -> RESCINDED -> freed at RELID_RELEASED. A new
 * contact, an unload or a reset puts primaries back to HIDDEN and frees the rest.
 * What happens in the rings of an open channel is packet.c's.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "violation.h"

static uint32_t connection_of(const struct vmbus_channel *ch)
{
	return CONNECTION_BASE + ch->relid;
}

/* ---- offer and release ---- */

static void doorbell_enable(struct vmbus_channel *ch, bool on)
{
	struct vmbus *bus = ch->bus;

	if (ch->doorbell == on)
		return;
	ch->doorbell = on;
	if (on)
		bus->act->doorbell_on(bus->priv, connection_of(ch));
	else
		bus->act->doorbell_off(bus->priv, connection_of(ch));
}

void channel_show(struct vmbus_channel *ch)
{
	uint8_t msg[196] = { MSG_OFFER };

	memcpy(msg + 8, ch->params.type.b, 16);
	memcpy(msg + 24, ch->params.instance.b, 16);
	memcpy(msg + 56, &ch->params.channel_flags, 2);
	memcpy(msg + 180, &ch->params.subchannel_index, 2);
	put32(msg, 184, ch->relid);
	monitor_assign(ch);
	msg[188] = ch->monitor;
	msg[189] = ch->monitor != MONITOR_NONE;
	msg[190] = 1;		/* dedicated interrupt */
	put32(msg, 192, connection_of(ch));
	ch->state = CH_OFFERED;
	doorbell_enable(ch, true);
	bus_tell(ch->bus, ch, msg, sizeof(msg));
}

static uint32_t free_relid(struct vmbus *bus)
{
	uint32_t i, relid = bus->next_relid;

	for (i = 1; i < RELID_MAX; i++, relid++) {
		if (relid == RELID_MAX)
			relid = 1;
		if (!bus->channel[relid]) {
			bus->next_relid = relid + 1;
			return relid;
		}
	}
	return 0;
}

/* A primary of that instance which the guest still holds: another would look to it
 * like a resume from hibernation (A.9). */
static bool instance_taken(const struct vmbus *bus, const struct vmbus_offer_params *p)
{
	unsigned int i;

	for (i = 1; i < RELID_MAX; i++)
		if (bus->channel[i] &&
		    bus->channel[i]->params.subchannel_index == p->subchannel_index &&
		    !p->subchannel_index &&
		    !memcmp(&bus->channel[i]->params.instance, &p->instance, sizeof(p->instance)))
			return true;
	return false;
}

struct vmbus_channel *channel_offer(struct vmbus *bus, const struct vmbus_offer_params *p,
				    const struct vmbus_device_ops *ops, void *dev)
{
	uint32_t relid = instance_taken(bus, p) ? 0 : free_relid(bus);
	struct vmbus_channel *ch;

	ch = relid ? calloc(1, sizeof(*ch)) : NULL;
	if (!ch)
		return NULL;
	ch->bus = bus;
	ch->relid = relid;
	ch->params = *p;
	ch->ops = ops;
	ch->dev = dev;
	ch->monitor = MONITOR_NONE;
	bus->channel[relid] = ch;
	if (bus->offers_wanted)
		channel_show(ch);
	return ch;
}

static void release(struct vmbus_channel *ch)
{
	struct vmbus *bus = ch->bus;

	doorbell_enable(ch, false);
	monitor_release(ch);
	gpadl_drop_all_of(ch);
	bus->channel[ch->relid] = NULL;
	if (ch->ops->released)
		ch->ops->released(ch->dev, ch);
	free(ch);
}

/*
 * OPEN -> OFFERED, on the host's side alone. First the state, so that nothing the
 * device does in its callback reaches the rings any more. The GPADL stays marked as
 * a ring: its teardown is the guest's next step.
 */
static void shut(struct vmbus_channel *ch)
{
	if (ch->state != CH_OPEN)
		return;
	ch->state = CH_OFFERED;
	loop_del_timer(ch->full_timer);
	ch->full_timer = NULL;
	ch->ops->close(ch->dev, ch);
	ch->ring_gpadl = NULL;
	memset(&ch->from_guest, 0, sizeof(ch->from_guest));
	memset(&ch->to_guest, 0, sizeof(ch->to_guest));
}

void channel_rescind(struct vmbus_channel *ch)
{
	uint8_t msg[12] = { MSG_RESCIND };

	if (ch->state == CH_RESCINDED)
		return;
	if (ch->state == CH_HIDDEN) {
		release(ch);
		return;
	}
	shut(ch);
	ch->state = CH_RESCINDED;
	put32(msg, 8, ch->relid);
	bus_tell(ch->bus, ch, msg, sizeof(msg));
}

void channel_forget_guest(struct vmbus_channel *ch)
{
	shut(ch);
	if (ch->state == CH_RESCINDED || ch->params.subchannel_index) {
		release(ch);
	} else {
		doorbell_enable(ch, false);
		monitor_release(ch);
		gpadl_drop_all_of(ch);
		ch->state = CH_HIDDEN;
		ch->was_open = false;
	}
}

void channel_on_released(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));

	if (ch && ch->state == CH_RESCINDED)
		release(ch);
	else
		violation_note("vmbus.released", msg, len, "RELID_RELEASED for %s channel %u (A.9)",
			       ch ? "the living" : "the unknown", get32(msg, 8));
}

/* ---- open and close ---- */

static void answer_open(struct vmbus *bus, struct vmbus_channel *ch, const uint8_t *msg,
			uint32_t status)
{
	uint8_t answer[20] = { MSG_OPEN_RESULT };

	memcpy(answer + 8, msg + 8, 8);
	put32(answer, 16, status);
	bus_answer(bus, ch, "open", answer, sizeof(answer));
}

/* A sentence when the channel cannot be opened so. */
static const char *judge_open(const struct vmbus_channel *ch, const struct gpadl *g,
			      const uint8_t *msg)
{
	uint32_t down = get32(msg, 24);

	if (!ch)
		return "no such channel";
	if (ch->state != CH_OFFERED)
		return "channel is not closed";
	if (!g || !g->created || g->ch != ch)
		return "ring GPADL is not this channel's";
	if (g->byte_off || g->byte_cnt % RING_PAGE)
		return "ring memory is not whole pages";
	if (down < 2 || down > g->pages || g->pages - down < 2)
		return "downstream offset leaves a ring without data";
	if (get32(msg, 20) >= ch->bus->vps)
		return "target VP does not exist";
	return NULL;
}

static void map_rings(struct vmbus_channel *ch, struct gpadl *g, uint32_t down,
		      const uint8_t *msg, size_t len)
{
	bool fresh = ring_init(&ch->from_guest, g->page, down, false);

	fresh &= ring_init(&ch->to_guest, g->page + down, g->pages - down, true);
	if (!fresh)
		violation_note("vmbus.open.indices", msg, len, "ring indices are not 0 at open (C.6)");
	if (!(ch->from_guest.ctl->features & ch->to_guest.ctl->features & 1))
		violation_note("vmbus.open.features", msg, len,
			       "feature bit 0 is not set in both rings (C.6)");
	/* 6.1 leaves what an earlier host wrote (C.6). */
	ch->from_guest.ctl->interrupt_mask = 0;
	ch->to_guest.ctl->pending_send_bytes = 0;
	g->is_ring = true;
	ch->ring_gpadl = g;
}

void channel_on_open(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));
	struct gpadl *g = gpadl_find(bus, get32(msg, 16));
	const char *why = judge_open(ch, g, msg);

	if (why) {
		/* An open may cross a rescind (A.9): no offence. */
		if (!ch || ch->state != CH_RESCINDED)
			violation_note("vmbus.open", msg, len, "OPEN_CHANNEL: %s (A.7)", why);
		answer_open(bus, ch, msg, 1);
		return;
	}
	bus_request(ch, "open");
	map_rings(ch, g, get32(msg, 24), msg, len);
	ch->target_vp = get32(msg, 20);
	ch->dead = false;
	ch->forgiven = false;
	ch->bent = false;
	ch->written = 0;
	ch->last = 0;
	ch->was_open = true;
	ch->state = CH_OPEN;
	if (ch->ops->open(ch->dev, ch)) {
		ch->state = CH_OFFERED;
		ch->ring_gpadl = NULL;
		answer_open(bus, ch, msg, 1);
		return;
	}
	answer_open(bus, ch, msg, 0);
	monitor_watch(bus);
	if (ch->state == CH_OPEN)	/* the guest may have written before the result came */
		ch->ops->doorbell(ch->dev, ch);
}

void channel_on_close(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));

	if (ch && ch->state == CH_OPEN) {
		bus_request(ch, "close");
		shut(ch);
		return;
	}
	if (!ch || ch->state != CH_RESCINDED)
		violation_note("vmbus.close", msg, len, "CLOSE_CHANNEL for %s channel %u (A.8)",
			       ch ? "the closed" : "the unknown", get32(msg, 8));
}

void channel_on_modify(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));
	uint8_t answer[16] = { MSG_MODIFY_RESPONSE };
	uint32_t vp = get32(msg, 12), status = 0;

	if (bus->version < VMBUS_VERSION(4, 1))
		violation_note("vmbus.modify.version", msg, len, "MODIFY_CHANNEL below 4.1 (A.4)");
	if (!ch || ch->state != CH_OPEN || vp >= bus->vps) {
		if (!ch || ch->state != CH_RESCINDED)
			violation_note("vmbus.modify", msg, len, "MODIFY_CHANNEL %u to VP %u (A.11)",
				       get32(msg, 8), vp);
		status = 1;
	} else {
		ch->target_vp = vp;
	}
	if (bus->version < VMBUS_VERSION(5, 3))
		return;
	put32(answer, 8, get32(msg, 8));
	put32(answer, 12, status);
	bus_tell(bus, ch, answer, sizeof(answer));
}

uint16_t channel_on_signal(struct vmbus *bus, uint32_t connection_id)
{
	struct vmbus_channel *ch = bus_channel(bus, connection_id - CONNECTION_BASE);

	if (!ch) {
		violation_note("vmbus.signal.unknown", &connection_id, sizeof(connection_id),
			       "doorbell of connection %#x (A.1)", connection_id);
		return HV_INVALID_CONNECTION_ID;
	}
	if (ch->state == CH_OPEN)
		channel_on_doorbell(ch);
	else if (!ch->was_open)
		/* Once it was open, a doorbell may have been on its way (eventfd) as it closed. */
		violation_note("vmbus.signal.never_open", &connection_id, sizeof(connection_id),
			       "doorbell of channel %u, which was never opened (A.7)", ch->relid);
	return HV_SUCCESS;
}

/* ---- plain facts ---- */

uint32_t channel_relid(const struct vmbus_channel *ch) { return ch->relid; }
uint16_t channel_subindex(const struct vmbus_channel *ch) { return ch->params.subchannel_index; }
bool channel_is_open(const struct vmbus_channel *ch) { return ch->state == CH_OPEN; }
uint32_t channel_target_vp(const struct vmbus_channel *ch) { return ch->target_vp; }
const struct gmem *channel_gmem(const struct vmbus_channel *ch) { return ch->bus->mem; }
const struct channel_stats *channel_stats(const struct vmbus_channel *ch) { return &ch->stats; }
