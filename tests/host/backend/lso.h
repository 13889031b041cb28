/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: lso - large sends cut into segments (netvsc-wire.md 7.3).
 */
#ifndef HVHOST_BACKEND_LSO_H
#define HVHOST_BACKEND_LSO_H

#include <stddef.h>
#include <stdint.h>

/** typedef lso_emit_fn - one finished segment; @seg is valid during the call */
typedef void (*lso_emit_fn)(void *priv, const uint8_t *seg, size_t len);

/**
 * lso_segment() - ordinary TSO of one TCP frame
 * @frame: headers as the guest left them: lengths 0, checksum fields seeded
 * @mss: TCP payload bytes of a segment, not 0
 * @tcp_off: TCP header from the first byte of the frame
 *
 * Each segment gets its lengths, IPv4 id, sequence number and checksums; FIN and
 * PSH stay on the last one only, CWR on the first one only.
 *
 * Return: number of segments, or -EINVAL when the frame is not TCP at @tcp_off.
 */
int lso_segment(const uint8_t *frame, size_t len, uint32_t mss, uint32_t tcp_off,
		lso_emit_fn emit, void *priv);

#endif
