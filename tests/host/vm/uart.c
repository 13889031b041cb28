// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: uart - see uart.h (vmbus-host.md D.4).
 *
 * Transmission takes no time: the holding register is empty unless held, so one
 * interrupt lets the driver send a FIFO's worth. Input waits in a queue and the
 * receiver FIFO is as deep as the queue. The interrupt line follows the state
 * after every access. Machine lock held throughout.
 */
#include "uart.h"

#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "pio.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

#define IER_RX		0x01
#define IER_THRE	0x02
#define IIR_NONE	0x01
#define IIR_THRE	0x02
#define IIR_RX		0x04
#define IIR_FIFO	0xc0
#define LCR_DLAB	0x80
#define MCR_LOOP	0x10
#define LSR_DR		0x01
#define LSR_EMPTY	0x60
#define MSR_LINES	0xb0	/* CTS, DSR, DCD */

struct uart {
	struct machine *m;
	unsigned int gsi;
	uart_out_fn out;
	void *priv;
	uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
	bool thre_pending, line, held;
	uint8_t *in;
	size_t in_len, in_at, in_size;
};

static bool rx_wants_irq(const struct uart *u)
{
	return u->ier & IER_RX && u->in_at < u->in_len;
}

static bool thre_wants_irq(const struct uart *u)
{
	return u->ier & IER_THRE && u->thre_pending && !u->held;
}

static void update(struct uart *u)
{
	bool level = rx_wants_irq(u) || thre_wants_irq(u);

	if (level != u->line) {
		u->line = level;
		machine_irq(u->m, u->gsi, level);
	}
}

static uint8_t take_byte(struct uart *u)
{
	uint8_t c;

	if (u->in_at == u->in_len)
		return 0;
	c = u->in[u->in_at++];
	if (u->in_at == u->in_len)
		u->in_at = u->in_len = 0;
	return c;
}

static uint8_t identify(struct uart *u)
{
	uint8_t fifo = u->fcr & 1 ? IIR_FIFO : 0;

	if (rx_wants_irq(u))
		return fifo | IIR_RX;
	if (thre_wants_irq(u)) {
		u->thre_pending = false;
		return fifo | IIR_THRE;
	}
	return fifo | IIR_NONE;
}

static uint8_t modem_status(const struct uart *u)
{
	if (!(u->mcr & MCR_LOOP))
		return MSR_LINES;
	return (u->mcr & 0x02) << 3 | (u->mcr & 0x01) << 5 | (u->mcr & 0x04) << 4 |
	       (u->mcr & 0x08) << 4;
}

static uint8_t line_status(const struct uart *u)
{
	return (u->held ? 0 : LSR_EMPTY) | (u->in_at < u->in_len ? LSR_DR : 0);
}

static uint32_t read_reg(void *priv, uint16_t off, unsigned int size)
{
	struct uart *u = priv;
	uint8_t val = 0;

	(void)size;
	switch (off) {
	case RBR:
		val = u->lcr & LCR_DLAB ? u->dll : take_byte(u);
		break;
	case IER:
		val = u->lcr & LCR_DLAB ? u->dlm : u->ier;
		break;
	case IIR:
		val = identify(u);
		break;
	case LCR:
		val = u->lcr;
		break;
	case MCR:
		val = u->mcr;
		break;
	case LSR:
		val = line_status(u);
		break;
	case MSR:
		val = modem_status(u);
		break;
	case SCR:
		val = u->scr;
		break;
	}
	update(u);
	return val;
}

static void transmit(struct uart *u, uint8_t c)
{
	if (u->mcr & MCR_LOOP)
		uart_input(u, &c, 1);
	else
		u->out(u->priv, &c, 1);
	u->thre_pending = true;
}

static void write_reg(void *priv, uint16_t off, uint32_t val, unsigned int size)
{
	struct uart *u = priv;

	(void)size;
	switch (off) {
	case RBR:
		if (u->lcr & LCR_DLAB)
			u->dll = val;
		else
			transmit(u, val);
		break;
	case IER:
		if (u->lcr & LCR_DLAB) {
			u->dlm = val;
			break;
		}
		if (val & ~u->ier & IER_THRE)
			u->thre_pending = true;
		u->ier = val & 0x0f;
		break;
	case IIR:
		u->fcr = val & 0xc9;
		if (val & 0x02)
			u->in_at = u->in_len = 0;
		break;
	case LCR:
		u->lcr = val;
		break;
	case MCR:
		u->mcr = val & 0x1f;
		break;
	case SCR:
		u->scr = val;
		break;
	}
	update(u);
}

/* Room for @len more: the part already read goes first. */
static bool make_room(struct uart *u, size_t len)
{
	size_t size = (u->in_len - u->in_at + len) * 2 + 256;
	uint8_t *in;

	if (u->in_len + len <= u->in_size)
		return true;
	if (u->in_at)
		memmove(u->in, u->in + u->in_at, u->in_len - u->in_at);
	u->in_len -= u->in_at;
	u->in_at = 0;
	if (u->in_len + len <= u->in_size)
		return true;
	in = realloc(u->in, size);
	if (!in)
		return false;
	u->in = in;
	u->in_size = size;
	return true;
}

void uart_input(struct uart *u, const void *bytes, size_t len)
{
	if (!len || !make_room(u, len))
		return;
	memcpy(u->in + u->in_len, bytes, len);
	u->in_len += len;
	update(u);
}

void uart_hold(struct uart *u, bool on)
{
	if (u->held && !on)
		u->thre_pending = true;
	u->held = on;
	update(u);
}

void uart_reset(struct uart *u)
{
	u->ier = u->fcr = u->lcr = u->mcr = u->scr = u->dll = u->dlm = 0;
	u->thre_pending = false;
	u->line = false;	/* the interrupt controller is as new, too */
	u->in_at = u->in_len = 0;
}

size_t uart_pending(const struct uart *u)
{
	return u->in_len - u->in_at;
}

struct uart *uart_create(struct machine *m, uint16_t port, unsigned int gsi,
			 uart_out_fn out, void *priv)
{
	struct uart *u = calloc(1, sizeof(*u));
	struct pio_range r = { port, 8, read_reg, write_reg, u };

	if (!u)
		return NULL;
	u->m = m;
	u->gsi = gsi;
	u->out = out;
	u->priv = priv;
	if (pio_register(&r)) {
		free(u);
		return NULL;
	}
	return u;
}
