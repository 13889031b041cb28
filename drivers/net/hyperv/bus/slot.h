/* SPDX-License-Identifier: GPL-2.0 */
/* Room chan: what belongs to a request that is out; each kind is filled by its room. */
#ifndef _NETVSC_SLOT_H
#define _NETVSC_SLOT_H

#include <linux/types.h>

#include "lib/batch.h"

struct netvsc_rndis_req;
struct sk_buff;
struct xdp_frame;

enum netvsc_slot_kind {
	NETVSC_SLOT_FREE,
	NETVSC_SLOT_NVSP,	/* a control request of nvsp.c */
	NETVSC_SLOT_PATH,	/* a switch of the data path */
	NETVSC_SLOT_RNDIS,	/* a control message of rndis.c */
	NETVSC_SLOT_TX,		/* frames of tx.c */
	NETVSC_SLOT_MULTI,	/* a frame of tx.c over several send sections */
	NETVSC_SLOT_XDP,	/* frames of xdp_tx.c */
};

/**
 * struct netvsc_slot - what belongs to one request that is out
 * @kind: whose it is, enum netvsc_slot_kind
 * @pkts: TX, XDP: frames in it
 * @bytes: TX, XDP: of these frames
 * @section: TX, XDP: send section, NVSP_SECTION_NONE if none
 * @seq: NVSP, PATH: number of the request
 * @skb: TX: frame that ends with the request: the host reads its pages, or it was
 *	copied and its socket is to wait; NULL: none
 * @xdpf: XDP: frame whose memory the host reads, NULL if all was copied
 * @req: RNDIS: the request
 *
 * Filled by the sender before the id is allocated, the receiver's from the
 * completion on: see lib/reqid.h.
 */
struct netvsc_slot {
	u8 kind;
	u16 pkts;
	u32 bytes;
	union {
		u32 section;
		u32 seq;
	};
	union {
		struct sk_buff *skb;
		struct xdp_frame *xdpf;
		struct netvsc_rndis_req *req;
	};
};

/**
 * struct netvsc_send_open - an open send section; begins as zeros
 * @batch: what is in it
 * @section: its index
 * @bytes: of the frames in it
 */
struct netvsc_send_open {
	struct netvsc_batch batch;
	u32 section;
	u32 bytes;
};

#endif /* _NETVSC_SLOT_H */
