// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_rndis_rx. Sheet 5, 8.3, 8.4, 10.3, 10.4, 10.10-10.13, N5-N13. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/rndis_rx.c"

#include "../vectors/negative.h"

#define HEAD	RNDIS_PACKET_BYTES

static u8 msg[512] __aligned(8);
static struct netvsc_rx_meta meta;

static void put32(u32 at, u32 value)
{
	__le32 v = cpu_to_le32(value);

	memcpy(msg + at, &v, sizeof(v));
}

/* A message of @frame bytes behind @ppi_bytes of PPIs, length as counted. */
static u32 build(u32 ppi_bytes, u32 frame)
{
	memset(msg, 0, sizeof(msg));
	put32(0, RNDIS_MSG_PACKET);
	put32(4, HEAD + ppi_bytes + frame);
	put32(8, HEAD + ppi_bytes - 8);
	put32(12, frame);
	put32(28, ppi_bytes ? 36 : 0);
	put32(32, ppi_bytes);
	return HEAD + ppi_bytes + frame;
}

static void put_ppi(u32 at, u32 type, u32 data)
{
	put32(at, 16);
	put32(at + 4, type);
	put32(at + 8, 12);
	put32(at + 12, data);
}

static int parse(u32 range)
{
	/* What is not set shows. */
	memset(&meta, 0xa5, sizeof(meta));
	return netvsc_rndis_rx_parse(msg, min_t(u32, range, sizeof(msg)), range,
				     &meta);
}

static void no_byte_outside_is_inside(struct kunit *test)
{
	static const struct {
		u64 off, n, len;
		bool want;
	} rows[] = {
		{ 0, 0, 0, true }, { 0, 1, 0, false }, { 1, 0, 0, false },
		{ 5, 0, 5, true }, { 5, 1, 5, false }, { 4, 1, 5, true },
		{ 0, 5, 5, true }, { 0, 6, 5, false }, { 6, 0, 5, false },
		{ ~0ULL, 1, 5, false }, { 1, ~0ULL, 5, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_inside(rows[i].off, rows[i].n,
						  rows[i].len),
				    rows[i].want, "row %u", i);
}

/* Frames */

static void golden_header_gives_its_facts(struct kunit *test)
{
	int err;

	err = netvsc_rndis_rx_parse(vec_rx_tcp4_header,
				    sizeof(vec_rx_tcp4_header), 1806, &meta);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, meta.data_offset, 256);
	KUNIT_EXPECT_EQ(test, meta.data_len, 60);
	KUNIT_EXPECT_EQ(test, meta.ppi_offset, 44);
	KUNIT_EXPECT_EQ(test, meta.ppi_len, 16);
	KUNIT_EXPECT_EQ(test, meta.has, NETVSC_RX_HAS_CSUM);
	KUNIT_EXPECT_EQ(test, meta.csum, RNDIS_RX_CSUM_TCP_SUCCEEDED |
					 RNDIS_RX_CSUM_IP_SUCCEEDED);
	KUNIT_EXPECT_EQ(test, meta.fragment, 0);
}

static void golden_rsc_fragments_give_their_facts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(vec_rx_rsc_first,
						    sizeof(vec_rx_rsc_first),
						    1162, &meta), 0);
	KUNIT_EXPECT_EQ(test, meta.data_offset, 108);
	KUNIT_EXPECT_EQ(test, meta.data_len, 1054);
	KUNIT_EXPECT_EQ(test, meta.csum, 0x1A8);
	KUNIT_EXPECT_EQ(test, meta.hash, 0x54F54107);
	KUNIT_EXPECT_EQ(test, meta.hash_info, 0x201);
	KUNIT_EXPECT_EQ(test, meta.fragment, 3);
	KUNIT_EXPECT_EQ(test, meta.packet_id, 7);
	KUNIT_EXPECT_EQ(test, meta.has,
			NETVSC_RX_HAS_CSUM | NETVSC_RX_HAS_HASH |
			NETVSC_RX_HAS_HASH_INFO | NETVSC_RX_HAS_PACKET_ID);

	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(vec_rx_rsc_middle,
						    sizeof(vec_rx_rsc_middle),
						    1460, &meta), 0);
	KUNIT_EXPECT_EQ(test, meta.data_len, 1400);
	KUNIT_EXPECT_EQ(test, meta.fragment, 1);

	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(vec_rx_rsc_last,
						    sizeof(vec_rx_rsc_last),
						    660, &meta), 0);
	KUNIT_EXPECT_EQ(test, meta.data_len, 600);
	KUNIT_EXPECT_EQ(test, meta.fragment, 5);
}

static void guest_made_messages_parse_too(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(vec_tx_tcp4_vlan_csum, 136,
						    136, &meta), 0);
	KUNIT_EXPECT_EQ(test, meta.data_offset, 76);
	KUNIT_EXPECT_EQ(test, meta.data_len, 60);
	/* Priority 5, id 100 */
	KUNIT_EXPECT_EQ(test, meta.vlan_tci, 0xA064);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(vec_tx_udp6_csum, 126, 126,
						    &meta), 0);
	KUNIT_EXPECT_EQ(test, meta.data_len, 66);
}

static void packet_without_ppis_is_fine(struct kunit *test)
{
	u32 range = build(0, 60);

	KUNIT_EXPECT_EQ(test, parse(range), 0);
	KUNIT_EXPECT_EQ(test, meta.has, 0);
	KUNIT_EXPECT_EQ(test, meta.data_offset, 44);

	/* Guests write offset 36 with length 0, others the reverse */
	put32(28, 36);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
	put32(28, 0);
	put32(32, 16);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
}

static void frame_may_start_unaligned(struct kunit *test)
{
	u32 range = build(0, 60);

	put32(4, range + 1);
	put32(8, 37);
	KUNIT_EXPECT_EQ(test, parse(range + 1), 0);
	KUNIT_EXPECT_EQ(test, meta.data_offset, 45);
}

static void frame_may_not_start_in_the_header(struct kunit *test)
{
	static const struct {
		u32 offset;
		int want;
	} rows[] = { { 0, -EPROTO }, { 1, -EPROTO }, { 35, -EPROTO }, { 36, 0 } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 range = build(0, 60);

		put32(8, rows[i].offset);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), rows[i].want,
				    "offset %u", rows[i].offset);
	}
}

