// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: machine - KVM's side of the VM (vmbus-host.md B.1, D).
 *
 * Order: VM, memory, TSS and identity map, IRQCHIP, PIT, each vCPU with its
 * SynIC, CPUID; the routing of HV_SINT only then, since KVM notes SINT -> GSI
 * just for vCPUs whose SynIC is on.
 */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpu.h"

/* Linux joins touching e820 entries and wants namespaces on 16 MiB: sections of
 * 128 MiB with a hole behind each image suit it. */
#define PMEM_ALIGN	0x1000000ull
#define PMEM_STEP	0x8000000ull
#define ALIGN_UP(x, a)	(((x) + (a) - 1) & ~((a) - 1))
#define CPUID_MAX	256

static const struct { int cap; const char *name; } needed_caps[] = {
	{ KVM_CAP_HYPERV, "Hyper-V MSRs" },
	{ KVM_CAP_HYPERV_TIME, "Hyper-V time" },
	{ KVM_CAP_HYPERV_SYNIC2, "Hyper-V SynIC" },
	{ KVM_CAP_HYPERV_VP_INDEX, "Hyper-V VP index" },
	{ KVM_CAP_HYPERV_EVENTFD, "Hyper-V eventfd" },
	{ KVM_CAP_IRQCHIP, "in-kernel interrupt controllers" },
	{ KVM_CAP_USER_MEMORY, "user memory" },
};

static int open_kvm(char *err, size_t errlen)
{
	unsigned int i;
	int kvm;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		snprintf(err, errlen, "/dev/kvm cannot be opened: %s", strerror(errno));
		return -errno;
	}
	for (i = 0; i < sizeof(needed_caps) / sizeof(needed_caps[0]); i++)
		if (ioctl(kvm, KVM_CHECK_EXTENSION, needed_caps[i].cap) <= 0) {
			snprintf(err, errlen, "KVM here does not offer %s", needed_caps[i].name);
			close(kvm);
			return -ENOTSUP;
		}
	return kvm;
}

/* The numbers lie at times: nothing but a vCPU with a SynIC proves it. */
static int try_synic(int kvm)
{
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), cpu = -1, ret = 0;

	if (vm < 0 || ioctl(vm, KVM_CREATE_IRQCHIP, 0))
		ret = -errno;
	if (!ret) {
		cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
		if (cpu < 0 || ioctl(cpu, KVM_ENABLE_CAP, &synic))
			ret = -errno;
	}
	if (cpu >= 0)
		close(cpu);
	if (vm >= 0)
		close(vm);
	return ret;
}

int machine_kvm_probe(char *err, size_t errlen)
{
	int kvm = open_kvm(err, errlen), ret;

	if (kvm < 0)
		return kvm;
	ret = try_synic(kvm);
	if (ret)
		snprintf(err, errlen, "KVM cannot run a vCPU with a SynIC: %s", strerror(-ret));
	close(kvm);
	return ret;
}

static int add_slot(struct machine *m, uint64_t gpa, uint8_t *host, uint64_t len, bool writable)
{
	struct kvm_userspace_memory_region r = {
		.slot = m->mem.cnt,
		.flags = writable ? 0 : KVM_MEM_READONLY,
		.guest_phys_addr = gpa,
		.memory_size = len,
		.userspace_addr = (uintptr_t)host,
	};

	if (ioctl(m->fd, KVM_SET_USER_MEMORY_REGION, &r))
		return -errno;
	m->mem.range[m->mem.cnt++] = (struct gmem_range){ gpa, len, host, writable };
	return 0;
}

