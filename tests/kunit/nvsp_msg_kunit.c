// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_nvsp_msg. Sheet 3, 8.2, 10.1, 10.2, 10.13, N1-N4, N14-N16. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/nvsp_msg.c"

#include "../vectors/negative.h"

/* Builders */

static struct nvsp_message built;

static const void *built_bytes(void)
{
	return &built;
}

static void poison(void)
{
	memset(&built, 0xA5, sizeof(built));
}

static void init_is_golden(struct kunit *test)
{
	poison();
	netvsc_nvsp_msg_build_init(&built, NVSP_VERSION_61);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(),
			   VECTOR_PAYLOAD(vec_nvsp_init_packet),
			   NVSP_MSG_BYTES);
}

static void ndis_config_is_golden(struct kunit *test)
{
	const struct netvsc_nvsp_caps *v61 =
		netvsc_nvsp_msg_find_caps(NVSP_VERSION_61);

	poison();
	netvsc_nvsp_msg_build_ndis_config(&built, 1500,
					  netvsc_nvsp_msg_cap_bits(v61, false));
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), vec_nvsp_ndis_config,
			   NVSP_MSG_BYTES);
}

static void ndis_version_is_golden(struct kunit *test)
{
	poison();
	netvsc_nvsp_msg_build_ndis_version(&built,
					   netvsc_nvsp_msg_find_caps(NVSP_VERSION_5));
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), vec_nvsp_ndis_version,
			   NVSP_MSG_BYTES);
}

static void buffers_are_golden(struct kunit *test)
{
	poison();
	netvsc_nvsp_msg_build_recv_buf(&built, 0x000E1E10);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), vec_nvsp_send_recv_buf,
			   NVSP_MSG_BYTES);
	poison();
	netvsc_nvsp_msg_build_send_buf(&built, 0x000E1E11);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), vec_nvsp_send_send_buf,
			   NVSP_MSG_BYTES);
}

static void revokes_name_the_buffer(struct kunit *test)
{
	u8 want[NVSP_MSG_BYTES] = { 103, 0, 0, 0, 0xfe, 0xca };

	poison();
	netvsc_nvsp_msg_build_revoke_recv_buf(&built);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), want, sizeof(want));

	memset(want, 0, sizeof(want));
	want[0] = 106;
	poison();
	netvsc_nvsp_msg_build_revoke_send_buf(&built);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), want, sizeof(want));
}

static void subchannel_is_golden(struct kunit *test)
{
	poison();
	netvsc_nvsp_msg_build_subchannel(&built, 3);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), vec_nvsp_subchannel,
			   NVSP_MSG_BYTES);
}

static void data_path_is_golden(struct kunit *test)
{
	poison();
	netvsc_nvsp_msg_build_data_path(&built, NVSP_DATAPATH_VF);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(),
			   VECTOR_PAYLOAD(vec_nvsp_data_path_packet),
			   NVSP_MSG_BYTES);
}

static void rndis_packets_are_golden(struct kunit *test)
{
	poison();
	netvsc_nvsp_msg_put_rndis((__le64 *)&built, NVSP_RNDIS_CHANNEL_CONTROL,
				  NVSP_SECTION_NONE, 0);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(),
			   VECTOR_PAYLOAD(vec_rndis_initialize_packet),
			   NVSP_MSG_BYTES);
	poison();
	netvsc_nvsp_msg_put_rndis((__le64 *)&built, NVSP_RNDIS_CHANNEL_DATA,
				  5, 136);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(),
			   VECTOR_PAYLOAD(vec_tx_tcp4_vlan_csum_packet),
			   NVSP_MSG_BYTES);
	poison();
	netvsc_nvsp_msg_put_rndis((__le64 *)&built, NVSP_RNDIS_CHANNEL_DATA,
				  7, 216);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(), vec_tx_aggregate_payload,
			   NVSP_MSG_BYTES);
	poison();
	netvsc_nvsp_msg_put_rndis((__le64 *)&built, NVSP_RNDIS_CHANNEL_DATA,
				  3, 156);
	KUNIT_EXPECT_MEMEQ(test, built_bytes(),
			   VECTOR_PAYLOAD(vec_tx_partial_packet),
			   NVSP_MSG_BYTES);
}

