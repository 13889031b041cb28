// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_sizing. Sheet 1.3, 4.1, 5.3, 9.1; R26, R77, R78, R82, R85. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/sizing.c"

static const struct netvsc_nvsp_caps *of(u32 version)
{
	return netvsc_nvsp_msg_find_caps(version);
}

static void default_buffers_are_those_of_stock(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_sizing_recv_bytes(0, 0, 0, of(NVSP_VERSION_61)),
			16777216);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_send_bytes(0, 0), 1044480);
	KUNIT_EXPECT_EQ(test, NVSP_RECV_BUF_DEFAULT_BYTES, 16777216);
	KUNIT_EXPECT_EQ(test, NVSP_SEND_BUF_DEFAULT_BYTES, 1044480);
}

static void recv_buffer_has_its_limits(struct kunit *test)
{
	static const struct {
		u32 version, sections, bytes, want;
	} rows[] = {
		{ NVSP_VERSION_61, 1, 1728, 20480 },	/* 10 * 1728 in pages */
		{ NVSP_VERSION_61, 9, 1728, 20480 },
		{ NVSP_VERSION_61, 11, 1728, 20480 },
		{ NVSP_VERSION_61, 12, 1728, 24576 },
		{ NVSP_VERSION_61, 64, 4096, 262144 },
		{ NVSP_VERSION_61, 18811, 1728, 31 << 20 },
		{ NVSP_VERSION_61, ~0u, 1728, 31 << 20 },
		{ NVSP_VERSION_61, ~0u, ~0u, 31 << 20 },
		{ NVSP_VERSION_61, 0x10000, 0x10000, 31 << 20 },
		{ NVSP_VERSION_4, ~0u, 1728, 31 << 20 },
		{ NVSP_VERSION_2, ~0u, 1728, 15 << 20 },
		{ NVSP_VERSION_1, 0, 0, 15 << 20 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_sizing_recv_bytes(rows[i].sections,
							     rows[i].bytes, 0,
							     of(rows[i].version)),
				    rows[i].want, "row %u", i);
}

/* 16 for control messages and one for each queue, in the pieces of the MTU asked for. */
static void recv_buffer_holds_what_the_host_needs(struct kunit *test)
{
	static const struct {
		u32 mtu, overhead, queues, pieces;
	} rows[] = {
		{ 1500, 0, 1, 1806 },
		{ 1500, 228, 8, 1806 },		/* known hosts add less or more */
		{ 1500, 1000, 8, 2500 },
		{ 9000, 306, 64, 9306 },
		{ 65521, 306, 64, 65827 },
	};
	unsigned int i;
	u32 least;

	KUNIT_EXPECT_EQ(test, netvsc_sizing_recv_sections_min(1), 17);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_recv_sections_min(64), 80);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		least = netvsc_sizing_recv_least(rows[i].mtu, rows[i].overhead,
						 rows[i].queues);
		KUNIT_EXPECT_EQ_MSG(test, least, rows[i].pieces *
				    (16 + rows[i].queues), "row %u", i);
		KUNIT_EXPECT_GE(test,
				netvsc_sizing_recv_bytes(10, 1806, least,
							 of(NVSP_VERSION_61)),
				least);
	}
	KUNIT_EXPECT_EQ(test, netvsc_sizing_recv_bytes(10, 1728, 30703,
						       of(NVSP_VERSION_61)),
			32768);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_recv_bytes(100, 1728, 30703,
						       of(NVSP_VERSION_61)),
			176128);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_recv_least(65521, ~0u, 64),
			31 << 20);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_recv_bytes(10, 1728, ~0u,
						       of(NVSP_VERSION_2)),
			15 << 20);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_overhead(1806, 1500), 306);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_overhead(1500, 9000), 0);
}

static void send_buffer_has_its_limits(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_sizing_send_bytes(1, 6144), 61440);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_send_bytes(11, 6144), 69632);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_send_bytes(11, 4096), 45056);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_send_bytes(~0u, 6144), 15 << 20);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_send_bytes(~0u, ~0u), 15 << 20);
}

static void section_maxima_fit_the_limits(struct kunit *test)
{
	u32 rx = netvsc_sizing_recv_sections_max(1728, of(NVSP_VERSION_61));
	u32 tx = netvsc_sizing_send_sections_max(6144);

	KUNIT_EXPECT_EQ(test, rx, 18811);
	KUNIT_EXPECT_EQ(test, tx, 2560);
	/* One byte short of one more. */
	KUNIT_EXPECT_EQ(test, netvsc_sizing_send_sections_max(173), 90916);
	KUNIT_EXPECT_EQ(test,
			netvsc_sizing_recv_sections_max(1728, of(NVSP_VERSION_2)),
			9102);
	KUNIT_EXPECT_LE(test, netvsc_sizing_recv_bytes(rx, 1728, 0,
						       of(NVSP_VERSION_61)),
			NVSP_RECV_BUF_MAX_BYTES);
	KUNIT_EXPECT_GE(test, netvsc_sizing_recv_bytes(rx, 1728, 0,
						       of(NVSP_VERSION_61)),
			rx * 1728);
}

