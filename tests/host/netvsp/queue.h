/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: queue - one channel of a NIC as an object.
 */
#ifndef HVHOST_NETVSP_QUEUE_H
#define HVHOST_NETVSP_QUEUE_H

struct nic;
struct nic_queue;

/**
 * queue_new() - offer channel @index of @nic
 *
 * Return: the queue, which is @nic's then, or NULL without memory or a free channel.
 */
struct nic_queue *queue_new(struct nic *nic, unsigned int index);

/** queue_free() - the channel is released; what it counted stays with its NIC */
void queue_free(struct nic_queue *q);

/** queue_doom() - the channel is rescinded in a moment, with its NIC if it is the primary */
void queue_doom(struct nic_queue *q);

#endif
