// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the RNDIS control plane: golden messages, OIDs, offloads, RSS, indications,
 * its violations and faults.
 */
#include "unit.h"
#include <endian.h>
#include <netvsc/ndis.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "base/violation.h"
#include "fake/guest.h"
#include "fault/fault.h"
#include "vectors/negative.h"

#define PAGE	0x40000

static uint64_t noted(const char *name)
{
	uint64_t n = violation_count(name);

	if (n != violation_total() || !n)
		printf("# %s: %d of %d violations\n", name, (int)n, (int)violation_total());
	violation_clear();
	return n;
}

static void arm(const char *name, const char *what, unsigned int ms, int64_t value)
{
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1, .ms = ms };

	snprintf(f.what, sizeof(f.what), "%s", what);
	f.has_value = value >= 0;
	f.value = (uint32_t)value;
	if (fault_set(&f, name) < 0)
		UNIT_FAIL("no fault %s", name);
}

static uint32_t query32(struct guest *g, uint32_t oid)
{
	uint8_t out[1024];
	uint32_t v;
	size_t len;

	if (guest_query(g, oid, NULL, 0, out, &len) || len != 4)
		return 0xDEADBEEF;
	memcpy(&v, out, 4);
	return le32toh(v);
}

UNIT_TEST(initialize_round_trip_is_golden)
{
	struct nvsp_message m = { 0 };
	struct fake_packet *p;
	struct guest g;
	uint64_t id = 4;
	uint8_t b[128];

	ASSERT_TRUE(guest_new(&g, 1, "suballoc=1728") && guest_bring_up(&g, NVSP_VERSION_61));
	guest_down(&g);
	ASSERT_TRUE(!fake_open(g.ch[0]));
	/* Up to the buffers, then the golden packet, bytes at its page. */
	m.init.type = htole32(NVSP_MSG_INIT);
	m.init.min_version = htole32(NVSP_VERSION_61);
	m.init.max_version = htole32(NVSP_VERSION_61);
	free(guest_ask(&g, &m));
	memset(&m, 0, sizeof(m));
	m.ndis_config.type = htole32(NVSP_MSG_SEND_NDIS_CONFIG);
	m.ndis_config.frame_size = htole32(1514);
	guest_tell(&g, &m);
	memset(&m, 0, sizeof(m));
	m.ndis_version.type = htole32(NVSP_MSG_SEND_NDIS_VERSION);
	m.ndis_version.major = htole32(6);
	m.ndis_version.minor = htole32(30);
	guest_tell(&g, &m);
	memset(&m, 0, sizeof(m));
	m.send_recv_buf.type = htole32(NVSP_MSG_SEND_RECV_BUF);
	m.send_recv_buf.gpadl = htole32(GUEST_RECV_GPADL);
	m.send_recv_buf.id = htole16(NVSP_RECV_BUF_ID);
	free(guest_ask(&g, &m));
	g.bus->mem.range[1] = (struct gmem_range){ 0x1A2B3000, 4096, g.bus->ram, 1 };
	g.bus->mem.cnt = 2;
	memcpy(g.bus->ram + 0x340, vec_rndis_initialize, sizeof(vec_rndis_initialize));
	fake_put(g.ch[0], vec_rndis_initialize_packet,
		 VECTOR_PACKET_BYTES(vec_rndis_initialize_packet));
	fake_ring(g.ch[0]);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_MEMEQ(p->b, vec_rndis_initialize_cmplt_packet,
		     VECTOR_PACKET_BYTES(vec_rndis_initialize_cmplt_packet));
	free(p);
	EXPECT_MEMEQ(g.recv->data, vec_rndis_initialize_cmplt,
		     sizeof(vec_rndis_initialize_cmplt));
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_MEMEQ(p->b, vec_rndis_initialize_nvsp_complete_packet,
		     VECTOR_PACKET_BYTES(vec_rndis_initialize_nvsp_complete_packet));
	EXPECT_MEMEQ(p->b + 8, &id, 8);
	free(p);
	fake_put(g.ch[0], vec_rndis_initialize_rx_complete_packet,
		 VECTOR_PACKET_BYTES(vec_rndis_initialize_rx_complete_packet));
	fake_ring(g.ch[0]);
	EXPECT_EQ(violation_total(), 0);
	/* A second one is out of order. */
	EXPECT_EQ(guest_rndis(&g, vec_rndis_initialize, 24, b, sizeof(b)), 52);
	EXPECT_NE(b[12], 0);
	EXPECT_EQ(noted("netvsp.rndis.initialize_twice"), 1);
	guest_free(&g);
	violation_clear();
}

