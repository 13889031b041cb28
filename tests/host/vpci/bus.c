// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vpci bus - the protocol on the channel (vmbus-host.md E.1 to E.5, E.9).
 *
 * One table lists what a guest may send, with its size and the states in which it
 * makes sense. What does not fit is a violation and is refused where an answer is due:
 * the guest waits without a limit. Answers leave in order; those that find no room
 * wait, and while they do the guest's ring is not read.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/loop.h"
#include "../base/violation.h"
#include "../fault/fault.h"
#include "../vm/gmem.h"
#include "inside.h"

#define TYPE(n)			(0x42490000u + (n))
#define BUS_RELATIONS		TYPE(0x00)
#define QUERY_RELATIONS		TYPE(0x01)
#define POWER_STATE		TYPE(0x04)
#define QUERY_RESOURCES		TYPE(0x05)
#define D0_ENTRY		TYPE(0x07)
#define D0_EXIT			TYPE(0x08)
#define EJECT			TYPE(0x0b)
#define EJECT_COMPLETE		TYPE(0x0f)
#define ASSIGNED		TYPE(0x10)
#define RELEASED		TYPE(0x11)
#define QUERY_VERSION		TYPE(0x13)
#define CREATE_INT		TYPE(0x14)
#define DELETE_INT		TYPE(0x15)
#define ASSIGNED2		TYPE(0x16)
#define CREATE_INT2		TYPE(0x17)
#define BUS_RELATIONS2		TYPE(0x19)
#define CREATE_INT3		TYPE(0x1b)

#define STATUS_OK		0
#define STATUS_UNSUCCESSFUL	0xc0000001u
#define STATUS_BAD_VERSION	0xc0000059u
#define STATUS_NOT_SUPPORTED	0xc00000bbu
#define VERSION_1_1		0x10001u
#define VERSION_1_3		0x10003u
#define VERSION_1_4		0x10004u
#define WINDOW_BYTES		0x2000u
#define WINDOW_CONFIG		0x1000u
#define IN(state)		(1u << (state))
#define AGREED			(IN(VPCI_VERSION) | IN(VPCI_D0))
#define BUDGET			64u

static const struct vmbus_guid class_guid = { {
	0x1d, 0xf6, 0xc4, 0x44, 0x44, 0x44, 0x00, 0x44,
	0x9d, 0x52, 0x80, 0x2e, 0x27, 0xed, 0xe1, 0x9f } };

static uint8_t packet_buf[VMBUS_PKT_MAX] __attribute__((aligned(8)));

/* ---- sending ---- */

static void flush(struct vpci *b)
{
	unsigned int i = 0;

	for (; i < b->queued_cnt; i++)
		if (channel_send(b->ch, b->queued[i].type, 0, b->queued[i].id, b->queued[i].b,
				 b->queued[i].len))
			break;
	b->queued_cnt -= i;
	memmove(b->queued, b->queued + i, b->queued_cnt * sizeof(b->queued[0]));
}

static bool send(struct vpci *b, uint16_t type, uint64_t id, const void *msg, size_t len)
{
	struct vpci_queued *q;

	if (b->state == VPCI_CLOSED || b->queued_cnt == VPCI_QUEUED_MAX ||
	    len > sizeof(b->queued[0].b))
		return false;
	q = &b->queued[b->queued_cnt++];
	q->type = type;
	q->id = id;
	q->len = len;
	memcpy(q->b, msg, len);
	flush(b);
	return true;
}

/* Completions carry at least 8 bytes, or the guest drops them (E.1). */
static void answer(struct vpci *b, const struct vmbus_packet *pkt, uint32_t status,
		   const void *rest, size_t len)
{
	uint8_t msg[32] = { 0 };

	if (!(pkt->flags & VMBUS_PKT_FLAG_COMPLETION_REQUESTED))
		return;
	memcpy(msg, &status, 4);
	if (len)
		memcpy(msg + 4, rest, len);
	send(b, VMBUS_PKT_COMPLETION, pkt->trans_id, msg, len < 4 ? 8 : 4 + len);
}

