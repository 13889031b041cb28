// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/virtio/[a-z]*.c tests/host/vm/gmem.c tests/host/backend/packet.c tests/host/backend/lso.c tests/host/backend/switch.c tests/host/backend/pcap.c LIBS: -ljansson */
/* CFLAGS: -Itests/host */
/*
 * DOC: the virtio network device alone: registers, queues of a hostile driver, frames
 * both ways, the control queue.
 */
#include "unit.h"
#include <errno.h>
#include "backend/packet.h"
#include "backend/switch.h"
#include "virtio/virtq.h"
#include "virtio/vnet.h"
#include "vm/gmem.h"

#define RAM		(256 * 1024)
#define DESC		0x1000u
#define AVAIL		0x2000u
#define USED		0x3000u
#define TABLE		0x4000u
#define BUF		0x8000u
#define SIZE		8u
#define NEXT		1u
#define WRITE		2u
#define INDIRECT	4u

static uint8_t *ram;
static struct gmem mem;
static struct virtq q;
static struct virtq_chain c;

static void desc_at(uint32_t table, unsigned int i, uint64_t addr, uint32_t len, uint16_t flags,
		    uint16_t next)
{
	uint8_t *d = ram + table + i * 16;

	memcpy(d, &addr, 8);
	memcpy(d + 8, &len, 4);
	memcpy(d + 12, &flags, 2);
	memcpy(d + 14, &next, 2);
}

static void desc(unsigned int i, uint64_t addr, uint32_t len, uint16_t flags, uint16_t next)
{
	desc_at(DESC, i, addr, len, flags, next);
}

static void avail(uint16_t head)
{
	uint16_t *a = (uint16_t *)(ram + AVAIL);

	a[2 + a[1] % SIZE] = head;
	a[1]++;
}

static uint16_t used_cnt(void)
{
	return *(uint16_t *)(ram + USED + 2);
}

static void memory(void)
{
	if (!ram)
		ram = aligned_alloc(4096, RAM);
	memset(ram, 0, RAM);
	mem.cnt = 2;
	mem.range[0] = (struct gmem_range){ 0, RAM - 4096, ram, 1 };
	mem.range[1] = (struct gmem_range){ RAM - 4096, 4096, ram + RAM - 4096, 0 };
}

static void queue(void)
{
	memory();
	virtq_reset(&q, &mem, SIZE);
	q.desc = DESC;
	q.avail = AVAIL;
	q.used = USED;
	EXPECT_TRUE(virtq_enable(&q));
}

UNIT_TEST(a_chain_is_taken_and_given_back)
{
	uint8_t b[64];

	queue();
	EXPECT_EQ(virtq_pop(&q, &c), 0);
	memcpy(ram + BUF, "hello", 5);
	memcpy(ram + BUF + 100, " world", 6);
	desc(2, BUF, 5, NEXT, 5);
	desc(5, BUF + 100, 6, NEXT, 1);
	desc(1, BUF + 200, 16, WRITE, 0);
	avail(2);
	EXPECT_EQ(virtq_waiting(&q), 1);
	EXPECT_EQ(virtq_pop(&q, &c), 1);
	EXPECT_EQ(c.read_len, 11);
	EXPECT_EQ(c.write_len, 16);
	EXPECT_EQ(virtq_read(&q, &c, 3, b, 5), 0);
	EXPECT_MEMEQ(b, "lo wo", 5);
	EXPECT_LT(virtq_read(&q, &c, 3, b, 9), 0);
	EXPECT_EQ(virtq_write(&q, &c, 4, "!", 1), 0);
	EXPECT_EQ(ram[BUF + 204], '!');
	EXPECT_LT(virtq_write(&q, &c, 16, "!", 1), 0);
	virtq_push(&q, c.head, 5);
	EXPECT_EQ(used_cnt(), 1);
	EXPECT_EQ(*(uint32_t *)(ram + USED + 4), 2);
	EXPECT_EQ(*(uint32_t *)(ram + USED + 8), 5);
	EXPECT_TRUE(virtq_wants_interrupt(&q));
	ram[AVAIL] = 1;
	EXPECT_FALSE(virtq_wants_interrupt(&q));
}

