// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_ndis_caps. Sheet 6.4, 6.5, 6.8, 10.12. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/ndis_caps.c"

#include "../vectors/ndis.h"

static u8 buf[256] __aligned(8);
static struct netvsc_offload_caps caps;

static const struct netvsc_nvsp_caps *of(u32 version)
{
	return netvsc_nvsp_msg_find_caps(version);
}

static void fill_golden(void)
{
	memcpy(buf, vec_ndis_offload, sizeof(vec_ndis_offload));
}

static void offload_query_is_golden(struct kunit *test)
{
	static const struct {
		u32 version, bytes, revision;
	} rows[] = {
		{ NVSP_VERSION_61, 156, 3 }, { NVSP_VERSION_5, 156, 3 },
		{ NVSP_VERSION_4, 144, 2 }, { NVSP_VERSION_2, 112, 1 },
		{ NVSP_VERSION_1, 112, 1 },
	};
	unsigned int i;

	memset(buf, 0xA5, sizeof(buf));
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_build_query(of(NVSP_VERSION_61),
							   buf, sizeof(buf)),
			156);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_ndis_query_offload + 28, 156);

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 n = rows[i].bytes;

		KUNIT_EXPECT_EQ(test,
				netvsc_ndis_caps_build_query(of(rows[i].version),
							     buf, n - 1),
				-ENOSPC);
		KUNIT_EXPECT_EQ(test,
				netvsc_ndis_caps_build_query(of(rows[i].version),
							     buf, n), n);
		KUNIT_EXPECT_EQ(test, buf[1], rows[i].revision);
		KUNIT_EXPECT_EQ(test, buf[2], n);
	}
}

static void capable_host_gives_everything(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse(vec_ndis_offload, 156,
						     &caps), 0);
	KUNIT_EXPECT_TRUE(test, caps.tcp4_csum && caps.udp4_csum);
	KUNIT_EXPECT_TRUE(test, caps.tcp6_csum && caps.udp6_csum);
	KUNIT_EXPECT_TRUE(test, caps.tso4 && caps.tso6);
	KUNIT_EXPECT_TRUE(test, caps.rsc);
	KUNIT_EXPECT_EQ(test, caps.tso_max_bytes, 0xF53C);
	KUNIT_EXPECT_EQ(test, caps.tso_min_segs, 2);
}

/* Which bits of the result, in the order of the struct. */
enum {
	TCP4 = 0x01, UDP4 = 0x02, TCP6 = 0x04, UDP6 = 0x08, TSO4 = 0x10,
	TSO6 = 0x20, RSC = 0x40, ALL = 0x7f,
};

static u32 as_bits(const struct netvsc_offload_caps *c)
{
	return c->tcp4_csum * TCP4 | c->udp4_csum * UDP4 | c->tcp6_csum * TCP6 |
	       c->udp6_csum * UDP6 | c->tso4 * TSO4 | c->tso6 * TSO6 |
	       c->rsc * RSC;
}

