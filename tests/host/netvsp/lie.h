/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: lie - the fault "mutate": a message on its way to the guest is changed, wherever in the
 * host it comes from. All packets of a NIC pass here while such a fault, or "rewrite" (rewrite.h), is
 * set, and no other time.
 */
#ifndef HVHOST_NETVSP_LIE_H
#define HVHOST_NETVSP_LIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop_timer;
struct nic;
struct vmbus_channel;

#define LIE_PACKET_MAX	8192

/* Of one NIC. */
struct nic_lies {
	uint64_t told;			/* messages lied about since the channel was opened (lie_bit()) */
	uint64_t excused;		/* violations that were not noted for it */
	const char *excused_last;	/* name of the last one */
	uint64_t changed;		/* messages changed over the life of the NIC */
	struct loop_timer *mend;	/* a word of a control page is to be put right */
	uint8_t *held;			/* a packet that lets the next one of its channel pass */
	size_t held_len;
	unsigned int held_queue;
	struct loop_timer *held_end;	/* ... but does not wait for ever */
};

/**
 * lie_is_armed() - is there a fault "mutate" or "rewrite" that may concern @dev, a channel of a NIC?
 *
 * Return: true if so.
 */
bool lie_is_armed(void *dev, struct vmbus_channel *ch);

/**
 * lie_outgoing() - write a packet for the guest, or what the faults make of it
 * @pkt: descriptor first; is changed
 * @len: at most LIE_PACKET_MAX, multiple of 8
 *
 * Return: as of channel_send().
 */
int lie_outgoing(void *dev, struct vmbus_channel *ch, uint8_t *pkt, size_t len);

/** lie_reset() - the connection is gone; what was told is remembered until the next one begins */
void lie_reset(struct nic *nic);

#endif
