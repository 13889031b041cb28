/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: vnet inside - shared by vnet.c (registers), vnet_ctrl.c (control queue),
 * vnet_io.c (frames) and vnet_irq.c (interrupts), nobody else.
 */
#ifndef HVHOST_VIRTIO_VNET_DEV_H
#define HVHOST_VIRTIO_VNET_DEV_H

#include "virtq.h"
#include "vnet.h"

#define F_BIT(n)		(1ull << (n))
#define F_CSUM			F_BIT(0)
#define F_GUEST_CSUM		F_BIT(1)
#define F_CTRL_GUEST_OFFLOADS	F_BIT(2)
#define F_MTU			F_BIT(3)
#define F_MAC			F_BIT(5)
#define F_HOST_TSO4		F_BIT(11)
#define F_HOST_TSO6		F_BIT(12)
#define F_MRG_RXBUF		F_BIT(15)
#define F_STATUS		F_BIT(16)
#define F_CTRL_VQ		F_BIT(17)
#define F_CTRL_RX		F_BIT(18)
#define F_MQ			F_BIT(22)
#define F_CTRL_MAC_ADDR		F_BIT(23)
#define F_INDIRECT_DESC		F_BIT(28)
#define F_VERSION_1		F_BIT(32)
#define F_RSS			F_BIT(60)
#define F_SPEED_DUPLEX		F_BIT(63)

#define S_ACKNOWLEDGE		0x01
#define S_DRIVER		0x02
#define S_DRIVER_OK		0x04
#define S_FEATURES_OK		0x08
#define S_NEEDS_RESET		0x40
#define S_FAILED		0x80

#define HDR_BYTES		12u
#define FRAME_MAX		(65535u + 18u)
#define VNET_MACS_MAX		64u
#define RSS_KEY_BYTES		40u
#define RSS_ENTRIES		64u
#define RSS_TYPES		0x3fu	/* IPv4, TCPv4, UDPv4, IPv6, TCPv6, UDPv6 */

struct vnet_stats {
	uint64_t tx_frames, tx_bytes;	/* as the driver handed them over */
	uint64_t tx_segments;		/* frames made by large sends */
	uint64_t tx_bad;		/* malformed, dropped */
	uint64_t tx_link;		/* dropped: the link was down */
	uint64_t rx_frames, rx_bytes;
	uint64_t rx_no_buffer;		/* dropped: the driver had none */
	uint64_t rx_not_ready;		/* ... it was not there */
	uint64_t rx_link;		/* ... the link was down */
	uint64_t rx_filter;		/* ... nobody wanted it */
	uint64_t interrupts, notifications;
	uint64_t controls, controls_refused;
	uint64_t bad_accesses;		/* registers that do not exist */
	uint64_t resets, broken;
};

/* Steering by the hash of a frame (5.1.6.5.7). */
struct vnet_rss {
	bool on;
	uint32_t types;
	uint16_t unclassified, mask;
	uint16_t table[RSS_ENTRIES];
	uint8_t key[RSS_KEY_BYTES];
};

struct vnet {
	const struct gmem *mem;
	const struct vnet_ops *ops;
	void *priv;
	struct vnet_cfg cfg;
	uint64_t offered, features;
	uint32_t offered_select, features_select;
	uint8_t status, generation, isr;
	uint16_t config_vector, select;
	struct virtq q[VNET_QUEUES_MAX];
	bool due[VNET_QUEUES_MAX];	/* buffers were used since the last interrupt */
	/* by the control queue */
	unsigned int pairs;		/* in use */
	uint8_t mac[6];
	bool promisc, allmulti;
	uint64_t offloads;		/* receive offloads that are on */
	struct vnet_rss rss;
	uint8_t table[VNET_MACS_MAX][6];
	unsigned int table_cnt;
	bool table_full;		/* more than we hold: everything passes */
	struct vnet_stats stats;
};

static inline unsigned int vnet_queue_cnt(const struct vnet *v)
{
	return 2 * v->cfg.pairs + 1;
}

/** vnet_control() - serve the control queue */
void vnet_control(struct vnet *v, struct virtq *q);
/** vnet_transmit() - serve a transmit queue */
void vnet_transmit(struct vnet *v, struct virtq *q);
/** vnet_used() - buffers of queue @n were used: the interrupt, if it is wanted */
void vnet_used(struct vnet *v, unsigned int n);
/** vnet_broken() - a queue broke: the driver has to reset */
void vnet_broken(struct vnet *v);

#endif
