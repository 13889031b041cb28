/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: hcall - hypercalls that KVM answers by itself with "unknown": 0x7E, which moves an
 * interrupt (vmbus-host.md E.8), and 0xDB, by which a confidential guest shows pages to
 * the host (TLFS, ModifySparseGpaPageHostVisibility).
 *
 * A piece of code is put into the guest's hypercall page: it sends these two to a port, whose
 * exit comes here, and all other calls on to KVM. The page is left alone until a virtual
 * PCI bus is at work or the guest is confidential: others run the page that KVM wrote.
 */
#ifndef HVHOST_HV_HCALL_H
#define HVHOST_HV_HCALL_H

#include <stddef.h>
#include <stdint.h>

#define HCALL_PORT	0xe7
#define HCALL_RETARGET	0x7e
#define HCALL_VISIBLE	0xdb

struct machine;

/**
 * typedef hcall_fn - a call came
 * @control: rcx: code, repetitions
 * @block: the call's input, as far as there is memory
 *
 * Return: rax: status, repetitions done
 */
typedef uint64_t (*hcall_fn)(uint64_t control, const uint8_t *block, size_t len);

/**
 * hcall_setup() - registers the port
 *
 * Return: 0 or -ENOSPC.
 */
int hcall_setup(struct machine *m, hcall_fn retarget, hcall_fn visible);

/** hcall_arm() - in a vCPU's exit: see to it that the page has the code */
void hcall_arm(void);

/**
 * hcall_code() - patch a hypercall page
 *
 * Return: 0, or -EINVAL: not as KVM writes it.
 */
int hcall_code(uint8_t *page);

#endif