static void rx_completion_is_golden(struct kunit *test)
{
	struct nvsp_rndis_pkt_complete msg;

	memset(&msg, 0xa5, sizeof(msg));
	netvsc_nvsp_msg_build_rndis_complete(&msg, NVSP_STAT_SUCCESS);
	KUNIT_EXPECT_MEMEQ(test, (const void *)&msg,
			   VECTOR_PAYLOAD(vec_rndis_initialize_rx_complete_packet),
			   sizeof(msg));
	memset(&msg, 0xa5, sizeof(msg));
	netvsc_nvsp_msg_build_rndis_complete(&msg, NVSP_STAT_FAILURE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(msg.type),
			NVSP_MSG_SEND_RNDIS_PKT_COMPLETE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(msg.status), 2);
}

/* Versions */

static void versions_come_newest_first(struct kunit *test)
{
	static const u32 order[] = { NVSP_VERSION_61, NVSP_VERSION_6,
				     NVSP_VERSION_5, NVSP_VERSION_4,
				     NVSP_VERSION_2, NVSP_VERSION_1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_ASSERT_NOT_NULL(test, netvsc_nvsp_msg_candidate(i));
		KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_candidate(i)->version,
				order[i]);
		KUNIT_EXPECT_TRUE(test, netvsc_nvsp_msg_find_caps(order[i]) ==
					netvsc_nvsp_msg_candidate(i));
	}
	KUNIT_EXPECT_TRUE(test, !netvsc_nvsp_msg_candidate(i));
	KUNIT_EXPECT_TRUE(test, !netvsc_nvsp_msg_candidate(-1));
	KUNIT_EXPECT_TRUE(test, !netvsc_nvsp_msg_find_caps(0x00030000));
	KUNIT_EXPECT_TRUE(test, !netvsc_nvsp_msg_find_caps(0));
}

struct ability_row {
	u32 version, caps, minor, recv_max, mtu_max;
	u32 revision, offload_bytes, params_bytes;
	bool vf, multi_queue, link_speed, udp_csum, rsc;
};

static void caps_follow_the_version(struct kunit *test)
{
	static const struct ability_row rows[] = {
		{ NVSP_VERSION_1, 0x00, 1, 15 << 20, 1500, 1, 112, 22 },
		{ NVSP_VERSION_2, 0x08, 1, 15 << 20, 65521, 1, 112, 22 },
		{ NVSP_VERSION_4, 0x08, 1, 31 << 20, 65521, 2, 144, 22, true },
		{ NVSP_VERSION_5, 0x2C, 30, 31 << 20, 65521, 3, 156, 28,
		  true, true, true, true },
		{ NVSP_VERSION_6, 0x2C, 30, 31 << 20, 65521, 3, 156, 28,
		  true, true, true, true },
		{ NVSP_VERSION_61, 0xAC, 30, 31 << 20, 65521, 3, 156, 28,
		  true, true, true, true, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct ability_row *row = &rows[i];
		const struct netvsc_nvsp_caps *a;

		a = netvsc_nvsp_msg_find_caps(row->version);
		KUNIT_ASSERT_NOT_NULL(test, a);
		KUNIT_EXPECT_EQ(test, a->bits, row->caps);
		KUNIT_EXPECT_EQ(test, a->ndis_major, 6);
		KUNIT_EXPECT_EQ(test, a->ndis_minor, row->minor);
		KUNIT_EXPECT_EQ(test, a->recv_buf_max_bytes, row->recv_max);
		KUNIT_EXPECT_EQ(test, a->mtu_max, row->mtu_max);
		KUNIT_EXPECT_EQ(test, a->offload_revision, row->revision);
		KUNIT_EXPECT_EQ(test, a->offload_bytes, row->offload_bytes);
		KUNIT_EXPECT_EQ(test, a->offload_params_bytes,
				row->params_bytes);
		KUNIT_EXPECT_EQ(test, a->vf, row->vf);
		KUNIT_EXPECT_EQ(test, a->multi_queue, row->multi_queue);
		KUNIT_EXPECT_EQ(test, a->link_speed, row->link_speed);
		KUNIT_EXPECT_EQ(test, a->udp_csum, row->udp_csum);
		KUNIT_EXPECT_EQ(test, a->rsc, row->rsc);
	}
}

static void isolated_guest_wants_no_vf(struct kunit *test)
{
	const struct netvsc_nvsp_caps *v61 =
		netvsc_nvsp_msg_find_caps(NVSP_VERSION_61);

	static const struct netvsc_nvsp_caps all = { .bits = ~0u };

	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_cap_bits(v61, true), 0xA8);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_cap_bits(&all, true), ~0x4u);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_cap_bits(&all, false), ~0u);
}

