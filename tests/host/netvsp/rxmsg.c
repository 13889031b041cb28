// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: rxmsg - one frame for the guest, or one fragment of an aggregate, as an RNDIS
 * message in a sub-allocation (netvsc-wire.md 5.8, 5.11, 5.12).
 *
 * The 1806 style puts the frame at byte 256 and claims the whole sub-allocation;
 * the 1728 style puts it behind the PPIs and claims what it uses.
 */
#include <string.h>
#include "../backend/packet.h"
#include "../fault/fault.h"
#include "nic.h"
#include "wire.h"

/* Verified, but the field is not that of the aggregate (9.5). */
#define RSC_CSUM	(RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_TCP_VALUE_INVALID)

static uint8_t *put_ppi(uint8_t *p, uint32_t type, uint32_t v)
{
	wire_put32(p, RNDIS_PPI_BYTES);
	wire_put32(p + 4, type);
	wire_put32(p + 8, RNDIS_PPI_HEADER_BYTES);
	wire_put32(p + 12, v);
	return p + RNDIS_PPI_BYTES;
}

/* What the checksum PPI says of a frame. */
static uint32_t csum_bits(const struct nic *nic, const struct nic_waiting *w)
{
	const struct nic_offloads *f = &nic->off;
	struct pkt_info info;
	uint32_t v = 0;
	bool tcp, on;

	if (fault_hit("recv.lie_csum", nic->id, "", 0))
		return RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_IP_SUCCEEDED;
	if (w->has_csum)
		return w->csum;
	if (!nic->able)
		return 0;
	pkt_parse(w->data, w->len, &info);
	if (w->shape)
		return info.is_ip4 ? RSC_CSUM | RNDIS_RX_CSUM_IP_SUCCEEDED |
				     RNDIS_RX_CSUM_IP_VALUE_INVALID : RSC_CSUM;
	if (info.is_ip4)
		v |= pkt_ip4_csum_good(w->data, &info) ? RNDIS_RX_CSUM_IP_SUCCEEDED :
							 RNDIS_RX_CSUM_IP_FAILED;
	if (!info.l4_off)
		return v;
	tcp = info.l4_proto == IP_PROTO_TCP;
	on = info.is_ip4 ? (tcp ? f->rx_tcp4 : f->rx_udp4) :
			   (tcp ? f->rx_tcp6 : f->rx_udp6);
	if (!on)
		return v;
	if (w->l4_good || pkt_l4_csum_good(w->data, &info))
		return v | (tcp ? RNDIS_RX_CSUM_TCP_SUCCEEDED : RNDIS_RX_CSUM_UDP_SUCCEEDED);
	return v | (tcp ? RNDIS_RX_CSUM_TCP_FAILED : RNDIS_RX_CSUM_UDP_FAILED);
}

static uint32_t vlan_ppi(uint16_t tci)
{
	return (uint32_t)(tci >> 13 | (tci >> 9 & RNDIS_VLAN_DEI) | (tci & 0xfff) << 4);
}

/* Faults N5 to N10 and their like: the finished header is changed. */
static void mutate_header(int nic, uint8_t *h, uint32_t data_room)
{
	const struct fault *f;

	if (fault_hit("recv.msg_length", nic, "", 0))
		wire_put32(h + 4, 0x10000);
	f = fault_hit("recv.data_offset", nic, "", 0);
	if (f)
		wire_put32(h + 8, f->has_value ? f->value : 0xfffffff8);
	if (fault_hit("recv.data_length", nic, "", 0))
		wire_put32(h + 12, data_room + 1);
	f = fault_hit("recv.long_frame", nic, "", 0);
	if (f)
		wire_put32(h + 12, f->has_value ? f->value : data_room);
	if (fault_hit("recv.ppi_size_zero", nic, "", 0))
		wire_put32(h + 44, 0);
	if (fault_hit("recv.ppi_size_odd", nic, "", 0))
		wire_put32(h + 44, 17);
	if (fault_hit("recv.ppi_data_offset", nic, "", 0))
		wire_put32(h + 52, 16);
	f = fault_hit("recv.rndis_type", nic, "", 0);
	if (f)
		wire_put32(h, f->has_value ? f->value : 0x99);
}

