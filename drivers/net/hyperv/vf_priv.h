/* SPDX-License-Identifier: GPL-2.0 */
/* Room vf, its inside; for vf*.c alone. */
#ifndef _NETVSC_VF_PRIV_H
#define _NETVSC_VF_PRIV_H

#include <linux/netdevice.h>

#include "netvsc.h"

struct pci_dev;
struct sk_buff;

/* A chore is due after so many jiffies. Any context. */
void netvsc_vf_defer(struct netvsc_priv *priv, enum netvsc_vf_task task,
		     unsigned long delay);

/* What is due: bits of enum netvsc_vf_task, for whoever gets RTNL. Not under it. */
unsigned long netvsc_vf_tick(struct netvsc_priv *priv);

/* They could not be done and are due still. Any context. */
void netvsc_vf_tasks_again(struct netvsc_priv *priv, unsigned long tasks);

/* No frame is on its way to the VF; the host switched back or had its time. */
void netvsc_vf_drain(struct netvsc_priv *priv);

/* Can it be used? Tells the state machine. RTNL. */
void netvsc_vf_update_usable(struct netvsc_priv *priv);

/*
 * It is not used for this reason, 0: the reason is gone. Said once in the log, and
 * counted. RTNL.
 */
void netvsc_vf_set_reason(struct netvsc_priv *priv, const struct net_device *vf,
			  enum netvsc_vf_reason reason, int err);

static inline bool netvsc_vf_has_reason(const struct netvsc_priv *priv,
					enum netvsc_vf_reason reason)
{
	return priv->vf.reasons & BIT(reason);
}

/*
 * The PCI function of an interface, NULL if it is none; some buses have a device
 * of their own between the two.
 */
struct pci_dev *netvsc_vf_pci_dev(const struct net_device *dev);

/*
 * The short way (vf_direct.c): skb->dev is the VF. False: it is still the caller's,
 * for dev_queue_xmit(). Bottom halves are off. Kernels that were not compared with
 * it (compat/hooks.sh) have none.
 */
#ifndef NETVSC_COMPAT_NO_VF_DIRECT
bool netvsc_vf_send_direct(struct net_device *vf, struct sk_buff *skb);
#else
static inline bool netvsc_vf_send_direct(struct net_device *vf,
					 struct sk_buff *skb)
{
	return false;
}
#endif

/* The rx handler of a VF. */
rx_handler_result_t netvsc_vf_receive(struct sk_buff **pskb);

/* A VF is set up like us, and gets back what it had; RTNL. */
void netvsc_vf_configure(struct netvsc_priv *priv, struct net_device *vf);
/* Address, filters and VLANs, where it lacks them. */
void netvsc_vf_conform(struct netvsc_priv *priv, struct net_device *vf);
void netvsc_vf_restore(struct netvsc_priv *priv, struct net_device *vf,
		       bool stays);
/* The one that has moved will not come back, or is not waited for; RTNL. */
void netvsc_vf_forget_moved(struct netvsc_priv *priv, bool stays);
void netvsc_vf_configure_rss(struct netvsc_priv *priv, struct net_device *vf);
void netvsc_vf_restore_rss(struct netvsc_priv *priv, struct net_device *vf,
			   bool stays);
void netvsc_vf_configure_xdp(struct netvsc_priv *priv, struct net_device *vf);
void netvsc_vf_restore_xdp(struct netvsc_priv *priv, struct net_device *vf,
			   bool stays);

#endif /* _NETVSC_VF_PRIV_H */