UNIT_TEST(indirect_tables)
{
	queue();
	desc_at(TABLE, 0, BUF, 5, NEXT, 1);
	desc_at(TABLE, 1, BUF + 100, 7, WRITE, 0);
	desc(0, TABLE, 32, INDIRECT, 0);
	avail(0);
	EXPECT_EQ(virtq_pop(&q, &c), -EPROTO);	/* not negotiated */
	queue();
	q.indirect = true;
	desc_at(TABLE, 0, BUF, 5, NEXT, 1);
	desc_at(TABLE, 1, BUF + 100, 7, WRITE, 0);
	desc(0, TABLE, 32, INDIRECT, 0);
	avail(0);
	EXPECT_EQ(virtq_pop(&q, &c), 1);
	EXPECT_EQ(c.read_len, 5);
	EXPECT_EQ(c.write_len, 7);
}

/* One descriptor list that must break the queue, for good. */
static void breaks(const char *what)
{
	int ret;

	q.indirect = true;
	avail(0);
	ret = virtq_pop(&q, &c);
	if (ret != -EPROTO || !q.broken || virtq_pop(&q, &c) != -EPROTO || virtq_waiting(&q))
		UNIT_FAIL("%s: the queue is not broken (%d)", what, ret);
}

UNIT_TEST(hostile_chains_break_the_queue)
{
	queue();
	desc(0, RAM, 16, 0, 0);
	breaks("address beyond memory");
	queue();
	desc(0, RAM - 4096 - 8, 16, 0, 0);
	breaks("buffer across the end of a range");
	queue();
	desc(0, UINT64_MAX - 4, 16, 0, 0);
	breaks("address that wraps");
	queue();
	desc(0, BUF, UINT32_MAX, 0, 0);
	breaks("length beyond memory");
	queue();
	desc(0, RAM - 4096, 16, WRITE, 0);
	breaks("writable buffer in read-only memory");
	queue();
	desc(0, BUF, 0, 0, 0);
	breaks("length 0");
	queue();
	desc(0, BUF, 16, NEXT, SIZE);
	breaks("next beyond the queue");
	queue();
	desc(0, BUF, 16, NEXT, 1);
	desc(1, BUF, 16, NEXT, 0);
	breaks("circle");
	queue();
	desc(0, BUF, 16, WRITE | NEXT, 1);
	desc(1, BUF, 16, 0, 0);
	breaks("readable behind writable");
	queue();
	desc(0, BUF, 16, 8, 0);
	breaks("unknown flag");
	queue();
	desc(0, TABLE, 24, INDIRECT, 0);
	breaks("table of one and a half");
	queue();
	desc(0, TABLE, 0, INDIRECT, 0);
	breaks("empty table");
	queue();
	desc(0, TABLE, 16 * 257, INDIRECT, 0);
	breaks("table longer than any queue");
	queue();
	desc_at(TABLE, 0, TABLE, 16, INDIRECT, 0);
	desc(0, TABLE, 16, INDIRECT, 0);
	breaks("table in a table");
	queue();
	desc(0, TABLE, 16, INDIRECT | NEXT, 1);
	breaks("table with a next");
	queue();
	desc(0, RAM + 4096, 16, INDIRECT, 0);
	breaks("table beyond memory");
	queue();
	desc_at(TABLE, 0, BUF, 5, NEXT, 1);
	desc(0, TABLE, 16, INDIRECT, 0);
	breaks("next beyond the table");
}

UNIT_TEST(hostile_rings_break_the_queue)
{
	uint16_t *a;

	queue();
	avail(SIZE);
	EXPECT_EQ(virtq_pop(&q, &c), -EPROTO);
	queue();
	a = (uint16_t *)(ram + AVAIL);
	a[1] = SIZE + 1;	/* more than there can be */
	EXPECT_EQ(virtq_waiting(&q), 0);
	EXPECT_TRUE(q.broken);
	queue();
	desc(0, BUF, 16, 0, 0);
	avail(0);
	avail(0);		/* the same head twice */
	EXPECT_EQ(virtq_pop(&q, &c), 1);
	EXPECT_EQ(virtq_pop(&q, &c), -EPROTO);
	queue();
	desc(0, BUF, 16, 0, 0);
	avail(0);
	EXPECT_EQ(virtq_pop(&q, &c), 1);
	virtq_unpop(&q, &c);
	EXPECT_EQ(virtq_waiting(&q), 1);
	EXPECT_EQ(virtq_pop(&q, &c), 1);
}

