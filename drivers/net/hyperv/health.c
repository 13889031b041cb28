// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room health: what is not well, for "devlink health"
 *
 * Promise: devlink shows of three things whether they are well, how often they were
 * not, and what that looked like. A room that tells of something waits for nobody. Nothing
 * is mended from here, unless the user says so: the rooms that tell look after it
 * themselves, whether there is a devlink or not.
 *
 *	reporter  not well				until
 *	tx	  a queue sends nothing			it does
 *		  a channel is dead or gone,		there is a new
 *		  the attachment was lost		attachment
 *	rx	  the host broke a format		it did not for RX_QUIET
 *	vf	  the VF was used, or asked for, and	frames go by it, or the
 *		  is lost				host does not offer it
 *
 * There is one devlink instance for each device, as long as the driver has the device. It has
 * no port: with one the interface would get another name. It is not reloaded.
 *
 * Neighbours: netvsc_events.health tells; health_show.c says what devlink is
 * shown; main adds and deletes; netdev_watch attaches anew. Whoever looks waits for a
 * recovery that somebody asked for, as long as any other new attachment takes.
 *
 * Locks: netvsc_health.lock, interrupts off; nothing but a work item is touched
 * under it. devlink's own lock of the instance is held in all that devlink calls,
 * and taken by the work. RTNL is taken inside that one by health_recover_tx(), so
 * nobody may want devlink's under RTNL; what is noted under RTNL is told by the work.
 */
#include <linux/device.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/timekeeping.h>

#include "compat/devlink.h"
#include "ctrl/defer.h"
#include "health.h"
#include "health_priv.h"
#include "lib/vf_fsm.h"
#include "netdev.h"
#include "netvsc.h"

/* devlink is told no more often, and a queue that was stuck is looked at. */
#define TELL_PAUSE	HZ
#define RX_QUIET	(10 * HZ)
/* So long after a recovery devlink makes no new dump, in ms. */
#define TX_GRACEFUL	60000

/* ---- noting ---- */

static void health_add_entry(struct netvsc_health_log *log, u32 event, int arg)
{
	log->entries[log->noted++ % NETVSC_HEALTH_ENTRIES] =
		(struct netvsc_health_entry){
			.seconds = ktime_get_boottime_seconds(),
			.event = event,
			.arg = arg,
		};
	if (log->noted - log->told > NETVSC_HEALTH_ENTRIES)
		log->told = log->noted - NETVSC_HEALTH_ENTRIES;
}

static void health_open_log(struct netvsc_health_log *log, u32 event, int arg)
{
	log->open = true;
	health_add_entry(log, event, arg);
}

static void health_close_log(struct netvsc_health_log *log, u32 event, int arg)
{
	if (!log->open)
		return;
	log->open = false;
	health_add_entry(log, event, arg);
}

/* Somebody wants it so, or we are attaching anew: it will be used again. */
static bool health_vf_orderly(int event)
{
	return event == NETVSC_VF_UNUSABLE || event == NETVSC_VF_DETACHED;
}

static void health_note_vf_left(struct netvsc_health *health, int event)
{
	struct netvsc_health_log *log = &health->logs[NETVSC_HEALTH_VF];
	bool lost = health->vf_used || event == NETVSC_VF_FAILED;

	if (health_vf_orderly(event))
		return;
	health->vf_used = false;
	/* The next attachment begins with what the host says then. */
	if (event == NETVSC_VF_DETACHING)
		return;
	if (lost)
		health_open_log(log, NETVSC_HEALTH_VF_LEFT, event);
	if (event == NETVSC_VF_WITHDRAWN)
		health_close_log(log, NETVSC_HEALTH_VF_WITHDRAWN, 0);
}

static void health_take_note(struct netvsc_health *health,
			     enum netvsc_health_event event, int arg)
{
	struct netvsc_health_log *tx = &health->logs[NETVSC_HEALTH_TX];

