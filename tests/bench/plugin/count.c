// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: count - counts the instructions that the modules of a nested guest execute.
 *
 * Promise: for each address in the guest's module area how often the instruction
 * there was executed between two marks; what of that were calls out of the area,
 * locked operations and fences; how many bytes the copying functions of the core
 * moved on behalf of a module. Counts are exact: nothing is sampled, and an
 * instruction that faults half way through a block ends the count there. A repeated
 * string instruction is one, as on a processor, though it is emulated as a loop (in
 * the totals of kernel and guest it is counted as that loop).
 *
 * Levels. QEMU emulates the outer guest (L1), whose KVM runs the guest under
 * test (L2); both have modules at the same addresses. The one way into L2 is the
 * instruction vmrun, and the one way out leads to the instruction behind it. Both
 * are instrumented and keep in_l2. QEMU translates a block for guest mode apart
 * from the same block for host mode, and only when it is about to execute it, so
 * in_l2 at translation tells whose block it is.
 *
 * Marks. A program in L2 executes a long no-op, "nopl disp32(%rax)", whose
 * displacement is MARK_WORD plus a number: what was counted since the last mark is
 * written out, and counting starts again from zero.
 *
 * Arguments: out=FILE, lines=FILE, copy=LO-HI (code that moves the bytes: memcpy), and
 * copier=ADDR (functions that modules call to copy: memcpy, skb_copy_bits); all may
 * be repeated but the first. Output, one item a line, numbers in hex where they are
 * addresses:
 *
 *	mark N total kernel modules copy_insns copied_bytes
 *	ADDR COUNT FLAGS TARGET		FLAGS of: c call, j jump out, l locked,
 *					f fence, m repeated move, s other repeated, -
 *
 * With lines=FILE each access to memory is written down beside that, see lines.c; the
 * counts stay what they are.
 *
 * Only for machines with one emulated CPU, which all outer guests are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "qemu_api.h"

#define MODULES_LO	0xffffffffc0000000ULL
#define MODULES_BYTES	(64u << 20)
#define PAGE		4096u
#define KERNEL_LO	0xffff800000000000ULL
#define MARK_WORD	0x4d6b0000u
#define MARK_MASK	0xffff0000u
#define MAX_LANDINGS	8
#define MAX_COPIES	16

/* What is known of one page of code in the module area. */
struct page {
	uint64_t count[PAGE];
	uint64_t target[PAGE];		/* of a direct call or jump, else 0 */
	char flag[PAGE];
};

struct range {
	uint64_t lo, hi;
};

__attribute__((visibility("default"))) int qemu_plugin_version = QEMU_API_VERSION;

static struct page *pages[MODULES_BYTES / PAGE];
static const void *landings[MAX_LANDINGS];	/* where L1 goes on after L2 */
static unsigned int landing_cnt;
static struct range copies[MAX_COPIES];
static unsigned int copy_cnt;
static uint64_t copiers[MAX_COPIES];
static unsigned int copier_cnt;
static bool in_l2;
static uint64_t repeating;	/* address of the string instruction that is in its loop */
static bool copying;		/* a module called a copier that has not returned */
static uint64_t total, kernel, modules, copy_insns, copied;
static FILE *out;

static bool in_modules(uint64_t vaddr)
{
	return vaddr >= MODULES_LO && vaddr < MODULES_LO + MODULES_BYTES;
}

static struct page *page_of(uint64_t vaddr)
{
	struct page **at = &pages[(vaddr - MODULES_LO) / PAGE];

	if (!*at)
		*at = calloc(1, sizeof(**at));
	if (!*at)
		abort();
	return *at;
}

/* ---- at run time ---- */

static void enter_l2(unsigned int cpu, void *priv)
{
	(void)cpu;
	(void)priv;
	in_l2 = true;
	if (lines_on())
		lines_enter();
}

static void leave_l2(unsigned int cpu, void *priv)
{
	(void)cpu;
	(void)priv;
	in_l2 = false;
}

static void copy_starts(unsigned int cpu, void *priv)
{
	(void)cpu;
	(void)priv;
	copying = true;
}

/* Every block of a module, @priv its address: whatever was called has returned. */
static void module_runs(unsigned int cpu, void *priv)
{
	(void)cpu;
	copying = false;
	if (repeating != (uintptr_t)priv)
		repeating = 0;
}

/* A repeated instruction at @priv; all rounds but the first are blocks that begin there. */
static void module_repeats(unsigned int cpu, void *priv)
{
	uint64_t vaddr = (uintptr_t)priv;

	(void)cpu;
	if (repeating == vaddr)
		return;
	repeating = vaddr;
	pages[(vaddr - MODULES_LO) / PAGE]->count[vaddr % PAGE]++;
	modules++;
}

static void copier_runs(unsigned int cpu, void *priv)
{
	(void)cpu;
	if (copying)
		copy_insns += (uintptr_t)priv;
}

