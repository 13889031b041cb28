/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: rewrite - the fault "rewrite": what the guest was sent changes under its eyes.
 */
#ifndef HVHOST_NETVSP_REWRITE_H
#define HVHOST_NETVSP_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct nic;
struct nic_queue;
struct rewrites;

/* Of one NIC. */
struct nic_rewrites {
	uint64_t all;		/* values changed, over its life ... */
	uint64_t waiting;	/* ... of them in what the guest had not given back yet */
	struct rewrites *now;	/* the thread's, NULL: there is none */
};

/**
 * rewrite_check() - does a fault "rewrite" make sense?
 *
 * Return: NULL, or what is wrong with it.
 */
const char *rewrite_check(const struct fault *f);

/**
 * rewrite_is_armed() - is there such a fault for @nic?
 *
 * Return: true if so.
 */
bool rewrite_is_armed(const struct nic *nic);

/**
 * rewrite_outgoing() - write a packet for the guest, as it is, to be rewritten then
 * @pkt: descriptor first
 *
 * Return: as of channel_send().
 */
int rewrite_outgoing(struct nic_queue *q, const uint8_t *pkt, size_t len);

/** rewrite_reset() - the connection is gone: nothing that was sent is touched any more */
void rewrite_reset(struct nic *nic);

/** rewrite_free() - so is the NIC */
void rewrite_free(struct nic *nic);

#endif
