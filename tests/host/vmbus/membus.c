// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: membus - see membus.h. Memory, messages and the bus-wide part of a guest.
 *
 * Any surprise of the bus's side that a well-behaved host cannot cause (a message
 * of more than 240 bytes, a doorbell registered twice) aborts the test program.
 */
#include "membus_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTION_BASE	0x10000u
#define ROM_BYTES	PAGE

/* ---- what the bus does ---- */

static void act_post(void *priv, uint32_t vp, const void *bytes, size_t len)
{
	struct membus_message *m = calloc(1, sizeof(*m));
	struct membus *mb = priv;

	assert(m && len >= 8 && len <= sizeof(m->b) && mb->msg_cnt < MESSAGES_MAX);
	m->vp = vp;
	m->len = (uint32_t)len;
	memcpy(m->b, bytes, len);
	mb->msg[mb->msg_cnt++] = m;
}

static void act_event(void *priv, uint32_t vp, uint32_t relid)
{
	struct membus *mb = priv;

	assert(vp < mb->vps && relid && relid < RELIDS);
	mb->events[vp][relid]++;
}

static void act_doorbell_on(void *priv, uint32_t connection)
{
	struct membus *mb = priv;

	assert(connection - CONNECTION_BASE < RELIDS &&
	       !mb->doorbell[connection - CONNECTION_BASE]);
	mb->doorbell[connection - CONNECTION_BASE] = true;
}

static void act_doorbell_off(void *priv, uint32_t connection)
{
	struct membus *mb = priv;

	assert(connection - CONNECTION_BASE < RELIDS && mb->doorbell[connection - CONNECTION_BASE]);
	mb->doorbell[connection - CONNECTION_BASE] = false;
}

static void drop_first(struct membus *mb, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		free(mb->msg[i]);
	mb->msg_cnt -= n;
	memmove(mb->msg, mb->msg + n, mb->msg_cnt * sizeof(mb->msg[0]));
}

static void act_drop(void *priv)
{
	struct membus *mb = priv;

	drop_first(mb, mb->msg_cnt);
}

static const struct vmbus_actions actions = {
	.post = act_post, .set_event = act_event, .doorbell_on = act_doorbell_on,
	.doorbell_off = act_doorbell_off, .drop_messages = act_drop,
};

/* ---- machine ---- */

struct membus *membus_create(uint32_t version, unsigned int vps, unsigned int pages)
{
	struct membus *mb = calloc(1, sizeof(*mb));

	assert(mb && vps && vps <= VPS_MAX && pages >= 8);
	mb->pages = pages & ~1u;
	mb->vps = vps;
	mb->next_handle = 0xe1e10;
	mb->monitor_page = MEMBUS_RAM_GPA;
	mb->low = calloc(mb->pages / 2, PAGE);
	mb->high = calloc(mb->pages / 2, PAGE);
	mb->rom = calloc(1, ROM_BYTES);
	assert(mb->low && mb->high && mb->rom);
	mb->mem.range[0] = (struct gmem_range){ MEMBUS_RAM_GPA, mb->pages / 2 * PAGE, mb->low, 1 };
	mb->mem.range[1] =
		(struct gmem_range){ MEMBUS_HIGH_GPA, mb->pages / 2 * PAGE, mb->high, 1 };
	mb->mem.range[2] = (struct gmem_range){ MEMBUS_ROM_GPA, ROM_BYTES, mb->rom, 0 };
	mb->mem.cnt = 3;
	mb->bus = vmbus_create(&mb->mem, version, vps, &actions, mb);
	assert(mb->bus);
	return mb;
}

void membus_destroy(struct membus *mb)
{
	unsigned int i;

	vmbus_destroy(mb->bus);
	drop_first(mb, mb->msg_cnt);
	for (i = 0; i < mb->list_cnt; i++)
		free(mb->lists[i]);
	free(mb->low);
	free(mb->high);
	free(mb->rom);
	free(mb);
}

struct vmbus *membus_bus(struct membus *mb)
{
	return mb->bus;
}

struct gmem *membus_gmem(struct membus *mb)
{
	return &mb->mem;
}

/* Low and high in turn, so that no two pages of a list touch. */
uint64_t membus_page(struct membus *mb)
{
	unsigned int n = mb->next_page++;
	uint64_t gpa = (n & 1 ? MEMBUS_HIGH_GPA : MEMBUS_RAM_GPA) + (uint64_t)(n / 2) * PAGE;

	assert(n < mb->pages);
	return gpa;
}

unsigned int membus_pages_left(const struct membus *mb)
{
	return mb->pages - mb->next_page;
}

void *membus_ptr(struct membus *mb, uint64_t gpa)
{
	if (gpa >= MEMBUS_HIGH_GPA && gpa - MEMBUS_HIGH_GPA < mb->pages / 2 * PAGE)
		return mb->high + (gpa - MEMBUS_HIGH_GPA);
	if (gpa >= MEMBUS_RAM_GPA && gpa - MEMBUS_RAM_GPA < mb->pages / 2 * PAGE)
		return mb->low + (gpa - MEMBUS_RAM_GPA);
	return NULL;
}

/* ---- messages ---- */

uint16_t membus_post_on(struct membus *mb, uint32_t connection, const void *msg, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);	/* so that reading past it shows */
	uint16_t status;

	assert(exact);
	memcpy(exact, msg, len);
	status = vmbus_message(mb->bus, connection, 1, exact, len);
	free(exact);
	return status;
}

uint16_t membus_post(struct membus *mb, const void *msg, size_t len)
{
	return membus_post_on(mb, mb->version < VMBUS_VERSION(5, 0) ? 1 : 4, msg, len);
}

