// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/vm/mmio.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the fault "rewrite": what it changes, what it leaves alone, and that all is right again at its end.
 */
#include "unit.h"
#include <endian.h>
#include <netvsc/rndis.h>
#include "base/violation.h"
#include "fake/guest.h"
#include "fault/fault.h"
#include "host_nic.h"

#define ROUNDS	2000

static bool arm(const char *words)
{
	json_t *o = fake_verb("{\"cmd\":\"fault.set\",\"name\":\"rewrite\",\"nic\":0,\"count\":0%s}", words);
	bool ok = json_is_true(json_object_get(o, "ok"));

	json_decref(o);
	return ok;
}

static void send_indication(void)
{
	json_decref(fake_verb("{\"cmd\":\"nic.indicate\",\"nic\":0,\"status\":%u}",
			      RNDIS_STATUS_MEDIA_CONNECT));
}

/* A message that the guest has not taken, and what is right in it. */
struct sent {
	struct fake_packet *p;
	uint8_t *in_buffer;
	size_t payload;
	uint8_t packet[64], message[20];
};

static void begin_sent(struct guest *g, struct sent *s)
{
	send_indication();
	s->p = g->ch[0]->out;
	ASSERT_NOT_NULL(s->p);
	s->payload = fp_payload(s->p);
	s->in_buffer = g->recv->data + fp32(s->p, 28);
	memcpy(s->packet, s->p->b, sizeof(s->packet));
	memcpy(s->message, s->in_buffer, sizeof(s->message));
}

static bool descriptor_is_right(const struct sent *s)
{
	return !memcmp(s->packet, s->p->b, s->payload);
}

static bool payload_is_right(const struct sent *s)
{
	return !memcmp(s->packet + s->payload, s->p->b + s->payload, sizeof(s->packet) - s->payload);
}

static bool message_is_right(const struct sent *s)
{
	return !memcmp(s->message, s->in_buffer, sizeof(s->message));
}

/* In how many rounds each of the three is wrong. */
static void count_wrong(const struct sent *s, unsigned int wrong[3])
{
	unsigned int i;

	memset(wrong, 0, 3 * sizeof(*wrong));
	for (i = 0; i < ROUNDS; i++) {
		EXPECT_EQ(fake_beside(), 1);
		wrong[0] += !descriptor_is_right(s);
		wrong[1] += !payload_is_right(s);
		wrong[2] += !message_is_right(s);
	}
}

/* The fault is over: the thread puts right what is wrong, and ends. */
static void expect_end(const struct sent *s)
{
	fault_clear("rewrite", FAULT_ANY_NIC);
	EXPECT_EQ(fake_beside(), 0);
	EXPECT_TRUE(descriptor_is_right(s) && payload_is_right(s) && message_is_right(s));
}

static void take_sent(struct guest *g)
{
	struct fake_packet *p = fake_get(g->ch[0]);

	ASSERT_NOT_NULL(p);
	guest_complete(g, 0, fp32(p, 8), NVSP_STAT_SUCCESS);
	free(p);
}

UNIT_TEST(what_says_which_part_changes)
{
	static const char *const words[] = { "ring", "completion", "section" };
	unsigned int wrong[3], i, j;
	char what[32];
	struct sent s;
	struct guest g;

	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(nic_start(&g, ""));
		snprintf(what, sizeof(what), ",\"what\":\"%s\"", words[i]);
		ASSERT_TRUE(arm(what));
		begin_sent(&g, &s);
		count_wrong(&s, wrong);
		for (j = 0; j < 3; j++)
			EXPECT_EQ(wrong[j] > 0, i == j);
		/* Right most of the time, or nothing would get through. */
		EXPECT_TRUE(wrong[i] > ROUNDS / 20 && wrong[i] < ROUNDS / 2);
		EXPECT_EQ(nic_stat("rewrites"), nic_stat("rewrites_waiting"));
		EXPECT_TRUE(nic_stat("rewrites") >= (int64_t)wrong[i]);
		expect_end(&s);
		take_sent(&g);
		nic_stop_clean(&g);
	}
}

UNIT_TEST(one_message_can_be_chosen)
{
	unsigned int wrong[3];
	struct sent s;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	ASSERT_TRUE(arm(",\"what\":\"rndis.set_cmplt\""));
	begin_sent(&g, &s);
	count_wrong(&s, wrong);
	EXPECT_EQ(wrong[0] + wrong[1] + wrong[2], 0);
	fault_clear(NULL, FAULT_ANY_NIC);
	ASSERT_TRUE(arm(",\"what\":\"rndis.indicate_status\""));
	take_sent(&g);
	begin_sent(&g, &s);
	count_wrong(&s, wrong);
	EXPECT_EQ(wrong[0] + wrong[1], 0);
	EXPECT_TRUE(wrong[2] > 0);
	expect_end(&s);
	take_sent(&g);
	nic_stop_clean(&g);
}

