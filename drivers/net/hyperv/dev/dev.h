/* SPDX-License-Identifier: GPL-2.0 */
/* Room dev: builds, unbuilds and rebuilds an attachment to the host. */
#ifndef _NETVSC_DEV_H
#define _NETVSC_DEV_H

#include <linux/netdev_features.h>

#include "netvsc.h"

/*
 * What the host was told and has not confirmed: bits of netvsc_device.unconfirmed. It
 * may do it any time or not at all, so it is told again what holds.
 */
enum netvsc_unconfirmed {
	NETVSC_UNCONFIRMED_MAC,
	NETVSC_UNCONFIRMED_FILTER,
	NETVSC_UNCONFIRMED_RSS,
	NETVSC_UNCONFIRMED_RSC,		/* also: wanted, and refused so far */
	NETVSC_UNCONFIRMED_CAPS,	/* what it can do could not be read again */
	NETVSC_UNCONFIRMED_CNT
};

struct netlink_ext_ack;

/* All of these want RTNL and may sleep. */

/* ---- an attachment; dev.c ---- */

/**
 * netvsc_dev_start() - frames flow
 * @nvdev: the device, attached
 *
 * Return: 0 or errno of the packet filter.
 */
int netvsc_dev_start(struct netvsc_device *nvdev);

/**
 * netvsc_dev_stop() - undo netvsc_dev_start()
 * @nvdev: the device; not started is fine
 */
void netvsc_dev_stop(struct netvsc_device *nvdev);

/**
 * netvsc_dev_reconfigure() - replace the attachment by one with other parameters
 * @ndev: the interface, registered
 * @params: what it shall be like
 * @extack: told what survived, may be NULL
 *
 * If the host does not take the new parameters the old attachment is restored, with
 * what the user set last; if that cannot be either the interface stays, without a
 * carrier, and is attached again as soon as the host lets it (R74). Counters go on (R73).
 * What follows an attachment, as the carrier, is reported by netvsc_device.events.
 *
 * Return: 0 or why the new parameters are not in force.
 */
int netvsc_dev_reconfigure(struct net_device *ndev,
			   const struct netvsc_params *params,
			   struct netlink_ext_ack *extack);

/**
 * netvsc_dev_reattach() - replace the attachment by one that is like it
 * @ndev: the interface, registered
 * @why: for the log
 *
 * Return: as netvsc_dev_reconfigure().
 */
int netvsc_dev_reattach(struct net_device *ndev, const char *why);

/* Why, where netvsc_chan_bus_answers() and the channel does not. */
#define NETVSC_DEV_CHANNEL_DEAD	"the channel is dead, the bus is not"

/**
 * netvsc_dev_lost() - there is no attachment
 * @ndev: the interface
 * @err: why; the removal of the device reports -ENODEV
 *
 * The carrier goes, and while the interface is up it is attached again by itself.
 */
void netvsc_dev_lost(struct net_device *ndev, int err);

/**
 * netvsc_dev_suspend() - detach, and keep what is needed to come back
 * @ndev: the interface
 *
 * Return: 0, -EBUSY: a bus call is late, and the interface is as it can be without sleep.
 */
int netvsc_dev_suspend(struct net_device *ndev);

/**
 * netvsc_dev_resume() - undo netvsc_dev_suspend()
 * @ndev: the interface
 *
 * Settings and counters are as before (R81).
 *
 * Return: 0, or errno; the interface is there then, but detached until the host lets
 * it attach (R74).
 */
int netvsc_dev_resume(struct net_device *ndev);

/* ---- the way up and down; dev_attach.c ---- */

/**
 * netvsc_dev_attach() - open the channel, bring up NVSP and RNDIS, publish
 * @nvdev: the device
 *
 * Sheet 4.1 steps 1 to 15. On failure everything is undone, or will be, and the
 * device may be tried again.
 *
 * Return: 0, -ENODEV (rescinded), -ETIMEDOUT, -EPROTO, -EIO, -ENOMEM, -EBUSY: the host
 * has still to answer what was asked for earlier.
 */
int netvsc_dev_attach(struct netvsc_device *nvdev);

/**
 * netvsc_dev_detach() - undo netvsc_dev_attach()
 * @nvdev: the device; stopped if it was started
 *
 * Sheet 4.3. Bounded. If the host does not play along the memory is kept until it
 * does, and the device cannot be attached again: only put.
 */
void netvsc_dev_detach(struct netvsc_device *nvdev);

/* ---- while frames flow; dev_live.c ---- */

/**
 * netvsc_dev_set_queues() - use more or fewer of the open channels
 * @nvdev: the device, attached
 * @n: 1..num_open
 *
 * No frame is lost.
 *
 * Return: 0, or errno and nothing has changed.
 */
int netvsc_dev_set_queues(struct netvsc_device *nvdev, u32 n);

