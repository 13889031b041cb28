/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: life - a NIC comes and goes.
 */
#ifndef HVHOST_NETVSP_LIFE_H
#define HVHOST_NETVSP_LIFE_H

#include "../vmbus/channel.h"

struct nic;
struct nic_cfg;
struct nic_events;

#define LIFE_BEHIND_MS		5	/* an answer behind a rescind that is due */

/* Of each channel; its device is a struct nic_queue. */
extern const struct vmbus_device_ops life_channel_ops;

/**
 * life_create() - a NIC with its port and its primary channel
 *
 * Return: the NIC, or NULL without memory, a free channel or a port.
 */
struct nic *life_create(struct vmbus *bus, int id, const struct nic_cfg *cfg,
			const struct nic_events *events);

/**
 * life_rescind() - complete what is outstanding, withdraw all channels
 *
 * The NIC frees itself when the guest has released the last one, perhaps at once.
 */
void life_rescind(struct nic *nic);

#endif
