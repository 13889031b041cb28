// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: nics - the list of NICs, and the table of events that each of them gets.
 */
#include <stdio.h>
#include <string.h>
#include "life.h"
#include "nic.h"
#include "nics.h"
#include "rx.h"
#include "serve.h"
#include "vf_job.h"

static struct {
	struct vmbus *bus;
	struct nic *first;
	int next_id;
	struct nic_cfg defaults;
} list;

void nics_init(struct vmbus *bus, const struct nic_cfg *defaults)
{
	list.bus = bus;
	list.next_id = 0;
	list.defaults = *defaults;
}

struct nic *nics_first(void)
{
	return list.first;
}

const struct nic_cfg *nics_defaults(void)
{
	return &list.defaults;
}

struct nic *nics_find(int id)
{
	struct nic *nic;

	for (nic = list.first; nic; nic = nic->next)
		if (nic->id == id)
			return nic;
	return NULL;
}

static bool mac_taken(const uint8_t mac[6])
{
	struct nic *nic;

	for (nic = list.first; nic; nic = nic->next)
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

void nics_remove(struct nic *nic)
{
	struct nic **at = &list.first;

	while (*at && *at != nic)
		at = &(*at)->next;
	if (*at)
		*at = nic->next;
	life_rescind(nic);
}

/* What a file has to say to those above it: the only place where calls go up. */
static const struct nic_events events = {
	.service = serve_queue,
	.drop_frames = rx_drop_all,
	.path_request = vf_request,
	.operational = vf_operational,
	.vf_told = vf_job_told,
	.remove = nics_remove,
	.channel = &life_channel_ops,
};

struct nic *nics_add(const struct nic_cfg *cfg, char *err, size_t errlen)
{
	struct nic_cfg c = *cfg;
	struct nic *nic, **at;
	unsigned int n = 0;

	for (at = &list.first; *at; at = &(*at)->next)
		n++;
	if (n == NICS_MAX) {
		snprintf(err, errlen, "%d NICs are there already", NICS_MAX);
		return NULL;
	}
	if (!c.mac_set)
		default_mac(&c, list.next_id);
	else if (mac_taken(c.mac)) {
		snprintf(err, errlen, "another NIC has that MAC address");
		return NULL;
	}
	if (!c.friendly_set)
		snprintf(c.friendly, sizeof(c.friendly), "hvhost NIC %d", list.next_id);
	nic = life_create(list.bus, list.next_id, &c, &events);
	if (!nic) {
		snprintf(err, errlen, "no channel or no switch port left");
		return NULL;
	}
	list.next_id++;
	*at = nic;
	vf_job_start(nic);
	return nic;
}
