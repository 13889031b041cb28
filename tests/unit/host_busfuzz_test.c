// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: a guest that does anything at all, in a repeatable order: half-sensible
 * messages, doorbells, scribbling over rings, while the device reads, answers and is
 * taken away. Whatever comes, the host stays up and the next good guest is served.
 * HOST_FUZZ_ROUNDS and HOST_FUZZ_SEED make it longer or another one.
 */
#include "host_bus.h"

#define CHANNELS	3

static uint64_t rng;
static struct vmbus_channel *live[CHANNELS];
static uint8_t buf[VMBUS_PKT_MAX];

static uint32_t any(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 20) % below;
}

/* ---- a device that uses what it can ---- */

static void poke_gpadls(struct vmbus_channel *ch)
{
	struct gpadl *g = channel_gpadl(ch, 0xe1e10 + any(16));
	uint8_t some[64];

	if (!g)
		return;
	gpadl_read(g, any(3 * 4096), some, any(sizeof(some)));
	gpadl_write(g, any(3 * 4096), some, any(sizeof(some)));
}

static void fuzz_doorbell(void *dev, struct vmbus_channel *ch)
{
	static const struct vmbus_range ranges[3];
	struct vmbus_packet pkt;
	int n = 0;

	while (n++ < 8 && channel_recv(ch, &pkt, buf) == 1) {
		EXPECT_LE(pkt.desc_len + pkt.payload_len, VMBUS_PKT_MAX);
		channel_send(ch, VMBUS_PKT_COMPLETION, 0, pkt.trans_id, buf, any(64));
	}
	poke_gpadls(ch);
	if (!any(4))
		channel_send_ranges(ch, 1, 2, ranges, any(4), buf, any(40));
}

static int fuzz_open(void *dev, struct vmbus_channel *ch)
{
	return any(8) ? 0 : -ENOMEM;
}

static void fuzz_close(void *dev, struct vmbus_channel *ch)
{
	poke_gpadls(ch);
	channel_send(ch, VMBUS_PKT_INBAND, 0, 0, buf, 8);
}

static void fuzz_teardown(void *dev, struct vmbus_channel *ch, struct gpadl *g)
{
	gpadl_write(g, 0, buf, gpadl_len(g) < 100 ? gpadl_len(g) : 100);
}

static void fuzz_released(void *dev, struct vmbus_channel *ch)
{
	*(struct vmbus_channel **)dev = NULL;
}

static const struct vmbus_device_ops fuzz_ops = {
	.open = fuzz_open, .close = fuzz_close, .doorbell = fuzz_doorbell,
	.gpadl_teardown = fuzz_teardown, .released = fuzz_released,
};

static void offer_again(unsigned int i)
{
	struct vmbus_offer_params p = { .type = nic_class, .instance.b = { (uint8_t)(i + 1) },
					.latency_us = i % 2 ? 100 : 0 };

	if (i == 2) {
		if (!live[0])
			return;
		p.instance.b[0] = 1;
		p.subchannel_index = 1;
		p.primary = live[0];
	}
	if (!live[i])
		live[i] = channel_offer(membus_bus(mb), &p, &fuzz_ops, &live[i]);
}

/* ---- a guest without manners ---- */

static void any_message(void)
{
	static const uint8_t ids[] = { 3, 5, 7, 8, 9, 11, 13, 14, 16, 22 };
	static const uint8_t sizes[] = { 8, 148, 12, 60, 40, 16, 12, 40, 8, 16 };
	uint8_t msg[MEMBUS_MESSAGE_MAX] = { 0 };
	uint32_t k = any(sizeof(ids)), i, word;
	size_t len = any(16) ? sizes[k] : any(MEMBUS_MESSAGE_MAX + 1);

	if (ids[k] == 16 && any(8))
		return;		/* not all the time */
	msg[0] = any(32) ? ids[k] : (uint8_t)any(256);
	for (i = 8; i + 4 <= sizeof(msg); i += 4) {
		word = any(3) ? any(8) : any(2) ? 0xe1e10 + any(16) : any(0xffffffff);
		memcpy(msg + i, &word, 4);
	}
	if (ids[k] == 14 && any(4)) {
		memcpy(msg, g1_contact, 12);
		len = 40;
	}
	membus_post_on(mb, any(16) ? 4 : any(6), msg, len);
}

