// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: netvsp - set-up: words of the command line to NICs, peer and generator; and
 * the list of NICs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../backend/gen.h"
#include "../backend/peer.h"
#include "nic.h"
#include "netvsp.h"

static struct {
	struct vmbus *bus;
	struct nic *first;
	int next_id;
	struct nic_cfg defaults;
	struct host_cfg host;
} room;

bool netvsp_knows_key(const char *key, size_t len)
{
	return config_knows(key, len);
}

struct nic *netvsp_first_nic(void)
{
	return room.first;
}

const struct nic_cfg *netvsp_defaults(void)
{
	return &room.defaults;
}

struct nic *netvsp_nic(int id)
{
	struct nic *nic;

	for (nic = room.first; nic; nic = nic->next)
		if (nic->id == id)
			return nic;
	return NULL;
}

static int parse(const struct netvsp_config *cfg, struct nic_cfg *defaults,
		 struct host_cfg *host, struct nic_cfg nic[NIC_MAX], unsigned int *n,
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
	if (*n > NIC_MAX) {
		snprintf(err, errlen, "%u NICs, at most %d", *n, NIC_MAX);
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
	struct nic_cfg defaults, nic[NIC_MAX];
	struct host_cfg host;
	unsigned int n;

	return parse(cfg, &defaults, &host, nic, &n, err, errlen);
}

static bool mac_taken(const uint8_t mac[6])
{
	struct nic *nic;

	for (nic = room.first; nic; nic = nic->next)
		if (!memcmp(nic->cfg.mac, mac, 6))
			return true;
	return false;
}

/* 00:15:5d:00:00:01 for NIC 0, and so on; one that is taken is stepped over. */
static void default_mac(struct nic_cfg *cfg, int id)
{
	uint8_t mac[6] = { 0x00, 0x15, 0x5d, 0, 0, 0 };
	unsigned int n = (unsigned int)id + 1;

	do {
		mac[3] = (uint8_t)(n >> 16);
		mac[4] = (uint8_t)(n >> 8);
		mac[5] = (uint8_t)n++;
	} while (mac_taken(mac));
	memcpy(cfg->mac, mac, 6);
}

struct nic *netvsp_add(const struct nic_cfg *cfg, char *err, size_t errlen)
{
	struct nic_cfg c = *cfg;
	struct nic *nic, **at;
	unsigned int n = 0;

	for (at = &room.first; *at; at = &(*at)->next)
		n++;
	if (n == NIC_MAX) {
		snprintf(err, errlen, "%d NICs are there already", NIC_MAX);
		return NULL;
	}
	if (!c.mac_set)
		default_mac(&c, room.next_id);
	else if (mac_taken(c.mac)) {
		snprintf(err, errlen, "another NIC has that MAC address");
		return NULL;
	}
	if (!c.friendly_set)
		snprintf(c.friendly, sizeof(c.friendly), "hvhost NIC %d", room.next_id);
	nic = nic_create(room.bus, room.next_id, &c);
	if (!nic) {
		snprintf(err, errlen, "no channel or no switch port left");
		return NULL;
	}
	room.next_id++;
	*at = nic;
	vf_start(nic);
	return nic;
}

void netvsp_remove(struct nic *nic)
{
	struct nic **at = &room.first;

	while (*at && *at != nic)
		at = &(*at)->next;
	if (*at)
		*at = nic->next;
	nic_rescind(nic);
}

int netvsp_setup(struct vmbus *bus, const struct netvsp_config *cfg, char *err,
		 size_t errlen)
{
	struct nic_cfg nic[NIC_MAX];
	unsigned int i, n;
	int ret;

	ret = parse(cfg, &room.defaults, &room.host, nic, &n, err, errlen);
	if (ret)
		return ret;
	room.bus = bus;
	room.next_id = 0;
	if (cfg->pcap_dir) {
		ret = switch_pcap_start(cfg->pcap_dir, NULL);
		if (ret < 0) {
			snprintf(err, errlen, "captures in %s: %s", cfg->pcap_dir,
				 strerror(-ret));
			return ret;
		}
	}
	/* Without the peer (no namespaces, no TUN) the rest works; its verb says why. */
	peer_setup(room.host.peer, room.host.peer4, room.host.peer6, room.host.peer_mtu);
	ret = gen_setup();
	if (ret) {
		snprintf(err, errlen, "generator: %s", strerror(-ret));
		return ret;
	}
	for (i = 0; i < n; i++)
		if (!netvsp_add(&nic[i], err, errlen))
			return -EINVAL;
	verbs_register();
	return 0;
}

void netvsp_teardown(void)
{
	while (room.first)
		netvsp_remove(room.first);
	gen_teardown();
	peer_teardown();
	switch_pcap_stop(NULL);
}

json_t *netvsp_report(void)
{
	json_t *list = json_array();
	struct nic *nic;

	for (nic = room.first; nic; nic = nic->next)
		json_array_append_new(list, report_nic(nic));
	return json_pack("{s:o,s:o,s:o}", "nics", list, "switch", switch_report(),
			 "generator", gen_report());
}
