// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/hv/msgq.c tests/host/hv/cpuid.c tests/host/hv/visible.c tests/host/vm/gmem.c tests/host/base/violation.c tests/host/base/log.c LIBS: -ljansson */
/* CFLAGS: -Itests/host/hv -Itests/host/vm -Itests/host/base */
/*
 * DOC: messages into a SynIC slot, event flags, CPUID leaves (vmbus-host.md A.1, B.2,
 * B.5, B.7, G.2, G.7).
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <sched.h>
#include <stdlib.h>

#include "gmem.h"
#include "hv.h"
#include "msgq.h"
#include "unit.h"
#include "violation.h"
#include "visible.h"

static uint8_t page[4096] __attribute__((aligned(4096)));
static struct msgq q;

static uint8_t *begin(void)
{
	memset(page, 0, sizeof(page));
	msgq_init(&q);
	return page + 2 * MSGQ_SLOT_BYTES;
}

/* What the guest does with a slot; true if it must write EOM. */
static bool guest_frees(uint8_t *slot)
{
	__atomic_store_n((uint32_t *)slot, 0, __ATOMIC_SEQ_CST);
	return slot[5] & 1;
}

UNIT_TEST(g2_version_response_in_the_slot)
{
	static const uint8_t msg[16] = { 0x0f, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0 };
	static const uint8_t want[32] = { 1, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					  0x0f, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0 };
	uint8_t *slot = begin();

	memset(slot + 4, 0xee, 12);	/* left of another message */
	EXPECT_EQ(msgq_add(&q, msg, sizeof(msg)), 0);
	EXPECT_TRUE(msgq_put_one(&q, slot));
	EXPECT_MEMEQ(slot, want, 32);
	EXPECT_EQ(slot, page + 0x200);
	EXPECT_FALSE(msgq_put_one(&q, slot));
	EXPECT_EQ(q.cnt, 0);
}

UNIT_TEST(taken_slot_gets_the_pending_flag)
{
	uint8_t *slot = begin();

	msgq_add(&q, "first", 5);
	EXPECT_TRUE(msgq_put_one(&q, slot));
	EXPECT_EQ(slot[5], 0);
	msgq_add(&q, "second", 6);
	EXPECT_FALSE(msgq_put_one(&q, slot));
	EXPECT_EQ(slot[5], 1);
	EXPECT_MEMEQ(slot + 16, "first", 5);
	EXPECT_TRUE(guest_frees(slot));		/* so it writes EOM, and we come back */
	EXPECT_TRUE(msgq_put_one(&q, slot));
	EXPECT_EQ(slot[4], 6);
	EXPECT_EQ(slot[5], 0);
	EXPECT_MEMEQ(slot + 16, "second", 6);
	EXPECT_FALSE(guest_frees(slot));
	msgq_clear(&q);
}

UNIT_TEST(more_behind_it_is_said_at_once)
{
	uint8_t *slot = begin();
	unsigned int i;

	for (i = 0; i < 3; i++)
		msgq_add(&q, &i, sizeof(i));
	for (i = 0; i < 3; i++) {
		EXPECT_TRUE(msgq_put_one(&q, slot));
		EXPECT_EQ(slot[16], i);
		EXPECT_EQ(slot[5], i < 2);
		guest_frees(slot);
	}
}

UNIT_TEST(other_slots_and_timer_messages_are_respected)
{
	uint8_t *slot = begin();
	uint32_t timer = 0x80000010;

	memcpy(slot, &timer, 4);
	msgq_add(&q, "x", 1);
	EXPECT_FALSE(msgq_put_one(&q, slot));
	EXPECT_EQ(slot[3], 0x80);
	EXPECT_EQ(slot[16], 0);
	msgq_clear(&q);
	EXPECT_EQ(slot[-1], 0);
	EXPECT_EQ(slot[MSGQ_SLOT_BYTES], 0);
}

