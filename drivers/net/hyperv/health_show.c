// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room health: what "devlink health" shows
 *
 * Promise: a reader waits neither for RTNL nor for the host. What is
 * shown is a glance; its parts are not of one moment. There is an end to it, and neither
 * an address nor a byte of a frame is in it.
 *
 *	diagnose	how it is now
 *	dump		that, and the last things that happened
 *
 * Neighbours: chan and vf say how queues and VF are doing; health.c notes what happens.
 *
 * Locks: RCU for the attachment, a queue at a time, since devlink's messages allocate;
 * netvsc_health.lock for what happened.
 */
#include <linux/netdevice.h>

#include "bus/chan.h"
#include "compat/devlink.h"
#include "health_priv.h"
#include "lib/section.h"
#include "lib/vf_fsm.h"
#include "netvsc.h"
#include "vf/vf.h"

/* ---- words ---- */

static const char * const health_event_texts[] = {
	[NETVSC_HEALTH_ATTACHED] = "attached anew",
	[NETVSC_HEALTH_TX_STUCK] = "a queue sends nothing",
	[NETVSC_HEALTH_TX_REVOKED] = "a sub-channel is gone",
	[NETVSC_HEALTH_TX_SILENT] = "the channel is dead, the bus is not",
	[NETVSC_HEALTH_TX_DETACHED] = "detached from the host",
	[NETVSC_HEALTH_RX_BAD] = "the host broke a format",
	[NETVSC_HEALTH_VF_USED] = "the VF is used",
	[NETVSC_HEALTH_VF_LEFT] = "the VF is lost",
	[NETVSC_HEALTH_TX_MOVES] = "the queue sends again",
	[NETVSC_HEALTH_VF_WITHDRAWN] = "the host offers no VF",
};

/* Why a VF is lost, where there is more to say. */
static const char * const health_loss_texts[NETVSC_VF_EVENT_CNT] = {
	[NETVSC_VF_GONE] = "the VF is gone",
	[NETVSC_VF_LOST] = "the VF has no carrier",
	[NETVSC_VF_WITHDRAWN] = "the host took the VF back",
	[NETVSC_VF_HOST_BACK] = "the host switched back by itself",
	[NETVSC_VF_HOST_CROSSED] = "the host switched back by itself",
	[NETVSC_VF_FAILED] = "the host does not switch to the VF",
};

static const char * const health_state_texts[NETVSC_VF_STATE_CNT] = {
	[NETVSC_VF_SYNTHETIC] = "synthetic",
	[NETVSC_VF_HOLD] = "synthetic, waiting",
	[NETVSC_VF_ENTERING] = "synthetic, the host was asked",
	[NETVSC_VF_ACTIVE] = "VF",
	[NETVSC_VF_LEAVING] = "synthetic, the host was told",
};

/* As the counters of "ethtool -S" name them. */
static const char * const health_reason_texts[NETVSC_VF_REASON_CNT] = {
	[NETVSC_VF_NO_JOIN] = "join",
	[NETVSC_VF_NO_MTU] = "mtu",
	[NETVSC_VF_NO_MAC] = "mac",
	[NETVSC_VF_NO_FILTERS] = "filter",
	[NETVSC_VF_NO_VLANS] = "vlan",
	[NETVSC_VF_NO_OPEN] = "open",
	[NETVSC_VF_HAS_ADDRESS] = "address",
};

const char *netvsc_health_text(const struct netvsc_health_entry *entry)
{
	const char *loss = NULL;

	if (entry->event == NETVSC_HEALTH_VF_LEFT)
		loss = health_loss_texts[entry->arg];
	return loss ?: health_event_texts[entry->event];
}

/* ---- what happened ---- */

static void health_show_entry(struct devlink_fmsg *fmsg,
			      const struct netvsc_health_entry *entry)
{
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u64_pair_put(fmsg, "seconds", entry->seconds);
	devlink_fmsg_string_pair_put(fmsg, "event", netvsc_health_text(entry));
	if (entry->event == NETVSC_HEALTH_TX_STUCK ||
	    entry->event == NETVSC_HEALTH_TX_MOVES)
		devlink_fmsg_u32_pair_put(fmsg, "queue", entry->arg);
	if (entry->event == NETVSC_HEALTH_TX_DETACHED)
		devlink_fmsg_u32_pair_put(fmsg, "errno", -entry->arg);
	devlink_fmsg_obj_nest_end(fmsg);
}

