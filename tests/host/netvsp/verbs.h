/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: verbs - the control protocol: verbs.c, and vf_verbs.c for vf.*.
 */
#ifndef HVHOST_NETVSP_VERBS_H
#define HVHOST_NETVSP_VERBS_H

#include <jansson.h>

/** verbs_register() - nic.*, stats, fault.*, pcap.*, switch */
void verbs_register(void);

/** vf_verbs_register() - vf.* */
void vf_verbs_register(void);

/**
 * verbs_report_all() - the NICs, the switch and the generator
 *
 * Return: a new reference.
 */
json_t *verbs_report_all(void);

#endif
