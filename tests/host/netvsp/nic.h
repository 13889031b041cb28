/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: nic - the inside of the netvsp room: one NIC and its queues. Included by
 * the files of this folder only; netvsp.h is the room's door.
 *
 *	netvsp.c  set-up, list of NICs		verbs.c   control protocol
 *	config.c  keys				report.c  statistics as JSON
 *	nic.c     offers, open/close, doorbells
 *	done.c    completions towards the guest	leave.c   hot remove
 *	nvsp.c    NVSP requests			subchan.c sub-channels, indirection table
 *	rndis.c   control messages		oid.c     queries and sets
 *	offload.c task offload structures	rss.c     receive scaling
 *	tx.c      collect a transmit		txmsg.c   check and read its messages
 *	txoff.c   checksum and large send	rx.c      deliver frames
 *	rxmsg.c   one frame as a message	rsc.c     coalesce segments
 *	pool.c    sub-allocations		vf.c      association and data path
 *	vffn.c    the VF itself			vf_verbs.c  vf.* of the control protocol
 *	trace.c   what the guest asked for
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
#include "../backend/switch.h"
#include "../base/ctl.h"
#include "../base/loop.h"
#include "../vmbus/channel.h"
#include "pool.h"
#include "wire.h"

#define NIC_MAX			8	/* at a time */
#define NIC_TX_STREAM_MAX	(192 * 1024)	/* one transmit: section + 32 pages, and air */
#define NIC_TX_MSGS_MAX		64	/* read of one transmit; 8 are legal */
#define NIC_TX_SEGS_MAX		1024
#define NIC_RX_FIFO_DEFAULT	256	/* frames per queue that wait for room */
#define NIC_DONE_STOP		1024	/* completions waiting: stop reading the ring */
#define NIC_BUDGET		512	/* guest packets in one go */
#define NIC_FRIENDLY_MAX	128
#define NIC_VF_MSGS_MAX		16	/* news of the VF waiting for room */
#define NIC_TRACE_MAX		512	/* requests remembered */
#define NIC_TRACE_BYTES		32
#define NIC_BEHIND_MS		5	/* an answer behind a rescind that is due */
#define NIC_CTRL_BACKLOG_MAX	64	/* control messages waiting for a sub-allocation */

/* What a NIC can do for its guest, one bit each. */
#define ABLE_IP4		0x001
#define ABLE_TCP4		0x002
#define ABLE_UDP4		0x004
#define ABLE_TCP6		0x008
#define ABLE_UDP6		0x010
#define ABLE_LSO4		0x020
#define ABLE_LSO6		0x040
#define ABLE_RSC4		0x080
#define ABLE_RSC6		0x100
#define ABLE_CSUM		(ABLE_IP4 | ABLE_TCP4 | ABLE_UDP4 | ABLE_TCP6 | ABLE_UDP6)
#define ABLE_FULL		(ABLE_CSUM | ABLE_LSO4 | ABLE_LSO6)
#define ABLE_RSC		(ABLE_RSC4 | ABLE_RSC6)

#define RSC_BYTES_MAX		65535	/* IP packet of an aggregate */
#define RSC_FRAGS_FAULT		570	/* ranges that fit a packet of 4624 bytes */

enum nic_udp_hash {		/* receive hash of UDP frames */
	UDP_HASH_OFF,		/* addresses only; the types are not offered */
	UDP_HASH_ON,		/* ports too, when the guest asks for it */
	UDP_HASH_TCP,		/* ports too, named TCP, as some hosts do (6.9) */
};
enum nic_vf_wrong { VF_WRONG_PASS, VF_WRONG_DROP };	/* frames of the path not in force */
enum nic_vf_kind { VF_IXGBEVF, VF_VIRTIO };	/* by the guest's driver */
enum nic_vf_assoc { VF_ASSOC_BEFORE, VF_ASSOC_AFTER, VF_ASSOC_NEVER };
enum nic_tiny { TINY_SHARE, TINY_DEAD };	/* a receive buffer that is too small */
enum nic_itab { ITAB_WINDOWS, ITAB_COMPACT, ITAB_OFF };

