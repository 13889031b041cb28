// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: the VF joins, carries the frames, leaves
 *
 * Promise: frames go by the VF only while the host agrees and the VF can; what
 * the host says counts at once, in NAPI; nobody waits for the host under RTNL
 * longer than half a second, and only to leave.
 *
 * Neighbours: lib/vf_fsm decides, lib/vf_match says who belongs to whom. nvsp
 * asks the host and reports by netvsc_device.events. dev starts and stops, netdev
 * hands in frames and settings.
 *
 *	vf_join.c	interfaces come and go: join, leave, namespaces; the work item
 *	vf_tx.c		frames
 *	vf_direct.c	their short way to the VF
 *	vf_follow.c	settings of the interface are those of the VF
 *	vf_rss.c	receive table and key are, where it can
 *	vf_xdp.c	the program is
 *	vf.c		what the state machine wants done; the clock; can it be used?
 *
 *	host (NAPI) ----+
 *	VF (notifier) --+-> event -> lib/vf_fsm -> path pointer, request, clock
 *	time (work) ----+
 *
 * Locks: netvsc_vf.lock, interrupts off, for the machine, its clock and the path
 * pointer; the lock of the primary queue is taken inside it, nothing else. Logging is
 * done outside: netconsole sends. The path pointer is read under RCU by senders.
 * Everything else is RTNL's, which the work only tries for, so a holder of RTNL
 * can wait for it.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>

#include "compat/lower.h"
#include "ctrl/defer.h"
#include "ctrl/nvsp.h"
#include "data/tx.h"
#include "lib/pause.h"
#include "netvsc.h"
#include "trace.h"
#include "vf/vf.h"
#include "vf/vf_priv.h"

/* How long a host may take; nobody stands still for it. */
#define ANSWER		(10 * HZ)
/* How long somebody does, so that nothing is lost when the VF goes. */
#define LEAVE_WAIT	(HZ / 2)
#define LEAVE_WAIT_SHORT	(HZ / 50)
/* For frames in the VF's queues, each way. */
#define DRAIN_WAIT	(HZ / 20)
/* A VF that slept is awake by then. */
#define WAKE_WAIT	HZ
/* A host that has announced a VF can switch to it after so long. */
#define CONFIRM_DELAY	(3 * HZ)
#define SEND_RETRY	(HZ / 100 + 1)
/* What was refused is tried again after one second, two, four and so on. */
#define MEND_PAUSE_MAX	(16 * HZ)
/* A VF that was lost so long ago is as good as new. */
#define FLAP_MEMORY	(30 * HZ)

/* What was switched, for the log. */
struct vf_switch {
	bool to_vf;
	bool from_vf;
	char name[IFNAMSIZ];
};

static bool vf_waits_for_host(const struct netvsc_vf *vf)
{
	return vf->fsm.state == NETVSC_VF_ENTERING ||
	       vf->fsm.state == NETVSC_VF_LEAVING;
}

static bool vf_has_timer(const struct netvsc_vf *vf)
{
	return vf->fsm.state == NETVSC_VF_HOLD || vf_waits_for_host(vf);
}

/* The work is due with the first thing that is. */
static void vf_arm_timer(struct netvsc_vf *vf)
{
	unsigned long now = jiffies, due = now + ANSWER;
	bool some = false;
	unsigned int i;

	if (vf_has_timer(vf)) {
		due = vf->due;
		some = true;
	}
	if (vf->unsent) {
		due = now + SEND_RETRY;
		some = true;
	}
	for (i = 0; i < NETVSC_VF_TASK_CNT; i++) {
		if (!(vf->tasks & BIT(i)))
			continue;
		if (!some || time_before(vf->task_due[i], due))
			due = vf->task_due[i];
		some = true;
	}
	if (some && !vf->dead)
		mod_delayed_work(system_percpu_wq, &vf->work,
				 time_after(due, now) ? due - now : 0);
}

