// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: synic - SynIC state of each VP, its interrupts, doorbells, and the exits
 * (vmbus-host.md B.4-B.8).
 *
 * One message slot per VP, so each VP has a queue (msgq). When the slot is taken,
 * the guest's EOM comes back as the resample eventfd; a slow timer looks again as
 * long as something waits, whatever became of the EOM. Machine lock held by all
 * callers.
 */
#include "hv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "msgq.h"
#include "violation.h"

#define FLAG_AREA_BYTES	256u
#define RETRY_MS	100
#define HC_POST		0x5c
#define HC_SIGNAL	0x5d
#define HC_BAD_CODE	2
#define HC_BAD_INPUT	3
#define HC_NO_BUFFERS	19	/* the guest tries again later */
#define CRASH_P0	0x40000100
#define DOORBELLS_MAX	2048
#define CONNECTION_BASE	0x10000u

struct vp {
	uint64_t control, simp, siefp;
	struct msgq queue;
	int irqfd;
	int eomfd;	/* also fires at every EOI of the SINT, so it is only listened to... */
	bool listens;	/* ...while messages wait */
};

static struct {
	struct machine *m;
	const struct hv_ops *ops;
	void *priv;
	bool eventfds;
	struct vp vp[MACHINE_MAX_CPUS];
	struct loop_timer *retry;
	int doorbell[DOORBELLS_MAX];	/* eventfd + 1, by connection id; 0: none */
} hv;

static void raise_sint(struct vp *vp)
{
	const uint64_t one = 1;

	if (write(vp->irqfd, &one, sizeof(one)) < 0)
		log_line("hv: interrupt was not raised: %s", strerror(errno));
}

/* A part of a page that the guest gave by MSR; NULL while it is off or no RAM. */
static uint8_t *page_of(uint64_t msr, unsigned int off, unsigned int len)
{
	return msr & 1 ? gmem_ptr_rw(&hv.m->mem, (msr & ~0xfffull) + off, len) : NULL;
}

static void listen_for_eom(struct vp *vp)
{
	bool wanted = vp->queue.head != NULL;

	if (vp->listens == wanted)
		return;
	vp->listens = wanted;
	loop_mod_fd(vp->eomfd, wanted ? EPOLLIN : 0);
}

static void deliver(struct vp *vp)
{
	uint8_t *slot = page_of(vp->simp, HV_SINT * MSGQ_SLOT_BYTES, MSGQ_SLOT_BYTES);

	while (slot && vp->control & 1 && msgq_put_one(&vp->queue, slot))
		raise_sint(vp);
	listen_for_eom(vp);
}

static void on_retry(void *priv);

static void deliver_all(void)
{
	unsigned int i, waiting = 0;

	for (i = 0; i < hv.m->cpu_cnt; i++) {
		deliver(&hv.vp[i]);
		waiting += hv.vp[i].queue.cnt;
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
	int err = msgq_add(&to->queue, msg, len);

	if (err)
		log_line("hv: a message for VP %u is lost: %s", vp, strerror(-err));
	deliver_all();
}

void hv_drop_messages(void)
{
	unsigned int i;

	for (i = 0; i < hv.m->cpu_cnt; i++) {
		msgq_clear(&hv.vp[i].queue);
		listen_for_eom(&hv.vp[i]);
	}
}

void hv_set_event(uint32_t vp, uint32_t flag)
{
	struct vp *to = &hv.vp[vp < hv.m->cpu_cnt ? vp : 0];
	uint8_t *area = page_of(to->siefp, HV_SINT * FLAG_AREA_BYTES, FLAG_AREA_BYTES);

	if (area && flag < FLAG_AREA_BYTES * 8 && event_flag_set(area, flag))
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

/* The guest reads its messages too slowly: it shall not make us queue without end. */
static bool guest_is_behind(void)
{
	unsigned int i;

	for (i = 0; i < hv.m->cpu_cnt; i++)
		if (hv.vp[i].queue.cnt >= MSGQ_BUSY)
			return true;
	return false;
}

static uint16_t post_message(uint64_t gpa)
{
	uint8_t block[MSGQ_PAYLOAD_MAX];
	uint32_t head[4];

	if (gpa & 7 || gmem_read(&hv.m->mem, gpa, head, sizeof(head))) {
		violation_note("hv.post.block", &gpa, sizeof(gpa), "post-message block at %#llx (A.1)",
			       (unsigned long long)gpa);
		return HC_BAD_INPUT;
	}
	if (head[3] > sizeof(block) || gmem_read(&hv.m->mem, gpa + 16, block, head[3])) {
		violation_note("hv.post.size", head, sizeof(head), "post-message of %u bytes (A.1)",
			       head[3]);
		return HC_BAD_INPUT;
	}
	if (guest_is_behind())
		return HC_NO_BUFFERS;
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
			violation_note("hv.signal.flag", &rdx, sizeof(rdx),
				       "signal with flag number %llu (A.1)",
				       (unsigned long long)rdx >> 32);
		return hv.ops->signal(hv.priv, (uint32_t)rdx);
	default:
		log_debug("hv: hypercall %#llx", (unsigned long long)x->u.hcall.input);
		return HC_BAD_CODE;
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
		if (hv.ops->synic)
			hv.ops->synic(hv.priv);
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
	struct kvm_irqfd irq = { .gsi = MACHINE_SINT_GSI + i, .flags = KVM_IRQFD_FLAG_RESAMPLE };
	struct vp *vp = &hv.vp[i];

	msgq_init(&vp->queue);
	vp->control = 1;	/* as KVM leaves it when the SynIC is enabled */
	vp->simp = vp->siefp = 0;
	vp->irqfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	vp->eomfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (vp->irqfd < 0 || vp->eomfd < 0)
		return -errno;
	irq.fd = vp->irqfd;
	irq.resamplefd = vp->eomfd;
	if (ioctl(hv.m->fd, KVM_IRQFD, &irq))
		return -errno;
	vp->listens = false;
	return loop_add_fd(vp->eomfd, 0, on_eom, vp);
}

int hv_init(struct machine *m, const struct hv_ops *ops, void *priv, bool eventfds,
	    char *err, size_t errlen)
{
	unsigned int i;
	int ret;

	hv.m = m;
	hv.ops = ops;
	hv.priv = priv;
	hv.eventfds = eventfds;
	for (i = 0; i < m->cpu_cnt; i++)
		hv.vp[i].irqfd = hv.vp[i].eomfd = -1;
	ret = machine_set_routing(m, HV_SINT);
	for (i = 0; i < m->cpu_cnt && !ret; i++)
		ret = setup_vp(i);
	if (ret)
		snprintf(err, errlen, "SynIC interrupts: %s", strerror(-ret));
	return ret;
}

void hv_exit(void)
{
	unsigned int i;

	if (!hv.m)
		return;
	for (i = 0; i < DOORBELLS_MAX; i++)
		hv_doorbell_off(CONNECTION_BASE + i);
	hv_drop_messages();
	loop_del_timer(hv.retry);
	hv.retry = NULL;
	for (i = 0; i < hv.m->cpu_cnt; i++) {
		if (hv.vp[i].eomfd >= 0) {
			loop_del_fd(hv.vp[i].eomfd);
			close(hv.vp[i].eomfd);
		}
		if (hv.vp[i].irqfd >= 0)
			close(hv.vp[i].irqfd);
	}
	hv.m = NULL;
}
