// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: txoff - transmit offloads: check what the guest asked for against what was
 * negotiated and against the frame (netvsc-wire.md 7.2, 7.3), then do the work, so
 * that the frame on the switch is one a wire could carry.
 *
 * The seeds are verified and then ignored: sums are computed from scratch.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "../backend/lso.h"
#include "../backend/packet.h"
#include "../backend/switch.h"
#include "nic.h"
#include "txoff.h"

#define CSUM_KNOWN	(RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_IPV6 | RNDIS_TX_CSUM_TCP | \
			 RNDIS_TX_CSUM_UDP | RNDIS_TX_CSUM_IP_HEADER | \
			 RNDIS_TX_CSUM_L4_OFFSET)
#define SHOWN_BYTES	128

static int bad(struct nic *nic, const struct tx_msg *m, const char *name,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int bad(struct nic *nic, const struct tx_msg *m, const char *name,
	       const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	nic_violation(nic, name, m->frame, m->len < SHOWN_BYTES ? m->len : SHOWN_BYTES,
		      "%s", text);
	return -EPROTO;
}

static bool csum_negotiated(const struct nic *nic, uint32_t v)
{
	const struct nic_offloads now = offload_tx(nic), *f = &now;
	bool ip4 = v & RNDIS_TX_CSUM_IPV4;

	if ((v & RNDIS_TX_CSUM_TCP) && !(ip4 ? f->tx_tcp4 : f->tx_tcp6))
		return false;
	if ((v & RNDIS_TX_CSUM_UDP) && !(ip4 ? f->tx_udp4 : f->tx_udp6))
		return false;
	return !(v & RNDIS_TX_CSUM_IP_HEADER) || f->tx_ip4;
}

/* TCP/UDP is where the PPI says, and the seed is the pseudo-header's sum. */
static int check_csum_frame(struct nic *nic, const struct tx_msg *m, uint32_t v)
{
	uint32_t off = (v & RNDIS_TX_CSUM_L4_OFFSET) >> 16;
	uint8_t proto = v & RNDIS_TX_CSUM_TCP ? IP_PROTO_TCP : IP_PROTO_UDP;
	struct pkt_info info;
	uint16_t seed, want;

	pkt_parse(m->frame, m->len, &info);
	if (v & RNDIS_TX_CSUM_IPV4 ? !info.is_ip4 : !info.is_ip6)
		return bad(nic, m, "netvsp.csum.family",
			   "checksum PPI 0x%x on a frame of another family (7.2)", v);
	if (!(v & (RNDIS_TX_CSUM_TCP | RNDIS_TX_CSUM_UDP)))
		return 0;
	if (!info.l4_off || info.l4_proto != proto || off != info.l4_off)
		return bad(nic, m, "netvsp.csum.offset",
			   "checksum PPI 0x%x: transport header at %u, the frame has protocol %u at %u (7.2)",
			   v, off, info.l4_proto, info.l4_off);
	seed = get_be16(m->frame + pkt_l4_csum_field(&info));
	want = pkt_pseudo_sum(m->frame, &info, info.l4_len);
	if (seed != want)
		bad(nic, m, "netvsp.csum.seed",
		    "checksum field holds 0x%04x, the pseudo-header sums to 0x%04x (7.2)",
		    seed, want);
	return 0;
}

static int check_csum(struct nic *nic, const struct tx_msg *m)
{
	uint32_t v = m->csum;
	bool ip4 = v & RNDIS_TX_CSUM_IPV4, ip6 = v & RNDIS_TX_CSUM_IPV6;
	bool tcp = v & RNDIS_TX_CSUM_TCP, udp = v & RNDIS_TX_CSUM_UDP;

	if (v & ~CSUM_KNOWN || ip4 == ip6 || (tcp && udp) ||
	    (ip6 && (v & RNDIS_TX_CSUM_IP_HEADER)))
		return bad(nic, m, "netvsp.csum.bits",
			   "checksum PPI 0x%x: one family, TCP or UDP, nothing else (5.11)", v);
	if (!csum_negotiated(nic, v))
		return bad(nic, m, "netvsp.csum.not_negotiated",
			   "checksum PPI 0x%x for an offload that is not on (7.2)", v);
	return check_csum_frame(nic, m, v);
}

static int check_lso_frame(struct nic *nic, const struct tx_msg *m, uint32_t mss,
			   const struct pkt_info *info)
{
	const uint8_t *ip = m->frame + info->l3_off;
	uint32_t header = info->l4_off + (m->frame[info->l4_off + 12] >> 4) * 4u;
	uint16_t seed, want;

	if (get_be16(ip + (info->is_ip4 ? 2 : 4)))
		bad(nic, m, "netvsp.lso.ip_length",
		    "IP length field is %u, 0 wanted (7.3)",
		    get_be16(ip + (info->is_ip4 ? 2 : 4)));
	if (info->is_ip4 && get_be16(ip + 10))
		bad(nic, m, "netvsp.lso.ip_checksum",
		    "IPv4 header checksum is 0x%04x, 0 wanted (7.3)", get_be16(ip + 10));
	seed = get_be16(m->frame + pkt_l4_csum_field(info));
	want = pkt_pseudo_sum(m->frame, info, 0);
	if (seed != want)
		bad(nic, m, "netvsp.lso.seed",
		    "checksum field holds 0x%04x, the pseudo-header of length 0 sums to 0x%04x (7.3)",
		    seed, want);
	if (m->len > nic->cfg.lso_max)
		bad(nic, m, "netvsp.lso.too_long",
		    "large send of %zu bytes, at most %u (7.3)", m->len, nic->cfg.lso_max);
	if ((m->len - header + mss - 1) / mss < nic->cfg.lso_segs)
		bad(nic, m, "netvsp.lso.too_few_segments",
		    "large send of %zu payload bytes with MSS %u, %u segments at least (6.4)",
		    m->len - header, mss, nic->cfg.lso_segs);
	if (header + mss > nic->frame_size)
		bad(nic, m, "netvsp.lso.mss",
		    "MSS %u and headers of %u exceed the frame size %u (7.3)", mss, header,
		    nic->frame_size);
	return 0;
}

static int check_lso(struct nic *nic, const struct tx_msg *m)
{
	uint32_t mss = m->lso & RNDIS_LSO_MSS;
	uint32_t off = (m->lso & RNDIS_LSO_TCP_OFFSET) >> 20;
	bool ip6 = m->lso & RNDIS_LSO_IPV6;
	struct pkt_info info;

	if (!(m->lso & RNDIS_LSO_V2))
		return bad(nic, m, "netvsp.lso.version",
			   "LSO PPI 0x%x is not version 2 (5.11)", m->lso);
	if (!(ip6 ? offload_tx(nic).lso6 : offload_tx(nic).lso4))
		return bad(nic, m, "netvsp.lso.not_negotiated",
			   "LSO PPI 0x%x for a large send that is not on (7.3)", m->lso);
	pkt_parse(m->frame, m->len, &info);
	if (ip6 ? !info.is_ip6 : !info.is_ip4)
		return bad(nic, m, "netvsp.lso.family",
			   "LSO PPI 0x%x on a frame of another family (7.3)", m->lso);
	if (!info.l4_off || info.l4_proto != IP_PROTO_TCP || off != info.l4_off)
		return bad(nic, m, "netvsp.lso.offset",
			   "LSO PPI 0x%x: TCP header at %u, the frame has protocol %u at %u (7.3)",
			   m->lso, off, info.l4_proto, info.l4_off);
	if (!mss)
		return bad(nic, m, "netvsp.lso.mss", "LSO PPI with MSS 0 (7.3)");
	return check_lso_frame(nic, m, mss, &info);
}

int txoff_check(struct nic *nic, const struct tx_msg *m)
{
	if (m->has_lso && m->has_csum)
		bad(nic, m, "netvsp.lso.with_csum",
		    "LSO and checksum PPI together, one or the other (7.3)");
	if (m->has_lso)
		return check_lso(nic, m);
	return m->has_csum ? check_csum(nic, m) : 0;
}

/* ---- doing it ---- */

static void count_kind(struct nic *nic, const uint8_t *dst)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (!memcmp(dst, all, 6))
		nic->broadcast[0]++;
	else if (dst[0] & 1)
		nic->multicast[0]++;
	else
		nic->unicast[0]++;
}

