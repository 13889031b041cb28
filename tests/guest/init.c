// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: init of the guest under test.
 *
 * Promise: from the initramfs to the command of tests/vm in as few steps as
 * possible, and always an end: either the command's status is reported to the
 * host (hvctl exit) or one line "init: setup failed" / "init: driver failed"
 * stands on the console, and the machine powers off.
 *
 * The initramfs holds this program, the modules named in /modules, and /job:
 *
 *	/job/config	 key=value lines, see below
 *	/job/argv	 the command, each word ended by a zero byte
 *	/job/hv_netvsc.ko  our driver, if it is the one to load
 *	/job/hvctl	 the control program
 *
 * Disks: /dev/pmem0 user land, /dev/pmem1 modules of this kernel, /dev/pmem2
 * the shared folder. Keys of config: driver=ours|stock|none, nics=N (how many
 * interfaces to wait for), nics_ms=N (for how long), depends=a,b (modules ours
 * needs), share=1, udev=1, icount=1, tty=1 (the command gets a terminal),
 * init=1 (the command becomes process 1 and does the rest itself, the driver
 * and the report to the host included).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "boot.h"

#define JOB		"/run/job"
#define CONFIG		JOB "/config"
#define STDIO_TTY	"/dev/ttyS2"
#define VMBUS_DEVICES	"/sys/bus/vmbus/devices"
#define MAX_NICS	16
#define WARNING_BYTES	3000	/* of an early warning; the console is slow */
#define STATUS_SETUP	250	/* what the host is told when no command ran */

struct nic {
	char guid[64];
	char name[IFNAMSIZ];
};

/* The same file before and after the root got switched. */
static char *config(const char *key)
{
	return boot_config(access(CONFIG, R_OK) ? "/job/config" : CONFIG, key);
}

static bool has(const char *key)
{
	char *value = config(key);
	bool yes = value && strcmp(value, "0");

	free(value);
	return yes;
}

static long number(const char *key, long otherwise)
{
	char *value = config(key);
	long n = value ? strtol(value, NULL, 10) : otherwise;

	free(value);
	return n;
}

static void finish(int status) __attribute__((noreturn));

static void finish(int status)
{
	char word[32];
	char *argv[] = { JOB "/hvctl", "exit", word, NULL };
	int err;

	snprintf(word, sizeof(word), "status=%d", status);
	err = boot_run(argv);
	if (err)
		boot_say("the exit report did not go out (hvctl: %d)", err);
	boot_power_off();
}

static int mount_all(void)
{
	int err;

	err = boot_wait_path("/dev/pmem0", 20000);
	if (err)
		return err;
	err = boot_mount_overlay("/dev/pmem0", "/newroot");
	if (err)
		return err;
	err = boot_wait_path("/dev/pmem1", 5000);
	if (err)
		return err;
	err = boot_mount_ro("/dev/pmem1", "erofs", "/newroot/usr/lib/modules", "");
	if (err || !has("share"))
		return err;
	err = boot_wait_path("/dev/pmem2", 5000);
	if (err)
		return err;
	return boot_mount_ro("/dev/pmem2", "erofs", "/newroot/mnt/share", "");
}

/* The earliest place in @log at which the kernel speaks of trouble, or NULL. */
static char *first_trouble(char *log)
{
	static const char * const signs[] = {
		"WARNING: ", "BUG: ", "UBSAN: ", "KASAN: ", "INFO: task ", "INFO: rcu",
	};
	char *first = NULL;
	char *found;
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		found = strstr(log, signs[i]);
		if (found && (!first || found < first))
			first = found;
	}
	return first;
}

/* Warnings of early boot are not on the console yet ("quiet"): put one there. */
static void show_early_warning(void)
{
	int size = klogctl(10, NULL, 0);
	char *log, *from;
	int n;

	log = size > 0 ? malloc(size + 1) : NULL;
	if (!log)
		return;
	n = klogctl(3, log, size);
	log[n > 0 ? n : 0] = 0;
	from = first_trouble(log);
	if (from) {
		while (from > log && from[-1] != '\n')
			from--;
		if (strlen(from) > WARNING_BYTES)
			from[WARNING_BYTES] = 0;
		boot_say("the kernel warned while booting:");
		boot_write("/dev/console", from);
	}
	free(log);
}

static int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int err = 0;
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		err = -errno;
	close(fd);
	return err;
}

