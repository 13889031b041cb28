/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: vf_job - what takes its time with a VF. The struct is for vf_verbs.c, too.
 */
#ifndef HVHOST_NETVSP_VF_JOB_H
#define HVHOST_NETVSP_VF_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include "nic_cfg.h"
#include "vffn.h"

struct ctl_call;
struct loop_timer;
struct nic;

struct vf_job {
	struct nic *nic;
	struct ctl_call *call;		/* or NULL */
	struct loop_timer *timer;
	void (*step)(struct nic *nic);
	struct vf_plug plug;
	unsigned int ms;		/* of the pause of a migration, or between two flaps */
	int flap;			/* what flaps: FLAP_... */
	unsigned int flaps;		/* still to come, half ones */
	bool waits_told;		/* starts when the guest is told */
	bool answered;
	uint64_t begun_ms;
};

/**
 * vf_job_new() - begin a job
 * @call: is answered when the job ends, or at once with an error; may be NULL
 *
 * Return: the job, or NULL when another one runs or there is no memory.
 */
struct vf_job *vf_job_new(struct nic *nic, struct ctl_call *call);

/** vf_job_end() - the job is over; @error: NULL when all is well */
void vf_job_end(struct nic *nic, const char *error);

/** vf_job_cancel() - the NIC goes: the caller of a verb that runs is answered */
void vf_job_cancel(struct nic *nic);

/** vf_job_later() - the next step, in @ms */
void vf_job_later(struct vf_job *job, unsigned int ms, void (*step)(struct nic *nic));

/** vf_job_plug() - the last steps: association and function, @delay ms between them */
void vf_job_plug(struct vf_job *job, enum nic_vf_assoc assoc, unsigned int delay);

/**
 * vf_job_serial() - the serial of the last function, or of the first one to come
 *
 * Return: that serial.
 */
uint32_t vf_job_serial(const struct nic *nic);

/** vf_job_told() - the guest of a NIC that came up was to hear of its VF */
void vf_job_told(struct nic *nic);

/** vf_job_start() - the VF of the key vf= */
void vf_job_start(struct nic *nic);

#endif