UNIT_TEST(golden_queries_and_sets)
{
	struct guest g;
	uint8_t b[256];
	size_t n;

	ASSERT_TRUE(guest_up(&g, "mac=00:15:5d:0a:0b:0c"));
	n = guest_rndis(&g, vec_rndis_query_mac, sizeof(vec_rndis_query_mac), b, sizeof(b));
	EXPECT_EQ(n, sizeof(vec_rndis_query_mac_cmplt));
	EXPECT_MEMEQ(b, vec_rndis_query_mac_cmplt, sizeof(vec_rndis_query_mac_cmplt));
	n = guest_rndis(&g, vec_rndis_set_filter, sizeof(vec_rndis_set_filter), b, sizeof(b));
	EXPECT_EQ(n, 16);
	EXPECT_MEMEQ(b, vec_rndis_set_filter_cmplt, 16);
	EXPECT_EQ(query32(&g, OID_GEN_CURRENT_PACKET_FILTER), 0x0d);
	n = guest_rndis(&g, vec_rndis_set_mac, sizeof(vec_rndis_set_mac), b, sizeof(b));
	EXPECT_EQ(n, 16);
	EXPECT_EQ(b[12], 0);
	EXPECT_EQ(guest_query(&g, OID_802_3_CURRENT_ADDRESS, NULL, 0, b, &n), 0);
	EXPECT_EQ(b[5], 0x0d);
	EXPECT_EQ(guest_query(&g, OID_802_3_PERMANENT_ADDRESS, NULL, 0, b, &n), 0);
	EXPECT_EQ(b[5], 0x0c);
	EXPECT_EQ(n, 6);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
}

UNIT_TEST(offload_capabilities_by_version_and_key)
{
	static const struct { uint32_t v; uint8_t rev; size_t size; } t[] = {
		{ NVSP_VERSION_61, 3, 156 }, { NVSP_VERSION_4, 2, 144 },
		{ NVSP_VERSION_2, 1, 112 },
	};
	uint8_t in[156], out[1024], want[156];
	struct guest g;
	unsigned int i;
	size_t n;

	for (i = 0; i < 3; i++) {
		memset(in, 0, sizeof(in));
		in[0] = NDIS_OBJECT_OFFLOAD;
		in[1] = t[i].rev;
		in[2] = (uint8_t)t[i].size;
		ASSERT_TRUE(guest_new(&g, 1, "") && guest_bring_up(&g, t[i].v));
		EXPECT_EQ(guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, t[i].size, out,
				      &n), 0);
		EXPECT_EQ(n, t[i].size);
		EXPECT_EQ(out[1], t[i].rev);
		EXPECT_EQ(out[2], t[i].size);
		EXPECT_EQ(out[8] & 0x40, t[i].v >= NVSP_VERSION_5 ? 0x40 : 0);
		guest_free(&g);
	}
	ASSERT_TRUE(guest_up(&g, ""));
	in[1] = 3;
	guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, 156, out, &n);
	memcpy(want, vec_ndis_offload, 156);
	want[144] = 0;	/* no receive coalescing */
	want[145] = 0;
	EXPECT_MEMEQ(out, want, 156);
	guest_free(&g);
	ASSERT_TRUE(guest_up(&g, "offload=none"));
	guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, 156, out, &n);
	for (i = 4; i < 156; i++)
		EXPECT_EQ(out[i], 0);
	guest_free(&g);
	ASSERT_TRUE(guest_up(&g, "offload=csum"));
	guest_query(&g, OID_TCP_OFFLOAD_HW_CAPABILITIES, in, 156, out, &n);
	EXPECT_EQ(out[8], 0x55);
	EXPECT_EQ(out[80], 0);
	EXPECT_EQ(out[92], 0);
	guest_free(&g);
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(setting_offloads_is_indicated)
{
	struct fake_packet *p;
	struct guest g;
	uint32_t at;

	ASSERT_TRUE(guest_up(&g, ""));
	guest_discard(&g, 0);
	memcpy(g.bus->ram + PAGE, vec_ndis_set_offload, sizeof(vec_ndis_set_offload));
	guest_gpa(&g, 0, 1, NVSP_SECTION_NONE, 0,
		  &(struct guest_range){ PAGE, sizeof(vec_ndis_set_offload) }, 1, 50);
	EXPECT_EQ(guest_status(&g, 0, 50), 1);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	at = fp32(p, 28);
	EXPECT_EQ(g.recv->data[at], 0x05);
	EXPECT_EQ(g.recv->data[at + 12], 0);
	free(p);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	at = fp32(p, 28);
	EXPECT_EQ(fp32(p, 24), 176);
	EXPECT_EQ(g.recv->data[at], RNDIS_MSG_INDICATE_STATUS);
	EXPECT_EQ(g.recv->data[at + 8], 0x06);
	EXPECT_EQ(g.recv->data[at + 10], 0x02);
	EXPECT_EQ(g.recv->data[at + 20], NDIS_OBJECT_OFFLOAD);
	EXPECT_EQ(g.recv->data[at + 20 + 8], 0x55);	/* TCP, UDP, options; no IP header */
	EXPECT_EQ(g.recv->data[at + 20 + 9], 0);
	EXPECT_EQ(g.recv->data[at + 20 + 80], 2);
	free(p);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
}

