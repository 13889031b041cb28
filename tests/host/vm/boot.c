// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: boot - see boot.h. Runs once, before the vCPUs do.
 */
#include "boot.h"

#include <asm/bootparam.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define GDT_ADDR	0x8000ull
#define PARAMS_ADDR	0x10000ull
#define CMDLINE_ADDR	0x20000ull
#define CMDLINE_MAX	2048
#define TABLES_ADDR	0x30000ull
#define KERNEL_ADDR	0x1000000ull
#define E820_RAM	1
#define E820_RESERVED	2
#define E820_PRAM	12

struct file {
	const uint8_t *data;
	size_t len;
};

static int map_file(const char *path, struct file *f)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !st.st_size) {
		close(fd);
		return -EINVAL;
	}
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return -ENOMEM;
	f->data = p;
	f->len = st.st_size;
	return 0;
}

static void unmap_file(struct file *f)
{
	if (f->data)
		munmap((void *)f->data, f->len);
}

/* Fills bp->hdr and *entry, *end (first free byte behind the kernel). */
static int load_bzimage(struct machine *m, const struct file *f, struct boot_params *bp,
			uint64_t *entry, uint64_t *end)
{
	const struct setup_header *h = (const void *)(f->data + 0x1f1);
	size_t hdr_len, setup, sects;

	if (f->len < 0x1000 || memcmp(f->data + 0x202, "HdrS", 4) || h->version < 0x20c ||
	    !(h->xloadflags & XLF_KERNEL_64))
		return -ENOEXEC;
	sects = h->setup_sects ? h->setup_sects : 4;
	setup = (sects + 1) * 512;
	if (setup >= f->len)
		return -ENOEXEC;
	hdr_len = 0x202 + f->data[0x201] - 0x1f1;
	if (hdr_len > sizeof(bp->hdr))
		hdr_len = sizeof(bp->hdr);
	memcpy(&bp->hdr, f->data + 0x1f1, hdr_len);
	*entry = KERNEL_ADDR + 0x200;
	*end = KERNEL_ADDR + bp->hdr.init_size;
	return gmem_write(&m->mem, KERNEL_ADDR, f->data + setup, f->len - setup);
}

static int load_elf(struct machine *m, const struct file *f, struct boot_params *bp,
		    uint64_t *entry, uint64_t *end)
{
	const Elf64_Ehdr *eh = (const void *)f->data;
	unsigned int i;

	if (f->len < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) ||
	    eh->e_machine != EM_X86_64 || eh->e_phentsize != sizeof(Elf64_Phdr) ||
	    eh->e_phoff > f->len || eh->e_phnum * sizeof(Elf64_Phdr) > f->len - eh->e_phoff)
		return -ENOEXEC;
	*end = KERNEL_ADDR;
	for (i = 0; i < eh->e_phnum; i++) {
		const Elf64_Phdr *ph = (const Elf64_Phdr *)(f->data + eh->e_phoff) + i;

		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_offset > f->len || ph->p_filesz > f->len - ph->p_offset ||
		    gmem_write(&m->mem, ph->p_paddr, f->data + ph->p_offset, ph->p_filesz))
			return -ENOEXEC;
		if (ph->p_paddr + ph->p_memsz > *end)
			*end = ph->p_paddr + ph->p_memsz;
	}
	*entry = eh->e_entry;
	bp->hdr.boot_flag = 0xaa55;
	bp->hdr.header = 0x53726448;
	bp->hdr.version = 0x20f;
	bp->hdr.kernel_alignment = 0x200000;
	return 0;
}

static void add_e820(struct boot_params *bp, uint64_t addr, uint64_t len, uint32_t type)
{
	struct boot_e820_entry *e = &bp->e820_table[bp->e820_entries++];

	e->addr = addr;
	e->size = len;
	e->type = type;
}

static void build_e820(const struct machine *m, struct boot_params *bp)
{
	uint64_t low = m->ram_len < MACHINE_LOW_RAM_MAX ? m->ram_len : MACHINE_LOW_RAM_MAX;
	unsigned int i;

	add_e820(bp, 0, 0x9fc00, E820_RAM);
	add_e820(bp, 0x9fc00, 0x400, E820_RESERVED);
	add_e820(bp, 0xe0000, 0x20000, E820_RESERVED);
	add_e820(bp, 0x100000, low - 0x100000, E820_RAM);
	if (m->ram_len > low)
		add_e820(bp, 0x100000000ull, m->ram_len - low, E820_RAM);
	for (i = 0; i < m->pmem_cnt; i++)
		add_e820(bp, m->pmem[i].gpa, m->pmem[i].len, E820_PRAM);
}

