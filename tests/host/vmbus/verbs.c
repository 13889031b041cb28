// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: verbs - the bus over the control protocol: "bus" shows it, "bus.rescind"
 * takes a sub-channel away (whole NICs go by nic.remove, which knows what hangs
 * on them).
 */
#include "internal.h"

#include <stdio.h>

#include "arg.h"
#include "ctl.h"

#define SCAN_MIN	16u
#define SCAN_MAX	64u

static const char *const state_names[] = {
	[CH_HIDDEN] = "hidden", [CH_OFFERED] = "offered", [CH_OPEN] = "open",
	[CH_RESCINDED] = "rescinded",
};

static json_t *channel_json(const struct vmbus_channel *ch)
{
	return json_pack("{s:i,s:i,s:s,s:b,s:i,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "relid", (int)ch->relid,
			 "subindex", ch->params.subchannel_index, "state", state_names[ch->state],
			 "dead", ch->dead, "vp", (int)ch->target_vp,
			 "monitor", ch->monitor == MONITOR_NONE ? -1 : ch->monitor,
			 "rx_packets", (json_int_t)ch->stats.rx_packets,
			 "tx_packets", (json_int_t)ch->stats.tx_packets,
			 "rx_signals", (json_int_t)ch->stats.rx_signals,
			 "rx_monitor", (json_int_t)ch->stats.rx_monitor,
			 "tx_signals", (json_int_t)ch->stats.tx_signals,
			 "rx_spurious", (json_int_t)ch->stats.rx_spurious,
			 "tx_full", (json_int_t)ch->stats.tx_full);
}

json_t *vmbus_json(const struct vmbus *bus)
{
	json_t *list = json_array();
	char version[16] = "none";
	unsigned int i;

	if (bus->version)
		snprintf(version, sizeof(version), "%u.%u", bus->version >> 16,
			 bus->version & 0xffff);
	for (i = 1; i < RELID_MAX; i++)
		if (bus->channel[i])
			json_array_append_new(list, channel_json(bus->channel[i]));
	return json_pack("{s:s,s:i,s:i,s:i,s:I,s:o}", "version", version,
			 "contacts", (int)bus->contacts, "gpadls", (int)bus->gpadl_cnt,
			 "gpadl_pages", (int)bus->gpadl_pages,
			 "monitor_looks", (json_int_t)bus->monitors.looks, "channels", list);
}

static void verb_bus(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)args;
	ctl_ok(call, vmbus_json(priv));
}

static void verb_rescind(void *priv, struct ctl_call *call, const json_t *args)
{
	struct vmbus_channel *ch;
	int64_t relid;

	if (!arg_int(args, "relid", &relid) || relid <= 0 || relid >= RELID_MAX) {
		ctl_error(call, "bus.rescind wants relid=1..%u (see bus)", RELID_MAX - 1);
		return;
	}
	ch = bus_channel(priv, (uint32_t)relid);
	if (!ch || ch->state == CH_RESCINDED) {
		ctl_error(call, "the guest has no channel %d", (int)relid);
		return;
	}
	if (!ch->params.subchannel_index) {
		ctl_error(call, "channel %d is a primary: nic.remove takes it away", (int)relid);
		return;
	}
	channel_rescind(ch);
	ctl_ok(call, NULL);
}

static void verb_scan(void *priv, struct ctl_call *call, const json_t *args)
{
	uint8_t pattern[SCAN_MAX];
	size_t len;

	if (!arg_hex(args, "pattern", pattern, sizeof(pattern), &len) || len < SCAN_MIN || len % 2)
		ctl_error(call, "scan wants pattern=HEX, an even number of %u to %u bytes", SCAN_MIN,
			  SCAN_MAX);
	else
		ctl_ok(call, scan_for(priv, pattern, len, json_object_get(args, "all")));
}

void vmbus_register_verbs(struct vmbus *bus)
{
	ctl_register("bus", "version, channels and their counts", verb_bus, bus);
	ctl_register("scan", "pattern=HEX [all=1]: where these bytes are in what the guest shares, or in all of its memory",
		     verb_scan, bus);
	ctl_register("bus.rescind", "relid=N: takes a sub-channel away", verb_rescind, bus);
}
