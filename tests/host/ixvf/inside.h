/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: ixvf inside - shared by the files of this room, nobody else. */
#ifndef HVHOST_IXVF_INSIDE_H
#define HVHOST_IXVF_INSIDE_H

#include "ixvf.h"

#define R_CTRL		0x0000u
#define R_STATUS	0x0008u
#define R_LINKS		0x0010u
#define R_EICR		0x0100u
#define R_EICS		0x0104u
#define R_EIMS		0x0108u
#define R_EIMC		0x010cu
#define R_EIAC		0x0110u
#define R_EIAM		0x0114u
#define R_IVAR		0x0120u
#define R_IVAR_MISC	0x0140u
#define R_MBMEM		0x0200u
#define R_MAILBOX	0x02fcu
#define R_RX		0x1000u		/* 0x40 for each queue */
#define R_TX		0x2000u
#define R_GPRC		0x101cu
#define R_GORC_LOW	0x1020u
#define R_GORC_HIGH	0x1024u
#define R_MPRC		0x1034u
#define R_GPTC		0x201cu
#define R_GOTC_LOW	0x2020u
#define R_GOTC_HIGH	0x2024u
#define Q_STRIDE	0x40u
/* Of a queue */
#define Q_BASE_LOW	0x00u
#define Q_BASE_HIGH	0x04u
#define Q_BYTES		0x08u
#define Q_HEAD		0x10u
#define Q_SRRCTL	0x14u
#define Q_TAIL		0x18u
#define Q_CONTROL	0x28u

#define CTRL_RESET	0x04000000u
#define QUEUE_ENABLE	0x02000000u
#define RX_VLAN_STRIP	0x40000000u
#define RX_LIMIT_ON	0x00008000u
#define RX_LIMIT	0x00003fffu
#define LINKS_UP	0x40000000u
#define LINKS_10G	0x30000000u
#define CAUSES		((1u << IXVF_VECTORS) - 1)

#define IXVF_QUEUES	8u
#define IXVF_RING_MAX	4096u
#define IXVF_MBX_WORDS	16u
#define IXVF_FRAME_MAX	65553u		/* with headers and tag, before it is cut */
#define IXVF_JUMBO	9728u
#define IXVF_MACS_MAX	32u

struct ixvf_stats {
	uint64_t tx_frames, tx_bytes, tx_segments, tx_bad, tx_link;
	uint64_t rx_frames, rx_bytes, rx_no_buffer, rx_not_ready, rx_link, rx_filter, rx_too_long;
	uint64_t interrupts, notifications, controls, controls_refused, bad_accesses, resets;
};

/* What the driver's last context descriptors say, one for each index (0 and 1). */
struct ixvf_context {
	uint32_t lens, type, mss;
};

struct ixvf {
	const struct gmem *mem;
	const struct ixvf_ops *ops;
	void *priv;
	struct ixvf_cfg cfg;
	uint32_t reg[IXVF_BYTES / 4];
	bool due[IXVF_QUEUES];		/* receive queues that got frames */
	struct ixvf_context context[IXVF_QUEUES][2];
	/* by the mailbox */
	bool talking;			/* reset was asked for and answered */
	uint32_t mailbox;		/* bits that the driver reads */
	uint32_t api;
	uint32_t lpe;			/* longest frame, CRC included */
	uint8_t mac[6];
	uint8_t macs[IXVF_MACS_MAX][6];
	unsigned int mac_cnt;
	unsigned int xcast;		/* 0 none, 1 multicast, 2 all of it, 3 everything */
	unsigned int multicasts, vlans;
	uint8_t vids[4096 / 8];		/* VLANs that pass */
	uint8_t hashes[4096 / 8];
	struct ixvf_stats stats;
};

static inline uint32_t *ixvf_reg(struct ixvf *v, uint32_t off)
{
	return &v->reg[off / 4];
}

static inline uint32_t *ixvf_rx(struct ixvf *v, unsigned int q, uint32_t off)
{
	return ixvf_reg(v, R_RX + q * Q_STRIDE + off);
}

static inline uint32_t *ixvf_tx(struct ixvf *v, unsigned int q, uint32_t off)
{
	return ixvf_reg(v, R_TX + q * Q_STRIDE + off);
}

/** ixvf_cause() - causes @bits happened: interrupts for those that are enabled */
void ixvf_cause(struct ixvf *v, uint32_t bits);
/** ixvf_queue_cause() - the cause that the driver assigned to a queue; 0: none */
uint32_t ixvf_queue_cause(struct ixvf *v, unsigned int q, bool tx);
/** ixvf_mailbox() - the driver has put a request into the mailbox */
void ixvf_mailbox(struct ixvf *v);
/** ixvf_ping() - the physical function says that something changed */
void ixvf_ping(struct ixvf *v);
/** ixvf_transmit() - the tail of a transmit queue moved */
void ixvf_transmit(struct ixvf *v, unsigned int q);

#endif
