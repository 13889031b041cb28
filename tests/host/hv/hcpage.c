// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: hcpage - the code in the guest's hypercall page (hcall.h). It stands at 16 of
 * the page; then one store of two bytes at 0, a jump to it, makes it live: whoever runs
 * the page meanwhile sees the old call or the new one.
 */
#include "hcall.h"

#include <errno.h>
#include <string.h>

#define CODE_AT		16

int hcall_code(uint8_t *page)
{
	static const uint8_t jump[2] = { 0xeb, CODE_AT - 2 };
	/* cmp cx, 0x7e; je +11; cmp cx, 0xdb; je +4; vmcall or vmmcall; ret; out PORT, al; ret */
	uint8_t code[] = { 0x66, 0x83, 0xf9, HCALL_RETARGET, 0x74, 0x0b,
			   0x66, 0x81, 0xf9, HCALL_VISIBLE, 0x00, 0x74, 0x04,
			   0x0f, 0x01, 0, 0xc3, 0xe6, HCALL_PORT, 0xc3 };
	uint16_t word;

	if (!memcmp(page, jump, sizeof(jump)) && page[CODE_AT] == code[0])
		return 0;
	if (page[0] != 0x0f || page[1] != 0x01 || (page[2] != 0xc1 && page[2] != 0xd9) ||
	    page[3] != 0xc3)
		return -EINVAL;
	code[15] = page[2];
	memcpy(page + CODE_AT, code, sizeof(code));
	memcpy(&word, jump, sizeof(word));
	__atomic_store_n((uint16_t *)page, word, __ATOMIC_RELEASE);
	return 0;
}
