// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room ethtool: what ethtool shows and changes
 *
 * Promise: what tools read of stock hv_netvsc they read here, under the same
 * names and in the same units: rings count sections of 1728 and 6144 bytes, and
 * a value that was read can be set again and reads the same.
 *
 * Neighbours: dev rebuilds, link shows, stats counts. main names the table below
 * as the interface's operations.
 *
 * Locks: RTNL for everything.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "bus/chan.h"
#include "compat/ethtool.h"
#include "compat/lower.h"
#include "ctrl/defer.h"
#include "dev/dev.h"
#include "ethtool.h"
#include "lib/sizing.h"
#include "netvsc.h"
#include "stats.h"
#include "vf/vf.h"

#define REGS_VERSION	1

static void netvsc_get_drvinfo(struct net_device *ndev,
			       struct ethtool_drvinfo *info)
{
	/* The version stays what the core says: the kernel's release. */
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->fw_version, "N/A", sizeof(info->fw_version));
	strscpy(info->bus_info, dev_name(ndev->dev.parent),
		sizeof(info->bus_info));
}

/*
 * What the host cuts the two buffers into; its default while there is none.
 * Received frames need sections as large as the MTU. An MTU that was lowered in
 * place left them as they were; what counts are those of the next attachment.
 */
static u32 ethtool_rx_section_bytes(const struct netvsc_priv *priv,
				    const struct netvsc_device *nvdev)
{
	if (!nvdev)
		return NVSP_RECV_SUBALLOC_DEFAULT;
	return netvsc_sizing_next_section_bytes(nvdev->recv.sections.bytes,
						nvdev->params.mtu,
						priv->params.mtu);
}

static u32 ethtool_tx_section_bytes(const struct netvsc_device *nvdev)
{
	return nvdev ? nvdev->send.sections.bytes :
		       NVSP_SEND_SECTION_DEFAULT;
}

/*
 * How many of @bytes. Pages round a buffer up, so the host may cut a section more
 * than was asked for: what was set reads back as it was set.
 */
static u32 ethtool_sections(const struct netvsc_buffer *buf, u32 bytes,
			    u32 wanted, u32 wanted_bytes)
{
	u32 cnt = buf->sections.cnt;

	if (bytes != buf->sections.bytes)
		cnt = buf->bytes / bytes;
	return wanted_bytes == bytes ? min(cnt, wanted) : cnt;
}

static u32 ethtool_rx_sections(const struct netvsc_priv *priv,
			       const struct netvsc_device *nvdev)
{
	const struct netvsc_params *params = &priv->params;

	return nvdev ? ethtool_sections(&nvdev->recv,
					ethtool_rx_section_bytes(priv, nvdev),
					params->rx_sections,
					params->rx_section_bytes) :
		       params->rx_sections;
}

static u32 ethtool_tx_sections(const struct netvsc_priv *priv,
			       const struct netvsc_device *nvdev)
{
	const struct netvsc_params *params = &priv->params;

	return nvdev ? ethtool_sections(&nvdev->send,
					ethtool_tx_section_bytes(nvdev),
					params->tx_sections,
					params->tx_section_bytes) :
		       params->tx_sections;
}

static void netvsc_get_ringparam(struct net_device *ndev,
				 struct ethtool_ringparam *ring,
				 struct kernel_ethtool_ringparam *kernel_ring,
				 struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	const struct netvsc_nvsp_caps *nvsp_caps;
	u32 rx_bytes, tx_bytes;

	nvsp_caps = nvdev ? nvdev->nvsp_caps : netvsc_nvsp_msg_candidate(0);
	rx_bytes = ethtool_rx_section_bytes(priv, nvdev);
	ring->rx_max_pending =
		netvsc_sizing_recv_sections_max(rx_bytes, nvsp_caps);
	tx_bytes = ethtool_tx_section_bytes(nvdev);
	ring->tx_max_pending = netvsc_sizing_send_sections_max(tx_bytes);
	ring->rx_pending = ethtool_rx_sections(priv, nvdev);
	ring->tx_pending = ethtool_tx_sections(priv, nvdev);
}

