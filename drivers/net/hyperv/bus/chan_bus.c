// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room chan: what only hv_vmbus can do
 *
 * Promise: to open and close a channel, to share memory and to take it back ends
 * in bounded time, whatever the host does (R4, R70), and what the host may still
 * use is not freed before hv_vmbus has seen it end.
 *
 * Neighbours: chan_call.c makes the calls, one after the other for a channel. dev
 * decides when.
 *
 *	way up		netvsc_chan_open, netvsc_chan_share: a call each. One that is
 *			late ends the way up; what comes of it is taken back by
 *	way down	netvsc_chan_close: one call for all of it, in one order: the
 *			channels, then the buffers. Its memory is part of the
 *			attachment, so it cannot fail for lack of some.
 *
 * The way down of an attachment is queued behind whatever is late of its way up. If
 * it is late itself the attachment belongs to its worker, which frees it; the channel
 * is not opened again before (-EBUSY).
 *
 * A close that is late holds hv_vmbus' channel mutex: until the host answers, no
 * channel of the whole VM can be offered, closed or taken away. That is hv_vmbus'
 * design and cannot be mended here.
 *
 * Locks: those of chan_call.c.
 */
#include <linux/delay.h>
#include <linux/hyperv.h>
#include <linux/slab.h>

#include "bus/chan.h"
#include "bus/chan_call.h"
#include "bus/chan_ring.h"
#include "compat/buffer.h"
#include "netvsc.h"

/* How long the way down waits for the host, also when time is over. */
#define DOWN_FLOOR_MS	5000
/*
 * How long the bus may take to answer a question, also when time is over, and no longer.
 * It is two requests: one that answers each within three seconds is no silent one.
 */
#define BUS_FLOOR_MS	6000
/* hv_vmbus wants a little memory to take some back: tried again after so long. */
#define NO_MEMORY_MS	200

/* A call of the way up is allocated; a late one frees itself. */
static void chan_free_late_call(struct netvsc_call *call)
{
	kfree(call);
}

static struct netvsc_call *chan_new_call(struct netvsc_device *nvdev,
					 struct vmbus_channel *channel,
					 int (*run)(struct netvsc_call *call))
{
	struct netvsc_call *call = kzalloc(sizeof(*call), GFP_KERNEL);

	if (call)
		netvsc_call_init(call, nvdev, channel, run,
				 chan_free_late_call);
	return call;
}

/* Makes it and ends it; -ETIMEDOUT, also for a rescind that was not noticed: late. */
static int chan_make_call(struct netvsc_call *call)
{
	int err = netvsc_call_make(call, 0);

	if (err)
		return err;
	err = call->result;
	netvsc_call_end(call);
	kfree(call);
	return err;
}

/* ---- open ---- */

/*
 * The channel object outlives the driver that used it last: drop what that one
 * left, above all its table of request ids. hv_vmbus frees the table at each
 * close and forgets to forget it.
 */
static void chan_reset_channel(struct vmbus_channel *channel, bool hypercall)
{
	channel->rqstor_size = 0;
	channel->requestor.req_arr = NULL;
	channel->requestor.req_bitmap = NULL;
	channel->next_request_id_callback = NULL;
	channel->request_addr_callback = NULL;
	channel->max_pkt_size = NVSP_RX_PKT_MAX_BYTES;
	set_channel_read_mode(channel, HV_CALL_ISR);
	WRITE_ONCE(channel->low_latency, hypercall);
}

/* From here on no interrupt finds the queue. */
static void chan_clear_callback(struct vmbus_channel *channel)
{
	unsigned long flags;

	spin_lock_irqsave(&channel->sched_lock, flags);
	channel->onchannel_callback = NULL;
	spin_unlock_irqrestore(&channel->sched_lock, flags);
}

/*
 * A sub-channel that the host takes away while it is being opened: hv_vmbus leaves
 * it to the close of the primary to remove it, and that removes only what counts as
 * open. Left as it is, the close after the next one waits for an event that was used
 * up, for ever. So it counts as open, without rings and GPADL. If hv_vmbus has removed
 * it already this changes nothing: we hold the object.
 */
static void chan_defer_removal(struct vmbus_channel *channel)
{
	channel->ringbuffer_gpadlhandle.gpadl_handle = 0;
	channel->state = CHANNEL_OPENED_STATE;
}

static int chan_connect_rings(struct netvsc_call *call)
{
	struct vmbus_channel *channel = call->channel;
	int err;

	err = vmbus_connect_ring(channel, call->interrupt, call->q);
	if (err) {
		chan_clear_callback(channel);
		vmbus_free_ring(channel);
		if (channel->primary_channel && READ_ONCE(channel->rescind))
			chan_defer_removal(channel);
	}
	return err;
}

/*
 * The queue is there as long as its attachment is, which the call holds; but nobody
 * polls it. A sub-channel that opens after all is closed with its primary (R6).
 */
