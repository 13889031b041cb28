// SPDX-License-Identifier: GPL-2.0
/* DOC: retarget - see retarget.h: the exit, and when the page is looked at. */
#include "retarget.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "log.h"
#include "machine.h"
#include "pio.h"

#define HYPERCALL_MSR	0x40000001u
#define INPUT_MAX	576u	/* 64 and as many banks as there can be */
#define PAGE		4096u
#define HC_BAD_INPUT	3

static struct {
	struct machine *m;
	retarget_fn fn;
} room;

void retarget_arm(void)
{
	struct { struct kvm_msrs head; struct kvm_msr_entry e; } msr = { .head.nmsrs = 1 };
	struct vcpu *v = room.m ? room.m->current : NULL;
	uint8_t *page;

	if (!v)
		return;
	msr.e.index = HYPERCALL_MSR;
	if (ioctl(v->fd, KVM_GET_MSRS, &msr) != 1 || !(msr.e.data & 1))
		return;
	page = gmem_ptr_rw(&room.m->mem, msr.e.data & ~(uint64_t)(PAGE - 1), PAGE);
	if (!page || retarget_code(page))
		log_line("hv: hypercall page cannot be extended: interrupts do not move");
}

static void port_write(void *priv, uint16_t off, uint32_t val, unsigned int size)
{
	struct vcpu *v = room.m->current;
	uint8_t block[INPUT_MAX];
	struct kvm_regs regs;
	size_t len;

	(void)priv;
	(void)off;
	(void)val;
	(void)size;
	if (!v || ioctl(v->fd, KVM_GET_REGS, &regs))
		return;
	len = PAGE - (regs.rdx & (PAGE - 1));
	len = len < sizeof(block) ? len : sizeof(block);
	regs.rax = regs.rdx & 7 || gmem_read(&room.m->mem, regs.rdx, block, len) ?
		HC_BAD_INPUT : room.fn(block, len);
	if (ioctl(v->fd, KVM_SET_REGS, &regs))
		log_line("hv: result of a retarget is lost: %s", strerror(errno));
}

int retarget_setup(struct machine *m, retarget_fn fn)
{
	const struct pio_range r = { RETARGET_PORT, 1, NULL, port_write, NULL };

	room.m = m;
	room.fn = fn;
	return pio_register(&r);
}
