// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room chan: the ring towards the host
 *
 * Promise: a packet is either in the ring, whole, or it was refused and nothing
 * changed; the host sees what was written at the latest when the sender unlocks
 * for good, and is signalled if, and only if, it had read everything before.
 *
 * Neighbours: see chan.c, which this file belongs to. hv_vmbus is asked for
 * nothing but the signal: its own writer takes three locks and four fences for
 * a packet, copies it from pieces and cannot be told to wait for the next one.
 *
 *	lock --> send ... send --+--> unlock:       written is published, signal
 *	                         +--> unlock_later: written, not published yet
 *
 * lib/ring_out keeps the indices: the write index in shared memory is only ever
 * written, the host's read index is read once and checked.
 *
 * Locks: netvsc_queue.lock for all of struct netvsc_ring_out.
 */
#include <linux/hyperv.h>

#include "bus/chan_ring.h"
#include "lib/ack.h"
#include "netvsc.h"

/* ---- the ring ---- */

/* hv_vmbus sets the ring up while it opens; the first sender may be NAPI. */
static void chan_init_ring(struct netvsc_queue *q)
{
	struct hv_ring_buffer_info *info = &q->channel->outbound;

	netvsc_ring_out_init(&q->out, hv_get_ring_buffer(info),
			     info->ring_datasize);
}

static int chan_refresh_room(struct netvsc_queue *q)
{
	int err;

	if (unlikely(!q->out.data))
		chan_init_ring(q);
	err = netvsc_ring_out_refresh(&q->out,
				      READ_ONCE(q->channel->outbound.ring_buffer->read_index));
	/* Pairs with the host's: what it has read may be overwritten. */
	virt_mb();
	q->channel->out_full_flag = false;
	return err;
}

void *netvsc_chan_find_space(struct netvsc_queue *q, u32 bytes)
{
	struct vmbus_channel *channel = q->channel;
	bool was_full = channel->out_full_flag;
	int err;

	if (READ_ONCE(channel->rescind))
		return ERR_PTR(-ENODEV);
	err = chan_refresh_room(q);
	if (err)
		return ERR_PTR(err);
	if (!netvsc_ring_out_fits(&q->out, bytes)) {
		channel->out_full_total++;
		channel->out_full_first += !was_full;
		channel->out_full_flag = true;
		return ERR_PTR(-EAGAIN);
	}
	return q->out.data + q->out.write;
}

/* Publishes what was written; true if the host waits for a signal. */
static bool chan_publish_index(struct netvsc_queue *q)
{
	struct hv_ring_buffer *ring = q->channel->outbound.ring_buffer;
	struct netvsc_ring_out *out = &q->out;
	u32 before;

	if (!netvsc_ring_out_unpublished(out))
		return false;
	before = netvsc_ring_out_publish(out);
	/* The packets first, then the index. */
	virt_store_release(&ring->write_index, out->write);
	/* The index first, then the host's mask and index (sheet 2.8). */
	virt_mb();
	if (READ_ONCE(ring->interrupt_mask))
		return false;
	/* The mask before the index: the host empties the ring, then unmasks. */
	virt_rmb();
	if (READ_ONCE(ring->read_index) != before)
		return false;
	q->channel->intr_out_empty++;
	return true;
}

void netvsc_chan_unlock(struct netvsc_queue *q, unsigned long flags)
	__releases(&q->lock)
{
	bool signal = chan_publish_index(q);

	spin_unlock_irqrestore(&q->lock, flags);
	if (signal)
		vmbus_setevent(q->channel);
}

void netvsc_chan_publish(struct netvsc_queue *q)
{
	/* The last sender may have published it all meanwhile. */
	if (netvsc_ring_out_unpublished(&q->out))
		netvsc_chan_unlock(q, netvsc_chan_lock(q));
}

/* ---- packets ---- */

/* The id is what a completion will bring back. */
static void chan_put_descriptor(void *at, u16 type, u32 bytes, bool answer,
				u64 id)
{
	struct vmpacket_descriptor *desc = at;

	*desc = (struct vmpacket_descriptor){
		.type = type,
		.offset8 = NVSP_VMBUS_DESC_BYTES / 8,
		.len8 = bytes / 8,
		.flags = answer ? VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED : 0,
		.trans_id = id,
	};
}

int netvsc_chan_send(struct netvsc_queue *q, u32 slot,
		     const struct nvsp_message *msg)
{
	void *at;

	BUILD_BUG_ON(sizeof(*msg) != NVSP_MSG_BYTES || sizeof(*msg) % 8);
	lockdep_assert_held(&q->lock);
	at = netvsc_chan_reserve(q, NETVSC_CHAN_MSG_BYTES);
	if (IS_ERR(at)) {
		/* What the slot names is the caller's again. */
		q->slots[slot].kind = NETVSC_SLOT_FREE;
		return PTR_ERR(at);
	}
	chan_put_descriptor(at, VM_PKT_DATA_INBAND, NETVSC_CHAN_MSG_BYTES, true,
			    netvsc_reqid_issue(&q->ids, slot));
	memcpy(at + NVSP_VMBUS_DESC_BYTES, msg, sizeof(*msg));
	netvsc_ring_out_commit(&q->out, NETVSC_CHAN_MSG_BYTES);
	return 0;
}

int netvsc_chan_send_oneway(struct netvsc_queue *q,
			    const struct nvsp_message *msg)
{
	u32 bytes = NVSP_VMBUS_DESC_BYTES + sizeof(*msg);
	unsigned long flags;
	int err = 0;
	void *at;

	flags = netvsc_chan_lock(q);
	at = netvsc_chan_reserve(q, bytes);
	if (IS_ERR(at)) {
		err = PTR_ERR(at);
	} else {
		chan_put_descriptor(at, VM_PKT_DATA_INBAND, bytes, false,
				    VMBUS_RQST_ID_NO_RESPONSE);
		memcpy(at + NVSP_VMBUS_DESC_BYTES, msg, sizeof(*msg));
		netvsc_ring_out_commit(&q->out, bytes);
	}
	netvsc_chan_unlock(q, flags);
	return err;
}

static int chan_write_completion(struct netvsc_queue *q,
				 const struct netvsc_ack *ack)
{
	u32 bytes = NVSP_VMBUS_DESC_BYTES +
		    ALIGN(sizeof(struct nvsp_rndis_pkt_complete), 8);
	void *at = netvsc_chan_reserve(q, bytes);

	if (IS_ERR(at))
		return PTR_ERR(at);
	chan_put_descriptor(at, VM_PKT_COMP, bytes, false, ack->id);
	netvsc_nvsp_msg_build_rndis_complete(at + NVSP_VMBUS_DESC_BYTES,
					     ack->status);
	netvsc_ring_out_commit(&q->out, bytes);
	return 0;
}

int netvsc_chan_complete(struct netvsc_queue *q, struct netvsc_ack_ring *acks)
{
	const struct netvsc_ack *ack;
	unsigned long flags;
	int err = 0;

	flags = netvsc_chan_lock(q);
	while (!err && (ack = netvsc_ack_peek(acks))) {
		err = chan_write_completion(q, ack);
		/* Any other error: nobody is there to be told. */
		if (err != -EAGAIN)
			netvsc_ack_pop(acks);
	}
	netvsc_chan_unlock(q, flags);
	return err;
}

bool netvsc_chan_finds_room(struct netvsc_queue *q, u32 bytes)
{
	unsigned long flags;

	flags = netvsc_chan_lock(q);
	if (chan_refresh_room(q))
		q->out.room = 0;
	netvsc_chan_unlock_later(q, flags);
	return READ_ONCE(q->out.room) > bytes;
}
