/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: hv - what makes a KVM machine a Hyper-V one: CPUID leaves, SynIC messages
 * and event flags, hypercalls, doorbells. It carries bytes between the guest and
 * the bus above, and knows no message's meaning.
 */
#ifndef HVHOST_HV_HV_H
#define HVHOST_HV_HV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

#define HV_SINT		2u	/* where Linux wants VMBus */

/**
 * struct hv_ops - what the guest does, for the room above
 * @message: posted; the answer is the hypercall's status
 * @signal: a doorbell, by eventfd or by exit; the answer is the status of the latter
 * @crash: the guest wrote its crash registers; it runs on
 * @ended: the machine ended (machine.h)
 */
struct hv_ops {
	uint16_t (*message)(void *priv, uint32_t connection_id, uint32_t type,
			    const void *msg, size_t len);
	uint16_t (*signal)(void *priv, uint32_t connection_id);
	void (*synic)(void *priv);	/* a vCPU set its SynIC up; may be NULL */
	void (*crash)(void *priv, const uint64_t param[5]);
	void (*ended)(void *priv);
};

/**
 * hv_cpuid() - for struct machine_ops: appends the Hyper-V leaves
 *
 * Return: number of entries.
 */
unsigned int hv_cpuid(struct machine *m, struct kvm_cpuid_entry2 *e, unsigned int n,
		      unsigned int max);

/**
 * hv_set_stimer() - offer synthetic timers? Before machine_create(); off at first
 *
 * With them Linux loses its tick when hv_vmbus is unloaded: vmbus_exit() stops the
 * direct-mode timers for good, and nothing puts the local APIC's in their place.
 */
void hv_set_stimer(bool on);

/** hv_set_isolated() - is the guest confidential? Before machine_create(); off at first */
void hv_set_isolated(bool on);

/**
 * hv_machine_ops() - the table to create the machine with
 *
 * Return: that table.
 */
const struct machine_ops *hv_machine_ops(void);

/** hv_init() - after machine_create(): routing, irqfds. Doorbells by eventfd when @eventfds,
 * else by exit. Return: 0, or a negative errno with a sentence in @err */
int hv_init(struct machine *m, const struct hv_ops *ops, void *priv, bool eventfds,
	    char *err, size_t errlen);

/** hv_exit() - before machine_destroy(), vCPUs stopped: all that hv_init() made is undone */
void hv_exit(void);

/** hv_post() - queue a message for @vp and deliver as far as it takes them */
void hv_post(uint32_t vp, const void *msg, size_t len);

/** hv_set_event() - event flag @flag of @vp, and the interrupt when it was clear */
void hv_set_event(uint32_t vp, uint32_t flag);

/** hv_drop_messages() - forget all that is queued */
void hv_drop_messages(void);

/** hv_doorbell_on() - the guest may signal that connection */
void hv_doorbell_on(uint32_t connection_id);

/** hv_doorbell_off() - ... and no more */
void hv_doorbell_off(uint32_t connection_id);

#endif
