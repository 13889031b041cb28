// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/hv/synic.c tests/host/hv/msgq.c tests/host/hv/cpuid.c tests/host/vm/gmem.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host/base -Itests/host/vm -Itests/host/hv */
/*
 * DOC: SynIC state from exits, delivery, hypercalls, doorbells (vmbus-host.md B.4-B.8).
 * KVM is played here: its ioctls succeed and leave a trace.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hv.h"
#include "loop_run.h"
#include "msgq.h"
#include "unit.h"
#include "violation.h"

#define RAM_GPA	0x100000ull
#define SIMP	(RAM_GPA + 0x1000)
#define SIEFP	(RAM_GPA + 0x2000)
#define BLOCK	(RAM_GPA + 0x3000)
#define ROM_GPA	0x200000ull

static uint8_t ram[4 * 4096] __attribute__((aligned(4096)));
static uint8_t rom[4096] __attribute__((aligned(4096)));
static struct machine m;
static struct kvm_run runs[2];
static int irqfd[2], eomfd[2], doorbell_fd;
static unsigned int doorbell_on, doorbell_off;

/* ---- KVM ---- */

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == KVM_IRQFD) {
		struct kvm_irqfd *irq = arg;

		EXPECT_EQ(irq->flags, KVM_IRQFD_FLAG_RESAMPLE);
		irqfd[irq->gsi - MACHINE_SINT_GSI] = irq->fd;
		eomfd[irq->gsi - MACHINE_SINT_GSI] = irq->resamplefd;
	} else if (request == KVM_HYPERV_EVENTFD) {
		struct kvm_hyperv_eventfd *e = arg;

		EXPECT_EQ(e->conn_id, 0x10001);
		if (e->flags & KVM_HYPERV_EVENTFD_DEASSIGN) {
			doorbell_off++;
		} else {
			doorbell_on++;
			doorbell_fd = e->fd;
		}
	} else if (request == KVM_GET_MSRS) {
		struct kvm_msrs *msrs = arg;
		unsigned int i;

		for (i = 0; i < msrs->nmsrs; i++)
			msrs->entries[i].data = msrs->entries[i].index;
		return (int)msrs->nmsrs;
	} else {
		UNIT_FAIL("ioctl %#lx on %d", request, fd);
	}
	return 0;
}

int machine_set_routing(struct machine *machine, unsigned int sint)
{
	EXPECT_EQ(sint, 2);
	return 0;
}

/* ---- the room above ---- */

static struct { uint32_t connection, type; size_t len; uint8_t b[240]; unsigned int cnt; } got;
static uint32_t signalled;
static uint64_t crash_param[5];

static uint16_t on_message(void *priv, uint32_t connection, uint32_t type, const void *msg, size_t len)
{
	got.connection = connection;
	got.type = type;
	got.len = len;
	memcpy(got.b, msg, len);
	got.cnt++;
	return 11;
}

static uint16_t on_signal(void *priv, uint32_t connection)
{
	signalled = connection;
	return 18;
}

static void on_crash(void *priv, const uint64_t param[5])
{
	memcpy(crash_param, param, sizeof(crash_param));
}

static const struct hv_ops ops = { .message = on_message, .signal = on_signal, .crash = on_crash };

static void begin(bool eventfds)
{
	static bool up;
	char err[100];
	unsigned int i;

	if (!up)
		EXPECT_EQ(loop_init(NULL), 0);
	up = true;
	memset(ram, 0, sizeof(ram));
	memset(runs, 0, sizeof(runs));
	memset(&got, 0, sizeof(got));
	memset(&m, 0, sizeof(m));
	signalled = 0;
	m.cpu_cnt = 2;
	m.mem.range[0] = (struct gmem_range){ RAM_GPA, sizeof(ram), ram, 1 };
	m.mem.range[1] = (struct gmem_range){ ROM_GPA, sizeof(rom), rom, 0 };
	m.mem.cnt = 2;
	for (i = 0; i < 2; i++)
		m.vcpu[i] = (struct vcpu){ .m = &m, .id = i, .run = &runs[i], .fd = -1 };
	violation_clear();
	EXPECT_EQ(hv_init(&m, &ops, NULL, eventfds, err, sizeof(err)), 0);
}

static void end(void)
{
	hv_exit();
	loop_turn(0);
	EXPECT_EQ(violation_total(), 0);
}

static void synic_exit(unsigned int vp, uint64_t control, uint64_t simp, uint64_t siefp)
{
	struct kvm_hyperv_exit *x = &runs[vp].hyperv;

	x->type = KVM_EXIT_HYPERV_SYNIC;
	x->u.synic.control = control;
	x->u.synic.msg_page = simp;
	x->u.synic.evt_page = siefp;
	hv_machine_ops()->exit_hyperv(&m.vcpu[vp]);
}

