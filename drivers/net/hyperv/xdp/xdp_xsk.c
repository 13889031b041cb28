// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room xdp: AF_XDP sockets in driver mode
 *
 * Promise: a frame is copied once: from the receive section into the memory of
 * the socket, from there into a send section. What cannot be placed is dropped
 * and counted; a user or a kernel that has to be woken is told so.
 *
 * The host chooses where a frame arrives and puts a header in front of it, so no
 * copy at all is impossible.
 *
 * Neighbours: rx_buf takes chunks in place of its page, poll sends what is in the
 * socket's ring, netdev binds and wakes.
 *
 *	               program           redirect
 *	section --copy--> chunk ------------------> socket
 *	           \         \--PASS: copied into an skb, the chunk stays
 *	            no chunk: as without a socket, which will not get it
 *
 *	socket --copy--> open section of the poll --> host; the chunk is done
 *
 * It belongs to the interface and the number of a queue: an attachment that comes
 * finds it when its queue is about to be polled.
 *
 * Locks: RTNL to bind; the queue's NAPI to use, under RCU. A binding that ends is
 * taken away first, then a grace period waited for.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#include "buf/rx_buf.h"
#include "buf/send.h"
#include "compat/xdp.h"
#include "netvsc.h"
#include "xdp/xdp.h"
#include "xdp/xdp_priv.h"

/* Frames of a socket that one poll sends. */
#define SENDS_PER_POLL	64

/**
 * struct xsk_socket - the socket of a queue
 * @xsk: its memory, and the receiving half
 * @desc: N, a frame out of its ring
 * @waits: N, @desc is still to be sent
 * @polled: N, its user was told that polls come without being asked for
 */
struct xsk_socket {
	struct netvsc_xsk xsk;
	struct xdp_desc desc;
	bool waits;
	bool polled;
};

static struct xsk_socket *xsk_socket_of(struct netvsc_xsk *xsk)
{
	return container_of(xsk, struct xsk_socket, xsk);
}

/* ---- binding ---- */

/* The queue that has this number now, if it is open. */
static struct netvsc_queue *xsk_queue_of(struct netvsc_priv *priv, u32 index)
{
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	return nvdev && index < nvdev->num_open ? nvdev->queue_mem[index] : NULL;
}

void netvsc_xdp_start(struct netvsc_queue *q)
{
	struct netvsc_priv *priv = netdev_priv(q->ndev);

	q->xsk = priv->xsk[q->index];
	/* For sockets that poll; nobody reads it yet. */
	if (q->xsk)
		netvsc_xdp_set_napi_id(&q->xsk->rxq, q->napi.napi_id);
}

static int xsk_bind_pool(struct net_device *ndev, struct xsk_buff_pool *pool,
			 u32 index)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_queue *q = xsk_queue_of(priv, index);
	struct xsk_socket *socket;
	struct netvsc_xsk *xsk;
	int err;

	/* One chunk is one frame. */
	if ((ndev->features & NETVSC_RSC_FEATURES) ||
	    ndev->mtu + ETH_HLEN > xsk_pool_get_rx_frame_size(pool))
		return -EOPNOTSUPP;
	socket = kzalloc(sizeof(*socket), GFP_KERNEL);
	if (!socket)
		return -ENOMEM;
	xsk = &socket->xsk;
	err = xdp_rxq_info_reg(&xsk->rxq, ndev, index,
			       q ? q->napi.napi_id : 0);
	if (err)
		goto free_socket;
	err = xdp_rxq_info_reg_mem_model(&xsk->rxq, MEM_TYPE_XSK_BUFF_POOL,
					 NULL);
	if (err)
		goto unreg_rxq;
	/* No device reads it, but the core wants to know where it would. */
	err = xsk_pool_dma_map(pool, &priv->hdev->device, 0);
	if (err)
		goto unreg_rxq;
	xsk_pool_set_rxq_info(pool, &xsk->rxq);
	xsk->pool = pool;
	xsk->bytes = xsk_pool_get_rx_frame_size(pool);
	priv->xsk[index] = xsk;
	if (q) {
		/* Pairs with the poll's reading: what it points to is there. */
		smp_store_release(&q->xsk, xsk);
	}
	return 0;

unreg_rxq:
	xdp_rxq_info_unreg(&xsk->rxq);
free_socket:
	kfree(socket);
	return err;
}

static int xsk_unbind_pool(struct net_device *ndev, u32 index)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_queue *q = xsk_queue_of(priv, index);
	struct netvsc_xsk *xsk = priv->xsk[index];

	if (!xsk)
		return -EINVAL;
	priv->xsk[index] = NULL;
	if (q)
		WRITE_ONCE(q->xsk, NULL);
	/* Polls that saw it are over after this. */
	synchronize_net();
	netvsc_rx_buf_free_chunks(xsk);
	xsk_pool_dma_unmap(xsk->pool, 0);
	xdp_rxq_info_unreg(&xsk->rxq);
	kfree(xsk_socket_of(xsk));
	return 0;
}

