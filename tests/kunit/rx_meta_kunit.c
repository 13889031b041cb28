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
		netvsc_rx_meta_fix_ip_csum(IP, buf, head);
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
	netvsc_rx_meta_fix_ip_csum(TAG, buf, 60);
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
	netvsc_rx_meta_fix_headers(buf, &tcp, false);
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 10), 0xbeef);
	netvsc_rx_meta_fix_headers(buf, &tcp, true);
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
	netvsc_rx_meta_fix_headers(buf, &tcp, true);
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 2), 4000);
	KUNIT_EXPECT_EQ(test, sum_of(0, buf, 20), 0xffff);

	put_frame(ip6, sizeof(ip6));
	netvsc_rx_meta_find_tcp(IP6, buf, 70, 4040, true, &tcp);
	netvsc_rx_meta_fix_headers(buf, &tcp, true);
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
		{ IPPROTO_TCP, 0x01, 0, false }, { IPPROTO_UDP, 0, 0x80, false },
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
	/* What is said of TCP says nothing of IP. */
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_ip_stale(RNDIS_RX_CSUM_IP_VALUE_INVALID |
							 RNDIS_RX_CSUM_TCP_FAILED));
	KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_ip_stale(RNDIS_RX_CSUM_IP_SUCCEEDED |
							 RNDIS_RX_CSUM_TCP_FAILED));
}

/* Edges: frames in memory that ends where they do */

#define Q	ETH_P_8021Q
#define AD	ETH_P_8021AD
#define TAIL	6		/* bytes behind the headers */

struct template {
	const char *name;
	u16 tags[4];		/* types, up to the first 0 */
	bool v6;
	u8 ihl;			/* of IPv4, words */
	u8 hop;			/* of IPv6, bytes of a hop-by-hop header */
	u8 doff;		/* words */
	u8 protocol;		/* 0: TCP */
	bool no;		/* none that is looked into */
};

static const struct template templates[] = {
	{ "IPv4", { 0 }, .ihl = 5, .doff = 5 },
	{ "IPv4, header of 16 bytes", { 0 }, .ihl = 4, .doff = 5, .no = true },
	{ "IPv4, header of 24 bytes", { 0 }, .ihl = 6, .doff = 5 },
	{ "IPv4, header of 60 bytes", { 0 }, .ihl = 15, .doff = 5 },
	{ "IPv4, TCP header of 16", { 0 }, .ihl = 5, .doff = 4, .no = true },
	{ "IPv4, TCP header of 24", { 0 }, .ihl = 5, .doff = 6 },
	{ "IPv4, TCP header of 60", { 0 }, .ihl = 5, .doff = 15 },
	{ "IPv4, both of 60", { 0 }, .ihl = 15, .doff = 15 },
	{ "IPv4, UDP", { 0 }, .ihl = 5, .doff = 5, .protocol = IPPROTO_UDP,
	  .no = true },
	{ "IPv4, tag", { Q }, .ihl = 5, .doff = 5 },
	{ "IPv4, service tag", { AD }, .ihl = 6, .doff = 6 },
	{ "IPv4, two tags", { AD, Q }, .ihl = 15, .doff = 5 },
	{ "IPv4, two service tags", { AD, AD }, .ihl = 5, .doff = 15 },
	{ "IPv4, two tags, TCP header of 16", { Q, Q }, .ihl = 5, .doff = 4,
	  .no = true },
	{ "IPv4, three tags", { AD, Q, Q }, .ihl = 5, .doff = 5, .no = true },
	{ "IPv6", { 0 }, .v6 = true, .doff = 5 },
	{ "IPv6, TCP header of 16", { 0 }, .v6 = true, .doff = 4, .no = true },
	{ "IPv6, TCP header of 24", { 0 }, .v6 = true, .doff = 6 },
	{ "IPv6, TCP header of 60", { 0 }, .v6 = true, .doff = 15 },
	{ "IPv6, 8 hop by hop", { 0 }, .v6 = true, .hop = 8, .doff = 5 },
	{ "IPv6, 16 hop by hop", { 0 }, .v6 = true, .hop = 16, .doff = 5 },
	{ "IPv6, 24 hop by hop", { 0 }, .v6 = true, .hop = 24, .doff = 6 },
	{ "IPv6, UDP", { 0 }, .v6 = true, .doff = 5, .protocol = IPPROTO_UDP,
	  .no = true },
	{ "IPv6, 8 hop by hop, UDP", { 0 }, .v6 = true, .hop = 8, .doff = 5,
	  .protocol = IPPROTO_UDP, .no = true },
	{ "IPv6, tag", { Q }, .v6 = true, .doff = 5 },
	{ "IPv6, service tag, 8 hop by hop", { AD }, .v6 = true, .hop = 8,
	  .doff = 5 },
	{ "IPv6, two tags, 16 hop by hop", { AD, Q }, .v6 = true, .hop = 16,
	  .doff = 15 },
	{ "IPv6, three tags", { Q, Q, Q }, .v6 = true, .doff = 5, .no = true },
};

