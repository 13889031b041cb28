// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/unit/fake/vf.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/vm/mmio.c tests/host/fault/[a-z]*.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c tests/host/virtio/[a-z]*.c tests/host/ixvf/[a-z]*.c tests/host/vpci/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the VF of a NIC: association, data path, forwarding by the path in force, and
 * what the control protocol can make of it.
 */
#include "unit.h"
#include <endian.h>
#include "backend/switch.h"
#include "base/violation.h"
#include "fake/guest.h"
#include "fake/vf.h"
#include "fault/fault.h"
#include "netvsp/netvsp.h"
#include "vectors/nvsp.h"
#include "vpci/vpci.h"

static const uint8_t nic_mac[6] = { 0x00, 0x15, 0x5d, 0, 0, 1 };
static struct guest g;
static struct pci p;

/* The next in-band message of the host: type and two words; false: none. */
static bool news(uint32_t type, uint32_t a, uint32_t b)
{
	struct fake_packet *pkt = fake_get(g.ch[0]);
	bool ok = pkt && fp16(pkt, 0) == VMBUS_PKT_INBAND && fp32(pkt, 16) == type &&
		  fp32(pkt, 20) == a && fp32(pkt, 24) == b;

	if (!ok && pkt)
		printf("# got %u: %u %u %u\n", fp16(pkt, 0), fp32(pkt, 16), fp32(pkt, 20),
		       fp32(pkt, 24));
	free(pkt);
	return ok;
}

static bool associated(uint32_t serial)
{
	return news(NVSP_MSG_SEND_VF_ASSOCIATION, 1, serial);
}

static bool withdrawn(uint32_t serial)
{
	return news(NVSP_MSG_SEND_VF_ASSOCIATION, 0, serial);
}

static bool notice(uint32_t path)
{
	return news(NVSP_MSG_SWITCH_DATA_PATH, path, 0);
}

/* An empty completion is next. */
static bool completion(void)
{
	struct fake_packet *pkt = fake_get(g.ch[0]);
	bool ok = pkt && fp16(pkt, 0) == VMBUS_PKT_COMPLETION && pkt->len == 16;

	free(pkt);
	return ok;
}

/* SWITCH_DATA_PATH with completion: true when the empty one came. */
static bool switch_to(uint32_t path)
{
	struct nvsp_message m = { 0 };
	struct fake_packet *pkt;
	bool ok;

	m.switch_data_path.type = htole32(NVSP_MSG_SWITCH_DATA_PATH);
	m.switch_data_path.data_path = htole32(path);
	pkt = guest_ask(&g, &m);
	ok = pkt && pkt->len == 16;
	free(pkt);
	return ok;
}

static bool verb_ok(json_t *answer)
{
	bool ok = json_is_true(json_object_get(answer, "ok"));

	if (!ok && answer)
		printf("# %s\n", json_string_value(json_object_get(answer, "error")));
	json_decref(answer);
	return ok;
}

static int64_t vf_count(const char *name)
{
	json_t *a = fake_verb("{\"id\":1,\"cmd\":\"vf\",\"get\":\"%s\"}", name);
	int64_t n = json_integer_value(json_object_get(a, "value"));

	json_decref(a);
	return n;
}

static bool path_is(const char *word)
{
	json_t *a = fake_verb("{\"id\":1,\"cmd\":\"vf\",\"get\":\"path\"}");
	bool ok = !strcmp(json_string_value(json_object_get(a, "value")) ?: "", word);

	json_decref(a);
	return ok;
}

/* The VF's channel: the only one that is not the NIC's. */
static struct vmbus_channel *vf_channel(void)
{
	return fake_channel(g.bus, 1);
}

static bool bus_up(void)
{
	return vf_channel() && pci_open(&p, vf_channel(), 0x10004) && pci_d0(&p) &&
	       vio_up(&p, g.bus, vio_offered(), 1);
}

