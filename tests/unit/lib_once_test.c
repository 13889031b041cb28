// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
/*
 * What the host can change while it is read is read once (R11). The parsers get
 * an address nobody can read; the reads that happen once are played here, from a
 * copy behind that address, and count for each byte. So a read too many fails
 * the test, and a read by any other way ends it.
 */
#include "../../drivers/net/hyperv/lib/get.h"

static u32 once32(const void *p);
static u64 once64(const void *p);

#define netvsc_once_le32	once32
#define netvsc_once_le64	once64

#include "../../drivers/net/hyperv/lib/nvsp_msg.h"
#include "../../drivers/net/hyperv/lib/ring_in.h"
#include "../../drivers/net/hyperv/lib/rndis_rx.c"

#include "../vectors/negative.h"

#include <sys/mman.h>

#include "unit.h"

#define BYTES	4096

static u8 *shared;		/* no access */
static u8 truth[BYTES];
static u8 reads[BYTES];
static u32 twice, total;

static u64 read_bytes(const void *p, u32 n)
{
	size_t at = (const u8 *)p - shared;
	u64 value = 0;
	u32 i;

	if (at > BYTES - n)
		abort();
	for (i = 0; i < n; i++) {
		twice += reads[at + i]++ != 0;
		value |= (u64)truth[at + i] << (8 * i);
	}
	total += n;
	return value;
}

static u32 once32(const void *p)
{
	return read_bytes(p, 4);
}

static u64 once64(const void *p)
{
	return read_bytes(p, 8);
}

static const u8 *show(const void *bytes, u32 len)
{
	if (!shared)
		shared = mmap(NULL, BYTES, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(truth, 0, sizeof(truth));
	memset(reads, 0, sizeof(reads));
	memcpy(truth, bytes, len);
	twice = 0;
	total = 0;
	return shared;
}

static u32 rnd(u32 below)
{
	static u64 state = 11;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(state >> 33) % below;
}

/* As show(), with a few words changed. */
static const u8 *show_changed(const void *bytes, u32 len, u32 limit)
{
	static const u32 values[] = { 0, 8, 12, 16, 20, 36, 44, 48, 64, 0xFFFFFFF0 };
	const u8 *p = show(bytes, len);
	u32 n = rnd(4);

	while (n--) {
		u32 value = values[rnd(ARRAY_SIZE(values))];

		memcpy(truth + 4 * rnd(limit / 4), &value, sizeof(value));
	}
	return p;
}

static const struct {
	const u8 *bytes;
	u32 len;
} messages[] = {
	{ vec_rx_tcp4_header, sizeof(vec_rx_tcp4_header) },
	{ vec_rx_rsc_first, sizeof(vec_rx_rsc_first) },
	{ vec_rx_rsc_middle, sizeof(vec_rx_rsc_middle) },
	{ vec_rx_rsc_last, sizeof(vec_rx_rsc_last) },
};

UNIT_TEST(frame_header_and_ppis)
{
	struct netvsc_rx_meta meta;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		EXPECT_EQ(netvsc_rndis_rx_parse(show(messages[i].bytes,
						     messages[i].len),
						1806, 1806, &meta), 0);
		EXPECT_EQ(twice, 0);
		/* Type and length, data, out-of-band, PPIs: two words each. */
		EXPECT_EQ(total, 32 + meta.ppi_len);
	}
}

UNIT_TEST(frame_like_the_one_before)
{
	struct netvsc_rx_template templates[NETVSC_RX_TEMPLATES] = {};
	struct netvsc_rx_meta meta;
	u32 i, turn;

	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		for (turn = 0; turn < 2; turn++)
			EXPECT_EQ(netvsc_rndis_rx_parse_template(show(messages[i].bytes,
								      messages[i].len),
								 1806, &meta, templates, NULL), 0);
		EXPECT_EQ(twice, 0);
		EXPECT_EQ(total, 32 + meta.ppi_len);
	}
}

UNIT_TEST(frame_header_and_ppis_of_a_hostile_host)
{
	struct netvsc_rx_meta meta;
	u32 i, accepted = 0;

	for (i = 0; i < 100000 && !twice; i++) {
		u32 m = i % ARRAY_SIZE(messages);

		accepted += !netvsc_rndis_rx_parse(show_changed(messages[m].bytes,
								messages[m].len,
								112),
						   1806, 1806, &meta);
	}
	EXPECT_EQ(twice, 0);
	EXPECT_GE(accepted, 1000);
}

UNIT_TEST(packet_of_transfer_pages)
{
	u32 i, r, ranges = 0;

	for (i = 0; i < 100000 && !twice; i++) {
		struct netvsc_ring_in in;
		struct netvsc_xfer xfer;
		struct netvsc_pkt pkt;

		netvsc_ring_in_init(&in, show_changed(vec_rx_rsc_packet,
						      sizeof(vec_rx_rsc_packet),
						      i % 2 ? 4 : 48), BYTES);
		netvsc_ring_in_refresh(&in, sizeof(vec_rx_rsc_packet));
		netvsc_ring_in_first(&in, &pkt);
		if (pkt.type != 7 ||
		    netvsc_nvsp_msg_parse_xfer(pkt.raw, pkt.offset, pkt.bytes,
					       &xfer))
			continue;
		for (r = 0; r < xfer.range_cnt; r++, ranges++) {
			u32 offset;

			netvsc_nvsp_msg_range(&xfer, r, &offset);
		}
	}
	EXPECT_EQ(twice, 0);
	EXPECT_GE(ranges, 1000);
}

UNIT_MAIN()
