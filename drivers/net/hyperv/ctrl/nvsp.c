// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room nvsp: the handshake and the NVSP request engine
 *
 * Promise: a caller gets the answer to its own question, checked, or an error
 * within the limits of netvsc_chan_wait(); nothing that the host sends unasked
 * or late can be taken for an answer (R16).
 *
 * Neighbours: lib/nvsp_msg builds and checks, chan carries. dev calls the
 * handshake, poll hands up what arrives.
 *
 * One request may be out at a time; that is RTNL's work. NAPI and the waiter
 * meet in struct netvsc_nvsp under its lock. A request is known by its sequence
 * number, which travels in the id table beside the id: the answer to a request
 * that was given up finds nobody. The lock is taken with interrupts off since
 * netconsole may run NAPI in any context.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "bus/chan.h"
#include "bus/chan_ring.h"
#include "ctrl/nvsp.h"
#include "netvsc.h"
#include "trace.h"

/* What this driver does with what a version brings. */
#define CAPS_USED	(NVSP_CAP_IEEE8021Q | NVSP_CAP_TEAMING | NVSP_CAP_RSC | \
			 NVSP_CAP_SRIOV)

/**
 * struct netvsc_nvsp - the one NVSP request that may be out
 * @lock: for the fields below
 * @done: the answer is there
 * @type: L, what was asked, NVSP_MSG_*; NVSP_MSG_NONE if nobody waits
 * @seq: L, number of the request: an answer to an earlier one is ignored
 * @err: L, verdict on the answer
 * @len: L, bytes of @answer
 * @answer: L, copy of the payload
 */
struct netvsc_nvsp {
	spinlock_t lock;	/* L */
	struct completion done;
	u32 type;
	u32 seq;
	int err;
	u32 len;
	u8 answer[NVSP_MSG_BYTES] __aligned(8);
};

int netvsc_nvsp_alloc(struct netvsc_device *nvdev)
{
	struct netvsc_nvsp *nvsp = kzalloc(sizeof(*nvsp), GFP_KERNEL);

	if (!nvsp)
		return -ENOMEM;
	spin_lock_init(&nvsp->lock);
	init_completion(&nvsp->done);
	nvdev->nvsp = nvsp;
	return 0;
}

void netvsc_nvsp_free(struct netvsc_device *nvdev)
{
	kfree(nvdev->nvsp);
}

/* Takes the place of the one request; from here on an answer is welcome. */
static u32 nvsp_begin_request(struct netvsc_nvsp *nvsp, u32 type)
{
	unsigned long flags;
	u32 seq;

	spin_lock_irqsave(&nvsp->lock, flags);
	reinit_completion(&nvsp->done);
	nvsp->type = type;
	nvsp->len = 0;
	seq = ++nvsp->seq;
	spin_unlock_irqrestore(&nvsp->lock, flags);
	return seq;
}

static void nvsp_end_request(struct netvsc_nvsp *nvsp)
{
	unsigned long flags;

	spin_lock_irqsave(&nvsp->lock, flags);
	nvsp->type = NVSP_MSG_NONE;
	spin_unlock_irqrestore(&nvsp->lock, flags);
}

static int nvsp_post_msg(struct netvsc_queue *q, u8 kind, u32 seq,
			 const struct nvsp_message *msg)
{
	unsigned long flags;
	int err, slot;

	flags = netvsc_chan_lock(q);
	slot = netvsc_chan_slot(q);
	if (slot < 0) {
		err = -EAGAIN;
		goto unlock;
	}
	q->slots[slot].kind = kind;
	q->slots[slot].seq = seq;
	err = netvsc_chan_send(q, slot, msg);
unlock:
	/* The answer may be there as soon as the host sees it. */
	trace_netvsc_nvsp_sent(q->ndev, le32_to_cpu(msg->type), err);
	netvsc_chan_unlock(q, flags);
	return err;
}

