// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf: the VF joins, carries the frames, leaves
 *
 * Promise: frames go by the VF only while the host agrees and the VF can; what
 * the host says counts at once, in NAPI; nobody waits for the host under RTNL
 * longer than half a second, and only to leave.
 *
 * Neighbours: lib/vf_fsm decides, lib/vf_match says who belongs to whom. nvsp
 * asks the host and reports by netvsc_device.news. dev starts and stops, netdev
 * hands in frames and settings.
 *
 *	vf.c		what the state machine wants done; the clock
 *	vf_join.c	interfaces come and go: join, leave, namespaces
 *	vf_follow.c	settings of the interface are those of the VF
 *	vf_rss.c	receive table and key are, where it can
 *	vf_tx.c		frames
 *
 *	host (NAPI) ----+
 *	VF (notifier) --+-> event -> lib/vf_fsm -> path pointer, request, clock
 *	time (work) ----+
 *
 * Locks: netvsc_vf.lock, interrupts off, for the machine, its clock and the path
 * pointer; the lock of the primary queue is taken inside it, nothing else. Logging is
 * done outside: netconsole sends. The path pointer is read under RCU by senders.
 * Everything else is RTNL's, which the work only tries for, so who holds RTNL
 * can wait for it.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>

#include "compat/lower.h"
#include "netvsc.h"
#include "nvsp.h"
#include "tx.h"
#include "vf.h"

/* How long a host may take; nobody stands still for it. */
#define ANSWER		(10 * HZ)
/* How long somebody does, so that nothing is lost when the VF goes. */
#define LEAVE_WAIT	(HZ / 2)
#define LEAVE_WAIT_DEAF	(HZ / 50)
/* For frames in the VF's queues, each way. */
#define DRAIN_WAIT	(HZ / 20)
/* A VF that slept is awake by then. */
#define WAKE_WAIT	HZ
/* A host that has announced a VF can switch to it after so long. */
#define CONFIRM_DELAY	(3 * HZ)
#define SEND_RETRY	(HZ / 100 + 1)
#define RTNL_RETRY	(HZ / 20)
/* A VF that was lost so long ago is as good as new. */
#define FLAP_MEMORY	(30 * HZ)

/* What was switched, for the log. */
struct switched {
	bool to_vf;
	bool from_vf;
	char name[IFNAMSIZ];
};

static bool waits_for_host(const struct netvsc_vf *vf)
{
	return vf->fsm.state == NETVSC_VF_ENTERING ||
	       vf->fsm.state == NETVSC_VF_LEAVING;
}

static bool has_clock(const struct netvsc_vf *vf)
{
	return vf->fsm.state == NETVSC_VF_HOLD || waits_for_host(vf);
}

/* The work is due with the first thing that is. */
static void wind(struct netvsc_vf *vf)
{
	unsigned long now = jiffies, due = now + ANSWER;
	bool some = false;
	unsigned int i;

	if (has_clock(vf)) {
		due = vf->due;
		some = true;
	}
	if (vf->unsent) {
		due = now + SEND_RETRY;
		some = true;
	}
	for (i = 0; i < NETVSC_VF_CHORE_CNT; i++) {
		if (!(vf->chores & BIT(i)))
			continue;
		if (!some || time_before(vf->chore_at[i], due))
			due = vf->chore_at[i];
		some = true;
	}
	if (some && !vf->dead)
		mod_delayed_work(system_percpu_wq, &vf->work,
				 time_after(due, now) ? due - now : 0);
}

