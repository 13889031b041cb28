/* SPDX-License-Identifier: GPL-2.0 */
/* Room chan: channels, waits, memory shared over them. Packets: chan_ring.h. */
#ifndef _NETVSC_CHAN_H
#define _NETVSC_CHAN_H

#include <linux/jump_label.h>
#include <linux/types.h>

#include "netvsc.h"

struct completion;
struct hv_device;
struct net_device;
struct vmbus_channel;

/**
 * netvsc_chan_alloc() - memory of a queue
 * @q: the queue, index and nvdev set
 * @pages: of its ring, per direction: the more, the more requests may be out
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM (nothing is left allocated).
 */
int netvsc_chan_alloc(struct netvsc_queue *q, u32 pages);

/**
 * netvsc_chan_free() - undo netvsc_chan_alloc()
 * @q: the queue; not open
 */
void netvsc_chan_free(struct netvsc_queue *q);

/**
 * netvsc_chan_open() - open a queue's channel
 * @q: the queue, its NAPI enabled (R3)
 * @channel: what to open
 * @pages: pages per ring; tried with fewer when memory is short, never below
 *	NETVSC_CHAN_RING_PAGES_FLOOR
 * @interrupt: called in interrupt context with the queue as its argument
 *
 * Sheet 1.3. A sub-channel is closed with its primary, by netvsc_chan_close(), which
 * is owed also when the opening failed.
 *
 * Context: sleeps, as long as netvsc_chan_wait().
 * Return: 0, -ENOMEM, -ENODEV (rescinded), -ETIMEDOUT, -EBUSY (the host has still
 * to answer an earlier request for this channel), other errno of hv_vmbus.
 */
int netvsc_chan_open(struct netvsc_queue *q, struct vmbus_channel *channel,
		     u32 pages, void (*interrupt)(void *q));

#define NETVSC_CHAN_RING_PAGES_FLOOR	16

/**
 * netvsc_chan_clear_callback() - no interrupt finds the queue any more
 * @q: the queue, opened or tried to
 *
 * Context: process; also ends those that are under way.
 */
void netvsc_chan_clear_callback(struct netvsc_queue *q);

/**
 * netvsc_chan_close() - close all channels and take the buffers back
 * @nvdev: the device, its NAPIs disabled, its senders gone, every queue ignored
 *
 * Also what is late of its way up.
 *
 * Context: RTNL, sleeps as long as netvsc_chan_wait() and five seconds in any case.
 * Return: 0: rings and buffers are ours alone; -ETIMEDOUT, -ENODEV: the host may
 * still use them, and the way down holds a reference on the device until it does not.
 */
int netvsc_chan_close(struct netvsc_device *nvdev);

/**
 * netvsc_chan_get_device() - keep a device and all that the host may use of it
 * @nvdev: the device
 */
static inline void netvsc_chan_get_device(struct netvsc_device *nvdev)
{
	kref_get(&nvdev->ref);
}

/**
 * netvsc_chan_put_device() - undo netvsc_chan_get_device()
 * @nvdev: the device; the last one frees it
 *
 * Context: process.
 */
static inline void netvsc_chan_put_device(struct netvsc_device *nvdev)
{
	kref_put(&nvdev->ref, nvdev->release);
}

DECLARE_STATIC_KEY_FALSE(netvsc_chan_isolated_key);

/* A confidential VM? The host reads rings and shared buffers there, and nothing else. */
static __always_inline bool netvsc_chan_isolated(void)
{
	return static_branch_unlikely(&netvsc_chan_isolated_key);
}

/**
 * netvsc_chan_begin_module() - before the first device
 * @isolated: a confidential VM
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_chan_begin_module(bool isolated);

/**
 * netvsc_chan_end_module() - the module goes
 *
 * Context: sleeps until hv_vmbus has let go of what it was called for; that has
 * a limit unless a host that is there does not answer.
 */
void netvsc_chan_end_module(void);

/**
 * netvsc_chan_on_offer() - be told of sub-channels
 * @nvdev: the device, its primary channel open
 * @offered: called by the bus for each offer, in process context; it must not
 *	wait for anything but memory (R2). A close ends it. NULL: not any more
 */
void netvsc_chan_on_offer(struct netvsc_device *nvdev,
			  void (*offered)(struct vmbus_channel *channel));

/**
 * netvsc_chan_take_over() - nothing of an earlier driver is left at the channel
 * @hdev: the device, before anything else is done with it
 *
 * uio_hv_generic leaves its callback for a rescind there, and may leave that for offers of
 * sub-channels, which would take what they find as data of the device for their own.
 *
 * Context: probe.
 */
