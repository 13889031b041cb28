// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rss - receive scaling: capabilities, parameters by their offsets, and the
 * queue of a frame (netvsc-wire.md 6.8, 6.9).
 */
#include <string.h>
#include "../backend/packet.h"
#include "nic.h"

#define HASH_TYPES	(NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV4 | NDIS_HASH_IPV6 | \
			 NDIS_HASH_IPV6_EX | NDIS_HASH_TCP_IPV6 | NDIS_HASH_TCP_IPV6_EX)
#define HASH_TYPES_UDP	(NDIS_HASH_UDP_IPV4 | NDIS_HASH_UDP_IPV6 | NDIS_HASH_UDP_IPV6_EX)

static uint32_t legal_types(const struct nic *nic)
{
	return HASH_TYPES | (nic->cfg.udp_hash == UDP_HASH_ON ? HASH_TYPES_UDP : 0);
}

size_t rss_caps(const struct nic *nic, const uint8_t *in, size_t in_len, uint8_t *out)
{
	struct ndis_rss_caps c = {
		.header = { NDIS_OBJECT_RSS_CAPS, NDIS_RSS_CAPS_REVISION,
			    htole16(NDIS_RSS_CAPS_REV2_BYTES) },
		.flags = htole32(NDIS_RSS_CAP_TOEPLITZ | NDIS_RSS_CAP_TCP_IPV4 |
				 NDIS_RSS_CAP_TCP_IPV6),
		.interrupt_msgs = htole32(1),
		.rx_queues = htole32(nic->cfg.queues),
		.table_entries = htole16((uint16_t)nic->cfg.rss_entries),
	};
	size_t size = NDIS_RSS_CAPS_REV2_BYTES;

	if (nic->cfg.udp_hash == UDP_HASH_ON)
		c.flags |= htole32(NDIS_RSS_CAP_UDP_IPV4 | NDIS_RSS_CAP_UDP_IPV6);
	if (in_len >= 2 && in[1] == 1 && !nic->cfg.caps_newest) {
		c.header.revision = 1;
		size = NDIS_RSS_CAPS_REV1_BYTES;
		c.header.size = htole16((uint16_t)size);
	}
	memcpy(out, &c, size);
	return size;
}

static uint32_t bad(struct nic *nic, const char *name, const uint8_t *in, size_t len,
		    const char *why, uint32_t v)
{
	nic_violation(nic, name, in, len, "RSS parameters: %s (%u) (6.8)", why, v);
	return RNDIS_STATUS_INVALID_DATA;
}

/*
 * Until sub-channels are asked for, any queue the host has may come; then those
 * that opened: a guest without the second one has the third.
 */
static bool may_name(const struct nic *nic, uint32_t entry)
{
	if (!nic->subs_asked)
		return entry < nic->cfg.queues;
	return entry < NVSP_MAX_CHANNELS && nic->q[entry] && nic->q[entry]->open;
}

static uint32_t set_table(struct nic *nic, struct nic_rss *r, const uint8_t *in,
			  size_t len, uint32_t off, uint32_t size)
{
	unsigned int i;

	if (!size || size % 4 || size / 4 > NDIS_RSS_TABLE_ENTRIES_MAX)
		return bad(nic, "netvsp.rss.table_size", in, len, "table size", size);
	if (size / 4 > nic->cfg.rss_entries)
		return bad(nic, "netvsp.rss.table_size", in, len,
			   "more entries than offered", size / 4);
	if (off < NDIS_RSS_PARAMS_REV1_BYTES || off > len || size > len - off)
		return bad(nic, "netvsp.rss.table_outside", in, len,
			   "table outside of the message", off);
	r->entries = size / 4;
	for (i = 0; i < r->entries; i++) {
		__le32 e;

		memcpy(&e, in + off + i * 4, 4);
		r->table[i] = le32toh(e);
		if (!may_name(nic, r->table[i]))
			return bad(nic, "netvsp.rss.table_entry", in, len,
				   "entry is no open channel", r->table[i]);
	}
	return RNDIS_STATUS_SUCCESS;
}