static void ppi_block_must_be_aligned(struct kunit *test)
{
	u32 shift;

	/* Room for the block to move without touching the frame */
	for (shift = 0; shift <= 4; shift++) {
		u32 range = build(20, 60);

		put32(28, 36 + shift);
		put32(32, 16);
		put_ppi(HEAD + shift, RNDIS_PPI_CSUM, 0x28);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), shift % 4 ? -EPROTO : 0,
				    "shift %u", shift);
	}
}

static void ppi_sizes_must_be_aligned(struct kunit *test)
{
	u32 odd;

	for (odd = 0; odd <= 4; odd++) {
		u32 range = build(12 + odd + 16, 60);

		put_ppi(HEAD, 7, 0);
		put32(HEAD, 12 + odd);
		put_ppi(HEAD + 12 + odd, RNDIS_PPI_CSUM, 0x28);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), odd % 4 ? -EPROTO : 0,
				    "size %u", 12 + odd);
	}
}

static void n5_to_n10_bad_header_is_rejected(struct kunit *test)
{
	int n;

	for (n = 5; n <= 10; n++) {
		u32 len = vec_negative_apply(&vec_negative[n], msg);

		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_rndis_rx_parse(msg, len, 1806,
							  &meta),
				    -EPROTO, "N%d", n);
	}
}

static void n12_flags_of_the_fragment_are_given(struct kunit *test)
{
	u32 len = vec_negative_apply(&vec_negative[12], msg);

	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(msg, len, 1162, &meta), 0);
	KUNIT_EXPECT_EQ(test, meta.fragment, RNDIS_PKT_ID_FRAGMENTED);
}

struct edit {
	const char *name;
	u32 at, value;
	int want;
};

/* On a message of 44 + 16 + 60 = 120 bytes with one checksum PPI. */
static const struct edit header_edits[] = {
	{ "unchanged", 0, RNDIS_MSG_PACKET, 0 },
	{ "length 43", 4, 43, -EPROTO },
	{ "length 0", 4, 0, -EPROTO },
	{ "length above the range", 4, 121, -EPROTO },
	{ "length all ones", 4, ~0u, -EPROTO },
	{ "length short of the frame", 4, 119, -EPROTO },
	{ "data offset 35", 8, 35, -EPROTO },
	{ "data offset 0", 8, 0, -EPROTO },
	{ "data offset at the end", 8, 112, -EPROTO },
	{ "data offset one too many", 8, 53, -EPROTO },
	{ "data offset all ones", 8, ~0u, -EPROTO },
	{ "data length one too many", 12, 61, -EPROTO },
	{ "data length 0", 12, 0, -EPROTO },
	{ "data length 13", 12, 13, -EPROTO },
	{ "data length 14", 12, 14, 0 },
	{ "data length all ones", 12, ~0u, -EPROTO },
	{ "data over the PPIs", 8, 51, -EPROTO },
	{ "data before the PPIs' end", 8, 36, -EPROTO },
	{ "PPI offset 32", 28, 32, -EPROTO },
	{ "PPI offset 37", 28, 37, -EPROTO },
	{ "PPIs over the data", 28, 40, -EPROTO },
	{ "PPI offset past the end", 28, 100, -EPROTO },
	{ "PPI offset all ones", 28, 0xFFFFFFFC, -EPROTO },
	{ "PPI length 8", 32, 8, -EPROTO },
	{ "PPI length over the data", 32, 32, -EPROTO },
	{ "PPI length past the end", 32, 80, -EPROTO },
	{ "PPI length all ones", 32, ~0u, -EPROTO },
	{ "OOB offset without length", 16, ~0u, 0 },
	{ "OOB length past the end", 20, 0x1000, -EPROTO },
	{ "OOB length without offset", 20, 4, -EPROTO },
	{ "OOB count", 24, 9, 0 },
	{ "VC handle", 36, 9, 0 },
	{ "type 0", 0, 0, -ENOMSG },
	{ "type RESET_CMPLT", 0, RNDIS_MSG_RESET_CMPLT, -ENOMSG },
	{ "type KEEPALIVE of the host", 0, RNDIS_MSG_KEEPALIVE, -ENOMSG },
	{ "type QUERY", 0, RNDIS_MSG_QUERY, -ENOMSG },
	{ "type BUS", 0, RNDIS_MSG_BUS, -ENOMSG },
	{ "answer where a packet belongs", 0, RNDIS_MSG_SET_CMPLT, -ENOMSG },
};

static void each_header_field_is_held_against_the_rest(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(header_edits); i++) {
		const struct edit *e = &header_edits[i];
		u32 range = build(16, 60);

		put_ppi(HEAD, RNDIS_PPI_CSUM, 0x28);
		put32(e->at, e->value);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), e->want, "%s", e->name);
	}
}

static void oob_data_inside_the_message_is_ignored(struct kunit *test)
{
	u32 range = build(16, 60);

	put_ppi(HEAD, RNDIS_PPI_CSUM, 0x28);
	put32(4, range + 12);
	put32(16, range - 8);
	put32(20, 12);
	KUNIT_EXPECT_EQ(test, parse(range + 12), 0);
	put32(20, 13);
	KUNIT_EXPECT_EQ(test, parse(range + 12), -EPROTO);

	/* In front of the frame it begins behind the header at the least. */
	put32(28, 0);
	put32(16, 36);
	put32(20, 16);
	KUNIT_EXPECT_EQ(test, parse(range + 12), 0);
	put32(16, 35);
	KUNIT_EXPECT_EQ(test, parse(range + 12), -EPROTO);
}

/* On the first of two PPIs (checksum, hash) of a message; see above. */
static const struct edit ppi_edits[] = {
	{ "unchanged", 0, 16, 0 },
	{ "size 0", 0, 0, -EPROTO },
	{ "size 11", 0, 11, -EPROTO },
	{ "size 12 without data", 0, 12, -EPROTO },
	{ "size 15", 0, 15, -EPROTO },
	{ "size 18", 0, 18, -EPROTO },
	{ "size takes the next one along", 0, 32, 0 },
	{ "size past the block", 0, 36, -EPROTO },
	{ "size leaves 8 bytes", 0, 24, -EPROTO },
	{ "size all ones", 0, ~0u, -EPROTO },
	{ "size 0xFFFFFFFC", 0, 0xFFFFFFFC, -EPROTO },
	{ "offset 0", 8, 0, -EPROTO },
	{ "offset 11", 8, 11, -EPROTO },
	{ "offset 13", 8, 13, -EPROTO },
	{ "offset 16", 8, 16, -EPROTO },
	{ "offset all ones", 8, ~0u, -EPROTO },
	{ "unknown type", 4, 7, 0 },
	{ "unknown internal type", 4, 0x80000000, 0 },
};