static void vf_send_request(struct netvsc_priv *priv)
{
	struct netvsc_vf *vf = priv->vf;
	struct netvsc_device *nvdev;
	int err = -ENODEV;

	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	if (nvdev)
		err = netvsc_nvsp_ask_path(nvdev, vf->path, vf->seq);
	rcu_read_unlock();
	vf->unsent = err == -EAGAIN;
	/* Nobody there: no use in waiting. */
	if (err && !vf->unsent)
		vf->due = jiffies;
}

static void vf_ask_path(struct netvsc_priv *priv, u32 path)
{
	struct netvsc_vf *vf = priv->vf;

	vf->path = path;
	vf->seq++;
	vf->due = jiffies + ANSWER;
	vf_send_request(priv);
}

static void vf_count_flap(struct netvsc_vf *vf)
{
	if (!vf->flaps || time_after(jiffies, vf->lost + FLAP_MEMORY))
		vf->flaps = 0;
	vf->flaps++;
	vf->lost = jiffies;
}

static unsigned long vf_hold_time(const struct netvsc_vf *vf)
{
	bool forgotten = time_after(jiffies, vf->lost + FLAP_MEMORY);

	return msecs_to_jiffies(netvsc_vf_fsm_hold_ms(forgotten ? 0 :
						      vf->flaps));
}

static void vf_record_switch(struct netvsc_priv *priv,
			     struct vf_switch *switched)
{
	struct net_device *ndev;

	ndev = rcu_dereference_protected(priv->vf->ndev,
					 lockdep_is_held(&priv->vf->lock));
	strscpy(switched->name, ndev ? ndev->name : "", IFNAMSIZ);
	priv->vf->unflushed = true;
	priv->vf->tasks |= BIT(NETVSC_VF_TASK_ANNOUNCE) |
			   BIT(NETVSC_VF_TASK_LIMITS);
	priv->vf->task_due[NETVSC_VF_TASK_ANNOUNCE] = jiffies;
	priv->vf->task_due[NETVSC_VF_TASK_LIMITS] = jiffies;
}

/* Also where it was not sending just now: set down by its driver before it goes. */
static bool vf_is_loss(u8 state, enum netvsc_vf_event event)
{
	return event == NETVSC_VF_GONE || event == NETVSC_VF_WITHDRAWN ||
	       (state == NETVSC_VF_ENTERING && event == NETVSC_VF_FAILED);
}

static void vf_run_fsm(struct netvsc_priv *priv, enum netvsc_vf_event event,
		       struct vf_switch *switched)
{
	struct netvsc_vf *vf = priv->vf;
	u32 actions;
	bool lost;

	lockdep_assert_held(&vf->lock);
	lost = vf_is_loss(vf->fsm.state, event);
	if (event == NETVSC_VF_JOINED)
		vf->flaps = 0;
	if (netvsc_vf_fsm_is_flap(vf->fsm.state, event))
		vf_count_flap(vf);
	actions = netvsc_vf_fsm_step(&vf->fsm, event);
	if (actions & NETVSC_VF_STOP) {
		RCU_INIT_POINTER(priv->vf_path, NULL);
		switched->from_vf = true;
		vf_record_switch(priv, switched);
	}
	if (actions & NETVSC_VF_USE) {
		rcu_assign_pointer(priv->vf_path,
				   rcu_dereference_protected(vf->ndev, true));
		switched->to_vf = true;
		vf_record_switch(priv, switched);
	}
	/* In the order in which it happens. */
	if (lost || (actions & NETVSC_VF_STOP))
		priv->events->health(priv->ndev, NETVSC_HEALTH_VF_LEFT, event);
	if (actions & NETVSC_VF_USE)
		priv->events->health(priv->ndev, NETVSC_HEALTH_VF_USED, 0);
	if (!vf_waits_for_host(vf))
		vf->unsent = false;
	if (actions & NETVSC_VF_ASK_VF)
		vf_ask_path(priv, NVSP_DATAPATH_VF);
	if (actions & NETVSC_VF_ASK_SYNTHETIC)
		vf_ask_path(priv, NVSP_DATAPATH_SYNTHETIC);
	if (actions & NETVSC_VF_WAIT)
		vf->due = jiffies + vf_hold_time(vf);
	if (vf->fsm.state != NETVSC_VF_LEAVING)
		wake_up(&vf->left);
	vf_arm_timer(vf);
}

