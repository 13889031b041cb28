// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: scan - does the host see these bytes in what the guest shares with it?
 *
 * Shared is what a confidential guest shows page by page; of any other guest, what stands in its
 * lists of pages: rings and buffers. A pattern that lies across two pages is found by one of its
 * halves. The guest goes on writing meanwhile.
 */
#include "internal.h"

#include <jansson.h>
#include <string.h>

#include "gmem.h"

#define PLACES_MAX	16	/* that are named; all are counted */

struct scan {
	const struct vmbus *bus;
	const uint8_t *pattern;
	size_t half;		/* bytes */
	uint64_t pages, found;
	json_t *places;
};

/* Where a half is in a page, from @at on; GMEM_PAGE_SIZE: nowhere. */
static size_t find_half(const uint8_t *page, size_t at, const uint8_t *half, size_t len)
{
	const uint8_t *p = page + at, *end = page + GMEM_PAGE_SIZE - len + 1;

	while (p < end) {
		p = memchr(p, half[0], (size_t)(end - p));
		if (!p)
			break;
		if (!memcmp(p, half, len))
			return (size_t)(p - page);
		p++;
	}
	return GMEM_PAGE_SIZE;
}

static const struct gpadl *list_of(const struct vmbus *bus, const uint8_t *page, uint32_t *nth)
{
	const struct gpadl *g;

	for (g = bus->gpadls; g; g = g->next)
		for (*nth = 0; *nth < g->got; (*nth)++)
			if (g->page[*nth] == page)
				return g;
	return NULL;
}

static void name_place(struct scan *s, const uint8_t *page, size_t at)
{
	const struct gpadl *g;
	uint32_t nth = 0;

	s->found++;
	if (json_array_size(s->places) == PLACES_MAX)
		return;
	g = list_of(s->bus, page, &nth);
	json_array_append_new(s->places, json_pack(
		"{s:s,s:i,s:i,s:I}", "where", !g ? "shown page" : g->is_ring ? "ring" : "buffer",
		"relid", g ? (int)g->ch->relid : -1, "gpadl", g ? (int)g->handle : -1,
		"offset", g ? (json_int_t)nth * GMEM_PAGE_SIZE + (json_int_t)at : (json_int_t)at));
}

static void scan_page(struct scan *s, const uint8_t *page)
{
	const uint8_t *second = s->pattern + s->half;
	size_t n = s->half, at;

	s->pages++;
	for (at = find_half(page, 0, s->pattern, n); at < GMEM_PAGE_SIZE;
	     at = find_half(page, at + 1, s->pattern, n))
		name_place(s, page, at);
	for (at = find_half(page, 0, second, n); at < GMEM_PAGE_SIZE;
	     at = find_half(page, at + 1, second, n))
		if (at < n || memcmp(page + at - n, s->pattern, n))
			name_place(s, page, at);
}

static void scan_shown(struct scan *s)
{
	const struct gmem *m = s->bus->mem;
	const uint8_t *page;
	uint64_t frame;

	for (frame = 0; frame < m->pages; frame++) {
		page = m->shown[frame] ? gmem_ptr(m, frame * GMEM_PAGE_SIZE, GMEM_PAGE_SIZE) : NULL;
		if (page)
			scan_page(s, page);
	}
}

static void scan_lists(struct scan *s)
{
	const struct gpadl *g;
	uint32_t i;

	for (g = s->bus->gpadls; g; g = g->next)
		for (i = 0; g->created && i < g->pages; i++)
			scan_page(s, g->page[i]);
}

/* All that a guest can write, shared or not. */
static void scan_all(struct scan *s)
{
	const struct gmem *m = s->bus->mem;
	uint64_t at;
	unsigned int i;

	for (i = 0; i < m->cnt; i++)
		for (at = 0; m->range[i].writable && at + GMEM_PAGE_SIZE <= m->range[i].len;
		     at += GMEM_PAGE_SIZE)
			scan_page(s, m->range[i].host + at);
}

json_t *scan_for(const struct vmbus *bus, const uint8_t *pattern, size_t len, bool all)
{
	struct scan s = { .bus = bus, .pattern = pattern, .half = len / 2, .places = json_array() };

	if (all)
		scan_all(&s);
	else if (bus->mem->shown)
		scan_shown(&s);
	else
		scan_lists(&s);
	return json_pack("{s:I,s:I,s:o}", "pages", (json_int_t)s.pages, "found", (json_int_t)s.found,
			 "places", s.places);
}