/* The oldest first. */
static void health_show_log(struct devlink_fmsg *fmsg,
			    struct netvsc_health *health,
			    enum netvsc_health_kind kind)
{
	struct netvsc_health_log *log = &health->logs[kind];
	struct netvsc_health_log copy;
	u32 i;

	spin_lock_irq(&health->lock);
	copy = *log;
	spin_unlock_irq(&health->lock);
	devlink_fmsg_u32_pair_put(fmsg, "noted", copy.noted);
	devlink_fmsg_arr_pair_nest_start(fmsg, "last");
	for (i = copy.noted - min_t(u32, copy.noted, NETVSC_HEALTH_ENTRIES);
	     i != copy.noted; i++)
		health_show_entry(fmsg, &copy.entries[i % NETVSC_HEALTH_ENTRIES]);
	devlink_fmsg_arr_pair_nest_end(fmsg);
}

/* ---- tx ---- */

/**
 * struct health_queue - a queue, copied under RCU
 * @state: of its rings
 * @slots: requests that may be out
 * @packets: frames that it sent
 * @stopped: the stack may not send: no room, or as many bytes out as BQL allows
 */
struct health_queue {
	struct netvsc_chan_state state;
	u32 slots;
	u64 packets;
	bool stopped;
};

/* false: there is no such queue, or no attachment. */
static bool health_read_queue(struct netvsc_priv *priv, u32 index,
			      struct health_queue *copy)
{
	const struct netvsc_device *nvdev;
	const struct netvsc_queue *q;
	bool there;

	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	there = nvdev && index < READ_ONCE(nvdev->num_queues);
	if (there) {
		q = READ_ONCE(nvdev->queues[index]);
		netvsc_chan_state(q, &copy->state);
		copy->slots = q->slot_cnt;
		copy->packets = READ_ONCE(q->stats->tx_packets);
		copy->stopped = netif_xmit_stopped(q->txq);
	}
	rcu_read_unlock();
	return there;
}

static void health_show_queue(struct devlink_fmsg *fmsg, u32 index,
			      const struct health_queue *q)
{
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "queue", index);
	devlink_fmsg_u64_pair_put(fmsg, "tx_packets", q->packets);
	devlink_fmsg_u32_pair_put(fmsg, "requests", q->state.requests);
	devlink_fmsg_u32_pair_put(fmsg, "slots", q->slots);
	devlink_fmsg_u32_pair_put(fmsg, "owed", q->state.owed);
	devlink_fmsg_u32_pair_put(fmsg, "out_bytes", q->state.out_bytes);
	devlink_fmsg_u32_pair_put(fmsg, "in_bytes", q->state.in_bytes);
	devlink_fmsg_bool_pair_put(fmsg, "stopped", q->stopped);
	devlink_fmsg_bool_pair_put(fmsg, "gone", q->state.rescinded);
	devlink_fmsg_obj_nest_end(fmsg);
}

static void health_show_attachment(struct devlink_fmsg *fmsg,
				   struct netvsc_priv *priv)
{
	bool attached, late = false;
	struct netvsc_device *nvdev;
	u32 used = 0, sections = 0;

	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	attached = nvdev;
	if (nvdev) {
		late = READ_ONCE(nvdev->unresponsive);
		used = netvsc_section_used(&nvdev->sections);
		sections = nvdev->sections.cnt;
	}
	rcu_read_unlock();
	devlink_fmsg_bool_pair_put(fmsg, "attached", attached);
	if (!attached)
		return;
	devlink_fmsg_string_pair_put(fmsg, "host", late ? "missed a deadline" :
							  "answers");
	devlink_fmsg_u32_pair_put(fmsg, "send_sections", sections);
	devlink_fmsg_u32_pair_put(fmsg, "send_sections_taken", used);
}

int netvsc_health_diagnose_tx(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack)
{
	struct netvsc_health *health = devlink_health_reporter_priv(reporter);
	struct netvsc_priv *priv = netdev_priv(health->ndev);
	struct health_queue copy;
	u32 i;

	health_show_attachment(fmsg, priv);
	devlink_fmsg_u64_pair_put(fmsg, "tx_timeout",
				  atomic64_read(&priv->counters[NETVSC_CNT_TX_TIMEOUT]));
	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		if (!health_read_queue(priv, i, &copy))
			break;
		health_show_queue(fmsg, i, &copy);
	}
	devlink_fmsg_arr_pair_nest_end(fmsg);
	return 0;
}

