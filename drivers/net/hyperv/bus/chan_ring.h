/* SPDX-License-Identifier: GPL-2.0 */
/* Room chan: packets in the two rings of a queue; most of it is the hot path. */
#ifndef _NETVSC_CHAN_RING_H
#define _NETVSC_CHAN_RING_H

#include <linux/err.h>
#include <linux/hyperv.h>
#include <linux/types.h>

#include "lib/nvsp_msg.h"
#include "netvsc.h"

struct nvsp_message;

/* Least room a sender leaves for the completions of received packets. */
#define NETVSC_CHAN_RESERVE_BYTES	4096

/* ---- sending ---- */

/**
 * netvsc_chan_lock() - begin to send
 * @q: the queue
 *
 * Context: any, interrupts are off until netvsc_chan_unlock().
 * Return: flags for netvsc_chan_unlock().
 */
static inline unsigned long netvsc_chan_lock(struct netvsc_queue *q)
	__acquires(&q->lock)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	return flags;
}

/**
 * netvsc_chan_unlock() - end of sending; the host sees what was written
 * @q: the queue
 * @flags: from netvsc_chan_lock()
 *
 * One write index and at most one signal for all that was sent since the last
 * time (sheet 2.8).
 */
void netvsc_chan_unlock(struct netvsc_queue *q, unsigned long flags)
	__releases(&q->lock);

/**
 * netvsc_chan_unlock_later() - end of sending, more will follow at once
 * @q: the queue
 * @flags: from netvsc_chan_lock()
 *
 * The caller owes a netvsc_chan_publish().
 */
static inline void netvsc_chan_unlock_later(struct netvsc_queue *q,
					    unsigned long flags)
	__releases(&q->lock)
{
	spin_unlock_irqrestore(&q->lock, flags);
}

/**
 * netvsc_chan_publish() - the host sees what was written
 * @q: the queue, not locked
 */
void netvsc_chan_publish(struct netvsc_queue *q);

/**
 * netvsc_chan_slot() - slot of the next request, to be filled
 * @q: the queue, locked
 *
 * Return: the number of the slot, -ENOSPC if all are out.
 */
static inline int netvsc_chan_slot(struct netvsc_queue *q)
{
	lockdep_assert_held(&q->lock);
	return netvsc_reqid_peek(&q->ids);
}

/* Room for one RNDIS header; a power of two, so none crosses a page. */
#define NETVSC_HEADER_BYTES	128
#define NETVSC_HEADERS_PER_PAGE	(PAGE_SIZE / NETVSC_HEADER_BYTES)
/* Completions that may be owed to the host on one channel. */
#define NETVSC_ACK_CNT		256

/**
 * netvsc_chan_header() - memory for the RNDIS header of a request
 * @q: the queue
 * @slot: from netvsc_chan_begin_pages(); the memory belongs to it
 *
 * NETVSC_HEADER_BYTES that never cross a page (sheet 7.4).
 *
 * Return: its address, aligned to 8 bytes.
 */
static inline void *netvsc_chan_header(const struct netvsc_queue *q, u32 slot)
{
	return q->headers[slot / NETVSC_HEADERS_PER_PAGE] +
	       slot % NETVSC_HEADERS_PER_PAGE * NETVSC_HEADER_BYTES;
}

/* The slow half of netvsc_chan_reserve(). */
void *netvsc_chan_find_space(struct netvsc_queue *q, u32 bytes);

/**
 * netvsc_chan_reserve() - where the next packet goes
 * @q: the queue, locked
 * @bytes: of the packet with its descriptor, a multiple of 8
 *
 * Nothing happened yet: netvsc_ring_out_commit() makes it a packet.
 *
 * Return: one piece of ring memory, only to be written to; ERR_PTR of -EAGAIN
 * (full), -ENODEV (rescinded), -EIO (the host broke the ring).
 */
static inline void *netvsc_chan_reserve(struct netvsc_queue *q, u32 bytes)
{
	if (unlikely(!netvsc_ring_out_fits(&q->out, bytes) ||
		     READ_ONCE(q->channel->rescind)))
		return netvsc_chan_find_space(q, bytes);
	return q->out.data + q->out.write;
}

