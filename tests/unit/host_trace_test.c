// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the trace of what a guest asks for, and the faults that act at a request's arrival
 * or on the bus's part of it: the NIC or a sub-channel is taken away, the bus refuses or
 * answers twice.
 */
#include "host_nic.h"
#include "netvsp/life.h"
#include "netvsp/trace.h"
#include <netvsc/oid.h>
#include <netvsc/rndis.h>

static void arm_at(const char *name, const char *what, uint32_t oid, unsigned int after)
{
	struct fault f = { .nic = 0, .count = 1, .oid = oid, .after = after, .ms = 7 };

	snprintf(f.what, sizeof(f.what), "%s", what);
	if (fault_set(&f, name) < 0)
		UNIT_FAIL("no fault %s", name);
}

/* The trace in one line; cleared when @clear. */
static const char *trace(bool clear)
{
	json_t *o = fake_verb("{\"cmd\":\"trace.requests\",\"nic\":0%s}",
			      clear ? ",\"clear\":1" : "");
	json_t *list = json_object_get(json_object_get(o, "result"), "requests"), *v;
	static char line[4096];
	size_t i;

	line[0] = 0;
	json_array_foreach(list, i, v) {
		strcat(line, i ? " " : "");
		strcat(line, json_string_value(v));
	}
	json_decref(o);
	return line;
}

static bool nic_is_there(void)
{
	json_t *o = fake_verb("{\"cmd\":\"stats\",\"nic\":%d}", 0);
	bool there = json_is_true(json_object_get(o, "ok"));

	json_decref(o);
	return there;
}

UNIT_TEST(trace_tells_what_was_asked_in_order)
{
	struct guest g;
	uint8_t out[1024];
	size_t len;

	ASSERT_TRUE(guest_new(&g, 2, "queues=2"));
	EXPECT_STREQ(trace(true), "vmbus.open?");
	ASSERT_TRUE(guest_share(&g, NVSP_VERSION_61));
	EXPECT_STREQ(trace(true),
		     "nvsp.init? nvsp.ndis_config nvsp.ndis_version nvsp.recv_buf? nvsp.send_buf?");
	guest_free(&g);

	ASSERT_TRUE(guest_up(&g, "queues=2"));
	trace(true);
	guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &len);
	EXPECT_STREQ(trace(true), "rndis.query.0x00010107?");
	ASSERT_TRUE(nic_open_subchannels(&g, 1));
	EXPECT_STREQ(trace(false), "nvsp.subchannel? vmbus.subopen?");
	EXPECT_STREQ(trace(true), "nvsp.subchannel? vmbus.subopen?");
	EXPECT_STREQ(trace(true), "");
	guest_set(&g, OID_GEN_CURRENT_PACKET_FILTER, "\0\0\0", 4);
	trace(true);
	guest_down(&g);
	EXPECT_STREQ(trace(true), "rndis.set.0x0001010e? rndis.halt nvsp.revoke_recv nvsp.revoke_send");
	nic_stop_clean(&g);
}

UNIT_TEST(trace_that_is_full_counts_on)
{
	struct guest g;
	uint8_t out[1024];
	size_t len, i;
	json_t *o;

	ASSERT_TRUE(guest_up(&g, ""));
	trace(true);
	for (i = 0; i < 515; i++)
		guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &len);
	o = fake_verb("{\"cmd\":\"trace.requests\",\"nic\":%d}", 0);
	EXPECT_EQ(json_array_size(json_object_get(json_object_get(o, "result"), "requests")), 512);
	EXPECT_EQ(json_integer_value(json_object_get(json_object_get(o, "result"), "lost")), 3);
	json_decref(o);
	nic_stop_clean(&g);
}

UNIT_TEST(request_takes_the_nic_away)
{
	uint8_t out[1024];
	struct guest g;
	size_t len;

	ASSERT_TRUE(guest_up(&g, "mac=00:15:5d:01:02:03"));
	arm_at("rndis.rescind", "query", OID_GEN_LINK_SPEED, 1);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &len), 0);
	EXPECT_EQ(guest_query(&g, OID_GEN_LINK_SPEED, NULL, 0, out, &len), 0xFFFFFFFF);
	fake_run(1);
	EXPECT_FALSE(nic_is_there());
	EXPECT_TRUE(g.ch[0]->rescinded);
	/* And it can come again, with its address. */
	json_decref(fake_verb("{\"cmd\":\"nic.add\",\"mac\":\"00:15:5d:01:02:0%d\"}", 3));
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	fake_release(g.ch[0]);
	nic_stop_clean(&g);
}

