// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: a guest is hostile too: golden packets with random bytes changed, in every
 * state, thousands of them under the sanitizers. Nothing may break, every request
 * that asks for it gets a completion, and afterwards a decent guest is served.
 */
#include "unit.h"
#include <endian.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "base/violation.h"
#include "fake/guest.h"
#include "vectors/ndis.h"
#include "vectors/nvsp.h"
#include "vectors/rndis.h"
#include "vectors/tx.h"

#define ROUNDS	4000
#define PAGE	0x40000

static uint32_t seed = 1;

static uint32_t random32(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

static uint32_t below(uint32_t n)
{
	return random32() % n;
}

/* A value that likes to be at a border. */
static uint32_t border(void)
{
	static const uint32_t v[] = { 0, 1, 4, 7, 8, 12, 16, 36, 44, 255, 4095, 4096, 6144,
				      0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };

	return below(3) ? v[below(sizeof(v) / sizeof(v[0]))] : random32();
}

static void damage(uint8_t *b, size_t len)
{
	unsigned int n = below(4);
	uint32_t v;

	while (n--) {
		v = htole32(border());
		if (below(2) && len >= 4)
			memcpy(b + below((uint32_t)len / 4) * 4, &v, 4);
		else
			b[below((uint32_t)len)] = (uint8_t)random32();
	}
}

static const struct { const uint8_t *b; size_t len; } packets[] = {
	{ vec_nvsp_init_packet, VECTOR_PACKET_BYTES(vec_nvsp_init_packet) },
	{ vec_nvsp_data_path_packet, VECTOR_PACKET_BYTES(vec_nvsp_data_path_packet) },
	{ vec_tx_lso_packet, VECTOR_PACKET_BYTES(vec_tx_lso_packet) },
	{ vec_tx_partial_packet, VECTOR_PACKET_BYTES(vec_tx_partial_packet) },
	{ vec_tx_tcp4_vlan_csum_packet, VECTOR_PACKET_BYTES(vec_tx_tcp4_vlan_csum_packet) },
	{ vec_rndis_initialize_packet, VECTOR_PACKET_BYTES(vec_rndis_initialize_packet) },
	{ vec_rndis_initialize_rx_complete_packet,
	  VECTOR_PACKET_BYTES(vec_rndis_initialize_rx_complete_packet) },
};

static const struct { const uint8_t *b; size_t len; bool control; } messages[] = {
	{ vec_tx_tcp4_vlan_csum, sizeof(vec_tx_tcp4_vlan_csum), false },
	{ vec_tx_udp6_csum, sizeof(vec_tx_udp6_csum), false },
	{ vec_tx_aggregate, sizeof(vec_tx_aggregate), false },
	{ vec_rndis_query_mac, sizeof(vec_rndis_query_mac), true },
	{ vec_rndis_set_filter, sizeof(vec_rndis_set_filter), true },
	{ vec_rndis_set_mac, sizeof(vec_rndis_set_mac), true },
	{ vec_ndis_query_offload, sizeof(vec_ndis_query_offload), true },
	{ vec_ndis_set_offload, sizeof(vec_ndis_set_offload), true },
	{ vec_ndis_set_rss, sizeof(vec_ndis_set_rss), true },
};

/* What the bus lets through (channel.h): sane lengths, known type and flag. */
static void put_sane(struct guest *g, unsigned int q, uint8_t *b, size_t len)
{
	uint16_t h[4];

	memcpy(h, b, 8);
	if (h[0] != VMBUS_PKT_INBAND && h[0] != VMBUS_PKT_GPA_DIRECT &&
	    h[0] != VMBUS_PKT_COMPLETION)
		h[0] = VMBUS_PKT_GPA_DIRECT;
	if (h[1] < 2 || h[1] * 8u > len)
		h[1] = (uint16_t)(2 + below((uint32_t)len / 8 - 1));
	h[2] = (uint16_t)(len / 8);
	h[3] &= 1;
	memcpy(b, h, 8);
	fake_put(g->ch[q], b, len);
}

static void hostile_packet(struct guest *g, unsigned int q)
{
	unsigned int i = below(sizeof(packets) / sizeof(packets[0]));
	uint8_t b[256];

	memcpy(b, packets[i].b, packets[i].len);
	damage(b, packets[i].len);
	put_sane(g, q, b, packets[i].len);
}

static void hostile_message(struct guest *g, unsigned int q)
{
	unsigned int i = below(sizeof(messages) / sizeof(messages[0]));
	struct guest_range r[4];
	size_t len = messages[i].len;
	unsigned int n = 1 + below(3), k;
	uint8_t b[256];

	memcpy(b, messages[i].b, len);
	damage(b, len);
	memcpy(g->bus->ram + PAGE, b, len);
	memcpy(g->send->data + 5 * 6144, b, len);
	if (!messages[i].control && below(2)) {
		uint32_t m[10] = { NVSP_MSG_SEND_RNDIS_PKT, below(2), 5, (uint32_t)len };

		guest_inband(g, q, m, 40, below(8) > 0, random32() % 70000);
		return;
	}
	for (k = 0; k < n; k++) {
		uint32_t part = k == n - 1 ? (uint32_t)(len - len / n * k) : (uint32_t)(len / n);

		r[k] = (struct guest_range){ PAGE + len / n * k, part };
	}
	guest_gpa(g, q, messages[i].control, below(8) ? NVSP_SECTION_NONE : below(200), 0, r, n,
		  random32() % 70000);
}

static void drain(struct guest *g, unsigned int q)
{
	struct fake_packet *p;

	while ((p = fake_get(g->ch[q]))) {
		uint64_t id;

		memcpy(&id, p->b + 8, 8);
		/* Most are completed, some twice, some never. */
		if (fp16(p, 0) == VMBUS_PKT_XFER_PAGES && below(8)) {
			guest_complete(g, q, id, below(3));
			if (!below(8))
				guest_complete(g, q, id, 1);
		}
		free(p);
	}
}

static void serve_well(struct guest *g)
{
	if (g->ch[0]->open)
		fake_close(g->ch[0]);
	fake_run(10);
	violation_clear();
	g->ch[0]->room = 1u << 30;
	EXPECT_EQ(fake_open(g->ch[0]), 0);
	EXPECT_TRUE(guest_bring_up(g, NVSP_VERSION_61));
	EXPECT_EQ(guest_section(g, 5, vec_tx_tcp4_vlan_csum, sizeof(vec_tx_tcp4_vlan_csum)), 1);
	guest_down(g);
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(damaged_packets_in_every_state)
{
	unsigned int i, life;

	for (life = 0; life < 6; life++) {
		struct guest g;

		seed = life + 1;
		ASSERT_TRUE(guest_new(&g, 2, life & 1 ? "suballoc=1728" : ""));
		if (life >= 2)
			EXPECT_TRUE(guest_bring_up(&g, life == 2 ? NVSP_VERSION_4 :
						   NVSP_VERSION_61));
		for (i = 0; i < ROUNDS; i++) {
			if (below(2))
				hostile_packet(&g, 0);
			else
				hostile_message(&g, 0);
			if (!below(4))
				fake_ring(g.ch[0]);
			if (!below(16))
				drain(&g, 0);
			if (!below(64))
				fake_run(5);
			g.ch[0]->room = below(4) ? 1000 : 0;
		}
		serve_well(&g);
		guest_free(&g);
	}
	violation_clear();
}

UNIT_TEST(damaged_packets_on_a_sub_channel)
{
	struct nvsp_message m = { 0 };
	struct guest g;
	unsigned int i;

	seed = 99;
	ASSERT_TRUE(guest_up(&g, "queues=2"));
	m.subchannel_request.type = htole32(NVSP_MSG_SUBCHANNEL);
	m.subchannel_request.operation = htole32(1);
	m.subchannel_request.count = htole32(1);
	free(guest_ask(&g, &m));
	fake_run(5);
	g.ch[1] = fake_channel(g.bus, 1);
	ASSERT_NOT_NULL(g.ch[1]);
	fake_open(g.ch[1]);
	for (i = 0; i < ROUNDS; i++) {
		if (below(2))
			hostile_packet(&g, 1);
		else
			hostile_message(&g, 1);
		fake_ring(g.ch[1]);
		drain(&g, 1);
		drain(&g, 0);
	}
	fake_close(g.ch[1]);
	serve_well(&g);
	guest_free(&g);
	violation_clear();
}

UNIT_TEST(every_request_that_asks_is_completed_once)
{
	struct guest g;
	unsigned int i;

	seed = 5;
	ASSERT_TRUE(guest_up(&g, ""));
	for (i = 0; i < ROUNDS; i++) {
		unsigned int k = below(sizeof(messages) / sizeof(messages[0]));
		struct guest_range r = { PAGE, (uint32_t)messages[k].len };
		uint64_t id = 1 + i;
		struct fake_packet *p;
		unsigned int found = 0;
		uint8_t b[256];

		memcpy(b, messages[k].b, messages[k].len);
		damage(b, messages[k].len);
		memcpy(g.bus->ram + PAGE, b, messages[k].len);
		guest_gpa(&g, 0, messages[k].control, NVSP_SECTION_NONE, 0, &r, 1, id);
		while ((p = fake_get(g.ch[0]))) {
			uint64_t got;

			memcpy(&got, p->b + 8, 8);
			found += fp16(p, 0) == VMBUS_PKT_COMPLETION && got == id;
			if (fp16(p, 0) == VMBUS_PKT_XFER_PAGES)
				guest_complete(&g, 0, got, 1);
			free(p);
		}
		if (found != 1) {
			UNIT_FAIL("round %u: %u completions", i, found);
			break;
		}
	}
	serve_well(&g);
	guest_free(&g);
	violation_clear();
}

UNIT_MAIN()
