/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Room rndis, its inside, for three files: rndis.c; oid.c, which sets the packet filter
 * and with it the state; rx.c, which copies an inbound message to where it is read.
 */
#ifndef _NETVSC_RNDIS_PRIV_H
#define _NETVSC_RNDIS_PRIV_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <netvsc/rndis.h>

#include "netvsc.h"

enum netvsc_rndis_state {
	NETVSC_RNDIS_DOWN,		/* no INITIALIZE, refused or halted */
	NETVSC_RNDIS_INITIALIZED,	/* asked for: a HALT is owed */
	NETVSC_RNDIS_DATA,		/* a packet filter is set */
};

/* To close the filter, and HALT. */
#define NETVSC_RNDIS_SPARES	2

/**
 * struct netvsc_rndis - control messages
 * @lock: for @requests, @unanswered and @next_id
 * @requests: L, whose answer is not there yet
 * @unanswered: L, how many these are
 * @next_id: L, of the next request; never 0
 * @state: a, enum netvsc_rndis_state; written under M
 * @sections: a, those of NETVSC_RNDIS_SECTIONS that are taken; they are behind those
 *	of frames
 * @spare: R, requests for the way down, which must not need memory; NULL: used
 * @scratch: N of the primary, private copy of an inbound message
 */
struct netvsc_rndis {
	spinlock_t lock;	/* L */
	struct list_head requests;
	u32 unanswered;
	u32 next_id;
	u32 state;
	unsigned long sections;
	struct netvsc_rndis_req *spare[NETVSC_RNDIS_SPARES];
	u8 scratch[RNDIS_RESPONSE_MAX_BYTES] __aligned(8);
};

#endif /* _NETVSC_RNDIS_PRIV_H */