UNIT_TEST(queues_that_cannot_be)
{
	static const struct { uint16_t size; uint64_t desc, avail, used; } t[] = {
		{ 0, DESC, AVAIL, USED }, { 6, DESC, AVAIL, USED }, { 512, DESC, AVAIL, USED },
		{ 8, DESC + 8, AVAIL, USED }, { 8, DESC, AVAIL + 1, USED },
		{ 8, DESC, AVAIL, USED + 2 }, { 8, RAM, AVAIL, USED }, { 8, DESC, RAM, USED },
		{ 8, DESC, AVAIL, RAM - 4096 },		/* read-only */
		{ 8, DESC, AVAIL, RAM - 4096 - 8 }, { 8, ~15ull, AVAIL, USED },
	};
	unsigned int i;

	memory();
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		virtq_reset(&q, &mem, t[i].size);
		q.desc = t[i].desc;
		q.avail = t[i].avail;
		q.used = t[i].used;
		if (virtq_enable(&q))
			UNIT_FAIL("case %u was taken", i);
		EXPECT_EQ(virtq_pop(&q, &c), 0);
	}
}

/* ---- the device ---- */

static struct vnet *v;
static unsigned int interrupts[32], sent, flushed;
static uint8_t sent_frame[70000];
static size_t sent_len;
static struct switch_frame sent_as;

static void on_interrupt(void *priv, uint16_t vector)
{
	interrupts[vector]++;
}

static void on_transmit(void *priv, const struct switch_frame *f)
{
	sent++;
	sent_len = f->len;
	sent_as = *f;
	memcpy(sent_frame, f->data, f->len);
}

static void on_transmitted(void *priv)
{
	flushed++;
}

static const char *refused;	/* what on_refuses() refuses */

static bool on_refuses(void *priv, const char *what)
{
	return refused && !strcmp(what, refused);
}

static const struct vnet_ops ops = { on_interrupt, on_transmit, on_transmitted, on_refuses };
static const uint8_t mac[6] = { 0, 0x15, 0x5d, 1, 2, 3 };

static void device(unsigned int pairs, bool csum, bool tso)
{
	struct vnet_cfg cfg = { .pairs = pairs, .csum = csum, .tso = tso, .link_up = true,
				.speed_mbps = 10000 };

	memory();
	memcpy(cfg.mac, mac, 6);
	memset(interrupts, 0, sizeof(interrupts));
	sent = flushed = 0;
	v = vnet_create(&mem, &cfg, &ops, NULL);
}

/* Queues lie 0x3000 apart from 0x1000 on; buffers behind them. */
#define QDESC(n)	(0x1000u + (n) * 0x3000u)
#define DBUF		0x18000u

static void dqueue(unsigned int n)
{
	vnet_write(v, 0x16, n, 2);
	vnet_write(v, 0x18, SIZE, 2);
	vnet_write(v, 0x1a, n + 1, 2);
	vnet_write(v, 0x20, QDESC(n), 4);
	vnet_write(v, 0x24, 0, 4);
	vnet_write(v, 0x28, QDESC(n) + 0x1000, 4);
	vnet_write(v, 0x2c, 0, 4);
	vnet_write(v, 0x30, QDESC(n) + 0x2000, 4);
	vnet_write(v, 0x34, 0, 4);
	vnet_write(v, 0x1c, 1, 2);
}

static uint64_t offered(void)
{
	uint64_t f;

	vnet_write(v, 0, 0, 4);
	f = vnet_read(v, 4, 4);
	vnet_write(v, 0, 1, 4);
	return f | (uint64_t)vnet_read(v, 4, 4) << 32;
}

static uint32_t negotiate(uint64_t f)
{
	vnet_write(v, 0x14, 0, 1);
	vnet_write(v, 0x14, 3, 1);
	vnet_write(v, 8, 0, 4);
	vnet_write(v, 12, (uint32_t)f, 4);
	vnet_write(v, 8, 1, 4);
	vnet_write(v, 12, (uint32_t)(f >> 32), 4);
	vnet_write(v, 0x14, 11, 1);
	return vnet_read(v, 0x14, 1);
}

static void up(uint64_t without)
{
	unsigned int i;

	EXPECT_EQ(negotiate(offered() & ~without), 11);
	for (i = 0; i < 3; i++)
		dqueue(i);
	vnet_write(v, 0x10, 0, 2);
	vnet_write(v, 0x14, 15, 1);
	EXPECT_TRUE(vnet_ready(v));
}

