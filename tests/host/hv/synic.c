// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: synic - messages, event flags and doorbells (vmbus-host.md B.4-B.8).
 *
 * One message slot per VP, so each VP has a queue. A message goes out when the
 * slot is free; when it is not, the pending flag makes the guest write EOM after
 * it read the slot, which comes back as the resample eventfd. A timer retries as
 * long as something waits. Machine lock held by all callers.
 */
#include "hv.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "violation.h"

#define SLOT_BYTES	256
#define FLAGS_BYTES	256
#define PAYLOAD_MAX	240
#define MSG_PENDING	1
#define QUEUE_MAX	4096
#define RETRY_MS	20
#define HC_POST		0x5c
#define HC_SIGNAL	0x5d
#define CRASH_P0	0x40000100
#define DOORBELLS_MAX	2048
#define CONNECTION_BASE	0x10000u

struct queued {
	struct queued *next;
	uint8_t len;
	uint8_t payload[PAYLOAD_MAX];
};

struct vp {
	uint64_t control, simp, siefp;
	struct queued *head, **tail;
	unsigned int cnt;
	int irqfd, eomfd;
};

static struct {
	struct machine *m;
	const struct hv_ops *ops;
	void *priv;
	int eventfds;
	struct vp vp[MACHINE_MAX_CPUS];
	struct loop_timer *retry;
	int doorbell[DOORBELLS_MAX];	/* eventfd + 1, by connection id; 0: none */
} hv;

static void raise_sint(struct vp *vp)
{
	uint64_t one = 1;

	if (write(vp->irqfd, &one, sizeof(one)) < 0)
		log_line("hv: interrupt was not raised: %s", strerror(errno));
}

static uint8_t *page_of(uint64_t msr, unsigned int off, unsigned int len)
{
	return msr & 1 ? gmem_ptr_rw(&hv.m->mem, (msr & ~0xfffull) + off, len) : NULL;
}

/* True if the slot is free now; else the guest will write EOM. */
static bool claim_slot(uint8_t *slot)
{
	_Atomic uint32_t *type = (_Atomic uint32_t *)slot;

	if (!atomic_load(type))
		return true;
	atomic_fetch_or((_Atomic uint8_t *)(slot + 5), MSG_PENDING);
	atomic_thread_fence(memory_order_seq_cst);
	return !atomic_load(type);
}

static void deliver(struct vp *vp)
{
	while (vp->head) {
		uint8_t *slot = page_of(vp->simp, HV_SINT * SLOT_BYTES, SLOT_BYTES);
		struct queued *q = vp->head;

		if (!slot || !(vp->control & 1) || !claim_slot(slot))
			return;
		vp->head = q->next;
		if (!vp->head)
			vp->tail = &vp->head;
		vp->cnt--;
		slot[4] = q->len;
		atomic_store((_Atomic uint8_t *)(slot + 5), vp->head ? MSG_PENDING : 0);
		memset(slot + 6, 0, 10);
		memcpy(slot + 16, q->payload, q->len);
		atomic_store((_Atomic uint32_t *)slot, 1);
		raise_sint(vp);
		free(q);
	}
}

static void on_retry(void *priv);

static void deliver_all(void)
{
	bool waiting = false;
	unsigned int i;

	for (i = 0; i < hv.m->cpu_cnt; i++) {
		deliver(&hv.vp[i]);
		waiting |= hv.vp[i].head != NULL;
	}
	if (waiting && !hv.retry)
		hv.retry = loop_add_timer(RETRY_MS, on_retry, NULL);
}

static void on_retry(void *priv)
{
	(void)priv;
	hv.retry = NULL;
	deliver_all();
}

static void on_eom(void *priv, int fd, uint32_t events)
{
	uint64_t cnt;

	(void)events;
	if (read(fd, &cnt, sizeof(cnt)) < 0 && errno != EAGAIN)
		log_line("hv: EOM eventfd: %s", strerror(errno));
	deliver(priv);
}

