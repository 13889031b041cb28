// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_rndis_tx. Sheet 5, 7.1-7.3, 10.3-10.9, 10.12. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/rndis_tx.c"

#include "../vectors/ndis.h"
#include "../vectors/rndis.h"
#include "../vectors/tx.h"

static u8 buf[256] __aligned(8);

/* As the senders do it. */
static u32 write_header(struct netvsc_tx_meta meta, u32 frame, u32 pad)
{
	u32 bytes = netvsc_rndis_tx_header_bytes(&meta);

	memset(buf, 0xA5, sizeof(buf));
	netvsc_rndis_tx_put_header(buf, bytes, &meta, frame, pad);
	return bytes;
}

static void vlan_and_checksum_header_is_golden(struct kunit *test)
{
	struct netvsc_tx_meta meta = {
		.vlan = netvsc_rndis_tx_vlan(5 << 13 | 100),
		.offload = netvsc_rndis_tx_csum(false, false, 34),
		.ppis = NETVSC_TX_VLAN | NETVSC_TX_CSUM,
	};

	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_header_bytes(&meta), 76);
	KUNIT_EXPECT_EQ(test, write_header(meta, 60, 0), 76);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_tx_tcp4_vlan_csum, 76);
}

static void udp6_checksum_header_is_golden(struct kunit *test)
{
	struct netvsc_tx_meta meta = {
		.offload = netvsc_rndis_tx_csum(true, true, 54),
		.ppis = NETVSC_TX_CSUM,
	};

	KUNIT_EXPECT_EQ(test, write_header(meta, 66, 0), 60);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_tx_udp6_csum, 60);
}

static void aggregated_headers_are_golden(struct kunit *test)
{
	struct netvsc_tx_meta meta = {};

	KUNIT_EXPECT_EQ(test, write_header(meta, 61, 7), 44);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_tx_aggregate, 44);
	KUNIT_EXPECT_EQ(test, write_header(meta, 60, 0), 44);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_tx_aggregate + 112, 44);
}

static void lso_and_partial_headers_are_golden(struct kunit *test)
{
	struct netvsc_tx_meta lso = {
		.offload = netvsc_rndis_tx_lso(false, 1448, 34),
		.ppis = NETVSC_TX_LSO,
	};
	struct netvsc_tx_meta plain = {};

	KUNIT_EXPECT_EQ(test, write_header(lso, 9014, 0), 60);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_tx_lso_header, 60);
	KUNIT_EXPECT_EQ(test, write_header(plain, 9014, 0), 44);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_tx_partial_header, 44);
}

static void ppis_come_in_the_stock_order(struct kunit *test)
{
	struct netvsc_tx_meta meta = {
		.hash = 0x11223344,
		.vlan = 0x645,
		.offload = netvsc_rndis_tx_lso(true, 1428, 54),
		.ppis = NETVSC_TX_HASH | NETVSC_TX_VLAN | NETVSC_TX_LSO,
	};
	static const u8 want[48] = {
		16, 0, 0, 0, 8, 0, 0, 0, 12, 0, 0, 0, 0x44, 0x33, 0x22, 0x11,
		16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0x45, 0x06, 0x00, 0x00,
		16, 0, 0, 0, 2, 0, 0, 0, 12, 0, 0, 0, 0x94, 0x05, 0x60, 0xc3,
	};

	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_header_bytes(&meta),
			RNDIS_TX_HEADER_MAX_BYTES);
	KUNIT_EXPECT_EQ(test, write_header(meta, 3000, 0), 92);
	KUNIT_EXPECT_MEMEQ(test, buf + 44, want, sizeof(want));
}

static void nothing_is_written_past_the_header(struct kunit *test)
{
	u32 ppis, i;

	for (ppis = 0; ppis < 16; ppis++) {
		struct netvsc_tx_meta meta = { .ppis = ppis };
		u32 bytes = netvsc_rndis_tx_header_bytes(&meta);

		if ((ppis & 12) == 12)
			continue;
		KUNIT_EXPECT_EQ(test, bytes, 44 + 16 * (ppis & 1) +
					     16 * (ppis >> 1 & 1) +
					     16 * ((ppis & 12) != 0));
		KUNIT_EXPECT_EQ(test, write_header(meta, 60, 0), bytes);
		for (i = bytes; i < sizeof(buf); i++)
			KUNIT_ASSERT_EQ(test, buf[i], 0xA5);
	}
}

