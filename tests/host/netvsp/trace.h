/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: trace - what the guest of a NIC asked for.
 */
#ifndef HVHOST_NETVSP_TRACE_H
#define HVHOST_NETVSP_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

struct nic;

#define NIC_TRACE_MAX		512	/* requests remembered */
#define NIC_TRACE_BYTES		32

/* What the guest asked for, one line each. */
struct nic_trace {
	char (*line)[NIC_TRACE_BYTES];
	unsigned int cnt;
	unsigned int lost;		/* found no room */
};

/**
 * trace_request() - the guest asks for something
 * @kind: vmbus, nvsp or rndis
 * @what: its word, as in the faults
 * @oid: 0: none
 * @answered: the guest waits for an answer
 */
void trace_request(struct nic *nic, const char *kind, const char *what, uint32_t oid,
		   bool answered);

/**
 * trace_report() - the requests so far, and how many were too many
 *
 * Return: a new reference.
 */
json_t *trace_report(const struct nic *nic);

/** trace_clear() - forget them, and their memory */
void trace_clear(struct nic *nic);

#endif
