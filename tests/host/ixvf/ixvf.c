// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ixvf registers: what an access of the driver sets off.
 */
#include "inside.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MBX_REQ		0x01u
#define MBX_ACK		0x02u
#define MBX_VFU		0x04u
#define MBX_READ_CLEAR	0xb0u

void ixvf_reset(struct ixvf *v)
{
	memset(v->reg, 0, sizeof(v->reg));
	memset(v->due, 0, sizeof(v->due));
	memset(v->context, 0, sizeof(v->context));
	memset(v->hashes, 0, sizeof(v->hashes));
	memset(v->vids, 0, sizeof(v->vids));
	v->talking = false;
	v->mailbox = 0;
	v->api = 0;
	v->lpe = 1518;
	memcpy(v->mac, v->cfg.mac, 6);
	v->mac_cnt = 0;
	v->xcast = 0;
	v->multicasts = v->vlans = 0;
	*ixvf_reg(v, R_LINKS) = v->cfg.link_up ? LINKS_UP | LINKS_10G : 0;
	v->stats.resets++;
}

struct ixvf *ixvf_create(const struct gmem *mem, const struct ixvf_cfg *cfg,
			 const struct ixvf_ops *ops, void *priv)
{
	struct ixvf *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->mem = mem;
	v->cfg = *cfg;
	v->ops = ops;
	v->priv = priv;
	ixvf_reset(v);
	v->stats.resets = 0;
	return v;
}

void ixvf_free(struct ixvf *v)
{
	free(v);
}

void ixvf_link(struct ixvf *v, bool up)
{
	if (v->cfg.link_up == up)
		return;
	v->cfg.link_up = up;
	*ixvf_reg(v, R_LINKS) = up ? LINKS_UP | LINKS_10G : 0;
	if (!v->talking)
		return;
	*ixvf_reg(v, R_MBMEM) = 0x20000100;	/* clear to send, control message */
	v->mailbox |= 0x10;
	ixvf_ping(v);
}

uint32_t ixvf_read(struct ixvf *v, uint32_t off, unsigned int size)
{
	uint32_t val;

	if (size != 4 || off & 3 || off >= IXVF_BYTES) {
		v->stats.bad_accesses++;
		return 0xffffffff;
	}
	switch (off) {
	case R_MAILBOX:
		val = v->mailbox;
		v->mailbox &= ~MBX_READ_CLEAR;
		return val;
	case R_EICR:
		val = *ixvf_reg(v, R_EICR);
		*ixvf_reg(v, R_EICR) = 0;
		return val;
	case R_EICS:
	case R_EIMC:
		return 0;
	case R_GPRC:
		return (uint32_t)v->stats.rx_frames;
	case R_GORC_LOW:
		return (uint32_t)v->stats.rx_bytes;
	case R_GORC_HIGH:
		return v->stats.rx_bytes >> 32 & 15;
	case R_MPRC:
		return 0;
	case R_GPTC:
		return (uint32_t)(v->stats.tx_frames + v->stats.tx_segments);
	case R_GOTC_LOW:
		return (uint32_t)v->stats.tx_bytes;
	case R_GOTC_HIGH:
		return v->stats.tx_bytes >> 32 & 15;
	default:
		return *ixvf_reg(v, off);
	}
}

static void write_mailbox(struct ixvf *v, uint32_t val)
{
	v->mailbox = (v->mailbox & ~MBX_VFU) | (val & MBX_VFU);
	if (val & MBX_REQ)
		ixvf_mailbox(v);
}

static void write_queue(struct ixvf *v, uint32_t off, uint32_t val)
{
	unsigned int q = off % 0x1000 / Q_STRIDE;
	bool tx = off >= R_TX;

	*ixvf_reg(v, off) = val;
	if (off % Q_STRIDE != Q_TAIL || !tx)
		return;
	v->stats.notifications++;
	ixvf_transmit(v, q);
}

void ixvf_write(struct ixvf *v, uint32_t off, uint32_t val, unsigned int size)
{
	if (size != 4 || off & 3 || off >= IXVF_BYTES) {
		v->stats.bad_accesses++;
		return;
	}
	if ((off >= R_RX && off < R_RX + IXVF_QUEUES * Q_STRIDE) ||
	    (off >= R_TX && off < R_TX + IXVF_QUEUES * Q_STRIDE)) {
		write_queue(v, off, val);
		return;
	}
	switch (off) {
	case R_CTRL:
		if (val & CTRL_RESET)
			ixvf_reset(v);
		break;
	case R_MAILBOX:
		write_mailbox(v, val);
		break;
	case R_EICS:
		ixvf_cause(v, val);
		break;
	case R_EIMS:
		*ixvf_reg(v, R_EIMS) |= val & CAUSES;
		ixvf_cause(v, 0);
		break;
	case R_EIMC:
		*ixvf_reg(v, R_EIMS) &= ~val;
		break;
	case R_STATUS:
	case R_LINKS:
	case R_EICR:
		break;		/* read-only */
	default:
		*ixvf_reg(v, off) = val;
	}
}

json_t *ixvf_report(const struct ixvf *v)
{
	const struct ixvf_stats *s = &v->stats;
	const struct { const char *name; uint64_t n; } counters[] = {
		{ "multicasts", v->multicasts }, { "vlans", v->vlans }, { "macs", v->mac_cnt },
		{ "max_frame", v->lpe }, { "api", v->api },
		{ "tx_frames", s->tx_frames }, { "tx_bytes", s->tx_bytes },
		{ "tx_segments", s->tx_segments }, { "tx_bad", s->tx_bad },
		{ "tx_link", s->tx_link }, { "rx_frames", s->rx_frames },
		{ "rx_bytes", s->rx_bytes }, { "rx_no_buffer", s->rx_no_buffer },
		{ "rx_not_ready", s->rx_not_ready }, { "rx_link", s->rx_link },
		{ "rx_filter", s->rx_filter }, { "rx_too_long", s->rx_too_long },
		{ "interrupts", s->interrupts }, { "notifications", s->notifications },
		{ "controls", s->controls }, { "controls_refused", s->controls_refused },
		{ "bad_accesses", s->bad_accesses }, { "resets", s->resets },
	};
	json_t *o = json_object();
	char mac[20];
	size_t i;

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", v->mac[0], v->mac[1],
		 v->mac[2], v->mac[3], v->mac[4], v->mac[5]);
	json_object_set_new(o, "ready", json_boolean(v->talking));
	json_object_set_new(o, "link", json_boolean(v->cfg.link_up));
	json_object_set_new(o, "mac", json_string(mac));
	json_object_set_new(o, "promisc", json_boolean(v->xcast == 3));
	json_object_set_new(o, "allmulti", json_boolean(v->xcast == 2));
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		json_object_set_new(o, counters[i].name, json_integer((json_int_t)counters[i].n));
	return o;
}
