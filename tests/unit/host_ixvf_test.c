// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/ixvf/[a-z]*.c tests/host/vm/gmem.c tests/host/backend/packet.c tests/host/backend/lso.c tests/host/backend/switch.c tests/host/backend/pcap.c LIBS: -ljansson */
/* CFLAGS: -Itests/host */
/*
 * DOC: the Intel VF alone: mailbox, interrupts, descriptor rings of a good and of a
 * hostile driver.
 */
#include "unit.h"
#include "backend/packet.h"
#include "backend/switch.h"
#include "ixvf/ixvf.h"
#include "vm/gmem.h"

#define RAM	(512 * 1024)
#define N	16u
#define RXR	0x1000u		/* receive ring of queue 0; queue 1 behind it */
#define TXR	0x4000u
#define BUF	0x10000u
#define ENABLE	0x02000000u
#define OK	0xa0000000u
#define FAIL	0x60000000u

static uint8_t *ram;
static struct gmem mem;
static struct ixvf *v;
static unsigned int fired[3], sent, flushed;
static uint8_t sent_frame[70000];
static struct switch_frame sent_as;
static const uint8_t mac[6] = { 0, 0x15, 0x5d, 1, 2, 3 };

static void on_interrupt(void *priv, uint16_t vector)
{
	fired[vector]++;
}

static void on_transmit(void *priv, const struct switch_frame *f)
{
	sent++;
	sent_as = *f;
	memcpy(sent_frame, f->data, f->len);
}

static void on_transmitted(void *priv)
{
	flushed++;
}

static const char *refused;

static bool on_request(void *priv, const char *what)
{
	return refused && !strcmp(what, refused);
}

static const struct ixvf_ops ops = { on_interrupt, on_transmit, on_transmitted, on_request };

static void w(uint32_t off, uint32_t val)
{
	ixvf_write(v, off, val, 4);
}

static uint32_t r(uint32_t off)
{
	return ixvf_read(v, off, 4);
}

static void device(unsigned int pairs, unsigned int mtu)
{
	struct ixvf_cfg cfg = { .pairs = pairs, .mtu = mtu, .link_up = true };

	if (!ram)
		ram = aligned_alloc(4096, RAM);
	memset(ram, 0, RAM);
	memset(fired, 0, sizeof(fired));
	sent = flushed = 0;
	mem.cnt = 1;
	mem.range[0] = (struct gmem_range){ 0, RAM, ram, 1 };
	memcpy(cfg.mac, mac, 6);
	v = ixvf_create(&mem, &cfg, &ops, NULL);
}

/* A request of up to four words; the first word of the answer. */
static uint32_t ask(uint32_t a, uint32_t b, uint32_t c)
{
	w(0x2fc, 4);
	EXPECT_EQ(r(0x2fc) & 4, 4);
	w(0x200, a);
	w(0x204, b);
	w(0x208, c);
	w(0x2fc, 1);
	EXPECT_EQ(r(0x2fc), 0x30);
	EXPECT_EQ(r(0x2fc), 0);		/* read and cleared */
	w(0x2fc, 2);
	return r(0x200);
}

static void ring(uint32_t base, uint64_t at, uint32_t n, uint32_t control)
{
	w(base, (uint32_t)at);
	w(base + 4, (uint32_t)(at >> 32));
	w(base + 8, n * 16);
	w(base + 0x10, 0);
	w(base + 0x18, 0);
	w(base + 0x14, 2);	/* receive buffers of 2 KiB */
	w(base + 0x28, control | ENABLE);
}

static void up(unsigned int pairs)
{
	unsigned int q;

	EXPECT_EQ(ask(1, 0, 0), 0x80000001);
	EXPECT_EQ(ask(8, 4, 0), OK | 8);
	for (q = 0; q < pairs; q++) {
		ring(0x1000 + q * 0x40, RXR + q * 0x1000, N, 0x40000000);
		ring(0x2000 + q * 0x40, TXR + q * 0x1000, N, 0);
	}
	w(0x120, 0x81818080);	/* queue 0 both ways: vector 0, queue 1: vector 1 */
	w(0x140, 0x82);
	w(0x110, 7);
	w(0x114, 7);
	w(0x108, 7);
}

static int64_t count(const char *name)
{
	json_t *o = ixvf_report(v);
	int64_t n = json_integer_value(json_object_get(o, name));

	json_decref(o);
	return n;
}

static void desc(uint32_t at, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	uint32_t word[4] = { a, b, c, d };

	memcpy(ram + at, word, 16);
}

