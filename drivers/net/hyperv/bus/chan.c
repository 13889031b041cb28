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
 * netvsc_queue.channel is set; senders and readers have made sure of that: NAPI is
 * enabled before the opening and disabled before the closing, the stack's
 * queues are stopped around both (chan_bus.c).
 *
 * Locks: netvsc_queue.lock serializes the senders. It is taken with interrupts
 * off, because netconsole transmits in any context. Receiving needs no lock but
 * NAPI.
 */
#include <linux/delay.h>
#include <linux/hyperv.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "bus/chan.h"
#include "bus/chan_ring.h"
#include "lib/sizing.h"
#include "netvsc.h"

/* How often a waiter looks whether the channel still exists. */
#define LOOK_MS		100
/* For all that one operation waits for. */
#define OP_MS		30000
#define DRAIN_LOOK_MS	5

static u32 chan_header_pages(const struct netvsc_queue *q)
{
	return DIV_ROUND_UP(q->slot_cnt, NETVSC_HEADERS_PER_PAGE);
}

static void chan_free_headers(struct netvsc_queue *q)
{
	unsigned int i;

	if (!q->headers)
		return;
	for (i = 0; i < chan_header_pages(q); i++)
		free_page((unsigned long)q->headers[i]);
	kfree(q->headers);
	q->headers = NULL;
}

bool netvsc_chan_add_headers(struct netvsc_queue *q, u32 slot)
{
	void **page = &q->headers[slot / NETVSC_HEADERS_PER_PAGE];

	lockdep_assert_held(&q->lock);
	*page = (void *)__get_free_page(GFP_ATOMIC | __GFP_NOWARN);
	return *page;
}

int netvsc_chan_alloc(struct netvsc_queue *q, u32 pages)
{
	spin_lock_init(&q->lock);
	q->slot_cnt = netvsc_sizing_slots(pages);
	q->slots = kvcalloc(q->slot_cnt, sizeof(*q->slots), GFP_KERNEL);
	q->id_store = kvcalloc(2 * q->slot_cnt, sizeof(*q->id_store),
			       GFP_KERNEL);
	q->headers = kcalloc(chan_header_pages(q), sizeof(*q->headers),
			     GFP_KERNEL);
	q->ack_slots = kcalloc(NETVSC_ACK_CNT, sizeof(*q->ack_slots),
			       GFP_KERNEL);
	if (!q->slots || !q->id_store || !q->headers || !q->ack_slots) {
		netvsc_chan_free(q);
		return -ENOMEM;
	}
	return 0;
}

void netvsc_chan_free(struct netvsc_queue *q)
{
	chan_free_headers(q);
	kfree(q->ack_slots);
	q->ack_slots = NULL;
	kvfree(q->id_store);
	q->id_store = NULL;
	kvfree(q->slots);
	q->slots = NULL;
}

void netvsc_chan_on_offer(struct netvsc_device *nvdev,
			  void (*offered)(struct vmbus_channel *channel))
{
	vmbus_set_sc_create_callback(nvdev->hdev->channel, offered);
}

void netvsc_chan_take_over(struct hv_device *hdev)
{
	vmbus_set_chn_rescind_callback(hdev->channel, NULL);
	vmbus_set_sc_create_callback(hdev->channel, NULL);
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
	const struct vmbus_channel *channel = nvdev->hdev->channel;

	/* Without a relid: it was taken away while the machine slept. */
	return READ_ONCE(channel->rescind) ||
	       READ_ONCE(channel->offermsg.child_relid) == INVALID_RELID;
}

void netvsc_chan_begin_op_most(struct net_device *ndev, unsigned int ms)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	if (!priv->op_depth)
		WRITE_ONCE(priv->op_end, jiffies + msecs_to_jiffies(ms));
	WRITE_ONCE(priv->op_depth, priv->op_depth + 1);
}

void netvsc_chan_begin_op(struct net_device *ndev)
{
	netvsc_chan_begin_op_most(ndev, OP_MS);
}

