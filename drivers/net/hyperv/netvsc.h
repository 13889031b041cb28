/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shared objects of hv_netvsc and nothing more: each room declares what it
 * does in its own header.
 *
 *	net_device --priv--> netvsc_priv	lives as long as the interface
 *				| RCU
 *				v
 *			netvsc_device		one attachment to the host
 *				|
 *				v
 *			netvsc_queue[]		one VMBus channel each
 *
 * A re-configuration replaces the netvsc_device under the interface; what must
 * survive it (wishes of the user, counters) is in netvsc_priv.
 *
 * Every field carries the letter of what guards it:
 *	I  set before the object is published, constant since
 *	R  RTNL
 *	U  read under RCU, written under RTNL
 *	N  the queue's NAPI
 *	T  the transmit lock of the stack's queue
 *	S  netvsc_queue.lock, the senders of a channel
 *	L  the spin lock named beside it
 *	M  netvsc_device.filter_lock
 *	B  the worker of the bus call that is out, see chan_call.c; RTNL otherwise
 *	a  atomic, or READ_ONCE/WRITE_ONCE of a single word
 */
#ifndef _NETVSC_H
#define _NETVSC_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/hyperv.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <netvsc/nvsp.h>
#include <netvsc/rndis.h>

#include "bus/buffer.h"
#include "bus/chan_call.h"
#include "bus/slot.h"
#include "counters.h"
#include "lib/ack.h"
#include "lib/batch.h"
#include "lib/gpa.h"
#include "lib/ndis_caps.h"
#include "lib/nvsp_msg.h"
#include "lib/reqid.h"
#include "lib/ring_in.h"
#include "lib/ring_out.h"
#include "lib/rndis_rx.h"
#include "lib/rss.h"
#include "lib/section.h"
#include "lib/vf_fsm.h"

struct netvsc_defer;
struct netvsc_device;
struct netvsc_health;
struct netvsc_keep;
struct netvsc_link;
struct netvsc_nvsp;
struct netvsc_queue;
struct netvsc_recut;
struct netvsc_reread;
struct netvsc_rndis;
struct netvsc_rx_buf;
struct netvsc_subs;
struct netvsc_vf;
struct netvsc_watch;
struct netvsc_xsk;
struct bpf_prog;
struct dentry;

/* Either has the host coalesce; the core lets GRO_HW win where both are wanted. */
#define NETVSC_RSC_FEATURES	(NETIF_F_LRO | NETIF_F_GRO_HW)

/* Bits of netvsc_queue.flags. */
enum netvsc_queue_flag {
	NETVSC_QUEUE_STOPPED,	/* by ourselves, for lack of room */
};

/**
 * struct netvsc_queue - one channel: a transmit queue and a receive queue
 * @nvdev: I
 * @ndev: I
 * @channel: I, NULL while nothing was opened
 * @txq: I, the stack's side
 * @stats: I, in netvsc_priv
 * @slots: I, @slot_cnt entries, by slot number
 * @headers: L, pages for the RNDIS headers, by slot number; NULL until one is used
 * @stop_bytes: I, stop below this much room in the outbound ring
 * @index: I, of the stack's queue; 0 has the primary channel
 * @live: a, the channel is open, NAPI reads its ring
 * @section_start: a, where to look for a free send section
 * @slot_cnt: I, requests that may be out, a power of two
 * @id_store: I, storage of @ids
 * @wake_bytes: I, wake above it
 * @channel_index: R, of the sub-channel, as the host counts them
 * @flags: a, enum netvsc_queue_flag
 * @lost_bytes: a, of frames told to BQL that never reached the ring
 * @lock: the senders: stack, control requests, completions
 * @out: S
 * @xdp_posted: S, requests of XDP that went out; runs free
 * @ids: S for the sending side, N for the receiving side
 * @open: T, the open send section of the stack
 * @gpa: T, scratch
 * @napi: N
 * @in: N
 * @rx_buf: N, of rx_buf.c, memory of received frames
 * @xdp_open: N, the open send section of what is sent back, and of a socket
 * @xsk: a, of xdp_xsk.c, the socket in driver mode, NULL if there is none
 * @acks: N, completions owed to the host
 * @ack_slots: I, storage of @acks
 * @poll_later: polls again in a tick: the ring was full, or a socket waits
 * @xdp_done: N, of @xdp_posted those that were completed; runs free
 * @reaped: N, completions that netpoll took and left in the ring
 * @templates: N, what the headers of frames look like
 * @ppis_unknown: N, PPIs that nobody asks for, by type
 * @done_at: a, when a frame was last completed, in jiffies; 0: never
 */
struct netvsc_queue {
	struct netvsc_device *nvdev;
	struct net_device *ndev;
	struct vmbus_channel *channel;
	struct netdev_queue *txq;
	struct netvsc_queue_stats *stats;
	struct netvsc_slot *slots;
	void **headers;
	u32 stop_bytes;
	u16 index;
	bool live;
	/* a frame needs what is above: one line */

