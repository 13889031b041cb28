// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: common steps of the tests' static inits.
 *
 * Promise: small bounded steps (mount, load, wait, run), each of which either
 * works or leaves one line on the console saying what did not. Neighbours:
 * only the C library. No state is kept here, nothing runs in parallel.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "boot.h"

void boot_say(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int fd, n;

	va_start(ap, fmt);
	n = snprintf(line, sizeof(line), "init: ");
	vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	strcat(line, "\n");

	fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, line, strlen(line)) < 0)
		errno = 0;
	close(fd);
}

static int fail(const char *what, const char *name)
{
	int err = -errno;

	boot_say("%s %s: %s", what, name, strerror(-err));
	return err;
}

long boot_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* What a distribution's start-up would have put into /dev; bash wants it for <(...). */
static int link_descriptors(void)
{
	static const char * const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]) && errno != EEXIST)
			return fail("cannot make", links[i][1]);
	return 0;
}

int boot_mount_basics(void)
{
	static const struct {
		const char *type;
		const char *dir;
		const char *opts;
		bool optional;
	} fs[] = {
		{ "devtmpfs", "/dev", "mode=0755", false },
		{ "proc", "/proc", "", false },
		{ "sysfs", "/sys", "", false },
		{ "tmpfs", "/run", "mode=0755", false },
		{ "devpts", "/dev/pts", "ptmxmode=0666", false },
		{ "tmpfs", "/dev/shm", "", false },
		{ "debugfs", "/sys/kernel/debug", "", true },
		{ "tracefs", "/sys/kernel/tracing", "", true },
		{ "bpf", "/sys/fs/bpf", "", true },
		{ "cgroup2", "/sys/fs/cgroup", "", true },
	};
	size_t i;

	for (i = 0; i < sizeof(fs) / sizeof(fs[0]); i++) {
		mkdir(fs[i].dir, 0755);
		if (mount(fs[i].type, fs[i].dir, fs[i].type, 0, fs[i].opts) &&
		    errno != EBUSY && !fs[i].optional)
			return fail("cannot mount", fs[i].dir);
	}
	return link_descriptors();
}

int boot_insmod(const char *path, const char *params)
{
	int err = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail("cannot open module", path);
	if (syscall(SYS_finit_module, fd, params, 0) && errno != EEXIST)
		err = fail("cannot load module", path);
	close(fd);
	return err;
}

int boot_load_modules(const char *list)
{
	char line[256];
	int err = 0;
	FILE *f;

	f = fopen(list, "re");
	if (!f)
		return fail("cannot open", list);
	while (!err && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0])
			err = boot_insmod(line, "");
	}
	fclose(f);
	return err;
}

int boot_wait_path(const char *path, long ms)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	long end = boot_ms() + ms;

	while (access(path, F_OK)) {
		if (boot_ms() > end) {
			errno = ETIMEDOUT;
			return fail("waited in vain for", path);
		}
		nanosleep(&nap, NULL);
	}
	return 0;
}

int boot_mount_ro(const char *dev, const char *type, const char *to, const char *opts)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	long end = boot_ms() + 5000;

	mkdir(to, 0755);
	/* The node of a disk is there a moment before the disk can be opened. */
	while (mount(dev, to, type, MS_RDONLY, opts)) {
		if (errno != ENXIO || boot_ms() > end)
			return fail("cannot mount", dev);
		nanosleep(&nap, NULL);
	}
	return 0;
}

int boot_mount_overlay(const char *dev, const char *to)
{
	int err;

	err = boot_mount_ro(dev, "erofs", "/lower", "");
	if (err)
		return err;
	mkdir("/upper", 0755);
	if (mount("tmpfs", "/upper", "tmpfs", 0, "mode=0755"))
		return fail("cannot mount", "tmpfs");
	mkdir("/upper/data", 0755);
	mkdir("/upper/work", 0755);
	mkdir(to, 0755);
	if (mount("overlay", to, "overlay", 0,
		  "lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work"))
		return fail("cannot mount the overlay on", to);
	return 0;
}

int boot_bind(const char *from, const char *to)
{
	mkdir(to, 0755);
	if (mount(from, to, NULL, MS_BIND, NULL))
		return fail("cannot bind", from);
	return 0;
}

int boot_switch_root(const char *newroot)
{
	static const char * const moved[] = { "/dev", "/proc", "/sys", "/run" };
	char to[256];
	size_t i;

	for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		snprintf(to, sizeof(to), "%s%s", newroot, moved[i]);
		if (mount(moved[i], to, NULL, MS_MOVE, NULL))
			return fail("cannot move", moved[i]);
	}
	if (chdir(newroot) || mount(newroot, "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		return fail("cannot make it the root:", newroot);
	return 0;
}

char *boot_config(const char *path, const char *key)
{
	size_t len = strlen(key);
	char *value = NULL;
	char line[1024];
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		return NULL;
	while (!value && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, key, len) && line[len] == '=')
			value = strdup(line + len + 1);
	}
	fclose(f);
	return value;
}

int boot_wait_pid(int pid)
{
	int status, dead;

	for (;;) {
		dead = wait(&status);
		if (dead < 0 && errno != EINTR)
			return -errno;
		if (dead == pid)
			break;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int boot_run(char *const argv[])
{
	int pid;

	pid = fork();
	if (pid < 0)
		return fail("cannot fork for", argv[0]);
	if (!pid) {
		int fd = open("/dev/console", O_RDWR | O_NOCTTY);

		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	return boot_wait_pid(pid);
}

int boot_write(const char *path, const char *text)
{
	int err = 0;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail("cannot write", path);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = fail("cannot write", path);
	close(fd);
	return err;
}

void boot_power_off(void)
{
	const struct timespec nap = { .tv_nsec = 20000000 };

	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		nanosleep(&nap, NULL);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
