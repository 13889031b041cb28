// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
/*
 * The two rooms that promise something to several CPUs at once, under threads:
 * no section belongs to two owners, no request to sender and receiver.
 */
#include "../../drivers/net/hyperv/lib/reqid.c"
#include "../../drivers/net/hyperv/lib/section.c"

#include <pthread.h>
#include <sched.h>

#include "unit.h"

#define THREADS		4
#define SECTIONS	70	/* a word and a bit: much quarrel */
#define TURNS		100000

static unsigned long words[NETVSC_SECTION_WORDS(SECTIONS)];
static struct netvsc_section_map map;
static int owner[SECTIONS];
static unsigned int quarrels;

static void *claim_and_release(void *arg)
{
	u32 me = (uintptr_t)arg, held[8], n = 0, i;

	for (i = 0; i < TURNS; i++) {
		int s = n < ARRAY_SIZE(held) ?
			netvsc_section_claim(&map, 64 * (me % 2)) : -ENOSPC;

		if (s >= 0) {
			if (__atomic_exchange_n(&owner[s], me, __ATOMIC_RELAXED))
				__atomic_fetch_add(&quarrels, 1, __ATOMIC_RELAXED);
			held[n++] = s;
			continue;
		}
		while (n) {
			s = held[--n];
			if (__atomic_exchange_n(&owner[s], 0, __ATOMIC_RELAXED) !=
			    (int)me)
				__atomic_fetch_add(&quarrels, 1, __ATOMIC_RELAXED);
			if (netvsc_section_release(&map, s))
				__atomic_fetch_add(&quarrels, 1, __ATOMIC_RELAXED);
		}
	}
	while (n) {
		owner[held[--n]] = 0;
		netvsc_section_release(&map, held[n]);
	}
	return NULL;
}

UNIT_TEST(section_has_one_owner)
{
	pthread_t threads[THREADS];
	uintptr_t i;

	netvsc_section_init(&map, words, SECTIONS);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, claim_and_release,
			       (void *)(i + 1));
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(quarrels, 0);
	EXPECT_EQ(netvsc_section_used(&map), 0);
}

#define SLOTS	16

static struct netvsc_reqid_table table;
static u32 tags[SLOTS], free_slots[SLOTS];
static u64 request[SLOTS];	/* filled by the sender, cleared by the taker */
static u64 wire[SLOTS];		/* ids as the "host" sees them */
static bool done;
static unsigned int sent, taken;

static void finish(u32 slot, u64 id)
{
	if (request[slot] != slot + 1)
		__atomic_fetch_add(&quarrels, 1, __ATOMIC_RELAXED);
	request[slot] = 0;
	(void)id;
}

static void *sender(void *arg)
{
	u32 i;

	for (i = 0; i < TURNS; i++) {
		int slot = netvsc_reqid_peek(&table);

		if (slot < 0) {
			sched_yield();
			continue;
		}
		request[slot] = slot + 1;
		/* Pairs with the acquire in receiver */
		smp_store_release(&wire[slot], netvsc_reqid_issue(&table, slot));
		sent++;
	}
	/* Pairs with the acquire in receiver: all ids are on the wire */
	smp_store_release(&done, true);
	return arg;
}

static void *receiver(void *arg)
{
	bool last = false;

	for (;;) {
		u32 i;

		for (i = 0; i < SLOTS; i++) {
			/* Pairs with the release in sender */
			u64 id = smp_load_acquire(&wire[i]);
			int slot = netvsc_reqid_take(&table, id);

			if (slot < 0)
				continue;
			if (slot != (int)i)
				__atomic_fetch_add(&quarrels, 1, __ATOMIC_RELAXED);
			finish(slot, id);
			if (netvsc_reqid_take(&table, id) >= 0)
				__atomic_fetch_add(&quarrels, 1, __ATOMIC_RELAXED);
			taken++;
			netvsc_reqid_put(&table, slot);
		}
		if (last)
			return arg;
		/* Pairs with the release in sender: one more round */
		last = smp_load_acquire(&done);
	}
}

UNIT_TEST(request_is_finished_once)
{
	pthread_t a, b;

	quarrels = 0;
	EXPECT_EQ(netvsc_reqid_init(&table, tags, free_slots, SLOTS), 0);
	pthread_create(&a, NULL, sender, NULL);
	pthread_create(&b, NULL, receiver, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	EXPECT_EQ(quarrels, 0);
	EXPECT_EQ(netvsc_reqid_busy(&table), 0);
	EXPECT_EQ(taken, sent);
	EXPECT_GT(sent, 0);
	printf("# %u sent and completed\n", sent);
}

UNIT_MAIN()