	u32 section_start;
	u32 slot_cnt;
	u32 *id_store;
	u32 wake_bytes;
	u16 channel_index;

	unsigned long flags ____cacheline_aligned_in_smp;
	atomic_t lost_bytes;
	spinlock_t lock;	/* S */
	struct netvsc_ring_out out;
	u32 xdp_posted;
	struct netvsc_send_open open;
	struct netvsc_gpa gpa;

	struct netvsc_reqid_table ids;

	struct napi_struct napi ____cacheline_aligned_in_smp;
	struct netvsc_ring_in in;
	struct netvsc_rx_buf *rx_buf;
	struct netvsc_send_open xdp_open;
	struct netvsc_xsk *xsk;
	struct netvsc_ack_ring acks;
	struct netvsc_ack *ack_slots;
	struct delayed_work poll_later;
	u32 xdp_done;
	u32 reaped;
	struct netvsc_rx_template templates[NETVSC_RX_TEMPLATES] ____cacheline_aligned_in_smp;
	u32 ppis_unknown[NETVSC_RX_PPI_TYPES];
	unsigned long done_at;
};

/* What room health is told, with a number that says more. */
enum netvsc_health_event {
	NETVSC_HEALTH_ATTACHED,		/* a new attachment */
	NETVSC_HEALTH_TX_STUCK,		/* a queue sends nothing; its index */
	NETVSC_HEALTH_TX_REVOKED,	/* a sub-channel was taken away alone */
	NETVSC_HEALTH_TX_SILENT,	/* the channel is dead, the bus is not */
	NETVSC_HEALTH_TX_DETACHED,	/* there is no attachment; errno */
	NETVSC_HEALTH_RX_BAD,		/* the host broke a format */
	NETVSC_HEALTH_VF_USED,		/* frames go by the VF */
	NETVSC_HEALTH_VF_LEFT,		/* they do not; enum netvsc_vf_event */
};

/**
 * struct netvsc_events - what rooms below report to those above
 * @status: an RNDIS status indication arrived; called from NAPI
 * @broken: a sub-channel was taken away alone; called from transmit
 * @vf_association: the host announced a VF or took it back; called from NAPI
 * @path_switched: it switched the data path by itself; called from NAPI
 * @path_done: it answered a request for the data path; called from NAPI
 * @unresponsive: it missed a deadline, the first one; may sleep
 * @responsive: it answers again after it had missed a deadline; called from NAPI
 * @link_query: it is about to be asked for the link: what it said before is old
 * @attaching: a new attachment begins: what is known of the one before is old
 * @attached: another attachment, or an old one again, is in its place; under RTNL
 * @health: something is not well, or well again; any context
 */
struct netvsc_events {
	void (*status)(struct netvsc_device *nvdev, u32 status, u32 value);
	void (*broken)(struct netvsc_device *nvdev);
	void (*vf_association)(struct netvsc_device *nvdev, bool allocated,
			       u32 serial);
	void (*path_switched)(struct netvsc_device *nvdev, u32 path);
	void (*path_done)(struct netvsc_device *nvdev, u32 seq);
	void (*unresponsive)(struct netvsc_device *nvdev);
	void (*responsive)(struct netvsc_device *nvdev);
	void (*link_query)(struct net_device *ndev);
	void (*attaching)(struct net_device *ndev);
	void (*attached)(struct net_device *ndev);
	void (*health)(struct net_device *ndev, enum netvsc_health_event event,
		       int arg);
};

/**
 * struct netvsc_params - what the user may choose; a device is built to these
 * @mtu: IP MTU
 * @mtu_least: a host that grants less refuses; 0: it may grant what it likes
 * @ring_pages: pages per ring, the control page included
 * @rx_sections: receive buffer, in sections of @rx_section_bytes
 * @tx_sections: send buffer, in sections of @tx_section_bytes
 * @rx_section_bytes: as the host cut it when the user chose; 0: the default
 * @tx_section_bytes: likewise
 * @queues: channels, 0 for the default (R85)
 * @hypercall: a signal is a hypercall at once, also where the host looks by itself
 */
struct netvsc_params {
	u32 mtu;
	u32 mtu_least;
	u32 ring_pages;
	u32 rx_sections;
	u32 tx_sections;
	u32 rx_section_bytes;
	u32 tx_section_bytes;
	u32 queues;
	bool hypercall;
};

/* Life of a netvsc_device; changed by dev.c alone, under RTNL. */
enum netvsc_dev_state {
	NETVSC_DEV_ALLOCATED,	/* memory only, the host knows nothing */
	NETVSC_DEV_ATTACHED,	/* channel open, control plane up, no frames */
	NETVSC_DEV_STARTED,	/* filter set, frames in both directions */
	NETVSC_DEV_LATE,	/* its way down is late: memory for the last user */
};