uint32_t rxmsg_room(const struct nic *nic)
{
	return nic->sub_size > NVSP_RECV_SUBALLOC_HEAD ?
	       nic->sub_size - NVSP_RECV_SUBALLOC_HEAD : 0;
}

/* No type that the sheet knows. */
#define PPI_EXTRA	13

/* What applies to a frame as a whole: of an aggregate, the first fragment has it. */
static uint8_t *put_frame_ppis(const struct nic *nic, const struct nic_waiting *w, uint8_t *p)
{
	const struct fault *extra;

	p = put_ppi(p, RNDIS_PPI_CSUM, csum_bits(nic, w));
	if (w->tagged)
		p = put_ppi(p, RNDIS_PPI_VLAN, vlan_ppi(w->tci));
	if (w->hash_type && nic->cfg.hash_ppi && nic->version >= NVSP_VERSION_5) {
		p = put_ppi(p, RNDIS_PPI_HASH_VALUE, w->hash);
		p = put_ppi(p, RNDIS_PPI_HASH_INFO, w->hash_type | NDIS_HASH_TOEPLITZ);
	}
	extra = fault_hit("recv.ppi_extra", nic->id, "", 0);
	if (extra)
		p = put_ppi(p, extra->has_value ? extra->value : PPI_EXTRA, 0);
	return p;
}

static uint8_t *put_ppis(const struct nic *nic, const struct nic_waiting *w, unsigned int n,
			 uint8_t *p)
{
	const struct rsc_frag *f = w->shape ? &w->shape->frag[n] : NULL;

	if (!f || !n)
		p = put_frame_ppis(nic, w, p);
	if (f && !f->no_ppi)
		p = put_ppi(p, RNDIS_PPI_PACKET_ID, RNDIS_PKT_ID_VERSION |
			    (uint32_t)f->flags << 8 | (uint32_t)f->id << 16);
	return p;
}

uint32_t rxmsg_write(struct nic *nic, const struct nic_waiting *w, uint32_t slot,
		     size_t off, unsigned int n)
{
	uint8_t h[NVSP_RECV_SUBALLOC_HEAD] = { 0 }, *p = h + RNDIS_PACKET_BYTES;
	bool whole = nic->cfg.suballoc != NVSP_RECV_SUBALLOC_DEFAULT;
	uint32_t len = w->shape ? w->shape->frag[n].len : (uint32_t)w->len;
	uint64_t base = (uint64_t)slot * nic->sub_size;
	uint32_t at, claim;

	p = put_ppis(nic, w, n, p);
	at = whole ? NVSP_RECV_SUBALLOC_HEAD : (uint32_t)(p - h);
	if (fault_hit("recv.unaligned", nic->id, "", 0))
		at++;
	if (at > nic->sub_size || len > nic->sub_size - at)
		return 0;
	claim = whole ? nic->sub_size : at + len;
	wire_put32(h, RNDIS_MSG_PACKET);
	wire_put32(h + 4, claim);
	wire_put32(h + 8, at - RNDIS_OFFSET_BASE);
	wire_put32(h + 12, len);
	if (p > h + RNDIS_PACKET_BYTES) {
		wire_put32(h + 28, RNDIS_PACKET_PPI_OFFSET);
		wire_put32(h + 32, (uint32_t)(p - h) - RNDIS_PACKET_BYTES);
	}
	mutate_header(nic->id, h, claim - at);
	if (gpadl_write(nic->recv_buf, base, h, (size_t)(p - h)) ||
	    gpadl_write(nic->recv_buf, base + at, w->data + off, len))
		return 0;
	return claim;
}
