/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: pio - the I/O ports: who answers where, and the few ports of the board
 * (ACPI PM1a, reset, CMOS clock, port 0x61). All else reads ones.
 */
#ifndef HVHOST_VM_PIO_H
#define HVHOST_VM_PIO_H

#include "machine.h"

struct pio_range {
	uint16_t first, cnt;
	uint32_t (*read)(void *priv, uint16_t off, unsigned int size);
	void (*write)(void *priv, uint16_t off, uint32_t val, unsigned int size);
	void *priv;
};

/**
 * pio_register() - another range, before the guest runs
 *
 * Return: 0 or -ENOSPC.
 */
int pio_register(const struct pio_range *r);

/** pio_exit() - KVM_EXIT_IO of a vCPU, machine lock held */
void pio_exit(struct vcpu *v);

/**
 * pio_board() - registers the board's own ports
 *
 * Return: 0 or -ENOSPC.
 */
int pio_board(struct machine *m);

#endif
