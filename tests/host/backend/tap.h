/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: tap - a TAP descriptor as a switch port.
 */
#ifndef HVHOST_BACKEND_TAP_H
#define HVHOST_BACKEND_TAP_H

#include <stdint.h>

/**
 * tap_start() - frames of @fd (non-blocking, kept by the caller) as port @name
 *
 * Return: 0 or negative errno.
 */
int tap_start(const char *name, int fd);

/** tap_stop() - before the descriptor is closed */
void tap_stop(void);

/**
 * tap_dropped() - frames that the TAP did not take
 *
 * Return: their number.
 */
uint64_t tap_dropped(void);

#endif
