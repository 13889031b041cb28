// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: acpi - RSDP, XSDT, FACP, FACS, MADT and a hand-made DSDT (vmbus-host.md D.3).
 *
 * What hv_vmbus needs of it: the VMBUS device, and above it a module device whose
 * _CRS names the MMIO windows that vPCI allocates from.
 */
#include "boot.h"

#include <stddef.h>
#include <string.h>

#define TABLES_GPA	0xe0000ull
#define TABLES_MAX	0x4000

struct blob {
	uint8_t b[TABLES_MAX];
	size_t len;
};

static void put(struct blob *o, const void *bytes, size_t len)
{
	if (o->len + len <= sizeof(o->b)) {
		memcpy(o->b + o->len, bytes, len);
		o->len += len;
	}
}

static void put8(struct blob *o, uint8_t v) { put(o, &v, 1); }
static void put16(struct blob *o, uint16_t v) { put(o, &v, 2); }
static void put32(struct blob *o, uint32_t v) { put(o, &v, 4); }
static void put64(struct blob *o, uint64_t v) { put(o, &v, 8); }

static void set(struct blob *o, size_t off, const void *bytes, size_t len)
{
	memcpy(o->b + off, bytes, len);
}

/* Table header; length and checksum come with seal(). */
static void header(struct blob *o, const char *sig, uint8_t revision)
{
	o->len = 0;
	put(o, sig, 4);
	put32(o, 0);
	put8(o, revision);
	put8(o, 0);
	put(o, "HVHOST", 6);
	put(o, "HVHOSTVM", 8);
	put32(o, 1);
	put(o, "HVH ", 4);
	put32(o, 1);
}

static uint8_t checksum(const uint8_t *b, size_t len)
{
	uint8_t sum = 0;

	while (len--)
		sum += *b++;
	return -sum;
}

static void seal(struct blob *o)
{
	uint32_t len = o->len;

	set(o, 4, &len, 4);
	o->b[9] = 0;
	o->b[9] = checksum(o->b, o->len);
}

/* ---- AML ---- */

#define AML_NAME	0x08
#define AML_BYTE	0x0a
#define AML_STRING	0x0d
#define AML_SCOPE	0x10
#define AML_BUFFER	0x11
#define AML_PACKAGE	0x12
#define AML_DWORD	0x0c
#define AML_EXT		0x5b
#define AML_DEVICE	0x82

/* Bodies are built first; a package length always takes three bytes here. */
static void put_pkg(struct blob *o, const struct blob *body)
{
	uint32_t len = body->len + 3;

	put8(o, 0x80 | (len & 0x0f));
	put8(o, len >> 4);
	put8(o, len >> 12);
	put(o, body->b, body->len);
}

static void name_string(struct blob *o, const char *name, const char *value)
{
	put8(o, AML_NAME);
	put(o, name, 4);
	put8(o, AML_STRING);
	put(o, value, strlen(value) + 1);
}

static void name_byte(struct blob *o, const char *name, uint8_t value)
{
	put8(o, AML_NAME);
	put(o, name, 4);
	put8(o, AML_BYTE);
	put8(o, value);
}