static void start_udev(void)
{
	char *daemon[] = { "/usr/lib/systemd/systemd-udevd", "--daemon", NULL };
	char *trigger[] = { "/usr/bin/udevadm", "trigger", "--action=add", NULL };
	char *settle[] = { "/usr/bin/udevadm", "settle", "--timeout=30", NULL };

	if (boot_run(daemon) || boot_run(trigger) || boot_run(settle))
		boot_say("udev did not start");
}

static int modprobe(char *name)
{
	char *argv[] = { "/usr/sbin/modprobe", name, NULL };
	int err = boot_run(argv);

	if (err)
		boot_say("driver failed: modprobe %s ended with %d", name, err);
	return err;
}

/* "modprobe hv_netvsc" shall find ours too, in the command as well as here. */
static int load_ours(void)
{
	static const char rule[] =
		"install hv_netvsc /usr/sbin/insmod " JOB "/hv_netvsc.ko $CMDLINE_OPTS\n";
	char *deps = config("depends");
	char *next = deps;
	char *name;
	int err = 0;

	while (!err && (name = strsep(&next, ",")))
		if (*name)
			err = modprobe(name);
	free(deps);
	if (err)
		return err;
	err = boot_write("/etc/modprobe.d/hv_netvsc.conf", rule);
	if (err)
		return err;
	err = boot_insmod(JOB "/hv_netvsc.ko", "");
	if (err)
		boot_say("driver failed: our hv_netvsc.ko does not load: %s", strerror(-err));
	return err;
}

static int load_driver(void)
{
	char *driver = config("driver");
	int err = 0;

	if (driver && strcmp(driver, "none")) {
		err = modprobe("hv_vmbus");
		if (!err) {
			boot_say("bus connected at %ld ms", boot_ms());
			err = strcmp(driver, "ours") ? modprobe("hv_netvsc") : load_ours();
		}
	}
	free(driver);
	return err;
}

static int by_guid(const void *a, const void *b)
{
	return strcmp(((const struct nic *)a)->guid, ((const struct nic *)b)->guid);
}

/* The one name below DIR/guid/net, if there is one. */
static bool net_name(const char *guid, char *name)
{
	struct dirent *de;
	char path[256];
	DIR *dir;

	snprintf(path, sizeof(path), VMBUS_DEVICES "/%s/net", guid);
	dir = opendir(path);
	if (!dir)
		return false;
	name[0] = 0;
	while ((de = readdir(dir)))
		if (de->d_name[0] != '.')
			snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, de->d_name);
	closedir(dir);
	return name[0];
}

static int list_nics(struct nic *nics)
{
	struct dirent *de;
	int cnt = 0;
	DIR *dir;

	dir = opendir(VMBUS_DEVICES);
	if (!dir)
		return 0;
	while (cnt < MAX_NICS && (de = readdir(dir))) {
		snprintf(nics[cnt].guid, sizeof(nics[cnt].guid), "%.63s", de->d_name);
		if (de->d_name[0] != '.' && net_name(nics[cnt].guid, nics[cnt].name))
			cnt++;
	}
	closedir(dir);
	qsort(nics, cnt, sizeof(nics[0]), by_guid);
	return cnt;
}

static int rename_nic(int fd, const char *from, const char *to)
{
	struct ifreq ifr = { 0 };

	if (!strcmp(from, to))
		return 0;
	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", from);
	snprintf(ifr.ifr_newname, IFNAMSIZ, "%s", to);
	return ioctl(fd, SIOCSIFNAME, &ifr) ? -errno : 0;
}

/* eth0, eth1, ... in the order of the NICs; first out of each other's way. */
static int name_nics(struct nic *nics, int cnt)
{
	char name[IFNAMSIZ];
	bool right = true;
	int err = 0;
	int fd, i;

	for (i = 0; i < cnt; i++) {
		snprintf(name, sizeof(name), "eth%d", i);
		right = right && !strcmp(nics[i].name, name);
	}
	if (right)
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (i = 0; i < cnt && !err; i++) {
		snprintf(name, sizeof(name), "nictmp%d", i);
		err = rename_nic(fd, nics[i].name, name);
		strcpy(nics[i].name, name);
	}
	for (i = 0; i < cnt && !err; i++) {
		snprintf(name, sizeof(name), "eth%d", i);
		err = rename_nic(fd, nics[i].name, name);
	}
	close(fd);
	if (err)
		boot_say("setup failed: interfaces cannot be renamed: %s", strerror(-err));
	return err;
}

