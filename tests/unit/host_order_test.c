// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the host to order: checksum bits, hash and queue of single frames, hash of UDP,
 * keys that change at run time, profiles, messages out of turn, counters of bytes.
 */
#include "unit.h"
#include <endian.h>
#include <netvsc/ndis.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "backend/packet.h"
#include "backend/switch.h"
#include "base/violation.h"
#include "fake/guest.h"
#include "fault/fault.h"
#include "host_nic.h"
#include "vectors/ndis.h"
#include "vectors/rx.h"
#include "vectors/toeplitz.h"

#define GUEST_MAC "mac=00:15:5d:0a:0b:0c"

static bool verb(const char *words)
{
	json_t *o = fake_verb("{%s}", words);
	bool ok = !o || json_is_true(json_object_get(o, "ok"));

	json_decref(o);
	return ok;
}

/* The PPI of @type in the message at @h; -1 = none. */
static int64_t ppi(const uint8_t *h, uint32_t type)
{
	uint32_t ppis, v[4];
	const uint8_t *p;

	memcpy(&ppis, h + 32, 4);
	for (p = h + 44; p < h + 44 + ppis; p += 16) {
		memcpy(v, p, 16);
		if (v[1] == type)
			return v[3];
	}
	return -1;
}

static int64_t next_ppi(struct guest *g, unsigned int q, uint32_t type, bool last)
{
	struct fake_packet *p = g->ch[q]->out;
	int64_t v = p && fp16(p, 0) == VMBUS_PKT_XFER_PAGES ?
		ppi(g->recv->data + fp32(p, 28), type) : -2;

	if (last)
		guest_discard(g, q);
	return v;
}

#define FRAME_ARP "\"hex\":\"00155d0a0b0c02687667656e0806" \
	"0001080006040001026876676565c0a84d01000000000000c0a84d02\""

/* ---- single frames ---- */

UNIT_TEST(csum_hash_tag_and_queue_as_told)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",queues=4") && nic_open_subchannels(&g, 3));
	EXPECT_TRUE(verb("\"cmd\":\"gen.send\"," FRAME_ARP ",\"csum\":\"0x1a8\",\"hash\":\"0xdeadbeef\",\"hash_type\":512,\"tci\":5,\"queue\":2"));
	fake_run(2);
	json_decref(fake_answer());
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	EXPECT_EQ(next_ppi(&g, 2, RNDIS_PPI_CSUM, false), 0x1a8);
	EXPECT_EQ(next_ppi(&g, 2, RNDIS_PPI_VLAN, false), 0x50);
	EXPECT_EQ(next_ppi(&g, 2, RNDIS_PPI_HASH_VALUE, false), 0xdeadbeef);
	EXPECT_EQ(next_ppi(&g, 2, RNDIS_PPI_HASH_INFO, true), 0x201);
	EXPECT_TRUE(verb("\"cmd\":\"gen.send\"," FRAME_ARP ",\"hash\":7"));
	fake_run(2);
	json_decref(fake_answer());
	EXPECT_EQ(next_ppi(&g, 0, RNDIS_PPI_CSUM, false), 0);
	EXPECT_EQ(next_ppi(&g, 0, RNDIS_PPI_HASH_VALUE, true), -1);
	EXPECT_FALSE(verb("\"cmd\":\"gen.send\"," FRAME_ARP ",\"queue\":64"));
	EXPECT_FALSE(verb("\"cmd\":\"gen.send\"," FRAME_ARP ",\"burst\":4097"));
	nic_stop_clean(&g);
}

