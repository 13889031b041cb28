// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vffn - the VF of a NIC: a virtio network function on a virtual PCI bus of its
 * own, at the NIC's port of the switch (vmbus-host.md E, netvsc-wire.md 9.6).
 *
 *	plugged: nic->vf.fn -> (eject, answered or not) -> pulled -> released
 *
 * A function that is pulled sends and receives nothing more; its memory goes with its
 * channel. It may outlive its NIC: then @nic is NULL.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../virtio/vnet.h"
#include "../vpci/vpci.h"
#include "nic.h"

#define VIRTIO_VENDOR	0x1af4
#define VIRTIO_NET	0x1041
#define VIRTIO_SUBSYS	0x1100
#define DOMAIN_BASE	0x1000
#define CAP_COMMON	1
#define CAP_NOTIFY	2
#define CAP_ISR		3
#define CAP_DEVICE	4

struct vf_fn {
	struct vf_fn *next;
	struct nic *nic;
	struct vnet *vnet;
	struct vpci *bus;
	uint32_t serial;
	/* while it is being ejected */
	struct loop_timer *timer;
	bool pulling, withdraw, answered;
	vffn_done done;
	void *done_priv;
};

static struct vf_fn *first;	/* all, pulled ones too */
static unsigned int next_unit = 1;

/* ---- towards the switch ---- */

static void fn_transmit(void *priv, const struct switch_frame *f)
{
	struct vf_fn *fn = priv;
	struct nic *nic = fn->nic;

	if (!nic || !nic->port || nic->vf.fn != fn)
		return;
	nic->vf.stats.frames_from_vf++;
	nic->vf.stats.bytes_from_vf += f->len;
	if (nic->vf.path != NVSP_DATAPATH_VF) {
		nic->vf.stats.wrong_path_vf++;
		if (nic->cfg.vf_wrong == VF_WRONG_DROP)
			return;
	}
	if (memcmp(f->data + 6, nic->mac, 6) && !nic->cfg.spoof) {
		nic->spoofed++;
		return;
	}
	switch_input(nic->port, f);
}

static void fn_transmitted(void *priv)
{
	(void)priv;
	switch_flush();
}

static void fn_interrupt(void *priv, uint16_t vector)
{
	struct vf_fn *fn = priv;

	vpci_interrupt(fn->bus, vector);
}

static const struct vnet_ops vnet_ops = {
	.interrupt = fn_interrupt, .transmit = fn_transmit, .transmitted = fn_transmitted,
};

/* ---- towards the bus ---- */

static uint32_t fn_read(void *priv, uint32_t off, unsigned int size)
{
	return vnet_read(((struct vf_fn *)priv)->vnet, off, size);
}

static void fn_write(void *priv, uint32_t off, uint32_t val, unsigned int size)
{
	vnet_write(((struct vf_fn *)priv)->vnet, off, val, size);
}

static void fn_reset(void *priv)
{
	vnet_reset(((struct vf_fn *)priv)->vnet);
}

/* Out of the NIC; its caller hears of it. */
static void pulled(struct vf_fn *fn)
{
	struct nic *nic = fn->nic;
	vffn_done done = fn->done;

	loop_del_timer(fn->timer);
	fn->timer = NULL;
	fn->done = NULL;
	if (nic && nic->vf.fn == fn) {
		nic->vf.fn = NULL;
		vf_gone(nic, fn->withdraw);
	}
	if (done)
		done(fn->done_priv, fn->answered);
	vpci_rescind(fn->bus);		/* may free fn */
}

static void pull_fired(void *priv)
{
	struct vf_fn *fn = priv;

	fn->timer = NULL;
	pulled(fn);
}

/* Later: the bus is still at work on the message. */
static void fn_ejected(void *priv)
{
	struct vf_fn *fn = priv;

	if (!fn->pulling || fn->answered)
		return;
	fn->answered = true;
	loop_del_timer(fn->timer);
	fn->timer = loop_add_timer(0, pull_fired, fn);
}

static void fn_gone(void *priv)
{
	struct vf_fn *fn = priv, **at = &first;

	while (*at && *at != fn)
		at = &(*at)->next;
	if (*at)
		*at = fn->next;
	loop_del_timer(fn->timer);
	if (fn->nic && fn->nic->vf.fn == fn)
		fn->nic->vf.fn = NULL;
	vnet_free(fn->vnet);
	free(fn);
}

static const struct vpci_ops vpci_ops = {
	.read = fn_read, .write = fn_write, .reset = fn_reset, .ejected = fn_ejected,
	.gone = fn_gone,
};

