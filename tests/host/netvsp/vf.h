/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: vf - what the guest is told of its VF, and the data path in force.
 */
#ifndef HVHOST_NETVSP_VF_H
#define HVHOST_NETVSP_VF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netvsc/nvsp.h>

struct loop_timer;
struct nic;
struct vf_fn;
struct vf_job;
struct vmbus_packet;

#define NIC_VF_MSGS_MAX		16	/* news of the VF waiting for room */

/* What the VF and its data path did; all but the path's own fields are counters. */
struct nic_vf_stats {
	uint64_t associations, withdrawals;	/* SEND_VF_ASSOCIATION sent */
	uint64_t switch_requests;		/* SWITCH_DATA_PATH of the guest */
	uint64_t switch_pointless;		/* ... to where it was, or to no VF */
	uint64_t switch_failed;			/* ... that the path did not follow */
	uint64_t to_vf, to_synthetic;		/* times the path changed */
	uint64_t notices;			/* SWITCH_DATA_PATH sent to the guest */
	uint64_t notices_answered;		/* ... that asked for a completion, and got it */
	uint64_t wrong_path_synthetic;		/* frames of the guest here while the path is the VF */
	uint64_t wrong_path_vf;			/* ... on the VF while the path is synthetic */
	uint64_t frames_to_vf, bytes_to_vf;	/* steered there */
	uint64_t frames_from_vf, bytes_from_vf;
};

struct nic_vf_message {		/* waits for room in the ring */
	uint64_t id;
	bool asks;
	size_t len;
	struct nvsp_message m;
};

/*
 * The VF of a NIC (netvsc-wire.md 9.6). The path is SYNTHETIC or VF; with a request
 * pending it is still the old one (SWITCHING of the sheet).
 */
struct nic_vf {
	struct vf_fn *fn;		/* plugged, or NULL */
	uint32_t serial;		/* of the function, or of the last one */
	bool assoc;			/* the host has a VF to tell of */
	bool told;			/* the guest has heard of told_serial */
	uint32_t told_serial;
	struct loop_timer *assoc_timer;
	uint64_t ready_ms;		/* before that it is too early for the path (vf_quiet) */
	uint32_t path;			/* NVSP_DATAPATH_*, in force */
	bool pending;			/* a request of the guest is being carried out */
	uint32_t pending_to;
	uint16_t pending_flags;
	uint64_t pending_id;
	struct loop_timer *switch_timer;
	struct nic_vf_message msg[NIC_VF_MSGS_MAX];
	unsigned int msg_cnt;
	uint32_t ask_cnt;		/* notices that asked for a completion */
	struct vf_job *job;		/* a verb that takes its time */
	struct nic_vf_stats stats;
};

/** vf_operational() - RNDIS is initialised: the guest may hear of a VF from here on */
void vf_operational(struct nic *nic);

/** vf_reset() - the connection is gone; what is plugged stays */
void vf_reset(struct nic *nic);

/** vf_request() - SWITCH_DATA_PATH of the guest */
void vf_request(struct nic *nic, const struct vmbus_packet *pkt, uint32_t to);

/** vf_flush() - send what waited for room */
void vf_flush(struct nic *nic);

/**
 * vf_associate() - tell of a VF (or withdraw it, with the serial told)
 *
 * Return: false when the guest cannot hear it.
 */
bool vf_associate(struct nic *nic, bool on, uint32_t serial);

/**
 * vf_notice() - SWITCH_DATA_PATH to the guest
 * @asks: with a completion
 *
 * Return: false when the guest cannot hear it.
 */
bool vf_notice(struct nic *nic, uint32_t path, bool asks);

/** vf_set_path() - steer; nothing is said to the guest */
void vf_set_path(struct nic *nic, uint32_t path);

/** vf_gone() - the function vanished: finish what is pending, fall back, tell, withdraw */
void vf_gone(struct nic *nic, bool withdraw);

/**
 * vf_answered() - was it the completion of a notice of ours?
 *
 * Return: true if so.
 */
bool vf_answered(struct nic *nic, const struct vmbus_packet *pkt);

/** vf_sent_synthetic() - the guest sent @frames by the synthetic path */
void vf_sent_synthetic(struct nic *nic, uint64_t frames);

#endif
