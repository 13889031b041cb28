// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: init of the outer guest.
 *
 * Promise: a Debian kernel with KVM under emulation becomes a place where the
 * agent (tests/outer/agent.py) runs hvhost. Root is the guests' user land from
 * a virtio disk with a layer in memory; the cache is mounted read-only at
 * /mnt/cache, the folder of the runs at /mnt/run. When the agent ends, for
 * whatever reason, the machine powers off. A closed machine (agent.closed on the
 * kernel command line) has its root in memory, /dev/pmem0, and no shares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../guest/boot.h"

#define OPTS_9P "trans=virtio,version=9p2000.L,msize=512000,cache=none"

static int mount_9p(const char *tag, const char *to, unsigned long flags)
{
	mkdir(to, 0755);
	if (mount(tag, to, "9p", flags, OPTS_9P)) {
		boot_say("cannot mount the share %s", tag);
		return -1;
	}
	return 0;
}

static bool is_closed(void)
{
	static char line[8192];
	FILE *f = fopen("/proc/cmdline", "re");

	if (!f || !fgets(line, sizeof(line), f))
		line[0] = 0;
	if (f)
		fclose(f);
	return strstr(line, "agent.closed");
}

static int mount_all(void)
{
	bool closed = is_closed();
	const char *root = closed ? "/dev/pmem0" : "/dev/vda";

	if (boot_wait_path(root, 20000) || boot_mount_overlay(root, "/newroot"))
		return -1;
	if (closed)
		return boot_bind("/agent", "/run/agent");
	if (mount_9p("cache", "/newroot/mnt/cache", MS_RDONLY) ||
	    mount_9p("run", "/newroot/mnt/run", 0))
		return -1;
	return boot_bind("/agent", "/run/agent");
}

/* Files of guests live in huge pages: fewer nested page faults. */
static int make_store(void)
{
	mkdir("/store", 0755);
	if (mount("tmpfs", "/store", "tmpfs", 0, "size=75%,huge=always") &&
	    mount("tmpfs", "/store", "tmpfs", 0, "size=75%")) {
		boot_say("cannot mount /store");
		return -1;
	}
	boot_write("/sys/kernel/mm/transparent_hugepage/enabled", "always");
	return 0;
}

int main(void)
{
	char *agent[] = { "/usr/bin/python3", "-I", "-S", "-B", "/run/agent/agent.py", NULL };

	if (!boot_mount_basics() && !boot_load_modules("/modules") && !mount_all() &&
	    !boot_switch_root("/newroot") && !make_store()) {
		setenv("PATH", "/usr/sbin:/usr/bin", 1);
		boot_say("agent starts at %ld ms", boot_ms());
		boot_say("agent ended with %d", boot_run(agent));
	}
	boot_power_off();
}
