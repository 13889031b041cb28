// SPDX-License-Identifier: GPL-2.0
/* DOC: fake/vf - see vf.h. */
#include <stdlib.h>
#include <string.h>
#include "vm/mmio.h"
#include "vf.h"

#define VIO(off)	(PCI_BAR + (off))
#define DESC(n)		(VF_MEM + (n) * VQ_BYTES)
#define AVAIL(n)	(DESC(n) + 0x400)
#define USED(n)		(DESC(n) + 0x800)

uint32_t pci_read(uint64_t gpa, unsigned int size)
{
	uint32_t val = 0;

	mmio_access(gpa, (uint8_t *)&val, size, false);
	return val;
}

void pci_write(uint64_t gpa, uint32_t val, unsigned int size)
{
	mmio_access(gpa, (uint8_t *)&val, size, true);
}

uint32_t pci_config(unsigned int off, unsigned int size)
{
	pci_write(PCI_WINDOW, 0, 4);
	return pci_read(PCI_WINDOW + 0x1000 + off, size);
}

void pci_config_set(unsigned int off, uint32_t val, unsigned int size)
{
	pci_write(PCI_WINDOW, 0, 4);
	pci_write(PCI_WINDOW + 0x1000 + off, val, size);
}

void pci_put(struct pci *p, const void *msg, size_t len, bool flag)
{
	uint8_t b[16 + 256] = { 0 };
	uint16_t h[4] = { VMBUS_PKT_INBAND, 2, (uint16_t)((16 + len + 7) / 8), flag };

	memcpy(b, h, 8);
	if (flag)
		memcpy(b + 8, &p->next_id, 8);
	memcpy(b + 16, msg, len);
	fake_put(p->ch, b, 16 + len);
	fake_ring(p->ch);
}

struct fake_packet *pci_ask(struct pci *p, const void *msg, size_t len)
{
	struct fake_packet **at = &p->ch->out, *pkt;

	p->next_id++;
	pci_put(p, msg, len, true);
	for (; *at; at = &(*at)->next) {
		pkt = *at;
		if (fp16(pkt, 0) != VMBUS_PKT_COMPLETION || memcmp(pkt->b + 8, &p->next_id, 8))
			continue;
		*at = pkt->next;
		return pkt;
	}
	return NULL;
}

uint32_t pci_status(struct pci *p, const void *msg, size_t len)
{
	struct fake_packet *pkt = pci_ask(p, msg, len);
	uint32_t status = pkt && pkt->len >= 24 ? fp32(pkt, 16) : 0xFFFFFFFF;

	free(pkt);
	return status;
}

bool pci_open(struct pci *p, struct vmbus_channel *ch, uint32_t version)
{
	const uint32_t ask[2] = { PCI(0x13), version };

	memset(p, 0, sizeof(*p));
	p->ch = ch;
	p->version = version;
	return !fake_open(ch) && !pci_status(p, ask, sizeof(ask));
}

bool pci_d0(struct pci *p)
{
	const uint32_t relations[1] = { PCI(0x01) }, resources[2] = { PCI(0x05), 0 };
	const uint32_t d0[4] = { PCI(0x07), 0, (uint32_t)PCI_WINDOW, 0 };
	uint8_t assigned[202] = { 0 };
	const uint32_t type = p->version == 0x10001 ? PCI(0x10) : PCI(0x16);
	struct fake_packet *pkt;

	pci_put(p, relations, 4, false);
	pkt = fake_get(p->ch);
	if (!pkt || fp32(pkt, 20) != 1)
		return false;
	free(pkt);
	pkt = pci_ask(p, resources, 8);
	if (!pkt || fp32(pkt, 16) || fp32(pkt, 20) != 0xFFFF8004)
		return false;
	free(pkt);
	memcpy(assigned, &type, 4);
	if (pci_status(p, d0, 16) || pci_status(p, assigned, type == PCI(0x10) ? 148 : 202))
		return false;
	pci_config_set(0x04, 0, 2);
	pci_config_set(0x10, (uint32_t)PCI_BAR, 4);
	pci_config_set(0x14, (uint32_t)(PCI_BAR >> 32), 4);
	pci_config_set(0x04, 6, 2);
	return true;
}

void pci_leave(struct pci *p)
{
	const uint32_t exit[1] = { PCI(0x08) };

	pci_status(p, exit, 4);
	fake_close(p->ch);
}

uint32_t pci_interrupt(struct pci *p, unsigned int n, uint8_t vector, uint16_t vp)
{
	uint64_t entry = PCI_BAR + 0x4000 + n * 16;
	uint8_t msg[82] = { 0x1b, 0, 0x49, 0x42 };
	struct fake_packet *pkt;
	uint32_t data = 0;

	msg[8] = vector;
	msg[14] = 1;
	msg[16] = 1;
	memcpy(msg + 18, &vp, 2);
	pkt = pci_ask(p, msg, sizeof(msg));
	if (pkt && !fp32(pkt, 16)) {
		data = fp32(pkt, 28);
		pci_write(entry, fp32(pkt, 32), 4);
		pci_write(entry + 4, fp32(pkt, 36), 4);
		pci_write(entry + 8, data, 4);
		pci_write(entry + 12, 0, 4);
		pci_config_set(0x42, 0x8000, 2);
	}
	free(pkt);
	return data;
}

/* ---- virtio ---- */