void netvsc_chan_take_over(struct hv_device *hdev);

/**
 * netvsc_chan_hold() - the memory of an offered channel stays
 * @channel: the host may take it away at any time
 */
void netvsc_chan_hold(struct vmbus_channel *channel);

/**
 * netvsc_chan_release() - undo netvsc_chan_hold()
 * @channel: the channel
 */
void netvsc_chan_release(struct vmbus_channel *channel);

/**
 * netvsc_chan_rescinded() - did the host take the device away?
 * @nvdev: the device
 *
 * Return: true: it did; nothing is sent to it any more.
 */
bool netvsc_chan_rescinded(const struct netvsc_device *nvdev);

/**
 * netvsc_chan_begin_op() - an operation that asks the host several things
 * @ndev: the interface
 *
 * Until netvsc_chan_end_op() all waits together are limited to 30 seconds. Operations
 * nest; the outermost one counts.
 */
void netvsc_chan_begin_op(struct net_device *ndev);

/**
 * netvsc_chan_begin_op_most() - netvsc_chan_begin_op() with a limit of its own
 * @ndev: the interface
 * @ms: the limit
 */
void netvsc_chan_begin_op_most(struct net_device *ndev, unsigned int ms);

/**
 * netvsc_chan_end_op() - end of netvsc_chan_begin_op()
 * @ndev: the interface
 */
void netvsc_chan_end_op(struct net_device *ndev);

/**
 * netvsc_chan_begin_part() - a part of an operation that leaves time for the rest
 * @ndev: the interface
 * @rest: time for what comes behind it, in jiffies; half of what is left at most
 *
 * Until netvsc_chan_end_part() the operation ends so much earlier.
 *
 * Context: RTNL, within netvsc_chan_begin_op().
 * Return: the operation's end, for netvsc_chan_end_part().
 */
unsigned long netvsc_chan_begin_part(struct net_device *ndev, long rest);

/**
 * netvsc_chan_end_part() - end of netvsc_chan_begin_part()
 * @ndev: the interface
 * @end: what that returned
 */
void netvsc_chan_end_part(struct net_device *ndev, unsigned long end);

/**
 * netvsc_chan_wait() - wait for the host, with a limit
 * @nvdev: the device
 * @done: completed by NAPI
 *
 * The limit is NETVSC_CHAN_WAIT_MS, NETVSC_CHAN_WAIT_SHORT_MS once the host
 * missed one, and the end of the operation (netvsc_chan_begin_op()) if that comes first; a
 * rescind ends the wait (R9, R70).
 *
 * Context: sleeps.
 * Return: 0, -ETIMEDOUT, -ENODEV.
 */
int netvsc_chan_wait(struct netvsc_device *nvdev, struct completion *done);

/**
 * netvsc_chan_bus_answers() - is the bus alive, whatever the channel is?
 * @nvdev: the device, its primary channel open
 *
 * A page is shared over the channel and taken back, which is hv_vmbus' matter and that
 * of the bus at the host: what reads the channel has no part in it.
 *
 * Context: RTNL, sleeps six seconds at most.
 * Return: false also if there was no memory, or something asked before is still open.
 */
bool netvsc_chan_bus_answers(struct netvsc_device *nvdev);

/**
 * netvsc_chan_rx_index() - up to where the host has written
 * @q: the queue, its channel open
 *
 * While it stays the same nothing has come. Only to be compared.
 *
 * Context: RTNL.
 * Return: the host's write index, as it stands in the ring.
 */
u32 netvsc_chan_rx_index(const struct netvsc_queue *q);

#define NETVSC_CHAN_WAIT_MS		20000
#define NETVSC_CHAN_WAIT_SHORT_MS	1000

/**
 * netvsc_chan_wait_floor() - netvsc_chan_wait(), but so long at least
 * @nvdev: the device
 * @done: completed by somebody
 * @floor_ms: also when the operation's time is over or the host missed a deadline
 *
 * Context: sleeps.
 * Return: as netvsc_chan_wait().
 */
int netvsc_chan_wait_floor(struct netvsc_device *nvdev, struct completion *done,
			   unsigned int floor_ms);

/**
 * netvsc_chan_wait_most() - netvsc_chan_wait() with a limit of its own
 * @nvdev: the device
 * @done: completed by NAPI
 * @most_ms: the limit
 *
 * Context: sleeps.
 * Return: as netvsc_chan_wait().
 */
int netvsc_chan_wait_most(struct netvsc_device *nvdev, struct completion *done,
			  unsigned int most_ms);

