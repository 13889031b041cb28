// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room chan: calls of hv_vmbus that may never return
 *
 * Promise: whoever asks hv_vmbus for something has an answer in bounded time. What
 * was given up on still happens, whenever the host answers: until then all that it
 * uses stays where it is, and afterwards it is freed, once.
 *
 * Neighbours: chan_bus.c says what is to be done. hv_vmbus asks the host and waits
 * as long as it takes, with our caller holding RTNL. So a worker goes into hv_vmbus,
 * and the caller waits for the worker, not longer than for any other answer:
 *
 *	caller: make ---- waits, with a limit ----> result
 *	            \                 \
 *	             \                 `-- limit: the call is late
 *	worker:       `-- run() ............ the host answers -- late(), put
 *
 * States of a call: out -> over, and it is the caller's again; or out -> late, and
 * it is the worker's for good. A call holds a reference on its attachment
 * (netvsc_device) from beginning to end, so a late one keeps queues, buffers, skbs
 * and rings alive. It holds the channel object and the module too: rmmod is refused
 * meanwhile; one that has begun already waits.
 *
 * Calls of one channel run in the order in which they were made, one at a time. When
 * a channel is rescinded hv_vmbus completes one waiter of it and no other: a second
 * one would wait until reboot. So what follows a late call is late as well.
 *
 * The workers exist already, and one is kept for when there is no memory for more.
 * A caller that is being killed, or a failed allocation, changes nothing.
 *
 * Locks: calls_lock guards the list and decides between over and late.
 */
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/wait.h>

#include "chan.h"
#include "chan_call.h"
#include "netvsc.h"

static DEFINE_SPINLOCK(calls_lock);
static LIST_HEAD(calls);
static DECLARE_WAIT_QUEUE_HEAD(calls_ended);
static struct workqueue_struct *calls_wq;

/* During the probe of a device its first channel is not a kobject yet. */
static void hold_channel(struct vmbus_channel *channel)
{
	if (channel->primary_channel)
		netvsc_chan_hold(channel);
	else
		get_device(&channel->device_obj->device);
}

static void release_channel(struct vmbus_channel *channel)
{
	if (channel->primary_channel)
		netvsc_chan_release(channel);
	else
		put_device(&channel->device_obj->device);
}

/* The oldest call of a channel, which is the one that runs. */
static struct netvsc_call *first_call(const struct vmbus_channel *channel)
{
	struct netvsc_call *call;

	lockdep_assert_held(&calls_lock);
	list_for_each_entry(call, &calls, entry)
		if (call->channel == channel)
			return call;
	return NULL;
}

bool netvsc_call_pending(const struct vmbus_channel *channel)
{
	bool pending;

	spin_lock(&calls_lock);
	pending = first_call(channel);
	spin_unlock(&calls_lock);
	return pending;
}

static void start_next(const struct vmbus_channel *channel)
{
	struct netvsc_call *next = first_call(channel);

	if (next)
		queue_work(calls_wq, &next->work);
}

static void run_call(struct work_struct *work)
{
	struct netvsc_call *call = container_of(work, struct netvsc_call, work);
	struct vmbus_channel *channel = call->channel;
	struct netvsc_device *nvdev = call->nvdev;
	bool late;

	call->result = call->run(call);
	spin_lock(&calls_lock);
	late = call->is_late;
	list_del_init(&call->entry);
	start_next(channel);
	/* Unless it is late, the call may be gone after this. */
	complete(&call->done);
	spin_unlock(&calls_lock);
	if (late) {
		if (call->late)
			call->late(call);
		/* This may free the call. */
		netvsc_chan_put_device(nvdev);
		release_channel(channel);
	}
	wake_up_all(&calls_ended);
	module_put(THIS_MODULE);
}

void netvsc_call_init(struct netvsc_call *call, struct netvsc_device *nvdev,
		      struct vmbus_channel *channel,
		      int (*run)(struct netvsc_call *call),
		      void (*late)(struct netvsc_call *call))
{
	memset(call, 0, sizeof(*call));
	INIT_WORK(&call->work, run_call);
	INIT_LIST_HEAD(&call->entry);
	init_completion(&call->done);
	call->run = run;
	call->late = late;
	call->channel = channel;
	call->nvdev = nvdev;
	hold_channel(channel);
	netvsc_chan_get_device(nvdev);
}

void netvsc_call_end(struct netvsc_call *call)
{
	struct vmbus_channel *channel = call->channel;

	netvsc_chan_put_device(call->nvdev);
	release_channel(channel);
}

static int wait_for_call(struct netvsc_call *call, unsigned int floor_ms)
{
	int err = netvsc_chan_wait_floor(call->nvdev, &call->done, floor_ms);

	/* A rescind ends the wait of hv_vmbus as well, which has to tidy up. */
	if (err == -ENODEV &&
	    wait_for_completion_timeout(&call->done,
					msecs_to_jiffies(NETVSC_CHAN_WAIT_SHORT_MS)))
		err = 0;
	return err;
}

int netvsc_call_make(struct netvsc_call *call, unsigned int floor_ms)
{
	bool first;
	int err;

	__module_get(THIS_MODULE);
	spin_lock(&calls_lock);
	first = !first_call(call->channel);
	list_add_tail(&call->entry, &calls);
	if (first)
		queue_work(calls_wq, &call->work);
	spin_unlock(&calls_lock);

	err = wait_for_call(call, floor_ms);
	if (!err)
		return 0;
	spin_lock(&calls_lock);
	/* Its end may have come after the last look. */
	if (list_empty(&call->entry))
		err = 0;
	else
		call->is_late = true;
	spin_unlock(&calls_lock);
	return err;
}

bool netvsc_call_none(void)
{
	bool none;

	spin_lock(&calls_lock);
	none = list_empty(&calls);
	spin_unlock(&calls_lock);
	return none;
}

DEFINE_STATIC_KEY_FALSE(netvsc_chan_isolated_key);

int netvsc_chan_begin_module(bool isolated)
{
	calls_wq = alloc_workqueue("hv_netvsc_bus",
				   WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!calls_wq)
		return -ENOMEM;
	if (isolated)
		static_branch_enable(&netvsc_chan_isolated_key);
	return 0;
}

void netvsc_chan_end_module(void)
{
	while (!wait_event_timeout(calls_ended, netvsc_call_none(),
				   msecs_to_jiffies(NETVSC_CHAN_WAIT_MS)))
		pr_notice(KBUILD_MODNAME ": waiting for the host to answer\n");
	/* Waits for the workers to leave our code. */
	destroy_workqueue(calls_wq);
}