static uint64_t hypercall(uint64_t input, uint64_t rdx)
{
	struct kvm_hyperv_exit *x = &runs[0].hyperv;

	x->type = KVM_EXIT_HYPERV_HCALL;
	x->u.hcall.input = input;
	x->u.hcall.params[0] = rdx;
	x->u.hcall.result = 0xdead;
	hv_machine_ops()->exit_hyperv(&m.vcpu[0]);
	return x->u.hcall.result;
}

/* Interrupts raised on the VP since the last look. */
static unsigned int irqs(unsigned int vp)
{
	uint64_t n;

	return read(irqfd[vp], &n, sizeof(n)) == sizeof(n) ? (unsigned int)n : 0;
}

static uint8_t *slot(void)
{
	return ram + 0x1000 + 2 * MSGQ_SLOT_BYTES;
}

static void guest_eom(unsigned int vp)
{
	uint64_t one = 1;

	EXPECT_EQ(write(eomfd[vp], &one, sizeof(one)), 8);
	loop_turn(0);
}

/* ---- messages ---- */

UNIT_TEST(message_waits_for_the_synic)
{
	begin(true);
	hv_post(0, "hello", 5);
	EXPECT_EQ(irqs(0), 0);
	synic_exit(0, 1, SIMP, 0);		/* not enabled yet */
	EXPECT_EQ(irqs(0), 0);
	synic_exit(0, 0, SIMP | 1, 0);		/* SCONTROL off */
	EXPECT_EQ(irqs(0), 0);
	synic_exit(0, 1, SIMP | 1, SIEFP | 1);
	EXPECT_EQ(irqs(0), 1);
	EXPECT_MEMEQ(slot() + 16, "hello", 5);
	end();
}

UNIT_TEST(next_message_comes_with_the_eom)
{
	begin(true);
	synic_exit(0, 1, SIMP | 1, SIEFP | 1);
	hv_post(0, "a", 1);
	hv_post(0, "b", 1);
	hv_post(0, "c", 1);
	EXPECT_EQ(irqs(0), 1);
	EXPECT_EQ(slot()[5], 1);
	memset(slot(), 0, 4);
	guest_eom(0);
	EXPECT_EQ(slot()[16], 'b');
	EXPECT_EQ(irqs(0), 1);
	memset(slot(), 0, 4);
	guest_eom(0);
	EXPECT_EQ(slot()[16], 'c');
	EXPECT_EQ(slot()[5], 0);
	end();
}

UNIT_TEST(lost_eom_is_made_up_for_by_the_timer)
{
	unsigned int i;

	begin(true);
	synic_exit(0, 1, SIMP | 1, SIEFP | 1);
	hv_post(0, "a", 1);
	hv_post(0, "b", 1);
	memset(slot(), 0, 4);
	for (i = 0; i < 100 && slot()[16] != 'b'; i++)
		loop_turn(10);
	EXPECT_EQ(slot()[16], 'b');
	end();
}

UNIT_TEST(eoi_without_messages_wakes_nobody)
{
	uint64_t n;

	begin(true);
	synic_exit(0, 1, SIMP | 1, SIEFP | 1);
	guest_eom(0);
	EXPECT_EQ(read(eomfd[0], &n, sizeof(n)), 8);	/* nobody has read it */
	end();
}

UNIT_TEST(messages_find_their_vp_and_a_wrong_one_goes_to_0)
{
	begin(true);
	synic_exit(0, 1, SIMP | 1, 0);
	synic_exit(1, 1, SIEFP | 1, 0);		/* another page */
	hv_post(1, "one", 3);
	EXPECT_EQ(irqs(1), 1);
	EXPECT_EQ(irqs(0), 0);
	hv_post(7, "seven", 5);
	EXPECT_EQ(irqs(0), 1);
	end();
}

UNIT_TEST(pages_that_are_no_ram_are_left_alone)
{
	begin(true);
	synic_exit(0, 1, ROM_GPA | 1, ROM_GPA | 1);
	hv_post(0, "x", 1);
	hv_set_event(0, 5);
	synic_exit(0, 1, 0xfffffffffffff001, 0xfffffffffffff001);
	hv_set_event(0, 5);
	EXPECT_EQ(irqs(0), 0);
	EXPECT_EQ(rom[0x200], 0);
	synic_exit(0, 1, SIMP | 1, 0);
	EXPECT_EQ(irqs(0), 1);
	end();
}

UNIT_TEST(dropped_messages_never_come)
{
	begin(true);
	hv_post(0, "x", 1);
	hv_drop_messages();
	synic_exit(0, 1, SIMP | 1, 0);
	EXPECT_EQ(irqs(0), 0);
	end();
}

/* ---- event flags ---- */

UNIT_TEST(event_flag_raises_the_sint_once)
{
	begin(true);
	hv_set_event(1, 3);			/* its page is off: nothing */
	synic_exit(1, 1, 0, SIEFP | 1);
	hv_set_event(1, 3);
	hv_set_event(1, 3);
	EXPECT_EQ(irqs(1), 1);
	EXPECT_EQ(ram[0x2000 + 0x200], 8);
	hv_set_event(1, 2048);			/* no such flag */
	EXPECT_EQ(irqs(1), 0);
	end();
}

