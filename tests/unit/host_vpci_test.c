// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/vf.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/vm/mmio.c tests/host/fault/[a-z]*.c tests/host/vpci/[a-z]*.c tests/host/hv/hcpage.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests -Itests/host/vm */
/*
 * DOC: the virtual PCI bus: golden bytes of the sheet, every version, configuration
 * space, BAR, interrupts, and each rule broken once.
 */
#include "unit.h"
#include "base/violation.h"
#include "fake/vf.h"
#include "fault/fault.h"
#include "hv/hcall.h"
#include "vpci/vpci.h"

static struct vmbus *bus;
static struct vpci *b;
static struct pci p;
static unsigned int resets, ejections, gone;
static uint32_t reg, last_off;
static uint64_t msi_addr;
static uint32_t msi_data;
static unsigned int msis;

static uint32_t fn_read(void *priv, uint32_t off, unsigned int size)
{
	last_off = off;
	return reg;
}

static void fn_write(void *priv, uint32_t off, uint32_t val, unsigned int size)
{
	last_off = off;
	reg = val;
}

static void fn_reset(void *priv)
{
	resets++;
}

static void fn_ejected(void *priv)
{
	ejections++;
}

static void fn_gone(void *priv)
{
	gone++;
	b = NULL;
}

static const struct vpci_ops ops = { fn_read, fn_write, fn_reset, fn_ejected, fn_gone };

static void on_msi(uint64_t addr, uint32_t data)
{
	msi_addr = addr;
	msi_data = data;
	msis++;
}

static const struct vpci_cap caps[] = {
	{ 1, 0x0000, 0x38, false, 0 }, { 3, 0x200, 1, false, 0 }, { 4, 0x400, 0x40, false, 0 },
	{ 2, 0x1000, 0x100, true, 4 },
};

static void begin(void)
{
	const struct vpci_machine m = { .msi = on_msi, .vps = 4 };
	const struct vpci_params params = {
		.domain = 0x1234, .unit = 2, .serial = 1, .vendor = 0x1af4, .device = 0x1041,
		.subvendor = 0x1af4, .subdevice = 0x1100, .revision = 1, .base_class = 2,
		.vectors = 4, .cap = caps, .caps = 4,
	};

	violation_clear();
	resets = ejections = gone = msis = 0;
	vpci_init(&m);
	bus = fake_bus(4);
	b = vpci_offer(bus, &params, &ops, NULL);
}

static void end(void)
{
	EXPECT_EQ(violation_total(), 0);
	vpci_rescind(b);
	fake_bus_free(bus);
	EXPECT_EQ(gone, 1);
	EXPECT_EQ(fake_timers(), 0);
}

static bool up(uint32_t version)
{
	begin();
	return b && pci_open(&p, fake_channel(bus, 0), version) && pci_d0(&p);
}

static uint64_t noted(const char *name)
{
	uint64_t n = violation_count(name);

	if (n != violation_total())
		printf("# %s: %d of %d violations\n", name, (int)n, (int)violation_total());
	violation_clear();
	return n;
}

