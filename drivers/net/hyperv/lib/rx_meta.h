/* SPDX-License-Identifier: GPL-2.0 */
/* Room rx_meta: what may be believed of a received frame. */
#ifndef _NETVSC_LIB_RX_META_H
#define _NETVSC_LIB_RX_META_H

#include <linux/compiler.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include <netvsc/rndis.h>

/* Where fields are in an IP header. */
#define NETVSC_RX_IP4_BYTES		20
#define NETVSC_RX_IP4_FRAGMENT		6	/* more fragments, offset */
#define NETVSC_RX_IP4_PROTOCOL		9
#define NETVSC_RX_IP6_BYTES		40
#define NETVSC_RX_IP6_NEXT		6

/* The host verified a sum and left its field stale. R40, sheet 8.5. */
#define NETVSC_RX_META_STALE		(RNDIS_RX_CSUM_TCP_VALUE_INVALID | \
					 RNDIS_RX_CSUM_IP_VALUE_INVALID)

/**
 * struct netvsc_rx_tcp - a frame that is one TCP segment
 * @v6: IPv6, else IPv4
 * @ip: where the IP header begins; tags in the frame are before it
 * @tcp: where the TCP header begins
 * @payload: where its payload begins
 * @bytes: where the packet ends; what comes behind is padding
 *
 * All are offsets from behind the Ethernet header.
 */
struct netvsc_rx_tcp {
	bool v6;
	u32 ip;
	u32 tcp;
	u32 payload;
	u32 bytes;
};

/**
 * netvsc_rx_meta_ip_stale() - does the IPv4 header want a new checksum?
 * @csum: what the host says, RNDIS_RX_CSUM_*
 *
 * Return: true if the host verified it and says that its field is stale.
 */
static inline bool netvsc_rx_meta_ip_stale(u32 csum)
{
	return (csum & RNDIS_RX_CSUM_IP_SUCCEEDED) &&
	       (csum & RNDIS_RX_CSUM_IP_VALUE_INVALID);
}

/**
 * netvsc_rx_meta_credible() - can a verdict on TCP or UDP be true? Hot path
 * @type: Ethernet type
 * @data: what is behind the Ethernet header
 * @head: bytes there
 *
 * The host's word counts only for what it can know: TCP and UDP that are not
 * fragments. Some hosts set the bits for others. Sheet 8.5.
 *
 * Return: true if it can.
 */
static inline bool netvsc_rx_meta_credible(__be16 type, const u8 *data,
					   u32 head)
{
	if (type == cpu_to_be16(ETH_P_IP) && head >= NETVSC_RX_IP4_BYTES)
		return !((data[NETVSC_RX_IP4_FRAGMENT] & 0x3f) |
			 data[NETVSC_RX_IP4_FRAGMENT + 1]) &&
		       (data[NETVSC_RX_IP4_PROTOCOL] == IPPROTO_TCP ||
			data[NETVSC_RX_IP4_PROTOCOL] == IPPROTO_UDP);
	if (type == cpu_to_be16(ETH_P_IPV6) && head >= NETVSC_RX_IP6_BYTES)
		return data[NETVSC_RX_IP6_NEXT] == IPPROTO_TCP ||
		       data[NETVSC_RX_IP6_NEXT] == IPPROTO_UDP;
	return false;
}

/**
 * netvsc_rx_meta_fix_ip_csum() - give an IPv4 header the checksum that it lacks
 * @type: Ethernet type
 * @data: what is behind the Ethernet header
 * @head: bytes there
 *
 * Nothing is written unless the whole header is there.
 */
void netvsc_rx_meta_fix_ip_csum(__be16 type, u8 *data, u32 head);

/**
 * netvsc_rx_meta_find_tcp() - is the frame one TCP segment, and how long is it?
 * @type: Ethernet type
 * @data: what is behind the Ethernet header
 * @head: bytes there in one piece; only these are looked at
 * @bytes: of the frame behind the Ethernet header, in all pieces
 * @coalesced: the host made it of several segments, so its length is stale
 * @tcp: filled
 *
 * The length of a coalesced packet is that of its frame. Any other packet is as
 * long as its IP header says, if headers and frame allow that; one that says 0
 * is as long as its frame. Up to two tags may be in the frame, and an IPv6
 * packet may have a hop-by-hop header. Fragments are no segments.
 *
 * Return: true if it is one, with all of its headers in one piece.
 */
bool netvsc_rx_meta_find_tcp(__be16 type, const u8 *data, u32 head, u32 bytes,
			     bool coalesced, struct netvsc_rx_tcp *tcp);

/**
 * netvsc_rx_meta_fix_headers() - make stale headers those of the packet
 * @data: what is behind the Ethernet header
 * @tcp: from netvsc_rx_meta_find_tcp() of the same bytes
 * @ip_stale: the IPv4 checksum is stale too
 *
 * The IP length becomes that of the packet, the TCP checksum field the sum over
 * the pseudo header: the sum over all from @tcp->tcp to @tcp->bytes, inverted, is
 * then the checksum.
 */
void netvsc_rx_meta_fix_headers(u8 *data, const struct netvsc_rx_tcp *tcp,
				bool ip_stale);

#endif /* _NETVSC_LIB_RX_META_H */