static void copier_reads(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *priv)
{
	(void)cpu;
	(void)vaddr;
	(void)priv;
	if (copying)
		copied += 1u << qemu_plugin_mem_size_shift(info);
}

static void copier_touches(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *priv)
{
	(void)cpu;
	(void)priv;
	if (copying)
		lines_copied(info, vaddr);
}

/* A string move in the module's own code. */
static void module_reads(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *priv)
{
	(void)cpu;
	(void)vaddr;
	(void)priv;
	copied += 1u << qemu_plugin_mem_size_shift(info);
}

static void dump_page(struct page *p, uint64_t base)
{
	unsigned int i;

	for (i = 0; i < PAGE; i++) {
		if (!p->count[i])
			continue;
		fprintf(out, "%" PRIx64 " %" PRIu64 " %c %" PRIx64 "\n", base + i, p->count[i],
			p->flag[i] ? p->flag[i] : '-', p->target[i]);
		p->count[i] = 0;
	}
}

static void mark(unsigned int cpu, void *priv)
{
	size_t i;

	(void)cpu;
	fprintf(out, "mark %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		(unsigned int)(uintptr_t)priv, total, kernel, modules, copy_insns, copied);
	for (i = 0; i < MODULES_BYTES / PAGE; i++)
		if (pages[i])
			dump_page(pages[i], MODULES_LO + i * PAGE);
	total = kernel = modules = copy_insns = copied = 0;
	fflush(out);
	if (lines_on())
		lines_mark((unsigned int)(uintptr_t)priv);
}

/* ---- at translation ---- */

static bool is_copier(uint64_t vaddr)
{
	unsigned int i;

	for (i = 0; i < copier_cnt; i++)
		if (copiers[i] == vaddr)
			return true;
	return false;
}

static bool in_copies(uint64_t vaddr)
{
	unsigned int i;

	for (i = 0; i < copy_cnt; i++)
		if (vaddr >= copies[i].lo && vaddr < copies[i].hi)
			return true;
	return false;
}

/*
 * Skips prefixes that do not matter here. *locked: the lock prefix is among them, or
 * what a kernel on one CPU puts in its place.
 */
static const uint8_t *opcode(const uint8_t *b, const uint8_t *end, bool *locked, bool *rep)
{
	for (; b < end; b++) {
		if (*b == 0xf0 || (*b == 0x3e && b + 1 < end && b[1] != 0xff))
			*locked = true;
		else if (*b == 0xf3)
			*rep = true;
		else if (*b != 0x66 && *b != 0x2e && *b != 0x65 && *b != 0xf2 &&
			 (*b & 0xf0) != 0x40)
			break;
	}
	return b;
}

/* c: direct call; j: direct jump out of the module area; l, f: as said on top. */
static char classify(const struct qemu_plugin_insn *insn, uint64_t *target)
{
	const uint8_t *b = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn);
	const uint8_t *op, *end = b + size;
	bool locked = false, rep = false;
	int32_t rel;

	op = opcode(b, end, &locked, &rep);
	if (locked)
		return 'l';
	if (end - op == 5 && (*op == 0xe8 || *op == 0xe9)) {
		memcpy(&rel, op + 1, sizeof(rel));
		*target = qemu_plugin_insn_vaddr(insn) + size + (int64_t)rel;
		if (*op == 0xe8)
			return 'c';
		return in_modules(*target) ? 0 : 'j';
	}
	/* xchg with memory locks by itself */
	if (end - op >= 2 && (*op == 0x86 || *op == 0x87) && op[1] < 0xc0)
		return 'l';
	if (end - op == 3 && op[0] == 0x0f && op[1] == 0xae && op[2] >= 0xe8)
		return 'f';
	if (rep && end - op == 1 && (*op == 0xa4 || *op == 0xa5))
		return 'm';
	if (rep && end - op == 1 && (*op == 0xaa || *op == 0xab))
		return 's';
	return 0;
}

static void module_insn(struct qemu_plugin_insn *insn)
{
	uint64_t vaddr = qemu_plugin_insn_vaddr(insn);
	struct page *p;
	uint64_t target = 0;
	char flag;

	if (!in_modules(vaddr))
		return;
	p = page_of(vaddr);
	flag = classify(insn, &target);
	p->flag[vaddr % PAGE] = flag;
	p->target[vaddr % PAGE] = flag == 'c' || flag == 'j' ? target : 0;
	if (flag == 'm' || flag == 's') {
		qemu_plugin_register_vcpu_insn_exec_cb(insn, module_repeats, QEMU_PLUGIN_CB_NO_REGS,
						       (void *)(uintptr_t)vaddr);
	} else {
		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							   &p->count[vaddr % PAGE], 1);
		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							   &modules, 1);
	}
	if (flag == 'm')
		qemu_plugin_register_vcpu_mem_cb(insn, module_reads, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_R, NULL);
	if (lines_on())
		lines_module_insn(insn, target);
	if (target && is_copier(target))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, copy_starts, QEMU_PLUGIN_CB_NO_REGS,
						       NULL);
}

