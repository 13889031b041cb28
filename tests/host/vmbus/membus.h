/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: membus - the bus over plain memory, with the guest's part played by a test.
 *
 * No KVM, no threads: messages to the guest pile up in a list, event flags are
 * counted, guest memory is malloc'ed. The helpers do what a well-behaved guest
 * does, written from vmbus-host.md and not from the host's own code, so that one
 * checks the other; every field can be spoiled before it is sent. For unit tests
 * only, never linked into hvhost.
 */
#ifndef HVHOST_VMBUS_MEMBUS_H
#define HVHOST_VMBUS_MEMBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "channel.h"
#include "gmem.h"

#define MEMBUS_RAM_GPA		0x100000ull		/* first range */
#define MEMBUS_HIGH_GPA		0x123400000ull		/* second range, beyond 4 GiB */
#define MEMBUS_ROM_GPA		0x200000000ull		/* a page that the host must not write */
#define MEMBUS_OFFERS_MAX	64
#define MEMBUS_MESSAGE_MAX	240

struct membus;

/** membus_create() - @version: newest the host takes; @pages of RAM, half of them high */
struct membus *membus_create(uint32_t version, unsigned int vps, unsigned int pages);
void membus_destroy(struct membus *mb);

struct vmbus *membus_bus(struct membus *mb);
struct gmem *membus_gmem(struct membus *mb);

/* ---- memory ---- */

/** membus_page() - a fresh zeroed guest page; its address. Neighbours are never adjacent. */
uint64_t membus_page(struct membus *mb);
/** membus_pages_left() - how many membus_page() can still give */
unsigned int membus_pages_left(const struct membus *mb);
/** membus_ptr() - host address of guest memory, NULL when there is none */
void *membus_ptr(struct membus *mb, uint64_t gpa);

/* ---- messages ---- */

struct membus_message {
	uint32_t vp;
	uint32_t len;
	uint8_t b[MEMBUS_MESSAGE_MAX];
};

/** membus_post() - on the connection of the version that is spoken; the status */
uint16_t membus_post(struct membus *mb, const void *msg, size_t len);
uint16_t membus_post_on(struct membus *mb, uint32_t connection, const void *msg, size_t len);

/** membus_take() - next message for the guest; false if there is none */
bool membus_take(struct membus *mb, struct membus_message *m);
/** membus_take_id() - drops what comes before it (offers and rescinds go into the table);
 * false if none has that id */
bool membus_take_id(struct membus *mb, uint32_t id, struct membus_message *m);
/** membus_waiting() - messages not taken yet */
unsigned int membus_waiting(const struct membus *mb);

/* ---- the life of a guest ---- */

/** membus_contact() - INITIATE_CONTACT; true if the host accepts @version */
bool membus_contact(struct membus *mb, uint32_t version);
/** membus_set_monitor() - monitor page 2 of contacts from now on; at first the first page of RAM */
void membus_set_monitor(struct membus *mb, uint64_t gpa);
/** membus_connect() - contact and REQUEST_OFFERS; the offers are taken into a table */
bool membus_connect(struct membus *mb, uint32_t version);
/** membus_pump() - takes OFFER and RESCIND messages into the table, keeps the others */
void membus_pump(struct membus *mb);
void membus_unload(struct membus *mb);

struct membus_offer {
	uint8_t type[16], instance[16];
	uint16_t flags, subindex;
	uint32_t relid, connection;
	uint8_t monitor;	/* its bit, 0xff: none */
	bool rescinded;
};

/** membus_offer() - the n-th offer that stands, or NULL */
const struct membus_offer *membus_offer(struct membus *mb, unsigned int n);
/** membus_offer_sub() - the standing offer of that instance and index, or NULL */
const struct membus_offer *membus_offer_sub(struct membus *mb, const uint8_t instance[16],
					    uint16_t subindex);
/** membus_release() - RELID_RELEASED; the offer leaves the table */
void membus_release(struct membus *mb, uint32_t relid);

/* ---- GPADLs ---- */

struct membus_gpadl {
	uint32_t relid, handle, pages;
	uint64_t *gpa;		/* of each page; owned by membus */
};

/** membus_gpadl() - @pages fresh pages, header and bodies sent; status of GPADL_CREATED,
 * -1 without an answer */
int membus_gpadl(struct membus *mb, uint32_t relid, uint32_t pages, struct membus_gpadl *g);
/** membus_gpadl_copy_out/in() - the guest's own access */
void membus_gpadl_copy_out(struct membus *mb, const struct membus_gpadl *g, size_t off,
			   void *buf, size_t len);
void membus_gpadl_copy_in(struct membus *mb, const struct membus_gpadl *g, size_t off,
			  const void *buf, size_t len);
/** membus_teardown() - true once GPADL_TORNDOWN came */
bool membus_teardown(struct membus *mb, uint32_t relid, uint32_t handle);

/* ---- channels ---- */

struct membus_ring {
	uint32_t first, pages;	/* in the GPADL: control page, and count with it */
};

struct membus_channel {
	struct membus *mb;
	uint32_t relid, connection;
	uint8_t monitor;		/* 0xff: signals are hypercalls */
	struct membus_gpadl mem;
	struct membus_ring tx, rx;	/* guest's view */
	uint32_t signals;		/* doorbells that put() rang */
};

/** membus_open() - rings of @pages each way on @vp; status of OPEN_RESULT, -1 without one */
int membus_open(struct membus *mb, const struct membus_offer *o, uint32_t pages, uint32_t vp,
		struct membus_channel *ch);
/** membus_close() - CLOSE_CHANNEL and teardown of the ring memory */
void membus_close(struct membus_channel *ch);
/** membus_modify() - status of the answer, -1 without one */
int membus_modify(struct membus_channel *ch, uint32_t vp);

/** membus_word() - a word of a control page: 0 write, 1 read index, 2 mask, 3 pending */
volatile uint32_t *membus_word(struct membus_channel *ch, bool tx, unsigned int n);

/** membus_put() - one packet, signalled by the rules; false without room.
 * @ext, @ext_len: extended header behind the descriptor, a multiple of 8 */
bool membus_put(struct membus_channel *ch, uint16_t type, uint16_t flags, uint64_t trans_id,
		const void *ext, size_t ext_len, const void *payload, size_t len);
/** membus_put_raw() - these bytes (a multiple of 8) and a trailer, never signalled */
bool membus_put_raw(struct membus_channel *ch, const void *bytes, size_t len);
/** membus_signal() - ring the channel's doorbell, or set its bit; the status */
uint16_t membus_signal(struct membus_channel *ch);

/** membus_get() - next packet of the host: @pkt points into @buf (VMBUS_PKT_MAX bytes).
 * Return: 1, 0 when empty (unmasked), -1 nonsense in the ring */
int membus_get(struct membus_channel *ch, struct vmbus_packet *pkt, uint8_t *buf);

/** membus_events() - event flags raised for @relid on @vp since the last call */
unsigned int membus_events(struct membus *mb, uint32_t vp, uint32_t relid);
/** membus_doorbells() - connections whose doorbell is registered now */
unsigned int membus_doorbells(const struct membus *mb);
bool membus_has_doorbell(const struct membus *mb, uint32_t connection);

#endif
