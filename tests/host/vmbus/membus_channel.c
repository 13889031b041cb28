// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: membus channel - a guest's GPADLs, channels and rings (vmbus-host.md A.6-A.11, C).
 *
 * Ring bytes are moved one by one: slow and hard to get wrong.
 */
#include "membus_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_PFNS	26u
#define BODY_PFNS	28u

/* ---- GPADLs ---- */

static unsigned int put_pfns(uint8_t *to, const struct membus_gpadl *g, unsigned int from,
			     unsigned int max)
{
	unsigned int i;

	for (i = 0; i < max && from + i < g->pages; i++) {
		uint64_t pfn = g->gpa[from + i] / PAGE;

		memcpy(to + 8 * i, &pfn, 8);
	}
	return i;
}

static int created_status(struct membus *mb, const struct membus_gpadl *g)
{
	struct membus_message m;

	if (!membus_take_id(mb, 10, &m) || m.len != 20 || m_get32(m.b, 8) != g->relid ||
	    m_get32(m.b, 12) != g->handle)
		return -1;
	return (int)m_get32(m.b, 16);
}

int membus_gpadl(struct membus *mb, uint32_t relid, uint32_t pages, struct membus_gpadl *g)
{
	uint8_t header[MEMBUS_MESSAGE_MAX] = { 8 }, body[MEMBUS_MESSAGE_MAX] = { 9 };
	unsigned int n, done;

	assert(mb->list_cnt < GPADLS_MAX);
	g->relid = relid;
	g->handle = mb->next_handle++;
	g->pages = pages;
	g->gpa = calloc(pages, sizeof(*g->gpa));
	assert(g->gpa);
	mb->lists[mb->list_cnt++] = g->gpa;
	for (n = 0; n < pages; n++)
		g->gpa[n] = membus_page(mb);

	m_put32(header, 8, relid);
	m_put32(header, 12, g->handle);
	m_put32(header, 16, ((8 + 8 * pages) & 0xffff) | 1 << 16);
	m_put32(header, 20, pages * PAGE);
	done = put_pfns(header + 28, g, 0, HEADER_PFNS);
	membus_post(mb, header, 28 + 8 * done);
	while (done < pages) {
		m_put32(body, 12, g->handle);
		n = put_pfns(body + 16, g, done, BODY_PFNS);
		membus_post(mb, body, 16 + 8 * n);
		done += n;
	}
	return created_status(mb, g);
}

void membus_gpadl_copy_out(struct membus *mb, const struct membus_gpadl *g, size_t off,
			   void *buf, size_t len)
{
	uint8_t *to = buf;

	for (; len; len--, off++)
		*to++ = ((uint8_t *)membus_ptr(mb, g->gpa[off / PAGE]))[off % PAGE];
}

void membus_gpadl_copy_in(struct membus *mb, const struct membus_gpadl *g, size_t off,
			  const void *buf, size_t len)
{
	const uint8_t *from = buf;

	for (; len; len--, off++)
		((uint8_t *)membus_ptr(mb, g->gpa[off / PAGE]))[off % PAGE] = *from++;
}

bool membus_teardown(struct membus *mb, uint32_t relid, uint32_t handle)
{
	uint8_t msg[16] = { 11 };
	struct membus_message m;

	m_put32(msg, 8, relid);
	m_put32(msg, 12, handle);
	membus_post(mb, msg, sizeof(msg));
	return membus_take_id(mb, 12, &m) && m.len == 12 && m_get32(m.b, 8) == handle;
}

/* ---- open and close ---- */

volatile uint32_t *membus_word(struct membus_channel *ch, bool tx, unsigned int n)
{
	const struct membus_ring *r = tx ? &ch->tx : &ch->rx;

	return (uint32_t *)membus_ptr(ch->mb, ch->mem.gpa[r->first]) + n;
}

int membus_open(struct membus *mb, const struct membus_offer *o, uint32_t pages, uint32_t vp,
		struct membus_channel *ch)
{
	uint8_t msg[148] = { 5 };
	struct membus_message m;

	memset(ch, 0, sizeof(*ch));
	ch->mb = mb;
	ch->relid = o->relid;
	ch->connection = o->connection;
	ch->monitor = o->monitor;
	if (membus_gpadl(mb, o->relid, 2 * pages, &ch->mem))
		return -1;
	ch->tx = (struct membus_ring){ 0, pages };
	ch->rx = (struct membus_ring){ pages, pages };
	*membus_word(ch, true, 16) = 1;
	*membus_word(ch, false, 16) = 1;
	m_put32(msg, 8, ch->relid);
	m_put32(msg, 12, ch->relid);
	m_put32(msg, 16, ch->mem.handle);
	m_put32(msg, 20, vp);
	m_put32(msg, 24, pages);
	membus_post(mb, msg, sizeof(msg));
	if (!membus_take_id(mb, 6, &m) || m.len != 20 || m_get32(m.b, 8) != ch->relid ||
	    m_get32(m.b, 12) != ch->relid)
		return -1;
	return (int)m_get32(m.b, 16);
}

void membus_close(struct membus_channel *ch)
{
	uint8_t msg[12] = { 7 };

	m_put32(msg, 8, ch->relid);
	membus_post(ch->mb, msg, sizeof(msg));
	assert(membus_teardown(ch->mb, ch->relid, ch->mem.handle));
}

int membus_modify(struct membus_channel *ch, uint32_t vp)
{
	uint8_t msg[16] = { 22 };
	struct membus_message m;

	m_put32(msg, 8, ch->relid);
	m_put32(msg, 12, vp);
	membus_post(ch->mb, msg, sizeof(msg));
	if (!membus_take_id(ch->mb, 24, &m) || m.len != 16 || m_get32(m.b, 8) != ch->relid)
		return -1;
	return (int)m_get32(m.b, 12);
}

