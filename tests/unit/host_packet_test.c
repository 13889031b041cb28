// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/backend/packet.c tests/host/backend/lso.c tests/host/netvsp/pool.c */
/* CFLAGS: -Itests/host -Itests */
/*
 * DOC: frame maths (checksums, Toeplitz, large sends) and the book of
 * sub-allocations: pure functions against numbers from outside.
 */
#include "unit.h"
#include <netvsc/ndis.h>
#include "backend/lso.h"
#include "backend/packet.h"
#include "netvsp/pool.h"
#include "vectors/rx.h"
#include "vectors/toeplitz.h"
#include "vectors/tx.h"

static const uint8_t key[TOEPLITZ_KEY_BYTES] = NDIS_RSS_DEFAULT_KEY_BYTES;

/* A frame of a vector's addresses: TCP, or UDP with @proto 17. */
static size_t build(uint8_t *f, const struct vec_toeplitz *v, uint8_t proto)
{
	unsigned int l3 = v->addr_bytes == 4 ? 20 : 40;
	uint8_t *ip = f + 14, *l4 = ip + l3;

	memset(f, 0, 128);
	put_be16(f + 12, v->addr_bytes == 4 ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6);
	if (v->addr_bytes == 4) {
		ip[0] = 0x45;
		put_be16(ip + 2, 40);
		ip[9] = proto;
	} else {
		ip[0] = 0x60;
		put_be16(ip + 4, 20);
		ip[6] = proto;
	}
	memcpy(ip + (l3 == 20 ? 12 : 8), v->saddr, v->addr_bytes);
	memcpy(ip + (l3 == 20 ? 16 : 24), v->daddr, v->addr_bytes);
	put_be16(l4, v->sport);
	put_be16(l4 + 2, v->dport);
	l4[12] = 0x50;
	return 14 + l3 + 20;
}

UNIT_TEST(toeplitz_gives_the_published_hashes)
{
	const uint32_t all = NDIS_HASH_TYPES;
	uint32_t type;
	size_t i, len;

	for (i = 0; i < sizeof(vec_toeplitz) / sizeof(vec_toeplitz[0]); i++) {
		const struct vec_toeplitz *v = &vec_toeplitz[i];
		bool ip4 = v->addr_bytes == 4;
		struct pkt_info info;
		uint8_t f[128];

		len = build(f, v, IP_PROTO_TCP);
		pkt_parse(f, len, &info);
		EXPECT_EQ(pkt_hash(f, &info, all, key, &type), v->hash_4tuple);
		EXPECT_EQ(type, ip4 ? NDIS_HASH_TCP_IPV4 : NDIS_HASH_TCP_IPV6);
		EXPECT_EQ(pkt_hash(f, &info, NDIS_HASH_IPV4 | NDIS_HASH_IPV6, key, &type),
			  v->hash_2tuple);
		EXPECT_EQ(type, ip4 ? NDIS_HASH_IPV4 : NDIS_HASH_IPV6);
		/* UDP is hashed over its ports only when its own type is asked for. */
		len = build(f, v, IP_PROTO_UDP);
		pkt_parse(f, len, &info);
		EXPECT_EQ(pkt_hash(f, &info, 0x1700, key, &type), v->hash_2tuple);
		EXPECT_EQ(pkt_hash(f, &info, all, key, &type), v->hash_4tuple);
		EXPECT_EQ(type, ip4 ? NDIS_HASH_UDP_IPV4 : NDIS_HASH_UDP_IPV6);
		EXPECT_EQ(pkt_hash(f, &info, 0, key, &type), 0);
		EXPECT_EQ(type, 0);
	}
}

UNIT_TEST(fragments_are_hashed_over_addresses)
{
	struct pkt_info info;
	uint32_t type;
	uint8_t f[128];
	size_t len = build(f, &vec_toeplitz[0], IP_PROTO_TCP);

	put_be16(f + 20, 0x2000);	/* more fragments */
	pkt_parse(f, len, &info);
	EXPECT_TRUE(info.is_fragment);
	EXPECT_EQ(info.l4_off, 0);
	EXPECT_EQ(pkt_hash(f, &info, NDIS_HASH_TYPES, key, &type), vec_toeplitz[0].hash_2tuple);
	EXPECT_EQ(type, NDIS_HASH_IPV4);
}

