// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room chan: the ring from the host
 *
 * Promise: what the host announced is seen, whole; the host gets back the space
 * of what was read, and is signalled if, and only if, it waited for that (R39).
 *
 * Neighbours: see chan.c, which this file belongs to. Only poll reads. hv_vmbus
 * is asked for nothing but the signal: its own reader copies every packet, reads
 * the write index for each of them, and lets the host have the space only at
 * the end.
 *
 *	first --> (words of the packet, each read once) --> next --> first ...
 *	                                                      `--> read_done
 *
 * The indices are lib/ring_in; here are the fences and the signal. The read index
 * in shared memory is only ever written.
 *
 * Locks: struct netvsc_ring_in belongs to the queue's NAPI.
 */
#include <linux/hyperv.h>

#include "bus/chan_ring.h"
#include "netvsc.h"

bool netvsc_chan_refresh(struct netvsc_queue *q)
{
	struct hv_ring_buffer_info *info = &q->channel->inbound;
	u32 write;

	/* hv_vmbus sets the ring up while it opens; the first reader may be NAPI. */
	if (unlikely(!q->in.data))
		netvsc_ring_in_init(&q->in, hv_get_ring_buffer(info),
				    info->ring_datasize);
	/* Pairs with the host's release: the packets are there before it says so. */
	write = virt_load_acquire(&info->ring_buffer->write_index);
	return netvsc_ring_in_refresh(&q->in, write);
}

u32 netvsc_chan_copy(const struct netvsc_pkt *pkt, void *to, u32 bytes)
{
	bytes = min(bytes, pkt->bytes - pkt->offset);
	memcpy(to, pkt->raw + pkt->offset, bytes);
	return bytes;
}

/* The read index is published: does the host wait for that? */
static bool chan_host_waits(const struct netvsc_ring_in *in,
			    const struct hv_ring_buffer *ring, u32 freed)
{
	u32 pending;

	if (!(READ_ONCE(ring->feature_bits.value) & 1))
		return false;
	/* The index first, then what the host waits for. */
	virt_mb();
	pending = READ_ONCE(ring->pending_send_sz);
	if (likely(!pending))
		return false;
	/* What it waits for first, then how far it wrote. */
	virt_rmb();
	return netvsc_ring_in_wakes(in, freed, pending,
				    READ_ONCE(ring->write_index));
}

void netvsc_chan_read_done(struct netvsc_queue *q)
{
	struct hv_ring_buffer_info *info = &q->channel->inbound;
	struct hv_ring_buffer *ring = info->ring_buffer;
	struct netvsc_ring_in *in = &q->in;
	u32 freed = in->freed;

	if (!freed)
		return;
	in->freed = 0;
	info->priv_read_index = in->read;
	/* What was read may be overwritten from here on. */
	virt_store_release(&ring->read_index, in->read);
	if (unlikely(chan_host_waits(in, ring, freed))) {
		q->channel->intr_in_full++;
		vmbus_setevent(q->channel);
	}
}

bool netvsc_chan_unmask(struct netvsc_queue *q)
{
	struct hv_ring_buffer_info *info = &q->channel->inbound;
	struct hv_ring_buffer *ring = info->ring_buffer;
	u32 write;

	/* NAPI may be at work again elsewhere: q->in is not ours any more. */
	WRITE_ONCE(ring->interrupt_mask, 0);
	/* The mask first, then the last look (R38). */
	virt_mb();
	write = READ_ONCE(ring->write_index);
	/* An index that cannot be would keep us busy for nothing. */
	return netvsc_ring_in_index_ok(info->ring_datasize, write) &&
	       write != READ_ONCE(ring->read_index);
}
