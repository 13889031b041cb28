/* SPDX-License-Identifier: GPL-2.0 */
/* Room tx: large frames in a VM whose memory the host cannot read. */
#ifndef _NETVSC_TX_MULTI_H
#define _NETVSC_TX_MULTI_H

#include "netvsc.h"

/* Enough for 64 KB in sections of 6144 bytes, and ranges for all of them. */
#define NETVSC_TX_MULTI_MAX	12

/**
 * struct netvsc_tx_multi - the sections that a frame is spread over
 * @cnt: how many
 * @section: which
 */
struct netvsc_tx_multi {
	u16 cnt;
	u16 section[NETVSC_TX_MULTI_MAX];
};

/**
 * netvsc_tx_multi_max() - the largest frame
 * @nvdev: the device, its send buffer known to the host
 *
 * Return: bytes, without the RNDIS header; 0: the sections are of no use.
 */
u32 netvsc_tx_multi_max(const struct netvsc_device *nvdev);

/**
 * netvsc_tx_multi_has_room() - are there sections for another frame?
 * @nvdev: the device
 * @bytes: of the frame
 *
 * Context: any; others may take them.
 * Return: true: there are.
 */
bool netvsc_tx_multi_has_room(const struct netvsc_device *nvdev, u32 bytes);

/**
 * netvsc_tx_multi_claim() - sections for a frame
 * @q: the queue
 * @multi: filled
 * @bytes: of the frame and its header
 *
 * Return: 0, -E2BIG, -ENOSPC (none is taken then).
 */
int netvsc_tx_multi_claim(struct netvsc_queue *q,
			  struct netvsc_tx_multi *multi, u32 bytes);

/**
 * netvsc_tx_multi_copy() - the frame, behind its header
 * @q: the queue, its page list is filled
 * @multi: from netvsc_tx_multi_claim()
 * @skb: the frame
 * @hdr: bytes of the header; it is written to where this returns
 *
 * Return: where the header belongs, or ERR_PTR(-E2BIG): too many ranges.
 */
void *netvsc_tx_multi_copy(struct netvsc_queue *q,
			   const struct netvsc_tx_multi *multi,
			   const struct sk_buff *skb, u32 hdr);

/**
 * netvsc_tx_multi_release() - undo netvsc_tx_multi_claim()
 * @nvdev: the device
 * @multi: from there
 *
 * Context: any.
 */
void netvsc_tx_multi_release(struct netvsc_device *nvdev,
			     const struct netvsc_tx_multi *multi);

#endif /* _NETVSC_TX_MULTI_H */
