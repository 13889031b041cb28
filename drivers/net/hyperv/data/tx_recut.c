// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: a frame that has to be cut after all
 *
 * Promise: the host is asked to cut only what it can cut. The stack asks what a frame
 * needs before it waits for its queue, and then the answer may be out of date: the VF
 * was to send it and went, or the host gave up what it could do. Such a frame is not
 * dropped: it goes round the stack once more, which asks again and cuts it itself. What
 * looks at frames on their way out (tc, netfilter, taps) sees such a one twice.
 *
 * Neighbours: tx_meta finds such frames. They are as few as fit between the question and
 * the answer. Within transmit the stack cannot be entered again, since the caller may hold a
 * lock of the queue's qdisc; hence the work item.
 *
 * Locks: that of the list, with interrupts off: netpoll transmits so.
 */
#include <linux/device.h>
#include <linux/hyperv.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "data/tx_recut.h"
#include "netvsc.h"

/**
 * struct netvsc_recut - what goes round once more
 * @frames: with a lock of their own
 * @work: sends them
 */
struct netvsc_recut {
	struct sk_buff_head frames;
	struct work_struct work;
};

static void tx_recut_work(struct work_struct *work)
{
	struct netvsc_recut *recut = container_of(work, struct netvsc_recut,
						  work);
	struct sk_buff_head frames;
	struct sk_buff *skb;

	__skb_queue_head_init(&frames);
	spin_lock_irq(&recut->frames.lock);
	skb_queue_splice_init(&recut->frames, &frames);
	spin_unlock_irq(&recut->frames.lock);
	while ((skb = __skb_dequeue(&frames))) {
		/* It says which queue it was for, not by which one it came. */
		skb_set_queue_mapping(skb, 0);
		dev_queue_xmit(skb);
	}
}

int netvsc_tx_recut_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	priv->recut = devm_kzalloc(&priv->hdev->device, sizeof(*priv->recut),
				   GFP_KERNEL);
	if (!priv->recut)
		return -ENOMEM;
	skb_queue_head_init(&priv->recut->frames);
	INIT_WORK(&priv->recut->work, tx_recut_work);
	return 0;
}

void netvsc_tx_recut_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	cancel_work_sync(&priv->recut->work);
	skb_queue_purge(&priv->recut->frames);
}

void netvsc_tx_recut(struct net_device *ndev, struct sk_buff *skb)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	skb_queue_tail(&priv->recut->frames, skb);
	schedule_work(&priv->recut->work);
}