static int nvsp_send_oneway(struct netvsc_queue *q,
			    const struct nvsp_message *msg)
{
	int err = netvsc_chan_send_oneway(q, msg);

	trace_netvsc_nvsp_sent(q->ndev, le32_to_cpu(msg->type), err);
	return err;
}

/* On success the checked answer is in nvdev->nvsp->answer, .len bytes. */
static int nvsp_run_request(struct netvsc_device *nvdev,
			    const struct nvsp_message *msg)
{
	struct netvsc_nvsp *nvsp = nvdev->nvsp;
	u32 seq;
	int err;

	ASSERT_RTNL();
	seq = nvsp_begin_request(nvsp, le32_to_cpu(msg->type));
	err = nvsp_post_msg(nvdev->queues[0], NETVSC_SLOT_NVSP, seq, msg);
	if (!err)
		err = netvsc_chan_wait(nvdev, &nvsp->done);
	nvsp_end_request(nvsp);
	return err ?: nvsp->err;
}

static int nvsp_try_version(struct netvsc_device *nvdev, u32 version)
{
	struct nvsp_message msg;
	int err;

	netvsc_nvsp_msg_build_init(&msg, version);
	err = nvsp_run_request(nvdev, &msg);
	if (err)
		return err;
	return netvsc_nvsp_msg_parse_init(nvdev->nvsp->answer, nvdev->nvsp->len);
}

static int nvsp_negotiate_version(struct netvsc_device *nvdev)
{
	const struct netvsc_nvsp_caps *nvsp_caps;
	unsigned int i;
	int err;

	for (i = 0; (nvsp_caps = netvsc_nvsp_msg_candidate(i)); i++) {
		/* The first ones that were made for it (R18). */
		if (netvsc_chan_isolated() &&
		    nvsp_caps->version < NVSP_VERSION_61)
			break;
		err = nvsp_try_version(nvdev, nvsp_caps->version);
		if (!err) {
			nvdev->nvsp_caps = nvsp_caps;
			return 0;
		}
		if (err != -EIO)
			return err;
	}
	return -EIO;
}

int netvsc_nvsp_connect(struct netvsc_device *nvdev)
{
	struct netvsc_queue *q = nvdev->queues[0];
	struct nvsp_message msg;
	u32 caps;
	int err;

	err = nvsp_negotiate_version(nvdev);
	if (err)
		return err;

	caps = netvsc_nvsp_msg_cap_bits(nvdev->nvsp_caps,
					netvsc_chan_isolated()) &
	       CAPS_USED;
	if (nvdev->nvsp_caps->bits) {
		netvsc_nvsp_msg_build_ndis_config(&msg, nvdev->params.mtu, caps);
		err = nvsp_send_oneway(q, &msg);
		if (err)
			return err;
	}
	netvsc_nvsp_msg_build_ndis_version(&msg, nvdev->nvsp_caps);
	return nvsp_send_oneway(q, &msg);
}

/*
 * Tells the host a buffer. Unless it refuses it has to be told when to let go,
 * also when its answer was nonsense or never came.
 */
static int
nvsp_announce_buffer(struct netvsc_device *nvdev, struct netvsc_buffer *buf,
		     const struct nvsp_message *msg,
		     int (*parse)(const void *buf, size_t len, u32 buf_bytes,
				  struct netvsc_sections *sections))
{
	int err;

	buf->announced = true;
	err = nvsp_run_request(nvdev, msg);
	if (!err)
		err = parse(nvdev->nvsp->answer, nvdev->nvsp->len, buf->bytes,
			    &buf->sections);
	if (err == -EIO)
		buf->announced = false;
	return err;
}

int netvsc_nvsp_announce_recv(struct netvsc_device *nvdev)
{
	struct nvsp_message msg;

	netvsc_nvsp_msg_build_recv_buf(&msg, nvdev->recv.gpadl.gpadl_handle);
	return nvsp_announce_buffer(nvdev, &nvdev->recv, &msg,
				    netvsc_nvsp_msg_parse_recv_buf);
}

