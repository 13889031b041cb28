// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: fake/host - see host.h. The checks channel.h promises are made here too
 * (bounds of GPADLs, closed channels), so that a room cannot pass by luck.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/ctl.h"
#include "base/loop.h"
#include "host.h"

/* ---- loop ---- */

struct loop_timer {
	struct loop_timer *next;
	uint64_t at;
	loop_timer_fn cb;
	void *priv;
};

static struct loop_timer *timers;
static uint64_t now_ms = 1000;

uint64_t loop_now_ms(void)
{
	return now_ms;
}

struct loop_timer *loop_add_timer(unsigned int ms, loop_timer_fn cb, void *priv)
{
	struct loop_timer *t = calloc(1, sizeof(*t)), **at;

	t->at = now_ms + ms;
	t->cb = cb;
	t->priv = priv;
	for (at = &timers; *at && (*at)->at <= t->at; at = &(*at)->next)
		;
	t->next = *at;
	*at = t;
	return t;
}

void loop_del_timer(struct loop_timer *timer)
{
	struct loop_timer **at = &timers;

	while (timer && *at && *at != timer)
		at = &(*at)->next;
	if (!timer)
		return;
	if (*at != timer)
		abort();	/* not armed: a dead handle */
	*at = timer->next;
	free(timer);
}

static struct { loop_beside_fn cb; void *priv; } beside[4];

int loop_beside(loop_beside_fn cb, void *priv)
{
	unsigned int i;

	for (i = 0; i < 4 && beside[i].cb; i++)
		;
	if (i == 4)
		return -EAGAIN;
	beside[i].cb = cb;
	beside[i].priv = priv;
	return 0;
}

unsigned int fake_beside(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < 4; i++) {
		if (beside[i].cb && !beside[i].cb(beside[i].priv))
			beside[i].cb = NULL;
		n += beside[i].cb != NULL;
	}
	return n;
}

unsigned int fake_timers(void)
{
	struct loop_timer *t;
	unsigned int n = 0;

	for (t = timers; t; t = t->next)
		n++;
	return n;
}

void fake_run(unsigned int ms)
{
	uint64_t end = now_ms + ms;
	unsigned int rounds = 0;

	while (timers && timers->at <= end && rounds++ < 100000) {
		struct loop_timer *t = timers;
		struct loop_timer copy = *t;

		if (t->at > now_ms)
			now_ms = t->at;
		timers = t->next;
		free(t);
		copy.cb(copy.priv);
	}
	now_ms = end;
}

int loop_add_fd(int fd, uint32_t events, loop_fd_fn cb, void *priv)
{
	return -ENOSYS;
}

int loop_mod_fd(int fd, uint32_t events)
{
	return -ENOSYS;
}

void loop_del_fd(int fd)
{
}

/* ---- bus ---- */

struct vmbus *fake_bus(unsigned int vps)
{
	struct vmbus *bus = calloc(1, sizeof(*bus));

	bus->vps = vps;
	bus->version = 0x50003;
	bus->next_relid = 1;
	bus->ram = calloc(1, FAKE_MEM_BYTES);
	bus->mem.cnt = 1;
	bus->mem.range[0] = (struct gmem_range){ 0, FAKE_MEM_BYTES, bus->ram, 1 };
	return bus;
}

static void drop_packets(struct fake_packet **list)
{
	while (*list) {
		struct fake_packet *p = *list;

		*list = p->next;
		free(p);
	}
}

static void channel_free(struct vmbus_channel *ch)
{
	struct vmbus_channel **at = &ch->bus->channels;

	while (*at != ch)
		at = &(*at)->next;
	*at = ch->next;
	drop_packets(&ch->in);
	drop_packets(&ch->out);
	free(ch);
}

void fake_bus_free(struct vmbus *bus)
{
	unsigned int i;

	while (bus->channels) {
		struct vmbus_channel *ch = bus->channels;

		fake_close(ch);
		if (bus->channels != ch)
			continue;
		ch->ops->released(ch->dev, ch);
		channel_free(ch);
	}
	fake_run(0);
	for (i = 0; i < bus->gpadl_cnt; i++)
		free(bus->gpadl[i].data);
	free(bus->ram);
	free(bus);
}

struct vmbus_channel *channel_offer(struct vmbus *bus, const struct vmbus_offer_params *p,
				    const struct vmbus_device_ops *ops, void *dev)
{
	struct vmbus_channel *ch = calloc(1, sizeof(*ch)), **at = &bus->channels;

	ch->bus = bus;
	ch->p = *p;
	ch->ops = ops;
	ch->dev = dev;
	ch->relid = bus->next_relid++;
	ch->room = 1u << 30;
	while (*at)
		at = &(*at)->next;
	*at = ch;
	return ch;
}

