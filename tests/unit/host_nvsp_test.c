// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the NVSP server: golden bytes, versions, order, buffers, sub-channels, close.
 */
#include "unit.h"
#include <endian.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "base/violation.h"
#include "fake/guest.h"
#include "fault/fault.h"
#include "netvsp/netvsp.h"
#include "vectors/nvsp.h"

static const uint32_t versions[] = { NVSP_VERSION_1, NVSP_VERSION_2, NVSP_VERSION_4,
				     NVSP_VERSION_5, NVSP_VERSION_6, NVSP_VERSION_61 };

/* How often @name was noted since the last look; the book is closed again. */
static uint64_t noted(const char *name)
{
	uint64_t n = violation_count(name);

	if (n != violation_total())
		printf("# %s: %d of %d violations\n", name, (int)n, (int)violation_total());
	violation_clear();
	return n;
}

static struct nvsp_message msg(uint32_t type, uint32_t a, uint32_t b)
{
	struct nvsp_message m = { 0 };
	__le32 v[3] = { htole32(type), htole32(a), htole32(b) };

	memcpy(&m, v, sizeof(v));
	return m;
}

static uint32_t status_at(struct fake_packet *p, size_t off)
{
	uint32_t v = p && p->len >= off + 4 ? fp32(p, off) : 0xFFFFFFFF;

	free(p);
	return v;
}

static uint32_t init(struct guest *g, uint32_t version)
{
	struct nvsp_message m = msg(NVSP_MSG_INIT, version, version);

	return status_at(guest_ask(g, &m), 28);
}

UNIT_TEST(init_is_answered_with_the_golden_bytes)
{
	struct guest g;
	struct fake_packet *p;

	ASSERT_TRUE(guest_new(&g, 1, ""));
	fake_put(g.ch[0], vec_nvsp_init_packet, VECTOR_PACKET_BYTES(vec_nvsp_init_packet));
	fake_ring(g.ch[0]);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(p->len, VECTOR_PACKET_BYTES(vec_nvsp_init_complete_packet));
	EXPECT_MEMEQ(p->b, vec_nvsp_init_complete_packet,
		     VECTOR_PACKET_BYTES(vec_nvsp_init_complete_packet));
	free(p);
	guest_free(&g);
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(buffer_answers_are_the_golden_bytes)
{
	struct guest g;
	struct fake_packet *p;
	uint8_t b[40];

	ASSERT_TRUE(guest_new(&g, 1, "suballoc=1728"));
	/* The sheet's buffer: 9709 * 1728 rounded up to a page. */
	free(g.recv->data);
	g.recv->len = NVSP_RECV_BUF_DEFAULT_BYTES;
	g.recv->data = calloc(1, g.recv->len);
	EXPECT_EQ(init(&g, NVSP_VERSION_61), NVSP_STAT_SUCCESS);
	guest_inband(&g, 0, vec_nvsp_ndis_config, sizeof(vec_nvsp_ndis_config), false, 5);
	guest_inband(&g, 0, vec_nvsp_ndis_version, sizeof(vec_nvsp_ndis_version), false, 5);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	guest_inband(&g, 0, vec_nvsp_send_recv_buf, 40, true, 6);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	memcpy(b, vec_nvsp_recv_buf_complete, 40);
	EXPECT_EQ(p->len, 56);
	EXPECT_MEMEQ(p->b + 16, b, 40);
	free(p);
	guest_inband(&g, 0, vec_nvsp_send_send_buf, 40, true, 7);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_MEMEQ(p->b + 16, vec_nvsp_send_buf_complete, 40);
	free(p);
	guest_free(&g);
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(whole_life_of_every_version_without_a_violation)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		struct guest g;

		ASSERT_TRUE(guest_new(&g, 1, ""));
		EXPECT_TRUE(guest_bring_up(&g, versions[i]));
		guest_down(&g);
		EXPECT_EQ(fake_open(g.ch[0]), 0);
		EXPECT_TRUE(guest_bring_up(&g, versions[i]));
		guest_down(&g);
		guest_free(&g);
	}
	EXPECT_EQ(violation_total(), 0);
	EXPECT_EQ(fake_timers(), 0);
}