static void vf_log_switch(struct netvsc_priv *priv,
			  const struct vf_switch *switched)
{
	/* Tools read the two lines. */
	if (switched->from_vf) {
		trace_netvsc_vf_switch(priv->ndev, switched->name, false);
		netdev_info(priv->ndev, "Data path switched from VF: %s\n",
			    switched->name);
	}
	if (switched->to_vf) {
		trace_netvsc_vf_switch(priv->ndev, switched->name, true);
		netdev_info(priv->ndev, "Data path switched to VF: %s\n",
			    switched->name);
	}
}

void netvsc_vf_event(struct netvsc_priv *priv, enum netvsc_vf_event event)
{
	struct vf_switch switched = {};
	unsigned long flags;

	spin_lock_irqsave(&priv->vf->lock, flags);
	vf_run_fsm(priv, event, &switched);
	spin_unlock_irqrestore(&priv->vf->lock, flags);
	vf_log_switch(priv, &switched);
}

void netvsc_vf_defer(struct netvsc_priv *priv, enum netvsc_vf_task task,
		     unsigned long delay)
{
	struct netvsc_vf *vf = priv->vf;
	unsigned long flags;

	spin_lock_irqsave(&vf->lock, flags);
	vf->tasks |= BIT(task);
	vf->task_due[task] = jiffies + delay;
	vf_arm_timer(vf);
	spin_unlock_irqrestore(&vf->lock, flags);
}

/* ---- events from the host ---- */

/* The host would like us to use the VF: no reason to hold any longer. */
static void vf_end_hold(struct netvsc_vf *vf)
{
	if (vf->fsm.state != NETVSC_VF_HOLD)
		return;
	vf->due = jiffies;
	vf_arm_timer(vf);
}

/*
 * Some hosts announce a VF before they can switch to it; what is asked too early they
 * complete and forget, without a notice. A request for the path that is in force
 * already is completed by all.
 */
static void vf_confirm_later(struct netvsc_vf *vf)
{
	vf->tasks |= BIT(NETVSC_VF_TASK_CONFIRM);
	vf->task_due[NETVSC_VF_TASK_CONFIRM] = jiffies + CONFIRM_DELAY;
	vf_arm_timer(vf);
}

/* The answer changes nothing: nobody waits for it in this state. */
static void vf_confirm(struct netvsc_priv *priv)
{
	if (priv->vf->fsm.state == NETVSC_VF_ACTIVE)
		vf_send_request(priv);
}

void netvsc_vf_association(struct netvsc_device *nvdev, bool allocated,
			   u32 serial)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct vf_switch switched = {};
	unsigned long flags;

	spin_lock_irqsave(&priv->vf->lock, flags);
	if (allocated)
		priv->vf->serial = serial;
	vf_run_fsm(priv, allocated ? NETVSC_VF_ASSOCIATED : NETVSC_VF_WITHDRAWN,
		   &switched);
	if (allocated) {
		vf_end_hold(priv->vf);
		vf_confirm_later(priv->vf);
	}
	spin_unlock_irqrestore(&priv->vf->lock, flags);
	if (net_ratelimit())
		netdev_info(nvdev->ndev, "VF slot %u %s\n", serial,
			    allocated ? "added" : "removed");
	vf_log_switch(priv, &switched);
}

void netvsc_vf_path_switched(struct netvsc_device *nvdev, u32 path)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct vf_switch switched = {};
	unsigned long flags;

	spin_lock_irqsave(&priv->vf->lock, flags);
	/* Within the lock a request is either out or not made yet. */
	if (path == NVSP_DATAPATH_SYNTHETIC)
		vf_run_fsm(priv, atomic_read(&nvdev->paths_asked) ?
			   NETVSC_VF_HOST_CROSSED : NETVSC_VF_HOST_BACK,
			   &switched);
	else
		vf_end_hold(priv->vf);
	spin_unlock_irqrestore(&priv->vf->lock, flags);
	vf_log_switch(priv, &switched);
}

