/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: nics - the list of NICs.
 */
#ifndef HVHOST_NETVSP_NICS_H
#define HVHOST_NETVSP_NICS_H

#include <stddef.h>

struct nic;
struct nic_cfg;
struct vmbus;

#define NICS_MAX		8	/* at a time */

/** nics_init() - before the first one; @defaults of those that nic.add adds */
void nics_init(struct vmbus *bus, const struct nic_cfg *defaults);

/**
 * nics_first() - the oldest NIC; the others are behind @next
 *
 * Return: the NIC, or NULL when there is none.
 */
struct nic *nics_first(void);

/**
 * nics_find() - by its number
 *
 * Return: the NIC, or NULL.
 */
struct nic *nics_find(int id);

/**
 * nics_defaults() - keys of a NIC for which nothing else is said
 *
 * Return: what nics_init() was given.
 */
const struct nic_cfg *nics_defaults(void);

/**
 * nics_add() - another NIC
 * @err: gets a sentence when there is none
 *
 * Return: the NIC, or NULL.
 */
struct nic *nics_add(const struct nic_cfg *cfg, char *err, size_t errlen);

/** nics_remove() - @nic goes now */
void nics_remove(struct nic *nic);

#endif
