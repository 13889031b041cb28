// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: gmem - see gmem.h. No locks: the table is fixed before the guest runs; what is shown
 * changes with the machine lock held.
 */
#include "gmem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct gmem_range *find(const struct gmem *m, uint64_t gpa, size_t len)
{
	unsigned int i;

	for (i = 0; i < m->cnt; i++) {
		const struct gmem_range *r = &m->range[i];

		if (gpa >= r->gpa && gpa - r->gpa <= r->len && len <= r->len - (gpa - r->gpa))
			return r;
	}
	return NULL;
}

void *gmem_ptr(const struct gmem *m, uint64_t gpa, size_t len)
{
	const struct gmem_range *r = find(m, gpa, len);

	return r ? r->host + (gpa - r->gpa) : NULL;
}

void *gmem_ptr_rw(const struct gmem *m, uint64_t gpa, size_t len)
{
	const struct gmem_range *r = find(m, gpa, len);

	return r && r->writable ? r->host + (gpa - r->gpa) : NULL;
}

int gmem_read(const struct gmem *m, uint64_t gpa, void *buf, size_t len)
{
	const struct gmem_range *r = find(m, gpa, len);

	if (!r)
		return -EFAULT;
	memcpy(buf, r->host + (gpa - r->gpa), len);
	return 0;
}

int gmem_write(const struct gmem *m, uint64_t gpa, const void *buf, size_t len)
{
	const struct gmem_range *r = find(m, gpa, len);

	if (!r || !r->writable)
		return -EFAULT;
	memcpy(r->host + (gpa - r->gpa), buf, len);
	return 0;
}

int gmem_isolate(struct gmem *m)
{
	uint64_t end = 0;
	unsigned int i;

	for (i = 0; i < m->cnt; i++)
		if (m->range[i].gpa + m->range[i].len > end)
			end = m->range[i].gpa + m->range[i].len;
	free(m->shown);
	m->pages = end / GMEM_PAGE_SIZE;
	m->shown = calloc(m->pages, 1);
	return m->shown ? 0 : -ENOMEM;
}

int gmem_show(struct gmem *m, uint64_t frame, int on)
{
	if (frame >= m->pages)
		return -EFAULT;
	m->shown[frame] = !!on;
	return 0;
}

int gmem_is_shown(const struct gmem *m, uint64_t frame)
{
	return !m->shown || (frame < m->pages && m->shown[frame]);
}