static uint8_t *map_anon(uint64_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int add_ram(struct machine *m)
{
	uint64_t low = m->ram_len < MACHINE_LOW_RAM_MAX ? m->ram_len : MACHINE_LOW_RAM_MAX;
	uint8_t *host = map_anon(m->ram_len);
	int err;

	if (!host)
		return -ENOMEM;
	err = add_slot(m, 0, host, low, true);
	if (!err && m->ram_len > low)
		err = add_slot(m, 0x100000000ull, host + low, m->ram_len - low, true);
	return err;
}

/* An image file or block device, read-only, padded with zeroes. */
static int add_pmem(struct machine *m, const char *path)
{
	uint64_t gpa = ALIGN_UP(0x100000000ull + m->ram_len, PMEM_STEP), len;
	uint8_t *host;
	off_t size;
	int fd, err;

	if (m->pmem_cnt)
		gpa = ALIGN_UP(m->pmem[m->pmem_cnt - 1].gpa + m->pmem[m->pmem_cnt - 1].len + 1,
			       PMEM_STEP);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0) {
		close(fd);
		return -EINVAL;
	}
	len = ALIGN_UP((uint64_t)size, PMEM_ALIGN);
	host = map_anon(len);
	if (!host || mmap(host, size, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
		close(fd);
		return -ENOMEM;
	}
	close(fd);
	err = add_slot(m, gpa, host, len, false);
	if (err)
		return err;
	m->pmem[m->pmem_cnt].gpa = gpa;
	m->pmem[m->pmem_cnt++].len = len;
	return 0;
}

static int create_vcpu(struct machine *m, unsigned int id)
{
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	struct vcpu *v = &m->vcpu[id];
	void *run;

	v->fd = ioctl(m->fd, KVM_CREATE_VCPU, (unsigned long)id);
	if (v->fd < 0)
		return -errno;
	run = mmap(NULL, m->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (run == MAP_FAILED)
		return -errno;
	v->run = run;
	return ioctl(v->fd, KVM_ENABLE_CAP, &synic) ? -errno : 0;
}

static int set_cpuid(struct machine *m)
{
	struct kvm_cpuid2 *host, *mine;
	unsigned int id;
	int err = 0;

	host = calloc(1, sizeof(*host) + CPUID_MAX * sizeof(host->entries[0]));
	mine = calloc(1, sizeof(*host) + CPUID_MAX * sizeof(host->entries[0]));
	if (!host || !mine) {
		err = -ENOMEM;
		goto out;
	}
	host->nent = CPUID_MAX;
	if (ioctl(m->kvm, KVM_GET_SUPPORTED_CPUID, host)) {
		err = -errno;
		goto out;
	}
	for (id = 0; id < m->cpu_cnt && !err; id++) {
		unsigned int n;

		n = cpu_build_cpuid(m, id, host->entries, host->nent, mine->entries, CPUID_MAX);
		mine->nent = m->ops->cpuid(m, mine->entries, n, CPUID_MAX);
		if (ioctl(m->vcpu[id].fd, KVM_SET_CPUID2, mine))
			err = -errno;
	}
out:
	free(host);
	free(mine);
	return err;
}

static int setup_controllers(struct machine *m)
{
	uint64_t ident = 0xfffbc000;
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	if (ioctl(m->fd, KVM_SET_TSS_ADDR, 0xfffbd000ul) ||
	    ioctl(m->fd, KVM_SET_IDENTITY_MAP_ADDR, &ident) ||
	    ioctl(m->fd, KVM_CREATE_IRQCHIP, 0) ||
	    ioctl(m->fd, KVM_CREATE_PIT2, &pit))
		return -errno;
	return 0;
}

void machine_init(struct machine *m, const struct machine_ops *ops)
{
	unsigned int i;

	pthread_mutex_init(&m->lock, NULL);
	m->ops = ops;
	m->kvm = m->fd = -1;
	for (i = 0; i < MACHINE_MAX_CPUS; i++) {
		m->vcpu[i].m = m;
		m->vcpu[i].id = i;
		m->vcpu[i].fd = -1;
	}
}

int machine_create(struct machine *m, unsigned int cpus, uint64_t ram_len,
		   const char *const *pmem, unsigned int pmem_cnt, char *err, size_t errlen)
{
	unsigned int i;
	int ret;

	m->cpu_cnt = cpus;
	m->ram_len = ram_len;
	m->end = MACHINE_RUNS;
	m->halt = false;
	m->kvm = open_kvm(err, errlen);
	if (m->kvm < 0)
		return m->kvm;
	m->run_bytes = ioctl(m->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	m->fd = ioctl(m->kvm, KVM_CREATE_VM, 0);
	if (m->fd < 0 || m->run_bytes < 0) {
		snprintf(err, errlen, "KVM cannot create a VM: %s", strerror(errno));
		return -ENOTSUP;
	}
	ret = add_ram(m);
	if (ret) {
		snprintf(err, errlen, "guest memory of %llu MB: %s",
			 (unsigned long long)ram_len >> 20, strerror(-ret));
		return ret;
	}
	for (i = 0; i < pmem_cnt; i++) {
		ret = add_pmem(m, pmem[i]);
		if (ret) {
			snprintf(err, errlen, "image %s: %s", pmem[i],
				 ret == -EINVAL ? "is empty" : strerror(-ret));
			return ret;
		}
	}
	ret = setup_controllers(m);
	for (i = 0; i < cpus && !ret; i++)
		ret = create_vcpu(m, i);
	if (!ret)
		ret = set_cpuid(m);
	if (ret)
		snprintf(err, errlen, "KVM set-up of %u vCPUs: %s", cpus, strerror(-ret));
	return ret;
}

void machine_destroy(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < MACHINE_MAX_CPUS; i++) {
		struct vcpu *v = &m->vcpu[i];

		if (v->run)
			munmap(v->run, m->run_bytes);
		if (v->fd >= 0)
			close(v->fd);
		v->run = NULL;
		v->fd = -1;
	}
	if (m->fd >= 0)
		close(m->fd);
	if (m->kvm >= 0)
		close(m->kvm);
	m->kvm = m->fd = -1;
	/* RAM in two ranges is one mapping: the second one's part goes by its own length. */
	for (i = 0; i < m->mem.cnt; i++)
		munmap(m->mem.range[i].host, m->mem.range[i].len);
	m->mem.cnt = 0;
	m->pmem_cnt = 0;
}

int machine_set_routing(struct machine *m, unsigned int sint)
{
	struct kvm_irq_routing *table;
	unsigned int n = 0, i;
	int ret;

	table = calloc(1, sizeof(*table) + 64 * sizeof(table->entries[0]));
	if (!table)
		return -ENOMEM;
	for (i = 0; i < 16; i++) {
		struct kvm_irq_routing_entry *e = &table->entries[n++];

		if (i == 2) {	/* the cascade */
			n--;
			continue;
		}
		e->gsi = i;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = i < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE;
		e->u.irqchip.pin = i & 7;
	}
	for (i = 0; i < MACHINE_IOAPIC_PINS; i++) {
		struct kvm_irq_routing_entry *e;

		if (i == 2)	/* GSI 0 goes to pin 2 (MADT override) */
			continue;
		e = &table->entries[n++];
		e->gsi = i;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
		e->u.irqchip.pin = i ? i : 2;
	}
	for (i = 0; i < m->cpu_cnt; i++) {
		struct kvm_irq_routing_entry *e = &table->entries[n++];

		e->gsi = MACHINE_SINT_GSI + i;
		e->type = KVM_IRQ_ROUTING_HV_SINT;
		e->u.hv_sint.vcpu = i;
		e->u.hv_sint.sint = sint;
	}
	table->nr = n;
	ret = ioctl(m->fd, KVM_SET_GSI_ROUTING, table) ? -errno : 0;
	free(table);
	return ret;
}

void machine_irq(struct machine *m, unsigned int gsi, bool level)
{
	struct kvm_irq_level l = { .irq = gsi, .level = level };

	ioctl(m->fd, KVM_IRQ_LINE, &l);
}

void machine_msi(struct machine *m, uint64_t addr, uint32_t data)
{
	struct kvm_msi msi = { .address_lo = (uint32_t)addr, .address_hi = addr >> 32,
			       .data = data };

	ioctl(m->fd, KVM_SIGNAL_MSI, &msi);
}

int machine_start(struct machine *m)
{
	unsigned int i;
	int ret;

	cpu_catch_kick();
	for (i = 0; i < m->cpu_cnt; i++) {
		ret = pthread_create(&m->vcpu[i].thread, NULL, cpu_thread, &m->vcpu[i]);
		if (ret)
			return -ret;
		m->vcpu[i].started = true;
	}
	return 0;
}

void machine_halt(struct machine *m)
{
	unsigned int i;

	pthread_mutex_lock(&m->lock);
	m->halt = true;
	pthread_mutex_unlock(&m->lock);
	for (i = 0; i < m->cpu_cnt; i++)
		if (m->vcpu[i].started) {
			cpu_kick(&m->vcpu[i]);
			pthread_join(m->vcpu[i].thread, NULL);
			m->vcpu[i].started = false;
		}
}
