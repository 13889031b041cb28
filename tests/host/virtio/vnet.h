/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: vnet - a modern virtio network device (virtio 1.0, 4.1.4 and 5.1): its registers
 * as they lie in a PCI BAR, receive and transmit queue pairs and a control queue.
 *
 * It knows guest memory and frames, not PCI, MSI-X, VMBus or a switch; those are
 * struct vnet_ops. Reset -> ACKNOWLEDGE, DRIVER -> FEATURES_OK -> DRIVER_OK as the
 * driver writes its status; a queue that breaks sets NEEDS_RESET. Requests are served
 * within the write to the notify register: nothing is pending afterwards.
 *
 * Machine lock held throughout.
 */
#ifndef HVHOST_VIRTIO_VNET_H
#define HVHOST_VIRTIO_VNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#define VNET_PAIRS_MAX		8u
#define VNET_QUEUES_MAX		(2 * VNET_PAIRS_MAX + 1)
#define VNET_VECTORS		32u

/* Places in the BAR; all within 16 KiB */
#define VNET_COMMON		0x0000u
#define VNET_COMMON_BYTES	0x38u
#define VNET_ISR		0x0200u
#define VNET_CONFIG		0x0400u
#define VNET_CONFIG_BYTES	0x40u
#define VNET_NOTIFY		0x1000u
#define VNET_NOTIFY_BYTES	0x100u
#define VNET_NOTIFY_STEP	4u

struct gmem;
struct switch_frame;
struct vnet;

/**
 * struct vnet_ops - what the device needs
 * @interrupt: MSI-X vector @vector fires
 * @transmit: a frame of the driver; not to be kept
 * @transmitted: no more of them for the moment
 * @refuses: does the host refuse this request of the control queue ("mac", an address;
 *	"rx", "mq", "rss", "offloads")?
 */
struct vnet_ops {
	void (*interrupt)(void *priv, uint16_t vector);
	void (*transmit)(void *priv, const struct switch_frame *f);
	void (*transmitted)(void *priv);
	bool (*refuses)(void *priv, const char *what);
};

struct vnet_cfg {
	uint8_t mac[6];
	unsigned int pairs;		/* 1..VNET_PAIRS_MAX */
	unsigned int mtu;		/* 0: not told */
	uint32_t speed_mbps;
	bool csum;			/* checksums both ways */
	bool tso;			/* TCP segmentation of transmits; wants csum */
	bool rss;			/* receive table and key; wants more than one pair */
	bool link_up;
};

/**
 * vnet_create() - a device as after power-on
 *
 * Return: the device, or NULL without memory.
 */
struct vnet *vnet_create(const struct gmem *mem, const struct vnet_cfg *cfg,
			 const struct vnet_ops *ops, void *priv);

/** vnet_free() - NULL is fine */
void vnet_free(struct vnet *v);

/** vnet_reset() - as after power-on */
void vnet_reset(struct vnet *v);

/**
 * vnet_read() - a register, 1, 2 or 4 bytes
 *
 * Return: its value; ones where there is none.
 */
uint32_t vnet_read(struct vnet *v, uint32_t off, unsigned int size);

/** vnet_write() - a register, 1, 2 or 4 bytes */
void vnet_write(struct vnet *v, uint32_t off, uint32_t val, unsigned int size);

/** vnet_deliver() - a frame for the driver: into its buffers, or dropped and counted */
void vnet_deliver(struct vnet *v, const struct switch_frame *f);
/** vnet_flush() - interrupts for what was delivered */
void vnet_flush(struct vnet *v);

/**
 * vnet_room() - frames that would certainly be taken now
 *
 * Return: their number.
 */
unsigned int vnet_room(struct vnet *v);

/** vnet_link() - carrier; the driver is told by a configuration interrupt */
void vnet_link(struct vnet *v, bool up);

/**
 * vnet_ready() - DRIVER_OK, and not broken
 *
 * Return: true if so.
 */
bool vnet_ready(const struct vnet *v);

/**
 * vnet_report() - counters and what the driver set
 *
 * Return: a new reference.
 */
json_t *vnet_report(const struct vnet *v);

#endif