struct emit {
	struct nic *nic;
	struct switch_frame f;
};

static void emit(void *priv, const uint8_t *seg, size_t len)
{
	struct emit *e = priv;

	e->f.data = seg;
	e->f.len = len;
	e->f.l4_good = true;
	switch_input(e->nic->port, &e->f);
}

/* TCI = PCP, DEI, VID from the other order of the PPI. */
static uint16_t tci(uint32_t v)
{
	return (uint16_t)((v & RNDIS_VLAN_PRIO) << 13 | (v & RNDIS_VLAN_DEI) << 9 |
			  (v & RNDIS_VLAN_VID) >> 4);
}

static bool do_csum(const struct tx_msg *m)
{
	struct pkt_info info;
	bool l4 = m->csum & (RNDIS_TX_CSUM_TCP | RNDIS_TX_CSUM_UDP);

	pkt_parse(m->frame, m->len, &info);
	if (m->csum & RNDIS_TX_CSUM_IP_HEADER)
		pkt_fill_ip4_csum(m->frame, &info);
	if (l4)
		pkt_fill_l4_csum(m->frame, &info);
	return l4;
}

int txoff_send(struct nic *nic, const struct tx_msg *m)
{
	struct emit e = { .nic = nic };
	int n;

	count_kind(nic, m->frame);
	if (!nic->port || !nic->link_up)
		return 0;
	if (memcmp(m->frame + 6, nic->mac, 6) && !nic->cfg.spoof) {
		nic->spoofed++;
		return 0;
	}
	e.f.tagged = m->has_vlan;
	e.f.tci = tci(m->vlan);
	if (m->has_lso) {
		n = lso_segment(m->frame, m->len, m->lso & RNDIS_LSO_MSS,
				(m->lso & RNDIS_LSO_TCP_OFFSET) >> 20, emit, &e);
		nic->tx_segments += n > 0 ? (uint64_t)n : 0;
		return n;
	}
	e.f.data = m->frame;
	e.f.len = m->len;
	e.f.l4_good = m->has_csum && do_csum(m);
	switch_input(nic->port, &e.f);
	return 1;
}