/**
 * struct netvsc_device - one attachment to the host
 * @ref: users of the memory: dev, and each bus call that is out
 * @release: I, of @ref
 * @close_call: B, the call that closes the channels; part of this, so that it needs no
 *	memory
 * @hdev: I, gone when the device is late
 * @ndev: I, likewise
 * @num_queues: a, in use by the stack, at most @num_open
 * @frame_max: I, longest frame that the host takes, a tag beside it not counted
 * @tx_off: a, bits of enum netvsc_tx_off; 0 while frames may be sent
 * @sections: a, which send sections are taken by frames
 * @limits: I, of transmit aggregation
 * @rx_open: a, frames may go up the stack
 * @send: I, send buffer
 * @queues: a, @num_open of them are open; the rest point at the first (R72)
 * @queue_mem: R, the queues themselves, NULL where there is none
 * @num_open: R, channels that are open
 * @nvsp_caps: I, of the NVSP version in force
 * @recv: I, receive buffer
 * @section_words: I, storage of @sections
 * @caps: R, offloads that are on; the packet path reads them as they change
 * @tx_table: a, transmit channel by hash; written under netvsc_nvsp.lock
 * @tx_table_from_host: a, the host sent one, so ours no longer counts
 * @unresponsive: a, the host missed a deadline: do not wait that long again
 * @link_up: R, as last told by the host
 * @state: R, enum netvsc_dev_state
 * @params: R, what it was built for; mtu as granted by the host at the last
 *	attachment, the interface may use a smaller one
 * @channels_missing: R, there could be more: a sub-channel was not opened in time, or
 *	the host did not say how many it has
 * @unconfirmed: a, bits of enum netvsc_unconfirmed
 * @host_caps: R, offloads the host can do
 * @host_caps_new: R, @host_caps are its last answer, and not in force yet
 * @rsc_refused: R, the last request to switch coalescing on failed
 * @rsc_agreed: R, the host coalesces already, the features are about to say so
 * @host_queues: R, receive queues the host has
 * @rss_caps: R, what it can do with them; no table entries: nothing
 * @rss_applied: R, it was told a table, the one below
 * @rss_known: R, nothing that was told since is unconfirmed
 * @rss_table: R, queue by hash; for the host they are channels
 * @rss_key: R, told with it
 * @rss_hash_info: R, told with it, NDIS_HASH_*
 * @mac: I, permanent address
 * @speed_units: R, link speed in units of 100 bit/s, 0 if not known
 * @events: I
 * @nvsp: I, the request engine of nvsp.c
 * @paths_asked: a, requests for a data path that are out
 * @rndis: I, control messages, rndis_priv.h
 * @filter_lock: the packet filter and the RNDIS state
 * @filter_work: sets the filter the stack wants
 * @filter: M, as last confirmed by the host
 * @filter_known: M, nothing that was told since is unconfirmed
 * @erred_at: a, when the host last broke the protocol, in jiffies; 0: never
 */
struct netvsc_device {
	struct kref ref;
	void (*release)(struct kref *ref);
	struct netvsc_call close_call;
	struct hv_device *hdev;

	/* a frame needs what is in this line, which ends with the address of @send */
	struct net_device *ndev ____cacheline_aligned_in_smp;
	u32 num_queues;
	u32 frame_max;
	unsigned long tx_off;
	struct netvsc_section_map sections;
	struct netvsc_batch_limits limits;
	bool rx_open;
	struct netvsc_buffer send;

	struct netvsc_queue *queues[NVSP_MAX_CHANNELS];
	struct netvsc_queue *queue_mem[NVSP_MAX_CHANNELS];
	u32 num_open;
	const struct netvsc_nvsp_caps *nvsp_caps;
	struct netvsc_buffer recv;
	unsigned long *section_words;
	struct netvsc_offload_caps caps;
	u16 tx_table[NVSP_INDIRECTION_ENTRIES];
	bool tx_table_from_host;
	bool unresponsive;

	/* slow path fields follow */
	bool link_up;
	u8 state;
	struct netvsc_params params;
	bool channels_missing;
	unsigned long unconfirmed;
	struct netvsc_offload_caps host_caps;
	bool host_caps_new;
	bool rsc_refused;
	bool rsc_agreed;
	u32 host_queues;
	struct netvsc_rss_caps rss_caps;
	bool rss_applied;
	bool rss_known;
	u16 rss_table[NDIS_RSS_TABLE_ENTRIES_MAX];
	u8 rss_key[NDIS_RSS_KEY_BYTES];
	u32 rss_hash_info;
	u8 mac[ETH_ALEN];
	u32 speed_units;
	const struct netvsc_events *events;
	struct netvsc_nvsp *nvsp;
	atomic_t paths_asked;
	struct netvsc_rndis *rndis;
	struct mutex filter_lock;	/* M */
	struct work_struct filter_work;
	u32 filter;
	bool filter_known;
	unsigned long erred_at;
};

