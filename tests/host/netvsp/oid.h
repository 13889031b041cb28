/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: oid - what can be asked for and set.
 */
#ifndef HVHOST_NETVSP_OID_H
#define HVHOST_NETVSP_OID_H

#include <stddef.h>
#include <stdint.h>

struct nic;

#define OID_ANSWER_MAX	1024

/**
 * oid_query() - answer into @out
 * @in: the request's buffer, @in_len bytes
 * @out_len: bytes of the answer
 *
 * Return: the RNDIS status.
 */
uint32_t oid_query(struct nic *nic, uint32_t oid, const uint8_t *in, size_t in_len,
		   uint8_t out[OID_ANSWER_MAX], size_t *out_len);

/**
 * oid_set() - carry out a set
 *
 * Return: the RNDIS status.
 */
uint32_t oid_set(struct nic *nic, uint32_t oid, const uint8_t *in, size_t in_len);

/** oid_reset() - no filter, the permanent address */
void oid_reset(struct nic *nic);

#endif