/* Answers: right type, right length, for the right request */

static void type_needs_four_bytes(struct kunit *test)
{
	u32 type = 0xa5a5a5a5;

	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_type(vec_nvsp_subchannel, 3, &type),
			-EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_type(vec_nvsp_subchannel, 4, &type),
			0);
	KUNIT_EXPECT_EQ(test, type, NVSP_MSG_SUBCHANNEL);
}

static void answer_must_fit_request_and_length(struct kunit *test)
{
	static const struct {
		u32 request;
		const u8 *answer;
		u32 min;
	} rows[] = {
		{ NVSP_MSG_INIT,
		  VECTOR_PAYLOAD(vec_nvsp_init_complete_packet), 16 },
		{ NVSP_MSG_SEND_RECV_BUF, vec_nvsp_recv_buf_complete, 28 },
		{ NVSP_MSG_SEND_SEND_BUF, vec_nvsp_send_buf_complete, 12 },
		{ NVSP_MSG_SUBCHANNEL, vec_nvsp_subchannel_complete, 12 },
		{ NVSP_MSG_SEND_RNDIS_PKT,
		  VECTOR_PAYLOAD(vec_rndis_initialize_nvsp_complete_packet), 8 },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 min = rows[i].min;

		for (j = 0; j < ARRAY_SIZE(rows); j++)
			KUNIT_EXPECT_EQ(test,
					netvsc_nvsp_msg_check_answer(rows[i].request,
								     rows[j].answer,
								     28),
					i == j ? 0 : -EPROTO);
		KUNIT_EXPECT_EQ(test,
				netvsc_nvsp_msg_check_answer(rows[i].request,
							     rows[i].answer,
							     min), 0);
		KUNIT_EXPECT_EQ(test,
				netvsc_nvsp_msg_check_answer(rows[i].request,
							     rows[i].answer,
							     min - 1), -EPROTO);
		KUNIT_EXPECT_EQ(test,
				netvsc_nvsp_msg_check_answer(rows[i].request,
							     rows[i].answer,
							     0), -EPROTO);
	}
}

static void empty_answer_fits_data_path_alone(struct kunit *test)
{
	u32 request;

	for (request = 0; request < 140; request++)
		KUNIT_EXPECT_EQ(test,
				netvsc_nvsp_msg_check_answer(request, &built, 0),
				request == NVSP_MSG_SWITCH_DATA_PATH ? 0 :
								       -EPROTO);
}

static void init_answer_is_understood(struct kunit *test)
{
	u8 msg[32] __aligned(8);

	memcpy(msg, VECTOR_PAYLOAD(vec_nvsp_init_complete_packet), 32);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_init(msg, 32), 0);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_init(msg, 15), -EPROTO);
	msg[12] = NVSP_STAT_NONE;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_init(msg, 32), -EIO);
	msg[12] = NVSP_STAT_FAILURE;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_init(msg, 32), -EIO);
}

/* Shared buffers */

static void recv_layout_is_understood(struct kunit *test)
{
	struct netvsc_sections s;
	int err;

	err = netvsc_nvsp_msg_parse_recv_buf(vec_nvsp_recv_buf_complete, 40,
					     16 << 20, &s);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, s.bytes, 1728);
	KUNIT_EXPECT_EQ(test, s.cnt, 9709);
	err = netvsc_nvsp_msg_parse_recv_buf(vec_nvsp_recv_buf_complete, 27,
					     16 << 20, &s);
	KUNIT_EXPECT_EQ(test, err, -EPROTO);
}

struct recv_row {
	const char *name;
	u32 status, sections, offset, bytes, cnt;
	int want;
};