void channel_rescind(struct vmbus_channel *ch)
{
	if (ch->rescinded)
		return;
	fake_close(ch);
	ch->rescinded = true;
}

void fake_release(struct vmbus_channel *ch)
{
	ch->ops->released(ch->dev, ch);
	channel_free(ch);
}

struct vmbus_channel *fake_channel(struct vmbus *bus, unsigned int nth)
{
	struct vmbus_channel *ch;

	for (ch = bus->channels; ch; ch = ch->next)
		if (!ch->rescinded && !nth--)
			return ch;
	return NULL;
}

unsigned int fake_channel_cnt(const struct vmbus *bus)
{
	struct vmbus_channel *ch;
	unsigned int n = 0;

	for (ch = bus->channels; ch; ch = ch->next)
		n += !ch->rescinded;
	return n;
}

int fake_open(struct vmbus_channel *ch)
{
	int ret;

	if (ch->ops->request)
		ch->ops->request(ch->dev, ch, "open");
	ch->open = true;
	ret = ch->ops->open(ch->dev, ch);
	if (ret)
		ch->open = false;
	else
		fake_ring(ch);
	return ret;
}

void fake_close(struct vmbus_channel *ch)
{
	if (!ch->open)
		return;
	ch->ops->close(ch->dev, ch);
	ch->open = false;
	drop_packets(&ch->in);
	drop_packets(&ch->out);
}

struct gpadl *fake_gpadl(struct vmbus *bus, uint32_t handle, size_t len)
{
	struct gpadl *g = &bus->gpadl[bus->gpadl_cnt++];

	g->handle = handle;
	g->ranges = 1;
	g->len = len;
	g->data = calloc(1, len);
	return g;
}

void fake_teardown(struct vmbus_channel *ch, uint32_t handle)
{
	ch->ops->gpadl_teardown(ch->dev, ch, channel_gpadl(ch, handle));
}

struct gpadl *channel_gpadl(struct vmbus_channel *ch, uint32_t handle)
{
	unsigned int i;

	for (i = 0; i < ch->bus->gpadl_cnt; i++)
		if (ch->bus->gpadl[i].handle == handle)
			return &ch->bus->gpadl[i];
	return NULL;
}

uint32_t gpadl_handle(const struct gpadl *g) { return g->handle; }
uint32_t gpadl_range_count(const struct gpadl *g) { return g->ranges; }
uint32_t gpadl_byte_offset(const struct gpadl *g) { return g->offset; }
size_t gpadl_len(const struct gpadl *g) { return g->len; }

int gpadl_read(const struct gpadl *g, size_t off, void *buf, size_t len)
{
	if (off > g->len || len > g->len - off)
		return -EFAULT;
	memcpy(buf, g->data + off, len);
	return 0;
}

int gpadl_write(const struct gpadl *g, size_t off, const void *buf, size_t len)
{
	if (off > g->len || len > g->len - off)
		return -EFAULT;
	memcpy(g->data + off, buf, len);
	return 0;
}

uint32_t channel_relid(const struct vmbus_channel *ch) { return ch->relid; }
uint16_t channel_subindex(const struct vmbus_channel *ch) { return ch->p.subchannel_index; }
bool channel_is_open(const struct vmbus_channel *ch) { return ch->open; }
uint32_t channel_target_vp(const struct vmbus_channel *ch) { return 0; }
const struct gmem *channel_gmem(const struct vmbus_channel *ch) { return &ch->bus->mem; }
unsigned int bus_vp_count(const struct vmbus *bus) { return bus->vps; }
uint32_t bus_version(const struct vmbus *bus) { return bus->version; }
const struct channel_stats *channel_stats(const struct vmbus_channel *ch) { return &ch->stats; }

/* ---- packets ---- */

static void append(struct fake_packet **list, const void *b, size_t len, uint64_t mark)
{
	struct fake_packet *p = calloc(1, sizeof(*p) + (len + 7) / 8 * 8);

	p->mark = mark;
	p->len = (len + 7) / 8 * 8;
	memcpy(p->b, b, len);
	while (*list)
		list = &(*list)->next;
	*list = p;
}

void fake_put(struct vmbus_channel *ch, const void *b, size_t len)
{
	append(&ch->in, b, len, 0);
}

void fake_ring(struct vmbus_channel *ch)
{
	ch->stats.rx_signals++;
	ch->ops->doorbell(ch->dev, ch);
}

struct fake_packet *fake_get(struct vmbus_channel *ch)
{
	struct fake_packet *p = ch->out;

	if (p)
		ch->out = p->next;
	return p;
}

