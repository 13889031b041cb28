// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments in any order and of any length: what is collected is one frame, no longer
 * than a frame can be, and it can be cut as it was.
 */
#include "../../drivers/net/hyperv/lib/rsc.c"

#include "fuzz.h"

#define HEADER_BYTES	54
#define MSS_MAX		1460

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	u32 bytes, todo, held = 0, cnt = 0, segs, mss;
	struct netvsc_rsc rsc = {};
	bool open = false;
	u8 flags;

	while (in.left >= 3) {
		flags = fuzz_u8(&in);
		bytes = fuzz_u16(&in);
		if (!bytes)
			bytes = 1;
		if (flags & 0x40) {
			/* Something else came in between. */
			FUZZ_ASSERT(netvsc_rsc_end(&rsc) == open);
			open = false;
		}
		todo = netvsc_rsc_add(&rsc, flags & 7, bytes);
		if (todo & NETVSC_RSC_DROP) {
			FUZZ_ASSERT(open);
			open = false;
		}
		if (todo & NETVSC_RSC_BEGIN) {
			FUZZ_ASSERT(!open && todo & NETVSC_RSC_TAKE);
			open = true;
			held = cnt = 0;
		}
		if (todo & NETVSC_RSC_TAKE) {
			FUZZ_ASSERT(open);
			held += bytes;
			cnt++;
			FUZZ_ASSERT(held <= NETVSC_RSC_MAX_BYTES);
			FUZZ_ASSERT(cnt <= NETVSC_RSC_MAX_FRAGMENTS);
		}
		if (!(todo & NETVSC_RSC_DONE))
			continue;
		FUZZ_ASSERT(open && rsc.bytes == held && rsc.cnt == cnt);
		open = false;
		/* Whoever asks has found headers and a payload in the frame. */
		if (held <= HEADER_BYTES)
			continue;
		mss = netvsc_rsc_split(&rsc, HEADER_BYTES, MSS_MAX, &segs);
		FUZZ_ASSERT(mss <= MSS_MAX);
		FUZZ_ASSERT(mss ? (u64)mss * segs >= held - HEADER_BYTES :
				  held - HEADER_BYTES <= MSS_MAX);
	}
	FUZZ_ASSERT(netvsc_rsc_end(&rsc) == open);
	return 0;
}
