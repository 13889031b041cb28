// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room oid: typed questions and settings
 *
 * Promise: one function for each thing the host can be asked or told, which
 * knows its format, checks the answer and leaves the result in the device.
 *
 * Neighbours: rndis carries, lib/ndis_caps reads and writes the structures. dev
 * asks at attach; netdev changes filter and address.
 *
 * Locks: netvsc_device.filter_lock makes filter and RNDIS state one: a late
 * update by the work item cannot open a filter that was closed (R67). An update that
 * the host has not confirmed is told again: it may come into force at any time.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <netvsc/ndis.h>
#include <netvsc/oid.h>

#include "bus/chan.h"
#include "ctrl/oid.h"
#include "ctrl/rndis.h"
#include "ctrl/rndis_priv.h"
#include "lib/rndis_tx.h"
#include "lib/rss.h"
#include "lib/sizing.h"
#include "lib/utf16.h"
#include "netvsc.h"

/* A holder of RTNL may have to wait until an update is through. */
#define UPDATE_WAIT_MS	5000

static int oid_query_u32(struct netvsc_device *nvdev, u32 oid, u32 *value)
{
	__le32 raw;
	int len;

	len = netvsc_rndis_query(nvdev, oid, NULL, 0, &raw, sizeof(raw));
	if (len < 0)
		return len;
	if (len != sizeof(raw))
		return -EPROTO;
	*value = le32_to_cpu(raw);
	return 0;
}

int netvsc_oid_get_mtu(struct netvsc_device *nvdev)
{
	u32 host_mtu;
	int err;

	err = oid_query_u32(nvdev, OID_GEN_MAXIMUM_FRAME_SIZE, &host_mtu);
	if (!err)
		nvdev->params.mtu = netvsc_sizing_mtu(nvdev->params.mtu,
						      host_mtu);
	return err;
}

int netvsc_oid_get_mac(struct netvsc_device *nvdev)
{
	int len;

	len = netvsc_rndis_query(nvdev, OID_802_3_PERMANENT_ADDRESS, NULL, 0,
				 nvdev->mac, ETH_ALEN);
	if (len < 0)
		return len;
	if (len != ETH_ALEN || !is_valid_ether_addr(nvdev->mac))
		return -EPROTO;
	return 0;
}

int netvsc_oid_set_mac(struct netvsc_device *nvdev, const u8 *mac)
{
	u8 param[NDIS_CONFIG_MAC_BYTES] __aligned(4);
	int bytes;

	bytes = netvsc_rndis_tx_mac_param(param, sizeof(param), mac);
	if (bytes < 0)
		return bytes;
	return netvsc_rndis_set(nvdev, OID_GEN_RNDIS_CONFIG_PARAMETER, param,
				bytes);
}

static bool oid_is_default_name(const char *name)
{
	return !strcmp(name, OID_FRIENDLY_NAME_DEFAULT) ||
	       !strcmp(name, OID_FRIENDLY_NAME_DEFAULT_OPENVMM);
}

int netvsc_oid_get_name(struct netvsc_device *nvdev, char *name, size_t size)
{
	u8 raw[OID_FRIENDLY_NAME_MAX_BYTES];
	size_t chars;
	int len;

	len = netvsc_rndis_query(nvdev, OID_GEN_FRIENDLY_NAME, NULL, 0, raw,
				 sizeof(raw));
	if (len < 0)
		return len;
	chars = netvsc_utf16_to_utf8(raw, len, name, size);
	return oid_is_default_name(name) ? 0 : chars;
}

