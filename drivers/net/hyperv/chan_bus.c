// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room chan, fourth file: what only the bus can do
 *
 * Promise: to open and close a channel, to share memory and to take it back ends
 * in bounded time, whatever the host does (R4, R70).
 *
 * Neighbours: see chan.c, which this file belongs to. hv_vmbus asks the host and
 * waits for the answer as long as it takes, and our caller holds RTNL. So a thread
 * goes into hv_vmbus, and the caller waits for the thread, not longer than for any
 * other answer:
 *
 *	caller: call_bus() ---- waits, with a limit ---> result
 *	              \                   \
 *	               \                   `-- limit: -ETIMEDOUT, the call is late
 *	thread:         `-- call->what() ......... the host answers -- call->late()
 *
 * States of a call: out -> over, and the caller owns it again; or out -> late: all
 * that the host may still use, memory, rings, channel object, belongs to the thread
 * from then on, which gives it back when the answer has come. It also holds the
 * module: rmmod is refused before that; if it has begun already, it waits.
 *
 * A channel with a late call is in a state that nobody knows: it is not opened again
 * until the call is over (-EBUSY).
 *
 * Locks: late_lock decides whether a call is over or late, and guards the list of
 * the late ones.
 */
#include <linux/delay.h>
#include <linux/hyperv.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "chan.h"
#include "netvsc.h"

/**
 * struct bus_call - something that the bus does for us
 * @what: in the thread; what it returns is the caller's result
 * @late: in the thread, instead of handing the result over: undo it, free things;
 *	NULL: there is nothing to do
 * @entry: among the late ones
 * @done: the thread is through
 * @is_over: the result is there
 * @is_late: nobody waits for it any more
 * @result: 0 or errno of hv_vmbus
 * @channel: held
 * @interrupt: of an opening
 * @q: of an opening, for @interrupt
 * @addr: of shared memory
 * @bytes: of shared memory
 * @gpadl: of shared memory
 */
struct bus_call {
	int (*what)(struct bus_call *call);
	void (*late)(struct bus_call *call);
	struct list_head entry;
	struct completion done;
	bool is_over;
	bool is_late;
	int result;
	struct vmbus_channel *channel;
	void (*interrupt)(void *q);
	struct netvsc_queue *q;
	u8 *addr;
	u32 bytes;
	struct vmbus_gpadl gpadl;
};

static DEFINE_SPINLOCK(late_lock);
static LIST_HEAD(late_calls);

/* Threads that were started, and one completion for each that left our code. */
static atomic_t started;
static DECLARE_COMPLETION(gone);

static bool has_late_call(const struct vmbus_channel *channel)
{
	struct bus_call *call;
	bool has = false;

	spin_lock(&late_lock);
	list_for_each_entry(call, &late_calls, entry)
		has |= call->channel == channel;
	spin_unlock(&late_lock);
	return has;
}

/* In the probe of the device its first channel is no kobject yet. */
static void hold(struct vmbus_channel *channel)
{
	if (channel->primary_channel)
		netvsc_chan_hold(channel);
	else
		get_device(&channel->device_obj->device);
}

static void release(struct vmbus_channel *channel)
{
	if (channel->primary_channel)
		netvsc_chan_release(channel);
	else
		put_device(&channel->device_obj->device);
}

static struct bus_call *new_call(struct vmbus_channel *channel,
				 int (*what)(struct bus_call *call),
				 void (*late)(struct bus_call *call))
{
	struct bus_call *call = kzalloc(sizeof(*call), GFP_KERNEL);

	if (!call)
		return NULL;
	call->what = what;
	call->late = late;
	init_completion(&call->done);
	hold(channel);
	call->channel = channel;
	return call;
}

static void free_call(struct bus_call *call)
{
	release(call->channel);
	kfree(call);
}

static int thread(void *data)
{
	struct bus_call *call = data;
	bool late;

	call->result = call->what(call);
	spin_lock(&late_lock);
	late = call->is_late;
	call->is_over = true;
	/* Unless it is late, the call is gone after this. */
	complete(&call->done);
	spin_unlock(&late_lock);
	if (late) {
		if (call->late)
			call->late(call);
		spin_lock(&late_lock);
		list_del(&call->entry);
		spin_unlock(&late_lock);
		free_call(call);
	}
	module_put(THIS_MODULE);
	kthread_complete_and_exit(&gone, 0);
}

static bool is_waited_for(struct netvsc_device *nvdev, struct bus_call *call)
{
	int err = netvsc_chan_wait(nvdev, &call->done);

	/* A rescind ends the wait of hv_vmbus as well, which has to tidy up. */
	if (err == -ENODEV &&
	    wait_for_completion_timeout(&call->done,
					msecs_to_jiffies(NETVSC_CHAN_WAIT_SHORT_MS)))
		err = 0;
	return !err;
}

