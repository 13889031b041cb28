/* SPDX-License-Identifier: GPL-2.0 */
/* Room vf, its inside; for vf*.c alone. */
#ifndef _NETVSC_VF_PRIV_H
#define _NETVSC_VF_PRIV_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "lib/gso_limit.h"
#include "lib/vf_fsm.h"
#include "netvsc.h"
#include "vf/vf.h"

struct bpf_prog;
struct netvsc_vf_rss;
struct pci_dev;
struct sk_buff;

/* What is to be done for the VF under RTNL, each at its time. */
enum netvsc_vf_task {
	NETVSC_VF_TASK_CONFIGURE,	/* set it up like us and open it, or look at it */
	NETVSC_VF_TASK_MOVE,		/* bring it into our network namespace */
	NETVSC_VF_TASK_RETRY,		/* what it refused, or has lost: once more */
	NETVSC_VF_TASK_ANNOUNCE,	/* tell the neighbours where we are now */
	NETVSC_VF_TASK_LIMITS,	/* frames as large as the present sender can cut */
	NETVSC_VF_TASK_CONFIRM,	/* ask for the path to the VF once more; without RTNL */
	NETVSC_VF_TASK_CNT
};

/**
 * struct netvsc_vf_before - what a VF was like before it was ours, and we
 * @mtu: R, of the VF
 * @mac: R, of the VF
 * @up: R, the VF was up
 * @features: R, those that were wanted of the VF
 * @promisc: R, ours was passed on
 * @allmulti: R, likewise
 * @headroom: R, what we needed
 * @rss: R, receive table and key of the VF; NULL: it still has them
 */
struct netvsc_vf_before {
	u32 mtu;
	u8 mac[ETH_ALEN];
	bool up;
	netdev_features_t features;
	bool promisc;
	bool allmulti;
	u16 headroom;
	struct netvsc_vf_rss *rss;
};

/**
 * struct netvsc_vf_limits - largest frames that the stack makes to be cut
 * @bytes: R, of any protocol
 * @ipv4_bytes: R, of IPv4
 * @segs: R, segments of one
 */
struct netvsc_vf_limits {
	struct netvsc_gso_limit bytes;
	struct netvsc_gso_limit ipv4_bytes;
	struct netvsc_gso_limit segs;
};

/**
 * struct netvsc_vf - the VF of the interface
 * @lock: for what has an L
 * @self: I, the interface
 * @ndev: U, the VF that joined, NULL: none; written under L too
 * @tracker: R, of the reference on it
 * @node: R, in the list of all interfaces
 * @configured: R, it is set up like us
 * @changing: R, settings are being changed: it is looked at afterwards
 * @vlans: R, it has all our VLANs
 * @reasons: R, why it is not used: bits of enum netvsc_vf_reason
 * @unused: R, how often it was not used for each of them
 * @tries: R, how often it was tried to mend that
 * @prog: R, what its driver runs for us, with a reference of its own
 * @moved: R, a VF that went to another namespace as we had set it up; NULL: none.
 *	It is still registered, and @before is what it had
 * @before: R, to be given back
 * @limits: R, of frames that are to be cut
 * @fsm: L
 * @serial: L, as announced, while the fsm has NETVSC_VF_HAS_HOST
 * @seq: L, of the latest request for the data path
 * @path: L, NVSP_DATAPATH_*, what it was for
 * @unsent: L, it has not been sent yet
 * @unflushed: L, the path has changed, frames may be parked on the other one
 * @unresponsive: L, the host did not answer the last one in time
 * @due: L, when its answer, or the end of the hold, is due
 * @flaps: L, how often the VF was lost lately
 * @lost: L, when last
 * @tasks: L, bits of enum netvsc_vf_task
 * @task_due: L, when each of them is due
 * @dead: L, no more work
 * @left: wakes when the host has answered a request to leave
 * @work: whatever is due
 */
