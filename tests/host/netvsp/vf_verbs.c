// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vf_verbs - vf.* of the control protocol. What takes its time is a job (vf_job.c).
 */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../base/arg.h"
#include "../base/ctl.h"
#include "nic.h"
#include "nics.h"
#include "report.h"
#include "serve.h"
#include "vf_job.h"
#include "vffn.h"

#define EJECT_MS	60000	/* as long as real hosts wait (E.9) */
#define MIGRATE_MS	500
#define FLAP_LINK	0
#define FLAP_ASSOC	1

/* ---- arguments ---- */

/* nic=N, or the first NIC; NULL when the call was answered with an error. */
static struct nic *the_nic(struct ctl_call *call, const json_t *args)
{
	struct nic *nic;
	int64_t id = 0;

	arg_int(args, "nic", &id);
	nic = nics_find((int)id);
	if (!nic || nic->leave) {
		ctl_error(call, "no NIC %lld", (long long)id);
		return NULL;
	}
	return nic;
}

/* Which of @words (the last one NULL) @key is; @def if it is missing, -1 if none. */
static int arg_word(const json_t *args, const char *key, const char *const *words, int def)
{
	const char *s = arg_str(args, key);
	int i;

	if (!json_object_get(args, key))
		return def;
	for (i = 0; s && words[i]; i++)
		if (!strcmp(s, words[i]))
			return i;
	return -1;
}

static const char *const down_up[] = { "down", "up", NULL };
static const char *const off_on[] = { "off", "on", NULL };
static const char *const hows[] = { "eject", "surprise", NULL };
static const char *const assocs[] = { "before", "after", "never", NULL };
static const char *const paths[] = { "synthetic", "vf", NULL };

static bool plug_args(struct nic *nic, const json_t *args, struct vf_plug *p)
{
	const char *mac = arg_str(args, "mac");
	int64_t serial = vf_job_serial(nic);
	int link = arg_word(args, "link", down_up, 1);

	arg_int(args, "serial", &serial);
	memcpy(p->mac, nic->cfg.mac, 6);
	p->serial = (uint32_t)serial;
	p->link_up = link == 1;
	return link >= 0 && serial >= 0 && serial <= UINT32_MAX && (!mac || arg_mac(mac, p->mac));
}

/* ---- verbs ---- */

static void verb_plug(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	struct vf_job *job;
	struct vf_plug p;
	int64_t delay;
	int assoc;

	(void)priv;
	if (!nic)
		return;
	delay = nic->cfg.vf_delay;
	arg_int(args, "delay", &delay);
	assoc = arg_word(args, "assoc", assocs, (int)nic->cfg.vf_assoc);
	if (!plug_args(nic, args, &p) || assoc < 0 || delay < 0 || delay > 600000) {
		ctl_error(call, "[serial=N] [mac=MAC] [assoc=before|after|never] [delay=MS] [link=up|down] wanted");
		return;
	}
	if (nic->vf.fn) {
		ctl_error(call, "NIC %d has a VF already", nic->id);
		return;
	}
	job = vf_job_new(nic, call);
	if (!job)
		return;
	job->plug = p;
	vf_job_plug(job, (enum nic_vf_assoc)assoc, (unsigned int)delay);
}

static void pull_done(void *priv, bool answered)
{
	struct vf_job *job = priv;

	job->answered = answered;
	job->step(job->nic);
}

static void step_end(struct nic *nic)
{
	vf_job_end(nic, NULL);
}

/* A job whose first step is the pull; @step comes then. */
static void pull(struct ctl_call *call, const json_t *args,
		 struct vf_job *(*begin)(struct nic *nic, struct ctl_call *call,
					 const json_t *args))
{
	struct nic *nic = the_nic(call, args);
	int how = arg_word(args, "how", hows, 0);
	int withdraw = arg_word(args, "withdraw", off_on, 1);
	int64_t ms = EJECT_MS;
	struct vf_job *job;

	if (!nic)
		return;
	arg_int(args, "timeout", &ms);
	if (how < 0 || withdraw < 0 || ms < 1 || ms > 3600000) {
		ctl_error(call, "how=eject|surprise, withdraw=on|off, timeout=MS wanted");
		return;
	}
	if (!nic->vf.fn) {
		ctl_error(call, "NIC %d has no VF", nic->id);
		return;
	}
	job = begin(nic, call, args);
	if (job)
		vffn_pull(nic->vf.fn, how ? 0 : (unsigned int)ms, withdraw, pull_done, job);
}

