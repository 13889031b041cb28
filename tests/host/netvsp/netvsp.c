// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: netvsp - set-up: words of the command line to NICs, peer and generator.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <jansson.h>
#include "../backend/gen.h"
#include "../backend/peer.h"
#include "../backend/switch.h"
#include "config.h"
#include "netvsp.h"
#include "nics.h"
#include "verbs.h"

bool netvsp_knows_key(const char *key, size_t len)
{
	return config_knows(key, len);
}

static int parse(const struct netvsp_config *cfg, struct nic_cfg *defaults,
		 struct host_cfg *host, struct nic_cfg nic[NICS_MAX], unsigned int *n,
		 char *err, size_t errlen)
{
	unsigned int i;
	int ret;

	config_defaults(defaults, host, cfg->cpus);
	for (i = 0; i < cfg->host_cnt; i++) {
		ret = config_word(cfg->host[i], defaults, host, err, errlen);
		if (ret)
			return ret;
	}
	if (defaults->mac_set) {
		snprintf(err, errlen, "mac= belongs to one NIC: use --nic mac=...");
		return -EINVAL;
	}
	*n = cfg->nics > cfg->nic_cnt ? cfg->nics : cfg->nic_cnt;
	if (*n > NICS_MAX) {
		snprintf(err, errlen, "%u NICs, at most %d", *n, NICS_MAX);
		return -EINVAL;
	}
	for (i = 0; i < *n; i++) {
		nic[i] = *defaults;
		if (i >= cfg->nic_cnt)
			continue;
		ret = config_word(cfg->nic[i], &nic[i], NULL, err, errlen);
		if (ret)
			return ret;
	}
	return 0;
}

int netvsp_check(const struct netvsp_config *cfg, char *err, size_t errlen)
{
	struct nic_cfg defaults, nic[NICS_MAX];
	struct host_cfg host;
	unsigned int n;

	return parse(cfg, &defaults, &host, nic, &n, err, errlen);
}

int netvsp_setup(struct vmbus *bus, const struct netvsp_config *cfg, char *err,
		 size_t errlen)
{
	struct nic_cfg defaults, nic[NICS_MAX];
	struct host_cfg host;
	unsigned int i, n;
	int ret;

	ret = parse(cfg, &defaults, &host, nic, &n, err, errlen);
	if (ret)
		return ret;
	nics_init(bus, &defaults);
	if (cfg->pcap_dir) {
		ret = switch_pcap_start(cfg->pcap_dir, NULL);
		if (ret < 0) {
			snprintf(err, errlen, "captures in %s: %s", cfg->pcap_dir,
				 strerror(-ret));
			return ret;
		}
	}
	/* Without the peer (no namespaces, no TUN) the rest works; its verb says why. */
	peer_setup(host.peer, host.peer4, host.peer6, host.peer_mtu);
	ret = gen_setup();
	if (ret) {
		snprintf(err, errlen, "generator: %s", strerror(-ret));
		return ret;
	}
	for (i = 0; i < n; i++)
		if (!nics_add(&nic[i], err, errlen))
			return -EINVAL;
	verbs_register();
	vf_verbs_register();
	return 0;
}

void netvsp_teardown(void)
{
	while (nics_first())
		nics_remove(nics_first());
	gen_teardown();
	peer_teardown();
	switch_pcap_stop(NULL);
}

json_t *netvsp_report(void)
{
	return verbs_report_all();
}
