// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: frames for the guest: golden packet, batches, filter, receive scaling,
 * room and its lack, completions and their violations, faults; the generator.
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

static void inject_one(const void *frame, size_t len)
{
	nic_inject(frame, len);
	switch_flush();
}

static uint64_t noted(const char *name)
{
	uint64_t n = violation_count(name);

	if (n != violation_total() || !n)
		printf("# %s: %d of %d violations\n", name, (int)n, (int)violation_total());
	violation_clear();
	return n;
}

#define GUEST_MAC "mac=00:15:5d:0a:0b:0c"

/* ---- form ---- */

UNIT_TEST(two_frames_make_the_golden_packet)
{
	struct fake_packet *p;
	uint8_t params[20] = { 0x80, 1, 20, 0, 4, 4, 4, 4, 4 };
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, params, 20), 0);
	guest_discard(&g, 0);
	nic_inject(vec_rx_tcp4_frame, 60);
	nic_inject(vec_rx_tcp4_frame, 60);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	switch_flush();
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(p->len, VECTOR_PACKET_BYTES(vec_rx_tcp4_packet));
	EXPECT_MEMEQ(p->b, vec_rx_tcp4_packet, VECTOR_PACKET_BYTES(vec_rx_tcp4_packet));
	free(p);
	EXPECT_MEMEQ(g.recv->data + 28896, vec_rx_tcp4_header, 60);
	EXPECT_MEMEQ(g.recv->data + 28896 + 256, vec_rx_tcp4_frame, 60);
	EXPECT_MEMEQ(g.recv->data + 30702, vec_rx_tcp4_header, 60);
	guest_complete(&g, 0, 16, NVSP_STAT_SUCCESS);
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	EXPECT_EQ(nic_stat("frames_to_guest"), 2);
	EXPECT_EQ(nic_stat("bytes_to_guest"), 120);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

UNIT_TEST(the_1728_style_claims_what_it_uses)
{
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",suballoc=1728"));
	inject_one(vec_rx_tcp4_frame, 60);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 24), 60 + 60);
	EXPECT_EQ(fp32(p, 28), 16 * 1728);
	EXPECT_MEMEQ(g.recv->data + 16 * 1728 + 60, vec_rx_tcp4_frame, 60);
	free(p);
	nic_stop(&g);
}

UNIT_TEST(tagged_frame_carries_the_vlan_ppi)
{
	struct switch_frame f = { vec_rx_tcp4_frame, 60, 0xA064, true, true };
	const uint8_t *h;
	struct guest g;
	uint32_t v;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	switch_input(nic_port, &f);
	switch_flush();
	h = g.recv->data + 28896;
	EXPECT_EQ(h[32], 32);
	EXPECT_EQ(h[64], RNDIS_PPI_VLAN);
	memcpy(&v, h + 72, 4);
	EXPECT_EQ(le32toh(v), 0x645);
	guest_discard(&g, 0);
	nic_stop(&g);
}

UNIT_TEST(checksum_bits_tell_the_truth)
{
	uint8_t f[66];
	const uint8_t *h;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	h = g.recv->data + 28896;
	memcpy(f, vec_rx_tcp4_frame, 60);
	f[59] ^= 1;
	inject_one(f, 60);
	guest_discard(&g, 0);
	EXPECT_EQ(h[56], RNDIS_RX_CSUM_TCP_FAILED | RNDIS_RX_CSUM_IP_SUCCEEDED);
	f[59] ^= 1;
	f[24] ^= 1;
	inject_one(f, 60);
	guest_discard(&g, 0);
	EXPECT_EQ(h[56], RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_IP_FAILED);
	put_be16(f + 12, 0x88b5);
	inject_one(f, 60);
	guest_discard(&g, 0);
	EXPECT_EQ(h[56], 0);
	nic_arm("recv.lie_csum", 0, -1);
	inject_one(f, 60);
	guest_discard(&g, 0);
	EXPECT_EQ(h[56], RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_IP_SUCCEEDED);
	nic_stop(&g);
	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",offload=none"));
	inject_one(vec_rx_tcp4_frame, 60);
	guest_discard(&g, 0);
	EXPECT_EQ(g.recv->data[28896 + 56], 0);
	nic_stop(&g);
}

