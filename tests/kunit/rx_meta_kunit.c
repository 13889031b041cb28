// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_rx_meta. Sheet 8.5; R11, R40, R42. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/rx_meta.c"

#define IP	cpu_to_be16(ETH_P_IP)
#define IP6	cpu_to_be16(ETH_P_IPV6)
#define TAG	cpu_to_be16(ETH_P_8021Q)

/* 20 + 20 + 3 bytes, sums of RFC 1071 worked out by hand. */
static const u8 ip4[] = {
	0x45, 0x00, 0x00, 0x2b, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06, 0xbe, 0xef,
	0x0a, 0x2d, 0x00, 0x02, 0x0a, 0x2d, 0x00, 0x01,
	0x12, 0x34, 0x1b, 0x85, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 0x20, 0x00,
	0xbe, 0xef, 0, 0, 'a', 'b', 'c',
};

/* 40 + 20 + 3 bytes. */
static const u8 ip6[] = {
	0x60, 0, 0, 0, 0x00, 0x17, 0x06, 0x40,
	0xfd, 0x45, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02,
	0xfd, 0x45, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01,
	0x12, 0x34, 0x1b, 0x85, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 0x20, 0x00,
	0xbe, 0xef, 0, 0, 'a', 'b', 'c',
};

/* What may follow a packet: a page with a mark in it. */
static u8 buf[512];

static void put_frame(const u8 *packet, u32 bytes)
{
	memset(buf, 0xee, sizeof(buf));
	memcpy(buf, packet, bytes);
}

/* Sum over bytes as they are, also an odd number of them. */
static u16 sum_of(u32 sum, const u8 *at, u32 bytes)
{
	sum = meta_add(sum, at, bytes & ~1);
	return meta_fold(sum + (bytes & 1 ? at[bytes - 1] << 8 : 0));
}

static void length_is_that_of_the_header_and_padding_is_none(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;

	put_frame(ip4, sizeof(ip4));
	KUNIT_ASSERT_TRUE(test, netvsc_rx_meta_find_tcp(IP, buf, 60, 60, false,
							&tcp));
	KUNIT_EXPECT_FALSE(test, tcp.v6);
	KUNIT_EXPECT_EQ(test, tcp.ip, 0);
	KUNIT_EXPECT_EQ(test, tcp.tcp, 20);
	KUNIT_EXPECT_EQ(test, tcp.payload, 40);
	KUNIT_EXPECT_EQ(test, tcp.bytes, 43);
	put_frame(ip6, sizeof(ip6));
	KUNIT_ASSERT_TRUE(test, netvsc_rx_meta_find_tcp(IP6, buf, 70, 70, false,
							&tcp));
	KUNIT_EXPECT_TRUE(test, tcp.v6);
	KUNIT_EXPECT_EQ(test, tcp.tcp, 40);
	KUNIT_EXPECT_EQ(test, tcp.payload, 60);
	KUNIT_EXPECT_EQ(test, tcp.bytes, 63);
}

static void length_of_a_coalesced_frame_is_all_of_it(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;

	put_frame(ip4, sizeof(ip4));
	KUNIT_ASSERT_TRUE(test, netvsc_rx_meta_find_tcp(IP, buf, 60, 65535,
							true, &tcp));
	KUNIT_EXPECT_EQ(test, tcp.bytes, 65535);
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(IP, buf, 60, 65536,
							 true, &tcp));
	put_frame(ip6, sizeof(ip6));
	KUNIT_ASSERT_TRUE(test, netvsc_rx_meta_find_tcp(IP6, buf, 70, 5000,
							true, &tcp));
	KUNIT_EXPECT_EQ(test, tcp.bytes, 5000);
}

