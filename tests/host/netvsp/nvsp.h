/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: nvsp - the NVSP server: nvsp.c reads requests, nvsp_answer.c completes them.
 */
#ifndef HVHOST_NETVSP_NVSP_H
#define HVHOST_NETVSP_NVSP_H

#include <stdbool.h>
#include <stdint.h>
#include <netvsc/nvsp.h>

struct gpadl;
struct nic;
struct nic_queue;
struct vmbus_packet;

/**
 * nvsp_wants_answer() - did the guest ask for a completion of @pkt?
 *
 * Return: true if so.
 */
bool nvsp_wants_answer(const struct vmbus_packet *pkt);

/**
 * nvsp_answer() - complete @pkt, or what a fault makes of it
 * @what: the request's word in the faults
 * @m: the message; a fault may change it
 * @empty: without payload
 *
 * Return: false when no answer goes out.
 */
bool nvsp_answer(struct nic *nic, const char *what, const struct vmbus_packet *pkt,
		 struct nvsp_message *m, bool empty);

/** nvsp_fail() - complete, with failure, what cannot be answered */
void nvsp_fail(struct nic_queue *q, const struct vmbus_packet *pkt);

/**
 * nvsp_packet() - take a packet of the guest that is no completion
 *
 * Return: true when it carries RNDIS and is still to be dealt with (tx.h), else false.
 */
bool nvsp_packet(struct nic_queue *q, const struct vmbus_packet *pkt);

/** nvsp_revoked() - the guest takes a GPADL back: legal after the revoke, or after the close */
void nvsp_revoked(struct nic *nic, struct gpadl *g);

/**
 * nvsp_buffers_ready() - is all shared that RNDIS needs (4.1)?
 *
 * Return: true if so.
 */
bool nvsp_buffers_ready(const struct nic *nic);

/** nvsp_reset() - forget version, buffers and abilities of the connection */
void nvsp_reset(struct nic *nic);

#endif