static void davail(unsigned int n, uint16_t head)
{
	uint16_t *a = (uint16_t *)(ram + QDESC(n) + 0x1000);

	a[2 + a[1] % SIZE] = head;
	a[1]++;
}

static unsigned int dused(unsigned int n)
{
	return *(uint16_t *)(ram + QDESC(n) + 0x2002);
}

static void kick(unsigned int n)
{
	vnet_write(v, 0x1000 + 4 * n, n, 2);
}

static int64_t count(const char *name)
{
	json_t *o = vnet_report(v);
	json_t *x = json_object_get(o, name);
	int64_t n = json_is_integer(x) ? json_integer_value(x) : json_is_true(x);

	json_decref(o);
	return n;
}

static void transmit(const void *hdr, const void *frame, size_t len)
{
	memset(ram + DBUF, 0, 12);
	if (hdr)
		memcpy(ram + DBUF, hdr, 12);
	memcpy(ram + DBUF + 12, frame, len);
	desc_at(QDESC(1), 0, DBUF, (uint32_t)(12 + len), 0, 0);
	davail(1, 0);
	kick(1);
}

UNIT_TEST(registers_after_power_on)
{
	device(2, true, true);
	EXPECT_EQ(vnet_read(v, 0x12, 2), 5);
	EXPECT_EQ(vnet_read(v, 0x14, 1), 0);
	EXPECT_EQ(vnet_read(v, 0x18, 2), 256);
	EXPECT_EQ(vnet_read(v, 0x1a, 2), 0xffff);
	vnet_write(v, 0x16, 5, 2);
	EXPECT_EQ(vnet_read(v, 0x18, 2), 0);	/* there is no sixth queue */
	vnet_write(v, 0x18, 8, 2);
	vnet_write(v, 0x1c, 1, 2);
	EXPECT_EQ(vnet_read(v, 0x400, 4), 0x015d1500);
	EXPECT_EQ(vnet_read(v, 0x406, 2), 1);
	EXPECT_EQ(vnet_read(v, 0x408, 2), 2);
	EXPECT_EQ(vnet_read(v, 0x40c, 4), 10000);
	EXPECT_EQ(vnet_read(v, 0x800, 4), 0xffffffff);
	EXPECT_EQ(vnet_read(v, 0x36, 4), 0xffffffff);	/* across the end of the block */
	EXPECT_EQ(vnet_read(v, 0, 8), 0xffffffff);
	vnet_write(v, 0x2000, 1, 4);
	EXPECT_EQ(count("bad_accesses"), 4);
	vnet_free(v);
}

UNIT_TEST(features_are_agreed_on_or_not)
{
	device(1, true, true);
	EXPECT_EQ(offered() >> 32 & 1, 1);
	EXPECT_EQ(offered() >> 22 & 1, 0);	/* one pair: no MQ */
	EXPECT_EQ(negotiate(offered()), 11);
	EXPECT_EQ(negotiate(offered() & ~(1ull << 32)), 3);
	EXPECT_EQ(negotiate(offered() | 1ull << 40), 3);
	vnet_write(v, 0x14, 7, 1);
	EXPECT_FALSE(vnet_ready(v));
	vnet_free(v);
	device(2, false, true);
	EXPECT_EQ(offered() & (1 | 2 | 1 << 11 | 1 << 12), 0);	/* TSO wants checksums */
	EXPECT_EQ(offered() >> 22 & 1, 1);
	vnet_free(v);
}

UNIT_TEST(a_frame_goes_out)
{
	uint8_t f[60] = { 2, 0, 0, 0, 0, 9 };
	uint8_t bad[12] = { 0x80 }, gso[12] = { 0, 1, 0, 0, 100, 0 };

	device(1, true, true);
	transmit(NULL, f, sizeof(f));		/* before DRIVER_OK */
	EXPECT_EQ(sent, 0);
	memset(ram, 0, RAM - 4096);
	up(0);
	transmit(NULL, f, sizeof(f));
	EXPECT_EQ(sent, 1);
	EXPECT_EQ(flushed, 1);
	EXPECT_EQ(sent_len, 60);
	EXPECT_MEMEQ(sent_frame, f, 60);
	EXPECT_EQ(interrupts[2], 1);
	EXPECT_EQ(dused(1), 1);
	transmit(bad, f, sizeof(f));
	transmit(gso, f, sizeof(f));		/* large send without a checksum */
	transmit(NULL, f, 13);
	EXPECT_EQ(sent, 1);
	EXPECT_EQ(count("tx_bad"), 3);
	EXPECT_EQ(dused(1), 4);			/* all are given back */
	vnet_free(v);
}