/* What the user chose for a NIC; constant over its life. */
struct nic_cfg {
	uint8_t mac[6];
	bool mac_set;
	uint32_t nvsp_max;		/* NVSP_VERSION_* */
	unsigned int queues;		/* channels offered, 1..64 */
	bool queues_set;
	unsigned int suballoc;		/* for MTU 1500: 1806 or 1728 */
	bool link_up;
	uint32_t speed_mbps;
	unsigned int able;		/* ABLE_*, without what rsc adds */
	unsigned int lso_max;		/* bytes of a large send, as offered */
	unsigned int lso_segs;		/* least segments of it */
	bool rsc;			/* receive segment coalescing is allowed */
	unsigned int rsc_max;		/* bytes of IP packet in an aggregate */
	unsigned int rsc_segs;		/* segments in an aggregate */
	bool rsc_fill;			/* fragments fill sub-allocations: not one per segment */
	enum nic_itab itab;
	enum nic_tiny tiny;
	bool caps_newest;		/* newest form of capabilities, whatever was asked for */
	bool rss_restart;		/* each setting of RSS starts the queues anew */
	bool wait_quarter;		/* a full ring is waited for until a quarter is free */
	bool vf_told_early;		/* association right behind INITIALIZE_CMPLT */
	bool vf_asks;			/* association and notices ask for a completion */
	bool vf_short;			/* notices of 8 bytes */
	bool vf_quiet;			/* a switch that cannot be is completed, and that is all */
	unsigned int batch;		/* frames per transfer-page packet */
	unsigned int pace_ms;		/* from a signal to the look at the ring */
	unsigned int fifo;		/* frames waiting per queue */
	unsigned int rss_entries;
	unsigned int section_size;
	bool hash_ppi;			/* hash value and info on received frames */
	enum nic_udp_hash udp_hash;
	bool strict;			/* record violations */
	bool spoof;			/* foreign source addresses and MAC changes allowed */
	char friendly[NIC_FRIENDLY_MAX];	/* "" = no such OID */
	bool friendly_set;
	bool vf;			/* there is a VF from the start */
	enum nic_vf_kind vf_kind;
	unsigned int vf_serial;		/* 0: made up */
	unsigned int vf_queues;		/* pairs; 0: as many as the NIC has channels */
	enum nic_vf_assoc vf_assoc;	/* when the guest is told, seen from the plug */
	unsigned int vf_delay;		/* ms between the two */
	enum nic_vf_wrong vf_wrong;
	bool vf_keep;			/* the path stays as it is when the channel closes */
	bool vf_csum, vf_tso, vf_rss;	/* what the function offers */
	unsigned int vf_mtu;		/* largest MTU it tells of; 0: none */
};

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

/* A completion that waits for its way into the ring. */
struct nic_done {
	uint64_t id;
	uint64_t due_ms;		/* 0 = at once */
	bool keep_id;			/* the id stays in use (fault) */
	uint8_t len;
	uint8_t payload[NVSP_MSG_BYTES];
};

/* How an aggregate is cut into sub-allocations (netvsc-wire.md 5.12). */
struct rsc_frag {
	uint32_t len;			/* bytes of the frame */
	uint16_t id;
	uint8_t flags;			/* RNDIS_PKT_ID_* */
	bool no_ppi;			/* without packet id (fault) */
};

struct rsc_shape {
	unsigned int segs;		/* segments on the wire */
	unsigned int cnt;
	bool split;			/* over two packets (fault) */
	struct rsc_frag frag[RSC_FRAGS_FAULT];
};

/* A frame that waits for a sub-allocation. */
struct nic_waiting {
	struct nic_waiting *next;
	struct rsc_shape *shape;	/* NULL: one frame in one sub-allocation */
	size_t len;
	uint16_t tci;
	bool tagged;
	bool l4_good;
	bool has_csum;			/* csum is what to say */
	uint32_t csum;
	uint32_t hash;
	uint32_t hash_type;
	uint8_t data[];
};

