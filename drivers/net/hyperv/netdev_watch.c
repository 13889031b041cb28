// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room netdev, second file: a queue that sends nothing
 *
 * Promise: one line in the log says what state it is in; a signal that was lost
 * is given again; a host that answers but does not complete gets a new
 * attachment; a host that does not even answer is left alone until it does.
 *
 * Neighbours: the stack's watchdog calls; tx reports a sub-channel that was
 * taken away alone, by netvsc_device.news. dev rebuilds.
 *
 *	watchdog, every WATCHDOG while a queue is stuck
 *	   |  1st..: line in the log, signal to the host, poll
 *	   |  STUCK_MAX-th in a row: work
 *	   v
 *	work: does the host answer?  no: wait for the next time
 *	                            yes: re-attach
 *	   ^
 *	   |  soon
 *	sub-channel without a host behind it
 *
 * Locks: the watchdog runs under the stack's locks, in softirq: RCU here. The
 * work tries for RTNL.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "chan.h"
#include "dev.h"
#include "link.h"
#include "netdev.h"
#include "netvsc.h"
#include "oid.h"

#define WATCHDOG	(10 * HZ)
/* A host may stop for as long without being given up. */
#define STUCK_MAX	4
#define BROKEN_DELAY	(HZ / 4)
/* So many re-attachments for a lost sub-channel in so much time are enough. */
#define BREAKS_MAX	2
#define BREAKS_WINDOW	(60 * HZ)
#define BREAKS_FORGOTTEN	(3600 * HZ)
/* Then it goes without, longer each time. */
#define PAUSE_MIN	(60UL * HZ)
#define PAUSE_MAX	(1920UL * HZ)

static void describe(struct net_device *ndev, struct netvsc_queue *q)
{
	struct netvsc_chan_state state;

	netvsc_chan_state(q, &state);
	netdev_warn(ndev,
		    "queue %u sends nothing: %u requests out, %u completions owed, unread by the host %u and by us %u bytes, %s%s\n",
		    q->index, state.requests, state.owed, state.out_bytes,
		    state.in_bytes, state.rescinded ? "channel gone" : "channel open",
		    test_bit(NETVSC_QUEUE_STOPPED, &q->flags) ? ", stopped" : "");
}

/* How many times in a row, nothing having been sent in between. */
static u32 times_stuck(struct netvsc_watch *watch,
		       const struct netvsc_queue *q)
{
	u64 done = q->stats->tx_packets;

	if (watch->queue != q->index || watch->done != done)
		watch->cnt = 0;
	watch->queue = q->index;
	watch->done = done;
	return ++watch->cnt;
}

void netvsc_netdev_timeout(struct net_device *ndev, unsigned int index)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;
	struct netvsc_queue *q;

	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	if (!nvdev)
		goto unlock;
	netvsc_count(ndev, NETVSC_CNT_TX_TIMEOUT);
	q = READ_ONCE(nvdev->queues[index % NVSP_MAX_CHANNELS]);
	if (net_ratelimit())
		describe(ndev, q);
	netvsc_chan_kick(q);
	if (times_stuck(&priv->watch, q) >= STUCK_MAX)
		schedule_delayed_work(&priv->watch.work, 0);
unlock:
	rcu_read_unlock();
}

void netvsc_netdev_broken(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);

	WRITE_ONCE(priv->watch.broken, true);
	/* Where the whole NIC goes the primary follows at once. */
	schedule_delayed_work(&priv->watch.work, BROKEN_DELAY);
}

/* A host that takes its sub-channels back again and again is not asked for any. */
static void count_break(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_watch *watch = &priv->watch;

	if (!watch->breaks ||
	    time_after(jiffies, watch->first_break + BREAKS_WINDOW)) {
		if (time_after(jiffies, watch->first_break + BREAKS_FORGOTTEN))
			watch->pause = 0;
		watch->breaks = 0;
		watch->first_break = jiffies;
	}
	if (++watch->breaks < BREAKS_MAX)
		return;
	watch->breaks = 0;
	watch->pause = clamp(2 * watch->pause, PAUSE_MIN, PAUSE_MAX);
	netdev_warn(ndev, "host takes sub-channels back: none for %lu s\n",
		    watch->pause / HZ);
	netvsc_dev_do_without(ndev, watch->pause);
}

static void recover(struct net_device *ndev, struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_watch *watch = &priv->watch;
	bool broken = xchg(&watch->broken, false);
	int err;

	if (netvsc_chan_rescinded(nvdev) || ndev->reg_state != NETREG_REGISTERED)
		return;
	if (!broken && netvsc_oid_ping(nvdev))
		return;
	watch->cnt = 0;
	netdev_warn(ndev, "re-attaching: %s\n",
		    broken ? "a sub-channel is gone" :
			     "the host does not complete what was sent");
	if (broken)
		count_break(ndev);
	err = netvsc_dev_reconfigure(ndev, &priv->params, NULL);
	netvsc_link_sync(ndev);
	if (err)
		netdev_warn(ndev, "not recovered: %d\n", err);
}

static void work(struct work_struct *work)
{
	struct netvsc_priv *priv = container_of(to_delayed_work(work),
						struct netvsc_priv, watch.work);
	struct netvsc_device *nvdev;

	if (!netvsc_dev_try_rtnl(&priv->watch.work))
		return;
	netvsc_dev_begin(priv->ndev);
	nvdev = rtnl_dereference(priv->nvdev);
	if (nvdev)
		recover(priv->ndev, nvdev);
	netvsc_dev_end(priv->ndev);
	rtnl_unlock();
}

void netvsc_netdev_watch_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	INIT_DELAYED_WORK(&priv->watch.work, work);
	ndev->watchdog_timeo = WATCHDOG;
}

void netvsc_netdev_watch_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	cancel_delayed_work_sync(&priv->watch.work);
}