UNIT_TEST(batches_are_bounded)
{
	struct fake_packet *p;
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",batch=4"));
	for (i = 0; i < 10; i++)
		nic_inject(vec_rx_tcp4_frame, 60);
	switch_flush();
	EXPECT_EQ(fake_waiting(g.ch[0]), 3);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 20), 4);
	guest_complete(&g, 0, fp32(p, 8), 1);
	free(p);
	EXPECT_EQ(guest_discard(&g, 0), 2);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

/* ---- filter ---- */

UNIT_TEST(filter_bits_decide)
{
	static const uint8_t own[6] = { 0, 0x15, 0x5d, 0x0a, 0x0b, 0x0c };
	static const uint8_t other[6] = { 0, 0x15, 0x5d, 9, 9, 9 };
	static const uint8_t multi[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t *const dst[4] = { own, other, multi, all };
	static const struct { uint32_t filter; const char *wanted; } t[] = {
		{ 0x0d, "1011" }, { 0x09, "1001" }, { 0x01, "1000" }, { 0x05, "1010" },
		{ 0x20, "1111" }, { 0x08, "0001" }, { 0x00, "0000" }, { 0x02, "0000" },
	};
	uint8_t f[60] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	unsigned int i, k;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint32_t v = htole32(t[i].filter);

		EXPECT_EQ(guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, &v, 4), 0);
		for (k = 0; k < 4; k++) {
			memcpy(f, dst[k], 6);
			inject_one(f, 60);
			EXPECT_EQ(guest_discard(&g, 0), t[i].wanted[k] == '1');
		}
	}
	EXPECT_GT(nic_stat("filter"), 0);
	EXPECT_GT(nic_stat("not_ready"), 0);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

