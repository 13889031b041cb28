// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vffn - the VF of a NIC: a network function on a virtual PCI bus of its own, at
 * the NIC's port of the switch (vmbus-host.md E, netvsc-wire.md 9.6). There are two
 * kinds; one table has what is different about them.
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
#include "../backend/switch.h"
#include "../fault/fault.h"
#include "../ixvf/ixvf.h"
#include "../virtio/vnet.h"
#include "../vpci/vpci.h"
#include "nic.h"
#include "vffn.h"

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
	const struct kind *kind;
	void *dev;			/* of that kind */
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

static bool fn_refuses(void *priv, const char *what)
{
	struct vf_fn *fn = priv;

	return fn->nic && fault_hit("vf.refuse", fn->nic->id, what, 0);
}

static void fn_interrupt(void *priv, uint16_t vector)
{
	struct vf_fn *fn = priv;

	vpci_interrupt(fn->bus, vector);
}

/* ---- the kinds ---- */

static const struct vnet_ops vnet_ops = {
	.interrupt = fn_interrupt, .transmit = fn_transmit, .transmitted = fn_transmitted,
	.refuses = fn_refuses,
};

static const struct ixvf_ops ixvf_ops = {
	.interrupt = fn_interrupt, .transmit = fn_transmit, .transmitted = fn_transmitted,
	.refuses = fn_refuses,
};

static unsigned int pairs_of(const struct nic *nic, unsigned int max)
{
	unsigned int n = nic->cfg.vf_queues ? nic->cfg.vf_queues : nic->cfg.queues;

	return n < max ? n : max;
}

static void *virtio_create(struct vf_fn *fn, const struct vf_plug *plug)
{
	const struct nic *nic = fn->nic;
	struct vnet_cfg c = { .pairs = pairs_of(nic, VNET_PAIRS_MAX), .mtu = nic->cfg.vf_mtu,
			      .speed_mbps = nic->speed_mbps, .csum = nic->cfg.vf_csum,
			      .tso = nic->cfg.vf_tso, .rss = nic->cfg.vf_rss,
			      .link_up = plug->link_up };

	memcpy(c.mac, plug->mac, 6);
	return vnet_create(channel_gmem(nic->q[0]->ch), &c, &vnet_ops, fn);
}

static void *ixvf_new(struct vf_fn *fn, const struct vf_plug *plug)
{
	const struct nic *nic = fn->nic;
	struct ixvf_cfg c = { .pairs = pairs_of(nic, 2), .mtu = nic->cfg.vf_mtu,
			      .link_up = plug->link_up };

	memcpy(c.mac, plug->mac, 6);
	return ixvf_create(channel_gmem(nic->q[0]->ch), &c, &ixvf_ops, fn);
}

static unsigned int virtio_vectors(const struct nic *nic)
{
	return 2 * pairs_of(nic, VNET_PAIRS_MAX) + 2;
}

static unsigned int ixvf_vectors(const struct nic *nic)
{
	(void)nic;
	return IXVF_VECTORS;
}

static const struct vpci_cap virtio_caps[] = {
	{ CAP_COMMON, VNET_COMMON, VNET_COMMON_BYTES, false, 0 },
	{ CAP_ISR, VNET_ISR, 1, false, 0 },
	{ CAP_DEVICE, VNET_CONFIG, VNET_CONFIG_BYTES, false, 0 },
	{ CAP_NOTIFY, VNET_NOTIFY, VNET_NOTIFY_BYTES, true, VNET_NOTIFY_STEP },
};

