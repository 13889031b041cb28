/* SPDX-License-Identifier: GPL-2.0 */
/* Room rndis_tx: write RNDIS headers and control requests into bounded buffers. */
#ifndef _NETVSC_LIB_RNDIS_TX_H
#define _NETVSC_LIB_RNDIS_TX_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include <netvsc/rndis.h>

/* PPIs a frame wants; LSO and CSUM exclude each other. */
#define NETVSC_TX_HASH		0x01
#define NETVSC_TX_VLAN		0x02
#define NETVSC_TX_LSO		0x04
#define NETVSC_TX_CSUM		0x08

/**
 * struct netvsc_tx_meta - what the host must know about one frame
 * @hash: for NETVSC_TX_HASH; V5 and later, more than one queue (R31)
 * @vlan: for NETVSC_TX_VLAN, from netvsc_rndis_tx_vlan()
 * @offload: for NETVSC_TX_LSO from netvsc_rndis_tx_lso(), for NETVSC_TX_CSUM
 *	from netvsc_rndis_tx_csum()
 * @ppis: NETVSC_TX_*
 */
struct netvsc_tx_meta {
	u32 hash;
	u32 vlan;
	u32 offload;
	u8 ppis;
};

/**
 * netvsc_rndis_tx_header_bytes() - size of the header that the meta data needs
 * @meta: see above
 *
 * Return: 44, 60, 76 or 92 bytes, never more than RNDIS_TX_HEADER_MAX_BYTES.
 */
static inline u32
netvsc_rndis_tx_header_bytes(const struct netvsc_tx_meta *meta)
{
	u32 bytes = RNDIS_PACKET_BYTES;

	if (meta->ppis & NETVSC_TX_HASH)
		bytes += RNDIS_PPI_BYTES;
	if (meta->ppis & NETVSC_TX_VLAN)
		bytes += RNDIS_PPI_BYTES;
	if (meta->ppis & (NETVSC_TX_LSO | NETVSC_TX_CSUM))
		bytes += RNDIS_PPI_BYTES;
	return bytes;
}

/* One PPI as it leaves a guest: element header and its four bytes of data. */
struct netvsc_tx_ppi {
	struct rndis_ppi hdr;
	__le32 data;
};

netvsc_assert_size(struct netvsc_tx_ppi, RNDIS_PPI_BYTES);

static inline struct netvsc_tx_ppi *
netvsc_rndis_tx_put_ppi(struct netvsc_tx_ppi *ppi, u32 type, u32 data)
{
	ppi->hdr.size = cpu_to_le32(RNDIS_PPI_BYTES);
	ppi->hdr.type = cpu_to_le32(type);
	ppi->hdr.data_offset = cpu_to_le32(RNDIS_PPI_HEADER_BYTES);
	ppi->data = cpu_to_le32(data);
	return ppi + 1;
}

/**
 * netvsc_rndis_tx_put_header() - write a PACKET header with its PPIs, hot path
 * @buf: where to; 4-byte aligned, only written to (may be a send section)
 * @bytes: from netvsc_rndis_tx_header_bytes(), so much is there
 * @meta: see above; of LSO and checksum at most one
 * @frame_len: bytes of the frame that follows, 1 up to what an skb can have
 * @pad: zero bytes that follow the frame and that the message length counts:
 *	only for a message that another one will follow in its section
 *
 * PPI order as stock Linux has it: hash, VLAN, LSO or checksum. Sheet 5.8, 7.1.
 */
static inline void
netvsc_rndis_tx_put_header(void *buf, u32 bytes,
			   const struct netvsc_tx_meta *meta, u32 frame_len,
			   u32 pad)
{
	struct rndis_packet *pkt = buf;
	struct netvsc_tx_ppi *ppi = (struct netvsc_tx_ppi *)(pkt + 1);

	pkt->type = cpu_to_le32(RNDIS_MSG_PACKET);
	pkt->length = cpu_to_le32(bytes + frame_len + pad);
	pkt->data_offset = cpu_to_le32(bytes - RNDIS_OFFSET_BASE);
	pkt->data_length = cpu_to_le32(frame_len);
	pkt->oob_offset = 0;
	pkt->oob_length = 0;
	pkt->oob_cnt = 0;
	pkt->ppi_offset = cpu_to_le32(RNDIS_PACKET_PPI_OFFSET);
	pkt->ppi_length = cpu_to_le32(bytes - RNDIS_PACKET_BYTES);
	pkt->vc_handle = 0;
	pkt->reserved = 0;
	if (!meta->ppis)
		return;
	if (meta->ppis & NETVSC_TX_HASH)
		ppi = netvsc_rndis_tx_put_ppi(ppi, RNDIS_PPI_HASH_VALUE,
					      meta->hash);
	if (meta->ppis & NETVSC_TX_VLAN)
		ppi = netvsc_rndis_tx_put_ppi(ppi, RNDIS_PPI_VLAN, meta->vlan);
	if (meta->ppis & NETVSC_TX_LSO)
		netvsc_rndis_tx_put_ppi(ppi, RNDIS_PPI_LSO, meta->offload);
	else if (meta->ppis & NETVSC_TX_CSUM)
		netvsc_rndis_tx_put_ppi(ppi, RNDIS_PPI_CSUM, meta->offload);
}