bool membus_take(struct membus *mb, struct membus_message *m)
{
	if (!mb->msg_cnt)
		return false;
	*m = *mb->msg[0];
	drop_first(mb, 1);
	return true;
}

unsigned int membus_waiting(const struct membus *mb)
{
	return mb->msg_cnt;
}

/* ---- contact and offers ---- */

bool membus_contact(struct membus *mb, uint32_t version)
{
	uint8_t msg[40] = { 14 };
	struct membus_message m;
	uint64_t page;

	m_put32(msg, 8, version);
	mb->version = version;	/* says which connection */
	if (version >= VMBUS_VERSION(5, 0)) {
		msg[16] = 2;
	} else {
		page = MEMBUS_RAM_GPA;
		memcpy(msg + 16, &page, 8);
	}
	page = MEMBUS_RAM_GPA;
	memcpy(msg + 24, &page, 8);
	memcpy(msg + 32, &mb->monitor_page, 8);
	mb->offer_cnt = 0;
	if (membus_post(mb, msg, sizeof(msg)) || !membus_take_id(mb, 15, &m) || m.len != 16)
		mb->version = 0;
	else
		mb->version = m.b[8] ? version : 0;
	return mb->version != 0;
}

static void note_offer(struct membus *mb, const uint8_t *b)
{
	struct membus_offer *o;

	assert(mb->offer_cnt < MEMBUS_OFFERS_MAX);
	o = &mb->offer[mb->offer_cnt++];
	memset(o, 0, sizeof(*o));
	memcpy(o->type, b + 8, 16);
	memcpy(o->instance, b + 24, 16);
	memcpy(&o->flags, b + 56, 2);
	memcpy(&o->subindex, b + 180, 2);
	o->relid = m_get32(b, 184);
	o->connection = m_get32(b, 192);
	o->monitor = b[189] & 1 ? b[188] : 0xff;
}

static void note_rescind(struct membus *mb, uint32_t relid)
{
	unsigned int i;

	for (i = 0; i < mb->offer_cnt; i++)
		if (mb->offer[i].relid == relid)
			mb->offer[i].rescinded = true;
}

void membus_pump(struct membus *mb)
{
	unsigned int i, kept = 0;

	for (i = 0; i < mb->msg_cnt; i++) {
		struct membus_message *m = mb->msg[i];

		if (m->len == 196 && m_get32(m->b, 0) == 1) {
			note_offer(mb, m->b);
		} else if (m->len == 12 && m_get32(m->b, 0) == 2) {
			note_rescind(mb, m_get32(m->b, 8));
		} else {
			mb->msg[kept++] = m;
			continue;
		}
		free(m);
	}
	mb->msg_cnt = kept;
}

bool membus_take_id(struct membus *mb, uint32_t id, struct membus_message *m)
{
	unsigned int i;

	if (id != 1 && id != 2)
		membus_pump(mb);
	for (i = 0; i < mb->msg_cnt; i++)
		if (m_get32(mb->msg[i]->b, 0) == id) {
			*m = *mb->msg[i];
			drop_first(mb, i + 1);
			return true;
		}
	return false;
}

void membus_set_monitor(struct membus *mb, uint64_t gpa)
{
	mb->monitor_page = gpa;
}

bool membus_connect(struct membus *mb, uint32_t version)
{
	const uint8_t want[8] = { 3 };
	struct membus_message m;

	if (!membus_contact(mb, version) || membus_post(mb, want, sizeof(want)))
		return false;
	membus_pump(mb);
	return membus_take_id(mb, 4, &m);
}

void membus_unload(struct membus *mb)
{
	const uint8_t msg[8] = { 16 };

	membus_post(mb, msg, sizeof(msg));
	mb->offer_cnt = 0;
	mb->version = 0;
}

const struct membus_offer *membus_offer(struct membus *mb, unsigned int n)
{
	unsigned int i;

	membus_pump(mb);
	for (i = 0; i < mb->offer_cnt; i++)
		if (!mb->offer[i].rescinded && !n--)
			return &mb->offer[i];
	return NULL;
}

const struct membus_offer *membus_offer_sub(struct membus *mb, const uint8_t instance[16],
					    uint16_t subindex)
{
	unsigned int i;

	membus_pump(mb);
	for (i = 0; i < mb->offer_cnt; i++)
		if (!mb->offer[i].rescinded && mb->offer[i].subindex == subindex &&
		    !memcmp(mb->offer[i].instance, instance, 16))
			return &mb->offer[i];
	return NULL;
}

void membus_release(struct membus *mb, uint32_t relid)
{
	uint8_t msg[12] = { 13 };
	unsigned int i;

	m_put32(msg, 8, relid);
	membus_post(mb, msg, sizeof(msg));
	for (i = 0; i < mb->offer_cnt; i++)
		if (mb->offer[i].relid == relid) {
			mb->offer[i] = mb->offer[--mb->offer_cnt];
			return;
		}
}

/* ---- signs ---- */

unsigned int membus_events(struct membus *mb, uint32_t vp, uint32_t relid)
{
	unsigned int n = mb->events[vp][relid];

	mb->events[vp][relid] = 0;
	return n;
}

unsigned int membus_doorbells(const struct membus *mb)
{
	unsigned int i, n = 0;

	for (i = 0; i < RELIDS; i++)
		n += mb->doorbell[i];
	return n;
}

bool membus_has_doorbell(const struct membus *mb, uint32_t connection)
{
	return connection - CONNECTION_BASE < RELIDS && mb->doorbell[connection - CONNECTION_BASE];
}
