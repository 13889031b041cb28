// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room netdev: a queue that sends nothing, a host that does not answer
 *
 * Promise: one line in the log says what state it is in; a signal that was lost
 * is given again; a host that answers but does not complete gets a new
 * attachment. A channel that is dead while the bus is alive does, too, less often each
 * time. An attachment whose bus does not answer is left alone until it does, by who asks for a
 * recovery, too.
 *
 * Neighbours: the stack's watchdog calls; tx reports a sub-channel that was
 * taken away alone, chan a deadline that was missed, by netvsc_device.events. dev
 * rebuilds. health hears of what is found, and has it rebuilt when the user says so.
 *
 *	watchdog, every WATCHDOG while a queue is stuck
 *	   |  1st..: line in the log, signal to the host, poll
 *	   |  STUCK_MAX-th in a row, the first if the host broke the protocol: work
 *	   v
 *	work: does the host answer?  yes: does the bus? re-attach if a queue is stuck
 *	   ^  ^		             no, UNANSWERED_MAX times: does the bus?
 *	   |  |				 yes: re-attach, if the last time is long ago
 *	   |  |				 no: ask later
 *	   |  |			     no, but something else comes: ask later
 *	   |  soon
 *	   |  sub-channel without a host behind it: does the bus answer? re-attach
 *	ASK_SOON
 *	deadline missed
 *
 * Locks: the watchdog runs under the stack's locks, in softirq: RCU here. The
 * work tries for RTNL.
 */
#include <linux/device.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "bus/chan.h"
#include "ctrl/defer.h"
#include "ctrl/oid.h"
#include "dev/dev.h"
#include "lib/pause.h"
#include "netdev.h"
#include "netvsc.h"

#define WATCHDOG	(10 * HZ)
/* A sound host may stop for as long without being given up. */
#define STUCK_MAX	4
/* One that has broken the protocol in this time has spoilt what is missing. */
#define ERRED_WINDOW	(3 * WATCHDOG)
#define BROKEN_DELAY	(HZ / 4)
/* A small question, and how often it is asked before the channel counts as dead. */
#define ASK_MS		5000
/* With the question and the bus no longer than any other operation. */
#define REATTACH_MS	19000
#define ASK_SOON	(5 * HZ)
#define ASK_LATER	(30 * HZ)
#define UNANSWERED_MAX	3
/* So many re-attachments for a lost sub-channel in so much time are enough. */
#define BREAKS_MAX	2
#define BREAKS_WINDOW	(60 * HZ)
#define BREAKS_FORGOTTEN	(3600 * HZ)
/* Then it goes without, longer each time. */
#define PAUSE_MIN	(60 * HZ)
#define PAUSE_MAX	(1920 * HZ)

/**
 * struct netvsc_watch - a queue that sends nothing, a host that does not answer
 * @ndev: I
 * @queue: a, of the last time; written by the watchdog
 * @progress: a, watch_progress() then; likewise
 * @cnt: times in a row; the watchdog's, and R for a new start
 * @stuck: a, nothing was sent for too long
 * @broken: a, a sub-channel is gone
 * @counted: R, that one of this attachment is gone was counted
 * @unanswered: R, questions in a row without an answer
 * @rx_index: R, up to where the host had written at the last of them
 * @silences: R, re-attachments for silence, the more the longer until the next
 * @silent_at: R, the last of these, in jiffies
 * @breaks: R, how often in the last minute
 * @first_break: R, the first of these, in jiffies
 * @pauses: R, how often it went without sub-channels, longer each time
 * @work: looks after it
 */
struct netvsc_watch {
	struct net_device *ndev;
	u16 queue;
	unsigned long progress;
	u32 cnt;
	bool stuck;
	bool broken;
	bool counted;
	u32 unanswered;
	u32 rx_index;
	u32 silences;
	unsigned long silent_at;
	u32 breaks;
	unsigned long first_break;
	u32 pauses;
	struct delayed_work work;
};

static void watch_log_stuck(struct net_device *ndev, struct netvsc_queue *q)
{
	struct netvsc_chan_state state;

	netvsc_chan_state(q, &state);
	netdev_warn(ndev,
		    "queue %u sends nothing: %u requests out, %u completions owed, unread by the host %u and by us %u bytes, %s%s\n",
		    q->index, state.requests, state.owed, state.out_bytes,
		    state.in_bytes, state.rescinded ? "channel gone" : "channel open",
		    test_bit(NETVSC_QUEUE_STOPPED, &q->flags) ? ", stopped" : "");
}

/* Another one if the stack has sent anything, or the host completed anything of it. */
static unsigned long watch_progress(const struct netvsc_queue *q)
{
	unsigned long progress = READ_ONCE(q->txq->trans_start);

	/* What programs send says nothing of the stack's frames. */
#ifdef CONFIG_BQL
	progress += READ_ONCE(q->txq->dql.num_completed);
#endif
	return progress;
}

