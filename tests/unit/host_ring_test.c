// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vmbus/[a-z]*.c tests/host/fault/[a-z]*.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus */
/*
 * DOC: packets in the rings: wrap, full, masks, signals, and rings that make no
 * sense (vmbus-host.md C).
 */
#include "host_bus.h"
#include "loop_run.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

static struct vmbus_channel *ch;
static struct membus_channel g;
static struct vmbus_packet pkt;
static uint8_t buf[VMBUS_PKT_MAX];

/* An open channel with rings of @pages (control page counted). */
static void open_with(uint32_t pages)
{
	ch = begin();
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), pages, 1, &g), 0);
	dev.doorbells = 0;
}

/* A ring as a hostile guest would have it: @desc words, then nothing of note. */
static void put_header(uint16_t type, uint16_t off8, uint16_t len8, uint16_t flags, size_t len)
{
	uint8_t raw[64] = { 0 };
	uint16_t words[4] = { type, off8, len8, flags };

	memcpy(raw, words, 8);
	EXPECT_TRUE(membus_put_raw(&g, raw, len));
}

static void expect_dead(const char *name)
{
	EXPECT_EQ(channel_recv(ch, &pkt, buf), -EPROTO);
	EXPECT_EQ(noted(name), 1);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), -EPROTO);	/* and stays so, silently */
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "x", 1), -ENODEV);
	EXPECT_EQ(*membus_word(&g, true, 2), 1);		/* no doorbells wanted */
	membus_close(&g);
	EXPECT_EQ(membus_open(mb, membus_offer(mb, 0), 4, 1, &g), 0);
	EXPECT_TRUE(membus_put(&g, 6, 0, 5, NULL, 0, "alive", 5));
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	finish();
}

/* ---- guest to host ---- */

UNIT_TEST(packets_come_in_order_and_unchanged)
{
	uint8_t payload[100];
	unsigned int i;

	open_with(3);
	for (i = 0; i < 20; i++) {
		memset(payload, (int)i, sizeof(payload));
		EXPECT_TRUE(membus_put(&g, 6, i & 1, 1000 + i, NULL, 0, payload, 50 + i));
	}
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
		EXPECT_EQ(pkt.type, 6);
		EXPECT_EQ(pkt.flags, i & 1);
		EXPECT_EQ(pkt.trans_id, 1000 + i);
		EXPECT_EQ(pkt.desc_len, 16);
		EXPECT_EQ(pkt.payload_len, (50 + i + 7) / 8 * 8);
		EXPECT_EQ(pkt.payload[0], i);
		EXPECT_EQ(pkt.payload[49 + i], i);
	}
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 0);
	EXPECT_EQ(channel_stats(ch)->rx_packets, 20);
	finish();
}

UNIT_TEST(packets_wrap_at_every_place)
{
	uint8_t payload[240];
	unsigned int i, k;

	open_with(2);	/* 4096 data bytes */
	for (i = 0; i < 2000; i++) {
		size_t len = i % 241;

		for (k = 0; k < len; k++)
			payload[k] = (uint8_t)(i + k);
		EXPECT_TRUE(membus_put(&g, 6, 0, i, NULL, 0, payload, len));
		ASSERT_EQ(channel_recv(ch, &pkt, buf), 1);
		EXPECT_EQ(pkt.trans_id, i);
		if (memcmp(pkt.payload, payload, len))
			UNIT_FAIL("packet %u changed", i);
		EXPECT_EQ(channel_send(ch, VMBUS_PKT_COMPLETION, 0, i, payload, len), 0);
		ASSERT_EQ(membus_get(&g, &pkt, buf), 1);
		EXPECT_EQ(pkt.trans_id, i);
		if (memcmp(pkt.payload, payload, len))
			UNIT_FAIL("answer %u changed", i);
	}
	finish();
}

UNIT_TEST(extended_header_is_part_of_the_descriptor)
{
	uint8_t ext[24] = { [4] = 1, [8] = 60, [12] = 40, [16] = 0x11 };

	open_with(4);
	EXPECT_TRUE(membus_put(&g, 9, 1, 7, ext, sizeof(ext), "nvsp", 4));
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(pkt.type, VMBUS_PKT_GPA_DIRECT);
	EXPECT_EQ(pkt.desc_len, 40);
	EXPECT_MEMEQ(pkt.desc + 16, ext, 24);
	EXPECT_MEMEQ(pkt.payload, "nvsp", 4);
	finish();
}