UNIT_TEST(versions_above_the_maximum_are_rejected)
{
	static const char *const names[] = { "1", "2", "4", "5", "6", "6.1" };
	unsigned int max, i;

	for (max = 0; max < 6; max++) {
		char words[16];
		struct guest g;

		snprintf(words, sizeof(words), "nvsp=%s", names[max]);
		ASSERT_TRUE(guest_new(&g, 1, words));
		for (i = 5; i > max; i--)
			EXPECT_EQ(init(&g, versions[i]), NVSP_STAT_NONE);
		EXPECT_EQ(init(&g, 0x00030001), NVSP_STAT_NONE);
		EXPECT_EQ(init(&g, versions[max]), NVSP_STAT_SUCCESS);
		guest_free(&g);
	}
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(answers_have_28_bytes_below_61_and_40_with_it)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		struct fake_packet *p;
		struct nvsp_message m;
		struct guest g;

		ASSERT_TRUE(guest_new(&g, 1, ""));
		EXPECT_TRUE(guest_bring_up(&g, versions[i]));
		m = msg(NVSP_MSG_SWITCH_DATA_PATH, 0, 0);
		p = versions[i] >= NVSP_VERSION_4 ? guest_ask(&g, &m) : NULL;
		if (p)
			EXPECT_EQ(p->len, 16);	/* empty, always */
		free(p);
		guest_section(&g, 0, "x", 1);	/* malformed: answered with 108 */
		violation_clear();
		guest_inband(&g, 0, (uint32_t[10]){ 107, 0, 0, 0 }, 40, true, 77);
		p = fake_get(g.ch[0]);
		ASSERT_NOT_NULL(p);
		EXPECT_EQ(p->len, versions[i] == NVSP_VERSION_61 ? 56 : 48);
		free(p);
		violation_clear();
		guest_free(&g);
	}
}

UNIT_TEST(data_path_switch_gets_the_golden_empty_completion)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	fake_put(g.ch[0], vec_nvsp_data_path_packet,
		 VECTOR_PACKET_BYTES(vec_nvsp_data_path_packet));
	fake_ring(g.ch[0]);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(p->len, VECTOR_PACKET_BYTES(vec_nvsp_data_path_complete_packet));
	EXPECT_MEMEQ(p->b, vec_nvsp_data_path_complete_packet, 16);
	free(p);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
}

UNIT_TEST(oid_query_ex_and_pd_api_are_refused)
{
	struct nvsp_message m = msg(NVSP_MSG_OID_QUERY_EX, 0x00020101, OID_GEN_LINK_SPEED);
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), RNDIS_STATUS_NOT_SUPPORTED);
	m = msg(NVSP_MSG_PD_API, 1, 0);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 24), RNDIS_STATUS_NOT_SUPPORTED);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
}

