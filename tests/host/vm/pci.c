// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: pci - see pci.h. Configuration mechanism 1; one function, 00:00.0, which
 * reads like the bridge of a generation 1 VM and ignores writes. Machine lock held.
 */
#include "pci.h"

#include <stdbool.h>
#include <string.h>

#include "pio.h"

#define ADDRESS_ENABLE	0x80000000u
#define DATA_PORT	4	/* 0xCFC, from 0xCF8 */

static uint32_t address;

static const uint32_t bridge[16] = {
	0x71928086,	/* vendor, device */
	0x02000000,	/* command, status */
	0x06000000,	/* revision, class: host bridge */
};

static uint32_t pci_read(void *priv, uint16_t off, unsigned int size)
{
	uint32_t reg, val;

	(void)priv;
	(void)size;
	if (off < DATA_PORT)
		return off ? 0xffffffff : address;
	/* Any bus, device or function but 0 is empty. */
	if (!(address & ADDRESS_ENABLE) || address & 0x00ffff00)
		return 0xffffffff;
	reg = (address & 0xfc) / 4;
	val = reg < 16 ? bridge[reg] : 0;
	return val >> 8 * (off - DATA_PORT);
}

static void pci_write(void *priv, uint16_t off, uint32_t val, unsigned int size)
{
	(void)priv;
	if (!off && size == 4)
		address = val;
}

int pci_setup(void)
{
	const struct pio_range r = { 0xcf8, 8, pci_read, pci_write, NULL };

	return pio_register(&r);
}