static void each_capability_has_its_condition(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 at, value, want, max;
	} rows[] = {
		{ "IPv4 without TCP", 8, 0x145, ALL & ~(TCP4 | UDP4 | TSO4),
		  0xF53C },
		{ "IPv4 without TCP options", 8, 0x151,
		  ALL & ~(TCP4 | UDP4 | TSO4), 0xF53C },
		{ "IPv4 without UDP", 8, 0x115, ALL & ~UDP4, 0xF53C },
		{ "IPv4 bare minimum", 8, 0x014, ALL & ~UDP4, 0xF53C },
		{ "IPv4 without IP options", 8, 0x154, ALL, 0xF53C },
		{ "IPv4 with no more than it needs", 8, 0x054, ALL, 0xF53C },
		{ "IPv6 with no more than it needs", 24, 0x055, ALL, 0xF53C },
		{ "IPv6 without TCP", 24, 0x045, ALL & ~(TCP6 | UDP6 | TSO6),
		  0xF53C },
		{ "IPv6 without extension headers", 24, 0x054,
		  ALL & ~(TCP6 | UDP6 | TSO6), 0xF53C },
		{ "IPv6 without UDP", 24, 0x015, ALL & ~UDP6, 0xF53C },
		{ "receive capabilities do not matter", 16, 0, ALL, 0xF53C },
		{ "LSO v1 does not matter", 36, 2, ALL, 0xF53C },
		{ "LSO IPv4 not on 802.3", 80, 1, ALL & ~TSO4, 0xF53C },
		{ "LSO IPv4 on 802.3 and more", 80, 0x1E, ALL, 0xF53C },
		{ "LSO IPv6 not on 802.3", 92, 0x10, ALL & ~TSO6, 0xF53C },
		{ "LSO IPv6 without options", 104, 0, ALL & ~TSO6, 0xF53C },
		{ "LSO IPv6 without TCP options", 104, 1, ALL & ~TSO6, 0xF53C },
		{ "LSO IPv6 without extension headers", 104, 4, ALL & ~TSO6,
		  0xF53C },
		{ "LSO IPv4 is the smaller one", 84, 30000, ALL, 30000 },
		{ "LSO IPv6 is the smaller one", 96, 30000, ALL, 30000 },
		{ "LSO IPv4 without size", 84, 0, ALL & ~TSO4, 0xF53C },
		{ "LSO IPv6 below a frame", 96, 1513, ALL & ~TSO6, 0xF53C },
		{ "LSO IPv4 of one frame", 84, 1514, ALL, 1514 },
		{ "LSO IPv4 larger than Linux can", 84, ~0u, ALL, 0xF53C },
		{ "RSC for IPv4 alone", 144, 0x0001, ALL & ~RSC, 0xF53C },
		{ "RSC for IPv6 alone", 144, 0x0100, ALL & ~RSC, 0xF53C },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		__le32 v = cpu_to_le32(rows[i].value);

		fill_golden();
		memcpy(buf + rows[i].at, &v, sizeof(v));
		KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse(buf, 156, &caps),
				0);
		KUNIT_EXPECT_EQ_MSG(test, as_bits(&caps), rows[i].want, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, caps.tso_max_bytes, rows[i].max, "%s",
				    rows[i].name);
	}
}

static void tso_size_is_bounded(struct kunit *test)
{
	fill_golden();
	memset(buf + 84, 0xff, 4);
	memset(buf + 96, 0xff, 4);
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse(buf, 156, &caps), 0);
	KUNIT_EXPECT_EQ(test, caps.tso_max_bytes, 65536);
}

/* The larger one of both, whichever it is. */
static void tso_has_the_segments_both_need(struct kunit *test)
{
	static const struct {
		u8 ip4, ip6;
		u32 want;
	} rows[] = { { 2, 5, 5 }, { 5, 2, 5 }, { 4, 4, 4 }, { 0, 1, 1 } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fill_golden();
		buf[88] = rows[i].ip4;
		buf[100] = rows[i].ip6;
		memset(&caps, 0xA5, sizeof(caps));
		KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse(buf, 156, &caps),
				0);
		KUNIT_EXPECT_EQ_MSG(test, caps.tso_min_segs, rows[i].want,
				    "row %u", i);
	}
}

static void host_without_offload_gives_nothing(struct kunit *test)
{
	memset(buf, 0, sizeof(buf));
	memcpy(buf, vec_ndis_offload, 4);
	memset(&caps, 0xA5, sizeof(caps));
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse(buf, 156, &caps), 0);
	KUNIT_EXPECT_EQ(test, as_bits(&caps), 0);
	KUNIT_EXPECT_EQ(test, caps.tso_max_bytes, 0);
	KUNIT_EXPECT_EQ(test, caps.tso_min_segs, 0);
}

static void shorter_revision_has_no_rsc(struct kunit *test)
{
	static const u8 sizes[] = { 112, 144 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fill_golden();
		buf[1] = i + 1;
		buf[2] = sizes[i];
		/* Bytes behind the structure are not part of it */
		KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse(buf, 156, &caps), 0);
		KUNIT_EXPECT_EQ(test, as_bits(&caps), ALL & ~RSC);
		KUNIT_EXPECT_EQ(test,
				netvsc_ndis_caps_parse(buf, sizes[i], &caps), 0);
		KUNIT_EXPECT_EQ(test, as_bits(&caps), ALL & ~RSC);
	}
}

static void longer_revision_is_cut(struct kunit *test)
{
	memset(buf, 0xff, sizeof(buf));
	fill_golden();
	buf[1] = 6;
	buf[2] = 200;
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse(buf, 200, &caps), 0);
	KUNIT_EXPECT_EQ(test, as_bits(&caps), ALL);
}

