// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: config - the keys of --nic, --host and nic.add: one table, each with its
 * parser and one line of help. An unknown key or value answers with a sentence
 * that lists what there is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netvsc/ndis.h>
#include <netvsc/nvsp.h>
#include <netvsc/rndis.h>
#include "../base/arg.h"
#include "config.h"
#include "offload.h"
#include "rsc.h"
#include "wire.h"

#define FIFO_DEFAULT	256	/* frames per queue that wait for room */
#define LATENCY_DEFAULT_US	100
#define LATENCY_MIN_US	10	/* the page has units of 100 ns, 16 bits of them */
#define LATENCY_MAX_US	6553
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static bool number(const char *s, unsigned int min, unsigned int max, unsigned int *out)
{
	unsigned long v;
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	v = strtoul(s, &end, 0);
	if (*end || v < min || v > max)
		return false;
	*out = (unsigned int)v;
	return true;
}

/* Position of @s among the words of @list ("a|b|c"), or -1. */
static int one_of(const char *s, const char *list)
{
	size_t len = strlen(s);
	int i = 0;

	while (len && *list) {
		size_t word = strcspn(list, "|");

		if (word == len && !memcmp(list, s, len))
			return i;
		list += word;
		list += *list == '|';
		i++;
	}
	return -1;
}

static bool flag(const char *s, bool *out)
{
	int i = one_of(s, "off|on|no|yes|0|1");

	if (i >= 0)
		*out = i & 1;
	return i >= 0;
}

static bool set_mac(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	n->mac_set = true;
	return arg_mac(s, n->mac) && !(n->mac[0] & 1);
}

static bool set_nvsp(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	uint32_t version = wire_version_by_name(s);

	(void)h;
	if (version)
		n->nvsp_max = version;
	return version;
}

static bool set_queues(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	n->queues_set = true;
	return number(s, 1, NVSP_MAX_CHANNELS, &n->queues);
}

static bool set_suballoc(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 1728, 1806, &n->suballoc) &&
	       (n->suballoc == 1728 || n->suballoc == 1806);
}

static bool set_link(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "down|up");

	(void)h;
	n->link_up = i == 1;
	return i >= 0;
}

static bool set_speed(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	unsigned int v;

	(void)h;
	if (!number(s, 1, 400000, &v))
		return false;
	n->speed_mbps = v;
	return true;
}

static bool set_offload(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return offload_parse(s, &n->able);
}

static bool set_lso_max(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 2000, 262144, &n->lso_max);
}

static bool set_lso_segs(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 1, 64, &n->lso_segs);
}

static bool set_rsc(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->rsc);
}

static bool set_rsc_max(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 1500, RSC_BYTES_MAX, &n->rsc_max);
}

static bool set_rsc_segs(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 2, NVSP_XFER_RANGES_MAX_RSC, &n->rsc_segs);
}

static bool set_rsc_frag(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "segment|fill");

	(void)h;
	n->rsc_fill = i == 1;
	return i >= 0;
}

static bool set_itab(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "windows|compact|off");

	(void)h;
	n->itab = (enum nic_itab)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool set_batch(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 1, NVSP_XFER_RANGES_MAX, &n->batch);
}

static bool set_monitor(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->monitor);
}

static bool set_latency(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, LATENCY_MIN_US, LATENCY_MAX_US, &n->latency);
}

static bool set_pace(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 0, 100, &n->pace_ms);
}

static bool set_fifo(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 0, 65536, &n->fifo);
}

static bool set_rss_entries(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 1, NDIS_RSS_TABLE_ENTRIES_MAX, &n->rss_entries);
}

static bool set_section(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, NVSP_SEND_SECTION_MIN, 1 << 20, &n->section_size);
}

static bool set_hash(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->hash_ppi);
}

static bool set_udp_hash(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "off|on|tcp");

	(void)h;
	n->udp_hash = (enum nic_udp_hash)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool set_tiny(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "share|dead");

	(void)h;
	n->tiny = (enum nic_tiny)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool set_caps(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "asked|newest");

	(void)h;
	n->caps_newest = i == 1;
	return i >= 0;
}

static bool set_rss_restart(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->rss_restart);
}

static bool set_wait(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "packet|quarter");

	(void)h;
	n->wait_quarter = i == 1;
	return i >= 0;
}