UNIT_TEST(doorbells_are_masked_while_the_device_reads)
{
	open_with(4);
	EXPECT_TRUE(membus_put(&g, 6, 0, 1, NULL, 0, "a", 1));
	EXPECT_EQ(g.signals, 1);
	EXPECT_EQ(dev.doorbells, 1);
	EXPECT_TRUE(membus_put(&g, 6, 0, 2, NULL, 0, "b", 1));
	EXPECT_EQ(g.signals, 1);			/* not empty: no doorbell */
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(*membus_word(&g, true, 2), 1);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_TRUE(membus_put(&g, 6, 0, 3, NULL, 0, "c", 1));
	EXPECT_EQ(g.signals, 1);			/* masked: no doorbell */
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 0);
	EXPECT_EQ(*membus_word(&g, true, 2), 0);
	EXPECT_TRUE(membus_put(&g, 6, 0, 4, NULL, 0, "d", 1));
	EXPECT_EQ(g.signals, 2);
	EXPECT_EQ(channel_stats(ch)->rx_signals, 2);
	finish();
}

UNIT_TEST(doorbells_without_news_are_counted)
{
	open_with(4);
	membus_signal(&g);
	membus_signal(&g);
	EXPECT_EQ(channel_stats(ch)->rx_signals, 2);
	EXPECT_EQ(channel_stats(ch)->rx_spurious, 2);
	finish();
}

UNIT_TEST(largest_packet_is_taken_one_more_is_not)
{
	static uint8_t payload[VMBUS_PKT_MAX];

	open_with(8);
	EXPECT_TRUE(membus_put(&g, 6, 0, 1, NULL, 0, payload, VMBUS_PKT_MAX - 16));
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(pkt.payload_len, VMBUS_PKT_MAX - 16);
	EXPECT_TRUE(membus_put(&g, 6, 0, 1, NULL, 0, payload, VMBUS_PKT_MAX - 8));
	expect_dead("ring.packet.too_long");
}

UNIT_TEST(lengths_that_make_no_sense_kill_the_channel)
{
	static const struct { uint16_t off8, len8; } bad[] = {
		{ 0, 3 }, { 1, 3 }, { 4, 3 }, { 2, 0 }, { 2, 1 }, { 2, 5 }, { 2, 0xffff }, { 0xffff, 3 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_with(4);
		put_header(6, bad[i].off8, bad[i].len8, 0, 24);
		expect_dead("ring.packet.length");
	}
}

UNIT_TEST(less_than_a_packet_kills_the_channel)
{
	open_with(4);
	put_header(6, 2, 2, 0, 8);
	expect_dead("ring.short");
}

UNIT_TEST(types_and_flags_of_no_guest_kill_the_channel)
{
	static const struct { uint16_t type, flags; const char *name; } bad[] = {
		{ 0, 0, "ring.packet.type" }, { 1, 0, "ring.packet.type" },
		{ 7, 0, "ring.packet.type" }, { 8, 0, "ring.packet.type" },
		{ 0xa, 0, "ring.packet.type" }, { 0xc, 0, "ring.packet.type" },
		{ 6, 2, "ring.packet.flags" }, { 6, 0x8001, "ring.packet.flags" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_with(4);
		put_header(bad[i].type, 2, 3, bad[i].flags, 24);
		expect_dead(bad[i].name);
	}
}

UNIT_TEST(guest_indices_out_of_range_kill_the_channel)
{
	static const uint32_t bad[] = { 3 * 4096, 3 * 4096 + 8, 4, 0x80000000, 0xfffffff8, 0xffffffff };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_with(4);
		*membus_word(&g, true, 0) = bad[i];
		expect_dead("ring.index");
		open_with(4);
		*membus_word(&g, false, 1) = bad[i];
		EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "x", 1), -ENODEV);
		expect_dead("ring.index");
	}
}