bool vpci_relations(struct vpci *b, bool present)
{
	bool v2 = b->version >= VERSION_1_3;
	uint32_t head[2] = { v2 ? BUS_RELATIONS2 : BUS_RELATIONS, present };
	uint8_t msg[36] = { 0 };

	if (b->state < VPCI_VERSION)
		return false;
	memcpy(msg, head, 8);
	if (present) {
		memcpy(msg + 8, b->fn.config, 4);
		memcpy(msg + 12, b->fn.config + 8, 4);
		memcpy(msg + 16, b->fn.config + 0x2c, 4);
		memcpy(msg + 24, &b->p.serial, 4);	/* slot 0 before it, flags 0 behind */
	}
	b->listed = present;
	b->absent = !present;
	b->stats.relations++;
	return send(b, VMBUS_PKT_INBAND, 0, msg, !present ? 8 : v2 ? 36 : 28);
}

bool vpci_eject(struct vpci *b)
{
	const uint32_t msg[2] = { EJECT, 0 };

	if (!b->listed || !send(b, VMBUS_PKT_INBAND, 0, msg, sizeof(msg)))
		return false;
	b->stats.ejects++;
	return true;
}

/* ---- the window ---- */

static uint64_t window_read(void *priv, uint64_t off, unsigned int size)
{
	struct vpci *b = priv;

	b->stats.window_reads++;
	if (vpci_machine.window_used)
		vpci_machine.window_used();
	if (off < WINDOW_CONFIG || b->slot || b->absent || size > 4)
		return ~0ull;
	return vpci_config_read(b, (uint32_t)off - WINDOW_CONFIG, size);
}

static void window_write(void *priv, uint64_t off, uint64_t val, unsigned int size)
{
	struct vpci *b = priv;

	b->stats.window_writes++;
	if (vpci_machine.window_used)
		vpci_machine.window_used();
	if (!off && size == 4)
		b->slot = (uint32_t)val;
	else if (off >= WINDOW_CONFIG && !b->slot && !b->absent && size <= 4)
		vpci_config_write(b, (uint32_t)off - WINDOW_CONFIG, (uint32_t)val, size);
}

static const struct mmio_ops window_ops = { .read = window_read, .write = window_write };

static void leave_d0(struct vpci *b)
{
	if (b->state != VPCI_D0)
		return;
	b->ops->reset(b->priv);
	b->state = VPCI_VERSION;
	vpci_fn_reset(b);
	vpci_irq_reset(b);
	mmio_unmap(b->window);
	b->window = NULL;
	b->slot = 0;
}

/* ---- requests ---- */

static void bad(const char *name, const struct vmbus_packet *pkt, const char *why)
{
	violation_note(name, pkt->payload, pkt->payload_len, "vPCI message 0x%x: %s",
		       pkt->payload_len >= 4 ? vpci_get32(pkt->payload, 0) : 0, why);
}

static void do_version(struct vpci *b, const struct vmbus_packet *pkt)
{
	uint32_t v = vpci_get32(pkt->payload, 4), max = VERSION_1_4;
	const struct fault *f = fault_hit("vpci.version", FAULT_ANY_NIC, "", 0);
	bool ok;

	if (f)
		max = f->has_value ? f->value : VERSION_1_1;
	ok = v >= VERSION_1_1 && v <= max;
	answer(b, pkt, ok ? STATUS_OK : STATUS_BAD_VERSION, &v, 4);
	if (!ok)
		return;
	b->version = v;
	b->state = VPCI_VERSION;
}

static void do_relations(struct vpci *b, const struct vmbus_packet *pkt)
{
	(void)pkt;
	vpci_relations(b, !b->absent);
}