UNIT_TEST(sub_allocation_size_follows_style_and_frame_size)
{
	static const struct { const char *words; uint32_t frame, s; } t[] = {
		{ "suballoc=1806", 1514, 1806 }, { "suballoc=1728", 1514, 1728 },
		{ "suballoc=1806", 9014, 9306 }, { "suballoc=1728", 9014, 9228 },
		{ "suballoc=1806", 1000, 1806 }, { "suballoc=1806", 9217, 1806 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct nvsp_message m = { 0 };
		struct fake_packet *p;
		struct guest g;

		ASSERT_TRUE(guest_new(&g, 1, t[i].words));
		init(&g, NVSP_VERSION_61);
		m.ndis_config.type = htole32(NVSP_MSG_SEND_NDIS_CONFIG);
		m.ndis_config.frame_size = htole32(t[i].frame);
		m.ndis_config.capabilities = htole64(0xac);
		guest_tell(&g, &m);
		m = msg(NVSP_MSG_SEND_RECV_BUF, GUEST_RECV_GPADL, NVSP_RECV_BUF_ID);
		p = guest_ask(&g, &m);
		ASSERT_NOT_NULL(p);
		EXPECT_EQ(fp32(p, 20), NVSP_STAT_SUCCESS);
		EXPECT_EQ(fp32(p, 32), t[i].s);
		EXPECT_EQ(fp32(p, 36), GUEST_RECV_BYTES / t[i].s);
		EXPECT_EQ(fp32(p, 40), GUEST_RECV_BYTES / t[i].s * t[i].s);
		free(p);
		guest_free(&g);
	}
	EXPECT_EQ(violation_total(), 0);
}

/* ---- violations ---- */

UNIT_TEST(messages_at_the_wrong_time_are_noted_and_answered)
{
	struct nvsp_message m;
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 2, ""));
	m = msg(NVSP_MSG_SEND_RECV_BUF, GUEST_RECV_GPADL, NVSP_RECV_BUF_ID);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.message.wrong_state"), 1);
	EXPECT_EQ(init(&g, NVSP_VERSION_5), NVSP_STAT_SUCCESS);
	init(&g, NVSP_VERSION_5);
	EXPECT_EQ(noted("netvsp.message.wrong_state"), 1);
	m = msg(NVSP_MSG_PD_API, 1, 0);
	guest_tell(&g, &m);
	EXPECT_EQ(violation_count("netvsp.message.no_completion_flag"), 1);
	EXPECT_EQ(violation_count("netvsp.message.version"), 1);
	violation_clear();
	m = msg(NVSP_MSG_SEND_RECV_BUF, GUEST_RECV_GPADL, NVSP_RECV_BUF_ID);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_SUCCESS);
	EXPECT_EQ(noted("netvsp.recv_buf.before_config"), 1);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_FAILURE);
	EXPECT_EQ(violation_count("netvsp.recv_buf.twice"), 1);
	violation_clear();
	m = msg(NVSP_MSG_SEND_NDIS_CONFIG, 1514, 0);
	guest_tell(&g, &m);
	EXPECT_EQ(noted("netvsp.config.after_recv_buf"), 1);
	guest_tell(&g, &m);
	EXPECT_EQ(violation_count("netvsp.config.twice"), 1);
	violation_clear();
	m = msg(NVSP_MSG_SEND_NDIS_VERSION, 6, 30);
	guest_tell(&g, &m);
	EXPECT_EQ(violation_total(), 0);
	guest_tell(&g, &m);
	EXPECT_EQ(noted("netvsp.ndis_version.twice"), 1);
	m = msg(NVSP_MSG_SEND_SEND_BUF, GUEST_SEND_GPADL, 0);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_SUCCESS);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.send_buf.twice"), 1);
	guest_free(&g);
}

UNIT_TEST(message_form_is_checked)
{
	struct nvsp_message m = msg(NVSP_MSG_INIT, NVSP_VERSION_5, NVSP_VERSION_61);
	struct guest g;
	uint8_t b[64] = { 0 };
	uint64_t one = 1;

	ASSERT_TRUE(guest_new(&g, 2, ""));
	guest_inband(&g, 0, &m, 12, true, 9);
	EXPECT_EQ(noted("netvsp.message.short"), 1);
	EXPECT_EQ(guest_status(&g, 0, 9), NVSP_STAT_FAILURE);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 28), NVSP_STAT_SUCCESS);
	EXPECT_EQ(noted("netvsp.init.version_range"), 1);
	m = msg(NVSP_MSG_SEND_NDIS_VERSION, 6, 30);
	m.raw[39] = 1;
	guest_tell(&g, &m);
	EXPECT_EQ(noted("netvsp.message.trailing_garbage"), 1);
	m = msg(NVSP_MSG_SEND_NDIS_CONFIG, 1514, 0);
	m.ndis_config.capabilities = htole64(0x80);
	guest_tell(&g, &m);
	EXPECT_EQ(noted("netvsp.config.capabilities"), 1);
	m = msg(NVSP_MSG_SEND_VF_ASSOCIATION, 1, 1);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.message.unknown"), 1);
	/* In-band with an extension; GPA-direct without RNDIS. */
	m = msg(NVSP_MSG_SWITCH_DATA_PATH, 7, 0);
	memcpy(b, (uint16_t[]){ VMBUS_PKT_INBAND, 3, 8, 1 }, 8);
	memcpy(b + 8, &one, 8);
	memcpy(b + 24, &m, 40);
	fake_put(g.ch[0], b, 64);
	fake_ring(g.ch[0]);
	EXPECT_EQ(violation_count("netvsp.packet.inband_extension"), 1);
	EXPECT_EQ(violation_count("netvsp.datapath.value"), 1);
	violation_clear();
	memcpy(b, (uint16_t[]){ VMBUS_PKT_GPA_DIRECT, 3, 8, 1 }, 8);
	fake_put(g.ch[0], b, 64);
	fake_ring(g.ch[0]);
	EXPECT_EQ(noted("netvsp.packet.gpa_without_rndis"), 1);
	guest_free(&g);
}

