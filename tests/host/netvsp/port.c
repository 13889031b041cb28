// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: port - the NIC's port of the switch. Here it is decided which way a frame for the
 * guest takes: its VF, or the synthetic path.
 */
#include "nic.h"
#include "port.h"
#include "rx.h"
#include "vffn.h"

static void port_deliver(void *priv, const struct switch_frame *f)
{
	struct nic *nic = priv;

	if (!vffn_takes(nic, f))
		rx_deliver(nic, f);
}

static void port_flush(void *priv)
{
	struct nic *nic = priv;

	if (nic->vf.fn)
		vffn_flush(nic->vf.fn);
	rx_flush(nic);
}

static unsigned int port_room(void *priv)
{
	struct nic *nic = priv;

	if (nic->vf.path == NVSP_DATAPATH_VF && nic->vf.fn)
		return vffn_room(nic->vf.fn);
	return rx_room(nic);
}

const struct switch_port_ops port_ops = {
	.deliver = port_deliver,
	.flush = port_flush,
	.room = port_room,
};