int netvsc_xdp_bind(struct net_device *ndev, struct xsk_buff_pool *pool,
		    u16 index)
{
	ASSERT_RTNL();
	if (index >= NVSP_MAX_CHANNELS)
		return -EINVAL;
	return pool ? xsk_bind_pool(ndev, pool, index) :
		      xsk_unbind_pool(ndev, index);
}

bool netvsc_xdp_bound(const struct net_device *ndev, u32 mtu)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (priv->xsk[i] && mtu + ETH_HLEN > priv->xsk[i]->bytes)
			return true;
	return false;
}

bool netvsc_xdp_has_sockets(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	u32 i, queues;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (priv->xsk[i])
			return true;
	/* In copy mode they are the core's alone. */
	queues = max(ndev->real_num_rx_queues, ndev->real_num_tx_queues);
	for (i = 0; i < queues; i++)
		if (xsk_get_pool_from_qid(ndev, i))
			return true;
	return false;
}

int netvsc_xdp_wake(struct net_device *ndev, u32 index, u32 flags)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;
	struct netvsc_queue *q;
	int err = -ENETDOWN;

	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	if (!nvdev || index >= NVSP_MAX_CHANNELS)
		goto unlock;
	q = READ_ONCE(nvdev->queues[index]);
	/* The first one stands in for those that are not open. */
	if (q->index != index)
		goto unlock;
	if (!netvsc_xdp_has_xsk(q)) {
		err = -EINVAL;
	} else if (!READ_ONCE(nvdev->tx_off)) {
		err = 0;
		local_bh_disable();
		if (!napi_if_scheduled_mark_missed(&q->napi))
			napi_schedule(&q->napi);
		local_bh_enable();
	}
unlock:
	rcu_read_unlock();
	return err;
}

/* ---- transmit ---- */

/* Takes one frame out of the ring; false: there is none. */
static bool xsk_peek_frame(struct xsk_socket *socket)
{
	if (socket->waits)
		return true;
	socket->waits = xsk_tx_peek_desc(socket->xsk.pool, &socket->desc);
	return socket->waits;
}

/*
 * A frame waits. With so many requests out that they can be the reason, their
 * completions poll. What else it waits for comes back without a word to this
 * queue: memory, a section that another queue has, ring room that the host gave
 * back when it had read what wants no completion.
 */
static void xsk_poll_later(struct netvsc_queue *q, int err)
{
	if (err != -EAGAIN || netvsc_send_free_slots(q) > q->slot_cnt / 2)
		schedule_delayed_work(&q->poll_later, 1);
}

/*
 * Tells the user whether this poll is the last that comes by itself. True: it
 * is not, for a frame came that was put there before the user could know.
 */
static bool xsk_update_wakeup(struct xsk_socket *socket, bool polled)
{
	struct xsk_buff_pool *pool = socket->xsk.pool;

	if (!xsk_uses_need_wakeup(pool) || socket->polled == polled)
		return false;
	socket->polled = polled;
	if (polled) {
		xsk_clear_tx_need_wakeup(pool);
		return false;
	}
	xsk_set_tx_need_wakeup(pool);
	/* The flag first, then the ring; the user has it the other way round. */
	smp_mb();
	return xsk_peek_frame(socket);
}

bool netvsc_xdp_send_xsk(struct netvsc_queue *q)
{
	struct netvsc_xsk *xsk = READ_ONCE(q->xsk);
	struct xsk_buff_pool *pool;
	struct xsk_socket *socket;
	u32 cnt = 0;
	bool more;
	int err;

	if (!xsk)
		return false;
	socket = xsk_socket_of(xsk);
	pool = xsk->pool;
	/* netvsc_tx_on() has us polled; its user may come, too. */
	if (READ_ONCE(q->nvdev->tx_off)) {
		xsk_update_wakeup(socket, false);
		return false;
	}
	while (cnt < SENDS_PER_POLL && xsk_peek_frame(socket)) {
		err = netvsc_xdp_send_chunk(q, xsk_buff_raw_get_data(pool,
								     socket->desc.addr),
					    socket->desc.len);
		if (unlikely(err)) {
			xsk_poll_later(q, err);
			break;
		}
		socket->waits = false;
		cnt++;
	}
	if (cnt) {
		netvsc_xdp_send_flush(q, &q->xdp_open);
		xsk_tx_completed(pool, cnt);
		xsk_tx_release(pool);
	}
	more = cnt == SENDS_PER_POLL && xsk_peek_frame(socket);
	return xsk_update_wakeup(socket, more || socket->waits) || more;
}
