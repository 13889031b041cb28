// SPDX-License-Identifier: GPL-2.0
/* Names and numbers in text: the host's name of a NIC, the slot of a VF. */
#include "../../drivers/net/hyperv/lib/utf16.c"
#include "../../drivers/net/hyperv/lib/vf_match.c"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	u32 room = fuzz_u8(&in), len, serial;
	char *out = malloc(room ? room : 1), *slot;
	u8 *name = fuzz_rest(&in, 1024, &len);
	size_t written;

	FUZZ_ASSERT(out);
	written = netvsc_utf16_to_utf8(name, len, out, room);
	FUZZ_ASSERT(!room || (written < room && !out[written]));
	slot = malloc(len + 1);
	FUZZ_ASSERT(slot);
	memcpy(slot, name, len);
	slot[len] = 0;
	netvsc_vf_match_serial(slot, &serial);
	free(slot);
	free(name);
	free(out);
	return 0;
}