static void offload_values_follow_the_sheet(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_csum(false, false, 34), 0x00220005);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_csum(false, true, 34), 0x00220009);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_csum(true, false, 54), 0x00360006);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_csum(true, true, 54), 0x0036000A);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_lso(false, 1448, 34), 0x422005A8);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_lso(true, 1428, 54), 0xC3600594);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_vlan(0xA064), 0x645);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_vlan(0xFFFF), 0xFFFF);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_vlan(0x1000), 0x8);
}

static void offload_value_that_does_not_fit_is_none(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_csum(false, false, 1023),
			0x03FF0005);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_csum(false, false, 1024), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_lso(false, 1448, 1023), 0x7FF005A8);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_lso(false, 1448, 1024), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_lso(false, 0xFFFFF, 34), 0x422FFFFF);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_lso(false, 0x100000, 34), 0);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_lso(false, 0, 34), 0);
}

/* Control requests */

static void control_requests_are_golden(struct kunit *test)
{
	static const u8 filter[4] = { 0x0d };

	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_initialize(buf, sizeof(buf), 1),
			24);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_rndis_initialize, 24);

	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_query(buf, sizeof(buf), 3,
						    0x01010101, NULL, 0), 28);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_rndis_query_mac, 28);

	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_set(buf, sizeof(buf), 11,
						  0x0001010E, filter,
						  sizeof(filter)), 32);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_rndis_set_filter, 32);

	/* Queries with input and sets are told apart by their type alone */
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_query(buf, sizeof(buf), 5,
						    0xFC01020D,
						    vec_ndis_query_offload + 28,
						    156), 184);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_ndis_query_offload, 184);
}

static void mac_request_is_golden(struct kunit *test)
{
	static const u8 mac[6] = { 0x00, 0x15, 0x5d, 0x0a, 0x0b, 0x0d };
	u8 param[NDIS_CONFIG_MAC_BYTES] __aligned(4);

	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_mac_param(param, sizeof(param) - 1,
							mac), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_mac_param(param, sizeof(param),
							mac), 72);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_set(buf, sizeof(buf), 10,
						  0x0001021B, param,
						  sizeof(param)), 100);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_rndis_set_mac, 100);
}

static void halt_and_keepalive_are_twelve_bytes(struct kunit *test)
{
	static const u8 halt[] = { 3, 0, 0, 0, 12, 0, 0, 0, 9, 0, 0, 0 };
	static const u8 alive[] = { 8, 0, 0, 0, 12, 0, 0, 0, 7, 1, 0, 0 };

	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_halt(buf, 12, 9), 12);
	KUNIT_EXPECT_MEMEQ(test, buf, halt, 12);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_keepalive(buf, 12, 0x107), 12);
	KUNIT_EXPECT_MEMEQ(test, buf, alive, 12);
}

static void request_that_does_not_fit_is_not_begun(struct kunit *test)
{
	static u8 longest[28 + 4096] __aligned(8);
	static const u8 info[4096];

	memset(buf, 0xA5, sizeof(buf));
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_initialize(buf, 23, 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_halt(buf, 11, 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_keepalive(buf, 11, 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_query(buf, 27, 1, 2, NULL, 0),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_set(buf, 35, 1, 2, info, 8),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_set(buf, sizeof(buf), 1, 2, info,
						  4097), -EINVAL);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_set(buf, sizeof(buf), 1, 2, info,
						  ~0u), -EINVAL);
	KUNIT_EXPECT_EQ(test, buf[0], 0xA5);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_set(buf, 36, 1, 2, info, 8), 36);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_initialize(buf, 24, 1), 24);
	KUNIT_EXPECT_EQ(test, netvsc_rndis_tx_set(longest, sizeof(longest), 1,
						  2, info, 4096),
			(int)sizeof(longest));
}

static struct kunit_case rndis_tx_cases[] = {
	KUNIT_CASE(vlan_and_checksum_header_is_golden),
	KUNIT_CASE(udp6_checksum_header_is_golden),
	KUNIT_CASE(aggregated_headers_are_golden),
	KUNIT_CASE(lso_and_partial_headers_are_golden),
	KUNIT_CASE(ppis_come_in_the_stock_order),
	KUNIT_CASE(nothing_is_written_past_the_header),
	KUNIT_CASE(offload_values_follow_the_sheet),
	KUNIT_CASE(offload_value_that_does_not_fit_is_none),
	KUNIT_CASE(control_requests_are_golden),
	KUNIT_CASE(mac_request_is_golden),
	KUNIT_CASE(halt_and_keepalive_are_twelve_bytes),
	KUNIT_CASE(request_that_does_not_fit_is_not_begun),
	{}
};

static struct kunit_suite rndis_tx_suite = {
	.name = "hv_netvsc_rndis_tx",
	.test_cases = rndis_tx_cases,
};

kunit_test_suite(rndis_tx_suite);