static void lengths_that_cannot_be_are_refused(struct kunit *test)
{
	static const struct {
		u16 said;
		u32 want;	/* 0: refused */
	} rows4[] = {
		{ 0, 60 }, { 1, 0 }, { 20, 0 }, { 39, 0 }, { 40, 40 },
		{ 43, 43 }, { 59, 59 }, { 60, 60 }, { 61, 0 }, { 0xffff, 0 },
	}, rows6[] = {
		{ 0, 80 }, { 1, 0 }, { 19, 0 }, { 20, 60 }, { 23, 63 },
		{ 40, 80 }, { 41, 0 }, { 0xffff, 0 },
	};
	struct netvsc_rx_tcp tcp;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows4); i++) {
		put_frame(ip4, sizeof(ip4));
		meta_put16(buf + 2, rows4[i].said);
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rx_meta_find_tcp(IP, buf, 60,
								  60, false, &tcp) ?
				    tcp.bytes : 0, rows4[i].want, "%u", rows4[i].said);
	}
	for (i = 0; i < ARRAY_SIZE(rows6); i++) {
		put_frame(ip6, sizeof(ip6));
		meta_put16(buf + 4, rows6[i].said);
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rx_meta_find_tcp(IP6, buf, 80,
								  80, false, &tcp) ?
				    tcp.bytes : 0, rows6[i].want, "%u", rows6[i].said);
	}
}

static void headers_must_be_there_in_one_piece(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;
	u32 head;

	for (head = 0; head < 60; head++) {
		put_frame(ip4, sizeof(ip4));
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rx_meta_find_tcp(IP, buf, head,
								  60, false, &tcp),
				    head >= 40, "%u", head);
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rx_meta_credible(IP, buf, head),
				    head >= 20, "%u", head);
		netvsc_rx_meta_mend_ip(IP, buf, head);
		KUNIT_EXPECT_EQ_MSG(test, buf[10] == 0xbe, head < 20, "%u", head);
		put_frame(ip6, sizeof(ip6));
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rx_meta_find_tcp(IP6, buf, head,
								  70, false, &tcp),
				    false, "%u", head);
		KUNIT_EXPECT_EQ_MSG(test, netvsc_rx_meta_credible(IP6, buf, head),
				    head >= 40, "%u", head);
	}
}

static void what_is_no_segment_is_not_called_one(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 at;
		u8 byte;
	} rows[] = {
		{ "version 6", 0, 0x65 }, { "version 0", 0, 0x05 },
		{ "header of 16 bytes", 0, 0x44 },
		{ "header longer than all", 0, 0x4f },
		{ "more fragments", 6, 0x20 }, { "offset, high", 6, 0x10 },
		{ "offset, low", 7, 1 }, { "UDP", 9, IPPROTO_UDP },
		{ "TCP header of 16 bytes", 32, 0x40 },
		{ "TCP header longer than all", 32, 0xf0 },
	};
	struct netvsc_rx_tcp tcp;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		put_frame(ip4, sizeof(ip4));
		buf[rows[i].at] = rows[i].byte;
		KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(IP, buf, 60, 60,
								 false, &tcp));
	}
	put_frame(ip4, sizeof(ip4));
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(IP6, buf, 60, 60, false,
							 &tcp));
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(cpu_to_be16(0x88b5), buf,
							 60, 60, false, &tcp));
}

static void options_and_extensions_belong_to_the_headers(struct kunit *test)
{
	static const u8 hop[] = { IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0 };
	struct netvsc_rx_tcp tcp;

	/* IP options: a header of 24 bytes; TCP options, one of 24. */
	put_frame(ip4, 20);
	memset(buf + 20, 1, 4);
	memcpy(buf + 24, ip4 + 20, 20);
	memset(buf + 44, 1, 4);
	buf[0] = 0x46;
	buf[36] = 0x60;
	meta_put16(buf + 2, 48);
	KUNIT_ASSERT_TRUE(test, netvsc_rx_meta_find_tcp(IP, buf, 60, 60, false,
							&tcp));
	KUNIT_EXPECT_EQ(test, tcp.tcp, 24);
	KUNIT_EXPECT_EQ(test, tcp.payload, 48);
	KUNIT_EXPECT_EQ(test, tcp.bytes, 48);

	put_frame(ip6, 40);
	buf[6] = IPPROTO_HOPOPTS;
	buf[5] = 8 + 23;
	memcpy(buf + 40, hop, sizeof(hop));
	memcpy(buf + 48, ip6 + 40, 23);
	KUNIT_ASSERT_TRUE(test, netvsc_rx_meta_find_tcp(IP6, buf, 80, 80, false,
							&tcp));
	KUNIT_EXPECT_EQ(test, tcp.tcp, 48);
	KUNIT_EXPECT_EQ(test, tcp.bytes, 71);
	/* Two of them, and others. */
	buf[40] = IPPROTO_HOPOPTS;
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(IP6, buf, 80, 80, false,
							 &tcp));
	buf[40] = IPPROTO_TCP;
	buf[6] = IPPROTO_DSTOPTS;
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(IP6, buf, 80, 80, false,
							 &tcp));
	/* Its end is not in this piece. */
	buf[6] = IPPROTO_HOPOPTS;
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(IP6, buf, 47, 80, false,
							 &tcp));
	buf[41] = 255;
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(IP6, buf, 80, 80, false,
							 &tcp));
}

