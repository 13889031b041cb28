// SPDX-License-Identifier: GPL-2.0
/* SRCS: LIBS: */
/*
 * DOC: what the benchmark's plugin writes of accesses to memory (tests/bench/plugin/lines.c),
 * with an emulator that is made up: a block is told as it is translated, and then what was
 * registered is called as if it were executed.
 */
#include "../bench/plugin/lines.c"
#include "unit.h"

#include <string.h>
#include <unistd.h>

#define CODE		0xffffffffc0100000ULL
#define HIGH_HALF(a)	((a) >> 32)

struct qemu_plugin_insn {
	uint64_t vaddr;
	uint8_t data[8];
	size_t size;
	qemu_plugin_mem_fn mem;
	void *mem_priv;
	qemu_plugin_exec_fn exec;
	void *exec_priv;
};

struct qemu_plugin_tb {
	struct qemu_plugin_insn *insns;
	size_t n;
	qemu_plugin_exec_fn exec;
	void *exec_priv;
	uint64_t *counter;
};

struct qemu_plugin_hwaddr {
	uint64_t phys;
	bool io;
};

static struct qemu_plugin_hwaddr behind;

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb) { return tb->n; }
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn) { return insn->vaddr; }
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn) { return insn->data; }
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn) { return insn->size; }
/* An info is the size's shift, and 16 for a store. */
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info) { return info & 15; }
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info) { return info & 16; }
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *hw) { return hw->io; }
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *hw) { return hw->phys; }

struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i)
{
	return &tb->insns[i];
}

struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr)
{
	return &behind;
}

void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, qemu_plugin_mem_fn fn,
				      enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw,
				      void *priv)
{
	EXPECT_EQ(rw, QEMU_PLUGIN_MEM_RW);	/* see lines_outer_block() */
	insn->mem = fn;
	insn->mem_priv = priv;
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, qemu_plugin_exec_fn fn,
					    enum qemu_plugin_cb_flags flags, void *priv)
{
	insn->exec = fn;
	insn->exec_priv = priv;
}

void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qemu_plugin_exec_fn fn,
					  enum qemu_plugin_cb_flags flags, void *priv)
{
	tb->exec = fn;
	tb->exec_priv = priv;
}

void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, enum qemu_plugin_op op,
					      void *counter, uint64_t addend)
{
	tb->counter = counter;
}

static char records_path[64];

static void records_begin(void)
{
	int fd;

	strcpy(records_path, "/tmp/bench-lines-XXXXXX");
	fd = mkstemp(records_path);
	close(fd);
	EXPECT_TRUE(lines_open(records_path));
	lines_begun = false;
	cpu_cnt = 0;
	loaded_key = 0;
	cpu_now = LINES_NO_CPU;
	other_blocks = 0;
	other_seen = 0;
	behind = (struct qemu_plugin_hwaddr){ 0x12340, false };
}

/* All that was written, up to @max records. Return: how many. */
static size_t records_end(struct lines_record *r, size_t max)
{
	size_t n = 0;
	FILE *f;

	lines_close();
	f = fopen(records_path, "rb");
	if (f) {
		n = fread(r, sizeof(*r), max, f);
		fclose(f);
	}
	unlink(records_path);
	return n;
}

/* The outer guest loads a CPU's registers, rdi from @where, and enters. */
static void enter_from(uint64_t where)
{
	struct qemu_plugin_insn insns[] = {
		{ .data = { 0x4c, 0x8b, 0xbf, 0xa0, 0x01 }, .size = 7 },	/* mov 0x1a0(%rdi), %r15 */
		{ .data = { 0x48, 0x8b, 0xbf, 0x60, 0x01 }, .size = 7 },	/* mov 0x160(%rdi), %rdi */
		{ .data = { 0x48, 0x8b, 0x7f, 0x60 }, .size = 4 },		/* mov 0x60(%rdi), %rdi */
		{ .data = { 0x0f, 0x01, 0xd8 }, .size = 3 },			/* vmrun */
	};
	struct qemu_plugin_tb tb = { .insns = insns, .n = 4 };

	lines_outer_block(&tb);
	EXPECT_NULL(insns[0].mem);
	EXPECT_NULL(insns[2].mem);
	EXPECT_NULL(insns[3].mem);
	insns[1].mem(0, 3, where - 0x100, insns[1].mem_priv);	/* elsewhere, before */
	insns[1].mem(0, 3, where, insns[1].mem_priv);
	insns[1].mem(0, 16 | 3, where + 8, insns[1].mem_priv);	/* no load */
	lines_enter();
}

static void run_block(uint64_t vaddr)
{
	struct qemu_plugin_insn insn = { .vaddr = vaddr };
	struct qemu_plugin_tb tb = { .insns = &insn, .n = 1 };

	lines_module_block(&tb, vaddr);
	tb.exec(0, tb.exec_priv);
}

static void run_other_block(void)
{
	struct qemu_plugin_insn insn = { .vaddr = 0xffffffff81000000ULL };
	struct qemu_plugin_tb tb = { .insns = &insn, .n = 1 };

	lines_other_block(&tb);
	(*tb.counter)++;
}