UNIT_TEST(one_field_can_be_chosen)
{
	unsigned int i, wrong = 0;
	struct sent s;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	ASSERT_TRUE(arm(",\"what\":\"rndis.indicate_status\",\"field\":\"status\""));
	begin_sent(&g, &s);
	for (i = 0; i < ROUNDS; i++) {
		fake_beside();
		wrong += !!memcmp(s.in_buffer + 8, s.message + 8, 4);
		EXPECT_TRUE(!memcmp(s.in_buffer, s.message, 8));
		EXPECT_TRUE(!memcmp(s.in_buffer + 12, s.message + 12, sizeof(s.message) - 12));
		EXPECT_TRUE(descriptor_is_right(&s) && payload_is_right(&s));
	}
	/* Oftener than one that is one of many. */
	EXPECT_TRUE(wrong > ROUNDS / 3 && wrong < 2 * ROUNDS / 3);
	expect_end(&s);
	take_sent(&g);
	nic_stop_clean(&g);
}

/* A guest that reads a length, finds it good and reads it again: what is to be found out. */
UNIT_TEST(two_reads_of_a_value_differ)
{
	unsigned int i, fooled = 0;
	struct sent s;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	ASSERT_TRUE(arm(",\"what\":\"section\""));
	begin_sent(&g, &s);
	for (i = 0; i < ROUNDS; i++) {
		bool good = !memcmp(s.in_buffer + 4, s.message + 4, 4);

		fake_beside();
		fooled += good && memcmp(s.in_buffer + 4, s.message + 4, 4);
	}
	EXPECT_TRUE(fooled > 5);
	expect_end(&s);
	take_sent(&g);
	nic_stop_clean(&g);
}

UNIT_TEST(memory_given_back_changes_until_it_is_used_again)
{
	unsigned int i, wrong = 0;
	struct fake_packet *p;
	struct sent s;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	ASSERT_TRUE(arm(",\"what\":\"section\""));
	begin_sent(&g, &s);
	p = fake_get(g.ch[0]);
	s.p = p;
	guest_complete(&g, 0, fp32(p, 8), NVSP_STAT_SUCCESS);
	for (i = 0; i < ROUNDS; i++) {
		fake_beside();
		wrong += !message_is_right(&s);
	}
	EXPECT_TRUE(wrong > 0);
	EXPECT_EQ(nic_stat("rewrites_waiting"), 0);
	/* The same sub-allocation: the first message's truth is not written over the second one. */
	fault_clear("rewrite", FAULT_ANY_NIC);
	ASSERT_TRUE(arm(",\"what\":\"rndis.set_cmplt\""));
	json_decref(fake_verb("{\"cmd\":\"nic.indicate\",\"nic\":0,\"status\":%u}",
			      RNDIS_STATUS_MEDIA_DISCONNECT));
	ASSERT_NOT_NULL(g.ch[0]->out);
	EXPECT_EQ(fp32(g.ch[0]->out, 28), fp32(p, 28));
	memcpy(s.message, s.in_buffer, sizeof(s.message));
	for (i = 0; i < ROUNDS; i++) {
		fake_beside();
		EXPECT_TRUE(message_is_right(&s));
	}
	expect_end(&s);
	free(p);
	take_sent(&g);
	nic_stop_clean(&g);
}

UNIT_TEST(nothing_changes_after_the_close)
{
	struct sent s;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	ASSERT_TRUE(arm(",\"seed\":7"));
	send_indication();
	EXPECT_EQ(fake_beside(), 1);
	fake_beside();
	guest_down(&g);
	memcpy(s.message, g.recv->data, sizeof(s.message));
	s.in_buffer = g.recv->data;
	EXPECT_EQ(fake_beside(), 1);
	EXPECT_TRUE(message_is_right(&s));
	nic_stop(&g);
	EXPECT_EQ(fake_beside(), 0);
}

UNIT_TEST(count_ends_it)
{
	unsigned int i;
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	nic_arm("rewrite", 0, -1);
	send_indication();
	for (i = 0; i < ROUNDS && fake_beside(); i++)
		;
	EXPECT_TRUE(i < ROUNDS);
	EXPECT_EQ(nic_stat("rewrites"), 1);
	take_sent(&g);
	nic_stop_clean(&g);
}

UNIT_TEST(words_that_make_no_sense_are_refused)
{
	struct guest g;

	ASSERT_TRUE(nic_start(&g, ""));
	EXPECT_FALSE(arm(",\"what\":\"nothing\""));
	EXPECT_FALSE(arm(",\"what\":\"ring.to_guest\""));
	EXPECT_FALSE(arm(",\"value\":19"));
	EXPECT_FALSE(arm(",\"field\":\"status\""));
	EXPECT_FALSE(arm(",\"what\":\"section\",\"field\":\"status\""));
	EXPECT_FALSE(arm(",\"what\":\"rndis.set_cmplt\",\"field\":\"no_field\""));
	EXPECT_TRUE(arm(",\"what\":\"rndis.set_cmplt\",\"field\":\"status\""));
	EXPECT_TRUE(arm(",\"value\":20"));
	nic_stop_clean(&g);
}

UNIT_MAIN()