/* Identity map of the first 4 GiB in 2-MiB pages, and the GDT. */
static int build_tables(struct machine *m)
{
	static const uint64_t gdt[4] = { 0, 0, 0x00af9b000000ffffull, 0x00cf93000000ffffull };
	uint64_t *t = gmem_ptr(&m->mem, TABLES_ADDR, 6 * 4096);
	unsigned int i;

	if (!t)
		return -EFAULT;
	memset(t, 0, 6 * 4096);
	t[0] = (TABLES_ADDR + 0x1000) | 3;
	for (i = 0; i < 4; i++)
		t[512 + i] = (TABLES_ADDR + 0x2000 + i * 0x1000ull) | 3;
	for (i = 0; i < 2048; i++)
		t[1024 + i] = (uint64_t)i << 21 | 0x83;
	return gmem_write(&m->mem, GDT_ADDR, gdt, sizeof(gdt));
}

static void flat_segment(struct kvm_segment *s, uint16_t selector, bool code)
{
	memset(s, 0, sizeof(*s));
	s->limit = 0xffffffff;
	s->selector = selector;
	s->type = code ? 11 : 3;
	s->present = 1;
	s->s = 1;
	s->g = 1;
	s->l = code;
	s->db = !code;
}

static int set_registers(struct machine *m, uint64_t entry)
{
	struct kvm_regs regs = { .rip = entry, .rsi = PARAMS_ADDR, .rflags = 2 };
	struct kvm_sregs s;
	int fd = m->vcpu[0].fd;

	if (ioctl(fd, KVM_GET_SREGS, &s))
		return -errno;
	flat_segment(&s.cs, 0x10, true);
	flat_segment(&s.ds, 0x18, false);
	s.es = s.ss = s.fs = s.gs = s.ds;
	s.gdt.base = GDT_ADDR;
	s.gdt.limit = 31;
	s.cr0 = 0x80000011;
	s.cr3 = TABLES_ADDR;
	s.cr4 = 0x20;
	s.efer = 0x500;
	if (ioctl(fd, KVM_SET_SREGS, &s) || ioctl(fd, KVM_SET_REGS, &regs))
		return -errno;
	return 0;
}

static int load_initrd(struct machine *m, const char *path, uint64_t kernel_end,
		       struct boot_params *bp, char *err, size_t errlen)
{
	uint64_t low = m->ram_len < MACHINE_LOW_RAM_MAX ? m->ram_len : MACHINE_LOW_RAM_MAX;
	struct file f = { NULL, 0 };
	uint64_t addr;
	int ret;

	ret = map_file(path, &f);
	if (ret) {
		snprintf(err, errlen, "initrd %s: %s", path, strerror(-ret));
		return ret;
	}
	addr = (low - f.len) & ~0xfffull;
	if (f.len > low || addr < kernel_end) {
		snprintf(err, errlen, "initrd %s does not fit into %llu MB beside the kernel", path,
			 (unsigned long long)(low >> 20));
		ret = -ENOSPC;
	} else {
		bp->hdr.ramdisk_image = addr;
		bp->hdr.ramdisk_size = f.len;
		ret = gmem_write(&m->mem, addr, f.data, f.len);
	}
	unmap_file(&f);
	return ret;
}

static int load_kernel(struct machine *m, const char *path, struct boot_params *bp,
		       uint64_t *entry, uint64_t *end, char *err, size_t errlen)
{
	struct file f = { NULL, 0 };
	int ret = map_file(path, &f);

	if (!ret)
		ret = f.len > 4 && !memcmp(f.data, ELFMAG, SELFMAG) ?
			load_elf(m, &f, bp, entry, end) : load_bzimage(m, &f, bp, entry, end);
	unmap_file(&f);
	if (ret)
		snprintf(err, errlen, "kernel %s: %s", path,
			 ret == -ENOEXEC ? "neither a 64-bit bzImage nor an x86-64 vmlinux" :
					   strerror(-ret));
	return ret;
}

int boot_linux(struct machine *m, const char *kernel, const char *initrd, const char *cmdline,
	       uint64_t rsdp, char *err, size_t errlen)
{
	struct boot_params *bp = calloc(1, sizeof(*bp));
	uint64_t entry = 0, end = 0;
	int ret;

	if (!bp)
		return -ENOMEM;
	if (strlen(cmdline) >= CMDLINE_MAX) {
		snprintf(err, errlen, "kernel command line is longer than %d bytes",
			 CMDLINE_MAX - 1);
		free(bp);
		return -EINVAL;
	}
	ret = load_kernel(m, kernel, bp, &entry, &end, err, errlen);
	if (!ret && initrd)
		ret = load_initrd(m, initrd, end, bp, err, errlen);
	if (!ret) {
		bp->hdr.type_of_loader = 0xff;
		bp->hdr.loadflags |= 1;
		bp->hdr.cmd_line_ptr = CMDLINE_ADDR;
		bp->acpi_rsdp_addr = rsdp;
		build_e820(m, bp);
		ret = gmem_write(&m->mem, PARAMS_ADDR, bp, sizeof(*bp)) ?:
		      gmem_write(&m->mem, CMDLINE_ADDR, cmdline, strlen(cmdline) + 1) ?:
		      build_tables(m) ?: set_registers(m, entry);
		if (ret)
			snprintf(err, errlen, "boot set-up: %s", strerror(-ret));
	}
	free(bp);
	return ret;
}