struct nic;
struct nic_close;
struct nic_late;
struct nic_leave;
struct rsc;
struct vf_fn;
struct vf_job;

/* One channel. */
struct nic_queue {
	struct nic *nic;
	struct vmbus_channel *ch;
	unsigned int index;		/* sub-channel index; 0 = primary */
	bool open;
	bool dead;			/* ring corrupt: not read any more */
	bool orphan;			/* rescinded, waits for its release */
	struct loop_timer *again;	/* ring not read to the end */
	struct loop_timer *retry;	/* completions held back by a fault */
	struct loop_timer *doom;	/* a fault takes it away, with its NIC if it is the primary */

	/* completions for the guest */
	struct nic_done *done;
	size_t done_first, done_cnt, done_cap;
	uint8_t id_used[65536 / 8];	/* ids the guest must not reuse now */

	/* frames for the guest */
	struct nic_waiting *wait_first, **wait_last;
	unsigned int wait_cnt;
	struct vmbus_range range[RSC_FRAGS_FAULT];
	unsigned int range_cnt;
	unsigned int batch_frames;		/* of them; an aggregate is one */
	unsigned int batch_aggregates, batch_segs;
	uint32_t batch_head, batch_last;	/* sub-allocations; POOL_NONE */
	uint64_t batch_bytes;		/* of frames */
	bool batch_stuck;		/* the ring had no room for it */
	struct rsc *rsc;		/* segments being coalesced */
	uint16_t rsc_id;

	struct nic_queue_stats stats;
};

struct nic_rss {
	bool enabled;
	uint32_t types;			/* NDIS_HASH_* */
	uint8_t key[NDIS_RSS_KEY_BYTES];
	uint32_t table[NDIS_RSS_TABLE_ENTRIES_MAX];
	unsigned int entries;
};

/* What is switched on (netvsc-wire.md 6.5). */
struct nic_offloads {
	bool tx_ip4, tx_tcp4, tx_udp4, tx_tcp6, tx_udp6;
	bool rx_ip4, rx_tcp4, rx_udp4, rx_tcp6, rx_udp6;
	bool lso4, lso6;
	bool rsc4, rsc6;
};

/* A control message that waits for a sub-allocation or for its time. */
struct nic_ctrl {
	struct nic_ctrl *next;
	size_t len;
	uint8_t data[];
};

/* What the VF and its data path did; all but the path's own fields are counters. */
struct nic_vf_stats {
	uint64_t associations, withdrawals;	/* SEND_VF_ASSOCIATION sent */
	uint64_t switch_requests;		/* SWITCH_DATA_PATH of the guest */
	uint64_t switch_pointless;		/* ... to where it was, or to no VF */
	uint64_t switch_failed;			/* ... that the path did not follow */
	uint64_t to_vf, to_synthetic;		/* times the path changed */
	uint64_t notices;			/* SWITCH_DATA_PATH sent to the guest */
	uint64_t notices_answered;		/* ... that asked for a completion, and got it */
	uint64_t wrong_path_synthetic;		/* frames of the guest here while the path is the VF */
	uint64_t wrong_path_vf;			/* ... on the VF while the path is synthetic */
	uint64_t frames_to_vf, bytes_to_vf;	/* steered there */
	uint64_t frames_from_vf, bytes_from_vf;
};

struct nic_vf_message {		/* waits for room in the ring */
	uint64_t id;
	bool asks;
	size_t len;
	struct nvsp_message m;
};

/*
 * The VF of a NIC (netvsc-wire.md 9.6). The path is SYNTHETIC or VF; with a request
 * pending it is still the old one (SWITCHING of the sheet).
 */
struct nic_vf {
	struct vf_fn *fn;		/* plugged, or NULL */
	uint32_t serial;		/* of the function, or of the last one */
	bool assoc;			/* the host has a VF to tell of */
	bool told;			/* the guest has heard of told_serial */
	uint32_t told_serial;
	struct loop_timer *assoc_timer;
	uint64_t ready_ms;		/* before that it is too early for the path (vf_quiet) */
	uint32_t path;			/* NVSP_DATAPATH_*, in force */
	bool pending;			/* a request of the guest is being carried out */
	uint32_t pending_to;
	uint16_t pending_flags;
	uint64_t pending_id;
	struct loop_timer *switch_timer;
	struct nic_vf_message msg[NIC_VF_MSGS_MAX];
	unsigned int msg_cnt;
	uint32_t ask_cnt;		/* notices that asked for a completion */
	struct vf_job *job;		/* a verb that takes its time */
	struct nic_vf_stats stats;
};

