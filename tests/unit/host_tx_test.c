// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: transmits of the guest: golden messages, all four sources, every rule that a
 * guest can break, completions and their faults. What the switch gets is looked at
 * through a port of the test's own.
 */
#include "unit.h"
#include <endian.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "backend/packet.h"
#include "backend/switch.h"
#include "base/violation.h"
#include "fake/guest.h"
#include "fault/fault.h"
#include "vectors/negative.h"

#define PAGE	0x40000		/* guest memory for the frames of GPA-direct packets */

/* ---- a port that keeps what it gets ---- */

static struct {
	uint8_t data[70000];
	size_t len[64], off[64];
	bool tagged[64];
	uint16_t tci[64];
	unsigned int cnt;
	size_t used;
} wire;

static void keep(void *priv, const struct switch_frame *f)
{
	if (wire.cnt == 64 || f->len > sizeof(wire.data) - wire.used)
		return;
	wire.off[wire.cnt] = wire.used;
	wire.len[wire.cnt] = f->len;
	wire.tagged[wire.cnt] = f->tagged;
	wire.tci[wire.cnt++] = f->tci;
	memcpy(wire.data + wire.used, f->data, f->len);
	wire.used += f->len;
}

static const struct switch_port_ops keep_ops = { .deliver = keep };
static struct switch_port *port;

static bool start(struct guest *g, const char *words)
{
	memset(&wire, 0, sizeof(wire));
	violation_clear();
	port = switch_port_add("test", &keep_ops, NULL);
	if (!guest_up(g, words))
		return false;
	guest_discard(g, 0);
	return violation_total() == 0;
}

static void stop(struct guest *g)
{
	switch_port_del(port);
	guest_free(g);
	fault_clear(NULL, FAULT_ANY_NIC);
	violation_clear();
}

static uint8_t *frame(unsigned int i)
{
	return wire.data + wire.off[i];
}

static uint64_t noted(const char *name)
{
	uint64_t n = violation_count(name);

	if (n != violation_total() || !n)
		printf("# %s: %d of %d violations\n", name, (int)n, (int)violation_total());
	violation_clear();
	return n;
}

static void put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, 4);
}

/* ---- golden messages ---- */

