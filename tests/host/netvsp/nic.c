// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: nic - what each file of the room asks of the shared objects.
 */
#include <stdarg.h>
#include <stdio.h>
#include "../base/violation.h"
#include "../fault/lie_table.h"
#include "nic.h"

/* No violation when it follows from what the host itself lied about (fault mutate). */
static bool nic_excuses(struct nic *nic, const char *name)
{
	if (!lie_excuses(nic->lies.told, name))
		return false;
	nic->lies.excused++;
	nic->lies.excused_last = name;
	return true;
}

void nic_violation(struct nic *nic, const char *name, const void *bytes, size_t len,
		   const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!nic->cfg.strict || nic_excuses(nic, name))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	violation_note(name, bytes, len, "nic %d: %s", nic->id, text);
}

void nic_style(struct nic *nic, const char *name, const char *text)
{
	if (nic->cfg.strict && !nic_excuses(nic, name))
		violation_style(name, NULL, 0, "nic %d: %s", nic->id, text);
}

size_t nic_msg_bytes(const struct nic *nic)
{
	return nic->version == NVSP_VERSION_61 ? NVSP_MSG_BYTES : NVSP_MSG_LEGACY_BYTES;
}

unsigned int nic_open_queues(const struct nic *nic)
{
	unsigned int i, n = 0;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		n += nic->q[i] && nic->q[i]->open;
	return n;
}

void nic_add_counters(void *sum, const void *add, size_t bytes)
{
	const uint64_t *from = add;
	uint64_t *to = sum;
	size_t i;

	for (i = 0; i < bytes / sizeof(*to); i++)
		to[i] += from[i];
}
