// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: hv_netvsc: the synthetic NIC of Hyper-V
 *
 * One module, one room per file; a room calls only rooms to its left:
 *
 *	include/netvsc -> lib -> trace -> chan -> defer -> nvsp -> rndis -> oid -> tx ->
 *	xdp -> rx -> poll -> vf -> dev -> link -> stats -> debugfs -> netdev, ethtool ->
 *	keep -> health -> main
 *
 * netvsc.h (shared objects) and compat/ (kernel versions) are open to all but
 * lib. "make check-doors" proves it.
 *
 * This file is the driver as the VMBus sees it. An interface is registered only
 * when its attachment is complete; RTNL is held from before the handshake until
 * then, so that a VF cannot come first (R1). The waits under it are bounded and
 * end at once when the host rescinds the offer (R9). A host that is not ready in that
 * time is tried again by keep. The rescind itself needs no
 * callback: hv_vmbus unregisters the device and so calls our remove (R10).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/etherdevice.h>
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <asm/mshyperv.h>

#include "bus/chan.h"
#include "compat/driver.h"
#include "data/tx_recut.h"
#include "debugfs.h"
#include "dev/dev.h"
#include "ethtool.h"
#include "health.h"
#include "keep.h"
#include "lib/rss.h"
#include "lib/sizing.h"
#include "link.h"
#include "netdev.h"
#include "netvsc.h"
#include "stats.h"
#include "vf/vf.h"
#include "xdp/xdp.h"

#define DEFAULT_MSG	(NETIF_MSG_PROBE | NETIF_MSG_LINK | NETIF_MSG_IFUP | \
			 NETIF_MSG_IFDOWN)

static unsigned int ring_size __ro_after_init = NETVSC_RING_PAGES_DEFAULT;
module_param(ring_size, uint, 0444);
MODULE_PARM_DESC(ring_size, "Ring buffer size (# of 4K pages)");

static int debug = -1;
module_param(debug, int, 0444);
MODULE_PARM_DESC(debug, "Debug level (0=none,...,16=all)");

static void netvsc_attaching(struct net_device *ndev)
{
	netvsc_netdev_attaching(ndev);
	netvsc_keep_attaching(ndev);
}

static const struct netvsc_events netvsc_room_events = {
	.status = netvsc_link_status,
	.broken = netvsc_netdev_broken,
	.vf_association = netvsc_vf_association,
	.path_switched = netvsc_vf_path_switched,
	.path_done = netvsc_vf_path_done,
	.unresponsive = netvsc_netdev_unresponsive,
	.responsive = netvsc_dev_responsive,
	.link_query = netvsc_link_discard,
	.attaching = netvsc_attaching,
	.attached = netvsc_link_sync,
	.health = netvsc_health_note,
};

static int netvsc_init_priv(struct net_device *ndev, struct hv_device *hdev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->ndev = ndev;
	priv->hdev = hdev;
	priv->events = &netvsc_room_events;
	priv->msg_enable = netif_msg_init(debug, DEFAULT_MSG);
	priv->params = (struct netvsc_params){
		.mtu = ETH_DATA_LEN,
		.ring_pages = ring_size,
		.rx_sections = NETVSC_RX_SECTIONS_DEFAULT,
		.tx_sections = NETVSC_TX_SECTIONS_DEFAULT,
	};
	netvsc_rss_init(&priv->rss);

	ndev->netdev_ops = &netvsc_netdev_ops;
	ndev->ethtool_ops = &netvsc_ethtool_ops;
	netvsc_set_stat_ops(ndev, &netvsc_stats_queue_ops);
	netvsc_xdp_init(ndev);
	ndev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	SET_NETDEV_DEV(ndev, &hdev->device);
	netif_carrier_off(ndev);
	return netvsc_link_init(ndev) ?: netvsc_tx_recut_init(ndev) ?:
	       netvsc_dev_init_offload(ndev) ?: netvsc_dev_init_channels(ndev) ?:
	       netvsc_netdev_watch_init(ndev) ?: netvsc_vf_init(ndev) ?:
	       netvsc_keep_init(ndev);
}

/* The channel is closed: no event can come any more (R68). */
static void netvsc_free_nic(struct net_device *ndev)
{
	/* First: it may be about to attach anew. */
	netvsc_health_del(ndev);
	netvsc_debugfs_del(ndev);
	netvsc_keep_kill(ndev);
	netvsc_dev_kill_channels(ndev);
	netvsc_dev_kill_offload(ndev);
	netvsc_netdev_watch_kill(ndev);
	netvsc_vf_kill(ndev);
	netvsc_tx_recut_kill(ndev);
	netvsc_link_kill(ndev);
	netvsc_stats_free(ndev);
	/* The core frees the alias of an interface that was registered only. */
	if (ndev->reg_state == NETREG_UNINITIALIZED)
		dev_set_alias(ndev, NULL, 0);
	free_netdev(ndev);
}