UNIT_TEST(host_indices_belong_to_the_host)
{
	open_with(4);
	EXPECT_TRUE(membus_put(&g, 6, 0, 1, NULL, 0, "a", 1));
	*membus_word(&g, true, 1) = 0xfffffff0;
	expect_dead("ring.index_of_host");
	open_with(4);
	*membus_word(&g, false, 0) = 64;
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "x", 1), -ENODEV);
	expect_dead("ring.index_of_host");
}

UNIT_TEST(trailer_that_names_another_start_is_noted)
{
	uint8_t wrong = 8;

	open_with(4);
	EXPECT_TRUE(membus_put(&g, 6, 0, 1, NULL, 0, "a", 1));
	membus_gpadl_copy_in(mb, &g.mem, 4096 + 24 + 4, &wrong, 1);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(noted("ring.packet.trailer"), 1);
	finish();
}

UNIT_TEST(blocked_writer_is_woken_once_whatever_the_mask)
{
	uint8_t payload[1000] = { 0 };
	unsigned int n = 0;

	open_with(2);
	while (membus_put(&g, 6, 0, n, NULL, 0, payload, sizeof(payload)))
		n++;
	EXPECT_EQ(n, 3);	/* 3 * 1024 of 4096; a fourth would fill it wholly */
	*membus_word(&g, true, 3) = 1500;
	*membus_word(&g, false, 2) = 1;
	membus_events(mb, 1, 1);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(membus_events(mb, 1, 1), 1);	/* 1024 -> 2048 crosses 1500 */
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
	EXPECT_EQ(membus_events(mb, 1, 1), 0);
	finish();
}

UNIT_TEST(writer_that_waits_for_more_is_not_woken_early)
{
	uint8_t payload[1000] = { 0 };
	unsigned int i;

	open_with(2);
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(membus_put(&g, 6, 0, i, NULL, 0, payload, sizeof(payload)));
	*membus_word(&g, true, 3) = 3000;
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(membus_events(mb, 1, 1), 0);
		EXPECT_EQ(channel_recv(ch, &pkt, buf), 1);
		if (i == 1)
			EXPECT_EQ(membus_events(mb, 1, 1), 1);	/* 2048 -> 3072 */
	}
	EXPECT_EQ(membus_events(mb, 1, 1), 0);
	finish();
}

/* ---- host to guest ---- */

UNIT_TEST(guest_is_signalled_when_the_ring_was_empty)
{
	open_with(4);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "a", 1), 0);
	EXPECT_EQ(membus_events(mb, 1, 1), 1);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "b", 1), 0);
	EXPECT_EQ(membus_events(mb, 1, 1), 0);
	while (membus_get(&g, &pkt, buf) == 1)
		;
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "c", 1), 0);
	EXPECT_EQ(membus_events(mb, 1, 1), 1);
	EXPECT_EQ(channel_stats(ch)->tx_signals, 2);
	EXPECT_EQ(channel_stats(ch)->tx_packets, 3);
	finish();
}

UNIT_TEST(guest_that_polls_is_not_signalled)
{
	open_with(4);
	*membus_word(&g, false, 2) = 1;
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "a", 1), 0);
	EXPECT_EQ(membus_events(mb, 1, 1), 0);
	EXPECT_EQ(membus_get(&g, &pkt, buf), 1);
	finish();
}

UNIT_TEST(padding_is_zero_and_the_trailer_names_the_start)
{
	uint8_t raw[72];

	open_with(4);
	membus_gpadl_copy_in(mb, &g.mem, 5 * 4096, memset(buf, 0xee, 4096), 4096);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_COMPLETION, 0, 0x1122334455667788, "abc", 3), 0);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 1, 9, NULL, 0), 0);
	membus_gpadl_copy_out(mb, &g.mem, 5 * 4096, raw, sizeof(raw));
	EXPECT_MEMEQ(raw, ((const uint8_t[72]){
		0x0b, 0, 2, 0, 3, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		'a', 'b', 'c', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		6, 0, 2, 0, 2, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0,
		0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
		0xee, 0xee, 0xee, 0xee }), 72);
	finish();
}