/* True: the call is over, and the caller's. False: it is late, do not touch it. */
static bool call_bus(struct netvsc_device *nvdev, struct bus_call *call)
{
	bool late;

	__module_get(THIS_MODULE);
	if (IS_ERR(kthread_run(thread, call, "hv_netvsc/bus"))) {
		/* Short of memory, or the caller is being killed. */
		module_put(THIS_MODULE);
		call->result = call->what(call);
		return true;
	}
	atomic_inc(&started);
	if (is_waited_for(nvdev, call))
		return true;
	spin_lock(&late_lock);
	late = !call->is_over;
	if (late) {
		call->is_late = true;
		list_add(&call->entry, &late_calls);
	}
	spin_unlock(&late_lock);
	return !late;
}

DEFINE_STATIC_KEY_FALSE(netvsc_chan_isolated_key);

void netvsc_chan_begin_module(bool isolated)
{
	if (isolated)
		static_branch_enable(&netvsc_chan_isolated_key);
}

void netvsc_chan_end_module(void)
{
	int left = atomic_read(&started);

	while (left)
		if (wait_for_completion_timeout(&gone, msecs_to_jiffies(NETVSC_CHAN_WAIT_MS)))
			left--;
		else
			pr_notice(KBUILD_MODNAME ": waiting for the host, %d requests\n", left);
}

/* ---- open and close ---- */

/*
 * The channel object outlives the driver that used it last: drop what that one
 * left, above all its table of request ids. hv_vmbus frees the table at each
 * close and forgets to forget it.
 */
static void prepare_channel(struct vmbus_channel *channel)
{
	channel->rqstor_size = 0;
	channel->requestor.req_arr = NULL;
	channel->requestor.req_bitmap = NULL;
	channel->next_request_id_callback = NULL;
	channel->request_addr_callback = NULL;
	channel->max_pkt_size = NVSP_RX_PKT_MAX_BYTES;
	set_channel_read_mode(channel, HV_CALL_ISR);
}

static int connect_rings(struct bus_call *call)
{
	return vmbus_connect_ring(call->channel, call->interrupt, call->q);
}

static void connected_late(struct bus_call *call)
{
	if (call->result)
		vmbus_free_ring(call->channel);
	else if (!call->channel->primary_channel)
		vmbus_close(call->channel);
	/* A sub-channel closes with its primary (R6). */
}

static void take_callback_away(struct vmbus_channel *channel)
{
	unsigned long flags;

	spin_lock_irqsave(&channel->sched_lock, flags);
	channel->onchannel_callback = NULL;
	spin_unlock_irqrestore(&channel->sched_lock, flags);
}

/*
 * The queue is not the late call's: from here on no interrupt finds it. The thread
 * needs nothing from the host until hv_vmbus has the callback.
 */
static void forget_queue(struct vmbus_channel *channel,
			 void (*interrupt)(void *q))
{
	while (READ_ONCE(channel->onchannel_callback) != interrupt &&
	       has_late_call(channel))
		usleep_range(1000, 2000);
	take_callback_away(channel);
}

/* The rings are there; unless this succeeds they are not afterwards. */
static int connect(struct netvsc_queue *q, void (*interrupt)(void *q))
{
	struct vmbus_channel *channel = q->channel;
	struct bus_call *call;
	int err;

	call = new_call(channel, connect_rings, connected_late);
	if (!call) {
		vmbus_free_ring(channel);
		return -ENOMEM;
	}
	call->interrupt = interrupt;
	call->q = q;
	take_callback_away(channel);
	if (!call_bus(q->nvdev, call)) {
		forget_queue(channel, interrupt);
		return -ETIMEDOUT;
	}
	err = call->result;
	if (err)
		vmbus_free_ring(channel);
	free_call(call);
	return err;
}

int netvsc_chan_open(struct netvsc_queue *q, struct vmbus_channel *channel,
		     u32 pages, void (*interrupt)(void *q))
{
	u32 bytes;
	int err;

	if (has_late_call(channel))
		return -EBUSY;
	memset(q->slots, 0, NETVSC_SLOT_CNT * sizeof(*q->slots));
	err = netvsc_reqid_init(&q->ids, q->id_store,
				q->id_store + NETVSC_SLOT_CNT, NETVSC_SLOT_CNT);
	if (err)
		return err;
	netvsc_ack_init(&q->acks, q->ack_slots, NETVSC_ACK_CNT);

	/* The interrupt may come before the channel counts as open. */
	q->channel = channel;
	memset(&q->out, 0, sizeof(q->out));
	memset(&q->in, 0, sizeof(q->in));
	prepare_channel(channel);
	for (;; pages /= 2) {
		/* Both rings are one allocation: 1 MB with 128 pages each. */
		bytes = PAGE_ALIGN(pages * NVSP_VMBUS_PAGE_BYTES);
		q->stop_bytes = bytes / 10;
		q->wake_bytes = bytes / 5;
		err = vmbus_alloc_ring(channel, bytes, bytes);
		if (!err)
			err = connect(q, interrupt);
		if (err != -ENOMEM || pages / 2 < NETVSC_CHAN_RING_PAGES_FLOOR)
			return err;
	}
}

