// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rx_meta: what may be believed of a received frame
 *
 * Promise: whatever is in a frame, nothing is read or written behind the bytes that
 * are there in one piece, and no length is believed that the frame contradicts.
 *
 *	                      one range            several fragments
 *	IP length             believed             that of the frame
 *	IPv4 checksum         made anew if stale   made anew
 *	TCP checksum          made anew            made anew
 *	behind the IP length  padding, cut off     (there is nothing)
 *
 * Neighbours: rx.c and rx_rsc.c do this to an skb, xdp_sums.c to the buffer that a
 * program is about to see. The frame is a private copy. No state, no locks.
 */
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "rx_meta.h"

#define TAG_BYTES	4
#define TAGS_MAX	2

#define IP4_LENGTH	2
#define IP4_CSUM	10
#define IP4_ADDRESSES	12
#define IP4_ADDR_BYTES	8
#define IP6_LENGTH	4
#define IP6_ADDRESSES	8
#define IP6_ADDR_BYTES	32
#define TCP_BYTES	20
#define TCP_DOFF	12
#define TCP_CSUM	16

static u16 meta_get16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

static void meta_put16(u8 *at, u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* @bytes is even, and there are too few of them for an overflow. */
static u32 meta_add(u32 sum, const u8 *at, u32 bytes)
{
	for (; bytes; at += 2, bytes -= 2)
		sum += meta_get16(at);
	return sum;
}

static u16 meta_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return sum + (sum >> 16);
}

/* Bytes of the tags in front of the packet; *type is that of the packet. */
static u32 meta_skip_tags(u16 *type, const u8 *data, u32 head)
{
	u32 at = 0;

	while ((*type == ETH_P_8021Q || *type == ETH_P_8021AD) &&
	       at < TAGS_MAX * TAG_BYTES && head - at >= TAG_BYTES) {
		*type = meta_get16(data + at + 2);
		at += TAG_BYTES;
	}
	return at;
}

/* Bytes of a whole IPv4 header, 0 if it is none. */
static u32 meta_ip4_bytes(const u8 *ip, u32 head)
{
	u32 bytes;

	if (head < NETVSC_RX_IP4_BYTES || ip[0] >> 4 != 4)
		return 0;
	bytes = (ip[0] & 0xf) * 4;
	return bytes >= NETVSC_RX_IP4_BYTES && bytes <= head ? bytes : 0;
}

static void meta_put_ip_csum(u8 *ip)
{
	meta_put16(ip + IP4_CSUM, 0);
	meta_put16(ip + IP4_CSUM,
		   ~meta_fold(meta_add(0, ip, (ip[0] & 0xf) * 4)));
}

void netvsc_rx_meta_fix_ip_csum(__be16 type, u8 *data, u32 head)
{
	u16 kind = be16_to_cpu(type);
	u32 at = meta_skip_tags(&kind, data, head);

	if (kind == ETH_P_IP && meta_ip4_bytes(data + at, head - at))
		meta_put_ip_csum(data + at);
}

/* Bytes of the IPv4 header in front of TCP, and of the packet if it says so. */
static u32 meta_ip4(const u8 *ip, u32 head, u32 *length)
{
	u32 bytes = meta_ip4_bytes(ip, head);

	if (!bytes || ip[NETVSC_RX_IP4_PROTOCOL] != IPPROTO_TCP ||
	    (meta_get16(ip + NETVSC_RX_IP4_FRAGMENT) & 0x3fff))
		return 0;
	*length = meta_get16(ip + IP4_LENGTH);
	return bytes;
}

/* The same for IPv6; what may stand between changes no address. */
static u32 meta_ip6(const u8 *ip, u32 head, u32 *length)
{
	u32 bytes = NETVSC_RX_IP6_BYTES;
	u8 next;

	if (head < bytes || ip[0] >> 4 != 6)
		return 0;
	*length = meta_get16(ip + IP6_LENGTH);
	next = ip[NETVSC_RX_IP6_NEXT];
	if (next == IPPROTO_HOPOPTS && *length && head - bytes >= 8) {
		next = ip[bytes];
		bytes += 8 * (ip[bytes + 1] + 1);
	}
	if (*length)
		*length += NETVSC_RX_IP6_BYTES;
	return next == IPPROTO_TCP ? bytes : 0;
}

/* What the IP header says, or all that is there; 0 if neither can be. */
static u32 meta_packet_bytes(const struct netvsc_rx_tcp *tcp, u32 said,
			     u32 there, bool coalesced)
{
	if (coalesced || !said)
		return there <= U16_MAX ? there : 0;
	return said <= there && said >= tcp->payload - tcp->ip ? said : 0;
}

bool netvsc_rx_meta_find_tcp(__be16 type, const u8 *data, u32 head, u32 bytes,
			     bool coalesced, struct netvsc_rx_tcp *tcp)
{
	u16 kind = be16_to_cpu(type);
	u32 length, n;

	tcp->ip = meta_skip_tags(&kind, data, head);
	tcp->v6 = kind == ETH_P_IPV6;
	if (kind != ETH_P_IP && !tcp->v6)
		return false;
	n = tcp->v6 ? meta_ip6(data + tcp->ip, head - tcp->ip, &length) :
		      meta_ip4(data + tcp->ip, head - tcp->ip, &length);
	tcp->tcp = tcp->ip + n;
	if (!n || head < tcp->tcp || head - tcp->tcp < TCP_BYTES)
		return false;
	n = (data[tcp->tcp + TCP_DOFF] >> 4) * 4;
	if (n < TCP_BYTES || n > head - tcp->tcp)
		return false;
	tcp->payload = tcp->tcp + n;
	n = meta_packet_bytes(tcp, length, bytes - tcp->ip, coalesced);
	tcp->bytes = tcp->ip + n;
	return n;
}

void netvsc_rx_meta_fix_headers(u8 *data, const struct netvsc_rx_tcp *tcp,
				bool ip_stale)
{
	u32 bytes = tcp->bytes - tcp->tcp, sum = IPPROTO_TCP + bytes;
	u8 *ip = data + tcp->ip;

	if (tcp->v6) {
		meta_put16(ip + IP6_LENGTH,
			   tcp->bytes - tcp->ip - NETVSC_RX_IP6_BYTES);
		sum = meta_add(sum, ip + IP6_ADDRESSES, IP6_ADDR_BYTES);
	} else {
		meta_put16(ip + IP4_LENGTH, tcp->bytes - tcp->ip);
		sum = meta_add(sum, ip + IP4_ADDRESSES, IP4_ADDR_BYTES);
		if (ip_stale)
			meta_put_ip_csum(ip);
	}
	meta_put16(data + tcp->tcp + TCP_CSUM, meta_fold(sum));
}
