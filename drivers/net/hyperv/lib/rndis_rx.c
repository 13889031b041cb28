// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rndis_rx: what a message in the receive buffer says
 *
 * Promise: facts about a message are either true of the private copy they were
 * read from or not given at all. Offsets are inside the message, the PPI pass
 * ends whatever the host wrote, no sum overflows.
 *
 * Neighbours: rx.c (frames, hot path) and rndis.c (answers, indications) call;
 * nothing is called. The receive buffer stays writable by the host: a frame's
 * header and PPIs are read there, each word once and into a register; all the
 * rest is looked at in private copies only. No state, any context.
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
static bool oob_ok(u64 oob, u32 body)
{
	u32 offset = oob, length = oob >> 32;

	return !length || (offset >= RNDIS_PACKET_PPI_OFFSET &&
			   netvsc_inside(offset, length, body));
}

/* Sets the place of the PPI block; @body: bytes of the message from byte 8 on. */
static bool ppi_block_ok(u64 ppi, u32 body, struct netvsc_rx_facts *facts)
{
	u32 offset = ppi, length = ppi >> 32;

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

/* Two neighbouring fields of struct rndis_packet, the first one in front. */
#define PAIR(msg, first)						\
	netvsc_once_le64((msg) + offsetof(struct rndis_packet, first))

/* The fixed part; offsets in it count from byte 8, as @body does. */
static int parse_fixed(const void *msg, u32 body, struct netvsc_rx_facts *facts)
{
	u64 data = PAIR(msg, data_offset);
	u32 offset = data, length = data >> 32;

	*facts = (struct netvsc_rx_facts){};

	if (offset < RNDIS_PACKET_PPI_OFFSET || !length ||
	    !netvsc_inside(offset, length, body))
		return -EPROTO;
	facts->data_offset = RNDIS_OFFSET_BASE + offset;
	facts->data_len = length;

	if (!ppi_block_ok(PAIR(msg, ppi_offset), body, facts) ||
	    overlap(facts) || !oob_ok(PAIR(msg, oob_offset), body))
		return -EPROTO;
	return 0;
}

static u16 vlan_tci(u32 data)
{
	return FIELD_GET(RNDIS_VLAN_PRIO, data) << 13 |
	       FIELD_GET(RNDIS_VLAN_DEI, data) << 12 |
	       FIELD_GET(RNDIS_VLAN_VID, data);
}

static void note_vlan(u32 data, struct netvsc_rx_facts *facts)
{
	facts->vlan_word = data;
	facts->vlan_tci = vlan_tci(data);
}

/* struct rndis_packet_id in one word: version, flags, id. */
static void note_packet_id(u32 data, struct netvsc_rx_facts *facts)
{
	u8 flags = data >> 8;

	facts->id_word = data;
	facts->packet_id = data >> 16;
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

static void note(u32 type, u32 data, struct netvsc_rx_facts *facts)
{
	switch (type) {
	case RNDIS_PPI_CSUM:
		if (first(facts, NETVSC_RX_HAS_CSUM))
			facts->csum = data;
		break;
	case RNDIS_PPI_VLAN:
		if (first(facts, NETVSC_RX_HAS_VLAN))
			note_vlan(data, facts);
		break;
	case RNDIS_PPI_HASH_VALUE:
		if (first(facts, NETVSC_RX_HAS_HASH))
			facts->hash = data;
		break;
	case RNDIS_PPI_HASH_INFO:
		if (first(facts, NETVSC_RX_HAS_HASH_INFO))
			facts->hash_info = data;
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
 * ends; no element is looked at before it is known to lie in the block, and
 * none is looked at twice.
 */
static int walk(const u8 *ppi, u32 rest, struct netvsc_rx_facts *facts)
{
	while (rest) {
		u32 size, type, offset;
		u64 head;

		if (rest < RNDIS_PPI_HEADER_BYTES)
			return -EPROTO;
		head = netvsc_once_le64(ppi);
		size = head;
		type = head >> 32;
		offset = netvsc_once_le32(ppi + 8);
		if (size < RNDIS_PPI_HEADER_BYTES || size > rest ||
		    size % RNDIS_PPI_ALIGN)
			return -EPROTO;
		if (offset < RNDIS_PPI_HEADER_BYTES || offset > size)
			return -EPROTO;
		if (likely(size - offset >= RNDIS_PPI_DATA_BYTES))
			note(type, netvsc_once_le32(ppi + offset), facts);
		else if (known(type))
			return -EPROTO;
		ppi += size;
		rest -= size;
	}
	return 0;
}

/* What follows the first fragment has no header of its own. */
static bool frame_too_short(const struct netvsc_rx_facts *facts)
{
	if (facts->fragment && !(facts->fragment & RNDIS_PKT_ID_FIRST))
		return false;
	return facts->data_len < RNDIS_FRAME_MIN_BYTES;
}

int netvsc_rndis_rx_parse(const void *msg, size_t avail, u32 range_bytes,
			  struct netvsc_rx_facts *facts)
{
	u64 header;
	u32 length;
	int err;

	if (avail < sizeof(struct rndis_header))
		return -EPROTO;
	header = PAIR(msg, type);
	if ((u32)header != RNDIS_MSG_PACKET)
		return -ENOMSG;
	length = header >> 32;
	if (avail < sizeof(struct rndis_packet) ||
	    length < sizeof(struct rndis_packet) || length > range_bytes)
		return -EPROTO;

	err = parse_fixed(msg, length - RNDIS_OFFSET_BASE, facts);
	if (err)
		return err;
	if (!netvsc_inside(facts->ppi_offset, facts->ppi_len, avail))
		return -EPROTO;
	err = walk(msg + facts->ppi_offset, facts->ppi_len, facts);
	if (err)
		return err;
	return frame_too_short(facts) ? -EPROTO : 0;
}

/* ---- messages like others ---- */

/* All PPIs of a shape are as long as the only ones there are. */
#define SHAPE_PPI_BYTES	(RNDIS_PPI_HEADER_BYTES + RNDIS_PPI_DATA_BYTES)

/* Where the word of a PPI goes and what it is; false for those nobody asks for. */
static bool find_word(u32 type, u8 *to, u8 *what)
{
	static const struct {
		u32 type;
		u8 to;
		u8 what;
	} words[] = {
#define WORD(name, field, has)						\
	{ RNDIS_PPI_##name, (offsetof(struct netvsc_rx_facts, field) -	\
			     offsetof(struct netvsc_rx_facts, words)) / 4, \
	  NETVSC_RX_HAS_##has }
		WORD(CSUM, csum, CSUM),
		WORD(HASH_VALUE, hash, HASH),
		WORD(HASH_INFO, hash_info, HASH_INFO),
		WORD(VLAN, vlan_word, VLAN),
		WORD(PACKET_ID, id_word, PACKET_ID),
#undef WORD
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].type != type)
			continue;
		*to = words[i].to;
		*what = words[i].what;
		return true;
	}
	return false;
}

/*
 * The fixed part was found good. The PPIs are read a second time, so all that a
 * shape promises about them is looked at here.
 */
static noinline void learn(const void *msg,
			   const struct netvsc_rx_facts *facts,
			   struct netvsc_rx_shape *shape)
{
	const u8 *ppi = msg + facts->ppi_offset;
	struct netvsc_rx_shape new = {};
	u8 what;

	*shape = new;
	/* A frame that ends inside the message has them inside then, too. */
	if (!facts->ppi_len || facts->ppi_len % SHAPE_PPI_BYTES ||
	    facts->ppi_len > NETVSC_RX_WORDS * SHAPE_PPI_BYTES ||
	    facts->ppi_offset + facts->ppi_len > facts->data_offset)
		return;
	for (; new.cnt < facts->ppi_len / SHAPE_PPI_BYTES; new.cnt++) {
		u64 head = netvsc_once_le64(ppi);

		if ((u32)head != SHAPE_PPI_BYTES ||
		    netvsc_once_le32(ppi + 8) != RNDIS_PPI_HEADER_BYTES ||
		    !find_word(head >> 32, &new.to[new.cnt], &what) ||
		    new.has & what)
			return;
		new.heads[new.cnt] = head;
		new.has |= what;
		ppi += SHAPE_PPI_BYTES;
	}
	new.ppi = (facts->ppi_offset - RNDIS_OFFSET_BASE) |
		  (u64)facts->ppi_len << 32;
	new.not_data_offset = ~(facts->data_offset - RNDIS_OFFSET_BASE);
	*shape = new;
}

/* What is made of words. */
static void note_pieces(struct netvsc_rx_facts *facts)
{
	if (facts->has & NETVSC_RX_HAS_VLAN)
		note_vlan(facts->vlan_word, facts);
	if (facts->has & NETVSC_RX_HAS_PACKET_ID)
		note_packet_id(facts->id_word, facts);
}

static __always_inline bool ppi_is_like(const u8 *ppi, u32 i,
					const struct netvsc_rx_shape *shape,
					struct netvsc_rx_facts *facts)
{
	u64 tail;

	ppi += i * SHAPE_PPI_BYTES;
	if (netvsc_once_le64(ppi) != shape->heads[i])
		return false;
	/* Where the data is, and the data. */
	tail = netvsc_once_le64(ppi + 8);
	if ((u32)tail != RNDIS_PPI_HEADER_BYTES)
		return false;
	facts->words[shape->to[i]] = tail >> 32;
	return true;
}

netvsc_static_assert(NETVSC_RX_WORDS == 5);

/* Few enough to be written out, which costs less than counting them. */
static __always_inline bool ppis_are_like(const u8 *ppi,
					  const struct netvsc_rx_shape *shape,
					  struct netvsc_rx_facts *facts)
{
	u32 cnt = shape->cnt;

	return ppi_is_like(ppi, 0, shape, facts) &&
	       (cnt == 1 || (ppi_is_like(ppi, 1, shape, facts) &&
	       (cnt == 2 || (ppi_is_like(ppi, 2, shape, facts) &&
	       (cnt == 3 || (ppi_is_like(ppi, 3, shape, facts) &&
	       (cnt == 4 || ppi_is_like(ppi, 4, shape, facts))))))));
}

/* Of the fixed part what a shape does not promise: type, lengths, no OOB data. */
static bool is_like(const u8 *msg, u32 bytes, u64 ppi,
		    const struct netvsc_rx_shape *shape,
		    struct netvsc_rx_facts *facts)
{
	u64 header = PAIR(msg, type), data = PAIR(msg, data_offset);
	u32 length = header >> 32, offset = data, data_len = data >> 32;

	if ((u32)header != RNDIS_MSG_PACKET || length > bytes ||
	    ppi != shape->ppi || offset != ~shape->not_data_offset ||
	    data_len < RNDIS_FRAME_MIN_BYTES ||
	    (u64)offset + data_len + RNDIS_OFFSET_BASE > length ||
	    PAIR(msg, oob_offset) >> 32)
		return false;
	facts->data_offset = RNDIS_OFFSET_BASE + offset;
	facts->data_len = data_len;
	facts->ppi_offset = RNDIS_OFFSET_BASE + (u32)ppi;
	facts->ppi_len = ppi >> 32;
	/* One by one: a few moves, where the whole would be a string instruction. */
	facts->csum = 0;
	facts->hash = 0;
	facts->hash_info = 0;
	facts->vlan_word = 0;
	facts->id_word = 0;
	facts->vlan_tci = 0;
	facts->packet_id = 0;
	facts->fragment = 0;
	facts->has = shape->has;
	return ppis_are_like(msg + facts->ppi_offset, shape, facts);
}

int netvsc_rndis_rx_parse_like(const void *msg, u32 bytes,
			       struct netvsc_rx_facts *facts,
			       struct netvsc_rx_shape *shapes)
{
	struct netvsc_rx_shape *shape;
	u64 ppi;
	int err;

	if (unlikely(bytes < sizeof(struct rndis_packet)))
		return netvsc_rndis_rx_parse(msg, bytes, bytes, facts);
	ppi = PAIR(msg, ppi_offset);
	shape = &shapes[(ppi >> 32) / SHAPE_PPI_BYTES % NETVSC_RX_SHAPES];
	if (likely(is_like(msg, bytes, ppi, shape, facts))) {
		if (unlikely(facts->has & (NETVSC_RX_HAS_VLAN |
					   NETVSC_RX_HAS_PACKET_ID)))
			note_pieces(facts);
		return 0;
	}
	err = netvsc_rndis_rx_parse(msg, bytes, bytes, facts);
	if (!err)
		learn(msg, facts, shape);
	return err;
}

/* ---- answers and indications ---- */

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

int netvsc_rndis_rx_peek(const void *msg, size_t len, u32 *type, u32 *id)
{
	const struct rndis_request *head = msg;

	if (len < sizeof(*head))
		return -EPROTO;
	*type = le32_to_cpu(head->type);
	*id = le32_to_cpu(head->request_id);
	return 0;
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
