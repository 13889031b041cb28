/* SPDX-License-Identifier: GPL-2.0 */
/* Room vf: the VF joins, carries the frames, leaves. */
#ifndef _NETVSC_VF_H
#define _NETVSC_VF_H

#include <linux/netdevice.h>
#include <linux/netpoll.h>
#include <linux/rtnetlink.h>

#include "lib/vf_fsm.h"
#include "netvsc.h"

struct bpf_prog;
struct netvsc_rss;

/* Why a VF that is there is not used. */
enum netvsc_vf_reason {
	NETVSC_VF_NO_JOIN,	/* it belongs to a bridge, a bond or the like */
	NETVSC_VF_NO_MTU,	/* its MTU is below ours */
	NETVSC_VF_NO_MAC,	/* it refuses our address */
	NETVSC_VF_NO_FILTERS,	/* it refuses what else is to be received */
	NETVSC_VF_NO_VLANS,	/* it refuses our VLANs */
	NETVSC_VF_NO_OPEN,	/* it cannot be opened */
	NETVSC_VF_HAS_ADDRESS,	/* it has an IPv4 address, so it is not opened */
	NETVSC_VF_REASON_CNT
};

/* ---- life ---- */

/**
 * netvsc_vf_register() - look at all interfaces that come and go
 *
 * Return: 0 or errno.
 */
int netvsc_vf_register(void);

/**
 * netvsc_vf_unregister() - undo netvsc_vf_register()
 */
void netvsc_vf_unregister(void);

/**
 * netvsc_vf_init() - before the first attachment
 * @ndev: the interface
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_vf_init(struct net_device *ndev);

/**
 * netvsc_vf_kill() - after the last one
 * @ndev: the interface, netvsc_vf_del() was called; not under RTNL
 */
void netvsc_vf_kill(struct net_device *ndev);

/**
 * netvsc_vf_add() - VFs may join, one that is there does (R55)
 * @ndev: the interface, just registered
 *
 * Context: RTNL, sleeps.
 */
void netvsc_vf_add(struct net_device *ndev);

/**
 * netvsc_vf_del() - the VF goes its own way, none may join
 * @ndev: the interface, still registered; one that was never added is fine
 *
 * The VF is as it was before it joined (R61, R83).
 *
 * Context: RTNL, sleeps, with a limit.
 */
void netvsc_vf_del(struct net_device *ndev);

/* ---- the attachment ---- */

/**
 * netvsc_vf_start() - frames flow: the host may be asked for the VF
 * @ndev: the interface
 *
 * Context: RTNL.
 */
void netvsc_vf_start(struct net_device *ndev);

/**
 * netvsc_vf_stop() - they will not
 * @ndev: the interface; not started is fine
 *
 * On return no frame is on its way to the VF, and the host has switched back or
 * had its time (R58).
 *
 * Context: RTNL, sleeps, half a second at most.
 */
void netvsc_vf_stop(struct net_device *ndev);

/**
 * netvsc_vf_detached() - the host has forgotten what it was asked
 * @ndev: the interface
 *
 * Context: RTNL.
 */
void netvsc_vf_detached(struct net_device *ndev);

/**
 * netvsc_vf_suspend() - the host forgets its VF too (R81)
 * @ndev: the interface, detached
 *
 * Context: RTNL.
 */
void netvsc_vf_suspend(struct net_device *ndev);

/* ---- for struct netvsc_events; called from NAPI ---- */

/**
 * netvsc_vf_association() - the host announced a VF or took it back
 * @nvdev: the device
 * @allocated: announced
 * @serial: of the VF
 *
 * Sheet 3.11.
 */
void netvsc_vf_association(struct netvsc_device *nvdev, bool allocated,
			   u32 serial);

/**
 * netvsc_vf_path_switched() - the host switched the data path by itself
 * @nvdev: the device
 * @path: NVSP_DATAPATH_*
 *
 * Sheet 9.6, R59.
 */
void netvsc_vf_path_switched(struct netvsc_device *nvdev, u32 path);

/**
 * netvsc_vf_path_done() - the host answered a request for a path
 * @nvdev: the device
 * @seq: of the request
 */
void netvsc_vf_path_done(struct netvsc_device *nvdev, u32 seq);

/* ---- frames ---- */

/**
 * netvsc_vf_sender() - who sends the frames of this interface?
 * @priv: the interface
 *
 * Context: RCU, bottom halves off.
 * Return: the VF, NULL: our own queues.
 */
static inline struct net_device *netvsc_vf_sender(struct netvsc_priv *priv)
{
	return rcu_dereference_bh(priv->vf_path);
}

