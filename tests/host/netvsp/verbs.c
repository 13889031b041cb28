// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: verbs - nic.*, stats, fault.*, pcap.* and switch of the control protocol.
 * Numbers may come as JSON numbers or as strings (hvctl passes words).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../backend/gen.h"
#include "../backend/switch.h"
#include "../base/arg.h"
#include "../base/ctl.h"
#include "../fault/fault.h"
#include "../fault/lie_table.h"
#include "config.h"
#include "leave.h"
#include "nic.h"
#include "nics.h"
#include "report.h"
#include "subchan.h"
#include "verbs.h"

/* The NIC a verb names; NULL when the call was answered with an error. */
static struct nic *the_nic(struct ctl_call *call, const json_t *args)
{
	struct nic *nic;
	int64_t id;

	if (!arg_int(args, "nic", &id)) {
		ctl_error(call, "nic=N is missing");
		return NULL;
	}
	nic = nics_find((int)id);
	if (!nic)
		ctl_error(call, "no NIC %lld", (long long)id);
	return nic;
}

static void verb_add(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic_cfg cfg = *nics_defaults();
	char err[400], val[128];
	struct nic *nic;
	const char *key;
	json_t *v;

	(void)priv;
	json_object_foreach((json_t *)args, key, v) {
		if (!strcmp(key, "id") || !strcmp(key, "cmd"))
			continue;
		if (!arg_text(v, val, sizeof(val))) {
			ctl_error(call, "%s: a word or a number wanted", key);
			return;
		}
		if (config_key(key, val, &cfg, NULL, err, sizeof(err))) {
			ctl_error(call, "%s", err);
			return;
		}
	}
	nic = nics_add(&cfg, err, sizeof(err));
	if (!nic) {
		ctl_error(call, "%s", err);
		return;
	}
	ctl_ok(call, report_nic(nic));
}

static void verb_remove(void *priv, struct ctl_call *call, const json_t *args)
{
	static const char *const words[] = {
		[LEAVE_ABRUPT] = "abrupt", [LEAVE_DRAINED] = "drained",
		[LEAVE_ORDERLY] = "orderly",
	};
	struct nic *nic = the_nic(call, args);
	const char *word = arg_str(args, "how");
	enum leave_how how;

	(void)priv;
	if (!nic)
		return;
	for (how = LEAVE_ABRUPT; word && how <= LEAVE_ORDERLY; how++)
		if (!strcmp(word, words[how]))
			break;
	if (how > LEAVE_ORDERLY)
		ctl_error(call, "how=abrupt, how=drained or how=orderly wanted");
	else
		leave_begin(nic, word ? how : LEAVE_DRAINED, call);
}

static void verb_link(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	const char *state = arg_str(args, "state");
	bool up;

	(void)priv;
	if (!nic)
		return;
	if (!state || (strcmp(state, "up") && strcmp(state, "down"))) {
		ctl_error(call, "state=up or state=down wanted");
		return;
	}
	up = !strcmp(state, "up");
	if (up != nic->link_up) {
		nic->link_up = up;
		rndis_link_changed(nic);
	}
	ctl_ok(call, NULL);
}

static void verb_speed(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	int64_t mbps;
	uint64_t unit;
	__le32 v;

	(void)priv;
	if (!nic)
		return;
	if (!arg_int(args, "mbps", &mbps) || mbps < 1 || mbps > 400000) {
		ctl_error(call, "mbps=1..400000 wanted");
		return;
	}
	nic->speed_mbps = (uint32_t)mbps;
	unit = (uint64_t)mbps * OID_LINK_SPEED_PER_MBPS;
	v = htole32(unit > UINT32_MAX ? UINT32_MAX : (uint32_t)unit);
	/* Hosts tell only guests that can team (9.4). */
	if (nic->caps & NVSP_CAP_TEAMING)
		rndis_indicate(nic, RNDIS_STATUS_LINK_SPEED_CHANGE, &v, sizeof(v));
	ctl_ok(call, json_pack("{s:b}", "indicated", !!(nic->caps & NVSP_CAP_TEAMING)));
}