void netvsc_vf_path_done(struct netvsc_device *nvdev, u32 seq)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_vf *vf = priv->vf;
	struct vf_switch switched = {};
	unsigned long flags;

	spin_lock_irqsave(&vf->lock, flags);
	vf->unresponsive = false;
	/* An answer to an earlier request says nothing about this one. */
	if (seq == vf->seq && vf_waits_for_host(vf) && !vf->unsent)
		vf_run_fsm(priv, NETVSC_VF_ACKED, &switched);
	spin_unlock_irqrestore(&vf->lock, flags);
	vf_log_switch(priv, &switched);
}

/* ---- the clock ---- */

/* The tasks that are due; they are taken off the list. */
static unsigned long vf_take_due(struct netvsc_vf *vf)
{
	unsigned long due = 0;
	unsigned int i;

	for (i = 0; i < NETVSC_VF_TASK_CNT; i++)
		if (vf->tasks & BIT(i) &&
		    time_after_eq(jiffies, vf->task_due[i]))
			due |= BIT(i);
	vf->tasks &= ~due;
	return due;
}

/*
 * A frame that is parked because more were to come stays there for good if those went
 * the other way. Readers of the path pointer before it changed are through after the
 * grace period, so nothing is parked behind this (R25).
 */
static void vf_flush_queues(struct netvsc_priv *priv)
{
	struct netvsc_device *nvdev;
	u32 i;

	synchronize_net();
	rcu_read_lock();
	nvdev = rcu_dereference(priv->nvdev);
	for (i = 0; nvdev && i < READ_ONCE(nvdev->num_open); i++)
		netvsc_tx_flush(READ_ONCE(nvdev->queues[i]));
	rcu_read_unlock();
}

unsigned long netvsc_vf_tick(struct netvsc_priv *priv)
{
	struct netvsc_vf *vf = priv->vf;
	struct vf_switch switched = {};
	unsigned long tasks, flags;
	bool unflushed;

	spin_lock_irqsave(&vf->lock, flags);
	if (vf_has_timer(vf) && time_after_eq(jiffies, vf->due))
		vf_run_fsm(priv,
			   vf->fsm.state == NETVSC_VF_HOLD ? NETVSC_VF_TIME :
							     NETVSC_VF_FAILED,
			   &switched);
	else if (vf->unsent)
		vf_send_request(priv);
	tasks = vf_take_due(vf);
	if (tasks & BIT(NETVSC_VF_TASK_CONFIRM))
		vf_confirm(priv);
	tasks &= ~BIT(NETVSC_VF_TASK_CONFIRM);
	unflushed = vf->unflushed;
	vf->unflushed = false;
	vf_arm_timer(vf);
	spin_unlock_irqrestore(&vf->lock, flags);
	vf_log_switch(priv, &switched);
	if (unflushed)
		vf_flush_queues(priv);
	return tasks;
}

void netvsc_vf_tasks_again(struct netvsc_priv *priv, unsigned long tasks)
{
	struct netvsc_vf *vf = priv->vf;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&vf->lock, flags);
	for_each_set_bit(i, &tasks, NETVSC_VF_TASK_CNT)
		vf->task_due[i] = jiffies + NETVSC_DEFER_RETRY;
	vf->tasks |= tasks;
	vf_arm_timer(vf);
	spin_unlock_irqrestore(&vf->lock, flags);
}

/* ---- why it is not used ---- */

