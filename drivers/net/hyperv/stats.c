// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room stats: counters for the stack and for "ethtool -S"
 *
 * Promise: names and order of stock hv_netvsc, then ours; every counter is a
 * plain integer that only grows while the interface exists.
 *
 * Neighbours: the packet path counts into the structs of netvsc.h, each writer
 * its own; this room reads them. netdev and ethtool hand its functions out.
 *
 * Layout of "ethtool -S", fixed by its consumers: the interface, the VF, 8 per
 * queue, 8 per CPU, then counters that stock does not have.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netdev_queues.h>

#include "netvsc.h"
#include "stats.h"
#include "vf/vf.h"

static const char stats_counter_names[NETVSC_COUNTER_CNT][ETH_GSTRING_LEN] = {
	[NETVSC_CNT_TX_SCATTERED] = "tx_scattered",
	[NETVSC_CNT_TX_NO_MEMORY] = "tx_no_memory",
	[NETVSC_CNT_TX_NO_SPACE] = "tx_no_space",
	[NETVSC_CNT_TX_TOO_BIG] = "tx_too_big",
	[NETVSC_CNT_TX_BUSY] = "tx_busy",
	[NETVSC_CNT_TX_SEND_FULL] = "tx_send_full",
	[NETVSC_CNT_RX_COMP_BUSY] = "rx_comp_busy",
	[NETVSC_CNT_RX_NO_MEMORY] = "rx_no_memory",
	[NETVSC_CNT_STOP_QUEUE] = "stop_queue",
	[NETVSC_CNT_WAKE_QUEUE] = "wake_queue",
	[NETVSC_CNT_VLAN_ERROR] = "vlan_error",
	[NETVSC_CNT_HOST_BAD_PACKET] = "host_bad_packet",
	[NETVSC_CNT_HOST_BAD_ID] = "host_bad_id",
	[NETVSC_CNT_HOST_TX_STATUS] = "host_tx_status",
	[NETVSC_CNT_TX_TIMEOUT] = "tx_timeout",
	[NETVSC_CNT_RX_XDP_TOO_LONG] = "rx_xdp_too_long",
	[NETVSC_CNT_TX_TOO_LONG] = "tx_too_long",
	[NETVSC_CNT_TX_BAD_FRAME] = "tx_bad_frame",
};

static const char stats_vf_names[][ETH_GSTRING_LEN] = {
	"vf_rx_packets", "vf_rx_bytes", "vf_tx_packets", "vf_tx_bytes",
	"vf_tx_dropped",
};

static const char * const stats_queue_names[] = {
	"tx_queue_%u_packets", "tx_queue_%u_bytes", "tx_queue_%u_xdp_xmit",
	"rx_queue_%u_packets", "rx_queue_%u_bytes", "rx_queue_%u_xdp_drop",
	"rx_queue_%u_xdp_redirect", "rx_queue_%u_xdp_tx",
};

static const char * const stats_cpu_names[] = {
	"cpu%u_rx_packets", "cpu%u_rx_bytes", "cpu%u_tx_packets",
	"cpu%u_tx_bytes", "cpu%u_vf_rx_packets", "cpu%u_vf_rx_bytes",
	"cpu%u_vf_tx_packets", "cpu%u_vf_tx_bytes",
};

/* Of all queues that there ever were, behind everything else. */
static const char stats_sum_names[][ETH_GSTRING_LEN] = {
	"rx_xdp_drop", "rx_xdp_redirect", "rx_xdp_tx", "tx_xdp_xmit",
	"tx_xdp_dropped",
};

/* Why a VF was not used; behind the sums, as they came later. */
static const char stats_unused_names[NETVSC_VF_REASON_CNT][ETH_GSTRING_LEN] = {
	[NETVSC_VF_NO_JOIN] = "vf_unused_join",
	[NETVSC_VF_NO_MTU] = "vf_unused_mtu",
	[NETVSC_VF_NO_MAC] = "vf_unused_mac",
	[NETVSC_VF_NO_FILTERS] = "vf_unused_filter",
	[NETVSC_VF_NO_VLANS] = "vf_unused_vlan",
	[NETVSC_VF_NO_OPEN] = "vf_unused_open",
	[NETVSC_VF_HAS_ADDRESS] = "vf_unused_address",
};