UNIT_TEST(a_tag_travels_beside_the_frame)
{
	uint8_t f[64] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 1, 2, 3, 0x81, 0, 0x20, 5, 0x88, 0xb5 };
	struct switch_frame in;

	device(1, true, true);
	up(0);
	transmit(NULL, f, sizeof(f));
	EXPECT_TRUE(sent_as.tagged);
	EXPECT_EQ(sent_as.tci, 0x2005);
	EXPECT_EQ(sent_len, 60);
	EXPECT_EQ(sent_frame[12], 0x88);
	desc_at(QDESC(0), 0, DBUF, 2048, 2, 0);
	davail(0, 0);
	in = sent_as;
	in.data = sent_frame;
	memcpy(sent_frame, mac, 6);
	vnet_deliver(v, &in);
	memcpy(f, mac, 6);
	EXPECT_EQ(*(uint32_t *)(ram + QDESC(0) + 0x2008), 12 + 64);
	EXPECT_MEMEQ(ram + DBUF + 12, f, 64);
	EXPECT_EQ(interrupts[1], 0);
	vnet_flush(v);
	EXPECT_EQ(interrupts[1], 1);
	vnet_flush(v);
	EXPECT_EQ(interrupts[1], 1);
	vnet_free(v);
}

/* An IPv4 TCP frame of @payload bytes with a seeded checksum; its length. */
static size_t tcp(uint8_t *f, size_t payload)
{
	struct pkt_info info;
	size_t i;

	memset(f, 0, 54);
	f[0] = 2;
	f[12] = 8;
	f[14] = 0x45;
	put_be16(f + 16, (uint16_t)(40 + payload));
	f[22] = 64;
	f[23] = 6;
	put_be32(f + 26, 0xc0000201);
	put_be32(f + 30, 0xc0000202);
	put_be16(f + 34, 1000);
	put_be16(f + 36, 2000);
	f[46] = 0x50;
	for (i = 0; i < payload; i++)
		f[54 + i] = (uint8_t)i;
	pkt_parse(f, 54 + payload, &info);
	pkt_fill_ip4_csum(f, &info);
	put_be16(f + 50, pkt_pseudo_sum(f, &info, (uint32_t)(20 + payload)));
	return 54 + payload;
}

UNIT_TEST(checksum_is_filled_in)
{
	uint8_t f[200], hdr[12] = { 1, 0, 0, 0, 0, 0, 34, 0, 16, 0 };
	struct pkt_info info;
	size_t len = tcp(f, 33);

	device(1, true, true);
	up(0);
	transmit(hdr, f, len);
	EXPECT_EQ(sent, 1);
	EXPECT_TRUE(sent_as.l4_good);
	pkt_parse(sent_frame, sent_len, &info);
	EXPECT_TRUE(pkt_l4_csum_good(sent_frame, &info));
	hdr[6] = (uint8_t)(len - 16);		/* the field lies beyond the frame */
	transmit(hdr, f, len);
	EXPECT_EQ(count("tx_bad"), 1);
	up(1);					/* CSUM was not agreed on */
	hdr[6] = 34;
	memset(ram + QDESC(1), 0, 0x3000);
	dqueue(1);
	transmit(hdr, f, len);
	EXPECT_EQ(sent, 1);
	vnet_free(v);
}

UNIT_TEST(a_large_send_is_cut)
{
	static uint8_t f[5000];
	uint8_t hdr[12] = { 1, 1, 54, 0, 0xe8, 3, 34, 0, 16, 0 };	/* 1000 bytes each */
	struct pkt_info info;
	size_t len = tcp(f, 2500);

	device(1, true, true);
	up(0);
	transmit(hdr, f, len);
	EXPECT_EQ(sent, 3);
	EXPECT_EQ(sent_len, 554);
	pkt_parse(sent_frame, sent_len, &info);
	EXPECT_TRUE(pkt_l4_csum_good(sent_frame, &info));
	EXPECT_EQ(count("tx_segments"), 3);
	hdr[1] = 3;				/* UDP: not offered */
	transmit(hdr, f, len);
	hdr[1] = 1;
	hdr[4] = hdr[5] = 0;			/* no segment size */
	transmit(hdr, f, len);
	EXPECT_EQ(count("tx_bad"), 2);
	vnet_free(v);
}

