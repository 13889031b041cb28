// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: receive segment coalescing: the golden aggregate, what is merged and what is
 * not, only when the guest asked, limits, order, room, faults.
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

#define GUEST_MAC	"mac=00:15:5d:0a:0b:0c,rsc=on"
#define FRAGS_MAX	600

static const uint8_t rsc_on[28] = { 0x80, 3, 28, 0, 4, 4, 4, 4, 4, [22] = 2, 2 };
static const uint8_t rsc_off[28] = { 0x80, 3, 28, 0, [22] = 1, 1 };

static bool start(struct guest *g, const char *words)
{
	if (!nic_start(g, words))
		return false;
	EXPECT_EQ(guest_set(g, OID_TCP_OFFLOAD_PARAMETERS, rsc_on, 28), 0);
	guest_discard(g, 0);
	return true;
}

/* ---- segments ---- */

struct seg {
	uint8_t b[2000];
	size_t len;
};

static void sums(struct seg *s)
{
	struct pkt_info info;

	pkt_parse(s->b, s->len, &info);
	if (info.is_ip4)
		pkt_fill_ip4_csum(s->b, &info);
	if (info.l4_off)
		pkt_fill_l4_csum(s->b, &info);
}

/* The flow of 10.11: TCP 80 to 49152, ack 7, window 0x2000. */
static void make(struct seg *s, uint32_t seq, size_t payload, uint8_t fill)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->b, vec_rx_tcp4_frame, 54);
	s->len = 54 + payload;
	put_be16(s->b + 16, (uint16_t)(s->len - 14));
	put_be16(s->b + 18, 1);
	put_be32(s->b + 38, seq);
	s->b[47] = 0x10;
	memset(s->b + 54, fill, payload);
	sums(s);
}

static void make6(struct seg *s, uint32_t seq, size_t payload, uint8_t fill)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->b, vec_rx_tcp4_frame, 12);
	put_be16(s->b + 12, 0x86dd);
	s->b[14] = 0x60;
	put_be16(s->b + 18, (uint16_t)(20 + payload));
	s->b[20] = 6;
	s->b[21] = 64;
	s->b[22] = 0xfd;
	s->b[37] = 1;
	s->b[38] = 0xfd;
	s->b[53] = 2;
	memcpy(s->b + 54, vec_rx_tcp4_frame + 34, 20);
	put_be32(s->b + 58, seq);
	s->b[67] = 0x10;
	s->len = 74 + payload;
	memset(s->b + 74, fill, payload);
	sums(s);
}

static void inject(const struct seg *s)
{
	struct switch_frame f = { .data = s->b, .len = s->len };

	switch_input(nic_port, &f);
}

static void train(unsigned int n, uint32_t seq, size_t payload)
{
	struct seg s;
	unsigned int i;

	for (i = 0; i < n; i++) {
		make(&s, seq + i * (uint32_t)payload, payload, (uint8_t)i);
		inject(&s);
	}
}

/* ---- what arrived ---- */

struct frag {
	uint32_t len, flags, id, csum;
	bool has_id;
};

static struct {
	unsigned int packets, frags;
	unsigned int per_packet[16];
	struct frag frag[FRAGS_MAX];
	uint8_t data[700000];
	size_t len;
} got;

static void read_range(const struct guest *g, uint32_t off)
{
	const uint8_t *h = g->recv->data + off, *p;
	uint32_t data, len, ppis, v[4];
	struct frag *f = &got.frag[got.frags++];

	memset(f, 0, sizeof(*f));
	memcpy(&data, h + 8, 4);
	memcpy(&len, h + 12, 4);
	memcpy(&ppis, h + 32, 4);
	f->len = len;
	for (p = h + 44; p < h + 44 + ppis; p += 16) {
		memcpy(v, p, 16);
		if (v[1] == RNDIS_PPI_CSUM)
			f->csum = v[3];
		if (v[1] != RNDIS_PPI_PACKET_ID)
			continue;
		f->has_id = true;
		EXPECT_EQ(v[3] & 0xff, 1);
		f->flags = v[3] >> 8 & 0xff;
		f->id = v[3] >> 16;
	}
	ASSERT_TRUE(got.len + len <= sizeof(got.data));
	memcpy(got.data + got.len, h + 8 + data, len);
	got.len += len;
}