static void offload_answer_that_cannot_be_is_rejected(struct kunit *test)
{
	static const struct {
		u32 at, value, len;
	} rows[] = {
		{ 0, 0xA8, 156 },	/* other object */
		{ 1, 0, 156 },		/* revision 0 */
		{ 2, 111, 156 },	/* shorter than revision 1 */
		{ 2, 157, 156 },	/* longer than what came */
		{ 3, 0xff, 156 },
		{ 2, 156, 155 },
		{ 2, 112, 111 },
		{ 2, 112, 4 },
		{ 2, 112, 3 },
		{ 2, 112, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fill_golden();
		buf[rows[i].at] = rows[i].value;
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_ndis_caps_parse(buf, rows[i].len,
							   &caps),
				    -EPROTO, "row %u", i);
	}
}

/* Parameters */

static void offload_parameters_are_golden(struct kunit *test)
{
	netvsc_ndis_caps_parse(vec_ndis_offload, 156, &caps);
	memset(buf, 0xA5, sizeof(buf));
	KUNIT_EXPECT_EQ(test,
			netvsc_ndis_caps_build_params(of(NVSP_VERSION_61), &caps,
						      NDIS_PARAM_ON, buf, 28),
			28);
	KUNIT_EXPECT_MEMEQ(test, buf, vec_ndis_set_offload + 28, 28);
	KUNIT_EXPECT_EQ(test, buf[28], 0xA5);
	KUNIT_EXPECT_EQ(test,
			netvsc_ndis_caps_build_params(of(NVSP_VERSION_61), &caps,
						      NDIS_PARAM_ON, buf, 27),
			-ENOSPC);
}

static void old_host_gets_22_bytes_and_no_udp(struct kunit *test)
{
	static const u32 old[] = { NVSP_VERSION_4, NVSP_VERSION_2,
				   NVSP_VERSION_1 };
	static const u8 want[22] = {
		0x80, 0x03, 0x16, 0x00, 1, 4, 0, 4, 0, 0, 0, 2, 2,
	};
	unsigned int i;

	netvsc_ndis_caps_parse(vec_ndis_offload, 156, &caps);
	for (i = 0; i < ARRAY_SIZE(old); i++) {
		memset(buf, 0xA5, sizeof(buf));
		KUNIT_EXPECT_EQ(test,
				netvsc_ndis_caps_build_params(of(old[i]), &caps,
							      NDIS_PARAM_ON,
							      buf, 22), 22);
		KUNIT_EXPECT_MEMEQ(test, buf, want, 22);
		KUNIT_EXPECT_EQ(test, buf[22], 0xA5);
	}
}

static void what_the_host_lacks_is_left_alone(struct kunit *test)
{
	static const u8 want[28] = { 0x80, 0x03, 0x1c, 0x00, 1 };

	caps = (struct netvsc_offload_caps){};
	netvsc_ndis_caps_build_params(of(NVSP_VERSION_61), &caps, NDIS_PARAM_ON,
				      buf, sizeof(buf));
	KUNIT_EXPECT_MEMEQ(test, buf, want, 28);
}

/* One ability at a time: what is asked for beside "checksum of IPv4 off". */
static void each_ability_asks_for_its_own(struct kunit *test)
{
	static const struct {
		struct netvsc_offload_caps caps;
		u8 at, value, at2;
	} rows[] = {
		{ { .tcp4_csum = true }, 5, 4 },
		{ { .udp4_csum = true }, 6, 4 },
		{ { .tcp6_csum = true }, 7, 4 },
		{ { .udp6_csum = true }, 8, 4 },
		{ { .tso4 = true }, 11, 2 },
		{ { .tso6 = true }, 12, 2 },
		{ { .rsc = true }, 22, 2, 23 },
	};
	u8 want[28];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(want, 0, sizeof(want));
		want[0] = 0x80;
		want[1] = 3;
		want[2] = 28;
		want[4] = 1;
		want[rows[i].at] = rows[i].value;
		if (rows[i].at2)
			want[rows[i].at2] = rows[i].value;
		memset(buf, 0xA5, sizeof(buf));
		KUNIT_EXPECT_EQ(test,
				netvsc_ndis_caps_build_params(of(NVSP_VERSION_61),
							      &rows[i].caps,
							      NDIS_PARAM_ON,
							      buf, 28), 28);
		KUNIT_EXPECT_MEMEQ(test, buf, want, 28);
	}
}