void hv_post(uint32_t vp, const void *msg, size_t len)
{
	struct vp *to = &hv.vp[vp < hv.m->cpu_cnt ? vp : 0];
	struct queued *q;

	if (len > PAYLOAD_MAX || to->cnt >= QUEUE_MAX) {
		log_line("hv: a message for VP %u was not queued (%u wait)", vp, to->cnt);
		return;
	}
	q = calloc(1, sizeof(*q));
	if (!q)
		return;
	q->len = len;
	memcpy(q->payload, msg, len);
	*to->tail = q;
	to->tail = &q->next;
	to->cnt++;
	deliver_all();
}

void hv_drop_messages(void)
{
	unsigned int i;

	for (i = 0; i < hv.m->cpu_cnt; i++) {
		struct vp *vp = &hv.vp[i];

		while (vp->head) {
			struct queued *q = vp->head;

			vp->head = q->next;
			free(q);
		}
		vp->tail = &vp->head;
		vp->cnt = 0;
	}
}

void hv_set_event(uint32_t vp, uint32_t flag)
{
	struct vp *to = &hv.vp[vp < hv.m->cpu_cnt ? vp : 0];
	uint8_t *area = page_of(to->siefp, HV_SINT * FLAGS_BYTES, FLAGS_BYTES);
	uint8_t bit = 1u << flag % 8;

	if (!area || flag >= FLAGS_BYTES * 8)
		return;
	if (!(atomic_fetch_or((_Atomic uint8_t *)(area + flag / 8), bit) & bit))
		raise_sint(to);
}

/* ---- doorbells by eventfd ---- */

static void on_doorbell(void *priv, int fd, uint32_t events)
{
	uint32_t connection = (uintptr_t)priv;
	uint64_t cnt;

	(void)events;
	if (read(fd, &cnt, sizeof(cnt)) > 0)
		hv.ops->signal(hv.priv, connection);
}

static int assign(int fd, uint32_t connection_id, uint32_t flags)
{
	struct kvm_hyperv_eventfd e = { .conn_id = connection_id, .fd = fd, .flags = flags };

	return ioctl(hv.m->fd, KVM_HYPERV_EVENTFD, &e) ? -errno : 0;
}

void hv_doorbell_on(uint32_t connection_id)
{
	uint32_t i = connection_id - CONNECTION_BASE;
	int fd;

	if (!hv.eventfds || i >= DOORBELLS_MAX || hv.doorbell[i])
		return;	/* then it comes as a hypercall exit */
	fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (fd < 0)
		return;
	if (assign(fd, connection_id, 0) ||
	    loop_add_fd(fd, EPOLLIN, on_doorbell, (void *)(uintptr_t)connection_id)) {
		assign(fd, connection_id, KVM_HYPERV_EVENTFD_DEASSIGN);
		close(fd);
		return;
	}
	hv.doorbell[i] = fd + 1;
}

void hv_doorbell_off(uint32_t connection_id)
{
	uint32_t i = connection_id - CONNECTION_BASE;
	int fd;

	if (i >= DOORBELLS_MAX || !hv.doorbell[i])
		return;
	fd = hv.doorbell[i] - 1;
	hv.doorbell[i] = 0;
	assign(fd, connection_id, KVM_HYPERV_EVENTFD_DEASSIGN);
	loop_del_fd(fd);
	close(fd);
}

/* ---- exits ---- */

static uint16_t post_message(uint64_t gpa)
{
	uint8_t block[16 + PAYLOAD_MAX];
	uint32_t head[4];

	if (gpa & 7 || gmem_read(&hv.m->mem, gpa, head, sizeof(head))) {
		violation("hv.post.block", &gpa, sizeof(gpa), "post-message block at %#llx (A.1)",
			  (unsigned long long)gpa);
		return 3;
	}
	if (head[3] > PAYLOAD_MAX || gmem_read(&hv.m->mem, gpa + 16, block, head[3])) {
		violation("hv.post.size", head, sizeof(head), "post-message of %u bytes (A.1)", head[3]);
		return 3;
	}
	return hv.ops->message(hv.priv, head[0] & 0xffffff, head[2], block, head[3]);
}

