/* SPDX-License-Identifier: GPL-2.0 */
/* Receive queues and frames of programs in the kernel at hand. */
#ifndef _NETVSC_COMPAT_XDP_H
#define _NETVSC_COMPAT_XDP_H

#include <net/xdp.h>

/* For sockets that poll. Later kernels take it from the buffer's NAPI. */
static inline void netvsc_xdp_set_napi_id(struct xdp_rxq_info *rxq,
					  unsigned int napi_id)
{
#ifndef NETVSC_COMPAT_NO_RXQ_NAPI_ID
	rxq->napi_id = napi_id;
#endif
}

/* One flag of the buffer became several, and the function got another name. */
#ifdef NETVSC_COMPAT_NO_FRAGS_INFO
#define xdp_buff_get_skb_flags(xdp)	((xdp)->flags)
#define xdp_update_skb_frags_info(skb, cnt, size, truesize, flags) \
	xdp_update_skb_shared_info(skb, cnt, size, truesize, \
				   (flags) & XDP_FLAGS_FRAGS_PF_MEMALLOC)
#endif

/* A frame whose memory is an ordinary page. */
static inline void netvsc_xdp_frame_set_page(struct xdp_frame *xdpf)
{
#ifdef NETVSC_COMPAT_NO_FRAME_MEM_TYPE
	xdpf->mem.type = MEM_TYPE_PAGE_ORDER0;
#else
	xdpf->mem_type = MEM_TYPE_PAGE_ORDER0;
#endif
}

#endif /* _NETVSC_COMPAT_XDP_H */