static void recv_layout_that_cannot_be_is_rejected(struct kunit *test)
{
	static const struct recv_row rows[] = {
		{ "exact", 1, 1, 0, 1024, 16384, 0 },
		{ "smallest", 1, 1, 0, 68, 1, 0 },
		{ "too small", 1, 1, 0, 67, 1, -EPROTO },
		{ "no pieces", 1, 1, 0, 1728, 0, -EPROTO },
		{ "one too many", 1, 1, 0, 1024, 16385, -EPROTO },
		{ "product wraps 32 bits", 1, 1, 0, 0x10000, 0x10001, -EPROTO },
		{ "product is 2^32", 1, 1, 0, 0x10000, 0x10000, -EPROTO },
		{ "all ones", 1, 1, 0, ~0u, ~0u, -EPROTO },
		{ "two sections", 1, 2, 0, 1728, 100, -EPROTO },
		{ "no section", 1, 0, 0, 1728, 100, -EPROTO },
		{ "section not at 0", 1, 1, 8, 1728, 100, -EPROTO },
		{ "refused", 2, 1, 0, 1728, 100, -EIO },
		{ "status none", 0, 1, 0, 1728, 100, -EIO },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct recv_row *row = &rows[i];
		struct nvsp_message msg = {};
		struct netvsc_sections s;
		int err;

		msg.type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF_COMPLETE);
		msg.recv_buf_complete.status = cpu_to_le32(row->status);
		msg.recv_buf_complete.section_cnt = cpu_to_le32(row->sections);
		msg.recv_buf_complete.section.offset = cpu_to_le32(row->offset);
		msg.recv_buf_complete.section.suballoc_size =
			cpu_to_le32(row->bytes);
		msg.recv_buf_complete.section.suballoc_cnt =
			cpu_to_le32(row->cnt);
		err = netvsc_nvsp_msg_parse_recv_buf(&msg, 32, 16 << 20, &s);
		KUNIT_EXPECT_EQ_MSG(test, err, row->want, "%s", row->name);
	}
}

static void send_layout_is_understood(struct kunit *test)
{
	struct netvsc_sections s;
	int err;

	err = netvsc_nvsp_msg_parse_send_buf(vec_nvsp_send_buf_complete, 40,
					     170 * 6144, &s);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, s.bytes, 6144);
	KUNIT_EXPECT_EQ(test, s.cnt, 170);
	err = netvsc_nvsp_msg_parse_send_buf(vec_nvsp_send_buf_complete, 11,
					     170 * 6144, &s);
	KUNIT_EXPECT_EQ(test, err, -EPROTO);
}

static void send_layout_that_cannot_be_is_rejected(struct kunit *test)
{
	static const struct {
		u32 status, bytes;
		int want;
		u32 cnt;
	} rows[] = {
		{ 1, 68, 0, 15420 },
		{ 1, 67, -EPROTO },
		{ 1, 0, -EPROTO },
		{ 1, 1 << 20, 0, 1 },
		{ 1, (1 << 20) + 1, -EPROTO },
		{ 1, ~0u, -EPROTO },
		{ 2, 6144, -EIO },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct netvsc_sections s = {};
		struct nvsp_message msg = {};

		msg.type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF_COMPLETE);
		msg.send_buf_complete.status = cpu_to_le32(rows[i].status);
		msg.send_buf_complete.section_size = cpu_to_le32(rows[i].bytes);
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_nvsp_msg_parse_send_buf(&msg, 32,
								   1 << 20, &s),
				    rows[i].want, "row %u", i);
		KUNIT_EXPECT_EQ(test, s.cnt, rows[i].cnt);
	}
}

static void fewer_subchannels_are_taken_more_are_not(struct kunit *test)
{
	u8 msg[40] __aligned(8);
	u32 granted;

	memcpy(msg, vec_nvsp_subchannel_complete, sizeof(msg));
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_subchannel(msg, 40, 3,
							       &granted), 0);
	KUNIT_EXPECT_EQ(test, granted, 3);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_subchannel(msg, 40, 7,
							       &granted), 0);
	KUNIT_EXPECT_EQ(test, granted, 3);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_subchannel(msg, 40, 2,
							       &granted),
			-EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_subchannel(msg, 11, 3,
							       &granted),
			-EPROTO);
	msg[8] = 0;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_subchannel(msg, 40, 3,
							       &granted), 0);
	KUNIT_EXPECT_EQ(test, granted, 0);
	msg[4] = 2;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_subchannel(msg, 40, 3,
							       &granted), -EIO);
}

static void tx_completion_reports_the_status(struct kunit *test)
{
	const u8 *golden =
		VECTOR_PAYLOAD(vec_rndis_initialize_nvsp_complete_packet);
	u8 msg[8] __aligned(8);

	memcpy(msg, golden, sizeof(msg));
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_rndis_complete(msg, 8), 0);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_rndis_complete(msg, 7),
			-EPROTO);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_rndis_complete(msg, 0),
			-EPROTO);
	msg[4] = 2;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_rndis_complete(msg, 8),
			-EIO);
	/* A completion of something else. */
	msg[4] = 1;
	msg[0] ^= 1;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_rndis_complete(msg, 8),
			-EPROTO);
}

