// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rndis_rx: what a message in the receive buffer says
 *
 * Promise: the meta data of a message are either true of the private copy they were
 * read from or absent. Offsets are inside the message, the PPI pass
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
static u32 rndis_fixed_bytes(u32 type)
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

static enum netvsc_rndis_kind rndis_kind_of(u32 type)
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
	fixed = rndis_fixed_bytes(type);
	if (!fixed || length < fixed || length > range_bytes)
		return -EPROTO;

	/* Answers are copied again, in whole, by those who wait for them. */
	if (type == RNDIS_MSG_PACKET && avail < sizeof(struct rndis_packet))
		return -EPROTO;
	return rndis_kind_of(type);
}

/* Out-of-band data is never used; it only must not be nonsense. */
static bool rndis_oob_ok(u64 oob, u32 body)
{
	u32 offset = oob, length = oob >> 32;

	return !length || (offset >= RNDIS_PACKET_PPI_OFFSET &&
			   netvsc_inside(offset, length, body));
}

/* Sets the place of the PPI block; @body: bytes of the message from byte 8 on. */
static bool rndis_ppi_block_ok(u64 ppi, u32 body, struct netvsc_rx_meta *meta)
{
	u32 offset = ppi, length = ppi >> 32;

	if (!offset || !length)
		return true;
	if (offset < RNDIS_PACKET_PPI_OFFSET || offset % RNDIS_PPI_ALIGN ||
	    length < RNDIS_PPI_HEADER_BYTES ||
	    length > NETVSC_RX_PPI_MAX_BYTES ||
	    !netvsc_inside(offset, length, body))
		return false;

	meta->ppi_offset = RNDIS_OFFSET_BASE + offset;
	meta->ppi_len = length;
	return true;
}

static bool rndis_areas_overlap(const struct netvsc_rx_meta *meta)
{
	/* Both areas are known to lie inside the message: no overflow. */
	return meta->ppi_len &&
	       meta->ppi_offset < meta->data_offset + meta->data_len &&
	       meta->data_offset < meta->ppi_offset + meta->ppi_len;
}

/* Two neighbouring fields of struct rndis_packet, the first one in front. */
#define PAIR(msg, first)						\
	netvsc_once_le64((msg) + offsetof(struct rndis_packet, first))

/* The fixed part; offsets in it count from byte 8, as @body does. */
static int rndis_parse_fixed(const void *msg, u32 body,
			     struct netvsc_rx_meta *meta)
{
	u64 data = PAIR(msg, data_offset);
	u32 offset = data, length = data >> 32;

	*meta = (struct netvsc_rx_meta){};

	if (offset < RNDIS_PACKET_PPI_OFFSET || !length ||
	    !netvsc_inside(offset, length, body))
		return -EPROTO;
	meta->data_offset = RNDIS_OFFSET_BASE + offset;
	meta->data_len = length;

	if (!rndis_ppi_block_ok(PAIR(msg, ppi_offset), body, meta) ||
	    rndis_areas_overlap(meta) ||
	    !rndis_oob_ok(PAIR(msg, oob_offset), body))
		return -EPROTO;
	return 0;
}

static u16 rndis_vlan_tci(u32 data)
{
	return FIELD_GET(RNDIS_VLAN_PRIO, data) << 13 |
	       FIELD_GET(RNDIS_VLAN_DEI, data) << 12 |
	       FIELD_GET(RNDIS_VLAN_VID, data);
}

static void rndis_set_vlan(u32 data, struct netvsc_rx_meta *meta)
{
	meta->vlan_word = data;
	meta->vlan_tci = rndis_vlan_tci(data);
}

/* struct rndis_packet_id in one word: version, flags, id. */
static void rndis_set_packet_id(u32 data, struct netvsc_rx_meta *meta)
{
	u8 flags = data >> 8;

	meta->id_word = data;
	meta->packet_id = data >> 16;
	if (flags & RNDIS_PKT_ID_FRAGMENTED)
		meta->fragment = flags & (RNDIS_PKT_ID_FRAGMENTED |
					  RNDIS_PKT_ID_FIRST |
					  RNDIS_PKT_ID_LAST);
}

/* First element of a type wins. */
static bool rndis_ppi_is_first(struct netvsc_rx_meta *meta, u8 what)
{
	if (meta->has & what)
		return false;
	meta->has |= what;
	return true;
}

