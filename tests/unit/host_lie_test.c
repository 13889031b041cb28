// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the fault "mutate": each kind of it on packets, NVSP and RNDIS messages and rings, what
 * it refuses, and which violations a lie excuses.
 */
#include "unit.h"
#include <endian.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "base/violation.h"
#include "fake/guest.h"
#include "fault/fault.h"
#include "host_nic.h"

static bool lie(const char *words)
{
	json_t *o = fake_verb("{\"cmd\":\"fault.set\",\"name\":\"mutate\",\"nic\":0,%s}", words);
	bool ok = json_is_true(json_object_get(o, "ok"));

	json_decref(o);
	return ok;
}

#define LIE(message, kind, more) \
	EXPECT_TRUE(lie("\"what\":\"" message "\",\"kind\":\"" kind "\"" more))

/* An indication without a buffer, to be freed; NULL: none was sent. */
static struct fake_packet *indicated(struct guest *g)
{
	json_decref(fake_verb("{\"cmd\":\"nic.indicate\",\"nic\":0,\"status\":%u}",
			      RNDIS_STATUS_MEDIA_CONNECT));
	return fake_get(g->ch[0]);
}

static uint32_t in_buffer(const struct guest *g, const struct fake_packet *p, unsigned int off)
{
	uint32_t v;

	memcpy(&v, g->recv->data + fp32(p, 28) + off, 4);
	return v;
}

static void settle(struct guest *g, struct fake_packet *p)
{
	uint64_t id;

	ASSERT_NOT_NULL(p);
	memcpy(&id, p->b + 8, 8);
	guest_complete(g, 0, id, NVSP_STAT_SUCCESS);
	free(p);
}

UNIT_TEST(field_of_each_carrier_is_changed_once)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("packet.xfer", "field", ",\"field\":\"set_id\",\"value\":65535");
	p = indicated(&g);
	EXPECT_EQ(fp16(p, 16), 0xffff);
	settle(&g, p);
	LIE("nvsp.rndis_pkt", "field", ",\"field\":\"channel_type\",\"value\":\"0x80000000\"");
	p = indicated(&g);
	EXPECT_EQ(fp32(p, fp_payload(p) + 4), 0x80000000);
	settle(&g, p);
	LIE("rndis.indicate_status", "field", ",\"field\":\"buffer_offset\",\"value\":4294967288");
	p = indicated(&g);
	EXPECT_EQ(in_buffer(&g, p, 16), 0xfffffff8);
	settle(&g, p);
	p = indicated(&g);
	EXPECT_EQ(fp16(p, 16), NVSP_RECV_BUF_ID);
	EXPECT_EQ(in_buffer(&g, p, 16), 0);
	settle(&g, p);
	EXPECT_EQ(nic_stat("changed"), 3);
	nic_stop_clean(&g);
}

UNIT_TEST(id_has_eight_bytes)
{
	struct fake_packet *p;
	uint64_t id;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("packet.xfer", "field", ",\"field\":\"id\",\"value\":-1");
	p = indicated(&g);
	memcpy(&id, p->b + 8, 8);
	EXPECT_EQ(id, UINT64_MAX);
	free(p);
	nic_stop_clean(&g);
}

UNIT_TEST(lost_message_gives_its_memory_back)
{
	unsigned int i;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("rndis.indicate_status", "lost", ",\"count\":40");
	for (i = 0; i < 40; i++) {
		EXPECT_NULL(indicated(&g));
		fake_run(0);
	}
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	settle(&g, indicated(&g));
	nic_stop_clean(&g);
}

UNIT_TEST(late_message_comes_when_it_is_due)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("rndis.indicate_status", "late", ",\"ms\":100");
	EXPECT_NULL(indicated(&g));
	fake_run(99);
	EXPECT_NULL(fake_get(g.ch[0]));
	fake_run(1);
	settle(&g, fake_get(g.ch[0]));
	nic_stop_clean(&g);
}

UNIT_TEST(message_comes_twice_and_may_be_completed_twice)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("nvsp.rndis_pkt", "twice", "");
	settle(&g, indicated(&g));
	fake_run(0);
	settle(&g, fake_get(g.ch[0]));
	EXPECT_EQ(nic_stat("excused"), 1);
	nic_stop_clean(&g);
}

UNIT_TEST(message_lets_its_neighbour_pass)
{
	struct fake_packet *first, *second;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("rndis.indicate_status", "swapped", "");
	EXPECT_NULL(indicated(&g));
	second = indicated(&g);
	first = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(first);
	EXPECT_TRUE(fp32(first, 8) != fp32(second, 8));
	settle(&g, second);
	settle(&g, first);
	LIE("rndis.indicate_status", "swapped", ",\"ms\":20");
	EXPECT_NULL(indicated(&g));
	fake_run(20);
	settle(&g, fake_get(g.ch[0]));
	nic_stop_clean(&g);
}