/* What the guest asked for, one line each. */
struct nic_trace {
	char (*line)[NIC_TRACE_BYTES];
	unsigned int cnt;
	unsigned int lost;		/* found no room */
};

/*
 * What a file has to say to those above it. Set at the NIC's creation.
 */
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
	struct nic_ctrl *ctrl_first, **ctrl_last;
	unsigned int ctrl_cnt;
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
	uint64_t spoofed;
	uint64_t opens, closes;
	struct nic_trace trace;
	struct nic_queue_stats gone;	/* of channels that were released */
	struct channel_stats gone_ch;
	struct nic *next;
};

/* ---- nics.c ---- */
void nics_init(struct vmbus *bus, const struct nic_cfg *defaults);
struct nic *nics_first(void);
struct nic *nics_find(int id);
struct nic *nics_add(const struct nic_cfg *cfg, char *err, size_t errlen);
void nics_remove(struct nic *nic);
const struct nic_cfg *nics_defaults(void);

/* ---- config.c ---- */
struct host_cfg {
	bool peer;
	char peer4[48], peer6[64];	/* ADDRESS/PREFIX */
	unsigned int peer_mtu;
};

void config_defaults(struct nic_cfg *nic, struct host_cfg *host, unsigned int cpus);
/** config_word() - "key=val,key=val" into @nic and (if not NULL) @host; 0 or -EINVAL */
int config_word(const char *word, struct nic_cfg *nic, struct host_cfg *host,
		char *err, size_t errlen);
int config_key(const char *key, const char *val, struct nic_cfg *nic,
	       struct host_cfg *host, char *err, size_t errlen);
/** config_live() - may the key change while the NIC is there? */
bool config_live(const char *key);
bool config_knows(const char *key, size_t len);

/* ---- trace.c ---- */
/** trace_request() - the guest asks @kind (vmbus, nvsp, rndis) for @what; @oid 0: none */
void trace_request(struct nic *nic, const char *kind, const char *what, uint32_t oid, bool answered);
json_t *trace_report(const struct nic *nic);
void trace_clear(struct nic *nic);

/* ---- nic.c ---- */
void nic_violation(struct nic *nic, const char *name, const void *bytes, size_t len,
		   const char *fmt, ...) __attribute__((format(printf, 5, 6)));
unsigned int nic_open_queues(const struct nic *nic);
size_t nic_msg_bytes(const struct nic *nic);
void nic_add_counters(void *sum, const void *add, size_t bytes);

/* ---- queue.c ---- */
struct nic_queue *queue_new(struct nic *nic, unsigned int index);
void queue_free(struct nic_queue *q);
/** queue_doom() - the channel is rescinded in a moment, with its NIC if it is the primary */
void queue_doom(struct nic_queue *q);

/* ---- serve.c ---- */
/** serve_queue() - look at both rings */
void serve_queue(struct nic_queue *q);
bool serve_paced(struct nic_queue *q);
/** serve_pause() - for @ms the host reads no ring and delivers no frame, as while it moves */
void serve_pause(struct nic *nic, unsigned int ms);

/* ---- port.c ---- */
extern const struct switch_port_ops port_ops;

/* ---- life.c ---- */
extern const struct vmbus_device_ops life_channel_ops;
struct nic *life_create(struct vmbus *bus, int id, const struct nic_cfg *cfg,
			const struct nic_events *events);
/** life_rescind() - hot remove: complete what is outstanding, withdraw all channels */
void life_rescind(struct nic *nic);