/* In-band notifications */

static void vf_association_is_understood(struct kunit *test)
{
	bool allocated = false;
	u8 msg[40] __aligned(8);
	u32 serial = 0xa5a5a5a5;

	memcpy(msg, vec_nvsp_vf_association, sizeof(msg));
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_vf(msg, 40, &allocated,
						       &serial), 0);
	KUNIT_EXPECT_TRUE(test, allocated);
	KUNIT_EXPECT_EQ(test, serial, 2);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_vf(msg, 11, &allocated,
						       &serial), -EPROTO);
	msg[4] = 0;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_vf(msg, 12, &allocated,
						       &serial), 0);
	KUNIT_EXPECT_FALSE(test, allocated);
	msg[0] = 129;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_vf(msg, 12, &allocated,
						       &serial), -EPROTO);
}

static void data_path_notice_is_understood(struct kunit *test)
{
	u8 msg[40] __aligned(8);
	u32 path = 7;

	memcpy(msg, VECTOR_PAYLOAD(vec_nvsp_data_path_packet), sizeof(msg));
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_data_path(msg, 8, &path), 0);
	KUNIT_EXPECT_EQ(test, path, NVSP_DATAPATH_VF);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_data_path(msg, 7, &path),
			-EPROTO);
	msg[4] = 2;
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_parse_data_path(msg, 8, &path),
			-EPROTO);
}

static void expect_round_robin(struct kunit *test, const u16 *table, u32 n)
{
	unsigned int i;

	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		KUNIT_EXPECT_EQ(test, table[i], i % n);
}

static void indirection_table_is_found_in_both_forms(struct kunit *test)
{
	u16 table[NVSP_INDIRECTION_ENTRIES] = {};
	u8 compact[104] __aligned(8) = {};
	int n;

	n = netvsc_nvsp_msg_parse_indirection(vec_nvsp_indirection_windows, 104,
					      NVSP_VERSION_61, 4, table);
	KUNIT_EXPECT_EQ(test, n, 0);
	expect_round_robin(test, table, 4);

	memcpy(compact, vec_nvsp_indirection_compact,
	       sizeof(vec_nvsp_indirection_compact));
	memset(table, 0xff, sizeof(table));
	n = netvsc_nvsp_msg_parse_indirection(compact, 80, NVSP_VERSION_61, 4,
					      table);
	KUNIT_EXPECT_EQ(test, n, 0);
	expect_round_robin(test, table, 4);

	memset(table, 0xff, sizeof(table));
	n = netvsc_nvsp_msg_parse_indirection(compact, 80, NVSP_VERSION_5, 4,
					      table);
	KUNIT_EXPECT_EQ(test, n, 0);
	expect_round_robin(test, table, 4);

	/* One byte too short for the other form. */
	memset(table, 0xff, sizeof(table));
	n = netvsc_nvsp_msg_parse_indirection(compact, 103, NVSP_VERSION_5, 4,
					      table);
	KUNIT_EXPECT_EQ(test, n, 0);
	expect_round_robin(test, table, 4);
}

static void n14_offset_defect_up_to_v6_is_mended(struct kunit *test)
{
	static const u32 versions_with_it[] = { NVSP_VERSION_5, NVSP_VERSION_6 };
	u8 msg[VEC_NEGATIVE_MAX_BYTES] __aligned(8);
	u16 table[NVSP_INDIRECTION_ENTRIES];
	unsigned int i;

	vec_negative_apply(&vec_negative[14], msg);
	for (i = 0; i < ARRAY_SIZE(versions_with_it); i++) {
		memset(table, 0xff, sizeof(table));
		KUNIT_EXPECT_EQ(test,
				netvsc_nvsp_msg_parse_indirection(msg, 104,
								  versions_with_it[i],
								  4, table), 0);
		expect_round_robin(test, table, 4);
	}
}

static void n15_table_past_the_end_is_ignored(struct kunit *test)
{
	u8 msg[VEC_NEGATIVE_MAX_BYTES] __aligned(8);
	u16 table[NVSP_INDIRECTION_ENTRIES] = { [3] = 77 };

	vec_negative_apply(&vec_negative[15], msg);
	KUNIT_EXPECT_EQ(test,
			netvsc_nvsp_msg_parse_indirection(msg, 104,
							  NVSP_VERSION_61, 4,
							  table), -EPROTO);
	KUNIT_EXPECT_EQ(test, table[3], 77);
}