UNIT_TEST(tcp_frame_with_vlan_and_checksum_leaves_finished)
{
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	EXPECT_EQ(guest_section(&g, 5, vec_tx_tcp4_vlan_csum, sizeof(vec_tx_tcp4_vlan_csum)),
		  NVSP_STAT_SUCCESS);
	ASSERT_TRUE(wire.cnt == 1);
	EXPECT_EQ(wire.len[0], 60);
	EXPECT_EQ(get_be16(frame(0) + 50), 0xF62C);
	EXPECT_TRUE(wire.tagged[0]);
	EXPECT_EQ(wire.tci[0], 0xA064);
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

UNIT_TEST(udp6_frame_gets_its_checksum)
{
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	EXPECT_EQ(guest_section(&g, 0, vec_tx_udp6_csum, sizeof(vec_tx_udp6_csum)),
		  NVSP_STAT_SUCCESS);
	ASSERT_TRUE(wire.cnt == 1);
	EXPECT_EQ(wire.len[0], 66);
	EXPECT_EQ(get_be16(frame(0) + 60), 0x8A8B);
	EXPECT_FALSE(wire.tagged[0]);
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

UNIT_TEST(aggregate_of_two_frames_from_a_section)
{
	struct guest g;
	json_t *o, *r;

	ASSERT_TRUE(start(&g, ""));
	memcpy(g.send->data + 7 * 6144, vec_tx_aggregate, sizeof(vec_tx_aggregate));
	guest_inband(&g, 0, vec_tx_aggregate_payload, 40, true, 12);
	EXPECT_EQ(guest_status(&g, 0, 12), NVSP_STAT_SUCCESS);
	ASSERT_TRUE(wire.cnt == 2);
	EXPECT_EQ(wire.len[0], 61);
	EXPECT_EQ(wire.len[1], 60);
	EXPECT_EQ(violation_total(), 0);
	o = fake_verb("{\"cmd\":\"stats\",\"nic\":%d}", 0);
	r = json_object_get(o, "result");
	EXPECT_EQ(json_integer_value(json_object_get(r, "frames_from_guest")), 2);
	EXPECT_EQ(json_integer_value(json_object_get(r, "bytes_from_guest")), 121);
	EXPECT_EQ(json_integer_value(json_object_get(r, "aggregates")), 1);
	EXPECT_EQ(json_integer_value(json_object_get(r, "section_packets")), 1);
	EXPECT_EQ(json_integer_value(json_object_get(r, "tx_broadcast")), 1);
	EXPECT_EQ(json_integer_value(json_object_get(r, "tx_unicast")), 1);
	json_decref(o);
	stop(&g);
}

/* The large frame of 10.8: 54 bytes of headers, 8960 of payload. */
static void lso_frame(uint8_t *f)
{
	unsigned int i;

	memcpy(f, vec_tx_tcp4_vlan_csum + 76, 54);
	put_be16(f + 16, 0);	/* total length */
	put_be16(f + 24, 0);	/* header checksum */
	put_be16(f + 50, 0x955A);
	f[47] = 0x19 | 0x80;	/* ACK PSH FIN CWR */
	for (i = 0; i < 8960; i++)
		f[54 + i] = (uint8_t)i;
}

static void map_golden_pages(struct guest *g, uint8_t *mem)
{
	/* Pages 0x20000, 0x20001 and 0x30010..12 of the golden packet. */
	g->bus->mem.range[1] = (struct gmem_range){ 0x20000000, 8192, mem, 1 };
	g->bus->mem.range[2] = (struct gmem_range){ 0x30010000, 12288, mem + 8192, 1 };
	g->bus->mem.cnt = 3;
}

static void put_golden_lso(uint8_t *mem)
{
	uint8_t f[9014];

	lso_frame(f);
	memcpy(mem + 0x40, vec_tx_lso_header, 60);
	memcpy(mem + 4096 + 0x102, f, 54);
	memcpy(mem + 8192 + 0x800, f + 54, 8960);
}

UNIT_TEST(requests_that_have_the_watched_bytes_are_counted)
{
	const size_t n = sizeof(vec_tx_tcp4_vlan_csum);
	struct guest g;
	char hex[17];
	json_t *o;
	int i;

	ASSERT_TRUE(start(&g, ""));
	for (i = 0; i < 8; i++)
		snprintf(hex + 2 * i, 3, "%02x", vec_tx_tcp4_vlan_csum[n - 8 + i]);
	o = fake_verb("{\"cmd\":\"nic.watch\",\"nic\":0,\"hex\":\"%s\"}", hex);
	EXPECT_TRUE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	EXPECT_EQ(guest_section(&g, 5, vec_tx_tcp4_vlan_csum, n), NVSP_STAT_SUCCESS);
	EXPECT_EQ(guest_section(&g, 0, vec_tx_udp6_csum, sizeof(vec_tx_udp6_csum)), NVSP_STAT_SUCCESS);
	o = fake_verb("{\"cmd\":\"stats\",\"nic\":0}");
	EXPECT_EQ(json_integer_value(json_object_get(json_object_get(o, "result"), "watched")), 1);
	json_decref(o);
	stop(&g);
}

UNIT_TEST(large_send_from_pages_is_cut_into_right_segments)
{
	static uint8_t mem[8192 + 12288];
	struct guest g;
	unsigned int i;
	uint32_t seq = 1, bytes = 0;

	ASSERT_TRUE(start(&g, ""));
	map_golden_pages(&g, mem);
	put_golden_lso(mem);
	fake_put(g.ch[0], vec_tx_lso_packet, VECTOR_PACKET_BYTES(vec_tx_lso_packet));
	fake_ring(g.ch[0]);
	EXPECT_EQ(guest_status(&g, 0, 10), NVSP_STAT_SUCCESS);
	ASSERT_TRUE(wire.cnt == 7);
	for (i = 0; i < wire.cnt; i++) {
		struct pkt_info info;
		uint8_t *f = frame(i);

		pkt_parse(f, wire.len[i], &info);
		EXPECT_EQ(info.l4_off, 34);
		EXPECT_EQ(get_be16(f + 16), wire.len[i] - 14);
		EXPECT_EQ(get_be16(f + 18), 0x1234 + i);
		EXPECT_TRUE(pkt_ip4_csum_good(f, &info));
		EXPECT_TRUE(pkt_l4_csum_good(f, &info));
		EXPECT_EQ(get_be32(f + 38), seq + bytes);
		EXPECT_EQ(f[47], i == 0 ? 0x90 : i == 6 ? 0x19 : 0x10);
		EXPECT_EQ(f[54], (uint8_t)bytes);
		bytes += (uint32_t)wire.len[i] - 54;
		EXPECT_EQ(wire.len[i], i < 6 ? 1502 : 54 + 8960 - 6 * 1448);
	}
	EXPECT_EQ(bytes, 8960);
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

UNIT_TEST(partial_copy_takes_the_section_first)
{
	static uint8_t mem[8192 + 12288];
	uint8_t section[156];
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	/* Its 9014-byte frame needs a guest with jumbo frames: here it is too long. */
	map_golden_pages(&g, mem);
	memcpy(section, vec_tx_aggregate, 112);
	memcpy(section + 112, vec_tx_partial_header, 44);
	memcpy(g.send->data + 3 * 6144, section, sizeof(section));
	fake_put(g.ch[0], vec_tx_partial_packet, VECTOR_PACKET_BYTES(vec_tx_partial_packet));
	fake_ring(g.ch[0]);
	EXPECT_EQ(guest_status(&g, 0, 11), NVSP_STAT_FAILURE);
	EXPECT_EQ(wire.cnt, 0);
	EXPECT_EQ(noted("netvsp.tx.frame_too_long"), 1);
	stop(&g);
}

UNIT_TEST(partial_copy_of_a_legal_frame)
{
	struct guest_range r[2] = { { PAGE + 100, 54 }, { PAGE + 4000, 1460 } };
	uint8_t section[156], f[1514];
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(start(&g, ""));
	for (i = 0; i < sizeof(f); i++)
		f[i] = (uint8_t)(i * 3);
	f[0] = 2;
	memcpy(g.bus->ram + PAGE + 100, f, 54);
	memcpy(g.bus->ram + PAGE + 4000, f + 54, 1460);
	memcpy(section, vec_tx_aggregate, 112);
	memcpy(section + 112, vec_tx_partial_header, 44);
	put32(section + 116, 44 + 1514);
	put32(section + 124, 1514);
	memcpy(g.send->data, section, sizeof(section));
	guest_gpa(&g, 0, 0, 0, sizeof(section), r, 2, 13);
	EXPECT_EQ(guest_status(&g, 0, 13), NVSP_STAT_SUCCESS);
	ASSERT_TRUE(wire.cnt == 2);
	EXPECT_EQ(wire.len[1], 1514);
	EXPECT_MEMEQ(frame(1), f, 1514);
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

/* ---- N17 to N24 ---- */

UNIT_TEST(negative_vectors_of_the_host)
{
	static const char *const names[25] = {
		[17] = "netvsp.ppi.malformed", [18] = "netvsp.data.outside",
		[19] = "netvsp.section.out_of_range", [20] = "netvsp.section.none",
		[21] = "netvsp.data.aggregate_type", [22] = "netvsp.data.length",
		[23] = "netvsp.gpa.offset",
	};
	static uint8_t mem[8192 + 12288];
	uint8_t b[VEC_NEGATIVE_MAX_BYTES];
	struct guest g;
	unsigned int n;

	ASSERT_TRUE(start(&g, ""));
	map_golden_pages(&g, mem);
	put_golden_lso(mem);
	for (n = 17; n <= 23; n++) {
		uint32_t len = vec_negative_apply(&vec_negative[n], b);
		bool packet = n == 19 || n == 20 || n == 23;

		if (packet) {
			uint64_t id;

			memcpy(&id, b + 8, 8);
			fake_put(g.ch[0], b, len - VECTOR_TRAILER_BYTES);
			fake_ring(g.ch[0]);
			EXPECT_EQ(guest_status(&g, 0, id), NVSP_STAT_FAILURE);
		} else {
			EXPECT_EQ(guest_section(&g, 0, b, len), NVSP_STAT_FAILURE);
		}
		EXPECT_EQ(noted(names[n]), 1);
		EXPECT_EQ(wire.cnt, 0);
	}
	/* And the channel goes on. */
	EXPECT_EQ(guest_section(&g, 5, vec_tx_tcp4_vlan_csum, sizeof(vec_tx_tcp4_vlan_csum)),
		  NVSP_STAT_SUCCESS);
	EXPECT_EQ(wire.cnt, 1);
	stop(&g);
}

/* ---- one rule, one case: bytes of a golden message changed ---- */

struct change {
	const char *name;	/* the violation */
	const uint8_t *base;
	size_t len;
	size_t off;
	unsigned int bytes;	/* 0: the message is cut or grown to off */
	uint32_t value;
	uint32_t status;
};

#define M(n, d, o, b, v, s) \
	{ "netvsp." n, vec_##d, sizeof(vec_##d), o, b, v, s }

static const struct change changes[] = {
	/* message header */
	M("data.type", tx_tcp4_vlan_csum, 0, 4, 5, 2),
	M("data.short", tx_tcp4_vlan_csum, 43, 0, 0, 2),
	M("data.length", tx_tcp4_vlan_csum, 4, 4, 137, 2),
	M("data.length", tx_tcp4_vlan_csum, 4, 4, 43, 2),
	M("data.oob", tx_tcp4_vlan_csum, 16, 4, 1, 2),
	M("data.oob", tx_tcp4_vlan_csum, 24, 4, 1, 2),
	M("data.vc_handle", tx_tcp4_vlan_csum, 36, 4, 1, 2),
	M("data.reserved", tx_tcp4_vlan_csum, 40, 4, 1, 1),
	M("data.empty", tx_tcp4_vlan_csum, 12, 4, 0, 2),
	M("data.outside", tx_tcp4_vlan_csum, 8, 4, 69, 2),
	M("data.outside", tx_tcp4_vlan_csum, 8, 4, 0xFFFFFFF8, 2),
	M("data.frame_short", tx_tcp4_vlan_csum, 12, 4, 13, 2),
	M("data.trailing_garbage", tx_aggregate, 217, 0, 0, 2),
	/* per-packet info */
	M("ppi.outside", tx_tcp4_vlan_csum, 28, 4, 35, 2),
	M("ppi.outside", tx_tcp4_vlan_csum, 28, 4, 38, 2),
	M("ppi.outside", tx_tcp4_vlan_csum, 32, 4, 200, 2),
	M("ppi.overlap", tx_tcp4_vlan_csum, 32, 4, 36, 2),
	M("ppi.malformed", tx_tcp4_vlan_csum, 44, 4, 17, 2),
	M("ppi.malformed", tx_tcp4_vlan_csum, 44, 4, 48, 2),
	M("ppi.malformed", tx_tcp4_vlan_csum, 52, 4, 20, 2),
	M("ppi.malformed", tx_tcp4_vlan_csum, 52, 4, 16, 2),
	M("ppi.vlan", tx_tcp4_vlan_csum, 58, 1, 1, 1),
	M("ppi.duplicate", tx_tcp4_vlan_csum, 48, 4, 0, 2),
	/* checksum */
	M("csum.bits", tx_tcp4_vlan_csum, 72, 1, 0x07, 2),
	M("csum.bits", tx_tcp4_vlan_csum, 72, 1, 0x0d, 2),
	M("csum.bits", tx_tcp4_vlan_csum, 72, 1, 0x25, 2),
	M("csum.bits", tx_udp6_csum, 56, 1, 0x1a, 2),
	M("csum.family", tx_udp6_csum, 56, 1, 0x09, 2),
	M("csum.offset", tx_tcp4_vlan_csum, 74, 1, 35, 2),
	M("csum.offset", tx_tcp4_vlan_csum, 72, 1, 0x09, 2),
	M("csum.seed", tx_tcp4_vlan_csum, 76 + 50, 1, 0x96, 1),
	M("csum.not_negotiated", tx_tcp4_vlan_csum, 72, 1, 0x15, 2),
	/* aggregation: first message not padded, pad byte not zero */
	M("data.padding", tx_aggregate, 106, 1, 1, 1),
};

UNIT_TEST(each_rule_of_a_data_message_has_its_violation)
{
	unsigned int i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *c = &changes[i];
		uint8_t b[512] = { 0 };
		struct guest g;
		size_t len = c->len, k;
		uint32_t status;

		memcpy(b, c->base, c->len);
		for (k = 0; k < c->bytes; k++)
			b[c->off + k] = (uint8_t)(c->value >> (8 * k));
		if (!c->bytes)
			len = c->off;
		ASSERT_TRUE(start(&g, ""));
		status = guest_section(&g, 0, b, len);
		if (status != c->status)
			UNIT_FAIL("change %u (%s): status %u", i, c->name, status);
		if (!violation_count(c->name))
			UNIT_FAIL("change %u: no %s", i, c->name);
		EXPECT_EQ(wire.cnt > 0, c->status == 1);
		stop(&g);
	}
}

UNIT_TEST(ppi_offset_and_gap_are_noted)
{
	uint8_t m[128], f[60] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 0, 0, 1, 0x88, 0xb5 };
	struct guest g;
	size_t len;

	ASSERT_TRUE(start(&g, ""));
	len = guest_wrap(m, f, sizeof(f));
	put32(m + 28, 12);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(noted("netvsp.ppi.offset"), 1);
	put32(m + 28, 0);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(violation_total(), 0);
	put32(m + 8, 37);
	put32(m + 12, 59);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(noted("netvsp.data.offset"), 1);
	/* Eight bytes behind the last frame are more than padding. */
	len = guest_wrap(m, f, sizeof(f));
	put32(m + 4, 44 + 60 + 8);
	EXPECT_EQ(guest_section(&g, 0, m, len + 8), 1);
	EXPECT_EQ(noted("netvsp.data.trailing_garbage"), 1);
	stop(&g);
}

UNIT_TEST(aggregation_limits)
{
	uint8_t m[1024], f[20] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 0, 0, 1, 0x88, 0xb5 };
	unsigned int i;
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	for (i = 0; i < 9; i++)
		guest_wrap(m + i * 64, f, 20);
	EXPECT_EQ(guest_section(&g, 0, m, 8 * 64), 1);
	EXPECT_EQ(violation_total(), 0);
	EXPECT_EQ(wire.cnt, 8);
	EXPECT_EQ(guest_section(&g, 0, m, 9 * 64), 2);
	EXPECT_EQ(noted("netvsp.data.too_many_messages"), 1);
	EXPECT_EQ(wire.cnt, 8);
	guest_wrap(m, f, 18);
	guest_wrap(m + 62, f, 20);
	EXPECT_EQ(guest_section(&g, 0, m, 62 + 64), 1);
	EXPECT_EQ(noted("netvsp.data.alignment"), 1);
	/* The last one may be padded or not. */
	guest_wrap(m, f, 18);
	EXPECT_EQ(guest_section(&g, 0, m, 62), 1);
	memset(m + 62, 0, 2);
	put32(m + 4, 64);
	EXPECT_EQ(guest_section(&g, 0, m, 64), 1);
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

UNIT_TEST(frame_limits_and_tags)
{
	uint8_t m[1700], f[1600] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 0, 0, 1, 0x88, 0xb5 };
	struct guest g;
	size_t len;

	ASSERT_TRUE(start(&g, ""));
	len = guest_wrap(m, f, 1514);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	len = guest_wrap(m, f, 14);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(violation_total(), 0);
	len = guest_wrap(m, f, 1515);
	EXPECT_EQ(guest_section(&g, 0, m, len), 2);
	EXPECT_EQ(noted("netvsp.tx.frame_too_long"), 1);
	put_be16(f + 12, ETH_TYPE_VLAN);
	len = guest_wrap(m, f, 60);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(noted("netvsp.tx.inline_tag"), 1);
	stop(&g);
}

/* A guest of the first version has no other place for the tag. */
UNIT_TEST(tag_within_the_frame_of_an_old_guest)
{
	uint8_t m[1700], f[1600] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 0, 0, 1, 0x81 };
	struct guest g;
	size_t len;

	violation_clear();
	ASSERT_TRUE(guest_new(&g, 4, "") && guest_bring_up(&g, NVSP_VERSION_1));
	guest_discard(&g, 0);
	len = guest_wrap(m, f, 1518);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(violation_total(), 0);
	len = guest_wrap(m, f, 1519);
	EXPECT_EQ(guest_section(&g, 0, m, len), 2);
	EXPECT_EQ(noted("netvsp.tx.frame_too_long"), 1);
	guest_free(&g);
	violation_clear();
}

/* ---- sections and pages ---- */

static uint32_t section_pkt(struct guest *g, uint32_t index, uint32_t size)
{
	uint32_t m[10] = { NVSP_MSG_SEND_RNDIS_PKT, 0, index, size };
	uint64_t id = g->next_id++;

	guest_inband(g, 0, m, sizeof(m), true, id);
	return guest_status(g, 0, id);
}

UNIT_TEST(section_rules)
{
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	EXPECT_EQ(section_pkt(&g, 170, 44), 2);
	EXPECT_EQ(noted("netvsp.section.out_of_range"), 1);
	EXPECT_EQ(section_pkt(&g, 0, 6145), 2);
	EXPECT_EQ(noted("netvsp.section.too_long"), 1);
	EXPECT_EQ(section_pkt(&g, 0, 0), 2);
	EXPECT_EQ(noted("netvsp.section.empty"), 1);
	EXPECT_EQ(section_pkt(&g, NVSP_SECTION_NONE, 0), 2);
	EXPECT_EQ(noted("netvsp.section.none"), 1);
	stop(&g);
}

UNIT_TEST(section_without_a_send_buffer)
{
	uint32_t init[6] = { RNDIS_MSG_INITIALIZE, 24, 1, 1, 0, 0x4000 };
	struct nvsp_message m = { 0 };
	struct fake_packet *p;
	struct guest g;
	uint8_t out[64];

	ASSERT_TRUE(guest_new(&g, 1, ""));
	m.init.type = htole32(NVSP_MSG_INIT);
	m.init.min_version = htole32(NVSP_VERSION_1);
	m.init.max_version = htole32(NVSP_VERSION_1);
	free(guest_ask(&g, &m));
	memset(&m, 0, sizeof(m));
	m.type = htole32(NVSP_MSG_SEND_NDIS_VERSION);
	guest_tell(&g, &m);
	/* RNDIS before the receive buffer. */
	EXPECT_EQ(guest_rndis(&g, init, sizeof(init), out, sizeof(out)), 0);
	EXPECT_EQ(noted("netvsp.rndis.before_buffers"), 1);
	m.send_recv_buf.type = htole32(NVSP_MSG_SEND_RECV_BUF);
	m.send_recv_buf.gpadl = htole32(GUEST_RECV_GPADL);
	m.send_recv_buf.id = htole16(NVSP_RECV_BUF_ID);
	p = guest_ask(&g, &m);
	ASSERT_NOT_NULL(p);
	free(p);
	EXPECT_EQ(guest_rndis(&g, init, sizeof(init), out, sizeof(out)), 52);
	EXPECT_EQ(violation_total(), 0);
	EXPECT_EQ(section_pkt(&g, 0, 44), 2);
	EXPECT_EQ(noted("netvsp.section.no_buffer"), 1);
	guest_free(&g);
	violation_clear();
}

static const uint8_t plain[60] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 0, 0, 1, 0x88, 0xb5 };