int netvsc_stats_alloc(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	unsigned int i;

	priv->qstats = kvcalloc(NVSP_MAX_CHANNELS, sizeof(*priv->qstats),
				GFP_KERNEL);
	priv->cpu_stats = netdev_alloc_pcpu_stats(struct netvsc_cpu_stats);
	priv->vf_stats = netdev_alloc_pcpu_stats(struct netvsc_vf_stats);
	if (!priv->qstats || !priv->cpu_stats || !priv->vf_stats) {
		netvsc_stats_free(ndev);
		return -ENOMEM;
	}
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		u64_stats_init(&priv->qstats[i].done_sync);
		u64_stats_init(&priv->qstats[i].rx_sync);
		u64_stats_init(&priv->qstats[i].drop_sync);
	}
	/* Fixed here: names and values must agree about it. */
	priv->cpus = num_present_cpus();
	return 0;
}

void netvsc_stats_free(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	free_percpu(priv->vf_stats);
	priv->vf_stats = NULL;
	free_percpu(priv->cpu_stats);
	priv->cpu_stats = NULL;
	kvfree(priv->qstats);
	priv->qstats = NULL;
}

/* A consistent copy of one queue's counters. */
static void stats_read_queue(const struct netvsc_queue_stats *stats,
			     struct netvsc_queue_stats *copy)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->done_sync);
		copy->tx_packets = stats->tx_packets;
		copy->tx_bytes = stats->tx_bytes;
	} while (u64_stats_fetch_retry(&stats->done_sync, start));
	do {
		start = u64_stats_fetch_begin(&stats->rx_sync);
		copy->rx_packets = stats->rx_packets;
		copy->rx_bytes = stats->rx_bytes;
		copy->rx_multicast = stats->rx_multicast;
		copy->rx_errors = stats->rx_errors;
		copy->rx_dropped = stats->rx_dropped;
		copy->xdp_drop = stats->xdp_drop;
		copy->xdp_redirect = stats->xdp_redirect;
		copy->xdp_tx = stats->xdp_tx;
	} while (u64_stats_fetch_retry(&stats->rx_sync, start));
	do {
		start = u64_stats_fetch_begin(&stats->drop_sync);
		copy->tx_dropped = stats->tx_dropped;
	} while (u64_stats_fetch_retry(&stats->drop_sync, start));
}

/* The same of the VF on one CPU. */
static void stats_read_vf(const struct netvsc_vf_stats *stats,
			  struct netvsc_vf_stats *copy)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		copy->rx_packets = stats->rx_packets;
		copy->rx_bytes = stats->rx_bytes;
		copy->tx_packets = stats->tx_packets;
		copy->tx_bytes = stats->tx_bytes;
		copy->tx_dropped = stats->tx_dropped;
	} while (u64_stats_fetch_retry(&stats->syncp, start));
}

/* All VFs that there ever were, on all CPUs that there may be. */
static void stats_sum_vf(const struct netvsc_priv *priv,
			 struct netvsc_vf_stats *sum)
{
	struct netvsc_vf_stats copy;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		stats_read_vf(per_cpu_ptr(priv->vf_stats, cpu), &copy);
		sum->rx_packets += copy.rx_packets;
		sum->rx_bytes += copy.rx_bytes;
		sum->tx_packets += copy.tx_packets;
		sum->tx_bytes += copy.tx_bytes;
		sum->tx_dropped += copy.tx_dropped;
	}
}

void netvsc_stats_get64(struct net_device *ndev,
			struct rtnl_link_stats64 *total)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_queue_stats copy;
	struct netvsc_vf_stats vf;
	unsigned int i;

	stats_sum_vf(priv, &vf);
	total->tx_packets += vf.tx_packets;
	total->tx_bytes += vf.tx_bytes;
	total->tx_dropped += vf.tx_dropped;
	total->rx_packets += vf.rx_packets;
	total->rx_bytes += vf.rx_bytes;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		stats_read_queue(&priv->qstats[i], &copy);
		total->tx_packets += copy.tx_packets;
		total->tx_bytes += copy.tx_bytes;
		total->tx_dropped += copy.tx_dropped +
				     atomic64_read(&priv->qstats[i].xdp_tx_dropped);
		total->rx_packets += copy.rx_packets;
		total->rx_bytes += copy.rx_bytes;
		total->multicast += copy.rx_multicast;
		total->rx_errors += copy.rx_errors;
		total->rx_dropped += copy.rx_dropped;
	}
}

