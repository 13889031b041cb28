/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: config - keys of a NIC and of the host.
 */
#ifndef HVHOST_NETVSP_CONFIG_H
#define HVHOST_NETVSP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include "nic_cfg.h"

/* Keys that are not a NIC's. */
struct host_cfg {
	bool peer;
	char peer4[48], peer6[64];	/* ADDRESS/PREFIX */
	unsigned int peer_mtu;
};

/** config_defaults() - before any key; @host may be NULL */
void config_defaults(struct nic_cfg *nic, struct host_cfg *host, unsigned int cpus);

/**
 * config_word() - "key=val,key=val" into @nic and (if not NULL) @host
 * @err: gets a sentence when the answer is not 0
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int config_word(const char *word, struct nic_cfg *nic, struct host_cfg *host,
		char *err, size_t errlen);

/**
 * config_key() - one key
 *
 * Return: 0 or -EINVAL.
 */
int config_key(const char *key, const char *val, struct nic_cfg *nic,
	       struct host_cfg *host, char *err, size_t errlen);

/**
 * config_live() - may the key change while the NIC is there?
 *
 * Return: true if so.
 */
bool config_live(const char *key);

/**
 * config_knows() - is there such a key?
 *
 * Return: true if so.
 */
bool config_knows(const char *key, size_t len);

#endif
