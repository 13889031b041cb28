// SPDX-License-Identifier: GPL-2.0
/* Are all flags of an XDP buffer handed to the skb made of it? */
#include <net/xdp.h>

static void probe(struct sk_buff *skb, const struct xdp_buff *xdp)
{
	xdp_update_skb_frags_info(skb, 1, 1, 1, xdp_buff_get_skb_flags(xdp));
}
