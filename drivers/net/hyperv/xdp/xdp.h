/* SPDX-License-Identifier: GPL-2.0 */
/* Room xdp: programs on received frames, frames that programs send. */
#ifndef _NETVSC_XDP_H
#define _NETVSC_XDP_H

#include <linux/container_of.h>
#include <linux/filter.h>
#include <linux/types.h>
#include <net/xdp.h>

#include "buf/rx_buf.h"
#include "lib/rndis_rx.h"
#include "lib/rx_meta.h"
#include "netvsc.h"

struct netlink_ext_ack;
struct sk_buff;
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

/* ---- programs on received frames; xdp.c. All from the queue's NAPI ---- */

/**
 * netvsc_xdp_prog() - the program in force; asked once in a poll
 * @q: the queue
 * @reader: set: who reads frames first, and so what memory they may have
 *
 * Return: valid until the end of the poll; NULL if there is none.
 */
struct bpf_prog *netvsc_xdp_prog(struct netvsc_queue *q,
				 enum netvsc_rx_buf_reader *reader);

/* Whatever else a program says than DROP and PASS, and redirects that fail. */
bool netvsc_xdp_handle_action(struct netvsc_queue *q, struct bpf_prog *prog,
			      u32 act, const struct netvsc_rx_meta *meta,
			      struct netvsc_xdp_sum *sum);

/**
 * netvsc_xdp_fix_csums() - right sums and lengths, before a program looks
 * @q: the queue, a frame in its buffer that begins where it was received
 * @meta: what the host said about it
 *
 * TCP that was verified, and IPv4 headers: what the host calls stale is made anew.
 */
void netvsc_xdp_fix_csums(struct netvsc_queue *q,
			  const struct netvsc_rx_meta *meta);

/**
 * netvsc_xdp_run() - let the program decide, and do what it says, hot path
 * @q: the queue, the whole frame in its buffer
 * @prog: the program
 * @meta: what the host said about the frame
 * @sum: added to
 *
 * Return: true: the frame is for the stack and still in the buffer; false: it is
 * gone, and counted.
 */
static __always_inline bool netvsc_xdp_run(struct netvsc_queue *q,
					   struct bpf_prog *prog,
					   const struct netvsc_rx_meta *meta,
					   struct netvsc_xdp_sum *sum)
{
	struct xdp_buff *buff = netvsc_rx_buf_view(q);
	u32 act;

	if (unlikely(meta->csum & NETVSC_RX_META_STALE))
		netvsc_xdp_fix_csums(q, meta);
	/* A chunk has room behind its buffer for this. */
	if (netvsc_has_xdp_hints)
		container_of(buff, struct netvsc_xdp_buff, xdp)->meta = meta;
	act = bpf_prog_run_xdp(prog, buff);
	if (likely(act == XDP_DROP)) {
		sum->drop++;
		if (unlikely(xdp_buff_has_frags(buff)))
			netvsc_rx_buf_drop_frags(q);
		return false;
	}
	if (act == XDP_REDIRECT &&
	    likely(!xdp_do_redirect(q->ndev, buff, prog))) {
		netvsc_rx_buf_consumed(q);
		sum->redirect++;
		return false;
	}
	return act == XDP_PASS ||
	       netvsc_xdp_handle_action(q, prog, act, meta, sum);
}

/**
 * netvsc_xdp_done() - end of a poll: redirected frames go, the host is told
 * @q: the queue
 * @sum: what programs did in it
 */
void netvsc_xdp_done(struct netvsc_queue *q, const struct netvsc_xdp_sum *sum);

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
 * netvsc_xdp_has_xsk() - does a queue have a socket in driver mode? Hot path
 * @q: the queue; RTNL may give it one or take it away meanwhile
 *
 * Return: true: it has, or had a moment ago.
 */
static inline bool netvsc_xdp_has_xsk(const struct netvsc_queue *q)
{
	return READ_ONCE(q->xsk);
}

/**
 * netvsc_xdp_start() - the socket of a queue that is about to be polled
 * @q: the queue, its NAPI added
 */
void netvsc_xdp_start(struct netvsc_queue *q);

/**
 * netvsc_xdp_bind() - a socket's memory for a queue, or none
 * @ndev: the interface
 * @pool: the memory, NULL: take it away
 * @index: number of the queue
 *
 * Context: RTNL.
 * Return: 0; -EOPNOTSUPP: with coalescing, or with an MTU beyond a chunk: copy mode then;
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
 * netvsc_xdp_refuses_rsc() - do coalesced frames suit neither program nor sockets?
 * @ndev: the interface
 *
 * Context: RTNL.
 * Return: true: the host must not coalesce.
 */
bool netvsc_xdp_refuses_rsc(const struct net_device *ndev);

#endif /* _NETVSC_XDP_H */