UNIT_TEST(bursts_and_batches_set_the_size_of_a_packet)
{
	struct guest g;
	int64_t before;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	before = nic_stat("rx_packets");	/* control messages */
	EXPECT_TRUE(verb("\"cmd\":\"gen.send\",\"dst\":\"nic0\",\"count\":32,\"burst\":1"));
	fake_run(2);
	json_decref(fake_answer());
	EXPECT_EQ(guest_discard(&g, 0), 32);
	EXPECT_TRUE(verb("\"cmd\":\"gen.send\",\"dst\":\"nic0\",\"count\":32,\"burst\":16"));
	fake_run(2);
	json_decref(fake_answer());
	EXPECT_EQ(guest_discard(&g, 0), 2);
	EXPECT_TRUE(verb("\"cmd\":\"nic.set\",\"nic\":0,\"batch\":8"));
	EXPECT_TRUE(verb("\"cmd\":\"gen.send\",\"dst\":\"nic0\",\"count\":32"));
	fake_run(2);
	json_decref(fake_answer());
	EXPECT_EQ(guest_discard(&g, 0), 4);
	EXPECT_EQ(nic_stat("rx_ranges"), 96);
	EXPECT_EQ(nic_stat("rx_packets"), before + 38);
	EXPECT_FALSE(verb("\"cmd\":\"nic.set\",\"nic\":0,\"batch\":0"));
	EXPECT_FALSE(verb("\"cmd\":\"nic.set\",\"nic\":0,\"queues\":2"));
	EXPECT_FALSE(verb("\"cmd\":\"nic.set\",\"nic\":0,\"mac\":\"02:00:00:00:00:01\""));
	nic_stop_clean(&g);
}

/* ---- hash of UDP ---- */

/* Sends vector @v as UDP; the PPIs of its hash. */
static uint32_t udp_hash(struct guest *g, const struct vec_toeplitz *v,
			 int64_t *info)
{
	uint8_t b[60];
	struct switch_frame f = { .data = b, .len = 60 };
	int64_t hash;

	memcpy(b, vec_rx_tcp4_frame, 60);
	b[23] = 17;
	memcpy(b + 26, v->saddr, 4);
	memcpy(b + 30, v->daddr, 4);
	put_be16(b + 34, v->sport);
	put_be16(b + 36, v->dport);
	put_be16(b + 38, 26);
	switch_input(nic_port, &f);
	switch_flush();
	hash = next_ppi(g, 0, RNDIS_PPI_HASH_VALUE, false);
	*info = next_ppi(g, 0, RNDIS_PPI_HASH_INFO, true);
	return (uint32_t)hash;
}

UNIT_TEST(udp_is_hashed_as_the_host_does_it)
{
	static const struct { const char *words; bool ask, ports; uint32_t info; } t[] = {
		{ GUEST_MAC, false, false, 0x101 },
		{ GUEST_MAC ",udp_hash=on", false, false, 0x101 },
		{ GUEST_MAC ",udp_hash=on", true, true, 0x4001 },
		{ GUEST_MAC ",udp_hash=tcp", false, true, 0x201 },
	};
	const struct vec_toeplitz *v = &vec_toeplitz[0];
	uint8_t params[144], out[1024], in[18] = { 0x88, 2, 18 };
	struct guest g;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		size_t len = sizeof(out);
		int64_t info;
		uint32_t h;

		ASSERT_TRUE(nic_start(&g, t[i].words));
		EXPECT_EQ(guest_query(&g, OID_GEN_RECEIVE_SCALE_CAPABILITIES, in, 18, out,
				      &len), 0);
		EXPECT_EQ(out[5], i == 1 || i == 2 ? 0x1b : 0x03);
		memcpy(params, vec_ndis_set_rss + 28, 144);
		memset(params + 40, 0, 64);	/* all to channel 0 */
		if (t[i].ask)
			params[9] |= 0x40;
		EXPECT_EQ(guest_set(&g, OID_GEN_RECEIVE_SCALE_PARAMETERS, params, 144), 0);
		guest_discard(&g, 0);
		h = udp_hash(&g, v, &info);
		EXPECT_EQ(h, t[i].ports ? v->hash_4tuple : v->hash_2tuple);
		EXPECT_EQ(info, t[i].info);
		nic_stop_clean(&g);
	}
	/* Types that are not offered are not to be asked for. */
	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	params[9] |= 0x40;
	EXPECT_NE(guest_set(&g, OID_GEN_RECEIVE_SCALE_PARAMETERS, params, 144), 0);
	EXPECT_EQ(violation_count("netvsp.rss.hash_info"), 1);
	violation_clear();
	nic_stop_clean(&g);
}