/* A host of that generation, in one word (9.7); later keys change single traits. */
static const struct {
	const char *name;
	uint32_t version;
	unsigned int able;
	bool rsc;
	bool hash_ppi;
	enum nic_udp_hash udp_hash;
	unsigned int queues_max;
} profiles[] = {
	{ "2008r2", NVSP_VERSION_2, ABLE_IP4 | ABLE_TCP4 | ABLE_LSO4, false, false,
	  UDP_HASH_OFF, 1 },
	{ "2012", NVSP_VERSION_4, ABLE_FULL & ~(ABLE_UDP4 | ABLE_UDP6), false, false,
	  UDP_HASH_OFF, 1 },
	{ "2012r2", NVSP_VERSION_5, ABLE_FULL, false, true, UDP_HASH_OFF, 8 },
	{ "2016", NVSP_VERSION_6, ABLE_FULL, false, true, UDP_HASH_TCP, 16 },
	{ "2019", NVSP_VERSION_61, ABLE_FULL, true, true, UDP_HASH_ON, 64 },
	{ "2022", NVSP_VERSION_61, ABLE_FULL, true, true, UDP_HASH_ON, 64 },
	{ "openvmm", NVSP_VERSION_61, ABLE_FULL, false, false, UDP_HASH_OFF, 64 },
};

/* What another implementation of the host does (9.8). */
static void set_openvmm(struct nic_cfg *n)
{
	n->suballoc = 1806;
	n->itab = ITAB_COMPACT;
	n->batch = NVSP_XFER_RANGES_MAX;
	n->tiny = TINY_DEAD;
	n->caps_newest = true;
	n->rss_restart = true;
	n->wait_quarter = true;
	n->vf_told_early = true;
	n->vf_asks = true;
	n->vf_short = true;
	n->vf_quiet = true;
	n->vf_keep = true;
	n->vf_delay = 1000;
	n->friendly_set = true;
	snprintf(n->friendly, sizeof(n->friendly), "Network Device");
}

static bool set_profile(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	size_t i;

	(void)h;
	for (i = 0; i < ARRAY_SIZE(profiles) && strcmp(profiles[i].name, s); i++)
		;
	if (i == ARRAY_SIZE(profiles))
		return false;
	n->nvsp_max = profiles[i].version;
	n->suballoc = NVSP_RECV_SUBALLOC_DEFAULT;
	n->itab = ITAB_WINDOWS;
	n->able = profiles[i].able;
	n->rsc = profiles[i].rsc;
	n->hash_ppi = profiles[i].hash_ppi;
	n->udp_hash = profiles[i].udp_hash;
	if (n->queues > profiles[i].queues_max)
		n->queues = profiles[i].queues_max;
	if (!strcmp(s, "openvmm"))
		set_openvmm(n);
	return true;
}

static bool set_strict(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->strict);
}

static bool set_spoof(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->spoof);
}

static bool set_name(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	n->friendly_set = true;
	snprintf(n->friendly, sizeof(n->friendly), "%s", s);
	return strlen(s) < sizeof(n->friendly);
}

static bool set_vf(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->vf);
}

static bool set_vf_kind(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "ixgbevf|virtio");

	(void)h;
	n->vf_kind = (enum nic_vf_kind)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool set_vf_serial(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 0, UINT32_MAX, &n->vf_serial);
}

static bool set_vf_queues(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 1, 8, &n->vf_queues);
}

static bool set_vf_mtu(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 0, 65535, &n->vf_mtu);
}

static bool set_vf_assoc(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "before|after|never");

	(void)h;
	n->vf_assoc = (enum nic_vf_assoc)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool set_vf_delay(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return number(s, 0, 600000, &n->vf_delay);
}

static bool set_vf_wrong(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "pass|drop");

	(void)h;
	n->vf_wrong = (enum nic_vf_wrong)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool set_vf_keep(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->vf_keep);
}

static bool set_vf_tell(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "later|init");

	(void)h;
	n->vf_told_early = i == 1;
	return i >= 0;
}

static bool set_vf_ask(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->vf_asks);
}

static bool set_vf_short(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->vf_short);
}

static bool set_vf_quiet(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->vf_quiet);
}