static int netvsc_probe(struct hv_device *hdev,
			const struct hv_vmbus_device_id *id)
{
	struct net_device *ndev;
	int err;

	ndev = alloc_etherdev_mq(sizeof(struct netvsc_priv), NVSP_MAX_CHANNELS);
	if (!ndev)
		return -ENOMEM;
	err = netvsc_stats_alloc(ndev);
	if (err)
		goto free_ndev;
	err = netvsc_init_priv(ndev, hdev);
	if (err)
		goto free_stats;
	netvsc_chan_take_over(hdev);
	hv_set_drvdata(hdev, ndev);
	netvsc_debugfs_add(ndev);
	netvsc_health_add(ndev, NETVSC_VERSION);

	rtnl_lock();
	err = netvsc_keep_bring_up(ndev);
	rtnl_unlock();
	if (!err)
		return 0;
	netvsc_free_nic(ndev);
	return err;

free_stats:
	netvsc_stats_free(ndev);
free_ndev:
	free_netdev(ndev);
	return err;
}

static void netvsc_remove_nic(struct hv_device *hdev)
{
	struct net_device *ndev = hv_get_drvdata(hdev);
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;

	netvsc_keep_kill(ndev);
	rtnl_lock();
	netvsc_chan_begin_op(ndev);
	netvsc_vf_del(ndev);
	/* Stops the traffic by the way, if the interface was up. */
	if (ndev->reg_state == NETREG_REGISTERED)
		unregister_netdevice(ndev);
	nvdev = rtnl_dereference(priv->nvdev);
	if (nvdev)
		netvsc_dev_detach(nvdev);
	netvsc_dev_put(nvdev);
	/* Taken away while the machine slept. */
	netvsc_dev_put(priv->saved);
	netvsc_chan_end_op(ndev);
	rtnl_unlock();
	netvsc_free_nic(ndev);
}

static NETVSC_REMOVE_TYPE netvsc_remove(struct hv_device *hdev)
{
	netvsc_remove_nic(hdev);
	return NETVSC_REMOVED;
}

static int netvsc_suspend(struct hv_device *hdev)
{
	int err;

	rtnl_lock();
	err = netvsc_dev_suspend(hv_get_drvdata(hdev));
	rtnl_unlock();
	return err;
}

static int netvsc_resume(struct hv_device *hdev)
{
	int err;

	rtnl_lock();
	err = netvsc_dev_resume(hv_get_drvdata(hdev));
	rtnl_unlock();
	return err;
}

static const struct hv_vmbus_device_id netvsc_id_table[] = {
	{ HV_NIC_GUID, },
	{ },
};

MODULE_DEVICE_TABLE(vmbus, netvsc_id_table);

static struct hv_driver netvsc_driver = {
	.name = KBUILD_MODNAME,
	.id_table = netvsc_id_table,
	.probe = netvsc_probe,
	.remove = netvsc_remove,
	.suspend = netvsc_suspend,
	.resume = netvsc_resume,
	.driver = {
		/* Interfaces are named in the order of the offers. */
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static int __init netvsc_init(void)
{
	u32 pages = netvsc_sizing_ring_pages(ring_size);
	int err;

	if (pages > ring_size)
		pr_info("Increased ring_size to %u (min allowed)\n", pages);
	else if (pages < ring_size)
		pr_info("Decreased ring_size to %u (max allowed)\n", pages);
	ring_size = pages;
	err = netvsc_chan_begin_module(hv_is_isolation_supported());
	if (err)
		return err;
	err = netvsc_vf_register();
	if (err)
		goto end_chan;
	netvsc_debugfs_begin_module();
	err = vmbus_driver_register(&netvsc_driver);
	if (err)
		goto remove_debugfs;
	return 0;

remove_debugfs:
	netvsc_debugfs_end_module();
	netvsc_vf_unregister();
end_chan:
	netvsc_chan_end_module();
	return err;
}

static void __exit netvsc_exit(void)
{
	vmbus_driver_unregister(&netvsc_driver);
	netvsc_debugfs_end_module();
	netvsc_chan_end_module();
	netvsc_vf_unregister();
}

module_init(netvsc_init);
module_exit(netvsc_exit);

MODULE_DESCRIPTION("Microsoft Hyper-V network driver");
MODULE_VERSION(NETVSC_VERSION);
MODULE_LICENSE("GPL");
