/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: vffn - the VF itself: a function at the NIC's port of the switch.
 */
#ifndef HVHOST_NETVSP_VFFN_H
#define HVHOST_NETVSP_VFFN_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

struct nic;
struct switch_frame;
struct vf_fn;

struct vf_plug {
	uint32_t serial;
	uint8_t mac[6];
	bool link_up;
};

/** typedef vffn_done - the function is pulled; @answered: the guest let go of it itself */
typedef void (*vffn_done)(void *priv, bool answered);

/**
 * vffn_plug() - offer a function; nobody is told by NVSP
 *
 * Return: false when there is one already, or no room.
 */
bool vffn_plug(struct nic *nic, const struct vf_plug *plug);

/**
 * vffn_pull() - take the function away
 * @eject_ms: how long the guest may take to let go of it; 0: at once, by surprise
 * @withdraw: the association goes with it
 * @done: or NULL; called once
 */
void vffn_pull(struct vf_fn *fn, unsigned int eject_ms, bool withdraw, vffn_done done,
	       void *priv);

/** vffn_forget() - the pull's caller is gone */
void vffn_forget(struct vf_fn *fn);

/** vffn_orphan() - the NIC goes: its functions go too and do not know it any more */
void vffn_orphan(struct nic *nic);

/**
 * vffn_leaving() - functions that are pulled and not yet released by the guest
 *
 * Return: their number.
 */
unsigned int vffn_leaving(const struct nic *nic);

/**
 * vffn_takes() - a frame for the guest: does it go by the VF?
 *
 * Return: true when it went that way.
 */
bool vffn_takes(struct nic *nic, const struct switch_frame *f);

/** vffn_flush() - the end of a run of frames */
void vffn_flush(struct vf_fn *fn);

/**
 * vffn_room() - how many frames the function can be given now
 *
 * Return: that number.
 */
unsigned int vffn_room(struct vf_fn *fn);

/** vffn_link() - carrier of the function */
void vffn_link(struct vf_fn *fn, bool up);

/**
 * vffn_relations() - the bus tells what is on it, or that nothing is
 *
 * Return: false when the guest has not opened the bus.
 */
bool vffn_relations(struct vf_fn *fn, bool present);

/**
 * vffn_report() - the function's own statistics
 *
 * Return: a new reference.
 */
json_t *vffn_report(const struct vf_fn *fn);

#endif
