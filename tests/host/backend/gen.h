/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: gen - a switch port that makes frames on command and counts those that
 * reach it (verbs gen.send, gen.expect, gen.reset, gen.frames).
 *
 * Numbered frames carry, behind the Ethernet header: "HVGN", sequence number (4
 * bytes), frame length (2), stream (2), all big endian, then the pattern
 * (sequence + position * 7) & 0xff to the end.
 */
#ifndef HVHOST_BACKEND_GEN_H
#define HVHOST_BACKEND_GEN_H

#include <jansson.h>

#define GEN_MAC_BYTES	{ 0x02, 0x68, 0x76, 0x67, 0x65, 0x6e }
#define GEN_ETHERTYPE	0x88b5
#define GEN_MIN_BYTES	26	/* Ethernet header + number */
#define GEN_STREAMS	16

/**
 * gen_setup() - add the port and the verbs
 *
 * Return: 0 or negative errno.
 */
int gen_setup(void);

/** gen_teardown() - both go away */
void gen_teardown(void);

/**
 * gen_report() - counters of both directions
 *
 * Return: a new reference.
 */
json_t *gen_report(void);

#endif
