/* SPDX-License-Identifier: GPL-2.0 */
/* Room vf_match: which VF belongs to which synthetic NIC? */
#ifndef _NETVSC_LIB_VF_MATCH_H
#define _NETVSC_LIB_VF_MATCH_H

#include <linux/types.h>

#define NETVSC_VF_MAC_BYTES	6

/**
 * struct netvsc_vf_identity - an interface that may be a VF
 * @pci: it is a PCI function
 * @slot: name of its slot, NULL if it has none
 * @mac: its address
 * @permanent: its permanent address; zeros while it has none yet
 */
struct netvsc_vf_identity {
	bool pci;
	const char *slot;
	u8 mac[NETVSC_VF_MAC_BYTES];
	u8 permanent[NETVSC_VF_MAC_BYTES];
};

/**
 * struct netvsc_vf_criteria - a synthetic NIC that looks for its VF
 * @announced: the host announced one
 * @serial: which
 * @permanent: address of the NIC, as the host gave it
 */
struct netvsc_vf_criteria {
	bool announced;
	u32 serial;
	u8 permanent[NETVSC_VF_MAC_BYTES];
};

/* How well they go together; the best one wins. */
enum netvsc_vf_match {
	NETVSC_VF_MATCH_NOT,
	NETVSC_VF_MATCH_MAC,		/* by the address alone */
	NETVSC_VF_MATCH_SERIAL,		/* and by the serial number */
};

/**
 * netvsc_vf_match_serial() - serial number of a slot
 * @slot: its name, may be NULL
 * @serial: set on success
 *
 * The virtual PCI bus names a slot by the serial number, in decimal. Sheet 3.11.
 *
 * Return: 0, -EINVAL: it is the name of another kind of slot.
 */
int netvsc_vf_match_serial(const char *slot, u32 *serial);

/**
 * netvsc_vf_match() - does this VF belong to this NIC?
 * @vf: the VF
 * @nic: the NIC
 *
 * Sheet 3.11, R53. What is no PCI function is no VF, so that a VLAN, a bond or a
 * macvlan with our address is none. The current address counts as well, because
 * an interface gets its permanent one late in its registration.
 *
 * Return: by what it was recognized, or that it was not.
 */
enum netvsc_vf_match netvsc_vf_match(const struct netvsc_vf_identity *vf,
				     const struct netvsc_vf_criteria *nic);

#endif /* _NETVSC_LIB_VF_MATCH_H */
