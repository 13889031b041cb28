/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: serial - what hangs on the guest's serial ports and on the control socket:
 * COM1 console to a file, COM2 control lines, COM3 stdin and stdout; for main.
 */
#ifndef HVHOST_SERIAL_H
#define HVHOST_SERIAL_H

#include "opts.h"

/**
 * serial_setup() - ports, console file, control socket
 *
 * Return: 0, or a negative errno with a sentence in @err.
 */
int serial_setup(struct machine *m, const struct opts *o, char *err, size_t errlen);

/** serial_flush() - what the guest wrote last, to where it belongs (a few seconds at most) */
void serial_flush(void);

/** serial_reset() - the ports as after power-on, when the guest boots again */
void serial_reset(void);

/** serial_close() - the control socket goes away */
void serial_close(void);

#endif
