// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: packet - frames taken apart, and the sums over them. No state.
 */
#include <string.h>
#include <netvsc/ndis.h>
#include "packet.h"

uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, v >> 16);
	put_be16(p + 2, v & 0xffff);
}

static uint32_t at_most(uint32_t n, uint32_t limit)
{
	return n < limit ? n : limit;
}

/* The transport header of @proto at @off, when it is whole and within the packet. */
static void parse_l4(const uint8_t *frame, struct pkt_info *info, uint32_t off,
		     uint8_t proto)
{
	uint32_t end = info->l3_off + info->l3_len;

	info->l4_proto = proto;
	if (off > end)
		return;
	if (proto == IP_PROTO_TCP) {
		if (end - off < TCP_HEADER_BYTES)
			return;
		if ((frame[off + 12] >> 4) * 4u < TCP_HEADER_BYTES ||
		    (frame[off + 12] >> 4) * 4u > end - off)
			return;
	} else if (proto != IP_PROTO_UDP || end - off < UDP_HEADER_BYTES) {
		return;
	}
	info->l4_off = off;
	info->l4_len = end - off;
}

static void parse_ip4(const uint8_t *frame, size_t rest, struct pkt_info *info)
{
	const uint8_t *ip = frame + info->l3_off;
	uint32_t header, total;

	if (rest < IPV4_HEADER_BYTES || ip[0] >> 4 != 4)
		return;
	header = (ip[0] & 15) * 4;
	total = get_be16(ip + 2);
	if (header < IPV4_HEADER_BYTES || header > rest)
		return;
	info->is_ip4 = true;
	/* Total length 0 is what a large send carries: it ends with the frame. */
	info->l3_len = total ? at_most(total, rest) : rest;
	if (info->l3_len < header)
		return;
	info->l4_proto = ip[9];
	info->is_fragment = get_be16(ip + 6) & 0x3fff;
	if (!info->is_fragment)
		parse_l4(frame, info, info->l3_off + header, ip[9]);
}

static bool is_ip6_extension(uint8_t proto)
{
	return proto == 0 || proto == 43 || proto == 44 || proto == 60;
}

static void parse_ip6(const uint8_t *frame, size_t rest, struct pkt_info *info)
{
	const uint8_t *ip = frame + info->l3_off;
	uint32_t off = IPV6_HEADER_BYTES;
	uint32_t payload;
	uint8_t proto;

	if (rest < IPV6_HEADER_BYTES || ip[0] >> 4 != 6)
		return;
	payload = get_be16(ip + 4);
	info->is_ip6 = true;
	info->l3_len = payload ? at_most(payload + IPV6_HEADER_BYTES, rest) : rest;
	for (proto = ip[6]; is_ip6_extension(proto); ) {
		uint32_t size;

		if (info->l3_len - off < 8)
			return;
		size = proto == 44 ? 8 : (ip[off + 1] + 1u) * 8;
		if (size > info->l3_len - off)
			return;
		if (proto == 44 && (get_be16(ip + off + 2) & 0xfff9))
			info->is_fragment = true;
		proto = ip[off];
		off += size;
	}
	info->l4_proto = proto;
	if (!info->is_fragment)
		parse_l4(frame, info, info->l3_off + off, proto);
}

void pkt_parse(const uint8_t *frame, size_t len, struct pkt_info *info)
{
	size_t off = ETH_HEADER_BYTES;

	memset(info, 0, sizeof(*info));
	if (len < ETH_HEADER_BYTES)
		return;
	info->ethertype = get_be16(frame + 12);
	while (info->ethertype == ETH_TYPE_VLAN && len - off >= ETH_TAG_BYTES) {
		info->ethertype = get_be16(frame + off + 2);
		off += ETH_TAG_BYTES;
	}
	if (off > 64)
		return;
	info->l3_off = off;
	if (info->ethertype == ETH_TYPE_IPV4)
		parse_ip4(frame, len - off, info);
	else if (info->ethertype == ETH_TYPE_IPV6)
		parse_ip6(frame, len - off, info);
}

uint32_t csum_partial(const uint8_t *buf, size_t len, uint32_t sum)
{
	uint64_t acc = sum;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		acc += (uint32_t)(buf[i] << 8 | buf[i + 1]);
	if (len & 1)
		acc += (uint32_t)buf[len - 1] << 8;
	acc = (acc & 0xffffffff) + (acc >> 32);
	return (uint32_t)((acc & 0xffffffff) + (acc >> 32));
}

