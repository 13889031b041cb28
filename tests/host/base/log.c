// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: log - lines on stderr, each with seconds since start.
 *
 * Knows nobody; callable from every thread.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static int verbose;
static struct timespec start;

static void line(const char *fmt, va_list ap)
{
	struct timespec now;
	char text[1024];

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!start.tv_sec)
		start = now;
	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "hvhost %.3f: %s\n",
		(now.tv_sec - start.tv_sec) + (now.tv_nsec - start.tv_nsec) / 1e9, text);
}

void log_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!verbose)
		return;
	va_start(ap, fmt);
	line(fmt, ap);
	va_end(ap);
}

void log_verbose(int on)
{
	verbose = on;
}
