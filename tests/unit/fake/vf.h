/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: fake/vf - the guest's part of a virtual PCI bus and of the virtio function on
 * it, written from the sheet (vmbus-host.md E) and the virtio specification.
 */
#ifndef TESTS_UNIT_FAKE_VF_H
#define TESTS_UNIT_FAKE_VF_H

#include "host.h"

#define PCI(n)		(0x42490000u + (n))
#define PCI_WINDOW	0xE0000000ull
#define PCI_BAR		0x1000000000ull
#define VQ_SIZE		16u
#define VF_MEM		0xC0000u	/* in guest memory: queues, from here on */
#define VQ_BYTES	0x1000u		/* of each queue */
#define VF_BUF		0xE0000u	/* buffers, 2 KiB each */
#define VF_HEADER	12u

struct pci {
	struct vmbus_channel *ch;
	uint64_t next_id;
	uint32_t version;
	uint16_t tx_next, rx_next;	/* descriptors given out so far, per pair 0 */
	uint16_t used[8];		/* of each queue, as far as looked at */
};

/* ---- the bus ---- */

/** pci_put() - one message of @len bytes whose first word is @type; no answer wanted */
void pci_put(struct pci *p, const void *msg, size_t len, bool flag);
/** pci_ask() - a request; its completion (to be freed), or NULL */
struct fake_packet *pci_ask(struct pci *p, const void *msg, size_t len);
/** pci_status() - of a request whose answer says no more; 0xFFFFFFFF: none */
uint32_t pci_status(struct pci *p, const void *msg, size_t len);
/** pci_open() - channel open, @version agreed; nothing else */
bool pci_open(struct pci *p, struct vmbus_channel *ch, uint32_t version);
/** pci_d0() - relations, resources, D0, BAR assigned and decoded, memory and master on */
bool pci_d0(struct pci *p);
/** pci_leave() - D0 exit and close */
void pci_leave(struct pci *p);
/** pci_interrupt() - MSI-X entry @n through CREATE_INTERRUPT3; its handle, 0: refused */
uint32_t pci_interrupt(struct pci *p, unsigned int n, uint8_t vector, uint16_t vp);

uint32_t pci_read(uint64_t gpa, unsigned int size);
void pci_write(uint64_t gpa, uint32_t val, unsigned int size);
uint32_t pci_config(unsigned int off, unsigned int size);
void pci_config_set(unsigned int off, uint32_t val, unsigned int size);

/* ---- the function ---- */

/** vio_up() - reset to DRIVER_OK with @features, @pairs pairs and the control queue */
bool vio_up(struct pci *p, struct vmbus *bus, uint64_t features, unsigned int pairs);
uint64_t vio_offered(void);
/** vio_queue() - place and enable queue @n */
bool vio_queue(struct vmbus *bus, unsigned int n);
/** vio_give() - @n receive buffers of @len bytes for pair 0 */
void vio_give(struct pci *p, struct vmbus *bus, unsigned int n, uint32_t len);
/** vio_send() - a frame with header @hdr (NULL: zeroes) by pair 0; true when it was used */
bool vio_send(struct pci *p, struct vmbus *bus, const void *hdr, const void *frame, size_t len);
/** vio_receive() - next used receive buffer, header included; its length, 0: none */
size_t vio_receive(struct pci *p, struct vmbus *bus, uint8_t *buf, size_t size);
/** vio_control() - one command; its ack, 0xFF: not used */
uint8_t vio_control(struct pci *p, struct vmbus *bus, unsigned int queue, uint8_t class,
		    uint8_t cmd, const void *body, size_t len);

#endif
