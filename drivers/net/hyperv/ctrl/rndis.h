/* SPDX-License-Identifier: GPL-2.0 */
/* Room rndis: control requests and indications. */
#ifndef _NETVSC_RNDIS_ROOM_H
#define _NETVSC_RNDIS_ROOM_H

#include <linux/errno.h>
#include <linux/types.h>

struct netvsc_device;
struct netvsc_rndis_req;
struct netvsc_slot;

/* Send sections of a confidential VM that only control requests use. */
#define NETVSC_RNDIS_SECTIONS	8

/**
 * netvsc_rndis_refused() - did the host refuse a request?
 * @err: what a function of this room returned
 *
 * A refusal is an answer: the host has changed nothing.
 *
 * Return: true for a refusal, false for success and any other error.
 */
static inline bool netvsc_rndis_refused(int err)
{
	return err == -EIO || err == -EOPNOTSUPP;
}

/**
 * netvsc_rndis_alloc() - memory of the request engine
 * @nvdev: the device
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_rndis_alloc(struct netvsc_device *nvdev);

/**
 * netvsc_rndis_free() - undo netvsc_rndis_alloc()
 * @nvdev: the device; netvsc_rndis_abandon() was called
 */
void netvsc_rndis_free(struct netvsc_device *nvdev);

/**
 * netvsc_rndis_init() - INITIALIZE; limits of aggregation are set
 * @nvdev: the device, its send buffer given
 *
 * Sheet 5.3.
 *
 * Context: sleeps.
 * Return: 0, -EPROTO, -EIO, -ETIMEDOUT, -ENODEV, -ENOMEM.
 */
int netvsc_rndis_init(struct netvsc_device *nvdev);

/**
 * netvsc_rndis_halt() - HALT, and wait until the host took it
 * @nvdev: the device
 *
 * Context: sleeps.
 * Return: 0, -ETIMEDOUT, -ENODEV, -ENOMEM, -EAGAIN; nothing depends on it.
 */
int netvsc_rndis_halt(struct netvsc_device *nvdev);

/**
 * netvsc_rndis_query() - QUERY
 * @nvdev: the device
 * @oid: OID_*
 * @in: input of the query, NULL if none
 * @in_bytes: its bytes
 * @out: filled with the answer
 * @out_bytes: room there; a longer answer is an error
 *
 * The status is looked at before anything else. Sheet 5.4.
 *
 * Context: sleeps.
 * Return: bytes of the answer, -EOPNOTSUPP (host does not know the OID), -EIO
 * (host refused), -EPROTO, -ETIMEDOUT, -ENODEV, -ENOMEM, -EAGAIN (ring full).
 */
int netvsc_rndis_query(struct netvsc_device *nvdev, u32 oid, const void *in,
		       u32 in_bytes, void *out, u32 out_bytes);

/**
 * netvsc_rndis_set() - SET
 * @nvdev: the device
 * @oid: OID_*
 * @info: the value
 * @bytes: its bytes
 *
 * Context: sleeps.
 * Return: 0 or as netvsc_rndis_query().
 */
int netvsc_rndis_set(struct netvsc_device *nvdev, u32 oid, const void *info,
		     u32 bytes);

/**
 * netvsc_rndis_set_most() - netvsc_rndis_set() with a limit of its own
 * @nvdev: the device
 * @oid: OID_*
 * @info: the value
 * @bytes: its bytes
 * @most_ms: milliseconds
 *
 * Context: sleeps.
 * Return: 0 or as netvsc_rndis_query().
 */
int netvsc_rndis_set_most(struct netvsc_device *nvdev, u32 oid, const void *info,
			  u32 bytes, u32 most_ms);

/**
 * netvsc_rndis_set_spare() - netvsc_rndis_set() for the way down
 * @nvdev: the device
 * @oid: OID_*
 * @info: the value
 * @bytes: its bytes
 *
 * Needs no memory, once for each netvsc_rndis_alloc_spares().
 *
 * Context: RTNL, sleeps.
 * Return: 0 or as netvsc_rndis_query().
 */
int netvsc_rndis_set_spare(struct netvsc_device *nvdev, u32 oid,
			   const void *info, u32 bytes);

/**
 * netvsc_rndis_alloc_spares() - memory for the requests of the way down
 * @nvdev: the device; those that are there stay
 *
 * Context: RTNL, sleeps.
 * Return: 0, -ENOMEM.
 */
int netvsc_rndis_alloc_spares(struct netvsc_device *nvdev);

/**
 * netvsc_rndis_free_spares() - undo netvsc_rndis_alloc_spares()
 * @nvdev: the device; none is fine
 */
void netvsc_rndis_free_spares(struct netvsc_device *nvdev);

/**
 * netvsc_rndis_receive() - a control message arrived
 * @nvdev: the device
 * @msg: private copy, nvdev->rndis->scratch
 * @bytes: its bytes
 * @kind: NETVSC_RNDIS_ANSWER or NETVSC_RNDIS_STATUS
 *
 * Context: NAPI of the primary.
 * Return: 0, -EPROTO: answer the range with failure. A stray answer is not a
 * failure (sheet 10.15 N13).
 */
int netvsc_rndis_receive(struct netvsc_device *nvdev, const void *msg,
			 u32 bytes, int kind);

/**
 * netvsc_rndis_sent() - the host completed the packet of a request
 * @nvdev: the device
 * @slot: what belongs to it
 *
 * Context: NAPI of the primary, or after the channel was closed.
 */
void netvsc_rndis_sent(struct netvsc_device *nvdev,
		       const struct netvsc_slot *slot);

/**
 * netvsc_rndis_abandon() - no answers will come any more
 * @nvdev: the device, its channel closed
 */
void netvsc_rndis_abandon(struct netvsc_device *nvdev);

#endif /* _NETVSC_RNDIS_ROOM_H */
