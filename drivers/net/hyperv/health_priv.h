/* SPDX-License-Identifier: GPL-2.0 */
/* Room health, its inside; for health*.c alone. */
#ifndef _NETVSC_HEALTH_PRIV_H
#define _NETVSC_HEALTH_PRIV_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "health.h"
#include "netvsc.h"

struct devlink;
struct devlink_fmsg;
struct devlink_health_reporter;
struct netlink_ext_ack;

/* A log for each reporter. */
enum netvsc_health_kind {
	NETVSC_HEALTH_TX,
	NETVSC_HEALTH_RX,
	NETVSC_HEALTH_VF,
	NETVSC_HEALTH_KIND_CNT
};

/* Behind enum netvsc_health_event: what this room finds out by itself. */
enum {
	/* The queue that was stuck; its index. */
	NETVSC_HEALTH_TX_MOVES = NETVSC_HEALTH_VF_LEFT + 1,
	NETVSC_HEALTH_VF_WITHDRAWN,	/* one that was lost is not offered any more */
};

/* So many are kept, and shown in a dump. */
#define NETVSC_HEALTH_ENTRIES	8

/**
 * struct netvsc_health_entry - one thing that happened
 * @seconds: since boot, sleep included
 * @event: enum netvsc_health_event, or what this room found out
 * @arg: more about it
 */
struct netvsc_health_entry {
	u64 seconds;
	u32 event;
	int arg;
};

/**
 * struct netvsc_health_log - what happened, for one reporter
 * @reporter: I
 * @entries: L, the last ones; entry n is at n modulo NETVSC_HEALTH_ENTRIES
 * @noted: L, how many there were; runs free
 * @told: L, of them those that devlink knows, or that were overwritten before
 * @open: L, it is not well
 */
struct netvsc_health_log {
	struct devlink_health_reporter *reporter;
	struct netvsc_health_entry entries[NETVSC_HEALTH_ENTRIES];
	u32 noted;
	u32 told;
	bool open;
};

/**
 * struct netvsc_health - what devlink knows of an interface
 * @ndev: I
 * @version: I, of the driver
 * @devlink: I
 * @lock: for what has an L
 * @logs: by enum netvsc_health_kind
 * @stuck: L, the queue that sends nothing; -1: it is something else
 * @rx_noted: a, the host broke a format since the work looked; written under L
 * @rx_due: L, when to look at that again while it is not well
 * @vf_used: L, frames went by a VF, or could if nothing had happened to it
 * @next: L, devlink is told nothing before that
 * @dead: L, no more work
 * @work: tells devlink
 */
struct netvsc_health {
	struct net_device *ndev;
	const char *version;
	struct devlink *devlink;
	spinlock_t lock;	/* L */
	struct netvsc_health_log logs[NETVSC_HEALTH_KIND_CNT];
	int stuck;
	bool rx_noted;
	unsigned long rx_due;
	bool vf_used;
	unsigned long next;
	bool dead;
	struct delayed_work work;
};

/* ---- health_show.c ---- */

/* What happened, in words. */
const char *netvsc_health_text(const struct netvsc_health_entry *entry);

/* Operations of the reporters, and of the instance; process, devlink's lock, no RTNL. */
int netvsc_health_diagnose_tx(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack);
int netvsc_health_diagnose_rx(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack);
int netvsc_health_diagnose_vf(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack);
int netvsc_health_dump_tx(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack);
int netvsc_health_dump_rx(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack);
int netvsc_health_dump_vf(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack);

#endif /* _NETVSC_HEALTH_PRIV_H */
