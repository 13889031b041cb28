/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: cpu - a vCPU's identity and its thread; for vm/ only. */
#ifndef HVHOST_VM_CPU_H
#define HVHOST_VM_CPU_H

#include "machine.h"

/**
 * cpu_build_cpuid() - KVM's table without hypervisor leaves, with our topology
 *
 * Return: number of entries in @mine.
 */
unsigned int cpu_build_cpuid(struct machine *m, unsigned int id,
			     const struct kvm_cpuid_entry2 *host, unsigned int n,
			     struct kvm_cpuid_entry2 *mine, unsigned int max);

/**
 * cpu_thread() - runs a struct vcpu until the guest ends or the machine is to halt
 *
 * Return: NULL.
 */
void *cpu_thread(void *vcpu);

/** cpu_kick() - takes the vCPU out of KVM soon, even if it is just about to enter */
void cpu_kick(struct vcpu *v);

/** cpu_catch_kick() - before the threads: the kick shall interrupt and do nothing else */
void cpu_catch_kick(void);

#endif
