// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: pio - see pio.h (vmbus-host.md D.4). Machine lock held throughout.
 */
#include "pio.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define PM1_EVENT	0x600
#define PM1_CONTROL	0x604

static struct pio_range ranges[16];
static unsigned int range_cnt;

int pio_register(const struct pio_range *r)
{
	if (range_cnt == sizeof(ranges) / sizeof(ranges[0]))
		return -ENOSPC;
	ranges[range_cnt++] = *r;
	return 0;
}

static const struct pio_range *find(uint16_t port)
{
	unsigned int i;

	for (i = 0; i < range_cnt; i++)
		if (port >= ranges[i].first && port - ranges[i].first < ranges[i].cnt)
			return &ranges[i];
	return NULL;
}

void pio_exit(struct vcpu *v)
{
	uint8_t *data = (uint8_t *)v->run + v->run->io.data_offset;
	unsigned int size = v->run->io.size, i;
	uint16_t port = v->run->io.port;
	const struct pio_range *r = find(port);

	for (i = 0; i < v->run->io.count; i++, data += size) {
		uint32_t val = 0xffffffff;

		if (v->run->io.direction == KVM_EXIT_IO_OUT) {
			val = 0;
			memcpy(&val, data, size);
			if (r && r->write)
				r->write(r->priv, port - r->first, val, size);
		} else {
			if (r && r->read)
				val = r->read(r->priv, port - r->first, size);
			memcpy(data, &val, size);
		}
	}
}

/* ---- ACPI PM1a: status and enable at 0..3, control at 4..5 ---- */

static uint16_t pm1_enable, cmos_index;

static uint32_t pm_read(void *priv, uint16_t off, unsigned int size)
{
	(void)priv;
	if (off >= 4)
		return off == 4 ? 1 : 0;	/* SCI_EN */
	if (off == 0 && size == 4)
		return (uint32_t)pm1_enable << 16;
	return off == 2 ? pm1_enable : 0;
}

static void pm_write(void *priv, uint16_t off, uint32_t val, unsigned int size)
{
	struct machine *m = priv;

	(void)size;
	if (off == 2)
		pm1_enable = val;
	if (off == 4 && val & 1 << 13 && ((val >> 10) & 7) == 5)
		machine_stop(m, MACHINE_POWERED_OFF);
}

static void kbd_write(void *priv, uint16_t off, uint32_t val, unsigned int size)
{
	(void)off;
	(void)size;
	if (val == 0xfe)
		machine_stop(priv, MACHINE_RESET);
}

static uint32_t port61_read(void *priv, uint16_t off, unsigned int size)
{
	(void)priv;
	(void)off;
	(void)size;
	return 0x20;
}

static uint8_t bcd(int n)
{
	return n / 10 << 4 | n % 10;
}

static uint32_t cmos_read(void *priv, uint16_t off, unsigned int size)
{
	time_t now = time(NULL);
	struct tm t;

	(void)priv;
	(void)size;
	if (!off)
		return 0xff;
	gmtime_r(&now, &t);
	switch (cmos_index & 0x7f) {
	case 0x00: return bcd(t.tm_sec);
	case 0x02: return bcd(t.tm_min);
	case 0x04: return bcd(t.tm_hour);
	case 0x06: return bcd(t.tm_wday + 1);
	case 0x07: return bcd(t.tm_mday);
	case 0x08: return bcd(t.tm_mon + 1);
	case 0x09: return bcd(t.tm_year % 100);
	case 0x0a: return 0x26;
	case 0x0b: return 0x02;		/* 24 hours, BCD */
	case 0x0d: return 0x80;
	case 0x32: return bcd(19 + t.tm_year / 100);
	default: return 0;
	}
}

static void cmos_write(void *priv, uint16_t off, uint32_t val, unsigned int size)
{
	(void)priv;
	(void)size;
	if (!off)
		cmos_index = val;
}

int pio_board(struct machine *m)
{
	const struct pio_range board[] = {
		{ 0x061, 1, port61_read, NULL, m },
		{ 0x064, 1, NULL, kbd_write, m },
		{ 0x070, 2, cmos_read, cmos_write, m },
		{ PM1_EVENT, 6, pm_read, pm_write, m },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < sizeof(board) / sizeof(board[0]) && !err; i++)
		err = pio_register(&board[i]);
	return err;
}
