// SPDX-License-Identifier: GPL-2.0
/* Has the page pool several headers? */
#include <net/page_pool/helpers.h>

static void probe(struct page_pool *pool, struct page *page)
{
	page_pool_put_full_page(pool, page, false);
}
