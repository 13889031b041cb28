// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: log - see log.h. Knows nobody; callable from every thread.
 */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define BURST		200	/* lines at once */
#define PER_SECOND	20	/* lines on average */

static struct {
	pthread_mutex_t lock;
	int verbose;
	double start, filled;	/* seconds; 0: nothing said yet */
	double left;		/* lines that may still be said */
	unsigned long omitted;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A bucket of lines that fills with time. */
static int may_speak(double t)
{
	if (!state.start) {
		state.start = t;
		state.left = BURST;
	} else {
		state.left += (t - state.filled) * PER_SECOND;
	}
	if (state.left > BURST)
		state.left = BURST;
	state.filled = t;
	if (state.left < 1) {
		state.omitted++;
		return 0;
	}
	state.left -= 1;
	return 1;
}

static void tell_omitted(double t)
{
	if (state.omitted)
		fprintf(stderr, "hvhost %.3f: (%lu lines left out)\n", t - state.start,
			state.omitted);
	state.omitted = 0;
}

static void line(const char *fmt, va_list ap)
{
	char text[1024];
	double t = now();

	vsnprintf(text, sizeof(text), fmt, ap);
	pthread_mutex_lock(&state.lock);
	if (may_speak(t)) {
		tell_omitted(t);
		fprintf(stderr, "hvhost %.3f: %s\n", t - state.start, text);
	}
	pthread_mutex_unlock(&state.lock);
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

	if (!state.verbose)
		return;
	va_start(ap, fmt);
	line(fmt, ap);
	va_end(ap);
}

void log_verbose(int on)
{
	state.verbose = on;
}

void log_flush(void)
{
	pthread_mutex_lock(&state.lock);
	tell_omitted(now());
	pthread_mutex_unlock(&state.lock);
}