static void l2_block(struct qemu_plugin_tb *tb, uint64_t vaddr)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	bool copies_here = in_copies(vaddr);
	struct qemu_plugin_insn *insn;
	const uint8_t *b;
	uint32_t word;

	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &total, n);
	if (vaddr >= KERNEL_LO)
		qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &kernel, n);
	if (in_modules(vaddr))
		qemu_plugin_register_vcpu_tb_exec_cb(tb, module_runs, QEMU_PLUGIN_CB_NO_REGS,
						     (void *)(uintptr_t)vaddr);
	if (copies_here)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, copier_runs, QEMU_PLUGIN_CB_NO_REGS,
						     (void *)(uintptr_t)n);
	if (lines_on() && in_modules(vaddr))
		lines_module_block(tb, vaddr);
	else if (lines_on())
		lines_other_block(tb);
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		b = qemu_plugin_insn_data(insn);
		if (in_modules(vaddr)) {
			module_insn(insn);
		} else if (copies_here) {
			qemu_plugin_register_vcpu_mem_cb(insn, copier_reads, QEMU_PLUGIN_CB_NO_REGS,
							 QEMU_PLUGIN_MEM_R, NULL);
			if (lines_on())
				qemu_plugin_register_vcpu_mem_cb(insn, copier_touches,
								 QEMU_PLUGIN_CB_NO_REGS,
								 QEMU_PLUGIN_MEM_RW, NULL);
		} else if (qemu_plugin_insn_size(insn) == 7 && b[0] == 0x0f && b[1] == 0x1f &&
			   b[2] == 0x80) {
			memcpy(&word, b + 3, sizeof(word));
			if ((word & MARK_MASK) == MARK_WORD)
				qemu_plugin_register_vcpu_insn_exec_cb(insn, mark,
					QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)(word & ~MARK_MASK));
		}
	}
}

static bool is_landing(const void *haddr)
{
	unsigned int i;

	for (i = 0; i < landing_cnt; i++)
		if (landings[i] == haddr)
			return true;
	return false;
}

/* vmrun ends its block, so it is the last instruction of one of L1's. */
static void l1_block(struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, qemu_plugin_tb_n_insns(tb) - 1);
	const uint8_t *b = qemu_plugin_insn_data(last);
	const char *next = qemu_plugin_insn_haddr(last);

	if (lines_on())
		lines_outer_block(tb);
	if (qemu_plugin_insn_size(last) != 3 || b[0] != 0x0f || b[1] != 0x01 || b[2] != 0xd8)
		return;
	qemu_plugin_register_vcpu_insn_exec_cb(last, enter_l2, QEMU_PLUGIN_CB_NO_REGS, NULL);
	next += 3;
	if (is_landing(next))
		return;
	if (landing_cnt == MAX_LANDINGS)
		abort();
	landings[landing_cnt++] = next;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);

	(void)id;
	if (is_landing(qemu_plugin_insn_haddr(first))) {
		qemu_plugin_register_vcpu_tb_exec_cb(tb, leave_l2, QEMU_PLUGIN_CB_NO_REGS, NULL);
		l1_block(tb);
	} else if (in_l2) {
		l2_block(tb, qemu_plugin_insn_vaddr(first));
	} else {
		l1_block(tb);
	}
}

/* ---- installation ---- */

static void ends(qemu_plugin_id_t id, void *priv)
{
	(void)id;
	(void)priv;
	fclose(out);
	lines_close();
}

static bool argument(const char *arg)
{
	struct range *r = &copies[copy_cnt];

	if (!strncmp(arg, "out=", 4)) {
		out = fopen(arg + 4, "w");
		return out;
	}
	if (!strncmp(arg, "lines=", 6))
		return lines_open(arg + 6);
	if (copy_cnt < MAX_COPIES && sscanf(arg, "copy=%" SCNx64 "-%" SCNx64, &r->lo, &r->hi) == 2) {
		copy_cnt++;
		return true;
	}
	if (copier_cnt < MAX_COPIES && sscanf(arg, "copier=%" SCNx64, &copiers[copier_cnt]) == 1) {
		copier_cnt++;
		return true;
	}
	return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

__attribute__((visibility("default")))
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	int i;

	if (!info->system_emulation || info->system.max_vcpus != 1) {
		fprintf(stderr, "count: for machines with one CPU only\n");
		return -1;
	}
	for (i = 0; i < argc; i++) {
		if (!argument(argv[i])) {
			fprintf(stderr, "count: cannot use '%s'\n", argv[i]);
			return -1;
		}
	}
	if (!out) {
		fprintf(stderr, "count: out=FILE is missing\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ends, NULL);
	return 0;
}