UNIT_TEST(first_exchange_has_the_golden_bytes)
{
	static const uint8_t query[24] = { 6, 0, 2, 0, 3, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0,
					   0x13, 0, 0x49, 0x42, 4, 0, 1, 0 };
	static const uint8_t done[24] = { 0xb, 0, 2, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
					  0, 0, 0, 0, 4, 0, 1, 0 };
	static const uint8_t relations[56] = {
		6, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x19, 0, 0x49, 0x42, 1, 0, 0, 0, 0xf4, 0x1a, 0x41, 0x10, 1, 0, 0, 2,
		0xf4, 0x1a, 0, 0x11, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	const uint32_t ask[1] = { PCI(0x01) };
	struct fake_packet *pkt;

	begin();
	p.ch = fake_channel(bus, 0);
	EXPECT_EQ(p.ch->p.instance.b[4] | p.ch->p.instance.b[5] << 8, 0x1234);
	EXPECT_EQ(fake_open(p.ch), 0);
	fake_put(p.ch, query, sizeof(query));
	fake_ring(p.ch);
	pkt = fake_get(p.ch);
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(pkt->len, sizeof(done));
	EXPECT_MEMEQ(pkt->b, done, sizeof(done));
	free(pkt);
	pci_put(&p, ask, 4, false);
	pkt = fake_get(p.ch);
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(pkt->len, sizeof(relations));
	EXPECT_MEMEQ(pkt->b, relations, sizeof(relations));
	free(pkt);
	end();
}

UNIT_TEST(every_version_comes_up_and_newer_ones_are_refused)
{
	uint32_t v;

	for (v = 0x10001; v <= 0x10004; v++) {
		struct fault f = { .nic = FAULT_ANY_NIC, .count = 0, .value = v, .has_value = true };
		uint32_t ask[2] = { PCI(0x13), 0x10005 };

		begin();
		fault_set(&f, "vpci.version");
		p.ch = fake_channel(bus, 0);
		fake_open(p.ch);
		EXPECT_EQ(pci_status(&p, ask, 8), 0xC0000059);
		for (ask[1] = 0x10004; ask[1] > v; ask[1]--)
			EXPECT_EQ(pci_status(&p, ask, 8), 0xC0000059);
		EXPECT_EQ(pci_status(&p, ask, 8), 0);
		p.version = v;
		EXPECT_TRUE(pci_d0(&p));
		EXPECT_EQ(pci_config(0, 4), 0x10411af4);
		fault_clear(NULL, FAULT_ANY_NIC);
		pci_leave(&p);
		EXPECT_EQ(resets, 1);
		end();
	}
}

UNIT_TEST(configuration_space)
{
	ASSERT_TRUE(up(0x10004));
	EXPECT_EQ(pci_config(0, 2), 0x1af4);
	EXPECT_EQ(pci_config(6, 2), 0x10);
	EXPECT_EQ(pci_config(0x0e, 1), 0);
	EXPECT_EQ(pci_config(0x34, 1), 0x40);
	EXPECT_EQ(pci_config(0x40, 4), 0x00035011);
	EXPECT_EQ(pci_config(0x44, 4), 0x4000);
	EXPECT_EQ(pci_config(0x48, 4), 0x6000);
	EXPECT_EQ(pci_config(0x50, 4), 0x01106009);
	EXPECT_EQ(pci_config(0x5c, 4), 0x38);
	EXPECT_EQ(pci_config(0x60, 4), 0x03107009);
	EXPECT_EQ(pci_config(0x70, 4), 0x04108009);
	EXPECT_EQ(pci_config(0x80, 4), 0x02140009);
	EXPECT_EQ(pci_config(0x90, 4), 4);
	EXPECT_EQ(pci_config(0x100, 4), 0);	/* no extended capabilities */
	pci_config_set(0, 0xffffffff, 4);
	pci_config_set(0x2c, 0xffffffff, 4);
	pci_config_set(0x40, 0xffffffff, 4);
	EXPECT_EQ(pci_config(0, 4), 0x10411af4);
	EXPECT_EQ(pci_config(0x40, 4), 0x00035011);
	pci_config_set(4, 0xffff, 2);
	EXPECT_EQ(pci_config(4, 2), 0x0406);
	pci_config_set(4, 0, 2);
	pci_config_set(0x10, 0xffffffff, 4);
	pci_config_set(0x14, 0xffffffff, 4);
	EXPECT_EQ(pci_config(0x10, 4), 0xffff8004);
	EXPECT_EQ(pci_config(0x14, 4), 0xffffffff);
	EXPECT_EQ(pci_config(0x18, 4), 0);
	pci_write(PCI_WINDOW, 1, 4);		/* no such slot */
	EXPECT_EQ(pci_read(PCI_WINDOW + 0x1000, 4), 0xffffffff);
	end();
}

UNIT_TEST(bar_answers_where_it_is_and_only_while_decoded)
{
	ASSERT_TRUE(up(0x10004));
	pci_write(PCI_BAR + 0x14, 5, 1);
	EXPECT_EQ(last_off, 0x14);
	EXPECT_EQ(pci_read(PCI_BAR + 0x14, 1), 5);
	pci_config_set(4, 4, 2);
	EXPECT_EQ(pci_read(PCI_BAR + 0x14, 1), 0xff);
	pci_config_set(0x14, 0x11, 4);
	pci_config_set(4, 6, 2);
	EXPECT_EQ(pci_read(PCI_BAR + 0x14, 1), 0xff);
	EXPECT_EQ(pci_read(0x1100000014ull, 1), 5);
	EXPECT_EQ(pci_read(0x1100008000ull, 1), 0xff);
	pci_leave(&p);
	EXPECT_EQ(pci_read(0x1100000014ull, 1), 0xff);
	EXPECT_EQ(pci_read(PCI_WINDOW + 0x1000, 4), 0xffffffff);
	end();
}

UNIT_TEST(interrupts_are_masked_pend_and_fire)
{
	uint64_t entry = PCI_BAR + 0x4010;

	ASSERT_TRUE(up(0x10004));
	vpci_interrupt(b, 1);		/* MSI-X is off */
	EXPECT_GT(pci_interrupt(&p, 1, 0x21, 2), 0);
	EXPECT_EQ(msis, 0);
	vpci_interrupt(b, 1);
	EXPECT_EQ(msis, 1);
	EXPECT_EQ(msi_addr, 0xfee02000);
	EXPECT_EQ(msi_data, 0x21);
	pci_write(entry + 12, 1, 4);
	vpci_interrupt(b, 1);
	EXPECT_EQ(msis, 1);
	EXPECT_EQ(pci_read(PCI_BAR + 0x6000, 4), 2);
	pci_write(entry + 12, 0, 4);
	EXPECT_EQ(msis, 2);
	EXPECT_EQ(pci_read(PCI_BAR + 0x6000, 4), 0);
	pci_config_set(0x42, 0xc000, 2);
	vpci_interrupt(b, 1);
	EXPECT_EQ(msis, 2);
	pci_config_set(0x42, 0x8000, 2);
	EXPECT_EQ(msis, 3);
	vpci_interrupt(b, 4);		/* there are four, 0 to 3 */
	vpci_interrupt(b, 0);		/* masked since power-on */
	EXPECT_EQ(msis, 3);
	end();
}

static bool delete(uint32_t data, uint64_t addr)
{
	uint8_t msg[24] = { 0x15, 0, 0x49, 0x42 };

	msg[10] = 1;
	memcpy(msg + 12, &data, 4);
	memcpy(msg + 16, &addr, 8);
	pci_put(&p, msg, sizeof(msg), false);
	return !violation_total();
}

UNIT_TEST(deleted_interrupts_do_not_fire)
{
	uint32_t data;

	ASSERT_TRUE(up(0x10004));
	data = pci_interrupt(&p, 0, 0xef, 0);
	EXPECT_TRUE(delete(data, 0xfee00000));
	vpci_interrupt(b, 0);
	EXPECT_EQ(msis, 0);
	EXPECT_FALSE(delete(data, 0xfee00000));
	EXPECT_EQ(noted("vpci.interrupt.delete"), 1);
	end();
}

UNIT_TEST(older_create_messages)
{
	uint8_t one[24] = { 0x14, 0, 0x49, 0x42 }, two[78] = { 0x17, 0, 0x49, 0x42 };
	struct fake_packet *pkt;

	ASSERT_TRUE(up(0x10002));
	one[8] = 0x31;
	one[10] = 1;
	memset(one + 16, 0xff, 8);
	pkt = pci_ask(&p, one, sizeof(one));
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(pkt->len, 40);
	EXPECT_EQ(fp32(pkt, 16), 0);
	EXPECT_EQ(fp16(pkt, 26), 1);
	EXPECT_EQ(fp32(pkt, 32), 0xfee00000);
	free(pkt);
	two[8] = 0x32;
	two[10] = 1;
	two[12] = 1;
	two[14] = 3;
	pkt = pci_ask(&p, two, sizeof(two));
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(fp32(pkt, 32), 0xfee03000);
	free(pkt);
	end();
}

UNIT_TEST(interrupts_that_cannot_be)
{
	static const struct { uint8_t at, val; } t[] = {
		{ 4, 1 }, { 8, 3 }, { 9, 1 }, { 12, 1 }, { 14, 2 }, { 18, 4 },
	};
	unsigned int i;

	ASSERT_TRUE(up(0x10004));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t msg[82] = { 0x1b, 0, 0x49, 0x42 };

		msg[8] = 0x21;
		msg[14] = 1;
		msg[16] = 1;
		msg[t[i].at] = t[i].val;
		EXPECT_EQ(pci_status(&p, msg, sizeof(msg)), 0xc0000001);
		EXPECT_GE(violation_count("vpci.interrupt.create"), 1);
		violation_clear();
	}
	for (i = 0; i < 64; i++)
		EXPECT_GT(pci_interrupt(&p, 0, 0x21, 0), 0);
	EXPECT_EQ(pci_interrupt(&p, 0, 0x21, 0), 0);
	EXPECT_EQ(noted("vpci.interrupt.create"), 1);
	end();
}