UNIT_TEST(transaction_ids_are_checked)
{
	struct nvsp_message m = msg(NVSP_MSG_SWITCH_DATA_PATH, 0, 0);
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1, .ms = 50 };
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	guest_inband(&g, 0, &m, 40, true, 0);
	EXPECT_EQ(violation_count("netvsp.transid.zero"), 1);
	EXPECT_EQ(violation_total(), 0);	/* a matter of style */
	violation_clear();
	fault_set(&f, "nvsp.delay");
	guest_inband(&g, 0, &m, 40, true, 5);
	guest_inband(&g, 0, &m, 40, true, 5);
	EXPECT_EQ(noted("netvsp.transid.reused"), 1);
	fake_run(60);
	guest_inband(&g, 0, &m, 40, true, 5);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
	fault_clear(NULL, FAULT_ANY_NIC);
}

UNIT_TEST(buffers_must_be_whole_pages_of_one_range)
{
	struct nvsp_message m;
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 1, ""));
	init(&g, NVSP_VERSION_2);
	m = msg(NVSP_MSG_SEND_NDIS_CONFIG, 1514, 0);
	m.ndis_config.capabilities = htole64(8);
	guest_tell(&g, &m);
	m = msg(NVSP_MSG_SEND_RECV_BUF, 0x1234, NVSP_RECV_BUF_ID);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.buffer.unknown_gpadl"), 1);
	m = msg(NVSP_MSG_SEND_RECV_BUF, GUEST_RECV_GPADL, NVSP_RECV_BUF_ID);
	g.recv->offset = 64;
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.buffer.gpadl_shape"), 1);
	g.recv->offset = 0;
	g.recv->len = NVSP_RECV_BUF_MAX_BYTES_V2 + 4096;
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.recv_buf.too_big"), 1);
	g.recv->len = GUEST_RECV_BYTES;
	EXPECT_EQ(status_at(guest_ask(&g, &m), 20), NVSP_STAT_SUCCESS);
	fake_teardown(g.ch[0], GUEST_RECV_GPADL);
	EXPECT_EQ(noted("netvsp.buffer.torn_down"), 1);
	guest_free(&g);
}

UNIT_TEST(tear_down_order_is_checked)
{
	struct nvsp_message m = msg(NVSP_MSG_REVOKE_RECV_BUF, NVSP_RECV_BUF_ID, 0);
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	m.revoke_buf.id = htole16(0xBEEF);
	m.raw[6] = 0;
	guest_discard(&g, 0);
	guest_tell(&g, &m);
	EXPECT_EQ(violation_count("netvsp.revoke.unknown"), 1);
	EXPECT_EQ(violation_count("netvsp.revoke.without_halt"), 1);
	violation_clear();
	fake_close(g.ch[0]);
	fake_run(0);
	EXPECT_EQ(violation_total(), 0);
	/* Closed in the middle of everything. */
	EXPECT_EQ(fake_open(g.ch[0]), 0);
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	json_decref(fake_verb("{\"cmd\":\"nic.link\",\"nic\":%d,\"state\":\"down\"}", 0));
	fake_close(g.ch[0]);
	fake_run(0);
	EXPECT_EQ(violation_count("netvsp.close.without_halt"), 1);
	EXPECT_EQ(violation_count("netvsp.close.missing_completion"), 1);
	violation_clear();
	/* With UNLOAD nothing of that was promised. */
	EXPECT_EQ(fake_open(g.ch[0]), 0);
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	fake_close(g.ch[0]);
	g.bus->version = 0;
	fake_run(0);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
}