static void each_ppi_field_is_held_against_the_rest(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ppi_edits); i++) {
		const struct edit *e = &ppi_edits[i];
		u32 range = build(32, 60);

		put_ppi(HEAD, RNDIS_PPI_CSUM, 0x28);
		put_ppi(HEAD + 16, RNDIS_PPI_HASH_VALUE, 0x1234);
		put32(HEAD + e->at, e->value);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), e->want, "%s", e->name);
	}
}

/* Data that begins elsewhere in the element; where it ends it has none. */
static void unknown_ppi_needs_no_data(struct kunit *test)
{
	static const struct {
		u32 offset;
		int want;
	} rows[] = {
		{ 0, -EPROTO }, { 11, -EPROTO }, { 12, 0 }, { 13, 0 },
		{ 16, 0 }, { 17, -EPROTO }, { ~0u, -EPROTO },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 range = build(32, 60);

		put_ppi(HEAD, 7, 0x28);
		put32(HEAD + 8, rows[i].offset);
		put_ppi(HEAD + 16, RNDIS_PPI_CSUM, 0x28);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), rows[i].want,
				    "offset %u", rows[i].offset);
	}
}

/* Four bytes at any place behind the header, others around them. */
static void data_of_a_ppi_is_where_it_says(struct kunit *test)
{
	u32 offset;

	for (offset = 12; offset <= 21; offset++) {
		u32 range = build(24, 60);

		memset(msg + HEAD, 0x77, 24);
		put_ppi(HEAD, RNDIS_PPI_HASH_VALUE, 0x77777777);
		put32(HEAD, 24);
		put32(HEAD + 8, offset);
		if (offset <= 20)
			put32(HEAD + offset, 0x12345678);
		KUNIT_EXPECT_EQ_MSG(test, parse(range),
				    offset <= 20 ? 0 : -EPROTO,
				    "offset %u", offset);
		if (offset <= 20)
			KUNIT_EXPECT_EQ(test, meta.hash, 0x12345678);
	}
}

static void unknown_ppis_are_skipped(struct kunit *test)
{
	u32 range = build(12 + 24 + 16, 60);

	/* Header alone, then a long one, then one that counts */
	put_ppi(HEAD, 11, 0);
	put32(HEAD, 12);
	put_ppi(HEAD + 12, 7, 0);
	put32(HEAD + 12, 24);
	put_ppi(HEAD + 36, RNDIS_PPI_VLAN, 0x645);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
	KUNIT_EXPECT_EQ(test, meta.has, NETVSC_RX_HAS_VLAN);
	KUNIT_EXPECT_EQ(test, meta.vlan_tci, 0xA064);
}

static void first_ppi_of_a_type_wins(struct kunit *test)
{
	u32 range = build(48, 60);

	put_ppi(HEAD, RNDIS_PPI_HASH_VALUE, 1);
	put_ppi(HEAD + 16, RNDIS_PPI_HASH_VALUE, 2);
	put_ppi(HEAD + 32, RNDIS_PPI_HASH_VALUE, 3);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
	KUNIT_EXPECT_EQ(test, meta.hash, 1);
}

/* A header without data: as the only one, and as the last one. */
static void ppi_may_be_nothing_but_its_header(struct kunit *test)
{
	static const u32 with_data[] = {
		RNDIS_PPI_CSUM, RNDIS_PPI_VLAN, RNDIS_PPI_HASH_VALUE,
		RNDIS_PPI_HASH_INFO, RNDIS_PPI_PACKET_ID,
	};
	u32 range = build(12, 60), i;

	put_ppi(HEAD, 7, 0);
	put32(HEAD, 12);
	memset(msg + HEAD + 12, 0, 4);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
	KUNIT_EXPECT_EQ(test, meta.ppi_len, 12);
	KUNIT_EXPECT_EQ(test, meta.has, 0);
	for (i = 0; i < ARRAY_SIZE(with_data); i++) {
		put32(HEAD + 4, with_data[i]);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), -EPROTO, "type %x",
				    with_data[i]);
	}

	range = build(16 + 12, 60);
	put_ppi(HEAD, RNDIS_PPI_CSUM, 0x28);
	put_ppi(HEAD + 16, 7, 0);
	put32(HEAD + 16, 12);
	memset(msg + HEAD + 28, 0, 4);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
	KUNIT_EXPECT_EQ(test, meta.has, NETVSC_RX_HAS_CSUM);
	KUNIT_EXPECT_EQ(test, meta.csum, 0x28);
}

static void internal_bit_is_part_of_the_type(struct kunit *test)
{
	u32 range = build(32, 60);

	put_ppi(HEAD, RNDIS_PPI_INTERNAL | RNDIS_PPI_VLAN, 0x645);
	put_ppi(HEAD + 16, 1, 0x0301);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
	KUNIT_EXPECT_EQ(test, meta.has, 0);
	KUNIT_EXPECT_EQ(test, meta.fragment, 0);
}

static void all_facts_are_given_whatever_their_order(struct kunit *test)
{
	static const struct {
		u32 type, data;
	} ppis[] = {
		{ RNDIS_PPI_PACKET_ID, 0x00090301 },
		{ RNDIS_PPI_VLAN, 0xFFFFFFFF },
		{ RNDIS_PPI_HASH_INFO, 0x201 },
		{ RNDIS_PPI_CSUM, 0x12 },
		{ RNDIS_PPI_HASH_VALUE, 0xCAFEF00D },
	};
	const u32 n = ARRAY_SIZE(ppis);
	u32 turn, i;

	for (turn = 0; turn < n; turn++) {
		u32 range = build(16 * n, 60);

		for (i = 0; i < n; i++)
			put_ppi(HEAD + 16 * i, ppis[(i + turn) % n].type,
				ppis[(i + turn) % n].data);
		KUNIT_EXPECT_EQ(test, parse(range), 0);
		KUNIT_EXPECT_EQ(test, meta.has, 0x1f);
		KUNIT_EXPECT_EQ(test, meta.packet_id, 9);
		KUNIT_EXPECT_EQ(test, meta.fragment, 3);
		KUNIT_EXPECT_EQ(test, meta.vlan_tci, 0xFFFF);
		KUNIT_EXPECT_EQ(test, meta.hash_info, 0x201);
		KUNIT_EXPECT_EQ(test, meta.csum, 0x12);
		KUNIT_EXPECT_EQ(test, meta.hash, 0xCAFEF00D);
	}
}

