/* SPDX-License-Identifier: GPL-2.0 */
/* Room chan: calls of hv_vmbus that may never return; for chan_bus.c and chan_call.c. */
#ifndef _NETVSC_CHAN_CALL_H
#define _NETVSC_CHAN_CALL_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct netvsc_buffer;
struct netvsc_device;
struct netvsc_queue;
struct vmbus_channel;

/**
 * struct netvsc_call - something that hv_vmbus does for us
 * @work: runs @run
 * @entry: L, in the list of all calls, in the order in which they were made
 * @done: the result is there
 * @run: in the worker; what it returns is the result
 * @late: in the worker, after @run, if nobody waits any more; may be NULL. The
 *	call may be freed by it
 * @nvdev: I, with a reference: all that @run uses belongs to it
 * @channel: I, held
 * @is_late: L, the caller has given up, all of it is the worker's
 * @result: what @run returned
 * @interrupt: I, of an opening
 * @q: I, of an opening
 * @buf: I, of sharing memory
 *
 * L is a lock in chan_call.c, one for all interfaces.
 */
struct netvsc_call {
	struct work_struct work;
	struct list_head entry;
	struct completion done;
	int (*run)(struct netvsc_call *call);
	void (*late)(struct netvsc_call *call);
	struct netvsc_device *nvdev;
	struct vmbus_channel *channel;
	bool is_late;
	int result;
	void (*interrupt)(void *q);
	struct netvsc_queue *q;
	struct netvsc_buffer *buf;
};

/**
 * netvsc_call_init() - prepare a call
 * @call: the call, zeroed
 * @nvdev: whose; a reference is taken
 * @channel: what it is about; held from now on
 * @run: see struct netvsc_call
 * @late: likewise
 *
 * Allocates nothing. netvsc_call_end() undoes it, netvsc_call_make() may.
 */
void netvsc_call_init(struct netvsc_call *call, struct netvsc_device *nvdev,
		      struct vmbus_channel *channel,
		      int (*run)(struct netvsc_call *call),
		      void (*late)(struct netvsc_call *call));

/**
 * netvsc_call_make() - have it done, and wait for it
 * @call: from netvsc_call_init()
 * @floor_ms: wait so long at least, also when the operation's time is over
 *
 * The calls of a channel are done one after the other: hv_vmbus wakes one waiter
 * only when the host takes a channel away.
 *
 * Context: RTNL, sleeps as long as netvsc_chan_wait().
 * Return: 0: it is over, @call->result is valid and netvsc_call_end() is owed;
 * -ETIMEDOUT, -ENODEV: it is late. Whatever it uses, the call itself included,
 * is the worker's from now on.
 */
int netvsc_call_make(struct netvsc_call *call, unsigned int floor_ms);

/**
 * netvsc_call_end() - undo netvsc_call_init()
 * @call: not being made; may be freed afterwards
 */
void netvsc_call_end(struct netvsc_call *call);

/**
 * netvsc_call_pending() - is the host still to answer a call for this channel?
 * @channel: the channel
 *
 * Return: true: a call that is late is still out.
 */
bool netvsc_call_pending(const struct vmbus_channel *channel);

/**
 * netvsc_call_none() - is nothing out, for no interface?
 *
 * Under RTNL what is out is late.
 *
 * Return: true: none is out.
 */
bool netvsc_call_none(void);

#endif /* _NETVSC_CHAN_CALL_H */
