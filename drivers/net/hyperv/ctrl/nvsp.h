/* SPDX-License-Identifier: GPL-2.0 */
/* Room nvsp: the handshake and the NVSP request engine. */
#ifndef _NETVSC_NVSP_ROOM_H
#define _NETVSC_NVSP_ROOM_H

#include <linux/types.h>

struct netvsc_device;
struct netvsc_queue;
struct netvsc_slot;

/**
 * netvsc_nvsp_alloc() - memory of the request engine
 * @nvdev: the device
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_nvsp_alloc(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_free() - undo netvsc_nvsp_alloc()
 * @nvdev: the device
 */
void netvsc_nvsp_free(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_connect() - agree on a version, tell MTU and NDIS version
 * @nvdev: the device, its primary channel open; nvsp_caps is set
 *
 * Newest version first, one per INIT. Sheet 3.6, 3.7, 4.1 steps 2 to 4.
 *
 * Context: RTNL, sleeps.
 * Return: 0, -EPROTO, -EIO (no version accepted), -ETIMEDOUT, -ENODEV.
 */
int netvsc_nvsp_connect(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_announce_recv() - tell the host the receive buffer
 * @nvdev: the device, its receive buffer shared; sections are set
 *
 * Sheet 3.8.
 *
 * Context: RTNL, sleeps.
 * Return: 0, -EPROTO, -EIO, -ETIMEDOUT, -ENODEV.
 */
int netvsc_nvsp_announce_recv(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_announce_send() - tell the host the send buffer
 * @nvdev: the device, its send buffer shared; sections are set
 *
 * Context: RTNL, sleeps.
 * Return: as netvsc_nvsp_announce_recv().
 */
int netvsc_nvsp_announce_send(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_revoke_recv() - the host shall not touch the receive buffer
 * @nvdev: the device
 *
 * No answer (sheet 3.10); nothing to do if it was not given or the channel is
 * gone.
 */
void netvsc_nvsp_revoke_recv(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_revoke_send() - the host shall not touch the send buffer
 * @nvdev: the device
 */
void netvsc_nvsp_revoke_send(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_ask_channels() - ask for sub-channels
 * @nvdev: the device; its NVSP version has them
 * @wanted: how many, the primary not counted
 * @granted: how many will be offered, 0..@wanted; 0 on failure
 *
 * The offers may come before this returns. Sheet 3.13.
 *
 * Return: 0, -EIO (refused), -EPROTO, -ETIMEDOUT, -ENODEV, -EAGAIN.
 */
int netvsc_nvsp_ask_channels(struct netvsc_device *nvdev, u32 wanted,
			     u32 *granted);

/**
 * netvsc_nvsp_default_table() - transmit table, unless the host sent its own
 * @nvdev: the device
 * @queues: how many there are, not 0
 */
void netvsc_nvsp_default_table(struct netvsc_device *nvdev, u32 queues);

/**
 * netvsc_nvsp_ask_path() - ask for a data path, without waiting
 * @nvdev: the device, its NVSP version has a VF
 * @path: NVSP_DATAPATH_*
 * @seq: comes back in netvsc_events.path_done when the host has answered
 *
 * Sheet 3.12.
 *
 * Context: any.
 * Return: 0, -EAGAIN (no room now), -ENODEV, -EIO.
 */
int netvsc_nvsp_ask_path(struct netvsc_device *nvdev, u32 path, u32 seq);

/**
 * netvsc_nvsp_path_done() - the host completed such a request
 * @nvdev: the device
 * @slot: what belongs to it
 *
 * The answer has no contents.
 *
 * Context: NAPI of the primary.
 */
void netvsc_nvsp_path_done(struct netvsc_device *nvdev,
			   const struct netvsc_slot *slot);

/**
 * netvsc_nvsp_responsive() - the host answers; it may have been silent before
 * @nvdev: the device
 *
 * Context: NAPI of the primary.
 */
void netvsc_nvsp_responsive(struct netvsc_device *nvdev);

/**
 * netvsc_nvsp_answer() - the host completed a request of this room
 * @nvdev: the device
 * @slot: what belongs to it
 * @payload: private copy
 * @len: its bytes
 *
 * Context: NAPI of the primary.
 */
void netvsc_nvsp_answer(struct netvsc_device *nvdev,
			const struct netvsc_slot *slot, const void *payload,
			u32 len);

/**
 * netvsc_nvsp_inband() - the host sent a message on its own
 * @q: the queue it arrived on
 * @payload: private copy
 * @len: its bytes
 *
 * Context: NAPI.
 * Return: NVSP_STAT_*, in case it wants a completion (R59).
 */
u32 netvsc_nvsp_inband(struct netvsc_queue *q, const void *payload, u32 len);

#endif /* _NETVSC_NVSP_ROOM_H */