static void vlan_bits_go_to_their_place_in_the_tci(struct kunit *test)
{
	static const struct {
		u32 ppi;
		u16 tci;
	} rows[] = {
		{ 0x00000000, 0x0000 }, { 0x00000007, 0xE000 },
		{ 0x00000008, 0x1000 }, { 0x0000FFF0, 0x0FFF },
		{ 0x00000645, 0xA064 }, { 0xFFFF0010, 0x0001 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 range = build(16, 60);

		put_ppi(HEAD, RNDIS_PPI_VLAN, rows[i].ppi);
		KUNIT_EXPECT_EQ(test, parse(range), 0);
		KUNIT_EXPECT_EQ(test, meta.vlan_tci, rows[i].tci);
	}
}

/* Behind the message and still in its range: of nobody. */
static void ppis_are_within_the_message(struct kunit *test)
{
	build(0, 76);
	put32(4, HEAD + 60);
	put32(12, 60);
	put32(28, HEAD - 8 + 60);
	put32(32, 16);
	put_ppi(HEAD + 60, RNDIS_PPI_CSUM, 4);
	KUNIT_EXPECT_EQ(test, parse(HEAD + 76), -EPROTO);
	put32(4, HEAD + 75);
	KUNIT_EXPECT_EQ(test, parse(HEAD + 76), -EPROTO);
	put32(4, HEAD + 76);
	KUNIT_EXPECT_EQ(test, parse(HEAD + 76), 0);
}

/* No byte behind the last one is read: a sanitizer sees to that. */
static void rest_of_a_ppi_block_is_not_read_over(struct kunit *test)
{
	static u8 exact[HEAD + 60 + 16 + 11];
	u32 rest, bytes;

	for (rest = 1; rest < 12; rest++) {
		bytes = HEAD + 60 + 16 + rest;
		build(0, bytes - HEAD);
		put32(12, 60);
		put32(28, HEAD - 8 + 60);
		put32(32, 16 + rest);
		put_ppi(HEAD + 60, RNDIS_PPI_CSUM, 4);
		put32(HEAD + 76, 12);
		put32(HEAD + 80, 77);
		memcpy(exact + sizeof(exact) - bytes, msg, bytes);
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_rndis_rx_parse(exact + sizeof(exact) -
							  bytes, bytes, bytes,
							  &meta),
				    -EPROTO, "rest %u", rest);
	}
}

static void fragment_has_a_byte_at_least(struct kunit *test)
{
	u32 range = build(16, 60);

	put_ppi(HEAD, RNDIS_PPI_PACKET_ID, 0x0101);
	put32(12, 1);
	KUNIT_EXPECT_EQ(test, parse(range), 0);
	put32(12, 0);
	KUNIT_EXPECT_EQ(test, parse(range), -EPROTO);
}

static void short_frame_is_legal_in_later_fragments_alone(struct kunit *test)
{
	static const struct {
		u32 id;
		int want;
	} rows[] = {
		{ 0x0301, -EPROTO },	/* first */
		{ 0x0701, -EPROTO },	/* first and last */
		{ 0x0101, 0 },		/* middle */
		{ 0x0501, 0 },		/* last */
		{ 0x0401, -EPROTO },	/* not fragmented */
		{ 0x0001, -EPROTO },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 range = build(16, 1);

		put_ppi(HEAD, RNDIS_PPI_PACKET_ID, rows[i].id);
		KUNIT_EXPECT_EQ_MSG(test, parse(range), rows[i].want,
				    "row %u", i);
	}
}

static void ppi_block_has_a_limit(struct kunit *test)
{
	u32 n, i;

	for (n = 16; n <= 17; n++) {
		u32 range = build(16 * n, 60);

		for (i = 0; i < n; i++)
			put_ppi(HEAD + 16 * i, 7, 0);
		KUNIT_EXPECT_EQ(test, parse(range), n > 16 ? -EPROTO : 0);
	}
}

static void message_at_any_address_is_understood(struct kunit *test)
{
	u32 len = build(16, 60), at;
	static u8 moved[256];

	put_ppi(HEAD, RNDIS_PPI_CSUM, 0x28);
	for (at = 0; at < 8; at++) {
		memcpy(moved + at, msg, len);
		KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(moved + at, len, len,
							    &meta), 0);
		KUNIT_EXPECT_EQ(test, meta.data_offset, HEAD + 16);
		KUNIT_EXPECT_EQ(test, meta.data_len, 60);
		KUNIT_EXPECT_EQ(test, meta.ppi_len, 16);
		KUNIT_EXPECT_EQ(test, meta.csum, 0x28);
	}
}

static void message_cut_anywhere_is_rejected(struct kunit *test)
{
	u32 avail, range = build(16, 60);

	put_ppi(HEAD, RNDIS_PPI_CSUM, 0x28);
	for (avail = 0; avail < 60; avail++)
		KUNIT_EXPECT_EQ(test,
				netvsc_rndis_rx_parse(msg, avail, range, &meta),
				-EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(msg, 60, range, &meta), 0);
	for (avail = 0; avail < range; avail++)
		KUNIT_EXPECT_EQ(test, parse(avail), -EPROTO);

	/* Without PPIs the header is all that has to be there. */
	range = build(0, 60);
	for (avail = 0; avail < 44; avail++)
		KUNIT_EXPECT_EQ(test,
				netvsc_rndis_rx_parse(msg, avail, range, &meta),
				-EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(msg, 44, range, &meta), 0);

	/* Another type is one as soon as it can be read. */
	put32(0, RNDIS_MSG_SET_CMPLT);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(msg, 7, range, &meta),
			-EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_parse(msg, 8, range, &meta),
			-ENOMSG);
}