/* ---- late.c ---- */
typedef void (*late_send_fn)(struct nic *nic, uint64_t id, const void *data, size_t len);
/** late_keep() - keep an answer for @ms */
void late_keep(struct nic *nic, late_send_fn send, uint64_t id, const void *data, size_t len,
	       unsigned int ms);
void late_drop_all(struct nic *nic);

/* ---- done.c ---- */
/** queue_done() - complete @id with @payload, now or when there is room */
void queue_done(struct nic_queue *q, uint64_t id, const void *payload, size_t len);
void queue_done_late(struct nic_queue *q, uint64_t id, const void *payload, size_t len,
		     unsigned int ms, bool keep_id);
void queue_flush_done(struct nic_queue *q);
/** queue_take_id() - the guest asks for a completion of @id; false if it is in use */
bool queue_take_id(struct nic_queue *q, uint64_t id);
void queue_hurry_done(struct nic_queue *q);

/* ---- leave.c ---- */
enum leave_how { LEAVE_ABRUPT, LEAVE_DRAINED, LEAVE_ORDERLY };
/** leave_begin() - remove @nic, now or soon; finishes @call when it is rescinded */
void leave_begin(struct nic *nic, enum leave_how how, struct ctl_call *call);
/** leave_cancel() - the NIC goes right now: its caller is answered */
void leave_cancel(struct nic *nic);

/* ---- nvsp.c ---- */
/** nvsp_packet() - true: a packet for tx */
bool nvsp_packet(struct nic_queue *q, const struct vmbus_packet *pkt);
bool nvsp_wants_answer(const struct vmbus_packet *pkt);
void nvsp_fail(struct nic_queue *q, const struct vmbus_packet *pkt);
/** nvsp_answer() - complete @pkt with @m (@empty: no payload), or as a fault has it; false: not at all */
bool nvsp_answer(struct nic *nic, const char *what, const struct vmbus_packet *pkt,
		 struct nvsp_message *m, bool empty);
void nvsp_revoked(struct nic *nic, struct gpadl *g);
bool nvsp_buffers_ready(const struct nic *nic);

/* ---- subchan.c ---- */
void subchan_request(struct nic *nic, const struct vmbus_packet *pkt);
void subchan_opened(struct nic_queue *q);
/** subchan_too_tiny() - key tiny=dead: the receive buffer has too few pieces for @queues */
bool subchan_too_tiny(const struct nic *nic, unsigned int queues);
/** subchan_table() - send a transmit table of @n entries; false when it did not go out */
bool subchan_table(struct nic *nic, const uint32_t *entry, unsigned int n);
void subchan_rescind_all(struct nic *nic);

/* ---- rndis.c ---- */
/** rndis_control() - one guest control message; false: malformed (violation noted) */
bool rndis_control(struct nic_queue *q, const uint8_t *msg, size_t len);
/** rndis_send() - a control message for the guest, queued when there is no room */
void rndis_send(struct nic *nic, const void *msg, size_t len);
void rndis_flush(struct nic *nic);
void rndis_drop_backlog(struct nic *nic);
/** rndis_indicate() - INDICATE_STATUS with an optional buffer, if operational */
void rndis_indicate(struct nic *nic, uint32_t status, const void *buf, size_t len);
void rndis_link_changed(struct nic *nic);

/* ---- oid.c ---- */
#define OID_ANSWER_MAX	1024
/** oid_query() - answer into @out; returns the RNDIS status */
uint32_t oid_query(struct nic *nic, uint32_t oid, const uint8_t *in, size_t in_len,
		   uint8_t out[OID_ANSWER_MAX], size_t *out_len);
uint32_t oid_set(struct nic *nic, uint32_t oid, const uint8_t *in, size_t in_len);

/* ---- offload.c ---- */
void offload_caps(const struct nic *nic, struct ndis_offload *o);
void offload_current(const struct nic *nic, struct ndis_offload *o);
uint32_t offload_set(struct nic *nic, const uint8_t *in, size_t len);
/** offload_trim() - revision and size for what the guest asked; returns the size */
size_t offload_trim(const struct nic *nic, struct ndis_offload *o, const uint8_t *in,
		    size_t in_len);