static void deliver(const uint8_t *dst, size_t len)
{
	static uint8_t f[9100];
	struct switch_frame in = { .data = f, .len = len, .l4_good = true };
	size_t i;

	for (i = 0; i < len; i++)
		f[i] = (uint8_t)(i * 7);
	memcpy(f, dst, 6);
	vnet_deliver(v, &in);
}

UNIT_TEST(a_long_frame_takes_several_buffers)
{
	unsigned int i;

	device(1, true, true);
	up(0);
	for (i = 0; i < 3; i++) {
		desc_at(QDESC(0), i, DBUF + i * 0x1000, 1000, 2, 0);
		davail(0, (uint16_t)i);
	}
	EXPECT_EQ(vnet_room(v), 3);
	deliver(mac, 2500);
	EXPECT_EQ(dused(0), 3);
	EXPECT_EQ(ram[DBUF + 10], 3);		/* num_buffers */
	EXPECT_EQ(ram[DBUF], 2);		/* DATA_VALID */
	EXPECT_EQ(ram[DBUF + 12 + 987], (uint8_t)(987 * 7));
	EXPECT_EQ(ram[DBUF + 0x1000], (uint8_t)(988 * 7));
	EXPECT_EQ(*(uint32_t *)(ram + QDESC(0) + 0x2000 + 4 + 2 * 8 + 4), 2512 - 2000);
	davail(0, 0);
	deliver(mac, 2500);			/* only one buffer: dropped, the buffer stays */
	EXPECT_EQ(dused(0), 3);
	EXPECT_EQ(count("rx_no_buffer"), 1);
	deliver(mac, 900);
	EXPECT_EQ(dused(0), 4);
	vnet_free(v);
}

UNIT_TEST(without_merging_a_frame_fits_or_is_dropped)
{
	device(1, true, true);
	up(1 << 15);
	desc_at(QDESC(0), 0, DBUF, 12, 2 | 1, 1);
	desc_at(QDESC(0), 1, DBUF + 0x100, 1000, 2, 0);
	davail(0, 0);
	deliver(mac, 1001);
	EXPECT_EQ(dused(0), 0);
	deliver(mac, 1000);
	EXPECT_EQ(dused(0), 1);
	EXPECT_EQ(ram[DBUF + 10], 1);
	EXPECT_EQ(ram[DBUF + 0x100 + 6], 42);
	vnet_free(v);
}

static uint8_t control_by(unsigned int n, uint8_t class, uint8_t cmd, const void *body, size_t len)
{
	uint8_t *at = ram + DBUF + 0x4000;

	at[0] = class;
	at[1] = cmd;
	memcpy(at + 2, body, len);
	at[0x1000] = 0xff;
	desc_at(QDESC(n), 0, DBUF + 0x4000, (uint32_t)(2 + len), 1, 1);
	desc_at(QDESC(n), 1, DBUF + 0x5000, 1, 2, 0);
	davail(n, 0);
	kick(n);
	return at[0x1000];
}

static uint8_t control(uint8_t class, uint8_t cmd, const void *body, size_t len)
{
	return control_by(2, class, cmd, body, len);
}