/* Completions */

static struct netvsc_rndis_answer answer;

static int parse_answer(const void *bytes, size_t len)
{
	memset(&answer, 0xa5, sizeof(answer));
	return netvsc_rndis_rx_answer(bytes, len, &answer);
}

static int parse_status(const void *bytes, size_t len,
			struct netvsc_rndis_status *status)
{
	memset(status, 0xa5, sizeof(*status));
	return netvsc_rndis_rx_status(bytes, len, status);
}

static void golden_answers_are_understood(struct kunit *test)
{
	struct netvsc_rndis_init init;

	KUNIT_EXPECT_EQ(test, parse_answer(vec_rndis_initialize_cmplt, 52), 0);
	KUNIT_EXPECT_EQ(test, answer.type, RNDIS_MSG_INITIALIZE_CMPLT);
	KUNIT_EXPECT_EQ(test, answer.request_id, 1);
	KUNIT_EXPECT_EQ(test, answer.status, 0);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_init(vec_rndis_initialize_cmplt,
						   52, &init), 0);
	KUNIT_EXPECT_EQ(test, init.max_packets, 8);
	KUNIT_EXPECT_EQ(test, init.max_transfer_bytes, 0xEFFFFFFF);
	KUNIT_EXPECT_EQ(test, init.alignment_exp, 3);

	KUNIT_EXPECT_EQ(test, parse_answer(vec_rndis_query_mac_cmplt, 30), 0);
	KUNIT_EXPECT_EQ(test, answer.type, RNDIS_MSG_QUERY_CMPLT);
	KUNIT_EXPECT_EQ(test, answer.request_id, 3);
	KUNIT_EXPECT_EQ(test, answer.info_offset, 24);
	KUNIT_EXPECT_EQ(test, answer.info_len, 6);

	KUNIT_EXPECT_EQ(test, parse_answer(vec_rndis_set_filter_cmplt, 16), 0);
	KUNIT_EXPECT_EQ(test, answer.type, RNDIS_MSG_SET_CMPLT);
	KUNIT_EXPECT_EQ(test, answer.request_id, 11);
	KUNIT_EXPECT_EQ(test, answer.info_len, 0);
}

static void n13_other_request_id_is_given_as_it_is(struct kunit *test)
{
	u32 len = vec_negative_apply(&vec_negative[13], msg);

	KUNIT_EXPECT_EQ(test, parse_answer(msg, len), 0);
	KUNIT_EXPECT_EQ(test, answer.request_id, 0x77);
}

static void answer_without_its_tail_is_an_answer(struct kunit *test)
{
	struct netvsc_rndis_init init;

	memcpy(msg, vec_rndis_initialize_cmplt, 52);
	put32(4, 48);
	KUNIT_EXPECT_EQ(test, parse_answer(msg, 48), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_init(msg, 48, &init), 0);
	put32(4, 47);
	KUNIT_EXPECT_EQ(test, parse_answer(msg, 48), -EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_init(msg, 47, &init), -EPROTO);
	put32(0, RNDIS_MSG_QUERY_CMPLT);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_init(msg, 48, &init), -EPROTO);
}

static void malformed_answer_names_its_request(struct kunit *test)
{
	u32 type, id;

	memcpy(msg, vec_rndis_query_mac_cmplt, 30);
	put32(20, ~0u);
	KUNIT_EXPECT_EQ(test, parse_answer(msg, 30), -EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_peek(msg, 30, &type, &id), 0);
	KUNIT_EXPECT_EQ(test, type, RNDIS_MSG_QUERY_CMPLT);
	KUNIT_EXPECT_EQ(test, id, 3);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_peek(msg, 12, &type, &id), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_peek(msg, 11, &type, &id), -EPROTO);
}

static void refused_query_has_no_info(struct kunit *test)
{
	memcpy(msg, vec_rndis_query_mac_cmplt, 30);
	put32(12, RNDIS_STATUS_NOT_SUPPORTED);
	put32(20, ~0u);
	KUNIT_EXPECT_EQ(test, parse_answer(msg, 30), 0);
	KUNIT_EXPECT_EQ(test, answer.status, RNDIS_STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, answer.info_len, 0);
}

static void empty_info_may_be_anywhere(struct kunit *test)
{
	memcpy(msg, vec_rndis_query_mac_cmplt, 30);
	put32(16, 0);
	put32(20, 0);
	KUNIT_EXPECT_EQ(test, parse_answer(msg, 30), 0);
	KUNIT_EXPECT_EQ(test, answer.info_len, 0);
}

static void info_buffer_must_lie_in_the_answer(struct kunit *test)
{
	static const struct edit edits[] = {
		{ "unchanged", 16, 6, 0 },
		{ "one too long", 16, 7, -EPROTO },
		{ "all ones", 16, ~0u, -EPROTO },
		{ "offset over the header", 20, 15, -EPROTO },
		{ "offset 0", 20, 0, -EPROTO },
		{ "offset one too far", 20, 17, -EPROTO },
		{ "offset wraps", 20, 0xFFFFFFFC, -EPROTO },
		{ "message longer than the copy", 4, 31, -EPROTO },
		{ "message shorter than the info", 4, 29, -EPROTO },
		{ "message shorter than its type", 4, 23, -EPROTO },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edits); i++) {
		memcpy(msg, vec_rndis_query_mac_cmplt, 30);
		put32(edits[i].at, edits[i].value);
		KUNIT_EXPECT_EQ_MSG(test, parse_answer(msg, 30),
				    edits[i].want, "%s", edits[i].name);
	}
}

static void answers_and_indications_are_not_confused(struct kunit *test)
{
	struct netvsc_rndis_status status;

	KUNIT_EXPECT_EQ(test, parse_answer(vec_rndis_link_speed_10g, 24),
			-EPROTO);
	KUNIT_EXPECT_EQ(test, parse_answer(vec_tx_tcp4_vlan_csum, 136),
			-EPROTO);
	KUNIT_EXPECT_EQ(test, parse_status(vec_rndis_query_mac_cmplt, 30, &status),
			-EPROTO);
}

