// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: opts - see opts.h. Keys of --host that concern the machine are taken here,
 * all others go to netvsp as they are.
 */
#include "opts.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"

static const char help[] =
"usage: hvhost --kernel FILE [options]\n"
"\n"
"A Hyper-V compatible host for one Linux guest on KVM, with synthetic NICs on a switch.\n"
"\n"
"  --kernel FILE      bzImage or uncompressed vmlinux (ELF)\n"
"  --initrd FILE      initial RAM disk\n"
"  --cmdline TEXT     kernel command line\n"
"  --cpus N           1-8 vCPUs (1)\n"
"  --mem MB           guest memory, 128-16384 (512)\n"
"  --pmem FILE        read-only image as /dev/pmem0, 1, ...; up to 4\n"
"  --console FILE|-   output of the first serial port\n"
"  --stdio            third serial port <-> stdin and stdout\n"
"  --control PATH     Unix socket with the control protocol (also on the second serial port)\n"
"  --nics N           number of NICs\n"
"  --nic KEY=VAL,...  keys of one NIC, repeat for the next\n"
"  --host KEY=VAL,... keys of all NICs, and of the machine:\n"
"                     vmbus=5.3|5.2|5.1|5.0|4.1|4.0|3.0|2.4   newest version of the bus\n"
"                     doorbell=eventfd|exit                   how the guest's signals come\n"
"                     stimer=off|on                           synthetic timers\n"
"                     isolation=none|vbs                      a confidential guest: what it does not show is not read\n"
"                     reboot=N                                resets that boot again (0)\n"
"  --pcap DIR         a capture of every switch port\n"
"  --report FILE      JSON at the end: reason, statistics, violations\n"
"  --timeout SECONDS  ends the guest\n"
"  --probe            only tells whether KVM here will do\n"
"  --verbose          more on stderr\n"
"\n"
"exit status: 0 guest ended orderly and reported a status, 3 usage, 4 set-up trouble,\n"
"5 guest crash, 6 time-out or stopped by a signal, 7 violations were recorded\n";

enum { KERNEL = 256, INITRD, CMDLINE, CPUS, MEM, PMEM, CONSOLE, STDIO, CONTROL, NICS, NIC, HOST,
       PCAP, REPORT, TIMEOUT, PROBE, VERBOSE, HELP };

static const struct option longs[] = { { "kernel", 1, 0, KERNEL },
				       { "initrd", 1, 0, INITRD },
				       { "cmdline", 1, 0, CMDLINE },
				       { "cpus", 1, 0, CPUS },
				       { "mem", 1, 0, MEM },
				       { "pmem", 1, 0, PMEM },
				       { "console", 1, 0, CONSOLE },
				       { "stdio", 0, 0, STDIO },
				       { "control", 1, 0, CONTROL },
				       { "nics", 1, 0, NICS },
				       { "nic", 1, 0, NIC },
				       { "host", 1, 0, HOST },
				       { "pcap", 1, 0, PCAP },
				       { "report", 1, 0, REPORT },
				       { "timeout", 1, 0, TIMEOUT },
				       { "probe", 0, 0, PROBE },
				       { "verbose", 0, 0, VERBOSE },
				       { "help", 0, 0, HELP },
				       { 0, 0, 0, 0 } };

static int number(const char *name, const char *text, unsigned long min, unsigned long max,
		  unsigned int *out, char *err, size_t errlen)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!*text || *end || n < min || n > max) {
		snprintf(err, errlen, "--%s %s: want a number from %lu to %lu", name, text, min,
			 max);
		return -EINVAL;
	}
	*out = n;
	return 0;
}

static int add_word(const char **list, unsigned int *cnt, const char *word, const char *name,
		    char *err, size_t errlen)
{
	if (*cnt == OPTS_WORDS) {
		snprintf(err, errlen, "more than %d --%s", OPTS_WORDS, name);
		return -EINVAL;
	}
	list[(*cnt)++] = word;
	return 0;
}

static int want_word(const char *key, const char *val, const char *off, const char *on, bool *out,
		     char *err, size_t errlen)
{
	if (strcmp(val, off) && strcmp(val, on)) {
		snprintf(err, errlen, "%s=%s: want %s or %s", key, val, on, off);
		return -EINVAL;
	}
	*out = !strcmp(val, on);
	return 0;
}

static int want_version(struct opts *o, const char *val, char *err, size_t errlen)
{
	unsigned int major, minor;
	char end;

	if (sscanf(val, "%u.%u%c", &major, &minor, &end) != 2 || major > 0xffff || minor > 0xffff ||
	    !vmbus_version_known(VMBUS_VERSION(major, minor))) {
		snprintf(err, errlen, "vmbus=%s: want 2.4, 3.0, 4.0, 4.1, 5.0, 5.1, 5.2 or 5.3",
			 val);
		return -EINVAL;
	}
	o->vmbus_version = VMBUS_VERSION(major, minor);
	return 0;
}