/* A guest with NIC and VF up, the association read; the path is synthetic. */
static bool begin(const char *words)
{
	violation_clear();
	fault_clear(NULL, FAULT_ANY_NIC);
	if (!guest_up(&g, words))
		return false;
	fake_run(20);
	return associated(1) && bus_up();
}

static void end(void)
{
	EXPECT_EQ(violation_total(), 0);
	guest_free(&g);
	EXPECT_EQ(fake_timers(), 0);
	fault_clear(NULL, FAULT_ANY_NIC);
}

/* ---- a neighbour on the switch ---- */

static unsigned int got;
static uint8_t got_frame[2048];
static const uint8_t other_mac[6] = { 2, 0, 0, 0, 0, 9 };

static void other_deliver(void *priv, const struct switch_frame *f)
{
	got++;
	memcpy(got_frame, f->data, f->len < sizeof(got_frame) ? f->len : sizeof(got_frame));
}

static const struct switch_port_ops other_ops = { .deliver = other_deliver };
static struct switch_port *other;

static void neighbour(void)
{
	got = 0;
	other = switch_port_add("other", &other_ops, NULL);
	switch_port_own(other, other_mac);
}

static void to_guest(const uint8_t dst[6])
{
	uint8_t b[60] = { 0 };
	struct switch_frame f = { .data = b, .len = sizeof(b) };

	memcpy(b, dst, 6);
	memcpy(b + 6, other_mac, 6);
	b[12] = 0x88;
	b[13] = 0xb5;
	switch_input(other, &f);
	switch_flush();
}

static bool vf_sends(void)
{
	uint8_t b[60] = { 0 };

	memcpy(b, other_mac, 6);
	memcpy(b + 6, nic_mac, 6);
	b[12] = 0x88;
	b[13] = 0xb5;
	return vio_send(&p, g.bus, NULL, b, sizeof(b));
}

UNIT_TEST(a_host_without_vf_says_nothing_and_offers_nothing)
{
	ASSERT_TRUE(guest_up(&g, ""));
	fake_run(100);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	end();
}

UNIT_TEST(association_comes_after_initialize_with_the_golden_bytes)
{
	struct fake_packet *pkt;

	ASSERT_TRUE(guest_new(&g, 1, "vf=on,vf_kind=virtio,vf_serial=2"));
	EXPECT_TRUE(guest_share(&g, NVSP_VERSION_61));
	fake_run(100);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	EXPECT_EQ(fake_channel_cnt(g.bus), 2);
	fake_close(g.ch[0]);
	EXPECT_EQ(fake_open(g.ch[0]), 0);
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(20);
	pkt = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(pkt->len, 56);
	EXPECT_MEMEQ(pkt->b + 16, vec_nvsp_vf_association, 40);
	free(pkt);
	EXPECT_EQ(violation_total(), 0);
	end();
}

UNIT_TEST(association_wants_v4_and_the_capability)
{
	static const uint32_t v[] = { NVSP_VERSION_1, NVSP_VERSION_2, NVSP_VERSION_4,
				      NVSP_VERSION_5, NVSP_VERSION_61 };
	unsigned int i;

	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(guest_new(&g, 1, "vf=on,vf_kind=virtio"));
		EXPECT_TRUE(guest_bring_up(&g, v[i]));
		fake_run(20);
		/* The fake guest sets the bit from V5 on, as Linux does (3.11). */
		EXPECT_EQ(fake_waiting(g.ch[0]), v[i] >= NVSP_VERSION_5);
		end();
	}
}

