// SPDX-License-Identifier: GPL-2.0
/*
 * NVSP messages of the host.
 * SEEDS: nvsp_recv_buf_complete nvsp_send_buf_complete nvsp_subchannel_complete nvsp_indirection_windows nvsp_indirection_compact nvsp_vf_association tx_aggregate_payload
 * PREFIX: 3
 */
#include "../../drivers/net/hyperv/lib/nvsp_msg.c"

#include "fuzz.h"

#define BUF_BYTES	(16U << 20)

static void check_sections(const struct netvsc_sections *sections)
{
	FUZZ_ASSERT((u64)sections->bytes * sections->cnt <= BUF_BYTES);
	FUZZ_ASSERT(sections->bytes >= 68 && sections->cnt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u32 requests[] = {
		NVSP_MSG_INIT, NVSP_MSG_SEND_RECV_BUF, NVSP_MSG_SEND_SEND_BUF,
		NVSP_MSG_SEND_RNDIS_PKT, NVSP_MSG_SUBCHANNEL,
	};
	struct fuzz_input in = { data, size };
	u32 version = netvsc_nvsp_msg_candidate(fuzz_u8(&in) % NETVSC_NVSP_VERSION_CNT)->version;
	u32 channels = 1 + fuzz_u8(&in) % 64, wanted = fuzz_u8(&in);
	u16 table[NVSP_INDIRECTION_ENTRIES];
	struct netvsc_sections sections;
	u32 len, value, i;
	bool allocated;
	u8 *msg = fuzz_rest(&in, 4096, &len);

	netvsc_nvsp_msg_type(msg, len, &value);
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		netvsc_nvsp_msg_check_answer(requests[i], msg, len);
	netvsc_nvsp_msg_parse_init(msg, len);
	netvsc_nvsp_msg_parse_rndis_complete(msg, len);
	netvsc_nvsp_msg_parse_vf(msg, len, &allocated, &value);
	netvsc_nvsp_msg_parse_data_path(msg, len, &value);
	if (!netvsc_nvsp_msg_parse_recv_buf(msg, len, BUF_BYTES, &sections))
		check_sections(&sections);
	if (!netvsc_nvsp_msg_parse_send_buf(msg, len, BUF_BYTES, &sections))
		check_sections(&sections);
	if (!netvsc_nvsp_msg_parse_subchannel(msg, len, wanted, &value))
		FUZZ_ASSERT(value <= wanted);
	if (netvsc_nvsp_msg_parse_indirection(msg, len, version, channels, table) >= 0)
		for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
			FUZZ_ASSERT(table[i] < channels);
	free(msg);
	return 0;
}
