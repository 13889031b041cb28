/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: rx - frames for the guest, from the switch to the batch.
 */
#ifndef HVHOST_NETVSP_RX_H
#define HVHOST_NETVSP_RX_H

struct nic;
struct nic_queue;
struct switch_frame;
struct vmbus_packet;

/** rx_deliver() - a frame for the guest, by the synthetic path */
void rx_deliver(struct nic *nic, const struct switch_frame *f);

/** rx_flush() - the end of a run of frames */
void rx_flush(struct nic *nic);

/**
 * rx_room() - how many frames the guest can be given now
 *
 * Return: that number; UINT_MAX when no channel is open.
 */
unsigned int rx_room(const struct nic *nic);

/** rx_completion() - the guest returns a packet */
void rx_completion(struct nic_queue *q, const struct vmbus_packet *pkt);

/** rx_drop_waiting() - frames of a channel not yet in the ring are dropped and counted */
void rx_drop_waiting(struct nic_queue *q);

/** rx_drop_all() - ... of all channels */
void rx_drop_all(struct nic *nic);

#endif
