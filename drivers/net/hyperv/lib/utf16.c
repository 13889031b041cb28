// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room utf16: names of the host -> UTF-8
 *
 * Promise: whatever the host calls its port, the result is valid UTF-8 within
 * its buffer. The kernel has such a helper, but not in every configuration.
 *
 * Neighbours: oid.c calls. Plain data in, plain data out, any context.
 */
#include <linux/types.h>

#include "utf16.h"

#define REPLACEMENT	0xFFFD

static u16 utf16_unit_at(const u8 *in, size_t i)
{
	return in[2 * i] | in[2 * i + 1] << 8;
}

static bool utf16_is_high(u16 unit)
{
	return (unit & 0xFC00) == 0xD800;
}

static bool utf16_is_low(u16 unit)
{
	return (unit & 0xFC00) == 0xDC00;
}

/* One character to at most 4 bytes; how many. */
static unsigned int utf16_put_char(u32 c, u8 bytes[4])
{
	if (c < 0x80) {
		bytes[0] = c;
		return 1;
	}
	if (c < 0x800) {
		bytes[0] = 0xC0 | c >> 6;
		bytes[1] = 0x80 | (c & 0x3F);
		return 2;
	}
	if (c < 0x10000) {
		bytes[0] = 0xE0 | c >> 12;
		bytes[1] = 0x80 | (c >> 6 & 0x3F);
		bytes[2] = 0x80 | (c & 0x3F);
		return 3;
	}
	bytes[0] = 0xF0 | c >> 18;
	bytes[1] = 0x80 | (c >> 12 & 0x3F);
	bytes[2] = 0x80 | (c >> 6 & 0x3F);
	bytes[3] = 0x80 | (c & 0x3F);
	return 4;
}

size_t netvsc_utf16_to_utf8(const void *in, size_t in_bytes, char *out,
			    size_t size)
{
	size_t units = in_bytes / 2, used = 0, i;
	unsigned int n, k;
	u8 bytes[4];
	u32 c;

	for (i = 0; i < units; i++) {
		c = utf16_unit_at(in, i);
		if (!c)
			break;
		if (utf16_is_high(c) && i + 1 < units &&
		    utf16_is_low(utf16_unit_at(in, i + 1))) {
			i++;
			c = 0x10000 + ((c & 0x3FF) << 10) +
			    (utf16_unit_at(in, i) & 0x3FF);
		} else if (utf16_is_high(c) || utf16_is_low(c)) {
			c = REPLACEMENT;
		}
		n = utf16_put_char(c, bytes);
		if (n >= size - used)
			break;
		for (k = 0; k < n; k++)
			out[used++] = bytes[k];
	}
	out[used] = '\0';
	return used;
}