static void rsc_needs_its_version(struct kunit *test)
{
	static const u8 want[28] = { 0x80, 0x03, 0x1c, 0x00,
				     [22] = 1, [23] = 1 };

	netvsc_ndis_caps_parse(vec_ndis_offload, 156, &caps);
	netvsc_ndis_caps_build_params(of(NVSP_VERSION_6), &caps, NDIS_PARAM_ON,
				      buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, buf[22], 0);

	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_build_rsc(of(NVSP_VERSION_6),
							 NDIS_PARAM_OFF, buf,
							 sizeof(buf)),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_build_rsc(of(NVSP_VERSION_61),
							 NDIS_PARAM_OFF, buf,
							 27), -ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_build_rsc(of(NVSP_VERSION_61),
							 NDIS_PARAM_OFF, buf,
							 28), 28);
	KUNIT_EXPECT_MEMEQ(test, buf, want, 28);
}

/* RSS */

static void rss_query_is_golden(struct kunit *test)
{
	static const u8 want[18] = { 0x88, 0x02, 0x12, 0x00 };

	memset(buf, 0xA5, sizeof(buf));
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_build_rss_query(buf, 17),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_build_rss_query(buf, 18), 18);
	KUNIT_EXPECT_MEMEQ(test, buf, want, 18);
	KUNIT_EXPECT_EQ(test, buf[18], 0xA5);
}

static void rss_answer_is_understood(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 revision, size, entries, len;
		int want;
		u32 use;
	} rows[] = {
		{ "128 entries", 2, 18, 128, 18, 0, 128 },
		{ "1 entry", 2, 18, 1, 18, 0, 1 },
		{ "256 entries", 2, 18, 256, 18, 0, 256 },
		{ "257 entries", 2, 18, 257, 18, 0, 128 },
		{ "no entries", 2, 18, 0, 18, 0, 128 },
		{ "revision 1", 1, 16, 64, 16, 0, 128 },
		{ "revision 1, padded", 1, 16, 64, 18, 0, 128 },
		{ "padded structure", 2, 20, 64, 20, 0, 64 },
		{ "longer than what came", 2, 20, 64, 19, -EPROTO, 0 },
		{ "cut", 2, 18, 64, 17, -EPROTO, 0 },
		{ "too small", 2, 15, 64, 18, -EPROTO, 0 },
		{ "far longer than what came", 2, 256 + 18, 64, 18, -EPROTO, 0 },
		{ "nothing", 2, 18, 64, 0, -EPROTO, 0 },
		{ "revision 0", 0, 18, 64, 18, -EPROTO, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct netvsc_rss_caps rss;
		int err;

		memset(&rss, 0xA5, sizeof(rss));
		memset(buf, 0, sizeof(buf));
		buf[0] = NDIS_OBJECT_RSS_CAPS;
		buf[1] = rows[i].revision;
		buf[2] = rows[i].size;
		buf[3] = rows[i].size >> 8;
		buf[4] = 0x01;
		buf[5] = 0x03;
		buf[12] = 8;
		buf[16] = rows[i].entries;
		buf[17] = rows[i].entries >> 8;
		err = netvsc_ndis_caps_parse_rss(buf, rows[i].len, &rss);
		KUNIT_EXPECT_EQ_MSG(test, err, rows[i].want, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, rss.table_entries,
				    err ? 0xA5A5 : rows[i].use, "%s",
				    rows[i].name);
		if (err)
			continue;
		KUNIT_EXPECT_EQ(test, rss.flags, 0x301);
		KUNIT_EXPECT_EQ(test, rss.rx_queues, 8);
	}
	buf[0] = NDIS_OBJECT_RSS_PARAMS;
	buf[1] = 2;
	KUNIT_EXPECT_EQ(test, netvsc_ndis_caps_parse_rss(buf, 18, NULL),
			-EPROTO);
}

