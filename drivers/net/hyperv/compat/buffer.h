/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that the host is to see. In a confidential VM a newer kernel makes it so page
 * by page when it is allocated: an area of vmalloc() cannot be made visible on every
 * machine. Older kernels did that when it was shared.
 */
#ifndef _NETVSC_COMPAT_BUFFER_H
#define _NETVSC_COMPAT_BUFFER_H

#include <linux/hyperv.h>

#ifdef NETVSC_COMPAT_NO_ALLOC_BUFFER
#include <linux/vmalloc.h>

static inline void *vmbus_alloc_buffer(struct vmbus_channel *channel, u32 bytes,
				       struct page ***chunks, u32 *chunk_cnt)
{
	*chunks = NULL;
	*chunk_cnt = 0;
	return vzalloc(bytes);
}

static inline void vmbus_free_buffer(void *addr, struct page **chunks,
				     u32 chunk_cnt)
{
	vfree(addr);
}

#define vmbus_establish_gpadl_caller_decrypted	vmbus_establish_gpadl
#endif

#endif /* _NETVSC_COMPAT_BUFFER_H */
