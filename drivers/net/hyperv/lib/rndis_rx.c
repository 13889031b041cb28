// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rndis_rx: what a message in the receive buffer says
 *
 * Promise: facts about a message are either true of the private copy they were
 * read from or not given at all. Offsets are inside the message, the PPI pass
 * ends whatever the host wrote, no sum overflows.
 *
 * Neighbours: rx.c (frames, hot path) and rndis.c (answers, indications) call;
 * nothing is called. The receive buffer stays writable by the host, so these
 * functions see private copies only and the caller reads each byte of the
 * buffer once. No state, any context.
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include <netvsc/rndis.h>

#include "get.h"
#include "rndis_rx.h"

/* Shortest message of each type that may come in; 0 for all others. */
static u32 fixed_bytes(u32 type)
{
	switch (type) {
	case RNDIS_MSG_PACKET:
		return sizeof(struct rndis_packet);
	case RNDIS_MSG_INDICATE_STATUS:
		return sizeof(struct rndis_indicate_status);
	case RNDIS_MSG_INITIALIZE_CMPLT:
		return RNDIS_INITIALIZE_CMPLT_MIN_BYTES;
	case RNDIS_MSG_QUERY_CMPLT:
		return sizeof(struct rndis_query_cmplt);
	case RNDIS_MSG_SET_CMPLT:
	case RNDIS_MSG_KEEPALIVE_CMPLT:
		return sizeof(struct rndis_completion);
	default:
		return 0;
	}
}

static enum netvsc_rndis_kind kind_of(u32 type)
{
	switch (type) {
	case RNDIS_MSG_PACKET:
		return NETVSC_RNDIS_PACKET;
	case RNDIS_MSG_INDICATE_STATUS:
		return NETVSC_RNDIS_STATUS;
	default:
		return NETVSC_RNDIS_ANSWER;
	}
}

int netvsc_rndis_rx_classify(const void *head, size_t avail, u32 range_bytes)
{
	const struct rndis_header *hdr = head;
	u32 type, length, fixed;

	if (avail < sizeof(*hdr))
		return -EPROTO;
	type = le32_to_cpu(hdr->type);
	length = le32_to_cpu(hdr->length);
	fixed = fixed_bytes(type);
	if (!fixed || length < fixed || length > range_bytes)
		return -EPROTO;

	/* Answers are copied again, in whole, by those who wait for them. */
	if (type == RNDIS_MSG_PACKET && avail < sizeof(struct rndis_packet))
		return -EPROTO;
	return kind_of(type);
}

/* Out-of-band data is never used; it only must not be nonsense. */
static bool oob_ok(const struct rndis_packet *pkt, u32 body)
{
	u32 length = le32_to_cpu(pkt->oob_length);
	u32 offset = le32_to_cpu(pkt->oob_offset);

	return !length || (offset >= RNDIS_PACKET_PPI_OFFSET &&
			   netvsc_inside(offset, length, body));
}

/* Sets the place of the PPI block; @body: bytes of the message from byte 8 on. */
static bool ppi_block_ok(const struct rndis_packet *pkt, u32 body,
			 struct netvsc_rx_facts *facts)
{
	u32 offset = le32_to_cpu(pkt->ppi_offset);
	u32 length = le32_to_cpu(pkt->ppi_length);

	if (!offset || !length)
		return true;
	if (offset < RNDIS_PACKET_PPI_OFFSET || offset % RNDIS_PPI_ALIGN ||
	    length < RNDIS_PPI_HEADER_BYTES ||
	    length > NETVSC_RX_PPI_MAX_BYTES ||
	    !netvsc_inside(offset, length, body))
		return false;

	facts->ppi_offset = RNDIS_OFFSET_BASE + offset;
	facts->ppi_len = length;
	return true;
}

static bool overlap(const struct netvsc_rx_facts *facts)
{
	/* Both areas are known to lie inside the message: no overflow. */
	return facts->ppi_len &&
	       facts->ppi_offset < facts->data_offset + facts->data_len &&
	       facts->data_offset < facts->ppi_offset + facts->ppi_len;
}

int netvsc_rndis_rx_packet(const struct rndis_packet *pkt,
			   struct netvsc_rx_facts *facts)
{
	/* Offsets count from byte 8, so everything is held against this. */
	u32 body = le32_to_cpu(pkt->length) - RNDIS_OFFSET_BASE;
	u32 offset = le32_to_cpu(pkt->data_offset);
	u32 length = le32_to_cpu(pkt->data_length);

