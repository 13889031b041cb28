/* SPDX-License-Identifier: GPL-2.0 */
/* Room sizing: limits and wishes -> bytes, sections, rings, queues. */
#ifndef _NETVSC_LIB_SIZING_H
#define _NETVSC_LIB_SIZING_H

#include <linux/types.h>

#include <netvsc/nvsp.h>

struct netvsc_nvsp_caps;
struct netvsc_batch_limits;

#define NETVSC_RX_SECTIONS_DEFAULT	9709	/* * 1728 = 16 MB less 64 bytes */
#define NETVSC_TX_SECTIONS_DEFAULT	170	/* * 6144 = 1044480 */

#define NETVSC_SLOTS_MIN		1024
#define NETVSC_SLOTS_MAX		4096
#define NETVSC_RING_PAGES_MIN		64
#define NETVSC_RING_PAGES_DEFAULT	128
#define NETVSC_RING_PAGES_MAX		512	/* two of them: one order-10 allocation */

#define NETVSC_MTU_MIN			68
#define NETVSC_QUEUES_DEFAULT		16

/**
 * netvsc_sizing_recv_bytes() - size of the receive buffer
 * @sections: sub-allocations wanted, 0 for the default
 * @section_bytes: size of one as last told by the host, 0 if not told yet
 * @least_bytes: from netvsc_sizing_recv_least()
 * @nvsp_caps: of the NVSP version in force: 15 MB up to V2, 31 MB since (R78)
 *
 * Return: bytes, a multiple of 4096, never zero. Sheet 4.1, 9.1.
 */
u32 netvsc_sizing_recv_bytes(u32 sections, u32 section_bytes, u32 least_bytes,
			     const struct netvsc_nvsp_caps *nvsp_caps);

/**
 * netvsc_sizing_recv_sections_min() - sub-allocations that a host needs
 * @queues: channels that share them
 *
 * Hosts keep some for control messages and have one for each channel at least. With
 * fewer they refuse sub-channels, or take the buffer and never answer. Sheet 3.13,
 * 9.2.
 *
 * Return: number.
 */
u32 netvsc_sizing_recv_sections_min(u32 queues);

/**
 * netvsc_sizing_overhead() - what a host adds to the MTU
 * @section_bytes: a sub-allocation, as told by the host
 * @mtu: in force then
 *
 * Return: bytes; 0: it does not go by the MTU.
 */
u32 netvsc_sizing_overhead(u32 section_bytes, u32 mtu);

/**
 * netvsc_sizing_recv_least() - the receive buffer that holds so many
 * @mtu: that the host will be told
 * @overhead: bytes that it added to the MTU for a sub-allocation, as last seen; 0 if
 *	not told yet
 * @queues: channels that share them
 *
 * Return: bytes, at most NVSP_RECV_BUF_MAX_BYTES.
 */
u32 netvsc_sizing_recv_least(u32 mtu, u32 overhead, u32 queues);

/**
 * netvsc_sizing_send_bytes() - size of the send buffer
 * @sections: wanted, 0 for the default
 * @section_bytes: size of one as last told by the host, 0 if not told yet
 *
 * Return: bytes, a multiple of 4096, never zero. Sheet 4.1, 9.1.
 */
u32 netvsc_sizing_send_bytes(u32 sections, u32 section_bytes);

/**
 * netvsc_sizing_recv_sections_max() - most sub-allocations one may ask for
 * @section_bytes: size of one as told by the host, not 0
 * @nvsp_caps: of the NVSP version in force
 *
 * Return: number; the least one may ask for is netvsc_sizing_recv_sections_min().
 */
u32 netvsc_sizing_recv_sections_max(u32 section_bytes,
				    const struct netvsc_nvsp_caps *nvsp_caps);

/**
 * netvsc_sizing_send_sections_max() - most send sections one may ask for
 * @section_bytes: size of one as told by the host, not 0
 *
 * Return: number; the least one may ask for is NVSP_SECTIONS_MIN.
 */
u32 netvsc_sizing_send_sections_max(u32 section_bytes);

