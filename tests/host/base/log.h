/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: log - one line of the host's log to stderr, with the time since start. */
#ifndef HVHOST_BASE_LOG_H
#define HVHOST_BASE_LOG_H

/** log_line() - always printed */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** log_debug() - printed after log_verbose(1) */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_verbose(int on);

#endif