/* ---- hypercalls ---- */

static void put_block(uint32_t connection, uint32_t type, uint32_t size)
{
	const uint32_t head[4] = { connection, 0, type, size };

	memcpy(ram + 0x3000, head, 16);
	memcpy(ram + 0x3010, "payload", 7);
}

UNIT_TEST(posted_message_is_handed_up_and_its_status_returned)
{
	begin(true);
	put_block(0xab000004, 1, 40);
	EXPECT_EQ(hypercall(0x5c, BLOCK), 11);
	EXPECT_EQ(got.connection, 4);		/* low 24 bits */
	EXPECT_EQ(got.type, 1);
	EXPECT_EQ(got.len, 40);
	EXPECT_MEMEQ(got.b, "payload", 7);
	end();
}

UNIT_TEST(blocks_out_of_place_get_status_3)
{
	begin(true);
	EXPECT_EQ(hypercall(0x5c, BLOCK + 4), 3);
	EXPECT_EQ(hypercall(0x5c, 0), 3);
	EXPECT_EQ(hypercall(0x5c, ~7ull), 3);
	EXPECT_EQ(violation_count("hv.post.block"), 3);
	put_block(4, 1, 241);
	EXPECT_EQ(hypercall(0x5c, BLOCK), 3);
	put_block(4, 1, 0xffffffff);
	EXPECT_EQ(hypercall(0x5c, BLOCK), 3);
	put_block(4, 1, 0);
	memcpy(ram + sizeof(ram) - 16, (const uint32_t[4]){ 4, 0, 1, 8 }, 16);
	EXPECT_EQ(hypercall(0x5c, RAM_GPA + sizeof(ram) - 16), 3);	/* payload beyond memory */
	EXPECT_EQ(violation_count("hv.post.size"), 3);
	EXPECT_EQ(got.cnt, 0);
	violation_clear();
	end();
}

UNIT_TEST(signal_is_handed_up_and_its_status_returned)
{
	begin(false);
	EXPECT_EQ(hypercall(0x1005d, 0x10007), 18);
	EXPECT_EQ(signalled, 0x10007);
	hypercall(0x1005d, 0x0000000100010007);
	EXPECT_EQ(signalled, 0x10007);
	EXPECT_EQ(violation_count("hv.signal.flag"), 1);
	violation_clear();
	end();
}

UNIT_TEST(other_hypercalls_do_not_exist)
{
	begin(true);
	EXPECT_EQ(hypercall(0x8001, 0), 2);
	EXPECT_EQ(hypercall(0x7e, 0), 2);
	end();
}

UNIT_TEST(guest_that_does_not_read_is_told_to_wait)
{
	unsigned int i;

	begin(true);
	for (i = 0; i < MSGQ_BUSY; i++)
		hv_post(0, "x", 1);
	put_block(4, 1, 40);
	EXPECT_EQ(hypercall(0x5c, BLOCK), 19);
	EXPECT_EQ(got.cnt, 0);
	synic_exit(0, 1, SIMP | 1, 0);		/* one goes out */
	EXPECT_EQ(hypercall(0x5c, BLOCK), 11);
	end();
}

/* ---- doorbells ---- */

UNIT_TEST(doorbell_by_eventfd_comes_through_the_loop)
{
	uint64_t one = 1;

	begin(true);
	doorbell_on = doorbell_off = 0;
	hv_doorbell_on(0x10001);
	hv_doorbell_on(0x10001);
	EXPECT_EQ(doorbell_on, 1);
	EXPECT_EQ(write(doorbell_fd, &one, sizeof(one)), 8);
	EXPECT_EQ(write(doorbell_fd, &one, sizeof(one)), 8);
	loop_turn(10);
	EXPECT_EQ(signalled, 0x10001);
	signalled = 0;
	loop_turn(0);
	EXPECT_EQ(signalled, 0);		/* two rings, one call */
	hv_doorbell_off(0x10001);
	hv_doorbell_off(0x10001);
	EXPECT_EQ(doorbell_off, 1);
	end();
}

UNIT_TEST(doorbell_by_exit_needs_no_eventfd)
{
	begin(false);
	doorbell_on = 0;
	hv_doorbell_on(0x10001);
	EXPECT_EQ(doorbell_on, 0);
	end();
}

UNIT_TEST(doorbells_end_with_the_machine)
{
	begin(true);
	doorbell_off = 0;
	hv_doorbell_on(0x10001);
	hv_exit();
	EXPECT_EQ(doorbell_off, 1);
	hv_exit();
}

/* ---- crash ---- */

UNIT_TEST(crash_registers_are_read)
{
	begin(true);
	hv_machine_ops()->crash(&m.vcpu[0]);
	EXPECT_EQ(crash_param[0], 0x40000100);
	EXPECT_EQ(crash_param[4], 0x40000104);
	end();
}

UNIT_MAIN()