static void verb_netchange(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	int64_t kind = RNDIS_NETWORK_CHANGE_DEFINITE;
	__le32 v;

	(void)priv;
	if (!nic)
		return;
	arg_int(args, "kind", &kind);
	v = htole32((uint32_t)kind);
	rndis_indicate(nic, RNDIS_STATUS_NETWORK_CHANGE, &v, kind ? sizeof(v) : 0);
	ctl_ok(call, NULL);
}

/* Any status indication, for tests: status=, hex= */
static void verb_indicate(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	uint8_t buf[256];
	int64_t status;
	size_t len = 0;

	(void)priv;
	if (!nic)
		return;
	if (!arg_int(args, "status", &status) ||
	    (arg_str(args, "hex") && !arg_hex(args, "hex", buf, sizeof(buf), &len))) {
		ctl_error(call, "status=CODE and perhaps hex=BYTES (up to 256) wanted");
		return;
	}
	rndis_indicate(nic, (uint32_t)status, buf, len);
	ctl_ok(call, NULL);
}

static void verb_offload(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	const char *set = arg_str(args, "set");
	unsigned int able;

	(void)priv;
	if (!nic)
		return;
	if (!set || !offload_parse(set, &able)) {
		ctl_error(call, "set=full|csum|none|rsc or words like full+rsc, tcp4+lso4, full-udp6 wanted");
		return;
	}
	offload_change(nic, able);
	ctl_ok(call, json_pack("{s:b}", "indicated", nic->state == NIC_OPERATIONAL));
}

/* nic.itab: entries=0,1,2 (repeated to 16), as a host that balances sends it. */
static void verb_itab(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	uint32_t entry[NVSP_INDIRECTION_ENTRIES];
	const json_t *v = json_object_get(args, "entries");
	char text[128];
	const char *s = text;
	unsigned int n = 0;
	char *end;

	(void)priv;
	if (!nic)
		return;
	if (!v || !arg_text(v, text, sizeof(text)))
		text[0] = 0;
	while (*s && n < NVSP_INDIRECTION_ENTRIES) {
		entry[n++] = (uint32_t)strtoul(s, &end, 0);
		if (end == s || (*end && *end != ',')) {
			n = 0;
			break;
		}
		s = end + (*end == ',');
	}
	if (!n || *s)
		ctl_error(call, "entries=N,N,... (1 to 16 numbers) wanted");
	else if (!nic->q[0]->open || nic->version < NVSP_VERSION_5 ||
		 !subchan_table(nic, entry, n))
		ctl_error(call, "not sent: no guest of V5 or newer there, or no room");
	else
		ctl_ok(call, NULL);
}

/* nic.set: keys that may change in the NIC's life, each KEY=VAL. */
static void verb_set(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	char err[400] = "", val[128];
	struct nic_cfg cfg;
	const char *key;
	json_t *v;

	(void)priv;
	if (!nic)
		return;
	cfg = nic->cfg;
	json_object_foreach((json_t *)args, key, v) {
		if (!strcmp(key, "id") || !strcmp(key, "cmd") || !strcmp(key, "nic"))
			continue;
		if (!config_live(key))
			snprintf(err, sizeof(err), "%s: not a key that can change", key);
		else if (!arg_text(v, val, sizeof(val)))
			snprintf(err, sizeof(err), "%s: a word or a number wanted", key);
		else
			config_key(key, val, &cfg, NULL, err, sizeof(err));
		if (err[0]) {
			ctl_error(call, "%s", err);
			return;
		}
	}
	nic->cfg = cfg;
	ctl_ok(call, NULL);
}

/* nic.watch: bytes to be looked for in each request of the guest; none: no more. */
static void verb_watch(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	size_t len = 0;

	(void)priv;
	if (!nic)
		return;
	if (arg_str(args, "hex") && !arg_hex(args, "hex", nic->watch, sizeof(nic->watch), &len)) {
		ctl_error(call, "hex=BYTES (up to %u) wanted", NIC_WATCH_MAX);
		return;
	}
	nic->watch_len = len;
	nic->watched = 0;
	ctl_ok(call, NULL);
}

