/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: report - what a NIC did and how it is set.
 */
#ifndef HVHOST_NETVSP_REPORT_H
#define HVHOST_NETVSP_REPORT_H

#include <jansson.h>

struct nic;

/**
 * report_nic() - all of a NIC
 *
 * Return: a new reference.
 */
json_t *report_nic(const struct nic *nic);

/**
 * report_vf() - its VF, association and data path
 *
 * Return: a new reference.
 */
json_t *report_vf(const struct nic *nic);

#endif