void netvsc_chan_end_op(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	WRITE_ONCE(priv->op_depth, priv->op_depth - 1);
}

unsigned long netvsc_chan_begin_part(struct net_device *ndev, long rest)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	unsigned long end = priv->op_end;
	long left = end - jiffies;

	ASSERT_RTNL();
	WRITE_ONCE(priv->op_end, end - clamp(left / 2, 0L, rest));
	return end;
}

void netvsc_chan_end_part(struct net_device *ndev, unsigned long end)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	WRITE_ONCE(priv->op_end, end);
}

/* The sooner of @ms from now and the end of the operation, if one is running. */
static unsigned long chan_wait_limit(const struct netvsc_device *nvdev, u32 ms)
{
	const struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	unsigned long limit, end = READ_ONCE(priv->op_end);

	if (READ_ONCE(nvdev->unresponsive))
		ms = min_t(u32, ms, NETVSC_CHAN_WAIT_SHORT_MS);
	limit = jiffies + msecs_to_jiffies(ms);
	if (READ_ONCE(priv->op_depth) && time_before(end, limit))
		limit = end;
	return limit;
}

static void chan_mark_unresponsive(struct netvsc_device *nvdev)
{
	if (READ_ONCE(nvdev->unresponsive))
		return;
	WRITE_ONCE(nvdev->unresponsive, true);
	nvdev->events->unresponsive(nvdev);
}

static int chan_wait_done(struct netvsc_device *nvdev, struct completion *done,
			  unsigned long limit)
{
	do {
		if (wait_for_completion_timeout(done,
						msecs_to_jiffies(LOOK_MS)))
			return 0;
		if (netvsc_chan_rescinded(nvdev))
			return -ENODEV;
	} while (time_before(jiffies, limit));

	chan_mark_unresponsive(nvdev);
	return -ETIMEDOUT;
}

int netvsc_chan_wait(struct netvsc_device *nvdev, struct completion *done)
{
	return chan_wait_done(nvdev, done,
			      chan_wait_limit(nvdev, NETVSC_CHAN_WAIT_MS));
}

int netvsc_chan_wait_floor(struct netvsc_device *nvdev, struct completion *done,
			   unsigned int floor_ms)
{
	unsigned long limit = chan_wait_limit(nvdev, NETVSC_CHAN_WAIT_MS);
	unsigned long floor = jiffies + msecs_to_jiffies(floor_ms);

	return chan_wait_done(nvdev, done,
			      time_before(limit, floor) ? floor : limit);
}

int netvsc_chan_wait_most(struct netvsc_device *nvdev, struct completion *done,
			  unsigned int most_ms)
{
	return chan_wait_done(nvdev, done, chan_wait_limit(nvdev, most_ms));
}

/* Everything that we wrote was read. */
static bool chan_tx_ring_empty(const struct netvsc_queue *q)
{
	return READ_ONCE(q->channel->rescind) ||
	       !hv_get_bytes_to_read(&q->channel->outbound);
}

/* Everything that was written was read, in both directions. */
static bool chan_is_drained(const struct netvsc_queue *q)
{
	/* A sub-channel taken away alone: nobody reads there any more. */
	if (READ_ONCE(q->channel->rescind))
		return true;
	return !READ_ONCE(q->acks.cnt) &&
	       !hv_get_bytes_to_read(&q->channel->inbound) &&
	       !hv_get_bytes_to_read(&q->channel->outbound);
}

/* And everything that was asked for was done. */
static bool chan_is_idle(const struct netvsc_queue *q)
{
	if (READ_ONCE(q->channel->rescind))
		return true;
	/* The answer to a request for a path was waited for as long as it may be. */
	return chan_is_drained(q) &&
	       netvsc_reqid_busy(&q->ids) <=
	       (q->index ? 0 : atomic_read(&q->nvdev->paths_asked));
}