UNIT_TEST(path_follows_the_guest_and_frames_follow_the_path)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint8_t b[2048];

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	neighbour();
	vio_give(&p, g.bus, 8, 1600);
	to_guest(nic_mac);
	EXPECT_EQ(guest_discard(&g, 0), 1);
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(path_is("vf"));
	to_guest(nic_mac);
	EXPECT_EQ(guest_discard(&g, 0), 0);
	EXPECT_EQ(vio_receive(&p, g.bus, b, sizeof(b)), VF_HEADER + 60);
	EXPECT_MEMEQ(b + VF_HEADER, nic_mac, 6);
	to_guest(all);		/* stays on the synthetic side */
	EXPECT_EQ(guest_discard(&g, 0), 1);
	EXPECT_EQ(vio_receive(&p, g.bus, b, sizeof(b)), 0);
	EXPECT_TRUE(vf_sends());
	EXPECT_EQ(got, 1);
	EXPECT_EQ(vf_count("wrong_path_vf"), 0);
	EXPECT_TRUE(switch_to(0));
	to_guest(nic_mac);
	EXPECT_EQ(guest_discard(&g, 0), 1);
	EXPECT_EQ(vf_count("to_vf"), 1);
	EXPECT_EQ(vf_count("to_synthetic"), 1);
	EXPECT_EQ(vf_count("frames_to_vf"), 1);
	EXPECT_EQ(vf_count("frames_from_vf"), 1);
	switch_port_del(other);
	end();
}

UNIT_TEST(frames_on_the_wrong_path_are_counted)
{
	uint8_t frame[60] = { 0 }, msg[128];
	size_t len;

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	neighbour();
	EXPECT_TRUE(vf_sends());	/* early, and forwarded */
	EXPECT_EQ(vf_count("wrong_path_vf"), 1);
	EXPECT_EQ(got, 1);
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"nic.set\",\"nic\":0,\"vf_wrong\":\"drop\"}")));
	EXPECT_TRUE(vf_sends());
	EXPECT_EQ(vf_count("wrong_path_vf"), 2);
	EXPECT_EQ(got, 1);
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(vf_sends());
	EXPECT_EQ(vf_count("wrong_path_vf"), 2);
	EXPECT_EQ(got, 2);
	memcpy(frame, other_mac, 6);
	memcpy(frame + 6, nic_mac, 6);
	frame[12] = 8;
	len = guest_wrap(msg, frame, sizeof(frame));
	EXPECT_EQ(guest_section(&g, 0, msg, len), NVSP_STAT_SUCCESS);
	EXPECT_EQ(vf_count("wrong_path_synthetic"), 1);
	EXPECT_EQ(got, 3);		/* taken at any time (9.6) */
	switch_port_del(other);
	end();
}

UNIT_TEST(a_switch_that_makes_no_sense_is_completed)
{
	ASSERT_TRUE(guest_up(&g, ""));
	EXPECT_TRUE(switch_to(0));
	EXPECT_TRUE(switch_to(1));	/* no VF: completed, then taken back */
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(path_is("synthetic"));
	EXPECT_EQ(vf_count("switch_pointless"), 2);
	EXPECT_EQ(vf_count("switch_failed"), 1);
	end();
}

UNIT_TEST(a_quiet_host_completes_what_comes_too_early_and_forgets_it)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio,vf_quiet=on,vf_assoc=after,vf_delay=10"));
	fake_run(0);
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(path_is("synthetic"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(10);
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(path_is("vf"));
	EXPECT_EQ(vf_count("notices"), 0);
	end();
}

UNIT_TEST(short_notices_ask_and_have_eight_bytes)
{
	struct fake_packet *pkt;

	ASSERT_TRUE(guest_up(&g, "vf_short=on,vf_ask=on"));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.fallback\"}")));
	pkt = fake_get(g.ch[0]);
	ASSERT_TRUE(pkt);
	EXPECT_EQ(pkt->len, 16 + 8);
	EXPECT_EQ(fp16(pkt, 6), VMBUS_PKT_FLAG_COMPLETION_REQUESTED);
	EXPECT_EQ(fp32(pkt, 16), NVSP_MSG_SWITCH_DATA_PATH);
	free(pkt);
	end();
}