/* Queues that exist now; the first one always does. */
static u32 stats_queue_cnt(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	return nvdev ? nvdev->num_queues : 1;
}

int netvsc_stats_count(struct net_device *ndev, int set)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return NETVSC_COUNTER_CNT + ARRAY_SIZE(stats_vf_names) +
	       ARRAY_SIZE(stats_sum_names) + ARRAY_SIZE(stats_unused_names) +
	       stats_queue_cnt(ndev) * ARRAY_SIZE(stats_queue_names) +
	       priv->cpus * ARRAY_SIZE(stats_cpu_names);
}

static void stats_put_name(u8 **data, const char *format, u32 number)
{
	snprintf(*data, ETH_GSTRING_LEN, format, number);
	*data += ETH_GSTRING_LEN;
}

void netvsc_stats_names(struct net_device *ndev, u32 set, u8 *data)
{
	u32 queues = stats_queue_cnt(ndev), i, k, cpu, cpus = 0;
	struct netvsc_priv *priv = netdev_priv(ndev);

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < NETVSC_COUNTER_STOCK_CNT; i++)
		stats_put_name(&data, stats_counter_names[i], 0);
	for (i = 0; i < ARRAY_SIZE(stats_vf_names); i++)
		stats_put_name(&data, stats_vf_names[i], 0);
	for (i = 0; i < queues; i++)
		for (k = 0; k < ARRAY_SIZE(stats_queue_names); k++)
			stats_put_name(&data, stats_queue_names[k], i);
	for_each_present_cpu(cpu) {
		if (cpus++ == priv->cpus)
			break;
		for (k = 0; k < ARRAY_SIZE(stats_cpu_names); k++)
			stats_put_name(&data, stats_cpu_names[k], cpu);
	}
	for (i = NETVSC_COUNTER_STOCK_CNT; i < NETVSC_COUNTER_CNT; i++)
		stats_put_name(&data, stats_counter_names[i], 0);
	for (i = 0; i < ARRAY_SIZE(stats_sum_names); i++)
		stats_put_name(&data, stats_sum_names[i], 0);
	for (i = 0; i < ARRAY_SIZE(stats_unused_names); i++)
		stats_put_name(&data, stats_unused_names[i], 0);
}

/* In the order of stats_queue_names. */
static u64 *stats_put_queue(u64 *data, const struct netvsc_queue_stats *stats)
{
	struct netvsc_queue_stats copy;

	stats_read_queue(stats, &copy);
	*data++ = copy.tx_packets;
	*data++ = copy.tx_bytes;
	*data++ = atomic64_read(&stats->xdp_xmit);
	*data++ = copy.rx_packets;
	*data++ = copy.rx_bytes;
	*data++ = copy.xdp_drop;
	*data++ = copy.xdp_redirect;
	*data++ = copy.xdp_tx;
	return data;
}

/* In the order of stats_vf_names. */
static u64 *stats_put_vf(u64 *data, const struct netvsc_priv *priv)
{
	struct netvsc_vf_stats sum;

	stats_sum_vf(priv, &sum);
	*data++ = sum.rx_packets;
	*data++ = sum.rx_bytes;
	*data++ = sum.tx_packets;
	*data++ = sum.tx_bytes;
	*data++ = sum.tx_dropped;
	return data;
}

/*
 * In the order of stats_cpu_names: what a CPU handled in all, as in stock, and what of
 * it by the VF.
 */
static u64 *stats_put_cpu(u64 *data, const struct netvsc_priv *priv,
			  unsigned int cpu)
{
	const struct netvsc_cpu_stats *stats = per_cpu_ptr(priv->cpu_stats, cpu);
	struct netvsc_vf_stats vf;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		data[0] = stats->rx_packets;
		data[1] = stats->rx_bytes;
		data[2] = stats->tx_packets;
		data[3] = stats->tx_bytes;
	} while (u64_stats_fetch_retry(&stats->syncp, start));
	stats_read_vf(per_cpu_ptr(priv->vf_stats, cpu), &vf);
	data[0] += vf.rx_packets;
	data[1] += vf.rx_bytes;
	data[2] += vf.tx_packets;
	data[3] += vf.tx_bytes;
	data[4] = vf.rx_packets;
	data[5] = vf.rx_bytes;
	data[6] = vf.tx_packets;
	data[7] = vf.tx_bytes;
	return data + ARRAY_SIZE(stats_cpu_names);
}

