// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vpci interrupts (vmbus-host.md E.7, E.8).
 *
 * A create message makes a handle; the guest programs MSI-X entries with it and never
 * sees the real message. So a retarget moves one handle to another vector and VP,
 * and the entry stays as it is.
 */
#include <string.h>

#include "../base/violation.h"
#include "inside.h"

#define MSI_ADDRESS		0xfee00000u
#define HANDLE_BASE		0x4000u
#define RETARGET_MIN		56u
#define RETARGET_SET		2u
#define HV_OK			0
#define HV_BAD_PARAMETER	5

static struct vpci_int *find(struct vpci *b, uint64_t addr, uint32_t data)
{
	uint32_t i = data - HANDLE_BASE;

	if (i >= VPCI_INTERRUPTS_MAX || !b->irq[i].used || b->irq[i].addr != addr)
		return NULL;
	return &b->irq[i];
}

int vpci_irq_create(struct vpci *b, uint8_t vector, uint32_t vp)
{
	unsigned int i;

	for (i = 0; i < VPCI_INTERRUPTS_MAX && b->irq[i].used; i++)
		;
	if (i == VPCI_INTERRUPTS_MAX || vector < 16 || vp >= vpci_machine.vps)
		return -1;
	b->irq[i].used = true;
	b->irq[i].vector = vector;
	b->irq[i].vp = vp;
	b->irq[i].addr = MSI_ADDRESS | vp << 12;
	b->stats.creates++;
	return (int)(i + HANDLE_BASE);
}

bool vpci_irq_delete(struct vpci *b, uint32_t addr, uint32_t data)
{
	struct vpci_int *irq = find(b, addr, data);

	if (!irq)
		return false;
	irq->used = false;
	b->stats.deletes++;
	return true;
}

void vpci_irq_reset(struct vpci *b)
{
	memset(b->irq, 0, sizeof(b->irq));
}

void vpci_irq_raise(struct vpci *b, uint64_t addr, uint32_t data)
{
	struct vpci_int *irq = find(b, addr, data);

	if (!irq) {		/* deleted, and the entry still unmasked */
		b->stats.lost_interrupts++;
		return;
	}
	b->stats.interrupts++;
	if (vpci_machine.msi)
		vpci_machine.msi(MSI_ADDRESS | (uint64_t)irq->vp << 12, irq->vector);
}

/* The device id of the hypercall is made of the instance GUID (E.8). */
static struct vpci *by_device(uint64_t id)
{
	struct vpci *b;

	for (b = vpci_first(); b; b = b->next) {
		const uint8_t *g = b->instance.b;

		if (b->state == VPCI_D0 &&
		    id == ((uint64_t)g[5] << 24 | g[4] << 16 | g[7] << 8 | (g[6] & 0xf8)))
			return b;
	}
	return NULL;
}

/* The lowest VP of a mask or a sparse set; -1: none that exists. */
static int first_vp(const uint8_t *block, size_t len)
{
	uint64_t banks, bits;
	unsigned int bank, at = 64;
	int vp;

	if (!(vpci_get32(block, 44) & RETARGET_SET)) {
		bits = vpci_get64(block, 48);
		vp = bits ? __builtin_ctzll(bits) : -1;
		return vp < (int)vpci_machine.vps ? vp : -1;
	}
	if (len < 64 || vpci_get64(block, 48))
		return -1;
	banks = vpci_get64(block, 56);
	for (bank = 0; bank < 64; bank++) {
		if (!(banks >> bank & 1))
			continue;
		if (len < at + 8)
			return -1;
		bits = vpci_get64(block, at);
		at += 8;
		if (!bits)
			continue;
		vp = (int)(bank * 64) + __builtin_ctzll(bits);
		return vp < (int)vpci_machine.vps ? vp : -1;
	}
	return -1;
}

uint64_t vpci_retarget(uint64_t control, const uint8_t *block, size_t len)
{
	struct vpci_int *irq = NULL;
	struct vpci *b = NULL;
	uint32_t vector;
	int vp = -1;

	(void)control;
	if (len >= RETARGET_MIN && vpci_get32(block, 16) == 1) {
		b = by_device(vpci_get64(block, 8));
		vp = first_vp(block, len);
	}
	if (b)
		irq = find(b, vpci_get32(block, 24), vpci_get32(block, 28));
	vector = len >= RETARGET_MIN ? vpci_get32(block, 40) : 0;
	if (!irq || vp < 0 || vector < 16 || vector > 255) {
		violation_note("vpci.retarget", block, len,
			       "retarget of an interrupt, VP or vector that is not there (E.8)");
		return HV_BAD_PARAMETER;
	}
	irq->vp = (uint32_t)vp;
	irq->vector = (uint8_t)vector;
	b->stats.retargets++;
	return HV_OK;
}
