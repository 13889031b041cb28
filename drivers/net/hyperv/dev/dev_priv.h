/* SPDX-License-Identifier: GPL-2.0 */
/* Room dev, its inside; for dev*.c alone. All of it wants RTNL and may sleep. */
#ifndef _NETVSC_DEV_PRIV_H
#define _NETVSC_DEV_PRIV_H

#include <linux/types.h>

#include "netvsc.h"

/* ---- dev_confirm.c ---- */

/**
 * netvsc_dev_filter() - the packet filter that the stack wants
 * @nvdev: the device
 *
 * Context: any.
 * Return: NDIS_PACKET_TYPE_*.
 */
u32 netvsc_dev_filter(const struct netvsc_device *nvdev);

/**
 * netvsc_dev_update_filter() - tell the host that filter, if it does not have it
 * @nvdev: the device
 *
 * The caller that returns last has told the latest.
 *
 * Context: sleeps; RTNL or the filter work.
 * Return: as netvsc_oid_update_filter().
 */
int netvsc_dev_update_filter(struct netvsc_device *nvdev);

/**
 * netvsc_dev_init_filter() - a new device has no filter yet
 * @nvdev: the device
 */
void netvsc_dev_init_filter(struct netvsc_device *nvdev);

/* ---- dev_mem.c ---- */

/**
 * netvsc_dev_alloc_buffers() - receive and send buffer, unless they are there
 * @nvdev: the device
 * @nvsp_caps: of the host
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_dev_alloc_buffers(struct netvsc_device *nvdev,
			     const struct netvsc_nvsp_caps *nvsp_caps);

/**
 * netvsc_dev_alloc_queues() - memory of the first queues, where there is none
 * @nvdev: the device
 * @cnt: how many, up to NVSP_MAX_CHANNELS
 *
 * Return: 0, -ENOMEM: some may be missing at the end.
 */
int netvsc_dev_alloc_queues(struct netvsc_device *nvdev, u32 cnt);

/**
 * netvsc_dev_trim_queues() - free the memory of those that are not needed
 * @nvdev: the device
 * @cnt: keep so many; open ones stay
 */
void netvsc_dev_trim_queues(struct netvsc_device *nvdev, u32 cnt);

/**
 * netvsc_dev_free_outstanding() - free what the host was sent and did not complete
 * @nvdev: the device, its channels closed
 *
 * Touches neither the interface nor its counters.
 *
 * Context: process.
 */
void netvsc_dev_free_outstanding(struct netvsc_device *nvdev);

/* ---- dev_rss.c ---- */

/**
 * netvsc_dev_apply_rss() - tell the host the user's key and table
 * @nvdev: the device
 * @queues: to spread to; all of them open
 *
 * Return: 0, also when there is nothing to tell; else the host has what it had.
 */
int netvsc_dev_apply_rss(struct netvsc_device *nvdev, u32 queues);

/* ---- dev_offload.c ---- */

/**
 * netvsc_dev_init_features() - features of the interface by what its new host can do
 * @nvdev: the device, attached
 */
void netvsc_dev_init_features(struct netvsc_device *nvdev);

/**
 * netvsc_dev_read_offloads() - ask the host again, and put in force what it can do now
 * @nvdev: the device, attached
 *
 * Return: 0, or errno of the question or of what it was told.
 */
int netvsc_dev_read_offloads(struct netvsc_device *nvdev);

/**
 * netvsc_dev_resync_rsc() - coalescing as it is wanted, else tell the host what holds
 * @nvdev: the device, attached
 *
 * Return: 0, errno of what the host was told, -EAGAIN: it still refuses what is wanted.
 */
int netvsc_dev_resync_rsc(struct netvsc_device *nvdev);

/* ---- dev_queues.c ---- */

/**
 * netvsc_dev_drop_channels() - no more of them are taken up
 * @nvdev: the device, its primary channel closed
 */
void netvsc_dev_drop_channels(struct netvsc_device *nvdev);

#endif /* _NETVSC_DEV_PRIV_H */
