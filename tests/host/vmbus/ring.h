/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: ring - one direction of a channel: control page and data pages in guest
 * memory. Knows bytes and indices, nothing of packets, devices or signals.
 *
 * The side that the host moves (the write index of a ring it fills, the read
 * index of one it empties) is kept here in private; the page only shows it to
 * the guest. The guest's index is read once per call and checked before use, so
 * whatever the guest writes meanwhile, no copy leaves the ring.
 */
#ifndef HVHOST_VMBUS_RING_H
#define HVHOST_VMBUS_RING_H

#include <stdbool.h>
#include <stdint.h>

#define RING_PAGE	4096u

/* Control page (vmbus-host.md C.1) */
struct ring_control {
	volatile uint32_t write_index;
	volatile uint32_t read_index;
	volatile uint32_t interrupt_mask;
	volatile uint32_t pending_send_bytes;
	uint32_t reserved[12];
	volatile uint32_t features;	/* bit 0: pending_send_bytes is understood */
};

_Static_assert(sizeof(struct ring_control) == 68, "control page (C.1)");

struct ring {
	struct ring_control *ctl;
	uint8_t *const *page;	/* data pages in order */
	uint32_t size;		/* data bytes */
	bool fills;		/* the host writes this ring, else it reads it */
	uint32_t own;		/* our index, the truth of it */
};

/**
 * ring_init() - look at a ring that the guest just set up
 * @page: host addresses; the first is the control page
 * @pages: count with the control page, at least 2
 * @fills: the host is the writer
 *
 * Return: true if both indices are 0, as they must be (C.6). Ours is made 0 anyway.
 */
bool ring_init(struct ring *r, uint8_t *const *page, uint32_t pages, bool fills);

/** ring_used() - bytes waiting in the ring, or -EPROTO for an impossible guest index */
int64_t ring_used(const struct ring *r);

/** ring_own_intact() - does the page still show what we wrote there? */
bool ring_own_intact(const struct ring *r);

/** ring_move() - our index goes on by @len bytes and is shown to the guest (release) */
void ring_move(struct ring *r, uint32_t len);

/** ring_show() - our index once more, whatever the page says */
void ring_show(struct ring *r);

/** ring_copy_out/in() - @len <= size bytes at data offset @at < size; wraps */
void ring_copy_out(const struct ring *r, uint32_t at, void *buf, uint32_t len);
void ring_copy_in(const struct ring *r, uint32_t at, const void *buf, uint32_t len);

/** ring_advance() - index behind @len bytes from @at */
static inline uint32_t ring_advance(const struct ring *r, uint32_t at, uint32_t len)
{
	return (uint32_t)(((uint64_t)at + len) % r->size);
}

#endif
