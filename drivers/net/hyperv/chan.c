// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room chan: channels, packets on them, memory shared over them
 *
 * Promise: the only room that calls hv_vmbus for traffic. Above it nobody knows
 * how a ring looks; what it hands up is a private copy with consistent lengths,
 * and a completion is believed only if its id is out.
 *
 * Neighbours: lib/reqid holds the ids. nvsp, rndis and tx send; poll reads; dev
 * opens and closes.
 *
 * States of a queue: allocated -> open -> allocated. It is open while
 * netvsc_queue.channel is set; who sends or reads has made sure of that: NAPI is
 * enabled before the opening and disabled before the closing, the stack's
 * queues are stopped around both.
 *
 * Locks: netvsc_queue.lock serializes the senders. It is taken with interrupts
 * off, because netconsole transmits in any context. Receiving needs no lock but
 * NAPI.
 */
#include <linux/delay.h>
#include <linux/hyperv.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "chan.h"
#include "netvsc.h"

/* How often a waiter looks whether the channel still exists. */
#define LOOK_MS		100
#define DRAIN_LOOK_MS	5

static void free_headers(struct netvsc_queue *q)
{
	unsigned int i;

	if (!q->headers)
		return;
	for (i = 0; i < NETVSC_HEADER_PAGES; i++)
		free_page((unsigned long)q->headers[i]);
	kfree(q->headers);
	q->headers = NULL;
}

static int alloc_headers(struct netvsc_queue *q)
{
	unsigned int i;

	q->headers = kcalloc(NETVSC_HEADER_PAGES, sizeof(*q->headers),
			     GFP_KERNEL);
	if (!q->headers)
		return -ENOMEM;
	for (i = 0; i < NETVSC_HEADER_PAGES; i++) {
		q->headers[i] = (void *)__get_free_page(GFP_KERNEL);
		if (!q->headers[i]) {
			free_headers(q);
			return -ENOMEM;
		}
	}
	return 0;
}

int netvsc_chan_alloc(struct netvsc_queue *q)
{
	spin_lock_init(&q->lock);
	q->slots = kvcalloc(NETVSC_SLOT_CNT, sizeof(*q->slots), GFP_KERNEL);
	q->id_store = kvcalloc(2 * NETVSC_SLOT_CNT, sizeof(*q->id_store),
			       GFP_KERNEL);
	q->ack_slots = kcalloc(NETVSC_ACK_CNT, sizeof(*q->ack_slots),
			       GFP_KERNEL);
	if (!q->slots || !q->id_store || !q->ack_slots || alloc_headers(q)) {
		netvsc_chan_free(q);
		return -ENOMEM;
	}
	return 0;
}

void netvsc_chan_free(struct netvsc_queue *q)
{
	free_headers(q);
	kfree(q->ack_slots);
	q->ack_slots = NULL;
	kvfree(q->id_store);
	q->id_store = NULL;
	kvfree(q->slots);
	q->slots = NULL;
}

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

int netvsc_chan_open(struct netvsc_queue *q, struct vmbus_channel *channel,
		     u32 pages, void (*interrupt)(void *q))
{
	u32 bytes;
	int err;

	memset(q->slots, 0, NETVSC_SLOT_CNT * sizeof(*q->slots));
	err = netvsc_reqid_init(&q->ids, q->id_store,
				q->id_store + NETVSC_SLOT_CNT, NETVSC_SLOT_CNT);
	if (err)
		return err;
	netvsc_ack_init(&q->acks, q->ack_slots, NETVSC_ACK_CNT);

	/* The interrupt may come before vmbus_open() returns. */
	q->channel = channel;
	memset(&q->out, 0, sizeof(q->out));
	memset(&q->in, 0, sizeof(q->in));
	prepare_channel(channel);
	for (;; pages /= 2) {
		/* Both rings are one allocation: 1 MB with 128 pages each. */
		bytes = PAGE_ALIGN(pages * NVSP_VMBUS_PAGE_BYTES);
		q->stop_bytes = bytes / 10;
		q->wake_bytes = bytes / 5;
		err = vmbus_open(channel, bytes, bytes, NULL, 0, interrupt, q);
		if (err != -ENOMEM || pages / 2 < NETVSC_CHAN_RING_PAGES_FLOOR)
			return err;
	}
}

void netvsc_chan_close(struct netvsc_queue *q)
{
	struct vmbus_channel *channel = q->channel;

	if (!channel)
		return;
	/*
	 * Also after an opening that failed: hv_vmbus keeps the callback then,
	 * and only a close takes it away. That of the primary closes all
	 * sub-channels, which cannot be closed one by one (R6).
	 */
	if (!channel->primary_channel)
		vmbus_close(channel);
	set_channel_read_mode(channel, HV_CALL_BATCHED);
	channel->max_pkt_size = 0;
	q->channel = NULL;
}

void netvsc_chan_listen(struct netvsc_device *nvdev,
			void (*offered)(struct vmbus_channel *channel))
{
	vmbus_set_sc_create_callback(nvdev->hdev->channel, offered);
}

