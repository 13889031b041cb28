// SPDX-License-Identifier: GPL-2.0
/* DOC: mmio - see mmio.h. A list: there are a handful of regions. */
#include "mmio.h"

#include <stdlib.h>
#include <string.h>

struct mmio_region {
	struct mmio_region *next;
	uint64_t gpa, len;
	const struct mmio_ops *ops;
	void *priv;
};

static struct mmio_region *regions;

struct mmio_region *mmio_map(uint64_t gpa, uint64_t len, const struct mmio_ops *ops, void *priv)
{
	struct mmio_region *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->gpa = gpa;
	r->len = len;
	r->ops = ops;
	r->priv = priv;
	r->next = regions;
	regions = r;
	return r;
}

void mmio_unmap(struct mmio_region *r)
{
	struct mmio_region **at = &regions;

	while (r && *at && *at != r)
		at = &(*at)->next;
	if (!r || !*at)
		return;
	*at = r->next;
	free(r);
}

bool mmio_access(uint64_t gpa, uint8_t *data, unsigned int len, bool write)
{
	struct mmio_region *r = regions;
	uint64_t val = 0;

	while (r && (gpa < r->gpa || gpa - r->gpa >= r->len || len > r->len - (gpa - r->gpa)))
		r = r->next;
	if (!r || len > sizeof(val)) {
		if (!write)
			memset(data, 0xff, len);
		return false;
	}
	/* The region may be gone when its callback returns. */
	if (write) {
		memcpy(&val, data, len);
		r->ops->write(r->priv, gpa - r->gpa, val, len);
	} else {
		val = r->ops->read(r->priv, gpa - r->gpa, len);
		memcpy(data, &val, len);
	}
	return true;
}