/* ---- profiles ---- */

UNIT_TEST(profiles_choose_the_generation)
{
	static const struct { const char *words; uint32_t version; uint8_t udp, rsc; } t[] = {
		{ GUEST_MAC ",profile=2008r2", NVSP_VERSION_2, 0, 0 },
		{ GUEST_MAC ",profile=2012", NVSP_VERSION_4, 0, 0 },
		{ GUEST_MAC ",profile=2012r2", NVSP_VERSION_5, 0x40, 0 },
		{ GUEST_MAC ",profile=2016", NVSP_VERSION_6, 0x40, 0 },
		{ GUEST_MAC ",profile=2019", NVSP_VERSION_61, 0x40, 1 },
		{ GUEST_MAC ",profile=2022,rsc=off", NVSP_VERSION_61, 0x40, 0 },
	};
	struct guest g;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		uint8_t in[156] = { 0xa7, 3, 156 }, out[1024];
		size_t len = sizeof(out);

		violation_clear();
		ASSERT_TRUE(guest_new(&g, 1, t[i].words) && guest_bring_up(&g, t[i].version));
		EXPECT_EQ(guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, 156, out, &len), 0);
		EXPECT_EQ(out[8] & 0x40, t[i].udp);
		EXPECT_EQ(out[144], t[i].rsc);
		EXPECT_EQ(nic_stat("suballoc_size"), 1728);
		nic_stop_clean(&g);
		if (t[i].version == NVSP_VERSION_61)
			continue;
		/* Nothing newer. */
		ASSERT_TRUE(guest_new(&g, 1, t[i].words));
		EXPECT_FALSE(guest_share(&g, NVSP_VERSION_61));
		guest_free(&g);
		violation_clear();
	}
}

UNIT_TEST(another_implementation_has_its_ways)
{
	uint8_t in[112] = { 0xa7, 1, 112 }, rss[16] = { 0x88, 1, 16 }, out[1024];
	size_t len = sizeof(out);
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 1, GUEST_MAC ",profile=openvmm") &&
		    guest_bring_up(&g, NVSP_VERSION_61));
	EXPECT_EQ(nic_stat("suballoc_size"), 1806);
	/* The newest form, whatever was asked for. */
	EXPECT_EQ(guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, sizeof(in), out, &len), 0);
	EXPECT_EQ(len, NDIS_OFFLOAD_REV3_BYTES);
	EXPECT_EQ(out[1], 3);
	EXPECT_EQ(out[144], 0);
	len = sizeof(out);
	EXPECT_EQ(guest_query(&g, OID_GEN_RECEIVE_SCALE_CAPABILITIES, rss, sizeof(rss), out,
			      &len), 0);
	EXPECT_EQ(len, NDIS_RSS_CAPS_REV2_BYTES);
	len = sizeof(out);
	EXPECT_EQ(guest_query(&g, OID_GEN_FRIENDLY_NAME, NULL, 0, out, &len), 0);
	EXPECT_EQ(out[8 * 2], 'D');
	nic_stop_clean(&g);
}

/* ---- messages out of turn ---- */