struct netvsc_vf {
	spinlock_t lock;	/* L */
	struct net_device *self;
	struct net_device __rcu *ndev;
	netdevice_tracker tracker;
	struct list_head node;
	bool configured;
	bool changing;
	bool vlans;
	u32 reasons;
	u64 unused[NETVSC_VF_REASON_CNT];
	u32 tries;
	struct bpf_prog *prog;
	struct net_device *moved;
	struct netvsc_vf_before before;
	struct netvsc_vf_limits limits;
	struct netvsc_vf_fsm fsm;
	u32 serial;
	u32 seq;
	u32 path;
	bool unsent;
	bool unflushed;
	bool unresponsive;
	unsigned long due;
	u32 flaps;
	unsigned long lost;
	unsigned long tasks;
	unsigned long task_due[NETVSC_VF_TASK_CNT];
	bool dead;
	wait_queue_head_t left;
	struct delayed_work work;
};

/* ---- vf.c ---- */

/**
 * netvsc_vf_defer() - do something for the VF later
 * @priv: of the interface
 * @task: what
 * @delay: in jiffies
 *
 * Context: any.
 */
void netvsc_vf_defer(struct netvsc_priv *priv, enum netvsc_vf_task task,
		     unsigned long delay);

/**
 * netvsc_vf_tick() - run the clock of the state machine
 * @priv: of the interface
 *
 * Context: the room's work item; sleeps; RTNL is not held.
 * Return: bits of enum netvsc_vf_task that are due, for a holder of RTNL.
 */
unsigned long netvsc_vf_tick(struct netvsc_priv *priv);

/**
 * netvsc_vf_tasks_again() - what was due could not be done, and is due still
 * @priv: of the interface
 * @tasks: bits of enum netvsc_vf_task
 *
 * Context: any.
 */
void netvsc_vf_tasks_again(struct netvsc_priv *priv, unsigned long tasks);

/**
 * netvsc_vf_init_limits() - limits of frames that are to be cut: the defaults
 * @priv: of the interface
 *
 * Context: before the first attachment.
 */
void netvsc_vf_init_limits(struct netvsc_priv *priv);

/**
 * netvsc_vf_update_limits() - those limits are the present sender's, VF or host
 * @priv: of the interface
 *
 * Context: RTNL.
 */
void netvsc_vf_update_limits(struct netvsc_priv *priv);

/**
 * netvsc_vf_drain() - wait until no frame is on its way to the VF
 * @priv: of the interface, its path is not the VF any more
 *
 * The host has switched back then, or had its time.
 *
 * Context: RTNL; sleeps for about half a second at most.
 */
void netvsc_vf_drain(struct netvsc_priv *priv);

/**
 * netvsc_vf_update_usable() - see whether the VF can be used, and tell the state machine
 * @priv: of the interface
 *
 * Context: RTNL.
 */
void netvsc_vf_update_usable(struct netvsc_priv *priv);

/**
 * netvsc_vf_set_reason() - why the VF is not used, or that this is no reason any more
 * @priv: of the interface
 * @vf: the VF
 * @reason: the reason
 * @err: of what was tried; 0: it is none any more
 *
 * The log says it once, and it is counted.
 *
 * Context: RTNL.
 */
void netvsc_vf_set_reason(struct netvsc_priv *priv, const struct net_device *vf,
			  enum netvsc_vf_reason reason, int err);

/**
 * netvsc_vf_has_reason() - is that a reason not to use the VF?
 * @priv: of the interface
 * @reason: the reason
 *
 * Context: RTNL.
 * Return: true: it is.
 */
static inline bool netvsc_vf_has_reason(const struct netvsc_priv *priv,
					enum netvsc_vf_reason reason)
{
	return priv->vf->reasons & BIT(reason);
}

/**
 * netvsc_vf_pci_dev() - the PCI function of an interface
 * @dev: any interface
 *
 * Some buses have a device of their own between the two.
 *
 * Context: any, the interface does not go away.
 * Return: the function, NULL if there is none.
 */
struct pci_dev *netvsc_vf_pci_dev(const struct net_device *dev);

/* ---- vf_direct.c ---- */

