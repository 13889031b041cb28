// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: the bus against the worked examples of vmbus-host.md, section G.
 */
#include "host_bus.h"

UNIT_TEST(g2_contact_of_5_3_is_answered_byte_for_byte)
{
	static const uint8_t want[16] = { 0x0f, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0 };
	static uint8_t pages[2 * 4096];
	struct membus_message m = { 0 };

	start(V53);
	/* the monitor pages that G.1 names */
	membus_gmem(mb)->range[membus_gmem(mb)->cnt++] =
		(struct gmem_range){ 0x123d000, sizeof(pages), pages, 1 };
	EXPECT_EQ(membus_post_on(mb, 4, g1_contact, sizeof(g1_contact)), HV_SUCCESS);
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.len, 16);
	EXPECT_EQ(m.vp, 0);
	EXPECT_MEMEQ(m.b, want, 16);
	EXPECT_EQ(bus_version(membus_bus(mb)), V53);
	finish();
}

UNIT_TEST(g2_refusal_has_only_zeroes_behind_the_id)
{
	static const uint8_t want[16] = { 0x0f };
	uint8_t msg[40];
	struct membus_message m = { 0 };

	start(VMBUS_VERSION(4, 0));
	memcpy(msg, g1_contact, 40);
	memset(msg + 24, 0, 16);
	msg[26] = msg[34] = 0x10;	/* both pages at MEMBUS_RAM_GPA */
	EXPECT_EQ(membus_post_on(mb, 4, msg, 40), HV_SUCCESS);
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.len, 16);
	EXPECT_MEMEQ(m.b, want, 16);
	EXPECT_EQ(bus_version(membus_bus(mb)), 0);
	finish();
}

UNIT_TEST(g3_offer_of_a_nic_and_of_its_subchannel)
{
	uint8_t want[196] = { 1, 0, 0, 0, 0, 0, 0, 0, 0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46,
		0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e, 1, 0, 0, 0, 0x11, 0x11, 0x22, 0x22,
		0x33, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66, [0x38] = 1, [0xb8] = 1,
		[0xbc] = 0xff, [0xbe] = 1, [0xc0] = 1, [0xc2] = 1 };
	struct membus_message m = { 0 };
	const uint8_t request[8] = { 3 };

	start(V53);
	offer(mb, &dev, 1, 0);
	EXPECT_TRUE(membus_contact(mb, V53));
	EXPECT_EQ(membus_waiting(mb), 0);	/* not before they are wanted */
	membus_post(mb, request, 8);
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.len, 196);
	EXPECT_MEMEQ(m.b, want, 196);
	EXPECT_TRUE(membus_take_id(mb, 4, &m));
	EXPECT_EQ(m.len, 8);
	dev.sub = offer(mb, &dev, 1, 1);
	EXPECT_TRUE(membus_take(mb, &m));
	want[0xb4] = 1;
	want[0xb8] = 2;
	want[0xc0] = 2;
	EXPECT_MEMEQ(m.b, want, 196);
	finish();
}

UNIT_TEST(g4_open_channel_and_its_result)
{
	static const uint8_t want[20] = { 6, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1 };
	uint8_t msg[148] = { 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x10, 0x1e, 0x0e, 0,
			     0, 0, 0, 0, 0x80 };
	struct membus_gpadl g;
	struct membus_message m = { 0 };
	unsigned int i;

	begin();
	EXPECT_EQ(membus_gpadl(mb, 1, 256, &g), 0);
	EXPECT_EQ(g.handle, 0xe1e10);
	for (i = 0; i < 256; i += 128)
		((uint32_t *)membus_ptr(mb, g.gpa[i]))[16] = 1;
	membus_post(mb, msg, sizeof(msg));
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.len, 20);
	EXPECT_MEMEQ(m.b, want, 20);
	EXPECT_EQ(dev.opens, 1);
	finish();
}

