/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: control - lines of the control protocol from bytes, and the Unix socket that
 * carries them; for main and serial.
 */
#ifndef HVHOST_CONTROL_H
#define HVHOST_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl.h"

#define CONTROL_LINE_MAX	65536

/* Lines in the making, from one place. */
struct control_lines {
	size_t len;
	bool overlong;	/* the rest up to the newline is dropped */
	char buf[CONTROL_LINE_MAX];
};

/** control_feed() - more bytes; each whole line goes to ctl, its answers to @out */
void control_feed(struct control_lines *l, const uint8_t *bytes, size_t len, ctl_out_fn out,
		  void *outpriv);

/**
 * control_listen() - the socket is there from now on
 *
 * Return: 0, or a negative errno with a sentence in @err.
 */
int control_listen(const char *path, char *err, size_t errlen);

/** control_close() - the socket and its name go away */
void control_close(void);

#endif