UNIT_TEST(switch_faults)
{
	struct fault slow = { .nic = FAULT_ANY_NIC, .count = 1, .ms = 500 };
	struct fault once = { .nic = FAULT_ANY_NIC, .count = 1 };

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	fault_set(&slow, "vf.switch_slow");
	EXPECT_FALSE(switch_to(1));
	EXPECT_TRUE(path_is("synthetic"));
	fake_run(499);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(1);
	EXPECT_TRUE(completion());
	EXPECT_TRUE(path_is("vf"));
	fault_set(&once, "vf.switch_fail");	/* back: stays on the VF */
	EXPECT_TRUE(switch_to(0));
	EXPECT_TRUE(path_is("vf"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	EXPECT_TRUE(switch_to(0));
	fault_set(&once, "vf.switch_fail");	/* to the VF: a notice follows */
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(path_is("synthetic"));
	strcpy(once.what, "datapath");
	fault_set(&once, "nvsp.no_answer");	/* the completion is lost, the path is not */
	EXPECT_FALSE(switch_to(1));
	EXPECT_TRUE(path_is("vf"));
	violation_clear();
	end();
}

UNIT_TEST(a_second_request_ends_the_first)
{
	struct fault slow = { .nic = FAULT_ANY_NIC, .count = 1, .ms = 500 };

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	fault_set(&slow, "vf.switch_slow");
	EXPECT_FALSE(switch_to(1));
	EXPECT_TRUE(switch_to(0));
	EXPECT_TRUE(completion());	/* of the first */
	EXPECT_EQ(vf_count("to_vf"), 1);
	EXPECT_TRUE(path_is("synthetic"));
	end();
}

UNIT_TEST(association_faults)
{
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1 };
	static const char plug[] = "{\"id\":1,\"cmd\":\"vf.assoc\",\"state\":\"on\",\"serial\":7}";

	ASSERT_TRUE(guest_up(&g, ""));
	fault_set(&f, "vf.assoc_lost");
	EXPECT_TRUE(verb_ok(fake_verb(plug)));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fault_set(&f, "vf.assoc_serial");
	EXPECT_TRUE(verb_ok(fake_verb(plug)));
	EXPECT_TRUE(associated(1007));
	fault_set(&f, "vf.assoc_twice");
	EXPECT_TRUE(verb_ok(fake_verb(plug)));
	EXPECT_TRUE(associated(7));
	EXPECT_TRUE(associated(7));
	fault_set(&f, "vf.withdraw_lost");
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.assoc\",\"state\":\"off\"}")));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.assoc\",\"state\":\"off\"}")));
	EXPECT_TRUE(withdrawn(7));
	end();
}

UNIT_TEST(delayed_association_of_a_nic_that_comes_up)
{
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1, .ms = 3000 };

	ASSERT_TRUE(guest_new(&g, 1, "vf=on,vf_kind=virtio"));
	fault_set(&f, "vf.assoc_delay");
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	fake_run(3000);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(10);
	EXPECT_TRUE(associated(1));
	end();
}

UNIT_TEST(fallback_steers_and_tells)
{
	struct fake_packet *pkt;
	uint64_t id;

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.fallback\"}")));
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(path_is("synthetic"));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.fallback\",\"path\":\"vf\",\"steer\":\"off\",\"ask\":\"on\"}")));
	EXPECT_TRUE(path_is("synthetic"));
	pkt = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(fp16(pkt, 6), 1);
	EXPECT_EQ(fp32(pkt, 20), 1);
	memcpy(&id, pkt->b + 8, 8);
	free(pkt);
	guest_complete(&g, 0, id, NVSP_STAT_SUCCESS);
	EXPECT_EQ(vf_count("notices_answered"), 1);
	EXPECT_EQ(vf_count("notices"), 2);
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.fallback\",\"path\":\"vf\",\"tell\":\"off\"}")));
	EXPECT_TRUE(path_is("vf"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	end();
}

UNIT_TEST(surprise_removal_says_what_is_due_in_order)
{
	struct fault slow = { .nic = FAULT_ANY_NIC, .count = 1, .ms = 500 };
	struct vmbus_channel *vf;

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_TRUE(switch_to(1));
	fault_set(&slow, "vf.switch_slow");
	EXPECT_FALSE(switch_to(0));
	vf = vf_channel();
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\",\"how\":\"surprise\"}")));
	EXPECT_TRUE(completion());
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(withdrawn(1));
	EXPECT_TRUE(vf->rescinded);
	EXPECT_EQ(pci_config(0, 4), 0xFFFFFFFF);
	EXPECT_TRUE(path_is("synthetic"));
	EXPECT_EQ(vf_count("leaving"), 1);
	fake_release(vf);
	EXPECT_EQ(vf_count("leaving"), 0);
	end();
}