UNIT_TEST(nothing_is_sent_after_a_revoke)
{
	struct nvsp_message m = msg(NVSP_MSG_REVOKE_RECV_BUF, NVSP_RECV_BUF_ID, 0);
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	guest_discard(&g, 0);
	guest_tell(&g, &m);
	json_decref(fake_verb("{\"cmd\":\"nic.link\",\"nic\":%d,\"state\":\"down\"}", 0));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	violation_clear();
	guest_free(&g);
}

/* ---- sub-channels ---- */

static uint32_t ask_subchannels(struct guest *g, uint32_t op, uint32_t n, uint32_t *got)
{
	struct nvsp_message m = msg(NVSP_MSG_SUBCHANNEL, op, n);
	struct fake_packet *p = guest_ask(g, &m);

	*got = p ? fp32(p, 24) : 0xFFFFFFFF;
	return status_at(p, 20);
}

UNIT_TEST(subchannels_are_offered_after_the_answer_and_the_table_when_all_are_open)
{
	struct fake_packet *p;
	uint32_t got;
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(guest_up(&g, ""));
	guest_discard(&g, 0);
	fake_put(g.ch[0], (uint16_t[]){ 6, 2, 7, 1, 200, 0, 0, 0 }, 16);
	free(g.ch[0]->in);
	g.ch[0]->in = NULL;
	guest_inband(&g, 0, vec_nvsp_subchannel, sizeof(vec_nvsp_subchannel), true, 200);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_MEMEQ(p->b + 16, vec_nvsp_subchannel_complete, 40);
	free(p);
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	fake_run(5);
	ASSERT_TRUE(fake_channel_cnt(g.bus) == 4);
	for (i = 1; i < 4; i++) {
		g.ch[i] = fake_channel(g.bus, i);
		EXPECT_EQ(g.ch[i]->p.subchannel_index, i);
		EXPECT_TRUE(g.ch[i]->p.primary == g.ch[0]);
		EXPECT_MEMEQ(g.ch[i]->p.instance.b, g.ch[0]->p.instance.b, 16);
		EXPECT_EQ(fake_waiting(g.ch[0]), 0);
		EXPECT_EQ(fake_open(g.ch[i]), 0);
	}
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp16(p, 0), VMBUS_PKT_INBAND);
	EXPECT_EQ(fp16(p, 6), 0);
	EXPECT_MEMEQ(p->b + 16, vec_nvsp_indirection_windows,
		     sizeof(vec_nvsp_indirection_windows));
	free(p);
	EXPECT_EQ(ask_subchannels(&g, 1, 1, &got), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.subchannel.twice"), 1);
	/* All of them go with the primary. */
	for (i = 1; i < 4; i++)
		fake_close(g.ch[i]);
	guest_down(&g);
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
}

