// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ring - see ring.h (vmbus-host.md C). No locks; machine lock held.
 */
#include "ring.h"

#include <errno.h>
#include <string.h>

void ring_init(struct ring *r, uint8_t *const *page, uint32_t pages)
{
	r->ctl = (struct ring_control *)page[0];
	r->page = page + 1;
	r->size = (pages - 1) * RING_PAGE;
}

int64_t ring_used(const struct ring *r)
{
	uint32_t w = r->ctl->write_index, rd = r->ctl->read_index;

	if (w >= r->size || rd >= r->size || (w | rd) & 7)
		return -EPROTO;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return w >= rd ? w - rd : r->size - rd + w;
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