UNIT_TEST(numbers_of_the_adapter)
{
	static const struct { uint32_t oid, want; } t[] = {
		{ OID_GEN_HARDWARE_STATUS, 0 }, { OID_GEN_MEDIA_SUPPORTED, 0 },
		{ OID_GEN_MAXIMUM_FRAME_SIZE, 1500 }, { OID_GEN_LINK_SPEED, 100000000 },
		{ OID_GEN_MAXIMUM_TOTAL_SIZE, 1514 }, { OID_GEN_VENDOR_ID, 0x155d },
		{ OID_GEN_MAC_OPTIONS, 0x24d }, { OID_GEN_MEDIA_CONNECT_STATUS, 0 },
		{ OID_GEN_MAXIMUM_SEND_PACKETS, 0xFFFFFFFF },
		{ OID_GEN_RECEIVE_BUFFER_SPACE, 262144 }, { OID_802_3_MAXIMUM_LIST_SIZE, 0 },
		{ OID_GEN_RECEIVE_BLOCK_SIZE, 1514 }, { OID_GEN_CURRENT_LOOKAHEAD, 1500 },
	};
	uint8_t out[1024];
	struct guest g;
	unsigned int i;
	size_t n;

	ASSERT_TRUE(guest_up(&g, "name=Left port"));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		EXPECT_EQ(query32(&g, t[i].oid), t[i].want);
	EXPECT_EQ(guest_query(&g, 0x00010202, NULL, 0, out, &n), RNDIS_STATUS_NOT_SUPPORTED);
	EXPECT_EQ(n, 0);
	EXPECT_EQ(guest_query(&g, OID_GEN_DRIVER_VERSION, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 2);
	EXPECT_EQ(guest_query(&g, OID_GEN_VENDOR_DESCRIPTION, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 21);
	EXPECT_EQ(guest_query(&g, OID_GEN_FRIENDLY_NAME, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 512);
	EXPECT_EQ(out[0], 'L');
	EXPECT_EQ(out[1], 0);
	EXPECT_EQ(out[18], 0);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_STATE, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 40);
	EXPECT_EQ(out[4], 1);
	EXPECT_EQ(guest_query(&g, OID_GEN_MAX_LINK_SPEED, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 16);
	EXPECT_EQ(guest_query(&g, OID_OFFLOAD_ENCAPSULATION, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 28);
	EXPECT_EQ(guest_query(&g, OID_TCP_OFFLOAD_CURRENT_CONFIG, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 156);
	EXPECT_EQ(guest_query(&g, OID_GEN_SUPPORTED_LIST, NULL, 0, out, &n), 0);
	EXPECT_GT(n, 100);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);

	ASSERT_TRUE(guest_up(&g, "name=,link=down,speed=400"));
	EXPECT_EQ(guest_query(&g, OID_GEN_FRIENDLY_NAME, NULL, 0, out, &n),
		  RNDIS_STATUS_NOT_SUPPORTED);
	EXPECT_EQ(query32(&g, OID_GEN_MEDIA_CONNECT_STATUS), 1);
	EXPECT_EQ(query32(&g, OID_GEN_LINK_SPEED), 4000000);
	guest_free(&g);
}

UNIT_TEST(rss_capabilities)
{
	uint8_t in[18] = { 0x88, 2, 18, 0 }, out[1024];
	struct guest g;
	size_t n;

	ASSERT_TRUE(guest_up(&g, "queues=6"));
	EXPECT_EQ(guest_query(&g, OID_GEN_RECEIVE_SCALE_CAPABILITIES, in, 18, out, &n), 0);
	EXPECT_EQ(n, 18);
	EXPECT_EQ(out[1], 2);
	EXPECT_EQ(out[12], 6);
	EXPECT_EQ(out[16], 128);
	in[1] = 1;
	in[2] = 16;
	EXPECT_EQ(guest_query(&g, OID_GEN_RECEIVE_SCALE_CAPABILITIES, in, 16, out, &n), 0);
	EXPECT_EQ(n, 16);
	guest_free(&g);
	ASSERT_TRUE(guest_new(&g, 1, "") && guest_bring_up(&g, NVSP_VERSION_4));
	EXPECT_EQ(guest_query(&g, OID_GEN_RECEIVE_SCALE_CAPABILITIES, in, 16, out, &n),
		  RNDIS_STATUS_NOT_SUPPORTED);
	guest_free(&g);
	EXPECT_EQ(violation_total(), 0);
}

static uint32_t set_rss(struct guest *g, const uint8_t *msg)
{
	return guest_set(g, OID_GEN_RECEIVE_SCALE_PARAMETERS, msg + 28, 144);
}

UNIT_TEST(rss_parameters_by_offset_and_n24)
{
	static const struct { size_t off; uint8_t v; const char *name; } bad[] = {
		{ 28, 0x80, "netvsp.rss.header" }, { 36, 0x02, "netvsp.rss.hash_info" },
		{ 40, 0x3f, "netvsp.rss.table_size" }, { 41, 0x40, "netvsp.rss.table_size" },
		{ 45, 0x40, "netvsp.rss.table_outside" }, { 48, 39, "netvsp.rss.key_size" },
		{ 53, 0x40, "netvsp.rss.key_outside" },
	};
	uint8_t b[VEC_NEGATIVE_MAX_BYTES];
	struct guest g;
	unsigned int i;
	json_t *o;

	ASSERT_TRUE(guest_up(&g, ""));
	EXPECT_EQ(set_rss(&g, vec_ndis_set_rss), 0);
	EXPECT_EQ(violation_total(), 0);
	vec_negative_apply(&vec_negative[24], b);
	EXPECT_EQ(set_rss(&g, b), RNDIS_STATUS_INVALID_DATA);
	EXPECT_EQ(noted("netvsp.rss.table_entry"), 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memcpy(b, vec_ndis_set_rss, sizeof(vec_ndis_set_rss));
		b[bad[i].off] = bad[i].v;
		EXPECT_EQ(set_rss(&g, b), RNDIS_STATUS_INVALID_DATA);
		EXPECT_EQ(noted(bad[i].name), 1);
	}
	EXPECT_EQ(guest_set(&g, OID_GEN_RECEIVE_SCALE_PARAMETERS, b, 20),
		  RNDIS_STATUS_INVALID_DATA);
	EXPECT_EQ(noted("netvsp.rss.short"), 1);
	/* Refused sets leave the good one in force. */
	o = fake_verb("{\"cmd\":\"stats\",\"nic\":%d}", 0);
	EXPECT_EQ(json_array_size(json_object_get(json_object_get(json_object_get(o, "result"),
								  "rss"), "table")), 16);
	json_decref(o);
	/* Key first, table behind it, header size everything: another guest's form. */
	memcpy(b, vec_ndis_set_rss, sizeof(vec_ndis_set_rss));
	memcpy(b + 28 + 40, vec_ndis_set_rss + 28 + 104, 40);
	memcpy(b + 28 + 80, vec_ndis_set_rss + 28 + 40, 64);
	b[28 + 2] = 144;
	b[28 + 16] = 80;
	b[28 + 24] = 40;
	EXPECT_EQ(set_rss(&g, b), 0);
	EXPECT_EQ(violation_total(), 0);
	b[28 + 4] = NDIS_RSS_PARAM_DISABLE;
	EXPECT_EQ(set_rss(&g, b), 0);
	guest_free(&g);
}

UNIT_TEST(offload_parameters_are_checked)
{
	uint8_t p[28] = { 0x80, 3, 28, 0 };
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, p, 19), RNDIS_STATUS_INVALID_DATA);
	EXPECT_EQ(noted("netvsp.offload.short"), 1);
	p[0] = 0x81;
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, p, 28), RNDIS_STATUS_INVALID_DATA);
	EXPECT_EQ(noted("netvsp.offload.header"), 1);
	p[0] = 0x80;
	p[5] = 5;
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, p, 28), RNDIS_STATUS_INVALID_DATA);
	EXPECT_EQ(noted("netvsp.offload.value"), 1);
	p[5] = 0;
	p[9] = 2;
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, p, 28), RNDIS_STATUS_NOT_SUPPORTED);
	/* Revision 3 with 22 bytes, and revision 2: both are seen. */
	p[9] = 0;
	p[2] = 22;
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, p, 22), 0);
	p[1] = 2;
	EXPECT_EQ(guest_set(&g, OID_TCP_OFFLOAD_PARAMETERS, p, 22), 0);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
}