#define AS(type, dev)	((struct type *)(dev))
#define KIND(type)								\
	static void type##_k_free(void *d) { type##_free(AS(type, d)); }	\
	static void type##_k_reset(void *d) { type##_reset(AS(type, d)); }	\
	static uint32_t type##_k_read(void *d, uint32_t off, unsigned int size)	\
	{ return type##_read(AS(type, d), off, size); }				\
	static void type##_k_write(void *d, uint32_t off, uint32_t val, unsigned int size) \
	{ type##_write(AS(type, d), off, val, size); }				\
	static void type##_k_deliver(void *d, const struct switch_frame *f)	\
	{ type##_deliver(AS(type, d), f); }					\
	static void type##_k_flush(void *d) { type##_flush(AS(type, d)); }	\
	static unsigned int type##_k_room(void *d) { return type##_room(AS(type, d)); } \
	static void type##_k_link(void *d, bool up) { type##_link(AS(type, d), up); } \
	static json_t *type##_k_report(const void *d) { return type##_report(d); }
#define KIND_OPS(type)								\
	.free = type##_k_free, .reset = type##_k_reset, .read = type##_k_read,	\
	.write = type##_k_write, .deliver = type##_k_deliver, .flush = type##_k_flush, \
	.room = type##_k_room, .link = type##_k_link, .report = type##_k_report

KIND(vnet)
KIND(ixvf)

static const struct kind {
	uint16_t vendor, device, subdevice;
	const struct vpci_cap *caps;
	unsigned int cap_cnt;
	unsigned int (*vectors)(const struct nic *nic);
	void *(*create)(struct vf_fn *fn, const struct vf_plug *plug);
	void (*free)(void *dev);
	void (*reset)(void *dev);
	uint32_t (*read)(void *dev, uint32_t off, unsigned int size);
	void (*write)(void *dev, uint32_t off, uint32_t val, unsigned int size);
	void (*deliver)(void *dev, const struct switch_frame *f);
	void (*flush)(void *dev);
	unsigned int (*room)(void *dev);
	void (*link)(void *dev, bool up);
	json_t *(*report)(const void *dev);
} kinds[] = {
	[VF_IXGBEVF] = { IXVF_VENDOR, IXVF_DEVICE, 0, NULL, 0, ixvf_vectors, ixvf_new,
			 KIND_OPS(ixvf) },
	[VF_VIRTIO] = { VIRTIO_VENDOR, VIRTIO_NET, VIRTIO_SUBSYS, virtio_caps,
			sizeof(virtio_caps) / sizeof(virtio_caps[0]), virtio_vectors,
			virtio_create, KIND_OPS(vnet) },
};

/* ---- towards the bus ---- */

static uint32_t fn_read(void *priv, uint32_t off, unsigned int size)
{
	struct vf_fn *fn = priv;

	return fn->kind->read(fn->dev, off, size);
}

static void fn_write(void *priv, uint32_t off, uint32_t val, unsigned int size)
{
	struct vf_fn *fn = priv;

	fn->kind->write(fn->dev, off, val, size);
}

static void fn_reset(void *priv)
{
	struct vf_fn *fn = priv;

	fn->kind->reset(fn->dev);
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
	fn->kind->free(fn->dev);
	free(fn);
}

static const struct vpci_ops vpci_ops = {
	.read = fn_read, .write = fn_write, .reset = fn_reset, .ejected = fn_ejected,
	.gone = fn_gone,
};

static struct vpci *offer(struct vf_fn *fn)
{
	const struct kind *k = fn->kind;
	struct vpci_params p = {
		.domain = (uint16_t)(DOMAIN_BASE + fn->nic->id), .unit = (uint16_t)next_unit++,
		.serial = fn->serial, .vendor = k->vendor, .device = k->device,
		.subvendor = k->vendor, .subdevice = k->subdevice, .revision = 1,
		.base_class = 2, .vectors = k->vectors(fn->nic), .cap = k->caps,
		.caps = k->cap_cnt,
	};

	return vpci_offer(fn->nic->bus, &p, &vpci_ops, fn);
}

bool vffn_plug(struct nic *nic, const struct vf_plug *plug)
{
	struct vf_fn *fn;

	if (nic->vf.fn)
		return false;
	fn = calloc(1, sizeof(*fn));
	if (!fn)
		return false;
	fn->kind = &kinds[nic->cfg.vf_kind];
	fn->nic = nic;
	fn->serial = plug->serial;
	fn->dev = fn->kind->create(fn, plug);
	fn->bus = fn->dev ? offer(fn) : NULL;
	if (!fn->bus) {
		fn->kind->free(fn->dev);
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

void vffn_forget(struct vf_fn *fn)
{
	fn->done = NULL;
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

bool vffn_takes(struct nic *nic, const struct switch_frame *f)
{
	struct nic_vf *vf = &nic->vf;

	/* Broadcast and multicast stay on the synthetic side (9.6). */
	if (vf->path != NVSP_DATAPATH_VF || !vf->fn || f->data[0] & 1)
		return false;
	vf->stats.frames_to_vf++;
	vf->stats.bytes_to_vf += f->len;
	vf->fn->kind->deliver(vf->fn->dev, f);
	return true;
}

void vffn_flush(struct vf_fn *fn)
{
	fn->kind->flush(fn->dev);
}

unsigned int vffn_room(struct vf_fn *fn)
{
	return fn->kind->room(fn->dev);
}

void vffn_link(struct vf_fn *fn, bool up)
{
	fn->kind->link(fn->dev, up);
}

bool vffn_relations(struct vf_fn *fn, bool present)
{
	return vpci_relations(fn->bus, present);
}

json_t *vffn_report(const struct vf_fn *fn)
{
	json_t *o = fn->kind->report(fn->dev);

	json_object_set_new(o, "serial", json_integer(fn->serial));
	json_object_set_new(o, "bus", vpci_report(fn->bus));
	return o;
}