UNIT_TEST(changed_address_moves_the_filter)
{
	uint8_t info[72] = { 20, 0, 0, 0, 28, 0, 0, 0, 2, 0, 0, 0, 48, 0, 0, 0, 24 };
	const char *text = "NetworkAddress00155d0a0b0d";
	uint8_t f[60] = { 0, 0x15, 0x5d, 0x0a, 0x0b, 0x0d, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	struct guest g;
	unsigned int i;

	for (i = 0; text[i]; i++)
		info[20 + i * 2] = (uint8_t)text[i];
	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	inject_one(f, 60);
	EXPECT_EQ(guest_discard(&g, 0), 0);
	EXPECT_EQ(guest_set(&g, OID_GEN_RNDIS_CONFIG_PARAMETER, info, 72), 0);
	inject_one(f, 60);
	EXPECT_EQ(guest_discard(&g, 0), 1);
	EXPECT_STREQ(switch_learned(f), "nic0");
	nic_stop(&g);
}

UNIT_TEST(what_is_not_delivered_is_counted_by_reason)
{
	uint8_t f[1600] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	inject_one(f, 1515);
	EXPECT_EQ(nic_stat("too_long"), 1);
	inject_one(f, 1514);
	EXPECT_EQ(guest_discard(&g, 0), 1);
	json_decref(fake_verb("{\"cmd\":\"nic.link\",\"nic\":0,\"state\":\"down\"}"));
	guest_discard(&g, 0);
	inject_one(f, 60);
	EXPECT_EQ(nic_stat("link"), 1);
	json_decref(fake_verb("{\"cmd\":\"nic.link\",\"nic\":0,\"state\":\"up\"}"));
	guest_discard(&g, 0);
	guest_down(&g);
	inject_one(f, 60);
	EXPECT_EQ(nic_stat("not_ready"), 1);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

/* ---- room ---- */

UNIT_TEST(without_room_frames_wait_and_then_drop)
{
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",fifo=10,batch=1"));
	g.ch[0]->room = 3;
	for (i = 0; i < 20; i++)
		inject_one(vec_rx_tcp4_frame, 60);
	EXPECT_EQ(fake_waiting(g.ch[0]), 3);
	EXPECT_EQ(nic_stat("frames_to_guest"), 3);
	/* 3 sent, 1 written and stuck, 10 wait. */
	EXPECT_EQ(nic_stat("fifo_full"), 6);
	EXPECT_EQ(switch_room((const uint8_t[]){ 0, 0x15, 0x5d, 0x0a, 0x0b, 0x0c }), 0);
	g.ch[0]->room = 100;
	fake_ring(g.ch[0]);
	EXPECT_EQ(guest_discard(&g, 0), 14);
	EXPECT_EQ(nic_stat("frames_to_guest"), 14);
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

UNIT_TEST(all_sub_allocations_come_back)
{
	unsigned int i, k, cnt;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	cnt = GUEST_RECV_BYTES / 1806 - 16;
	for (k = 0; k < 3; k++) {
		for (i = 0; i < cnt + 50; i++)
			nic_inject(vec_rx_tcp4_frame, 60);
		switch_flush();
		EXPECT_EQ(nic_stat("frames_to_guest"), (int64_t)(cnt + (cnt + 50) * k));
		guest_discard(&g, 0);
		EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
		EXPECT_EQ(nic_stat("frames_to_guest"), (int64_t)(cnt + 50) * (k + 1));
	}
	EXPECT_EQ(nic_stat("fifo_full"), 0);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

UNIT_TEST(what_waits_is_dropped_with_filter_halt_and_close)
{
	uint32_t zero = 0, open = htole32(0x0d);
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	g.ch[0]->room = 0;
	for (i = 0; i < 5; i++)
		inject_one(vec_rx_tcp4_frame, 60);
	g.ch[0]->room = 0;
	guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, &zero, 4);
	g.ch[0]->room = 100;
	fake_ring(g.ch[0]);
	guest_discard(&g, 0);
	EXPECT_EQ(nic_stat("reset"), 5);
	EXPECT_EQ(nic_stat("frames_to_guest"), 0);
	guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, &open, 4);
	inject_one(vec_rx_tcp4_frame, 60);
	EXPECT_EQ(guest_discard(&g, 0), 1);
	guest_down(&g);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

/* ---- receive scaling ---- */

UNIT_TEST(frames_go_to_the_queue_of_their_hash_with_the_hash_ppis)
{
	struct guest g;
	unsigned int i, q;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC) && nic_open_subchannels(&g, 3));
	EXPECT_EQ(guest_set(&g, OID_GEN_RECEIVE_SCALE_PARAMETERS, vec_ndis_set_rss + 28, 144), 0);
	guest_discard(&g, 0);
	for (i = 0; i < 5; i++) {
		const struct vec_toeplitz *v = &vec_toeplitz[i];
		uint8_t f[60];
		struct fake_packet *p;
		const uint8_t *h;
		uint32_t x;

		memcpy(f, vec_rx_tcp4_frame, 60);
		memcpy(f + 26, v->saddr, 4);
		memcpy(f + 30, v->daddr, 4);
		put_be16(f + 34, v->sport);
		put_be16(f + 36, v->dport);
		inject_one(f, 60);
		q = v->hash_4tuple % 16 % 4;
		p = fake_get(g.ch[q]);
		if (!p) {
			UNIT_FAIL("frame %u is not in queue %u", i, q);
			continue;
		}
		h = g.recv->data + fp32(p, 28);
		EXPECT_EQ(h[32], 48);
		EXPECT_EQ(h[64], RNDIS_PPI_HASH_VALUE);
		memcpy(&x, h + 72, 4);
		EXPECT_EQ(le32toh(x), v->hash_4tuple);
		EXPECT_EQ(h[80], RNDIS_PPI_HASH_INFO);
		memcpy(&x, h + 88, 4);
		EXPECT_EQ(le32toh(x), 0x201);
		guest_complete(&g, q, fp32(p, 8), 1);
		free(p);
	}
	/* What cannot be hashed goes to channel 0, without hash. */
	{
		uint8_t f[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 8, 6 };
		struct fake_packet *p;

		inject_one(f, 60);
		p = fake_get(g.ch[0]);
		ASSERT_NOT_NULL(p);
		EXPECT_EQ(g.recv->data[fp32(p, 28) + 32], 16);
		guest_complete(&g, 0, fp32(p, 8), 1);
		free(p);
	}
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