	switch (event) {
	case NETVSC_HEALTH_ATTACHED:
		health_close_log(tx, event, arg);
		break;
	case NETVSC_HEALTH_TX_STUCK:
		health->stuck = arg;
		health_open_log(tx, event, arg);
		break;
	case NETVSC_HEALTH_TX_REVOKED:
	case NETVSC_HEALTH_TX_SILENT:
	case NETVSC_HEALTH_TX_DETACHED:
		health->stuck = -1;
		health_open_log(tx, event, arg);
		break;
	case NETVSC_HEALTH_RX_BAD:
		WRITE_ONCE(health->rx_noted, true);
		break;
	case NETVSC_HEALTH_VF_USED:
		health->vf_used = true;
		health_close_log(&health->logs[NETVSC_HEALTH_VF], event, arg);
		break;
	case NETVSC_HEALTH_VF_LEFT:
		health_note_vf_left(health, arg);
		break;
	}
}

static bool health_is_open(struct netvsc_health *health,
			   const struct netvsc_health_log *log)
{
	bool open;

	spin_lock_irq(&health->lock);
	open = log->open;
	spin_unlock_irq(&health->lock);
	return open;
}

/* What is to be told, or looked at, by the next time that this may be. */
static bool health_is_due(const struct netvsc_health *health)
{
	const struct netvsc_health_log *logs = health->logs;
	unsigned int i;

	for (i = 0; i < NETVSC_HEALTH_KIND_CNT; i++)
		if (logs[i].noted != logs[i].told)
			return true;
	return (logs[NETVSC_HEALTH_TX].open && health->stuck >= 0) ||
	       (health->rx_noted && !logs[NETVSC_HEALTH_RX].open);
}

/* Always to the same moment, however often it is said. */
static void health_arm_work(struct netvsc_health *health)
{
	bool rx_open = health->logs[NETVSC_HEALTH_RX].open;
	unsigned long now = jiffies, due = health->rx_due;
	bool some = health_is_due(health);

	lockdep_assert_held(&health->lock);
	if (some && (!rx_open || time_before(health->next, due)))
		due = health->next;
	if ((some || rx_open) && !health->dead)
		mod_delayed_work(system_percpu_wq, &health->work,
				 time_after(due, now) ? due - now : 0);
}

void netvsc_health_note(struct net_device *ndev,
			enum netvsc_health_event event, int arg)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_health *health = priv->health;
	unsigned long flags;

	if (!health)
		return;
	/* A host can do that with each packet. */
	if (event == NETVSC_HEALTH_RX_BAD && READ_ONCE(health->rx_noted))
		return;
	spin_lock_irqsave(&health->lock, flags);
	if (!health->dead) {
		health_take_note(health, event, arg);
		health_arm_work(health);
	}
	spin_unlock_irqrestore(&health->lock, flags);
}

/* ---- telling ---- */

/* The watchdog calls a queue stuck as long as it is stopped. */
static bool health_queue_moves(const struct net_device *ndev, unsigned int queue)
{
	return !netif_running(ndev) || queue >= ndev->real_num_tx_queues ||
	       !netif_xmit_stopped(netdev_get_tx_queue(ndev, queue));
}

static void health_look_tx(struct netvsc_health *health)
{
	struct netvsc_health_log *log = &health->logs[NETVSC_HEALTH_TX];

	if (log->open && health->stuck >= 0 &&
	    health_queue_moves(health->ndev, health->stuck))
		health_close_log(log, NETVSC_HEALTH_TX_MOVES, health->stuck);
}

static void health_look_rx(struct netvsc_health *health)
{
	struct netvsc_health_log *log = &health->logs[NETVSC_HEALTH_RX];

	if (log->open && time_before(jiffies, health->rx_due))
		return;
	if (health->rx_noted) {
		health_open_log(log, NETVSC_HEALTH_RX_BAD, 0);
		health->rx_due = jiffies + RX_QUIET;
	} else {
		log->open = false;
	}
	WRITE_ONCE(health->rx_noted, false);
}

static void health_look_around(struct netvsc_health *health)
{
	spin_lock_irq(&health->lock);
	health_look_tx(health);
	health_look_rx(health);
	spin_unlock_irq(&health->lock);
}

/* The next one that devlink does not know. */
static bool health_take_entry(struct netvsc_health *health,
			      struct netvsc_health_log *log,
			      struct netvsc_health_entry *entry)
{
	bool some;

	spin_lock_irq(&health->lock);
	some = log->told != log->noted;
	if (some)
		*entry = log->entries[log->told++ % NETVSC_HEALTH_ENTRIES];
	spin_unlock_irq(&health->lock);
	return some;
}