static void touch(uint64_t pc, qemu_plugin_meminfo_t info, uint64_t vaddr)
{
	struct qemu_plugin_insn insn = { .vaddr = pc };

	lines_module_insn(&insn, 0);
	insn.mem(0, info, vaddr, insn.mem_priv);
}

UNIT_TEST(nothing_is_written_before_the_first_mark)
{
	struct lines_record r[4];

	records_begin();
	run_block(CODE);
	touch(CODE, 3, 0x1000);
	lines_mark(7);
	EXPECT_EQ(records_end(r, 4), 1);
	EXPECT_EQ(r[0].kind, LINES_MARK);
	EXPECT_EQ(r[0].vaddr, 7);
}

UNIT_TEST(an_access_has_both_addresses_and_its_instruction)
{
	struct lines_record r[4];

	records_begin();
	lines_mark(0);
	touch(CODE + 5, 3, 0xffff888000012340ULL);
	touch(CODE + 9, 16 | 2, 0xffff888000012344ULL);
	EXPECT_EQ(records_end(r, 4), 3);
	EXPECT_EQ(r[1].phys, 0x12340);
	EXPECT_EQ(r[1].vaddr, 0xffff888000012340ULL);
	EXPECT_EQ(r[1].pc, (uint32_t)(CODE + 5));
	EXPECT_EQ(HIGH_HALF(CODE), 0xffffffff);
	EXPECT_EQ(r[1].kind, LINES_READ);
	EXPECT_EQ(r[1].size, 8);
	EXPECT_EQ(r[2].kind, LINES_WRITE);
	EXPECT_EQ(r[2].size, 4);
}

UNIT_TEST(a_device_is_no_memory)
{
	struct lines_record r[4];

	records_begin();
	lines_mark(0);
	behind.io = true;
	touch(CODE, 3, 0x1000);
	EXPECT_EQ(records_end(r, 4), 1);
}

UNIT_TEST(a_cpu_is_told_by_where_its_registers_were_loaded_from)
{
	static const uint64_t places[] = { 0xffff000000001160ULL, 0xffff000000009160ULL, 0xffff000000001160ULL };
	struct lines_record r[8];
	unsigned int i;

	records_begin();
	lines_mark(0);
	touch(CODE, 3, 0x1000);
	for (i = 0; i < 3; i++) {
		enter_from(places[i]);
		touch(CODE, 3, 0x1000);
	}
	EXPECT_EQ(records_end(r, 8), 5);
	EXPECT_EQ(r[1].cpu, LINES_NO_CPU);
	EXPECT_EQ(r[2].cpu, 0);
	EXPECT_EQ(r[3].cpu, 1);
	EXPECT_EQ(r[4].cpu, 0);
}

UNIT_TEST(a_cpu_beyond_what_there_is_room_for_is_not_known)
{
	struct lines_record r[2];
	unsigned int i;

	records_begin();
	for (i = 0; i < MAX_CPUS; i++)
		enter_from(0x10000 + 0x1000 * i);
	EXPECT_EQ(cpu_now, MAX_CPUS - 1);
	enter_from(0x1000000);
	EXPECT_EQ(cpu_now, LINES_NO_CPU);
	enter_from(0x10000);
	EXPECT_EQ(cpu_now, 0);
	EXPECT_EQ(records_end(r, 2), 0);
}

UNIT_TEST(a_block_says_whether_other_code_ran_before)
{
	struct lines_record r[8];

	records_begin();
	lines_mark(0);
	run_other_block();
	run_block(CODE);
	run_block(CODE + 0x20);
	run_other_block();
	run_other_block();
	run_block(CODE + 0x40);
	EXPECT_EQ(records_end(r, 8), 4);
	EXPECT_EQ(r[1].vaddr, 1);
	EXPECT_EQ(r[2].vaddr, 0);
	EXPECT_EQ(r[3].vaddr, 1);
	EXPECT_EQ(r[3].pc, (uint32_t)(CODE + 0x40));
	EXPECT_EQ(r[3].kind, LINES_BLOCK);
}

UNIT_TEST(what_a_copier_touches_belongs_to_the_call)
{
	struct qemu_plugin_insn call = { .vaddr = CODE + 0x11 };
	struct lines_record r[8];

	records_begin();
	lines_mark(0);
	lines_module_insn(&call, 0xffffffff81234560ULL);
	call.exec(0, call.exec_priv);
	lines_copied(3, 0x1000);
	lines_copied(16 | 3, 0x2000);
	free(call.exec_priv);
	EXPECT_EQ(records_end(r, 8), 4);
	EXPECT_EQ(r[1].kind, LINES_CALL);
	EXPECT_EQ(r[1].vaddr, 0xffffffff81234560ULL);
	EXPECT_EQ(r[2].kind, LINES_COPY | LINES_READ);
	EXPECT_EQ(r[2].pc, (uint32_t)(CODE + 0x11));
	EXPECT_EQ(r[3].kind, LINES_COPY | LINES_WRITE);
}

UNIT_MAIN()
