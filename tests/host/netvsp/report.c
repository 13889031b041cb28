// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: report - what a NIC did and how it is set, as JSON. Names are part of the
 * control protocol (Documentation/testhost.md): they do not change.
 */
#include <stdio.h>
#include <string.h>
#include <jansson.h>
#include "nic.h"
#include "report.h"
#include "vffn.h"
#include "wire.h"

static const char *const state_names[] = {
	[NIC_CLOSED] = "closed", [NIC_WAIT_INIT] = "wait_init",
	[NIC_NEGOTIATED] = "negotiated", [NIC_OPERATIONAL] = "operational",
	[NIC_HALTED] = "halted", [NIC_QUIESCED] = "quiesced",
};

static void put(json_t *o, const char *name, uint64_t v)
{
	json_object_set_new(o, name, json_integer((json_int_t)v));
}

static void put_mac(json_t *o, const char *name, const uint8_t m[6])
{
	char s[20];

	snprintf(s, sizeof(s), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
		 m[4], m[5]);
	json_object_set_new(o, name, json_string(s));
}

static void put_queue_stats(json_t *o, const struct nic_queue_stats *s)
{
	put(o, "frames_from_guest", s->frames_from_guest);
	put(o, "bytes_from_guest", s->bytes_from_guest);
	put(o, "frames_to_guest", s->frames_to_guest);
	put(o, "bytes_to_guest", s->bytes_to_guest);
	put(o, "tx_requests", s->tx_requests);
	put(o, "tx_completions", s->tx_completions);
	put(o, "rx_packets", s->rx_packets);
	put(o, "rx_completions", s->rx_completions);
	put(o, "rx_failed", s->rx_failed);
	put(o, "aggregates", s->aggregates);
	put(o, "section_packets", s->section_packets);
	put(o, "gpa_packets", s->gpa_packets);
	put(o, "mixed_packets", s->mixed_packets);
	put(o, "lso_frames", s->lso_frames);
	put(o, "csum_frames", s->csum_frames);
	put(o, "ring_full", s->ring_full);
	put(o, "rsc_packets", s->rsc_packets);
	put(o, "rsc_segments", s->rsc_segments);
	put(o, "rx_ranges", s->rx_ranges);
	put(o, "section_bytes", s->section_bytes);
	put(o, "gpa_bytes", s->gpa_bytes);
	put(o, "control_requests", s->control_requests);
}

static void put_channel_stats(json_t *o, const struct channel_stats *s)
{
	put(o, "ring_messages_from_guest", s->rx_packets);
	put(o, "ring_messages_to_guest", s->tx_packets);
	put(o, "signals_from_guest", s->rx_signals);
	put(o, "signals_by_hypercall", s->rx_signals - s->rx_monitor);
	put(o, "signals_by_monitor", s->rx_monitor);
	put(o, "interrupts", s->tx_signals);
	put(o, "spurious_signals", s->rx_spurious);
	put(o, "ring_full_writes", s->tx_full);
}

static json_t *report_queue(const struct nic_queue *q)
{
	json_t *o = json_object();

	put(o, "index", q->index);
	put(o, "relid", channel_relid(q->ch));
	put(o, "vp", channel_target_vp(q->ch));
	json_object_set_new(o, "open", json_boolean(q->open));
	put(o, "waiting_frames", q->batch.wait_cnt);
	put(o, "waiting_completions", q->done.cnt);
	put(o, "outstanding_to_guest", q->nic->pool.slot ?
	    pool_outstanding(&q->nic->pool, (int)q->index) : 0);
	put_queue_stats(o, &q->stats);
	put_channel_stats(o, channel_stats(q->ch));
	return o;
}

static json_t *report_queues(const struct nic *nic, struct nic_queue_stats *sum,
			     struct channel_stats *ch)
{
	json_t *list = json_array();
	unsigned int i;

	*sum = nic->gone;
	*ch = nic->gone_ch;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		const struct nic_queue *q = nic->q[i];

		if (!q)
			continue;
		json_array_append_new(list, report_queue(q));
		nic_add_counters(sum, &q->stats, sizeof(q->stats));
		nic_add_counters(ch, channel_stats(q->ch), sizeof(*ch));
	}
	return list;
}

static json_t *report_drops(const struct nic_drops *d)
{
	json_t *o = json_object();

	put(o, "not_ready", d->not_ready);
	put(o, "filter", d->filter);
	put(o, "link", d->link);
	put(o, "too_long", d->too_long);
	put(o, "fifo_full", d->fifo_full);
	put(o, "reset", d->reset);
	return o;
}

static json_t *report_offloads(const struct nic_offloads *f)
{
	return json_pack("{s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b}",
			 "tx_ip4", f->tx_ip4, "tx_tcp4", f->tx_tcp4, "tx_udp4", f->tx_udp4,
			 "tx_tcp6", f->tx_tcp6, "tx_udp6", f->tx_udp6,
			 "rx_ip4", f->rx_ip4, "rx_tcp4", f->rx_tcp4, "rx_udp4", f->rx_udp4,
			 "rx_tcp6", f->rx_tcp6, "rx_udp6", f->rx_udp6,
			 "lso4", f->lso4, "lso6", f->lso6,
			 "rsc4", f->rsc4, "rsc6", f->rsc6);
}