/**
 * netvsc_sizing_next_section_bytes() - sub-allocations of the next attachment
 * @bytes: size of one as told by the host
 * @attached_mtu: MTU that the host was told before
 * @mtu: MTU of now, which it will be told next
 *
 * Hosts add to the MTU what they need around a frame.
 *
 * Return: bytes, not 0 if @bytes is not.
 */
u32 netvsc_sizing_next_section_bytes(u32 bytes, u32 attached_mtu, u32 mtu);

/**
 * netvsc_sizing_ring_pages() - module parameter ring_size
 * @wanted: 4 KiB pages per direction, the control page included
 *
 * Return: pages within the limits. Sheet 1.3; R82.
 */
u32 netvsc_sizing_ring_pages(u32 wanted);

/**
 * netvsc_sizing_sub_ring_pages() - the same for a sub-channel
 * @pages: pages per direction of the primary channel
 *
 * A quarter, but no less than 32: 128 KB towards the host hold 1024 requests whose
 * frames are in send sections twice, and as many from it the announcement of some
 * 3000 frames, beyond a channel's share of the receive buffer.
 *
 * Return: pages, not more than @pages.
 */
u32 netvsc_sizing_sub_ring_pages(u32 pages);

/**
 * netvsc_sizing_slots() - requests that may be out on a channel
 * @pages: pages of its ring per direction
 *
 * A host that comes by late must not be what stops the queue as long as the ring has
 * room: each stop costs more than the packet, and the wake a signal. So one for each
 * 256 bytes of the ring, within 1024 and 4096; a request takes 64 bytes of it if it
 * is in a send section and 100 to 300 by pages. A slot costs 32 bytes, and
 * NETVSC_HEADER_BYTES more once it was used for pages.
 *
 * Return: a power of two.
 */
u32 netvsc_sizing_slots(u32 pages);

/**
 * netvsc_sizing_mtu() - MTU in force after the host told its own
 * @wanted: the configured MTU
 * @host_mtu: answer of OID_GEN_MAXIMUM_FRAME_SIZE
 *
 * Return: the smaller one; @wanted if the host's is below NETVSC_MTU_MIN, and
 * so no MTU at all. Sheet 4.1 step 8; R77.
 */
u32 netvsc_sizing_mtu(u32 wanted, u32 host_mtu);

/**
 * netvsc_sizing_queues() - number of channels to bring up
 * @wanted: by the user, 0 for the default
 * @default_rss: the kernel's default number of RSS queues
 * @cpus: online CPUs; they limit the default, not the user
 * @host_queues: receive queues the host reported
 *
 * Return: 1..NVSP_MAX_CHANNELS. Sheet 4.1; R85.
 */
u32 netvsc_sizing_queues(u32 wanted, u32 default_rss, u32 cpus, u32 host_queues);

/**
 * netvsc_sizing_batch() - limits of transmit aggregation
 * @max_packets: from INITIALIZE_CMPLT; 0 means one
 * @alignment_exp: from INITIALIZE_CMPLT; beyond RNDIS_ALIGNMENT_EXP_MAX nothing
 *	is aggregated, so no alignment is needed either (R26)
 * @section_bytes: size of a send section
 * @limits: filled
 */
void netvsc_sizing_batch(u32 max_packets, u32 alignment_exp, u32 section_bytes,
			 struct netvsc_batch_limits *limits);

/* A frame of 1500 bytes with all that belongs to it. */
#define NETVSC_SIZING_PIECE_LEAST	2048

/**
 * netvsc_sizing_piece() - the piece of a page that a received frame gets, hot path
 * @need: bytes of the frame and of what the stack has around it
 * @page_bytes: of a page, a power of two; not less than @need
 *
 * By the frame, not by the page: a socket is charged for the whole piece, and pages have
 * up to 64 KiB.
 *
 * Return: a power of two, at most @page_bytes.
 */
static inline u32 netvsc_sizing_piece(u32 need, u32 page_bytes)
{
	u32 bytes = NETVSC_SIZING_PIECE_LEAST;

	while (bytes < need && bytes < page_bytes)
		bytes *= 2;
	return bytes;
}

#endif /* _NETVSC_LIB_SIZING_H */