UNIT_TEST(any_message_at_any_time)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	EXPECT_TRUE(verb("\"cmd\":\"nic.inject\",\"nic\":0,\"kind\":\"rndis\",\"hex\":\"05000080 10000000 44000000 00000000\""));
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_MEMEQ(g.recv->data + fp32(p, 28), "\x05\0\0\x80\x10\0\0\0\x44", 9);
	guest_complete(&g, 0, fp32(p, 8), 1);
	free(p);
	EXPECT_TRUE(verb("\"cmd\":\"nic.inject\",\"nic\":0,\"kind\":\"completion\",\"trans\":99,\"hex\":\"66000000 01000000\""));
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp16(p, 0), VMBUS_PKT_COMPLETION);
	EXPECT_EQ(fp32(p, 8), 99);
	EXPECT_EQ(fp32(p, 16), 0x66);
	free(p);
	EXPECT_TRUE(verb("\"cmd\":\"nic.inject\",\"nic\":0,\"kind\":\"inband\",\"hex\":\"86000000\""));
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp16(p, 0), VMBUS_PKT_INBAND);
	free(p);
	EXPECT_FALSE(verb("\"cmd\":\"nic.inject\",\"nic\":0,\"kind\":\"x\",\"hex\":\"00\""));
	EXPECT_FALSE(verb("\"cmd\":\"nic.inject\",\"nic\":0,\"kind\":\"inband\",\"queue\":3,\"hex\":\"00\""));
	EXPECT_FALSE(verb("\"cmd\":\"nic.inject\",\"nic\":0,\"hex\":\"00\""));
	nic_stop_clean(&g);
}

/* ---- sub-channels and their table ---- */

UNIT_TEST(another_table_is_sent_at_any_time)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",queues=4") && nic_open_subchannels(&g, 3));
	EXPECT_TRUE(verb("\"cmd\":\"nic.itab\",\"nic\":0,\"entries\":\"3,1\""));
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 16), NVSP_MSG_SEND_INDIRECTION_TABLE);
	EXPECT_EQ(fp32(p, 20), 16);
	EXPECT_EQ(fp32(p, 24), 40);
	EXPECT_EQ(fp32(p, 16 + 40), 3);
	EXPECT_EQ(fp32(p, 16 + 44), 1);
	EXPECT_EQ(fp32(p, 16 + 40 + 60), 1);
	free(p);
	EXPECT_TRUE(verb("\"cmd\":\"nic.itab\",\"nic\":0,\"entries\":2"));
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 16 + 40 + 60), 2);
	free(p);
	EXPECT_FALSE(verb("\"cmd\":\"nic.itab\",\"nic\":0"));
	EXPECT_FALSE(verb("\"cmd\":\"nic.itab\",\"nic\":0,\"entries\":\"1,x\""));
	EXPECT_FALSE(verb("\"cmd\":\"nic.itab\",\"nic\":0,\"entries\":\"1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\""));
	nic_stop_clean(&g);
}

UNIT_TEST(offers_come_before_the_answer)
{
	struct fault f = { .nic = 0, .count = 1 };
	struct nvsp_message m = { 0 };
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",queues=3"));
	ASSERT_TRUE(fault_set(&f, "subchannel.early") > 0);
	m.subchannel_request.type = htole32(NVSP_MSG_SUBCHANNEL);
	m.subchannel_request.operation = htole32(1);
	m.subchannel_request.count = htole32(2);
	f.ms = 50;
	ASSERT_TRUE(fault_set(&f, "nvsp.delay") > 0);
	EXPECT_NULL(guest_ask(&g, &m));
	EXPECT_EQ(fake_channel_cnt(g.bus), 3);
	fake_run(60);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 16), NVSP_MSG_SUBCHANNEL);
	EXPECT_EQ(fp32(p, 24), 2);
	free(p);
	EXPECT_EQ(fake_channel_cnt(g.bus), 3);
	nic_stop_clean(&g);
}

UNIT_TEST(limits_of_large_sends_are_offered)
{
	uint8_t in[156] = { 0xa7, 3, 156 }, out[1024];
	size_t len = sizeof(out);
	struct guest g;
	uint32_t v[2];

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",lso_max=20000,lso_segs=5"));
	EXPECT_EQ(guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, 156, out, &len), 0);
	memcpy(v, out + 84, 8);
	EXPECT_EQ(v[0], 20000);
	EXPECT_EQ(v[1], 5);
	memcpy(v, out + 96, 8);
	EXPECT_EQ(v[0], 20000);
	EXPECT_EQ(v[1], 5);
	nic_stop_clean(&g);
}