/* Everything that waits; packets are completed. The number of ranges. */
static unsigned int collect(struct guest *g)
{
	struct fake_packet *p;
	unsigned int i;

	memset(&got, 0, sizeof(got));
	while ((p = fake_get(g->ch[0]))) {
		uint64_t id;

		EXPECT_EQ(fp16(p, 0), VMBUS_PKT_XFER_PAGES);
		EXPECT_TRUE(p->len <= 4624);
		got.per_packet[got.packets++ % 16] = fp32(p, 20);
		for (i = 0; i < fp32(p, 20) && got.frags < FRAGS_MAX; i++)
			read_range(g, fp32(p, 28 + i * 8));
		memcpy(&id, p->b + 8, 8);
		guest_complete(g, 0, id, 1);
		free(p);
	}
	return got.frags;
}

/* ---- form ---- */

UNIT_TEST(three_segments_make_the_golden_aggregate)
{
	static const uint8_t fill[3] = { 0x11, 0x22, 0x33 };
	static const size_t bytes[3] = { 1000, 1400, 600 };
	struct fake_packet *p;
	struct guest g;
	struct seg s;
	unsigned int i;
	uint32_t seq;

	ASSERT_TRUE(start(&g, GUEST_MAC ",suballoc=1728"));
	EXPECT_EQ(guest_set(&g, OID_GEN_RECEIVE_SCALE_PARAMETERS, vec_ndis_set_rss + 28, 144), 0);
	guest_discard(&g, 0);
	for (i = 0; i < 6; i++) {	/* ids 1 to 6 */
		train(2, 1, 10);
		switch_flush();
	}
	collect(&g);
	for (i = 0, seq = 0x1000; i < 3; seq += (uint32_t)bytes[i++]) {
		make(&s, seq, bytes[i], fill[i]);
		inject(&s);
	}
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	switch_flush();
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(fp32(p, 20), 3);
	EXPECT_EQ(fp32(p, 24), 1162);
	EXPECT_EQ(fp32(p, 32), 1460);
	EXPECT_EQ(fp32(p, 40), 660);
	EXPECT_MEMEQ(g.recv->data + fp32(p, 28), vec_rx_rsc_first, 170);
	EXPECT_MEMEQ(g.recv->data + fp32(p, 36), vec_rx_rsc_middle, 68);
	EXPECT_MEMEQ(g.recv->data + fp32(p, 44), vec_rx_rsc_last, 68);
	guest_complete(&g, 0, fp32(p, 8), 1);
	free(p);
	EXPECT_EQ(nic_stat("rsc_packets"), 7);
	EXPECT_EQ(nic_stat("rsc_segments"), 15);
	EXPECT_EQ(nic_stat("frames_to_guest"), 7);
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	nic_stop_clean(&g);
}

UNIT_TEST(the_1806_style_and_fragments_that_fill)
{
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(start(&g, GUEST_MAC ",rsc_frag=fill"));
	train(10, 77, 1000);
	switch_flush();
	EXPECT_EQ(collect(&g), 7);	/* 10054 bytes by 1550 */
	EXPECT_EQ(got.packets, 1);
	EXPECT_EQ(got.len, 10054);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(got.frag[i].len, 1550);
	EXPECT_EQ(got.frag[0].csum, 0x1a8);
	EXPECT_EQ(got.frag[0].flags, 3);
	EXPECT_EQ(got.frag[1].flags, 1);
	EXPECT_EQ(got.frag[6].flags, 5);
	EXPECT_EQ(get_be16(got.data + 16), 10040);
	for (i = 0; i < 10000; i++)
		if (got.data[54 + i] != i / 1000)
			break;
	EXPECT_EQ(i, 10000);
	nic_stop_clean(&g);
}

