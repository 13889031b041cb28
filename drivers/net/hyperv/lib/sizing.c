// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room sizing: limits and wishes -> bytes, sections, rings, queues
 *
 * Promise: every number that decides about memory is bounded here, whoever
 * asked for it - user, kernel or host. Buffers are whole VMBus pages, because
 * hosts take GPADLs of nothing else.
 *
 * Neighbours: dev.c, netdev.c and ethtool.c call. No state, any context.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include <netvsc/nvsp.h>
#include <netvsc/rndis.h>

#include "batch.h"
#include "nvsp_msg.h"
#include "sizing.h"

/* At most as many packets per message as stock Linux: more gains nothing. */
#define BATCH_PKTS_MAX		8

/* Every message starts with dwords; a section is written with aligned stores. */
#define BATCH_ALIGN_MIN		4

/* What hosts are known to add to the MTU; some add less. */
#define RECV_OVERHEAD_MIN	(14 + NVSP_RECV_SUBALLOC_HEAD + \
				 NVSP_RECV_SUBALLOC_TAIL)

static u32 sizing_buffer_bytes(u32 sections, u32 section_bytes, u32 max_bytes)
{
	u64 bytes = (u64)max_t(u32, sections, NVSP_SECTIONS_MIN) * section_bytes;

	/* The limits are whole pages, so rounding cannot pass them. */
	bytes = min_t(u64, bytes, max_bytes);
	return round_up((u32)bytes, NVSP_VMBUS_PAGE_BYTES);
}

u32 netvsc_sizing_recv_bytes(u32 sections, u32 section_bytes, u32 least_bytes,
			     const struct netvsc_nvsp_caps *nvsp_caps)
{
	u32 max_bytes = nvsp_caps->recv_buf_max_bytes;
	u32 bytes;

	bytes = sizing_buffer_bytes(sections ?: NETVSC_RX_SECTIONS_DEFAULT,
				    section_bytes ?: NVSP_RECV_SUBALLOC_DEFAULT,
				    max_bytes);
	least_bytes = min(least_bytes, max_bytes);
	return max(bytes, round_up(least_bytes, NVSP_VMBUS_PAGE_BYTES));
}

u32 netvsc_sizing_recv_sections_min(u32 queues)
{
	return NVSP_RECV_SUBALLOC_CONTROL + queues;
}

u32 netvsc_sizing_overhead(u32 section_bytes, u32 mtu)
{
	return section_bytes > mtu ? section_bytes - mtu : 0;
}

u32 netvsc_sizing_recv_least(u32 mtu, u32 overhead, u32 queues)
{
	u64 bytes = mtu + (u64)max_t(u32, overhead, RECV_OVERHEAD_MIN);

	bytes *= netvsc_sizing_recv_sections_min(queues);
	return min_t(u64, bytes, NVSP_RECV_BUF_MAX_BYTES);
}

u32 netvsc_sizing_send_bytes(u32 sections, u32 section_bytes)
{
	return sizing_buffer_bytes(sections ?: NETVSC_TX_SECTIONS_DEFAULT,
				   section_bytes ?: NVSP_SEND_SECTION_DEFAULT,
				   NVSP_SEND_BUF_MAX_BYTES);
}

u32 netvsc_sizing_recv_sections_max(u32 section_bytes,
				    const struct netvsc_nvsp_caps *nvsp_caps)
{
	return nvsp_caps->recv_buf_max_bytes / section_bytes;
}

u32 netvsc_sizing_send_sections_max(u32 section_bytes)
{
	return NVSP_SEND_BUF_MAX_BYTES / section_bytes;
}

u32 netvsc_sizing_next_section_bytes(u32 bytes, u32 attached_mtu, u32 mtu)
{
	/* Smaller than a frame: that host does not go by the MTU. */
	if (mtu >= attached_mtu || bytes <= attached_mtu)
		return bytes;
	return bytes - (attached_mtu - mtu);
}

u32 netvsc_sizing_ring_pages(u32 wanted)
{
	return clamp_t(u32, wanted, NETVSC_RING_PAGES_MIN,
		       NETVSC_RING_PAGES_MAX);
}

u32 netvsc_sizing_sub_ring_pages(u32 pages)
{
	return max_t(u32, pages / 4, NETVSC_RING_PAGES_MIN / 2);
}

u32 netvsc_sizing_slots(u32 pages)
{
	u32 slots = NETVSC_SLOTS_MIN;

	while (slots < NETVSC_SLOTS_MAX && slots < pages * (4096 / 256))
		slots *= 2;
	return slots;
}

u32 netvsc_sizing_mtu(u32 wanted, u32 host_mtu)
{
	if (host_mtu < NETVSC_MTU_MIN)
		return wanted;
	return min(wanted, host_mtu);
}

u32 netvsc_sizing_queues(u32 wanted, u32 default_rss, u32 cpus, u32 host_queues)
{
	u32 n = wanted;

	if (!n)
		n = min(max_t(u32, NETVSC_QUEUES_DEFAULT, default_rss), cpus);
	return clamp_t(u32, min(n, host_queues), 1, NVSP_MAX_CHANNELS);
}

void netvsc_sizing_batch(u32 max_packets, u32 alignment_exp, u32 section_bytes,
			 struct netvsc_batch_limits *limits)
{
	limits->section_bytes = section_bytes;
	if (alignment_exp > RNDIS_ALIGNMENT_EXP_MAX) {
		limits->align = BATCH_ALIGN_MIN;
		limits->max_pkts = 1;
		return;
	}
	limits->align = max_t(u32, BATCH_ALIGN_MIN, 1U << alignment_exp);
	limits->max_pkts = clamp_t(u32, max_packets, 1, BATCH_PKTS_MAX);
}