static bool inject_one(struct nic *nic, const char *kind, uint64_t id, int64_t queue,
		       const uint8_t *buf, size_t len)
{
	struct nic_queue *q = queue >= 0 && queue < NVSP_MAX_CHANNELS ? nic->q[queue] : NULL;

	if (!strcmp(kind, "rndis")) {
		rndis_send(nic, buf, len);
		return true;
	}
	if (!q || !q->open)
		return false;
	if (!strcmp(kind, "inband"))
		return !channel_send(q->ch, VMBUS_PKT_INBAND, 0, id, buf, len);
	if (!strcmp(kind, "completion"))
		return !channel_send(q->ch, VMBUS_PKT_COMPLETION, 0, id, buf, len);
	return !strcmp(kind, "raw") && !channel_send_raw(q->ch, buf, len & ~7ul);
}

/* As many as find room, one at least. */
static bool inject(struct nic *nic, const char *kind, uint64_t id, int64_t queue,
		   const uint8_t *buf, size_t len, int64_t count)
{
	if (!inject_one(nic, kind, id, queue, buf, len))
		return false;
	while (--count > 0 && inject_one(nic, kind, id, queue, buf, len))
		;
	return true;
}

/* Any message out of turn: an answer early, late, twice, of the wrong kind. */
static void verb_inject(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	const char *kind = arg_str(args, "kind");
	int64_t id = 0, queue = 0, count = 1;
	uint8_t buf[512];
	size_t len = 0;

	(void)priv;
	if (!nic)
		return;
	arg_int(args, "trans", &id);
	arg_int(args, "queue", &queue);
	arg_int(args, "count", &count);
	if (!kind || (arg_str(args, "hex") && !arg_hex(args, "hex", buf, sizeof(buf), &len)))
		ctl_error(call, "kind=rndis|inband|completion|raw hex=BYTES (up to 512) [trans=ID] [queue=N] [count=N] wanted");
	else if (!inject(nic, kind, (uint64_t)id, queue, buf, len, count))
		ctl_error(call, "not sent: kind=%s unknown, channel %d closed or no room", kind,
			  (int)queue);
	else
		ctl_ok(call, NULL);
}

json_t *verbs_report_all(void)
{
	json_t *list = json_array();
	struct nic *nic;

	for (nic = nics_first(); nic; nic = nic->next)
		json_array_append_new(list, report_nic(nic));
	return json_pack("{s:o,s:o,s:o}", "nics", list, "switch", switch_report(),
			 "generator", gen_report());
}

static void verb_stats(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic;

	(void)priv;
	if (!json_object_get(args, "nic")) {
		ctl_ok(call, verbs_report_all());
		return;
	}
	nic = the_nic(call, args);
	if (nic)
		ctl_ok(call, report_nic(nic));
}

static void verb_switch(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	(void)args;
	ctl_ok(call, switch_report());
}

static void verb_fault_set(void *priv, struct ctl_call *call, const json_t *args)
{
	const char *name = arg_str(args, "name"), *what = arg_str(args, "what");
	const char *kind = arg_str(args, "kind"), *field = arg_str(args, "field"), *wrong;
	struct fault f = { .nic = FAULT_ANY_NIC, .count = 1 };
	int64_t v;
	int id;

	(void)priv;
	if (arg_int(args, "nic", &v))
		f.nic = (int)v;
	if (arg_int(args, "count", &v))
		f.count = (unsigned int)v;
	if (arg_int(args, "after", &v))
		f.after = (unsigned int)v;
	if (arg_int(args, "ms", &v))
		f.ms = (unsigned int)v;
	if (arg_int(args, "oid", &v))
		f.oid = (uint32_t)v;
	f.has_value = arg_int(args, "value", &v);
	if (f.has_value) {
		f.value = (uint32_t)v;
		f.wide = (uint64_t)v;
	}
	if (arg_int(args, "seed", &v))
		f.seed = (uint32_t)v;
	if (what)
		snprintf(f.what, sizeof(f.what), "%s", what);
	snprintf(f.kind, sizeof(f.kind), "%s", kind ? kind : "");
	snprintf(f.field, sizeof(f.field), "%s", field ? field : "");
	wrong = !name ? NULL : !strcmp(name, "mutate") ? lie_check(&f) :
		!strcmp(name, "rewrite") ? rewrite_check(&f) : NULL;
	if (wrong) {
		ctl_error(call, "%s: %s", name, wrong);
		return;
	}
	id = name ? fault_set(&f, name) : -1;
	if (id < 0) {
		ctl_error(call, "name=%s: no such fault (fault.list known=1 lists them)",
			  name ? name : "");
		return;
	}
	ctl_ok(call, json_pack("{s:i}", "fault", id));
}