static uint64_t retarget(uint32_t data, uint32_t vector, uint32_t flags, uint64_t mask,
			 uint64_t banks, uint64_t bank0)
{
	uint8_t block[72] = { 0 };
	uint64_t words[3] = { mask, banks, bank0 }, id = 0x12345650;
	uint32_t addr = 0xfee00000, msi = 1;

	memset(block, 0xff, 8);
	memcpy(block + 8, &id, 8);
	memcpy(block + 16, &msi, 4);
	memcpy(block + 24, &addr, 4);
	memcpy(block + 28, &data, 4);
	memcpy(block + 40, &vector, 4);
	memcpy(block + 44, &flags, 4);
	memcpy(block + 48, words, 24);
	return vpci_retarget(HCALL_RETARGET, block, sizeof(block));
}

UNIT_TEST(retarget_moves_an_interrupt)
{
	uint32_t data;

	ASSERT_TRUE(up(0x10004));
	data = pci_interrupt(&p, 0, 0x21, 0);
	/* The device id as the guest makes it: b5 b4 b7 and the upper bits of b6. */
	EXPECT_EQ(p.ch->p.instance.b[7] << 8 | (p.ch->p.instance.b[6] & 0xf8), 0x5650);
	EXPECT_EQ(retarget(data, 0x44, 2, 0, 1, 0x0c), 0);
	vpci_interrupt(b, 0);
	EXPECT_EQ(msi_addr, 0xfee02000);
	EXPECT_EQ(msi_data, 0x44);
	EXPECT_EQ(retarget(data, 0x45, 0, 2, 0, 0), 0);
	vpci_interrupt(b, 0);
	EXPECT_EQ(msi_addr, 0xfee01000);
	EXPECT_EQ(msi_data, 0x45);
	EXPECT_TRUE(delete(data, 0xfee00000));
	end();
}