UNIT_TEST(frame_from_pages_header_alone_in_its_range)
{
	struct guest_range r[3] = { { PAGE + 4090, 44 }, { PAGE + 8192, 14 },
				    { PAGE + 12300, 46 } };
	uint8_t m[128];
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	guest_wrap(m, plain, 60);
	memcpy(g.bus->ram + PAGE + 4090, m, 44);	/* crosses a page in one range */
	memcpy(g.bus->ram + PAGE + 8192, m + 44, 14);
	memcpy(g.bus->ram + PAGE + 12300, m + 58, 46);
	guest_gpa(&g, 0, 0, NVSP_SECTION_NONE, 0, r, 3, 9);
	EXPECT_EQ(guest_status(&g, 0, 9), 1);
	ASSERT_TRUE(wire.cnt == 1);
	EXPECT_MEMEQ(frame(0), plain, 60);
	EXPECT_EQ(violation_total(), 0);
	/* Header split over two ranges; header and frame in one. */
	r[0] = (struct guest_range){ PAGE + 100, 20 };
	r[1] = (struct guest_range){ PAGE + 5000, 24 };
	r[2] = (struct guest_range){ PAGE + 12288, 60 };
	memcpy(g.bus->ram + PAGE + 100, m, 20);
	memcpy(g.bus->ram + PAGE + 5000, m + 20, 24);
	guest_gpa(&g, 0, 0, NVSP_SECTION_NONE, 0, r, 3, 9);
	EXPECT_EQ(guest_status(&g, 0, 9), 1);
	EXPECT_EQ(noted("netvsp.gpa.header_split"), 1);
	r[0] = (struct guest_range){ PAGE, 104 };
	memcpy(g.bus->ram + PAGE, m, 104);
	guest_gpa(&g, 0, 0, NVSP_SECTION_NONE, 0, r, 1, 9);
	EXPECT_EQ(guest_status(&g, 0, 9), 1);
	EXPECT_EQ(noted("netvsp.gpa.header_not_alone"), 1);
	guest_gpa(&g, 0, 0, NVSP_SECTION_NONE, 4, r, 1, 9);
	EXPECT_EQ(violation_count("netvsp.section.size_without_index"), 1);
	stop(&g);
}