/* How many times in a row, nothing having been sent in between. */
static u32 watch_count_stuck(struct netvsc_watch *watch,
			     const struct netvsc_queue *q)
{
	unsigned long progress = watch_progress(q);

	if (watch->queue != q->index || watch->progress != progress) {
		watch->cnt = 0;
		/* The work that waits for RTNL comes too late for what is over. */
		WRITE_ONCE(watch->stuck, false);
	}
	WRITE_ONCE(watch->queue, q->index);
	WRITE_ONCE(watch->progress, progress);
	return ++watch->cnt;
}

/* RTNL and the host's answer may have taken long: is it as the watchdog saw it? */
static bool watch_is_stuck(const struct netvsc_watch *watch,
			   const struct netvsc_device *nvdev)
{
	const struct netvsc_queue *q;

	q = nvdev->queues[READ_ONCE(watch->queue) % NVSP_MAX_CHANNELS];
	return netif_xmit_stopped(q->txq) &&
	       watch_progress(q) == READ_ONCE(watch->progress);
}

/* How often a queue may be found stuck before it is more than a host that waits. */
static u32 watch_patience(const struct netvsc_device *nvdev)
{
	unsigned long erred_at = READ_ONCE(nvdev->erred_at);

	if (erred_at && time_before(jiffies, erred_at + ERRED_WINDOW))
		return 1;
	return STUCK_MAX;
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
		watch_log_stuck(ndev, q);
	priv->events->health(ndev, NETVSC_HEALTH_TX_STUCK, q->index);
	netvsc_chan_kick(q);
	if (watch_count_stuck(priv->watch, q) >= watch_patience(nvdev)) {
		WRITE_ONCE(priv->watch->stuck, true);
		mod_delayed_work(system_percpu_wq, &priv->watch->work, 0);
	}
unlock:
	rcu_read_unlock();
}

void netvsc_netdev_broken(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);

	/* Where the whole NIC goes the primary follows at once. */
	if (!xchg(&priv->watch->broken, true))
		mod_delayed_work(system_percpu_wq, &priv->watch->work, BROKEN_DELAY);
}

void netvsc_netdev_attaching(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	/* What was seen of the one before says nothing of this one. */
	WRITE_ONCE(priv->watch->broken, false);
	WRITE_ONCE(priv->watch->stuck, false);
	priv->watch->cnt = 0;
	priv->watch->counted = false;
	priv->watch->unanswered = 0;
}

void netvsc_netdev_unresponsive(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);

	schedule_delayed_work(&priv->watch->work, ASK_SOON);
}

/* A host that takes its sub-channels back again and again is not asked for any. */
static void watch_count_loss(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_watch *watch = priv->watch;
	unsigned long pause;

	if (!watch->breaks ||
	    time_after(jiffies, watch->first_break + BREAKS_WINDOW)) {
		if (time_after(jiffies, watch->first_break + BREAKS_FORGOTTEN))
			watch->pauses = 0;
		watch->breaks = 0;
		watch->first_break = jiffies;
	}
	if (++watch->breaks < BREAKS_MAX)
		return;
	watch->breaks = 0;
	pause = netvsc_pause(watch->pauses++, PAUSE_MIN, PAUSE_MAX);
	netdev_warn(ndev, "host revokes sub-channels repeatedly: none requested for %lu s\n",
		    pause / HZ);
	netvsc_dev_pause_subchannels(ndev, pause);
}

static int watch_reattach(struct net_device *ndev, const char *why)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	int err;

	netvsc_chan_begin_op_most(ndev, REATTACH_MS);
	err = netvsc_dev_reattach(ndev, why);
	netvsc_chan_end_op(ndev);
	if (!err)
		return 0;
	netdev_warn(ndev, "re-attach failed: %d\n", err);
	/* Without memory the old attachment is there as it was. */
	schedule_delayed_work(&priv->watch->work, ASK_LATER);
	return err;
}

/* A channel that dies again and again is opened anew less often each time. */
static bool watch_may_reopen(struct netvsc_watch *watch)
{
	unsigned long pause;

	if (time_after(jiffies, watch->silent_at + BREAKS_FORGOTTEN))
		watch->silences = 0;
	if (!watch->silences)
		return true;
	pause = netvsc_pause(watch->silences - 1, PAUSE_MIN, PAUSE_MAX);
	return time_after(jiffies, watch->silent_at + pause);
}

/* The channel may be dead, or the host as a whole silent for a while. */
static void watch_handle_silence(struct net_device *ndev,
				 struct netvsc_device *nvdev)
{
	u32 rx_index = netvsc_chan_rx_index(nvdev->queue_mem[0]);
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_watch *watch = priv->watch;
	unsigned long before;