UNIT_TEST(retarget_of_what_is_not_there)
{
	uint8_t block[56] = { 0 };
	uint32_t data;

	ASSERT_TRUE(up(0x10004));
	data = pci_interrupt(&p, 0, 0x21, 0);
	EXPECT_EQ(retarget(data + 1, 0x44, 0, 1, 0, 0), 5);
	EXPECT_EQ(retarget(data, 0x04, 0, 1, 0, 0), 5);
	EXPECT_EQ(retarget(data, 0x144, 0, 1, 0, 0), 5);
	EXPECT_EQ(retarget(data, 0x44, 0, 0, 0, 0), 5);
	EXPECT_EQ(retarget(data, 0x44, 0, 0x10, 0, 0), 5);
	EXPECT_EQ(retarget(data, 0x44, 2, 1, 1, 1), 5);		/* not sparse */
	EXPECT_EQ(retarget(data, 0x44, 2, 0, 3, 0), 5);		/* second bank is cut */
	EXPECT_EQ(retarget(data, 0x44, 2, 0, 2, 1), 5);		/* VP 64 */
	EXPECT_EQ(vpci_retarget(HCALL_RETARGET, block, 16), 5);
	EXPECT_EQ(noted("vpci.retarget"), 9);
	end();
}

UNIT_TEST(eject_and_relations)
{
	const uint32_t done[3] = { PCI(0x0f), 0, 0 };
	struct fake_packet *pkt;

	begin();
	EXPECT_FALSE(vpci_eject(b));
	EXPECT_FALSE(vpci_relations(b, true));
	end();
	ASSERT_TRUE(up(0x10004));
	pci_put(&p, done, sizeof(done), false);
	EXPECT_EQ(noted("vpci.eject"), 1);
	EXPECT_EQ(ejections, 0);
	EXPECT_TRUE(vpci_eject(b));
	pkt = fake_get(p.ch);
	ASSERT_NOT_NULL(pkt);
	EXPECT_EQ(pkt->len, 24);
	EXPECT_EQ(fp32(pkt, 16), PCI(0x0b));
	free(pkt);
	pci_put(&p, done, sizeof(done), false);
	EXPECT_EQ(ejections, 1);
	EXPECT_EQ(pci_config(0, 4), 0xffffffff);
	EXPECT_TRUE(vpci_relations(b, false));
	pkt = fake_get(p.ch);
	EXPECT_EQ(fp32(pkt, 20), 0);
	EXPECT_EQ(pkt->len, 24);
	free(pkt);
	EXPECT_TRUE(vpci_relations(b, true));
	EXPECT_EQ(pci_config(0, 4), 0x10411af4);
	end();
}

