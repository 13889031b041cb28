// SPDX-License-Identifier: GPL-2.0
/* Does a receive queue of XDP keep the number of its NAPI? */
#include <net/xdp.h>

static void probe(struct xdp_rxq_info *rxq, unsigned int napi_id)
{
	rxq->napi_id = napi_id;
}
