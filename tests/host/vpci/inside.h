/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: vpci inside - shared by the files of this room, nobody else. */
#ifndef HVHOST_VPCI_INSIDE_H
#define HVHOST_VPCI_INSIDE_H

#include "../vm/mmio.h"
#include "../vmbus/channel.h"
#include "vpci.h"

#define VPCI_INTERRUPTS_MAX	64u
#define VPCI_CONFIG_BYTES	256u	/* of 4 KiB; the rest reads 0 */
#define VPCI_QUEUED_MAX		8u

struct vpci_entry {		/* of the MSI-X table */
	uint32_t addr_lo, addr_hi, data, control;
	bool pending;
};

struct vpci_fn {
	uint8_t config[VPCI_CONFIG_BYTES];
	uint32_t bar_lo, bar_hi;	/* as written, size bits read-only */
	struct mmio_region *bar;	/* while memory is decoded */
	uint64_t bar_gpa;
	struct vpci_entry entry[VPCI_VECTORS_MAX];
};

/* What a create message made: its handle is the data of the message. */
struct vpci_int {
	bool used;
	uint8_t vector;
	uint32_t vp;
	uint32_t addr;			/* as told to the guest */
};

enum vpci_state {
	VPCI_CLOSED,
	VPCI_OPEN,		/* no version yet */
	VPCI_VERSION,
	VPCI_D0,
};

struct vpci_stats {
	uint64_t creates, deletes, retargets, interrupts, lost_interrupts;
	uint64_t window_reads, window_writes, bar_reads, bar_writes;
	uint64_t relations, ejects, ejections_complete;
};

struct vpci_queued {		/* waits for room in the ring */
	uint16_t type;
	uint64_t id;
	size_t len;
	uint8_t b[64];
};

struct vpci {
	struct vpci *next;
	struct vpci_params p;
	const struct vpci_ops *ops;
	void *priv;
	struct vmbus_channel *ch;
	struct vmbus_guid instance;
	enum vpci_state state;
	bool rescinded;
	bool listed;			/* the guest was told of the function */
	bool absent;			/* ... and that it is gone */
	bool dead;			/* the ring is corrupt */
	uint32_t version;
	struct loop_timer *again;	/* ring not read to the end */
	struct mmio_region *window;
	uint64_t window_gpa;
	uint32_t slot;			/* selected in the window */
	struct vpci_fn fn;
	struct vpci_int irq[VPCI_INTERRUPTS_MAX];
	struct vpci_queued queued[VPCI_QUEUED_MAX];
	unsigned int queued_cnt;
	struct vpci_stats stats;
};

/* ---- list.c ---- */
extern struct vpci_machine vpci_machine;
/** vpci_first() - the newest bus; the others are behind @next */
struct vpci *vpci_first(void);
void vpci_list_add(struct vpci *b);
void vpci_list_del(struct vpci *b);

static inline uint32_t vpci_get32(const uint8_t *p, size_t off)
{
	uint32_t v;

	__builtin_memcpy(&v, p + off, 4);
	return v;
}

static inline uint64_t vpci_get64(const uint8_t *p, size_t off)
{
	uint64_t v;

	__builtin_memcpy(&v, p + off, 8);
	return v;
}

/* ---- fn.c ---- */
void vpci_fn_init(struct vpci *b);
/** vpci_fn_reset() - power-on state; nothing is decoded */
void vpci_fn_reset(struct vpci *b);
uint32_t vpci_config_read(struct vpci *b, uint32_t off, unsigned int size);
void vpci_config_write(struct vpci *b, uint32_t off, uint32_t val, unsigned int size);
/** vpci_bar_mask() - what BAR @n reads after ones were written */
uint32_t vpci_bar_mask(unsigned int n);

/* ---- irq.c ---- */
/** vpci_irq_create() - a handle for @vector on @vp, or -1 */
int vpci_irq_create(struct vpci *b, uint8_t vector, uint32_t vp);
bool vpci_irq_delete(struct vpci *b, uint32_t addr, uint32_t data);
void vpci_irq_reset(struct vpci *b);
/** vpci_irq_raise() - deliver the message of an MSI-X entry */
void vpci_irq_raise(struct vpci *b, uint64_t addr, uint32_t data);

#endif