UNIT_TEST(transfer_pages_packet_has_its_ranges_in_the_descriptor)
{
	const struct vmbus_range r[2] = { { 100, 0 }, { 60, 0x1000 } };
	static const uint8_t want[40] = {
		7, 0, 5, 0, 6, 0, 1, 0, 0x2a, 0, 0, 0, 0, 0, 0, 0,
		0xef, 0xbe, 0, 0, 2, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0x10, 0, 0,
	};

	open_with(4);
	EXPECT_EQ(channel_send_ranges(ch, 42, 0xbeef, r, 2, "payload", 7), 0);
	EXPECT_EQ(membus_get(&g, &pkt, buf), 1);
	EXPECT_EQ(pkt.desc_len, 40);
	EXPECT_MEMEQ(pkt.desc, want, 40);
	EXPECT_EQ(pkt.payload_len, 8);
	finish();
}

UNIT_TEST(raw_packet_goes_out_as_it_is)
{
	const uint8_t odd[13] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	uint8_t raw[16];

	open_with(4);
	EXPECT_EQ(channel_send_raw(ch, odd, sizeof(odd)), 0);
	membus_gpadl_copy_out(mb, &g.mem, 5 * 4096, raw, 16);
	EXPECT_MEMEQ(raw, odd, 13);
	EXPECT_EQ(*membus_word(&g, false, 0), 24);
	finish();
}

UNIT_TEST(packet_that_was_written_can_be_overwritten_until_its_place_is_taken)
{
	uint64_t mark;
	int i;

	open_with(2);
	EXPECT_EQ(channel_send(ch, 6, 0, 1, "first...", 8), 0);
	mark = channel_mark(ch);
	EXPECT_EQ(channel_send(ch, 6, 0, 2, "second..", 8), 0);
	EXPECT_EQ(channel_overwrite(ch, mark, 16, "changed.", 8), 1);
	EXPECT_EQ(channel_overwrite(ch, mark, 60, "beyond..", 8), -ENODEV);
	EXPECT_EQ(membus_get(&g, &pkt, buf), 1);
	EXPECT_EQ(memcmp(pkt.payload, "changed.", 8), 0);
	EXPECT_EQ(channel_overwrite(ch, mark, 16, "too late", 8), 0);
	EXPECT_EQ(membus_get(&g, &pkt, buf), 1);
	EXPECT_EQ(memcmp(pkt.payload, "second..", 8), 0);
	/* 4096 bytes of data: 128 packets of 32 bytes, all but the last one may be written over the first. */
	for (i = 0; i < 126; i++) {
		EXPECT_EQ(channel_overwrite(ch, mark, 0, "        ", 8), 0);
		EXPECT_EQ(channel_send(ch, 6, 0, 3, "another.", 8), 0);
		EXPECT_EQ(membus_get(&g, &pkt, buf), 1);
	}
	EXPECT_EQ(channel_send(ch, 6, 0, 4, "the last", 8), 0);
	EXPECT_EQ(channel_overwrite(ch, mark, 0, "        ", 8), -ENODEV);
	EXPECT_EQ(membus_get(&g, &pkt, buf), 1);
	EXPECT_EQ(pkt.trans_id, 4);
	mark = channel_mark(ch);
	membus_close(&g);
	EXPECT_EQ(channel_overwrite(ch, mark, 0, "        ", 8), -ENODEV);
	finish();
}

UNIT_TEST(full_ring_blocks_until_the_guest_reads)
{
	uint8_t payload[1000] = { 0 };
	unsigned int n = 0;

	open_with(2);
	while (!channel_send(ch, VMBUS_PKT_INBAND, 0, n, payload, sizeof(payload)))
		n++;
	EXPECT_EQ(n, 3);	/* never wholly full: that would look empty */
	EXPECT_EQ(*membus_word(&g, false, 3), 1024);
	EXPECT_EQ(channel_stats(ch)->tx_full, 1);
	EXPECT_EQ(dev.doorbells, 0);
	EXPECT_EQ(membus_get(&g, &pkt, buf), 1);
	EXPECT_EQ(dev.doorbells, 1);	/* the guest rang, for there is room */
	EXPECT_EQ(channel_stats(ch)->rx_spurious, 0);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, n, payload, sizeof(payload)), 0);
	EXPECT_EQ(*membus_word(&g, false, 3), 0);
	membus_close(&g);
	finish();
}

