/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: tx - transmits of the guest.
 */
#ifndef HVHOST_NETVSP_TX_H
#define HVHOST_NETVSP_TX_H

struct nic_queue;
struct vmbus_packet;

/** tx_take_packet() - carry out and complete a packet that carries RNDIS */
void tx_take_packet(struct nic_queue *q, const struct vmbus_packet *pkt);

#endif
