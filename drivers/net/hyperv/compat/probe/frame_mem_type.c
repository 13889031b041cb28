// SPDX-License-Identifier: GPL-2.0
/* Has an XDP frame the type of its memory only? */
#include <net/xdp.h>

static void probe(struct xdp_frame *xdpf)
{
	xdpf->mem_type = MEM_TYPE_PAGE_ORDER0;
}