/*
 * The queues start anew: frames on their way to the guest are lost, and what is still to be
 * completed counts as sent.
 */
static void restart(struct nic *nic)
{
	unsigned int i;

	nic->events->drop_frames(nic);
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			done_hurry(nic->q[i]);
}

static uint32_t read_params(struct nic *nic, const uint8_t *in, size_t len)
{
	struct nic_rss r = { 0 };
	struct ndis_rss_params p = { 0 };
	uint32_t flags, hash, off, status;

	if (len < NDIS_RSS_PARAMS_REV1_BYTES)
		return bad(nic, "netvsp.rss.short", in, len, "length", (uint32_t)len);
	memcpy(&p, in, len < sizeof(p) ? len : sizeof(p));
	if (p.header.type != NDIS_OBJECT_RSS_PARAMS || !p.header.revision ||
	    le16toh(p.header.size) > len)
		return bad(nic, "netvsp.rss.header", in, len, "object header", p.header.type);
	flags = le16toh(p.flags);
	hash = le32toh(p.hash_info);
	if (flags & NDIS_RSS_PARAM_DISABLE || !(hash & NDIS_HASH_FUNCTION)) {
		nic->rss.enabled = false;
		return RNDIS_STATUS_SUCCESS;
	}
	if ((hash & NDIS_HASH_FUNCTION) != NDIS_HASH_TOEPLITZ ||
	    hash & NDIS_HASH_TYPES & ~legal_types(nic) || hash & 0xff000000)
		return bad(nic, "netvsp.rss.hash_info", in, len, "hash information", hash);
	off = le32toh(p.key_offset);
	if (le16toh(p.key_size) != NDIS_RSS_KEY_BYTES)
		return bad(nic, "netvsp.rss.key_size", in, len, "key size",
			   le16toh(p.key_size));
	if (off < NDIS_RSS_PARAMS_REV1_BYTES || off > len ||
	    len - off < NDIS_RSS_KEY_BYTES)
		return bad(nic, "netvsp.rss.key_outside", in, len,
			   "key outside of the message", off);
	memcpy(r.key, in + off, NDIS_RSS_KEY_BYTES);
	status = set_table(nic, &r, in, len, le32toh(p.table_offset),
			   le16toh(p.table_size));
	if (status)
		return status;
	r.types = hash & NDIS_HASH_TYPES;
	r.enabled = true;
	nic->rss = r;
	return RNDIS_STATUS_SUCCESS;
}

uint32_t rss_set(struct nic *nic, const uint8_t *in, size_t len)
{
	uint32_t status = read_params(nic, in, len);

	if (status == RNDIS_STATUS_SUCCESS) {
		nic->rss_sets++;
		if (nic->cfg.rss_restart)
			restart(nic);
	}
	return status;
}

unsigned int rss_queue(const struct nic *nic, const uint8_t *frame, size_t len,
		       uint32_t *hash, uint32_t *type)
{
	const struct nic_rss *r = &nic->rss;
	struct pkt_info info;
	uint32_t types;
	unsigned int q;

	*type = 0;
	*hash = 0;
	if (!r->enabled)
		return 0;
	pkt_parse(frame, len, &info);
	types = r->types;
	if (nic->cfg.udp_hash == UDP_HASH_TCP && info.l4_proto == IP_PROTO_UDP)
		types |= NDIS_HASH_UDP_IPV4 | NDIS_HASH_UDP_IPV6;
	*hash = pkt_hash(frame, &info, types, r->key, type);
	if (!*type)
		return 0;
	if (*type & ~r->types & NDIS_HASH_UDP_IPV4)
		*type = NDIS_HASH_TCP_IPV4;
	else if (*type & ~r->types & NDIS_HASH_UDP_IPV6)
		*type = NDIS_HASH_TCP_IPV6;
	q = r->table[*hash % r->entries];
	/* A table set before the channel came, or a channel that is closing. */
	return q < NVSP_MAX_CHANNELS && nic->q[q] && nic->q[q]->open ? q : 0;
}

void rss_reset(struct nic *nic)
{
	memset(&nic->rss, 0, sizeof(nic->rss));
}