static void chan_connected_late(struct netvsc_call *call)
{
	chan_clear_callback(call->channel);
	kfree(call);
}

/* The rings are there; unless this succeeds they are not afterwards. */
static int chan_connect_queue(struct netvsc_queue *q,
			      void (*interrupt)(void *q))
{
	struct netvsc_call *call =
		chan_new_call(q->nvdev, q->channel, chan_connect_rings);

	if (!call) {
		vmbus_free_ring(q->channel);
		return -ENOMEM;
	}
	call->late = chan_connected_late;
	call->interrupt = interrupt;
	call->q = q;
	return chan_make_call(call);
}

/* Interrupts that came before found nobody, so NAPI looks once by itself. */
static void chan_start_reading(struct netvsc_queue *q)
{
	/* Pairs with netvsc_chan_ready(). */
	smp_store_release(&q->live, true);
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

int netvsc_chan_open(struct netvsc_queue *q, struct vmbus_channel *channel,
		     u32 pages, void (*interrupt)(void *q))
{
	u32 bytes;
	int err;

	if (netvsc_call_pending(channel))
		return -EBUSY;
	q->live = false;
	memset(q->slots, 0, q->slot_cnt * sizeof(*q->slots));
	err = netvsc_reqid_init(&q->ids, q->id_store,
				q->id_store + q->slot_cnt, q->slot_cnt);
	if (err)
		return err;
	netvsc_ack_init(&q->acks, q->ack_slots, NETVSC_ACK_CNT);

	/* The interrupt may come before the channel counts as open. */
	q->channel = channel;
	memset(&q->out, 0, sizeof(q->out));
	memset(&q->in, 0, sizeof(q->in));
	q->reaped = 0;
	chan_reset_channel(channel, q->nvdev->params.hypercall);
	for (;; pages /= 2) {
		/* Both rings are one allocation: 1 MB with 128 pages each. */
		bytes = PAGE_ALIGN(pages * NVSP_VMBUS_PAGE_BYTES);
		q->stop_bytes = bytes / 10;
		q->wake_bytes = bytes / 5;
		err = vmbus_alloc_ring(channel, bytes, bytes);
		if (!err)
			err = chan_connect_queue(q, interrupt);
		if (err != -ENOMEM || pages / 2 < NETVSC_CHAN_RING_PAGES_FLOOR)
			break;
	}
	if (!err)
		chan_start_reading(q);
	return err;
}

void netvsc_chan_clear_callback(struct netvsc_queue *q)
{
	if (q->channel)
		chan_clear_callback(q->channel);
}

/* ---- signals ---- */

bool netvsc_chan_has_monitor(const struct hv_device *hdev)
{
	return hdev->channel->offermsg.monitor_allocated;
}

/* Who is about to signal does it one way or the other: the host sees either. */
void netvsc_chan_set_hypercall(struct netvsc_device *nvdev, bool hypercall)
{
	u32 i;

	nvdev->params.hypercall = hypercall;
	for (i = 0; i < nvdev->num_open; i++)
		WRITE_ONCE(nvdev->queue_mem[i]->channel->low_latency,
			   hypercall);
}

/* ---- shared memory ---- */

int netvsc_chan_alloc_buffer(struct vmbus_channel *channel,
			     struct netvsc_buffer *buf, u32 bytes)
{
	buf->addr = vmbus_alloc_buffer(channel, bytes, &buf->chunks,
				       &buf->chunk_cnt);
	if (!buf->addr)
		return -ENOMEM;
	buf->bytes = bytes;
	return 0;
}

void netvsc_chan_free_buffer(struct netvsc_buffer *buf)
{
	vmbus_free_buffer(buf->addr, buf->chunks, buf->chunk_cnt);
	buf->addr = NULL;
	buf->chunks = NULL;
}

/* The memory may still be the host's: better lost than shared by accident. */
static void chan_leak_buffer(struct vmbus_channel *channel,
			     struct netvsc_buffer *buf)
{
	pr_warn(KBUILD_MODNAME ": channel %u: %u bytes leaked, the host still shares them\n",
		channel->offermsg.child_relid, buf->bytes);
	buf->addr = NULL;
	buf->chunks = NULL;
	buf->gpadl.gpadl_handle = 0;
}

static int chan_establish_gpadl(struct netvsc_call *call)
{
	struct netvsc_buffer *buf = call->buf;
	int err;

	memset(&buf->gpadl, 0, sizeof(buf->gpadl));
	err = vmbus_establish_gpadl_caller_decrypted(call->channel, buf->addr,
						     buf->bytes, &buf->gpadl);
	if (err && buf->gpadl.decrypted)
		chan_leak_buffer(call->channel, buf);
	return err;
}

int netvsc_chan_share(struct netvsc_device *nvdev, struct netvsc_buffer *buf)
{
	struct netvsc_call *call = chan_new_call(nvdev, nvdev->hdev->channel,
						 chan_establish_gpadl);

	if (!call)
		return -ENOMEM;
	call->buf = buf;
	return chan_make_call(call);
}

static void chan_teardown_gpadl(struct vmbus_channel *channel,
				struct netvsc_buffer *buf)
{
	int err;

	if (!buf->gpadl.gpadl_handle)
		return;
	/* Without the handle it was taken back, and what failed is to encrypt it. */
	while ((err = vmbus_teardown_gpadl(channel, &buf->gpadl)) == -ENOMEM &&
	       buf->gpadl.gpadl_handle)
		msleep(NO_MEMORY_MS);
	buf->gpadl.gpadl_handle = 0;
	if (err || buf->gpadl.decrypted)
		chan_leak_buffer(channel, buf);
}

/* ---- does the bus answer? ---- */

/**
 * struct chan_probe - a page that is shared and taken back at once
 * @call: the call that does it
 * @buf: the page
 */
struct chan_probe {
	struct netvsc_call call;
	struct netvsc_buffer buf;
};

static void chan_free_probe(struct chan_probe *probe)
{
	netvsc_chan_free_buffer(&probe->buf);
	kfree(probe);
}

static void chan_free_late_probe(struct netvsc_call *call)
{
	chan_free_probe(container_of(call, struct chan_probe, call));
}

static int chan_run_probe(struct netvsc_call *call)
{
	int err = chan_establish_gpadl(call);

	if (!err)
		chan_teardown_gpadl(call->channel, call->buf);
	return err;
}

static struct chan_probe *chan_new_probe(struct netvsc_device *nvdev)
{
	struct chan_probe *probe = kzalloc(sizeof(*probe), GFP_KERNEL);

	if (!probe)
		return NULL;
	if (netvsc_chan_alloc_buffer(nvdev->hdev->channel, &probe->buf,
				     PAGE_SIZE)) {
		kfree(probe);
		return NULL;
	}
	netvsc_call_init(&probe->call, nvdev, nvdev->hdev->channel,
			 chan_run_probe, chan_free_late_probe);
	probe->call.buf = &probe->buf;
	return probe;
}

/* It has its own time, whatever operation is running. */
static int chan_make_probe(struct chan_probe *probe)
{
	unsigned long end, limit = jiffies + msecs_to_jiffies(BUS_FLOOR_MS);
	struct net_device *ndev = probe->call.nvdev->ndev;
	struct netvsc_priv *priv = netdev_priv(ndev);
	int err;

	netvsc_chan_begin_op_most(ndev, BUS_FLOOR_MS);
	end = priv->op_end;
	if (time_before(limit, end))
		WRITE_ONCE(priv->op_end, limit);
	err = netvsc_call_make(&probe->call, BUS_FLOOR_MS);
	netvsc_chan_end_part(ndev, end);
	netvsc_chan_end_op(ndev);
	return err;
}

bool netvsc_chan_bus_answers(struct netvsc_device *nvdev)
{
	struct chan_probe *probe;
	int err;

	if (netvsc_call_pending(nvdev->hdev->channel))
		return false;
	probe = chan_new_probe(nvdev);
	if (!probe)
		return false;
	if (chan_make_probe(probe))
		return false;
	err = probe->call.result;
	netvsc_call_end(&probe->call);
	chan_free_probe(probe);
	/* A refusal is an answer, too. */
	return err != -ENOMEM && err != -ENODEV;
}

/* ---- the way down ---- */

/* Until 4.0 a host acknowledges a tear-down only before the channel closes. */
static bool chan_host_is_old(void)
{
	return vmbus_proto_version < VERSION_WIN10;
}

static int chan_run_close(struct netvsc_call *call)
{
	struct vmbus_channel *channel = call->channel;
	struct netvsc_device *nvdev = call->nvdev;

	if (chan_host_is_old()) {
		chan_teardown_gpadl(channel, &nvdev->recv);
		chan_teardown_gpadl(channel, &nvdev->send);
	}
	/* The sub-channels too, which cannot be closed one by one (R6). */
	vmbus_close(channel);
	chan_teardown_gpadl(channel, &nvdev->recv);
	chan_teardown_gpadl(channel, &nvdev->send);
	set_channel_read_mode(channel, HV_CALL_BATCHED);
	channel->low_latency = false;
	channel->max_pkt_size = 0;
	return 0;
}

int netvsc_chan_close(struct netvsc_device *nvdev)
{
	struct netvsc_call *call = &nvdev->close_call;
	int err;

	netvsc_call_init(call, nvdev, nvdev->hdev->channel,
			 chan_run_close, NULL);
	err = netvsc_call_make(call, DOWN_FLOOR_MS);
	if (!err)
		netvsc_call_end(call);
	return err;
}