static const char * const vf_reason_texts[NETVSC_VF_REASON_CNT] = {
	[NETVSC_VF_NO_JOIN] = "it is in a bridge or bond",
	[NETVSC_VF_NO_MTU] = "its MTU is smaller",
	[NETVSC_VF_NO_MAC] = "it refuses the address",
	[NETVSC_VF_NO_FILTERS] = "it refuses the filters",
	[NETVSC_VF_NO_VLANS] = "it refuses the VLANs",
	[NETVSC_VF_NO_OPEN] = "it cannot be opened",
	[NETVSC_VF_HAS_ADDRESS] = "it has an IPv4 address",
};

void netvsc_vf_set_reason(struct netvsc_priv *priv, const struct net_device *vf,
			  enum netvsc_vf_reason reason, int err)
{
	ASSERT_RTNL();
	if (!err) {
		priv->vf->reasons &= ~BIT(reason);
		return;
	}
	if (netvsc_vf_has_reason(priv, reason))
		return;
	priv->vf->reasons |= BIT(reason);
	priv->vf->unused[reason]++;
	if (net_ratelimit())
		netdev_warn(vf, "not used by %s: %s (%d)\n", priv->ndev->name,
			    vf_reason_texts[reason], err);
}

/* The MTU that was set at the VF by hand stays. */
static bool vf_may_retry(const struct netvsc_priv *priv)
{
	return priv->vf->reasons & ~(BIT(NETVSC_VF_NO_JOIN) |
				    BIT(NETVSC_VF_NO_MTU));
}

static void vf_schedule_retry(struct netvsc_priv *priv)
{
	struct netvsc_vf *vf = priv->vf;
	unsigned long delay = 0;

	if (READ_ONCE(vf->tasks) & BIT(NETVSC_VF_TASK_RETRY))
		return;
	if (vf->tries)
		delay = netvsc_pause(vf->tries - 1, HZ, MEND_PAUSE_MAX);
	vf->tries++;
	netvsc_vf_defer(priv, NETVSC_VF_TASK_RETRY, delay);
}

/* ---- can it be used? ---- */

struct pci_dev *netvsc_vf_pci_dev(const struct net_device *dev)
{
	struct device *parent = dev->dev.parent;

	if (parent && !dev_is_pci(parent))
		parent = parent->parent;
	return parent && dev_is_pci(parent) ? to_pci_dev(parent) : NULL;
}

/*
 * The core gives a device its queueing only after it has seen the carrier, a moment
 * later, and tells by NETDEV_CHANGE; until then all that is sent there is lost.
 */
static bool vf_can_carry(const struct net_device *dev)
{
	return netif_carrier_ok(dev) && !qdisc_tx_is_noop(dev);
}

/* Has it all that it needs for our frames? What it lacks it may get. */
static bool vf_settings_match(struct netvsc_priv *priv,
			      const struct net_device *dev)
{
	const struct net_device *ndev = priv->ndev;
	bool same;

	netvsc_vf_set_reason(priv, dev, NETVSC_VF_NO_MTU,
			     dev->mtu < ndev->mtu ? -EMSGSIZE : 0);
	same = ether_addr_equal(dev->dev_addr, ndev->dev_addr);
	if (!same || vf_may_retry(priv))
		vf_schedule_retry(priv);
	else
		priv->vf->tries = 0;
	return same && !priv->vf->reasons;
}

struct net_device *netvsc_vf_joined(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	return rtnl_dereference(priv->vf->ndev);
}

struct net_device *netvsc_vf_ours(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	return priv->vf->configured ? netvsc_vf_joined(ndev) : NULL;
}

u64 netvsc_vf_unused(struct net_device *ndev, enum netvsc_vf_reason reason)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	return priv->vf->unused[reason];
}

void netvsc_vf_update_usable(struct netvsc_priv *priv)
{
	enum netvsc_vf_event event = NETVSC_VF_UNUSABLE;
	struct net_device *ndev = priv->ndev;
	struct net_device *dev;
	bool up;

	dev = netvsc_vf_ours(ndev);
	if (!dev || priv->vf->changing)
		return;
	up = netif_running(ndev) && netif_running(dev);
	if (up) {
		netvsc_vf_set_reason(priv, dev, NETVSC_VF_NO_OPEN, 0);
		netvsc_vf_set_reason(priv, dev, NETVSC_VF_HAS_ADDRESS, 0);
	}
	if (vf_settings_match(priv, dev) && up && vf_can_carry(dev) &&
	    netif_device_present(dev) && !priv->vf_blocked)
		event = NETVSC_VF_USABLE;
	else if (up && !netif_carrier_ok(dev))
		event = NETVSC_VF_LOST;
	netvsc_vf_event(priv, event);
}