int netvsc_health_dump_tx(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack)
{
	health_show_log(fmsg, devlink_health_reporter_priv(reporter),
			NETVSC_HEALTH_TX);
	return netvsc_health_diagnose_tx(reporter, fmsg, extack);
}

/* ---- rx ---- */

static void health_show_rx_queues(struct devlink_fmsg *fmsg,
				  const struct netvsc_priv *priv)
{
	u64 errors;
	u32 i;

	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		errors = READ_ONCE(priv->qstats[i].rx_errors);
		if (!errors)
			continue;
		devlink_fmsg_obj_nest_start(fmsg);
		devlink_fmsg_u32_pair_put(fmsg, "queue", i);
		devlink_fmsg_u64_pair_put(fmsg, "rx_errors", errors);
		devlink_fmsg_obj_nest_end(fmsg);
	}
	devlink_fmsg_arr_pair_nest_end(fmsg);
}

int netvsc_health_diagnose_rx(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack)
{
	struct netvsc_health *health = devlink_health_reporter_priv(reporter);
	struct netvsc_priv *priv = netdev_priv(health->ndev);
	const atomic64_t *counters = priv->counters;

	devlink_fmsg_u64_pair_put(fmsg, "host_bad_packet",
				  atomic64_read(&counters[NETVSC_CNT_HOST_BAD_PACKET]));
	devlink_fmsg_u64_pair_put(fmsg, "host_bad_id",
				  atomic64_read(&counters[NETVSC_CNT_HOST_BAD_ID]));
	devlink_fmsg_u64_pair_put(fmsg, "host_tx_status",
				  atomic64_read(&counters[NETVSC_CNT_HOST_TX_STATUS]));
	health_show_rx_queues(fmsg, priv);
	return 0;
}

int netvsc_health_dump_rx(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack)
{
	health_show_log(fmsg, devlink_health_reporter_priv(reporter),
			NETVSC_HEALTH_RX);
	return netvsc_health_diagnose_rx(reporter, fmsg, extack);
}

/* ---- vf ---- */

static void health_show_reasons(struct devlink_fmsg *fmsg,
				const struct netvsc_vf_view *view)
{
	unsigned int i;

	devlink_fmsg_arr_pair_nest_start(fmsg, "unused");
	for (i = 0; i < NETVSC_VF_REASON_CNT; i++) {
		if (!view->unused[i])
			continue;
		devlink_fmsg_obj_nest_start(fmsg);
		devlink_fmsg_string_pair_put(fmsg, "reason",
					     health_reason_texts[i]);
		devlink_fmsg_u64_pair_put(fmsg, "times", view->unused[i]);
		devlink_fmsg_bool_pair_put(fmsg, "now",
					   view->reasons & BIT(i));
		devlink_fmsg_obj_nest_end(fmsg);
	}
	devlink_fmsg_arr_pair_nest_end(fmsg);
}

int netvsc_health_diagnose_vf(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack)
{
	struct netvsc_health *health = devlink_health_reporter_priv(reporter);
	struct netvsc_vf_view view;

	netvsc_vf_view(health->ndev, &view);
	devlink_fmsg_string_pair_put(fmsg, "path",
				     health_state_texts[view.state]);
	devlink_fmsg_bool_pair_put(fmsg, "joined",
				   view.conditions & NETVSC_VF_HAS_VF);
	devlink_fmsg_bool_pair_put(fmsg, "usable",
				   view.conditions & NETVSC_VF_IS_USABLE);
	devlink_fmsg_bool_pair_put(fmsg, "offered",
				   view.conditions & NETVSC_VF_HAS_HOST);
	devlink_fmsg_bool_pair_put(fmsg, "host_late", view.unresponsive);
	devlink_fmsg_u32_pair_put(fmsg, "lost_lately", view.flaps);
	health_show_reasons(fmsg, &view);
	return 0;
}

int netvsc_health_dump_vf(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack)
{
	health_show_log(fmsg, devlink_health_reporter_priv(reporter),
			NETVSC_HEALTH_VF);
	return netvsc_health_diagnose_vf(reporter, fmsg, extack);
}