static void n16_entry_without_channel_is_reduced(struct kunit *test)
{
	u8 msg[VEC_NEGATIVE_MAX_BYTES] __aligned(8) = {};
	u16 table[NVSP_INDIRECTION_ENTRIES];
	unsigned int i;
	int n;

	vec_negative_apply(&vec_negative[16], msg);
	n = netvsc_nvsp_msg_parse_indirection(msg, 80, NVSP_VERSION_61, 5,
					      table);
	KUNIT_EXPECT_EQ(test, n, 1);
	KUNIT_EXPECT_EQ(test, table[0], 64 % 5);

	n = netvsc_nvsp_msg_parse_indirection(msg, 80, NVSP_VERSION_61, 1,
					      table);
	KUNIT_EXPECT_EQ(test, n, 13);	/* all but entries 4, 8, 12 */
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		KUNIT_EXPECT_EQ(test, table[i], 0);
}

static void indirection_table_must_have_16_entries(struct kunit *test)
{
	u16 table[NVSP_INDIRECTION_ENTRIES];
	u8 msg[104] __aligned(8);
	static const struct {
		u32 at, value, len;
	} rows[] = {
		{ 4, 15, 104 }, { 4, 17, 104 }, { 4, 0, 104 },
		{ 8, 0, 104 }, { 8, 11, 104 }, { 8, 0xFFFFFFC0, 104 },
		{ 8, 41, 104 }, { 8, 40, 103 }, { 8, 12, 75 }, { 8, 12, 11 },
		{ 0, 133, 104 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		__le32 value = cpu_to_le32(rows[i].value);

		memcpy(msg, vec_nvsp_indirection_windows, sizeof(msg));
		memcpy(msg + rows[i].at, &value, sizeof(value));
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_nvsp_msg_parse_indirection(msg,
								      rows[i].len,
								      NVSP_VERSION_61,
								      4, table),
				    -EPROTO, "row %u", i);
	}
}

/* Transfer pages */

/* As chan and rx do it: the data offset comes from the descriptor. */
static int parse_xfer(const u8 *pkt, size_t len, struct netvsc_xfer *xfer)
{
	u32 data_offset = 8 * (netvsc_get_le32(pkt) >> 16);

	return netvsc_nvsp_msg_parse_xfer(pkt, data_offset, len, xfer);
}

static void xfer_header_is_understood(struct kunit *test)
{
	const size_t len = VECTOR_PACKET_BYTES(vec_rx_tcp4_packet);
	struct netvsc_xfer xfer;
	u32 offset;

	KUNIT_ASSERT_EQ(test, parse_xfer(vec_rx_tcp4_packet,
							 len, &xfer), 0);
	KUNIT_EXPECT_EQ(test, xfer.range_cnt, 2);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_range(&xfer, 0, &offset), 1806);
	KUNIT_EXPECT_EQ(test, offset, 28896);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_range(&xfer, 1, &offset), 1806);
	KUNIT_EXPECT_EQ(test, offset, 30702);

	KUNIT_ASSERT_EQ(test,
			parse_xfer(vec_rx_rsc_packet,
						   VECTOR_PACKET_BYTES(vec_rx_rsc_packet),
						   &xfer), 0);
	KUNIT_EXPECT_EQ(test, xfer.range_cnt, 3);
	KUNIT_EXPECT_EQ(test, netvsc_nvsp_msg_range(&xfer, 2, &offset), 660);
	KUNIT_EXPECT_EQ(test, offset, 43200);
}

static void xfer_header_cut_anywhere_is_rejected(struct kunit *test)
{
	struct netvsc_xfer xfer;
	size_t len;

	/* 40 bytes of descriptor and ranges, then at least the message type */
	for (len = 0; len < 44; len++)
		KUNIT_EXPECT_EQ(test,
				parse_xfer(vec_rx_tcp4_packet,
							   len, &xfer), -EPROTO);
	KUNIT_EXPECT_EQ(test, parse_xfer(vec_rx_tcp4_packet, 44,
							 &xfer), 0);
}