void netvsc_chan_hold(struct vmbus_channel *channel)
{
	kobject_get(&channel->kobj);
}

void netvsc_chan_release(struct vmbus_channel *channel)
{
	kobject_put(&channel->kobj);
}

bool netvsc_chan_rescinded(const struct netvsc_device *nvdev)
{
	return READ_ONCE(nvdev->hdev->channel->rescind);
}

static unsigned long wait_limit(const struct netvsc_device *nvdev, u32 ms)
{
	return jiffies + msecs_to_jiffies(READ_ONCE(nvdev->mute) ?
					  NETVSC_CHAN_WAIT_SHORT_MS : ms);
}

int netvsc_chan_wait(struct netvsc_device *nvdev, struct completion *done)
{
	unsigned long limit = wait_limit(nvdev, NETVSC_CHAN_WAIT_MS);

	do {
		if (wait_for_completion_timeout(done,
						msecs_to_jiffies(LOOK_MS)))
			return 0;
		if (netvsc_chan_rescinded(nvdev))
			return -ENODEV;
	} while (time_before(jiffies, limit));

	WRITE_ONCE(nvdev->mute, true);
	return -ETIMEDOUT;
}

/* Everything that we wrote was read. */
static bool is_heard(const struct netvsc_queue *q)
{
	return READ_ONCE(q->channel->rescind) ||
	       !hv_get_bytes_to_read(&q->channel->outbound);
}

/* Everything that was written was read, in both directions. */
static bool is_drained(const struct netvsc_queue *q)
{
	/* A sub-channel taken away alone: nobody reads there any more. */
	if (READ_ONCE(q->channel->rescind))
		return true;
	return !READ_ONCE(q->acks.cnt) &&
	       !hv_get_bytes_to_read(&q->channel->inbound) &&
	       !hv_get_bytes_to_read(&q->channel->outbound);
}

/* And everything that was asked for was done. */
static bool is_idle(const struct netvsc_queue *q)
{
	if (READ_ONCE(q->channel->rescind))
		return true;
	/* Who asked for a path has waited for the answer as long as it may. */
	return is_drained(q) &&
	       netvsc_reqid_busy(&q->ids) <=
	       (q->index ? 0 : atomic_read(&q->nvdev->paths_asked));
}

static bool all_are(const struct netvsc_device *nvdev, u32 first,
		    bool (*is)(const struct netvsc_queue *q))
{
	u32 i;

	for (i = first; i < nvdev->num_open; i++)
		if (!is(nvdev->queue_mem[i]))
			return false;
	return true;
}

/* One limit for all of them. */
static int wait_until(struct netvsc_device *nvdev, u32 first,
		      bool (*is)(const struct netvsc_queue *q))
{
	unsigned long limit = wait_limit(nvdev, NETVSC_CHAN_DRAIN_MS);

	while (!all_are(nvdev, first, is)) {
		if (netvsc_chan_rescinded(nvdev))
			return -ENODEV;
		if (time_after(jiffies, limit)) {
			WRITE_ONCE(nvdev->mute, true);
			return -ETIMEDOUT;
		}
		msleep(DRAIN_LOOK_MS);
	}
	return 0;
}

int netvsc_chan_wait_heard(struct netvsc_device *nvdev)
{
	return wait_until(nvdev, 0, is_heard);
}

int netvsc_chan_wait_drained(struct netvsc_device *nvdev, u32 first)
{
	return wait_until(nvdev, first, is_drained);
}

int netvsc_chan_wait_idle(struct netvsc_device *nvdev)
{
	return wait_until(nvdev, 0, is_idle);
}

void netvsc_chan_state(const struct netvsc_queue *q,
		       struct netvsc_chan_state *state)
{
	state->requests = netvsc_reqid_busy(&q->ids);
	state->owed = READ_ONCE(q->acks.cnt);
	state->out_bytes = hv_get_bytes_to_read(&q->channel->outbound);
	state->in_bytes = hv_get_bytes_to_read(&q->channel->inbound);
	state->rescinded = READ_ONCE(q->channel->rescind);
}

void netvsc_chan_kick(struct netvsc_queue *q)
{
	if (!READ_ONCE(q->channel->rescind))
		vmbus_setevent(q->channel);
	napi_schedule(&q->napi);
}

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

int netvsc_chan_share(struct netvsc_device *nvdev, struct netvsc_buffer *buf)
{
	int err;

	buf->gpadl.gpadl_handle = 0;
	err = vmbus_establish_gpadl(nvdev->hdev->channel, buf->addr, buf->bytes,
				    &buf->gpadl);
	if (err && buf->gpadl.decrypted)
		leave_behind(nvdev, buf);
	return err;
}

void netvsc_chan_unshare(struct netvsc_device *nvdev, struct netvsc_buffer *buf)
{
	int err;

	if (!buf->gpadl.gpadl_handle)
		return;
	err = vmbus_teardown_gpadl(nvdev->hdev->channel, &buf->gpadl);
	buf->gpadl.gpadl_handle = 0;
	if (err || buf->gpadl.decrypted)
		leave_behind(nvdev, buf);
}