UNIT_TEST(rescind_takes_window_and_bar_away)
{
	struct vmbus_channel *ch;

	ASSERT_TRUE(up(0x10004));
	ch = p.ch;
	vpci_rescind(b);
	EXPECT_EQ(resets, 1);
	EXPECT_EQ(pci_read(PCI_WINDOW + 0x1000, 4), 0xffffffff);
	EXPECT_EQ(pci_read(PCI_BAR, 4), 0xffffffff);
	fake_release(ch);
	EXPECT_EQ(gone, 1);
	fake_bus_free(bus);
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(d0_can_be_refused_left_and_entered_again)
{
	const uint32_t entry[4] = { PCI(0x07), 0, (uint32_t)PCI_WINDOW, 0 }, leave[1] = { PCI(0x08) };
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1 };

	begin();
	ASSERT_TRUE(pci_open(&p, fake_channel(bus, 0), 0x10004));
	fault_set(&f, "vpci.d0_refuse");
	EXPECT_EQ(pci_status(&p, entry, 16), 0xc0000001);
	fault_clear(NULL, FAULT_ANY_NIC);
	EXPECT_EQ(pci_status(&p, leave, 4), 0);
	EXPECT_EQ(pci_status(&p, entry, 16), 0);
	EXPECT_EQ(pci_status(&p, entry, 16), 0xc0000001);
	EXPECT_EQ(pci_status(&p, leave, 4), 0);
	EXPECT_TRUE(pci_d0(&p));
	end();
}

UNIT_TEST(windows_that_cannot_be)
{
	uint32_t entry[4] = { PCI(0x07), 0, 0x80000, 0 };

	begin();
	ASSERT_TRUE(pci_open(&p, fake_channel(bus, 0), 0x10004));
	EXPECT_EQ(pci_status(&p, entry, 16), 0xc0000001);
	entry[2] = 0xE0000100;
	EXPECT_EQ(pci_status(&p, entry, 16), 0xc0000001);
	EXPECT_EQ(noted("vpci.window"), 2);
	end();
}