UNIT_TEST(hash_ppis_can_be_left_out)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",hash=off"));
	EXPECT_EQ(guest_set(&g, OID_GEN_RECEIVE_SCALE_PARAMETERS, vec_ndis_set_rss + 28, 144), 0);
	guest_discard(&g, 0);
	inject_one(vec_rx_tcp4_frame, 60);
	EXPECT_EQ(g.recv->data[28896 + 32], 16);
	guest_discard(&g, 0);
	nic_stop(&g);
}

/* ---- completions ---- */

UNIT_TEST(completions_are_judged)
{
	uint8_t b[32] = { 0 };
	struct fake_packet *p;
	struct guest g;
	uint64_t id;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC) && nic_open_subchannels(&g, 1));
	guest_complete(&g, 0, 4000000, 1);
	EXPECT_EQ(noted("netvsp.completion.unknown"), 1);
	inject_one(vec_rx_tcp4_frame, 60);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	memcpy(&id, p->b + 8, 8);
	free(p);
	guest_complete(&g, 1, id, 1);
	EXPECT_EQ(noted("netvsp.completion.wrong_channel"), 1);
	guest_complete(&g, 0, id, 3);
	EXPECT_EQ(noted("netvsp.completion.status"), 1);
	guest_complete(&g, 0, id, 1);
	EXPECT_EQ(noted("netvsp.completion.double"), 1);
	inject_one(vec_rx_tcp4_frame, 60);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	memcpy(&id, p->b + 8, 8);
	free(p);
	memcpy(b, (uint16_t[]){ VMBUS_PKT_COMPLETION, 2, 2, 0 }, 8);
	memcpy(b + 8, &id, 8);
	fake_put(g.ch[0], b, 16);
	fake_ring(g.ch[0]);
	EXPECT_EQ(noted("netvsp.completion.message"), 1);
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	EXPECT_EQ(nic_stat("rx_failed"), 2);
	inject_one(vec_rx_tcp4_frame, 60);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	memcpy(b, (uint16_t[]){ VMBUS_PKT_COMPLETION, 2, 3, 1 }, 8);
	memcpy(b + 8, p->b + 8, 8);
	b[16] = 108;
	b[20] = 1;
	free(p);
	fake_put(g.ch[0], b, 24);
	fake_ring(g.ch[0]);
	EXPECT_EQ(noted("netvsp.completion.flags"), 1);
	nic_stop(&g);
}

UNIT_TEST(completion_before_any_buffer_is_unknown)
{
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 1, ""));
	guest_complete(&g, 0, 16, 1);
	EXPECT_EQ(noted("netvsp.completion.unknown"), 1);
	guest_free(&g);
}

/* ---- faults ---- */

UNIT_TEST(mutated_packets_are_the_negative_vectors)
{
	static const struct { const char *name; size_t off; uint32_t want; bool header; } t[] = {
		{ "recv.set_id", 16, 0, false }, { "recv.range_count", 20, 0x20000000, false },
		{ "recv.range_offset", 28, 0xFFFFFFF0, false },
		{ "recv.range_size", 24, 0x70F, false }, { "recv.nvsp_type", 32, 0, false },
		{ "recv.msg_length", 4, 0x10000, true },
		{ "recv.data_offset", 8, 0xFFFFFFF8, true },
		{ "recv.data_length", 12, 0x60F, true }, { "recv.long_frame", 12, 0x60E, true },
		{ "recv.ppi_size_zero", 44, 0, true }, { "recv.ppi_size_odd", 44, 17, true },
		{ "recv.ppi_data_offset", 52, 16, true }, { "recv.rndis_type", 0, 0x99, true },
		{ "recv.unaligned", 8, 249, true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct fake_packet *p;
		struct guest g;
		uint32_t v;

		ASSERT_TRUE(nic_start(&g, GUEST_MAC));
		nic_arm(t[i].name, 0, -1);
		inject_one(vec_rx_tcp4_frame, 60);
		p = fake_get(g.ch[0]);
		ASSERT_NOT_NULL(p);
		v = fp32(p, t[i].off);
		if (t[i].header) {
			memcpy(&v, g.recv->data + 28896 + t[i].off, 4);
			v = le32toh(v);
		}
		if (v != t[i].want)
			UNIT_FAIL("%s: 0x%x", t[i].name, v);
		EXPECT_EQ(p->len, 72);
		free(p);
		guest_complete(&g, 0, 16, 2);
		EXPECT_EQ(violation_total(), 0);
		/* The next one is whole again. */
		inject_one(vec_rx_tcp4_frame, 60);
		p = fake_get(g.ch[0]);
		ASSERT_NOT_NULL(p);
		EXPECT_EQ(fp32(p, 24), 0x70e);
		free(p);
		guest_complete(&g, 0, 16, 1);
		nic_stop(&g);
	}
}

UNIT_TEST(held_frames_come_later)
{
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	nic_arm("rx.hold", 100, -1);
	for (i = 0; i < 5; i++)
		inject_one(vec_rx_tcp4_frame, 60);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(101);
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);
	EXPECT_EQ(guest_discard(&g, 0), 1);
	nic_stop(&g);
}

