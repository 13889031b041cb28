/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: virtq - a split virtqueue (virtio 1.0, 2.6) as the device sees it.
 *
 * The guest is hostile: each descriptor is read once and judged in its copy, each
 * address passes through gmem, a chain is never longer than the queue, a head that
 * is out already does not come again. A queue whose guest breaks a rule is broken
 * from then on, until the driver resets the device. No locks, no interrupts here.
 */
#ifndef HVHOST_VIRTIO_VIRTQ_H
#define HVHOST_VIRTIO_VIRTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIRTQ_SIZE_MAX		256u
#define VIRTQ_NO_VECTOR		0xffffu

struct gmem;

struct virtq {
	const struct gmem *mem;
	uint16_t size;			/* as the driver has it, a power of two */
	uint16_t vector;		/* MSI-X, or VIRTQ_NO_VECTOR */
	bool enabled;
	bool broken;
	bool indirect;			/* negotiated */
	uint64_t desc, avail, used;	/* guest-physical */
	uint16_t next_avail;		/* free-running */
	uint16_t next_used;		/* free-running */
	uint8_t out[VIRTQ_SIZE_MAX / 8];	/* heads that the device has */
};

struct virtq_seg {
	uint64_t gpa;
	uint32_t len;
};

/* One buffer of the driver: first what it says, then where it wants to be told. */
struct virtq_chain {
	uint16_t head;
	unsigned int read_cnt;		/* segments to be read, first in seg */
	unsigned int cnt;
	size_t read_len, write_len;	/* bytes of both parts */
	struct virtq_seg seg[VIRTQ_SIZE_MAX];
};

/** virtq_reset() - as after power-on, with @size entries offered */
void virtq_reset(struct virtq *q, const struct gmem *mem, uint16_t size);

/**
 * virtq_enable() - the driver is done with its addresses
 *
 * Return: false: they cannot be.
 */
bool virtq_enable(struct virtq *q);

/**
 * virtq_waiting() - buffers that the driver has made available
 *
 * Return: their number, 0 when broken.
 */
unsigned int virtq_waiting(struct virtq *q);

/**
 * virtq_pop() - take the next buffer
 *
 * Return: 1: it is in @c, 0: there is none, -EPROTO: the queue is broken.
 */
int virtq_pop(struct virtq *q, struct virtq_chain *c);

/** virtq_unpop() - the buffer taken last goes back, as if never taken */
void virtq_unpop(struct virtq *q, const struct virtq_chain *c);

/** virtq_push() - the buffer is the driver's again, @len bytes of it written */
void virtq_push(struct virtq *q, uint16_t head, uint32_t len);

/**
 * virtq_wants_interrupt() - does the driver want to hear of pushes now?
 *
 * Return: true if so.
 */
bool virtq_wants_interrupt(const struct virtq *q);

/**
 * virtq_read() - @len bytes at @off of the readable part
 *
 * Return: 0 or -EFAULT.
 */
int virtq_read(const struct virtq *q, const struct virtq_chain *c, size_t off, void *buf,
	       size_t len);

/**
 * virtq_write() - @len bytes at @off of the writable part
 *
 * Return: 0 or -EFAULT.
 */
int virtq_write(const struct virtq *q, const struct virtq_chain *c, size_t off,
		const void *buf, size_t len);

#endif
