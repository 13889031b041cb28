// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: stop - the guest's end. The first reason that comes stays.
 *
 * Below ports and vCPUs, which see the guest end; the machine itself is above them.
 */
#include "machine.h"

void machine_stop(struct machine *m, enum machine_end why)
{
	if (m->end != MACHINE_RUNS)
		return;
	m->end = why;
	m->ops->ended(m);
}