static void kinds_are_told_apart(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_classify(vec_rx_tcp4_header, 44,
						       1806),
			NETVSC_RNDIS_PACKET);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_classify(vec_rndis_query_mac_cmplt,
						       30, 30),
			NETVSC_RNDIS_ANSWER);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_classify(vec_rndis_media_disconnect,
						       20, 20),
			NETVSC_RNDIS_STATUS);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_classify(vec_rndis_media_disconnect,
						       7, 20), -EPROTO);
	/* Hosts may claim the whole sub-allocation */
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_classify(vec_rndis_set_filter_cmplt,
						       16, 1806),
			NETVSC_RNDIS_ANSWER);
}

static void each_type_has_a_least_length(struct kunit *test)
{
	static const struct {
		u32 type, least, avail;
		int kind;
	} rows[] = {
		{ RNDIS_MSG_PACKET, 44, 44, NETVSC_RNDIS_PACKET },
		{ RNDIS_MSG_INDICATE_STATUS, 20, 8, NETVSC_RNDIS_STATUS },
		{ RNDIS_MSG_INITIALIZE_CMPLT, 48, 8, NETVSC_RNDIS_ANSWER },
		{ RNDIS_MSG_QUERY_CMPLT, 24, 8, NETVSC_RNDIS_ANSWER },
		{ RNDIS_MSG_SET_CMPLT, 16, 8, NETVSC_RNDIS_ANSWER },
		{ RNDIS_MSG_KEEPALIVE_CMPLT, 16, 8, NETVSC_RNDIS_ANSWER },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const u32 least = rows[i].least, avail = rows[i].avail;

		memset(msg, 0, sizeof(msg));
		put32(0, rows[i].type);
		put32(4, least);
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_rndis_rx_classify(msg, avail, least),
				    rows[i].kind, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_rndis_rx_classify(msg, avail - 1,
							     least),
				    -EPROTO, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_rndis_rx_classify(msg, avail,
							     least - 1),
				    -EPROTO, "row %u", i);
		put32(4, least - 1);
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_rndis_rx_classify(msg, avail, least),
				    -EPROTO, "row %u", i);
	}
	/* What no host may send. */
	put32(0, RNDIS_MSG_RESET_CMPLT);
	put32(4, 256);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_classify(msg, 256, 256), -EPROTO);
	put32(0, 0);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_rx_classify(msg, 256, 256), -EPROTO);
}

/* Indications */

static void golden_indications_are_understood(struct kunit *test)
{
	struct netvsc_rndis_status status;

	KUNIT_EXPECT_EQ(test, parse_status(vec_rndis_media_disconnect, 20, &status),
			0);
	KUNIT_EXPECT_EQ(test, status.status, RNDIS_STATUS_MEDIA_DISCONNECT);
	KUNIT_EXPECT_EQ(test, status.buf_len, 0);

	KUNIT_EXPECT_EQ(test, parse_status(vec_rndis_link_speed_10g, 24, &status),
			0);
	KUNIT_EXPECT_EQ(test, status.status, RNDIS_STATUS_LINK_SPEED_CHANGE);
	KUNIT_EXPECT_EQ(test, status.buf_offset, 20);
	KUNIT_EXPECT_EQ(test, status.buf_len, 4);
	KUNIT_EXPECT_EQ(test, status.value, 100000000);
}

static void status_buffer_is_held_against_the_range(struct kunit *test)
{
	struct netvsc_rndis_status status;

	/* Old hosts do not count the buffer in the message length (R20) */
	memcpy(msg, vec_rndis_link_speed_10g, 24);
	put32(4, 20);
	KUNIT_EXPECT_EQ(test, parse_status(msg, 24, &status), 0);
	KUNIT_EXPECT_EQ(test, status.value, 100000000);
	KUNIT_EXPECT_EQ(test, parse_status(msg, 23, &status), -EPROTO);
}

static void status_buffer_that_cannot_be_is_rejected(struct kunit *test)
{
	static const struct edit edits[] = {
		{ "one too long", 12, 5, -EPROTO },
		{ "all ones", 12, ~0u, -EPROTO },
		{ "offset over the header", 16, 11, -EPROTO },
		{ "offset 0 with a length", 16, 0, -EPROTO },
		{ "offset one too far", 16, 13, -EPROTO },
		{ "offset wraps", 16, 0xFFFFFFFC, -EPROTO },
		{ "message of 19 bytes", 4, 19, -EPROTO },
		{ "no buffer, wild offset", 12, 0, 0 },
		{ "three bytes", 12, 3, 0 },
	};
	struct netvsc_rndis_status status;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edits); i++) {
		memcpy(msg, vec_rndis_link_speed_10g, 24);
		put32(edits[i].at, edits[i].value);
		KUNIT_EXPECT_EQ_MSG(test, parse_status(msg, 24, &status),
				    edits[i].want, "%s", edits[i].name);
		if (!edits[i].want)
			KUNIT_EXPECT_EQ(test, status.value, 0);
	}
}

/* Like others */

static struct netvsc_rx_template templates[NETVSC_RX_TEMPLATES];
static u32 unknown[NETVSC_RX_PPI_TYPES];

/* All five, in some order; learned. Return: bytes of the message. */
static u32 learned(void)
{
	u32 bytes = build(80, 60);

	put_ppi(44, RNDIS_PPI_HASH_VALUE, 0x12345678);
	put_ppi(60, RNDIS_PPI_CSUM, 4);
	put_ppi(76, RNDIS_PPI_PACKET_ID, 0x00070301);
	put_ppi(92, RNDIS_PPI_VLAN, 0x50);
	put_ppi(108, RNDIS_PPI_HASH_INFO, 0x201);
	memset(templates, 0, sizeof(templates));
	netvsc_rndis_rx_parse_template(msg, bytes, &meta, templates, unknown);
	return bytes;
}

static bool same(u32 range)
{
	const size_t bytes = offsetof(struct netvsc_rx_meta, has) + 1;
	struct netvsc_rx_meta like;
	int err = parse(range);

	memset(&like, 0xa5, sizeof(like));
	return netvsc_rndis_rx_parse_template(msg, range, &like, templates, unknown) == err &&
	       (err || !memcmp(&meta, &like, bytes));
}