unsigned int fake_waiting(const struct vmbus_channel *ch)
{
	const struct fake_packet *p;
	unsigned int n = 0;

	for (p = ch->out; p; p = p->next)
		n++;
	return n;
}

int channel_recv(struct vmbus_channel *ch, struct vmbus_packet *pkt, uint8_t *buf)
{
	struct fake_packet *p = ch->in;

	if (!ch->open || !p)
		return 0;
	ch->in = p->next;
	memcpy(buf, p->b, p->len);
	pkt->type = fp16(p, 0);
	pkt->flags = fp16(p, 6);
	memcpy(&pkt->trans_id, buf + 8, 8);
	pkt->desc = buf;
	pkt->desc_len = (uint32_t)fp_payload(p);
	pkt->payload = buf + pkt->desc_len;
	pkt->payload_len = (uint32_t)p->len - pkt->desc_len;
	free(p);
	ch->stats.rx_packets++;
	return 1;
}

void channel_die(struct vmbus_channel *ch)
{
	ch->open = false;
}

void channel_wait_for_quarter(struct vmbus_channel *ch)
{
	(void)ch;
}

int channel_write(struct vmbus_channel *ch, const void *packet, size_t len)
{
	if (!ch->open)
		return -ENODEV;
	if (!ch->room)
		return -EAGAIN;
	ch->room--;
	ch->stats.tx_packets++;
	append(&ch->out, packet, len, ch->stats.tx_packets);
	return 0;
}

int channel_send_raw(struct vmbus_channel *ch, const void *packet, size_t len)
{
	uint8_t b[8192] = { 0 };

	if (!ch->ops->meddles || !ch->ops->meddles(ch->dev, ch))
		return channel_write(ch, packet, len);
	memcpy(b, packet, len);
	return ch->ops->outgoing(ch->dev, ch, b, (len + 7) / 8 * 8);
}

uint64_t channel_mark(const struct vmbus_channel *ch)
{
	return ch->stats.tx_packets;
}

/* As long as the test has not taken it. */
int channel_overwrite(struct vmbus_channel *ch, uint64_t mark, uint32_t at, const void *bytes,
		      uint32_t len)
{
	struct fake_packet *p = ch->out;

	while (p && p->mark != mark)
		p = p->next;
	if (!p)
		return -ENODEV;
	if (at + len > p->len)
		abort();	/* beyond its end */
	memcpy(p->b + at, bytes, len);
	return 1;
}

void channel_bend(struct vmbus_channel *ch, bool from_guest, uint32_t word, uint32_t value)
{
	ch->bent++;
}

void channel_mend(struct vmbus_channel *ch)
{
	ch->bent = 0;
}

void channel_forgive(struct vmbus_channel *ch)
{
}

static int send_parts(struct vmbus_channel *ch, uint16_t type, uint16_t flags,
		      uint64_t id, const void *ext, size_t ext_len, const void *payload,
		      size_t len)
{
	uint8_t b[8192] = { 0 };
	uint16_t h[4] = { type, (uint16_t)((16 + ext_len) / 8),
			  (uint16_t)((16 + ext_len + len + 7) / 8), flags };

	memcpy(b, h, 8);
	memcpy(b + 8, &id, 8);
	if (ext_len)
		memcpy(b + 16, ext, ext_len);
	if (len)
		memcpy(b + 16 + ext_len, payload, len);
	return channel_send_raw(ch, b, 16 + ext_len + len);
}

int channel_send(struct vmbus_channel *ch, uint16_t type, uint16_t flags, uint64_t id,
		 const void *payload, size_t len)
{
	return send_parts(ch, type, flags, id, NULL, 0, payload, len);
}

int channel_send_ranges(struct vmbus_channel *ch, uint64_t id, uint16_t set_id,
			const struct vmbus_range *range, unsigned int n,
			const void *payload, size_t len)
{
	uint8_t ext[8 + 8 * 570] = { 0 };

	memcpy(ext, &set_id, 2);
	memcpy(ext + 4, &n, 4);
	memcpy(ext + 8, range, n * 8);
	return send_parts(ch, VMBUS_PKT_XFER_PAGES, 1, id, ext, 8 + n * 8, payload, len);
}

/* ---- verbs ---- */

static char *answer_line;

static void take_line(void *priv, const char *line, size_t len)
{
	free(answer_line);
	answer_line = strndup(line, len);
}

json_t *fake_answer(void)
{
	json_t *o = answer_line ? json_loads(answer_line, 0, NULL) : NULL;

	free(answer_line);
	answer_line = NULL;
	return o;
}

json_t *fake_verb(const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	free(answer_line);
	answer_line = NULL;
	ctl_line(line, strlen(line), take_line, NULL);
	return fake_answer();
}