/* Compressed EISA id, as "PNP0501". */
static void name_eisaid(struct blob *o, const char *name, const char *id)
{
	static const char hexd[] = "0123456789ABCDEF";
	uint8_t d[4], v[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		d[i] = strchr(hexd, id[3 + i]) - hexd;
	v[0] = (id[0] - 0x40) << 2 | (id[1] - 0x40) >> 3;
	v[1] = ((id[1] - 0x40) & 7) << 5 | (id[2] - 0x40);
	v[2] = d[0] << 4 | d[1];
	v[3] = d[2] << 4 | d[3];
	put8(o, AML_NAME);
	put(o, name, 4);
	put8(o, AML_DWORD);
	put(o, v, 4);
}

static void name_crs(struct blob *o, const struct blob *res)
{
	static struct blob body;

	body.len = 0;
	put8(&body, AML_BYTE);
	put8(&body, res->len + 2);
	put(&body, res->b, res->len);
	put8(&body, 0x79);	/* end tag */
	put8(&body, 0);
	put8(o, AML_NAME);
	put(o, "_CRS", 4);
	put8(o, AML_BUFFER);
	put_pkg(o, &body);
}

static void device(struct blob *o, const char *name, const struct blob *inside)
{
	static struct blob body;

	body.len = 0;
	put(&body, name, 4);
	put(&body, inside->b, inside->len);
	put8(o, AML_EXT);
	put8(o, AML_DEVICE);
	put_pkg(o, &body);
}

static void res_irq(struct blob *o, unsigned int irq)
{
	put8(o, 0x22);
	put16(o, 1 << irq);
}

static void res_io(struct blob *o, uint16_t port, uint8_t len)
{
	put8(o, 0x47);
	put8(o, 1);
	put16(o, port);
	put16(o, port);
	put8(o, 1);
	put8(o, len);
}

static void res_dword_memory(struct blob *o, uint32_t base, uint32_t len)
{
	put8(o, 0x87);
	put16(o, 23);
	put8(o, 0);		/* memory */
	put8(o, 0x0c);		/* fixed ends */
	put8(o, 0x01);		/* read-write */
	put32(o, 0);
	put32(o, base);
	put32(o, base + len - 1);
	put32(o, 0);
	put32(o, len);
}

static void res_qword_memory(struct blob *o, uint64_t base, uint64_t len)
{
	put8(o, 0x8a);
	put16(o, 43);
	put8(o, 0);
	put8(o, 0x0c);
	put8(o, 0x01);
	put64(o, 0);
	put64(o, base);
	put64(o, base + len - 1);
	put64(o, 0);
	put64(o, len);
}

static void serial_port(struct blob *o, const char *name, uint8_t uid, uint16_t port,
			unsigned int irq)
{
	static struct blob in, res;

	in.len = 0;
	res.len = 0;
	name_eisaid(&in, "_HID", "PNP0501");
	name_byte(&in, "_UID", uid);
	res_io(&res, port, 8);
	res_irq(&res, irq);
	name_crs(&in, &res);
	device(o, name, &in);
}

static void vmbus_device(struct blob *o)
{
	static struct blob bus, module, res;

	bus.len = module.len = res.len = 0;
	name_string(&bus, "_HID", "VMBUS");
	name_byte(&bus, "_UID", 0);
	name_byte(&bus, "_STA", 15);
	res_irq(&res, 5);
	name_crs(&bus, &res);

	name_string(&module, "_HID", "ACPI0004");
	name_byte(&module, "_UID", 0);
	res.len = 0;
	res_dword_memory(&res, MACHINE_MMIO_LOW, MACHINE_MMIO_LOW_LEN);
	res_qword_memory(&res, MACHINE_MMIO_HIGH, MACHINE_MMIO_HIGH_LEN);
	name_crs(&module, &res);
	device(&module, "VMBS", &bus);
	device(o, "VMOD", &module);
}

static void build_dsdt(struct blob *o)
{
	static const uint8_t s5[] = { AML_NAME, '_', 'S', '5', '_', AML_PACKAGE, 10, 4,
				      AML_BYTE, 5, AML_BYTE, 5, AML_BYTE, 0, AML_BYTE, 0 };
	static struct blob scope;

	scope.len = 0;
	put(&scope, "\\_SB_", 5);
	vmbus_device(&scope);
	serial_port(&scope, "COM1", 0, 0x3f8, 4);
	serial_port(&scope, "COM2", 1, 0x2f8, 3);
	serial_port(&scope, "COM3", 2, 0x3e8, 10);

	header(o, "DSDT", 2);
	put8(o, AML_SCOPE);
	put_pkg(o, &scope);
	put(o, s5, sizeof(s5));
	seal(o);
}

static void build_madt(struct blob *o, unsigned int cpus)
{
	unsigned int i;

	header(o, "APIC", 4);
	put32(o, 0xfee00000);
	put32(o, 1);
	for (i = 0; i < cpus; i++) {
		put8(o, 0);
		put8(o, 8);
		put8(o, i);
		put8(o, i);
		put32(o, 1);
	}
	put8(o, 1);		/* IOAPIC */
	put8(o, 12);
	put8(o, 0);
	put8(o, 0);
	put32(o, 0xfec00000);
	put32(o, 0);
	put(o, (const uint8_t[]){ 2, 10, 0, 0, 2, 0, 0, 0, 0, 0 }, 10);		/* IRQ0 -> GSI 2 */
	put(o, (const uint8_t[]){ 2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0 }, 10);	/* IRQ9 level, high */
	put(o, (const uint8_t[]){ 4, 6, 0xff, 0, 0, 1 }, 6);			/* LINT1 NMI */
	seal(o);
}

static void gas(struct blob *o, size_t off, uint8_t bits, uint64_t addr)
{
	uint8_t g[12] = { 1, bits, 0, (uint8_t)(bits == 8 ? 1 : 2) };

	memcpy(g + 4, &addr, 8);
	set(o, off, g, 12);
}

static void build_facp(struct blob *o, uint64_t facs, uint64_t dsdt)
{
	const uint32_t facs32 = facs, dsdt32 = dsdt, flags = 0x435, event = 0x600, control = 0x604;
	const uint16_t sci = 9, never = 0xffff, boot = 0x14;	/* no VGA, no ASPM */

	header(o, "FACP", 6);
	memset(o->b + o->len, 0, 276 - o->len);
	o->len = 276;
	set(o, 36, &facs32, 4);
	set(o, 40, &dsdt32, 4);
	set(o, 46, &sci, 2);
	set(o, 56, &event, 4);
	set(o, 64, &control, 4);
	o->b[88] = 4;
	o->b[89] = 2;
	set(o, 96, &never, 2);
	set(o, 98, &never, 2);
	set(o, 109, &boot, 2);
	set(o, 112, &flags, 4);
	gas(o, 116, 8, 0x64);
	o->b[128] = 0xfe;
	set(o, 132, &facs, 8);
	set(o, 140, &dsdt, 8);
	gas(o, 148, 32, 0x600);
	gas(o, 172, 16, 0x604);
	seal(o);
}

/* Places one table; returns its guest address and moves *at on. */
static uint64_t place(struct machine *m, uint64_t *at, const struct blob *t)
{
	uint64_t gpa = *at;

	gmem_write(&m->mem, gpa, t->b, t->len);
	*at = (gpa + t->len + 63) & ~63ull;
	return gpa;
}

uint64_t acpi_build(struct machine *m)
{
	static struct blob t;
	uint64_t at = TABLES_GPA + 64, facs, dsdt, facp, madt, xsdt;

	t.len = 0;
	put(&t, "FACS", 4);
	put32(&t, 64);
	memset(t.b + t.len, 0, 64 - t.len);
	t.b[32] = 2;
	t.len = 64;
	facs = place(m, &at, &t);
	build_dsdt(&t);
	dsdt = place(m, &at, &t);
	build_facp(&t, facs, dsdt);
	facp = place(m, &at, &t);
	build_madt(&t, m->cpu_cnt);
	madt = place(m, &at, &t);
	header(&t, "XSDT", 1);
	put64(&t, facp);
	put64(&t, madt);
	seal(&t);
	xsdt = place(m, &at, &t);

	t.len = 0;
	put(&t, "RSD PTR ", 8);
	put8(&t, 0);
	put(&t, "HVHOST", 6);
	put8(&t, 2);
	put32(&t, 0);
	put32(&t, 36);
	put64(&t, xsdt);
	put32(&t, 0);
	t.b[8] = checksum(t.b, 20);
	t.b[32] = checksum(t.b, 36);
	return gmem_write(&m->mem, TABLES_GPA, t.b, t.len) ? 0 : TABLES_GPA;
}
