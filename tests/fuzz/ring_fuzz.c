// SPDX-License-Identifier: GPL-2.0
/*
 * The ring from the host: any bytes in it, any index. Every packet that is handed out
 * lies in what was seen, and the room given back is what was read.
 */
#include "../../drivers/net/hyperv/lib/ring_in.h"

#include "fuzz.h"

#define RING_BYTES	4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A ring is mapped twice, one behind the other: what wraps is in one piece. */
	u8 *ring = calloc(2, RING_BYTES);
	struct fuzz_input in = { data, size };
	u32 i, at, freed, rounds = 1 + fuzz_u8(&in) % 8;
	struct netvsc_ring_in ring_in;
	struct netvsc_pkt pkt;

	FUZZ_ASSERT(ring);
	netvsc_ring_in_init(&ring_in, ring, RING_BYTES);
	while (rounds--) {
		u32 write = fuzz_u16(&in) % (RING_BYTES + 64), pending = fuzz_u16(&in);

		for (i = 0, at = ring_in.read; i < 256 && in.left; i++, at++) {
			ring[at % RING_BYTES] = fuzz_u8(&in);
			ring[at % RING_BYTES + RING_BYTES] = ring[at % RING_BYTES];
		}
		if (!netvsc_ring_in_refresh(&ring_in, write))
			continue;
		FUZZ_ASSERT(ring_in.seen < RING_BYTES && ring_in.seen % 8 == 0);
		while (ring_in.seen) {
			freed = ring_in.freed;
			netvsc_ring_in_first(&ring_in, &pkt);
			FUZZ_ASSERT(pkt.raw == ring + ring_in.read);
			FUZZ_ASSERT(pkt.offset <= pkt.bytes);
			FUZZ_ASSERT(pkt.bytes + NETVSC_RING_TRAILER_BYTES <= ring_in.seen);
			netvsc_ring_in_next(&ring_in, &pkt);
			FUZZ_ASSERT(ring_in.freed - freed == pkt.bytes + NETVSC_RING_TRAILER_BYTES);
			FUZZ_ASSERT(ring_in.read < RING_BYTES && ring_in.read % 8 == 0);
		}
		FUZZ_ASSERT(ring_in.read == write);
		netvsc_ring_in_wakes(&ring_in, ring_in.freed, pending, write);
		ring_in.freed = 0;
	}
	free(ring);
	return 0;
}