/* A GPA-direct packet by hand: range count, then (length, offset) and pages. */
static uint32_t raw_gpa(struct guest *g, uint32_t cnt, const uint64_t *words,
			unsigned int n)
{
	uint8_t b[8192] = { 0 };
	uint32_t m[10] = { NVSP_MSG_SEND_RNDIS_PKT, 0, NVSP_SECTION_NONE, 0 };
	uint16_t h[4] = { VMBUS_PKT_GPA_DIRECT, (uint16_t)(3 + n), (uint16_t)(3 + n + 5), 1 };
	uint64_t id = g->next_id++;

	memcpy(b, h, 8);
	memcpy(b + 8, &id, 8);
	memcpy(b + 20, &cnt, 4);
	memcpy(b + 24, words, n * 8);
	memcpy(b + 24 + n * 8, m, 40);
	fake_put(g->ch[0], b, 24 + n * 8 + 40);
	fake_ring(g->ch[0]);
	return guest_status(g, 0, id);
}

#define RANGE(len, off)	((uint64_t)(off) << 32 | (len))

UNIT_TEST(page_list_rules)
{
	uint64_t many[2 * 34], w[4];
	struct guest g;
	unsigned int i;
	uint8_t m[1600];

	ASSERT_TRUE(start(&g, ""));
	EXPECT_EQ(raw_gpa(&g, 0, w, 0), 2);
	EXPECT_EQ(noted("netvsp.gpa.no_ranges"), 1);
	EXPECT_EQ(raw_gpa(&g, 1, w, 0), 2);
	EXPECT_EQ(noted("netvsp.gpa.truncated"), 1);
	w[0] = RANGE(5000, 0);
	w[1] = PAGE / 4096;
	EXPECT_EQ(raw_gpa(&g, 1, w, 2), 2);
	EXPECT_EQ(noted("netvsp.gpa.truncated"), 1);
	w[0] = RANGE(10, 4096);
	EXPECT_EQ(raw_gpa(&g, 1, w, 2), 2);
	EXPECT_EQ(noted("netvsp.gpa.offset"), 1);
	w[0] = RANGE(0, 0);
	EXPECT_EQ(raw_gpa(&g, 1, w, 2), 2);
	EXPECT_EQ(noted("netvsp.gpa.empty_range"), 1);
	w[0] = RANGE(0x7fffffff, 0);
	EXPECT_EQ(raw_gpa(&g, 1, w, 2), 2);
	EXPECT_EQ(noted("netvsp.gpa.too_long"), 1);
	w[0] = RANGE(44, 0);
	w[1] = 0xFFFFFFFFFFFFFull;
	EXPECT_EQ(raw_gpa(&g, 1, w, 2), 2);
	EXPECT_EQ(noted("netvsp.gpa.outside_memory"), 1);
	w[1] = ~0ull;
	EXPECT_EQ(raw_gpa(&g, 1, w, 2), 2);
	EXPECT_EQ(noted("netvsp.gpa.outside_memory"), 1);
	ASSERT_TRUE(!gmem_isolate((struct gmem *)channel_gmem(g.ch[0])));
	w[1] = PAGE / 4096;
	EXPECT_EQ(raw_gpa(&g, 1, w, 2), 2);
	EXPECT_EQ(noted("netvsp.gpa.private"), 1);
	free(channel_gmem(g.ch[0])->shown);
	((struct gmem *)channel_gmem(g.ch[0]))->shown = NULL;
	/* Header range, then the frame in two pages that are not neighbours. */
	guest_wrap(m, plain, 60);
	memcpy(g.bus->ram + PAGE, m, 44);
	w[0] = RANGE(44, 0);
	w[1] = PAGE / 4096;
	many[0] = w[0];
	many[1] = w[1];
	many[2] = RANGE(60, 4090);
	many[3] = PAGE / 4096 + 1;
	many[4] = PAGE / 4096 + 3;
	EXPECT_EQ(raw_gpa(&g, 2, many, 5), 1);
	EXPECT_EQ(noted("netvsp.gpa.not_contiguous"), 1);
	many[4] = PAGE / 4096 + 2;
	many[5] = 0;
	EXPECT_EQ(raw_gpa(&g, 2, many, 6), 1);
	EXPECT_EQ(noted("netvsp.gpa.trailing"), 1);
	/* 33 pages. */
	put32(g.bus->ram + PAGE + 4, 44 + 320);
	put32(g.bus->ram + PAGE + 12, 320);
	many[0] = w[0];
	many[1] = w[1];
	for (i = 1; i < 33; i++) {
		many[i * 2] = RANGE(10, 0);
		many[i * 2 + 1] = PAGE / 4096 + 1;
	}
	EXPECT_EQ(raw_gpa(&g, 32, many, 64), 2);	/* 310 bytes are there */
	violation_clear();
	EXPECT_EQ(raw_gpa(&g, 33, many, 66), 1);
	EXPECT_EQ(noted("netvsp.gpa.too_many_pages"), 1);
	stop(&g);
}