static bool chan_all_queues(const struct netvsc_device *nvdev, u32 first,
			    bool (*is)(const struct netvsc_queue *q))
{
	u32 i;

	for (i = first; i < nvdev->num_open; i++)
		if (!is(nvdev->queue_mem[i]))
			return false;
	return true;
}

/* One limit for all of them. */
static int chan_wait_queues(struct netvsc_device *nvdev, u32 first,
			    bool (*is)(const struct netvsc_queue *q))
{
	unsigned long limit = chan_wait_limit(nvdev, NETVSC_CHAN_DRAIN_MS);

	while (!chan_all_queues(nvdev, first, is)) {
		if (netvsc_chan_rescinded(nvdev))
			return -ENODEV;
		if (time_after(jiffies, limit)) {
			chan_mark_unresponsive(nvdev);
			return -ETIMEDOUT;
		}
		msleep(DRAIN_LOOK_MS);
	}
	return 0;
}

int netvsc_chan_wait_read(struct netvsc_device *nvdev)
{
	return chan_wait_queues(nvdev, 0, chan_tx_ring_empty);
}

int netvsc_chan_wait_drained(struct netvsc_device *nvdev, u32 first)
{
	return chan_wait_queues(nvdev, first, chan_is_drained);
}

int netvsc_chan_wait_idle(struct netvsc_device *nvdev)
{
	return chan_wait_queues(nvdev, 0, chan_is_idle);
}

void netvsc_chan_state(const struct netvsc_queue *q,
		       struct netvsc_chan_state *state)
{
	state->requests = netvsc_reqid_busy(&q->ids);
	state->owed = READ_ONCE(q->acks.cnt);
	state->out_bytes = hv_get_bytes_to_read(&q->channel->outbound);
	state->in_bytes = hv_get_bytes_to_read(&q->channel->inbound);
	state->out_size = q->channel->outbound.ring_datasize;
	state->in_size = q->channel->inbound.ring_datasize;
	state->rescinded = READ_ONCE(q->channel->rescind);
}

static bool chan_in_indices_ok(const struct hv_ring_buffer_info *info)
{
	const struct hv_ring_buffer *ring = info->ring_buffer;

	return netvsc_ring_in_index_ok(info->ring_datasize,
				       READ_ONCE(ring->write_index)) &&
	       netvsc_ring_in_index_ok(info->ring_datasize,
				       READ_ONCE(ring->read_index));
}

int netvsc_chan_check(struct netvsc_queue *q)
{
	const struct hv_ring_buffer *ring = q->channel->outbound.ring_buffer;
	unsigned long flags;
	bool sane;

	if (READ_ONCE(q->channel->rescind))
		return -ENODEV;
	flags = netvsc_chan_lock(q);
	/* Nobody has sent yet: nothing to compare with. */
	sane = !q->out.data ||
	       netvsc_ring_out_is_sane(&q->out, READ_ONCE(ring->read_index),
				       READ_ONCE(ring->write_index));
	netvsc_chan_unlock_later(q, flags);
	return sane && chan_in_indices_ok(&q->channel->inbound) ? 0 : -EIO;
}

u32 netvsc_chan_rx_index(const struct netvsc_queue *q)
{
	return READ_ONCE(q->channel->inbound.ring_buffer->write_index);
}

void netvsc_chan_kick(struct netvsc_queue *q)
{
	if (!READ_ONCE(q->channel->rescind))
		vmbus_setevent(q->channel);
	napi_schedule(&q->napi);
}

int netvsc_chan_list_buffer(struct netvsc_gpa *gpa, const u8 *at, u32 len)
{
	u32 offset, part;
	int err = 0;

	/* Each page is somewhere else. */
	for (; len && !err; len -= part, at += part) {
		offset = offset_in_hvpage(at);
		part = min_t(u32, len, NETVSC_GPA_PAGE_BYTES - offset);
		err = netvsc_gpa_add(gpa, virt_to_hvpfn((void *)at), offset,
				     part);
	}
	return err;
}
