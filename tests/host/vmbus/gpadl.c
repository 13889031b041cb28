// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: gpadl - lists of guest pages, from header and bodies to bounded copies
 * (vmbus-host.md A.6).
 *
 * Every page is looked up once, when it is named, and kept as a host address: a
 * page outside the guest's RAM makes the whole list fail. Bodies are matched by
 * handle, since lists of two CPUs may interleave.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gmem.h"
#include "violation.h"

#define HEADER_BYTES	28
#define BODY_BYTES	16

struct gpadl *gpadl_find(struct vmbus *bus, uint32_t handle)
{
	struct gpadl *g;

	for (g = bus->gpadls; g; g = g->next)
		if (g->handle == handle)
			return g;
	return NULL;
}

static void drop(struct vmbus *bus, struct gpadl *g)
{
	struct gpadl **at;

	for (at = &bus->gpadls; *at; at = &(*at)->next)
		if (*at == g) {
			*at = g->next;
			break;
		}
	bus->gpadl_pages -= g->pages;
	bus->gpadl_cnt--;
	free(g->page);
	free(g);
}

/* The device lets go first: after this no pointer into the list is left. */
static void take_back(struct gpadl *g)
{
	struct vmbus_channel *ch = g->ch;

	if (!g->is_ring && g->created && ch->ops->gpadl_teardown)
		ch->ops->gpadl_teardown(ch->dev, ch, g);
	drop(ch->bus, g);
}

void gpadl_drop_all_of(struct vmbus_channel *ch)
{
	struct gpadl *g, *next;

	for (g = ch->bus->gpadls; g; g = next) {
		next = g->next;
		if (g->ch == ch)
			take_back(g);
	}
}

static void answer_created(struct vmbus *bus, uint32_t relid, uint32_t handle, uint32_t status)
{
	uint8_t msg[20] = { MSG_GPADL_CREATED };

	put32(msg, 8, relid);
	put32(msg, 12, handle);
	put32(msg, 16, status);
	bus_answer(bus, bus_channel(bus, relid), "gpadl", msg, sizeof(msg));
}

static void note_bad_page(const struct gpadl *g, const uint8_t *pfn, uint64_t frame, bool shown)
{
	if (shown)
		violation_note("vmbus.gpadl.page", pfn, 8,
			       "GPADL %#x names frame %#llx, which is no RAM (A.6)", g->handle,
			       (unsigned long long)frame);
	else
		violation_note("vmbus.gpadl.private", pfn, 8,
			       "GPADL %#x names frame %#llx, which the guest does not show (A.6)",
			       g->handle, (unsigned long long)frame);
}

/* Adds the PFNs of one message; true when more are to come. */
static void add_pages(struct vmbus *bus, struct gpadl *g, const uint8_t *pfn, size_t bytes)
{
	uint32_t relid = g->ch->relid, handle = g->handle;
	uint64_t frame;
	bool shown;

	for (; bytes >= 8 && g->got < g->pages; bytes -= 8, pfn += 8) {
		memcpy(&frame, pfn, 8);
		shown = gmem_is_shown(bus->mem, frame);
		g->page[g->got] = !shown || frame >> 52 ? NULL :
			gmem_ptr_rw(bus->mem, frame * GMEM_PAGE_SIZE, GMEM_PAGE_SIZE);
		if (!g->page[g->got]) {
			note_bad_page(g, pfn, frame, shown);
			drop(bus, g);
			answer_created(bus, relid, handle, 1);
			return;
		}
		g->got++;
	}
	if (bytes)
		violation_note("vmbus.gpadl.excess", pfn, bytes,
			       "GPADL %#x: more frames than its length says (A.6)", handle);
	if (g->got < g->pages || g->created)
		return;
	if (g->ch->state != CH_RESCINDED)
		bus_request(g->ch, "gpadl");
	if (g->ch->ops->gpadl && g->ch->ops->gpadl(g->ch->dev, g->ch, g->byte_cnt)) {
		drop(bus, g);
		answer_created(bus, relid, handle, 1);
	} else {
		g->created = true;
		answer_created(bus, relid, handle, 0);
	}
}

/* A sentence when the header is not acceptable. */
static const char *judge(struct vmbus *bus, struct vmbus_channel *ch, const uint8_t *msg,
			 uint64_t pages)
{
	if (!ch)
		return "no such channel";
	if (get16(msg, 18) != 1)
		return "not exactly one range";
	if (get32(msg, 24) >= GMEM_PAGE_SIZE)
		return "byte offset beyond the first page";
	if (!pages || pages > GPADL_PAGES_MAX || pages + bus->gpadl_pages > GPADL_PAGES_TOTAL_MAX)
		return "size out of range";
	if (bus->gpadl_cnt == GPADL_CNT_MAX)
		return "too many lists";
	if (gpadl_find(bus, get32(msg, 12)))
		return "handle is in use";
	return NULL;
}