/* Where things are in a frame of a shape. */
struct places {
	__be16 type;
	u32 ip;
	u32 tcp;
	u32 payload;
	u32 bytes;
};

/*
 * Puts the frame into buf. At any wrong place for a TCP header that a slip
 * would find there are bytes that look like one: each is 0x50 or more.
 */
static void put_shape(const struct template *template, struct places *at)
{
	u16 type = template->v6 ? ETH_P_IPV6 : ETH_P_IP;
	u8 protocol = template->protocol ?: IPPROTO_TCP;
	u32 i;
	u8 *ip;

	memset(buf, 0x5e, sizeof(buf));
	for (i = 0; template->tags[i]; i++)
		meta_put16(buf + 4 * i + 2, template->tags[i + 1] ?: type);
	at->type = cpu_to_be16(template->tags[0] ?: type);
	at->ip = 4 * i;
	at->tcp = at->ip + (template->v6 ? 40u + template->hop :
					max_t(u32, template->ihl * 4, 20));
	at->payload = at->tcp + max_t(u32, template->doff * 4, 20);
	at->bytes = at->payload + TAIL;
	ip = buf + at->ip;
	if (template->v6) {
		ip[0] = 0x60;
		meta_put16(ip + 4, at->bytes - at->ip - 40);
		ip[6] = template->hop ? IPPROTO_HOPOPTS : protocol;
		if (template->hop) {
			ip[40] = protocol;
			ip[41] = template->hop / 8 - 1;
		}
	} else {
		ip[0] = 0x40 | template->ihl;
		meta_put16(ip + 2, at->bytes - at->ip);
		meta_put16(ip + 6, 0x4000);
		ip[9] = protocol;
	}
	buf[at->tcp + 12] = template->doff << 4 | 0xe;
}

/* The first bytes of buf, and nothing behind them. */
static u8 *exact_copy(struct kunit *test, u32 bytes)
{
	u8 *copy = kunit_kmalloc(test, bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, buf, bytes);
	return copy;
}

/* A sum as a remainder: no carry, no folding. 0 is the one that is right. */
static u32 rest_of(u32 sum, const u8 *at, u32 bytes)
{
	u32 i;

	for (i = 0; i < bytes; i++)
		sum += i % 2 ? at[i] : at[i] * 256;
	return sum % 65535;
}

/* That of the pseudo header, from the addresses and what is known of it. */
static u32 pseudo_rest(const u8 *ip, bool v6, u32 tcp_bytes)
{
	return rest_of(IPPROTO_TCP + tcp_bytes, ip + (v6 ? 8 : 12),
		       v6 ? 32 : 8);
}