static void rndis_set_ppi(u32 type, u32 data, struct netvsc_rx_meta *meta)
{
	switch (type) {
	case RNDIS_PPI_CSUM:
		if (rndis_ppi_is_first(meta, NETVSC_RX_HAS_CSUM))
			meta->csum = data;
		break;
	case RNDIS_PPI_VLAN:
		if (rndis_ppi_is_first(meta, NETVSC_RX_HAS_VLAN))
			rndis_set_vlan(data, meta);
		break;
	case RNDIS_PPI_HASH_VALUE:
		if (rndis_ppi_is_first(meta, NETVSC_RX_HAS_HASH))
			meta->hash = data;
		break;
	case RNDIS_PPI_HASH_INFO:
		if (rndis_ppi_is_first(meta, NETVSC_RX_HAS_HASH_INFO))
			meta->hash_info = data;
		break;
	case RNDIS_PPI_PACKET_ID:
		if (rndis_ppi_is_first(meta, NETVSC_RX_HAS_PACKET_ID))
			rndis_set_packet_id(data, meta);
		break;
	}
}

static bool rndis_ppi_known(u32 type)
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

/* A host that is newer than this driver can teach its authors. */
static void rndis_count_unknown(u32 type, u32 *unknown)
{
	if (unknown)
		unknown[min_t(u32, type, NETVSC_RX_PPI_TYPES - 1)]++;
}

/*
 * Each turn moves on by an element of at least its header's size, so the walk
 * ends; no element is looked at before it is known to lie in the block, and
 * none is looked at twice.
 */
static int rndis_walk_ppis(const u8 *ppi, u32 rest, struct netvsc_rx_meta *meta,
			   u32 *unknown)
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
		if (likely(rndis_ppi_known(type))) {
			if (size - offset < RNDIS_PPI_DATA_BYTES)
				return -EPROTO;
			rndis_set_ppi(type, netvsc_once_le32(ppi + offset),
				      meta);
		} else {
			rndis_count_unknown(type, unknown);
		}
		ppi += size;
		rest -= size;
	}
	return 0;
}

/* What follows the first fragment has no header of its own. */
static bool rndis_frame_too_short(const struct netvsc_rx_meta *meta)
{
	if (meta->fragment && !(meta->fragment & RNDIS_PKT_ID_FIRST))
		return false;
	return meta->data_len < RNDIS_FRAME_MIN_BYTES;
}

static int rndis_rx_parse(const void *msg, size_t avail, u32 range_bytes,
			  struct netvsc_rx_meta *meta, u32 *unknown)
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

	err = rndis_parse_fixed(msg, length - RNDIS_OFFSET_BASE, meta);
	if (err)
		return err;
	if (!netvsc_inside(meta->ppi_offset, meta->ppi_len, avail))
		return -EPROTO;
	err = rndis_walk_ppis(msg + meta->ppi_offset, meta->ppi_len, meta,
			      unknown);
	if (err)
		return err;
	return rndis_frame_too_short(meta) ? -EPROTO : 0;
}

int netvsc_rndis_rx_parse(const void *msg, size_t avail, u32 range_bytes,
			  struct netvsc_rx_meta *meta)
{
	return rndis_rx_parse(msg, avail, range_bytes, meta, NULL);
}

/* ---- templates ---- */

/* All PPIs of a template are as long as the only ones there are. */
#define TEMPLATE_PPI_BYTES	(RNDIS_PPI_HEADER_BYTES + RNDIS_PPI_DATA_BYTES)