/* ---- generator ---- */

UNIT_TEST(generator_waits_for_room_and_counts)
{
	uint8_t f[2000];
	unsigned int n = 0;
	struct guest g;
	json_t *o;
	size_t len;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC ",fifo=8,batch=2"));
	g.ch[0]->room = 5;
	o = fake_verb("{\"cmd\":\"gen.send\",\"dst\":\"nic0\",\"count\":100,\"size\":\"60-1514/97\"}");
	EXPECT_NULL(o);
	fake_run(50);
	o = fake_answer();
	EXPECT_NULL(o);
	while (n < 100) {
		g.ch[0]->room = 5;
		fake_ring(g.ch[0]);
		fake_run(2);
		len = guest_receive(&g, 0, f, sizeof(f));
		if (!len)
			break;
		n++;
		guest_discard(&g, 0);	/* the second one of the batch */
		n++;
	}
	fake_run(5);
	o = fake_answer();
	ASSERT_NOT_NULL(o);
	EXPECT_EQ(json_integer_value(json_object_get(json_object_get(o, "result"), "sent")), 100);
	json_decref(o);
	EXPECT_EQ(nic_stat("fifo_full"), 0);
	EXPECT_EQ(nic_stat("frames_to_guest"), 100);
	nic_stop(&g);
}

static size_t numbered(uint8_t *f, uint32_t seq, size_t len)
{
	static const uint8_t sink[6] = { 0x02, 0x68, 0x76, 0x67, 0x65, 0x6e };
	size_t i;

	memset(f, 0, len);
	memcpy(f, sink, 6);
	f[6] = 2;
	put_be16(f + 12, 0x88b5);
	memcpy(f + 14, "HVGN", 4);
	put_be32(f + 18, seq);
	put_be16(f + 22, (uint16_t)len);
	for (i = 26; i < len; i++)
		f[i] = (uint8_t)(seq + i * 7);
	return len;
}

UNIT_TEST(sink_finds_loss_order_and_damage)
{
	static const uint32_t seqs[] = { 0, 1, 3, 2, 2, 6 };
	uint8_t f[200];
	struct guest g;
	unsigned int i;
	json_t *o, *r;

	ASSERT_TRUE(nic_start(&g, ""));
	o = fake_verb("{\"cmd\":\"gen.expect\",\"count\":7,\"timeout\":1000}");
	EXPECT_NULL(o);
	for (i = 0; i < 6; i++)
		inject_one(f, numbered(f, seqs[i], 100));
	numbered(f, 7, 100);
	f[60] ^= 1;
	inject_one(f, 100);
	o = fake_answer();
	ASSERT_NOT_NULL(o);
	r = json_object_get(o, "result");
	EXPECT_TRUE(json_is_true(json_object_get(r, "complete")));
	EXPECT_EQ(json_integer_value(json_object_get(r, "received")), 7);
	EXPECT_EQ(json_integer_value(json_object_get(r, "lost")), 2);
	EXPECT_EQ(json_integer_value(json_object_get(r, "duplicates")), 1);
	EXPECT_EQ(json_integer_value(json_object_get(r, "reordered")), 1);
	EXPECT_EQ(json_integer_value(json_object_get(r, "corrupt")), 1);
	json_decref(o);
	o = fake_verb("{\"cmd\":\"gen.frames\"}");
	EXPECT_EQ(json_array_size(json_object_get(json_object_get(o, "result"), "frames")), 7);
	json_decref(o);
	json_decref(fake_verb("{\"cmd\":\"gen.reset\"}"));
	o = fake_verb("{\"cmd\":\"gen.expect\",\"count\":1,\"timeout\":500}");
	EXPECT_NULL(o);
	fake_run(501);
	o = fake_answer();
	ASSERT_NOT_NULL(o);
	EXPECT_FALSE(json_is_true(json_object_get(json_object_get(o, "result"), "complete")));
	json_decref(o);
	nic_stop(&g);
}

