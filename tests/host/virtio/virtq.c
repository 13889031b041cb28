// SPDX-License-Identifier: GPL-2.0
/* DOC: virtq - see virtq.h. */
#include "virtq.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "../vm/gmem.h"

#define DESC_BYTES	16u
#define DESC_NEXT	1u
#define DESC_WRITE	2u
#define DESC_INDIRECT	4u
#define AVAIL_NO_IRQ	1u
#define RING_HEAD	4u	/* flags, index */
#define USED_ELEM	8u

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

void virtq_reset(struct virtq *q, const struct gmem *mem, uint16_t size)
{
	memset(q, 0, sizeof(*q));
	q->mem = mem;
	q->size = size;
	q->vector = VIRTQ_NO_VECTOR;
}

static int breaks(struct virtq *q)
{
	q->broken = true;
	return -EPROTO;
}

bool virtq_enable(struct virtq *q)
{
	if (!q->size || q->size > VIRTQ_SIZE_MAX || q->size & (q->size - 1) || q->desc & 15 ||
	    q->avail & 1 || q->used & 3 ||
	    !gmem_ptr(q->mem, q->desc, q->size * DESC_BYTES) ||
	    !gmem_ptr(q->mem, q->avail, RING_HEAD + q->size * 2u) ||
	    !gmem_ptr_rw(q->mem, q->used, RING_HEAD + q->size * USED_ELEM))
		return false;
	q->enabled = true;
	return true;
}

static int read16(const struct virtq *q, uint64_t gpa, uint16_t *v)
{
	const volatile uint16_t *p = gmem_ptr(q->mem, gpa, 2);

	if (!p)
		return -EFAULT;
	*v = le16toh(*p);
	return 0;
}

unsigned int virtq_waiting(struct virtq *q)
{
	uint16_t idx, n;

	if (!q->enabled || q->broken || read16(q, q->avail + 2, &idx))
		return 0;
	n = (uint16_t)(idx - q->next_avail);
	if (n > q->size) {
		breaks(q);
		return 0;
	}
	/* The ring's entries are read after the index that tells of them. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return n;
}

static int read_desc(const struct virtq *q, uint64_t table, uint32_t i, struct desc *d)
{
	uint8_t b[DESC_BYTES];

	if (gmem_read(q->mem, table + (uint64_t)i * DESC_BYTES, b, sizeof(b)))
		return -EFAULT;
	memcpy(&d->addr, b, 8);
	memcpy(&d->len, b + 8, 4);
	memcpy(&d->flags, b + 12, 2);
	memcpy(&d->next, b + 14, 2);
	d->addr = le64toh(d->addr);
	d->len = le32toh(d->len);
	d->flags = le16toh(d->flags);
	d->next = le16toh(d->next);
	return 0;
}

/* Readable ones come first, and only memory the guest has. */
static int add_seg(const struct virtq *q, struct virtq_chain *c, const struct desc *d)
{
	bool write = d->flags & DESC_WRITE;

	if (c->cnt == VIRTQ_SIZE_MAX || !d->len || (!write && c->cnt > c->read_cnt))
		return -EPROTO;
	if (!(write ? gmem_ptr_rw(q->mem, d->addr, d->len) : gmem_ptr(q->mem, d->addr, d->len)))
		return -EPROTO;
	c->seg[c->cnt].gpa = d->addr;
	c->seg[c->cnt++].len = d->len;
	if (write) {
		c->write_len += d->len;
	} else {
		c->read_cnt++;
		c->read_len += d->len;
	}
	return 0;
}

/* A table of @n descriptors, from @i on. */
static int walk(const struct virtq *q, struct virtq_chain *c, uint64_t table, uint32_t n,
		uint32_t i, bool nested)
{
	uint32_t steps;
	struct desc d;

	for (steps = 0; steps < n; steps++) {
		if (i >= n || read_desc(q, table, i, &d) ||
		    d.flags & ~(DESC_NEXT | DESC_WRITE | DESC_INDIRECT))
			return -EPROTO;
		if (d.flags & DESC_INDIRECT) {
			if (nested || !q->indirect || d.flags & DESC_NEXT || !d.len ||
			    d.len % DESC_BYTES || d.len / DESC_BYTES > VIRTQ_SIZE_MAX)
				return -EPROTO;
			return walk(q, c, d.addr, d.len / DESC_BYTES, 0, true);
		}
		if (add_seg(q, c, &d))
			return -EPROTO;
		if (!(d.flags & DESC_NEXT))
			return 0;
		i = d.next;
	}
	return -EPROTO;		/* a circle */
}

int virtq_pop(struct virtq *q, struct virtq_chain *c)
{
	uint16_t head;

	if (!virtq_waiting(q))
		return q->broken ? -EPROTO : 0;
	if (read16(q, q->avail + RING_HEAD + (q->next_avail & (q->size - 1u)) * 2u, &head) ||
	    head >= q->size || q->out[head / 8] & 1u << head % 8)
		return breaks(q);
	c->head = head;
	c->read_cnt = c->cnt = 0;
	c->read_len = c->write_len = 0;
	if (walk(q, c, q->desc, q->size, head, false))
		return breaks(q);
	q->out[head / 8] |= (uint8_t)(1u << head % 8);
	q->next_avail++;
	return 1;
}

void virtq_unpop(struct virtq *q, const struct virtq_chain *c)
{
	q->out[c->head / 8] &= (uint8_t)~(1u << c->head % 8);
	q->next_avail--;
}

void virtq_push(struct virtq *q, uint16_t head, uint32_t len)
{
	uint32_t elem[2] = { htole32(head), htole32(len) };
	volatile uint16_t *idx;

	if (q->broken || !q->enabled)
		return;
	q->out[head / 8] &= (uint8_t)~(1u << head % 8);
	idx = gmem_ptr_rw(q->mem, q->used + 2, 2);
	if (!idx || gmem_write(q->mem, q->used + RING_HEAD +
			       (q->next_used & (q->size - 1u)) * USED_ELEM, elem, sizeof(elem))) {
		breaks(q);
		return;
	}
	/* The driver that sees the index sees the element and the data. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*idx = htole16(++q->next_used);
}

bool virtq_wants_interrupt(const struct virtq *q)
{
	uint16_t flags;

	/* Pairs with the driver, which clears the flag and looks at the index again. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return q->enabled && !q->broken && !read16(q, q->avail, &flags) &&
	       !(flags & AVAIL_NO_IRQ);
}

/* Bytes [off, off + len) of segments first ... first + n; each part by @to or @from. */
static int copy(const struct virtq *q, const struct virtq_seg *seg, unsigned int n, size_t off,
		uint8_t *to, const uint8_t *from, size_t len)
{
	for (; n && len; n--, seg++) {
		size_t part;
		int err;

		if (off >= seg->len) {
			off -= seg->len;
			continue;
		}
		part = seg->len - off < len ? seg->len - off : len;
		err = to ? gmem_read(q->mem, seg->gpa + off, to, part) :
			   gmem_write(q->mem, seg->gpa + off, from, part);
		if (err)
			return err;
		if (to)
			to += part;
		else
			from += part;
		len -= part;
		off = 0;
	}
	return len ? -EFAULT : 0;
}

int virtq_read(const struct virtq *q, const struct virtq_chain *c, size_t off, void *buf,
	       size_t len)
{
	return copy(q, c->seg, c->read_cnt, off, buf, NULL, len);
}

int virtq_write(const struct virtq *q, const struct virtq_chain *c, size_t off,
		const void *buf, size_t len)
{
	return copy(q, c->seg + c->read_cnt, c->cnt - c->read_cnt, off, NULL, buf, len);
}
