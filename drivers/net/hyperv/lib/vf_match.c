// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room vf_match: which VF belongs to which synthetic NIC?
 *
 * Promise: a VF with the serial number that the host announced to a NIC, and
 * its address, belongs to it; failing that one with its address alone. Never an
 * interface whose address differs: the serial numbers of two hosts, or of two
 * buses, may be equal.
 *
 * Pure: vf asks for each pair and takes the best.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "vf_match.h"

/* Ten digits hold any u32. */
#define DIGITS_MAX	10

int netvsc_vf_match_serial(const char *slot, u32 *serial)
{
	unsigned int i;
	u64 value = 0;

	if (!slot)
		return -EINVAL;
	for (i = 0; slot[i]; i++) {
		if (i == DIGITS_MAX || slot[i] < '0' || slot[i] > '9')
			return -EINVAL;
		value = value * 10 + (slot[i] - '0');
	}
	if (!i || value > U32_MAX)
		return -EINVAL;
	*serial = value;
	return 0;
}

enum netvsc_vf_match netvsc_vf_match(const struct netvsc_vf_identity *vf,
				     const struct netvsc_vf_criteria *nic)
{
	static const u8 none[NETVSC_VF_MAC_BYTES];
	const u8 *mac = vf->permanent;
	u32 serial;

	if (!vf->pci)
		return NETVSC_VF_MATCH_NOT;
	if (!memcmp(mac, none, sizeof(none)))
		mac = vf->mac;
	if (memcmp(mac, nic->permanent, sizeof(none)))
		return NETVSC_VF_MATCH_NOT;
	if (nic->announced && !netvsc_vf_match_serial(vf->slot, &serial) &&
	    serial == nic->serial)
		return NETVSC_VF_MATCH_SERIAL;
	return NETVSC_VF_MATCH_MAC;
}
