/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: nic - the shared objects of the room: one NIC and its channels. Included by the
 * files of this folder only; netvsp.h is the room's door. What belongs to one file
 * stands in its header.
 *
 * A file calls only those above it in this list; tests/doors/host has the order. What
 * it has to say to those below is in struct nic_events.
 *
 *	wire	pool.c	    sub-allocations	wire.c	  numbers and versions
 *		nic.c	    facts		trace.c	  what the guest asked for
 *	rings	queue.c	    one channel		done.c	  completions
 *		late.c	    answers held back	lie.c	  messages changed
 *		rewrite.c   messages changed later
 *	nvsp	rndis_out.c control messages	nvsp_answer.c  completed requests
 *		subchan.c   sub-channels	nvsp.c	  requests
 *	rndis	offload.c   task offloads	rss.c	  receive scaling
 *		oid.c	    queries and sets	rndis.c   control messages of the guest
 *	data	rxmsg.c	    a frame as message	rx_batch.c  into the ring
 *		rsc.c	    coalesce segments	rx.c	  deliver frames
 *		txoff.c	    checksum, LSO	txmsg.c	  read messages
 *		tx.c	    collect a transmit
 *	vf	vf.c	    association, path	vffn.c	  the VF itself
 *	life	report.c    statistics		vf_job.c  plug, pull, migrate
 *		leave.c	    hot remove		port.c	  port of the switch
 *		serve.c	    read the rings	life.c	  open, close, rescind
 *		nics.c	    the list of NICs
 *	ctl	config.c    keys		verbs.c   control protocol
 *		vf_verbs.c  vf.* of it		netvsp.c  set-up
 *
 * Everything runs with the machine lock held; there are no locks in this room.
 */
#ifndef HVHOST_NETVSP_NIC_H
#define HVHOST_NETVSP_NIC_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netvsc/ndis.h>
#include <netvsc/nvsp.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "../base/loop.h"
#include "../vmbus/channel.h"
#include "done.h"
#include "lie.h"
#include "nic_cfg.h"
#include "offload.h"
#include "pool.h"
#include "rewrite.h"
#include "rndis.h"
#include "rss.h"
#include "rx_batch.h"
#include "trace.h"
#include "vf.h"

#define NIC_WATCH_MAX	64

struct nic;
struct nic_close;
struct nic_late;
struct nic_leave;
struct rsc;
struct switch_port;

/*
 * The way of the primary channel (netvsc-wire.md 4.8). RX_ENABLED of the sheet is
 * OPERATIONAL with a filter other than 0.
 */
enum nic_state {
	NIC_CLOSED,		/* primary channel not open */
	NIC_WAIT_INIT,		/* open, no version yet */
	NIC_NEGOTIATED,		/* version agreed: buffers are being shared */
	NIC_OPERATIONAL,	/* RNDIS INITIALIZE done */
	NIC_HALTED,		/* RNDIS HALT seen: nothing is indicated any more */
	NIC_QUIESCED,		/* a buffer was revoked: no buffer is touched */
};

struct nic_drops {		/* frames for the guest that it did not get, by reason */
	uint64_t not_ready;	/* not operational, or filter 0 */
	uint64_t filter;	/* not asked for by the filter */
	uint64_t link;		/* link is down */
	uint64_t too_long;	/* longer than the negotiated frame size */
	uint64_t fifo_full;	/* no room in buffer or ring, and too many wait already */
	uint64_t reset;		/* waited when filter 0, HALT or close came */
};

struct nic_queue_stats {
	uint64_t frames_from_guest, bytes_from_guest;
	uint64_t frames_to_guest, bytes_to_guest;
	uint64_t tx_requests;		/* type-107 packets of the guest, data */
	uint64_t tx_completions;	/* sent to the guest, all kinds */
	uint64_t rx_packets;		/* transfer-page packets sent */
	uint64_t rx_completions;	/* of them completed by the guest */
	uint64_t rx_failed;		/* ... with a status other than 1 */
	uint64_t aggregates;		/* transmits with more than one frame */
	uint64_t section_packets;	/* transmits wholly in a section */
	uint64_t gpa_packets;		/* transmits wholly in guest pages */
	uint64_t mixed_packets;		/* section and pages */
	uint64_t lso_frames;
	uint64_t csum_frames;
	uint64_t ring_full;		/* a packet for the guest had to wait */
	uint64_t rsc_packets;		/* aggregates put into the ring: frames_to_guest has them */
	uint64_t rsc_segments;		/* what they were made of */
	uint64_t rx_ranges;		/* sub-allocations sent */
	uint64_t section_bytes;		/* of data transmits: copied by the guest ... */
	uint64_t gpa_bytes;		/* ... and pointed at */
	uint64_t control_requests;	/* RNDIS control messages of the guest */
};

