// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/vm/uart.c */
/* CFLAGS: -Itests/host/vm */
/*
 * DOC: the serial port as Linux' 8250 driver finds, probes and uses it. The machine's
 * side (port table, interrupt line) is played here.
 */
#include "machine.h"
#include "pio.h"
#include "uart.h"
#include "unit.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static struct pio_range port;
static bool line;
static unsigned int edges;
static char sent[256];

int pio_register(const struct pio_range *r)
{
	port = *r;
	return 0;
}

void machine_irq(struct machine *m, unsigned int gsi, bool level)
{
	EXPECT_EQ(gsi, 4);
	edges += level && !line;
	line = level;
}

static void take(void *priv, const uint8_t *bytes, size_t len)
{
	strncat(sent, (const char *)bytes, len);
}

static uint8_t in(unsigned int reg)
{
	return (uint8_t)port.read(port.priv, (uint16_t)reg, 1);
}

static void out(unsigned int reg, uint8_t val)
{
	port.write(port.priv, (uint16_t)reg, val, 1);
}

static struct uart *begin(void)
{
	static struct uart *u;

	if (!u)
		u = uart_create(NULL, 0x3f8, 4, take, NULL);
	uart_hold(u, false);
	uart_reset(u);
	line = false;
	edges = 0;
	*sent = 0;
	return u;
}

UNIT_TEST(sits_at_its_eight_ports)
{
	begin();
	EXPECT_EQ(port.first, 0x3f8);
	EXPECT_EQ(port.cnt, 8);
}

UNIT_TEST(autodetection_finds_a_16550a)
{
	begin();
	out(SCR, 0x5a);
	EXPECT_EQ(in(SCR), 0x5a);
	out(IER, 0x0f);
	EXPECT_EQ(in(IER), 0x0f);
	out(IER, 0);
	EXPECT_EQ(in(IER), 0);
	out(MCR, 0x10 | 0x0a);		/* loop, RTS and OUT2 */
	EXPECT_EQ(in(MSR) & 0xf0, 0x90);	/* CTS and DCD */
	out(MCR, 0);
	EXPECT_EQ(in(MSR), 0xb0);
	out(IIR, 1);
	EXPECT_EQ(in(IIR) >> 6, 3);
	out(LCR, 0x80);
	out(RBR, 1);
	out(IER, 2);
	EXPECT_EQ(in(RBR), 1);
	EXPECT_EQ(in(IER), 2);
	out(LCR, 3);
	EXPECT_EQ(in(IER), 0);
	EXPECT_STREQ(sent, "");
}

UNIT_TEST(loopback_brings_bytes_back)
{
	begin();
	out(MCR, 0x10);
	out(RBR, 'x');
	EXPECT_EQ(in(LSR) & 1, 1);
	EXPECT_EQ(in(RBR), 'x');
	EXPECT_EQ(in(LSR) & 1, 0);
	EXPECT_STREQ(sent, "");
}

UNIT_TEST(one_interrupt_lets_sixteen_bytes_out)
{
	unsigned int i;

	begin();
	out(IIR, 1);
	out(IER, 2);
	EXPECT_TRUE(line);
	EXPECT_EQ(in(IIR) & 0x0f, 2);
	EXPECT_FALSE(line);
	for (i = 0; i < 16; i++)
		out(RBR, 'a' + i);
	EXPECT_EQ(edges, 2);	/* the next: as if the FIFO had run empty */
	EXPECT_EQ(in(IIR) & 0x0f, 2);
	out(IER, 0);
	EXPECT_FALSE(line);
	EXPECT_STREQ(sent, "abcdefghijklmnop");
}

UNIT_TEST(input_interrupts_until_it_is_read)
{
	struct uart *u = begin();

	out(IIR, 1);
	out(IER, 1);
	uart_input(u, "hello", 5);
	EXPECT_TRUE(line);
	EXPECT_EQ(in(IIR) & 0x0f, 4);
	EXPECT_EQ(uart_pending(u), 5);
	EXPECT_EQ(in(RBR), 'h');
	EXPECT_TRUE(line);
	while (in(LSR) & 1)
		in(RBR);
	EXPECT_FALSE(line);
	EXPECT_EQ(in(IIR) & 0x0f, 1);
	EXPECT_EQ(edges, 1);
	EXPECT_EQ(in(RBR), 0);
}

UNIT_TEST(input_comes_before_output)
{
	struct uart *u = begin();

	out(IER, 3);
	uart_input(u, "i", 1);
	EXPECT_EQ(in(IIR) & 0x0f, 4);
	in(RBR);
	EXPECT_EQ(in(IIR) & 0x0f, 2);
	EXPECT_EQ(in(IIR) & 0x0f, 1);
}

UNIT_TEST(long_input_keeps_its_order_while_it_is_read)
{
	struct uart *u = begin();
	uint8_t chunk[100];
	unsigned int i, k, got = 0;

	for (i = 0; i < 1000; i++) {
		for (k = 0; k < sizeof(chunk); k++)
			chunk[k] = (uint8_t)(i * 100 + k);
		uart_input(u, chunk, sizeof(chunk));
		for (k = 0; k < 90; k++, got++)
			if (in(RBR) != (uint8_t)got)
				UNIT_FAIL("byte %u", got);
	}
	EXPECT_EQ(uart_pending(u), 10000);
	out(IIR, 0x03);		/* clear the FIFO */
	EXPECT_EQ(uart_pending(u), 0);
}

UNIT_TEST(held_transmitter_makes_the_guest_wait)
{
	struct uart *u = begin();

	out(IER, 2);
	EXPECT_EQ(in(IIR) & 0x0f, 2);
	out(RBR, 'a');
	uart_hold(u, true);
	EXPECT_FALSE(line);
	EXPECT_EQ(in(LSR) & 0x60, 0);
	EXPECT_EQ(in(IIR) & 0x0f, 1);
	uart_hold(u, false);
	EXPECT_TRUE(line);
	EXPECT_EQ(in(LSR) & 0x60, 0x60);
	EXPECT_EQ(in(IIR) & 0x0f, 2);
	uart_hold(u, false);	/* was not held: nothing new */
	EXPECT_FALSE(line);
}

UNIT_MAIN()