UNIT_TEST(eject_waits_for_the_guest)
{
	const uint32_t done[3] = { PCI(0x0f), 0, 0 };
	struct vmbus_channel *vf;
	struct fake_packet *pkt;
	json_t *answer;

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	vf = vf_channel();
	EXPECT_NULL(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\"}"));
	pkt = fake_get(vf);
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(fp32(pkt, 16), PCI(0x0b));
	free(pkt);
	fake_run(1000);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	pci_put(&p, done, sizeof(done), false);
	fake_run(0);
	answer = fake_answer();
	EXPECT_TRUE(json_is_true(json_object_get(json_object_get(answer, "result"), "answered")));
	json_decref(answer);
	EXPECT_TRUE(vf->rescinded);
	EXPECT_TRUE(withdrawn(1));
	fake_release(vf);
	end();
}

UNIT_TEST(eject_that_nobody_answers_ends)
{
	json_t *answer;

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_NULL(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\",\"timeout\":2000,\"withdraw\":\"off\"}"));
	fake_run(1999);
	EXPECT_NULL(fake_answer());
	EXPECT_FALSE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\",\"how\":\"surprise\"}")));
	fake_run(1);
	answer = fake_answer();
	EXPECT_TRUE(json_is_false(json_object_get(json_object_get(answer, "result"), "answered")));
	json_decref(answer);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	end();
}

UNIT_TEST(plug_orders)
{
	ASSERT_TRUE(guest_up(&g, ""));
	EXPECT_NULL(fake_verb("{\"id\":1,\"cmd\":\"vf.plug\",\"serial\":5,\"delay\":100}"));
	EXPECT_TRUE(associated(5));
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	fake_run(100);
	EXPECT_TRUE(verb_ok(fake_answer()));
	EXPECT_EQ(fake_channel_cnt(g.bus), 2);
	EXPECT_FALSE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.plug\"}")));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\",\"how\":\"surprise\"}")));
	EXPECT_TRUE(withdrawn(5));
	EXPECT_NULL(fake_verb("{\"id\":1,\"cmd\":\"vf.plug\",\"serial\":6,\"delay\":50,\"assoc\":\"after\"}"));
	EXPECT_EQ(fake_channel_cnt(g.bus), 2);
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	fake_run(50);
	EXPECT_TRUE(verb_ok(fake_answer()));
	EXPECT_TRUE(associated(6));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\",\"how\":\"surprise\"}")));
	EXPECT_TRUE(withdrawn(6));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.plug\",\"assoc\":\"never\"}")));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	EXPECT_EQ(vf_count("serial"), 6);
	end();
}

UNIT_TEST(function_waits_for_the_first_association)
{
	ASSERT_TRUE(guest_new(&g, 1, "vf=on,vf_kind=virtio,vf_delay=1000"));
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	fake_run(1000);
	EXPECT_TRUE(associated(1));
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	fake_run(10);
	EXPECT_EQ(fake_channel_cnt(g.bus), 2);
	end();
}

