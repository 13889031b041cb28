/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: rx_batch - frames of one channel on their way into the ring.
 */
#ifndef HVHOST_NETVSP_RX_BATCH_H
#define HVHOST_NETVSP_RX_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../vmbus/channel.h"
#include "rxmsg.h"

struct nic;
struct nic_queue;

struct rx_batch {
	struct nic_waiting *wait_first, **wait_last;	/* found no room */
	unsigned int wait_cnt;
	struct vmbus_range range[RSC_FRAGS_FAULT];
	unsigned int range_cnt;
	unsigned int frames;		/* of them; an aggregate is one */
	unsigned int aggregates, segs;
	uint32_t head, last;		/* sub-allocations; POOL_NONE */
	uint64_t bytes;			/* of frames */
	bool stuck;			/* the ring had no room for it */
};

/** rx_batch_init() - a channel that opens */
void rx_batch_init(struct nic_queue *q);

/**
 * rx_batch_ready() - may frames go to the guest at all?
 *
 * Return: true if so.
 */
bool rx_batch_ready(const struct nic *nic);

/** rx_batch_enqueue() - @w (may be NULL: no memory) is the batch's from here on */
void rx_batch_enqueue(struct nic_queue *q, struct nic_waiting *w);

/** rx_batch_kick() - send what waits, as far as there is room */
void rx_batch_kick(struct nic_queue *q);

/**
 * rx_batch_drop() - frames that are not yet in the ring are dropped
 *
 * Return: how many.
 */
unsigned int rx_batch_drop(struct nic_queue *q);

/** rx_batch_hold() - frames wait for @ms */
void rx_batch_hold(struct nic *nic, unsigned int ms);

/** rx_batch_hold_end() - ... or not so long; nothing is sent by this */
void rx_batch_hold_end(struct nic *nic);

#endif
