// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vnet_irq - the device's state as the driver may rely on it, and the interrupts
 * that tell of a change: configuration, used buffers (virtio 1.0, 2.4 and 4.1.5).
 */
#include "vnet_dev.h"

#define ISR_CONFIG	2

bool vnet_ready(const struct vnet *v)
{
	return v->status & S_DRIVER_OK && !(v->status & (S_NEEDS_RESET | S_FAILED));
}

static void raise_vector(struct vnet *v, uint16_t vector)
{
	if (vector == VIRTQ_NO_VECTOR)
		return;
	v->stats.interrupts++;
	v->ops->interrupt(v->priv, vector);
}

static void config_changed(struct vnet *v)
{
	v->generation++;
	if (!(v->status & S_DRIVER_OK))
		return;
	v->isr |= ISR_CONFIG;
	raise_vector(v, v->config_vector);
}

void vnet_link(struct vnet *v, bool up)
{
	if (v->cfg.link_up == up)
		return;
	v->cfg.link_up = up;
	config_changed(v);
}

void vnet_broken(struct vnet *v)
{
	v->stats.broken++;
	v->status |= S_NEEDS_RESET;
	config_changed(v);
}

void vnet_used(struct vnet *v, unsigned int n)
{
	if (virtq_wants_interrupt(&v->q[n]))
		raise_vector(v, v->q[n].vector);
}