UNIT_TEST(sizes_and_numbers_have_limits)
{
	uint8_t msg[241] = { 0 };
	unsigned int i;

	begin();
	EXPECT_EQ(msgq_add(&q, msg, 0), -EMSGSIZE);
	EXPECT_EQ(msgq_add(&q, msg, 241), -EMSGSIZE);
	for (i = 0; i < MSGQ_MAX; i++)
		EXPECT_EQ(msgq_add(&q, msg, 240), 0);
	EXPECT_EQ(msgq_add(&q, msg, 240), -ENOSPC);
	msgq_clear(&q);
	EXPECT_EQ(q.cnt, 0);
	EXPECT_EQ(msgq_add(&q, msg, 1), 0);
	msgq_clear(&q);
}

UNIT_TEST(g7_event_flags)
{
	begin();
	EXPECT_TRUE(event_flag_set(page + 512, 1));
	EXPECT_EQ(page[0x200], 0x02);
	EXPECT_FALSE(event_flag_set(page + 512, 1));	/* set already: no interrupt */
	EXPECT_TRUE(event_flag_set(page + 512, 70));
	EXPECT_EQ(page[0x208], 0x40);
	EXPECT_TRUE(event_flag_set(page + 512, 2047));
	EXPECT_EQ(page[0x2ff], 0x80);
	page[0x200] = 0;
	EXPECT_TRUE(event_flag_set(page + 512, 1));
}

/* ---- host and guest at once: whoever must wake the other does ---- */

#define ROUNDS	200000u
/* A busy machine changes threads rarely: so long at most, but some rounds in any case. */
#define SECONDS	10
#define ROUNDS_LEAST	100u
#define SILENCE	60

static volatile unsigned int eom;
static volatile uint32_t wanted;
static volatile bool over;

static void *guest(void *arg)
{
	uint8_t *slot = arg;
	uint32_t next = 0, got;

	while (next < wanted) {
		/* B.5: nothing there, and no interrupt since: the host owes us one. */
		if (!__atomic_load_n((uint32_t *)slot, __ATOMIC_ACQUIRE)) {
			sched_yield();
			continue;
		}
		memcpy(&got, slot + 16, 4);
		if (got != next)
			break;
		next++;
		if (guest_frees(slot))
			__atomic_fetch_add(&eom, 1, __ATOMIC_SEQ_CST);
	}
	over = true;
	return (void *)(uintptr_t)next;
}

UNIT_TEST(no_message_is_left_behind_between_two_threads)
{
	time_t start = time(NULL), last = start, now = start;
	uint32_t sent = 0, heard = 0;
	uint8_t *slot = begin();
	pthread_t thread;
	void *got;

	over = false;
	eom = 0;
	wanted = ROUNDS;
	EXPECT_EQ(pthread_create(&thread, NULL, guest, slot), 0);
	while (!over && now - last < SILENCE) {
		now = time(NULL);
		if (now - start > SECONDS && sent >= ROUNDS_LEAST)
			wanted = sent;
		if (sent < wanted && q.cnt < 8) {
			msgq_add(&q, &sent, 4);
			sent++;
			while (msgq_put_one(&q, slot))
				last = now;
		} else if (heard != eom) {	/* only an EOM brings us back */
			heard = eom;
			while (msgq_put_one(&q, slot))
				last = now;
		} else {
			sched_yield();
		}
	}
	EXPECT_LT(now - last, SILENCE);
	pthread_join(thread, &got);
	EXPECT_EQ((uintptr_t)got, sent);
	printf("# %u messages\n", sent);
}

/* ---- CPUID ---- */

static const struct kvm_cpuid_entry2 *leaf(const struct kvm_cpuid_entry2 *e, unsigned int n, uint32_t f)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (e[i].function == f)
			return &e[i];
	return NULL;
}

UNIT_TEST(leaves_are_those_that_linux_looks_for)
{
	struct kvm_cpuid_entry2 e[16];
	struct machine m = { .cpu_cnt = 2 };
	const struct kvm_cpuid_entry2 *l;
	unsigned int n;

	n = hv_cpuid(&m, e, 3, 16);
	EXPECT_EQ(n, 9);
	l = leaf(e + 3, 6, 0x40000000);
	ASSERT_NOT_NULL(l);
	EXPECT_MEMEQ(&l->ebx, "Micr", 4);
	EXPECT_MEMEQ(&l->ecx, "osof", 4);
	EXPECT_MEMEQ(&l->edx, "t Hv", 4);
	EXPECT_EQ(leaf(e + 3, 6, 0x40000001)->eax, 0x31237648);
	EXPECT_EQ(leaf(e + 3, 6, 0x40000003)->eax & 0x60, 0x60);
	EXPECT_EQ(leaf(e + 3, 6, 0x40000003)->ebx, 0x30);
	EXPECT_EQ(leaf(e + 3, 6, 0x40000004)->eax, 0xe24);
	m.cpu_cnt = 1;
	hv_cpuid(&m, e, 0, 16);
	EXPECT_EQ(leaf(e, 6, 0x40000004)->eax, 0x220);
	EXPECT_EQ(hv_cpuid(&m, e, 11, 16), 11);	/* no room: none at all */
}