UNIT_TEST(ipv6_has_no_header_sum)
{
	struct guest g;
	struct seg s;
	unsigned int i;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	for (i = 0; i < 4; i++) {
		make6(&s, 5 + i * 100, 100, 1);
		inject(&s);
	}
	switch_flush();
	EXPECT_EQ(collect(&g), 4);
	EXPECT_EQ(got.frag[0].csum, 0x88);
	EXPECT_EQ(got.len, 474);
	EXPECT_EQ(get_be16(got.data + 18), 420);
	nic_stop_clean(&g);
}

UNIT_TEST(one_segment_alone_is_a_plain_frame)
{
	struct guest g;
	struct seg s;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	make(&s, 9, 1, 7);
	s.len = 60;			/* padded */
	inject(&s);
	switch_flush();
	EXPECT_EQ(collect(&g), 1);
	EXPECT_EQ(got.frag[0].has_id, 0);
	EXPECT_EQ(got.frag[0].csum, 0x28);
	EXPECT_EQ(got.len, 60);
	EXPECT_MEMEQ(got.data, s.b, 60);
	EXPECT_EQ(nic_stat("rsc_packets"), 0);
	/* The padding is not data of a larger one. */
	inject(&s);
	make(&s, 10, 100, 8);
	inject(&s);
	switch_flush();
	EXPECT_EQ(collect(&g), 2);
	EXPECT_EQ(got.len, 155);
	nic_stop_clean(&g);
}

/* ---- only when asked ---- */

UNIT_TEST(never_unasked)
{
	struct guest g;

	ASSERT_TRUE(start(&g, "mac=00:15:5d:0a:0b:0c"));	/* rsc=off */
	train(4, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 4);
	EXPECT_EQ(got.frag[0].has_id, 0);
	nic_stop_clean(&g);
	ASSERT_TRUE(start(&g, GUEST_MAC));
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, rsc_off, 28), 0);
	guest_discard(&g, 0);
	train(4, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 4);
	EXPECT_EQ(got.frag[0].has_id, 0);
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, rsc_on, 28), 0);
	guest_discard(&g, 0);
	train(4, 1, 100);
	switch_flush();
	collect(&g);
	EXPECT_EQ(got.frag[0].has_id, 1);
	nic_stop_clean(&g);
	/* Below 6.1 there is no such thing, whatever is set. */
	nic_port = switch_port_add("test", &nic_mute, NULL);
	ASSERT_TRUE(guest_new(&g, 1, GUEST_MAC) && guest_bring_up(&g, NVSP_VERSION_6));
	guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, rsc_on, 28);
	guest_discard(&g, 0);
	train(4, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 4);
	EXPECT_EQ(got.frag[0].has_id, 0);
	nic_stop_clean(&g);
}

UNIT_TEST(the_offer_says_rsc_and_changes_at_run_time)
{
	uint8_t in[156] = { 0xa7, 3, 156 }, out[1024];
	size_t len = sizeof(out);
	struct fake_packet *p;
	struct guest g;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	EXPECT_EQ(guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, 156, out, &len), 0);
	EXPECT_EQ(len, 156);
	EXPECT_EQ(out[144], 1);
	EXPECT_EQ(out[145], 1);
	guest_discard(&g, 0);
	json_decref(fake_verb("{\"cmd\":\"nic.offload\",\"nic\":0,\"set\":\"full-udp6-lso4\"}"));
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	memcpy(&in, g.recv->data + fp32(p, 28), 12);
	EXPECT_EQ(in[0], 7);
	EXPECT_MEMEQ(in + 8, "\x06\x00\x02\x40", 4);
	guest_complete(&g, 0, fp32(p, 8), 1);
	free(p);
	memset(in, 0, sizeof(in));
	memcpy(in, "\xa7\x03\x9c", 3);
	len = sizeof(out);
	EXPECT_EQ(guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, 156, out, &len), 0);
	EXPECT_EQ(out[144], 0);
	EXPECT_EQ(out[8], 0x55);	/* IPv4: TCP, UDP, options, ... */
	EXPECT_EQ(out[24], 0x15);	/* IPv6 without UDP */
	EXPECT_EQ(out[80], 0);		/* LSO v4 */
	EXPECT_EQ(out[92], 2);
	guest_discard(&g, 0);
	train(4, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 4);
	EXPECT_EQ(got.frag[0].has_id, 0);
	nic_stop_clean(&g);
}