/* Where the word of a PPI goes and what it is; false for those nobody asks for. */
static bool rndis_find_word(u32 type, u8 *to, u8 *what)
{
	static const struct {
		u32 type;
		u8 to;
		u8 what;
	} words[] = {
#define WORD(name, field, has)						\
	{ RNDIS_PPI_##name, (offsetof(struct netvsc_rx_meta, field) -	\
			     offsetof(struct netvsc_rx_meta, words)) / 4, \
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
 * template promises about them is looked at here.
 */
static noinline void rndis_learn_template(const void *msg,
					  const struct netvsc_rx_meta *meta,
					  struct netvsc_rx_template *template)
{
	const u8 *ppi = msg + meta->ppi_offset;
	struct netvsc_rx_template new = {};
	u8 what;

	*template = new;
	/* A frame that ends inside the message has them inside then, too. */
	if (!meta->ppi_len || meta->ppi_len % TEMPLATE_PPI_BYTES ||
	    meta->ppi_len > NETVSC_RX_WORDS * TEMPLATE_PPI_BYTES ||
	    meta->ppi_offset + meta->ppi_len > meta->data_offset)
		return;
	for (; new.cnt < meta->ppi_len / TEMPLATE_PPI_BYTES; new.cnt++) {
		u64 head = netvsc_once_le64(ppi);

		if ((u32)head != TEMPLATE_PPI_BYTES ||
		    netvsc_once_le32(ppi + 8) != RNDIS_PPI_HEADER_BYTES ||
		    !rndis_find_word(head >> 32, &new.to[new.cnt], &what) ||
		    new.has & what)
			return;
		new.heads[new.cnt] = head;
		new.has |= what;
		ppi += TEMPLATE_PPI_BYTES;
	}
	new.ppi = (meta->ppi_offset - RNDIS_OFFSET_BASE) |
		  (u64)meta->ppi_len << 32;
	new.not_data_offset = ~(meta->data_offset - RNDIS_OFFSET_BASE);
	*template = new;
}

/* What is made of words. */
static void rndis_split_words(struct netvsc_rx_meta *meta)
{
	if (meta->has & NETVSC_RX_HAS_VLAN)
		rndis_set_vlan(meta->vlan_word, meta);
	if (meta->has & NETVSC_RX_HAS_PACKET_ID)
		rndis_set_packet_id(meta->id_word, meta);
}

static __always_inline bool
rndis_ppi_matches(const u8 *ppi, u32 i,
		  const struct netvsc_rx_template *template,
		  struct netvsc_rx_meta *meta)
{
	u64 tail;

	ppi += i * TEMPLATE_PPI_BYTES;
	if (netvsc_once_le64(ppi) != template->heads[i])
		return false;
	/* Where the data is, and the data. */
	tail = netvsc_once_le64(ppi + 8);
	if ((u32)tail != RNDIS_PPI_HEADER_BYTES)
		return false;
	meta->words[template->to[i]] = tail >> 32;
	return true;
}

netvsc_static_assert(NETVSC_RX_WORDS == 5);

/* Few enough to be written out, which costs less than counting them. */
static __always_inline bool
rndis_ppis_match(const u8 *ppi, const struct netvsc_rx_template *template,
		 struct netvsc_rx_meta *meta)
{
	u32 cnt = template->cnt;

	return rndis_ppi_matches(ppi, 0, template, meta) &&
	       (cnt == 1 || (rndis_ppi_matches(ppi, 1, template, meta) &&
	       (cnt == 2 || (rndis_ppi_matches(ppi, 2, template, meta) &&
	       (cnt == 3 || (rndis_ppi_matches(ppi, 3, template, meta) &&
	       (cnt == 4 || rndis_ppi_matches(ppi, 4, template, meta))))))));
}

/* Of the fixed part what a template does not promise: type, lengths, no OOB data. */
static bool rndis_matches_template(const u8 *msg, u32 bytes, u64 ppi,
				   const struct netvsc_rx_template *template,
				   struct netvsc_rx_meta *meta)
{
	u64 header = PAIR(msg, type), data = PAIR(msg, data_offset);
	u32 length = header >> 32, offset = data, data_len = data >> 32;

	if ((u32)header != RNDIS_MSG_PACKET || length > bytes ||
	    ppi != template->ppi || offset != ~template->not_data_offset ||
	    data_len < RNDIS_FRAME_MIN_BYTES ||
	    (u64)offset + data_len + RNDIS_OFFSET_BASE > length ||
	    PAIR(msg, oob_offset) >> 32)
		return false;
	meta->data_offset = RNDIS_OFFSET_BASE + offset;
	meta->data_len = data_len;
	meta->ppi_offset = RNDIS_OFFSET_BASE + (u32)ppi;
	meta->ppi_len = ppi >> 32;
	/* One by one: a few moves, where the whole would be a string instruction. */
	meta->csum = 0;
	meta->hash = 0;
	meta->hash_info = 0;
	meta->vlan_word = 0;
	meta->id_word = 0;
	meta->vlan_tci = 0;
	meta->packet_id = 0;
	meta->fragment = 0;
	meta->has = template->has;
	return rndis_ppis_match(msg + meta->ppi_offset, template, meta);
}

int netvsc_rndis_rx_parse_template(const void *msg, u32 bytes,
				   struct netvsc_rx_meta *meta,
				   struct netvsc_rx_template *templates,
				   u32 *unknown)
{
	struct netvsc_rx_template *template;
	u64 ppi;
	int err;

	if (unlikely(bytes < sizeof(struct rndis_packet)))
		return netvsc_rndis_rx_parse(msg, bytes, bytes, meta);
	ppi = PAIR(msg, ppi_offset);
	template = &templates[(ppi >> 32) / TEMPLATE_PPI_BYTES %
			      NETVSC_RX_TEMPLATES];
	if (likely(rndis_matches_template(msg, bytes, ppi, template, meta))) {
		if (unlikely(meta->has & (NETVSC_RX_HAS_VLAN |
					  NETVSC_RX_HAS_PACKET_ID)))
			rndis_split_words(meta);
		return 0;
	}
	err = rndis_rx_parse(msg, bytes, bytes, meta, unknown);
	if (!err)
		rndis_learn_template(msg, meta, template);
	return err;
}

/* ---- answers and indications ---- */

/* Info buffer of a query that succeeded. Sheet 5.4. */
static bool rndis_info_ok(const struct rndis_query_cmplt *msg,
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
	return rndis_info_ok(msg, answer) ? 0 : -EPROTO;
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