UNIT_TEST(g5_gpadl_of_three_pages_created_and_torn_down)
{
	static const uint8_t header[52] = {
		8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x11, 0x1e, 0x0e, 0,
		0x20, 0, 1, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0xb0, 0xa2, 1, 0,
		0, 0, 0, 0, 0xb1, 0xa2, 1, 0, 0, 0, 0, 0, 0, 0xb0, 1, 0, 0, 0, 0, 0,
	};
	static const uint8_t created[20] = { 10, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x11, 0x1e, 0x0e };
	static const uint8_t teardown[16] = { 11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x11, 0x1e, 0x0e };
	static const uint8_t torn[12] = { 12, 0, 0, 0, 0, 0, 0, 0, 0x11, 0x1e, 0x0e };
	static uint8_t pages[3 * 4096];
	struct vmbus_channel *ch = begin();
	struct gmem *mem = membus_gmem(mb);
	struct membus_message m = { 0 };
	struct gpadl *g;

	mem->range[mem->cnt++] = (struct gmem_range){ 0x1a2b0000, 8192, pages, 1 };
	mem->range[mem->cnt++] = (struct gmem_range){ 0x1b000000, 4096, pages + 8192, 1 };
	membus_post(mb, header, sizeof(header));
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.len, 20);
	EXPECT_MEMEQ(m.b, created, 20);
	g = channel_gpadl(ch, 0xe1e11);
	ASSERT_NOT_NULL(g);
	EXPECT_EQ(gpadl_len(g), 0x3000);
	EXPECT_EQ(gpadl_write(g, 0x2ffe, "hi", 2), 0);
	EXPECT_EQ(pages[0x2ffe], 'h');
	EXPECT_EQ(gpadl_write(g, 0x2fff, "hi", 2), -EFAULT);
	membus_post(mb, teardown, sizeof(teardown));
	EXPECT_TRUE(membus_take(mb, &m));
	EXPECT_EQ(m.len, 12);
	EXPECT_MEMEQ(m.b, torn, 12);
	EXPECT_EQ(dev.teardowns, 1);
	EXPECT_NULL(channel_gpadl(ch, 0xe1e11));
	finish();
}

UNIT_TEST(g6_vpci_request_and_answers_in_the_ring)
{
	static const uint8_t request[24] = { 6, 0, 2, 0, 3, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0,
					     0x13, 0, 0x49, 0x42, 4, 0, 1, 0 };
	static const uint8_t answer[32] = { 0x0b, 0, 2, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
					    0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t relations[64] = {
		6, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x19, 0, 0x49, 0x42, 1, 0, 0, 0, 0xf4, 0x1a, 0x41, 0x10, 1, 0, 0, 2,
		0xf4, 0x1a, 0, 0x11, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0,
	};
	struct vmbus_channel *ch = begin();
	uint8_t buf[VMBUS_PKT_MAX], got[96];
	struct membus_channel g;
	struct vmbus_packet pkt;

	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 5, 0, &g), 0);
	EXPECT_TRUE(membus_put(&g, 6, 1, 1, NULL, 0, request + 16, 8));
	EXPECT_EQ(g.signals, 1);
	EXPECT_EQ(*membus_word(&g, true, 0), 0x20);
	membus_gpadl_copy_out(mb, &g.mem, 4096, got, 24);
	EXPECT_MEMEQ(got, request, 24);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(pkt.trans_id, 1);
	EXPECT_EQ(pkt.payload_len, 8);
	EXPECT_EQ(*membus_word(&g, true, 1), 0x20);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_COMPLETION, 0, 1, answer + 16, 8), 0);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, relations + 16, 36), 0);
	membus_gpadl_copy_out(mb, &g.mem, 6 * 4096, got, 96);
	EXPECT_MEMEQ(got, answer, 32);
	EXPECT_MEMEQ(got + 32, relations, 64);
	finish();
}

UNIT_MAIN()
