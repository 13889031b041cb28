/* SPDX-License-Identifier: GPL-2.0 */
/* The page pool of the kernel at hand: its header moved, its pools got owners. */
#ifndef _NETVSC_COMPAT_PAGE_POOL_H
#define _NETVSC_COMPAT_PAGE_POOL_H

#ifdef NETVSC_COMPAT_NO_POOL_HEADERS
#include <net/page_pool.h>
#else
#include <net/page_pool/helpers.h>
#endif

/* Pieces of pages used to be an ability of their own. */
#ifdef PP_FLAG_PAGE_FRAG
#define NETVSC_POOL_FLAGS	PP_FLAG_PAGE_FRAG
#else
#define NETVSC_POOL_FLAGS	0
#endif

/* A page that is not cut, of a pool that cuts others: counted as one piece. */
static inline void netvsc_pool_whole_page(struct page *page)
{
#ifdef PP_FLAG_PAGE_FRAG
	page_pool_fragment_page(page, 1);
#endif
}

/* Whose a pool is: for recycling without a detour, and for netlink to show. */
static inline void netvsc_pool_owner(struct page_pool_params *params,
				     struct net_device *ndev,
				     struct napi_struct *napi)
{
#ifndef NETVSC_COMPAT_NO_POOL_NAPI
	params->napi = napi;
#endif
#ifndef NETVSC_COMPAT_NO_POOL_NETDEV
	params->netdev = ndev;
#endif
}

#endif /* _NETVSC_COMPAT_PAGE_POOL_H */
