/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: wire - little-endian numbers in messages, and names of the NVSP versions.
 */
#ifndef HVHOST_NETVSP_WIRE_H
#define HVHOST_NETVSP_WIRE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t wire_get32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline void wire_put32(void *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

/**
 * wire_version_name() - NVSP_VERSION_* as users write it
 *
 * Return: "6.1" and the like, or "none".
 */
const char *wire_version_name(uint32_t version);

/**
 * wire_version_by_name() - the other way round
 *
 * Return: NVSP_VERSION_*, or 0 when there is no such version.
 */
uint32_t wire_version_by_name(const char *name);

#endif