static void send_request(struct netvsc_priv *priv)
{
	struct netvsc_vf *vf = &priv->vf;
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

static void ask(struct netvsc_priv *priv, u32 path)
{
	struct netvsc_vf *vf = &priv->vf;

	vf->path = path;
	vf->seq++;
	vf->due = jiffies + ANSWER;
	send_request(priv);
}

static void count_flap(struct netvsc_vf *vf)
{
	if (!vf->flaps || time_after(jiffies, vf->lost + FLAP_MEMORY))
		vf->flaps = 0;
	vf->flaps++;
	vf->lost = jiffies;
}

static unsigned long hold(const struct netvsc_vf *vf)
{
	bool forgotten = time_after(jiffies, vf->lost + FLAP_MEMORY);

	return msecs_to_jiffies(netvsc_vf_fsm_hold_ms(forgotten ? 0 :
						      vf->flaps));
}

static void note(struct netvsc_priv *priv, struct switched *switched)
{
	struct net_device *ndev;

	ndev = rcu_dereference_protected(priv->vf.ndev,
					 lockdep_is_held(&priv->vf.lock));
	strscpy(switched->name, ndev ? ndev->name : "", IFNAMSIZ);
	priv->vf.unflushed = true;
	priv->vf.chores |= BIT(NETVSC_VF_ANNOUNCE);
	priv->vf.chore_at[NETVSC_VF_ANNOUNCE] = jiffies;
}

static void step(struct netvsc_priv *priv, enum netvsc_vf_event event,
		 struct switched *switched)
{
	struct netvsc_vf *vf = &priv->vf;
	u32 actions;

	lockdep_assert_held(&vf->lock);
	if (event == NETVSC_VF_JOINED)
		vf->flaps = 0;
	if (netvsc_vf_fsm_is_flap(vf->fsm.state, event))
		count_flap(vf);
	actions = netvsc_vf_fsm_step(&vf->fsm, event);
	if (actions & NETVSC_VF_STOP) {
		RCU_INIT_POINTER(priv->vf_path, NULL);
		switched->from_vf = true;
		note(priv, switched);
	}
	if (actions & NETVSC_VF_USE) {
		rcu_assign_pointer(priv->vf_path,
				   rcu_dereference_protected(vf->ndev, true));
		switched->to_vf = true;
		note(priv, switched);
	}
	if (!waits_for_host(vf))
		vf->unsent = false;
	if (actions & NETVSC_VF_ASK_VF)
		ask(priv, NVSP_DATAPATH_VF);
	if (actions & NETVSC_VF_ASK_SYNTHETIC)
		ask(priv, NVSP_DATAPATH_SYNTHETIC);
	if (actions & NETVSC_VF_WAIT)
		vf->due = jiffies + hold(vf);
	if (vf->fsm.state != NETVSC_VF_LEAVING)
		wake_up(&vf->left);
	wind(vf);
}

static void tell(struct netvsc_priv *priv, const struct switched *switched)
{
	/* Tools read these two lines. */
	if (switched->from_vf)
		netdev_info(priv->ndev, "Data path switched from VF: %s\n",
			    switched->name);
	if (switched->to_vf)
		netdev_info(priv->ndev, "Data path switched to VF: %s\n",
			    switched->name);
}

void netvsc_vf_event(struct netvsc_priv *priv, enum netvsc_vf_event event)
{
	struct switched switched = {};
	unsigned long flags;

	spin_lock_irqsave(&priv->vf.lock, flags);
	step(priv, event, &switched);
	spin_unlock_irqrestore(&priv->vf.lock, flags);
	tell(priv, &switched);
}

void netvsc_vf_chore(struct netvsc_priv *priv, enum netvsc_vf_chore chore,
		     unsigned long delay)
{
	struct netvsc_vf *vf = &priv->vf;
	unsigned long flags;

	spin_lock_irqsave(&vf->lock, flags);
	vf->chores |= BIT(chore);
	vf->chore_at[chore] = jiffies + delay;
	wind(vf);
	spin_unlock_irqrestore(&vf->lock, flags);
}

/* ---- news ---- */

/* The host would like us to use the VF: no reason to hold any longer. */
static void invite(struct netvsc_vf *vf)
{
	if (vf->fsm.state != NETVSC_VF_HOLD)
		return;
	vf->due = jiffies;
	wind(vf);
}

/*
 * Some hosts announce a VF before they can switch to it; what is asked too early they
 * complete and forget, without a notice. A request for the path that is in force
 * already is completed by all.
 */
static void vf_confirm_later(struct netvsc_vf *vf)
{
	vf->chores |= BIT(NETVSC_VF_CONFIRM);
	vf->chore_at[NETVSC_VF_CONFIRM] = jiffies + CONFIRM_DELAY;
	wind(vf);
}

/* The answer changes nothing: nobody waits for it in this state. */
static void vf_confirm(struct netvsc_priv *priv)
{
	if (priv->vf.fsm.state == NETVSC_VF_ACTIVE)
		send_request(priv);
}

void netvsc_vf_told(struct netvsc_device *nvdev, bool allocated, u32 serial)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct switched switched = {};
	unsigned long flags;

	spin_lock_irqsave(&priv->vf.lock, flags);
	if (allocated)
		priv->vf.serial = serial;
	step(priv, allocated ? NETVSC_VF_ASSOCIATED : NETVSC_VF_WITHDRAWN,
	     &switched);
	if (allocated) {
		invite(&priv->vf);
		vf_confirm_later(&priv->vf);
	}
	spin_unlock_irqrestore(&priv->vf.lock, flags);
	if (net_ratelimit())
		netdev_info(nvdev->ndev, "VF slot %u %s\n", serial,
			    allocated ? "added" : "removed");
	tell(priv, &switched);
}

