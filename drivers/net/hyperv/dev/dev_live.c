// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room dev: what changes while frames flow
 *
 * Promise: the number of queues within the channels that are open changes in place: no
 * frame is lost, the carrier and the channels do not notice. The host is asked first, so
 * what it refuses has not happened (R75). What it did not confirm it is told again.
 *
 * Neighbours and locks: see dev.c.
 *
 * Order of a change of the queues. A frame finds its queue by num_queues, the
 * stack holds it against real_num_*_queues: the latter is the larger one at any
 * time.
 *
 *	more:  real_num up -> num_queues up -> table of the host
 *	fewer: table of the host -> num_queues down -> senders gone, what waits
 *	       for those queues is sent -> real_num down
 */
#include <linux/delay.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>

#include "bus/chan.h"
#include "ctrl/nvsp.h"
#include "ctrl/oid.h"
#include "ctrl/rndis.h"
#include "data/tx.h"
#include "dev/dev.h"
#include "dev/dev_priv.h"
#include "netvsc.h"

/* How long frames may wait in queues that go away. */
#define QDISC_WAIT	(HZ / 2)
/* Without a frame for so long nobody will miss the next ones. */
#define QUIET_MS	250

/* ---- number of queues ---- */

/* Frames that wait for queues from @first on. */
static bool dev_qdisc_backlog(struct net_device *ndev, u32 first)
{
	const struct netdev_queue *txq;
	u32 i;

	for (i = first; i < ndev->real_num_tx_queues; i++) {
		txq = netdev_get_tx_queue(ndev, i);
		if (qdisc_qlen_sum(rtnl_dereference(txq->qdisc)))
			return true;
	}
	return false;
}

/* The stack would throw away what waits for the queues that go. */
static void dev_drain_qdiscs(struct netvsc_device *nvdev, u32 first)
{
	unsigned long limit = jiffies + QDISC_WAIT;
	u32 i;

	/* Senders that looked at num_queues before are through after this. */
	synchronize_net();
	while (netif_running(nvdev->ndev) &&
	       dev_qdisc_backlog(nvdev->ndev, first) &&
	       time_before(jiffies, limit))
		usleep_range(500, 1000);
	for (i = first; i < nvdev->num_open; i++)
		netvsc_tx_flush(nvdev->queue_mem[i]);
}

static int dev_add_queues(struct netvsc_device *nvdev, u32 n)
{
	struct net_device *ndev = nvdev->ndev;
	u32 before = nvdev->num_queues;
	int err;

	err = netif_set_real_num_queues(ndev, n, n);
	if (err)
		return err;
	WRITE_ONCE(nvdev->num_queues, n);
	err = netvsc_dev_apply_rss(nvdev, n);
	if (!err)
		return 0;
	WRITE_ONCE(nvdev->num_queues, before);
	dev_drain_qdiscs(nvdev, before);
	netif_set_real_num_queues(ndev, before, before);
	return err;
}

static int dev_remove_queues(struct netvsc_device *nvdev, u32 n)
{
	int err;

	err = netvsc_dev_apply_rss(nvdev, n);
	if (err)
		return err;
	WRITE_ONCE(nvdev->num_queues, n);
	dev_drain_qdiscs(nvdev, n);
	return netif_set_real_num_queues(nvdev->ndev, n, n);
}

int netvsc_dev_set_queues(struct netvsc_device *nvdev, u32 n)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	u32 before = nvdev->num_queues;
	int err = 0;

	ASSERT_RTNL();
	if (WARN_ON_ONCE(!n || n > nvdev->num_open))
		return -EINVAL;
	if (n > before)
		err = dev_add_queues(nvdev, n);
	else if (n < before)
		err = dev_remove_queues(nvdev, n);
	netvsc_dev_record_result(nvdev, NETVSC_UNCONFIRMED_RSS, err);
	if (err)
		return err;
	priv->params.queues = n;
	netvsc_nvsp_default_table(nvdev, n);
	return 0;
}

u64 netvsc_dev_frames(const struct netvsc_device *nvdev)
{
	const struct netvsc_queue_stats *stats;
	u64 sum = 0;
	u32 i;

	for (i = 0; i < nvdev->num_open; i++) {
		stats = nvdev->queue_mem[i]->stats;
		sum += READ_ONCE(stats->rx_packets) +
		       READ_ONCE(stats->tx_packets);
	}
	return sum;
}

bool netvsc_dev_is_quiet(const struct netvsc_device *nvdev)
{
	u64 before = netvsc_dev_frames(nvdev);

	if (!netif_running(nvdev->ndev))
		return true;
	msleep(QUIET_MS);
	return netvsc_dev_frames(nvdev) == before;
}

bool netvsc_dev_lacks_channels(const struct netvsc_device *nvdev)
{
	return nvdev->channels_missing &&
	       nvdev->num_open < netvsc_dev_most_queues(netdev_priv(nvdev->ndev));
}

bool netvsc_dev_has_excess_channels(const struct netvsc_device *nvdev)
{
	return nvdev->num_open > netvsc_dev_wants_queues(nvdev, nvdev);
}

bool netvsc_dev_has_way_back(struct netvsc_device *nvdev)
{
	ASSERT_RTNL();
	return kref_read(&nvdev->ref) == 1 &&
	       !READ_ONCE(nvdev->unresponsive) &&
	       netvsc_chan_bus_answers(nvdev);
}

/* ---- what the host has not confirmed ---- */

static int dev_resync_one(struct netvsc_device *nvdev, unsigned int what)
{
	switch (what) {
	case NETVSC_UNCONFIRMED_MAC:
		return netvsc_oid_set_mac(nvdev, nvdev->ndev->dev_addr);
	case NETVSC_UNCONFIRMED_FILTER:
		return netvsc_dev_update_filter(nvdev);
	case NETVSC_UNCONFIRMED_RSS:
		return netvsc_dev_apply_rss(nvdev, nvdev->num_queues);
	case NETVSC_UNCONFIRMED_RSC:
		return netvsc_dev_resync_rsc(nvdev);
	default:
		return netvsc_dev_read_offloads(nvdev);
	}
}

bool netvsc_dev_resync(struct netvsc_device *nvdev, bool log)
{
	unsigned int what;
	int err;

	ASSERT_RTNL();
	for (what = 0; what < NETVSC_UNCONFIRMED_CNT; what++) {
		/* What somebody finds unconfirmed from here on stays so. */
		if (!test_and_clear_bit(what, &nvdev->unconfirmed))
			continue;
		err = dev_resync_one(nvdev, what);
		/* It may be for a while only. */
		if (netvsc_rndis_refused(err) && log)
			netdev_warn(nvdev->ndev, "host rejects setting %u once more: %d\n",
				    what, err);
		/* One that the host never answers is no reason to keep the others. */
		if (err)
			set_bit(what, &nvdev->unconfirmed);
	}
	return !READ_ONCE(nvdev->unconfirmed);
}