/* With fewer the host does not work; that many are shown, too. */
static u32 ethtool_rx_sections_min(const struct netvsc_priv *priv)
{
	return netvsc_sizing_recv_sections_min(netvsc_dev_most_queues(priv));
}

static int netvsc_set_ringparam(struct net_device *ndev,
				struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kernel_ring,
				struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	struct netvsc_params params = priv->params;

	/* The core holds them against the maxima. */
	params.rx_sections =
		max(ring->rx_pending, ethtool_rx_sections_min(priv));
	params.tx_sections = max_t(u32, ring->tx_pending, NVSP_SECTIONS_MIN);
	if (nvdev && params.rx_sections == ethtool_rx_sections(priv, nvdev) &&
	    params.tx_sections == ethtool_tx_sections(priv, nvdev))
		return 0;
	/* A detached interface is tried again. */
	params.rx_section_bytes = ethtool_rx_section_bytes(priv, nvdev);
	params.tx_section_bytes = ethtool_tx_section_bytes(nvdev);
	return netvsc_dev_reconfigure(ndev, &params, extack);
}

static void netvsc_get_channels(struct net_device *ndev,
				struct ethtool_channels *channels)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);

	/* A detached interface has none; any wish tries again. */
	channels->max_combined = max(priv->host_queues, 1U);
	channels->combined_count = nvdev ? nvdev->num_queues : 0;
}

/* The channels that are left over go when no frame is lost by it, and no attachment. */
static int ethtool_set_open_queues(struct net_device *ndev,
				   struct netvsc_device *nvdev, u32 n)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	int err = netvsc_dev_set_queues(nvdev, n);
	bool now;

	if (err || !netvsc_dev_has_excess_channels(nvdev))
		return err;
	/* The question may take seconds, in which somebody begins to send. */
	now = netvsc_dev_is_quiet(nvdev) && netvsc_dev_has_way_back(nvdev) &&
	      netvsc_dev_is_quiet(nvdev);
	if (now)
		err = netvsc_dev_reconfigure(ndev, &priv->params, NULL);
	/* Without memory for that it holds all the same. */
	if (!now || (err == -ENOMEM && rtnl_dereference(priv->nvdev))) {
		netvsc_defer_task(ndev, NETVSC_TASK_CHANNELS, 0);
		return 0;
	}
	return err;
}

static int ethtool_set_queues(struct net_device *ndev, u32 n)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	struct netvsc_params params = priv->params;

	if (nvdev && n <= nvdev->num_open)
		return ethtool_set_open_queues(ndev, nvdev, n);
	params.queues = n;
	return netvsc_dev_reconfigure(ndev, &params, NULL);
}

static int netvsc_set_channels(struct net_device *ndev,
			       struct ethtool_channels *channels)
{
	u32 n = channels->combined_count;
	int err;

	/* The core holds them against the maxima. */
	if (!n || channels->rx_count || channels->tx_count ||
	    channels->other_count)
		return -EINVAL;
	netvsc_chan_begin_op(ndev);
	err = ethtool_set_queues(ndev, n);
	netvsc_chan_end_op(ndev);
	return err;
}

/* The host moderates nothing. What can be chosen is how it hears of what is sent. */
static int netvsc_get_coalesce(struct net_device *ndev,
			       struct ethtool_coalesce *coal,
			       struct kernel_ethtool_coalesce *kernel_coal,
			       struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	if (netvsc_chan_has_monitor(priv->hdev) && !priv->params.hypercall)
		coal->tx_coalesce_usecs = NETVSC_CHAN_MONITOR_US;
	return 0;
}

static int netvsc_set_coalesce(struct net_device *ndev,
			       struct ethtool_coalesce *coal,
			       struct kernel_ethtool_coalesce *kernel_coal,
			       struct netlink_ext_ack *extack)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	u32 usecs = coal->tx_coalesce_usecs;

	if (usecs && usecs != NETVSC_CHAN_MONITOR_US) {
		NL_SET_ERR_MSG(extack, "tx-usecs is 0 (hypercall) or 100 (the host looks)");
		return -EINVAL;
	}
	if (usecs && !netvsc_chan_has_monitor(priv->hdev)) {
		NL_SET_ERR_MSG(extack, "this host does not look by itself: tx-usecs is 0");
		return -EOPNOTSUPP;
	}
	priv->params.hypercall = !usecs;
	if (nvdev)
		netvsc_chan_set_hypercall(nvdev, !usecs);
	return 0;
}