/**
 * netvsc_vf_may_send() - can the VF take a frame now?
 * @vf: from netvsc_vf_sender()
 *
 * Context: transmit.
 * Return: false: it has no carrier, or interrupts are off and no qdisc may be
 * entered (R34).
 */
static inline bool netvsc_vf_may_send(struct net_device *vf)
{
	return likely(netif_carrier_ok(vf)) && likely(!netpoll_tx_running(vf));
}

/**
 * netvsc_vf_event() - something happened to the VF; what follows is done
 * @priv: the interface
 * @event: what
 *
 * Context: any.
 */
void netvsc_vf_event(struct netvsc_priv *priv, enum netvsc_vf_event event);

/**
 * netvsc_vf_xmit() - send a frame by the VF
 * @ndev: the interface
 * @vf: from netvsc_vf_sender(), netvsc_vf_may_send()
 * @skb: the frame; given away
 *
 * Context: the transmit lock of the stack's queue is held; it is given up for
 * the time that the VF takes.
 * Return: for the stack.
 */
netdev_tx_t netvsc_vf_xmit(struct net_device *ndev, struct net_device *vf,
			   struct sk_buff *skb);

/**
 * netvsc_vf_select_queue() - a queue of ours for a frame that the VF will send
 * @ndev: the interface
 * @skb: the frame
 * @sb_dev: as of ndo_select_queue
 *
 * The VF chooses its own queue when it gets the frame.
 *
 * Context: as ndo_select_queue.
 * Return: index of a queue.
 */
u16 netvsc_vf_select_queue(const struct net_device *ndev, struct sk_buff *skb,
			   struct net_device *sb_dev);

/* ---- settings; the VF first, so that what it refuses has not happened ---- */

/**
 * netvsc_vf_begin_change() - a setting of both is about to be changed
 * @ndev: the interface
 *
 * While only one of the two has it the VF is not looked at. What is lost with a
 * restart of the VF is not lost: it leaves before, as at any change of its MTU.
 *
 * Context: RTNL.
 */
void netvsc_vf_begin_change(struct net_device *ndev);

/**
 * netvsc_vf_end_change() - it was changed, or refused
 * @ndev: the interface
 *
 * What the VF has lost meanwhile, as its address, it gets again.
 *
 * Context: RTNL.
 */
void netvsc_vf_end_change(struct net_device *ndev);

/**
 * netvsc_vf_open() - the interface is up
 * @ndev: the interface
 *
 * Context: RTNL.
 */
void netvsc_vf_open(struct net_device *ndev);

/**
 * netvsc_vf_close() - the interface goes down, and the VF with it
 * @ndev: the interface
 *
 * Context: RTNL; as netvsc_vf_stop().
 */
void netvsc_vf_close(struct net_device *ndev);

/**
 * netvsc_vf_set_mtu() - another MTU
 * @ndev: the interface
 * @mtu: of the VF from now on
 *
 * Context: RTNL.
 * Return: 0, also without a VF; or errno of the VF and nothing has changed.
 */
int netvsc_vf_set_mtu(struct net_device *ndev, int mtu);

/**
 * netvsc_vf_set_mac() - another address
 * @ndev: the interface
 * @mac: of the VF from now on
 *
 * Context: RTNL.
 * Return: as netvsc_vf_set_mtu().
 */
int netvsc_vf_set_mac(struct net_device *ndev, const u8 *mac);

/**
 * netvsc_vf_set_features() - the user switched some
 * @ndev: the interface
 * @features: all that are on
 *
 * Context: RTNL.
 * Return: 0, also without a VF or with one that lacks them; -EIO: it refuses what
 * the user wants, and nothing has changed there.
 */
int netvsc_vf_set_features(struct net_device *ndev, netdev_features_t features);

/**
 * netvsc_vf_set_rx_mode() - addresses to be received
 * @ndev: the interface
 *
 * Context: the address lock of @ndev.
 */
void netvsc_vf_set_rx_mode(struct net_device *ndev);

/**
 * netvsc_vf_set_flags() - promiscuous or not
 * @ndev: the interface
 * @changed: IFF_PROMISC, IFF_ALLMULTI
 *
 * Context: RTNL; the address lock of @ndev may be held, then the VF is told later.
 */
void netvsc_vf_set_flags(struct net_device *ndev, int changed);

/**
 * netvsc_vf_add_vlan() - a VLAN to be received
 * @ndev: the interface
 * @proto: of its tag
 * @vid: its number
 *
 * Context: RTNL.
 * Return: as netvsc_vf_set_mtu().
 */
