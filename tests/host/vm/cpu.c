// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: cpu - CPUID of a flat topology, and the loop around KVM_RUN.
 *
 * The thread runs without the machine lock inside KVM and takes it for every
 * exit. It ends when the machine has ended.
 */
#include "cpu.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#include "log.h"
#include "mmio.h"
#include "pio.h"

#define LEAF1_ECX_MONITOR	(1u << 3)
/*
 * XSAVE and what needs it (FMA, AVX, F16C): emulated SVM does not tell KVM of
 * XSETBV, so leaf 0xD and XCR0 would disagree and the guest warns about it.
 */
#define LEAF1_ECX_XSAVE		(1u << 12 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 29)
#define LEAF7_EBX_AVX		(1u << 5)

static unsigned int id_bits(unsigned int cnt)
{
	unsigned int bits = 0;

	while ((1u << bits) < cnt)
		bits++;
	return bits;
}

static void patch(struct machine *m, unsigned int id, struct kvm_cpuid_entry2 *e)
{
	unsigned int n = m->cpu_cnt, bits = id_bits(n);

	switch (e->function) {
	case 1:
		e->ebx = (e->ebx & 0x0000ffff) | id << 24 | (n > 1 ? n : 1) << 16;
		e->ecx |= 1u << 31;
		e->ecx &= ~(LEAF1_ECX_MONITOR | LEAF1_ECX_XSAVE);
		e->edx = n > 1 ? e->edx | 1u << 28 : e->edx & ~(1u << 28);
		break;
	case 4:
		e->eax = (e->eax & 0x03ffc01f) | (n - 1) << 26;
		break;
	case 7:
		if (!e->index)
			e->ebx &= ~LEAF7_EBX_AVX;
		break;
	case 0xd:
		e->eax = e->ebx = e->ecx = e->edx = 0;
		break;
	case 0xb:
	case 0x1f:
		e->edx = id;
		e->ecx = e->index;
		if (e->index == 0) {
			e->eax = 0;
			e->ebx = 1;
			e->ecx |= 1 << 8;
		} else if (e->index == 1) {
			e->eax = bits;
			e->ebx = n;
			e->ecx |= 2 << 8;
		} else {
			e->eax = e->ebx = 0;
		}
		break;
	case 0x80000008:
		e->ecx = n > 1 ? bits << 12 | (n - 1) : 0;
		break;
	case 0x8000001e:
		e->eax = id;
		e->ebx = id;
		e->ecx = 0;
		break;
	}
}

unsigned int cpu_build_cpuid(struct machine *m, unsigned int id,
			     const struct kvm_cpuid_entry2 *host, unsigned int n,
			     struct kvm_cpuid_entry2 *mine, unsigned int max)
{
	unsigned int i, out = 0;

	for (i = 0; i < n && out < max; i++) {
		if (host[i].function >> 16 == 0x4000)
			continue;
		mine[out] = host[i];
		patch(m, id, &mine[out++]);
	}
	return out;
}

static void system_event(struct vcpu *v)
{
	switch (v->run->system_event.type) {
	case KVM_SYSTEM_EVENT_CRASH:
		v->m->ops->crash(v);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		machine_stop(v->m, MACHINE_RESET);
		break;
	default:
		machine_stop(v->m, MACHINE_POWERED_OFF);
	}
}

/* Machine lock held. */
static void handle_exit(struct vcpu *v)
{
	struct kvm_run *run = v->run;
	struct machine *m = v->m;

	m->exits++;
	m->current = v;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		m->exits_io++;
		pio_exit(v);
		break;
	case KVM_EXIT_MMIO:
		m->exits_mmio++;
		mmio_access(run->mmio.phys_addr, run->mmio.data, run->mmio.len,
			    run->mmio.is_write);
		break;
	case KVM_EXIT_HYPERV:
		m->exits_hv++;
		m->ops->exit_hyperv(v);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		system_event(v);
		break;
	case KVM_EXIT_SHUTDOWN:
		log_line("vCPU %u: triple fault", v->id);
		machine_stop(m, MACHINE_TRIPLE_FAULT);
		break;
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		break;
	default:
		log_line("vCPU %u: exit %u (%llx) is nothing we know", v->id, run->exit_reason,
			 (unsigned long long)run->internal.suberror);
		machine_stop(m, MACHINE_KVM_TROUBLE);
	}
	m->current = NULL;
}

void *cpu_thread(void *vcpu)
{
	struct vcpu *v = vcpu;
	struct machine *m = v->m;
	bool ended = false;

	while (!ended) {
		int ret = ioctl(v->fd, KVM_RUN, 0), err = errno;

		pthread_mutex_lock(&m->lock);
		if (!ret) {
			handle_exit(v);
		} else if (err != EINTR && err != EAGAIN) {
			log_line("vCPU %u: KVM_RUN: %s", v->id, strerror(err));
			machine_stop(m, MACHINE_KVM_TROUBLE);
		}
		ended = m->end != MACHINE_RUNS || m->halt;
		pthread_mutex_unlock(&m->lock);
	}
	return NULL;
}

static void kicked(int sig)
{
	(void)sig;
}

void cpu_catch_kick(void)
{
	struct sigaction sa = { .sa_handler = kicked };

	sigaction(SIGUSR1, &sa, NULL);
}

void cpu_kick(struct vcpu *v)
{
	v->run->immediate_exit = 1;
	pthread_kill(v->thread, SIGUSR1);
}