UNIT_TEST(message_is_cut_and_stretched)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("rndis.indicate_status", "truncated", ",\"value\":7");
	p = indicated(&g);
	EXPECT_EQ(fp32(p, 24), 7);
	settle(&g, p);
	LIE("rndis.indicate_status", "stretched", ",\"value\":16,\"seed\":3");
	p = indicated(&g);
	EXPECT_EQ(fp32(p, 24), 36);
	settle(&g, p);
	LIE("nvsp.rndis_pkt", "truncated", ",\"value\":8");
	p = indicated(&g);
	EXPECT_EQ(p->len, 32 + 8);
	EXPECT_EQ(fp16(p, 4) * 8, 32 + 8);
	settle(&g, p);
	LIE("packet.xfer", "stretched", ",\"value\":64");
	p = indicated(&g);
	EXPECT_EQ(p->len, 32 + 40 + 64);
	settle(&g, p);
	nic_stop_clean(&g);
}

UNIT_TEST(message_is_changed_when_the_guest_has_it)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("packet.xfer", "rewritten", ",\"field\":\"range_cnt\",\"value\":77");
	p = indicated(&g);
	EXPECT_EQ(fp32(p, 20), 77);
	settle(&g, p);
	LIE("rndis.indicate_status", "rewritten", ",\"field\":\"length\",\"value\":77");
	p = indicated(&g);
	EXPECT_EQ(in_buffer(&g, p, 4), 77);
	settle(&g, p);
	nic_stop_clean(&g);
}

UNIT_TEST(message_becomes_noise_that_its_seed_repeats)
{
	struct fake_packet *p;
	uint32_t was[2], i;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	for (i = 0; i < 4; i++) {
		if (i % 2 == 0)
			LIE("rndis.indicate_status", "garbage", ",\"seed\":5,\"count\":2");
		p = indicated(&g);
		if (i < 2)
			was[i] = in_buffer(&g, p, 8);
		EXPECT_EQ(in_buffer(&g, p, 8), was[i % 2]);
		settle(&g, p);
	}
	EXPECT_TRUE(was[0] != was[1] && was[0] != RNDIS_STATUS_MEDIA_CONNECT);
	for (i = 0; i < 2; i++) {
		LIE("rndis.indicate_status", "field", ",\"field\":\"status\",\"seed\":9");
		p = indicated(&g);
		was[i] = in_buffer(&g, p, 8);
		settle(&g, p);
	}
	EXPECT_EQ(was[0], was[1]);
	EXPECT_TRUE(was[0] != RNDIS_STATUS_MEDIA_CONNECT);
	nic_stop_clean(&g);
}

UNIT_TEST(message_comes_on_another_channel)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, "queues=2"));
	ASSERT_TRUE(nic_open_subchannels(&g, 1));
	LIE("packet.xfer", "elsewhere", "");
	EXPECT_NULL(indicated(&g));
	p = fake_get(g.ch[1]);
	ASSERT_NOT_NULL(p);
	guest_complete(&g, 1, fp32(p, 8), NVSP_STAT_SUCCESS);
	EXPECT_EQ(nic_stat("excused"), 1);
	free(p);
	nic_stop_clean(&g);
}

UNIT_TEST(words_of_a_ring_are_put_right_again)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("ring.to_guest", "field", ",\"field\":\"write_index\",\"value\":5,\"ms\":10");
	settle(&g, indicated(&g));
	EXPECT_EQ(g.ch[0]->bent, 1);
	fake_run(10);
	EXPECT_EQ(g.ch[0]->bent, 0);
	nic_stop_clean(&g);
}

UNIT_TEST(what_is_excused_ends_with_the_connection)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("packet.xfer", "field", ",\"field\":\"flags\",\"value\":1");
	settle(&g, indicated(&g));
	guest_complete(&g, 0, 3, NVSP_STAT_SUCCESS);
	EXPECT_EQ(violation_total(), 0);
	guest_down(&g);
	ASSERT_EQ(fake_open(g.ch[0]), 0);
	guest_complete(&g, 0, 3, NVSP_STAT_SUCCESS);
	EXPECT_EQ(violation_count("netvsp.completion.unknown"), 1);
	nic_stop(&g);
}

UNIT_TEST(other_violations_are_not_excused)
{
	const uint8_t zero[40] = { 0 };
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	LIE("packet.xfer", "field", ",\"field\":\"flags\",\"value\":1");
	settle(&g, indicated(&g));
	guest_inband(&g, 0, zero, 16, false, 0);
	EXPECT_EQ(violation_count("netvsp.message.short"), 1);
	nic_stop(&g);
}

UNIT_TEST(what_makes_no_sense_is_refused)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	EXPECT_FALSE(lie("\"what\":\"nvsp.nothing\",\"kind\":\"lost\""));
	EXPECT_FALSE(lie("\"what\":\"packet.xfer\",\"kind\":\"odd\""));
	EXPECT_FALSE(lie("\"what\":\"packet.xfer\",\"kind\":\"field\",\"field\":\"serial\""));
	EXPECT_FALSE(lie("\"what\":\"ring.to_guest\",\"kind\":\"lost\""));
	EXPECT_FALSE(lie("\"kind\":\"lost\""));
	nic_stop_clean(&g);
}

UNIT_MAIN()