static int disconnect_rings(struct bus_call *call)
{
	vmbus_close(call->channel);
	return 0;
}

/*
 * Also after an opening that failed: hv_vmbus keeps the callback then, and only a
 * close takes it away. That of the primary closes all sub-channels, which cannot be
 * closed one by one (R6).
 */
static void disconnect(struct netvsc_queue *q)
{
	struct vmbus_channel *channel = q->channel;
	struct bus_call *call;

	/* hv_vmbus itself frees the rings, whenever that is. */
	call = new_call(channel, disconnect_rings, NULL);
	if (!call)
		vmbus_close(channel);
	else if (call_bus(q->nvdev, call))
		free_call(call);
	else
		netdev_warn(q->ndev, "channel stays with the host\n");
}

void netvsc_chan_close(struct netvsc_queue *q)
{
	struct vmbus_channel *channel = q->channel;

	if (!channel)
		return;
	if (!channel->primary_channel)
		disconnect(q);
	set_channel_read_mode(channel, HV_CALL_BATCHED);
	channel->max_pkt_size = 0;
	q->channel = NULL;
}

/* ---- shared memory ---- */

int netvsc_chan_alloc_buffer(struct netvsc_buffer *buf, u32 bytes)
{
	buf->addr = vzalloc(bytes);
	if (!buf->addr)
		return -ENOMEM;
	buf->bytes = bytes;
	return 0;
}

void netvsc_chan_free_buffer(struct netvsc_buffer *buf)
{
	vfree(buf->addr);
	buf->addr = NULL;
}

/* The memory may still be the host's: better lost than shared by accident. */
static void leave_behind(struct netvsc_device *nvdev, struct netvsc_buffer *buf)
{
	netdev_warn(nvdev->ndev, "%u bytes stay with the host\n", buf->bytes);
	buf->addr = NULL;
	buf->gpadl.gpadl_handle = 0;
}

static int establish(struct bus_call *call)
{
	return vmbus_establish_gpadl(call->channel, call->addr, call->bytes,
				     &call->gpadl);
}

static int tear_down(struct bus_call *call)
{
	return vmbus_teardown_gpadl(call->channel, &call->gpadl);
}

static void torn_down_late(struct bus_call *call)
{
	if (!call->result && !call->gpadl.decrypted)
		vfree(call->addr);
}

static void established_late(struct bus_call *call)
{
	/* Refused: there is nothing to tear down. */
	if (!call->result)
		call->result = tear_down(call);
	else if (!call->gpadl.decrypted)
		call->result = 0;
	torn_down_late(call);
}

/* -ETIMEDOUT: the memory is not the buffer's any more. */
static int call_for_buffer(struct netvsc_device *nvdev,
			   struct netvsc_buffer *buf, struct bus_call *call)
{
	int err;

	if (!call)
		return -ENOMEM;
	call->addr = buf->addr;
	call->bytes = buf->bytes;
	call->gpadl = buf->gpadl;
	if (!call_bus(nvdev, call)) {
		leave_behind(nvdev, buf);
		return -ETIMEDOUT;
	}
	buf->gpadl = call->gpadl;
	err = call->result;
	free_call(call);
	return err;
}

int netvsc_chan_share(struct netvsc_device *nvdev, struct netvsc_buffer *buf)
{
	int err;

	memset(&buf->gpadl, 0, sizeof(buf->gpadl));
	err = call_for_buffer(nvdev, buf, new_call(nvdev->hdev->channel,
						   establish, established_late));
	if (err && buf->gpadl.decrypted)
		leave_behind(nvdev, buf);
	return err;
}

void netvsc_chan_unshare(struct netvsc_device *nvdev, struct netvsc_buffer *buf)
{
	int err;

	if (!buf->gpadl.gpadl_handle)
		return;
	err = call_for_buffer(nvdev, buf, new_call(nvdev->hdev->channel,
						   tear_down, torn_down_late));
	buf->gpadl.gpadl_handle = 0;
	if (buf->addr && (err || buf->gpadl.decrypted))
		leave_behind(nvdev, buf);
}
