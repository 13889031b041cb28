/* SPDX-License-Identifier: GPL-2.0 */
/* Room xdp: programs on received frames, frames that programs send. */
#ifndef _NETVSC_XDP_H
#define _NETVSC_XDP_H

#include <linux/types.h>

#include "netvsc.h"

struct bpf_prog;
struct netlink_ext_ack;
struct netvsc_rx_meta;
struct sk_buff;
struct xdp_frame;
struct xsk_buff_pool;

/**
 * struct netvsc_xdp_sum - what programs did in one poll
 * @drop: frames dropped, for whatever reason
 * @redirect: frames given to somebody else
 * @tx: frames sent back
 */
struct netvsc_xdp_sum {
	u32 drop;
	u32 redirect;
	u32 tx;
};

/* ---- a received frame; xdp.c. All from the queue's NAPI ---- */

/**
 * netvsc_xdp_alloc() - what programs need on a queue
 * @q: the queue, its page pool there
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int netvsc_xdp_alloc(struct netvsc_queue *q);

/**
 * netvsc_xdp_free() - undo netvsc_xdp_alloc()
 * @q: the queue, its NAPI disabled; nothing allocated is fine
 */
void netvsc_xdp_free(struct netvsc_queue *q);

/**
 * netvsc_xdp_start() - the queue is about to be polled
 * @q: the queue, its NAPI added
 */
void netvsc_xdp_start(struct netvsc_queue *q);

/**
 * netvsc_xdp_prog() - the program in force; asked once in a poll
 * @q: the queue
 *
 * Return: valid until the end of the poll; NULL if there is none.
 */
struct bpf_prog *netvsc_xdp_prog(struct netvsc_queue *q);

/**
 * netvsc_xdp_begin() - an empty buffer for a frame that comes in pieces
 * @q: the queue; what was in the buffer is gone or given away
 *
 * One page for as long as no program keeps it: what is dropped or sent back
 * costs no allocation.
 *
 * Return: false without memory.
 */
bool netvsc_xdp_begin(struct netvsc_queue *q);

/**
 * netvsc_xdp_add() - copy bytes of the host behind what is there
 * @q: the queue
 * @prog: the program that will see the frame
 * @from: the bytes, each read once
 * @bytes: how many; in all no more than NETVSC_RSC_MAX_BYTES
 *
 * Return: 0; -E2BIG: the program knows no frames of several buffers (R44);
 * -ENOMEM. After an error netvsc_xdp_drop() is to follow.
 */
int netvsc_xdp_add(struct netvsc_queue *q, const struct bpf_prog *prog,
		   const void *from, u32 bytes);

/**
 * netvsc_xdp_bytes() - length of what is in the buffer
 * @q: the queue
 *
 * Return: bytes, fragments included.
 */
u32 netvsc_xdp_bytes(const struct netvsc_queue *q);

/**
 * netvsc_xdp_frame_to_page() - a frame that is there whole: begin, add and run in one
 * @q: the queue, without a socket
 * @prog: the program
 * @from: the frame, each byte read once
 * @meta: what the host said about it
 *
 * Return: as netvsc_xdp_frame().
 */
int netvsc_xdp_frame_to_page(struct netvsc_queue *q, struct bpf_prog *prog,
			     const void *from,
			     const struct netvsc_rx_meta *meta);

/**
 * netvsc_xdp_frame_to_socket() - the same, into a socket's memory
 * @q: the queue
 * @xsk: its socket
 * @prog: the program
 * @from: the frame, each byte read once
 * @meta: what the host said about it
 *
 * Return: as netvsc_xdp_frame().
 */
int netvsc_xdp_frame_to_socket(struct netvsc_queue *q, struct netvsc_xsk *xsk,
			       struct bpf_prog *prog, const void *from,
			       const struct netvsc_rx_meta *meta);

/**
 * netvsc_xdp_frame() - a frame that is there whole, to where it belongs
 * @q: the queue
 * @prog: the program
 * @from: the frame, each byte read once
 * @meta: what the host said about it
 *
 * Return: 0: it is gone, and counted; 1: it is for the stack, netvsc_xdp_skb() is
 * to follow; -E2BIG, -ENOMEM: netvsc_xdp_drop() is.
 */
static inline int netvsc_xdp_frame(struct netvsc_queue *q,
				   struct bpf_prog *prog, const void *from,
				   const struct netvsc_rx_meta *meta)
{
	struct netvsc_xsk *xsk = READ_ONCE(q->xsk);

	if (unlikely(xsk))
		return netvsc_xdp_frame_to_socket(q, xsk, prog, from, meta);
	return netvsc_xdp_frame_to_page(q, prog, from, meta);
}

/**
 * netvsc_xdp_run() - let the program decide, and do what it says
 * @q: the queue
 * @prog: the program
 * @meta: what the host said about the frame
 *
 * Return: true: the frame is for the stack, netvsc_xdp_skb() is to follow;
 * false: it is gone, and counted.
 */
bool netvsc_xdp_run(struct netvsc_queue *q, struct bpf_prog *prog,
		    const struct netvsc_rx_meta *meta);

