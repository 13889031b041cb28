/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: late - answers that a fault holds back.
 */
#ifndef HVHOST_NETVSP_LATE_H
#define HVHOST_NETVSP_LATE_H

#include <stddef.h>
#include <stdint.h>

struct nic;

/** typedef late_send_fn - sends the answer when its time has come */
typedef void (*late_send_fn)(struct nic *nic, uint64_t id, const void *data, size_t len);

/**
 * late_keep() - keep an answer for @ms
 * @send: how it goes out then
 * @data: is copied; without memory the answer is lost
 */
void late_keep(struct nic *nic, late_send_fn send, uint64_t id, const void *data, size_t len,
	       unsigned int ms);

/** late_drop_all() - the connection is gone */
void late_drop_all(struct nic *nic);

#endif