/**
 * netvsc_chan_begin() - slot and place of the next request
 * @q: the queue, locked
 * @bytes: of the packet with its descriptor, a multiple of 8
 * @slot: set to the number of the slot, to be filled
 *
 * Return: as netvsc_chan_reserve(); -EAGAIN too when all slots are out.
 */
static inline void *netvsc_chan_begin(struct netvsc_queue *q, u32 bytes,
				      int *slot)
{
	*slot = netvsc_chan_slot(q);
	if (unlikely(*slot < 0))
		return ERR_PTR(-EAGAIN);
	return netvsc_chan_reserve(q, bytes);
}

/* The slow half of netvsc_chan_begin_pages(). */
bool netvsc_chan_add_headers(struct netvsc_queue *q, u32 slot);

/**
 * netvsc_chan_begin_pages() - the same for a request that needs netvsc_chan_header()
 * @q: the queue, locked
 * @bytes: of the packet with its descriptor, a multiple of 8
 * @slot: set to the number of the slot, to be filled
 *
 * A queue that sends from sections only has no headers: their pages come with the
 * first use of a slot and stay with the queue.
 *
 * Return: as netvsc_chan_begin(); -ENOMEM: there is none for the header.
 */
static inline void *netvsc_chan_begin_pages(struct netvsc_queue *q, u32 bytes,
					    int *slot)
{
	*slot = netvsc_chan_slot(q);
	if (unlikely(*slot < 0))
		return ERR_PTR(-EAGAIN);
	if (unlikely(!q->headers[*slot / NETVSC_HEADERS_PER_PAGE] &&
		     !netvsc_chan_add_headers(q, *slot)))
		return ERR_PTR(-ENOMEM);
	return netvsc_chan_reserve(q, bytes);
}

/* Descriptor of an in-band packet of one NVSP message that is completed. */
#define NETVSC_CHAN_MSG_BYTES	(NVSP_VMBUS_DESC_BYTES + NVSP_MSG_BYTES)
#define NETVSC_CHAN_MSG_DESC	((u64)VM_PKT_DATA_INBAND |		\
				 (u64)(NVSP_VMBUS_DESC_BYTES / 8) << 16 | \
				 (u64)(NETVSC_CHAN_MSG_BYTES / 8) << 32 | \
				 (u64)VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED << 48)

/**
 * netvsc_chan_put_rndis() - write and commit SEND_RNDIS_PKT, hot path
 * @q: the queue, locked
 * @at: from netvsc_chan_begin() of NETVSC_CHAN_MSG_BYTES
 * @slot: from there too, filled
 * @channel_type: NVSP_RNDIS_CHANNEL_*
 * @section: send section that holds the RNDIS bytes
 * @bytes: used in it
 *
 * In seven stores. Sheet 2.4, 3.9.
 */
static inline void netvsc_chan_put_rndis(struct netvsc_queue *q, void *at,
					 u32 slot, u32 channel_type,
					 u32 section, u32 bytes)
{
	__le64 *word = at;

	word[0] = cpu_to_le64(NETVSC_CHAN_MSG_DESC);
	word[1] = cpu_to_le64(netvsc_reqid_issue(&q->ids, slot));
	netvsc_nvsp_msg_put_rndis(word + 2, channel_type, section, bytes);
	netvsc_ring_out_commit(&q->out, NETVSC_CHAN_MSG_BYTES);
}

/* First word of the descriptor of a packet that is completed. */
static inline u64 netvsc_chan_desc(u16 type, u32 offset, u32 bytes)
{
	return type | (u64)(offset / 8) << 16 | (u64)(bytes / 8) << 32 |
	       (u64)VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED << 48;
}

