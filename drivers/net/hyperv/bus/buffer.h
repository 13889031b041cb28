/* SPDX-License-Identifier: GPL-2.0 */
/* Room chan: memory that is shared with the host. */
#ifndef _NETVSC_BUFFER_H
#define _NETVSC_BUFFER_H

#include <linux/hyperv.h>
#include <linux/types.h>

#include "lib/nvsp_msg.h"

struct page;

/**
 * struct netvsc_buffer - memory shared with the host
 * @addr: B, mapped in one piece; NULL if there is none (or it had to be left behind)
 * @chunks: B, what the kernel made it of for the host to see; NULL: vmalloc'ed
 * @chunk_cnt: B, of them
 * @bytes: I, multiple of the page size
 * @gpadl: B, handle 0 while not shared
 * @announced: R, the host was told, so it must be told to let go
 * @sections: I, how the host cuts it
 */
struct netvsc_buffer {
	u8 *addr;
	struct page **chunks;
	u32 chunk_cnt;
	u32 bytes;
	struct vmbus_gpadl gpadl;
	bool announced;
	struct netvsc_sections sections;
};

#endif /* _NETVSC_BUFFER_H */