/* ---- what joins ---- */

static void set_flags(struct seg *s)	{ s->b[47] |= 1; }
static void set_window(struct seg *s)	{ s->b[49]++; }
static void set_ack(struct seg *s)	{ s->b[45]++; }
static void set_port(struct seg *s)	{ s->b[35]++; }
static void set_addr(struct seg *s)	{ s->b[29]++; }
static void set_tos(struct seg *s)	{ s->b[15] = 1; }
static void set_ttl(struct seg *s)	{ s->b[22]--; }
static void set_seq(struct seg *s)	{ s->b[41]++; }
static void set_more(struct seg *s)	{ s->b[20] |= 0x20; }
static void set_source(struct seg *s)	{ s->b[11]++; }
static void set_proto(struct seg *s)	{ s->b[23] = 17; }

UNIT_TEST(other_headers_do_not_join)
{
	static void (*const change[])(struct seg *) = {
		set_flags, set_window, set_ack, set_port, set_addr, set_tos, set_ttl,
		set_seq, set_more, set_source, set_proto,
	};
	struct guest g;
	struct seg s;
	unsigned int i;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		make(&s, 100, 50, 1);
		inject(&s);
		make(&s, 150, 50, 2);
		change[i](&s);
		sums(&s);
		inject(&s);
		make(&s, 200, 50, 3);
		inject(&s);
		switch_flush();
		if (collect(&g) != 3 || got.frag[0].has_id || got.frag[2].has_id)
			UNIT_FAIL("change %u joined", i);
		EXPECT_EQ(got.data[54], 1);
		EXPECT_EQ(got.data[104 + 54], 2);
		EXPECT_EQ(got.data[208 + 54], 3);
	}
	nic_stop_clean(&g);
}

UNIT_TEST(bad_sums_and_tags_do_not_join)
{
	struct switch_frame f = { 0 };
	struct guest g;
	struct seg s;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	make(&s, 100, 50, 1);
	inject(&s);
	make(&s, 150, 50, 2);
	s.b[60] ^= 1;
	inject(&s);
	switch_flush();
	EXPECT_EQ(collect(&g), 2);
	EXPECT_EQ(got.frag[0].csum, 0x28);
	EXPECT_EQ(got.frag[1].csum, 0x21);
	make(&s, 100, 50, 1);
	inject(&s);
	make(&s, 150, 50, 2);
	f = (struct switch_frame){ .data = s.b, .len = s.len, .tagged = true, .tci = 5 };
	switch_input(nic_port, &f);
	make(&s, 200, 50, 2);
	switch_input(nic_port, &f);
	switch_flush();
	EXPECT_EQ(collect(&g), 3);
	EXPECT_EQ(got.frag[0].has_id, 0);
	EXPECT_EQ(got.frag[1].flags, 3);
	EXPECT_EQ(got.frag[2].flags, 5);
	nic_stop_clean(&g);
}

UNIT_TEST(push_is_carried_and_the_id_is_not_looked_at)
{
	struct guest g;
	struct seg s;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	train(2, 100, 50);
	make(&s, 200, 20, 9);
	s.b[47] |= 8;
	s.b[19] = 99;
	sums(&s);
	inject(&s);
	switch_flush();
	EXPECT_EQ(collect(&g), 3);
	EXPECT_EQ(got.data[47], 0x18);
	EXPECT_EQ(get_be16(got.data + 18), 1);
	EXPECT_EQ(got.len, 174);
	nic_stop_clean(&g);
}

/* ---- limits ---- */

UNIT_TEST(limits_of_bytes_and_segments)
{
	struct switch_frame f = { 0 };
	struct guest g;
	struct seg s;

	ASSERT_TRUE(start(&g, GUEST_MAC ",rsc_max=4000"));
	train(7, 1, 1000);
	switch_flush();
	EXPECT_EQ(collect(&g), 7);
	EXPECT_EQ(got.packets, 1);
	EXPECT_EQ(got.frag[2].flags, 5);
	EXPECT_EQ(got.frag[3].flags, 3);
	EXPECT_EQ(got.frag[6].has_id, 0);
	nic_stop_clean(&g);
	ASSERT_TRUE(start(&g, GUEST_MAC ",rsc_segs=2"));
	train(5, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 5);
	EXPECT_EQ(nic_stat("rsc_packets"), 2);
	/* The end of a train. */
	make(&s, 1, 10, 1);
	f = (struct switch_frame){ .data = s.b, .len = s.len, .last = true };
	switch_input(nic_port, &f);
	make(&s, 11, 10, 1);
	inject(&s);
	switch_flush();
	EXPECT_EQ(collect(&g), 2);
	EXPECT_EQ(got.frag[0].has_id, 0);
	nic_stop_clean(&g);
}