UNIT_TEST(rules_of_messages)
{
	const uint32_t slot[2] = { PCI(0x05), 1 }, version[2] = { PCI(0x13), 0x10004 };
	const uint32_t unknown[2] = { PCI(0x1c), 0 }, relations[1] = { PCI(0x01) };
	uint8_t raw[24] = { 11, 0, 2, 0, 3, 0, 0, 0 };

	begin();
	p.ch = fake_channel(bus, 0);
	fake_open(p.ch);
	pci_put(&p, relations, 4, false);
	EXPECT_EQ(noted("vpci.message.order"), 1);
	EXPECT_EQ(fake_waiting(p.ch), 0);
	EXPECT_EQ(pci_status(&p, slot, 8), 0xc00000bb);
	EXPECT_EQ(noted("vpci.message.order"), 1);
	EXPECT_EQ(pci_status(&p, version, 8), 0);
	EXPECT_EQ(pci_status(&p, version, 8), 0xc00000bb);
	EXPECT_EQ(noted("vpci.message.order"), 1);
	EXPECT_EQ(pci_status(&p, slot, 8), 0xc0000001);
	EXPECT_EQ(noted("vpci.slot"), 1);
	EXPECT_EQ(pci_status(&p, unknown, 8), 0xc00000bb);
	EXPECT_EQ(noted("vpci.message.unknown"), 1);
	pci_put(&p, slot, 8, false);
	EXPECT_EQ(noted("vpci.message.no_completion_flag"), 1);
	EXPECT_EQ(pci_status(&p, (uint32_t[2]){ PCI(0x07), 0 }, 8), 0xc00000bb);
	EXPECT_EQ(noted("vpci.message.short"), 1);
	fake_put(p.ch, raw, sizeof(raw));
	fake_ring(p.ch);
	EXPECT_EQ(noted("vpci.packet"), 1);
	end();
}

UNIT_TEST(answers_wait_for_room)
{
	const uint32_t resources[2] = { PCI(0x05), 0 };
	unsigned int i;

	ASSERT_TRUE(up(0x10004));
	p.ch->room = 0;
	for (i = 0; i < 20; i++)
		pci_put(&p, resources, 8, true);
	EXPECT_EQ(fake_waiting(p.ch), 0);
	p.ch->room = 1000;
	fake_ring(p.ch);
	EXPECT_EQ(fake_waiting(p.ch), 20);
	end();
}

UNIT_TEST(hypercall_page_gets_its_code_once)
{
	static const uint8_t code[20] = { 0x66, 0x83, 0xf9, 0x7e, 0x74, 0x0b, 0x66, 0x81, 0xf9, 0xdb,
					  0x00, 0x74, 0x04, 0x0f, 0x01, 0xd9, 0xc3, 0xe6, 0xe7, 0xc3 };
	uint8_t page[64] __attribute__((aligned(8))) = { 0x0f, 0x01, 0xd9, 0xc3 };
	uint8_t before[64];

	EXPECT_EQ(hcall_code(page), 0);
	EXPECT_EQ(page[0], 0xeb);
	EXPECT_EQ(page[1], 14);		/* from behind the jump to 16 */
	EXPECT_EQ(page[3], 0xc3);	/* a call that is under way returns */
	EXPECT_MEMEQ(page + 16, code, sizeof(code));
	memcpy(before, page, sizeof(page));
	EXPECT_EQ(hcall_code(page), 0);
	EXPECT_MEMEQ(page, before, sizeof(page));
	memcpy(page, "\x0f\x01\xc1\xc3", 4);
	EXPECT_EQ(hcall_code(page), 0);
	EXPECT_EQ(page[31], 0xc1);
	memset(page, 0x90, sizeof(page));
	memcpy(before, page, sizeof(page));
	EXPECT_LT(hcall_code(page), 0);
	EXPECT_MEMEQ(page, before, sizeof(page));
}

UNIT_MAIN()
