/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: rxmsg - a frame for the guest, and how it looks in sub-allocations.
 */
#ifndef HVHOST_NETVSP_RXMSG_H
#define HVHOST_NETVSP_RXMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nic;

#define RSC_FRAGS_FAULT		570	/* ranges that fit a packet of 4624 bytes */

/* How an aggregate is cut into sub-allocations (netvsc-wire.md 5.12). */
struct rsc_frag {
	uint32_t len;			/* bytes of the frame */
	uint16_t id;
	uint8_t flags;			/* RNDIS_PKT_ID_* */
	bool no_ppi;			/* without packet id (fault) */
};

struct rsc_shape {
	unsigned int segs;		/* segments on the wire */
	unsigned int cnt;
	bool split;			/* over two packets (fault) */
	struct rsc_frag frag[RSC_FRAGS_FAULT];
};

/* A frame that waits for a sub-allocation. */
struct nic_waiting {
	struct nic_waiting *next;
	struct rsc_shape *shape;	/* NULL: one frame in one sub-allocation */
	size_t len;
	uint16_t tci;
	bool tagged;
	bool l4_good;
	bool has_csum;			/* csum is what to say */
	uint32_t csum;
	uint32_t hash;
	uint32_t hash_type;
	uint8_t data[];
};

/**
 * rxmsg_room() - what certainly fits one sub-allocation
 *
 * Return: bytes of a frame.
 */
uint32_t rxmsg_room(const struct nic *nic);

/**
 * rxmsg_write() - header, PPIs and a part of @w into sub-allocation @slot
 * @off: where in the frame the part begins
 * @n: number of the fragment when @w is an aggregate, else 0
 *
 * Return: bytes to claim, 0 if it does not fit.
 */
uint32_t rxmsg_write(struct nic *nic, const struct nic_waiting *w, uint32_t slot,
		     size_t off, unsigned int n);

#endif
