// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: the channels beyond the first
 *
 * Promise: a device works with as many channels as really opened. Whether the
 * host grants fewer, offers them late, in any order, not at all or too many,
 * whether it refuses to open one or takes it away: it costs queues, not the
 * interface (R1-R9).
 *
 * Neighbours and locks: see dev.c.
 *
 *	ask ---- NVSP SUBCHANNEL ----> host
 *	 |                              |  offers, each on a work item of the bus
 *	 |      offers[] <-- dev_handle_offer()
 *	 v         |
 *	dev_open_offers()  opens them, under RTNL, out of the offers' way (R2)
 *	 |
 *	dev_use_channels() tells stack and host how many there are
 *
 * After the probe a work item goes that way; it only tries for RTNL and waits
 * for no offer. A re-configuration goes it at once and waits for the offers, with
 * a limit, so that its caller finds the queues he had. What comes later than
 * that is taken up by the work item.
 *
 * Queues are numbered without gaps in the order in which their channels opened;
 * netvsc_queue.channel_index says what the host calls them. A channel that did
 * not open leaves no trace.
 *
 * A host that takes its sub-channels back again and again is not asked for any for a
 * while (netdev_watch.c).
 */
#include <linux/device.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "bus/chan.h"
#include "bus/chan_ring.h"
#include "ctrl/defer.h"
#include "ctrl/nvsp.h"
#include "data/poll.h"
#include "data/tx.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "lib/pause.h"
#include "lib/sizing.h"
#include "netvsc.h"

/*
 * After a sub-channel that was late the next attachment may have it; a host that is
 * late each time is asked less often.
 */
#define LATE_PAUSE_MIN	(2 * HZ)
#define LATE_PAUSE_MAX	(1920 * HZ)
/* How long a re-configuration waits for the offers, and how often it looks. */
#define OFFERS_WAIT	(3 * HZ)
#define OFFERS_LOOK	(HZ / 10)
/* What sub-channels leave of an operation: to set the table, and to start. */
#define START_TIME	(5 * HZ)
/* Offers that come one by one are taken up together. */
#define OFFERS_BUNDLE	(HZ / 10)

/**
 * struct netvsc_subs - the sub-channels the host offers, until they are open
 * @ndev: I
 * @expected: L, the host may offer those with an index up to this; 0: none
 * @arrived: L, offers taken
 * @offers: L, by index, a reference held on each
 * @tried: R, by index: an opening was tried
 * @asked: R, the host was asked for sub-channels
 * @late: R, attachments in a row in which one was not opened in time
 * @without: R, it takes them back again and again: none are asked for until ...
 * @until: R, ... this time, in jiffies
 * @all: everything that was granted has arrived
 * @work: asks, and opens what has arrived
 *
 * L is dev_offers_lock, one for all interfaces.
 */
struct netvsc_subs {
	struct net_device *ndev;
	u32 expected;
	u32 arrived;
	struct vmbus_channel *offers[NVSP_MAX_CHANNELS];
	DECLARE_BITMAP(tried, NVSP_MAX_CHANNELS);
	bool asked;
	u32 late;
	bool without;
	unsigned long until;
	struct completion all;
	struct delayed_work work;
};

/*
 * One for all interfaces, because an offer of a channel has to find the
 * interface first: it is there as long as the bus device has driver data.
 */
static DEFINE_SPINLOCK(dev_offers_lock);

/* ---- offers ---- */

static void dev_store_offer(struct netvsc_subs *subs,
			    struct vmbus_channel *channel)
{
	u32 index = channel->offermsg.offer.sub_channel_index;
	bool all;

	/* The host's number (R7); nobody else looks at what we do not take. */
	if (!index || index > subs->expected || subs->offers[index])
		return;
	netvsc_chan_hold(channel);
	subs->offers[index] = channel;
	all = ++subs->arrived == subs->expected;
	if (all)
		complete(&subs->all);
	mod_delayed_work(system_percpu_wq, &subs->work, all ? 0 : OFFERS_BUNDLE);
}

/* Called by the bus; must neither open nor wait (R2). */
static void dev_handle_offer(struct vmbus_channel *channel)
{
	struct netvsc_priv *priv;
	struct net_device *ndev;

	spin_lock(&dev_offers_lock);
	ndev = hv_get_drvdata(channel->primary_channel->device_obj);
	if (ndev) {
		priv = netdev_priv(ndev);
		dev_store_offer(priv->subs, channel);
	}
	spin_unlock(&dev_offers_lock);
}

