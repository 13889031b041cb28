/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: vf_job - for vf_job.c and vf_verbs.c. */
#ifndef HVHOST_NETVSP_VF_JOB_H
#define HVHOST_NETVSP_VF_JOB_H

#include "nic.h"

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

/** vf_job_new() - NULL when @call (may be NULL) was answered with an error */
struct vf_job *vf_job_new(struct nic *nic, struct ctl_call *call);
void vf_job_end(struct nic *nic, const char *error);
void vf_job_later(struct vf_job *job, unsigned int ms, void (*step)(struct nic *nic));
void vf_job_plug(struct vf_job *job, enum nic_vf_assoc assoc, unsigned int delay);
uint32_t vf_job_serial(const struct nic *nic);

#endif
