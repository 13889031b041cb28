/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: rsc - receive segment coalescing.
 */
#ifndef HVHOST_NETVSP_RSC_H
#define HVHOST_NETVSP_RSC_H

#include <stdbool.h>
#include <stdint.h>

struct nic_queue;
struct rsc;
struct switch_frame;

#define RSC_BYTES_MAX		65535	/* IP packet of an aggregate */

/**
 * rsc_take() - a frame for the guest comes to the coalescer
 *
 * Return: true when it was taken; false: it is to be delivered as it is, what was
 * being coalesced went before it.
 */
bool rsc_take(struct nic_queue *q, const struct switch_frame *f, uint32_t hash,
	      uint32_t hash_type);

/** rsc_seal() - what is being coalesced is delivered now */
void rsc_seal(struct nic_queue *q);

/**
 * rsc_drop() - what is being coalesced is dropped
 *
 * Return: the number of segments.
 */
unsigned int rsc_drop(struct nic_queue *q);

/** rsc_free() - the memory of the coalescer */
void rsc_free(struct nic_queue *q);

#endif