/* Offers with an index up to @cnt are welcome, others are not. */
static void dev_expect_offers(struct netvsc_subs *subs, u32 cnt)
{
	u32 i, arrived = 0;

	spin_lock(&dev_offers_lock);
	subs->expected = cnt;
	for (i = 1; i <= cnt; i++)
		arrived += !!subs->offers[i];
	subs->arrived = arrived;
	if (arrived == cnt)
		complete(&subs->all);
	spin_unlock(&dev_offers_lock);
}

/* None while the host takes them back; asked again when that time is over. */
static u32 dev_wanted_subs(struct netvsc_device *nvdev,
			   struct netvsc_subs *subs)
{
	if (subs->without && time_before(jiffies, subs->until)) {
		/* It may wait for RTNL: for nothing that is still to be done. */
		mod_delayed_work(system_percpu_wq, &subs->work, subs->until - jiffies);
		return 0;
	}
	subs->without = false;
	return netvsc_dev_wants_queues(nvdev, nvdev) - 1;
}

static void dev_request_channels(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_subs *subs = priv->subs;
	u32 wanted = dev_wanted_subs(nvdev, subs), granted = 0;
	int err;

	subs->asked = true;
	reinit_completion(&subs->all);
	/* With less memory there are fewer queues. */
	while (wanted && netvsc_dev_alloc_queues(nvdev, wanted + 1))
		wanted /= 2;
	netvsc_dev_trim_queues(nvdev, wanted + 1);
	dev_expect_offers(subs, wanted);
	if (!wanted)
		return;
	netvsc_chan_on_offer(nvdev, dev_handle_offer);
	err = netvsc_nvsp_ask_channels(nvdev, wanted, &granted);
	/* A host that does not answer may offer all the same. */
	if (err != -ETIMEDOUT) {
		dev_expect_offers(subs, granted);
		netvsc_dev_trim_queues(nvdev, granted + 1);
	}
	if (err && err != -ENODEV)
		netdev_info(nvdev->ndev, "host grants no sub-channels: %d\n",
			    err);
}

/* ---- opening ---- */

static int dev_open_channel(struct netvsc_device *nvdev,
			    struct vmbus_channel *channel, u32 index)
{
	u32 i = nvdev->num_open;
	struct netvsc_queue *q;
	int err;

	if (netvsc_dev_alloc_queues(nvdev, i + 1))
		return -ENOMEM;
	q = nvdev->queue_mem[i];
	q->channel_index = index;
	netvsc_poll_start(q);
	err = netvsc_chan_open(q, channel,
			       netvsc_sizing_sub_ring_pages(nvdev->params.ring_pages),
			       netvsc_poll_interrupt);
	if (err) {
		/* Not counted, and disabled once (R4). */
		netvsc_chan_clear_callback(q);
		netvsc_poll_stop(q);
		q->channel = NULL;
		return err;
	}
	nvdev->num_open++;
	return 0;
}

/*
 * Tells everybody how many queues there are: first what is behind an index,
 * then the stack, then our own choice.
 */
static void dev_use_channels(struct netvsc_device *nvdev)
{
	u32 n = min(netvsc_dev_wants_queues(nvdev, nvdev), nvdev->num_open), i;
	struct net_device *ndev = nvdev->ndev;
	int err;

	netvsc_nvsp_default_table(nvdev, n);
	for (i = 0; i < nvdev->num_open; i++) {
		struct netvsc_queue *q = nvdev->queue_mem[i];

		WRITE_ONCE(q->section_start,
			   netvsc_section_start(&nvdev->sections, i,
						nvdev->num_open));
		WRITE_ONCE(nvdev->queues[i], q);
	}
	if (netif_set_real_num_queues(ndev, n, n)) {
		netdev_warn(ndev, "no memory for %u queues\n", n);
		n = min(n, ndev->real_num_tx_queues);
	}
	WRITE_ONCE(nvdev->num_queues, n);
	netvsc_tx_poll_sockets(nvdev);
	/* Without it all frames come to the first queue: no reason to give up. */
	err = netvsc_dev_apply_rss(nvdev, n);
	netvsc_dev_record_pending(nvdev, NETVSC_UNCONFIRMED_RSS, err);
	if (err && !netvsc_chan_rescinded(nvdev))
		netdev_info(ndev, "host rejects the RSS table: %d\n", err);
}

void netvsc_dev_retry_channels(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_subs *subs = priv->subs;
	unsigned long pause;

	nvdev->channels_missing = true;
	pause = netvsc_pause(subs->late++, LATE_PAUSE_MIN, LATE_PAUSE_MAX);
	netvsc_defer_task(nvdev->ndev, NETVSC_TASK_CHANNELS, pause);
}