UNIT_TEST(other_sets_are_checked)
{
	uint8_t b[100];
	uint32_t filter = htole32(0x100);
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	EXPECT_EQ(guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, &filter, 3),
		  RNDIS_STATUS_INVALID_LENGTH);
	EXPECT_EQ(noted("netvsp.oid.length"), 1);
	EXPECT_EQ(guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4), 0);
	EXPECT_EQ(noted("netvsp.oid.filter_bits"), 1);
	memcpy(b, vec_rndis_set_mac + 28, 72);
	b[0] = 90;
	EXPECT_EQ(guest_set(&g, OID_GEN_RNDIS_CONFIG_PARAMETER, b, 72),
		  RNDIS_STATUS_INVALID_DATA);
	EXPECT_EQ(noted("netvsp.oid.config_param"), 1);
	memcpy(b, vec_rndis_set_mac + 28, 72);
	b[50] = 'x';
	EXPECT_EQ(guest_set(&g, OID_GEN_RNDIS_CONFIG_PARAMETER, b, 72),
		  RNDIS_STATUS_INVALID_DATA);
	EXPECT_EQ(noted("netvsp.oid.mac_value"), 1);
	b[50] = 'E';
	EXPECT_EQ(guest_set(&g, OID_GEN_RNDIS_CONFIG_PARAMETER, b, 72), 0);
	b[20] = 'X';	/* some other parameter */
	EXPECT_EQ(guest_set(&g, OID_GEN_RNDIS_CONFIG_PARAMETER, b, 72), 0);
	EXPECT_EQ(guest_set(&g, OID_GEN_NETWORK_LAYER_ADDRESSES, b, 8), 0);
	EXPECT_EQ(guest_set(&g, OID_802_3_MULTICAST_LIST, b, 6), RNDIS_STATUS_NOT_SUPPORTED);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
	ASSERT_TRUE(guest_up(&g, "spoof=off"));
	EXPECT_EQ(guest_set(&g, OID_GEN_RNDIS_CONFIG_PARAMETER, vec_rndis_set_mac + 28, 72),
		  RNDIS_STATUS_FAILURE);
	guest_free(&g);
}

