/* SPDX-License-Identifier: GPL-2.0 */
/* Room utf16: names of the host -> UTF-8. */
#ifndef _NETVSC_LIB_UTF16_H
#define _NETVSC_LIB_UTF16_H

#include <linux/types.h>

/**
 * netvsc_utf16_to_utf8() - convert a name
 * @in: UTF-16LE, any alignment; ends at a zero unit or after @in_bytes
 * @in_bytes: bytes there; an odd last one is ignored
 * @out: where to, terminated
 * @size: bytes there, not 0
 *
 * A surrogate without its partner becomes U+FFFD; a character that does not
 * fit ends the output (R80, R88). Sheet 6.3.
 *
 * Return: bytes in @out, without the terminator.
 */
size_t netvsc_utf16_to_utf8(const void *in, size_t in_bytes, char *out,
			    size_t size);

#endif /* _NETVSC_LIB_UTF16_H */
