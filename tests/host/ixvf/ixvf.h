/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: ixvf - an Intel X540 virtual function, as far as the guest's ixgbevf looks: its
 * registers, its mailbox with the physical function played by us, advanced descriptor
 * rings, three MSI-X vectors. A network interface right on a PCI function, as drivers
 * of a NIC's partner expect it; virtio/ has one more layer in between.
 *
 * It knows guest memory and frames, not PCI, VMBus or a switch. All work is done within
 * the write to a tail or mailbox register. Descriptors are read once; what points beyond
 * guest memory is dropped and counted. Machine lock held throughout.
 */
#ifndef HVHOST_IXVF_IXVF_H
#define HVHOST_IXVF_IXVF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#define IXVF_VENDOR	0x8086
#define IXVF_DEVICE	0x1515
#define IXVF_VECTORS	3u
#define IXVF_BYTES	0x4000u		/* of registers */

struct gmem;
struct switch_frame;
struct ixvf;

/* As struct vnet_ops (virtio/vnet.h) */
struct ixvf_ops {
	void (*interrupt)(void *priv, uint16_t vector);
	void (*transmit)(void *priv, const struct switch_frame *f);
	void (*transmitted)(void *priv);
	/* Does the physical function refuse this request ("mac", "vlan", "mtu", "reset")? */
	bool (*refuses)(void *priv, const char *what);
};

struct ixvf_cfg {
	uint8_t mac[6];
	unsigned int pairs;		/* 1 or 2 */
	unsigned int mtu;		/* largest that is allowed; 0: 9710 */
	bool link_up;
};

/**
 * ixvf_create() - a function as after power-on
 *
 * Return: the function, or NULL without memory.
 */
struct ixvf *ixvf_create(const struct gmem *mem, const struct ixvf_cfg *cfg,
			 const struct ixvf_ops *ops, void *priv);

/** ixvf_free() - NULL is fine */
void ixvf_free(struct ixvf *v);

/** ixvf_reset() - as after power-on */
void ixvf_reset(struct ixvf *v);

/**
 * ixvf_read() - a register, 4 bytes
 *
 * Return: its value; ones for any other size.
 */
uint32_t ixvf_read(struct ixvf *v, uint32_t off, unsigned int size);

/** ixvf_write() - a register, 4 bytes */
void ixvf_write(struct ixvf *v, uint32_t off, uint32_t val, unsigned int size);

/** ixvf_deliver() - a frame for the driver: into its buffers, or dropped and counted */
void ixvf_deliver(struct ixvf *v, const struct switch_frame *f);

/** ixvf_flush() - interrupts for what was delivered */
void ixvf_flush(struct ixvf *v);

/**
 * ixvf_room() - frames that would certainly be taken now
 *
 * Return: their number.
 */
unsigned int ixvf_room(struct ixvf *v);

/** ixvf_link() - carrier; the driver is told through the mailbox */
void ixvf_link(struct ixvf *v, bool up);

/**
 * ixvf_report() - counters and what the driver set
 *
 * Return: a new reference.
 */
json_t *ixvf_report(const struct ixvf *v);

#endif