static bool right_slot(const struct vmbus_packet *pkt, size_t off)
{
	if (!vpci_get32(pkt->payload, off))
		return true;
	bad("vpci.slot", pkt, "another slot than 0 (E.1)");
	return false;
}

static void do_resources(struct vpci *b, const struct vmbus_packet *pkt)
{
	uint32_t bar[6];
	unsigned int i;

	for (i = 0; i < 6; i++)
		bar[i] = vpci_bar_mask(i);
	if (right_slot(pkt, 4))
		answer(b, pkt, STATUS_OK, bar, sizeof(bar));
	else
		answer(b, pkt, STATUS_UNSUCCESSFUL, NULL, 0);
}

static void do_d0_entry(struct vpci *b, const struct vmbus_packet *pkt)
{
	uint64_t gpa = vpci_get64(pkt->payload, 8);

	if (gpa & 0xfff || gmem_ptr(channel_gmem(b->ch), gpa, WINDOW_BYTES)) {
		bad("vpci.window", pkt, "the window is memory, or not on a page (E.5)");
		answer(b, pkt, STATUS_UNSUCCESSFUL, NULL, 0);
		return;
	}
	/* A second entry fails; the guest leaves and tries again (E.3). */
	if (b->state == VPCI_D0 || fault_hit("vpci.d0_refuse", FAULT_ANY_NIC, "", 0)) {
		answer(b, pkt, STATUS_UNSUCCESSFUL, NULL, 0);
		return;
	}
	b->window = mmio_map(gpa, WINDOW_BYTES, &window_ops, b);
	b->window_gpa = gpa;
	if (b->window)
		b->state = VPCI_D0;
	answer(b, pkt, b->window ? STATUS_OK : STATUS_UNSUCCESSFUL, NULL, 0);
}

static void do_d0_exit(struct vpci *b, const struct vmbus_packet *pkt)
{
	leave_d0(b);
	answer(b, pkt, STATUS_OK, NULL, 0);
}

static void do_assigned(struct vpci *b, const struct vmbus_packet *pkt)
{
	answer(b, pkt, right_slot(pkt, 4) ? STATUS_OK : STATUS_UNSUCCESSFUL, NULL, 0);
}

static void do_released(struct vpci *b, const struct vmbus_packet *pkt)
{
	(void)b;
	right_slot(pkt, 4);
}

static void do_ejected(struct vpci *b, const struct vmbus_packet *pkt)
{
	if (!b->stats.ejects) {
		bad("vpci.eject", pkt, "nobody asked for it (E.9)");
		return;
	}
	b->listed = false;
	b->absent = true;
	b->stats.ejections_complete++;
	b->ops->ejected(b->priv);
}

/* Vector, mode, count and first VP, in the three forms (E.3). */
static void do_create(struct vpci *b, const struct vmbus_packet *pkt)
{
	const uint8_t *p = pkt->payload;
	uint32_t type = vpci_get32(p, 0), vector = p[8], mode = p[9], count, vp;
	struct { uint32_t zero; uint16_t zero2, count; uint32_t data; uint64_t addr; }
		__attribute__((packed)) done = { .count = 1 };
	uint64_t mask;
	int handle;

	if (type == CREATE_INT3) {
		vector = vpci_get32(p, 8);
		mode = p[12];
		count = p[14] | p[15] << 8;
		vp = p[18] | p[19] << 8;
	} else {
		count = p[10] | p[11] << 8;
		mask = vpci_get64(p, 16);
		vp = type == CREATE_INT2 ? (uint32_t)(p[14] | p[15] << 8) :
		     mask ? (uint32_t)__builtin_ctzll(mask) : 0;
	}
	handle = mode || count != 1 || vector > 255 || !right_slot(pkt, 4) ? -1 :
		 vpci_irq_create(b, (uint8_t)vector, vp);
	if (handle < 0) {
		bad("vpci.interrupt.create", pkt,
		    "vector, mode, count or VP that cannot be, or too many (E.7)");
		answer(b, pkt, STATUS_UNSUCCESSFUL, NULL, 0);
		return;
	}
	done.data = (uint32_t)handle;
	done.addr = 0xfee00000u | vp << 12;
	answer(b, pkt, STATUS_OK, &done, sizeof(done));
}

