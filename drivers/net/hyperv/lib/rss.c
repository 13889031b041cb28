// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rss: which flow goes to which queue, and how the host is told
 *
 * Promise: a table is never in force whose entries name a queue that is not
 * there, whatever the user asked for earlier and however many queues there are
 * now; the wish survives beside it.
 *
 * Neighbours: dev resolves and sends by way of oid, ethtool checks. No state,
 * any context. Sheet 6.8, 6.9.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <asm/byteorder.h>

#include <netvsc/ndis.h>

#include "rss.h"

void netvsc_rss_init(struct netvsc_rss *rss)
{
	static const u8 key[] = NDIS_RSS_DEFAULT_KEY_BYTES;

	memset(rss, 0, sizeof(*rss));
	memcpy(rss->key, key, sizeof(key));
}

int netvsc_rss_check(const u32 *table, u32 entries, u32 host_entries,
		     u32 queues)
{
	u32 i;

	if (!entries || entries != host_entries ||
	    entries > NDIS_RSS_TABLE_ENTRIES_MAX)
		return -EINVAL;
	for (i = 0; i < entries; i++)
		if (table[i] >= queues)
			return -EINVAL;
	return 0;
}

void netvsc_rss_resolve(const struct netvsc_rss *rss, u32 queues, u16 *table,
			u32 entries)
{
	u32 i, wish;

	for (i = 0; i < entries; i++) {
		wish = rss->entries ? rss->table[i % rss->entries] : i;
		table[i] = wish % queues;
	}
}

u32 netvsc_rss_hash_info(u32 caps, u32 l3_only)
{
	u32 info = NDIS_HASH_TOEPLITZ | NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV4 |
		   NDIS_HASH_IPV6 | NDIS_HASH_TCP_IPV6;

	if ((caps & NDIS_RSS_CAP_UDP_IPV4) && !(l3_only & BIT(NETVSC_FLOW_UDP4)))
		info |= NDIS_HASH_UDP_IPV4;
	if ((caps & NDIS_RSS_CAP_UDP_IPV6) && !(l3_only & BIT(NETVSC_FLOW_UDP6)))
		info |= NDIS_HASH_UDP_IPV6;
	return info;
}

int netvsc_rss_build(const u8 *key, const u16 *table, u32 entries,
		     u32 hash_info, void *buf, size_t size)
{
	u32 table_bytes = entries * sizeof(__le32);
	struct ndis_rss_params *params = buf;
	__le32 *to = buf + sizeof(*params);
	u32 bytes, i;

	if (!entries || entries > NDIS_RSS_TABLE_ENTRIES_MAX)
		return -EINVAL;
	bytes = sizeof(*params) + table_bytes + NDIS_RSS_KEY_BYTES;
	if (bytes > size)
		return -ENOSPC;

	/* The order of stock: structure, table, key; the header counts the first. */
	*params = (struct ndis_rss_params){
		.header = {
			.type = NDIS_OBJECT_RSS_PARAMS,
			.revision = NDIS_RSS_PARAMS_REVISION,
			.size = cpu_to_le16(sizeof(*params)),
		},
		.hash_info = cpu_to_le32(hash_info),
		.table_size = cpu_to_le16(table_bytes),
		.table_offset = cpu_to_le32(sizeof(*params)),
		.key_size = cpu_to_le16(NDIS_RSS_KEY_BYTES),
		.key_offset = cpu_to_le32(sizeof(*params) + table_bytes),
	};
	for (i = 0; i < entries; i++)
		to[i] = cpu_to_le32(table[i]);
	memcpy(to + entries, key, NDIS_RSS_KEY_BYTES);
	return bytes;
}
