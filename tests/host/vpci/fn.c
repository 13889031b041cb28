// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vpci function - configuration space, one 64-bit BAR, MSI-X (vmbus-host.md E.5,
 * E.7, E.10).
 *
 * Registers are a byte array in which only some bits can be written. The BAR is decoded
 * while memory is enabled, at the address it had then; it moves while it is off. A masked
 * vector that fires is pending and fires when it is unmasked.
 */
#include <string.h>

#include "inside.h"

#define COMMAND		0x04
#define COMMAND_BITS	0x0406u		/* memory, master, no INTx */
#define COMMAND_MEMORY	0x0002u
#define STATUS		0x06
#define BAR0		0x10
#define CAP_POINTER	0x34
#define CAP_FIRST	0x40u
#define CAP_STEP	0x10u
#define CAP_MSIX	0x11
#define CAP_VENDOR	0x09
#define MSIX_CONTROL	(CAP_FIRST + 2)
#define MSIX_ENABLE	0x8000u
#define MSIX_MASKED	0x4000u
#define BAR_64BIT	4u
#define ENTRY_BYTES	16u
#define ENTRY_MASKED	1u

static void put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, 2);
}

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, 4);
}

static uint16_t get16(const struct vpci *b, uint32_t off)
{
	uint16_t v;

	memcpy(&v, b->fn.config + off, 2);
	return v;
}

static void add_capabilities(struct vpci *b)
{
	uint8_t *c = b->fn.config + CAP_FIRST, *next;
	unsigned int i;

	b->fn.config[CAP_POINTER] = CAP_FIRST;
	c[0] = CAP_MSIX;
	put16(c + 2, (uint16_t)(b->p.vectors - 1));
	put32(c + 4, VPCI_MSIX_TABLE);
	put32(c + 8, VPCI_MSIX_PBA);
	for (i = 0; i < b->p.caps; i++, c = next) {
		const struct vpci_cap *cap = &b->p.cap[i];

		next = c + (c[2] == 20 && c[0] == CAP_VENDOR ? 2 : 1) * CAP_STEP;
		c[1] = (uint8_t)(next - b->fn.config);
		next[0] = CAP_VENDOR;
		next[2] = cap->has_extra ? 20 : 16;
		next[3] = cap->kind;
		put32(next + 8, cap->offset);
		put32(next + 12, cap->length);
		if (cap->has_extra)
			put32(next + 16, cap->extra);
	}
}

void vpci_fn_init(struct vpci *b)
{
	const struct vpci_params *p = &b->p;
	uint8_t *c = b->fn.config;

	memset(&b->fn, 0, sizeof(b->fn));
	put16(c, p->vendor);
	put16(c + 2, p->device);
	c[STATUS] = 0x10;	/* capability list */
	c[8] = p->revision;
	c[9] = p->interface;
	c[10] = p->subclass;
	c[11] = p->base_class;
	put16(c + 0x2c, p->subvendor);
	put16(c + 0x2e, p->subdevice);
	add_capabilities(b);
	vpci_fn_reset(b);
}

uint32_t vpci_bar_mask(unsigned int n)
{
	return n == 0 ? (uint32_t)-VPCI_BAR_BYTES | BAR_64BIT : n == 1 ? 0xffffffff : 0;
}

/* ---- MSI-X ---- */

static bool can_fire(const struct vpci *b, const struct vpci_entry *e)
{
	uint16_t control = get16(b, MSIX_CONTROL);

	return control & MSIX_ENABLE && !(control & MSIX_MASKED) && !(e->control & ENTRY_MASKED);
}

static void fire(struct vpci *b, struct vpci_entry *e)
{
	e->pending = false;
	vpci_irq_raise(b, (uint64_t)e->addr_hi << 32 | e->addr_lo, e->data);
}

static void fire_pending(struct vpci *b)
{
	unsigned int i;

	for (i = 0; i < b->p.vectors; i++)
		if (b->fn.entry[i].pending && can_fire(b, &b->fn.entry[i]))
			fire(b, &b->fn.entry[i]);
}

void vpci_interrupt(struct vpci *b, unsigned int n)
{
	if (n >= b->p.vectors || b->state != VPCI_D0 || !(get16(b, MSIX_CONTROL) & MSIX_ENABLE))
		return;
	if (can_fire(b, &b->fn.entry[n]))
		fire(b, &b->fn.entry[n]);
	else
		b->fn.entry[n].pending = true;
}

static uint32_t *table_word(struct vpci *b, uint32_t off)
{
	struct vpci_entry *e = &b->fn.entry[off / ENTRY_BYTES];
	uint32_t *word[4] = { &e->addr_lo, &e->addr_hi, &e->data, &e->control };

	return word[off % ENTRY_BYTES / 4];
}