UNIT_TEST(compact_table_and_the_defect_of_old_hosts)
{
	static const struct { const char *words; uint32_t v, field, bytes; } t[] = {
		{ "itab=compact", NVSP_VERSION_61, 12, 80 },
		{ "itab=compact", NVSP_VERSION_5, 12, 80 },
		{ "itab=windows", NVSP_VERSION_61, 40, 104 },
		{ "itab=windows", NVSP_VERSION_6, 28, 104 },
		{ "itab=off", NVSP_VERSION_61, 0, 0 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct fake_packet *p;
		uint32_t got;
		struct guest g;

		ASSERT_TRUE(guest_new(&g, 4, t[i].words) && guest_bring_up(&g, t[i].v));
		guest_discard(&g, 0);
		EXPECT_EQ(ask_subchannels(&g, 1, 1, &got), NVSP_STAT_SUCCESS);
		fake_run(5);
		g.ch[1] = fake_channel(g.bus, 1);
		ASSERT_NOT_NULL(g.ch[1]);
		fake_open(g.ch[1]);
		p = fake_get(g.ch[0]);
		EXPECT_EQ(p ? p->len - 16 : 0, t[i].bytes);
		if (p)
			EXPECT_EQ(fp32(p, 24), t[i].field);
		free(p);
		guest_free(&g);
	}
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(subchannel_requests_that_make_no_sense)
{
	struct nvsp_message m = msg(NVSP_MSG_SWITCH_DATA_PATH, 0, 0);
	uint32_t got;
	struct guest g;

	ASSERT_TRUE(guest_up(&g, "queues=2"));
	EXPECT_EQ(ask_subchannels(&g, 2, 1, &got), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.subchannel.operation"), 1);
	EXPECT_EQ(ask_subchannels(&g, 1, 2, &got), NVSP_STAT_FAILURE);
	EXPECT_EQ(noted("netvsp.subchannel.too_many"), 1);
	EXPECT_EQ(ask_subchannels(&g, 1, 1, &got), NVSP_STAT_SUCCESS);
	fake_run(5);
	g.ch[1] = fake_channel(g.bus, 1);
	ASSERT_NOT_NULL(g.ch[1]);
	fake_open(g.ch[1]);
	guest_inband(&g, 1, &m, 40, true, 3);
	EXPECT_EQ(noted("netvsp.message.on_subchannel"), 1);
	EXPECT_EQ(guest_status(&g, 1, 3), NVSP_STAT_FAILURE);
	guest_free(&g);
}

/* ---- faults ---- */

static void arm(const char *name, const char *what, unsigned int ms, int64_t value)
{
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1, .ms = ms };

	snprintf(f.what, sizeof(f.what), "%s", what);
	f.has_value = value >= 0;
	f.value = (uint32_t)value;
	if (fault_set(&f, name) < 0)
		UNIT_FAIL("no fault %s", name);
}

UNIT_TEST(nvsp_faults_do_what_they_say)
{
	struct nvsp_message m = msg(NVSP_MSG_INIT, NVSP_VERSION_61, NVSP_VERSION_61);
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 1, ""));
	arm("nvsp.refuse", "init", 0, 2);
	EXPECT_EQ(init(&g, NVSP_VERSION_61), 2);
	arm("nvsp.no_answer", "init", 0, -1);
	EXPECT_EQ(init(&g, NVSP_VERSION_61), 0xFFFFFFFF);
	fake_close(g.ch[0]);
	fake_open(g.ch[0]);
	arm("nvsp.delay", "init", 100, -1);
	EXPECT_EQ(init(&g, NVSP_VERSION_61), 0xFFFFFFFF);
	fake_run(99);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(1);
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);
	fake_close(g.ch[0]);
	fake_open(g.ch[0]);
	arm("nvsp.twice", "init", 0, -1);
	guest_inband(&g, 0, &m, 40, true, 3);
	EXPECT_EQ(fake_waiting(g.ch[0]), 2);
	fake_close(g.ch[0]);
	fake_open(g.ch[0]);
	arm("nvsp.wrong_id", "init", 0, -1);
	guest_inband(&g, 0, &m, 40, true, 3);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 8), 0x7ffffff0);
	free(p);
	fake_close(g.ch[0]);
	fake_open(g.ch[0]);
	arm("nvsp.malformed", "init", 0, -1);
	EXPECT_NE(status_at(guest_ask(&g, &m), 16), NVSP_MSG_INIT_COMPLETE);
	fake_close(g.ch[0]);
	fake_open(g.ch[0]);
	arm("nvsp.short", "init", 0, -1);
	p = guest_ask(&g, &m);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(p->len, 24);
	free(p);
	/* A delayed answer does not outlive its connection. */
	fake_close(g.ch[0]);
	fake_open(g.ch[0]);
	arm("nvsp.delay", "init", 100, -1);
	init(&g, NVSP_VERSION_61);
	fake_close(g.ch[0]);
	EXPECT_EQ(fake_timers(), 0);
	fault_clear(NULL, FAULT_ANY_NIC);
	guest_free(&g);
}

