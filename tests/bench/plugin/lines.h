/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: lines - what the plugin says of the memory that the modules of a nested guest use.
 *
 * Off unless the plugin is given lines=FILE; count.c asks lines_on() first. The file is a
 * sequence of struct lines_record, and begins at the first mark. lines.py reads it.
 */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu_api.h"

enum lines_kind {
	LINES_READ = 1,		/* an access of the instruction at pc */
	LINES_WRITE = 2,
	LINES_COPY = 4,		/* with one of these: of a copier that was called at pc */
	LINES_CALL = 8,		/* pc calls, or jumps to, vaddr */
	LINES_BLOCK = 16,	/* a block of a module begins at pc; vaddr is 1: other code ran before */
	LINES_MARK = 32,	/* vaddr is its number */
};

/* Addresses of code are the low half: the module area is in the last 4 GB. */
struct lines_record {
	uint64_t phys;		/* of the outer guest's machine */
	uint64_t vaddr;		/* of the guest */
	uint32_t pc;
	uint8_t kind;
	uint8_t size;		/* bytes */
	uint16_t cpu;		/* of the guest, in the order in which they were seen; LINES_NO_CPU */
};

#define LINES_NO_CPU	0xffff

/**
 * lines_open() - starts to write records to a file.
 * @path: its name
 * Return: false when it cannot be written.
 */
bool lines_open(const char *path);

/** lines_on() - Return: records are wanted. */
bool lines_on(void);

/**
 * lines_outer_block() - looks for what tells the CPUs apart in a block of the outer guest.
 * @tb: the block, while it is translated
 */
void lines_outer_block(struct qemu_plugin_tb *tb);

/** lines_enter() - the guest goes on: on the CPU whose registers were loaded last. */
void lines_enter(void);

/**
 * lines_other_block() - a block of the guest that is no module's.
 * @tb: the block, while it is translated
 */
void lines_other_block(struct qemu_plugin_tb *tb);

/**
 * lines_module_block() - a block in the module area.
 * @tb: the block, while it is translated
 * @vaddr: where it begins
 */
void lines_module_block(struct qemu_plugin_tb *tb, uint64_t vaddr);

/**
 * lines_module_insn() - an instruction in the module area.
 * @insn: the instruction, while its block is translated
 * @target: of a direct call, or of a jump out of the area; else 0
 */
void lines_module_insn(struct qemu_plugin_insn *insn, uint64_t target);

/**
 * lines_copied() - a copier that a module called has touched memory.
 * @info: of the access
 * @vaddr: where
 */
void lines_copied(qemu_plugin_meminfo_t info, uint64_t vaddr);

/**
 * lines_mark() - a mark was executed.
 * @number: its number
 */
void lines_mark(unsigned int number);

/** lines_close() - writes what is left. */
void lines_close(void);

#endif