static void xfer_header_that_cannot_be_is_rejected(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 at, bytes, value;
		int want;
	} rows[] = {
		{ "unchanged", 0, 0, 0, 0 },
		{ "data offset inside the header", 2, 2, 2, -EPROTO },
		{ "data offset 0", 2, 2, 0, -EPROTO },
		{ "data offset past the packet", 2, 2, 10, -EPROTO },
		{ "data offset 65535", 2, 2, 0xFFFF, -EPROTO },
		{ "other message", 40, 4, 108, -EPROTO },
		{ "garbage in the owner byte", 18, 2, 0xFFFF, 0 },
		{ "one range more than fits", 20, 4, 3, -EPROTO },
		{ "no range", 20, 4, 0, 0 },
		{ "ranges wrap 32 bits", 20, 4, 0x1FFFFFFF, -EPROTO },
		{ "all ones", 20, 4, 0xFFFFFFFF, -EPROTO },
	};
	u8 pkt[88] __aligned(8);
	struct netvsc_xfer xfer;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(pkt, vec_rx_tcp4_packet, sizeof(pkt));
		for (j = 0; j < rows[i].bytes; j++)
			pkt[rows[i].at + j] = rows[i].value >> (8 * j);
		KUNIT_EXPECT_EQ_MSG(test,
				    parse_xfer(pkt, 80, &xfer),
				    rows[i].want, "%s", rows[i].name);
	}
}

/* The shortest there is: no range, the message right behind the header. */
static void xfer_without_ranges_may_end_with_its_header(struct kunit *test)
{
	u8 pkt[28] __aligned(8);
	struct netvsc_xfer xfer;

	memset(&xfer, 0xa5, sizeof(xfer));
	memcpy(pkt, vec_rx_tcp4_packet, 24);
	pkt[2] = 3;
	pkt[20] = 0;
	memset(pkt + 24, 0, 4);
	pkt[24] = NVSP_MSG_SEND_RNDIS_PKT;
	KUNIT_EXPECT_EQ(test, parse_xfer(pkt, 28, &xfer), 0);
	KUNIT_EXPECT_EQ(test, xfer.range_cnt, 0);
	KUNIT_EXPECT_PTR_EQ(test, (const u8 *)xfer.ranges, pkt + 24);
	KUNIT_EXPECT_EQ(test, parse_xfer(pkt, 27, &xfer), -EPROTO);
	pkt[20] = 1;
	KUNIT_EXPECT_EQ(test, parse_xfer(pkt, 28, &xfer), -EPROTO);
}

/* The last byte of the last range is not the first of the payload. */
static void ranges_end_before_the_payload(struct kunit *test)
{
	u8 pkt[88] __aligned(8);
	struct netvsc_xfer xfer;
	u32 n, at;

	for (n = 0; n < 4; n++)
		for (at = 24; at <= 24 + 8 * n; at++) {
			memcpy(pkt, vec_rx_tcp4_packet, 24);
			memset(pkt + 24, 0, sizeof(pkt) - 24);
			pkt[20] = n;
			pkt[at] = NVSP_MSG_SEND_RNDIS_PKT;
			KUNIT_EXPECT_EQ_MSG(test,
					    netvsc_nvsp_msg_parse_xfer(pkt, at,
								       80, &xfer),
					    at < 24 + 8 * n ? -EPROTO : 0,
					    "%u ranges, payload at %u", n, at);
		}
}

static void xfer_range_count_has_a_limit(struct kunit *test)
{
	static u8 pkt[24 + 8 * (NVSP_XFER_RANGES_MAX_RSC + 1) + 40] __aligned(8);
	struct netvsc_xfer xfer;
	u32 n;

	for (n = NVSP_XFER_RANGES_MAX_RSC; n <= NVSP_XFER_RANGES_MAX_RSC + 1; n++) {
		memset(pkt, 0, sizeof(pkt));
		memcpy(pkt, vec_rx_tcp4_packet, 24);
		pkt[2] = 3 + n;
		pkt[3] = (3 + n) >> 8;
		pkt[20] = n;
		pkt[21] = n >> 8;
		pkt[24 + 8 * n] = NVSP_MSG_SEND_RNDIS_PKT;
		KUNIT_EXPECT_EQ(test,
				parse_xfer(pkt, 24 + 8 * n + 40,
							   &xfer),
				n > NVSP_XFER_RANGES_MAX_RSC ? -EPROTO : 0);
	}
}

static void n1_n2_bad_xfer_header_is_rejected(struct kunit *test)
{
	u8 pkt[VEC_NEGATIVE_MAX_BYTES] __aligned(8);
	struct netvsc_xfer xfer;
	int n;

	for (n = 1; n <= 2; n++) {
		vec_negative_apply(&vec_negative[n], pkt);
		KUNIT_EXPECT_EQ_MSG(test,
				    parse_xfer(pkt, 80, &xfer),
				    -EPROTO, "N%d", n);
	}
}

