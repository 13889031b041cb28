// SPDX-License-Identifier: GPL-2.0
/*
 * Headers of received frames: what may be believed of them, and sums that are made right.
 * SEEDS: rx_tcp4_frame
 * PREFIX: 3
 */
#include "../../drivers/net/hyperv/lib/rx_meta.c"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	__be16 type = cpu_to_be16(fuzz_u8(&in) & 1 ? ETH_P_IP : ETH_P_IPV6);
	u32 more = fuzz_u16(&in), len;
	struct netvsc_rx_tcp tcp;
	bool coalesced = more & 1;
	u8 *head = fuzz_rest(&in, 2048, &len);

	netvsc_rx_meta_credible(type, head, len);
	if (netvsc_rx_meta_find_tcp(type, head, len, len + more, coalesced, &tcp)) {
		FUZZ_ASSERT(tcp.tcp > tcp.ip && tcp.payload >= tcp.tcp + 20);
		FUZZ_ASSERT(tcp.payload <= len);
		FUZZ_ASSERT(tcp.bytes >= tcp.payload && tcp.bytes <= len + more);
		netvsc_rx_meta_fix_headers(head, &tcp, more & 2);
	}
	netvsc_rx_meta_fix_ip_csum(type, head, len);
	free(head);
	return 0;
}
