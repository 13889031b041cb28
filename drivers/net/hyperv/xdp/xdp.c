// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp: programs on received frames
 *
 * Promise: a program sees each frame whole and once, or the frame is dropped and
 * counted; what it decides happens exactly so.
 *
 * Neighbours: rx asks for the verdict. rx_buf has the frame; xdp_tx.c sends,
 * xdp_set.c knows the program, xdp_hints.c what programs may ask, xdp_sums.c makes
 * stale sums right; lib/xdp_rules says what a verdict means.
 *
 *	program
 *	  DROP, ABORTED		dropped by rx_buf: its page stays
 *	  TX			copied into a send section: the page stays; or sent by
 *				its pages
 *	  REDIRECT		the page goes, another one comes
 *	  PASS			rx takes an skb out of rx_buf
 *
 * A program that does not know fragments is in force only where all frames fit
 * one page (xdp_set.c). One that comes longer all the same - coalesced before
 * the host heard that it should not - is dropped whole: neither may it slip by,
 * nor is its beginning the frame (R44).
 *
 * Locks: all of this belongs to the queue's NAPI.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

#include "buf/rx_buf.h"
#include "lib/rndis_rx.h"
#include "lib/rx_meta.h"
#include "lib/xdp_rules.h"
#include "netvsc.h"
#include "xdp/xdp.h"
#include "xdp/xdp_priv.h"

struct bpf_prog *netvsc_xdp_prog(struct netvsc_queue *q,
				 enum netvsc_rx_buf_reader *reader)
{
	struct netvsc_priv *priv = netdev_priv(q->ndev);
	struct bpf_prog *prog = rcu_dereference_bh(priv->xdp_prog);

	if (!prog)
		*reader = NETVSC_RX_BUF_STACK;
	else
		*reader = prog->aux->xdp_has_frags ? NETVSC_RX_BUF_FRAGS :
						     NETVSC_RX_BUF_PROG;
	return prog;
}

noinline bool netvsc_xdp_handle_action(struct netvsc_queue *q,
				       struct bpf_prog *prog, u32 act,
				       const struct netvsc_rx_meta *meta,
				       struct netvsc_xdp_sum *sum)
{
	switch (netvsc_xdp_rules_todo(act)) {
	case NETVSC_XDP_PASS:
		return true;
	case NETVSC_XDP_SEND:
		if (likely(netvsc_xdp_send_back(q, meta))) {
			sum->tx++;
			return false;
		}
		trace_xdp_exception(q->ndev, prog, act);
		break;
	case NETVSC_XDP_UNKNOWN:
		bpf_warn_invalid_xdp_action(q->ndev, prog, act);
		fallthrough;
	case NETVSC_XDP_ABORT:
		trace_xdp_exception(q->ndev, prog, act);
		break;
	case NETVSC_XDP_REDIRECT:
		/* xdp_do_redirect() has traced it. */
		sum->drop++;
		netvsc_rx_buf_drop_refused(q);
		return false;
	case NETVSC_XDP_DROP:
		break;
	}
	sum->drop++;
	netvsc_rx_buf_drop(q);
	return false;
}

void netvsc_xdp_done(struct netvsc_queue *q, const struct netvsc_xdp_sum *sum)
{
	if (sum->redirect)
		xdp_do_flush();
	if (sum->tx)
		netvsc_xdp_send_flush(q, &q->xdp_open);
}
