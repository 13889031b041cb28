/* SPDX-License-Identifier: GPL-2.0 */
/* Room oid: typed questions and settings. */
#ifndef _NETVSC_OID_ROOM_H
#define _NETVSC_OID_ROOM_H

#include <linux/types.h>

struct netvsc_device;

/*
 * All of these sleep and return 0 or the errno of netvsc_rndis_query(); -EPROTO
 * also if the answer has the wrong length or says something impossible.
 */

/**
 * netvsc_oid_get_mtu() - adopt the host's MTU if it is smaller (sheet 4.1 (8))
 * @nvdev: the device; params.mtu is set
 *
 * Return: 0, -EPROTO, -ETIMEDOUT, -ENODEV, or the refusal as
 * netvsc_rndis_query() has it.
 */
int netvsc_oid_get_mtu(struct netvsc_device *nvdev);

/**
 * netvsc_oid_get_mac() - permanent address (sheet 1.4)
 * @nvdev: the device; mac is set
 *
 * Return: 0 or an error of netvsc_rndis_query().
 */
int netvsc_oid_get_mac(struct netvsc_device *nvdev);

/**
 * netvsc_oid_set_mac() - ask for another address (sheet 6.7)
 * @nvdev: the device
 * @mac: the address
 *
 * Return: also -EIO: the host refuses, most likely because its port does not
 * allow MAC spoofing.
 */
int netvsc_oid_set_mac(struct netvsc_device *nvdev, const u8 *mac);

/**
 * netvsc_oid_get_name() - friendly name (sheet 6.3)
 * @nvdev: the device
 * @name: UTF-8, terminated
 * @size: bytes there
 *
 * Return: bytes of the name, 0 for a default name that means nothing (R80).
 */
int netvsc_oid_get_name(struct netvsc_device *nvdev, char *name, size_t size);

/**
 * netvsc_oid_get_offloads() - offload capabilities (sheet 6.4)
 * @nvdev: the device; caps is set
 *
 * Return: 0 or an error of netvsc_rndis_query(); without offloads then.
 */
int netvsc_oid_get_offloads(struct netvsc_device *nvdev);

/**
 * netvsc_oid_set_offloads() - switch on what the host can (sheet 6.5)
 * @nvdev: the device
 *
 * Receive coalescing as the interface's features have it, NETVSC_RSC_FEATURES.
 *
 * Return: 0 or an error of netvsc_rndis_set().
 */
int netvsc_oid_set_offloads(struct netvsc_device *nvdev);

/**
 * netvsc_oid_set_rsc() - receive coalescing on or off (sheet 4.4, 6.5)
 * @nvdev: the device; the host can do it
 * @on: for both address families
 *
 * Return: 0 or an error of netvsc_rndis_set().
 */
int netvsc_oid_set_rsc(struct netvsc_device *nvdev, bool on);

/**
 * netvsc_oid_get_link() - connected or not (sheet 6.1)
 * @nvdev: the device; link_up is set
 *
 * Return: 0 or an error of netvsc_rndis_query(); connected then.
 */
int netvsc_oid_get_link(struct netvsc_device *nvdev);

/**
 * netvsc_oid_get_speed() - link speed (R69)
 * @nvdev: the device; speed_units is set, 0 below NVSP V5
 *
 * Return: 0 or an error of netvsc_rndis_query(); not known then.
 */
int netvsc_oid_get_speed(struct netvsc_device *nvdev);

/**
 * netvsc_oid_get_queues() - receive queues of the host (sheet 6.8)
 * @nvdev: the device; host_queues is set, 1 below NVSP V5
 *
 * Return: 0 or an error of netvsc_rndis_query(); one queue then.
 */
int netvsc_oid_get_queues(struct netvsc_device *nvdev);

/**
 * netvsc_oid_set_rss() - OID_GEN_RECEIVE_SCALE_PARAMETERS
 * @nvdev: the device
 * @key: NDIS_RSS_KEY_BYTES
 * @table: channel by hash as the host counts them, as many entries as it has
 * @hash_info: NDIS_HASH_*
 *
 * Return: 0 or errno; then the host has what it had before. Sheet 6.8.
 */
int netvsc_oid_set_rss(struct netvsc_device *nvdev, const u8 *key,
		       const u16 *table, u32 hash_info);

/**
 * netvsc_oid_ping() - does the host answer?
 * @nvdev: the device
 *
 * Return: 0 if so, whatever it says; -ETIMEDOUT if not; -EAGAIN: nothing more can be
 * sent to it; -ENODEV, -ENOMEM.
 */
int netvsc_oid_ping(struct netvsc_device *nvdev);

/**
 * netvsc_oid_open_filter() - let frames in
 * @nvdev: the device, RNDIS initialized
 * @filter: NDIS_PACKET_TYPE_*
 *
 * Return: 0 or an error of netvsc_rndis_set().
 */
int netvsc_oid_open_filter(struct netvsc_device *nvdev, u32 filter);

/**
 * netvsc_oid_update_filter() - another filter, if it is open (R67)
 * @nvdev: the device
 * @filter: NDIS_PACKET_TYPE_*
 *
 * One that is closed, which the host has not confirmed, is closed once more.
 *
 * Context: sleeps.
 * Return: 0, also if there was nothing to tell, or an error of netvsc_rndis_set().
 */
int netvsc_oid_update_filter(struct netvsc_device *nvdev, u32 filter);

/**
 * netvsc_oid_close_filter() - no more frames, until it is opened again
 * @nvdev: the device
 *
 * Return: 0 or an error of netvsc_rndis_set().
 */
int netvsc_oid_close_filter(struct netvsc_device *nvdev);

#endif /* _NETVSC_OID_ROOM_H */