/* One channel. */
struct nic_queue {
	struct nic *nic;
	struct vmbus_channel *ch;
	unsigned int index;		/* sub-channel index; 0 = primary */
	bool open;
	bool dead;			/* ring corrupt: not read any more */
	bool orphan;			/* rescinded, waits for its release */
	struct loop_timer *again;	/* ring not read to the end */
	struct loop_timer *doom;	/* a fault takes it away, with its NIC if it is the primary */
	struct done_line done;		/* completions for the guest */
	struct rx_batch batch;		/* frames for the guest */
	struct rsc *rsc;		/* segments being coalesced */
	uint16_t rsc_id;
	struct nic_queue_stats stats;
};

/* What a file has to say to files that use it; set when the NIC is made (nics.c). */
struct nic_events {
	void (*service)(struct nic_queue *q);	/* look at both rings */
	void (*drop_frames)(struct nic *nic);	/* frames that wait for the guest are lost */
	void (*path_request)(struct nic *nic, const struct vmbus_packet *pkt, uint32_t to);
	void (*operational)(struct nic *nic);	/* RNDIS is initialised */
	void (*vf_told)(struct nic *nic);	/* the guest was to hear of its VF */
	void (*remove)(struct nic *nic);	/* the NIC goes now */
	const struct vmbus_device_ops *channel;	/* of each of its channels */
};

struct nic {
	int id;				/* never reused */
	struct nic_cfg cfg;
	const struct nic_events *events;
	struct vmbus *bus;
	struct switch_port *port;
	struct nic_queue *q[NVSP_MAX_CHANNELS];
	struct vmbus_guid instance;
	struct nic_leave *leave;	/* being removed in an orderly way */
	bool removing;			/* rescinded: waits for its channels' releases */
	unsigned int alive;		/* channels not released yet */
	enum nic_state state;

	/* NVSP, valid from NEGOTIATED on */
	uint32_t version;
	bool got_config, got_ndis, got_recv, got_send;
	uint32_t frame_size;		/* Ethernet header + MTU */
	uint64_t caps;
	uint32_t ndis_major, ndis_minor;
	struct gpadl *recv_buf;
	uint32_t recv_handle;
	uint16_t recv_id;
	uint32_t sub_size;		/* S */
	struct pool pool;
	struct gpadl *send_buf;
	uint32_t send_handle;
	uint16_t send_id;
	uint32_t section_size;		/* as told to the guest */
	unsigned int subs_granted;	/* sub-channels promised */
	unsigned int subs_open;
	bool subs_asked;
	bool itab_sent;
	struct loop_timer *subs_timer;

	/* RNDIS */
	uint32_t filter;
	bool filter_was_set;
	uint8_t mac[6];			/* current address */
	bool link_up;
	uint32_t speed_mbps;
	unsigned int able;		/* ABLE_* of now */
	struct nic_offloads off;
	struct nic_offloads off_before;	/* what a guest may still use ... */
	uint64_t off_before_ms;		/* ... until then: it was just taken away */
	struct nic_rss rss;
	uint64_t rss_sets;		/* times the guest set it */
	struct rndis_backlog backlog;
	struct nic_late *late;
	struct nic_close *closing;	/* closes that are yet to be judged */
	struct loop_timer *stall;	/* fault rx.stall is running */
	struct loop_timer *hold;	/* fault rx.hold is running */
	struct loop_timer *withhold;	/* fault tx.withhold_completions is running */
	struct nic_vf vf;

	/* counters over the life of the NIC */
	struct nic_drops drops;
	uint64_t unicast[2], multicast[2], broadcast[2];	/* [0] from, [1] to the guest */
	uint64_t tx_bad;		/* transmits refused with status 2 */
	uint64_t tx_segments;		/* frames on the switch made by large sends */
	uint8_t watch[NIC_WATCH_MAX];	/* bytes that are looked for in what the guest sends ... */
	size_t watch_len;		/* ... 0: none */
	uint64_t watched;		/* requests that had them */
	uint64_t spoofed;
	uint64_t opens, closes;
	struct nic_trace trace;
	struct nic_lies lies;
	struct nic_rewrites rewritten;
	struct nic_queue_stats gone;	/* of channels that were released */
	struct channel_stats gone_ch;
	struct nic *next;
};

/** nic_violation() - the guest of a strict NIC broke rule @name; @bytes of it, and a sentence */
void nic_violation(struct nic *nic, const char *name, const void *bytes, size_t len,
		   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/** nic_style() - it did what real hosts accept and the sheets advise against */
void nic_style(struct nic *nic, const char *name, const char *text);

/**
 * nic_msg_bytes() - bytes of an NVSP message in the version that is spoken
 *
 * Return: that number.
 */
size_t nic_msg_bytes(const struct nic *nic);

/**
 * nic_open_queues() - channels that are open
 *
 * Return: their number.
 */
unsigned int nic_open_queues(const struct nic *nic);

/** nic_add_counters() - add a struct of 64-bit counters to another one */
void nic_add_counters(void *sum, const void *add, size_t bytes);

#endif
