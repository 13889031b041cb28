/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: log - lines of the host's own words on stderr, with the time since start.
 *
 * A guest that makes the host speak without end is cut short: after a burst only
 * some lines a second get through, and the number of the others is told.
 */
#ifndef HVHOST_BASE_LOG_H
#define HVHOST_BASE_LOG_H

/** log_line() - what whoever runs the host should see */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** log_debug() - printed only after log_verbose(1) */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** log_verbose() - is log_debug() heard? */
void log_verbose(int on);

/** log_flush() - tells how many lines were left out, at the end */
void log_flush(void);

#endif
