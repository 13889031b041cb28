// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: bus - contact, offers, unload, and who gets which message (vmbus-host.md A).
 *
 * Every message is checked for its exact size before a handler sees it. What is
 * wrong is a violation; what must be answered lest the guest waits for ever is
 * answered all the same.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include "gmem.h"
#include "log.h"
#include "violation.h"

#define CONTACT_CONNECTION	4u	/* from 5.0 on; below: 1 */
#define OLD_CONNECTION		1u

unsigned int vmbus_contacts(const struct vmbus *bus)
{
	return bus->contacts;
}

bool vmbus_version_known(uint32_t v)
{
	static const uint32_t known[] = {
		VMBUS_VERSION(2, 4), VMBUS_VERSION(3, 0), VMBUS_VERSION(4, 0), VMBUS_VERSION(4, 1),
		VMBUS_VERSION(5, 0), VMBUS_VERSION(5, 1), VMBUS_VERSION(5, 2), VMBUS_VERSION(5, 3),
	};
	unsigned int i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == v)
			return true;
	return false;
}

static void forget_channels(struct vmbus *bus, bool subchannels)
{
	unsigned int i;

	for (i = 1; i < RELID_MAX; i++)
		if (bus->channel[i] && !!bus->channel[i]->params.subchannel_index == subchannels)
			channel_forget_guest(bus->channel[i]);
}

/* All that this guest instance had is gone, sub-channels before their primary. */
static void forget_guest(struct vmbus *bus)
{
	monitor_forget(bus);
	forget_channels(bus, true);
	forget_channels(bus, false);
	bus_forget_late(bus);
	tell_forget(bus);
	bus->version = 0;
	bus->offers_wanted = false;
}

void vmbus_reset(struct vmbus *bus)
{
	forget_guest(bus);
	bus->act->drop_messages(bus->priv);
}

/* Where messages of that version go (A.4). */
static uint32_t connection_of_version(uint32_t version)
{
	return version >= VMBUS_VERSION(5, 0) ? CONTACT_CONNECTION : OLD_CONNECTION;
}

static void judge_contact(const struct vmbus *bus, uint32_t version, uint32_t connection,
			  const uint8_t *msg, size_t len)
{
	uint64_t page[3];
	unsigned int i;

	if (connection != connection_of_version(version))
		violation_note("vmbus.contact.connection", msg, len,
			       "INITIATE_CONTACT %u.%u on connection %u (A.4)", version >> 16,
			       version & 0xffff, connection);
	if (version >= VMBUS_VERSION(5, 0) && (msg[16] != 2 || msg[17]))
		violation_note("vmbus.contact.sint", msg, len, "contact names SINT %u, VTL %u (A.4)",
			       msg[16], msg[17]);
	if (get32(msg, 12) >= bus->vps)
		violation_note("vmbus.contact.vp", msg, len, "messages wanted on VP %u of %u (A.4)",
			       get32(msg, 12), bus->vps);
	memcpy(page, msg + 16, sizeof(page));	/* the first: interrupt page, below 5.0 only */
	for (i = version >= VMBUS_VERSION(5, 0); i < 3; i++)
		if (page[i] % GMEM_PAGE_SIZE ||
		    !gmem_ptr(bus->mem, gmem_plain(bus->mem, page[i]), GMEM_PAGE_SIZE))
			violation_note("vmbus.contact.page", msg, len,
				       "page %u of the contact is at %#llx (A.4)", i,
				       (unsigned long long)page[i]);
}

static void on_contact(struct vmbus *bus, uint32_t connection, const uint8_t *msg, size_t len)
{
	uint32_t version = get32(msg, 8), vp = get32(msg, 12);
	uint8_t answer[16] = { MSG_VERSION_RESPONSE };

	judge_contact(bus, version, connection, msg, len);
	vmbus_reset(bus);
	bus->message_vp = vp < bus->vps ? vp : 0;
	if (vmbus_version_known(version) && version <= bus->max_version) {
		bus->version = version;
		bus->contacts++;
		monitor_contact(bus, get64(msg, 32));
		answer[8] = 1;
		put32(answer, 12, version >= VMBUS_VERSION(5, 0) ? CONTACT_CONNECTION : version);
		log_line("bus: connected, version %u.%u", version >> 16, version & 0xffff);
	}
	bus_tell(bus, NULL, answer, sizeof(answer));
}

static void on_request_offers(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	const uint8_t done[8] = { MSG_ALL_OFFERS };
	unsigned int i;

	if (bus->offers_wanted)
		violation_note("vmbus.offers.twice", msg, len, "REQUEST_OFFERS a second time (A.5)");
	bus->offers_wanted = true;
	for (i = 1; i < RELID_MAX; i++)
		if (bus->channel[i] && bus->channel[i]->state == CH_HIDDEN)
			channel_show(bus->channel[i]);
	bus_tell(bus, NULL, done, sizeof(done));
}

static void on_unload(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	const uint8_t answer[8] = { MSG_UNLOAD_RESPONSE };

	if (bus->version && bus->version < VMBUS_VERSION(3, 0))
		violation_note("vmbus.unload.version", msg, len, "UNLOAD below 3.0 (A.4)");
	vmbus_reset(bus);
	log_line("bus: unloaded");
	bus_tell(bus, NULL, answer, sizeof(answer));
}

