// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of the host to control requests, and its indications.
 * SEEDS: rndis_initialize_cmplt rndis_query_mac_cmplt rndis_set_filter_cmplt rndis_media_disconnect rndis_link_speed_10g
 */
#include "../../drivers/net/hyperv/lib/rndis_rx.c"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct netvsc_rndis_answer answer;
	struct netvsc_rndis_status status;
	struct netvsc_rndis_init init;
	u32 len, type, id;
	u8 *msg = fuzz_rest(&in, 4096, &len);

	if (!netvsc_rndis_rx_answer(msg, len, &answer)) {
		FUZZ_ASSERT(netvsc_inside(answer.info_offset, answer.info_len, len));
		/* Whoever is answered can be found by a look at its head, too. */
		FUZZ_ASSERT(!netvsc_rndis_rx_peek(msg, len, &type, &id));
		FUZZ_ASSERT(type == answer.type && id == answer.request_id);
		if (answer.type == RNDIS_MSG_INITIALIZE_CMPLT)
			FUZZ_ASSERT(!netvsc_rndis_rx_init(msg, len, &init));
	}
	if (!netvsc_rndis_rx_status(msg, len, &status))
		FUZZ_ASSERT(netvsc_inside(status.buf_offset, status.buf_len, len));
	free(msg);
	return 0;
}