uint64_t vio_offered(void)
{
	uint64_t f;

	pci_write(VIO(0x00), 0, 4);
	f = pci_read(VIO(0x04), 4);
	pci_write(VIO(0x00), 1, 4);
	return f | (uint64_t)pci_read(VIO(0x04), 4) << 32;
}

bool vio_queue(struct vmbus *bus, unsigned int n)
{
	memset(bus->ram + DESC(n), 0, VQ_BYTES);
	pci_write(VIO(0x16), n, 2);
	pci_write(VIO(0x18), VQ_SIZE, 2);
	pci_write(VIO(0x1a), n % 4, 2);
	pci_write(VIO(0x20), DESC(n), 4);
	pci_write(VIO(0x24), 0, 4);
	pci_write(VIO(0x28), AVAIL(n), 4);
	pci_write(VIO(0x2c), 0, 4);
	pci_write(VIO(0x30), USED(n), 4);
	pci_write(VIO(0x34), 0, 4);
	pci_write(VIO(0x1c), 1, 2);
	return pci_read(VIO(0x1c), 2) == 1;
}

bool vio_up(struct pci *p, struct vmbus *bus, uint64_t features, unsigned int pairs)
{
	unsigned int i;

	p->tx_next = p->rx_next = 0;
	memset(p->used, 0, sizeof(p->used));
	pci_write(VIO(0x14), 0, 1);
	pci_write(VIO(0x14), 3, 1);
	pci_write(VIO(0x08), 0, 4);
	pci_write(VIO(0x0c), (uint32_t)features, 4);
	pci_write(VIO(0x08), 1, 4);
	pci_write(VIO(0x0c), (uint32_t)(features >> 32), 4);
	pci_write(VIO(0x14), 11, 1);
	if (pci_read(VIO(0x14), 1) != 11)
		return false;
	for (i = 0; i < 2 * pairs + 1; i++)
		if (!vio_queue(bus, i))
			return false;
	pci_write(VIO(0x14), 15, 1);
	return pci_read(VIO(0x14), 1) == 15;
}

static void put_desc(struct vmbus *bus, unsigned int q, unsigned int i, uint64_t addr,
		     uint32_t len, uint16_t flags, uint16_t next)
{
	uint8_t *d = bus->ram + DESC(q) + i * 16;

	memcpy(d, &addr, 8);
	memcpy(d + 8, &len, 4);
	memcpy(d + 12, &flags, 2);
	memcpy(d + 14, &next, 2);
}

static void offer(struct vmbus *bus, unsigned int q, uint16_t head)
{
	uint16_t *avail = (uint16_t *)(bus->ram + AVAIL(q));

	avail[2 + avail[1] % VQ_SIZE] = head;
	avail[1]++;
}

static bool take_used(struct pci *p, struct vmbus *bus, unsigned int q, uint32_t elem[2])
{
	const uint8_t *used = bus->ram + USED(q);
	uint16_t idx;

	memcpy(&idx, used + 2, 2);
	if (idx == p->used[q])
		return false;
	memcpy(elem, used + 4 + p->used[q]++ % VQ_SIZE * 8, 8);
	return true;
}

void vio_give(struct pci *p, struct vmbus *bus, unsigned int n, uint32_t len)
{
	for (; n--; p->rx_next++) {
		uint16_t head = p->rx_next % VQ_SIZE;

		put_desc(bus, 0, head, VF_BUF + head * 2048u, len, 2, 0);
		offer(bus, 0, head);
	}
}

size_t vio_receive(struct pci *p, struct vmbus *bus, uint8_t *buf, size_t size)
{
	uint32_t elem[2];

	if (!take_used(p, bus, 0, elem) || elem[1] > size)
		return 0;
	memcpy(buf, bus->ram + VF_BUF + elem[0] * 2048, elem[1]);
	return elem[1];
}

bool vio_send(struct pci *p, struct vmbus *bus, const void *hdr, const void *frame, size_t len)
{
	uint16_t head = p->tx_next++ % VQ_SIZE;
	uint32_t elem[2];
	uint8_t *at = bus->ram + VF_BUF + VQ_SIZE * 2048;

	memset(at, 0, VF_HEADER);
	if (hdr)
		memcpy(at, hdr, VF_HEADER);
	memcpy(at + VF_HEADER, frame, len);
	put_desc(bus, 1, head, VF_BUF + VQ_SIZE * 2048, (uint32_t)(VF_HEADER + len), 0, 0);
	offer(bus, 1, head);
	pci_write(VIO(0x1000 + 4), 1, 2);
	return take_used(p, bus, 1, elem) && elem[0] == head;
}

uint8_t vio_control(struct pci *p, struct vmbus *bus, unsigned int queue, uint8_t class,
		    uint8_t cmd, const void *body, size_t len)
{
	uint8_t *at = bus->ram + VF_BUF - 0x1000;
	uint32_t elem[2];

	at[0] = class;
	at[1] = cmd;
	at[0x800] = 0xFF;
	memcpy(at + 2, body, len);
	put_desc(bus, queue, 0, VF_BUF - 0x1000, (uint32_t)(2 + len), 1, 1);
	put_desc(bus, queue, 1, VF_BUF - 0x800, 1, 2, 0);
	offer(bus, queue, 0);
	pci_write(VIO(0x1000 + 4 * queue), (uint32_t)queue, 2);
	return take_used(p, bus, queue, elem) ? at[0x800] : 0xFF;
}