	/* What is down is looked after when it goes up. */
	if (!netif_running(ndev))
		return;
	/* Something comes: it is late, or silent about requests only. */
	if (rx_index != watch->rx_index && watch->unanswered) {
		watch->rx_index = rx_index;
		watch->unanswered = 1;
		schedule_delayed_work(&watch->work, ASK_LATER);
		return;
	}
	watch->rx_index = rx_index;
	if (++watch->unanswered < UNANSWERED_MAX) {
		schedule_delayed_work(&watch->work, ASK_SOON);
		return;
	}
	if (!watch_may_reopen(watch) || !netvsc_chan_bus_answers(nvdev)) {
		schedule_delayed_work(&watch->work, ASK_LATER);
		return;
	}
	before = watch->silent_at;
	watch->silences++;
	watch->silent_at = jiffies;
	priv->events->health(ndev, NETVSC_HEALTH_TX_SILENT, 0);
	/* Without memory nothing was opened. */
	if (watch_reattach(ndev, NETVSC_DEV_CHANNEL_DEAD) == -ENOMEM) {
		watch->silences--;
		watch->silent_at = before;
	}
}

/*
 * Tried again for lack of memory or of an answer it is the same loss; the other channels
 * go on meanwhile, so without the bus nothing is given up (R70).
 */
static void watch_handle_loss(struct net_device *ndev,
			      struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_watch *watch = priv->watch;

	if (!watch->counted) {
		priv->events->health(ndev, NETVSC_HEALTH_TX_REVOKED, 0);
		watch_count_loss(ndev);
	}
	watch->counted = true;
	if (netvsc_chan_bus_answers(nvdev) &&
	    !watch_reattach(ndev, "a sub-channel is gone"))
		return;
	/* A new attachment has forgotten the loss of the one before. */
	if (!watch->counted)
		return;
	WRITE_ONCE(watch->broken, true);
	mod_delayed_work(system_percpu_wq, &watch->work, ASK_SOON);
}

/* Nobody waits for the answer, and many may wait for RTNL. */
static int watch_ping_host(struct netvsc_device *nvdev)
{
	int err;

	netvsc_chan_begin_op_most(nvdev->ndev, ASK_MS);
	err = netvsc_oid_ping(nvdev);
	netvsc_chan_end_op(nvdev->ndev);
	return err;
}

static void watch_check_host(struct net_device *ndev,
			     struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_watch *watch = priv->watch;
	bool broken = xchg(&watch->broken, false);
	bool stuck = xchg(&watch->stuck, false);
	int err;

	if (netvsc_chan_rescinded(nvdev) || ndev->reg_state != NETREG_REGISTERED)
		return;
	if (broken) {
		watch_handle_loss(ndev, nvdev);
		return;
	}
	/* It answers, as far as anybody knows. */
	if (!stuck && !watch->unanswered && !READ_ONCE(nvdev->unresponsive))
		return;
	err = watch_ping_host(nvdev);
	if (err == -ETIMEDOUT || err == -EAGAIN)
		watch_handle_silence(ndev, nvdev);
	else if (err && err != -ENODEV)
		/* Nobody else would ask again. */
		schedule_delayed_work(&watch->work, ASK_SOON);
	if (err)
		return;
	watch->unanswered = 0;
	/*
	 * Without the bus there is no way back (R70); the watchdog comes again. The queue
	 * may have gone on while the bus was asked.
	 */
	if (stuck && watch_is_stuck(watch, nvdev) &&
	    netvsc_chan_bus_answers(nvdev) && watch_is_stuck(watch, nvdev))
		watch_reattach(ndev, "the host does not complete what was sent");
}

static void watch_run_work(struct work_struct *work)
{
	struct netvsc_watch *watch = container_of(to_delayed_work(work),
						  struct netvsc_watch, work);
	struct netvsc_priv *priv = netdev_priv(watch->ndev);
	struct netvsc_device *nvdev;

	if (!netvsc_defer_try_rtnl(&watch->work))
		return;
	nvdev = rtnl_dereference(priv->nvdev);
	if (nvdev)
		watch_check_host(watch->ndev, nvdev);
	rtnl_unlock();
}

int netvsc_netdev_recover(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;

	ASSERT_RTNL();
	nvdev = rtnl_dereference(priv->nvdev);
	if (ndev->reg_state != NETREG_REGISTERED || priv->asleep ||
	    READ_ONCE(priv->hdev->channel->rescind))
		return -ENODEV;
	/* Whatever the channel does: without the bus there is no way back (R70). */
	if (nvdev && !netvsc_chan_bus_answers(nvdev))
		return netvsc_chan_rescinded(nvdev) ? -ENODEV : -EHOSTDOWN;
	return watch_reattach(ndev, "asked for by devlink");
}

int netvsc_netdev_watch_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->watch = devm_kzalloc(&priv->hdev->device, sizeof(*priv->watch),
				   GFP_KERNEL);
	if (!priv->watch)
		return -ENOMEM;
	priv->watch->ndev = ndev;
	INIT_DELAYED_WORK(&priv->watch->work, watch_run_work);
	ndev->watchdog_timeo = WATCHDOG;
	return 0;
}

void netvsc_netdev_watch_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	cancel_delayed_work_sync(&priv->watch->work);
}