UNIT_TEST(guest_that_does_not_ring_is_found_by_the_timer)
{
	uint8_t payload[1000] = { 0 };
	unsigned int i;

	open_with(2);
	EXPECT_EQ(loop_init(NULL), 0);
	for (i = 0; i < 4; i++)
		channel_send(ch, VMBUS_PKT_INBAND, 0, i, payload, sizeof(payload));
	*membus_word(&g, false, 1) = 1024;	/* read, and said nothing */
	for (i = 0; i < 100 && !dev.doorbells; i++)
		loop_turn(10);
	EXPECT_EQ(dev.doorbells, 1);
	for (i = 0; i < 2; i++)
		channel_send(ch, VMBUS_PKT_INBAND, 0, i, payload, sizeof(payload));
	membus_close(&g);			/* takes the timer with it */
	loop_turn(80);
	EXPECT_EQ(dev.doorbells, 1);
	finish();
}

UNIT_TEST(packet_that_never_fits_is_an_error_of_the_caller)
{
	static uint8_t payload[4096];

	open_with(2);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, payload, 4096 - 24), -EMSGSIZE);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, payload, 4096 - 32), 0);
	finish();
}

UNIT_TEST(closed_channel_neither_gives_nor_takes)
{
	open_with(4);
	EXPECT_TRUE(membus_put(&g, 6, 0, 1, NULL, 0, "a", 1));
	membus_close(&g);
	EXPECT_EQ(channel_recv(ch, &pkt, buf), 0);
	EXPECT_EQ(channel_send(ch, VMBUS_PKT_INBAND, 0, 0, "x", 1), -ENODEV);
	EXPECT_EQ(channel_send_raw(ch, "x", 1), -ENODEV);
	finish();
}

/* ---- both at once: no wake-up is lost between two threads ---- */

#define ROUNDS	30000

static sem_t to_host, to_guest;

/* Writes numbered packets; blocks with pending send size when the ring is full. */
static void *guest_writer(void *arg)
{
	struct membus_channel *c = arg;
	uint8_t raw[72] = { 6, 0, 2, 0, 9, 0, 0, 0 };
	uint64_t i;

	for (i = 0; i < ROUNDS; ) {
		uint32_t before = *membus_word(c, true, 0);

		memcpy(raw + 8, &i, 8);
		if (membus_put_raw(c, raw, sizeof(raw))) {
			i++;
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			if (!*membus_word(c, true, 2) && *membus_word(c, true, 1) == before)
				sem_post(&to_host);
			continue;
		}
		*membus_word(c, true, 3) = sizeof(raw) + 8;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (membus_put_raw(c, raw, sizeof(raw))) {
			i++;
			*membus_word(c, true, 3) = 0;
			continue;
		}
		sem_wait(&to_guest);
		*membus_word(c, true, 3) = 0;
	}
	return NULL;
}

UNIT_TEST(no_wake_up_is_lost_between_two_threads)
{
	struct timespec limit;
	uint64_t next = 0;
	pthread_t writer;
	int ret;

	open_with(2);
	sem_init(&to_host, 0, 0);
	sem_init(&to_guest, 0, 0);
	EXPECT_EQ(pthread_create(&writer, NULL, guest_writer, &g), 0);
	while (next < ROUNDS) {
		while ((ret = channel_recv(ch, &pkt, buf)) == 1) {
			ASSERT_EQ(pkt.trans_id, next);
			next++;
			if (membus_events(mb, 1, 1))
				sem_post(&to_guest);
			if (next % 97 == 0)
				sched_yield();
		}
		ASSERT_EQ(ret, 0);
		clock_gettime(CLOCK_REALTIME, &limit);
		limit.tv_sec += 20;
		if (next < ROUNDS && sem_timedwait(&to_host, &limit)) {
			UNIT_FAIL("stuck at packet %d", (int)next);
			_exit(1);
		}
	}
	pthread_join(writer, NULL);
	finish();
}

UNIT_MAIN()