int netvsc_oid_get_offloads(struct netvsc_device *nvdev)
{
	u8 query[NDIS_OFFLOAD_REV3_BYTES] __aligned(4);
	u8 answer[NDIS_OFFLOAD_REV3_BYTES];
	struct netvsc_offload_caps caps;
	int bytes, len, err;

	bytes = netvsc_ndis_caps_build_query(nvdev->nvsp_caps, query,
					     sizeof(query));
	if (bytes < 0)
		return bytes;
	len = netvsc_rndis_query(nvdev, OID_TCP_OFFLOAD_HW_CAPABILITIES, query,
				 bytes, answer, sizeof(answer));
	if (len < 0)
		return len;
	err = netvsc_ndis_caps_parse(answer, len, &caps);
	if (!err)
		nvdev->host_caps = caps;
	return err;
}

/* At first as the host has it, then as the user does. */
static bool oid_wants_rsc(const struct net_device *ndev)
{
	return ndev->reg_state == NETREG_UNINITIALIZED ||
	       ndev->features & NETVSC_RSC_FEATURES;
}

int netvsc_oid_set_offloads(struct netvsc_device *nvdev)
{
	u8 params[NDIS_OFFLOAD_PARAMS_REV3_BYTES] __aligned(4);
	int bytes, err;

	bytes = netvsc_ndis_caps_build_params(nvdev->nvsp_caps,
					      &nvdev->host_caps,
					      oid_wants_rsc(nvdev->ndev) ?
					      NDIS_PARAM_ON : NDIS_PARAM_OFF,
					      params, sizeof(params));
	if (bytes < 0)
		return bytes;
	err = netvsc_rndis_set(nvdev, OID_TCP_OFFLOAD_PARAMETERS, params,
			       bytes);
	/* What was not switched on must not be asked for (sheet 7.2). */
	if (err)
		memset(&nvdev->caps, 0, sizeof(nvdev->caps));
	else
		nvdev->caps = nvdev->host_caps;
	return err;
}

int netvsc_oid_set_rsc(struct netvsc_device *nvdev, bool on)
{
	u8 params[NDIS_OFFLOAD_PARAMS_REV3_BYTES] __aligned(4);
	int bytes;

	bytes = netvsc_ndis_caps_build_rsc(nvdev->nvsp_caps,
					   on ? NDIS_PARAM_ON : NDIS_PARAM_OFF,
					   params, sizeof(params));
	if (bytes < 0)
		return bytes;
	return netvsc_rndis_set(nvdev, OID_TCP_OFFLOAD_PARAMETERS, params,
				bytes);
}

int netvsc_oid_get_link(struct netvsc_device *nvdev)
{
	u32 state;
	int err;

	/* A host that does not say is connected. */
	nvdev->link_up = true;
	err = oid_query_u32(nvdev, OID_GEN_MEDIA_CONNECT_STATUS, &state);
	if (!err)
		nvdev->link_up = state == OID_MEDIA_CONNECTED;
	return err;
}

int netvsc_oid_ping(struct netvsc_device *nvdev)
{
	u32 state;
	int err;

	err = oid_query_u32(nvdev, OID_GEN_MEDIA_CONNECT_STATUS, &state);
	/* A refusal and nonsense are answers. */
	return netvsc_rndis_refused(err) || err == -EPROTO ? 0 : err;
}

int netvsc_oid_get_speed(struct netvsc_device *nvdev)
{
	nvdev->speed_units = 0;
	if (!nvdev->nvsp_caps->link_speed)
		return 0;
	return oid_query_u32(nvdev, OID_GEN_LINK_SPEED, &nvdev->speed_units);
}

int netvsc_oid_get_queues(struct netvsc_device *nvdev)
{
	u8 query[NDIS_RSS_CAPS_REV2_BYTES] __aligned(4);
	u8 answer[sizeof(struct ndis_rss_caps)];
	int bytes, len, err;

	nvdev->host_queues = 1;
	memset(&nvdev->rss_caps, 0, sizeof(nvdev->rss_caps));
	if (!nvdev->nvsp_caps->multi_queue)
		return 0;
	bytes = netvsc_ndis_caps_build_rss_query(query, sizeof(query));
	if (bytes < 0)
		return bytes;
	len = netvsc_rndis_query(nvdev, OID_GEN_RECEIVE_SCALE_CAPABILITIES,
				 query, bytes, answer, sizeof(answer));
	if (len < 0)
		return len;
	err = netvsc_ndis_caps_parse_rss(answer, len, &nvdev->rss_caps);
	if (!err)
		nvdev->host_queues = clamp(nvdev->rss_caps.rx_queues, 1U,
					   (u32)NVSP_MAX_CHANNELS);
	return err;
}