static void between_two_hosts_only_what_both_can(struct kunit *test)
{
	static const struct netvsc_offload_caps a = {
		.tcp4_csum = true, .udp4_csum = true, .tso4 = true,
		.tso6 = true, .tso_max_bytes = 62780, .tso_min_segs = 2,
	};
	struct netvsc_offload_caps b = a, common;

	KUNIT_EXPECT_TRUE(test, netvsc_ndis_caps_equal(&a, &b));
	netvsc_ndis_caps_common(&a, &b, &common);
	KUNIT_EXPECT_TRUE(test, netvsc_ndis_caps_equal(&a, &common));

	b.udp4_csum = false;
	b.tcp6_csum = true;
	b.tso_max_bytes = 9000;
	b.tso_min_segs = 4;
	KUNIT_EXPECT_FALSE(test, netvsc_ndis_caps_equal(&a, &b));
	netvsc_ndis_caps_common(&a, &b, &common);
	KUNIT_EXPECT_TRUE(test, common.tcp4_csum);
	KUNIT_EXPECT_FALSE(test, common.udp4_csum);
	KUNIT_EXPECT_FALSE(test, common.tcp6_csum);
	KUNIT_EXPECT_EQ(test, common.tso_max_bytes, 9000);
	KUNIT_EXPECT_EQ(test, common.tso_min_segs, 4);

	/* Without segmentation there is no size for it. */
	b.tso4 = false;
	b.tso6 = false;
	netvsc_ndis_caps_common(&b, &a, &b);
	KUNIT_EXPECT_EQ(test, b.tso_max_bytes, 0);
	KUNIT_EXPECT_EQ(test, b.tso_min_segs, 0);
}

static struct netvsc_offload_caps from_bits(u32 bits)
{
	return (struct netvsc_offload_caps){
		.tcp4_csum = bits & TCP4, .udp4_csum = bits & UDP4,
		.tcp6_csum = bits & TCP6, .udp6_csum = bits & UDP6,
		.tso4 = bits & TSO4, .tso6 = bits & TSO6, .rsc = bits & RSC,
	};
}

/* Any two sets of caps. */
static void what_two_have_in_common_is_what_each_has(struct kunit *test)
{
	struct netvsc_offload_caps a, b, common;
	u32 i, j;

	for (i = 0; i <= ALL; i++)
		for (j = 0; j <= ALL; j++) {
			a = from_bits(i);
			b = from_bits(j);
			a.tso_max_bytes = 9000;
			b.tso_max_bytes = 9000;
			memset(&common, 0xA5, sizeof(common));
			netvsc_ndis_caps_common(&a, &b, &common);
			KUNIT_ASSERT_EQ(test, as_bits(&common), i & j);
			KUNIT_ASSERT_EQ(test, common.tso_max_bytes,
					i & j & (TSO4 | TSO6) ? 9000 : 0);
			KUNIT_ASSERT_EQ(test, netvsc_ndis_caps_equal(&a, &b),
					i == j);
		}
	b = a;
	b.tso_max_bytes++;
	KUNIT_EXPECT_FALSE(test, netvsc_ndis_caps_equal(&a, &b));
	b = a;
	b.tso_min_segs++;
	KUNIT_EXPECT_FALSE(test, netvsc_ndis_caps_equal(&a, &b));
}

static struct kunit_case ndis_caps_cases[] = {
	KUNIT_CASE(offload_query_is_golden),
	KUNIT_CASE(capable_host_gives_everything),
	KUNIT_CASE(each_capability_has_its_condition),
	KUNIT_CASE(tso_size_is_bounded),
	KUNIT_CASE(tso_has_the_segments_both_need),
	KUNIT_CASE(host_without_offload_gives_nothing),
	KUNIT_CASE(shorter_revision_has_no_rsc),
	KUNIT_CASE(longer_revision_is_cut),
	KUNIT_CASE(offload_answer_that_cannot_be_is_rejected),
	KUNIT_CASE(offload_parameters_are_golden),
	KUNIT_CASE(old_host_gets_22_bytes_and_no_udp),
	KUNIT_CASE(what_the_host_lacks_is_left_alone),
	KUNIT_CASE(between_two_hosts_only_what_both_can),
	KUNIT_CASE(what_two_have_in_common_is_what_each_has),
	KUNIT_CASE(each_ability_asks_for_its_own),
	KUNIT_CASE(rsc_needs_its_version),
	KUNIT_CASE(rss_query_is_golden),
	KUNIT_CASE(rss_answer_is_understood),
	{}
};

static struct kunit_suite ndis_caps_suite = {
	.name = "hv_netvsc_ndis_caps",
	.test_cases = ndis_caps_cases,
};

kunit_test_suite(ndis_caps_suite);