static void like_another_gives_the_same(struct kunit *test)
{
	u32 bytes = learned();

	KUNIT_EXPECT_EQ(test, templates[80 / 16 % NETVSC_RX_TEMPLATES].cnt, 5);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	/* What may differ: the data, and the frame's length. */
	put_ppi(44, RNDIS_PPI_HASH_VALUE, 1);
	put_ppi(60, RNDIS_PPI_CSUM, 8);
	put_ppi(76, RNDIS_PPI_PACKET_ID, 0x00080201);
	put_ppi(92, RNDIS_PPI_VLAN, 0x60);
	put32(12, 14);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, meta.hash, 1);
	KUNIT_EXPECT_EQ(test, meta.packet_id, 8);
	KUNIT_EXPECT_EQ(test, meta.vlan_tci, 6);
}

/* Each byte of the headers, in a message whose shape is known. */
static void unlike_another_is_seen(struct kunit *test)
{
	u32 at, bit, bytes = learned();

	for (at = 0; at < 124; at++) {
		for (bit = 0; bit < 8; bit++) {
			msg[at] ^= 1 << bit;
			if (!same(bytes))
				KUNIT_FAIL(test, "byte %u, bit %u", at, bit);
			msg[at] ^= 1 << bit;
			learned();
		}
	}
	/* And in one that is shorter than it says. */
	for (at = 0; at < bytes; at++)
		if (!same(at))
			KUNIT_FAIL(test, "%u of %u bytes", at, bytes);
}

static void nothing_is_like_the_unknown(struct kunit *test)
{
	u32 bytes = build(0, 60);

	memset(templates, 0, sizeof(templates));
	KUNIT_EXPECT_TRUE(test, same(bytes));
	put32(8, 0);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	put32(8, 0xffffffff);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, templates[0].cnt, 0);
}

static void odd_ones_are_not_learned(struct kunit *test)
{
	u32 bytes = build(32, 60);

	/* Twice the same: the first wins. */
	put_ppi(44, RNDIS_PPI_CSUM, 4);
	put_ppi(60, RNDIS_PPI_CSUM, 8);
	memset(templates, 0, sizeof(templates));
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	KUNIT_EXPECT_EQ(test, meta.csum, 4);
	KUNIT_EXPECT_EQ(test, templates[2].cnt, 0);
	/* One that nobody asks for. */
	put_ppi(60, 77, 8);
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	KUNIT_EXPECT_EQ(test, templates[2].cnt, 0);
	put_ppi(44, 77, 4);
	put_ppi(60, RNDIS_PPI_CSUM, 8);
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	KUNIT_EXPECT_EQ(test, templates[2].cnt, 0);
	/* One with more data than there is use for, which looks like another. */
	build(32, 60);
	put_ppi(44, RNDIS_PPI_CSUM, 4);
	put32(44, 32);
	put_ppi(60, RNDIS_PPI_HASH_VALUE, 8);
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	KUNIT_EXPECT_EQ(test, templates[2].cnt, 0);
	/* One behind those that count, and then one that cannot be. */
	bytes = build(28, 60);
	put_ppi(44, RNDIS_PPI_CSUM, 4);
	put_ppi(60, 77, 0);
	put32(60, 12);
	put32(72, 0);
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	put32(60, 0);
	KUNIT_EXPECT_TRUE(test, same(bytes));
}

/* Each by its type, the large ones together; what is asked for is not counted, nor what is malformed. */
static void unknown_ppis_are_counted(struct kunit *test)
{
	u32 bytes = build(48, 60), type, sum = 0;

	put_ppi(44, RNDIS_PPI_CACHED_NBL, 4);
	put_ppi(60, RNDIS_PPI_CSUM, 8);
	put_ppi(76, 0xffffffff, 8);
	memset(templates, 0, sizeof(templates));
	memset(unknown, 0, sizeof(unknown));
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	put32(76 + 4, NETVSC_RX_PPI_TYPES - 1);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, unknown[RNDIS_PPI_CACHED_NBL], 3);
	KUNIT_EXPECT_EQ(test, unknown[NETVSC_RX_PPI_TYPES - 1], 3);
	put32(76, 5);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, unknown[NETVSC_RX_PPI_TYPES - 1], 3);
	for (type = 0; type < NETVSC_RX_PPI_TYPES; type++)
		sum += unknown[type];
	KUNIT_EXPECT_EQ(test, sum, 7);
}

/* Frames first: one that ends early must not have PPIs from behind the end. */
static void ppis_behind_the_frame_are_not_learned(struct kunit *test)
{
	u32 bytes = build(0, 76), at;

	put32(12, 60);
	put32(28, HEAD - 8 + 60);
	put32(32, 16);
	put_ppi(HEAD + 60, RNDIS_PPI_CSUM, 4);
	memset(templates, 0, sizeof(templates));
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	KUNIT_EXPECT_EQ(test, meta.csum, 4);
	for (at = 44; at < bytes; at++) {
		put32(4, at);
		put32(12, at - HEAD < 60 ? at - HEAD : 60);
		if (!same(bytes) || !same(at))
			KUNIT_FAIL(test, "%u bytes", at);
	}
}

/* Any set of PPIs, in any length of frame, of buffer: the short way. */
static void take_the_short_way(struct kunit *test, u32 set)
{
	static const u32 types[] = {
		RNDIS_PPI_CSUM, RNDIS_PPI_HASH_VALUE, RNDIS_PPI_HASH_INFO,
		RNDIS_PPI_VLAN, RNDIS_PPI_PACKET_ID,
	};
	struct netvsc_rx_template *template;
	struct netvsc_rx_meta like;
	u32 i, bytes, n = 0, at = HEAD;
	u64 ppi;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		n += set >> i & 1;
	template = &templates[n % NETVSC_RX_TEMPLATES];
	bytes = build(16 * n, 60);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (set & 1 << i) {
			put_ppi(at, types[i], 0x10301 << i);
			at += 16;
		}
	memset(templates, 0, sizeof(templates));
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, template->cnt, n);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	ppi = PAIR(msg, ppi_offset);
	KUNIT_EXPECT_TRUE(test, rndis_matches_template(msg, bytes, ppi, template, &like));
	KUNIT_EXPECT_TRUE(test, rndis_matches_template(msg, bytes + 1, ppi, template, &like));
	KUNIT_EXPECT_FALSE(test, rndis_matches_template(msg, bytes - 1, ppi, template, &like));
	/* Where data that there is not would be. */
	put32(16, ~0u);
	KUNIT_EXPECT_TRUE(test, rndis_matches_template(msg, bytes, ppi, template, &like));
	/* A frame that ends before the message does; the least one. */
	put32(12, 59);
	KUNIT_EXPECT_TRUE(test, rndis_matches_template(msg, bytes, ppi, template, &like));
	put32(12, 14);
	KUNIT_EXPECT_TRUE(test, rndis_matches_template(msg, bytes, ppi, template, &like));
	KUNIT_EXPECT_TRUE(test, same(bytes));
	put32(12, 13);
	KUNIT_EXPECT_FALSE(test, rndis_matches_template(msg, bytes, ppi, template, &like));
	KUNIT_EXPECT_TRUE(test, same(bytes));
	put32(12, 61);
	KUNIT_EXPECT_FALSE(test, rndis_matches_template(msg, bytes, ppi, template, &like));
}