static const struct vpci_cap caps[] = {
	{ CAP_COMMON, VNET_COMMON, VNET_COMMON_BYTES, false, 0 },
	{ CAP_ISR, VNET_ISR, 1, false, 0 },
	{ CAP_DEVICE, VNET_CONFIG, VNET_CONFIG_BYTES, false, 0 },
	{ CAP_NOTIFY, VNET_NOTIFY, VNET_NOTIFY_BYTES, true, VNET_NOTIFY_STEP },
};

static struct vpci *offer(struct vf_fn *fn, unsigned int pairs)
{
	struct vpci_params p = {
		.domain = (uint16_t)(DOMAIN_BASE + fn->nic->id), .unit = (uint16_t)next_unit++,
		.serial = fn->serial, .vendor = VIRTIO_VENDOR, .device = VIRTIO_NET,
		.subvendor = VIRTIO_VENDOR, .subdevice = VIRTIO_SUBSYS, .revision = 1,
		.base_class = 2, .vectors = 2 * pairs + 2, .cap = caps,
		.caps = sizeof(caps) / sizeof(caps[0]),
	};

	return vpci_offer(fn->nic->bus, &p, &vpci_ops, fn);
}

bool vffn_plug(struct nic *nic, const struct vf_plug *plug)
{
	const struct nic_cfg *cfg = &nic->cfg;
	struct vnet_cfg c = { .pairs = cfg->vf_queues ? cfg->vf_queues : cfg->queues,
			      .mtu = cfg->vf_mtu, .speed_mbps = nic->speed_mbps,
			      .csum = cfg->vf_csum, .tso = cfg->vf_tso, .link_up = plug->link_up };
	struct vf_fn *fn;

	if (nic->vf.fn)
		return false;
	fn = calloc(1, sizeof(*fn));
	if (!fn)
		return false;
	if (c.pairs > VNET_PAIRS_MAX)
		c.pairs = VNET_PAIRS_MAX;
	memcpy(c.mac, plug->mac, 6);
	fn->nic = nic;
	fn->serial = plug->serial;
	fn->vnet = vnet_create(channel_gmem(nic->q[0]->ch), &c, &vnet_ops, fn);
	fn->bus = fn->vnet ? offer(fn, c.pairs) : NULL;
	if (!fn->bus) {
		vnet_free(fn->vnet);
		free(fn);
		return false;
	}
	fn->next = first;
	first = fn;
	nic->vf.fn = fn;
	nic->vf.serial = plug->serial;
	return true;
}

void vffn_pull(struct vf_fn *fn, unsigned int eject_ms, bool withdraw, vffn_done done,
	       void *priv)
{
	bool again = fn->pulling;

	fn->pulling = true;
	fn->withdraw = withdraw;
	if (!again || !fn->done) {
		fn->done = done;
		fn->done_priv = priv;
	} else if (done) {
		done(priv, false);
	}
	if (!eject_ms)
		pulled(fn);
	else if (!again && vpci_eject(fn->bus))
		fn->timer = loop_add_timer(eject_ms, pull_fired, fn);
	else if (!again)
		pulled(fn);
}

void vffn_orphan(struct nic *nic)
{
	struct vf_fn *fn = nic->vf.fn, *i;

	nic->vf.fn = NULL;
	for (i = first; i; i = i->next)
		if (i->nic == nic)
			i->nic = NULL;
	if (!fn)
		return;
	fn->done = NULL;
	vffn_pull(fn, 0, false, NULL, NULL);
}

unsigned int vffn_leaving(const struct nic *nic)
{
	const struct vf_fn *i;
	unsigned int n = 0;

	for (i = first; i; i = i->next)
		n += i->nic == nic && nic->vf.fn != i;
	return n;
}

void vffn_deliver(struct vf_fn *fn, const struct switch_frame *f)
{
	vnet_deliver(fn->vnet, f);
}

void vffn_flush(struct vf_fn *fn)
{
	vnet_flush(fn->vnet);
}

unsigned int vffn_room(struct vf_fn *fn)
{
	return vnet_room(fn->vnet);
}

void vffn_link(struct vf_fn *fn, bool up)
{
	vnet_link(fn->vnet, up);
}

bool vffn_relations(struct vf_fn *fn, bool present)
{
	return vpci_relations(fn->bus, present);
}

json_t *vffn_report(const struct vf_fn *fn)
{
	json_t *o = vnet_report(fn->vnet);

	json_object_set_new(o, "serial", json_integer(fn->serial));
	json_object_set_new(o, "bus", vpci_report(fn->bus));
	return o;
}