static void segment_is_found_when_its_headers_are_all_there(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;
	struct places at;
	unsigned int i;
	u32 head;
	u8 *copy;

	for (i = 0; i < ARRAY_SIZE(templates); i++) {
		put_shape(&templates[i], &at);
		for (head = 1; head <= at.bytes; head++) {
			bool want = !templates[i].no && head >= at.payload;

			copy = exact_copy(test, head);
			memset(&tcp, 0xa5, sizeof(tcp));
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_rx_meta_find_tcp(at.type, copy, head,
								    at.bytes, false,
								    &tcp),
					    want, "%s, %u", templates[i].name, head);
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_rx_meta_find_tcp(at.type, copy, head,
								    at.bytes + 1, true,
								    &tcp),
					    want, "%s, %u", templates[i].name, head);
			KUNIT_EXPECT_MEMEQ(test, copy, buf, head);
			kunit_kfree(test, copy);
		}
		if (templates[i].no)
			continue;
		memset(&tcp, 0xa5, sizeof(tcp));
		netvsc_rx_meta_find_tcp(at.type, buf, at.payload, at.bytes + 9,
					false, &tcp);
		KUNIT_EXPECT_EQ(test, tcp.v6, templates[i].v6);
		KUNIT_EXPECT_EQ(test, tcp.ip, at.ip);
		KUNIT_EXPECT_EQ(test, tcp.tcp, at.tcp);
		KUNIT_EXPECT_EQ(test, tcp.payload, at.payload);
		KUNIT_EXPECT_EQ(test, tcp.bytes, at.bytes);
	}
}

static void verdict_is_looked_at_when_the_header_is_there(struct kunit *test)
{
	struct places at;
	unsigned int i;
	u32 head;
	u8 *copy;

	for (i = 0; i < ARRAY_SIZE(templates); i++) {
		put_shape(&templates[i], &at);
		for (head = 1; head <= 41; head++) {
			copy = exact_copy(test, head);
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_rx_meta_credible(at.type, copy, head),
					    !templates[i].tags[0] && !templates[i].hop &&
					    head >= (templates[i].v6 ? 40 : 20),
					    "%s, %u", templates[i].name, head);
			kunit_kfree(test, copy);
		}
	}
}

static void ip_checksum_is_mended_when_the_header_is_there(struct kunit *test)
{
	struct places at;
	unsigned int i;
	u32 head;
	u8 *copy;

	for (i = 0; i < ARRAY_SIZE(templates); i++) {
		put_shape(&templates[i], &at);
		for (head = 1; head <= at.bytes; head++) {
			copy = exact_copy(test, head);
			netvsc_rx_meta_fix_ip_csum(at.type, copy, head);
			if (!templates[i].v6 && templates[i].ihl >= 5 &&
			    !templates[i].tags[2] && head >= at.tcp) {
				KUNIT_EXPECT_EQ_MSG(test,
						    rest_of(0, copy + at.ip,
							    at.tcp - at.ip), 0,
						    "%s, %u", templates[i].name, head);
				meta_put16(copy + at.ip + 10, 0x5e5e);
			}
			KUNIT_EXPECT_MEMEQ(test, copy, buf, head);
			kunit_kfree(test, copy);
		}
	}
	/* What looks like IPv4 and is something else. */
	put_shape(&templates[0], &at);
	netvsc_rx_meta_fix_ip_csum(IP6, buf, at.bytes);
	KUNIT_EXPECT_EQ(test, meta_get16(buf + 10), 0x5e5e);
}

static void lengths_count_from_behind_the_tags(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;
	struct places at;
	unsigned int i;
	u32 k;

	for (i = 0; i < ARRAY_SIZE(templates); i++) {
		put_shape(&templates[i], &at);
		if (templates[i].no)
			continue;
		/* The packet is as long as the frame, or one byte longer. */
		for (k = 0; k < 2; k++)
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_rx_meta_find_tcp(at.type, buf,
								    at.payload,
								    at.bytes - k,
								    false, &tcp),
					    !k, "%s", templates[i].name);
		for (k = 0; k < 2; k++)
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_rx_meta_find_tcp(at.type, buf,
								    at.payload,
								    at.ip + 65535 + k,
								    true, &tcp),
					    !k, "%s", templates[i].name);
		/* It says that it has one byte less than its headers. */
		meta_put16(buf + at.ip + (templates[i].v6 ? 4 : 2),
			   at.payload - at.ip - (templates[i].v6 ? 40 : 0) - 1);
		KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(at.type, buf,
								 at.payload, at.bytes,
								 false, &tcp));
	}
}