UNIT_TEST(the_largest_aggregate_is_65535_bytes_and_562_fragments)
{
	struct guest g;

	ASSERT_TRUE(start(&g, GUEST_MAC ",suballoc=1728"));
	train(46, 1, 1448);
	switch_flush();
	EXPECT_EQ(collect(&g), 46);
	EXPECT_EQ(got.frag[44].flags, 5);
	EXPECT_EQ(got.frag[45].has_id, 0);
	EXPECT_EQ(get_be16(got.data + 16), 45 * 1448 + 40);
	train(570, 1, 10);
	switch_flush();
	EXPECT_EQ(collect(&g), 570);
	EXPECT_EQ(got.per_packet[0], 562);
	EXPECT_EQ(got.per_packet[1], 8);
	EXPECT_EQ(got.frag[561].flags, 5);
	EXPECT_EQ(got.frag[562].flags, 3);
	nic_stop_clean(&g);
}

UNIT_TEST(an_aggregate_waits_for_room_whole)
{
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(start(&g, GUEST_MAC ",batch=1"));
	g.ch[0]->room = 0;
	for (i = 0; i < 13; i++) {	/* more than the buffer has room for */
		train(45, 1, 1000);
		switch_flush();
	}
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	g.ch[0]->room = 1u << 30;
	fake_ring(g.ch[0]);
	EXPECT_EQ(collect(&g), 585);
	EXPECT_EQ(got.packets, 13);
	for (i = 0; i < 13; i++)
		EXPECT_EQ(got.per_packet[i], 45);
	EXPECT_EQ(nic_stat("rsc_packets"), 13);
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	nic_stop_clean(&g);
}

/* ---- the generator ---- */

static int64_t answer_of(const char *key)
{
	json_t *o = fake_answer(), *v = json_object_get(json_object_get(o, "result"), key);
	int64_t n = json_is_integer(v) ? json_integer_value(v) : -1;

	json_decref(o);
	return n;
}

UNIT_TEST(the_generator_makes_exact_aggregates)
{
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	json_decref(fake_verb("{\"cmd\":\"gen.tcp\",\"nic\":0,\"count\":3,\"burst\":3}"));
	fake_run(5);
	EXPECT_EQ(answer_of("frames"), 135);
	EXPECT_EQ(collect(&g), 135);
	EXPECT_EQ(got.packets, 1);
	EXPECT_EQ(got.frag[44].flags, 5);
	EXPECT_EQ(got.frag[45].flags, 3);
	EXPECT_EQ(got.frag[1].len, 1448);
	EXPECT_EQ(nic_stat("rsc_packets"), 3);
	for (i = 0; i < 1448 * 45; i++)
		if (got.data[66 + i] != (i + 1) % 251)
			break;
	EXPECT_EQ(i, 1448 * 45);
	json_decref(fake_verb("{\"cmd\":\"gen.tcp\",\"nic\":0,\"count\":4,\"segs\":1,\"ip6\":1,\"ts\":0,\"flows\":2}"));
	fake_run(5);
	EXPECT_EQ(answer_of("sent"), 4);
	EXPECT_EQ(collect(&g), 4);
	EXPECT_EQ(got.packets, 4);
	EXPECT_EQ(got.frag[0].has_id, 0);
	EXPECT_EQ(got.frag[0].csum, 0x8);
	EXPECT_EQ(got.frag[0].len, 74 + 1428);
	nic_stop_clean(&g);
}