UNIT_TEST(mailbox)
{
	uint32_t m[2];

	device(2, 0);
	EXPECT_EQ(ask(8, 4, 0), 0x40000008);	/* before the reset */
	EXPECT_EQ(ask(1, 0, 0), 0x80000001);
	m[0] = r(0x204);
	m[1] = r(0x208);
	EXPECT_MEMEQ(m, mac, 6);
	EXPECT_EQ(ask(8, 8, 0), FAIL | 8);	/* API 1.7 */
	EXPECT_EQ(ask(8, 1, 0), FAIL | 8);	/* Solaris */
	EXPECT_EQ(ask(8, 4, 0), OK | 8);
	EXPECT_EQ(ask(9, 0, 0), OK | 9);
	EXPECT_EQ(r(0x208), 2);
	EXPECT_EQ(ask(2, 0x5d1500, 0x0909), OK | 2);
	EXPECT_EQ(ask(2, 0x000001, 0), FAIL | 2);	/* a group */
	EXPECT_EQ(ask(0x20003, 0x00020001, 0), OK | 0x20003);
	EXPECT_EQ(count("multicasts"), 2);
	EXPECT_EQ(ask(0x1f0003, 0, 0), FAIL | 0x1f0003);
	EXPECT_EQ(ask(0x10004, 5, 0), OK | 0x10004);
	EXPECT_EQ(count("vlans"), 1);
	EXPECT_EQ(ask(4, 5, 0), OK | 4);
	EXPECT_EQ(count("vlans"), 0);
	EXPECT_EQ(ask(4, 4096, 0), FAIL | 4);
	EXPECT_EQ(ask(5, 9728, 0), OK | 5);
	EXPECT_EQ(ask(5, 9729, 0), FAIL | 5);
	EXPECT_EQ(ask(0x10006, 2, 0), OK | 0x10006);
	EXPECT_EQ(count("macs"), 1);
	EXPECT_EQ(ask(6, 0, 0), OK | 6);
	EXPECT_EQ(count("macs"), 0);
	EXPECT_EQ(ask(0xa, 0, 0), OK | 0xa);
	EXPECT_EQ(ask(0xb, 0, 0), OK | 0xb);
	EXPECT_EQ(ask(0xc, 3, 0), OK | 0xc);
	EXPECT_EQ(ask(0xc, 4, 0), FAIL | 0xc);
	EXPECT_EQ(ask(0x10, 0, 0), OK | 0x10);
	EXPECT_EQ(r(0x204), 1);
	EXPECT_EQ(ask(0x77, 0, 0), FAIL | 0x77);
	w(0, 0x04000000);		/* reset: it has to say hello again */
	EXPECT_EQ(ask(9, 0, 0), 0x40000009);
	ixvf_free(v);
	device(1, 3000);
	EXPECT_EQ(ask(1, 0, 0), 0x80000001);
	EXPECT_EQ(ask(5, 3018, 0), OK | 5);
	EXPECT_EQ(ask(5, 3019, 0), FAIL | 5);
	ixvf_free(v);
}

UNIT_TEST(what_is_refused_has_not_happened)
{
	static const uint8_t other[] = { 0, 0x15, 0x5d, 9, 9, 9 };
	uint32_t m[2] = { 0 };

	device(1, 0);
	refused = "reset";
	EXPECT_EQ(ask(1, 0, 0), 1);
	EXPECT_EQ(ask(8, 4, 0), 0x40000008);
	refused = "mac";
	EXPECT_EQ(ask(1, 0, 0), 0x80000001);
	memcpy(m, other, 6);
	EXPECT_EQ(ask(2, m[0], m[1]), FAIL | 2);
	memcpy(m, mac, 6);
	EXPECT_EQ(ask(2, m[0], m[1]), OK | 2);
	refused = "vlan";
	EXPECT_EQ(ask(0x10004, 5, 0), FAIL | 0x10004);
	EXPECT_EQ(ask(4, 5, 0), OK | 4);
	EXPECT_EQ(count("vlans"), 0);
	refused = "mtu";
	EXPECT_EQ(ask(5, 9000, 0), FAIL | 5);
	EXPECT_EQ(count("max_frame"), 1518);
	EXPECT_EQ(count("controls_refused"), 5);
	refused = NULL;
	ixvf_free(v);
}

