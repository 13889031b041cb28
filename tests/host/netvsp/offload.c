// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: offload - NDIS_OFFLOAD answers and NDIS_OFFLOAD_PARAMETERS (netvsc-wire.md
 * 6.4, 6.5): what this host can do (able), what the guest switched on (off).
 *
 * offload=none offers nothing; csum offers checksums; full adds large sends; each
 * ability has a word of its own too. A host up to V4 knows no UDP checksums, one
 * below V6.1 no RSC. What a host can do may change at any time: the guest is told,
 * and what it may still have on its way under the old terms is taken for a second.
 */
#include <stdio.h>
#include <string.h>
#include "nic.h"

#define GRACE_MS	1000

static const struct {
	const char *word;
	unsigned int able;
} words[] = {
	{ "none", 0 }, { "csum", ABLE_CSUM }, { "full", ABLE_FULL }, { "rsc", ABLE_RSC },
	{ "lso", ABLE_LSO4 | ABLE_LSO6 }, { "ip4", ABLE_IP4 },
	{ "tcp4", ABLE_TCP4 }, { "udp4", ABLE_UDP4 }, { "tcp6", ABLE_TCP6 },
	{ "udp6", ABLE_UDP6 }, { "lso4", ABLE_LSO4 }, { "lso6", ABLE_LSO6 },
	{ "rsc4", ABLE_RSC4 }, { "rsc6", ABLE_RSC6 },
};

bool offload_parse(const char *s, unsigned int *able)
{
	unsigned int v = 0;
	bool minus = false;

	for (;;) {
		size_t i, len = strcspn(s, "+-");

		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i].word) == len && !memcmp(words[i].word, s, len))
				break;
		if (i == sizeof(words) / sizeof(words[0]))
			return false;
		v = minus ? v & ~words[i].able : v | words[i].able;
		s += len;
		if (!*s)
			break;
		minus = *s++ == '-';
	}
	*able = v;
	return true;
}

unsigned int offload_able(const struct nic_cfg *cfg)
{
	return cfg->able | (cfg->rsc ? ABLE_RSC : 0);
}

/* What the version lets the guest see of it. */
static unsigned int able_now(const struct nic *nic)
{
	unsigned int able = nic->able;

	if (nic->version < NVSP_VERSION_5)
		able &= ~(unsigned int)(ABLE_UDP4 | ABLE_UDP6);
	if (nic->version < NVSP_VERSION_61 || !(nic->caps & NVSP_CAP_RSC))
		able &= ~(unsigned int)ABLE_RSC;
	return able;
}

static void put_csum(struct ndis_csum_caps *c, uint32_t bits)
{
	c->encapsulation = htole32(bits ? NDIS_ENCAP_8023 : NDIS_ENCAP_NONE);
	c->bits = htole32(bits);
}

static void put_lso(const struct nic *nic, struct ndis_offload *o, bool ip4, bool ip6)
{
	__le32 max = htole32(nic->cfg.lso_max), segs = htole32(nic->cfg.lso_segs);

	if (ip4) {
		o->lso_v2_ip4.encapsulation = htole32(NDIS_ENCAP_8023);
		o->lso_v2_ip4.max_size = max;
		o->lso_v2_ip4.min_segs = segs;
	}
	if (ip6) {
		o->lso_v2_ip6.encapsulation = htole32(NDIS_ENCAP_8023);
		o->lso_v2_ip6.max_size = max;
		o->lso_v2_ip6.min_segs = segs;
		o->lso_v2_ip6.options = htole32(NDIS_LSO_IP6_EXT_HEADERS |
						NDIS_LSO_IP6_TCP_OPTIONS);
	}
}

static void start(struct ndis_offload *o)
{
	memset(o, 0, sizeof(*o));
	o->header.type = NDIS_OBJECT_OFFLOAD;
	o->header.revision = 3;
	o->header.size = htole16(NDIS_OFFLOAD_REV3_BYTES);
}

static uint32_t bits(bool ip, bool tcp, bool udp, uint32_t extra)
{
	return (ip ? NDIS_CSUM_CAP_IP_HEADER : 0) |
	       (tcp ? NDIS_CSUM_CAP_TCP | NDIS_CSUM_CAP_TCP_OPTIONS : 0) |
	       (udp ? NDIS_CSUM_CAP_UDP : 0) | (ip || tcp || udp ? extra : 0);
}

