/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two static inits of the tests share: the one of the guest under test
 * (tests/guest/init.c) and the one of the outer guest (tests/outer/init.c).
 * Everything returns 0 or a negative errno and says on the console what failed.
 */
#ifndef TESTS_GUEST_BOOT_H
#define TESTS_GUEST_BOOT_H

#include <stdbool.h>

/* A line on the console, "init: ..."; tests/vm reads some of them. */
void boot_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Milliseconds since the kernel started. */
long boot_ms(void);

/* /proc, /sys, /dev and friends. */
int boot_mount_basics(void);

/* Loads one module file with parameters ("" for none). */
int boot_insmod(const char *path, const char *params);

/* Loads the modules named in @list, one path a line, in that order. */
int boot_load_modules(const char *list);

/* Waits until @path exists, -ETIMEDOUT after @ms. */
int boot_wait_path(const char *path, long ms);

/* Makes directory @to and mounts @dev there, read-only, as soon as it can be opened. */
int boot_mount_ro(const char *dev, const char *type, const char *to, const char *opts);

/* Mounts @dev with a writable layer in memory on @to. */
int boot_mount_overlay(const char *dev, const char *to);

/* Shows @from of the old root at @to of the new one. */
int boot_bind(const char *from, const char *to);

/* Makes @newroot, on which the basics get moved, the root. */
int boot_switch_root(const char *newroot);

/*
 * Looks for "@key=value" in the file @path. Return: the value, to be freed by
 * the caller, or NULL.
 */
char *boot_config(const char *path, const char *key);

/* Runs a program and waits for it. Return: its exit status, 128 + signal, -errno. */
int boot_run(char *const argv[]);

/* Waits for @pid and buries whatever else dies meanwhile. Return: as boot_run(). */
int boot_wait_pid(int pid);

/* Writes @text into @path. */
int boot_write(const char *path, const char *text);

/* Ends all processes and the machine. */
void boot_power_off(void) __attribute__((noreturn));

#endif