int netvsc_nvsp_announce_send(struct netvsc_device *nvdev)
{
	struct nvsp_message msg;

	netvsc_nvsp_msg_build_send_buf(&msg, nvdev->send.gpadl.gpadl_handle);
	return nvsp_announce_buffer(nvdev, &nvdev->send, &msg,
				    netvsc_nvsp_msg_parse_send_buf);
}

static void nvsp_revoke_buffer(struct netvsc_device *nvdev,
			       struct netvsc_buffer *buf,
			       const struct nvsp_message *msg)
{
	int err;

	if (!buf->announced)
		return;
	buf->announced = false;
	err = nvsp_send_oneway(nvdev->queues[0], msg);
	if (err && err != -ENODEV)
		netdev_warn(nvdev->ndev,
			    "cannot revoke a shared buffer: %d\n",
			    err);
}

void netvsc_nvsp_revoke_recv(struct netvsc_device *nvdev)
{
	struct nvsp_message msg;

	netvsc_nvsp_msg_build_revoke_recv_buf(&msg);
	nvsp_revoke_buffer(nvdev, &nvdev->recv, &msg);
}

void netvsc_nvsp_revoke_send(struct netvsc_device *nvdev)
{
	struct nvsp_message msg;

	netvsc_nvsp_msg_build_revoke_send_buf(&msg);
	nvsp_revoke_buffer(nvdev, &nvdev->send, &msg);
}

void netvsc_nvsp_responsive(struct netvsc_device *nvdev)
{
	if (likely(!READ_ONCE(nvdev->unresponsive)))
		return;
	WRITE_ONCE(nvdev->unresponsive, false);
	nvdev->events->responsive(nvdev);
}

/* What it says is shown as it came, good or not. */
static void nvsp_trace_answer(struct netvsc_device *nvdev, const void *payload,
			      u32 len, int err)
{
	u32 type;

	if (netvsc_nvsp_msg_type(payload, len, &type))
		type = NVSP_MSG_NONE;
	trace_netvsc_nvsp_received(nvdev->ndev, type, err);
}

void netvsc_nvsp_answer(struct netvsc_device *nvdev,
			const struct netvsc_slot *slot, const void *payload,
			u32 len)
{
	struct netvsc_nvsp *nvsp = nvdev->nvsp;
	unsigned long flags;
	int err = -ENOENT;

	netvsc_nvsp_responsive(nvdev);
	spin_lock_irqsave(&nvsp->lock, flags);
	if (nvsp->type != NVSP_MSG_NONE && nvsp->seq == slot->seq) {
		err = netvsc_nvsp_msg_check_answer(nvsp->type, payload, len);
		nvsp->err = err;
		nvsp->len = min_t(u32, len, sizeof(nvsp->answer));
		memcpy(nvsp->answer, payload, nvsp->len);
		nvsp->type = NVSP_MSG_NONE;
		complete(&nvsp->done);
	} else {
		netvsc_count(nvdev->ndev, NETVSC_CNT_HOST_BAD_ID);
	}
	spin_unlock_irqrestore(&nvsp->lock, flags);
	nvsp_trace_answer(nvdev, payload, len, err);
}

int netvsc_nvsp_ask_path(struct netvsc_device *nvdev, u32 path, u32 seq)
{
	struct nvsp_message msg;
	int err;

	netvsc_nvsp_msg_build_data_path(&msg, path);
	atomic_inc(&nvdev->paths_asked);
	err = nvsp_post_msg(nvdev->queue_mem[0], NETVSC_SLOT_PATH, seq, &msg);
	if (err)
		atomic_dec(&nvdev->paths_asked);
	return err;
}

void netvsc_nvsp_path_done(struct netvsc_device *nvdev,
			   const struct netvsc_slot *slot)
{
	atomic_dec(&nvdev->paths_asked);
	trace_netvsc_nvsp_received(nvdev->ndev, NVSP_MSG_SWITCH_DATA_PATH, 0);
	nvdev->events->path_done(nvdev, slot->seq);
}

