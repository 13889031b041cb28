/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: txoff - transmit offloads of one message.
 */
#ifndef HVHOST_NETVSP_TXOFF_H
#define HVHOST_NETVSP_TXOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nic;

/* One RNDIS data message, checked. */
struct tx_msg {
	uint8_t *frame;			/* in the stream's copy */
	size_t len;
	bool has_vlan, has_csum, has_lso;
	uint32_t vlan, csum, lso;
};

/**
 * txoff_check() - the offload rules of one message
 *
 * Return: 0 or -EPROTO (violation noted).
 */
int txoff_check(struct nic *nic, const struct tx_msg *m);

/**
 * txoff_send() - finish the frame and hand it to the switch
 *
 * Return: frames made.
 */
int txoff_send(struct nic *nic, const struct tx_msg *m);

#endif
