// SPDX-License-Identifier: GPL-2.0
/* DOC: visible - see visible.h. Private to begin with, as real memory of such guests is. */
#include "visible.h"

#include <string.h>

#include "gmem.h"
#include "violation.h"

#define HEADER_BYTES	16	/* partition id, visibility */
#define HC_SUCCESS	0
#define HC_BAD_PARAMETER 5
#define VISIBLE_READ_WRITE 3

static struct gmem *guest;

int visible_setup(struct gmem *mem)
{
	guest = mem;
	return gmem_isolate(mem);
}

uint64_t visible_call(uint64_t control, const uint8_t *block, size_t len)
{
	uint64_t cnt = control >> 32 & 0xfff, i = control >> 48 & 0xfff, gfn;
	uint32_t how;

	memcpy(&how, block + 8, sizeof(how));
	if (!guest || !cnt || HEADER_BYTES + cnt * 8 > len || i >= cnt ||
	    (how && how != VISIBLE_READ_WRITE)) {
		violation_note("hv.visibility", block, HEADER_BYTES,
			       "hypercall 0xDB: %llu pages, visibility %u", (unsigned long long)cnt, how);
		return HC_BAD_PARAMETER;
	}
	for (; i < cnt; i++) {
		memcpy(&gfn, block + HEADER_BYTES + i * 8, 8);
		if (gmem_show(guest, gfn, how))
			return i << 32 | HC_BAD_PARAMETER;
	}
	return cnt << 32 | HC_SUCCESS;
}