UNIT_TEST(raw_frames_and_bad_arguments_of_the_generator)
{
	static const char *const bad[] = {
		"\"dst\":\"nowhere\"", "\"hex\":\"00\"", "\"dst\":\"nic0\",\"size\":10",
		"\"dst\":\"nic0\",\"size\":\"100-60\"", "\"dst\":\"nic0\",\"count\":0",
		"\"dst\":\"nic0\",\"stream\":16", "\"dst\":\"nic0\",\"src\":\"x\"", "\"count\":1",
	};
	uint8_t f[100];
	struct guest g;
	unsigned int i;
	json_t *o;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		o = fake_verb("{\"cmd\":\"gen.send\",%s}", bad[i]);
		EXPECT_FALSE(o && json_is_true(json_object_get(o, "ok")));
		EXPECT_NOT_NULL(o);
		json_decref(o);
	}
	fake_verb("{\"cmd\":\"gen.send\",\"hex\":\"00155d0a0b0c 020000000009 88b5 aabb\"}");
	fake_run(1);
	o = fake_answer();
	EXPECT_TRUE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	EXPECT_EQ(guest_receive(&g, 0, f, sizeof(f)), 16);
	EXPECT_EQ(f[15], 0xbb);
	nic_stop(&g);
}

/* ---- leaving ---- */

UNIT_TEST(removal_waits_for_what_the_guest_holds)
{
	struct fake_packet *p;
	struct guest g;
	uint64_t id;
	json_t *o;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	inject_one(vec_rx_tcp4_frame, 60);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	memcpy(&id, p->b + 8, 8);
	free(p);
	EXPECT_NULL(fake_verb("{\"cmd\":\"nic.remove\",\"nic\":%d}", 0));
	o = fake_verb("{\"cmd\":\"nic.remove\",\"nic\":%d}", 0);
	EXPECT_FALSE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	fake_run(20);
	EXPECT_FALSE(g.ch[0]->rescinded);
	inject_one(vec_rx_tcp4_frame, 60);	/* nothing new for a guest that is told to go */
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	guest_complete(&g, 0, id, 1);
	fake_run(10);
	EXPECT_TRUE(g.ch[0]->rescinded);
	EXPECT_EQ(violation_total(), 0);
	nic_stop(&g);
}

UNIT_TEST(removal_does_not_wait_for_ever)
{
	struct guest g;
	json_t *o;

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	inject_one(vec_rx_tcp4_frame, 60);
	fake_verb("{\"cmd\":\"nic.remove\",\"nic\":%d}", 0);
	fake_run(250);
	EXPECT_TRUE(g.ch[0]->rescinded);
	nic_stop(&g);

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	inject_one(vec_rx_tcp4_frame, 60);
	o = fake_verb("{\"cmd\":\"nic.remove\",\"nic\":%d,\"how\":\"abrupt\"}", 0);
	EXPECT_TRUE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	EXPECT_TRUE(g.ch[0]->rescinded);
	nic_stop(&g);

	ASSERT_TRUE(nic_start(&g, GUEST_MAC));
	o = fake_verb("{\"cmd\":\"nic.remove\",\"nic\":%d,\"how\":\"slowly\"}", 0);
	EXPECT_FALSE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	fake_verb("{\"cmd\":\"nic.remove\",\"nic\":%d,\"how\":\"orderly\"}", 0);
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);	/* link down */
	guest_discard(&g, 0);
	fake_run(100);
	EXPECT_FALSE(g.ch[0]->rescinded);
	fake_run(100);
	EXPECT_TRUE(g.ch[0]->rescinded);
	nic_stop(&g);
}

UNIT_MAIN()
