/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: opts - the command line, parsed and judged; for main. */
#ifndef HVHOST_OPTS_H
#define HVHOST_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"
#include "netvsp.h"

#define OPTS_WORDS	64

struct opts {
	const char *kernel, *initrd, *cmdline, *console, *control, *report;
	const char *pmem[MACHINE_MAX_PMEM];
	unsigned int pmem_cnt, cpus, mem_mb, timeout, reboots;
	bool use_stdio, probe, verbose;
	bool eventfds;		/* doorbells by eventfd, else by exit */
	bool stimer;		/* synthetic timers are offered */
	bool isolated;		/* the guest is confidential */
	uint32_t vmbus_version;
	struct netvsp_config net;
	const char *nic_words[OPTS_WORDS], *host_words[OPTS_WORDS];
};

/**
 * opts_parse() - read and judge the command line; --help prints and exits
 *
 * Return: 0, or -EINVAL with a sentence in @err.
 */
int opts_parse(struct opts *o, int argc, char **argv, char *err, size_t errlen);

/** opts_free() - what opts_parse() keeps, after an error too */
void opts_free(struct opts *o);

#endif