static void settled_sums_are_those_of_the_packet(struct kunit *test)
{
	const u32 sizes[] = { TAIL, 1, 0, 7, 300, 65535 - 200 };
	struct netvsc_rx_tcp tcp;
	struct places at;
	unsigned int i, j;
	u8 *copy, *ip;
	u32 bytes;

	for (i = 0; i < ARRAY_SIZE(templates) * ARRAY_SIZE(sizes); i++) {
		const struct template *template = &templates[i / ARRAY_SIZE(sizes)];

		if (template->no)
			continue;
		put_shape(template, &at);
		bytes = at.payload + sizes[i % ARRAY_SIZE(sizes)];
		for (j = 0; j < (template->v6 ? 32 : 8); j++)
			buf[at.ip + (template->v6 ? 8 : 12) + j] = i * 37 + j * 101;
		copy = exact_copy(test, at.payload);
		KUNIT_EXPECT_TRUE(test, netvsc_rx_meta_find_tcp(at.type, copy,
								at.payload, bytes,
								true, &tcp));
		netvsc_rx_meta_fix_headers(copy, &tcp, true);
		ip = copy + at.ip;
		KUNIT_EXPECT_EQ_MSG(test, meta_get16(ip + (template->v6 ? 4 : 2)),
				    bytes - at.ip - (template->v6 ? 40 : 0), "%s",
				    template->name);
		KUNIT_EXPECT_EQ_MSG(test, meta_get16(copy + at.tcp + 16) % 65535,
				    pseudo_rest(ip, template->v6, bytes - at.tcp), "%s",
				    template->name);
		if (!template->v6)
			KUNIT_EXPECT_EQ_MSG(test, rest_of(0, ip, at.tcp - at.ip), 0,
					    "%s", template->name);
		/* Nothing else is touched. */
		meta_put16(buf + at.ip + (template->v6 ? 4 : 2),
			   meta_get16(ip + (template->v6 ? 4 : 2)));
		meta_put16(buf + at.tcp + 16, meta_get16(copy + at.tcp + 16));
		if (!template->v6)
			meta_put16(buf + at.ip + 10, meta_get16(ip + 10));
		KUNIT_EXPECT_MEMEQ(test, copy, buf, at.payload);
		kunit_kfree(test, copy);
	}
}

static void carry_of_a_carry_is_added_too(struct kunit *test)
{
	static const struct {
		u16 last;	/* word of the addresses; the others are 0xffff */
		u16 want;
	} rows[] = {
		/* 3 * 0xffff + last + 6 + 20 */
		{ 0xffe4, 0xfffe }, { 0xffe5, 0xffff }, { 0xffe6, 0x0001 },
		{ 0xffe7, 0x0002 }, { 0xffe8, 0x0003 }, { 0xffe9, 0x0004 },
	};
	struct netvsc_rx_tcp tcp;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		put_frame(ip4, sizeof(ip4));
		memset(buf + 12, 0xff, 6);
		meta_put16(buf + 18, rows[i].last);
		netvsc_rx_meta_find_tcp(IP, buf, 40, 40, true, &tcp);
		netvsc_rx_meta_fix_headers(buf, &tcp, true);
		KUNIT_EXPECT_EQ_MSG(test, meta_get16(buf + 36), rows[i].want, "%x",
				    rows[i].last);
		KUNIT_EXPECT_EQ(test, rest_of(0, buf, 20), 0);
	}
}

static void jumbogram_is_no_segment(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;
	struct places at;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(templates); i++) {
		if (!templates[i].hop)
			continue;
		put_shape(&templates[i], &at);
		meta_put16(buf + at.ip + 4, 0);
		KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(at.type, buf,
								 at.payload, at.bytes,
								 false, &tcp));
		KUNIT_EXPECT_FALSE(test, netvsc_rx_meta_find_tcp(at.type, buf,
								 at.payload, at.bytes,
								 true, &tcp));
	}
}

static void each_version_is_that_of_its_type(struct kunit *test)
{
	struct netvsc_rx_tcp tcp;
	struct places at;
	unsigned int i;
	u8 version;

	for (i = 0; i < ARRAY_SIZE(templates); i++) {
		put_shape(&templates[i], &at);
		if (templates[i].no)
			continue;
		for (version = 0; version < 16; version++) {
			buf[at.ip] = version << 4 | (buf[at.ip] & 0xf);
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_rx_meta_find_tcp(at.type, buf,
								    at.payload,
								    at.bytes, false,
								    &tcp),
					    version == (templates[i].v6 ? 6 : 4),
					    "%s, %u", templates[i].name, version);
		}
	}
}