/**
 * netvsc_chan_wait_read() - wait until the host has read what was sent
 * @nvdev: the device; nobody sends any more
 *
 * Channels overtake each other: what is said on the primary about all frames
 * must wait for those on the others. Limits as netvsc_chan_wait_drained().
 *
 * Context: sleeps.
 * Return: 0, -ETIMEDOUT, -ENODEV.
 */
int netvsc_chan_wait_read(struct netvsc_device *nvdev);

/**
 * netvsc_chan_wait_drained() - wait until the rings were read
 * @nvdev: the device; nobody sends any more
 * @first: of the queues from this one on
 *
 * The limit is NETVSC_CHAN_DRAIN_MS for all of them together, else as
 * netvsc_chan_wait().
 *
 * Context: sleeps.
 * Return: 0, -ETIMEDOUT, -ENODEV.
 */
int netvsc_chan_wait_drained(struct netvsc_device *nvdev, u32 first);

/**
 * netvsc_chan_wait_idle() - all rings, and until the host has completed all
 * @nvdev: the device; nobody sends any more
 *
 * Context: sleeps.
 * Return: as netvsc_chan_wait_drained().
 */
int netvsc_chan_wait_idle(struct netvsc_device *nvdev);

#define NETVSC_CHAN_DRAIN_MS		10000

/**
 * struct netvsc_chan_state - how a queue is doing
 * @requests: not completed by the host
 * @owed: completions we owe
 * @out_bytes: in the ring towards the host
 * @in_bytes: in the ring from it
 * @out_size: of the ring towards the host, in bytes
 * @in_size: of the ring from it
 * @rescinded: nobody is there
 */
struct netvsc_chan_state {
	u32 requests;
	u32 owed;
	u32 out_bytes;
	u32 in_bytes;
	u32 out_size;
	u32 in_size;
	bool rescinded;
};

/**
 * netvsc_chan_state() - how a queue is doing
 * @q: the queue, open
 * @state: filled; a glance from outside, nothing is locked
 */
void netvsc_chan_state(const struct netvsc_queue *q,
		       struct netvsc_chan_state *state);

/**
 * netvsc_chan_has_monitor() - does the host look for signals by itself?
 * @hdev: the device
 *
 * Then a signal is a bit in a page of hv_vmbus, which costs no hypercall; Windows looks
 * about each NETVSC_CHAN_MONITOR_US (sheet vmbus-host A.5).
 *
 * Context: RTNL.
 * Return: true where it does.
 */
bool netvsc_chan_has_monitor(const struct hv_device *hdev);

#define NETVSC_CHAN_MONITOR_US		100

/**
 * netvsc_chan_set_hypercall() - how the open channels signal from now on
 * @nvdev: the device; others that it opens do as its params say
 * @hypercall: at once, also where the host looks by itself
 *
 * A signal that is under way is not lost by it.
 *
 * Context: RTNL.
 */
void netvsc_chan_set_hypercall(struct netvsc_device *nvdev, bool hypercall);

/**
 * netvsc_chan_check() - do the indices of a queue's two rings make sense?
 * @q: the queue, open
 *
 * Nothing is changed, and traffic goes on.
 *
 * Context: RTNL.
 * Return: 0, -EIO: the host, or whoever else writes there, broke a ring; -ENODEV.
 */
int netvsc_chan_check(struct netvsc_queue *q);

/**
 * netvsc_chan_kick() - signal and poll, needed or not
 * @q: the queue, open
 *
 * Context: softirq.
 */
void netvsc_chan_kick(struct netvsc_queue *q);

/* ---- shared memory ---- */

/**
 * netvsc_chan_alloc_buffer() - memory to share
 * @channel: over which
 * @buf: filled
 * @bytes: multiple of the page size
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_chan_alloc_buffer(struct vmbus_channel *channel,
			     struct netvsc_buffer *buf, u32 bytes);

/**
 * netvsc_chan_free_buffer() - undo netvsc_chan_alloc_buffer()
 * @buf: not shared; empty is fine
 */
void netvsc_chan_free_buffer(struct netvsc_buffer *buf);

/**
 * netvsc_chan_share() - give the host access to a buffer
 * @nvdev: the device; attached to its primary channel
 * @buf: the buffer; one range from offset 0 (sheet 1.6)
 *
 * Context: sleeps, as long as netvsc_chan_wait().
 * Return: 0, -ENOMEM, -ETIMEDOUT (netvsc_chan_close() takes back what comes of it),
 * errno of hv_vmbus.
 */
int netvsc_chan_share(struct netvsc_device *nvdev, struct netvsc_buffer *buf);

#endif /* _NETVSC_CHAN_H */