static struct vf_job *begin_pull(struct nic *nic, struct ctl_call *call, const json_t *args)
{
	struct vf_job *job = vf_job_new(nic, call);

	(void)args;
	if (job)
		job->step = step_end;
	return job;
}

static void verb_pull(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	pull(call, args, begin_pull);
}

static void step_resume(struct nic *nic)
{
	const __le32 kind = htole32(RNDIS_NETWORK_CHANGE_DEFINITE);

	rndis_indicate(nic, RNDIS_STATUS_NETWORK_CHANGE, &kind, sizeof(kind));
	vf_job_plug(nic->vf.job, VF_ASSOC_BEFORE, nic->cfg.vf_delay);
}

static void step_pause(struct nic *nic)
{
	struct vf_job *job = nic->vf.job;

	serve_pause(nic, job->ms);
	vf_job_later(job, job->ms, step_resume);
}

static struct vf_job *begin_migrate(struct nic *nic, struct ctl_call *call, const json_t *args)
{
	int64_t serial = vf_job_serial(nic) + 1u, ms = MIGRATE_MS;
	struct vf_job *job;

	arg_int(args, "serial", &serial);
	arg_int(args, "ms", &ms);
	if (serial < 0 || serial > UINT32_MAX || ms < 0 || ms > 600000) {
		ctl_error(call, "serial=N, ms=0..600000 wanted");
		return NULL;
	}
	job = vf_job_new(nic, call);
	if (!job)
		return NULL;
	memcpy(job->plug.mac, nic->cfg.mac, 6);
	job->plug.serial = (uint32_t)serial;
	job->plug.link_up = true;
	job->ms = (unsigned int)ms;
	job->step = step_pause;
	return job;
}

/* Live migration as a guest sees it (4.6). */
static void verb_migrate(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	pull(call, args, begin_migrate);
}

static void verb_assoc(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	int on = arg_word(args, "state", off_on, -1);
	int64_t serial;
	bool sent;

	(void)priv;
	if (!nic)
		return;
	serial = vf_job_serial(nic);
	arg_int(args, "serial", &serial);
	if (on < 0 || serial < 0 || serial > UINT32_MAX) {
		ctl_error(call, "state=on|off [serial=N] wanted");
		return;
	}
	nic->vf.assoc = on;
	if (on)
		nic->vf.serial = (uint32_t)serial;
	else if (json_object_get(args, "serial"))
		nic->vf.told = false;	/* with that serial, right or wrong */
	sent = vf_associate(nic, on, (uint32_t)serial);
	ctl_ok(call, json_pack("{s:b,s:I}", "sent", sent, "serial",
			       (json_int_t)nic->vf.told_serial));
}

static void verb_link(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	int up = arg_word(args, "state", down_up, -1);

	(void)priv;
	if (!nic)
		return;
	if (up < 0 || !nic->vf.fn) {
		ctl_error(call, up < 0 ? "state=up|down wanted" : "the NIC has no VF");
		return;
	}
	vffn_link(nic->vf.fn, up);
	ctl_ok(call, NULL);
}

/* The host moves the path by itself, or only says so, or only does it. */
static void verb_fallback(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	int path = arg_word(args, "path", paths, 0);
	int tell = arg_word(args, "tell", off_on, 1);
	int steer = arg_word(args, "steer", off_on, 1);
	int ask = arg_word(args, "ask", off_on, 0);
	bool told = false;

	(void)priv;
	if (!nic)
		return;
	if (path < 0 || tell < 0 || steer < 0 || ask < 0 || (path && steer && !nic->vf.fn)) {
		ctl_error(call, "path=synthetic|vf (with a VF), tell=, steer=, ask=on|off wanted");
		return;
	}
	if (steer)
		vf_set_path(nic, (uint32_t)path);
	if (tell)
		told = vf_notice(nic, (uint32_t)path, ask);
	ctl_ok(call, json_pack("{s:b}", "told", told));
}