static void n3_n4_bad_range_leaves_the_other_alone(struct kunit *test)
{
	u8 pkt[VEC_NEGATIVE_MAX_BYTES] __aligned(8);
	struct netvsc_xfer xfer;
	unsigned int i;
	int n;

	for (n = 3; n <= 4; n++) {
		vec_negative_apply(&vec_negative[n], pkt);
		KUNIT_ASSERT_EQ(test, parse_xfer(pkt, 80, &xfer), 0);
		for (i = 0; i < 2; i++) {
			u32 off, cnt = netvsc_nvsp_msg_range(&xfer, i, &off);

			KUNIT_EXPECT_EQ(test,
					netvsc_nvsp_msg_range_ok(off, cnt,
								 16 << 20, 1806),
					i == 1);
		}
	}
}

static void range_is_held_against_buffer_and_section(struct kunit *test)
{
	static const struct {
		u32 off, cnt;
		bool ok;
	} rows[] = {
		{ 0, 0, true }, { 0, 1728, true }, { 0, 1729, false },
		{ 10000 - 1728, 1728, true }, { 10000 - 1727, 1728, false },
		{ 10000, 0, true }, { 10001, 0, false }, { 9999, 1, true },
		{ 9999, 2, false }, { 0xFFFFFFFF, 1, false },
		{ 0xFFFFFFF0, 0x20, false }, { 1, 0xFFFFFFFF, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_nvsp_msg_range_ok(rows[i].off,
							     rows[i].cnt,
							     10000, 1728),
				    rows[i].ok, "row %u", i);
}

static struct kunit_case nvsp_msg_cases[] = {
	KUNIT_CASE(init_is_golden),
	KUNIT_CASE(ndis_config_is_golden),
	KUNIT_CASE(ndis_version_is_golden),
	KUNIT_CASE(buffers_are_golden),
	KUNIT_CASE(revokes_name_the_buffer),
	KUNIT_CASE(subchannel_is_golden),
	KUNIT_CASE(data_path_is_golden),
	KUNIT_CASE(rndis_packets_are_golden),
	KUNIT_CASE(rx_completion_is_golden),
	KUNIT_CASE(versions_come_newest_first),
	KUNIT_CASE(caps_follow_the_version),
	KUNIT_CASE(isolated_guest_wants_no_vf),
	KUNIT_CASE(type_needs_four_bytes),
	KUNIT_CASE(answer_must_fit_request_and_length),
	KUNIT_CASE(empty_answer_fits_data_path_alone),
	KUNIT_CASE(init_answer_is_understood),
	KUNIT_CASE(recv_layout_is_understood),
	KUNIT_CASE(recv_layout_that_cannot_be_is_rejected),
	KUNIT_CASE(send_layout_is_understood),
	KUNIT_CASE(send_layout_that_cannot_be_is_rejected),
	KUNIT_CASE(fewer_subchannels_are_taken_more_are_not),
	KUNIT_CASE(tx_completion_reports_the_status),
	KUNIT_CASE(vf_association_is_understood),
	KUNIT_CASE(data_path_notice_is_understood),
	KUNIT_CASE(indirection_table_is_found_in_both_forms),
	KUNIT_CASE(n14_offset_defect_up_to_v6_is_mended),
	KUNIT_CASE(n15_table_past_the_end_is_ignored),
	KUNIT_CASE(n16_entry_without_channel_is_reduced),
	KUNIT_CASE(indirection_table_must_have_16_entries),
	KUNIT_CASE(xfer_header_is_understood),
	KUNIT_CASE(xfer_header_cut_anywhere_is_rejected),
	KUNIT_CASE(xfer_header_that_cannot_be_is_rejected),
	KUNIT_CASE(xfer_without_ranges_may_end_with_its_header),
	KUNIT_CASE(ranges_end_before_the_payload),
	KUNIT_CASE(xfer_range_count_has_a_limit),
	KUNIT_CASE(n1_n2_bad_xfer_header_is_rejected),
	KUNIT_CASE(n3_n4_bad_range_leaves_the_other_alone),
	KUNIT_CASE(range_is_held_against_buffer_and_section),
	{}
};

static struct kunit_suite nvsp_msg_suite = {
	.name = "hv_netvsc_nvsp_msg",
	.test_cases = nvsp_msg_cases,
};

kunit_test_suite(nvsp_msg_suite);
