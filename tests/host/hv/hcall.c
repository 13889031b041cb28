// SPDX-License-Identifier: GPL-2.0
/* DOC: hcall - see hcall.h: the exit, and when the page is looked at. */
#include "hcall.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "log.h"
#include "machine.h"
#include "pio.h"

#define HYPERCALL_MSR	0x40000001u
#define PAGE		4096u
#define HC_BAD_INPUT	3

static struct {
	struct machine *m;
	hcall_fn retarget, visible;
} room;

void hcall_arm(void)
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
	if (!page || hcall_code(page))
		log_line("hv: hypercall page cannot be extended: interrupts do not move");
}

static void port_write(void *priv, uint16_t off, uint32_t val, unsigned int size)
{
	struct vcpu *v = room.m->current;
	static uint8_t block[PAGE];	/* the machine lock is held */
	struct kvm_regs regs;
	hcall_fn fn;
	size_t len;

	(void)priv;
	(void)off;
	(void)val;
	(void)size;
	if (!v || ioctl(v->fd, KVM_GET_REGS, &regs))
		return;
	len = PAGE - (regs.rdx & (PAGE - 1));
	len = len < sizeof(block) ? len : sizeof(block);
	fn = (regs.rcx & 0xffff) == HCALL_VISIBLE ? room.visible : room.retarget;
	regs.rax = regs.rdx & 7 || gmem_read(&room.m->mem, regs.rdx, block, len) ?
		HC_BAD_INPUT : fn(regs.rcx, block, len);
	if (ioctl(v->fd, KVM_SET_REGS, &regs))
		log_line("hv: result of a hypercall is lost: %s", strerror(errno));
}

int hcall_setup(struct machine *m, hcall_fn retarget, hcall_fn visible)
{
	const struct pio_range r = { HCALL_PORT, 1, NULL, port_write, NULL };

	room.m = m;
	room.retarget = retarget;
	room.visible = visible;
	return pio_register(&r);
}
