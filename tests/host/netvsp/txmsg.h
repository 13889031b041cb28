/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: txmsg - the RNDIS data messages of one transmit.
 */
#ifndef HVHOST_NETVSP_TXMSG_H
#define HVHOST_NETVSP_TXMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "txoff.h"

struct nic_queue;

#define TXMSG_MAX		64	/* read of one transmit; 8 are legal */
#define TX_SEGS_MAX		1024

/* Where a part of the transmit came from; bytes [off, off + len) of the stream. */
struct tx_seg {
	size_t off, len;
	int range;			/* GPA range, or -1: the section */
};

struct tx_stream {
	uint8_t *data;			/* private copy */
	size_t len;
	struct tx_seg seg[TX_SEGS_MAX];
	unsigned int seg_cnt;
	bool has_section;
	bool has_pages;
};

/**
 * txmsg_read() - read all messages of a transmit
 *
 * Return: their count, or -EPROTO (violation noted).
 */
int txmsg_read(struct nic_queue *q, const struct tx_stream *s, struct tx_msg msg[TXMSG_MAX]);

#endif