/* Half a flap: away or back. The path goes away only: the guest asks for it. */
static void step_flap(struct nic *nic)
{
	struct vf_job *job = nic->vf.job;
	bool back = --job->flaps % 2 == 0;

	if (job->flap == FLAP_LINK && nic->vf.fn) {
		vffn_link(nic->vf.fn, back);
	} else if (job->flap == FLAP_ASSOC) {
		nic->vf.assoc = back;
		vf_associate(nic, back, nic->vf.serial);
	} else if (!back) {
		vf_set_path(nic, NVSP_DATAPATH_SYNTHETIC);
		vf_notice(nic, NVSP_DATAPATH_SYNTHETIC, false);
	}
	if (job->flaps)
		vf_job_later(job, job->ms, step_flap);
	else
		vf_job_end(nic, NULL);
}

static void verb_flap(void *priv, struct ctl_call *call, const json_t *args)
{
	static const char *const kinds[] = { "link", "assoc", "path", NULL };
	struct nic *nic = the_nic(call, args);
	int what = arg_word(args, "what", kinds, -1);
	int64_t times = 1, ms = 1;
	struct vf_job *job;

	(void)priv;
	if (!nic)
		return;
	arg_int(args, "times", &times);
	arg_int(args, "ms", &ms);
	if (what < 0 || times < 1 || times > 100000 || ms < 1 || ms > 600000 || !nic->vf.fn) {
		ctl_error(call, "what=link|assoc|path, times=1..100000, ms=1..600000 and a VF wanted");
		return;
	}
	job = vf_job_new(nic, call);
	if (!job)
		return;
	job->flap = what;
	job->flaps = 2 * (unsigned int)times;
	job->ms = (unsigned int)ms;
	step_flap(nic);
}

static void verb_relations(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);
	int present = arg_word(args, "present", off_on, 1);

	(void)priv;
	if (!nic)
		return;
	if (present < 0 || !nic->vf.fn || !vffn_relations(nic->vf.fn, present))
		ctl_error(call, "present=on|off, and a VF whose bus the guest has opened, wanted");
	else
		ctl_ok(call, NULL);
}

static void verb_vf(void *priv, struct ctl_call *call, const json_t *args)
{
	struct nic *nic = the_nic(call, args);

	(void)priv;
	if (nic)
		ctl_ok(call, report_vf(nic));
}

static const struct {
	const char *cmd, *help;
	ctl_fn fn;
} verbs[] = {
	{ "vf", "[nic=N]: VF, association, data path", verb_vf },
	{ "vf.plug", "[nic=N] [serial=N] [mac=MAC] [assoc=before|after|never] [delay=MS] [link=up|down]",
	  verb_plug },
	{ "vf.pull", "[nic=N] [how=eject|surprise] [timeout=MS] [withdraw=on|off]", verb_pull },
	{ "vf.migrate", "[nic=N] [serial=N] [ms=500] [how=eject|surprise]: away, pause, back",
	  verb_migrate },
	{ "vf.assoc", "[nic=N] state=on|off [serial=N]: the message, now", verb_assoc },
	{ "vf.link", "[nic=N] state=up|down: carrier of the VF", verb_link },
	{ "vf.fallback", "[nic=N] [path=synthetic|vf] [tell=on|off] [steer=on|off] [ask=on|off]: the host moves the path",
	  verb_fallback },
	{ "vf.flap", "[nic=N] what=link|assoc|path [times=1] [ms=1]: away and back, again and again", verb_flap },
	{ "vf.relations", "[nic=N] [present=on|off]: the bus lists its function again, or none",
	  verb_relations },
};

void vf_verbs_register(void)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		ctl_register(verbs[i].cmd, verbs[i].help, verbs[i].fn, NULL);
}
