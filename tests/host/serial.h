/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: serial - what hangs on the guest's serial ports and on the control socket:
 * COM1 console to a file, COM2 control lines, COM3 stdin and stdout; for main.
 */
#ifndef HVHOST_SERIAL_H
#define HVHOST_SERIAL_H

#include "opts.h"

int serial_setup(struct machine *m, const struct opts *o, char *err, size_t errlen);

/** serial_flush() - what the guest wrote last, to where it belongs */
void serial_flush(void);

#endif