/**
 * struct netvsc_priv - private part of the interface
 * @ndev: I
 * @hdev: I
 * @nvdev: U, NULL while detached
 * @vf_path: the VF while it sends for us, else NULL; read under RCU, written
 *	under netvsc_vf.lock
 * @vf_blocked: a, the VF cannot run our program; its frames are dropped
 * @params: R, what the user set last; each attachment is made by it
 * @filter_wanted: a, NDIS_PACKET_TYPE_*, what the stack wants to receive
 * @op_depth: a, operations that have a common limit; written by R
 * @op_end: a, that limit, in jiffies
 * @detached: R, the log says that there is no attachment
 * @asleep: R, the machine sleeps: nobody attaches
 * @xdp_prog: U, the program on received frames, NULL if there is none
 * @xsk: R, sockets in driver mode by number of their queue
 * @qstats: I, NVSP_MAX_CHANNELS entries
 * @cpu_stats: I
 * @vf_stats: I
 * @counters: a, enum netvsc_counter
 * @cpus: I, CPUs that "ethtool -S" lists
 * @msg_enable: R, NETIF_MSG_*
 * @speed: R, Mbit/s or SPEED_UNKNOWN
 * @duplex: R, DUPLEX_*
 * @l3_only: a, bits of enum netvsc_flow: hashed by addresses alone
 * @rss: R, the wish of the user
 * @host_queues: R, as last told by a host
 * @host_offloads: R, checksums and TSO that a host was able to do at any time
 * @rx_overhead: R, bytes that the host adds to the MTU for a sub-allocation, as last
 *	seen
 * @named: R, the friendly name was looked at
 * @events: I, for each attachment
 * @link: I, of link.c
 * @subs: I, of dev_queues.c
 * @watch: I, of netdev_watch.c
 * @defer: I, of defer.c
 * @keep: I, of keep.c
 * @vf: I, of vf*.c
 * @debugfs: I, folder of debugfs.c
 * @health: I, of health.c; NULL: nobody hears of it
 * @saved: R, the attachment while the machine sleeps
 * @recut: I, of tx_recut.c
 * @reread: I, of dev_offload.c
 */
struct netvsc_priv {
	struct net_device *ndev;
	struct hv_device *hdev;
	struct netvsc_device __rcu *nvdev;
	struct net_device __rcu *vf_path;
	bool vf_blocked;
	struct netvsc_params params;
	u32 filter_wanted;
	u32 op_depth;
	unsigned long op_end;
	bool detached;
	bool asleep;
	struct bpf_prog __rcu *xdp_prog;
	struct netvsc_xsk *xsk[NVSP_MAX_CHANNELS];
	struct netvsc_queue_stats *qstats;
	struct netvsc_cpu_stats __percpu *cpu_stats;
	struct netvsc_vf_stats __percpu *vf_stats;
	atomic64_t counters[NETVSC_COUNTER_CNT];
	u32 cpus;
	u32 msg_enable;
	u32 speed;
	u8 duplex;
	u32 host_queues;
	netdev_features_t host_offloads;
	u32 rx_overhead;
	bool named;
	u32 l3_only;
	struct netvsc_rss rss;
	const struct netvsc_events *events;
	struct netvsc_link *link;
	struct netvsc_subs *subs;
	struct netvsc_watch *watch;
	struct netvsc_defer *defer;
	struct netvsc_keep *keep;
	struct netvsc_vf *vf;
	struct dentry *debugfs;
	struct netvsc_health *health;
	struct netvsc_device *saved;
	struct netvsc_recut *recut;
	struct netvsc_reread *reread;
};

static inline void netvsc_count(const struct net_device *ndev,
				enum netvsc_counter which)
{
	struct netvsc_priv *priv = netdev_priv(ndev);

	atomic64_inc(&priv->counters[which]);
}

/* The host broke the protocol: the watchdog gives such a host less time. */
static inline void netvsc_count_error(struct netvsc_device *nvdev,
				      enum netvsc_counter which)
{
	netvsc_count(nvdev->ndev, which);
	WRITE_ONCE(nvdev->erred_at, jiffies | 1);
}

/* The host broke a format outside the receive path. */
static inline void netvsc_count_bad_packet(struct netvsc_device *nvdev)
{
	netvsc_count_error(nvdev, NETVSC_CNT_HOST_BAD_PACKET);
	nvdev->events->health(nvdev->ndev, NETVSC_HEALTH_RX_BAD, 0);
}

#endif /* _NETVSC_H */
