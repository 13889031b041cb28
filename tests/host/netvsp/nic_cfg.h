/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: nic_cfg - what the user chose for a NIC: the result of its keys (config.c).
 */
#ifndef HVHOST_NETVSP_NIC_CFG_H
#define HVHOST_NETVSP_NIC_CFG_H

#include <stdbool.h>
#include <stdint.h>

#define NIC_FRIENDLY_MAX	128

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
	bool monitor;			/* the guest's signals are bits in a page */
	unsigned int latency;		/* us until the host sees one */
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

#endif
