// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ring - see ring.h (vmbus-host.md C). No locks; machine lock held.
 */
#include "ring.h"

#include <errno.h>
#include <string.h>

static volatile uint32_t *own_shown(const struct ring *r)
{
	return r->fills ? &r->ctl->write_index : &r->ctl->read_index;
}

static volatile uint32_t *theirs(const struct ring *r)
{
	return r->fills ? &r->ctl->read_index : &r->ctl->write_index;
}

bool ring_init(struct ring *r, uint8_t *const *page, uint32_t pages, bool fills)
{
	bool fresh;

	r->ctl = (struct ring_control *)page[0];
	r->page = page + 1;
	r->size = (pages - 1) * RING_PAGE;
	r->fills = fills;
	r->own = 0;
	fresh = !r->ctl->write_index && !r->ctl->read_index;
	*own_shown(r) = 0;
	return fresh;
}

int64_t ring_used(const struct ring *r)
{
	/* Acquire: what the writer put there before its index is seen after it. */
	uint32_t other = __atomic_load_n(theirs(r), __ATOMIC_ACQUIRE);
	uint32_t w = r->fills ? r->own : other, rd = r->fills ? other : r->own;

	if (other >= r->size || other & 7)
		return -EPROTO;
	return w >= rd ? w - rd : r->size - rd + w;
}

bool ring_own_intact(const struct ring *r)
{
	return *own_shown(r) == r->own;
}

void ring_show(struct ring *r)
{
	__atomic_store_n(own_shown(r), r->own, __ATOMIC_RELEASE);
}

void ring_move(struct ring *r, uint32_t len)
{
	r->own = ring_advance(r, r->own, len);
	ring_show(r);
}

void ring_copy_out(const struct ring *r, uint32_t at, void *buf, uint32_t len)
{
	uint8_t *to = buf;

	while (len) {
		uint32_t in_page = at % RING_PAGE, n = RING_PAGE - in_page;

		if (n > len)
			n = len;
		memcpy(to, r->page[at / RING_PAGE] + in_page, n);
		to += n;
		len -= n;
		at = ring_advance(r, at, n);
	}
}

void ring_copy_in(const struct ring *r, uint32_t at, const void *buf, uint32_t len)
{
	const uint8_t *from = buf;

	while (len) {
		uint32_t in_page = at % RING_PAGE, n = RING_PAGE - in_page;

		if (n > len)
			n = len;
		memcpy(r->page[at / RING_PAGE] + in_page, from, n);
		from += n;
		len -= n;
		at = ring_advance(r, at, n);
	}
}