static void verb_fault_list(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	if (json_object_get(args, "known"))
		ctl_ok(call, fault_known());
	else
		ctl_ok(call, json_pack("{s:o}", "faults", fault_list()));
}

static void verb_fault_messages(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	(void)args;
	ctl_ok(call, json_pack("{s:o}", "messages", lie_report()));
}

static void verb_fault_clear(void *priv, struct ctl_call *call, const json_t *args)
{
	int64_t nic = FAULT_ANY_NIC;

	(void)priv;
	arg_int(args, "nic", &nic);
	ctl_ok(call, json_pack("{s:i}", "cleared",
			       (int)fault_clear(arg_str(args, "name"), (int)nic)));
}

static void verb_trace(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	json_t *report;

	(void)priv;
	if (!nic)
		return;
	report = trace_report(nic);
	if (json_object_get(args, "clear"))
		trace_clear(nic);
	ctl_ok(call, report);
}

static void verb_pcap_start(void *priv, struct ctl_call *call, const json_t *args)
{
	const char *dir = arg_str(args, "dir");
	int n;

	(void)priv;
	if (!dir) {
		ctl_error(call, "dir=DIRECTORY is missing");
		return;
	}
	n = switch_pcap_start(dir, arg_str(args, "port"));
	if (n < 0)
		ctl_error(call, "captures in %s: %s", dir, strerror(-n));
	else
		ctl_ok(call, json_pack("{s:i}", "files", n));
}

static void verb_pcap_stop(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	ctl_ok(call, json_pack("{s:i}", "files", switch_pcap_stop(arg_str(args, "port"))));
}

static const struct {
	const char *cmd, *help;
	ctl_fn fn;
} verbs[] = {
	{ "nic.add", "[KEY=VAL ...]: hot-add a NIC; answers like stats", verb_add },
	{ "nic.remove", "nic=N [how=drained|abrupt|orderly]: hot-remove (rescind)", verb_remove },
	{ "nic.link", "nic=N state=up|down", verb_link },
	{ "nic.speed", "nic=N mbps=M", verb_speed },
	{ "nic.netchange", "nic=N [kind=0..3]: network-change indication", verb_netchange },
	{ "nic.indicate", "nic=N status=CODE [hex=BYTES]: any status indication",
	  verb_indicate },
	{ "nic.offload", "nic=N set=WORDS: abilities from now on, with the indication",
	  verb_offload },
	{ "nic.itab", "nic=N entries=N,N,...: another transmit table", verb_itab },
	{ "nic.set", "nic=N KEY=VAL ...: keys that may change while it runs", verb_set },
	{ "nic.inject", "nic=N kind=rndis|inband|completion|raw hex=BYTES [trans=ID] [queue=N] [count=N]: a message out of turn",
	  verb_inject },
	{ "nic.watch", "nic=N [hex=BYTES]: counts the guest's requests that have these bytes", verb_watch },
	{ "stats", "[nic=N]", verb_stats },
	{ "switch", "ports and their counters", verb_switch },
	{ "fault.set", "name=NAME [nic=N] [what=REQUEST] [oid=OID] [count=N] [after=N] [ms=N] [value=N] [kind=KIND] [field=FIELD] [seed=N]",
	  verb_fault_set },
	{ "fault.list", "[known=1]", verb_fault_list },
	{ "fault.messages", "what mutate knows: messages and their fields", verb_fault_messages },
	{ "fault.clear", "[name=NAME] [nic=N]", verb_fault_clear },
	{ "trace.requests", "nic=N [clear=1]: what the guest asked for since", verb_trace },
	{ "pcap.start", "dir=DIR [port=NAME]", verb_pcap_start },
	{ "pcap.stop", "[port=NAME]", verb_pcap_stop },
};

void verbs_register(void)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		ctl_register(verbs[i].cmd, verbs[i].help, verbs[i].fn, NULL);
}
