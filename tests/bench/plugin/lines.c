// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: lines - writes down each access to memory of the modules of a nested guest.
 *
 * Promise: for each access of an instruction in the guest's module area, and of a copying
 * function that a module called, a record with the address of the instruction (or of the
 * call), the virtual address that the guest used, the physical one behind it, and the CPU
 * of the guest; in the order in which they happened, between blocks, calls and marks.
 *
 * Addresses. What the plugin gets for an access is the virtual address of whoever runs, so
 * the guest's (L2). The physical one is that of the emulated machine: the emulator walks
 * the guest's tables and the nested ones in one go, and keeps only the result. It is the
 * same for all mappings of a page, also for that of the process which is the guest's
 * host, so it is what a cache would see; the virtual one is what has a name.
 *
 * CPUs. The guest's CPUs share the one emulated CPU, and this version of the interface
 * reads no registers. But before the outer guest's KVM executes vmrun, it loads the guest's
 * registers from memory that each virtual CPU has for itself. The last of them is rdi, the
 * one that has held the pointer: "mov disp32(%rdi), %rdi". The same instruction stands in
 * other code, but none is executed between that one and vmrun; so where the last one
 * loaded from when vmrun comes tells the CPUs apart. It is no use to look at what stands
 * before vmrun: that may be a block of its own, which was translated before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lines.h"

#define MAX_CPUS	64

/* A call, as the code behind it is executed. */
struct lines_call {
	uint64_t pc, target;
};

static FILE *lines_out;
static bool lines_begun;		/* there was a mark */
static uint64_t cpu_keys[MAX_CPUS];
static unsigned int cpu_cnt;
static uint64_t loaded_key;		/* where the last such load was from */
static uint16_t cpu_now = LINES_NO_CPU;
static uint64_t other_blocks, other_seen;
static uint64_t call_pc;

static void lines_put(uint64_t phys, uint64_t vaddr, uint64_t pc, unsigned int kind,
		      unsigned int size)
{
	struct lines_record r = {
		.phys = phys,
		.vaddr = vaddr,
		.pc = (uint32_t)pc,
		.kind = (uint8_t)kind,
		.size = (uint8_t)size,
		.cpu = cpu_now,
	};

	if (lines_begun)
		fwrite(&r, sizeof(r), 1, lines_out);
}

bool lines_open(const char *path)
{
	lines_out = fopen(path, "wb");
	if (lines_out)
		setvbuf(lines_out, NULL, _IOFBF, 1 << 20);
	return lines_out;
}

bool lines_on(void)
{
	return lines_out;
}

void lines_close(void)
{
	if (lines_out)
		fclose(lines_out);
	lines_out = NULL;
}

/* ---- at run time ---- */

static void registers_loaded(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
			     void *priv)
{
	(void)cpu;
	(void)priv;
	if (!qemu_plugin_mem_is_store(info))
		loaded_key = vaddr;
}

void lines_enter(void)
{
	unsigned int i;

	for (i = 0; i < cpu_cnt && cpu_keys[i] != loaded_key; i++)
		;
	if (!loaded_key || i == MAX_CPUS) {
		cpu_now = LINES_NO_CPU;
		return;
	}
	if (i == cpu_cnt)
		cpu_keys[cpu_cnt++] = loaded_key;
	cpu_now = (uint16_t)i;
}

static void lines_access(qemu_plugin_meminfo_t info, uint64_t vaddr, uint64_t pc,
			 unsigned int kind)
{
	struct qemu_plugin_hwaddr *hw;

	if (!lines_begun)
		return;
	hw = qemu_plugin_get_hwaddr(info, vaddr);
	if (!hw || qemu_plugin_hwaddr_is_io(hw))
		return;
	kind |= qemu_plugin_mem_is_store(info) ? LINES_WRITE : LINES_READ;
	lines_put(qemu_plugin_hwaddr_phys_addr(hw), vaddr, pc, kind,
		  1u << qemu_plugin_mem_size_shift(info));
}

static void module_touches(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
			   void *priv)
{
	(void)cpu;
	lines_access(info, vaddr, (uintptr_t)priv, 0);
}

void lines_copied(qemu_plugin_meminfo_t info, uint64_t vaddr)
{
	lines_access(info, vaddr, call_pc, LINES_COPY);
}

static void module_calls(unsigned int cpu, void *priv)
{
	const struct lines_call *call = priv;

	(void)cpu;
	call_pc = call->pc;
	lines_put(0, call->target, call->pc, LINES_CALL, 0);
}

static void module_block_runs(unsigned int cpu, void *priv)
{
	(void)cpu;
	lines_put(0, other_blocks != other_seen, (uintptr_t)priv, LINES_BLOCK, 0);
	other_seen = other_blocks;
}

void lines_mark(unsigned int number)
{
	lines_begun = true;
	lines_put(0, number, 0, LINES_MARK, 0);
	fflush(lines_out);
}

/* ---- at translation ---- */

/* mov disp32(%rdi), %rdi */
static bool loads_rdi(const struct qemu_plugin_insn *insn)
{
	const uint8_t *b = qemu_plugin_insn_data(insn);

	return qemu_plugin_insn_size(insn) == 7 && b[0] == 0x48 && b[1] == 0x8b && b[2] == 0xbf;
}

void lines_outer_block(struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct qemu_plugin_insn *insn;

	/* QEMU 7.2 tells who asks for reads of writes only. */
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (loads_rdi(insn))
			qemu_plugin_register_vcpu_mem_cb(insn, registers_loaded,
							 QEMU_PLUGIN_CB_NO_REGS,
							 QEMU_PLUGIN_MEM_RW, NULL);
	}
}

void lines_other_block(struct qemu_plugin_tb *tb)
{
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &other_blocks, 1);
}

void lines_module_block(struct qemu_plugin_tb *tb, uint64_t vaddr)
{
	qemu_plugin_register_vcpu_tb_exec_cb(tb, module_block_runs, QEMU_PLUGIN_CB_NO_REGS,
					     (void *)(uintptr_t)vaddr);
}

void lines_module_insn(struct qemu_plugin_insn *insn, uint64_t target)
{
	uint64_t vaddr = qemu_plugin_insn_vaddr(insn);
	struct lines_call *call;

	qemu_plugin_register_vcpu_mem_cb(insn, module_touches, QEMU_PLUGIN_CB_NO_REGS,
					 QEMU_PLUGIN_MEM_RW, (void *)(uintptr_t)vaddr);
	if (!target)
		return;
	call = malloc(sizeof(*call));
	if (!call)
		abort();
	call->pc = vaddr;
	call->target = target;
	qemu_plugin_register_vcpu_insn_exec_cb(insn, module_calls, QEMU_PLUGIN_CB_NO_REGS, call);
}
