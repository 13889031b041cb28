/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: done - completions for the guest, one line of them a channel.
 */
#ifndef HVHOST_NETVSP_DONE_H
#define HVHOST_NETVSP_DONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netvsc/nvsp.h>

struct nic;
struct nic_queue;
struct loop_timer;

/* A completion that waits for its way into the ring. */
struct nic_done {
	uint64_t id;
	uint64_t due_ms;		/* 0 = at once */
	bool keep_id;			/* the id stays in use (fault) */
	uint8_t len;
	uint8_t payload[NVSP_MSG_BYTES];
};

/* Of one channel. */
struct done_line {
	struct nic_done *item;
	size_t first, cnt, cap;
	uint8_t id_used[65536 / 8];	/* ids the guest must not reuse now */
	struct loop_timer *retry;	/* the first one is not due yet (fault) */
};

/**
 * done_take_id() - the guest asks for a completion of @id
 *
 * Return: false when that id is in use (violation noted).
 */
bool done_take_id(struct nic_queue *q, uint64_t id);

/** done_send() - complete @id with @payload, now or when there is room */
void done_send(struct nic_queue *q, uint64_t id, const void *payload, size_t len);

/**
 * done_send_late() - complete @id, but not before @ms have passed
 * @keep_id: the id stays in use (fault)
 */
void done_send_late(struct nic_queue *q, uint64_t id, const void *payload, size_t len,
		    unsigned int ms, bool keep_id);

/** done_flush() - as many as are due and find room */
void done_flush(struct nic_queue *q);

/** done_hurry() - all are due now */
void done_hurry(struct nic_queue *q);

/** done_reset() - the channel opens or closes: no completion waits, no id is in use */
void done_reset(struct nic_queue *q);

/** done_free() - the memory of the line */
void done_free(struct nic_queue *q);

/** done_withhold() - for @ms no completion of @nic goes out */
void done_withhold(struct nic *nic, unsigned int ms);

/** done_withhold_end() - ... or not so long; nothing is sent by this */
void done_withhold_end(struct nic *nic);

#endif