#ifndef NETVSC_COMPAT_NO_VF_DIRECT
/**
 * netvsc_vf_send_direct() - the short way to the VF
 * @vf: the VF
 * @skb: the frame, its device is the VF
 *
 * Kernels that were not compared with it (compat/hooks.sh) have none.
 *
 * Context: bottom halves are off, RCU.
 * Return: true: the VF has the frame; false: it is the caller's still, for
 * dev_queue_xmit().
 */
bool netvsc_vf_send_direct(struct net_device *vf, struct sk_buff *skb);
#else
static inline bool netvsc_vf_send_direct(struct net_device *vf,
					 struct sk_buff *skb)
{
	return false;
}
#endif

/* ---- vf_tx.c ---- */

/* The rx handler of a VF. */
rx_handler_result_t netvsc_vf_receive(struct sk_buff **pskb);

/* ---- vf_follow.c ---- */

/**
 * netvsc_vf_configure() - set a VF up like the interface
 * @priv: of the interface
 * @vf: the VF; what it has is kept, for netvsc_vf_restore()
 *
 * Context: RTNL.
 */
void netvsc_vf_configure(struct netvsc_priv *priv, struct net_device *vf);

/**
 * netvsc_vf_conform() - address, filters and VLANs, where the VF lacks them
 * @priv: of the interface
 * @vf: the VF, set up; what it refuses is a reason not to use it
 *
 * Context: RTNL.
 */
void netvsc_vf_conform(struct netvsc_priv *priv, struct net_device *vf);

/**
 * netvsc_vf_restore() - undo netvsc_vf_configure()
 * @priv: of the interface
 * @vf: the VF
 * @stays: it is not on its way out, so it gets back what it had
 *
 * Context: RTNL.
 */
void netvsc_vf_restore(struct netvsc_priv *priv, struct net_device *vf,
		       bool stays);

/**
 * netvsc_vf_forget_moved() - the VF that went to another namespace is not waited for
 * @priv: of the interface; there may be none
 * @stays: it is not on its way out, so it gets back what it had
 *
 * Context: RTNL.
 */
void netvsc_vf_forget_moved(struct netvsc_priv *priv, bool stays);

/* ---- vf_rss.c ---- */

/**
 * netvsc_vf_configure_rss() - the VF has the receive table and key of the user
 * @priv: of the interface
 * @vf: the VF; without a wish of the user it keeps its own
 *
 * Context: RTNL; takes the VF's own lock.
 */
void netvsc_vf_configure_rss(struct netvsc_priv *priv, struct net_device *vf);

/**
 * netvsc_vf_configure_rss_locked() - the same with the VF's own lock held
 * @priv: of the interface
 * @vf: the VF
 *
 * Context: RTNL and that lock, as the core has when it tells of a start.
 */
void netvsc_vf_configure_rss_locked(struct netvsc_priv *priv,
				    struct net_device *vf);

/**
 * netvsc_vf_restore_rss() - undo netvsc_vf_configure_rss()
 * @priv: of the interface
 * @vf: the VF
 * @stays: it is not on its way out, so it gets back what it had
 *
 * Context: RTNL; takes the VF's own lock.
 */
void netvsc_vf_restore_rss(struct netvsc_priv *priv, struct net_device *vf,
			   bool stays);

/* ---- vf_xdp.c ---- */

/**
 * netvsc_vf_configure_xdp() - the VF runs the program of the interface
 * @priv: of the interface
 * @vf: the VF; if it cannot, its frames are dropped
 *
 * Context: RTNL.
 */
void netvsc_vf_configure_xdp(struct netvsc_priv *priv, struct net_device *vf);

/**
 * netvsc_vf_restore_xdp() - undo netvsc_vf_configure_xdp()
 * @priv: of the interface
 * @vf: the VF
 * @stays: it is not on its way out
 *
 * Context: RTNL.
 */
void netvsc_vf_restore_xdp(struct netvsc_priv *priv, struct net_device *vf,
			   bool stays);

#endif /* _NETVSC_VF_PRIV_H */