UNIT_TEST(control_queue)
{
	static const uint8_t group[6] = { 1, 0, 0x5e, 0, 0, 1 }, other[6] = { 2, 2, 2, 2, 2, 2 };
	uint8_t table[8 + 6] = { 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0x5e, 0, 0, 1 };
	uint8_t on[1] = { 1 }, off[1] = { 0 };
	unsigned int i;

	device(1, true, true);
	up(0);
	for (i = 0; i < 7; i++) {
		desc_at(QDESC(0), i, DBUF, 2000, 2, 0);
		davail(0, (uint16_t)i);
	}
	deliver(group, 60);
	deliver(other, 60);
	EXPECT_EQ(count("rx_filter"), 2);
	EXPECT_EQ(control(1, 0, table, sizeof(table)), 0);
	deliver(group, 60);
	EXPECT_EQ(dused(0), 1);
	EXPECT_EQ(control(0, 0, on, 1), 0);
	deliver(other, 60);
	EXPECT_EQ(dused(0), 2);
	EXPECT_EQ(control(0, 0, off, 1), 0);
	EXPECT_EQ(control(1, 1, other, 6), 0);
	deliver(other, 60);
	EXPECT_EQ(dused(0), 3);
	EXPECT_EQ(control(5, 0, "\0\0\0\0\0\0\0", 8), 0);	/* no receive offloads */
	deliver(other, 60);
	EXPECT_EQ(ram[DBUF], 0);
	/* Refused: */
	EXPECT_EQ(control(0, 2, on, 1), 1);
	EXPECT_EQ(control(0, 0, on, 0), 1);
	EXPECT_EQ(control(1, 0, table, 13), 1);
	table[4] = 0xff;
	EXPECT_EQ(control(1, 0, table, sizeof(table)), 1);
	EXPECT_EQ(control(1, 1, group, 6), 1);
	EXPECT_EQ(control(4, 0, "\1\0", 2), 1);			/* MQ: one pair */
	EXPECT_EQ(control(5, 0, "\xff\0\0\0\0\0\0", 8), 1);
	EXPECT_EQ(control(9, 0, on, 1), 1);
	EXPECT_EQ(count("controls_refused"), 8);
	/* by a fault: one class and no other */
	refused = "rx";
	EXPECT_EQ(control(0, 0, on, 1), 1);
	EXPECT_EQ(control(1, 1, other, 6), 0);
	refused = NULL;
	EXPECT_EQ(control(0, 0, on, 1), 0);
	EXPECT_EQ(interrupts[3], 16);
	vnet_free(v);
}

UNIT_TEST(flows_spread_over_the_pairs)
{
	static uint8_t f[200];
	unsigned int i, n[2];

	device(2, true, true);
	EXPECT_EQ(negotiate(offered()), 11);
	for (i = 0; i < 5; i++)
		dqueue(i);
	vnet_write(v, 0x14, 15, 1);
	desc_at(QDESC(4), 0, DBUF + 0x4000, 4, 1, 1);
	desc_at(QDESC(4), 1, DBUF + 0x5000, 1, 2, 0);
	memcpy(ram + DBUF + 0x4000, "\4\0\2\0", 4);
	davail(4, 0);
	kick(4);
	EXPECT_EQ(count("pairs"), 2);
	for (i = 0; i < 8; i++) {
		desc_at(QDESC(0), i, DBUF, 2000, 2, 0);
		desc_at(QDESC(2), i, DBUF, 2000, 2, 0);
		davail(0, (uint16_t)i);
		davail(2, (uint16_t)i);
	}
	for (i = 0; i < 8; i++) {
		struct switch_frame in = { .data = f, .len = tcp(f, 10) };

		memcpy(f, mac, 6);
		put_be16(f + 34, (uint16_t)(5000 + i));
		vnet_deliver(v, &in);
	}
	n[0] = dused(0);
	n[1] = dused(2);
	EXPECT_EQ(n[0] + n[1], 8);
	EXPECT_GT(n[0], 0);
	EXPECT_GT(n[1], 0);
	vnet_free(v);
}