/* ---- large send rules ---- */

static uint32_t send_lso(struct guest *g, const uint8_t *f, size_t len, uint32_t ppi)
{
	uint8_t h[76];
	struct guest_range r[2] = { { PAGE, 60 }, { PAGE + 4096, (uint32_t)len } };
	uint64_t id = g->next_id++;

	memcpy(h, vec_tx_lso_header, 60);
	put32(h + 4, (uint32_t)(60 + len));
	put32(h + 12, (uint32_t)len);
	put32(h + 56, ppi);
	memcpy(g->bus->ram + PAGE, h, 60);
	memcpy(g->bus->ram + PAGE + 4096, f, len);
	guest_gpa(g, 0, 0, NVSP_SECTION_NONE, 0, r, 2, id);
	return guest_status(g, 0, id);
}

UNIT_TEST(large_send_rules)
{
	static uint8_t f[64000];
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	lso_frame(f);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x422005A8), 1);
	EXPECT_EQ(violation_total(), 0);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x022005A8), 2);
	EXPECT_EQ(noted("netvsp.lso.version"), 1);
	EXPECT_EQ(send_lso(&g, f, 9014, 0xC22005A8), 2);
	EXPECT_EQ(noted("netvsp.lso.family"), 1);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x423005A8), 2);
	EXPECT_EQ(noted("netvsp.lso.offset"), 1);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x42200000), 2);
	EXPECT_EQ(noted("netvsp.lso.mss"), 1);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x422005B5), 1);
	EXPECT_EQ(noted("netvsp.lso.mss"), 1);
	EXPECT_EQ(send_lso(&g, f, 54 + 1448, 0x422005A8), 1);
	EXPECT_EQ(noted("netvsp.lso.too_few_segments"), 1);
	put_be16(f + 16, 9000);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x422005A8), 1);
	EXPECT_EQ(noted("netvsp.lso.ip_length"), 1);
	lso_frame(f);
	put_be16(f + 24, 1);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x422005A8), 1);
	EXPECT_EQ(noted("netvsp.lso.ip_checksum"), 1);
	lso_frame(f);
	put_be16(f + 50, 0x9574);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x422005A8), 1);
	EXPECT_EQ(noted("netvsp.lso.seed"), 1);
	lso_frame(f);
	EXPECT_EQ(send_lso(&g, f, 0xF53D, 0x422005A8), 1);
	EXPECT_EQ(noted("netvsp.lso.too_long"), 1);
	stop(&g);

	ASSERT_TRUE(start(&g, "offload=csum"));
	lso_frame(f);
	EXPECT_EQ(send_lso(&g, f, 9014, 0x422005A8), 2);
	EXPECT_EQ(noted("netvsp.lso.not_negotiated"), 1);
	stop(&g);
}