/** offload_able() - what the keys of @cfg add up to, ABLE_* */
unsigned int offload_able(const struct nic_cfg *cfg);
/** offload_parse() - "full", "tcp4+lso4", "csum-udp6", ... into ABLE_* */
bool offload_parse(const char *words, unsigned int *able);
/** offload_change() - the host can do @able from now on; tells the guest */
void offload_change(struct nic *nic, unsigned int able);
/** offload_tx() - transmit offloads that a frame coming now may use */
struct nic_offloads offload_tx(const struct nic *nic);

/* ---- rss.c ---- */
size_t rss_caps(const struct nic *nic, const uint8_t *in, size_t in_len, uint8_t *out);
uint32_t rss_set(struct nic *nic, const uint8_t *in, size_t len);
/** rss_queue() - receive queue of a frame; hash and type for the PPIs (type 0: none) */
unsigned int rss_queue(const struct nic *nic, const uint8_t *frame, size_t len,
		       uint32_t *hash, uint32_t *type);

/* ---- tx.c ---- */
/* Where a part of the transmit came from; bytes [off, off + len) of the stream. */
struct tx_seg {
	size_t off, len;
	int range;			/* GPA range, or -1: the section */
};

struct tx_stream {
	uint8_t *data;			/* private copy */
	size_t len;
	struct tx_seg seg[NIC_TX_SEGS_MAX];
	unsigned int seg_cnt;
	bool has_section;
	bool has_pages;
};

void tx_take_packet(struct nic_queue *q, const struct vmbus_packet *pkt);

/* ---- txmsg.c ---- */
/* One RNDIS data message, checked. */
struct tx_msg {
	uint8_t *frame;			/* in the stream's copy */
	size_t len;
	bool has_vlan, has_csum, has_lso;
	uint32_t vlan, csum, lso;
};

/** txmsg_read() - read all messages of a transmit; count, or -EPROTO (violation noted) */
int txmsg_read(struct nic_queue *q, const struct tx_stream *s,
	       struct tx_msg msg[NIC_TX_MSGS_MAX]);

/* ---- txoff.c ---- */
/** txoff_check() - the offload rules of one message; 0 or -EPROTO (violation noted) */
int txoff_check(struct nic *nic, const struct tx_msg *m);
/** txoff_send() - finish the frame and hand it to the switch; frames made */
int txoff_send(struct nic *nic, const struct tx_msg *m);

/* ---- rx.c ---- */
void rx_deliver(struct nic *nic, const struct switch_frame *f);
void rx_flush(struct nic *nic);
unsigned int rx_room(const struct nic *nic);
void rx_drop_all(struct nic *nic);
void rx_completion(struct nic_queue *q, const struct vmbus_packet *pkt);
/** rx_hold() - frames wait for @ms */
void rx_hold(struct nic *nic, unsigned int ms);
/** rx_kick() - send what waits, as far as there is room */
void rx_kick(struct nic_queue *q);
/** rx_batch_enqueue() - @w (may be NULL: no memory) is the room's from here on */
void rx_batch_enqueue(struct nic_queue *q, struct nic_waiting *w);
void rx_batch_kick(struct nic_queue *q);
unsigned int rx_batch_drop(struct nic_queue *q);
/** rx_drop_waiting() - frames not yet in the ring are dropped and counted */
void rx_drop_waiting(struct nic_queue *q);

/* ---- rxmsg.c ---- */
/** rxmsg_room() - bytes of frame that certainly fit one sub-allocation */
uint32_t rxmsg_room(const struct nic *nic);
/**
 * rxmsg_write() - header, PPIs and a part of @w into sub-allocation @slot
 * @off: where in the frame the part begins
 * @n: number of the fragment when @w is an aggregate, else 0
 *
 * Return: bytes to claim, 0 if it does not fit.
 */
uint32_t rxmsg_write(struct nic *nic, const struct nic_waiting *w, uint32_t slot,
		     size_t off, unsigned int n);

/* ---- rsc.c ---- */
/**
 * rsc_take() - a frame for the guest comes to the coalescer
 *
 * Return: true when it was taken; false: it is to be delivered as it is, what was
 * being coalesced went before it.
 */
