/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: leave - hot remove of a NIC.
 */
#ifndef HVHOST_NETVSP_LEAVE_H
#define HVHOST_NETVSP_LEAVE_H

struct ctl_call;
struct nic;

enum leave_how { LEAVE_ABRUPT, LEAVE_DRAINED, LEAVE_ORDERLY };

/** leave_begin() - remove @nic, now or soon; finishes @call when it is rescinded */
void leave_begin(struct nic *nic, enum leave_how how, struct ctl_call *call);

/** leave_cancel() - the NIC goes right now: its caller is answered */
void leave_cancel(struct nic *nic);

#endif