UNIT_TEST(the_generator_asks_for_sense)
{
	static const char *const bad[] = {
		"\"nic\":7", "\"nic\":0,\"segs\":0", "\"nic\":0,\"segs\":563", "\"nic\":0,\"mss\":9300",
		"\"nic\":0,\"ip6\":1,\"dst_ip\":\"1.2.3.4\"", "\"nic\":0,\"tci\":70000",
		"\"dst\":\"x\"", "\"nic\":0,\"flows\":65", "\"nic\":0,\"count\":0",
	};
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *o = fake_verb("{\"cmd\":\"gen.tcp\",%s}", bad[i]);

		if (!o || json_is_true(json_object_get(o, "ok")))
			UNIT_FAIL("%s was taken", bad[i]);
		json_decref(o);
	}
	nic_stop_clean(&g);
}

UNIT_TEST(what_is_open_is_dropped_with_the_channel)
{
	struct guest g;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	train(3, 1, 100);
	guest_down(&g);
	switch_flush();
	EXPECT_EQ(nic_stat("reset"), 3);
	nic_stop_clean(&g);
}

/* ---- faults ---- */

UNIT_TEST(faults_break_the_sequence)
{
	static const struct { const char *name; unsigned int at; uint32_t flags; } t[] = {
		{ "rsc.no_first", 0, 1 }, { "rsc.no_last", 2, 1 }, { "rsc.first_again", 1, 3 },
	};
	struct guest g;
	unsigned int i;
	uint32_t id;

	ASSERT_TRUE(start(&g, GUEST_MAC));
	for (i = 0; i < 3; i++) {
		nic_arm(t[i].name, 0, -1);
		train(3, 1, 100);
		switch_flush();
		EXPECT_EQ(collect(&g), 3);
		EXPECT_EQ(got.frag[t[i].at].flags, t[i].flags);
	}
	nic_arm("rsc.wrong_id", 0, -1);
	train(3, 1, 100);
	switch_flush();
	collect(&g);
	id = got.frag[0].id;
	EXPECT_EQ(got.frag[1].id, id + 1);
	EXPECT_EQ(got.frag[2].id, id);
	nic_arm("rsc.no_id", 0, -1);
	train(3, 1, 100);
	switch_flush();
	collect(&g);
	EXPECT_EQ(got.frag[1].has_id, 0);
	nic_arm("rsc.flags", 0, 0xff);
	train(3, 1, 100);
	switch_flush();
	collect(&g);
	EXPECT_EQ(got.frag[0].flags, 0xff);
	nic_arm("rsc.single", 0, -1);
	train(1, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 1);
	EXPECT_EQ(got.frag[0].flags, 7);
	nic_stop_clean(&g);
}

UNIT_TEST(faults_of_size)
{
	struct guest g;

	ASSERT_TRUE(start(&g, GUEST_MAC ",suballoc=1728"));
	nic_arm("rsc.too_many", 0, -1);
	train(3, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 563);
	EXPECT_EQ(got.packets, 1);
	EXPECT_EQ(got.frag[562].flags, 5);
	EXPECT_EQ(got.frag[562].len, 1);
	nic_arm("rsc.too_many", 0, 4000);
	train(3, 1, 100);
	switch_flush();
	EXPECT_EQ(collect(&g), 570);
	EXPECT_EQ(got.packets, 1);
	nic_arm("rsc.too_long", 0, -1);
	train(3, 1, 100);
	switch_flush();
	collect(&g);
	EXPECT_EQ(got.packets, 1);
	EXPECT_EQ(got.len, 65550);
	nic_arm("rsc.split", 0, -1);
	train(5, 1, 100);
	train(1, 9000, 60);
	switch_flush();
	EXPECT_EQ(collect(&g), 6);
	EXPECT_EQ(got.packets, 2);
	EXPECT_EQ(got.per_packet[0], 2);
	EXPECT_EQ(got.frag[1].flags, 1);
	EXPECT_EQ(got.frag[2].flags, 1);
	EXPECT_EQ(got.frag[4].flags, 5);
	EXPECT_EQ(got.len, 554 + 114);
	EXPECT_EQ(nic_stat("outstanding_to_guest"), 0);
	nic_stop_clean(&g);
}

UNIT_MAIN()