UNIT_TEST(buffer_faults_show_in_the_answers)
{
	struct fake_packet *p;
	struct nvsp_message m;
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 1, ""));
	init(&g, NVSP_VERSION_61);
	m = msg(NVSP_MSG_SEND_NDIS_CONFIG, 1514, 0);
	guest_tell(&g, &m);
	arm("suballoc.size", "", 0, 60);
	arm("suballoc.count", "", 0, 100000);
	arm("suballoc.sections", "", 0, 2);
	arm("suballoc.offset", "", 0, 4096);
	m = msg(NVSP_MSG_SEND_RECV_BUF, GUEST_RECV_GPADL, NVSP_RECV_BUF_ID);
	p = guest_ask(&g, &m);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 24), 2);
	EXPECT_EQ(fp32(p, 28), 4096);
	EXPECT_EQ(fp32(p, 32), 60);
	EXPECT_EQ(fp32(p, 36), 100000);
	free(p);
	arm("section.size", "", 0, 0);
	m = msg(NVSP_MSG_SEND_SEND_BUF, GUEST_SEND_GPADL, 0);
	EXPECT_EQ(status_at(guest_ask(&g, &m), 24), 0);
	EXPECT_EQ(violation_total(), 0);
	fault_clear(NULL, FAULT_ANY_NIC);
	guest_free(&g);
}

UNIT_TEST(subchannel_faults_show_in_offers)
{
	uint32_t got;
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	arm("subchannel.fewer", "", 0, 2);
	EXPECT_EQ(ask_subchannels(&g, 1, 3, &got), NVSP_STAT_SUCCESS);
	EXPECT_EQ(got, 1);
	fake_run(5);
	EXPECT_EQ(fake_channel_cnt(g.bus), 2);
	arm("subchannel.refuse_open", "", 0, -1);
	g.ch[1] = fake_channel(g.bus, 1);
	EXPECT_NE(fake_open(g.ch[1]), 0);
	EXPECT_EQ(fake_open(g.ch[1]), 0);
	guest_free(&g);

	ASSERT_TRUE(guest_up(&g, ""));
	arm("subchannel.missing", "", 0, -1);
	arm("subchannel.late", "", 500, -1);
	EXPECT_EQ(ask_subchannels(&g, 1, 3, &got), NVSP_STAT_SUCCESS);
	EXPECT_EQ(got, 3);
	fake_run(400);
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	fake_run(200);
	EXPECT_EQ(fake_channel_cnt(g.bus), 3);
	guest_free(&g);

	ASSERT_TRUE(guest_up(&g, ""));
	arm("subchannel.more", "", 0, -1);
	ask_subchannels(&g, 1, 2, &got);
	EXPECT_EQ(got, 3);
	guest_free(&g);

	ASSERT_TRUE(guest_up(&g, ""));
	arm("nvsp.refuse", "subchannel", 0, -1);
	EXPECT_EQ(ask_subchannels(&g, 1, 2, &got), NVSP_STAT_FAILURE);
	EXPECT_EQ(got, 0);
	fake_run(5);
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	guest_free(&g);
	violation_clear();
	fault_clear(NULL, FAULT_ANY_NIC);
}

UNIT_TEST(table_faults)
{
	static const struct { const char *name; size_t off; uint32_t want; } t[] = {
		{ "itab.bad_offset", 24, 0x24 }, { "itab.bad_count", 20, 15 },
		{ "itab.bad_entry", 56, 64 },
	};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct fake_packet *p;
		uint32_t got;
		struct guest g;

		ASSERT_TRUE(guest_up(&g, ""));
		guest_discard(&g, 0);
		arm(t[i].name, "", 0, -1);
		ask_subchannels(&g, 1, 1, &got);
		fake_run(5);
		g.ch[1] = fake_channel(g.bus, 1);
		fake_open(g.ch[1]);
		p = fake_get(g.ch[0]);
		ASSERT_NOT_NULL(p);
		EXPECT_EQ(fp32(p, t[i].off), t[i].want);
		free(p);
		guest_free(&g);
	}
	fault_clear(NULL, FAULT_ANY_NIC);
}

