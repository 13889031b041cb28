/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: retarget - hypercall 0x7E, which KVM answers by itself with "unknown"
 * (vmbus-host.md E.8).
 *
 * A piece of code is put into the guest's hypercall page: it sends 0x7E to a port, whose
 * exit comes here, and all other calls on to KVM. The page is left alone until a virtual
 * PCI bus is at work: a guest without one runs the page that KVM wrote.
 */
#ifndef HVHOST_HV_RETARGET_H
#define HVHOST_HV_RETARGET_H

#include <stddef.h>
#include <stdint.h>

#define RETARGET_PORT	0xe7

struct machine;

/** typedef retarget_fn - @block: the call's input, as far as there is memory; its status */
typedef uint16_t (*retarget_fn)(const uint8_t *block, size_t len);

/** retarget_setup() - registers the port; 0 or -ENOSPC */
int retarget_setup(struct machine *m, retarget_fn fn);

/** retarget_arm() - in a vCPU's exit: see to it that the page has the code */
void retarget_arm(void);

/** retarget_code() - patch a hypercall page; 0, or -EINVAL: not as KVM writes it */
int retarget_code(uint8_t *page);

#endif