/* 1: the key is not the machine's. */
static int machine_key(struct opts *o, const char *key, const char *val, char *err, size_t errlen)
{
	if (!strcmp(key, "vmbus"))
		return want_version(o, val, err, errlen);
	if (!strcmp(key, "doorbell"))
		return want_word(key, val, "exit", "eventfd", &o->eventfds, err, errlen);
	if (!strcmp(key, "stimer"))
		return want_word(key, val, "off", "on", &o->stimer, err, errlen);
	if (!strcmp(key, "isolation"))
		return want_word(key, val, "none", "vbs", &o->isolated, err, errlen);
	if (!strcmp(key, "reboot"))
		return number("host reboot", val, 0, 1000, &o->reboots, err, errlen);
	return 1;
}

/* One --host word: machine keys are taken out, the rest is kept in order. */
static int host_word(struct opts *o, const char *word, char *err, size_t errlen)
{
	char *copy = strdup(word), *rest = calloc(1, strlen(word) + 1), *save = NULL, *part;
	int ret = 0;

	if (!copy || !rest) {
		snprintf(err, errlen, "out of memory");
		ret = -ENOMEM;
	}
	part = ret ? NULL : strtok_r(copy, ",", &save);
	for (; part && ret >= 0; part = strtok_r(NULL, ",", &save)) {
		char *eq = strchr(part, '=');

		if (eq)
			*eq = 0;
		ret = machine_key(o, part, eq ? eq + 1 : "", err, errlen);
		if (eq)
			*eq = '=';
		if (ret <= 0)
			continue;
		if (*rest)
			strcat(rest, ",");
		strcat(rest, part);
	}
	free(copy);
	ret = ret < 0 ? ret : 0;
	if (!ret && *rest) {
		ret = add_word(o->host_words, &o->net.host_cnt, rest, "host", err, errlen);
		if (!ret)
			return 0;
	}
	free(rest);
	return ret;
}

static int take(struct opts *o, int opt, const char *arg, char *err, size_t errlen)
{
	switch (opt) {
	case KERNEL:
		o->kernel = arg;
		return 0;
	case INITRD:
		o->initrd = arg;
		return 0;
	case CMDLINE:
		o->cmdline = arg;
		return 0;
	case CPUS:
		return number("cpus", arg, 1, MACHINE_MAX_CPUS, &o->cpus, err, errlen);
	case MEM:
		return number("mem", arg, 128, 16384, &o->mem_mb, err, errlen);
	case PMEM:
		if (o->pmem_cnt == MACHINE_MAX_PMEM) {
			snprintf(err, errlen, "more than %d --pmem", MACHINE_MAX_PMEM);
			return -EINVAL;
		}
		o->pmem[o->pmem_cnt++] = arg;
		return 0;
	case CONSOLE:
		o->console = arg;
		return 0;
	case STDIO:
		o->use_stdio = true;
		return 0;
	case CONTROL:
		o->control = arg;
		return 0;
	case NICS:
		return number("nics", arg, 0, 8, &o->net.nics, err, errlen);
	case NIC:
		return add_word(o->nic_words, &o->net.nic_cnt, arg, "nic", err, errlen);
	case HOST:
		return host_word(o, arg, err, errlen);
	case PCAP:
		o->net.pcap_dir = arg;
		return 0;
	case REPORT:
		o->report = arg;
		return 0;
	case TIMEOUT:
		return number("timeout", arg, 1, 1000000, &o->timeout, err, errlen);
	case PROBE:
		o->probe = true;
		return 0;
	case VERBOSE:
		o->verbose = true;
		return 0;
	case HELP:
		fputs(help, stdout);
		exit(0);
	}
	return -EINVAL;
}

int opts_parse(struct opts *o, int argc, char **argv, char *err, size_t errlen)
{
	int opt;

	o->cpus = 1;
	o->mem_mb = 512;
	o->cmdline = "console=ttyS0 panic=-1";
	o->eventfds = true;
	o->vmbus_version = VMBUS_VERSION(5, 3);
	o->net.nic = o->nic_words;
	o->net.host = o->host_words;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt == '?') {
			snprintf(err, errlen, "option %s is unknown or lacks its argument",
				 argv[optind - 1]);
			return -EINVAL;
		}
		if (take(o, opt, optarg, err, errlen))
			return -EINVAL;
	}
	if (optind < argc) {
		snprintf(err, errlen, "'%s' is no option", argv[optind]);
		return -EINVAL;
	}
	if (!o->probe && !o->kernel) {
		snprintf(err, errlen, "--kernel is missing");
		return -EINVAL;
	}
	o->net.cpus = o->cpus;
	return o->probe ? 0 : netvsp_check(&o->net, err, errlen);
}

void opts_free(struct opts *o)
{
	while (o->net.host_cnt)
		free((void *)o->host_words[--o->net.host_cnt]);
}
