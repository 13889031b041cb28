/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: rndis - RNDIS control messages: rndis.c reads the guest's, rndis_out.c sends.
 */
#ifndef HVHOST_NETVSP_RNDIS_H
#define HVHOST_NETVSP_RNDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nic;
struct nic_queue;
struct rndis_waiting;

/* Control messages that wait for a sub-allocation. */
struct rndis_backlog {
	struct rndis_waiting *first, **last;
	unsigned int cnt;
};

/** rndis_init() - of a new NIC */
void rndis_init(struct nic *nic);

/** rndis_send() - a control message for the guest, queued when there is no room */
void rndis_send(struct nic *nic, const void *msg, size_t len);

/** rndis_flush() - what waits, as far as there is room */
void rndis_flush(struct nic *nic);

/** rndis_drop_backlog() - what waits is lost */
void rndis_drop_backlog(struct nic *nic);

/** rndis_indicate() - INDICATE_STATUS with an optional buffer, if operational */
void rndis_indicate(struct nic *nic, uint32_t status, const void *buf, size_t len);

/** rndis_link_changed() - tell of the link as it is */
void rndis_link_changed(struct nic *nic);

/**
 * rndis_control() - one control message of the guest
 *
 * Return: false when it is malformed (violation noted).
 */
bool rndis_control(struct nic_queue *q, const uint8_t *msg, size_t len);

#endif