/* ---- hot remove ---- */

UNIT_TEST(removal_completes_what_is_outstanding_first)
{
	uint8_t m[64], frame[14] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 0, 0, 1, 0x88, 0xb5 };
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1, .ms = 1000 };
	struct guest g;
	size_t len;
	json_t *o;

	ASSERT_TRUE(guest_up(&g, ""));
	fault_set(&f, "tx.withhold_completions");
	len = guest_wrap(m, frame, sizeof(frame));
	EXPECT_EQ(guest_section(&g, 1, m, len), 0);
	guest_discard(&g, 0);
	EXPECT_EQ(g.ch[0]->stats.tx_packets > 0, true);
	{
		uint64_t before = g.ch[0]->stats.tx_packets;

		o = fake_verb("{\"cmd\":\"nic.remove\",\"nic\":0}");
		EXPECT_TRUE(json_is_true(json_object_get(o, "ok")));
		json_decref(o);
		EXPECT_EQ(g.ch[0]->stats.tx_packets, before + 1);
	}
	EXPECT_TRUE(g.ch[0]->rescinded);
	o = fake_verb("{\"cmd\":\"stats\",\"nic\":0}");
	EXPECT_FALSE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	fake_release(g.ch[0]);
	EXPECT_EQ(fake_timers(), 0);
	EXPECT_EQ(violation_total(), 0);
	fault_clear(NULL, FAULT_ANY_NIC);
	guest_free(&g);
}

UNIT_TEST(hot_added_nics_have_new_guids_that_sort)
{
	struct guest g;
	json_t *o;

	ASSERT_TRUE(guest_up(&g, ""));
	o = fake_verb("{\"cmd\":\"nic.add\",\"nvsp\":6.1,\"mac\":\"00:15:5d:99:00:61\",\"queues\":\"2\"}");
	EXPECT_TRUE(json_is_true(json_object_get(o, "ok")));
	EXPECT_STREQ(json_string_value(json_object_get(json_object_get(o, "result"), "mac")),
		     "00:15:5d:99:00:61");
	json_decref(o);
	ASSERT_NOT_NULL(fake_channel(g.bus, 1));
	EXPECT_LT(g.ch[0]->p.instance.b[0], fake_channel(g.bus, 1)->p.instance.b[0]);
	EXPECT_EQ(fake_channel(g.bus, 1)->p.subchannel_index, 0);
	o = fake_verb("{\"cmd\":\"nic.add\",\"mac\":\"00:15:5d:99:00:61\"}");
	EXPECT_FALSE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	o = fake_verb("{\"cmd\":\"nic.add\",\"colour\":\"red\"}");
	EXPECT_TRUE(strstr(json_string_value(json_object_get(o, "error")), "keys are:") != NULL);
	json_decref(o);
	guest_free(&g);
}

UNIT_TEST(unknown_keys_and_values_are_refused_with_a_sentence)
{
	static const char *const bad[] = {
		"colour=red", "nvsp=3", "mac=1:2:3", "mac=01:00:00:00:00:00", "queues=0",
		"queues=65", "suballoc=1800", "link=sideways", "speed=0", "offload=most",
		"batch=376", "itab=old", "peer=on", "strict=maybe", "queues", "section=1",
		"rss_entries=257",
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct netvsp_config cfg = { .nics = 1, .nic = &bad[i], .nic_cnt = 1,
					     .cpus = 1 };
		char err[512] = "";

		EXPECT_NE(netvsp_check(&cfg, err, sizeof(err)), 0);
		EXPECT_GT(strlen(err), 10);
	}
	EXPECT_TRUE(netvsp_knows_key("peer_mtu", 8));
	EXPECT_FALSE(netvsp_knows_key("peer_mt", 7));
}

UNIT_MAIN()
