// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room ethtool: does it work? (ethtool -t)
 *
 * Promise: an answer within ASK_MS, offline REST_WAIT later, whatever the host does, and
 * an interface that is afterwards as it was. Each test says 0 for good and 1 for bad.
 *
 *	round trip	the host answers a small question
 *	ring indices	of each open channel, those of both sides fit together
 *	send sections	no more are taken than the requests that are out account for
 *	at rest		offline only: nothing new is sent, and the host completes
 *			what is out; then no section is taken
 *
 * Offline, frames of the stack wait in its queues; those of programs are dropped.
 *
 * Neighbours: oid asks, chan and send look, tx stops the senders. netdev's watchdog
 * learns of a host that does not answer as it does otherwise.
 *
 * Locks: RTNL.
 */
#include <linux/delay.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "buf/send.h"
#include "bus/chan.h"
#include "ctrl/oid.h"
#include "data/tx.h"
#include "ethtool.h"
#include "netvsc.h"

/* RTNL is held. */
#define ASK_MS		5000
/* Shorter than the time after which the stack reports a queue that is stuck. */
#define REST_WAIT	(3 * HZ)
/* Traffic goes on while sections are counted: one look that fits is enough. */
#define LOOKS_MAX	20

enum ethtool_test_number {
	TEST_ROUND_TRIP,
	TEST_RINGS,
	TEST_SECTIONS,
	TEST_REST,
	TEST_CNT
};

static const char ethtool_test_names[TEST_CNT][ETH_GSTRING_LEN] = {
	[TEST_ROUND_TRIP] = "Host round trip  (on/offline)",
	[TEST_RINGS] = "Ring indices     (on/offline)",
	[TEST_SECTIONS] = "Send sections    (on/offline)",
	[TEST_REST] = "Queues at rest      (offline)",
};

int netvsc_ethtool_tests(void)
{
	return TEST_CNT;
}

void netvsc_ethtool_test_names(u8 *data)
{
	memcpy(data, ethtool_test_names, sizeof(ethtool_test_names));
}

/* ---- the tests ---- */

static bool ethtool_host_answers(struct netvsc_device *nvdev)
{
	int err;

	netvsc_chan_begin_op_most(nvdev->ndev, ASK_MS);
	err = netvsc_oid_ping(nvdev);
	netvsc_chan_end_op(nvdev->ndev);
	return !err;
}

static bool ethtool_rings_ok(struct netvsc_device *nvdev)
{
	u32 i;

	for (i = 0; i < nvdev->num_open; i++)
		if (netvsc_chan_check(nvdev->queue_mem[i]))
			return false;
	return true;
}

static u32 ethtool_requests(const struct netvsc_device *nvdev)
{
	struct netvsc_chan_state state;
	u32 sum = 0, i;

	for (i = 0; i < nvdev->num_open; i++) {
		netvsc_chan_state(nvdev->queue_mem[i], &state);
		sum += state.requests;
	}
	return sum;
}

/*
 * A section may be open for the stack and for programs on each queue, and for redirects
 * on each CPU.
 */
static u32 ethtool_open_max(const struct netvsc_device *nvdev)
{
	return 2 * nvdev->num_open + num_possible_cpus();
}

static bool ethtool_sections_ok(const struct netvsc_device *nvdev)
{
	u32 open = ethtool_open_max(nvdev), requests, i;

	for (i = 0; i < LOOKS_MAX; i++) {
		requests = ethtool_requests(nvdev);
		if (netvsc_send_sections_ok(nvdev, requests, open))
			return true;
		usleep_range(500, 1000);
	}
	return false;
}

/* ---- at rest ---- */

/* The stack's watchdog looks how long ago a stopped queue has sent. */
static void ethtool_hold_watchdog(struct net_device *ndev)
{
	u32 i;

	for (i = 0; i < ndev->real_num_tx_queues; i++)
		WRITE_ONCE(netdev_get_tx_queue(ndev, i)->trans_start, jiffies);
}

/* Requests for a path and for the filter may be out as well: they have their time. */
static bool ethtool_comes_to_rest(const struct netvsc_device *nvdev)
{
	unsigned long limit = jiffies + REST_WAIT;

	while (ethtool_requests(nvdev)) {
		if (netvsc_chan_rescinded(nvdev) || time_after(jiffies, limit))
			return false;
		usleep_range(1000, 2000);
	}
	return true;
}

static void ethtool_test_rest(struct netvsc_device *nvdev, u64 *data)
{
	u32 i;

	ethtool_hold_watchdog(nvdev->ndev);
	netvsc_tx_off(nvdev, NETVSC_TX_OFF_TEST);
	for (i = 0; i < nvdev->num_open; i++)
		netvsc_tx_flush(nvdev->queue_mem[i]);
	data[TEST_REST] = !ethtool_comes_to_rest(nvdev);
	if (!data[TEST_REST])
		data[TEST_SECTIONS] = !netvsc_send_sections_ok(nvdev, 0, 0);
	netvsc_tx_on(nvdev, NETVSC_TX_OFF_TEST);
}

void netvsc_self_test(struct net_device *ndev, struct ethtool_test *test,
		      u64 *data)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	u32 i;

	memset(data, 0, TEST_CNT * sizeof(*data));
	data[TEST_ROUND_TRIP] = !nvdev || !ethtool_host_answers(nvdev);
	if (nvdev) {
		data[TEST_RINGS] = !ethtool_rings_ok(nvdev);
		data[TEST_SECTIONS] = !ethtool_sections_ok(nvdev);
	}
	/* A host that does not answer a question completes nothing either. */
	if (test->flags & ETH_TEST_FL_OFFLINE && nvdev &&
	    !data[TEST_ROUND_TRIP])
		ethtool_test_rest(nvdev, data);
	for (i = 0; i < TEST_CNT; i++)
		if (data[i])
			test->flags |= ETH_TEST_FL_FAILED;
}