UNIT_TEST(registers)
{
	device(1, 0);
	EXPECT_EQ(r(0x10), 0x70000000);
	w(0x10, 0);
	EXPECT_EQ(r(0x10), 0x70000000);
	EXPECT_EQ(r(8), 0);
	EXPECT_EQ(ixvf_read(v, 0x10, 2), 0xffffffff);
	EXPECT_EQ(ixvf_read(v, 0x4000, 4), 0xffffffff);
	EXPECT_EQ(ixvf_read(v, 0x11, 4), 0xffffffff);
	ixvf_write(v, 0x4000, 1, 4);
	ixvf_write(v, 0x10, 1, 1);
	EXPECT_EQ(count("bad_accesses"), 5);
	ixvf_free(v);
}

UNIT_TEST(causes_fire_once_and_wait_for_the_driver)
{
	device(1, 0);
	up(1);
	w(0x104, 1);
	EXPECT_EQ(fired[0], 1);
	EXPECT_EQ(r(0x108), 6);		/* disabled by itself */
	w(0x104, 1);
	EXPECT_EQ(fired[0], 1);
	w(0x108, 1);			/* enabled: what came meanwhile */
	EXPECT_EQ(fired[0], 2);
	w(0x108, 1);
	EXPECT_EQ(fired[0], 2);
	w(0x10c, 7);
	w(0x104, 7);
	EXPECT_EQ(fired[1] + fired[2], 0);
	EXPECT_EQ(r(0x100), 7);
	EXPECT_EQ(r(0x100), 0);
	ixvf_free(v);
}

UNIT_TEST(link_changes_are_told)
{
	device(1, 0);
	ixvf_link(v, false);
	EXPECT_EQ(r(0x10), 0);
	ixvf_link(v, true);
	up(1);
	ixvf_link(v, false);
	EXPECT_EQ(fired[2], 1);
	EXPECT_EQ(r(0x2fc), 0x10);
	EXPECT_EQ(r(0x200), 0x20000100);
	EXPECT_EQ(r(0x10), 0);
	ixvf_free(v);
}

UNIT_TEST(frames_go_out)
{
	unsigned int i;

	device(1, 0);
	up(1);
	for (i = 0; i < 100; i++)
		ram[BUF + i] = (uint8_t)i;
	desc(TXR, BUF, 0, 0x20300000 | 40, 100 << 14);
	desc(TXR + 16, BUF + 40, 0, 0x29300000 | 60, 100 << 14);
	w(0x2018, 2);
	EXPECT_EQ(sent, 1);
	EXPECT_EQ(sent_as.len, 100);
	EXPECT_MEMEQ(sent_frame, ram + BUF, 100);
	EXPECT_EQ(r(0x2010), 2);
	EXPECT_EQ(*(uint32_t *)(ram + TXR + 12), 100 << 14);	/* not asked for */
	EXPECT_EQ(*(uint32_t *)(ram + TXR + 28), 1);
	EXPECT_EQ(fired[0], 1);
	EXPECT_EQ(flushed, 1);
	/* A tag from the context; the ring wraps. */
	w(0x2010, 15);
	desc(TXR + 15 * 16, 7u << 16 | 14 << 9, 0, 0x20200000, 0);
	desc(TXR, BUF, 0, 0x69300000 | 60, 0x80);
	w(0x2018, 1);
	EXPECT_EQ(sent, 2);
	EXPECT_TRUE(sent_as.tagged);
	EXPECT_EQ(sent_as.tci, 7);
	EXPECT_EQ(r(0x2010), 1);
	EXPECT_EQ(r(0x201c), 2);
	ixvf_link(v, false);
	desc(TXR + 16, BUF, 0, 0x29300000 | 60, 0);
	w(0x2018, 2);
	EXPECT_EQ(sent, 2);
	EXPECT_EQ(*(uint32_t *)(ram + TXR + 28), 1);
	EXPECT_EQ(count("tx_link"), 1);
	ixvf_free(v);
}

/* An IPv4 TCP frame of @payload bytes with a seeded checksum; its length. */
static uint32_t tcp(uint8_t *f, uint32_t payload, bool lengths)
{
	struct pkt_info info;

	memset(f, 0, 54 + payload);
	f[0] = 2;
	f[12] = 8;
	f[14] = 0x45;
	put_be16(f + 16, (uint16_t)(40 + payload));
	f[22] = 64;
	f[23] = 6;
	put_be32(f + 26, 0xc0000201);
	put_be32(f + 30, 0xc0000202);
	f[46] = 0x50;
	memset(f + 54, 0x5a, payload);
	pkt_parse(f, 54 + payload, &info);
	pkt_fill_ip4_csum(f, &info);
	put_be16(f + 50, pkt_pseudo_sum(f, &info, 20 + payload));
	if (!lengths)
		put_be16(f + 16, 0);
	return 54 + payload;
}