static void up_to_two_tags_may_be_in_the_frame(struct kunit *test)
{
	static const u8 tags[] = { 0, 45, 0x81, 0, 0, 46, 0x08, 0 };
	struct netvsc_rx_tcp tcp;

	memset(buf, 0xee, sizeof(buf));
	memcpy(buf, tags, 8);
	memcpy(buf + 8, ip4, sizeof(ip4));
	KUNIT_ASSERT_TRUE(test, netvsc_rx_meta_find_tcp(TAG, buf, 60, 60, false,
							&tcp));
	KUNIT_EXPECT_EQ(test, tcp.ip, 8);
	KUNIT_EXPECT_EQ(test, tcp.tcp, 28);
	KUNIT_EXPECT_EQ(test, tcp.payload, 48);
	KUNIT_EXPECT_EQ(test, tcp.bytes, 51);
	netvsc_rx_meta_mend_ip(TAG, buf, 60);
	KUNIT_EXPECT_EQ(test, sum_of(0, buf + 8, 20), 0xffff);
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_credible(TAG, buf, 60));
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(TAG, buf, 3, 60, false,
							 &tcp));

	memcpy(buf + 4, tags, 4);
	memcpy(buf + 8, tags + 4, 4);
	memcpy(buf + 12, ip4, sizeof(ip4));
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(TAG, buf, 60, 60, false,
							 &tcp));
}

/* The field is such that the sum over header and payload completes it. */
static void settled_headers_are_right(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;
	u16 sum;

	put_frame(ip4, sizeof(ip4));
	netvsc_rx_meta_find_tcp(IP, buf, 60, 60, false, &tcp);
	netvsc_rx_meta_settle(buf, &tcp, false);
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 10), 0xbeef);
	netvsc_rx_meta_settle(buf, &tcp, true);
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 2), 43);
	/* Inverted: 4500 002b 1234 4000 4006 0a2d 0002 0a2d 0001 */
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 10), 0x143d);
	/* 0a2d + 0002 + 0a2d + 0001 + 0006 + 0017 */
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 36), 0x147a);
	/* And 1234 1b85 .. 0001 .. 0002 5018 2000 6162 6300 */
	sum = sum_of(0, buf + 20, 23);
	KUNIT_EXPECT_EQ(test, sum, 0x76b1);
	KUNIT_EXPECT_EQ(test, buf[43], 0xee);

	put_frame(ip4, sizeof(ip4));
	netvsc_rx_meta_find_tcp(IP, buf, 60, 4000, true, &tcp);
	netvsc_rx_meta_settle(buf, &tcp, true);
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 2), 4000);
	KUNIT_EXPECT_EQ(test, sum_of(0, buf, 20), 0xffff);

	put_frame(ip6, sizeof(ip6));
	netvsc_rx_meta_find_tcp(IP6, buf, 70, 4040, true, &tcp);
	netvsc_rx_meta_settle(buf, &tcp, true);
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 4), 4000);
	/* fd45 + 2 + fd45 + 1 + 6 + 4000, folded */
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 56), 0x0a35);
	KUNIT_EXPECT_MEMEQ(test, buf + 8, ip6 + 8, 48);
}