UNIT_TEST(large_send_and_checksum_exclude_each_other)
{
	uint8_t m[3200], f[9014];
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	lso_frame(f);
	memcpy(m, vec_tx_tcp4_vlan_csum, 76);
	put32(m + 48, RNDIS_PPI_LSO);
	put32(m + 56, 0x422005A8);
	put32(m + 4, 76 + 3000);
	put32(m + 12, 3000);
	memcpy(m + 76, f, 3000);
	EXPECT_EQ(guest_section(&g, 0, m, 76 + 3000), 1);
	EXPECT_EQ(noted("netvsp.lso.with_csum"), 1);
	stop(&g);
}

UNIT_TEST(offload_none_takes_no_checksum_ppi)
{
	struct guest g;

	ASSERT_TRUE(start(&g, "offload=none"));
	EXPECT_EQ(guest_section(&g, 0, vec_tx_udp6_csum, sizeof(vec_tx_udp6_csum)), 2);
	EXPECT_EQ(noted("netvsp.csum.not_negotiated"), 1);
	stop(&g);
}

UNIT_TEST(hash_ppi_needs_version_5)
{
	uint8_t m[128];
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 1, "") && guest_bring_up(&g, NVSP_VERSION_4));
	memcpy(m, vec_tx_udp6_csum, sizeof(vec_tx_udp6_csum));
	put32(m + 48, RNDIS_PPI_HASH_VALUE);
	EXPECT_EQ(guest_section(&g, 0, m, sizeof(vec_tx_udp6_csum)), 1);
	EXPECT_EQ(noted("netvsp.ppi.hash_version"), 1);
	guest_free(&g);
}