int netvsc_vf_add_vlan(struct net_device *ndev, __be16 proto, u16 vid);

/**
 * netvsc_vf_del_vlan() - undo netvsc_vf_add_vlan()
 * @ndev: the interface
 * @proto: of its tag
 * @vid: its number
 *
 * Context: RTNL.
 */
void netvsc_vf_del_vlan(struct net_device *ndev, __be16 proto, u16 vid);

/**
 * netvsc_vf_set_tso_max() - the largest frame that the host cuts is another one
 * @ndev: the interface
 * @bytes: of the frame
 *
 * In force at once, or when the VF sends no more: while it does, its own limit is (R62).
 *
 * Context: RTNL.
 */
void netvsc_vf_set_tso_max(struct net_device *ndev, u32 bytes);

/* What of struct netvsc_rss. */
#define NETVSC_VF_RSS_TABLE	0x1
#define NETVSC_VF_RSS_KEY	0x2

/**
 * netvsc_vf_set_rss() - another receive table or key
 * @ndev: the interface
 * @rss: what the user wants; what is no wish in it: as the VF was before
 * @what: NETVSC_VF_RSS_*
 *
 * Passed on where the VF can: its driver takes such settings, the key is as long
 * as ours, the table names no queue that it lacks.
 *
 * Context: RTNL.
 * Return: as netvsc_vf_set_mtu().
 */
int netvsc_vf_set_rss(struct net_device *ndev, const struct netvsc_rss *rss,
		      unsigned int what);

/**
 * netvsc_vf_hold() - the VF, for a caller that asks it without RTNL
 * @ndev: the interface
 *
 * Context: any.
 * Return: the VF, for dev_put(); NULL if there is none that is set up like us.
 */
struct net_device *netvsc_vf_hold(struct net_device *ndev);

/* ---- XDP ---- */

/**
 * netvsc_vf_set_xdp() - another program
 * @ndev: the interface
 * @prog: of the VF too from now on; NULL: none
 * @extack: for the reason of a refusal
 *
 * A program that is bound to the interface is kept from the VF. To be followed by
 * netvsc_vf_xdp_update() when the program of the interface is set.
 *
 * Context: RTNL; as netvsc_vf_stop().
 * Return: as netvsc_vf_set_mtu() (R45).
 */
int netvsc_vf_set_xdp(struct net_device *ndev, struct bpf_prog *prog,
		      struct netlink_ext_ack *extack);

/**
 * netvsc_vf_xdp_update() - may the VF carry frames past our program?
 * @ndev: the interface, whose program or sockets have changed
 *
 * On return none comes by a VF that does not run the program.
 *
 * Context: RTNL; as netvsc_vf_stop().
 */
void netvsc_vf_xdp_update(struct net_device *ndev);

/**
 * netvsc_vf_ours() - the VF, if it is set up like us
 * @ndev: the interface
 *
 * Context: RTNL.
 * Return: the VF, NULL.
 */
struct net_device *netvsc_vf_ours(struct net_device *ndev);

/**
 * netvsc_vf_joined() - the VF that has joined, set up or not
 * @ndev: the interface
 *
 * Context: RTNL.
 * Return: the VF, NULL.
 */
struct net_device *netvsc_vf_joined(struct net_device *ndev);

/**
 * netvsc_vf_unused() - how often a VF was not used, and why
 * @ndev: the interface
 * @reason: why
 *
 * Context: RTNL.
 * Return: times since the interface was made.
 */
u64 netvsc_vf_unused(struct net_device *ndev, enum netvsc_vf_reason reason);

/**
 * struct netvsc_vf_view - how the VF is doing
 * @state: enum netvsc_vf_state
 * @conditions: NETVSC_VF_HAS_VF and so on
 * @reasons: why it is not used: bits of enum netvsc_vf_reason
 * @unused: how often it was not used for each of them
 * @flaps: how often it was lost lately
 * @unresponsive: the host did not answer the last request for a path in time
 */
struct netvsc_vf_view {
	u8 state;
	u8 conditions;
	u32 reasons;
	u64 unused[NETVSC_VF_REASON_CNT];
	u32 flaps;
	bool unresponsive;
};

/**
 * netvsc_vf_view() - how the VF is doing
 * @ndev: the interface
 * @view: filled; a glance, its parts are not of one moment
 *
 * Context: any.
 */
void netvsc_vf_view(struct net_device *ndev, struct netvsc_vf_view *view);

#endif /* _NETVSC_VF_H */
