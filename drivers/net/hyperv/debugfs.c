// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room debugfs: the state of an interface, for whoever looks for a fault
 *
 * Promise: a reader waits for nobody: neither for RTNL nor for the host. What is read
 * is a glance; its parts are not of one moment. Nothing here is part of the user-space
 * contract.
 *
 *	/sys/kernel/debug/hv_netvsc/<bus device>/queues
 *
 * The folder has the name of the bus device, which no user can change, and is there as
 * long as the driver has the device, whether there is an attachment or not.
 *
 * Neighbours: chan says how a queue is doing, send's map how many sections are taken.
 * main adds and deletes.
 *
 * Lifetime: debugfs' own file for devices is used, because a file of ours would keep the
 * module from being unloaded as long as somebody has it open. Its removal waits for those
 * who are reading.
 *
 * Locks: RCU. While the attachment can be found its channels are open: it is made
 * unreachable, and readers are waited for, before they are closed (dev_attach.c).
 */
#include <linux/debugfs.h>
#include <linux/netdevice.h>
#include <linux/seq_file.h>

#include "bus/chan.h"
#include "debugfs.h"
#include "lib/section.h"
#include "netvsc.h"

/* Of the module; set before the first interface. */
static struct dentry *debugfs_root;

/* Milliseconds since a queue's last completion of a frame; -1: there was none. */
static s64 debugfs_done_ms(const struct netvsc_queue *q)
{
	unsigned long at = READ_ONCE(q->done_at);

	return at ? (s64)jiffies_to_msecs(jiffies - at) : -1;
}

/* What no reader of frames asks for, of the queues in use; nothing: no line. */
static void debugfs_show_unknown_ppis(struct seq_file *seq,
				      const struct netvsc_device *nvdev,
				      u32 queues)
{
	bool any = false;
	u32 type, i;
	u64 sum;

	for (type = 0; type < NETVSC_RX_PPI_TYPES; type++) {
		for (sum = 0, i = 0; i < queues; i++)
			sum += READ_ONCE(READ_ONCE(nvdev->queues[i])->ppis_unknown[type]);
		if (!sum)
			continue;
		if (!any)
			seq_puts(seq, "unknown ppis: ");
		any = true;
		seq_printf(seq, "%u%s=%llu ", type,
			   type == NETVSC_RX_PPI_TYPES - 1 ? "+" : "", sum);
	}
	if (any)
		seq_putc(seq, '\n');
}

/* Indices of a hostile host may say anything. */
static u32 debugfs_free_bytes(u32 size, u32 used)
{
	return size - min(size, used);
}

static void debugfs_show_queue(struct seq_file *seq,
			       const struct netvsc_queue *q)
{
	const struct netvsc_queue_stats *stats = q->stats;
	struct netvsc_chan_state state;

	netvsc_chan_state(q, &state);
	seq_printf(seq, "%5u %4u %9u %9u %8u %5u %5u %4u %4u %8lld %12llu %12llu\n",
		   q->index, q->channel->target_cpu,
		   debugfs_free_bytes(state.out_size, state.out_bytes),
		   debugfs_free_bytes(state.in_size, state.in_bytes),
		   state.requests, q->slot_cnt, state.owed,
		   test_bit(NETVSC_QUEUE_STOPPED, &q->flags),
		   state.rescinded, debugfs_done_ms(q),
		   READ_ONCE(stats->tx_packets),
		   READ_ONCE(stats->rx_packets));
}

static void debugfs_show_device(struct seq_file *seq,
				const struct netvsc_device *nvdev)
{
	u32 queues = READ_ONCE(nvdev->num_queues), i;

	seq_printf(seq, "host: %s\n", READ_ONCE(nvdev->unresponsive) ?
		   "missed a deadline" : "answers");
	seq_printf(seq, "send sections: %u of %u taken\n",
		   netvsc_section_used(&nvdev->sections), nvdev->sections.cnt);
	debugfs_show_unknown_ppis(seq, nvdev, queues);
	seq_puts(seq, "queue  cpu  out_free   in_free requests slots  owed stop gone  done_ms   tx_packets   rx_packets\n");
	for (i = 0; i < queues; i++)
		debugfs_show_queue(seq, READ_ONCE(nvdev->queues[i]));
}

static int debugfs_show_queues(struct seq_file *seq, void *unused)
{
	struct net_device *ndev = dev_get_drvdata(seq->private);
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_device *nvdev;

	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	seq_printf(seq, "ifindex: %d\nattached: %s\n", READ_ONCE(ndev->ifindex),
		   nvdev ? "yes" : "no");
	if (nvdev)
		debugfs_show_device(seq, nvdev);
	rcu_read_unlock();
	return 0;
}

void netvsc_debugfs_add(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct device *dev = &priv->hdev->device;

	priv->debugfs = debugfs_create_dir(dev_name(dev), debugfs_root);
	debugfs_create_devm_seqfile(dev, "queues", priv->debugfs,
				    debugfs_show_queues);
}

void netvsc_debugfs_del(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	debugfs_remove_recursive(priv->debugfs);
	priv->debugfs = NULL;
}

void netvsc_debugfs_begin_module(void)
{
	debugfs_root = debugfs_create_dir(KBUILD_MODNAME, NULL);
}

void netvsc_debugfs_end_module(void)
{
	debugfs_remove_recursive(debugfs_root);
}