bool rsc_take(struct nic_queue *q, const struct switch_frame *f, uint32_t hash,
	      uint32_t hash_type);
/** rsc_seal() - what is being coalesced is delivered now */
void rsc_seal(struct nic_queue *q);
/** rsc_drop() - ... or dropped; the number of segments */
unsigned int rsc_drop(struct nic_queue *q);

/* ---- vf.c ---- */
/** vf_operational() - RNDIS is initialised: the guest may hear of a VF from here on */
void vf_operational(struct nic *nic);
/** vf_reset() - the connection is gone; what is plugged stays */
void vf_reset(struct nic *nic);
/** vf_request() - SWITCH_DATA_PATH of the guest */
void vf_request(struct nic *nic, const struct vmbus_packet *pkt, uint32_t to);
/** vf_flush() - send what waited for room */
void vf_flush(struct nic *nic);
/** vf_associate() - tell (or withdraw, with the serial told), if the guest can hear it */
bool vf_associate(struct nic *nic, bool on, uint32_t serial);
/** vf_notice() - SWITCH_DATA_PATH to the guest; @asks: with a completion */
bool vf_notice(struct nic *nic, uint32_t path, bool asks);
/** vf_set_path() - steer; nothing is said to the guest */
void vf_set_path(struct nic *nic, uint32_t path);
/** vf_gone() - the function vanished: finish what is pending, fall back, tell, withdraw */
void vf_gone(struct nic *nic, bool withdraw);
/** vf_answered() - was it the completion of a notice of ours? */
bool vf_answered(struct nic *nic, const struct vmbus_packet *pkt);
void vf_sent_synthetic(struct nic *nic, uint64_t frames);

/* ---- vffn.c ---- */
struct vf_plug {
	uint32_t serial;
	uint8_t mac[6];
	bool link_up;
};

/** typedef vffn_done - the function is pulled; @answered: the guest let go of it itself */
typedef void (*vffn_done)(void *priv, bool answered);

/** vffn_plug() - offer a function; nobody is told by NVSP. false: there is one, or no room */
bool vffn_plug(struct nic *nic, const struct vf_plug *plug);
/**
 * vffn_pull() - take the function away
 * @eject_ms: how long the guest may take to let go of it; 0: at once, by surprise
 * @withdraw: the association goes with it
 * @done: or NULL; called once
 */
void vffn_pull(struct vf_fn *fn, unsigned int eject_ms, bool withdraw, vffn_done done,
	       void *priv);
/** vffn_forget() - whoever asked for the pull is gone */
void vffn_forget(struct vf_fn *fn);
/** vffn_orphan() - the NIC goes: its functions go too and do not know it any more */
void vffn_orphan(struct nic *nic);
/** vffn_leaving() - functions that are pulled and not yet released by the guest */
unsigned int vffn_leaving(const struct nic *nic);
/** vffn_takes() - a frame for the guest: true when it goes by the VF (and went) */
bool vffn_takes(struct nic *nic, const struct switch_frame *f);
void vffn_flush(struct vf_fn *fn);
unsigned int vffn_room(struct vf_fn *fn);
void vffn_link(struct vf_fn *fn, bool up);
/** vffn_relations() - the bus tells what is on it, or that nothing is */
bool vffn_relations(struct vf_fn *fn, bool present);
json_t *vffn_report(const struct vf_fn *fn);

/* ---- vf_verbs.c ---- */
void vf_verbs_register(void);
/** vf_job_cancel() - the NIC goes: the caller of a verb that runs is answered */
void vf_job_cancel(struct nic *nic);
/** vf_job_told() - the guest of a NIC that came up was to hear of its VF */
void vf_job_told(struct nic *nic);
/** vf_job_start() - the VF of the key vf= */
void vf_job_start(struct nic *nic);

/* ---- report.c ---- */
json_t *report_vf(const struct nic *nic);
json_t *report_nic(const struct nic *nic);

/* ---- verbs.c ---- */
void verbs_register(void);
json_t *verbs_report_all(void);

#endif