static bool set_vf_offload(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	int i = one_of(s, "none|csum|full");

	(void)h;
	n->vf_csum = i >= 1;
	n->vf_tso = i == 2;
	return i >= 0;
}

static bool set_vf_rss(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)h;
	return flag(s, &n->vf_rss);
}

static bool set_peer(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)n;
	return flag(s, &h->peer);
}

static bool set_peer4(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)n;
	snprintf(h->peer4, sizeof(h->peer4), "%s", s);
	return strchr(s, '/') && strlen(s) < sizeof(h->peer4);
}

static bool set_peer6(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)n;
	snprintf(h->peer6, sizeof(h->peer6), "%s", s);
	return strchr(s, '/') && strlen(s) < sizeof(h->peer6);
}

static bool set_peer_mtu(const char *s, struct nic_cfg *n, struct host_cfg *h)
{
	(void)n;
	return number(s, 68, 9202, &h->peer_mtu);
}

static const struct {
	const char *key;
	const char *values;
	bool (*set)(const char *s, struct nic_cfg *n, struct host_cfg *h);
	bool host_only;
} keys[] = {
	{ "mac", "00:15:5d:00:00:01 ...", set_mac, false },
	{ "nvsp", "1|2|4|5|6|6.1", set_nvsp, false },
	{ "queues", "1..64", set_queues, false },
	{ "suballoc", "1728|1806", set_suballoc, false },
	{ "link", "up|down", set_link, false },
	{ "speed", "1..400000 (Mbit/s)", set_speed, false },
	{ "offload", "full|csum|none, or words like tcp4+lso4, full-udp6", set_offload, false },
	{ "lso_max", "2000..262144 (bytes of a large send)", set_lso_max, false },
	{ "lso_segs", "1..64 (least segments of a large send)", set_lso_segs, false },
	{ "rsc", "on|off", set_rsc, false },
	{ "rsc_max", "1500..65535 (bytes of an aggregate)", set_rsc_max, false },
	{ "rsc_segs", "2..562 (segments of an aggregate)", set_rsc_segs, false },
	{ "rsc_frag", "segment|fill", set_rsc_frag, false },
	{ "itab", "windows|compact|off", set_itab, false },
	{ "batch", "1..375", set_batch, false },
	{ "monitor", "on|off", set_monitor, false },
	{ "latency", "10..6553 (us)", set_latency, false },
	{ "pace", "0..100 (ms)", set_pace, false },
	{ "fifo", "0..65536", set_fifo, false },
	{ "rss_entries", "1..256", set_rss_entries, false },
	{ "section", "68..1048576", set_section, false },
	{ "hash", "on|off", set_hash, false },
	{ "udp_hash", "off|on|tcp", set_udp_hash, false },
	{ "tiny", "share|dead", set_tiny, false },
	{ "caps", "asked|newest", set_caps, false },
	{ "rss_restart", "on|off", set_rss_restart, false },
	{ "wait", "packet|quarter", set_wait, false },
	{ "profile", "2008r2|2012|2012r2|2016|2019|2022|openvmm", set_profile, false },
	{ "strict", "on|off", set_strict, false },
	{ "spoof", "on|off", set_spoof, false },
	{ "name", "up to 127 bytes, empty = none", set_name, false },
	{ "vf", "on|off", set_vf, false },
	{ "vf_kind", "ixgbevf|virtio", set_vf_kind, false },
	{ "vf_serial", "0..4294967295 (0: made up)", set_vf_serial, false },
	{ "vf_queues", "1..8", set_vf_queues, false },
	{ "vf_mtu", "0..65535 (0: not told)", set_vf_mtu, false },
	{ "vf_assoc", "before|after|never", set_vf_assoc, false },
	{ "vf_delay", "0..600000 (ms)", set_vf_delay, false },
	{ "vf_wrong", "pass|drop", set_vf_wrong, false },
	{ "vf_keep", "on|off", set_vf_keep, false },
	{ "vf_tell", "later|init", set_vf_tell, false },
	{ "vf_ask", "on|off", set_vf_ask, false },
	{ "vf_short", "on|off", set_vf_short, false },
	{ "vf_quiet", "on|off", set_vf_quiet, false },
	{ "vf_offload", "none|csum|full", set_vf_offload, false },
	{ "vf_rss", "on|off", set_vf_rss, false },
	{ "peer", "on|off", set_peer, true },
	{ "peer4", "192.168.77.1/24", set_peer4, true },
	{ "peer6", "fd77::1/64", set_peer6, true },
	{ "peer_mtu", "68..9202", set_peer_mtu, true },
};

