/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: subchan - sub-channels and the transmit table.
 */
#ifndef HVHOST_NETVSP_SUBCHAN_H
#define HVHOST_NETVSP_SUBCHAN_H

#include <stdbool.h>
#include <stdint.h>

struct nic;
struct nic_queue;
struct vmbus_packet;

/** subchan_request() - NVSP SUBCHANNEL of the guest */
void subchan_request(struct nic *nic, const struct vmbus_packet *pkt);

/** subchan_opened() - the doorbell of a sub-channel: the table, once all are open */
void subchan_opened(struct nic_queue *q);

/**
 * subchan_too_tiny() - key tiny=dead: has the receive buffer too few pieces for @queues?
 *
 * Return: true if so.
 */
bool subchan_too_tiny(const struct nic *nic, unsigned int queues);

/**
 * subchan_table() - send a transmit table
 * @entry: @n numbers, repeated to 16
 *
 * Return: false when it did not go out.
 */
bool subchan_table(struct nic *nic, const uint32_t *entry, unsigned int n);

/** subchan_rescind_all() - every sub-channel goes */
void subchan_rescind_all(struct nic *nic);

/** subchan_reset() - nothing was asked for or promised */
void subchan_reset(struct nic *nic);

#endif