/**
 * netvsc_rndis_tx_csum() - data of the checksum PPI
 * @ipv6: else IPv4
 * @udp: else TCP
 * @l4_offset: of the TCP/UDP header from the start of the frame as sent
 *
 * The checksum field of the frame must hold the folded, not complemented
 * pseudo-header sum with the length. Sheet 7.2.
 *
 * Return: the value; 0 if @l4_offset does not fit: checksum in software then.
 */
static inline u32 netvsc_rndis_tx_csum(bool ipv6, bool udp, u32 l4_offset)
{
	if (l4_offset > RNDIS_L4_OFFSET_MAX)
		return 0;
	return (ipv6 ? RNDIS_TX_CSUM_IPV6 : RNDIS_TX_CSUM_IPV4) |
	       (udp ? RNDIS_TX_CSUM_UDP : RNDIS_TX_CSUM_TCP) |
	       FIELD_PREP(RNDIS_TX_CSUM_L4_OFFSET, l4_offset);
}

/**
 * netvsc_rndis_tx_lso() - data of the LSO version 2 PPI
 * @ipv6: else IPv4
 * @mss: TCP payload bytes per segment
 * @tcp_offset: of the TCP header from the start of the frame as sent
 *
 * IP length (and IPv4 checksum) of the frame must be 0, its TCP checksum field
 * the pseudo-header sum with length 0. Sheet 7.3; R29.
 *
 * Return: the value; 0 if an argument does not fit: segment in software then.
 */
u32 netvsc_rndis_tx_lso(bool ipv6, u32 mss, u32 tcp_offset);

/**
 * netvsc_rndis_tx_vlan() - data of the 802.1Q PPI
 * @tci: PCP << 13 | DEI << 12 | VID. Sheet 5.11.
 *
 * Return: the value.
 */
u32 netvsc_rndis_tx_vlan(u16 tci);

/*
 * Control requests. @buf is 4-byte aligned. Return: bytes of the message,
 * -ENOSPC if they exceed @size, -EINVAL if the input is too long for any host.
 */

/**
 * netvsc_rndis_tx_initialize() - INITIALIZE
 * @buf: where to
 * @size: bytes there
 * @request_id: echoed by the answer. Sheet 5.3.
 *
 * Return: bytes of the message; -ENOSPC.
 */
int netvsc_rndis_tx_initialize(void *buf, size_t size, u32 request_id);

/**
 * netvsc_rndis_tx_halt() - HALT; no answer
 * @buf: where to
 * @size: bytes there
 * @request_id: for the record. Sheet 5.5.
 *
 * Return: bytes of the message; -ENOSPC.
 */
int netvsc_rndis_tx_halt(void *buf, size_t size, u32 request_id);

/**
 * netvsc_rndis_tx_keepalive() - KEEPALIVE
 * @buf: where to
 * @size: bytes there
 * @request_id: echoed by the answer. Sheet 5.5.
 *
 * Return: bytes of the message; -ENOSPC.
 */
int netvsc_rndis_tx_keepalive(void *buf, size_t size, u32 request_id);

/**
 * netvsc_rndis_tx_query() - QUERY
 * @buf: where to
 * @size: bytes there
 * @request_id: echoed by the answer
 * @oid: OID_*
 * @info: input of the query; the offset field says 20 even without one
 * @info_len: its bytes, 0 to 4096. Sheet 5.4.
 *
 * Return: bytes of the message; -ENOSPC; -EINVAL.
 */
int netvsc_rndis_tx_query(void *buf, size_t size, u32 request_id, u32 oid,
			  const void *info, u32 info_len);

/**
 * netvsc_rndis_tx_set() - SET
 * @buf: where to
 * @size: bytes there
 * @request_id: echoed by the answer
 * @oid: OID_*
 * @info: the value
 * @info_len: its bytes, 0 to 4096. Sheet 5.4.
 *
 * Return: bytes of the message; -ENOSPC; -EINVAL.
 */
int netvsc_rndis_tx_set(void *buf, size_t size, u32 request_id, u32 oid,
			const void *info, u32 info_len);

/**
 * netvsc_rndis_tx_mac_param() - value of OID_GEN_RNDIS_CONFIG_PARAMETER
 * @buf: where to
 * @size: bytes there; NDIS_CONFIG_MAC_BYTES (72) are needed
 * @mac: the address to ask the host for. Sheet 6.7.
 *
 * Return: bytes of the value; -ENOSPC.
 */
int netvsc_rndis_tx_mac_param(void *buf, size_t size, const u8 mac[6]);

#endif /* _NETVSC_LIB_RNDIS_TX_H */
