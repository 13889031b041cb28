// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: msgq - see msgq.h. Machine lock held; the guest touches slots and flags
 * meanwhile, so what it touches is moved atomically.
 */
#include "msgq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_SIZE	4u	/* offset of the payload's size */
#define SLOT_FLAGS	5u
#define SLOT_PAYLOAD	16u
#define FLAG_PENDING	1u
#define TYPE_VMBUS	1u

struct msgq_entry {
	struct msgq_entry *next;
	uint8_t len;
	uint8_t payload[MSGQ_PAYLOAD_MAX];
};

void msgq_init(struct msgq *q)
{
	q->head = NULL;
	q->tail = &q->head;
	q->cnt = 0;
}

int msgq_add(struct msgq *q, const void *msg, size_t len)
{
	struct msgq_entry *e;

	if (!len || len > MSGQ_PAYLOAD_MAX)
		return -EMSGSIZE;
	e = q->cnt < MSGQ_MAX ? calloc(1, sizeof(*e)) : NULL;
	if (!e)
		return -ENOSPC;
	e->len = (uint8_t)len;
	memcpy(e->payload, msg, len);
	*q->tail = e;
	q->tail = &e->next;
	q->cnt++;
	return 0;
}

static struct msgq_entry *take(struct msgq *q)
{
	struct msgq_entry *e = q->head;

	q->head = e->next;
	if (!q->head)
		q->tail = &q->head;
	q->cnt--;
	return e;
}

/* Byte-wise: the guest may be clearing the type in the same word. */
static bool slot_is_free(uint8_t *slot)
{
	uint32_t *type = (uint32_t *)slot;

	if (!__atomic_load_n(type, __ATOMIC_ACQUIRE))
		return true;
	__atomic_fetch_or(slot + SLOT_FLAGS, FLAG_PENDING, __ATOMIC_SEQ_CST);
	/* Freed before it could see the flag? Then nobody would tell us. */
	return !__atomic_load_n(type, __ATOMIC_SEQ_CST);
}

bool msgq_put_one(struct msgq *q, uint8_t *slot)
{
	struct msgq_entry *e;

	if (!q->head || !slot_is_free(slot))
		return false;
	e = take(q);
	slot[SLOT_SIZE] = e->len;
	__atomic_store_n(slot + SLOT_FLAGS, q->head ? FLAG_PENDING : 0, __ATOMIC_RELAXED);
	memset(slot + SLOT_FLAGS + 1, 0, SLOT_PAYLOAD - SLOT_FLAGS - 1);
	memcpy(slot + SLOT_PAYLOAD, e->payload, e->len);
	/* Release, and last: with the type the message is there. */
	__atomic_store_n((uint32_t *)slot, TYPE_VMBUS, __ATOMIC_SEQ_CST);
	free(e);
	return true;
}

void msgq_clear(struct msgq *q)
{
	while (q->head)
		free(take(q));
}

bool event_flag_set(uint8_t *area, uint32_t flag)
{
	uint8_t bit = (uint8_t)(1u << flag % 8);

	return !(__atomic_fetch_or(area + flag / 8, bit, __ATOMIC_SEQ_CST) & bit);
}