static uint32_t pending_word(const struct vpci *b, uint32_t off)
{
	uint32_t bits = 0;
	unsigned int i;

	for (i = 0; i < b->p.vectors; i++)
		bits |= (uint32_t)b->fn.entry[i].pending << i;
	return off ? 0 : bits;
}

/* ---- the BAR ---- */

static bool in_table(const struct vpci *b, uint64_t off, unsigned int size)
{
	return off >= VPCI_MSIX_TABLE && size == 4 && !(off & 3) &&
	       off < VPCI_MSIX_TABLE + b->p.vectors * ENTRY_BYTES;
}

static uint64_t bar_read(void *priv, uint64_t off, unsigned int size)
{
	struct vpci *b = priv;

	b->stats.bar_reads++;
	if (in_table(b, off, size))
		return *table_word(b, (uint32_t)off - VPCI_MSIX_TABLE);
	if (off >= VPCI_MSIX_PBA && off < VPCI_MSIX_PBA + 8 && size == 4 && !(off & 3))
		return pending_word(b, (uint32_t)off - VPCI_MSIX_PBA);
	return b->ops->read(b->priv, (uint32_t)off, size);
}

static void bar_write(void *priv, uint64_t off, uint64_t val, unsigned int size)
{
	struct vpci *b = priv;

	b->stats.bar_writes++;
	if (!in_table(b, off, size)) {
		b->ops->write(b->priv, (uint32_t)off, (uint32_t)val, size);
		return;
	}
	*table_word(b, (uint32_t)off - VPCI_MSIX_TABLE) = (uint32_t)val;
	fire_pending(b);
}

static const struct mmio_ops bar_ops = { .read = bar_read, .write = bar_write };

static void decode(struct vpci *b)
{
	bool on = get16(b, COMMAND) & COMMAND_MEMORY && b->state == VPCI_D0;

	if (on == (b->fn.bar != NULL))
		return;
	if (!on) {
		mmio_unmap(b->fn.bar);
		b->fn.bar = NULL;
		return;
	}
	b->fn.bar_gpa = (uint64_t)b->fn.bar_hi << 32 | (b->fn.bar_lo & ~15u);
	b->fn.bar = mmio_map(b->fn.bar_gpa, VPCI_BAR_BYTES, &bar_ops, b);
}

void vpci_fn_reset(struct vpci *b)
{
	unsigned int i;

	put16(b->fn.config + COMMAND, 0);
	put16(b->fn.config + MSIX_CONTROL, (uint16_t)(b->p.vectors - 1));
	b->fn.bar_lo = BAR_64BIT;
	b->fn.bar_hi = 0;
	memset(b->fn.entry, 0, sizeof(b->fn.entry));
	for (i = 0; i < VPCI_VECTORS_MAX; i++)
		b->fn.entry[i].control = ENTRY_MASKED;
	decode(b);
}

/* ---- configuration space ---- */

uint32_t vpci_config_read(struct vpci *b, uint32_t off, unsigned int size)
{
	uint8_t bar[8];
	uint32_t val = 0;

	if (off >= VPCI_CONFIG_BYTES || size > VPCI_CONFIG_BYTES - off)
		return 0;
	if (off < BAR0 || off >= BAR0 + 8) {
		memcpy(&val, b->fn.config + off, size);
		return val;
	}
	memcpy(bar, &b->fn.bar_lo, 4);
	memcpy(bar + 4, &b->fn.bar_hi, 4);
	memcpy(&val, bar + (off - BAR0), size < BAR0 + 8 - off ? size : BAR0 + 8 - off);
	return val;
}

void vpci_config_write(struct vpci *b, uint32_t off, uint32_t val, unsigned int size)
{
	uint16_t control;

	if (off == COMMAND && size >= 2) {
		put16(b->fn.config + COMMAND, (uint16_t)(val & COMMAND_BITS));
		decode(b);
	} else if (off == BAR0 && size == 4) {
		b->fn.bar_lo = (val & vpci_bar_mask(0)) | BAR_64BIT;
	} else if (off == BAR0 + 4 && size == 4) {
		b->fn.bar_hi = val;
	} else if (off == MSIX_CONTROL && size == 2) {
		control = (uint16_t)(val & (MSIX_ENABLE | MSIX_MASKED));
		put16(b->fn.config + MSIX_CONTROL, control | (uint16_t)(b->p.vectors - 1));
		fire_pending(b);
	}
	/* Everything else cannot be written. */
}
