/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: msgq - a VP's queue of messages, and how one gets into the VP's SynIC page
 * (vmbus-host.md A.1, B.5, B.7). Bytes and order only: no KVM, no interrupts.
 */
#ifndef HVHOST_HV_MSGQ_H
#define HVHOST_HV_MSGQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MSGQ_SLOT_BYTES		256u
#define MSGQ_PAYLOAD_MAX	240u
#define MSGQ_MAX		4096u	/* then messages are lost */
#define MSGQ_BUSY		1024u	/* from here on the guest is asked to wait */

struct msgq_entry;

struct msgq {
	struct msgq_entry *head, **tail;
	unsigned int cnt;
};

/** msgq_init() - an empty queue */
void msgq_init(struct msgq *q);

/**
 * msgq_add() - another message
 *
 * Return: 0, -EMSGSIZE, or -ENOSPC when MSGQ_MAX wait or memory is out.
 */
int msgq_add(struct msgq *q, const void *msg, size_t len);

/**
 * msgq_put_one() - try to put the first message into @slot (8-byte aligned, guest memory)
 *
 * Finds the slot taken: sets its pending flag, so that the guest writes EOM once it
 * has read it; whoever hears of the EOM comes back here.
 * Return: true if one was put there; then the SINT is to be raised.
 */
bool msgq_put_one(struct msgq *q, uint8_t *slot);

/** msgq_clear() - forget all that waits */
void msgq_clear(struct msgq *q);

/**
 * event_flag_set() - sets bit @flag of a flag area
 *
 * Return: true if it was clear: raise the SINT.
 */
bool event_flag_set(uint8_t *area, uint32_t flag);

#endif