UNIT_TEST(shared_memory_and_the_channel_are_refused)
{
	struct fault f = { .nic = 0, .count = 2, .has_value = true, .value = 4096 };
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	ASSERT_TRUE(fault_set(&f, "gpadl.refuse") > 0);
	EXPECT_EQ(g.ch[0]->ops->gpadl(g.ch[0]->dev, g.ch[0], 4095), 0);
	EXPECT_NE(g.ch[0]->ops->gpadl(g.ch[0]->dev, g.ch[0], 4096), 0);
	EXPECT_NE(g.ch[0]->ops->gpadl(g.ch[0]->dev, g.ch[0], 1 << 20), 0);
	EXPECT_EQ(g.ch[0]->ops->gpadl(g.ch[0]->dev, g.ch[0], 1 << 20), 0);
	guest_down(&g);
	f.count = 1;
	ASSERT_TRUE(fault_set(&f, "open.refuse") > 0);
	EXPECT_NE(fake_open(g.ch[0]), 0);
	EXPECT_EQ(fake_open(g.ch[0]), 0);
	nic_stop_clean(&g);
}

UNIT_TEST(answers_of_the_bus_are_held_back)
{
	struct fault f = { .nic = 0, .count = 1, .what = "gpadl" };
	const struct vmbus_device_ops *ops;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",queues=2"));
	ops = g.ch[0]->ops;
	ASSERT_TRUE(fault_set(&f, "vmbus.no_answer") > 0);
	EXPECT_EQ(ops->late(g.ch[0]->dev, g.ch[0], "open"), 0);
	EXPECT_EQ(ops->late(g.ch[0]->dev, g.ch[0], "gpadl"), -1);
	EXPECT_EQ(ops->late(g.ch[0]->dev, g.ch[0], "gpadl"), 0);
	ASSERT_TRUE(nic_open_subchannels(&g, 1));
	strcpy(f.what, "subopen");
	f.ms = 300;
	ASSERT_TRUE(fault_set(&f, "vmbus.delay") > 0);
	EXPECT_EQ(ops->late(g.ch[0]->dev, g.ch[0], "open"), 0);
	EXPECT_EQ(ops->late(g.ch[1]->dev, g.ch[1], "open"), 300);
	EXPECT_EQ(ops->late(g.ch[1]->dev, g.ch[1], "open"), 0);
	nic_stop_clean(&g);
}

/* ---- counters ---- */

UNIT_TEST(bytes_by_section_and_by_pointer)
{
	uint8_t msg[200];
	struct guest g;
	size_t len = guest_wrap(msg, vec_rx_tcp4_frame, 60);
	int64_t control;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	control = nic_stat("control_requests");
	EXPECT_GT(control, 0);
	EXPECT_EQ(guest_section(&g, 1, msg, len), 1);
	EXPECT_EQ(nic_stat("section_bytes"), (int64_t)len);
	EXPECT_EQ(nic_stat("gpa_bytes"), 0);
	memcpy(g.bus->ram + 0x40000, msg, len);
	guest_gpa(&g, 0, NVSP_RNDIS_CHANNEL_DATA, NVSP_SECTION_NONE, 0,
		  (struct guest_range[]){ { 0x40000, 44 }, { 0x4002c, 60 } }, 2, 500);
	EXPECT_EQ(guest_status(&g, 0, 500), 1);
	EXPECT_EQ(nic_stat("gpa_bytes"), (int64_t)len);
	EXPECT_EQ(nic_stat("control_requests"), control);
	nic_stop_clean(&g);
}

UNIT_MAIN()
