/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: boot - puts a Linux kernel (bzImage or ELF vmlinux), initrd, command line,
 * e820 map and page tables into guest memory and sets vCPU 0 to the 64-bit entry
 * (vmbus-host.md D.2).
 */
#ifndef HVHOST_VM_BOOT_H
#define HVHOST_VM_BOOT_H

#include "machine.h"

/** boot_linux() - @initrd may be NULL; @rsdp: guest address of the ACPI root pointer.
 * Return: 0 or negative errno with a sentence in @err */
int boot_linux(struct machine *m, const char *kernel, const char *initrd, const char *cmdline,
	       uint64_t rsdp, char *err, size_t errlen);

/**
 * acpi_build() - writes the tables
 *
 * Return: the guest address of the RSDP, 0 on error.
 */
uint64_t acpi_build(struct machine *m);

#endif
