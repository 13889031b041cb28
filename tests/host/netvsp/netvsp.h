/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: netvsp - the host side of the synthetic NIC, as main sees it.
 *
 * netvsp_setup() builds the switch, the peer, the generator and the NICs from
 * the command line's words, offers the NICs on the bus and registers the
 * control verbs (nic.*, stats, gen.*, peer*, pcap.*, fault.*). From then on it
 * lives by callbacks of the bus, the loop and ctl. Documentation/testhost.md has
 * the keys and verbs.
 */
#ifndef HVHOST_NETVSP_NETVSP_H
#define HVHOST_NETVSP_NETVSP_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

struct vmbus;

/* The command line's words; the strings are borrowed during the call only. */
struct netvsp_config {
	unsigned int nics;		/* --nics; more --nic than that count too */
	const char *const *nic;		/* --nic words in order: NIC 0, 1, ... */
	unsigned int nic_cnt;
	const char *const *host;	/* --host words: keys of all NICs and of the switch */
	unsigned int host_cnt;
	unsigned int cpus;		/* vCPUs: the default of queues= is min(cpus, 8) */
	const char *pcap_dir;		/* --pcap, or NULL */
};

/**
 * netvsp_knows_key() - is this a key of --host/--nic that netvsp understands?
 *
 * Lets main pick its own machine-wide keys out of --host and pass on the rest.
 * Return: true if so.
 */
bool netvsp_knows_key(const char *key, size_t len);

/**
 * netvsp_check() - look at the words without doing anything
 * @err: gets a sentence when the answer is not 0
 *
 * Return: 0 or -EINVAL.
 */
int netvsp_check(const struct netvsp_config *cfg, char *err, size_t errlen);

/**
 * netvsp_setup() - build everything and offer the NICs
 * @err: gets a sentence when the answer is not 0
 *
 * To be called before the vCPU threads exist (the peer is forked off here).
 * Return: 0 or negative errno.
 */
int netvsp_setup(struct vmbus *bus, const struct netvsp_config *cfg,
		 char *err, size_t errlen);

/** netvsp_teardown() - free all; the guest is gone, the bus still exists */
void netvsp_teardown(void);

/**
 * netvsp_report() - statistics of everything, for the final report
 *
 * Return: a new reference.
 */
json_t *netvsp_report(void);

#endif
