/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: for the unit tests of tests/host/vmbus: a device that keeps a diary, and how
 * a case begins and ends. Included by each of them once.
 */
#ifndef TESTS_UNIT_HOST_BUS_H
#define TESTS_UNIT_HOST_BUS_H

#include <errno.h>

#include "membus.h"
#include "unit.h"
#include "violation.h"

#define V53 VMBUS_VERSION(5, 3)

struct device {
	unsigned int opens, closes, doorbells, teardowns, releases;
	int open_result;
	struct gpadl *torn;
	struct vmbus_channel *sub;	/* rescinded when the primary closes */
	struct vmbus_channel *released;
	int late;			/* answers come so many ms later; negative: never */
	int again;			/* ms to the second answer, plus one; 0: there is none */
	char asked[64];			/* requests, one letter each */
	int number;			/* by which faults name it */
	size_t refuse;			/* GPADLs of so many bytes or more; 0 = none */
};

static int dev_open(void *dev, struct vmbus_channel *ch)
{
	struct device *d = dev;

	d->opens++;
	return d->open_result;
}

static void dev_close(void *dev, struct vmbus_channel *ch)
{
	struct device *d = dev;
	struct vmbus_channel *sub = d->sub;

	d->closes++;
	if (sub && !channel_subindex(ch)) {
		d->sub = NULL;
		channel_rescind(sub);
	}
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "late", 4), -ENODEV);
}

static void dev_doorbell(void *dev, struct vmbus_channel *ch)
{
	((struct device *)dev)->doorbells++;
}

static void dev_teardown(void *dev, struct vmbus_channel *ch, struct gpadl *g)
{
	struct device *d = dev;
	uint8_t byte;

	d->teardowns++;
	d->torn = g;
	EXPECT_EQ(gpadl_read(g, 0, &byte, 1), 0);	/* still there */
}

static void dev_released(void *dev, struct vmbus_channel *ch)
{
	struct device *d = dev;

	d->releases++;
	d->released = ch;
	if (d->sub == ch)
		d->sub = NULL;
}

static int diary_gpadl(void *dev, struct vmbus_channel *ch, size_t bytes)
{
	struct device *d = dev;

	return d->refuse && bytes >= d->refuse ? -1 : 0;
}

static int diary_late(void *dev, struct vmbus_channel *ch, const char *what)
{
	return ((struct device *)dev)->late;
}

static int diary_again(void *dev, struct vmbus_channel *ch, const char *what)
{
	return ((struct device *)dev)->again - 1;
}

static void diary_request(void *dev, struct vmbus_channel *ch, const char *what)
{
	struct device *d = dev;

	if (strlen(d->asked) < sizeof(d->asked) - 1)
		strncat(d->asked, what, 1);
}

static int diary_number(void *dev)
{
	return ((struct device *)dev)->number;
}

static const struct vmbus_device_ops diary_ops = {
	.number = diary_number,
	.request = diary_request,
	.again = diary_again,
	.late = diary_late,
	.gpadl = diary_gpadl,
	.open = dev_open, .close = dev_close, .doorbell = dev_doorbell,
	.gpadl_teardown = dev_teardown, .released = dev_released,
};

static const struct vmbus_guid nic_class = { { 0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46,
					       0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e } };

static inline struct vmbus_channel *offer(struct membus *mb, struct device *d, uint8_t n, uint16_t subindex)
{
	struct vmbus_offer_params p = { .type = nic_class, .channel_flags = 1,
					.subchannel_index = subindex };

	/* 0000000n-1111-2222-3333-444455556666 */
	memcpy(p.instance.b, (const uint8_t[16]){ n, 0, 0, 0, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33,
						  0x44, 0x44, 0x55, 0x55, 0x66, 0x66 }, 16);
	return channel_offer(membus_bus(mb), &p, &diary_ops, d);
}

/* How often @name was noted since the last look, all names being it; the book is closed. */
static inline uint64_t noted(const char *name)
{
	uint64_t n = violation_count(name);

	if (n != violation_total()) {
		printf("# %d of %d violations are %s\n", (int)n, (int)violation_total(), name);
		n = UINT32_MAX;
	}
	violation_clear();
	return n;
}

static struct membus *mb;
static struct device dev;

static inline void start(uint32_t version)
{
	memset(&dev, 0, sizeof(dev));
	violation_clear();
	mb = membus_create(version, 4, 4096);
}

/* Ends a case that must not have broken a rule. */
static inline void finish(void)
{
	EXPECT_EQ(violation_total(), 0);
	membus_destroy(mb);
	mb = NULL;
	violation_clear();
}

/* One device, offered, connected with 5.3. */
static inline struct vmbus_channel *begin(void)
{
	struct vmbus_channel *ch;

	start(V53);
	ch = offer(mb, &dev, 1, 0);
	EXPECT_TRUE(membus_connect(mb, V53));
	return ch;
}

static inline uint16_t post_words(uint32_t id, uint32_t a, uint32_t b, size_t len)
{
	uint8_t msg[MEMBUS_MESSAGE_MAX] = { 0 };

	memcpy(msg, &id, 4);
	memcpy(msg + 8, &a, 4);
	memcpy(msg + 12, &b, 4);
	return membus_post(mb, msg, len);
}
/* INITIATE_CONTACT of 5.3, as G.1 has it. */
static const uint8_t g1_contact[40] __attribute__((unused)) = {
	0x0e, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x00, 0x05, 0x00, 0, 0, 0, 0,
	0x02, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xd0, 0x23, 0x01, 0, 0, 0, 0,
	0x00, 0xe0, 0x23, 0x01, 0, 0, 0, 0,
};

#endif