static void do_delete(struct vpci *b, const struct vmbus_packet *pkt)
{
	const uint8_t *p = pkt->payload;

	if (!vpci_irq_delete(b, (uint32_t)vpci_get64(p, 16), vpci_get32(p, 12)))
		bad("vpci.interrupt.delete", pkt, "an interrupt that was not created (E.7)");
}

static const struct {
	uint32_t type;
	uint16_t bytes;			/* before padding */
	bool completion;		/* must be asked for */
	unsigned int states;
	void (*run)(struct vpci *b, const struct vmbus_packet *pkt);
} messages[] = {
	{ QUERY_VERSION, 8, true, IN(VPCI_OPEN), do_version },
	{ QUERY_RELATIONS, 4, false, AGREED, do_relations },
	{ QUERY_RESOURCES, 8, true, AGREED, do_resources },
	{ D0_ENTRY, 16, true, AGREED, do_d0_entry },
	{ D0_EXIT, 4, true, AGREED, do_d0_exit },
	{ ASSIGNED, 148, true, IN(VPCI_D0), do_assigned },
	{ ASSIGNED2, 202, true, IN(VPCI_D0), do_assigned },
	{ RELEASED, 8, false, AGREED, do_released },
	{ EJECT_COMPLETE, 12, false, AGREED, do_ejected },
	{ CREATE_INT, 24, true, IN(VPCI_D0), do_create },
	{ CREATE_INT2, 78, true, IN(VPCI_D0), do_create },
	{ CREATE_INT3, 82, true, IN(VPCI_D0), do_create },
	{ DELETE_INT, 24, false, IN(VPCI_D0), do_delete },
};

#define MESSAGES	(sizeof(messages) / sizeof(messages[0]))

static void request(struct vpci *b, const struct vmbus_packet *pkt)
{
	uint32_t type = pkt->payload_len >= 4 ? vpci_get32(pkt->payload, 0) : 0;
	const char *name = NULL, *why = NULL;
	unsigned int i;

	for (i = 0; i < MESSAGES && messages[i].type != type; i++)
		;
	if (pkt->type != VMBUS_PKT_INBAND) {
		name = "vpci.packet";
		why = "packet that is not in-band (E.1)";
	} else if (i == MESSAGES) {
		name = "vpci.message.unknown";
		why = "none a guest sends (E.2)";
	} else if (pkt->payload_len < messages[i].bytes) {
		name = "vpci.message.short";
		why = "shorter than its kind (E.3)";
	} else if (messages[i].completion &&
		   !(pkt->flags & VMBUS_PKT_FLAG_COMPLETION_REQUESTED)) {
		name = "vpci.message.no_completion_flag";
		why = "no completion asked for (E.2)";
	} else if (!(messages[i].states & IN(b->state))) {
		name = "vpci.message.order";
		why = "not in this state of the bus (E.4)";
	}
	if (!name) {
		messages[i].run(b, pkt);
		return;
	}
	bad(name, pkt, why);
	answer(b, pkt, STATUS_NOT_SUPPORTED, NULL, 0);
}

/* ---- the channel ---- */

static int op_open(void *dev, struct vmbus_channel *ch)
{
	struct vpci *b = dev;

	(void)ch;
	b->state = VPCI_OPEN;
	b->version = 0;
	b->listed = false;
	b->dead = false;
	b->queued_cnt = 0;
	return 0;
}

static void op_close(void *dev, struct vmbus_channel *ch)
{
	struct vpci *b = dev;

	(void)ch;
	leave_d0(b);
	loop_del_timer(b->again);
	b->again = NULL;
	b->state = VPCI_CLOSED;
	b->listed = false;
	b->queued_cnt = 0;
}