UNIT_TEST(golden_frames_verify)
{
	struct pkt_info info;
	uint8_t f[60];

	memcpy(f, vec_rx_tcp4_frame, 60);
	pkt_parse(f, 60, &info);
	EXPECT_TRUE(pkt_ip4_csum_good(f, &info));
	EXPECT_TRUE(pkt_l4_csum_good(f, &info));
	EXPECT_EQ(get_be16(f + 50), 0xEC1B);
	put_be16(f + 50, 0);
	put_be16(f + 24, 0);
	EXPECT_FALSE(pkt_l4_csum_good(f, &info));
	EXPECT_FALSE(pkt_ip4_csum_good(f, &info));
	pkt_fill_ip4_csum(f, &info);
	pkt_fill_l4_csum(f, &info);
	EXPECT_MEMEQ(f, vec_rx_tcp4_frame, 60);
}

UNIT_TEST(seeds_of_the_sheet)
{
	struct pkt_info info;
	const uint8_t *f = vec_tx_tcp4_vlan_csum + 76;

	pkt_parse(f, 60, &info);
	EXPECT_EQ(pkt_pseudo_sum(f, &info, info.l4_len), 0x9574);
	EXPECT_EQ(pkt_pseudo_sum(f, &info, 0), 0x955A);
	f = vec_tx_udp6_csum + 60;
	pkt_parse(f, 66, &info);
	EXPECT_EQ(pkt_pseudo_sum(f, &info, info.l4_len), 0xFA21);
}

UNIT_TEST(cut_frames_are_parsed_within_their_bytes)
{
	struct pkt_info info;
	size_t len, cut;
	uint8_t f[128];
	unsigned int v;

	for (v = 0; v < 8; v += 5) {
		len = build(f, &vec_toeplitz[v], IP_PROTO_TCP);
		for (cut = 0; cut <= len; cut++) {
			uint8_t *exact = malloc(cut ? cut : 1);
			uint32_t type;

			memcpy(exact, f, cut);
			pkt_parse(exact, cut, &info);
			EXPECT_LE(info.l3_off + info.l3_len, cut > 14 ? cut : 14);
			if (cut < len)
				EXPECT_EQ(info.l4_off, 0);
			pkt_hash(exact, &info, NDIS_HASH_TYPES, key, &type);
			if (info.is_ip4)
				pkt_ip4_csum_good(exact, &info);
			free(exact);
		}
	}
}

UNIT_TEST(every_byte_changed_stays_within_the_frame)
{
	unsigned int i, b;
	uint8_t *f;

	for (i = 0; i < 66; i++) {
		for (b = 0; b < 256; b += 5) {
			struct pkt_info info;
			uint32_t type;

			f = malloc(66);
			memcpy(f, vec_tx_udp6_csum + 60, 66);
			f[i] = (uint8_t)b;
			pkt_parse(f, 66, &info);
			EXPECT_LE(info.l3_off + info.l3_len, 66);
			pkt_hash(f, &info, NDIS_HASH_TYPES, key, &type);
			if (info.l4_off)
				pkt_fill_l4_csum(f, &info);
			free(f);
		}
	}
}

UNIT_TEST(ipv6_extension_headers_are_walked)
{
	uint8_t f[128] = { 0 };
	struct pkt_info info;

	put_be16(f + 12, ETH_TYPE_IPV6);
	f[14] = 0x60;
	put_be16(f + 18, 8 + 8 + 8);
	f[20] = 0;			/* hop by hop, */
	f[54] = 44;			/* then a fragment header that is none, */
	f[62] = IP_PROTO_UDP;
	pkt_parse(f, 14 + 40 + 24, &info);
	EXPECT_EQ(info.l4_off, 14 + 40 + 16);
	EXPECT_EQ(info.l4_len, 8);
	put_be16(f + 64, 1);		/* now it is */
	pkt_parse(f, 14 + 40 + 24, &info);
	EXPECT_TRUE(info.is_fragment);
	EXPECT_EQ(info.l4_off, 0);
}

/* ---- large sends ---- */

static struct { unsigned int n; size_t len[16]; uint8_t b[16][2000]; } seg;

static void keep(void *priv, const uint8_t *s, size_t len)
{
	memcpy(seg.b[seg.n], s, len);
	seg.len[seg.n++] = len;
}

