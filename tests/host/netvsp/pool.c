// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: pool - bookkeeping only; the bytes belong to the GPADL. Two free lists,
 * used as queues would be nicer to the guest's caches but stacks show reuse bugs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "pool.h"

enum { SLOT_FREE, SLOT_HELD, SLOT_SENT };

static void push_free(struct pool *p, uint32_t slot)
{
	int list = slot < p->ctrl;

	p->slot[slot].state = SLOT_FREE;
	p->slot[slot].head = false;
	p->slot[slot].next = p->free[list];
	p->free[list] = slot;
	p->free_cnt[list]++;
}

int pool_init(struct pool *p, uint32_t cnt)
{
	uint32_t i;

	memset(p, 0, sizeof(*p));
	p->slot = calloc(cnt ? cnt : 1, sizeof(*p->slot));
	if (!p->slot)
		return -ENOMEM;
	p->cnt = cnt;
	/* A tiny buffer (the guest's minimum is 10) is shared half and half. */
	p->ctrl = cnt / 2 < POOL_CTRL_MAX ? cnt / 2 : POOL_CTRL_MAX;
	p->free[0] = POOL_NONE;
	p->free[1] = POOL_NONE;
	for (i = cnt; i-- > 0; )
		push_free(p, i);
	pool_set_queues(p, 1);
	return 0;
}

void pool_free(struct pool *p)
{
	free(p->slot);
	memset(p, 0, sizeof(*p));
}

void pool_set_queues(struct pool *p, unsigned int n)
{
	p->share = (p->cnt - p->ctrl) / (n ? n : 1);
	if (!p->share && p->cnt > p->ctrl)
		p->share = 1;
}

bool pool_has(const struct pool *p, unsigned int queue)
{
	return p->free_cnt[0] && p->held[queue] < p->share;
}

uint32_t pool_get(struct pool *p, unsigned int queue, bool ctrl)
{
	uint32_t slot;

	if (!ctrl && !pool_has(p, queue))
		return POOL_NONE;
	slot = p->free[ctrl];
	if (slot == POOL_NONE)
		return POOL_NONE;
	p->free[ctrl] = p->slot[slot].next;
	p->free_cnt[ctrl]--;
	if (!ctrl)
		p->held[queue]++;
	p->slot[slot].state = SLOT_HELD;
	p->slot[slot].turn++;
	p->slot[slot].next = POOL_NONE;
	return slot;
}

uint32_t pool_turn(const struct pool *p, uint32_t slot)
{
	return slot < p->cnt ? p->slot[slot].turn : 0;
}

bool pool_is_sent(const struct pool *p, uint32_t slot)
{
	return slot < p->cnt && p->slot[slot].state == SLOT_SENT;
}

void pool_link(struct pool *p, uint32_t last, uint32_t slot)
{
	p->slot[last].next = slot;
}

void pool_sent(struct pool *p, uint32_t head, unsigned int queue)
{
	uint32_t i;

	for (i = head; i != POOL_NONE; i = p->slot[i].next)
		p->slot[i].state = SLOT_SENT;
	p->slot[head].head = true;
	p->slot[head].was_head = true;
	p->slot[head].queue = queue;
	p->packets[queue]++;
}

void pool_put(struct pool *p, uint32_t head, unsigned int queue)
{
	while (head != POOL_NONE) {
		uint32_t next = p->slot[head].next;

		if (head >= p->ctrl)
			p->held[queue]--;
		push_free(p, head);
		head = next;
	}
}

enum pool_verdict pool_complete(struct pool *p, uint64_t id, unsigned int queue)
{
	struct pool_slot *s;

	if (id >= p->cnt)
		return POOL_UNKNOWN;
	s = &p->slot[id];
	if (s->state != SLOT_SENT || !s->head)
		return s->was_head ? POOL_DOUBLE : POOL_UNKNOWN;
	if (s->queue != queue)
		return POOL_WRONG_QUEUE;
	p->packets[queue]--;
	pool_put(p, id, queue);
	return POOL_OK;
}

uint32_t pool_outstanding(const struct pool *p, int queue)
{
	uint32_t n = 0;
	int i;

	if (queue >= 0)
		return p->packets[queue];
	for (i = 0; i < POOL_QUEUES; i++)
		n += p->packets[i];
	return n;
}