/**
 * netvsc_dev_frames() - frames received and sent so far, for comparison
 * @nvdev: the device
 *
 * Return: sum over all queues, both directions.
 */
u64 netvsc_dev_frames(const struct netvsc_device *nvdev);

/**
 * netvsc_dev_is_quiet() - is nobody sending or receiving?
 * @nvdev: the device
 *
 * Context: RTNL, sleeps a quarter of a second.
 * Return: true: no frame came or went in that time, or the interface is down.
 */
bool netvsc_dev_is_quiet(const struct netvsc_device *nvdev);

/**
 * netvsc_dev_lacks_channels() - are there fewer than the user wants, and could be more?
 * @nvdev: the device
 *
 * Return: true: one was not opened in time, or the host did not say how many it has.
 */
bool netvsc_dev_lacks_channels(const struct netvsc_device *nvdev);

/**
 * netvsc_dev_has_excess_channels() - are there more channels than the user wants?
 * @nvdev: the device
 *
 * They cannot be closed one by one (R6): it takes a new attachment.
 *
 * Return: true: there are.
 */
bool netvsc_dev_has_excess_channels(const struct netvsc_device *nvdev);

/**
 * netvsc_dev_has_way_back() - could an attachment that works be had again at once?
 * @nvdev: the device
 *
 * To be asked before it is given up for something that can wait.
 *
 * Context: RTNL, sleeps six seconds at most.
 * Return: false: a call is out, for which the way down would wait, or host or bus do not
 * answer (R70).
 */
bool netvsc_dev_has_way_back(struct netvsc_device *nvdev);

/**
 * netvsc_dev_resync() - tell the host again what it did not confirm
 * @nvdev: the device
 * @log: what it refuses
 *
 * Return: false: it still does not.
 */
bool netvsc_dev_resync(struct netvsc_device *nvdev, bool log);

/* ---- channels beyond the first; dev_queues.c ---- */

/**
 * netvsc_dev_add_channels() - ask for sub-channels, wait for them, open them
 * @nvdev: the device, attached
 *
 * The wait is bounded and in no offer's way; those that come later are taken up
 * by a work item. Whatever the host does the device works, with as many
 * channels as opened (R1-R9), and the stack knows how many.
 */
void netvsc_dev_add_channels(struct netvsc_device *nvdev);

/**
 * netvsc_dev_pause_subchannels() - ask for no sub-channels for a while
 * @ndev: the interface
 * @pause: in jiffies; then they are asked for again, by a work item
 *
 * To be followed by netvsc_dev_reconfigure().
 */
void netvsc_dev_pause_subchannels(struct net_device *ndev, unsigned long pause);

/**
 * netvsc_dev_retry_channels() - there could be more channels: attach again for them
 * @nvdev: the device
 *
 * In a quiet moment, and after a pause that doubles from 2 s up to 32 minutes as
 * long as each attachment ends like this one.
 *
 * Context: RTNL.
 */
void netvsc_dev_retry_channels(struct netvsc_device *nvdev);

/**
 * netvsc_dev_ask_queues() - ask a host that did not say how many queues it has
 * @nvdev: the device, attached
 *
 * A new attachment costs frames, and gives no channel as long as the host does not say.
 *
 * Context: RTNL.
 * Return: 0 if it has said by now; else an errno, of a refusal or for want of an answer,
 * and netvsc_dev_retry_channels() was called unless the device is gone (-ENODEV).
 */
int netvsc_dev_ask_queues(struct netvsc_device *nvdev);

/**
 * netvsc_dev_add_channels_later() - netvsc_dev_add_channels() from a work item, without waiting
 * @ndev: the interface, attached
 */
void netvsc_dev_add_channels_later(struct net_device *ndev);

/**
 * netvsc_dev_init_channels() - before the first attachment
 * @ndev: the interface
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_dev_init_channels(struct net_device *ndev);

/**
 * netvsc_dev_kill_channels() - no offer finds the interface any more
 * @ndev: the interface, detached for good; not under RTNL
 *
 * Also takes away the driver's data of the bus device.
 */
void netvsc_dev_kill_channels(struct net_device *ndev);

/* ---- offloads; dev_offload.c ---- */

/* The features that depend on what the host can do. */
#define NETVSC_DEV_HOST_FEATURES	(NETIF_F_SG | NETIF_F_IP_CSUM | \
					 NETIF_F_IPV6_CSUM | NETIF_F_TSO | \
					 NETIF_F_TSO6 | NETVSC_RSC_FEATURES)

/**
 * netvsc_dev_features() - features the host makes possible
 * @nvdev: the device
 *
 * Return: NETIF_F_*, those a user may switch.
 */
netdev_features_t netvsc_dev_features(const struct netvsc_device *nvdev);

/**
 * netvsc_dev_update_features() - what may be switched, and what of it is on
 * @nvdev: the device, attached
 *
 * Coalescing that the host refuses here is asked for again by NETVSC_TASK_RESYNC.
 *
 * Context: RTNL; the interface is registered.
 */
