// SPDX-License-Identifier: GPL-2.0
/* Can a page pool belong to a NAPI? */
#include <net/page_pool/types.h>

static void probe(struct page_pool_params *params, struct napi_struct *napi)
{
	params->napi = napi;
}