int netvsc_nvsp_ask_channels(struct netvsc_device *nvdev, u32 wanted,
			     u32 *granted)
{
	struct nvsp_message msg;
	int err;

	*granted = 0;
	netvsc_nvsp_msg_build_subchannel(&msg, wanted);
	err = nvsp_run_request(nvdev, &msg);
	if (err)
		return err;
	return netvsc_nvsp_msg_parse_subchannel(nvdev->nvsp->answer,
						nvdev->nvsp->len, wanted,
						granted);
}

/* Transmitters pick single entries, in any mix of old and new (R76). */
static void nvsp_set_table(struct netvsc_device *nvdev, const u16 *table,
			   bool from_host)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&nvdev->nvsp->lock, flags);
	if (from_host || !nvdev->tx_table_from_host)
		for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
			WRITE_ONCE(nvdev->tx_table[i], table[i]);
	nvdev->tx_table_from_host |= from_host;
	spin_unlock_irqrestore(&nvdev->nvsp->lock, flags);
}

void netvsc_nvsp_default_table(struct netvsc_device *nvdev, u32 queues)
{
	u16 table[NVSP_INDIRECTION_ENTRIES];
	unsigned int i;

	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		table[i] = i % queues;
	nvsp_set_table(nvdev, table, false);
}

/* It may come before we know how many channels there are: the choice reduces it. */
static int nvsp_handle_table(struct netvsc_device *nvdev, const void *payload,
			     u32 len)
{
	u16 table[NVSP_INDIRECTION_ENTRIES];

	if (!nvdev->nvsp_caps ||
	    netvsc_nvsp_msg_parse_indirection(payload, len,
					      nvdev->nvsp_caps->version,
					      NVSP_MAX_CHANNELS, table) < 0)
		return -EPROTO;
	nvsp_set_table(nvdev, table, true);
	return 0;
}

/* A confidential VM takes no device of the host's choice (R18). */
static int nvsp_handle_vf(struct netvsc_device *nvdev, const void *payload,
			  u32 len)
{
	bool allocated;
	u32 serial;

	if (netvsc_nvsp_msg_parse_vf(payload, len, &allocated, &serial))
		return -EPROTO;
	if (netvsc_chan_isolated()) {
		if (net_ratelimit())
			netdev_info(nvdev->ndev,
				    "VF ignored: a confidential VM must not use one\n");
		return -EPERM;
	}
	nvdev->events->vf_association(nvdev, allocated, serial);
	return 0;
}

static int nvsp_handle_path(struct netvsc_device *nvdev, const void *payload,
			    u32 len)
{
	u32 path;

	if (netvsc_nvsp_msg_parse_data_path(payload, len, &path))
		return -EPROTO;
	nvdev->events->path_switched(nvdev, path);
	return 0;
}

u32 netvsc_nvsp_inband(struct netvsc_queue *q, const void *payload, u32 len)
{
	struct netvsc_device *nvdev = q->nvdev;
	int err = 0;
	u32 type;

	if (netvsc_nvsp_msg_type(payload, len, &type) || q->index) {
		netvsc_count_bad_packet(nvdev);
		return NVSP_STAT_FAILURE;
	}
	switch (type) {
	case NVSP_MSG_SEND_INDIRECTION_TABLE:
		err = nvsp_handle_table(nvdev, payload, len);
		break;
	case NVSP_MSG_SEND_VF_ASSOCIATION:
		err = nvsp_handle_vf(nvdev, payload, len);
		break;
	case NVSP_MSG_SWITCH_DATA_PATH:
		err = nvsp_handle_path(nvdev, payload, len);
		break;
	}
	/* What we do not want is not the host's error. */
	if (err == -EPROTO)
		netvsc_count_bad_packet(nvdev);
	trace_netvsc_nvsp_received(nvdev->ndev, type, err);
	return err ? NVSP_STAT_FAILURE : NVSP_STAT_SUCCESS;
}
