/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: serve - the loop on top of all that deals with packets.
 */
#ifndef HVHOST_NETVSP_SERVE_H
#define HVHOST_NETVSP_SERVE_H

#include <stdbool.h>

struct nic;
struct nic_queue;

/** serve_queue() - look at both rings */
void serve_queue(struct nic_queue *q);

/**
 * serve_paced() - key pace: is the look at the rings put off?
 *
 * Return: true when it comes later by itself.
 */
bool serve_paced(struct nic_queue *q);

/** serve_pause() - for @ms the host reads no ring and delivers no frame, as while it moves */
void serve_pause(struct nic *nic, unsigned int ms);

/** serve_stop() - the channel closes: no look at it is due any more */
void serve_stop(struct nic_queue *q);

/** serve_reset() - the pause is over; nothing is read by this */
void serve_reset(struct nic *nic);

#endif