static int netvsc_get_link_ksettings(struct net_device *ndev,
				     struct ethtool_link_ksettings *cmd)
{
	struct net_device *vf = netvsc_vf_joined(ndev);
	struct netvsc_priv *priv = netdev_priv(ndev);

	if (vf)
		return __ethtool_get_link_ksettings(vf, cmd);
	cmd->base.speed = priv->speed;
	cmd->base.duplex = priv->duplex;
	cmd->base.port = PORT_OTHER;
	return 0;
}

static int netvsc_set_link_ksettings(struct net_device *ndev,
				     const struct ethtool_link_ksettings *cmd)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	return ethtool_virtdev_set_link_ksettings(ndev, cmd, &priv->speed,
						  &priv->duplex);
}

static u32 netvsc_get_msglevel(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	return priv->msg_enable;
}

static void netvsc_set_msglevel(struct net_device *ndev, u32 level)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->msg_enable = level;
}

static int netvsc_get_regs_len(struct net_device *ndev)
{
	return NVSP_INDIRECTION_ENTRIES * sizeof(u32);
}

static void netvsc_get_regs(struct net_device *ndev, struct ethtool_regs *regs,
			    void *data)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rtnl_dereference(priv->nvdev);
	u32 *table = data;
	unsigned int i;

	regs->version = REGS_VERSION;
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		table[i] = nvdev ? READ_ONCE(nvdev->tx_table[i]) : 0;
}

/* Frames that the VF sends are stamped by the VF, or not at all. */
static int netvsc_get_ts_info(struct net_device *ndev,
			      struct kernel_ethtool_ts_info *info)
{
	struct net_device *vf = netvsc_vf_hold(ndev);
	int err;

	if (!vf)
		return ethtool_op_get_ts_info(ndev, info);
	err = ethtool_get_ts_info_by_layer(vf, info);
	dev_put(vf);
	return err;
}

static int ethtool_count_strings(struct net_device *ndev, int set)
{
	return set == ETH_SS_TEST ? netvsc_ethtool_tests() :
				    netvsc_stats_count(ndev, set);
}

static void ethtool_put_strings(struct net_device *ndev, u32 set, u8 *data)
{
	if (set == ETH_SS_TEST)
		netvsc_ethtool_test_names(data);
	else
		netvsc_stats_names(ndev, set, data);
}

const struct ethtool_ops netvsc_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_TX_USECS,
	.get_drvinfo		= netvsc_get_drvinfo,
	.get_msglevel		= netvsc_get_msglevel,
	.set_msglevel		= netvsc_set_msglevel,
	.get_regs_len		= netvsc_get_regs_len,
	.get_regs		= netvsc_get_regs,
	.get_link		= ethtool_op_get_link,
	.get_sset_count		= ethtool_count_strings,
	.get_strings		= ethtool_put_strings,
	.self_test		= netvsc_self_test,
	.get_ethtool_stats	= netvsc_stats_values,
	.get_channels		= netvsc_get_channels,
	.set_channels		= netvsc_set_channels,
	.get_rxfh_key_size	= netvsc_get_rxfh_key_size,
	.get_rxfh_indir_size	= netvsc_get_rxfh_indir_size,
	NETVSC_RXFH_OPS,
	NETVSC_RXFH_FIELDS_OPS,
	NETVSC_RING_COUNT_OPS,
	.get_coalesce		= netvsc_get_coalesce,
	.set_coalesce		= netvsc_set_coalesce,
	.get_ringparam		= netvsc_get_ringparam,
	.set_ringparam		= netvsc_set_ringparam,
	.get_ts_info		= netvsc_get_ts_info,
	.get_link_ksettings	= netvsc_get_link_ksettings,
	.set_link_ksettings	= netvsc_set_link_ksettings,
};