/**
 * netvsc_xdp_skb() - an skb of what the program left
 * @q: the queue, netvsc_xdp_run() said true
 * @changed: set: the frame begins elsewhere or has another length than when it
 *	was received, so the host's verdict on its checksums is void
 *
 * Return: skb, NULL without memory.
 */
struct sk_buff *netvsc_xdp_skb(struct netvsc_queue *q, bool *changed);

/**
 * netvsc_xdp_drop() - throw away what is in the buffer
 * @q: the queue
 */
void netvsc_xdp_drop(struct netvsc_queue *q);

/**
 * netvsc_xdp_done() - end of a poll: redirected frames go, the host is told
 * @q: the queue
 *
 * Return: what programs did in it.
 */
struct netvsc_xdp_sum netvsc_xdp_done(struct netvsc_queue *q);

/* ---- frames to the host; xdp_tx.c ---- */

/**
 * netvsc_xdp_xmit() - frames that others redirected to us, by our own queues
 * @ndev: the interface
 * @n: how many
 * @frames: the frames; ours as far as they were taken
 * @flags: XDP_XMIT_*
 *
 * Context: softirq, any CPU, beside the stack and NAPI.
 * Return: how many were taken; -ENETDOWN, -EINVAL.
 */
int netvsc_xdp_xmit(struct net_device *ndev, int n, struct xdp_frame **frames,
		    u32 flags);

/* ---- sockets in driver mode; xdp_xsk.c ---- */

/**
 * netvsc_xdp_bind() - a socket's memory for a queue, or none
 * @ndev: the interface
 * @pool: the memory, NULL: take it away
 * @index: number of the queue
 *
 * Context: RTNL.
 * Return: 0; -EOPNOTSUPP: with LRO, or with an MTU beyond a chunk: copy mode then;
 * -EINVAL, -ENOMEM.
 */
int netvsc_xdp_bind(struct net_device *ndev, struct xsk_buff_pool *pool,
		    u16 index);

/**
 * netvsc_xdp_bound() - is a socket's chunk too small for an MTU?
 * @ndev: the interface
 * @mtu: the MTU, or U16_MAX: is there any socket?
 *
 * Context: RTNL.
 * Return: true: it is.
 */
bool netvsc_xdp_bound(const struct net_device *ndev, u32 mtu);

/**
 * netvsc_xdp_has_sockets() - is there an AF_XDP socket, in whichever mode?
 * @ndev: the interface
 *
 * Context: RTNL.
 * Return: true: there is.
 */
bool netvsc_xdp_has_sockets(struct net_device *ndev);

/**
 * netvsc_xdp_wake() - ndo_xsk_wakeup
 * @ndev: the interface
 * @index: number of the queue
 * @flags: XDP_WAKEUP_*
 *
 * Return: 0, -ENETDOWN, -EINVAL.
 */
int netvsc_xdp_wake(struct net_device *ndev, u32 index, u32 flags);

/**
 * netvsc_xdp_send_xsk() - send what is in the ring of the queue's socket
 * @q: the queue; it has one
 *
 * Context: NAPI.
 * Return: true if there may be more.
 */
bool netvsc_xdp_send_xsk(struct netvsc_queue *q);

/* ---- the program of an interface; xdp_set.c ---- */

/**
 * netvsc_xdp_init() - tell the stack what programs can do here
 * @ndev: the interface, not registered yet
 */
void netvsc_xdp_init(struct net_device *ndev);

/**
 * netvsc_xdp_check() - could a program be in force?
 * @ndev: the interface
 * @prog: the program; NULL is fine
 * @extack: told why not
 *
 * Nothing has changed when this refuses (R48).
 *
 * Context: RTNL.
 * Return: 0, -EOPNOTSUPP.
 */
int netvsc_xdp_check(const struct net_device *ndev, const struct bpf_prog *prog,
		     struct netlink_ext_ack *extack);

/**
 * netvsc_xdp_swap() - put another program in force, or none
 * @ndev: the interface
 * @prog: the program, with a reference that is ours now; NULL: none
 *
 * Each frame meets the one or the other; none is lost. It is the interface's and
 * not a queue's or an attachment's, so whatever comes and goes below finds it
 * (R46, R47).
 *
 * Context: RTNL.
 * Return: the one before, with its reference: the caller's to put, or to swap
 * back; NULL.
 */
struct bpf_prog *netvsc_xdp_swap(struct net_device *ndev,
				 struct bpf_prog *prog);

/**
 * netvsc_xdp_refuses_mtu() - does the program in force allow an MTU?
 * @ndev: the interface
 * @mtu: the MTU
 *
 * Context: RTNL.
 * Return: true: it does not, and the log says so.
 */
bool netvsc_xdp_refuses_mtu(const struct net_device *ndev, u32 mtu);

/**
 * netvsc_xdp_refuses_lro() - does the program in force allow coalesced frames?
 * @ndev: the interface
 *
 * Context: RTNL.
 * Return: true: it does not.
 */
bool netvsc_xdp_refuses_lro(const struct net_device *ndev);

#endif /* _NETVSC_XDP_H */
