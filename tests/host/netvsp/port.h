/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: port - the NIC's port of the switch.
 */
#ifndef HVHOST_NETVSP_PORT_H
#define HVHOST_NETVSP_PORT_H

#include "../backend/switch.h"

/* Its private pointer is the NIC. */
extern const struct switch_port_ops port_ops;

#endif
