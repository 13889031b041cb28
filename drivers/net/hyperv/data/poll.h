/* SPDX-License-Identifier: GPL-2.0 */
/* Room poll: NAPI; the loop on top of the packet path. */
#ifndef _NETVSC_POLL_H
#define _NETVSC_POLL_H

struct napi_struct;
struct netvsc_queue;

/**
 * netvsc_poll_interrupt() - the host signals
 * @context: the queue
 *
 * Context: interrupt.
 */
void netvsc_poll_interrupt(void *context);

/**
 * netvsc_poll_start() - from here on the queue is polled
 * @q: the queue, its channel not open yet (R3)
 *
 * Context: RTNL.
 */
void netvsc_poll_start(struct netvsc_queue *q);

/**
 * netvsc_poll_stop() - the queue is not polled any more
 * @q: the queue, its channel still open
 *
 * Context: RTNL, sleeps.
 */
void netvsc_poll_stop(struct netvsc_queue *q);

#endif /* _NETVSC_POLL_H */