UNIT_TEST(steering_by_table_and_key)
{
	struct vnet_cfg cfg = { .pairs = 2, .rss = true, .link_up = true };
	uint8_t body[8 + 2 * 4 + 3 + 40 + 1] = { 0x3f, 0, 0, 0, 3, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 2, 0, 40 };
	static uint8_t f[200];
	unsigned int i, at[] = { 4, 6, 8, 16, 18 };
	uint8_t good;

	memory();
	memcpy(cfg.mac, mac, 6);
	v = vnet_create(&mem, &cfg, &ops, NULL);
	EXPECT_EQ(offered() >> 60 & 1, 1);
	EXPECT_EQ(vnet_read(v, 0x411, 1), 40);
	EXPECT_EQ(vnet_read(v, 0x412, 2), 64);
	EXPECT_EQ(vnet_read(v, 0x414, 4), 0x3f);
	EXPECT_EQ(negotiate(offered()), 11);
	for (i = 0; i < 5; i++)
		dqueue(i);
	vnet_write(v, 0x14, 15, 1);
	for (i = 0; i < 8; i++) {
		desc_at(QDESC(0), i, DBUF, 2000, 2, 0);
		desc_at(QDESC(2), i, DBUF, 2000, 2, 0);
		davail(0, (uint16_t)i);
		davail(2, (uint16_t)i);
	}
	memset(body + 19, 0x5a, 40);
	/* Mask, unclassified, entry, pairs, key size: nothing that is not there. */
	for (i = 0; i < 5; i++) {
		good = body[at[i]];
		body[at[i]] = i ? 41 : 2;
		EXPECT_EQ(control_by(4, 4, 1, body, sizeof(body)), 1);
		body[at[i]] = good;
	}
	EXPECT_EQ(control_by(4, 4, 1, body, sizeof(body) - 2), 1);
	EXPECT_EQ(control_by(4, 4, 1, body, sizeof(body) - 1), 0);
	EXPECT_EQ(control_by(4, 4, 1, body, sizeof(body)), 0);	/* 6.12: one more */
	EXPECT_EQ(count("pairs"), 2);
	for (i = 0; i < 8; i++) {
		struct switch_frame in = { .data = f, .len = tcp(f, 10) };

		memcpy(f, mac, 6);
		put_be16(f + 34, (uint16_t)(5000 + i));
		vnet_deliver(v, &in);
	}
	EXPECT_EQ(dused(0), 0);
	EXPECT_EQ(dused(2), 8);
	vnet_free(v);
	device(2, true, true);
	EXPECT_EQ(offered() >> 60 & 1, 0);
	vnet_free(v);
}

UNIT_TEST(a_broken_queue_needs_a_reset)
{
	uint8_t f[60] = { 2 };

	device(1, true, true);
	up(0);
	desc_at(QDESC(1), 0, RAM, 100, 0, 0);
	davail(1, 0);
	kick(1);
	EXPECT_EQ(vnet_read(v, 0x14, 1), 0x4f);
	EXPECT_FALSE(vnet_ready(v));
	EXPECT_EQ(interrupts[0], 1);
	deliver(mac, 60);
	EXPECT_EQ(count("rx_not_ready"), 1);
	memset(ram, 0, RAM - 4096);
	up(0);
	transmit(NULL, f, sizeof(f));
	EXPECT_EQ(sent, 1);
	/* A queue that lies nowhere: enabling it breaks the device. */
	negotiate(offered());
	vnet_write(v, 0x16, 0, 2);
	vnet_write(v, 0x20, RAM, 4);
	vnet_write(v, 0x1c, 1, 2);
	EXPECT_EQ(vnet_read(v, 0x1c, 2), 0);
	EXPECT_EQ(vnet_read(v, 0x14, 1), 0x4b);
	EXPECT_EQ(count("broken"), 2);
	vnet_free(v);
}

UNIT_TEST(link_changes_are_told)
{
	device(1, true, true);
	vnet_link(v, false);
	EXPECT_EQ(interrupts[0], 0);
	vnet_link(v, true);
	up(0);
	vnet_link(v, false);
	EXPECT_EQ(interrupts[0], 1);
	EXPECT_EQ(vnet_read(v, 0x406, 2), 0);
	EXPECT_EQ(vnet_read(v, 0x40c, 4), 0xffffffff);
	EXPECT_EQ(vnet_read(v, 0x200, 1), 2);
	EXPECT_EQ(vnet_read(v, 0x200, 1), 0);
	EXPECT_EQ(vnet_read(v, 0x15, 1), 3);
	deliver(mac, 60);
	EXPECT_EQ(count("rx_link"), 1);
	vnet_free(v);
}

/* Whatever a driver writes: nothing is touched that it has not given. */
UNIT_TEST(random_rings_and_registers)
{
	unsigned int round, i;
	uint32_t x = 1;

	for (round = 0; round < 300; round++) {
		device(1, true, true);
		up(0);
		for (i = 0x1000; i < 0xa000; i++) {
			x = x * 1103515245 + 12345;
			if (x >> 24 < 40)
				ram[i] = (uint8_t)(x >> 16 & 0x1f);
		}
		for (i = 0; i < 40; i++) {
			x = x * 1103515245 + 12345;
			kick(x >> 16 & 3);
			deliver(mac, 60 + (x >> 18 & 0x7ff));
			if (x >> 28 == 7)
				vnet_write(v, x >> 16 & 0x3f, x >> 3, 1u << (x >> 22 & 3) % 3);
		}
		vnet_free(v);
	}
}

UNIT_MAIN()