UNIT_TEST(ip_header_checksum_and_udp_zero)
{
	uint8_t m[136];
	struct pkt_info info;
	uint8_t params[20] = { 0x80, 1, 20, 0, 4, 0 };
	struct guest g;

	ASSERT_TRUE(start(&g, ""));
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, params, 20), 0);
	memcpy(m, vec_tx_tcp4_vlan_csum, sizeof(m));
	put32(m + 72, 0x00220015);
	put_be16(m + 76 + 24, 0xdead);
	EXPECT_EQ(guest_section(&g, 0, m, sizeof(m)), 1);
	EXPECT_EQ(violation_total(), 0);
	ASSERT_TRUE(wire.cnt == 1);
	EXPECT_EQ(get_be16(frame(0) + 24), 0x9342);
	/* UDP whose sum comes out as 0 is stored as 0xFFFF. */
	memcpy(m, vec_tx_udp6_csum, sizeof(vec_tx_udp6_csum));
	put_be16(m + 60 + 62, (uint16_t)(get_be16(m + 60 + 62) + 0x8A8B));
	EXPECT_EQ(guest_section(&g, 0, m, sizeof(vec_tx_udp6_csum)), 1);
	ASSERT_TRUE(wire.cnt == 2);
	pkt_parse(frame(1), 66, &info);
	EXPECT_EQ(get_be16(frame(1) + 60), 0xffff);
	EXPECT_TRUE(pkt_l4_csum_good(frame(1), &info));
	stop(&g);
}

/* ---- states ---- */

UNIT_TEST(no_data_at_the_wrong_time_or_place)
{
	uint32_t halt[3] = { RNDIS_MSG_HALT, 12, 99 }, filter = 0;
	struct guest_range r = { PAGE, 12 };
	uint32_t m[10] = { NVSP_MSG_SEND_RNDIS_PKT, 2, 0, 64 };
	uint8_t msg[128], out[64];
	struct guest g;
	size_t len;

	ASSERT_TRUE(start(&g, ""));
	len = guest_wrap(msg, plain, 60);
	guest_inband(&g, 0, m, 40, true, 70);
	EXPECT_EQ(noted("netvsp.rndis.channel_type"), 1);
	EXPECT_EQ(guest_status(&g, 0, 70), 2);
	m[1] = 0;
	memcpy(g.send->data, msg, len);
	m[3] = (uint32_t)len;
	guest_inband(&g, 0, m, 40, false, 0);
	EXPECT_EQ(noted("netvsp.tx.no_completion_flag"), 1);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	m[4] = 1;
	guest_inband(&g, 0, m, 40, true, 71);
	EXPECT_EQ(noted("netvsp.message.trailing_garbage"), 1);
	guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4);
	EXPECT_EQ(guest_section(&g, 0, msg, len), 1);
	EXPECT_EQ(noted("netvsp.tx.filter_zero"), 1);
	guest_rndis(&g, halt, 12, out, sizeof(out));
	EXPECT_EQ(guest_section(&g, 0, msg, len), 2);
	EXPECT_EQ(noted("netvsp.tx.after_halt"), 1);
	memcpy(g.bus->ram + PAGE, halt, 12);
	guest_gpa(&g, 0, 1, NVSP_SECTION_NONE, 0, &r, 1, 72);
	EXPECT_EQ(noted("netvsp.rndis.wrong_state"), 1);
	stop(&g);

	/* Data before INITIALIZE: only the buffers are there. */
	ASSERT_TRUE(guest_new(&g, 1, ""));
	{
		struct nvsp_message n = { 0 };

		n.init.type = htole32(NVSP_MSG_INIT);
		n.init.min_version = htole32(NVSP_VERSION_1);
		n.init.max_version = htole32(NVSP_VERSION_1);
		free(guest_ask(&g, &n));
		memset(&n, 0, sizeof(n));
		n.type = htole32(NVSP_MSG_SEND_NDIS_VERSION);
		guest_tell(&g, &n);
		n.send_recv_buf.type = htole32(NVSP_MSG_SEND_RECV_BUF);
		n.send_recv_buf.gpadl = htole32(GUEST_RECV_GPADL);
		free(guest_ask(&g, &n));
		memset(&n, 0, sizeof(n));
		n.send_send_buf.type = htole32(NVSP_MSG_SEND_SEND_BUF);
		n.send_send_buf.gpadl = htole32(GUEST_SEND_GPADL);
		free(guest_ask(&g, &n));
	}
	EXPECT_EQ(violation_total(), 0);
	EXPECT_EQ(guest_section(&g, 0, msg, len), 2);
	EXPECT_EQ(noted("netvsp.tx.wrong_state"), 1);
	guest_free(&g);
}