static void verdicts_count_for_whole_tcp_and_udp_alone(struct kunit *test)
{
	static const struct {
		u8 protocol, high, low;
		bool want;
	} rows[] = {
		{ IPPROTO_TCP, 0, 0, true }, { IPPROTO_UDP, 0, 0, true },
		{ IPPROTO_TCP, 0x40, 0, true }, { IPPROTO_TCP, 0x20, 0, false },
		{ IPPROTO_UDP, 0, 1, false }, { IPPROTO_UDP, 0x10, 0, false },
		{ IPPROTO_ICMP, 0, 0, false }, { IPPROTO_IPIP, 0, 0, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		put_frame(ip4, sizeof(ip4));
		buf[6] = rows[i].high;
		buf[7] = rows[i].low;
		buf[9] = rows[i].protocol;
		KUNIT_EXPECT_EQ(test, netvsc_rx_meta_credible(IP, buf, 60),
				rows[i].want);
		put_frame(ip6, sizeof(ip6));
		buf[6] = rows[i].protocol;
		KUNIT_EXPECT_EQ(test, netvsc_rx_meta_credible(IP6, buf, 70),
				rows[i].protocol == IPPROTO_TCP ||
				rows[i].protocol == IPPROTO_UDP);
		KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_credible(TAG, buf, 70));
	}
	KUNIT_EXPECT_TRUE(test, netvsc_rx_meta_ip_stale(RNDIS_RX_CSUM_IP_SUCCEEDED |
							RNDIS_RX_CSUM_IP_VALUE_INVALID));
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_ip_stale(RNDIS_RX_CSUM_IP_VALUE_INVALID));
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_ip_stale(RNDIS_RX_CSUM_IP_SUCCEEDED));
}

static u32 rnd(u32 below)
{
	static u64 state = 7;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(state >> 33) % below;
}

/* Whatever is in a frame: offsets in order and inside, nothing written behind. */
static void any_frame_is_handled_inside_its_bounds(struct kunit *test)
{
	const __be16 types[] = { IP, IP6, TAG, cpu_to_be16(0x9100) };
	u32 i, k, head, bytes, found = 0;
	struct netvsc_rx_tcp tcp;
	__be16 type;

	for (i = 0; i < 100000; i++) {
		type = types[rnd(ARRAY_SIZE(types))];
		head = rnd(120);
		bytes = head + (rnd(2) ? rnd(70000) : 0);
		put_frame(type == IP6 ? ip6 : ip4, type == IP6 ? sizeof(ip6) :
								  sizeof(ip4));
		for (k = rnd(4); k; k--)
			buf[rnd(66)] = rnd(3) ? rnd(256) : 0;
		memset(buf + head, 0x5a, sizeof(buf) - head);
		netvsc_rx_meta_credible(type, buf, head);
		netvsc_rx_meta_mend_ip(type, buf, head);
		if (netvsc_rx_meta_find_tcp(type, buf, head, bytes, rnd(2), &tcp)) {
			found++;
			KUNIT_EXPECT_LT(test, tcp.ip, tcp.tcp);
			KUNIT_EXPECT_LE(test, tcp.tcp + 20, tcp.payload);
			KUNIT_EXPECT_LE(test, tcp.payload, head);
			KUNIT_EXPECT_LE(test, tcp.payload, tcp.bytes);
			KUNIT_EXPECT_LE(test, tcp.bytes, bytes);
			netvsc_rx_meta_settle(buf, &tcp, rnd(2));
		}
		for (k = head; k < sizeof(buf) && buf[k] == 0x5a; k++)
			;
		KUNIT_ASSERT_EQ(test, k, (u32)sizeof(buf));
	}
	KUNIT_EXPECT_GT(test, found, 10000);
}

static struct kunit_case rx_meta_cases[] = {
	KUNIT_CASE(length_is_that_of_the_header_and_padding_is_none),
	KUNIT_CASE(length_of_a_coalesced_frame_is_all_of_it),
	KUNIT_CASE(lengths_that_cannot_be_are_refused),
	KUNIT_CASE(headers_must_be_there_in_one_piece),
	KUNIT_CASE(what_is_no_segment_is_not_called_one),
	KUNIT_CASE(options_and_extensions_belong_to_the_headers),
	KUNIT_CASE(up_to_two_tags_may_be_in_the_frame),
	KUNIT_CASE(settled_headers_are_right),
	KUNIT_CASE(verdicts_count_for_whole_tcp_and_udp_alone),
	KUNIT_CASE(any_frame_is_handled_inside_its_bounds),
	{}
};

static struct kunit_suite rx_meta_suite = {
	.name = "hv_netvsc_rx_meta",
	.test_cases = rx_meta_cases,
};

kunit_test_suite(rx_meta_suite);