static void ring_size_is_clamped(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_sizing_ring_pages(0), 64);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_ring_pages(63), 64);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_ring_pages(128), 128);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_ring_pages(512), 512);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_ring_pages(~0u), 512);
}

static void host_mtu_lowers_and_never_raises(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_sizing_mtu(1500, 9000), 1500);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_mtu(9000, 1500), 1500);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_mtu(1500, 68), 68);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_mtu(1500, 67), 1500);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_mtu(1500, 0), 1500);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_mtu(65521, ~0u), 65521);
}

static void queue_count_takes_the_smallest_limit(struct kunit *test)
{
	static const struct {
		u32 wanted, rss, cpus, host, want;
	} rows[] = {
		{ 0, 8, 64, 64, 16 },	/* default: at least 16 */
		{ 0, 24, 64, 64, 24 },	/* or the kernel's */
		{ 0, 8, 4, 64, 4 },
		{ 0, 8, 64, 8, 8 },
		{ 3, 8, 64, 64, 3 },
		{ 5, 8, 2, 64, 5 },	/* the user knows */
		{ 100, 8, 128, 128, 64 },
		{ 0, 200, 256, 256, 64 },
		{ 0, 0, 0, 0, 1 },
		{ 5, 8, 8, 0, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_sizing_queues(rows[i].wanted,
							 rows[i].rss,
							 rows[i].cpus,
							 rows[i].host),
				    rows[i].want, "row %u", i);
}

static void batch_limits_are_bounded(struct kunit *test)
{
	static const struct {
		u32 packets, exp, want_pkts, want_align;
	} rows[] = {
		{ 8, 3, 8, 8 }, { 0, 3, 1, 8 }, { 1, 3, 1, 8 },
		{ ~0u, 3, 8, 8 }, { 8, 0, 8, 4 }, { 8, 2, 8, 4 },
		{ 8, 12, 8, 4096 }, { 8, 13, 1, 4 }, { 8, 31, 1, 4 },
		{ 8, 32, 1, 4 }, { 8, ~0u, 1, 4 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct netvsc_batch_limits limits;

		netvsc_sizing_batch(rows[i].packets, rows[i].exp, 6144, &limits);
		KUNIT_EXPECT_EQ_MSG(test, limits.max_pkts, rows[i].want_pkts,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, limits.align, rows[i].want_align,
				    "row %u", i);
		KUNIT_EXPECT_EQ(test, limits.section_bytes, 6144);
	}
}

static void sub_channels_have_smaller_rings(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_sizing_sub_ring_pages(128), 32);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_sub_ring_pages(512), 128);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_sub_ring_pages(64), 32);
}

static void more_requests_in_a_larger_ring(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_sizing_slots(32), 1024);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_slots(128), 2048);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_slots(129), 4096);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_slots(512), 4096);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_slots(1), 1024);
}

static void pieces_shrink_with_the_mtu(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netvsc_sizing_next_section_bytes(1806, 1500, 1500), 1806);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_next_section_bytes(9306, 9000, 1500), 1806);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_next_section_bytes(1806, 1500, 9000), 1806);
	/* Never nothing, whatever the host said. */
	KUNIT_EXPECT_EQ(test, netvsc_sizing_next_section_bytes(1728, 9000, 1500), 1728);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_next_section_bytes(9001, 9000, 68), 69);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_next_section_bytes(9000, 9000, 68), 9000);
	KUNIT_EXPECT_EQ(test, netvsc_sizing_next_section_bytes(1, 9000, 68), 1);
}

static void piece_of_a_page_goes_by_the_frame(struct kunit *test)
{
	static const u32 rows[][3] = {
		{ 1, 4096, 2048 }, { 2048, 4096, 2048 }, { 2049, 4096, 4096 }, { 4096, 4096, 4096 },
		{ 4097, 16384, 8192 }, { 8193, 16384, 16384 },
		{ 1900, 65536, 2048 }, { 4096, 65536, 4096 }, { 9400, 65536, 16384 },
		{ 32769, 65536, 65536 }, { 65536, 65536, 65536 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, netvsc_sizing_piece(rows[i][0], rows[i][1]), rows[i][2],
				    "row %u", i);
}

static struct kunit_case sizing_cases[] = {
	KUNIT_CASE(default_buffers_are_those_of_stock),
	KUNIT_CASE(recv_buffer_has_its_limits),
	KUNIT_CASE(recv_buffer_holds_what_the_host_needs),
	KUNIT_CASE(send_buffer_has_its_limits),
	KUNIT_CASE(section_maxima_fit_the_limits),
	KUNIT_CASE(ring_size_is_clamped),
	KUNIT_CASE(sub_channels_have_smaller_rings),
	KUNIT_CASE(more_requests_in_a_larger_ring),
	KUNIT_CASE(pieces_shrink_with_the_mtu),
	KUNIT_CASE(piece_of_a_page_goes_by_the_frame),
	KUNIT_CASE(host_mtu_lowers_and_never_raises),
	KUNIT_CASE(queue_count_takes_the_smallest_limit),
	KUNIT_CASE(batch_limits_are_bounded),
	{}
};

static struct kunit_suite sizing_suite = {
	.name = "hv_netvsc_sizing",
	.test_cases = sizing_cases,
};

kunit_test_suite(sizing_suite);
