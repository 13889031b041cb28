/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: membus internal - shared by membus.c and membus_channel.c, nobody else. */
#ifndef HVHOST_VMBUS_MEMBUS_INTERNAL_H
#define HVHOST_VMBUS_MEMBUS_INTERNAL_H

#include "membus.h"

#define PAGE		4096u
#define VPS_MAX		8
#define RELIDS		2048
#define MESSAGES_MAX	8192
#define GPADLS_MAX	1024

struct membus {
	struct vmbus *bus;
	struct gmem mem;
	uint8_t *low, *high, *rom;
	unsigned int pages, next_page, vps;
	uint32_t version;	/* spoken; 0: none */
	uint32_t next_handle;
	uint64_t monitor_page;
	struct membus_message *msg[MESSAGES_MAX];
	unsigned int msg_cnt;
	unsigned int events[VPS_MAX][RELIDS];
	bool doorbell[RELIDS];
	struct membus_offer offer[MEMBUS_OFFERS_MAX];
	unsigned int offer_cnt;
	uint64_t *lists[GPADLS_MAX];
	unsigned int list_cnt;
};

static inline void m_put32(uint8_t *p, unsigned int off, uint32_t v)
{
	__builtin_memcpy(p + off, &v, 4);
}

static inline uint32_t m_get32(const uint8_t *p, unsigned int off)
{
	uint32_t v;

	__builtin_memcpy(&v, p + off, 4);
	return v;
}

#endif
