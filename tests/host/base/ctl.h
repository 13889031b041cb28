/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: ctl - the control protocol's dispatch table (no I/O of its own, timers of the loop).
 *
 * One JSON object per line, {"id":N,"cmd":"room.verb",...}. With "get":"a.b.0" the
 * answer has just that "value" instead of the whole "result". With "later":MS it is
 * answered at once, and done so much later (what it would answer is not told): a guest
 * that reads a long answer from its serial port does nothing else. Rooms register verbs
 * at start; main connects lines from the Unix socket and from the guest's second
 * serial port to ctl_line(). An answer may be deferred (peer commands): keep the
 * struct ctl_call and finish it later.
 */
#ifndef HVHOST_BASE_CTL_H
#define HVHOST_BASE_CTL_H

#include <jansson.h>

struct ctl_call;		/* one request in progress; owned by ctl until finished */

/**
 * typedef ctl_fn - handler of one verb
 * @priv: as registered
 * @call: the request, to be finished exactly once, now or later
 * @args: the whole request object (borrowed: valid until the handler returns)
 *
 * Context: main loop thread, machine lock held.
 */
typedef void (*ctl_fn)(void *priv, struct ctl_call *call, const json_t *args);

/** ctl_register() - add a verb; @cmd and @help are string literals */
void ctl_register(const char *cmd, const char *help, ctl_fn fn, void *priv);

/** ctl_ok() - finish with {"ok":true,"result":R}; steals @result (NULL = {}) */
void ctl_ok(struct ctl_call *call, json_t *result);

/** ctl_error() - finish with {"ok":false,"error":"sentence"} */
void ctl_error(struct ctl_call *call, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** ctl_stream() - send a piece of output before the final answer */
void ctl_stream(struct ctl_call *call, const char *name, const char *data, size_t len);

/** typedef ctl_out_fn - where answers of a line go; must copy */
typedef void (*ctl_out_fn)(void *priv, const char *line, size_t len);

/**
 * ctl_line() - one received line
 * @line: without newline; bad JSON is answered with an error
 * @out: called once per answer line, maybe after return
 * @outpriv: its argument; call ctl_forget(outpriv) before it dies
 */
void ctl_line(const char *line, size_t len, ctl_out_fn out, void *outpriv);

/** ctl_forget() - nobody is left to hear the answers to @outpriv */
void ctl_forget(void *outpriv);

#endif
