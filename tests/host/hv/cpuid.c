// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: cpuid - the Hyper-V leaves (vmbus-host.md B.2), and only these: a KVM
 * signature higher up would win over them.
 */
#include "gmem.h"
#include "hv.h"

#include <string.h>

#define FEATURES	0x00000af7	/* incl. SynIC, reference TSC, frequencies */
#define FEATURE_STIMER	0x00000008
#define PRIVILEGES	0x00000030	/* post messages, signal events */
#define PRIVILEGE_ISOLATION 0x00400000
#define ISOLATION_LEAF	0x4000000c
#define ISOLATION_VBS	(1 | GMEM_SHARED_BIT << 6)
#define MISC		0x00000500	/* frequency MSRs, crash MSRs */
#define MISC_STIMER	0x00080000	/* synthetic timers by interrupt, not by message (B.3) */
#define HINTS_UP	0x00000220	/* relaxed timing, no AutoEOI */
#define HINTS_SMP	0x00000e24	/* and remote flush, IPI, extended masks */

static bool hv_stimer;

void hv_set_stimer(bool on)
{
	hv_stimer = on;
}

static bool hv_isolated;

void hv_set_isolated(bool on)
{
	hv_isolated = on;
}

static void leaf(struct kvm_cpuid_entry2 *e, uint32_t function, uint32_t eax, uint32_t ebx,
		 uint32_t ecx, uint32_t edx)
{
	memset(e, 0, sizeof(*e));
	e->function = function;
	e->eax = eax;
	e->ebx = ebx;
	e->ecx = ecx;
	e->edx = edx;
}

unsigned int hv_cpuid(struct machine *m, struct kvm_cpuid_entry2 *e, unsigned int n,
		      unsigned int max)
{
	if (n + (hv_isolated ? 7 : 6) > max)
		return n;
	leaf(&e[n++], 0x40000000, hv_isolated ? ISOLATION_LEAF : 0x40000005, 0x7263694d,
	     0x666f736f, 0x76482074);
	leaf(&e[n++], 0x40000001, 0x31237648, 0, 0, 0);
	leaf(&e[n++], 0x40000002, 0x4563, 0x000a0000, 0, 0);
	leaf(&e[n++], 0x40000003, FEATURES | (hv_stimer ? FEATURE_STIMER : 0),
	     PRIVILEGES | (hv_isolated ? PRIVILEGE_ISOLATION : 0), 0,
	     MISC | (hv_stimer ? MISC_STIMER : 0));
	leaf(&e[n++], 0x40000004, m->cpu_cnt > 1 ? HINTS_SMP : HINTS_UP, 0xffffffff, 0, 0);
	leaf(&e[n++], 0x40000005, 64, 64, 0, 0);
	if (hv_isolated)
		leaf(&e[n++], ISOLATION_LEAF, 0, ISOLATION_VBS, 0, 0);
	return n;
}