static bool health_is_recovery(u32 event)
{
	return event == NETVSC_HEALTH_ATTACHED || event == NETVSC_HEALTH_VF_USED;
}

static bool health_is_end(u32 event)
{
	return health_is_recovery(event) || event == NETVSC_HEALTH_TX_MOVES ||
	       event == NETVSC_HEALTH_VF_WITHDRAWN;
}

/* false: there is nothing to tell. */
static bool health_tell_entry(struct netvsc_health *health,
			      struct netvsc_health_log *log)
{
	struct netvsc_health_entry entry;
	bool some;

	/* A recovery that the user asked for tells devlink itself, see there. */
	devl_lock(health->devlink);
	some = health_take_entry(health, log, &entry);
	if (some && health_is_recovery(entry.event))
		devlink_health_reporter_recovery_done(log->reporter);
	devl_unlock(health->devlink);
	if (some && !health_is_end(entry.event))
		devlink_health_report(log->reporter, netvsc_health_text(&entry),
				      health);
	return some;
}

/* Whatever was told in which order: this holds. */
static void health_tell_state(struct netvsc_health *health,
			      struct netvsc_health_log *log)
{
	enum devlink_health_reporter_state state;

	devl_lock(health->devlink);
	state = health_is_open(health, log) ?
		DEVLINK_HEALTH_REPORTER_STATE_ERROR :
		DEVLINK_HEALTH_REPORTER_STATE_HEALTHY;
	devlink_health_reporter_state_update(log->reporter, state);
	devl_unlock(health->devlink);
}

static void health_run_work(struct work_struct *work)
{
	struct netvsc_health *health = container_of(to_delayed_work(work),
						    struct netvsc_health, work);
	unsigned int i, n;

	health_look_around(health);
	for (i = 0; i < NETVSC_HEALTH_KIND_CNT; i++) {
		for (n = 0; n < NETVSC_HEALTH_ENTRIES; n++)
			if (!health_tell_entry(health, &health->logs[i]))
				break;
		health_tell_state(health, &health->logs[i]);
	}
	spin_lock_irq(&health->lock);
	health->next = jiffies + TELL_PAUSE;
	health_arm_work(health);
	spin_unlock_irq(&health->lock);
}

/* ---- what devlink asks for ---- */

static int health_recover_tx(struct devlink_health_reporter *reporter, void *ctx,
			     struct netlink_ext_ack *extack)
{
	struct netvsc_health *health = devlink_health_reporter_priv(reporter);
	struct netvsc_health_log *log = &health->logs[NETVSC_HEALTH_TX];
	int err = 0;

	/* Of a report: netdev_watch and keep are at it, and tell of the end. */
	if (ctx)
		return -EINPROGRESS;
	rtnl_lock();
	/* Whoever had RTNL before may have done it. */
	if (health_is_open(health, log))
		err = netvsc_netdev_recover(health->ndev);
	rtnl_unlock();
	if (err == -EHOSTDOWN)
		NL_SET_ERR_MSG_MOD(extack, "the host does not answer: nothing was changed");
	else if (err)
		NL_SET_ERR_MSG_MOD(extack, "there is no new attachment to the host");
	if (err)
		return err;
	/* devlink counts it by itself, and has its lock until then. */
	spin_lock_irq(&health->lock);
	log->told = log->noted;
	spin_unlock_irq(&health->lock);
	return 0;
}

static const struct devlink_health_reporter_ops health_reporter_ops[] = {
	[NETVSC_HEALTH_TX] = {
		.name = "tx",
		NETVSC_REPORTER_PERIOD(TX_GRACEFUL)
		.recover = health_recover_tx,
		.dump = netvsc_health_dump_tx,
		.diagnose = netvsc_health_diagnose_tx,
	},
	[NETVSC_HEALTH_RX] = {
		.name = "rx",
		.dump = netvsc_health_dump_rx,
		.diagnose = netvsc_health_diagnose_rx,
	},
	[NETVSC_HEALTH_VF] = {
		.name = "vf",
		.dump = netvsc_health_dump_vf,
		.diagnose = netvsc_health_diagnose_vf,
	},
};

static struct netvsc_health *health_of_devlink(struct devlink *devlink)
{
	return *(struct netvsc_health **)devlink_priv(devlink);
}

