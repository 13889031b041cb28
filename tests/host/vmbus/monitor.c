// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: monitor - monitored notification: a channel's signal as a bit in the guest's
 * monitor page 2, for which the host looks every so often (vmbus-host.md A.4, A.5).
 *
 * An offer names one of 128 bits. The guest sets it and goes on without an exit; the
 * host looks at the times that are multiples of the bit's latency, takes the bits of
 * that time and rings their channels. It looks only while a channel with a bit is
 * open. A look in vain doubles the time to the next one, up to 32 times the latency,
 * and a bit that is found makes it short again: each look interrupts the guest's
 * processor, and a signal after a silence waits no longer than the silence was.
 *
 * The page is the guest's. Latency and connection are written there for the guest to
 * see; the latency is read back, as a guest may choose another one, but who owns a bit
 * is known here alone. Bits that nobody owns are left as they are. After the guest
 * let go of the bus nothing is written there: the page may be something else by then.
 */
#include "internal.h"

#include <string.h>

#include "gmem.h"
#include "loop.h"

#define GROUPS			4u
#define GROUP_BITS		32u
#define PAGE_GROUP(g)		(8 + 8 * (g))		/* pending, armed */
#define PAGE_LATENCY(id)	(0x240 + 2 * (id))	/* of 100 ns each */
#define PAGE_PARAMETER(id)	(0x440 + 8 * (id))	/* connection id, flag number */
#define LATENCY_UNITS_PER_US	10u
#define LATENCY_LEAST_US	10u
#define DOUBLINGS_MAX		5u	/* of the time between looks in vain */

static uint8_t *page_of(const struct vmbus *bus)
{
	return bus->monitors.page ?
		gmem_ptr_rw(bus->mem, bus->monitors.page, GMEM_PAGE_SIZE) : NULL;
}

static uint32_t *pending_of(uint8_t *page, unsigned int group)
{
	return (uint32_t *)(page + PAGE_GROUP(group));
}

/* ---- the guest and its channels ---- */

void monitor_contact(struct vmbus *bus, uint64_t page)
{
	/* A confidential guest's signals are hypercalls. */
	if (bus->mem->shown || page % GMEM_PAGE_SIZE ||
	    !gmem_ptr_rw(bus->mem, page, GMEM_PAGE_SIZE))
		page = 0;
	bus->monitors.page = page;
}

void monitor_forget(struct vmbus *bus)
{
	loop_del_timer(bus->monitors.timer);
	bus->monitors.timer = NULL;
	bus->monitors.page = 0;
}

static void describe(uint8_t *page, const struct vmbus_channel *ch)
{
	uint16_t latency = (uint16_t)(ch->params.latency_us * LATENCY_UNITS_PER_US);
	unsigned int id = ch->monitor;

	/* What an earlier owner left. */
	__atomic_fetch_and(pending_of(page, id / GROUP_BITS), ~(1u << id % GROUP_BITS),
			   __ATOMIC_SEQ_CST);
	memcpy(page + PAGE_LATENCY(id), &latency, sizeof(latency));
	put32(page, PAGE_PARAMETER(id), CONNECTION_BASE + ch->relid);
	put32(page, PAGE_PARAMETER(id) + 4, 0);
	page[0] |= (uint8_t)(1u << id / GROUP_BITS);
}

void monitor_assign(struct vmbus_channel *ch)
{
	struct monitors *m = &ch->bus->monitors;
	uint8_t *page = page_of(ch->bus);
	unsigned int id = 0;

	while (id < MONITORS_MAX && m->owner[id])
		id++;
	if (!page || !ch->params.latency_us || id == MONITORS_MAX)
		return;
	m->owner[id] = ch;
	ch->monitor = (uint8_t)id;
	describe(page, ch);
}

void monitor_release(struct vmbus_channel *ch)
{
	if (ch->monitor == MONITOR_NONE)
		return;
	ch->bus->monitors.owner[ch->monitor] = NULL;
	ch->monitor = MONITOR_NONE;
}

/* ---- looking ---- */

static bool is_open(const struct monitors *m, unsigned int id)
{
	return m->owner[id] && m->owner[id]->state == CH_OPEN;
}

/* From one look at that bit to the next, in us. */
static uint64_t period_of(const struct monitors *m, const uint8_t *page, unsigned int id)
{
	uint64_t us = get16(page, PAGE_LATENCY(id)) / LATENCY_UNITS_PER_US;

	if (us < LATENCY_LEAST_US)
		us = LATENCY_LEAST_US;
	return us << m->doublings;
}

/* Bits of a group whose time has come since the last look. */
static uint32_t due_bits(const struct monitors *m, const uint8_t *page, unsigned int group,
			 uint64_t now)
{
	unsigned int bit, id;
	uint32_t due = 0;
	uint64_t period;

	for (bit = 0; bit < GROUP_BITS; bit++) {
		id = group * GROUP_BITS + bit;
		if (!m->owner[id])
			continue;
		period = period_of(m, page, id);
		if (now / period != m->last_us / period)
			due |= 1u << bit;
	}
	return due;
}

static void ring_group(struct monitors *m, unsigned int group, uint32_t bits)
{
	unsigned int id;

	for (; bits; bits &= bits - 1) {
		id = group * GROUP_BITS + (unsigned int)__builtin_ctz(bits);
		/* It may have been closed since, or by the one before it. */
		if (!is_open(m, id))
			continue;
		m->owner[id]->stats.rx_monitor++;
		channel_on_doorbell(m->owner[id]);
	}
}

static void look(struct vmbus *bus, uint8_t *page, uint64_t now)
{
	struct monitors *m = &bus->monitors;
	uint32_t taken[GROUPS] = { 0 };
	unsigned int group;
	bool any = false;

	for (group = 0; group < GROUPS; group++) {
		uint32_t *pending = pending_of(page, group);
		uint32_t due;

		if (!__atomic_load_n(pending, __ATOMIC_RELAXED))
			continue;
		due = due_bits(m, page, group, now);
		taken[group] = __atomic_fetch_and(pending, ~due, __ATOMIC_SEQ_CST) & due;
		any |= taken[group];
	}
	m->looks++;
	m->last_us = now;
	if (any)
		m->doublings = 0;
	else if (m->doublings < DOUBLINGS_MAX)
		m->doublings++;
	for (group = 0; group < GROUPS; group++)
		ring_group(m, group, taken[group]);
}

static void look_again(void *priv)
{
	struct vmbus *bus = priv;
	uint8_t *page = page_of(bus);

	bus->monitors.timer = NULL;
	if (page)
		look(bus, page, loop_now_us());
	monitor_watch(bus);
}

void monitor_watch(struct vmbus *bus)
{
	uint64_t period, wait = UINT64_MAX, now = loop_now_us();
	struct monitors *m = &bus->monitors;
	uint8_t *page = page_of(bus);
	unsigned int id;

	loop_del_timer(m->timer);
	m->timer = NULL;
	for (id = 0; page && id < MONITORS_MAX; id++) {
		if (!is_open(m, id))
			continue;
		period = period_of(m, page, id);
		if (period - now % period < wait)
			wait = period - now % period;
	}
	if (wait != UINT64_MAX)
		m->timer = loop_add_timer_us(wait, look_again, bus);
}
