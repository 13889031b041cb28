// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: trace - what the guest of a NIC asked for, in order, in the words of the faults:
 * "vmbus.gpadl?", "rndis.set.0x0001010e?", "nvsp.ndis_version". The question mark says that
 * the guest waits for an answer.
 *
 * A list that is full keeps its beginning and counts the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <jansson.h>
#include "nic.h"

void trace_request(struct nic *nic, const char *kind, const char *what, uint32_t oid, bool answered)
{
	struct nic_trace *t = &nic->trace;
	char number[12] = "";

	if (!t->line)
		t->line = calloc(NIC_TRACE_MAX, sizeof(*t->line));
	if (!t->line || t->cnt == NIC_TRACE_MAX) {
		t->lost++;
		return;
	}
	if (oid)
		snprintf(number, sizeof(number), ".0x%08x", oid);
	snprintf(t->line[t->cnt++], sizeof(*t->line), "%s.%s%s%s", kind, what, number,
		 answered ? "?" : "");
}

json_t *trace_report(const struct nic *nic)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < nic->trace.cnt; i++)
		json_array_append_new(list, json_string(nic->trace.line[i]));
	return json_pack("{s:o,s:i}", "requests", list, "lost", (int)nic->trace.lost);
}

void trace_clear(struct nic *nic)
{
	free(nic->trace.line);
	nic->trace = (struct nic_trace){ 0 };
}