static void put_rsc(struct ndis_offload *o, bool ip4, bool ip6)
{
	o->rsc_ip4 = ip4;
	o->rsc_ip6 = ip6;
}

void offload_caps(const struct nic *nic, struct ndis_offload *o)
{
	unsigned int a = able_now(nic);
	uint32_t ip4 = bits(a & ABLE_IP4, a & ABLE_TCP4, a & ABLE_UDP4,
			    NDIS_CSUM_CAP_IP_OPTIONS);
	uint32_t ip6 = bits(false, a & ABLE_TCP6, a & ABLE_UDP6, NDIS_CSUM_CAP_IP_OPTIONS);

	start(o);
	put_csum(&o->ip4_tx, ip4);
	put_csum(&o->ip4_rx, ip4);
	put_csum(&o->ip6_tx, ip6);
	put_csum(&o->ip6_rx, ip6);
	put_lso(nic, o, a & ABLE_LSO4, a & ABLE_LSO6);
	put_rsc(o, a & ABLE_RSC4, a & ABLE_RSC6);
}

void offload_current(const struct nic *nic, struct ndis_offload *o)
{
	const struct nic_offloads *f = &nic->off;

	start(o);
	put_csum(&o->ip4_tx, bits(f->tx_ip4, f->tx_tcp4, f->tx_udp4,
				  NDIS_CSUM_CAP_IP_OPTIONS));
	put_csum(&o->ip4_rx, bits(f->rx_ip4, f->rx_tcp4, f->rx_udp4,
				  NDIS_CSUM_CAP_IP_OPTIONS));
	put_csum(&o->ip6_tx, bits(false, f->tx_tcp6, f->tx_udp6,
				  NDIS_CSUM_CAP_IP_OPTIONS));
	put_csum(&o->ip6_rx, bits(false, f->rx_tcp6, f->rx_udp6,
				  NDIS_CSUM_CAP_IP_OPTIONS));
	put_lso(nic, o, f->lso4, f->lso6);
	put_rsc(o, f->rsc4, f->rsc6);
}

/* Revision as the guest asks for it, or as its NDIS version has it (6.4). */
size_t offload_trim(const struct nic *nic, struct ndis_offload *o, const uint8_t *in,
		    size_t in_len)
{
	unsigned int rev;
	size_t size;

	if (nic->cfg.caps_newest)
		rev = 3;
	else if (in_len >= sizeof(struct ndis_object_header) && in[0] == NDIS_OBJECT_OFFLOAD &&
	    in[1])
		rev = in[1];
	else
		rev = nic->ndis_minor >= 30 ? 3 : nic->ndis_minor >= 1 ? 2 : 1;
	if (rev > 3)
		rev = 3;
	size = rev == 3 ? NDIS_OFFLOAD_REV3_BYTES : rev == 2 ? NDIS_OFFLOAD_REV2_BYTES :
							       NDIS_OFFLOAD_REV1_BYTES;
	o->header.revision = (__u8)rev;
	o->header.size = htole16((uint16_t)size);
	return size;
}

/* Checksum fields: 0 no change, 1 off, 2 transmit, 3 receive, 4 both. */
static bool set_csum(uint8_t v, bool can, bool *tx, bool *rx)
{
	if (v > NDIS_CSUM_PARAM_TX_RX)
		return false;
	if (v == NDIS_CSUM_PARAM_NO_CHANGE)
		return true;
	*tx = can && (v == NDIS_CSUM_PARAM_TX || v == NDIS_CSUM_PARAM_TX_RX);
	*rx = can && (v == NDIS_CSUM_PARAM_RX || v == NDIS_CSUM_PARAM_TX_RX);
	return true;
}

static bool set_switch(uint8_t v, bool can, bool *on)
{
	if (v > NDIS_PARAM_ON)
		return false;
	if (v != NDIS_PARAM_NO_CHANGE)
		*on = can && v == NDIS_PARAM_ON;
	return true;
}

