/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: violation, for main: the book as JSON {"total":N,"style":N,"list":[...]}. */
#ifndef HVHOST_BASE_VIOLATION_JSON_H
#define HVHOST_BASE_VIOLATION_JSON_H

#include <jansson.h>

/**
 * violation_json() - the book
 *
 * Return: a new reference.
 */
json_t *violation_json(void);

#endif