UNIT_TEST(synthetic_timers_come_in_direct_mode_or_not_at_all)
{
	struct kvm_cpuid_entry2 e[16];
	struct machine m = { .cpu_cnt = 1 };

	hv_cpuid(&m, e, 0, 16);
	EXPECT_EQ(leaf(e, 6, 0x40000003)->eax & 8, 0);
	EXPECT_EQ(leaf(e, 6, 0x40000003)->edx & 0x80000, 0);
	hv_set_stimer(true);
	hv_cpuid(&m, e, 0, 16);
	EXPECT_EQ(leaf(e, 6, 0x40000003)->eax, 0xaff);
	EXPECT_EQ(leaf(e, 6, 0x40000003)->edx, 0x80500);
	hv_set_stimer(false);
}

UNIT_TEST(a_confidential_guest_is_told_so)
{
	struct kvm_cpuid_entry2 e[16];
	struct machine m = { .cpu_cnt = 1 };

	hv_set_isolated(true);
	EXPECT_EQ(hv_cpuid(&m, e, 0, 16), 7);
	EXPECT_EQ(leaf(e, 7, 0x40000000)->eax, 0x4000000c);
	EXPECT_EQ(leaf(e, 7, 0x40000003)->ebx, 0x400030);
	EXPECT_EQ(leaf(e, 7, 0x4000000c)->ebx, 0xb81);
	EXPECT_EQ(hv_cpuid(&m, e, 10, 16), 10);
	hv_set_isolated(false);
	EXPECT_EQ(hv_cpuid(&m, e, 10, 16), 16);
}

static uint64_t show(uint64_t control, uint32_t how, uint64_t first, uint64_t second)
{
	uint64_t block[512] = { UINT64_MAX, how, first, second };

	return visible_call(control, (uint8_t *)block, sizeof(block));
}

UNIT_TEST(pages_are_private_until_they_are_shown)
{
	struct gmem m = { .cnt = 1, .range = { { .gpa = 0, .len = 16 * 4096 } } };

	EXPECT_TRUE(gmem_is_shown(&m, 3));	/* not confidential */
	ASSERT_TRUE(!visible_setup(&m));
	EXPECT_FALSE(gmem_is_shown(&m, 3));
	EXPECT_EQ(show(0x2000000dbULL, 3, 3, 15), 0x200000000ULL);
	EXPECT_TRUE(gmem_is_shown(&m, 3));
	EXPECT_TRUE(gmem_is_shown(&m, 15));
	EXPECT_FALSE(gmem_is_shown(&m, 4));
	EXPECT_FALSE(gmem_is_shown(&m, 16));
	EXPECT_EQ(show(0x1000000dbULL, 0, 3, 0), 0x100000000ULL);
	EXPECT_FALSE(gmem_is_shown(&m, 3));
	EXPECT_EQ(show(0x2000000dbULL, 3, 4, 16), 0x100000005ULL);	/* the first one is done */
	EXPECT_TRUE(gmem_is_shown(&m, 4));
	EXPECT_EQ(violation_total(), 0);
	EXPECT_EQ(show(0xdb, 3, 1, 2), 5);		/* none */
	EXPECT_EQ(show(0x1000000dbULL, 1, 1, 2), 5);	/* for reading alone: not by this guest */
	EXPECT_EQ(show(0xfff000000dbULL, 3, 1, 2), 5);	/* more than the page holds */
	EXPECT_EQ(violation_count("hv.visibility"), 3);
	violation_clear();
	free(m.shown);
}

UNIT_MAIN()
