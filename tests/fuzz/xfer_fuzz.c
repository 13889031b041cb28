// SPDX-License-Identifier: GPL-2.0
/*
 * Transfer-page packets: which ranges of the receive buffer they name.
 * SEEDS: rx_tcp4_packet rx_rsc_packet rndis_initialize_cmplt_packet tx_lso_packet
 */
#include "../../drivers/net/hyperv/lib/nvsp_msg.c"

#include "fuzz.h"

#define BUF_BYTES	(16U << 20)
#define SECTION_BYTES	1806

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	u32 len, i, bytes, offset;
	struct netvsc_xfer xfer;
	u8 *pkt = fuzz_rest(&in, 8192, &len);

	/* The room of the ring lets no descriptor through that is not there. */
	if (len >= NVSP_VMBUS_DESC_BYTES &&
	    !netvsc_nvsp_msg_parse_xfer(pkt, 8 * (netvsc_get_le32(pkt) >> 16), len, &xfer)) {
		FUZZ_ASSERT(xfer.range_cnt <= NVSP_XFER_RANGES_MAX_RSC);
		for (i = 0; i < xfer.range_cnt; i++) {
			bytes = netvsc_nvsp_msg_range(&xfer, i, &offset);
			if (!netvsc_nvsp_msg_range_ok(offset, bytes, BUF_BYTES, SECTION_BYTES))
				continue;
			FUZZ_ASSERT((u64)offset + bytes <= BUF_BYTES);
			FUZZ_ASSERT(bytes <= SECTION_BYTES);
		}
	}
	free(pkt);
	return 0;
}