/* A control message as it is; status of its 108 completion. */
static uint32_t raw(struct guest *g, const void *msg, size_t len, uint32_t channel_type)
{
	uint64_t id = g->next_id++;

	memcpy(g->bus->ram + PAGE, msg, len);
	guest_gpa(g, 0, channel_type, NVSP_SECTION_NONE, 0,
		  &(struct guest_range){ PAGE, (uint32_t)len }, 1, id);
	return guest_status(g, 0, id);
}

UNIT_TEST(form_of_control_messages)
{
	uint8_t b[8192];
	struct guest_range two[2] = { { PAGE, 10 }, { PAGE + 4096, 18 } };
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	memcpy(b, vec_rndis_query_mac, 28);
	EXPECT_EQ(raw(&g, b, 8, 1), 2);
	EXPECT_EQ(noted("netvsp.rndis.short"), 1);
	b[0] = 9;
	EXPECT_EQ(raw(&g, b, 28, 1), 2);
	EXPECT_EQ(noted("netvsp.rndis.unknown_type"), 1);
	b[0] = 4;
	b[4] = 29;
	EXPECT_EQ(raw(&g, b, 28, 1), 2);
	EXPECT_EQ(noted("netvsp.rndis.length"), 1);
	b[4] = 28;
	EXPECT_EQ(raw(&g, b, 36, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.trailing_garbage"), 1);
	b[20] = 0;	/* what [MS-RNDIS] asks for, and Windows refuses */
	EXPECT_EQ(raw(&g, b, 28, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.query_offset"), 1);
	b[0] = 5;
	EXPECT_EQ(raw(&g, b, 28, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.set_offset"), 1);
	b[0] = 4;
	b[20] = 20;
	b[16] = 1;
	EXPECT_EQ(raw(&g, b, 28, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.info_length"), 1);
	b[16] = 0;
	b[4] = 32;
	EXPECT_EQ(raw(&g, b, 32, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.info_trailing"), 1);
	b[4] = 28;
	b[24] = 1;
	EXPECT_EQ(raw(&g, b, 28, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.vc_handle"), 1);
	memcpy(b, vec_rndis_initialize, 24);
	EXPECT_EQ(raw(&g, b, 24, 0), 2);
	EXPECT_EQ(noted("netvsp.data.short"), 1);
	/* In two ranges. */
	memcpy(g.bus->ram + PAGE, vec_rndis_query_mac, 10);
	memcpy(g.bus->ram + PAGE + 4096, vec_rndis_query_mac + 10, 18);
	guest_gpa(&g, 0, 1, NVSP_SECTION_NONE, 0, two, 2, 90);
	EXPECT_EQ(noted("netvsp.rndis.not_one_range"), 1);
	EXPECT_EQ(guest_status(&g, 0, 90), 1);
	guest_free(&g);
}

UNIT_TEST(control_on_a_sub_channel_and_wrong_version)
{
	struct nvsp_message m = { 0 };
	uint8_t b[64];
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	m.subchannel_request.type = htole32(NVSP_MSG_SUBCHANNEL);
	m.subchannel_request.operation = htole32(1);
	m.subchannel_request.count = htole32(1);
	free(guest_ask(&g, &m));
	fake_run(5);
	g.ch[1] = fake_channel(g.bus, 1);
	ASSERT_NOT_NULL(g.ch[1]);
	fake_open(g.ch[1]);
	memcpy(g.bus->ram + PAGE, vec_rndis_query_mac, 28);
	guest_gpa(&g, 1, 1, NVSP_SECTION_NONE, 0, &(struct guest_range){ PAGE, 28 }, 1, 7);
	EXPECT_EQ(guest_status(&g, 1, 7), 2);
	EXPECT_EQ(noted("netvsp.rndis.on_subchannel"), 1);
	guest_free(&g);

	ASSERT_TRUE(guest_up(&g, ""));
	guest_down(&g);
	fake_open(g.ch[0]);
	memcpy(b, vec_rndis_initialize, 24);
	b[12] = 2;
	arm("rndis.no_answer", "initialize", 0, -1);
	EXPECT_FALSE(guest_bring_up(&g, NVSP_VERSION_61));
	EXPECT_EQ(raw(&g, b, 24, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.initialize_twice"), 1);
	fake_close(g.ch[0]);
	violation_clear();
	fake_open(g.ch[0]);
	EXPECT_TRUE(guest_share(&g, NVSP_VERSION_61));
	EXPECT_EQ(raw(&g, b, 24, 1), 1);
	EXPECT_EQ(noted("netvsp.rndis.initialize_version"), 1);
	fake_close(g.ch[0]);
	fake_run(0);
	violation_clear();
	guest_free(&g);
	fault_clear(NULL, FAULT_ANY_NIC);
}

UNIT_TEST(keepalive_is_answered)
{
	uint32_t m[3] = { RNDIS_MSG_KEEPALIVE, 12, 77 };
	uint32_t out[4] = { 0 };
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	EXPECT_EQ(guest_rndis(&g, m, 12, (uint8_t *)out, 16), 16);
	EXPECT_EQ(out[0], RNDIS_MSG_KEEPALIVE_CMPLT);
	EXPECT_EQ(out[2], 77);
	EXPECT_EQ(out[3], 0);
	guest_free(&g);
}

/* ---- indications ---- */

static bool indicated(struct guest *g, const uint8_t *want, size_t len)
{
	struct fake_packet *p = fake_get(g->ch[0]);
	bool good;

	if (!p)
		return false;
	good = fp16(p, 0) == VMBUS_PKT_XFER_PAGES && fp32(p, 24) == len &&
	       !memcmp(g->recv->data + fp32(p, 28), want, len);
	free(p);
	return good;
}

UNIT_TEST(link_indications_are_golden)
{
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	guest_discard(&g, 0);
	json_decref(fake_verb("{\"cmd\":\"nic.link\",\"nic\":0,\"state\":\"down\"}"));
	EXPECT_TRUE(indicated(&g, vec_rndis_media_disconnect, sizeof(vec_rndis_media_disconnect)));
	json_decref(fake_verb("{\"cmd\":\"nic.link\",\"nic\":0,\"state\":\"down\"}"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);	/* no news */
	json_decref(fake_verb("{\"cmd\":\"nic.speed\",\"nic\":\"0\",\"mbps\":\"10000\"}"));
	EXPECT_TRUE(indicated(&g, vec_rndis_link_speed_10g, sizeof(vec_rndis_link_speed_10g)));
	json_decref(fake_verb("{\"cmd\":\"nic.netchange\",\"nic\":0}"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);
	guest_discard(&g, 0);
	json_decref(fake_verb("{\"cmd\":\"nic.indicate\",\"nic\":0,\"status\":\"0x40010099\",\"hex\":\"01 02 03\"}"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);
	guest_free(&g);
	/* Nobody is told about speed who cannot team. */
	ASSERT_TRUE(guest_new(&g, 1, "") && guest_bring_up(&g, NVSP_VERSION_4));
	guest_discard(&g, 0);
	json_decref(fake_verb("{\"cmd\":\"nic.speed\",\"nic\":0,\"mbps\":100}"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	guest_free(&g);
	violation_clear();
}

UNIT_TEST(answers_wait_for_control_sub_allocations)
{
	unsigned int i;
	struct guest g;

	ASSERT_TRUE(guest_up(&g, ""));
	guest_discard(&g, 0);
	for (i = 0; i < 20; i++)
		json_decref(fake_verb("{\"cmd\":\"nic.netchange\",\"nic\":%d}", 0));
	EXPECT_EQ(fake_waiting(g.ch[0]), 16);
	EXPECT_EQ(guest_discard(&g, 0), 20);
	/* A backlog has an end, and is forgotten at the close. */
	for (i = 0; i < 200; i++)
		json_decref(fake_verb("{\"cmd\":\"nic.netchange\",\"nic\":%d}", 0));
	EXPECT_EQ(guest_discard(&g, 0), 16 + 64);
	for (i = 0; i < 20; i++)
		json_decref(fake_verb("{\"cmd\":\"nic.netchange\",\"nic\":%d}", 0));
	violation_clear();
	guest_free(&g);
}

/* ---- faults ---- */

UNIT_TEST(rndis_faults_do_what_they_say)
{
	uint8_t out[1200];
	struct guest g;
	size_t n;

	ASSERT_TRUE(guest_up(&g, ""));
	arm("rndis.no_answer", "query", 0, -1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n), 0xFFFFFFFF);
	arm("rndis.refuse", "query", 0, -1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n),
		  RNDIS_STATUS_FAILURE);
	arm("rndis.refuse", "set", 0, RNDIS_STATUS_RESOURCES);
	EXPECT_EQ(guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, "\0\0\0", 4),
		  RNDIS_STATUS_RESOURCES);
	EXPECT_EQ(query32(&g, OID_GEN_CURRENT_PACKET_FILTER), 0x0d);
	arm("rndis.delay", "query", 100, -1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n), 0xFFFFFFFF);
	fake_run(101);
	EXPECT_EQ(fake_waiting(g.ch[0]), 1);
	guest_discard(&g, 0);
	arm("rndis.twice", "query", 0, -1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n), 0);
	EXPECT_EQ(guest_discard(&g, 0), 1);
	arm("rndis.wrong_id", "query", 0, -1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n), 0xFFFFFFFF);
	arm("rndis.long", "query", 0, 12);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 16);
	arm("rndis.malformed", "query", 0, -1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n), 0);
	EXPECT_EQ(n, 0);
	arm("rndis.short", "query", 0, -1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &n), 0xFFFFFFFF);
	arm("status.malformed", "", 0, -1);
	json_decref(fake_verb("{\"cmd\":\"nic.netchange\",\"nic\":%d}", 0));
	guest_discard(&g, 0);
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
	arm("init.align", "", 0, 31);
	arm("init.max_packets", "", 0, 0);
	ASSERT_TRUE(guest_up(&g, ""));
	guest_free(&g);
	fault_clear(NULL, FAULT_ANY_NIC);
	violation_clear();
}

/* Refused once, the guest may go on as if it had not asked; refused, it owes no HALT. */
UNIT_TEST(refused_initialize_changes_nothing)
{
	uint32_t out[16] = { 0 };
	struct guest g;

	ASSERT_TRUE(guest_new(&g, 1, ""));
	arm("rndis.refuse", "initialize", 0, -1);
	EXPECT_TRUE(guest_share(&g, NVSP_VERSION_61));
	EXPECT_EQ(guest_rndis(&g, vec_rndis_initialize, 24, (uint8_t *)out, sizeof(out)), 52);
	EXPECT_EQ(out[3], RNDIS_STATUS_FAILURE);
	fake_close(g.ch[0]);
	fake_run(1);
	EXPECT_EQ(violation_total(), 0);
	fake_open(g.ch[0]);
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	EXPECT_EQ(violation_total(), 0);
	guest_down(&g);
	guest_free(&g);
	fault_clear(NULL, FAULT_ANY_NIC);
}

UNIT_TEST(faults_count_and_are_listed)
{
	json_t *o;
	struct guest g;
	unsigned int i;

	ASSERT_TRUE(guest_up(&g, ""));
	o = fake_verb("{\"cmd\":\"fault.set\",\"name\":\"rndis.refuse\",\"nic\":0,\"what\":\"query\",\"after\":1,\"count\":2,\"oid\":\"0x00010107\"}");
	EXPECT_TRUE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	EXPECT_EQ(query32(&g, OID_GEN_MAC_OPTIONS), 0x24d);	/* another OID */
	for (i = 0; i < 4; i++)
		EXPECT_EQ(query32(&g, OID_GEN_LINK_SPEED) == 100000000, i == 0 || i == 3);
	o = fake_verb("{\"cmd\":\"fault.list\"}");
	EXPECT_EQ(json_integer_value(json_object_get(json_array_get(json_object_get(
		json_object_get(o, "result"), "faults"), 0), "hits")), 2);
	json_decref(o);
	o = fake_verb("{\"cmd\":\"fault.set\",\"name\":\"no.such\"}");
	EXPECT_FALSE(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	o = fake_verb("{\"cmd\":\"fault.list\",\"known\":1}");
	EXPECT_GT(json_object_size(json_object_get(o, "result")), 40);
	json_decref(o);
	o = fake_verb("{\"cmd\":\"fault.clear\"}");
	EXPECT_EQ(json_integer_value(json_object_get(json_object_get(o, "result"), "cleared")), 1);
	json_decref(o);
	guest_free(&g);
}

UNIT_MAIN()
