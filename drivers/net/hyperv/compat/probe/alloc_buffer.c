// SPDX-License-Identifier: GPL-2.0
/* Does the bus allocate memory that a confidential VM's host can see? */
#include <linux/hyperv.h>

static int probe(struct vmbus_channel *channel, struct vmbus_gpadl *gpadl)
{
	struct page **chunks;
	u32 chunk_cnt;
	void *addr = vmbus_alloc_buffer(channel, 4096, &chunks, &chunk_cnt);
	int err;

	err = vmbus_establish_gpadl_caller_decrypted(channel, addr, 4096,
						     gpadl);
	vmbus_free_buffer(addr, chunks, chunk_cnt);
	return err;
}