int netvsc_oid_set_rss(struct netvsc_device *nvdev, const u8 *key,
		       const u16 *table, u32 hash_info)
{
	u8 *params;
	int ret;

	params = kmalloc(NETVSC_RSS_MSG_MAX_BYTES, GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	ret = netvsc_rss_build(key, table, nvdev->rss_caps.table_entries,
			       hash_info, params, NETVSC_RSS_MSG_MAX_BYTES);
	if (ret > 0)
		ret = netvsc_rndis_set(nvdev, OID_GEN_RECEIVE_SCALE_PARAMETERS,
				       params, ret);
	kfree(params);
	return ret;
}

/* @most_ms: 0 on the way down, which needs no memory. */
static int oid_send_filter(struct netvsc_device *nvdev, u32 filter, u32 most_ms)
{
	__le32 raw = cpu_to_le32(filter);

	if (!most_ms)
		return netvsc_rndis_set_spare(nvdev,
					      OID_GEN_CURRENT_PACKET_FILTER,
					      &raw, sizeof(raw));
	return netvsc_rndis_set_most(nvdev, OID_GEN_CURRENT_PACKET_FILTER, &raw,
				     sizeof(raw), most_ms);
}

/* Until it is confirmed the host may have the old one or the new one. */
static int oid_set_filter(struct netvsc_device *nvdev, u32 filter, u32 most_ms)
{
	int err;

	lockdep_assert_held(&nvdev->filter_lock);
	nvdev->filter_known = false;
	err = oid_send_filter(nvdev, filter, most_ms);
	if (!err) {
		nvdev->filter = filter;
		nvdev->filter_known = true;
	}
	return err;
}

int netvsc_oid_open_filter(struct netvsc_device *nvdev, u32 filter)
{
	int err = -ENODEV;

	mutex_lock(&nvdev->filter_lock);
	if (nvdev->rndis->state != NETVSC_RNDIS_DOWN)
		err = netvsc_rndis_alloc_spares(nvdev) ?:
		      oid_set_filter(nvdev, filter, NETVSC_CHAN_WAIT_MS);
	if (!err)
		WRITE_ONCE(nvdev->rndis->state, NETVSC_RNDIS_DATA);
	mutex_unlock(&nvdev->filter_lock);
	return err;
}

int netvsc_oid_update_filter(struct netvsc_device *nvdev, u32 filter)
{
	int err = 0;

	mutex_lock(&nvdev->filter_lock);
	/* Opened without a word, or not closed: what is to hold is nothing. */
	if (nvdev->rndis->state != NETVSC_RNDIS_DATA)
		filter = 0;
	if (nvdev->rndis->state != NETVSC_RNDIS_DOWN &&
	    (nvdev->filter != filter || !nvdev->filter_known))
		err = oid_set_filter(nvdev, filter, UPDATE_WAIT_MS);
	mutex_unlock(&nvdev->filter_lock);
	return err;
}

int netvsc_oid_close_filter(struct netvsc_device *nvdev)
{
	int err = 0;

	mutex_lock(&nvdev->filter_lock);
	if (nvdev->rndis->state == NETVSC_RNDIS_DATA) {
		WRITE_ONCE(nvdev->rndis->state, NETVSC_RNDIS_INITIALIZED);
		err = oid_set_filter(nvdev, 0, 0);
	}
	mutex_unlock(&nvdev->filter_lock);
	return err;
}
