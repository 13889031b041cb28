/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: mmio - guest-physical ranges that are no memory: who answers where. Ranges come
 * and go while the guest runs; the newest one wins where two overlap. What nobody
 * answers reads ones. Knows no KVM; machine lock held.
 */
#ifndef HVHOST_VM_MMIO_H
#define HVHOST_VM_MMIO_H

#include <stdbool.h>
#include <stdint.h>

struct mmio_region;

/* @off: from the start of the region, with @size bytes inside of it; 1, 2, 4 or 8 */
struct mmio_ops {
	uint64_t (*read)(void *priv, uint64_t off, unsigned int size);
	void (*write)(void *priv, uint64_t off, uint64_t val, unsigned int size);
};

/**
 * mmio_map() - another range
 *
 * Return: a handle, or NULL without memory.
 */
struct mmio_region *mmio_map(uint64_t gpa, uint64_t len, const struct mmio_ops *ops, void *priv);

/** mmio_unmap() - NULL is fine; allowed in a callback */
void mmio_unmap(struct mmio_region *r);

/**
 * mmio_access() - one access of the guest
 *
 * Return: false: nobody's, @data is ones after a read.
 */
bool mmio_access(uint64_t gpa, uint8_t *data, unsigned int len, bool write);

#endif