UNIT_TEST(migration_brings_another_serial)
{
	const uint32_t done[3] = { PCI(0x0f), 0, 0 };

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_NULL(fake_verb("{\"id\":1,\"cmd\":\"vf.migrate\",\"ms\":300}"));
	pci_put(&p, done, sizeof(done), false);
	fake_run(0);
	EXPECT_TRUE(withdrawn(1));
	EXPECT_EQ(fake_channel_cnt(g.bus), 1);
	fake_run(300);
	EXPECT_TRUE(verb_ok(fake_answer()));
	EXPECT_GE(guest_discard(&g, 0), 1);	/* network change, association */
	EXPECT_EQ(vf_count("serial"), 2);
	EXPECT_EQ(vf_count("told_serial"), 2);
	EXPECT_EQ(fake_channel_cnt(g.bus), 2);
	end();
}

UNIT_TEST(close_forgets_the_path_and_tells_again)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_TRUE(switch_to(1));
	guest_down(&g);
	EXPECT_TRUE(path_is("synthetic"));
	EXPECT_EQ(fake_open(g.ch[0]), 0);
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	fake_run(20);
	EXPECT_TRUE(associated(1));
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(path_is("vf"));
	end();
}

UNIT_TEST(close_keeps_the_path_when_asked_to)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio,vf_keep=on"));
	EXPECT_TRUE(switch_to(1));
	guest_down(&g);
	EXPECT_TRUE(path_is("vf"));
	EXPECT_EQ(fake_open(g.ch[0]), 0);
	EXPECT_TRUE(guest_bring_up(&g, NVSP_VERSION_61));
	EXPECT_TRUE(path_is("vf"));
	EXPECT_TRUE(switch_to(0));
	EXPECT_TRUE(path_is("synthetic"));
	end();
}

UNIT_TEST(nic_goes_and_takes_its_vf_along)
{
	struct vmbus_channel *vf;

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	vf = vf_channel();
	EXPECT_NULL(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\"}"));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":2,\"cmd\":\"nic.remove\",\"nic\":0,\"how\":\"abrupt\"}")));
	EXPECT_TRUE(vf->rescinded);
	end();
}

UNIT_TEST(vf_goes_before_its_nic)
{
	const uint32_t done[3] = { PCI(0x0f), 0, 0 };
	struct vmbus_channel *vf;
	struct fake_packet *pkt;

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_TRUE(switch_to(1));
	vf = vf_channel();
	EXPECT_NULL(fake_verb("{\"id\":2,\"cmd\":\"nic.remove\",\"nic\":0,\"how\":\"orderly\"}"));
	pkt = fake_get(vf);
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(fp32(pkt, 16), PCI(0x0b));
	free(pkt);
	fake_run(9000);
	EXPECT_FALSE(g.ch[0]->rescinded);
	EXPECT_TRUE(switch_to(0));
	pci_put(&p, done, sizeof(done), false);
	fake_run(0);
	EXPECT_TRUE(vf->rescinded);
	EXPECT_FALSE(g.ch[0]->rescinded);
	guest_discard(&g, 0);
	fake_run(7000);
	EXPECT_TRUE(g.ch[0]->rescinded);
	EXPECT_TRUE(verb_ok(fake_answer()));
	end();
}

UNIT_TEST(nic_that_leaves_ends_a_pull_that_waits)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_NULL(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\"}"));
	/* The pull is answered at once: it ends with an error. */
	EXPECT_FALSE(verb_ok(fake_verb("{\"id\":2,\"cmd\":\"nic.remove\",\"nic\":0}")));
	fake_run(70000);
	EXPECT_TRUE(g.ch[0]->rescinded);
	json_decref(fake_answer());
	end();
}

UNIT_TEST(vf_that_is_not_let_go_holds_nobody)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_NULL(fake_verb("{\"id\":2,\"cmd\":\"nic.remove\",\"nic\":0}"));
	fake_run(11000);
	EXPECT_TRUE(g.ch[0]->rescinded);
	EXPECT_TRUE(verb_ok(fake_answer()));
	end();
}