UNIT_TEST(message_without_answer_takes_the_nic_away)
{
	struct nvsp_message m = { 0 };
	struct guest g;
	uint32_t halt[3] = { RNDIS_MSG_HALT, 12, 5 }, out[4];

	ASSERT_TRUE(guest_up(&g, ""));
	arm_at("rndis.rescind", "halt", 0, 0);
	guest_rndis(&g, halt, 12, (uint8_t *)out, 16);
	EXPECT_TRUE(nic_is_there());
	fake_run(1);
	EXPECT_FALSE(nic_is_there());
	fake_release(g.ch[0]);
	nic_stop_clean(&g);

	ASSERT_TRUE(guest_new(&g, 1, ""));
	arm_at("nvsp.rescind", "init", 0, 0);
	m.init.type = htole32(NVSP_MSG_INIT);
	m.init.min_version = m.init.max_version = htole32(NVSP_VERSION_61);
	EXPECT_NULL(guest_ask(&g, &m));
	fake_run(1);
	EXPECT_FALSE(nic_is_there());
	fake_release(g.ch[0]);
	nic_stop_clean(&g);
}

static int late(struct vmbus_channel *ch, const char *what)
{
	ch->ops->request(ch->dev, ch, what);
	return ch->ops->late(ch->dev, ch, what);
}

UNIT_TEST(bus_request_takes_a_channel_away)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, "queues=3"));
	ASSERT_TRUE(nic_open_subchannels(&g, 2));
	arm_at("vmbus.rescind", "close", 0, 0);
	EXPECT_EQ(late(g.ch[2], "teardown"), 0);
	late(g.ch[2], "close");
	fake_run(1);
	EXPECT_TRUE(g.ch[2]->rescinded);
	EXPECT_FALSE(g.ch[1]->rescinded);
	EXPECT_TRUE(nic_is_there());
	fake_release(g.ch[2]);
	/* The primary takes the NIC with it; nothing is answered before. */
	arm_at("vmbus.rescind", "gpadl", 0, 0);
	EXPECT_EQ(late(g.ch[0], "gpadl"), -1);
	fake_run(1);
	EXPECT_FALSE(nic_is_there());
	EXPECT_TRUE(g.ch[1]->rescinded);
	EXPECT_EQ(late(g.ch[0], "teardown"), 0);
	fake_release(g.ch[1]);
	fake_release(g.ch[0]);
	nic_stop_clean(&g);
}

UNIT_TEST(channel_that_is_to_go_may_go_before)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, "queues=2"));
	ASSERT_TRUE(nic_open_subchannels(&g, 1));
	arm_at("vmbus.rescind", "teardown", 0, 0);
	EXPECT_EQ(late(g.ch[1], "teardown"), LIFE_BEHIND_MS);
	EXPECT_EQ(late(g.ch[1], "gpadl"), -1);
	json_decref(fake_verb("{\"cmd\":\"nic.remove\",\"how\":\"abrupt\",\"nic\":%d}", 0));
	fake_release(g.ch[1]);
	fake_run(1);
	fake_release(g.ch[0]);
	nic_stop_clean(&g);
}

UNIT_TEST(bus_refuses)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, "queues=2"));
	arm_at("vmbus.refuse", "gpadl", 0, 1);
	EXPECT_EQ(g.ch[0]->ops->gpadl(g.ch[0]->dev, g.ch[0], 4096), 0);
	EXPECT_NE(g.ch[0]->ops->gpadl(g.ch[0]->dev, g.ch[0], 4096), 0);
	EXPECT_EQ(g.ch[0]->ops->gpadl(g.ch[0]->dev, g.ch[0], 4096), 0);
	arm_at("vmbus.refuse", "subopen", 0, 0);
	EXPECT_FALSE(nic_open_subchannels(&g, 1));
	EXPECT_EQ(fake_open(g.ch[1]), 0);
	guest_down(&g);
	arm_at("vmbus.refuse", "open", 0, 0);
	EXPECT_NE(fake_open(g.ch[0]), 0);
	EXPECT_EQ(fake_open(g.ch[0]), 0);
	nic_stop_clean(&g);
}

UNIT_TEST(bus_answers_twice)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, "queues=2"));
	arm_at("vmbus.twice", "teardown", 0, 0);
	EXPECT_EQ(g.ch[0]->ops->again(g.ch[0]->dev, g.ch[0], "gpadl"), -1);
	EXPECT_EQ(g.ch[0]->ops->again(g.ch[0]->dev, g.ch[0], "teardown"), 7);
	EXPECT_EQ(g.ch[0]->ops->again(g.ch[0]->dev, g.ch[0], "teardown"), -1);
	nic_stop_clean(&g);
}

UNIT_MAIN()
