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
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "data/tx_recut.h"
#include "netvsc.h"

static void tx_recut_work(struct work_struct *work)
{
	struct netvsc_priv *priv = container_of(work, struct netvsc_priv,
						recut_work);
	struct sk_buff_head frames;
	struct sk_buff *skb;

	__skb_queue_head_init(&frames);
	spin_lock_irq(&priv->recut.lock);
	skb_queue_splice_init(&priv->recut, &frames);
	spin_unlock_irq(&priv->recut.lock);
	while ((skb = __skb_dequeue(&frames))) {
		/* It says which queue it was for, not by which one it came. */
		skb_set_queue_mapping(skb, 0);
		dev_queue_xmit(skb);
	}
}

void netvsc_tx_recut_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	skb_queue_head_init(&priv->recut);
	INIT_WORK(&priv->recut_work, tx_recut_work);
}

void netvsc_tx_recut_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	cancel_work_sync(&priv->recut_work);
	skb_queue_purge(&priv->recut);
}

void netvsc_tx_recut(struct net_device *ndev, struct sk_buff *skb)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	skb_queue_tail(&priv->recut, skb);
	schedule_work(&priv->recut_work);
}