static void what_was_seen_goes_the_short_way(struct kunit *test)
{
	u32 set;

	for (set = 1; set < 32; set++)
		take_the_short_way(test, set);
}

/* A bad message teaches nothing, and nothing is forgotten for it. */
static void bad_ones_are_not_learned(struct kunit *test)
{
	struct netvsc_rx_template before;
	u32 bytes = learned();

	before = templates[1];
	KUNIT_EXPECT_EQ(test, before.cnt, 5);
	/* An element with an impossible size, then a frame too short. */
	put32(44, 17);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, memcmp(&before, &templates[1], sizeof(before)), 0);
	put32(44, 16);
	put32(12, 13);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, memcmp(&before, &templates[1], sizeof(before)), 0);
	put32(0, RNDIS_MSG_SET_CMPLT);
	KUNIT_EXPECT_TRUE(test, same(bytes));
	KUNIT_EXPECT_EQ(test, memcmp(&before, &templates[1], sizeof(before)), 0);
}

/* Where the first PPI would be, a frame may look like one. */
static void frame_is_not_taken_for_a_ppi(struct kunit *test)
{
	u32 bytes = build(0, 60);

	put32(HEAD + 8, 12);
	put32(HEAD + 12, 0x28);
	memset(templates, 0, sizeof(templates));
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	KUNIT_EXPECT_EQ(test, meta.csum, 0);
	KUNIT_EXPECT_EQ(test, meta.has, 0);
	put32(28, 36);
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	put_ppi(HEAD, RNDIS_PPI_CSUM, 0x28);
	KUNIT_EXPECT_TRUE(test, same(bytes) && same(bytes));
	KUNIT_EXPECT_EQ(test, meta.csum, 0);
}

static struct kunit_case rndis_rx_cases[] = {
	KUNIT_CASE(no_byte_outside_is_inside),
	KUNIT_CASE(like_another_gives_the_same),
	KUNIT_CASE(unlike_another_is_seen),
	KUNIT_CASE(nothing_is_like_the_unknown),
	KUNIT_CASE(odd_ones_are_not_learned),
	KUNIT_CASE(ppis_behind_the_frame_are_not_learned),
	KUNIT_CASE(what_was_seen_goes_the_short_way),
	KUNIT_CASE(bad_ones_are_not_learned),
	KUNIT_CASE(frame_is_not_taken_for_a_ppi),
	KUNIT_CASE(golden_header_gives_its_facts),
	KUNIT_CASE(golden_rsc_fragments_give_their_facts),
	KUNIT_CASE(guest_made_messages_parse_too),
	KUNIT_CASE(packet_without_ppis_is_fine),
	KUNIT_CASE(frame_may_start_unaligned),
	KUNIT_CASE(frame_may_not_start_in_the_header),
	KUNIT_CASE(ppi_block_must_be_aligned),
	KUNIT_CASE(ppi_sizes_must_be_aligned),
	KUNIT_CASE(n5_to_n10_bad_header_is_rejected),
	KUNIT_CASE(n12_flags_of_the_fragment_are_given),
	KUNIT_CASE(each_header_field_is_held_against_the_rest),
	KUNIT_CASE(oob_data_inside_the_message_is_ignored),
	KUNIT_CASE(each_ppi_field_is_held_against_the_rest),
	KUNIT_CASE(unknown_ppi_needs_no_data),
	KUNIT_CASE(data_of_a_ppi_is_where_it_says),
	KUNIT_CASE(unknown_ppis_are_skipped),
	KUNIT_CASE(unknown_ppis_are_counted),
	KUNIT_CASE(first_ppi_of_a_type_wins),
	KUNIT_CASE(ppi_may_be_nothing_but_its_header),
	KUNIT_CASE(internal_bit_is_part_of_the_type),
	KUNIT_CASE(all_facts_are_given_whatever_their_order),
	KUNIT_CASE(vlan_bits_go_to_their_place_in_the_tci),
	KUNIT_CASE(ppis_are_within_the_message),
	KUNIT_CASE(rest_of_a_ppi_block_is_not_read_over),
	KUNIT_CASE(fragment_has_a_byte_at_least),
	KUNIT_CASE(short_frame_is_legal_in_later_fragments_alone),
	KUNIT_CASE(ppi_block_has_a_limit),
	KUNIT_CASE(message_at_any_address_is_understood),
	KUNIT_CASE(message_cut_anywhere_is_rejected),
	KUNIT_CASE(golden_answers_are_understood),
	KUNIT_CASE(n13_other_request_id_is_given_as_it_is),
	KUNIT_CASE(answer_without_its_tail_is_an_answer),
	KUNIT_CASE(malformed_answer_names_its_request),
	KUNIT_CASE(refused_query_has_no_info),
	KUNIT_CASE(empty_info_may_be_anywhere),
	KUNIT_CASE(info_buffer_must_lie_in_the_answer),
	KUNIT_CASE(answers_and_indications_are_not_confused),
	KUNIT_CASE(kinds_are_told_apart),
	KUNIT_CASE(each_type_has_a_least_length),
	KUNIT_CASE(golden_indications_are_understood),
	KUNIT_CASE(status_buffer_is_held_against_the_range),
	KUNIT_CASE(status_buffer_that_cannot_be_is_rejected),
	{}
};

static struct kunit_suite rndis_rx_suite = {
	.name = "hv_netvsc_rndis_rx",
	.test_cases = rndis_rx_cases,
};

kunit_test_suite(rndis_rx_suite);