void netvsc_vf_path_told(struct netvsc_device *nvdev, u32 path)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	unsigned long flags;

	if (path == NVSP_DATAPATH_SYNTHETIC) {
		netvsc_vf_event(priv, NETVSC_VF_HOST_BACK);
		return;
	}
	spin_lock_irqsave(&priv->vf.lock, flags);
	invite(&priv->vf);
	spin_unlock_irqrestore(&priv->vf.lock, flags);
}

void netvsc_vf_path_done(struct netvsc_device *nvdev, u32 seq)
{
	struct netvsc_priv *priv = netdev_priv(nvdev->ndev);
	struct netvsc_vf *vf = &priv->vf;
	struct switched switched = {};
	unsigned long flags;

	spin_lock_irqsave(&vf->lock, flags);
	vf->deaf = false;
	/* An answer to an earlier request says nothing about this one. */
	if (seq == vf->seq && waits_for_host(vf) && !vf->unsent)
		step(priv, NETVSC_VF_ACKED, &switched);
	spin_unlock_irqrestore(&vf->lock, flags);
	tell(priv, &switched);
}

/* ---- the clock ---- */

static void announce(struct net_device *ndev)
{
	if (!netif_running(ndev) || !netif_carrier_ok(ndev))
		return;
	call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, ndev);
	call_netdevice_notifiers(NETDEV_RESEND_IGMP, ndev);
}

/* What is due of the chores; it is taken off the list. */
static unsigned long due_chores(struct netvsc_vf *vf)
{
	unsigned long due = 0;
	unsigned int i;

	for (i = 0; i < NETVSC_VF_CHORE_CNT; i++)
		if (vf->chores & BIT(i) &&
		    time_after_eq(jiffies, vf->chore_at[i]))
			due |= BIT(i);
	vf->chores &= ~due;
	return due;
}

static void do_chores(struct netvsc_priv *priv, unsigned long chores)
{
	unsigned int i;

	if (!rtnl_trylock()) {
		for (i = 0; i < NETVSC_VF_CHORE_CNT; i++)
			if (chores & BIT(i))
				netvsc_vf_chore(priv, i, RTNL_RETRY);
		return;
	}
	if (priv->ndev->reg_state == NETREG_REGISTERED) {
		if (chores & BIT(NETVSC_VF_ANNOUNCE))
			announce(priv->ndev);
		netvsc_vf_do_chores(priv, chores);
	}
	rtnl_unlock();
}

/*
 * A frame that is parked because more were to come stays there for good if those went
 * the other way. Who read the path pointer before it changed is through after the
 * grace period, so nothing is parked behind this (R25).
 */
static void flush_queues(struct netvsc_priv *priv)
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

