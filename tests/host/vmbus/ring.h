/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: ring - one direction of a channel: control page and data pages in guest
 * memory. Knows bytes and indices, nothing of packets, devices or signals.
 *
 * The guest's index is read once per call and checked; a bad one is -EPROTO.
 */
#ifndef HVHOST_VMBUS_RING_H
#define HVHOST_VMBUS_RING_H

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

struct ring {
	struct ring_control *ctl;
	uint8_t *const *page;	/* data pages in order */
	uint32_t size;		/* data bytes */
};

/** ring_init() - @page[0] is the control page, @pages counts it too (>= 2) */
void ring_init(struct ring *r, uint8_t *const *page, uint32_t pages);

/** ring_used() - bytes from read to write index, or -EPROTO */
int64_t ring_used(const struct ring *r);

/** ring_copy_out/in() - bytes at data offset @at (wraps); no checks but the wrap */
void ring_copy_out(const struct ring *r, uint32_t at, void *buf, uint32_t len);
void ring_copy_in(const struct ring *r, uint32_t at, const void *buf, uint32_t len);

/** ring_advance() - index behind @len bytes from @at */
static inline uint32_t ring_advance(const struct ring *r, uint32_t at, uint32_t len)
{
	return (uint32_t)(((uint64_t)at + len) % r->size);
}

#endif