void netvsc_dev_update_features(struct netvsc_device *nvdev);

/**
 * netvsc_dev_restore_rsc() - coalescing again, if what stood in its way is gone
 * @ndev: the interface
 *
 * A program or a socket did. The core asks only when the wish changes, and a user
 * who has it already cannot express it again.
 *
 * Context: RTNL.
 */
void netvsc_dev_restore_rsc(struct net_device *ndev);

/**
 * netvsc_dev_reread_offloads() - the host says that its offloads changed
 * @ndev: the interface
 *
 * Read again and put in force by a work item (R79), five times a second at most.
 *
 * Context: any.
 */
void netvsc_dev_reread_offloads(struct net_device *ndev);

/**
 * netvsc_dev_init_offload() - before the first attachment
 * @ndev: the interface
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int netvsc_dev_init_offload(struct net_device *ndev);

/**
 * netvsc_dev_kill_offload() - after the last one; not under RTNL
 * @ndev: the interface
 */
void netvsc_dev_kill_offload(struct net_device *ndev);

/* ---- receive table and key; dev_rss.c ---- */

/**
 * netvsc_dev_has_rss() - can the host spread what it receives?
 * @nvdev: the device
 *
 * Return: true: it takes a table and a key.
 */
bool netvsc_dev_has_rss(const struct netvsc_device *nvdev);

/**
 * netvsc_dev_set_rss() - another key or table
 * @nvdev: the device, its host has RSS
 * @rss: the wish; kept for later attachments if the host agrees (R73, R75)
 *
 * Return: 0, or errno and nothing has changed.
 */
int netvsc_dev_set_rss(struct netvsc_device *nvdev,
		       const struct netvsc_rss *rss);

/**
 * netvsc_dev_set_flow_hash() - addresses alone, or ports too?
 * @ndev: the interface
 * @l3_only: bits of enum netvsc_flow
 *
 * Decides about the transmit queue, and where the host hashes the ports of UDP,
 * about the receive queue.
 *
 * Return: 0, or errno and nothing has changed.
 */
int netvsc_dev_set_flow_hash(struct net_device *ndev, u32 l3_only);

/* ---- memory; dev_mem.c ---- */

/**
 * netvsc_dev_alloc() - memory of an attachment; the host knows nothing yet
 * @ndev: the interface
 * @params: what it shall be like
 * @like: an attachment to the same host, or NULL; with it buffers and queues
 *	are allocated too, and netvsc_dev_attach() can fail for the host's sake
 *	only
 * @events: whom to tell
 *
 * Return: the device, NULL without memory.
 */
struct netvsc_device *
netvsc_dev_alloc(struct net_device *ndev, const struct netvsc_params *params,
		 const struct netvsc_device *like,
		 const struct netvsc_events *events);

/**
 * netvsc_dev_put() - undo netvsc_dev_alloc()
 * @nvdev: the device, not attached; NULL is fine
 *
 * The memory goes when no bus call uses it any more.
 */
void netvsc_dev_put(struct netvsc_device *nvdev);

/**
 * netvsc_dev_most_queues() - how many channels the next attachment may have
 * @priv: of the interface
 *
 * By what the host said last, or could say if it was not asked yet.
 *
 * Return: 1..NVSP_MAX_CHANNELS.
 */
u32 netvsc_dev_most_queues(const struct netvsc_priv *priv);

/**
 * netvsc_dev_wants_queues() - how many channels a device should have
 * @nvdev: the device
 * @like: an attachment that knows the host's number; may be @nvdev
 *
 * Return: 1..NVSP_MAX_CHANNELS (R85).
 */
u32 netvsc_dev_wants_queues(const struct netvsc_device *nvdev,
			    const struct netvsc_device *like);

/* ---- what the host has not confirmed; dev_confirm.c ---- */

/**
 * netvsc_dev_record_result() - what came of telling the host something
 * @nvdev: the device
 * @what: what it was about
 * @err: 0 or a refusal: it is settled; else the host may do it yet or not, and will be
 *	told again what holds
 *
 * Context: process.
 */
void netvsc_dev_record_result(struct netvsc_device *nvdev,
			      enum netvsc_unconfirmed what, int err);

/**
 * netvsc_dev_record_pending() - what came of telling the host what holds here
 * @nvdev: the device
 * @what: what it was about
 * @err: 0: it is settled; anything else, refusals too: it will be told again
 *
 * Context: process.
 */
void netvsc_dev_record_pending(struct netvsc_device *nvdev,
			       enum netvsc_unconfirmed what, int err);

/**
 * netvsc_dev_responsive() - the host answers again; for struct netvsc_events
 * @nvdev: the device
 *
 * Context: NAPI.
 */
void netvsc_dev_responsive(struct netvsc_device *nvdev);

#endif /* _NETVSC_DEV_H */
