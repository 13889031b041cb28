// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ixvf mailbox - the physical function's part: requests of up to 16 words, each
 * answered at once by the same word with success or failure, API 1.0 to 1.3.
 */
#include "inside.h"

#include <string.h>

#define OK		0x80000000u
#define FAIL		0x40000000u
#define CLEAR_TO_SEND	0x20000000u
#define ANSWERED	0x30u		/* a message is there, and yours was taken */
#define API_1_3		4u
#define API_SOLARIS	1u

#define RESET		0x01
#define SET_MAC		0x02
#define SET_MULTICAST	0x03
#define SET_VLAN	0x04
#define SET_LPE		0x05
#define SET_MACVLAN	0x06
#define NEGOTIATE	0x08
#define GET_QUEUES	0x09
#define GET_RETA	0x0a
#define GET_RSS_KEY	0x0b
#define XCAST_MODE	0x0c
#define GET_LINK	0x10

static bool set_multicast(struct ixvf *v, const uint32_t *m, unsigned int n)
{
	const uint16_t *hash = (const uint16_t *)(m + 1);
	unsigned int i;

	if (n > 30)
		return false;
	memset(v->hashes, 0, sizeof(v->hashes));
	for (i = 0; i < n; i++)
		v->hashes[(hash[i] & 0xfff) / 8] |= (uint8_t)(1u << (hash[i] & 7));
	v->multicasts = n;
	return true;
}

/* @index 0: forget all; 1: a new list begins; more: another address */
static bool set_macvlan(struct ixvf *v, const uint8_t *mac, unsigned int index)
{
	if (index < 2)
		v->mac_cnt = 0;
	if (!index)
		return true;
	if (v->mac_cnt == IXVF_MACS_MAX || mac[0] & 1)
		return false;
	memcpy(v->macs[v->mac_cnt++], mac, 6);
	return true;
}

static bool set_mac(struct ixvf *v, const uint8_t *mac)
{
	/* The one that it has is not refused: a driver that starts sets it once more. */
	if (mac[0] & 1 || (memcmp(v->mac, mac, 6) && v->ops->refuses(v->priv, "mac")))
		return false;
	memcpy(v->mac, mac, 6);
	return true;
}

static bool set_vlan(struct ixvf *v, uint32_t vid, bool on)
{
	uint8_t bit = (uint8_t)(1u << (vid & 7)), *at;

	if (vid > 4095 || (on && v->ops->refuses(v->priv, "vlan")))
		return false;
	at = &v->vids[vid / 8];
	v->vlans += (on && !(*at & bit)) - (!on && *at & bit);
	*at = on ? *at | bit : *at & (uint8_t)~bit;
	return true;
}

static bool set_lpe(struct ixvf *v, uint32_t bytes)
{
	uint32_t max = v->cfg.mtu ? v->cfg.mtu + 18 : IXVF_JUMBO;

	if (bytes > max || v->ops->refuses(v->priv, "mtu"))
		return false;
	v->lpe = bytes;
	return true;
}

static bool get_queues(struct ixvf *v, uint32_t *m)
{
	m[1] = 4;		/* transmit: XDP wants its own */
	m[2] = v->cfg.pairs;
	m[3] = 0;
	m[4] = 0;
	return true;
}

/* 128 entries of two bits each; the queues in turn. */
static bool get_reta(struct ixvf *v, uint32_t *m)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		m[1 + i] = v->cfg.pairs > 1 ? 0x44444444 : 0;
	return true;
}

static bool request(struct ixvf *v, uint32_t *m)
{
	unsigned int info = m[0] >> 16 & 0xff;

	switch (m[0] & 0xffff) {
	case SET_MAC:
		return set_mac(v, (const uint8_t *)(m + 1));
	case SET_MULTICAST:
		return set_multicast(v, m, info);
	case SET_VLAN:
		return set_vlan(v, m[1], info);
	case SET_LPE:
		return set_lpe(v, m[1]);
	case SET_MACVLAN:
		return set_macvlan(v, (const uint8_t *)(m + 1), info);
	case NEGOTIATE:
		if (m[1] > API_1_3 || m[1] == API_SOLARIS)
			return false;
		v->api = m[1];
		return true;
	case GET_QUEUES:
		return get_queues(v, m);
	case GET_RETA:
		return get_reta(v, m);
	case GET_RSS_KEY:
		memset(m + 1, 0x6d, 40);
		return true;
	case XCAST_MODE:
		if (m[1] > 3)
			return false;
		v->xcast = m[1];
		return true;
	case GET_LINK:
		m[1] = v->cfg.link_up;
		return true;
	default:
		return false;
	}
}

void ixvf_mailbox(struct ixvf *v)
{
	uint32_t *m = ixvf_reg(v, R_MBMEM);
	bool ok;

	v->stats.controls++;
	v->mailbox |= ANSWERED;
	if ((m[0] & 0xffff) == RESET) {
		/* Neither success nor failure: a physical function that is not there yet. */
		if (v->ops->refuses(v->priv, "reset")) {
			v->stats.controls_refused++;
			return;
		}
		v->talking = true;
		m[0] = RESET | OK;
		memcpy(m + 1, v->cfg.mac, 6);
		m[3] = 0;	/* multicast hash: bits 47 to 36 */
		return;
	}
	ok = v->talking && request(v, m);
	v->stats.controls_refused += !ok;
	m[0] |= (ok ? OK : FAIL) | (v->talking ? CLEAR_TO_SEND : 0);
}