/* Sizes as the guest sends them (A.2); 0: variable, checked by the handler. */
static const struct { uint8_t id; uint16_t size; } guest_messages[] = {
	{ MSG_REQUEST_OFFERS, 8 }, { MSG_OPEN, 148 }, { MSG_CLOSE, 12 }, { MSG_GPADL_HEADER, 0 },
	{ MSG_GPADL_BODY, 0 }, { MSG_GPADL_TEARDOWN, 16 }, { MSG_RELID_RELEASED, 12 },
	{ MSG_INITIATE_CONTACT, 40 }, { MSG_UNLOAD, 8 }, { MSG_TL_CONNECT, 40 }, { MSG_MODIFY, 16 },
};

static bool size_ok(uint32_t id, const uint8_t *msg, size_t len)
{
	unsigned int i;

	for (i = 0; i < sizeof(guest_messages) / sizeof(guest_messages[0]); i++) {
		if (guest_messages[i].id != id)
			continue;
		if (guest_messages[i].size && len != guest_messages[i].size) {
			violation_note("vmbus.message.size", msg, len,
				       "message %u has %zu bytes, not %u (A.2)", id, len,
				       guest_messages[i].size);
			return len > guest_messages[i].size;
		}
		return true;
	}
	violation_note("vmbus.message.unknown", msg, len, "message id %u is not a guest's (A.2)", id);
	return false;
}

static void dispatch(struct vmbus *bus, uint32_t id, const uint8_t *msg, size_t len)
{
	switch (id) {
	case MSG_REQUEST_OFFERS:
		on_request_offers(bus, msg, len);
		break;
	case MSG_OPEN:
		channel_on_open(bus, msg, len);
		break;
	case MSG_CLOSE:
		channel_on_close(bus, msg, len);
		break;
	case MSG_GPADL_HEADER:
		gpadl_on_header(bus, msg, len);
		break;
	case MSG_GPADL_BODY:
		gpadl_on_body(bus, msg, len);
		break;
	case MSG_GPADL_TEARDOWN:
		gpadl_on_teardown(bus, msg, len);
		break;
	case MSG_RELID_RELEASED:
		channel_on_released(bus, msg, len);
		break;
	case MSG_UNLOAD:
		on_unload(bus, msg, len);
		break;
	case MSG_MODIFY:
		channel_on_modify(bus, msg, len);
		break;
	case MSG_TL_CONNECT:
		break;	/* hv_sock: nobody listens, and there is no answer Linux would take (A.2) */
	}
}

/* After UNLOAD the guest lets go of what it had: nothing to answer (A.12). */
static bool late_goodbye(uint32_t id)
{
	return id == MSG_RELID_RELEASED || id == MSG_CLOSE;
}

uint16_t vmbus_message(struct vmbus *bus, uint32_t connection_id, uint32_t type,
		       const void *msg, size_t len)
{
	uint8_t copy[VMBUS_MESSAGE_MAX] = { 0 };
	uint32_t id;

	if (connection_id != OLD_CONNECTION && connection_id != CONTACT_CONNECTION) {
		violation_note("vmbus.message.connection", msg, len,
			       "message posted to connection %u (A.1)", connection_id);
		return HV_INVALID_CONNECTION_ID;
	}
	if (type != 1 || len < 8 || len > sizeof(copy)) {
		violation_note("vmbus.message.frame", msg, len, "posted type %u with %zu bytes (A.1)",
			       type, len);
		return HV_INVALID_PARAMETER;
	}
	memcpy(copy, msg, len);
	id = get32(copy, 0);
	if (bus->version && id != MSG_INITIATE_CONTACT &&
	    connection_id != connection_of_version(bus->version))
		violation_note("vmbus.message.wrong_connection", copy, len,
			       "message %u on connection %u while %u.%u is spoken (A.4)", id,
			       connection_id, bus->version >> 16, bus->version & 0xffff);
	if (!size_ok(id, copy, len))
		return HV_SUCCESS;
	if (id == MSG_INITIATE_CONTACT)
		on_contact(bus, connection_id, copy, len);
	else if (bus->version)
		dispatch(bus, id, copy, len);
	else if (id == MSG_UNLOAD)
		on_unload(bus, copy, len);
	else if (!late_goodbye(id))
		violation_note("vmbus.message.unconnected", copy, len,
			       "message %u without a contact (A.13)", id);
	return HV_SUCCESS;
}

uint16_t vmbus_signal(struct vmbus *bus, uint32_t connection_id)
{
	return channel_on_signal(bus, connection_id);
}

struct vmbus *vmbus_create(const struct gmem *mem, uint32_t max_version, unsigned int vps,
			   const struct vmbus_actions *act, void *priv)
{
	struct vmbus *bus = calloc(1, sizeof(*bus));

	if (!bus)
		return NULL;
	bus->mem = mem;
	bus->max_version = max_version;
	bus->vps = vps;
	bus->act = act;
	bus->priv = priv;
	bus->next_relid = 1;
	return bus;
}

void vmbus_destroy(struct vmbus *bus)
{
	unsigned int i;

	if (!bus)
		return;
	forget_guest(bus);
	for (i = 1; i < RELID_MAX; i++)
		free(bus->channel[i]);
	free(bus);
}
