// SPDX-License-Identifier: GPL-2.0
/*
 * Data messages in the receive buffer: read at once, and like others before them.
 * SEEDS: rx_tcp4_header rx_rsc_first rx_rsc_middle rx_rsc_last tx_tcp4_vlan_csum tx_udp6_csum tx_lso_header
 * PREFIX: 4
 */
#include "../../drivers/net/hyperv/lib/rndis_rx.c"

#include "fuzz.h"

static void check_meta(const struct netvsc_rx_meta *meta, u32 length, u32 range)
{
	FUZZ_ASSERT(length <= range);
	FUZZ_ASSERT(meta->data_len > 0);
	FUZZ_ASSERT(meta->data_offset >= RNDIS_PACKET_BYTES);
	FUZZ_ASSERT(netvsc_inside(meta->data_offset, meta->data_len, length));
	FUZZ_ASSERT(netvsc_inside(meta->ppi_offset, meta->ppi_len, length));
	FUZZ_ASSERT(meta->ppi_len <= NETVSC_RX_PPI_MAX_BYTES);
	FUZZ_ASSERT(!meta->has || meta->ppi_len);
	FUZZ_ASSERT(!meta->ppi_len ||
		    meta->ppi_offset + meta->ppi_len <= meta->data_offset ||
		    meta->data_offset + meta->data_len <= meta->ppi_offset);
	FUZZ_ASSERT(meta->data_len >= RNDIS_FRAME_MIN_BYTES ||
		    (meta->fragment && !(meta->fragment & RNDIS_PKT_ID_FIRST)));
}

/* What was learned from others changes nothing, whatever they were. */
static void check_like_others(const u8 *msg, u32 len, struct netvsc_rx_template *templates)
{
	struct netvsc_rx_meta meta = {}, like = {};
	int err = netvsc_rndis_rx_parse(msg, len, len, &meta);

	FUZZ_ASSERT(netvsc_rndis_rx_parse_template(msg, len, &like, templates, NULL) == err);
	FUZZ_ASSERT(err || !memcmp(&meta, &like, sizeof(meta)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netvsc_rx_template templates[NETVSC_RX_TEMPLATES] = {};
	struct fuzz_input in = { data, size };
	u32 beyond = fuzz_u16(&in) % 4096, first = fuzz_u16(&in) % 512, len;
	struct netvsc_rx_meta meta;
	u8 *msg;

	/* The message before, which it is compared with. */
	msg = fuzz_rest(&in, first, &len);
	check_like_others(msg, len, templates);
	free(msg);

	msg = fuzz_rest(&in, 2048, &len);
	/* It writes all that it knows, whatever was there. */
	memset(&meta, 0xa5, sizeof(meta));
	if (!netvsc_rndis_rx_parse(msg, len, len + beyond, &meta))
		check_meta(&meta, netvsc_get_le32(msg + 4), len + beyond);
	check_like_others(msg, len, templates);
	/* By now it is like one that was there. */
	check_like_others(msg, len, templates);
	netvsc_rndis_rx_classify(msg, len, len + beyond);
	free(msg);
	return 0;
}