UNIT_TEST(checksums_and_large_sends)
{
	struct pkt_info info;
	uint32_t len;

	device(1, 0);
	up(1);
	len = tcp(ram + BUF, 33, true);
	desc(TXR, 14 << 9 | 20, 0, 0x20200c00, 0);
	desc(TXR + 16, BUF, 0, 0x29300000 | len, len << 14 | 0x280);
	w(0x2018, 2);
	EXPECT_EQ(sent, 1);
	EXPECT_TRUE(sent_as.l4_good);
	pkt_parse(sent_frame, sent_as.len, &info);
	EXPECT_TRUE(pkt_l4_csum_good(sent_frame, &info));
	len = tcp(ram + BUF, 2500, false);
	desc(TXR + 32, 14 << 9 | 20, 0, 0x20200c00, 1000 << 16 | 20 << 8);
	desc(TXR + 48, BUF, 0, 0xa9300000 | len, len << 14 | 0x380);
	w(0x2018, 4);
	EXPECT_EQ(sent, 4);
	EXPECT_EQ(sent_as.len, 554);
	pkt_parse(sent_frame, sent_as.len, &info);
	EXPECT_TRUE(pkt_l4_csum_good(sent_frame, &info));
	EXPECT_EQ(count("tx_segments"), 3);
	/* Without a segment size, and a checksum beyond the frame. */
	desc(TXR + 64, 14 << 9 | 20, 0, 0x20200c00, 0);
	desc(TXR + 80, BUF, 0, 0xa9300000 | len, 0x380);
	desc(TXR + 96, 127 << 9 | 511, 0, 0x20200c00, 0);
	desc(TXR + 112, BUF, 0, 0x29300000 | 60, 0x280);
	w(0x2018, 8);
	EXPECT_EQ(sent, 4);
	EXPECT_EQ(count("tx_bad"), 2);
	ixvf_free(v);
}

static void give(unsigned int q, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		desc(RXR + q * 0x1000 + i * 16, BUF + q * 0x20000 + i * 2048, 0, 0, 0);
	w(0x1018 + q * 0x40, n);
}

static void deliver(const uint8_t *dst, size_t len, bool tagged)
{
	static uint8_t f[9100];
	struct switch_frame in = { .data = f, .len = len, .tagged = tagged, .tci = 9 };
	size_t i;

	for (i = 0; i < len; i++)
		f[i] = (uint8_t)(i * 7);
	memcpy(f, dst, 6);
	ixvf_deliver(v, &in);
}

static uint32_t rx_word(unsigned int i, unsigned int word)
{
	return *(uint32_t *)(ram + RXR + i * 16 + word * 4);
}

UNIT_TEST(frames_come_in)
{
	static const uint8_t other[6] = { 2, 2, 2, 2, 2, 2 };

	device(1, 0);
	deliver(mac, 60, false);
	EXPECT_EQ(count("rx_not_ready"), 1);
	up(1);
	give(0, 5);
	EXPECT_EQ(ixvf_room(v), 5);
	deliver(mac, 60, true);
	EXPECT_EQ(count("rx_filter"), 1);	/* nobody asked for this VLAN */
	EXPECT_EQ(ask(0x10004, 9, 0), OK | 0x10004);
	deliver(mac, 60, true);
	EXPECT_EQ(rx_word(0, 2), 0xb);		/* done, end of packet, tag */
	EXPECT_EQ(rx_word(0, 3), 9u << 16 | 60);
	EXPECT_EQ(ram[BUF + 59], (uint8_t)(59 * 7));
	EXPECT_EQ(fired[0], 0);
	ixvf_flush(v);
	EXPECT_EQ(fired[0], 1);
	deliver(mac, 3000, false);
	EXPECT_EQ(count("rx_too_long"), 1);
	EXPECT_EQ(ask(5, 9018, 0), OK | 5);
	deliver(mac, 3000, false);		/* two buffers */
	EXPECT_EQ(rx_word(1, 2), 1);
	EXPECT_EQ(rx_word(1, 3), 2048);
	EXPECT_EQ(rx_word(2, 2), 3);
	EXPECT_EQ(rx_word(2, 3), 952);
	deliver(mac, 9000, false);		/* five wanted, two there */
	EXPECT_EQ(count("rx_no_buffer"), 1);
	EXPECT_EQ(r(0x1010), 3);
	deliver(other, 60, false);
	EXPECT_EQ(count("rx_filter"), 2);
	EXPECT_EQ(ask(0xc, 3, 0), OK | 0xc);
	deliver(other, 60, false);
	EXPECT_EQ(r(0x1010), 4);
	w(0x1028, ENABLE | 0x8000 | 1000);	/* longest packet */
	deliver(mac, 1001, false);
	EXPECT_EQ(count("rx_too_long"), 2);
	w(0x1028, 0);
	deliver(mac, 60, false);
	EXPECT_EQ(count("rx_not_ready"), 2);
	ixvf_free(v);
}