void config_defaults(struct nic_cfg *n, struct host_cfg *h, unsigned int cpus)
{
	memset(n, 0, sizeof(*n));
	n->nvsp_max = NVSP_VERSION_61;
	n->queues = !cpus ? 1 : cpus < 8 ? cpus : 8;
	n->suballoc = 1806;
	n->link_up = true;
	n->speed_mbps = 10000;
	n->able = ABLE_FULL;
	n->lso_max = RNDIS_LSO_MAX_BYTES_HOST;
	n->lso_segs = RNDIS_LSO_MIN_SEGS_HOST;
	n->rsc_max = RSC_BYTES_MAX;
	n->rsc_segs = NVSP_XFER_RANGES_MAX_RSC;
	n->itab = ITAB_WINDOWS;
	n->batch = 32;
	n->latency = LATENCY_DEFAULT_US;
	n->fifo = FIFO_DEFAULT;
	n->rss_entries = NDIS_RSS_TABLE_ENTRIES;
	n->section_size = NVSP_SEND_SECTION_DEFAULT;
	n->hash_ppi = true;
	n->strict = true;
	n->spoof = true;
	n->vf_csum = true;
	n->vf_tso = true;
	if (!h)
		return;
	memset(h, 0, sizeof(*h));
	h->peer = true;
	h->peer_mtu = 1500;
	snprintf(h->peer4, sizeof(h->peer4), "192.168.77.1/24");
	snprintf(h->peer6, sizeof(h->peer6), "fd77::1/64");
}

static void list_keys(char *err, size_t errlen, const char *key, bool host)
{
	size_t i, used;

	used = (size_t)snprintf(err, errlen, "unknown key '%s'; keys are:", key);
	for (i = 0; i < ARRAY_SIZE(keys) && used < errlen; i++)
		if (host || !keys[i].host_only)
			used += (size_t)snprintf(err + used, errlen - used, " %s",
						 keys[i].key);
}

int config_key(const char *key, const char *val, struct nic_cfg *nic,
	       struct host_cfg *host, char *err, size_t errlen)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].key, key) || (keys[i].host_only && !host))
			continue;
		if (keys[i].set(val, nic, host))
			return 0;
		snprintf(err, errlen, "%s=%s: not understood; values are %s", key, val,
			 keys[i].values);
		return -EINVAL;
	}
	list_keys(err, errlen, key, host != NULL);
	return -EINVAL;
}

/* Keys that mean something while the NIC runs. */
bool config_live(const char *key)
{
	static const char *const live[] = {
		"batch", "pace", "fifo", "rsc_max", "rsc_segs", "rsc_frag", "hash",
		"udp_hash", "strict", "spoof", "itab", "section", "rss_entries", "nvsp", "vf_kind", "vf_serial",
		"vf_queues", "vf_mtu", "vf_assoc", "vf_delay", "vf_wrong", "vf_keep",
		"vf_offload", "vf_rss", "vf_tell", "vf_ask", "vf_short", "vf_quiet",
		"tiny", "caps", "rss_restart",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(live); i++)
		if (!strcmp(live[i], key))
			return true;
	return false;
}

bool config_knows(const char *key, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].key) == len && !memcmp(keys[i].key, key, len))
			return true;
	return false;
}

int config_word(const char *word, struct nic_cfg *nic, struct host_cfg *host,
		char *err, size_t errlen)
{
	char *copy = strdup(word), *save = NULL, *item;
	int ret = 0;

	if (!copy)
		return -ENOMEM;
	for (item = strtok_r(copy, ",", &save); item && !ret;
	     item = strtok_r(NULL, ",", &save)) {
		char *eq = strchr(item, '=');

		if (!eq) {
			snprintf(err, errlen, "'%s': key=value wanted", item);
			ret = -EINVAL;
			break;
		}
		*eq = 0;
		ret = config_key(item, eq + 1, nic, host, err, errlen);
	}
	free(copy);
	return ret;
}
