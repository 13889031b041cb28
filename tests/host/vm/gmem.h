/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: gmem - guest physical memory as the host sees it.
 *
 * A few ranges of guest-physical addresses backed by host memory: KVM's slots in
 * a real machine, one malloc in a unit test. Everything that the guest names by
 * address passes through here and is bounds-checked; nothing else in the host
 * dereferences a guest address. The guest may change the bytes at any time.
 */
#ifndef HVHOST_VM_GMEM_H
#define HVHOST_VM_GMEM_H

#include <stddef.h>
#include <stdint.h>

#define GMEM_PAGE_SIZE	4096u
#define GMEM_MAX_RANGES	16

struct gmem_range {
	uint64_t gpa;		/* first guest-physical address */
	uint64_t len;		/* bytes */
	uint8_t *host;
	int writable;		/* 0: host must not write (read-only image) */
};

struct gmem {
	struct gmem_range range[GMEM_MAX_RANGES];
	unsigned int cnt;
	uint8_t *shown;		/* a byte a page; NULL: all are */
	uint64_t pages;		/* of @shown */
};

/**
 * gmem_ptr() - @len bytes at @gpa inside one range
 *
 * Return: their host address, or NULL.
 */
void *gmem_ptr(const struct gmem *m, uint64_t gpa, size_t len);

/**
 * gmem_ptr_rw() - the same, to be written
 *
 * Return: their host address; NULL also where the host must not write.
 */
void *gmem_ptr_rw(const struct gmem *m, uint64_t gpa, size_t len);

/**
 * gmem_read() - copy out of the guest
 *
 * Return: 0 or -EFAULT (nothing copied).
 */
int gmem_read(const struct gmem *m, uint64_t gpa, void *buf, size_t len);

/**
 * gmem_write() - copy into the guest
 *
 * Return: 0 or -EFAULT (nothing copied).
 */
int gmem_write(const struct gmem *m, uint64_t gpa, const void *buf, size_t len);

/* Of an address of shown memory, where a confidential guest sets it (6.1 in the contact). */
#define GMEM_SHARED_BIT	46

/** gmem_plain() - such an address without the bit; any other as it is */
static inline uint64_t gmem_plain(const struct gmem *m, uint64_t gpa)
{
	return m->shown ? gpa & ~(UINT64_C(1) << GMEM_SHARED_BIT) : gpa;
}

/**
 * gmem_isolate() - nothing is shown to the host until gmem_show()
 *
 * Return: 0 or -ENOMEM.
 */
int gmem_isolate(struct gmem *m);

/**
 * gmem_show() - the guest shows a page, or hides it
 *
 * Return: 0, or -EFAULT: no such page.
 */
int gmem_show(struct gmem *m, uint64_t frame, int on);

/**
 * gmem_is_shown() - may the host look at this page?
 *
 * Return: true unless the guest is isolated and hides it.
 */
int gmem_is_shown(const struct gmem *m, uint64_t frame);

#endif