void netvsc_vf_view(struct net_device *ndev, struct netvsc_vf_view *view)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_vf *vf = priv->vf;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&vf->lock, flags);
	view->state = vf->fsm.state;
	view->conditions = vf->fsm.conditions;
	view->flaps = vf->flaps;
	view->unresponsive = vf->unresponsive;
	spin_unlock_irqrestore(&vf->lock, flags);
	view->reasons = READ_ONCE(vf->reasons);
	for (i = 0; i < NETVSC_VF_REASON_CNT; i++)
		view->unused[i] = READ_ONCE(vf->unused[i]);
}

/* ---- leaving without a loss ---- */

static bool vf_has_left(struct netvsc_vf *vf)
{
	return READ_ONCE(vf->fsm.state) != NETVSC_VF_LEAVING;
}

static bool vf_napi_scheduled(const struct net_device *ndev)
{
	const struct napi_struct *napi;
	bool scheduled = false;

	/* Queues may come and go under the VF's own lock alone. */
	rcu_read_lock();
	list_for_each_entry_rcu(napi, &ndev->napi_list, dev_list)
		scheduled |= test_bit(NAPI_STATE_SCHED, &napi->state);
	rcu_read_unlock();
	return scheduled;
}

/* The host sends it nothing more: what it has goes up before it stops. */
static void vf_drain_rx(const struct net_device *ndev)
{
	unsigned long limit = jiffies + DRAIN_WAIT;

	do
		usleep_range(1000, 2000);
	while (vf_napi_scheduled(ndev) && time_before(jiffies, limit));
}

void netvsc_vf_drain(struct netvsc_priv *priv)
{
	struct net_device *ndev = rtnl_dereference(priv->vf->ndev);
	unsigned long limit = jiffies + DRAIN_WAIT;
	struct netvsc_vf *vf = priv->vf;
	bool works;

	ASSERT_RTNL();
	if (vf_has_left(vf))
		return;
	works = ndev && netif_running(ndev) && netif_carrier_ok(ndev);
	/* Readers of the path pointer before it was cleared are through. */
	synchronize_net();
	while (works && !qdisc_all_tx_empty(ndev) && time_before(jiffies, limit))
		usleep_range(500, 1000);
	if (!wait_event_timeout(vf->left, vf_has_left(vf),
				READ_ONCE(vf->unresponsive) ? LEAVE_WAIT_SHORT :
							      LEAVE_WAIT))
		WRITE_ONCE(vf->unresponsive, true);
	else if (works)
		vf_drain_rx(ndev);
}

/* ---- the attachment ---- */

void netvsc_vf_start(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	netvsc_vf_event(priv, NETVSC_VF_ATTACHED);
	/* After a sleep the VF's driver may be later than we, and say nothing. */
	if (priv->vf->configured)
		netvsc_vf_defer(priv, NETVSC_VF_TASK_CONFIGURE, WAKE_WAIT);
}

void netvsc_vf_stop(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	netvsc_vf_event(priv, NETVSC_VF_DETACHING);
	netvsc_vf_drain(priv);
}

void netvsc_vf_detached(struct net_device *ndev)
{
	netvsc_vf_event(netdev_priv(ndev), NETVSC_VF_DETACHED);
}

void netvsc_vf_suspend(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	netvsc_vf_event(priv, NETVSC_VF_WITHDRAWN);
	/* It sleeps as well, and nobody knows what it is when it wakes. */
	netvsc_vf_event(priv, NETVSC_VF_UNUSABLE);
}