uint16_t csum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

uint16_t pkt_pseudo_sum(const uint8_t *frame, const struct pkt_info *info,
			uint32_t l4_len)
{
	const uint8_t *ip = frame + info->l3_off;
	uint32_t sum = info->l4_proto;

	sum += l4_len >> 16;
	sum += l4_len & 0xffff;
	if (info->is_ip4)
		return csum_fold(csum_partial(ip + 12, 8, sum));
	return csum_fold(csum_partial(ip + 8, 32, sum));
}

uint16_t pkt_l4_csum_field(const struct pkt_info *info)
{
	return info->l4_off + (info->l4_proto == IP_PROTO_TCP ? 16 : 6);
}

static uint16_t l4_sum(const uint8_t *frame, const struct pkt_info *info)
{
	return csum_fold(csum_partial(frame + info->l4_off, info->l4_len,
				      pkt_pseudo_sum(frame, info, info->l4_len)));
}

void pkt_fill_l4_csum(uint8_t *frame, const struct pkt_info *info)
{
	uint8_t *field = frame + pkt_l4_csum_field(info);
	uint16_t csum;

	put_be16(field, 0);
	csum = (uint16_t)~l4_sum(frame, info);
	if (!csum && info->l4_proto == IP_PROTO_UDP)
		csum = 0xffff;
	put_be16(field, csum);
}

void pkt_fill_ip4_csum(uint8_t *frame, const struct pkt_info *info)
{
	uint8_t *ip = frame + info->l3_off;

	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~csum_fold(csum_partial(ip, (ip[0] & 15) * 4, 0)));
}

bool pkt_l4_csum_good(const uint8_t *frame, const struct pkt_info *info)
{
	if (info->l4_proto == IP_PROTO_UDP && info->is_ip4 &&
	    !get_be16(frame + pkt_l4_csum_field(info)))
		return true;
	return l4_sum(frame, info) == 0xffff;
}

bool pkt_ip4_csum_good(const uint8_t *frame, const struct pkt_info *info)
{
	const uint8_t *ip = frame + info->l3_off;

	return csum_fold(csum_partial(ip, (ip[0] & 15) * 4, 0)) == 0xffff;
}

uint32_t pkt_toeplitz(const uint8_t key[TOEPLITZ_KEY_BYTES], const uint8_t *in, size_t len)
{
	uint32_t window = get_be32(key);
	uint32_t hash = 0;
	size_t i;
	int bit;

	for (i = 0; i < len && i + 4 < TOEPLITZ_KEY_BYTES; i++) {
		for (bit = 7; bit >= 0; bit--) {
			if (in[i] >> bit & 1)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> bit & 1);
		}
	}
	return hash;
}

/* Addresses of @frame into @in; with the ports when the type says so. */
static size_t hash_input(const uint8_t *frame, const struct pkt_info *info, bool ports,
			 uint8_t in[36])
{
	const uint8_t *ip = frame + info->l3_off;
	size_t n = info->is_ip4 ? 8 : 32;

	memcpy(in, info->is_ip4 ? ip + 12 : ip + 8, n);
	if (ports)
		memcpy(in + n, frame + info->l4_off, 4);
	return ports ? n + 4 : n;
}

uint32_t pkt_hash(const uint8_t *frame, const struct pkt_info *info, uint32_t types,
		  const uint8_t key[TOEPLITZ_KEY_BYTES], uint32_t *type)
{
	uint32_t l3, tcp, udp;
	uint8_t in[36];
	bool ports;

	*type = 0;
	if (!info->is_ip4 && !info->is_ip6)
		return 0;
	l3 = info->is_ip4 ? NDIS_HASH_IPV4 : NDIS_HASH_IPV6;
	tcp = info->is_ip4 ? NDIS_HASH_TCP_IPV4 : NDIS_HASH_TCP_IPV6;
	udp = info->is_ip4 ? NDIS_HASH_UDP_IPV4 : NDIS_HASH_UDP_IPV6;
	if (info->l4_off && info->l4_proto == IP_PROTO_TCP && (types & tcp))
		*type = tcp;
	else if (info->l4_off && info->l4_proto == IP_PROTO_UDP && (types & udp))
		*type = udp;
	else if (types & l3)
		*type = l3;
	if (!*type)
		return 0;
	ports = *type != l3;
	return pkt_toeplitz(key, in, hash_input(frame, info, ports, in));
}