/* In the order of stats_sum_names. */
static void stats_put_sums(u64 *data, const struct netvsc_priv *priv)
{
	struct netvsc_queue_stats copy;
	u32 i;

	memset(data, 0, ARRAY_SIZE(stats_sum_names) * sizeof(*data));
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		stats_read_queue(&priv->qstats[i], &copy);
		data[0] += copy.xdp_drop;
		data[1] += copy.xdp_redirect;
		data[2] += copy.xdp_tx;
		data[3] += atomic64_read(&priv->qstats[i].xdp_xmit);
		data[4] += atomic64_read(&priv->qstats[i].xdp_tx_dropped);
	}
}

/* Of the whole interface; what many queues count often is theirs. */
static u64 stats_read_counter(const struct netvsc_priv *priv,
			      enum netvsc_counter which)
{
	u64 sum = atomic64_read(&priv->counters[which]);
	u32 i;

	if (which == NETVSC_CNT_TX_SEND_FULL)
		for (i = 0; i < NVSP_MAX_CHANNELS; i++)
			sum += atomic64_read(&priv->qstats[i].send_full);
	return sum;
}

void netvsc_stats_values(struct net_device *ndev, struct ethtool_stats *stats,
			 u64 *data)
{
	u32 queues = stats_queue_cnt(ndev), i, cpu, cpus = 0;
	struct netvsc_priv *priv = netdev_priv(ndev);

	for (i = 0; i < NETVSC_COUNTER_STOCK_CNT; i++)
		*data++ = stats_read_counter(priv, i);
	data = stats_put_vf(data, priv);
	for (i = 0; i < queues; i++)
		data = stats_put_queue(data, &priv->qstats[i]);
	for_each_present_cpu(cpu) {
		if (cpus++ == priv->cpus)
			break;
		data = stats_put_cpu(data, priv, cpu);
	}
	for (i = NETVSC_COUNTER_STOCK_CNT; i < NETVSC_COUNTER_CNT; i++)
		*data++ = stats_read_counter(priv, i);
	stats_put_sums(data, priv);
	data += ARRAY_SIZE(stats_sum_names);
	for (i = 0; i < ARRAY_SIZE(stats_unused_names); i++)
		*data++ = netvsc_vf_unused(ndev, i);
}

/* ---- counters of the queues by netlink (qstats) ---- */

static void stats_add_queue(const struct netvsc_queue_stats *stats,
			    struct netdev_queue_stats_rx *rx,
			    struct netdev_queue_stats_tx *tx)
{
	struct netvsc_queue_stats copy;

	stats_read_queue(stats, &copy);
	if (rx) {
		rx->packets += copy.rx_packets;
		rx->bytes += copy.rx_bytes;
	}
	if (tx) {
		tx->packets += copy.tx_packets;
		tx->bytes += copy.tx_bytes;
	}
}

static void stats_qstats_rx(struct net_device *ndev, int i,
			    struct netdev_queue_stats_rx *rx)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	rx->packets = 0;
	rx->bytes = 0;
	stats_add_queue(&priv->qstats[i], rx, NULL);
}

static void stats_qstats_tx(struct net_device *ndev, int i,
			    struct netdev_queue_stats_tx *tx)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	tx->packets = 0;
	tx->bytes = 0;
	stats_add_queue(&priv->qstats[i], NULL, tx);
}

/* What queues have counted that are not in use now, and what went by a VF. */
static void stats_qstats_base(struct net_device *ndev,
			      struct netdev_queue_stats_rx *rx,
			      struct netdev_queue_stats_tx *tx)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_vf_stats vf;
	u32 i;

	stats_sum_vf(priv, &vf);
	rx->packets = vf.rx_packets;
	rx->bytes = vf.rx_bytes;
	tx->packets = vf.tx_packets;
	tx->bytes = vf.tx_bytes;
	for (i = ndev->real_num_rx_queues; i < NVSP_MAX_CHANNELS; i++)
		stats_add_queue(&priv->qstats[i], rx, NULL);
	for (i = ndev->real_num_tx_queues; i < NVSP_MAX_CHANNELS; i++)
		stats_add_queue(&priv->qstats[i], NULL, tx);
}

const struct netdev_stat_ops netvsc_stats_queue_ops = {
	.get_queue_stats_rx	= stats_qstats_rx,
	.get_queue_stats_tx	= stats_qstats_tx,
	.get_base_stats		= stats_qstats_base,
};