static void work(struct work_struct *work)
{
	struct netvsc_priv *priv = container_of(to_delayed_work(work),
						struct netvsc_priv, vf.work);
	struct netvsc_vf *vf = &priv->vf;
	struct switched switched = {};
	unsigned long chores, flags;
	bool unflushed;

	spin_lock_irqsave(&vf->lock, flags);
	if (has_clock(vf) && time_after_eq(jiffies, vf->due))
		step(priv, vf->fsm.state == NETVSC_VF_HOLD ? NETVSC_VF_TIME :
							     NETVSC_VF_FAILED,
		     &switched);
	else if (vf->unsent)
		send_request(priv);
	chores = due_chores(vf);
	if (chores & BIT(NETVSC_VF_CONFIRM))
		vf_confirm(priv);
	chores &= ~BIT(NETVSC_VF_CONFIRM);
	unflushed = vf->unflushed;
	vf->unflushed = false;
	wind(vf);
	spin_unlock_irqrestore(&vf->lock, flags);
	tell(priv, &switched);
	if (unflushed)
		flush_queues(priv);
	if (chores)
		do_chores(priv, chores);
}

void netvsc_vf_init(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_vf *vf = &priv->vf;

	spin_lock_init(&vf->lock);
	INIT_LIST_HEAD(&vf->node);
	init_waitqueue_head(&vf->left);
	INIT_DELAYED_WORK(&vf->work, work);
	/* A VF is a device below ours, and sends inside our transmit. */
	netdev_lockdep_set_classes(ndev);
}

void netvsc_vf_kill(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);
	struct netvsc_vf *vf = &priv->vf;
	unsigned long flags;

	spin_lock_irqsave(&vf->lock, flags);
	vf->dead = true;
	spin_unlock_irqrestore(&vf->lock, flags);
	cancel_delayed_work_sync(&vf->work);
}

/* ---- leaving without a loss ---- */

static bool has_left(struct netvsc_vf *vf)
{
	return READ_ONCE(vf->fsm.state) != NETVSC_VF_LEAVING;
}

static bool polls(const struct net_device *ndev)
{
	const struct napi_struct *napi;

	list_for_each_entry(napi, &ndev->napi_list, dev_list)
		if (test_bit(NAPI_STATE_SCHED, &napi->state))
			return true;
	return false;
}

/* The host sends it nothing more: what it has goes up before it stops. */
static void drain_rx(const struct net_device *ndev)
{
	unsigned long limit = jiffies + DRAIN_WAIT;

	do
		usleep_range(1000, 2000);
	while (polls(ndev) && time_before(jiffies, limit));
}

void netvsc_vf_settle(struct netvsc_priv *priv)
{
	struct net_device *ndev = rtnl_dereference(priv->vf.ndev);
	unsigned long limit = jiffies + DRAIN_WAIT;
	struct netvsc_vf *vf = &priv->vf;
	bool works;

	ASSERT_RTNL();
	if (has_left(vf))
		return;
	works = ndev && netif_running(ndev) && netif_carrier_ok(ndev);
	/* Who read the path pointer before it was cleared is through. */
	synchronize_net();
	while (works && !qdisc_all_tx_empty(ndev) && time_before(jiffies, limit))
		usleep_range(500, 1000);
	if (!wait_event_timeout(vf->left, has_left(vf), READ_ONCE(vf->deaf) ?
				LEAVE_WAIT_DEAF : LEAVE_WAIT))
		WRITE_ONCE(vf->deaf, true);
	else if (works)
		drain_rx(ndev);
}

/* ---- the attachment ---- */

void netvsc_vf_start(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	netvsc_vf_event(priv, NETVSC_VF_ATTACHED);
	/* After a sleep the VF's driver may be later than we, and say nothing. */
	if (priv->vf.taken)
		netvsc_vf_chore(priv, NETVSC_VF_TAKE, WAKE_WAIT);
}

void netvsc_vf_stop(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	netvsc_vf_event(priv, NETVSC_VF_DETACHING);
	netvsc_vf_settle(priv);
}

void netvsc_vf_detached(struct net_device *ndev)
{
	netvsc_vf_event(netdev_priv(ndev), NETVSC_VF_DETACHED);
}

void netvsc_vf_suspend(struct net_device *ndev)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	netvsc_vf_event(priv, NETVSC_VF_WITHDRAWN);
	/* It sleeps as well; who knows what it is when it wakes. */
	netvsc_vf_event(priv, NETVSC_VF_UNUSABLE);
}
