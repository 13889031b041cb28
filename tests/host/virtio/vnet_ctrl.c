// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vnet control queue (virtio 1.0, 5.1.6.5): receive mode, addresses, number of
 * queue pairs, steering by a hash, receive offloads. What it does not know, or what is cut, is refused.
 */
#include <errno.h>
#include <string.h>

#include "vnet_dev.h"

#define ACK_OK		0
#define ACK_ERR		1
#define CLASS_RX	0
#define CLASS_MAC	1
#define CLASS_MQ	4
#define CLASS_OFFLOADS	5
#define RX_PROMISC	0
#define RX_ALLMULTI	1
#define MAC_TABLE	0
#define MAC_ADDRESS	1
#define MQ_PAIRS	0
#define MQ_RSS		1
#define BODY_MAX	4096u

static int do_rx(struct vnet *v, uint8_t cmd, const uint8_t *body, size_t len)
{
	if (len != 1 || body[0] > 1)
		return -EINVAL;
	if (cmd == RX_PROMISC)
		v->promisc = body[0];
	else if (cmd == RX_ALLMULTI)
		v->allmulti = body[0];
	else
		return -EINVAL;
	return 0;
}

/* Two lists, unicast and multicast, each a count and its addresses. */
static int do_table(struct vnet *v, const uint8_t *body, size_t len)
{
	unsigned int list, kept = 0;
	uint32_t n, i;

	v->table_full = false;
	for (list = 0; list < 2; list++) {
		if (len < 4)
			return -EINVAL;
		memcpy(&n, body, 4);
		body += 4;
		len -= 4;
		if (n > len / 6)
			return -EINVAL;
		for (i = 0; i < n; i++, body += 6, len -= 6)
			if (kept < VNET_MACS_MAX)
				memcpy(v->table[kept++], body, 6);
			else
				v->table_full = true;
	}
	v->table_cnt = kept;
	return len ? -EINVAL : 0;
}

static int do_mac(struct vnet *v, uint8_t cmd, const uint8_t *body, size_t len)
{
	if (cmd == MAC_TABLE)
		return do_table(v, body, len);
	if (cmd != MAC_ADDRESS || len != 6 || body[0] & 1 || v->ops->refuses(v->priv, "mac"))
		return -EINVAL;
	memcpy(v->mac, body, 6);
	return 0;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/*
 * types(4) mask(2) unclassified(2) table(2 each) pairs(2) key length(1) key;
 * Linux 6.12 sends a byte more, which its compiler put behind the structure.
 */
static int do_rss(struct vnet *v, const uint8_t *body, size_t len)
{
	struct vnet_rss r = { .on = true };
	unsigned int entries, i;
	uint16_t pairs;

	if (len < 8 || v->ops->refuses(v->priv, "rss"))
		return -EINVAL;
	r.types = get16(body) | (uint32_t)get16(body + 2) << 16;
	r.mask = get16(body + 4);
	r.unclassified = get16(body + 6);
	entries = r.mask + 1u;
	if (entries > RSS_ENTRIES || entries & r.mask || r.types & ~RSS_TYPES ||
	    len < 8 + 2 * entries + 3 + RSS_KEY_BYTES || body[8 + 2 * entries + 2] != RSS_KEY_BYTES)
		return -EINVAL;
	pairs = get16(body + 8 + 2 * entries);
	if (!pairs || pairs > v->cfg.pairs || r.unclassified >= v->cfg.pairs)
		return -EINVAL;
	for (i = 0; i < entries; i++) {
		r.table[i] = get16(body + 8 + 2 * i);
		if (r.table[i] >= v->cfg.pairs)
			return -EINVAL;
	}
	memcpy(r.key, body + 8 + 2 * entries + 3, RSS_KEY_BYTES);
	v->pairs = pairs;
	v->rss = r;
	return 0;
}

static int do_mq(struct vnet *v, uint8_t cmd, const uint8_t *body, size_t len)
{
	uint16_t n;

	if (cmd == MQ_RSS && v->features & F_RSS)
		return do_rss(v, body, len);
	if (cmd != MQ_PAIRS || len != 2 || !(v->features & F_MQ))
		return -EINVAL;
	memcpy(&n, body, 2);
	if (!n || n > v->cfg.pairs)
		return -EINVAL;
	v->pairs = n;
	v->rss.on = false;
	return 0;
}

static int do_offloads(struct vnet *v, uint8_t cmd, const uint8_t *body, size_t len)
{
	uint64_t set;

	if (cmd || len != 8 || !(v->features & F_CTRL_GUEST_OFFLOADS))
		return -EINVAL;
	memcpy(&set, body, 8);
	if (set & ~(v->features & F_GUEST_CSUM))
		return -EINVAL;
	v->offloads = set;
	return 0;
}

static bool is_refused(struct vnet *v, uint8_t class)
{
	static const char *const names[] = {
		[CLASS_RX] = "rx", [CLASS_MQ] = "mq", [CLASS_OFFLOADS] = "offloads",
	};

	return class < sizeof(names) / sizeof(names[0]) && names[class] &&
	       v->ops->refuses(v->priv, names[class]);
}

static uint8_t command(struct vnet *v, struct virtq *q, const struct virtq_chain *c)
{
	uint8_t head[2], body[BODY_MAX];
	size_t len = c->read_len - sizeof(head);
	int err;

	if (c->read_len < sizeof(head) || len > sizeof(body) ||
	    virtq_read(q, c, 0, head, sizeof(head)) || virtq_read(q, c, sizeof(head), body, len))
		return ACK_ERR;
	if (is_refused(v, head[0]))
		return ACK_ERR;
	switch (head[0]) {
	case CLASS_RX:
		err = do_rx(v, head[1], body, len);
		break;
	case CLASS_MAC:
		err = do_mac(v, head[1], body, len);
		break;
	case CLASS_MQ:
		err = do_mq(v, head[1], body, len);
		break;
	case CLASS_OFFLOADS:
		err = do_offloads(v, head[1], body, len);
		break;
	default:
		err = -EOPNOTSUPP;
	}
	return err ? ACK_ERR : ACK_OK;
}

void vnet_control(struct vnet *v, struct virtq *q)
{
	static struct virtq_chain c;	/* large; one at a time, under the lock */
	unsigned int budget = q->size;
	bool any = false;
	int ret = 0;

	while (budget-- && (ret = virtq_pop(q, &c)) > 0) {
		uint8_t ack = command(v, q, &c);

		v->stats.controls++;
		v->stats.controls_refused += ack != ACK_OK;
		virtq_push(q, c.head, virtq_write(q, &c, 0, &ack, 1) ? 0 : 1);
		any = true;
	}
	if (ret < 0 || q->broken)
		vnet_broken(v);
	else if (any)
		vnet_used(v, (unsigned int)(q - v->q));
}