UNIT_TEST(news_wait_for_room_in_order)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_TRUE(switch_to(1));
	g.ch[0]->room = 0;
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\",\"how\":\"surprise\"}")));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	g.ch[0]->room = 100;
	fake_ring(g.ch[0]);
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(withdrawn(1));
	end();
}

UNIT_TEST(link_of_the_vf)
{
	uint8_t b[2048];

	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	neighbour();
	vio_give(&p, g.bus, 4, 1600);
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.link\",\"state\":\"down\"}")));
	EXPECT_EQ(pci_read(PCI_BAR + 0x406, 2), 0);
	to_guest(nic_mac);
	EXPECT_EQ(vio_receive(&p, g.bus, b, sizeof(b)), 0);
	EXPECT_TRUE(vf_sends());
	EXPECT_EQ(got, 0);
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.link\",\"state\":\"up\"}")));
	EXPECT_EQ(pci_read(PCI_BAR + 0x406, 2), 1);
	to_guest(nic_mac);
	EXPECT_GT(vio_receive(&p, g.bus, b, sizeof(b)), 0);
	EXPECT_EQ(vf_count("function.rx_link"), 1);
	EXPECT_EQ(vf_count("function.tx_link"), 1);
	switch_port_del(other);
	end();
}

UNIT_TEST(flaps_come_in_pairs_and_end_well)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_TRUE(switch_to(1));
	fake_verb("{\"id\":1,\"cmd\":\"vf.flap\",\"what\":\"link\",\"times\":2,\"ms\":10}");
	EXPECT_EQ(pci_read(PCI_BAR + 0x406, 2), 0);
	fake_run(10);
	EXPECT_EQ(pci_read(PCI_BAR + 0x406, 2), 1);
	fake_run(10);
	EXPECT_EQ(pci_read(PCI_BAR + 0x406, 2), 0);
	/* One thing at a time. */
	EXPECT_FALSE(verb_ok(fake_verb("{\"id\":2,\"cmd\":\"vf.pull\"}")));
	fake_run(100);
	EXPECT_EQ(pci_read(PCI_BAR + 0x406, 2), 1);
	fake_verb("{\"id\":3,\"cmd\":\"vf.flap\",\"what\":\"assoc\",\"times\":2}");
	fake_run(100);
	EXPECT_TRUE(withdrawn(1));
	EXPECT_TRUE(associated(1));
	EXPECT_TRUE(withdrawn(1));
	EXPECT_TRUE(associated(1));
	fake_verb("{\"id\":4,\"cmd\":\"vf.flap\",\"what\":\"path\",\"times\":2}");
	fake_run(100);
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(path_is("synthetic"));
	EXPECT_EQ(fake_waiting(g.ch[0]), 0);
	EXPECT_FALSE(verb_ok(fake_verb("{\"id\":5,\"cmd\":\"vf.flap\",\"what\":\"path\",\"times\":0}")));
	end();
}

UNIT_TEST(what_is_asked_for_later_comes_later)
{
	ASSERT_TRUE(begin("vf=on,vf_kind=virtio"));
	EXPECT_TRUE(switch_to(1));
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":1,\"cmd\":\"vf.pull\",\"how\":\"surprise\",\"later\":50}")));
	fake_run(40);
	EXPECT_TRUE(path_is("vf"));
	fake_run(10);
	EXPECT_TRUE(notice(0));
	EXPECT_TRUE(withdrawn(1));
	EXPECT_TRUE(path_is("synthetic"));
	EXPECT_FALSE(verb_ok(fake_verb("{\"id\":2,\"cmd\":\"vf\",\"later\":-1}")));
	/* What cannot be done by then harms nobody. */
	EXPECT_TRUE(verb_ok(fake_verb("{\"id\":3,\"cmd\":\"vf.pull\",\"later\":10}")));
	fake_run(10);
	end();
}

UNIT_MAIN()