/* The protocol of the first version was not numbered like the others. */
static void health_format_nvsp(u32 version, char *text, size_t bytes)
{
	if (version == NVSP_VERSION_1)
		strscpy(text, "1.0", bytes);
	else if (version == NVSP_VERSION_2)
		strscpy(text, "2.0", bytes);
	else
		snprintf(text, bytes, "%u.%u", version >> 16, version & 0xffff);
}

static const struct netvsc_nvsp_caps *health_nvsp_caps(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	const struct netvsc_nvsp_caps *caps = NULL;
	struct netvsc_device *nvdev;

	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	if (nvdev)
		caps = nvdev->nvsp_caps;
	rcu_read_unlock();
	/* One of a constant table. */
	return caps;
}

static int health_get_info(struct devlink *devlink, struct devlink_info_req *req,
			   struct netlink_ext_ack *extack)
{
	struct netvsc_health *health = health_of_devlink(devlink);
	const struct netvsc_nvsp_caps *caps;
	char text[16];
	int err;

	err = netvsc_info_driver_name_put(req);
	if (!err)
		err = devlink_info_version_running_put(req, "driver",
						       health->version);
	caps = health_nvsp_caps(health->ndev);
	if (err || !caps)
		return err;
	health_format_nvsp(caps->version, text, sizeof(text));
	err = devlink_info_version_running_put(req, "nvsp", text);
	if (err)
		return err;
	snprintf(text, sizeof(text), "%u.%u", caps->ndis_major, caps->ndis_minor);
	return devlink_info_version_running_put(req, "ndis", text);
}

static const struct devlink_ops health_devlink_ops = {
	.info_get = health_get_info,
};

/* ---- begin and end ---- */

static void health_destroy_reporters(struct netvsc_health *health, unsigned int n)
{
	while (n--)
		devlink_health_reporter_destroy(health->logs[n].reporter);
}

static int health_create_reporters(struct netvsc_health *health)
{
	struct devlink_health_reporter *reporter;
	unsigned int i;

	for (i = 0; i < NETVSC_HEALTH_KIND_CNT; i++) {
		const struct devlink_health_reporter_ops *ops =
			&health_reporter_ops[i];

		reporter = netvsc_reporter_create(health->devlink, ops,
						  ops->recover ? TX_GRACEFUL : 0,
						  health);
		if (IS_ERR(reporter)) {
			health_destroy_reporters(health, i);
			return PTR_ERR(reporter);
		}
		health->logs[i].reporter = reporter;
	}
	return 0;
}

static int health_create_devlink(struct netvsc_health *health, struct device *dev)
{
	struct devlink *devlink;
	int err;

	devlink = devlink_alloc(&health_devlink_ops, sizeof(health), dev);
	if (!devlink)
		return -ENOMEM;
	*(struct netvsc_health **)devlink_priv(devlink) = health;
	health->devlink = devlink;
	err = health_create_reporters(health);
	if (err) {
		devlink_free(devlink);
		return err;
	}
	devlink_register(devlink);
	return 0;
}

void netvsc_health_add(struct net_device *ndev, const char *version)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct device *dev = &priv->hdev->device;
	struct netvsc_health *health;
	int err = -ENOMEM;

	health = devm_kzalloc(dev, sizeof(*health), GFP_KERNEL);
	if (health) {
		health->ndev = ndev;
		health->version = version;
		health->stuck = -1;
		health->next = jiffies;
		health->rx_due = jiffies;
		spin_lock_init(&health->lock);
		INIT_DELAYED_WORK(&health->work, health_run_work);
		err = health_create_devlink(health, dev);
	}
	if (err)
		dev_info(dev, "no devlink instance: %d\n", err);
	else
		priv->health = health;
}

/*
 * Who could still use it, step by step:
 *  1 the work: none is scheduled, and none runs
 *  2 callers from devlink: out when the instance is unregistered
 *  3 rooms that tell: find it dead; the memory goes with the driver's hold on the device
 */
void netvsc_health_del(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_health *health = priv->health;

	if (!health)
		return;
	netvsc_defer_end_work(&health->work, &health->lock, &health->dead);
	devlink_unregister(health->devlink);
	health_destroy_reporters(health, NETVSC_HEALTH_KIND_CNT);
	devlink_free(health->devlink);
}
