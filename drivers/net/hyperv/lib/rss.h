/* SPDX-License-Identifier: GPL-2.0 */
/* Room rss: which flow goes to which queue, and how the host is told. */
#ifndef _NETVSC_LIB_RSS_H
#define _NETVSC_LIB_RSS_H

#include <linux/types.h>

#include <netvsc/ndis.h>

/**
 * enum netvsc_flow - protocols whose hash level can be chosen
 * @NETVSC_FLOW_TCP4: TCP over IPv4
 * @NETVSC_FLOW_TCP6: TCP over IPv6
 * @NETVSC_FLOW_UDP4: UDP over IPv4
 * @NETVSC_FLOW_UDP6: UDP over IPv6
 */
enum netvsc_flow {
	NETVSC_FLOW_TCP4,
	NETVSC_FLOW_TCP6,
	NETVSC_FLOW_UDP4,
	NETVSC_FLOW_UDP6,
};

/**
 * struct netvsc_rss - what the user wants; the host agreed to it
 * @key: of the Toeplitz hash
 * @keyed: it is a wish; else the default
 * @entries: of @table; 0: no wish, the queues take turns
 * @table: queue by hash
 */
struct netvsc_rss {
	u8 key[NDIS_RSS_KEY_BYTES];
	bool keyed;
	u16 entries;
	u16 table[NDIS_RSS_TABLE_ENTRIES_MAX];
};

/* Holds the message for any table. */
#define NETVSC_RSS_MSG_MAX_BYTES \
	(sizeof(struct ndis_rss_params) + NDIS_RSS_KEY_BYTES + \
	 NDIS_RSS_TABLE_ENTRIES_MAX * sizeof(__le32))

/**
 * netvsc_rss_init() - default key, no wish for a table
 * @rss: set up
 */
void netvsc_rss_init(struct netvsc_rss *rss);

/**
 * netvsc_rss_check() - is this a table for so many queues?
 * @table: queue by hash, by the user
 * @entries: its entries
 * @host_entries: those of the host
 * @queues: in use
 *
 * Return: 0, -EINVAL: other size, or a queue that does not exist (R75).
 */
int netvsc_rss_check(const u32 *table, u32 entries, u32 host_entries,
		     u32 queues);

/**
 * netvsc_rss_resolve() - the table that is in force
 * @rss: the wish
 * @queues: that exist now, not 0
 * @table: filled
 * @entries: of @table, as the host has them, up to NDIS_RSS_TABLE_ENTRIES_MAX
 *
 * A wish for another number of entries is repeated or cut, one for a queue that
 * is not there falls on another: the wish itself stays (R73).
 */
void netvsc_rss_resolve(const struct netvsc_rss *rss, u32 queues, u16 *table,
			u32 entries);

/**
 * netvsc_rss_hash_info() - what the host shall hash
 * @caps: NDIS_RSS_CAP_* of the host
 * @l3_only: bits of enum netvsc_flow: addresses alone
 *
 * TCP always with its ports; UDP so where the host can do it, and unless its
 * bit is set. Sheet 6.8, 6.9.
 *
 * Return: NDIS_HASH_*.
 */
u32 netvsc_rss_hash_info(u32 caps, u32 l3_only);

/**
 * netvsc_rss_build() - value of OID_GEN_RECEIVE_SCALE_PARAMETERS
 * @key: NDIS_RSS_KEY_BYTES
 * @table: channel by hash, as the host counts channels
 * @entries: its entries
 * @hash_info: NDIS_HASH_*
 * @buf: where to, 4-byte aligned
 * @size: bytes there; NETVSC_RSS_MSG_MAX_BYTES always do
 *
 * All of it at once and without switching RSS off before: a gap would reorder
 * flows (R75). Sheet 6.8.
 *
 * Return: bytes, -ENOSPC, -EINVAL (no entries, or too many).
 */
int netvsc_rss_build(const u8 *key, const u16 *table, u32 entries,
		     u32 hash_info, void *buf, size_t size);

#endif /* _NETVSC_LIB_RSS_H */
