/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: fake/host - what stands around the NIC room in unit tests: channels as plain
 * lists of packets, GPADLs as arrays, a loop with a clock that the test turns.
 *
 * No rings, no VMBus messages, no threads: a test plays the guest by queueing
 * packets and reads what the host sent, byte for byte.
 */
#ifndef TESTS_UNIT_FAKE_HOST_H
#define TESTS_UNIT_FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "vmbus/channel.h"
#include "vm/gmem.h"

#define FAKE_MEM_BYTES	(1024 * 1024)	/* guest memory, from address 0 */

struct fake_packet {
	struct fake_packet *next;
	uint64_t mark;
	size_t len;
	uint8_t b[];			/* descriptor first, no trailer */
};

struct gpadl {
	uint32_t handle, ranges, offset;
	size_t len;
	uint8_t *data;
};

struct vmbus_channel {
	struct vmbus_channel *next;
	struct vmbus *bus;
	struct vmbus_offer_params p;
	const struct vmbus_device_ops *ops;
	void *dev;
	uint32_t relid;
	bool open, rescinded;
	unsigned int room;		/* packets the guest's ring still takes */
	unsigned int bent;		/* words of a control page that say something else */
	struct fake_packet *in;		/* from the guest */
	struct fake_packet *out;	/* to the guest */
	struct channel_stats stats;
};

struct vmbus {
	struct vmbus_channel *channels;
	struct gpadl gpadl[8];
	unsigned int gpadl_cnt;
	uint32_t next_relid;
	uint32_t version;
	unsigned int vps;
	struct gmem mem;
	uint8_t *ram;
};

/* ---- life ---- */
struct vmbus *fake_bus(unsigned int vps);
void fake_bus_free(struct vmbus *bus);
struct vmbus_channel *fake_channel(struct vmbus *bus, unsigned int nth);	/* not rescinded */
unsigned int fake_channel_cnt(const struct vmbus *bus);

/** fake_open() - like OPEN_CHANNEL and the doorbell behind it; the result */
int fake_open(struct vmbus_channel *ch);
void fake_close(struct vmbus_channel *ch);
void fake_release(struct vmbus_channel *ch);	/* RELID_RELEASED of a rescinded one */

/** fake_gpadl() - share @len bytes; the handle is @handle */
struct gpadl *fake_gpadl(struct vmbus *bus, uint32_t handle, size_t len);
void fake_teardown(struct vmbus_channel *ch, uint32_t handle);

/* ---- packets ---- */
/** fake_put() - queue a guest packet without signalling; @b: descriptor first */
void fake_put(struct vmbus_channel *ch, const void *b, size_t len);
void fake_ring(struct vmbus_channel *ch);	/* the doorbell */
/** fake_get() - take the next packet the host sent (to be freed), or NULL */
struct fake_packet *fake_get(struct vmbus_channel *ch);
unsigned int fake_waiting(const struct vmbus_channel *ch);

static inline uint16_t fp16(const struct fake_packet *p, size_t off)
{
	return (uint16_t)(p->b[off] | p->b[off + 1] << 8);
}

static inline uint32_t fp32(const struct fake_packet *p, size_t off)
{
	return fp16(p, off) | (uint32_t)fp16(p, off + 2) << 16;
}

static inline size_t fp_payload(const struct fake_packet *p)
{
	return fp16(p, 2) * 8u;
}

/* ---- time and verbs ---- */
void fake_run(unsigned int ms);		/* the clock goes on by @ms, timers fire */
unsigned int fake_timers(void);
/** fake_beside() - the threads beside the loop run once; how many there are then */
unsigned int fake_beside(void);
/** fake_verb() - one control request; its last answer line, a new reference */
json_t *fake_verb(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** fake_answer() - answer of the last verb if it came meanwhile, or NULL */
json_t *fake_answer(void);

#endif