static int wait_nics(void)
{
	const struct timespec nap = { .tv_nsec = 20000000 };
	long end = boot_ms() + number("nics_ms", 30000);
	long want = number("nics", 0);
	struct nic nics[MAX_NICS];
	int cnt;

	while ((cnt = list_nics(nics)) < want) {
		if (boot_ms() > end) {
			boot_say("driver failed: %d of %ld interfaces appeared", cnt, want);
			return -ETIMEDOUT;
		}
		nanosleep(&nap, NULL);
	}
	return name_nics(nics, cnt);
}

static int open_stdio(void)
{
	struct termios tio;
	int fd;

	fd = open(STDIO_TTY, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &tio)) {
		boot_say("setup failed: " STDIO_TTY ": %s", strerror(errno));
		return -1;
	}
	if (has("tty")) {
		tio.c_iflag = ICRNL | IXON;
		tio.c_oflag = OPOST | ONLCR;
		tio.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN;
	} else {
		cfmakeraw(&tio);
	}
	tio.c_cflag = CS8 | CREAD | CLOCAL;
	cfsetspeed(&tio, B115200);
	tcsetattr(fd, TCSANOW, &tio);
	return fd;
}

static char **read_argv(void)
{
	static char text[65536];
	static char *argv[1024];
	size_t n, pos;
	int cnt = 0;
	FILE *f;

	f = fopen(JOB "/argv", "re");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	for (pos = 0; pos < n && cnt < 1023; pos += strlen(text + pos) + 1)
		argv[cnt++] = text + pos;
	return cnt ? argv : NULL;
}

static void exec_command(char **argv, int fd) __attribute__((noreturn));

static void exec_command(char **argv, int fd)
{
	int in = fd;

	if (has("tty")) {
		setsid();
		ioctl(fd, TIOCSCTTY, 0);
	} else {
		in = open("/dev/null", O_RDONLY);
	}
	dup2(in, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	setenv("PATH", JOB ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", has("tty") ? "linux" : "dumb", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/*
 * What hvhost and this guest have run so far, as the host's clock of CPU time
 * says. In a closed outer guest (tests/outer/closed.py) that clock ticks with
 * the instructions, and stands still while the guest idles.
 */
static long long cpu_ns(void)
{
	char *argv[] = { JOB "/hvctl", "--get", "ns", "cputime", NULL };
	char text[32] = "";
	int status, pid;
	int fds[2];

	if (pipe(fds))
		return 0;
	pid = fork();
	if (!pid) {
		dup2(fds[1], 1);
		execv(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	if (read(fds[0], text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fds[0]);
	status = pid < 0 ? -1 : boot_wait_pid(pid);
	if (status)
		boot_say("hvctl cputime ended with %d", status);
	return strtoll(text, NULL, 10);
}

/* Does not return: without a command the guest powers off. */
static void become_command(void) __attribute__((noreturn));

static void become_command(void)
{
	char **argv;
	int fd;

	argv = read_argv();
	fd = open_stdio();
	if (!argv || fd < 0) {
		boot_say("setup failed: no command to become");
		finish(STATUS_SETUP);
	}
	boot_say("command starts at %ld ms", boot_ms());
	exec_command(argv, fd);
}

static void run_command(void)
{
	long long start = 0;
	char **argv;
	int fd, pid, status;

	argv = read_argv();
	fd = open_stdio();
	if (!argv || fd < 0) {
		boot_say("setup failed: no command to run");
		finish(STATUS_SETUP);
	}
	boot_say("command starts at %ld ms", boot_ms());
	if (has("icount"))
		start = cpu_ns();
	pid = fork();
	if (!pid)
		exec_command(argv, fd);
	status = pid < 0 ? 126 : boot_wait_pid(pid);
	if (has("icount"))
		boot_say("cputime %lld ns", cpu_ns() - start);
	tcdrain(fd);
	boot_say("command ended with %d at %ld ms", status, boot_ms());
	finish(status);
}

int main(void)
{
	bool failed;

	failed = boot_mount_basics() || boot_load_modules("/modules") || mount_all() ||
		 boot_bind("/job", "/run/job") || boot_switch_root("/newroot");
	if (failed) {
		boot_say("setup failed: the guest's root could not be built");
		boot_power_off();
	}
	setenv("PATH", "/usr/sbin:/usr/bin", 1);
	boot_say("root ready at %ld ms", boot_ms());
	show_early_warning();
	klogctl(8, NULL, 5);
	loopback_up();
	sethostname("guest", 5);
	if (has("init"))
		become_command();
	if (has("udev"))
		start_udev();
	if (load_driver() || wait_nics())
		finish(STATUS_SETUP);
	run_command();
}
