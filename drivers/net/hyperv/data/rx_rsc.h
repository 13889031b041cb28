/* SPDX-License-Identifier: GPL-2.0 */
/* Room rx: what a frame with stale sums tells the stack; for rx.c. */
#ifndef _NETVSC_RX_RSC_H
#define _NETVSC_RX_RSC_H

#include <linux/types.h>

struct netvsc_rsc;
struct sk_buff;

/**
 * netvsc_rx_rsc_setup_gso() - make a frame with stale sums one that can be forwarded
 * @skb: the frame, after eth_type_trans()
 * @rsc: how it came
 * @ip_stale: the IPv4 checksum of one that came whole is stale too
 * @mtu: of the interface
 *
 * For TCP: the IP length of a coalesced frame is that of the frame; one that came
 * whole is as long as its IP header says, and padding is cut off. The TCP checksum
 * is left to the next sender; GSO size, segments and type. Sheet 8.5; R40, R42. The
 * host has verified the TCP checksums of the segments.
 *
 * Return: false if it is no TCP, its headers are not all there, or they say a
 * length that cannot be.
 */
bool netvsc_rx_rsc_setup_gso(struct sk_buff *skb, const struct netvsc_rsc *rsc,
			     bool ip_stale, u32 mtu);

/**
 * netvsc_rx_rsc_setup_changed() - say how a frame that a program changed can be cut
 * @skb: the frame, after eth_type_trans(); its sums are those of its bytes
 * @mtu: of the interface
 *
 * If it is TCP still, with an IP length that is the frame's, and longer than the
 * MTU: GSO size, segments and type. The stack verifies the checksum.
 */
void netvsc_rx_rsc_setup_changed(struct sk_buff *skb, u32 mtu);

#endif /* _NETVSC_RX_RSC_H */