static void service(struct vpci *b);

static void again_fired(void *priv)
{
	struct vpci *b = priv;

	b->again = NULL;
	service(b);
}

static void service(struct vpci *b)
{
	struct vmbus_packet pkt;
	unsigned int n = 0;
	int ret = 1;

	flush(b);
	while (b->state != VPCI_CLOSED && !b->dead && !b->queued_cnt && n++ < BUDGET && ret > 0) {
		ret = channel_recv(b->ch, &pkt, packet_buf);
		if (ret > 0)
			request(b, &pkt);
	}
	b->dead = b->dead || ret < 0;
	if (n > BUDGET && !b->again)
		b->again = loop_add_timer(0, again_fired, b);
}

static void op_doorbell(void *dev, struct vmbus_channel *ch)
{
	(void)ch;
	service(dev);
}

static void op_gpadl_teardown(void *dev, struct vmbus_channel *ch, struct gpadl *g)
{
	(void)dev;
	(void)ch;
	(void)g;
}

static void op_released(void *dev, struct vmbus_channel *ch)
{
	struct vpci *b = dev;

	(void)ch;
	vpci_list_del(b);
	b->ops->gone(b->priv);
	free(b);
}

static const struct vmbus_device_ops device_ops = {
	.open = op_open, .close = op_close, .doorbell = op_doorbell,
	.gpadl_teardown = op_gpadl_teardown, .released = op_released,
};

struct vpci *vpci_offer(struct vmbus *bus, const struct vpci_params *p,
			const struct vpci_ops *ops, void *priv)
{
	struct vmbus_offer_params o = { .type = class_guid, .channel_flags = 1 };
	struct vpci *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->p = *p;
	b->ops = ops;
	b->priv = priv;
	/* Text form uuuuuuuu-dddd-...: the second group is the domain (E.1). */
	b->instance = (struct vmbus_guid){ { (uint8_t)p->unit, (uint8_t)(p->unit >> 8), 0, 0,
					     (uint8_t)p->domain, (uint8_t)(p->domain >> 8),
					     0x50, 0x56, 0x80, 0, 0, 0x15, 0x5d, 0, 0, 2 } };
	o.instance = b->instance;
	vpci_fn_init(b);
	b->p.cap = NULL;
	vpci_list_add(b);
	b->ch = channel_offer(bus, &o, &device_ops, b);
	if (b->ch)
		return b;
	vpci_list_del(b);
	free(b);
	return NULL;
}

void vpci_rescind(struct vpci *b)
{
	if (b->rescinded)
		return;
	b->rescinded = true;
	channel_rescind(b->ch);		/* closes it; may free b */
}

json_t *vpci_report(const struct vpci *b)
{
	static const char *const names[] = {
		[VPCI_CLOSED] = "closed", [VPCI_OPEN] = "open", [VPCI_VERSION] = "version",
		[VPCI_D0] = "d0",
	};
	const struct vpci_stats *s = &b->stats;

	return json_pack("{s:s,s:i,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
			 "state", names[b->state], "version", (int)b->version,
			 "domain", b->p.domain, "window", (json_int_t)b->window_gpa,
			 "bar", (json_int_t)(b->fn.bar ? b->fn.bar_gpa : 0),
			 "creates", (json_int_t)s->creates, "deletes", (json_int_t)s->deletes,
			 "retargets", (json_int_t)s->retargets,
			 "msi", (json_int_t)s->interrupts,
			 "msi_lost", (json_int_t)s->lost_interrupts,
			 "window_accesses", (json_int_t)(s->window_reads + s->window_writes),
			 "bar_accesses", (json_int_t)(s->bar_reads + s->bar_writes),
			 "relations", (json_int_t)s->relations, "ejects", (json_int_t)s->ejects,
			 "ejections_complete", (json_int_t)s->ejections_complete);
}