/**
 * netvsc_chan_put_pages() - netvsc_chan_put_rndis() with pages, hot path
 * @q: the queue, locked
 * @at: from netvsc_chan_begin() of netvsc_gpa_bytes() + NVSP_MSG_BYTES
 * @slot: from there too, filled
 * @gpa: the pages; sealed
 * @channel_type: NVSP_RNDIS_CHANNEL_*
 * @section: send section that holds the first RNDIS bytes, or
 *	NVSP_SECTION_NONE
 * @bytes: used in it
 *
 * Sheet 2.6, 3.9.
 */
static __always_inline void
netvsc_chan_put_pages(struct netvsc_queue *q, void *at, u32 slot,
		      struct netvsc_gpa *gpa, u32 channel_type, u32 section,
		      u32 bytes)
{
	u32 offset = netvsc_gpa_bytes(gpa);

	netvsc_gpa_seal(gpa,
			netvsc_chan_desc(VM_PKT_DATA_USING_GPA_DIRECT, offset,
					 offset + NVSP_MSG_BYTES),
			netvsc_reqid_issue(&q->ids, slot));
	memcpy(at, gpa->raw, offset);
	netvsc_nvsp_msg_put_rndis(at + offset, channel_type, section, bytes);
	netvsc_ring_out_commit(&q->out, offset + NVSP_MSG_BYTES);
}

/**
 * netvsc_chan_send() - send the request whose slot was filled
 * @q: the queue, locked
 * @slot: from netvsc_chan_slot()
 * @msg: NVSP message, in-band
 *
 * Return: 0: the slot belongs to the receiver; else it is still free: -EAGAIN
 * (ring full), -ENODEV (rescinded), -EIO (host broke the ring).
 */
int netvsc_chan_send(struct netvsc_queue *q, u32 slot,
		     const struct nvsp_message *msg);

/**
 * netvsc_chan_send_oneway() - send an in-band message that is not completed
 * @q: the queue
 * @msg: NVSP message
 *
 * Return: 0, -EAGAIN, -ENODEV, -EIO.
 */
int netvsc_chan_send_oneway(struct netvsc_queue *q,
			    const struct nvsp_message *msg);

/**
 * netvsc_chan_complete() - complete packets of the host, oldest first
 * @q: the queue that they arrived on
 * @acks: what is owed; those that were written are taken out
 *
 * All of them with one write index and at most one signal.
 *
 * Context: NAPI.
 * Return: 0 if nothing is owed any more, also because nobody is there to be
 * told; -EAGAIN: the ring is full.
 */
int netvsc_chan_complete(struct netvsc_queue *q, struct netvsc_ack_ring *acks);

/* The slow half of netvsc_chan_has_room(). */
bool netvsc_chan_finds_room(struct netvsc_queue *q, u32 bytes);

/**
 * netvsc_chan_has_room() - are there so many free bytes towards the host?
 * @q: the queue, not locked
 * @bytes: how many
 *
 * Looks at the host's index only when what is known does not suffice.
 *
 * Return: true: so many bytes may be written.
 */
static inline bool netvsc_chan_has_room(struct netvsc_queue *q, u32 bytes)
{
	return likely(READ_ONCE(q->out.room) > bytes) ||
	       netvsc_chan_finds_room(q, bytes);
}

/**
 * netvsc_chan_pfn() - number of the host's page at an address
 * @at: memory of the kernel's linear mapping, which frames and headers are
 *
 * Return: number of the host's page (4 KB) that has the byte at @at.
 */
static inline u64 netvsc_chan_pfn(const void *at)
{
	return virt_to_phys((void *)at) >> NETVSC_GPA_PAGE_SHIFT;
}

/* Where a send section begins. */
static inline u8 *netvsc_chan_section(const struct netvsc_device *nvdev,
				      u32 section)
{
	return nvdev->send.addr +
	       (size_t)section * nvdev->send.sections.bytes;
}

/**
 * netvsc_chan_list_buffer() - list a part of a shared buffer
 * @gpa: the list
 * @at: in a struct netvsc_buffer; header or frame, not both (sheet 7.4)
 * @len: bytes
 *
 * Return: 0, -E2BIG: no place for it.
 */
int netvsc_chan_list_buffer(struct netvsc_gpa *gpa, const u8 *at, u32 len);