/* ---- rings ---- */

static uint32_t data_bytes(const struct membus_ring *r)
{
	return (r->pages - 1) * PAGE;
}

static uint8_t *data_at(struct membus_channel *ch, const struct membus_ring *r, uint64_t at)
{
	at %= data_bytes(r);
	return (uint8_t *)membus_ptr(ch->mb, ch->mem.gpa[r->first + 1 + at / PAGE]) + at % PAGE;
}

static uint32_t free_bytes(struct membus_channel *ch)
{
	uint32_t size = data_bytes(&ch->tx), w = *membus_word(ch, true, 0);
	uint32_t r = *membus_word(ch, true, 1);

	return size - (w + size - r) % size;
}

bool membus_put_raw(struct membus_channel *ch, const void *bytes, size_t len)
{
	uint32_t w = *membus_word(ch, true, 0);
	const uint8_t *from = bytes;
	uint8_t trailer[8] = { 0 };
	size_t i;

	assert(len % 8 == 0);
	if (free_bytes(ch) <= len + 8)
		return false;
	m_put32(trailer, 4, w);
	for (i = 0; i < len; i++)
		*data_at(ch, &ch->tx, w + i) = from[i];
	for (i = 0; i < 8; i++)
		*data_at(ch, &ch->tx, w + len + i) = trailer[i];
	__atomic_store_n(membus_word(ch, true, 0), (uint32_t)((w + len + 8) % data_bytes(&ch->tx)),
			 __ATOMIC_SEQ_CST);
	return true;
}

uint16_t membus_signal(struct membus_channel *ch)
{
	ch->signals++;
	if (ch->monitor != 0xff) {
		uint32_t *group = membus_ptr(ch->mb, ch->mb->monitor_page);

		__atomic_fetch_or(&group[2 + 2 * (ch->monitor / 32)], 1u << ch->monitor % 32,
				  __ATOMIC_SEQ_CST);
		return HV_SUCCESS;
	}
	return vmbus_signal(ch->mb->bus, ch->connection);
}

bool membus_put(struct membus_channel *ch, uint16_t type, uint16_t flags, uint64_t trans_id,
		const void *ext, size_t ext_len, const void *payload, size_t len)
{
	size_t total = (16 + ext_len + len + 7) & ~7ul;
	uint32_t before = *membus_word(ch, true, 0);
	uint8_t *p = calloc(1, total);
	bool done;

	assert(p && ext_len % 8 == 0);
	m_put32(p, 0, type | (uint32_t)(2 + ext_len / 8) << 16);
	m_put32(p, 4, (uint32_t)(total / 8) | (uint32_t)flags << 16);
	memcpy(p + 8, &trans_id, 8);
	if (ext_len)
		memcpy(p + 16, ext, ext_len);
	if (len)
		memcpy(p + 16 + ext_len, payload, len);
	done = membus_put_raw(ch, p, total);
	free(p);
	/* C.3: mask, and was the ring empty before? */
	if (done && !*membus_word(ch, true, 2) && *membus_word(ch, true, 1) == before)
		membus_signal(ch);
	return done;
}

/* 1: something there; 0: empty, unmasked, looked at twice. */
static int something(struct membus_channel *ch)
{
	if (*membus_word(ch, false, 0) != *membus_word(ch, false, 1))
		return 1;
	*membus_word(ch, false, 2) = 0;
	return *membus_word(ch, false, 0) != *membus_word(ch, false, 1);
}

/* C.5: the host waits for room and now has it. */
static void wake_host(struct membus_channel *ch, uint32_t before, uint32_t after)
{
	uint32_t pending = *membus_word(ch, false, 3);

	if (pending && before <= pending && after > pending)
		membus_signal(ch);
}

int membus_get(struct membus_channel *ch, struct vmbus_packet *pkt, uint8_t *buf)
{
	uint32_t size = data_bytes(&ch->rx), w, r, i, len, off, used;

	if (!something(ch))
		return 0;
	w = *membus_word(ch, false, 0);
	r = *membus_word(ch, false, 1);
	used = (w + size - r) % size;
	if (w >= size || w % 8 || used < 24)
		return -1;
	for (i = 0; i < 16; i++)
		buf[i] = *data_at(ch, &ch->rx, r + i);
	off = (m_get32(buf, 0) >> 16) * 8;
	len = (m_get32(buf, 4) & 0xffff) * 8;
	if (off < 16 || len < off || len + 8 > used || len > VMBUS_PKT_MAX)
		return -1;
	for (i = 16; i < len; i++)
		buf[i] = *data_at(ch, &ch->rx, r + i);
	for (i = 0; i < 4; i++)	/* trailer: where the packet began, in the high half */
		if (*data_at(ch, &ch->rx, r + len + i) ||
		    *data_at(ch, &ch->rx, r + len + 4 + i) != (uint8_t)(r >> 8 * i))
			return -1;
	pkt->type = (uint16_t)m_get32(buf, 0);
	pkt->flags = (uint16_t)(m_get32(buf, 4) >> 16);
	memcpy(&pkt->trans_id, buf + 8, 8);
	pkt->desc = buf;
	pkt->desc_len = off;
	pkt->payload = buf + off;
	pkt->payload_len = len - off;
	*membus_word(ch, false, 1) = (r + len + 8) % size;
	wake_host(ch, size - used, size - used + len + 8);
	return 1;
}
