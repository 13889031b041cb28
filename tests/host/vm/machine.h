/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: machine - one virtual machine on KVM: memory, vCPUs, interrupt controllers,
 * ports. What is Hyper-V about it comes in through struct machine_ops from the
 * room above; what the guest is comes from boot.h.
 *
 * One lock guards everything but KVM_RUN itself: vCPU threads take it for each
 * exit, the main thread for each round of the loop.
 */
#ifndef HVHOST_VM_MACHINE_H
#define HVHOST_VM_MACHINE_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "gmem.h"

#define MACHINE_MAX_CPUS	8
#define MACHINE_MAX_PMEM	4
#define MACHINE_IOAPIC_PINS	24
#define MACHINE_SINT_GSI	32u	/* + VP index: the GSI of its SINT */

/* Guest physical map (vmbus-host.md D.1) */
#define MACHINE_LOW_RAM_MAX	0xC0000000ull
#define MACHINE_MMIO_LOW	0xE0000000ull
#define MACHINE_MMIO_LOW_LEN	0x10000000ull
#define MACHINE_MMIO_HIGH	0x1000000000ull
#define MACHINE_MMIO_HIGH_LEN	0x100000000ull

struct machine;

struct vcpu {
	struct machine *m;
	unsigned int id;	/* = APIC id = VP index */
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool started;
};

/* Why the guest ended; kept: the first one that came. */
enum machine_end {
	MACHINE_RUNS,
	MACHINE_POWERED_OFF,
	MACHINE_RESET,
	MACHINE_CRASHED,	/* crash MSR: the guest's panic notifier */
	MACHINE_TRIPLE_FAULT,
	MACHINE_KVM_TROUBLE,
};

/**
 * struct machine_ops - the room above
 * @cpuid: last word on a vCPU's CPUID table
 * @exit_hyperv: KVM_EXIT_HYPERV of @v
 * @crash: crash MSRs written
 * @ended: the guest ended; called once
 */
struct machine_ops {
	unsigned int (*cpuid)(struct machine *m, struct kvm_cpuid_entry2 *e, unsigned int n,
			      unsigned int max);
	void (*exit_hyperv)(struct vcpu *v);
	void (*crash)(struct vcpu *v);
	void (*ended)(struct machine *m);
};

struct machine {
	int kvm, fd, run_bytes;
	unsigned int cpu_cnt;
	uint64_t ram_len;
	struct gmem mem;
	struct { uint64_t gpa, len; } pmem[MACHINE_MAX_PMEM];
	unsigned int pmem_cnt;
	struct vcpu vcpu[MACHINE_MAX_CPUS];
	pthread_mutex_t lock;
	const struct machine_ops *ops;
	enum machine_end end;
	struct vcpu *current;	/* whose exit is being handled, or NULL */
	bool halt;		/* vCPU threads shall return */
	uint64_t exits, exits_io, exits_mmio, exits_hv;
};

/** machine_init() - the lock, before anything else */
void machine_init(struct machine *m, const struct machine_ops *ops);

/**
 * machine_create() - VM, memory, interrupt controllers, vCPUs
 * @ram_len: a multiple of 1 MiB
 * @pmem: files or block devices, each a read-only range above the RAM
 * @err: gets a sentence when the answer is not 0
 *
 * Return: 0 or negative errno; what was made is undone by machine_destroy() in both cases.
 */
int machine_create(struct machine *m, unsigned int cpus, uint64_t ram_len,
		   const char *const *pmem, unsigned int pmem_cnt, char *err, size_t errlen);

/** machine_destroy() - after machine_halt(); may be created anew then (counters go on) */
void machine_destroy(struct machine *m);

/**
 * machine_set_routing() - the standard table plus one HV_SINT entry per vCPU
 *
 * Return: 0 or negative errno.
 */
int machine_set_routing(struct machine *m, unsigned int sint);

/**
 * machine_start() - vCPU threads run from here on
 *
 * Return: 0 or negative errno.
 */
int machine_start(struct machine *m);

/** machine_halt() - without the lock: returns when no vCPU thread is left */
void machine_halt(struct machine *m);

/** machine_stop() - note an end of the guest (lock held) */
void machine_stop(struct machine *m, enum machine_end why);

/** machine_irq() - level of an interrupt line (GSI) */
void machine_irq(struct machine *m, unsigned int gsi, bool level);

/** machine_msi() - a message-signalled interrupt */
void machine_msi(struct machine *m, uint64_t addr, uint32_t data);

/**
 * machine_kvm_probe() - can KVM here carry a Hyper-V guest?
 *
 * Return: 0 if so, else non-zero and a sentence in @err.
 */
int machine_kvm_probe(char *err, size_t errlen);

#endif