void gpadl_on_header(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct vmbus_channel *ch;
	const char *why;
	struct gpadl *g;
	uint64_t pages;

	if (len < HEADER_BYTES || (len - HEADER_BYTES) % 8) {
		violation_note("vmbus.gpadl.header_size", msg, len, "GPADL_HEADER of %zu bytes (A.6)",
			       len);
		return;
	}
	ch = bus_channel(bus, get32(msg, 8));
	pages = ((uint64_t)get32(msg, 24) + get32(msg, 20) + GMEM_PAGE_SIZE - 1) / GMEM_PAGE_SIZE;
	why = judge(bus, ch, msg, pages);
	if (!why && get16(msg, 16) != (uint16_t)(8 + 8 * pages))
		violation_note("vmbus.gpadl.range_length", msg, len,
			       "range length %u for %llu pages (A.6)", get16(msg, 16),
			       (unsigned long long)pages);
	g = why ? NULL : calloc(1, sizeof(*g));
	if (g)
		g->page = calloc(pages, sizeof(*g->page));
	if (!g || !g->page) {
		free(g);
		if (why)
			violation_note("vmbus.gpadl.header", msg, len, "GPADL_HEADER: %s (A.6)", why);
		answer_created(bus, get32(msg, 8), get32(msg, 12), 1);
		return;
	}
	g->ch = ch;
	g->handle = get32(msg, 12);
	g->byte_cnt = get32(msg, 20);
	g->byte_off = get32(msg, 24);
	g->pages = pages;
	g->next = bus->gpadls;
	bus->gpadls = g;
	bus->gpadl_pages += pages;
	bus->gpadl_cnt++;
	add_pages(bus, g, msg + HEADER_BYTES, len - HEADER_BYTES);
}

void gpadl_on_body(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct gpadl *g;

	if (len <= BODY_BYTES || (len - BODY_BYTES) % 8) {
		violation_note("vmbus.gpadl.body_size", msg, len, "GPADL_BODY of %zu bytes (A.6)", len);
		return;
	}
	g = gpadl_find(bus, get32(msg, 12));
	if (!g || g->created) {
		violation_note("vmbus.gpadl.body", msg, len, "GPADL_BODY for %s handle %#x (A.6)",
			       g ? "the complete" : "the unknown", get32(msg, 12));
		return;
	}
	add_pages(bus, g, msg + BODY_BYTES, len - BODY_BYTES);
}

void gpadl_on_teardown(struct vmbus *bus, const uint8_t *msg, size_t len)
{
	struct gpadl *g = gpadl_find(bus, get32(msg, 12));
	struct vmbus_channel *ch = bus_channel(bus, get32(msg, 8));
	uint8_t answer[12] = { MSG_GPADL_TORNDOWN };

	if (!g) {
		/* After a rescind its lists are gone here while a teardown is in flight (A.9). */
		if (!ch || ch->state != CH_RESCINDED)
			violation_note("vmbus.gpadl.teardown", msg, len,
				       "teardown of unknown handle %#x (A.8)", get32(msg, 12));
	} else if (g->ch != ch) {
		violation_note("vmbus.gpadl.teardown_channel", msg, len,
			       "teardown of handle %#x by channel %u (A.8)", g->handle, get32(msg, 8));
		g = NULL;
	} else if (ch->state == CH_OPEN && g == ch->ring_gpadl) {
		violation_note("vmbus.gpadl.teardown_ring", msg, len,
			       "ring of open channel %u torn down (A.8)", ch->relid);
		g = NULL;
	}
	if (g && ch->state != CH_RESCINDED)
		bus_request(ch, "teardown");
	if (g)
		take_back(g);
	put32(answer, 8, get32(msg, 12));
	bus_answer(bus, ch, "teardown", answer, sizeof(answer));
}

struct gpadl *channel_gpadl(struct vmbus_channel *ch, uint32_t handle)
{
	struct gpadl *g = gpadl_find(ch->bus, handle);

	return g && g->ch == ch && g->created && !g->is_ring ? g : NULL;
}

uint32_t gpadl_handle(const struct gpadl *g) { return g->handle; }
uint32_t gpadl_range_count(const struct gpadl *g) { (void)g; return 1; }
uint32_t gpadl_byte_offset(const struct gpadl *g) { return g->byte_off; }
size_t gpadl_len(const struct gpadl *g) { return g->byte_cnt; }

/* One copy for both directions: @to_guest says which. */
static int gpadl_copy(const struct gpadl *g, size_t off, uint8_t *buf, size_t len, bool to_guest)
{
	if (off > g->byte_cnt || len > g->byte_cnt - off)
		return -EFAULT;
	off += g->byte_off;
	while (len) {
		size_t in_page = off % GMEM_PAGE_SIZE, n = GMEM_PAGE_SIZE - in_page;
		uint8_t *at = g->page[off / GMEM_PAGE_SIZE] + in_page;

		if (n > len)
			n = len;
		if (to_guest)
			memcpy(at, buf, n);
		else
			memcpy(buf, at, n);
		buf += n;
		off += n;
		len -= n;
	}
	return 0;
}

int gpadl_read(const struct gpadl *g, size_t off, void *buf, size_t len)
{
	return gpadl_copy(g, off, buf, len, false);
}

int gpadl_write(const struct gpadl *g, size_t off, const void *buf, size_t len)
{
	return gpadl_copy(g, off, (uint8_t *)buf, len, true);
}