static json_t *report_rss(const struct nic_rss *r)
{
	char key[2 * NDIS_RSS_KEY_BYTES + 1] = "";
	json_t *table = json_array();
	unsigned int i;

	for (i = 0; i < NDIS_RSS_KEY_BYTES; i++)
		snprintf(key + i * 2, 3, "%02x", r->key[i]);
	for (i = 0; i < r->entries; i++)
		json_array_append_new(table, json_integer(r->table[i]));
	return json_pack("{s:b,s:I,s:s,s:o}", "enabled", r->enabled,
			 "types", (json_int_t)r->types, "key", key, "table", table);
}

json_t *report_vf(const struct nic *nic)
{
	const struct nic_vf *vf = &nic->vf;
	const struct nic_vf_stats *s = &vf->stats;
	const struct { const char *name; uint64_t v; } counters[] = {
		{ "associations", s->associations }, { "withdrawals", s->withdrawals },
		{ "switch_requests", s->switch_requests },
		{ "switch_pointless", s->switch_pointless },
		{ "switch_failed", s->switch_failed }, { "to_vf", s->to_vf },
		{ "to_synthetic", s->to_synthetic }, { "notices", s->notices },
		{ "notices_answered", s->notices_answered },
		{ "wrong_path_synthetic", s->wrong_path_synthetic },
		{ "wrong_path_vf", s->wrong_path_vf },
		{ "frames_to_vf", s->frames_to_vf }, { "bytes_to_vf", s->bytes_to_vf },
		{ "frames_from_vf", s->frames_from_vf }, { "bytes_from_vf", s->bytes_from_vf },
	};
	json_t *o = json_object();
	size_t i;

	json_object_set_new(o, "present", json_boolean(vf->fn != NULL));
	json_object_set_new(o, "leaving", json_integer(vffn_leaving(nic)));
	json_object_set_new(o, "path", json_string(vf->path == NVSP_DATAPATH_VF ? "vf" :
										 "synthetic"));
	json_object_set_new(o, "switching", json_boolean(vf->pending));
	json_object_set_new(o, "associated", json_boolean(vf->told));
	json_object_set_new(o, "serial", json_integer(vf->serial));
	json_object_set_new(o, "told_serial", json_integer(vf->told_serial));
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		json_object_set_new(o, counters[i].name, json_integer((json_int_t)counters[i].v));
	json_object_set_new(o, "function", vf->fn ? vffn_report(vf->fn) : json_null());
	return o;
}

json_t *report_nic(const struct nic *nic)
{
	struct nic_queue_stats sum;
	struct channel_stats ch;
	json_t *o = json_object();
	json_t *queues = report_queues(nic, &sum, &ch);

	put(o, "nic", (uint64_t)nic->id);
	json_object_set_new(o, "state", json_string(state_names[nic->state]));
	json_object_set_new(o, "nvsp", json_string(wire_version_name(nic->version)));
	put_mac(o, "mac", nic->mac);
	put_mac(o, "permanent_mac", nic->cfg.mac);
	json_object_set_new(o, "link", json_string(nic->link_up ? "up" : "down"));
	put(o, "speed_mbps", nic->speed_mbps);
	put(o, "mtu", nic->frame_size - 14);
	put(o, "filter", nic->filter);
	put(o, "capabilities", nic->caps);
	put(o, "ndis_minor", nic->ndis_minor);
	put(o, "suballoc_size", nic->sub_size);
	put(o, "suballoc_count", nic->pool.cnt);
	put(o, "section_size", nic->section_size);
	put(o, "channels", nic_open_queues(nic));
	put(o, "outstanding_to_guest", nic->pool.slot ?
	    pool_outstanding(&nic->pool, -1) : 0);
	put_queue_stats(o, &sum);
	put_channel_stats(o, &ch);
	put(o, "tx_unicast", nic->unicast[0]);
	put(o, "tx_multicast", nic->multicast[0]);
	put(o, "tx_broadcast", nic->broadcast[0]);
	put(o, "rx_unicast", nic->unicast[1]);
	put(o, "rx_multicast", nic->multicast[1]);
	put(o, "rx_broadcast", nic->broadcast[1]);
	put(o, "tx_bad", nic->tx_bad);
	put(o, "tx_segments", nic->tx_segments);
	put(o, "tx_spoofed", nic->spoofed);
	put(o, "watched", nic->watched);
	put(o, "changed", nic->lies.changed);
	put(o, "rewrites", nic->rewritten.all);
	put(o, "rewrites_waiting", nic->rewritten.waiting);
	put(o, "excused", nic->lies.excused);
	json_object_set_new(o, "excused_last", json_string(nic->lies.excused_last ? nic->lies.excused_last : ""));
	put(o, "opens", nic->opens);
	put(o, "closes", nic->closes);
	json_object_set_new(o, "drops", report_drops(&nic->drops));
	json_object_set_new(o, "offloads", report_offloads(&nic->off));
	json_object_set_new(o, "rss", report_rss(&nic->rss));
	put(o, "rss_sets", nic->rss_sets);
	json_object_set_new(o, "vf", report_vf(nic));
	json_object_set_new(o, "queues", queues);
	return o;
}