UNIT_TEST(ipv6_large_send_is_cut)
{
	static uint8_t f[74 + 3000];
	unsigned int i;

	memset(&seg, 0, sizeof(seg));
	memcpy(f, vec_tx_udp6_csum + 60, 54);
	put_be16(f + 18, 0);
	f[20] = IP_PROTO_TCP;
	put_be32(f + 58, 0xfffffff0);	/* the sequence number wraps */
	f[66] = 0x50;
	f[67] = 0x18;
	for (i = 74; i < sizeof(f); i++)
		f[i] = (uint8_t)(i * 11);
	EXPECT_EQ(lso_segment(f, sizeof(f), 1428, 54, keep, NULL), 3);
	for (i = 0; i < 3; i++) {
		struct pkt_info info;

		EXPECT_EQ(seg.len[i], i < 2 ? 74 + 1428 : 74 + 144);
		pkt_parse(seg.b[i], seg.len[i], &info);
		EXPECT_EQ(get_be16(seg.b[i] + 18), seg.len[i] - 54);
		EXPECT_TRUE(pkt_l4_csum_good(seg.b[i], &info));
		EXPECT_EQ(get_be32(seg.b[i] + 58), (uint32_t)(0xfffffff0 + i * 1428));
		EXPECT_EQ(seg.b[i][67], i < 2 ? 0x10 : 0x18);
		EXPECT_MEMEQ(seg.b[i] + 74, f + 74 + i * 1428, seg.len[i] - 74);
	}
}

UNIT_TEST(large_send_of_something_else_is_refused)
{
	uint8_t f[66];

	memcpy(f, vec_tx_udp6_csum + 60, 66);
	EXPECT_LT(lso_segment(f, 66, 1000, 54, keep, NULL), 0);
	EXPECT_LT(lso_segment(vec_rx_tcp4_frame, 60, 0, 34, keep, NULL), 0);
	EXPECT_LT(lso_segment(vec_rx_tcp4_frame, 60, 10, 35, keep, NULL), 0);
}

/* ---- sub-allocations ---- */

UNIT_TEST(pool_accounts_for_every_sub_allocation)
{
	uint32_t held[100], n = 0, slot;
	struct pool p;

	ASSERT_TRUE(!pool_init(&p, 64));
	EXPECT_EQ(p.ctrl, 16);
	while ((slot = pool_get(&p, 0, false)) != POOL_NONE) {
		EXPECT_GE(slot, 16);
		held[n++] = slot;
	}
	EXPECT_EQ(n, 48);
	EXPECT_FALSE(pool_has(&p, 0));
	EXPECT_LT(pool_get(&p, 0, true), 16);
	while (n)
		pool_put(&p, held[--n], 0);
	EXPECT_EQ(p.free_cnt[0], 48);
	EXPECT_EQ(p.free_cnt[1], 15);
	EXPECT_EQ(p.held[0], 0);
	pool_free(&p);
}

UNIT_TEST(pool_gives_each_queue_its_share)
{
	unsigned int n = 0;
	struct pool p;

	ASSERT_TRUE(!pool_init(&p, 64));
	pool_set_queues(&p, 4);
	while (pool_get(&p, 2, false) != POOL_NONE)
		n++;
	EXPECT_EQ(n, 12);
	EXPECT_TRUE(pool_has(&p, 1));
	pool_set_queues(&p, 1000);
	EXPECT_TRUE(pool_has(&p, 1));	/* never nothing */
	pool_free(&p);
}

UNIT_TEST(pool_judges_completions)
{
	uint32_t a, b, c;
	struct pool p;

	ASSERT_TRUE(!pool_init(&p, 32));
	a = pool_get(&p, 1, false);
	b = pool_get(&p, 1, false);
	c = pool_get(&p, 1, false);
	pool_link(&p, a, b);
	pool_link(&p, b, c);
	EXPECT_EQ(pool_complete(&p, a, 1), POOL_UNKNOWN);	/* not sent yet */
	pool_sent(&p, a, 1);
	EXPECT_EQ(pool_outstanding(&p, 1), 1);
	EXPECT_EQ(pool_complete(&p, b, 1), POOL_UNKNOWN);	/* not an id */
	EXPECT_EQ(pool_complete(&p, 1ull << 40, 1), POOL_UNKNOWN);
	EXPECT_EQ(pool_complete(&p, a, 0), POOL_WRONG_QUEUE);
	EXPECT_EQ(pool_complete(&p, a, 1), POOL_OK);
	EXPECT_EQ(pool_complete(&p, a, 1), POOL_DOUBLE);
	EXPECT_EQ(pool_outstanding(&p, -1), 0);
	EXPECT_EQ(p.free_cnt[0], 16);
	pool_free(&p);
}

UNIT_TEST(tiny_pool_is_shared_half_and_half)
{
	struct pool p;

	ASSERT_TRUE(!pool_init(&p, 11));
	EXPECT_EQ(p.ctrl, 5);
	EXPECT_NE(pool_get(&p, 0, false), POOL_NONE);
	pool_free(&p);
	ASSERT_TRUE(!pool_init(&p, 0));
	EXPECT_EQ(pool_get(&p, 0, false), POOL_NONE);
	EXPECT_EQ(pool_get(&p, 0, true), POOL_NONE);
	pool_free(&p);
}

UNIT_MAIN()