/* ---- receiving; all from the queue's NAPI ---- */

/**
 * netvsc_chan_ready() - is there a ring to read?
 * @q: the queue
 *
 * Not before its opening has succeeded: hv_vmbus unmaps the rings of one that fails,
 * whoever may be reading them.
 *
 * Context: also interrupt.
 * Return: true: it may be read.
 */
static inline bool netvsc_chan_ready(const struct netvsc_queue *q)
{
	/* Pairs with netvsc_chan_open(). */
	return smp_load_acquire(&q->live);
}

/* The host gets the space back at the latest when so much was read. */
#define NETVSC_CHAN_FREE_BYTES	4096

/**
 * netvsc_chan_refresh() - did the host write more?
 * @q: the queue
 *
 * The slow half of netvsc_chan_first().
 *
 * Return: true: there is a packet to be read.
 */
bool netvsc_chan_refresh(struct netvsc_queue *q);

/**
 * netvsc_chan_read_done() - let the host have the space of what was read
 * @q: the queue
 *
 * Signals the host if it waits for that (R39).
 */
void netvsc_chan_read_done(struct netvsc_queue *q);

/**
 * netvsc_chan_first() - oldest packet in the inbound ring
 * @q: the queue
 * @pkt: filled
 *
 * Return: false if there is none.
 */
static inline bool netvsc_chan_first(struct netvsc_queue *q,
				     struct netvsc_pkt *pkt)
{
	if (!q->in.seen && !netvsc_chan_refresh(q))
		return false;
	netvsc_ring_in_first(&q->in, pkt);
	return true;
}

/**
 * netvsc_chan_next() - done with a packet
 * @q: the queue
 * @pkt: from netvsc_chan_first()
 */
static inline void netvsc_chan_next(struct netvsc_queue *q,
				    const struct netvsc_pkt *pkt)
{
	netvsc_ring_in_next(&q->in, pkt);
	if (q->in.freed >= NETVSC_CHAN_FREE_BYTES)
		netvsc_chan_read_done(q);
}

/**
 * netvsc_chan_copy() - private copy of a payload
 * @pkt: the packet; each byte may be copied once
 * @to: where to
 * @bytes: bytes there
 *
 * Return: bytes copied, all of the payload if there was room.
 */
u32 netvsc_chan_copy(const struct netvsc_pkt *pkt, void *to, u32 bytes);

/**
 * netvsc_chan_mask() - no interrupts, NAPI will look
 * @q: the queue
 */
static inline void netvsc_chan_mask(struct netvsc_queue *q)
{
	hv_begin_read(&q->channel->inbound);
}

/**
 * netvsc_chan_unmask() - interrupts again
 * @q: the queue
 *
 * Return: true if something came meanwhile: look again (R38).
 */
bool netvsc_chan_unmask(struct netvsc_queue *q);

/**
 * netvsc_chan_take() - the host completed a request
 * @q: the queue
 * @id: transaction id, from the host
 *
 * Return: number of the slot, the caller's until netvsc_chan_put(); -ENOENT if
 * no such request is out (R15).
 */
static inline int netvsc_chan_take(struct netvsc_queue *q, u64 id)
{
	return netvsc_reqid_take(&q->ids, id);
}

/**
 * netvsc_chan_find() - what did the host complete? To look at, not to take
 * @q: the queue
 * @id: transaction id, from the host
 *
 * Return: number of the slot; -ENOENT if no such request is out.
 */
static inline int netvsc_chan_find(const struct netvsc_queue *q, u64 id)
{
	return netvsc_reqid_find(&q->ids, id);
}

/**
 * netvsc_chan_put() - done with a slot
 * @q: the queue
 * @slot: from netvsc_chan_take()
 */
static inline void netvsc_chan_put(struct netvsc_queue *q, u32 slot)
{
	q->slots[slot].kind = NETVSC_SLOT_FREE;
	netvsc_reqid_put(&q->ids, slot);
}

#endif /* _NETVSC_CHAN_RING_H */
