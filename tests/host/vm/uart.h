/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: uart - a 16550A as far as Linux' 8250 driver looks. Bytes leave at once; the
 * only thing that can hold the guest up is who takes them (uart_hold).
 */
#ifndef HVHOST_VM_UART_H
#define HVHOST_VM_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;
struct uart;

/** typedef uart_out_fn - bytes that the guest sent; machine lock held */
typedef void (*uart_out_fn)(void *priv, const uint8_t *bytes, size_t len);

/**
 * uart_create() - at @port with interrupt line @gsi
 *
 * Return: the UART, or NULL without memory or port slots.
 */
struct uart *uart_create(struct machine *m, uint16_t port, unsigned int gsi,
			 uart_out_fn out, void *priv);

/** uart_input() - bytes for the guest, queued without a limit of its own */
void uart_input(struct uart *u, const void *bytes, size_t len);

/**
 * uart_pending() - bytes that the guest has not read yet
 *
 * Return: their number.
 */
size_t uart_pending(const struct uart *u);

/** uart_hold() - the transmitter is busy: the guest shall wait until it is let go */
void uart_hold(struct uart *u, bool on);

/** uart_reset() - registers as after power-on; input that waits is dropped */
void uart_reset(struct uart *u);

#endif
