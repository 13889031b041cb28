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
 * Locks: call_list_lock guards the list and decides between over and late.
 */
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/wait.h>

#include "bus/chan.h"
#include "bus/chan_call.h"
#include "netvsc.h"

static DEFINE_SPINLOCK(call_list_lock);
static LIST_HEAD(call_list);
static DECLARE_WAIT_QUEUE_HEAD(call_end_queue);
static struct workqueue_struct *call_workqueue;

/* During the probe of a device its first channel is not a kobject yet. */
static void call_hold_channel(struct vmbus_channel *channel)
{
	if (channel->primary_channel)
		netvsc_chan_hold(channel);
	else
		get_device(&channel->device_obj->device);
}

static void call_release_channel(struct vmbus_channel *channel)
{
	if (channel->primary_channel)
		netvsc_chan_release(channel);
	else
		put_device(&channel->device_obj->device);
}

/* The oldest call of a channel, which is the one that runs. */
static struct netvsc_call *
call_first_pending(const struct vmbus_channel *channel)
{
	struct netvsc_call *call;

	lockdep_assert_held(&call_list_lock);
	list_for_each_entry(call, &call_list, entry)
		if (call->channel == channel)
			return call;
	return NULL;
}

bool netvsc_call_pending(const struct vmbus_channel *channel)
{
	bool pending;

	spin_lock(&call_list_lock);
	pending = call_first_pending(channel);
	spin_unlock(&call_list_lock);
	return pending;
}

static void call_start_next(const struct vmbus_channel *channel)
{
	struct netvsc_call *next = call_first_pending(channel);

	if (next)
		queue_work(call_workqueue, &next->work);
}

static void call_run_work(struct work_struct *work)
{
	struct netvsc_call *call = container_of(work, struct netvsc_call, work);
	struct vmbus_channel *channel = call->channel;
	struct netvsc_device *nvdev = call->nvdev;
	bool late;

	call->result = call->run(call);
	spin_lock(&call_list_lock);
	late = call->is_late;
	list_del_init(&call->entry);
	call_start_next(channel);
	/* Unless it is late, the call may be gone after this. */
	complete(&call->done);
	spin_unlock(&call_list_lock);
	if (late) {
		if (call->late)
			call->late(call);
		/* This may free the call. */
		netvsc_chan_put_device(nvdev);
		call_release_channel(channel);
	}
	wake_up_all(&call_end_queue);
	module_put(THIS_MODULE);
}

void netvsc_call_init(struct netvsc_call *call, struct netvsc_device *nvdev,
		      struct vmbus_channel *channel,
		      int (*run)(struct netvsc_call *call),
		      void (*late)(struct netvsc_call *call))
{
	memset(call, 0, sizeof(*call));
	INIT_WORK(&call->work, call_run_work);
	INIT_LIST_HEAD(&call->entry);
	init_completion(&call->done);
	call->run = run;
	call->late = late;
	call->channel = channel;
	call->nvdev = nvdev;
	call_hold_channel(channel);
	netvsc_chan_get_device(nvdev);
}

void netvsc_call_end(struct netvsc_call *call)
{
	struct vmbus_channel *channel = call->channel;

	netvsc_chan_put_device(call->nvdev);
	call_release_channel(channel);
}

static int call_wait_done(struct netvsc_call *call, unsigned int floor_ms)
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
	spin_lock(&call_list_lock);
	first = !call_first_pending(call->channel);
	list_add_tail(&call->entry, &call_list);
	if (first)
		queue_work(call_workqueue, &call->work);
	spin_unlock(&call_list_lock);

	err = call_wait_done(call, floor_ms);
	if (!err)
		return 0;
	spin_lock(&call_list_lock);
	/* Its end may have come after the last look. */
	if (list_empty(&call->entry))
		err = 0;
	else
		call->is_late = true;
	spin_unlock(&call_list_lock);
	return err;
}

bool netvsc_call_none(void)
{
	bool none;

	spin_lock(&call_list_lock);
	none = list_empty(&call_list);
	spin_unlock(&call_list_lock);
	return none;
}

DEFINE_STATIC_KEY_FALSE(netvsc_chan_isolated_key);

int netvsc_chan_begin_module(bool isolated)
{
	call_workqueue = alloc_workqueue("hv_netvsc_bus",
					 WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!call_workqueue)
		return -ENOMEM;
	if (isolated)
		static_branch_enable(&netvsc_chan_isolated_key);
	return 0;
}

void netvsc_chan_end_module(void)
{
	while (!wait_event_timeout(call_end_queue, netvsc_call_none(),
				   msecs_to_jiffies(NETVSC_CHAN_WAIT_MS)))
		pr_notice(KBUILD_MODNAME ": waiting for the host to answer\n");
	/* Waits for the workers to leave our code. */
	destroy_workqueue(call_workqueue);
}