static uint64_t hypercall(const struct kvm_hyperv_exit *x)
{
	uint64_t rdx = x->u.hcall.params[0];

	switch (x->u.hcall.input & 0xffff) {
	case HC_POST:
		return post_message(rdx);
	case HC_SIGNAL:
		if (rdx >> 32)
			violation("hv.signal.flag", &rdx, sizeof(rdx), "signal with flag number %llu (A.1)",
				  (unsigned long long)rdx >> 32);
		return hv.ops->signal(hv.priv, (uint32_t)rdx);
	default:
		log_debug("hv: hypercall %#llx", (unsigned long long)x->u.hcall.input);
		return 2;
	}
}

static void exit_hyperv(struct vcpu *v)
{
	struct kvm_hyperv_exit *x = &v->run->hyperv;
	struct vp *vp = &hv.vp[v->id];

	switch (x->type) {
	case KVM_EXIT_HYPERV_SYNIC:
		vp->control = x->u.synic.control;
		vp->siefp = x->u.synic.evt_page;
		vp->simp = x->u.synic.msg_page;
		deliver_all();
		break;
	case KVM_EXIT_HYPERV_HCALL:
		x->u.hcall.result = hypercall(x);
		break;
	}
}

static void crash(struct vcpu *v)
{
	struct { struct kvm_msrs head; struct kvm_msr_entry e[5]; } msrs = { .head.nmsrs = 5 };
	uint64_t param[5];
	unsigned int i;

	for (i = 0; i < 5; i++)
		msrs.e[i].index = CRASH_P0 + i;
	if (ioctl(v->fd, KVM_GET_MSRS, &msrs) != 5)
		log_line("hv: crash parameters cannot be read");
	for (i = 0; i < 5; i++)
		param[i] = msrs.e[i].data;
	hv.ops->crash(hv.priv, param);
}

static void ended(struct machine *m)
{
	(void)m;
	hv.ops->ended(hv.priv);
}

static const struct machine_ops machine_ops = {
	.cpuid = hv_cpuid,
	.exit_hyperv = exit_hyperv,
	.crash = crash,
	.ended = ended,
};

const struct machine_ops *hv_machine_ops(void)
{
	return &machine_ops;
}

static int setup_vp(unsigned int i)
{
	struct kvm_irqfd irq = { .gsi = 32 + i, .flags = KVM_IRQFD_FLAG_RESAMPLE };
	struct vp *vp = &hv.vp[i];

	vp->tail = &vp->head;
	vp->control = 1;	/* as KVM leaves it when the SynIC is enabled */
	vp->irqfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	vp->eomfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (vp->irqfd < 0 || vp->eomfd < 0)
		return -errno;
	irq.fd = vp->irqfd;
	irq.resamplefd = vp->eomfd;
	if (ioctl(hv.m->fd, KVM_IRQFD, &irq))
		return -errno;
	return loop_add_fd(vp->eomfd, EPOLLIN, on_eom, vp);
}

int hv_init(struct machine *m, const struct hv_ops *ops, void *priv, int eventfds,
	    char *err, size_t errlen)
{
	unsigned int i;
	int ret;

	hv.m = m;
	hv.ops = ops;
	hv.priv = priv;
	hv.eventfds = eventfds;
	ret = machine_set_routing(m, HV_SINT);
	for (i = 0; i < m->cpu_cnt && !ret; i++)
		ret = setup_vp(i);
	if (ret)
		snprintf(err, errlen, "SynIC interrupts: %s", strerror(-ret));
	return ret;
}