static bool apply(struct nic *nic, const struct ndis_offload_params *p)
{
	unsigned int a = able_now(nic);
	struct nic_offloads f = nic->off;

	if (!set_csum(p->ip4_csum, a & ABLE_IP4, &f.tx_ip4, &f.rx_ip4) ||
	    !set_csum(p->tcp_ip4_csum, a & ABLE_TCP4, &f.tx_tcp4, &f.rx_tcp4) ||
	    !set_csum(p->udp_ip4_csum, a & ABLE_UDP4, &f.tx_udp4, &f.rx_udp4) ||
	    !set_csum(p->tcp_ip6_csum, a & ABLE_TCP6, &f.tx_tcp6, &f.rx_tcp6) ||
	    !set_csum(p->udp_ip6_csum, a & ABLE_UDP6, &f.tx_udp6, &f.rx_udp6) ||
	    !set_switch(p->lso_v2_ip4, a & ABLE_LSO4, &f.lso4) ||
	    !set_switch(p->lso_v2_ip6, a & ABLE_LSO6, &f.lso6) ||
	    !set_switch(p->rsc_ip4, a & ABLE_RSC4, &f.rsc4) ||
	    !set_switch(p->rsc_ip6, a & ABLE_RSC6, &f.rsc6))
		return false;
	nic->off = f;
	return true;
}

uint32_t offload_set(struct nic *nic, const uint8_t *in, size_t len)
{
	struct ndis_offload_params p = { 0 };
	size_t size;

	if (len < NDIS_OFFLOAD_PARAMS_REV1_BYTES) {
		nic_violation(nic, "netvsp.offload.short", in, len,
			      "offload parameters of %zu bytes, at least 20 (6.5)", len);
		return RNDIS_STATUS_INVALID_DATA;
	}
	memcpy(&p, in, len < sizeof(p) ? len : sizeof(p));
	size = le16toh(p.header.size);
	if (p.header.type != NDIS_OBJECT_DEFAULT || !p.header.revision ||
	    size < NDIS_OFFLOAD_PARAMS_REV1_BYTES || size > len) {
		nic_violation(nic, "netvsp.offload.header", in, len,
			      "offload parameters with header %u/%u/%zu in %zu bytes (6.5)",
			      p.header.type, p.header.revision, size, len);
		return RNDIS_STATUS_INVALID_DATA;
	}
	if (p.lso_v1 == NDIS_PARAM_ON)
		return RNDIS_STATUS_NOT_SUPPORTED;
	if (!apply(nic, &p)) {
		nic_violation(nic, "netvsp.offload.value", in, len,
			      "offload parameter with an undefined value (6.5)");
		return RNDIS_STATUS_INVALID_DATA;
	}
	return RNDIS_STATUS_SUCCESS;
}

static void take_away(struct nic *nic)
{
	unsigned int a = able_now(nic);
	struct nic_offloads *f = &nic->off;

	f->tx_ip4 &= !!(a & ABLE_IP4);
	f->rx_ip4 &= !!(a & ABLE_IP4);
	f->tx_tcp4 &= !!(a & ABLE_TCP4);
	f->rx_tcp4 &= !!(a & ABLE_TCP4);
	f->tx_udp4 &= !!(a & ABLE_UDP4);
	f->rx_udp4 &= !!(a & ABLE_UDP4);
	f->tx_tcp6 &= !!(a & ABLE_TCP6);
	f->rx_tcp6 &= !!(a & ABLE_TCP6);
	f->tx_udp6 &= !!(a & ABLE_UDP6);
	f->rx_udp6 &= !!(a & ABLE_UDP6);
	f->lso4 &= !!(a & ABLE_LSO4);
	f->lso6 &= !!(a & ABLE_LSO6);
	f->rsc4 &= !!(a & ABLE_RSC4);
	f->rsc6 &= !!(a & ABLE_RSC6);
}

void offload_change(struct nic *nic, unsigned int able)
{
	struct ndis_offload o;

	nic->off_before = offload_tx(nic);
	nic->off_before_ms = loop_now_ms() + GRACE_MS;
	nic->able = able;
	take_away(nic);
	offload_current(nic, &o);
	rndis_indicate(nic, RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, &o,
		       NDIS_OFFLOAD_REV3_BYTES);
}

struct nic_offloads offload_tx(const struct nic *nic)
{
	const struct nic_offloads *b = &nic->off_before;
	struct nic_offloads f = nic->off;

	if (!nic->off_before_ms || loop_now_ms() >= nic->off_before_ms)
		return f;
	f.tx_ip4 |= b->tx_ip4;
	f.tx_tcp4 |= b->tx_tcp4;
	f.tx_udp4 |= b->tx_udp4;
	f.tx_tcp6 |= b->tx_tcp6;
	f.tx_udp6 |= b->tx_udp6;
	f.lso4 |= b->lso4;
	f.lso6 |= b->lso6;
	return f;
}

void offload_reset(struct nic *nic)
{
	memset(&nic->off, 0, sizeof(nic->off));
	nic->off_before_ms = 0;
}
