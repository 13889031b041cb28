/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: fault - misbehaviour as data: what, on which NIC, when, how often.
 *
 * The table of known faults below is all that exists; a room asks fault_hit() at
 * the place where a fault would act and does what the answer says. Without a
 * fault set the host behaves well. Documentation/testhost.md explains each.
 */
#ifndef HVHOST_FAULT_FAULT_H
#define HVHOST_FAULT_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#define FAULT_ANY_NIC	-1

/* A fault that is set. */
struct fault {
	unsigned int id;
	const char *name;	/* one of the known names */
	int nic;		/* or FAULT_ANY_NIC */
	char what[32];		/* which request: "init", "query", ...; "" = any */
	uint32_t oid;		/* which OID of a query or set; 0 = any */
	unsigned int after;	/* matches still to be let pass */
	unsigned int count;	/* times to act; 0 = for ever */
	unsigned int ms;	/* duration or delay */
	uint32_t value;		/* meaning depends on the name */
	bool has_value;
	uint64_t wide;		/* the same, for fields of 8 bytes */
	char kind[12];		/* mutate: what becomes of the message */
	char field[20];		/* mutate, rewrite: which field of it */
	uint32_t seed;		/* mutate, rewrite: of noise */
	uint64_t hits;		/* times it acted */
	struct fault *next;
};

/**
 * fault_set() - arm a fault
 * @f: copied; id, name (looked up) and hits are filled in
 *
 * Return: its id, or -EINVAL when the name is unknown, -ENOMEM.
 */
int fault_set(const struct fault *f, const char *name);

/** fault_clear() - disarm by name and NIC; NULL = all names. Return: how many */
unsigned int fault_clear(const char *name, int nic);

/**
 * fault_hit() - does this fault act here and now?
 * @nic: where; @what: which request or ""; @oid: its OID or 0
 *
 * Counts "after" down, then the hits up to "count". The answer is valid until the next call.
 * Return: the fault, or NULL: behave.
 */
const struct fault *fault_hit(const char *name, int nic, const char *what, uint32_t oid);

/**
 * fault_peek() - is it armed (and due) for that NIC? Counts nothing
 *
 * Return: the fault, or NULL.
 */
const struct fault *fault_peek(const char *name, int nic);

/**
 * fault_wants() - may it act for @what, now or after some matches? Counts nothing
 *
 * Return: true if so.
 */
bool fault_wants(const char *name, int nic, const char *what);

/**
 * fault_is_set() - may it act for that NIC, now or after some matches? Counts nothing
 *
 * Return: true if so.
 */
bool fault_is_set(const char *name, int nic);

/**
 * fault_list() - armed ones and spent ones with their hits
 *
 * Return: a new reference.
 */
json_t *fault_list(void);

/**
 * fault_known() - all names that there are
 *
 * Return: a new reference.
 */
json_t *fault_known(void);

#endif
