/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: violation - the strict host's book of what the guest did wrong.
 *
 * Every room that finds the guest breaking a rule of the sheets reports it here
 * by name, with the bytes that show it. The book counts per name, keeps the
 * first few of each with their bytes, logs them, and hands them out for the
 * control protocol and the final report. It never stops the host.
 */
#ifndef HVHOST_BASE_VIOLATION_H
#define HVHOST_BASE_VIOLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

/**
 * violation_note() - note that the guest broke a rule
 * @name: stable dotted name, e.g. "netvsp.section.out_of_range" (string literal)
 * @bytes: offending bytes, or NULL
 * @len: their count; at most 256 of them are kept
 * @fmt: one sentence: what was seen, what the rule is (sheet section)
 *
 * Context: any host thread holding the machine lock. Never fails.
 */
void violation_note(const char *name, const void *bytes, size_t len,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * violation_style() - note that the guest did what real hosts accept but ours does not do
 *
 * Kept in the same book, and counted apart: no run fails of it. Arguments as of
 * violation_note().
 */
void violation_style(const char *name, const void *bytes, size_t len,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * violation_total() - violations since start or the last clear
 *
 * Return: their number, without those of style.
 */
uint64_t violation_total(void);

/**
 * violation_count() - violations of that name
 *
 * Return: their number.
 */
uint64_t violation_count(const char *name);

/**
 * violation_begins() - does @name begin with one of the words of @list?
 *
 * Return: true if so.
 */
bool violation_begins(const char *name, const char *list);

/**
 * violation_excuse() - the guest was led into some: they are not noted until violation_clear()
 * @list: beginnings of their names (kept: string literal)
 */
void violation_excuse(const char *list);

/** violation_clear() - forget all (a test that provoked them on purpose), what is excused, too */
void violation_clear(void);

#endif
