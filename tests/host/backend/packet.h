/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: packet - reading Ethernet frames: headers, checksums, the Toeplitz hash.
 *
 * Pure functions over a private copy of a frame. Whatever the bytes are, nothing
 * outside (frame, len) is read; an unknown or cut header ends the parse where it
 * stands. Numbers are in host order unless said otherwise.
 */
#ifndef HVHOST_BACKEND_PACKET_H
#define HVHOST_BACKEND_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ETH_ADDR_BYTES		6
#define ETH_HEADER_BYTES	14
#define ETH_TAG_BYTES		4
#define ETH_TYPE_IPV4		0x0800
#define ETH_TYPE_VLAN		0x8100
#define ETH_TYPE_IPV6		0x86dd
#define IP_PROTO_TCP		6
#define IP_PROTO_UDP		17
#define IPV4_HEADER_BYTES	20
#define IPV6_HEADER_BYTES	40
#define TCP_HEADER_BYTES	20
#define UDP_HEADER_BYTES	8

/* What a frame is. Offsets count from its first byte; 0 = not there. */
struct pkt_info {
	uint16_t ethertype;	/* behind inline tags */
	uint16_t l3_off;
	uint16_t l4_off;	/* of TCP or UDP, only when the whole header is there */
	uint8_t l4_proto;	/* IP_PROTO_*, or what the last known header says */
	bool is_ip4;
	bool is_ip6;
	bool is_fragment;	/* then l4_off is 0 */
	uint32_t l3_len;	/* bytes from l3_off to the end by the IP length field, <= frame */
	uint32_t l4_len;	/* bytes from l4_off to the same end */
};

/** pkt_parse() - find the headers of a frame */
void pkt_parse(const uint8_t *frame, size_t len, struct pkt_info *info);

/**
 * get_be16() - read two bytes
 *
 * Return: the number.
 */
uint16_t get_be16(const uint8_t *p);

/**
 * get_be32() - read four bytes
 *
 * Return: the number.
 */
uint32_t get_be32(const uint8_t *p);

/** put_be16() - write two bytes */
void put_be16(uint8_t *p, uint16_t v);

/** put_be32() - write four bytes */
void put_be32(uint8_t *p, uint32_t v);

/**
 * csum_partial() - one's complement sum of big-endian words, added to @sum
 *
 * Return: the sum, not folded.
 */
uint32_t csum_partial(const uint8_t *buf, size_t len, uint32_t sum);

/**
 * csum_fold() - 32 bits to 16
 *
 * Return: the sum, not complemented.
 */
uint16_t csum_fold(uint32_t sum);

/**
 * pkt_pseudo_sum() - pseudo-header sum with @l4_len (netvsc-wire.md 7.2, 7.3)
 *
 * Return: the sum, folded.
 */
uint16_t pkt_pseudo_sum(const uint8_t *frame, const struct pkt_info *info,
			uint32_t l4_len);

/**
 * pkt_l4_csum_field() - where the checksum of TCP or UDP stands
 *
 * Return: its offset in the frame.
 */
uint16_t pkt_l4_csum_field(const struct pkt_info *info);

/** pkt_fill_l4_csum() - compute from scratch and store; UDP 0 becomes 0xFFFF */
void pkt_fill_l4_csum(uint8_t *frame, const struct pkt_info *info);

/** pkt_fill_ip4_csum() - the same for the IPv4 header */
void pkt_fill_ip4_csum(uint8_t *frame, const struct pkt_info *info);

/**
 * pkt_l4_csum_good() - verify TCP or UDP; a UDP checksum of 0 over IPv4 is good
 *
 * Return: true if it is right.
 */
bool pkt_l4_csum_good(const uint8_t *frame, const struct pkt_info *info);

/**
 * pkt_ip4_csum_good() - verify the IPv4 header
 *
 * Return: true if it is right.
 */
bool pkt_ip4_csum_good(const uint8_t *frame, const struct pkt_info *info);

#define TOEPLITZ_KEY_BYTES	40

/**
 * pkt_toeplitz() - hash of @len input bytes (netvsc-wire.md 6.9); @len <= 36
 *
 * Return: the hash.
 */
uint32_t pkt_toeplitz(const uint8_t key[TOEPLITZ_KEY_BYTES], const uint8_t *in, size_t len);

/**
 * pkt_hash() - receive hash of a frame for the enabled types
 * @types: NDIS_HASH_* bits the guest asked for
 * @type: gets the one NDIS_HASH_* bit that applied, 0 = not hashable
 *
 * Return: the hash, 0 with @type 0.
 */
uint32_t pkt_hash(const uint8_t *frame, const struct pkt_info *info, uint32_t types,
		  const uint8_t key[TOEPLITZ_KEY_BYTES], uint32_t *type);

#endif