	*facts = (struct netvsc_rx_facts){};

	if (offset < RNDIS_PACKET_PPI_OFFSET || !length ||
	    !netvsc_inside(offset, length, body))
		return -EPROTO;
	facts->data_offset = RNDIS_OFFSET_BASE + offset;
	facts->data_len = length;

	if (!ppi_block_ok(pkt, body, facts) || overlap(facts) ||
	    !oob_ok(pkt, body))
		return -EPROTO;
	return 0;
}

static u16 vlan_tci(u32 data)
{
	return FIELD_GET(RNDIS_VLAN_PRIO, data) << 13 |
	       FIELD_GET(RNDIS_VLAN_DEI, data) << 12 |
	       FIELD_GET(RNDIS_VLAN_VID, data);
}

static void note_packet_id(const u8 *data, struct netvsc_rx_facts *facts)
{
	const struct rndis_packet_id *id = (const struct rndis_packet_id *)data;
	u8 flags = id->flags;

	facts->packet_id = netvsc_get_le32(data) >> 16;
	if (flags & RNDIS_PKT_ID_FRAGMENTED)
		facts->fragment = flags & (RNDIS_PKT_ID_FRAGMENTED |
					   RNDIS_PKT_ID_FIRST |
					   RNDIS_PKT_ID_LAST);
}

/* First element of a type wins. */
static bool first(struct netvsc_rx_facts *facts, u8 what)
{
	if (facts->has & what)
		return false;
	facts->has |= what;
	return true;
}

static void note(u32 type, const u8 *data, struct netvsc_rx_facts *facts)
{
	switch (type) {
	case RNDIS_PPI_CSUM:
		if (first(facts, NETVSC_RX_HAS_CSUM))
			facts->csum = netvsc_get_le32(data);
		break;
	case RNDIS_PPI_VLAN:
		if (first(facts, NETVSC_RX_HAS_VLAN))
			facts->vlan_tci = vlan_tci(netvsc_get_le32(data));
		break;
	case RNDIS_PPI_HASH_VALUE:
		if (first(facts, NETVSC_RX_HAS_HASH))
			facts->hash = netvsc_get_le32(data);
		break;
	case RNDIS_PPI_HASH_INFO:
		if (first(facts, NETVSC_RX_HAS_HASH_INFO))
			facts->hash_info = netvsc_get_le32(data);
		break;
	case RNDIS_PPI_PACKET_ID:
		if (first(facts, NETVSC_RX_HAS_PACKET_ID))
			note_packet_id(data, facts);
		break;
	}
}

static bool known(u32 type)
{
	switch (type) {
	case RNDIS_PPI_CSUM:
	case RNDIS_PPI_VLAN:
	case RNDIS_PPI_HASH_VALUE:
	case RNDIS_PPI_HASH_INFO:
	case RNDIS_PPI_PACKET_ID:
		return true;
	default:
		return false;
	}
}

/*
 * Each turn moves on by an element of at least its header's size, so the walk
 * ends; no element is looked at before it is known to lie in the block.
 */
static int walk(const u8 *ppi, u32 rest, struct netvsc_rx_facts *facts)
{
	while (rest) {
		u32 size, type, offset;

		if (rest < RNDIS_PPI_HEADER_BYTES)
			return -EPROTO;
		size = netvsc_get_le32(ppi);
		type = netvsc_get_le32(ppi + 4);
		offset = netvsc_get_le32(ppi + 8);
		if (size < RNDIS_PPI_HEADER_BYTES || size > rest ||
		    size % RNDIS_PPI_ALIGN)
			return -EPROTO;
		if (offset < RNDIS_PPI_HEADER_BYTES || offset > size)
			return -EPROTO;
		if (known(type)) {
			if (size - offset < RNDIS_PPI_DATA_BYTES)
				return -EPROTO;
			note(type, ppi + offset, facts);
		}
		ppi += size;
		rest -= size;
	}
	return 0;
}