static struct membus_channel chan[CHANNELS];
static bool opened[CHANNELS];

static void open_or_close(unsigned int i)
{
	const struct membus_offer *o = membus_offer(mb, i);

	if (opened[i] || !o) {
		opened[i] = false;
		post_words(7, chan[i].relid, 0, 12);
	} else if (membus_pages_left(mb) > 16) {
		opened[i] = !membus_open(mb, o, 2 + any(3), any(4), &chan[i]);
	}
}

static void scribble(unsigned int i)
{
	struct membus_channel *c = &chan[i];
	uint32_t word = any(2) ? any(9000) : any(0xffffffff);
	uint8_t bytes[32];
	unsigned int k;

	if (!c->mb)
		return;
	if (any(2)) {
		*membus_word(c, any(2), any(5)) = any(4) ? word & ~7u : word;
		return;
	}
	for (k = 0; k < sizeof(bytes); k++)
		bytes[k] = (uint8_t)(any(3) ? any(10) : any(256));
	membus_gpadl_copy_in(mb, &c->mem, any(c->mem.pages * 4096 - 32), bytes, any(32));
}

static void good_packet(unsigned int i)
{
	if (opened[i] && *membus_word(&chan[i], true, 0) < 4096)
		membus_put(&chan[i], any(8) ? 6 : (uint16_t)any(14), (uint16_t)any(2), any(100), NULL,
			   0, buf, any(200));
}

static void step(void)
{
	unsigned int i = any(CHANNELS);
	struct membus_message m;

	switch (any(10)) {
	case 0:
	case 1:
		any_message();
		break;
	case 2:
		open_or_close(i);
		break;
	case 3:
		scribble(i);
		break;
	case 4:
		vmbus_signal(membus_bus(mb), any(4) ? 0x10000 + any(8) : any(0xffffffff));
		break;
	case 5:
		if (live[i] && !any(8))
			channel_rescind(live[i]);
		offer_again(i);
		break;
	case 6:
		if (!any(50))
			vmbus_reset(membus_bus(mb));
		break;
	default:
		good_packet(i);
	}
	while (membus_take(mb, &m))
		;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* The last word: a good guest finds a good host. */
static void expect_service(void)
{
	struct membus_channel c;
	struct vmbus_packet pkt;
	struct device d = { 0 };

	vmbus_reset(membus_bus(mb));
	violation_clear();
	ASSERT_NOT_NULL(offer(mb, &d, 9, 0));
	EXPECT_TRUE(membus_connect(mb, V53));
	EXPECT_EQ(membus_open(mb, membus_offer_sub(mb, (const uint8_t[16]){ 9, 0, 0, 0, 0x11, 0x11,
			0x22, 0x22, 0x33, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66 }, 0), 2, 0, &c), 0);
	EXPECT_TRUE(membus_put(&c, 6, 0, 1, NULL, 0, "ping", 4));
	EXPECT_EQ(d.doorbells, 2);
	EXPECT_EQ(membus_get(&c, &pkt, buf), 0);
	EXPECT_EQ(violation_total(), 0);
	vmbus_reset(membus_bus(mb));
}

UNIT_TEST(host_survives_a_guest_without_manners)
{
	uint64_t rounds = setting("HOST_FUZZ_ROUNDS", 400), seed = setting("HOST_FUZZ_SEED", 1), r;
	unsigned int i, k;

	for (r = 0; r < rounds; r++) {
		rng = (seed + r) * 0x9e3779b97f4a7c15ull | 1;
		start(V53);
		memset(live, 0, sizeof(live));
		memset(chan, 0, sizeof(chan));
		memset(opened, 0, sizeof(opened));
		membus_set_monitor(mb, membus_page(mb));
		for (i = 0; i < CHANNELS; i++)
			offer_again(i);
		membus_connect(mb, V53);
		for (k = 0; k < 300; k++)
			step();
		expect_service();
		membus_destroy(mb);
		if (unit_failures) {
			UNIT_FAIL("HOST_FUZZ_SEED=%d", (int)(seed + r));
			return;
		}
	}
}

UNIT_MAIN()