UNIT_TEST(flows_spread_over_the_queues)
{
	static uint8_t f[200];
	unsigned int i;

	device(2, 0);
	up(2);
	give(0, 15);
	give(1, 15);
	for (i = 0; i < 12; i++) {
		struct switch_frame in = { .data = f, .len = tcp(f, 10, true), .l4_good = true };

		memcpy(f, mac, 6);
		put_be16(f + 34, (uint16_t)(5000 + i));
		ixvf_deliver(v, &in);
	}
	EXPECT_EQ(r(0x1010) + r(0x1050), 12);
	EXPECT_GT(r(0x1010), 0);
	EXPECT_GT(r(0x1050), 0);
	EXPECT_EQ(rx_word(0, 2) & 0x60, 0x60);	/* checksums are good */
	ixvf_flush(v);
	EXPECT_EQ(fired[0], 1);
	EXPECT_EQ(fired[1], 1);
	ixvf_free(v);
}

UNIT_TEST(hostile_rings_touch_nothing)
{
	device(1, 0);
	up(1);
	desc(TXR, RAM - 10, 0, 0x29300000 | 60, 0);	/* beyond memory */
	desc(TXR + 16, BUF, 0xffffffff, 0x29300000 | 60, 0);
	desc(TXR + 32, BUF, 0, 0x09300000 | 60, 0);	/* legacy */
	desc(TXR + 48, BUF, 0, 0x29300000 | 13, 0);	/* no header */
	w(0x2018, 4);
	EXPECT_EQ(sent, 0);
	EXPECT_GE(count("tx_bad"), 4);
	EXPECT_EQ(*(uint32_t *)(ram + TXR + 12), 1);	/* but they are given back */
	w(0x2018, N);			/* no such descriptor */
	w(0x2010, 0xffffffff);
	w(0x2018, 1);
	w(0x2008, 0xffffffff);		/* a ring longer than any */
	w(0x2018, 1);
	w(0x2008, 0);
	w(0x2018, 0);
	EXPECT_EQ(sent, 0);
	give(0, 4);
	desc(RXR, RAM - 10, 0, 0, 0);
	deliver(mac, 60, false);
	EXPECT_EQ(count("rx_no_buffer"), 1);
	w(0x1000, RAM - 8);		/* the ring itself lies nowhere */
	deliver(mac, 60, false);
	EXPECT_EQ(count("rx_no_buffer"), 2);
	w(0x1000, RXR);
	w(0x1014, 0);			/* buffers of no size */
	deliver(mac, 60, false);
	EXPECT_EQ(count("rx_no_buffer"), 3);
	w(0x1010, N);
	deliver(mac, 60, false);
	EXPECT_EQ(count("rx_no_buffer"), 4);
	ixvf_free(v);
}

/* Data without an end: what adds up is bounded. */
UNIT_TEST(an_endless_frame_is_dropped)
{
	unsigned int i;

	device(1, 0);
	up(1);
	for (i = 0; i < N; i++)
		desc(TXR + i * 16, BUF, 0, 0x20300000 | 0xffff, 0);
	w(0x2018, 15);
	desc(TXR + 15 * 16, BUF, 0, 0x29300000 | 60, 0);
	w(0x2018, 0);
	EXPECT_EQ(sent, 1);		/* the last one alone: a frame ends with its tail */
	ixvf_free(v);
}

UNIT_TEST(random_registers_and_rings)
{
	unsigned int round, i;
	uint32_t x = 1;

	for (round = 0; round < 200; round++) {
		device(2, 0);
		up(2);
		give(0, 10);
		for (i = 0x1000; i < 0x6000; i++) {
			x = x * 1103515245 + 12345;
			if (x >> 24 < 60)
				ram[i] = (uint8_t)(x >> 16);
		}
		for (i = 0; i < 60; i++) {
			x = x * 1103515245 + 12345;
			w((x >> 16 & 0x1ff) * 4 + (x >> 30) * 0x1000, x >> 28 ? x >> 8 & 31 : x);
			w(0x2018, x >> 20 & 15);
			deliver(mac, 60 + (x >> 18 & 0x3ff), false);
			ixvf_flush(v);
		}
		ixvf_free(v);
	}
}

UNIT_MAIN()
