/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: pool - who holds which sub-allocation of a receive buffer (netvsc-wire.md 9.2).
 *
 * Sub-allocations 0..ctrl-1 are for control messages, the others for data of all
 * queues, each queue up to its share. A packet is a chain of sub-allocations;
 * the first one's index is its transaction id. States of a sub-allocation:
 * FREE -> HELD (being filled) -> SENT (the guest has it) -> FREE.
 */
#ifndef HVHOST_NETVSP_POOL_H
#define HVHOST_NETVSP_POOL_H

#include <stdbool.h>
#include <stdint.h>

#define POOL_NONE	UINT32_MAX
#define POOL_CTRL_MAX	16
#define POOL_QUEUES	64

struct pool_slot {
	uint32_t next;		/* FREE: free list; else chain of the packet; POOL_NONE ends */
	uint8_t state;
	uint8_t queue;		/* of the last packet it headed */
	bool head;		/* first of its packet */
	bool was_head;		/* an earlier packet had its index as id */
	uint32_t turn;		/* how often it was taken */
};

struct pool {
	struct pool_slot *slot;
	uint32_t cnt;
	uint32_t ctrl;
	uint32_t free[2];	/* heads of the free lists: data, control */
	uint32_t free_cnt[2];
	uint32_t share;		/* most that one queue may hold of the data part */
	uint32_t held[POOL_QUEUES];	/* data sub-allocations not free, by queue */
	uint32_t packets[POOL_QUEUES];	/* SENT packets, by queue */
};

enum pool_verdict { POOL_OK, POOL_UNKNOWN, POOL_DOUBLE, POOL_WRONG_QUEUE };

/**
 * pool_init() - @cnt sub-allocations, all free, for one queue
 *
 * Return: 0 or -ENOMEM.
 */
int pool_init(struct pool *p, uint32_t cnt);

/** pool_free() - the memory of the pool; it has no sub-allocations then */
void pool_free(struct pool *p);

/** pool_set_queues() - divide the data part by @n queues */
void pool_set_queues(struct pool *p, unsigned int n);

/**
 * pool_get() - a free sub-allocation for @queue, HELD
 *
 * Return: its number, or POOL_NONE.
 */
uint32_t pool_get(struct pool *p, unsigned int queue, bool ctrl);

/**
 * pool_has() - is one free that @queue may have?
 *
 * Return: true if so.
 */
bool pool_has(const struct pool *p, unsigned int queue);

/** pool_link() - append @slot to the chain that ends in @last */
void pool_link(struct pool *p, uint32_t last, uint32_t slot);

/** pool_sent() - the chain from @head is the guest's now */
void pool_sent(struct pool *p, uint32_t head, unsigned int queue);

/** pool_put() - the chain from @head goes back unsent */
void pool_put(struct pool *p, uint32_t head, unsigned int queue);

/**
 * pool_turn() - how often @slot was taken: after another turn its bytes are another message's
 *
 * Return: that number, 0 for one that there is not.
 */
uint32_t pool_turn(const struct pool *p, uint32_t slot);

/**
 * pool_is_sent() - has the guest @slot?
 *
 * Return: true if so.
 */
bool pool_is_sent(const struct pool *p, uint32_t slot);

/** pool_complete() - the guest completed transaction @id on @queue; frees on POOL_OK */
enum pool_verdict pool_complete(struct pool *p, uint64_t id, unsigned int queue);

/**
 * pool_outstanding() - packets that the guest has not completed, of one queue or all (-1)
 *
 * Return: their number.
 */
uint32_t pool_outstanding(const struct pool *p, int queue);

#endif
