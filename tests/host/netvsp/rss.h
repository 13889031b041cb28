/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: rss - receive scaling.
 */
#ifndef HVHOST_NETVSP_RSS_H
#define HVHOST_NETVSP_RSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netvsc/ndis.h>

struct nic;

struct nic_rss {
	bool enabled;
	uint32_t types;			/* NDIS_HASH_* */
	uint8_t key[NDIS_RSS_KEY_BYTES];
	uint32_t table[NDIS_RSS_TABLE_ENTRIES_MAX];
	unsigned int entries;
};

/**
 * rss_caps() - the answer to the capabilities
 *
 * Return: bytes put into @out.
 */
size_t rss_caps(const struct nic *nic, const uint8_t *in, size_t in_len, uint8_t *out);

/**
 * rss_set() - RSS parameters of the guest
 *
 * Return: the RNDIS status.
 */
uint32_t rss_set(struct nic *nic, const uint8_t *in, size_t len);

/**
 * rss_queue() - where a frame for the guest goes
 * @hash, @type: for the PPIs; type 0: none
 *
 * Return: the index of a channel.
 */
unsigned int rss_queue(const struct nic *nic, const uint8_t *frame, size_t len,
		       uint32_t *hash, uint32_t *type);

/** rss_reset() - off */
void rss_reset(struct nic *nic);

#endif