UNIT_TEST(strict_off_notes_nothing)
{
	struct guest g;

	ASSERT_TRUE(start(&g, "strict=off"));
	EXPECT_EQ(section_pkt(&g, 170, 44), 2);
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

UNIT_TEST(foreign_sources_are_dropped_without_spoofing)
{
	uint8_t m[128], f[60];
	struct guest g;
	size_t len;

	ASSERT_TRUE(start(&g, "spoof=off"));
	memcpy(f, plain, 60);
	len = guest_wrap(m, f, 60);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(wire.cnt, 1);
	f[11] = 77;
	len = guest_wrap(m, f, 60);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(wire.cnt, 1);
	stop(&g);
}

/* ---- completions and their faults ---- */

static void arm(const char *name, unsigned int ms, int64_t value)
{
	struct fault f = { .nic = 0, .count = 1, .ms = ms, .has_value = value >= 0,
			   .value = (uint32_t)value };

	if (fault_set(&f, name) < 0)
		UNIT_FAIL("no fault %s", name);
}

UNIT_TEST(completion_faults)
{
	uint8_t m[128];
	struct guest g;
	size_t len;

	ASSERT_TRUE(start(&g, ""));
	len = guest_wrap(m, plain, 60);
	arm("tx.fail", 0, -1);
	EXPECT_EQ(guest_section(&g, 0, m, len), 2);
	EXPECT_EQ(wire.cnt, 1);
	arm("tx.lose_completion", 0, -1);
	EXPECT_EQ(guest_section(&g, 0, m, len), 0);
	arm("tx.duplicate_completion", 0, -1);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);
	free(fake_get(g.ch[0]));
	arm("tx.unknown_completion", 0, 4711);
	EXPECT_EQ(guest_section(&g, 0, m, len), 1);
	EXPECT_EQ(guest_status(&g, 0, 4711), 1);
	arm("tx.delay_completions", 30, -1);
	EXPECT_EQ(guest_section(&g, 0, m, len), 0);
	fake_run(29);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(2);
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);
	free(fake_get(g.ch[0]));
	arm("tx.withhold_completions", 100, -1);
	EXPECT_EQ(guest_section(&g, 0, m, len), 0);
	EXPECT_EQ(guest_section(&g, 1, m, len), 0);
	fake_run(101);
	EXPECT_EQ(fake_waiting(g.ch[0]), 2);
	guest_discard(&g, 0);
	arm("tx.empty_completion", 0, -1);
	EXPECT_EQ(guest_section(&g, 0, m, len), 0);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);	/* taken by id, without a status */
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

UNIT_TEST(full_ring_holds_completions_and_then_the_reading)
{
	uint32_t m[10] = { NVSP_MSG_SEND_RNDIS_PKT, 0, 0, 0 };
	uint8_t msg[128];
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(start(&g, ""));
	m[3] = (uint32_t)guest_wrap(msg, plain, 60);
	memcpy(g.send->data, msg, m[3]);
	g.ch[0]->room = 0;
	for (i = 0; i < 1500; i++)
		guest_inband(&g, 0, m, 40, true, 1000 + i);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	ASSERT_NOT_NULL(g.ch[0]->in);		/* the rest is not read */
	g.ch[0]->room = 10000;
	fake_ring(g.ch[0]);
	fake_run(5);
	EXPECT_EQ(fake_waiting(g.ch[0]), 1500);
	EXPECT_EQ(violation_total(), 0);
	stop(&g);
}

UNIT_TEST(stalled_host_reads_nothing_for_a_while)
{
	uint8_t m[128];
	struct guest g;
	size_t len;

	ASSERT_TRUE(start(&g, ""));
	len = guest_wrap(m, plain, 60);
	arm("rx.stall", 200, -1);
	EXPECT_EQ(guest_section(&g, 0, m, len), 0);
	EXPECT_EQ(guest_section(&g, 1, m, len), 0);
	EXPECT_EQ(wire.cnt, 0);
	fake_run(199);
	EXPECT_EQ(wire.cnt, 0);
	fake_run(2);
	EXPECT_EQ(wire.cnt, 2);
	EXPECT_EQ(fake_waiting(g.ch[0]), 2);
	stop(&g);
}

UNIT_TEST(paced_host_reads_all_of_a_while_in_one_round)
{
	uint8_t m[128];
	struct guest g;
	size_t len;

	ASSERT_TRUE(start(&g, "pace=20"));
	len = guest_wrap(m, plain, 60);
	EXPECT_EQ(guest_section(&g, 0, m, len), 0);
	fake_run(15);
	EXPECT_EQ(guest_section(&g, 1, m, len), 0);
	EXPECT_EQ(wire.cnt, 0);
	fake_run(6);			/* the first one's time, not the second's */
	EXPECT_EQ(wire.cnt, 2);
	EXPECT_EQ(fake_waiting(g.ch[0]), 2);
	EXPECT_EQ(guest_section(&g, 0, m, len), 0);
	fake_run(15);
	EXPECT_EQ(wire.cnt, 2);
	fake_run(6);
	EXPECT_EQ(wire.cnt, 3);
	stop(&g);
}

UNIT_MAIN()