/* Parts of the search: what one of them lets through another one may refuse. */
static void tag_is_skipped_when_all_of_it_is_there(struct kunit *test)
{
	static const u8 tags[] = { 0, 45, 0x81, 0, 0, 46, 0x08, 0, 0x45 };
	static const struct {
		u32 head, want;
		u16 type;
	} rows[] = {
		{ 1, 0, AD }, { 3, 0, AD }, { 4, 4, Q }, { 5, 4, Q }, { 7, 4, Q },
		{ 8, 8, ETH_P_IP }, { 9, 8, ETH_P_IP },
	};
	unsigned int i;
	u16 type;
	u8 *copy;

	put_frame(tags, sizeof(tags));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		copy = exact_copy(test, rows[i].head);
		type = AD;
		KUNIT_EXPECT_EQ_MSG(test, meta_skip_tags(&type, copy, rows[i].head),
				    rows[i].want, "%u", rows[i].head);
		KUNIT_EXPECT_EQ_MSG(test, type, rows[i].type, "%u", rows[i].head);
		kunit_kfree(test, copy);
	}
}

static void ip6_headers_count_when_all_of_them_are_there(struct kunit *test)
{
	static const struct {
		u8 hop;
		u32 head, want;
	} rows[] = {
		{ 0, 39, 0 }, { 0, 40, 40 }, { 0, 41, 40 },
		{ 8, 39, 0 }, { 8, 40, 0 }, { 8, 41, 0 }, { 8, 47, 0 },
		{ 8, 48, 48 }, { 8, 49, 48 },
		{ 16, 47, 0 }, { 16, 48, 56 }, { 16, 56, 56 },
	};
	struct places at;
	unsigned int i;
	u32 length;
	u8 *copy;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		put_shape(&(struct template){ .v6 = true, .hop = rows[i].hop,
					      .doff = 5 }, &at);
		copy = exact_copy(test, rows[i].head);
		KUNIT_EXPECT_EQ_MSG(test, meta_ip6(copy, rows[i].head, &length),
				    rows[i].want, "%u of %u", rows[i].head,
				    rows[i].hop);
		if (rows[i].want)
			KUNIT_EXPECT_EQ(test, length, at.bytes);
		kunit_kfree(test, copy);
	}
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
		netvsc_rx_meta_fix_ip_csum(type, buf, head);
		if (netvsc_rx_meta_find_tcp(type, buf, head, bytes, rnd(2), &tcp)) {
			found++;
			KUNIT_EXPECT_LT(test, tcp.ip, tcp.tcp);
			KUNIT_EXPECT_LE(test, tcp.tcp + 20, tcp.payload);
			KUNIT_EXPECT_LE(test, tcp.payload, head);
			KUNIT_EXPECT_LE(test, tcp.payload, tcp.bytes);
			KUNIT_EXPECT_LE(test, tcp.bytes, bytes);
			netvsc_rx_meta_fix_headers(buf, &tcp, rnd(2));
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
	KUNIT_CASE(segment_is_found_when_its_headers_are_all_there),
	KUNIT_CASE(verdict_is_looked_at_when_the_header_is_there),
	KUNIT_CASE(ip_checksum_is_mended_when_the_header_is_there),
	KUNIT_CASE(lengths_count_from_behind_the_tags),
	KUNIT_CASE(settled_sums_are_those_of_the_packet),
	KUNIT_CASE(carry_of_a_carry_is_added_too),
	KUNIT_CASE(jumbogram_is_no_segment),
	KUNIT_CASE(each_version_is_that_of_its_type),
	KUNIT_CASE(tag_is_skipped_when_all_of_it_is_there),
	KUNIT_CASE(ip6_headers_count_when_all_of_them_are_there),
	KUNIT_CASE(any_frame_is_handled_inside_its_bounds),
	{}
};

static struct kunit_suite rx_meta_suite = {
	.name = "hv_netvsc_rx_meta",
	.test_cases = rx_meta_cases,
};

kunit_test_suite(rx_meta_suite);