int netvsc_rndis_rx_ppis(const void *ppis, struct netvsc_rx_facts *facts)
{
	int err;

	err = walk(ppis, facts->ppi_len, facts);
	if (err)
		return err;

	/* What follows the first fragment has no header of its own. */
	if (facts->fragment && !(facts->fragment & RNDIS_PKT_ID_FIRST))
		return 0;
	return facts->data_len < RNDIS_FRAME_MIN_BYTES ? -EPROTO : 0;
}

int netvsc_rndis_rx_parse(const void *msg, size_t avail, u32 range_bytes,
			  struct netvsc_rx_facts *facts)
{
	int err;

	err = netvsc_rndis_rx_classify(msg, avail, range_bytes);
	if (err != NETVSC_RNDIS_PACKET)
		return -EPROTO;
	err = netvsc_rndis_rx_packet(msg, facts);
	if (err)
		return err;
	if (!netvsc_inside(facts->ppi_offset, facts->ppi_len, avail))
		return -EPROTO;
	return netvsc_rndis_rx_ppis((const u8 *)msg + facts->ppi_offset, facts);
}

/* Info buffer of a query that succeeded. Sheet 5.4. */
static bool info_ok(const struct rndis_query_cmplt *msg,
		    struct netvsc_rndis_answer *answer)
{
	u32 body = le32_to_cpu(msg->length) - RNDIS_OFFSET_BASE;
	u32 length = le32_to_cpu(msg->info_length);
	u32 offset = le32_to_cpu(msg->info_offset);

	if (!length)
		return true;
	if (offset < RNDIS_QUERY_CMPLT_INFO_OFFSET ||
	    !netvsc_inside(offset, length, body))
		return false;

	answer->info_offset = RNDIS_OFFSET_BASE + offset;
	answer->info_len = length;
	return true;
}

int netvsc_rndis_rx_answer(const void *msg, size_t len,
			   struct netvsc_rndis_answer *answer)
{
	const struct rndis_completion *cmplt = msg;
	int kind;

	/* The copy must hold the whole message: its length counts as range. */
	kind = netvsc_rndis_rx_classify(msg, len, min_t(size_t, len, U32_MAX));
	if (kind != NETVSC_RNDIS_ANSWER)
		return -EPROTO;

	*answer = (struct netvsc_rndis_answer){
		.type = le32_to_cpu(cmplt->type),
		.request_id = le32_to_cpu(cmplt->request_id),
		.status = le32_to_cpu(cmplt->status),
	};
	if (answer->type != RNDIS_MSG_QUERY_CMPLT ||
	    answer->status != RNDIS_STATUS_SUCCESS)
		return 0;
	return info_ok(msg, answer) ? 0 : -EPROTO;
}

int netvsc_rndis_rx_init(const void *msg, size_t len,
			 struct netvsc_rndis_init *init)
{
	const struct rndis_initialize_cmplt *cmplt = msg;

	if (len < RNDIS_INITIALIZE_CMPLT_MIN_BYTES ||
	    le32_to_cpu(cmplt->type) != RNDIS_MSG_INITIALIZE_CMPLT)
		return -EPROTO;
	init->max_packets = le32_to_cpu(cmplt->max_packets);
	init->max_transfer_bytes = le32_to_cpu(cmplt->max_transfer_size);
	init->alignment_exp = le32_to_cpu(cmplt->alignment_exp);
	return 0;
}

int netvsc_rndis_rx_status(const void *msg, size_t len,
			   struct netvsc_rndis_status *status)
{
	const struct rndis_indicate_status *ind = msg;
	u32 length, offset;
	int kind;

	kind = netvsc_rndis_rx_classify(msg, len, min_t(size_t, len, U32_MAX));
	if (kind != NETVSC_RNDIS_STATUS)
		return -EPROTO;

	*status = (struct netvsc_rndis_status){
		.status = le32_to_cpu(ind->status),
	};
	length = le32_to_cpu(ind->buffer_length);
	offset = le32_to_cpu(ind->buffer_offset);
	if (!length)
		return 0;
	if (offset < RNDIS_STATUS_BUFFER_OFFSET ||
	    !netvsc_inside(offset, length, len - RNDIS_OFFSET_BASE))
		return -EPROTO;

	status->buf_offset = RNDIS_OFFSET_BASE + offset;
	status->buf_len = length;
	if (length >= sizeof(__le32))
		status->value = netvsc_get_le32((const u8 *)msg +
						status->buf_offset);
	return 0;
}
