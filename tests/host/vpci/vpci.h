/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: vpci - a virtual PCI bus over VMBus with one function on it, as the guest's
 * pci-hyperv wants it (vmbus-host.md E).
 *
 *	bus.c   the protocol on the channel	irq.c  interrupts: create, delete, retarget
 *	fn.c    configuration space, BAR, MSI-X of the function
 *	list.c  the buses that there are
 *
 * The room offers the channel, serves configuration window and BAR where the guest
 * puts them, and turns the function's MSI-X vectors into interrupts. What the function
 * does lies behind struct vpci_ops. Closed -> version agreed -> in D0 -> closed; only
 * in D0 do window and BAR answer. Machine lock held throughout.
 */
#ifndef HVHOST_VPCI_VPCI_H
#define HVHOST_VPCI_VPCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#define VPCI_BAR_BYTES		0x8000u
#define VPCI_MSIX_TABLE		0x4000u		/* in the BAR, 32 entries at most */
#define VPCI_MSIX_PBA		0x6000u
#define VPCI_VECTORS_MAX	32u
#define VPCI_CAPS_MAX		8u

struct vmbus;
struct vpci;

/* Where the machine comes in; set once, before the guest runs. */
struct vpci_machine {
	void (*msi)(uint64_t addr, uint32_t data);
	void (*window_used)(void);	/* in a vCPU's exit: the guest is at work here */
	unsigned int vps;
};

/**
 * struct vpci_ops - the function's side
 * @read, @write: its registers in BAR0, outside of the MSI-X table and PBA
 * @reset: back to power-on: the bus left D0 or the channel closed
 * @ejected: the guest has let go of it; the answer to vpci_eject()
 * @gone: the channel is released, the handle dead when it returns
 */
struct vpci_ops {
	uint32_t (*read)(void *priv, uint32_t off, unsigned int size);
	void (*write)(void *priv, uint32_t off, uint32_t val, unsigned int size);
	void (*reset)(void *priv);
	void (*ejected)(void *priv);
	void (*gone)(void *priv);
};

/* A vendor capability: 16 bytes, and @extra behind them when it is not 0 */
struct vpci_cap {
	uint8_t kind;		/* byte 3 */
	uint32_t offset, length;
	bool has_extra;
	uint32_t extra;
};

struct vpci_params {
	uint16_t domain;	/* PCI domain in the guest; not 0 */
	uint16_t unit;		/* with @domain: unique among the buses of all time */
	uint32_t serial;	/* the slot's name */
	uint16_t vendor, device, subvendor, subdevice;
	uint8_t revision, base_class, subclass, interface;
	unsigned int vectors;	/* MSI-X entries, 1..VPCI_VECTORS_MAX */
	const struct vpci_cap *cap;
	unsigned int caps;
};

/** vpci_init() - before the guest runs */
void vpci_init(const struct vpci_machine *m);

/**
 * vpci_offer() - offer the bus with its function
 *
 * Return: the bus, or NULL without channel or memory.
 */
struct vpci *vpci_offer(struct vmbus *bus, const struct vpci_params *p,
			const struct vpci_ops *ops, void *priv);

/**
 * vpci_eject() - ask the guest to let go
 *
 * Return: false: nobody there who could.
 */
bool vpci_eject(struct vpci *b);

/** vpci_rescind() - take the bus away, eject or not; @gone follows, maybe at once */
void vpci_rescind(struct vpci *b);

/**
 * vpci_relations() - tell the guest what is on the bus (again), or that nothing is
 *
 * Return: false when the guest has not opened it.
 */
bool vpci_relations(struct vpci *b, bool present);

/** vpci_interrupt() - MSI-X vector @n of the function */
void vpci_interrupt(struct vpci *b, unsigned int n);

/**
 * vpci_retarget() - hypercall 0x7E, @block is its input
 *
 * Return: the hypercall's status.
 */
uint64_t vpci_retarget(uint64_t control, const uint8_t *block, size_t len);

/**
 * vpci_report() - state and counters
 *
 * Return: a new reference.
 */
json_t *vpci_report(const struct vpci *b);

#endif