/* Opens what has arrived; true if there are more channels than before. */
static bool dev_open_offers(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_subs *subs = priv->subs;
	struct vmbus_channel *channel;
	u32 before = nvdev->num_open;
	int err;
	u32 i;

	for (i = 1; i < NVSP_MAX_CHANNELS; i++) {
		/* The user may want fewer than were asked for. */
		if (nvdev->num_open >= netvsc_dev_wants_queues(nvdev, nvdev))
			break;
		spin_lock(&dev_offers_lock);
		channel = i <= subs->expected ? subs->offers[i] : NULL;
		spin_unlock(&dev_offers_lock);
		if (!channel || test_and_set_bit(i, subs->tried))
			continue;
		/* We hold it, and only a holder of RTNL lets it go. */
		err = dev_open_channel(nvdev, channel, i);
		if (err && !netvsc_chan_rescinded(nvdev))
			netdev_info(nvdev->ndev,
				    "cannot open sub-channel %u: %d\n", i,
				    err);
		if (err == -ETIMEDOUT) {
			/* One wait is enough: the others come with it. */
			bitmap_fill(subs->tried, NVSP_MAX_CHANNELS);
			netvsc_dev_retry_channels(nvdev);
		}
	}
	if (!nvdev->channels_missing)
		subs->late = 0;
	return nvdev->num_open > before;
}

/* The time without sub-channels. */
static bool dev_pause_is_over(const struct netvsc_subs *subs)
{
	return subs->without && !time_before(jiffies, subs->until);
}

static void dev_run_channel_work(struct work_struct *work)
{
	struct netvsc_subs *subs = container_of(to_delayed_work(work),
						struct netvsc_subs, work);
	struct netvsc_priv *priv = netdev_priv(subs->ndev);
	struct netvsc_device *nvdev;

	if (!netvsc_defer_try_rtnl(&subs->work))
		return;
	netvsc_chan_begin_op(subs->ndev);
	nvdev = rtnl_dereference(priv->nvdev);
	if (nvdev && (!subs->asked || dev_pause_is_over(subs)))
		dev_request_channels(nvdev);
	if (nvdev && dev_open_offers(nvdev))
		dev_use_channels(nvdev);
	netvsc_chan_end_op(subs->ndev);
	rtnl_unlock();
}

static void dev_wait_offers(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	unsigned long limit = jiffies + OFFERS_WAIT;

	while (!wait_for_completion_timeout(&priv->subs->all, OFFERS_LOOK))
		if (netvsc_chan_rescinded(nvdev) || time_after(jiffies, limit))
			break;
}

void netvsc_dev_add_channels(struct netvsc_device *nvdev)
{
	unsigned long end;

	ASSERT_RTNL();
	/* They are worth less than the traffic, which starts behind them. */
	end = netvsc_chan_begin_part(nvdev->ndev, START_TIME);
	dev_request_channels(nvdev);
	dev_wait_offers(nvdev);
	dev_open_offers(nvdev);
	netvsc_chan_end_part(nvdev->ndev, end);
	dev_use_channels(nvdev);
}

void netvsc_dev_add_channels_later(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	schedule_delayed_work(&priv->subs->work, 0);
}

/* ---- begin and end ---- */

void netvsc_dev_drop_channels(struct netvsc_device *nvdev)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_subs *subs = priv->subs;
	u32 i;

	ASSERT_RTNL();
	dev_expect_offers(subs, 0);
	/* Nothing is added to the offers now. */
	for (i = 1; i < NVSP_MAX_CHANNELS; i++) {
		if (subs->offers[i])
			netvsc_chan_release(subs->offers[i]);
		subs->offers[i] = NULL;
	}
	bitmap_zero(subs->tried, NVSP_MAX_CHANNELS);
	subs->asked = false;
}

void netvsc_dev_pause_subchannels(struct net_device *ndev, unsigned long pause)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	ASSERT_RTNL();
	priv->subs->without = true;
	priv->subs->until = jiffies + pause;
}

int netvsc_dev_init_channels(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->subs = devm_kzalloc(&priv->hdev->device, sizeof(*priv->subs),
				  GFP_KERNEL);
	if (!priv->subs)
		return -ENOMEM;
	priv->subs->ndev = ndev;
	init_completion(&priv->subs->all);
	INIT_DELAYED_WORK(&priv->subs->work, dev_run_channel_work);
	return 0;
}

void netvsc_dev_kill_channels(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	spin_lock(&dev_offers_lock);
	hv_set_drvdata(priv->hdev, NULL);
	spin_unlock(&dev_offers_lock);
	cancel_delayed_work_sync(&priv->subs->work);
}
