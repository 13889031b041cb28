// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: vf_job - what takes its time with a VF (a delay between association and function,
 * an eject, a migration), and the VF of the key vf=.
 *
 * There is one job for each NIC at a time: it holds the call and a timer, and its next
 * step.
 */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../base/ctl.h"
#include "nic.h"
#include "report.h"
#include "vf_job.h"
#include "vffn.h"

#define SERIAL_STEP	16

struct vf_job *vf_job_new(struct nic *nic, struct ctl_call *call)
{
	struct vf_job *job = nic->vf.job ? NULL : calloc(1, sizeof(*job));

	if (!job) {
		if (call)
			ctl_error(call, "the VF of NIC %d is busy with another verb", nic->id);
		return NULL;
	}
	job->nic = nic;
	job->call = call;
	job->begun_ms = loop_now_ms();
	nic->vf.job = job;
	return job;
}

void vf_job_end(struct nic *nic, const char *error)
{
	struct vf_job *job = nic->vf.job;

	nic->vf.job = NULL;
	loop_del_timer(job->timer);
	if (job->call && error)
		ctl_error(job->call, "%s", error);
	else if (job->call)
		ctl_ok(job->call, json_pack("{s:b,s:I,s:o}", "answered", job->answered,
					    "ms", (json_int_t)(loop_now_ms() - job->begun_ms),
					    "vf", report_vf(nic)));
	free(job);
}

void vf_job_cancel(struct nic *nic)
{
	if (!nic->vf.job)
		return;
	if (nic->vf.fn)
		vffn_forget(nic->vf.fn);
	vf_job_end(nic, "the NIC goes");
}

static void job_fired(void *priv)
{
	struct vf_job *job = priv;

	job->timer = NULL;
	job->step(job->nic);
}

void vf_job_later(struct vf_job *job, unsigned int ms, void (*step)(struct nic *nic))
{
	job->step = step;
	if (ms)
		job->timer = loop_add_timer(ms, job_fired, job);
	if (!ms || !job->timer)
		step(job->nic);
}

uint32_t vf_job_serial(const struct nic *nic)
{
	return nic->vf.serial ? nic->vf.serial : (uint32_t)nic->id * SERIAL_STEP + 1;
}

static void associate(struct nic *nic)
{
	nic->vf.assoc = true;
	nic->vf.serial = nic->vf.job->plug.serial;
	vf_associate(nic, true, nic->vf.serial);
}

static void step_plug(struct nic *nic)
{
	vf_job_end(nic, vffn_plug(nic, &nic->vf.job->plug) ? NULL :
		"not plugged: there is one, or no channel left");
}

static void step_associate(struct nic *nic)
{
	associate(nic);
	vf_job_end(nic, NULL);
}

void vf_job_plug(struct vf_job *job, enum nic_vf_assoc assoc, unsigned int delay)
{
	struct nic *nic = job->nic;

	if (assoc == VF_ASSOC_BEFORE) {
		associate(nic);
		vf_job_later(job, delay, step_plug);
	} else if (assoc == VF_ASSOC_NEVER) {
		step_plug(nic);
	} else if (!vffn_plug(nic, &job->plug)) {
		vf_job_end(nic, "not plugged: there is one, or no channel left");
	} else {
		vf_job_later(job, delay, step_associate);
	}
}

/* The key vf_delay: the function comes that long after the first association. */
void vf_job_told(struct nic *nic)
{
	struct vf_job *job = nic->vf.job;

	if (!job || !job->waits_told)
		return;
	job->waits_told = false;
	vf_job_later(job, nic->cfg.vf_delay, step_plug);
}

void vf_job_start(struct nic *nic)
{
	const struct nic_cfg *cfg = &nic->cfg;
	struct vf_plug p = { .link_up = true };
	struct vf_job *job;

	if (!cfg->vf)
		return;
	nic->vf.serial = cfg->vf_serial;
	p.serial = vf_job_serial(nic);
	memcpy(p.mac, cfg->mac, 6);
	nic->vf.serial = p.serial;
	nic->vf.assoc = cfg->vf_assoc != VF_ASSOC_NEVER;
	job = cfg->vf_assoc == VF_ASSOC_BEFORE && cfg->vf_delay ? vf_job_new(nic, NULL) : NULL;
	if (!job) {
		vffn_plug(nic, &p);
		return;
	}
	job->plug = p;
	job->waits_told = true;
}
