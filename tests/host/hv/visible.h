/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: visible - the pages that a confidential guest shows to the host (hypercall 0xDB).
 *
 * The guest's CPUID says that it is isolated by virtualization-based security; its memory
 * is not really encrypted here, but the host refuses to look at a page by GPADL or packet
 * that was not shown to it.
 */
#ifndef HVHOST_HV_VISIBLE_H
#define HVHOST_HV_VISIBLE_H

#include <stddef.h>
#include <stdint.h>

struct gmem;

/**
 * visible_setup() - @mem is private from now on, page by page
 *
 * Return: 0 or -ENOMEM.
 */
int visible_setup(struct gmem *mem);

/**
 * visible_call() - a hypercall of the guest, see hcall_fn
 *
 * Return: status and repetitions done.
 */
uint64_t visible_call(uint64_t control, const uint8_t *block, size_t len);

#endif
