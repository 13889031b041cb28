// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room rndis: control requests and indications
 *
 * Promise: query and set return the host's checked answer or an errno within
 * the limits of netvsc_chan_wait(), and no memory that the host may still read
 * or answer to is freed before it has done both (R35).
 *
 * Neighbours: lib/rndis_tx writes requests, lib/rndis_rx checks answers, chan
 * carries. oid asks; rx hands up inbound messages, poll completions; status
 * indications go up through netvsc_device.events.
 *
 * A request is held by up to three: the waiter, the list of those without an
 * answer, and the packet on its way. The last of them frees it:
 *
 *	            +-- waiter: until answer, limit or rescind
 *	request <---+-- list:   until the answer (or the channel is closed, or too
 *	            |           many came behind it)
 *	            +-- packet: until its completion (or the channel is closed)
 *
 * A waiter that gives up leaves the other two in place. A host that never
 * answers is asked again and again, so the list has a limit: an answer to a
 * request that is not there finds nobody. The way down must not need memory: its
 * two requests are allocated on the way up.
 *
 * Locks: netvsc_rndis.lock guards the list, with interrupts off since
 * netconsole may run NAPI in any context.
 */
#include <linux/refcount.h>
#include <linux/slab.h>

#include "buf/send.h"
#include "bus/chan.h"
#include "bus/chan_ring.h"
#include "ctrl/nvsp.h"
#include "ctrl/rndis.h"
#include "ctrl/rndis_priv.h"
#include "lib/rndis_rx.h"
#include "lib/rndis_tx.h"
#include "lib/sizing.h"
#include "netvsc.h"
#include "trace.h"

/* A request is one page, so that it is one range on one page (sheet 7.4). */
#define REQUEST_BYTES	NVSP_VMBUS_PAGE_BYTES
/* So many may be without an answer: then the oldest of them is forgotten. */
#define UNANSWERED_MAX	64

/**
 * struct netvsc_rndis_req - a control request
 * @node: in netvsc_rndis.requests
 * @refs: holders, see above
 * @done: answer or, for HALT, completion is there
 * @id: request id
 * @answer_type: RNDIS_MSG_*_CMPLT, 0 if there will be none
 * @msg: the message, one page
 * @msg_bytes: its bytes
 * @err: what is wrong with the answer, 0 or -EPROTO
 * @answer: the checked answer
 * @data_len: bytes of @data that are filled
 * @data_size: room in @data
 * @data: info buffer of the answer; of INITIALIZE_CMPLT the whole message
 */
struct netvsc_rndis_req {
	struct list_head node;
	refcount_t refs;
	struct completion done;
	u32 id;
	u32 answer_type;
	void *msg;
	u32 msg_bytes;
	int err;
	struct netvsc_rndis_answer answer;
	u32 data_len;
	u32 data_size;
	u8 data[] __aligned(8);
};

int netvsc_rndis_alloc(struct netvsc_device *nvdev)
{
	struct netvsc_rndis *rndis = kzalloc(sizeof(*rndis), GFP_KERNEL);

	if (!rndis)
		return -ENOMEM;
	spin_lock_init(&rndis->lock);
	INIT_LIST_HEAD(&rndis->requests);
	nvdev->rndis = rndis;
	return 0;
}

void netvsc_rndis_free(struct netvsc_device *nvdev)
{
	kfree(nvdev->rndis);
}

static void rndis_put_req(struct netvsc_rndis_req *req)
{
	if (!refcount_dec_and_test(&req->refs))
		return;
	free_page((unsigned long)req->msg);
	kfree(req);
}

static struct netvsc_rndis_req *rndis_alloc_req(u32 data_size)
{
	struct netvsc_rndis_req *req;

	req = kzalloc(struct_size(req, data, data_size), GFP_KERNEL);
	if (!req)
		return NULL;
	req->msg = (void *)get_zeroed_page(GFP_KERNEL);
	if (!req->msg) {
		kfree(req);
		return NULL;
	}
	refcount_set(&req->refs, 1);
	init_completion(&req->done);
	INIT_LIST_HEAD(&req->node);
	req->data_size = data_size;
	return req;
}

static void rndis_number_req(struct netvsc_device *nvdev,
			     struct netvsc_rndis_req *req)
{
	struct netvsc_rndis *rndis = nvdev->rndis;
	unsigned long flags;

	spin_lock_irqsave(&rndis->lock, flags);
	if (!++rndis->next_id)
		rndis->next_id = 1;
	req->id = rndis->next_id;
	spin_unlock_irqrestore(&rndis->lock, flags);
}

static struct netvsc_rndis_req *rndis_new_req(struct netvsc_device *nvdev,
					      u32 answer_type, u32 data_size)
{
	struct netvsc_rndis_req *req = rndis_alloc_req(data_size);

	if (!req)
		return NULL;
	req->answer_type = answer_type;
	rndis_number_req(nvdev, req);
	return req;
}

int netvsc_rndis_alloc_spares(struct netvsc_device *nvdev)
{
	struct netvsc_rndis *rndis = nvdev->rndis;
	unsigned int i;

	for (i = 0; i < NETVSC_RNDIS_SPARES; i++) {
		if (!rndis->spare[i])
			rndis->spare[i] = rndis_alloc_req(0);
		if (!rndis->spare[i])
			return -ENOMEM;
	}
	return 0;
}

void netvsc_rndis_free_spares(struct netvsc_device *nvdev)
{
	struct netvsc_rndis *rndis = nvdev->rndis;
	unsigned int i;

	for (i = 0; i < NETVSC_RNDIS_SPARES; i++) {
		if (rndis->spare[i])
			rndis_put_req(rndis->spare[i]);
		rndis->spare[i] = NULL;
	}
}

/* A request of the way down: one of the spares, as long as there are any. */
static struct netvsc_rndis_req *rndis_spare_req(struct netvsc_device *nvdev,
						u32 answer_type)
{
	struct netvsc_rndis *rndis = nvdev->rndis;
	struct netvsc_rndis_req *req = NULL;
	unsigned int i;

	for (i = 0; i < NETVSC_RNDIS_SPARES && !req; i++)
		swap(req, rndis->spare[i]);
	if (!req)
		return rndis_new_req(nvdev, answer_type, 0);
	req->answer_type = answer_type;
	rndis_number_req(nvdev, req);
	return req;
}

static void rndis_del_req(struct netvsc_rndis *rndis,
			  struct netvsc_rndis_req *req)
{
	lockdep_assert_held(&rndis->lock);
	list_del_init(&req->node);
	rndis->unanswered--;
}

/* Takes the request off the list; true if it was there. */
static bool rndis_unlist_req(struct netvsc_rndis *rndis,
			     struct netvsc_rndis_req *req)
{
	unsigned long flags;
	bool listed;

	spin_lock_irqsave(&rndis->lock, flags);
	listed = !list_empty(&req->node);
	if (listed)
		rndis_del_req(rndis, req);
	spin_unlock_irqrestore(&rndis->lock, flags);
	return listed;
}

static void rndis_list_req(struct netvsc_rndis *rndis,
			   struct netvsc_rndis_req *req)
{
	struct netvsc_rndis_req *oldest = NULL;
	unsigned long flags;

	refcount_inc(&req->refs);
	spin_lock_irqsave(&rndis->lock, flags);
	list_add_tail(&req->node, &rndis->requests);
	/* Two at most have a waiter, and these are not the oldest of so many. */
	if (++rndis->unanswered > UNANSWERED_MAX) {
		oldest = list_first_entry(&rndis->requests,
					  struct netvsc_rndis_req, node);
		rndis_del_req(rndis, oldest);
	}
	spin_unlock_irqrestore(&rndis->lock, flags);
	if (oldest)
		rndis_put_req(oldest);
}

/* Frames may have taken all of theirs; then a request must get out all the same. */
static int rndis_claim_section(struct netvsc_device *nvdev)
{
	unsigned long *taken = &nvdev->rndis->sections;
	unsigned int i;

	for (i = 0; i < NETVSC_RNDIS_SECTIONS; i++)
		if (!test_and_set_bit_lock(i, taken))
			return nvdev->sections.cnt + i;
	return -EAGAIN;
}

static void rndis_release_section(struct netvsc_device *nvdev, u32 section)
{
	if (section != NVSP_SECTION_NONE)
		clear_bit_unlock(section - nvdev->sections.cnt,
				 &nvdev->rndis->sections);
}

/*
 * Where the host finds the request: in the page it is in, or, where it must not look
 * there, in a send section (R18).
 */
static int rndis_map_req(struct netvsc_device *nvdev,
			 const struct netvsc_rndis_req *req,
			 struct netvsc_gpa *gpa, u32 *section)
{
	u8 *to;
	int i;

	netvsc_gpa_init(gpa);
	*section = NVSP_SECTION_NONE;
	if (netvsc_send_may_show_pages())
		return netvsc_gpa_add(gpa, netvsc_chan_pfn(req->msg),
				      offset_in_hvpage(req->msg),
				      req->msg_bytes);
	if (req->msg_bytes > nvdev->send.sections.bytes)
		return -E2BIG;
	i = rndis_claim_section(nvdev);
	if (i < 0)
		return i;
	*section = i;
	to = netvsc_chan_section(nvdev, i);
	memcpy(to, req->msg, req->msg_bytes);
	return netvsc_chan_list_buffer(gpa, to, req->msg_bytes);
}

static void rndis_trace_req(const struct netvsc_device *nvdev,
			    const struct netvsc_rndis_req *req, int err)
{
	const struct rndis_oid_request *msg = req->msg;
	u32 type = le32_to_cpu(msg->type), oid = 0;

	if (type == RNDIS_MSG_QUERY || type == RNDIS_MSG_SET)
		oid = le32_to_cpu(msg->oid);
	trace_netvsc_rndis_sent(nvdev->ndev, type, req->id, oid, err);
}

/* Puts the packet on the ring, which then holds the request too. */
static int rndis_post_req(struct netvsc_queue *q, struct netvsc_rndis_req *req)
{
	struct netvsc_gpa gpa;
	unsigned long flags;
	int err, slot;
	u32 section;
	void *at;

	err = rndis_map_req(q->nvdev, req, &gpa, &section);
	if (err) {
		rndis_release_section(q->nvdev, section);
		return err;
	}

	refcount_inc(&req->refs);
	flags = netvsc_chan_lock(q);
	at = netvsc_chan_begin(q, netvsc_gpa_bytes(&gpa) + NVSP_MSG_BYTES,
			       &slot);
	if (IS_ERR(at)) {
		err = PTR_ERR(at);
	} else {
		q->slots[slot].kind = NETVSC_SLOT_RNDIS;
		q->slots[slot].section = section;
		q->slots[slot].req = req;
		netvsc_chan_put_pages(q, at, slot, &gpa,
				      NVSP_RNDIS_CHANNEL_CONTROL,
				      NVSP_SECTION_NONE, 0);
	}
	/* The answer may be there as soon as the host sees it. */
	rndis_trace_req(q->nvdev, req, err);
	netvsc_chan_unlock(q, flags);
	if (err) {
		rndis_release_section(q->nvdev, section);
		rndis_put_req(req);
	}
	return err;
}

/* Sends the request and waits for its end; the caller still holds it. */
static int rndis_run_req(struct netvsc_device *nvdev,
			 struct netvsc_rndis_req *req, u32 most_ms)
{
	int err;

	if (req->answer_type)
		rndis_list_req(nvdev->rndis, req);
	err = rndis_post_req(nvdev->queues[0], req);
	if (err) {
		if (rndis_unlist_req(nvdev->rndis, req))
			rndis_put_req(req);
		return err;
	}
	return netvsc_chan_wait_most(nvdev, &req->done, most_ms);
}

static int rndis_status_errno(u32 status)
{
	switch (status) {
	case RNDIS_STATUS_SUCCESS:
		return 0;
	case RNDIS_STATUS_NOT_SUPPORTED:
	case RNDIS_STATUS_INVALID_OID:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

/* rndis_run_req(), then the status; it comes before anything else (sheet 5.4). */
static int rndis_ask_limited(struct netvsc_device *nvdev,
			     struct netvsc_rndis_req *req, u32 most_ms)
{
	return rndis_run_req(nvdev, req, most_ms) ?: req->err ?:
	       rndis_status_errno(req->answer.status);
}

static int rndis_ask_host(struct netvsc_device *nvdev,
			  struct netvsc_rndis_req *req)
{
	return rndis_ask_limited(nvdev, req, NETVSC_CHAN_WAIT_MS);
}

int netvsc_rndis_init(struct netvsc_device *nvdev)
{
	struct netvsc_rndis_init limits;
	struct netvsc_rndis_req *req;
	int err;

	err = netvsc_rndis_alloc_spares(nvdev);
	if (err)
		return err;
	req = rndis_new_req(nvdev, RNDIS_MSG_INITIALIZE_CMPLT,
			    sizeof(struct rndis_initialize_cmplt));
	if (!req)
		return -ENOMEM;
	req->msg_bytes = netvsc_rndis_tx_initialize(req->msg, REQUEST_BYTES,
						    req->id);
	nvdev->rndis->sections = 0;
	/* Owed a HALT unless it refuses, also if its answer is nonsense. */
	WRITE_ONCE(nvdev->rndis->state, NETVSC_RNDIS_INITIALIZED);
	err = rndis_ask_host(nvdev, req);
	if (netvsc_rndis_refused(err))
		WRITE_ONCE(nvdev->rndis->state, NETVSC_RNDIS_DOWN);
	if (!err)
		err = netvsc_rndis_rx_init(req->data, req->data_len, &limits);
	rndis_put_req(req);
	if (err)
		return err;

	netvsc_sizing_batch(limits.max_packets, limits.alignment_exp,
			    nvdev->send.sections.bytes, &nvdev->limits);
	return 0;
}

int netvsc_rndis_halt(struct netvsc_device *nvdev)
{
	struct netvsc_rndis_req *req;
	int err;

	if (READ_ONCE(nvdev->rndis->state) == NETVSC_RNDIS_DOWN)
		return 0;
	WRITE_ONCE(nvdev->rndis->state, NETVSC_RNDIS_DOWN);
	req = rndis_spare_req(nvdev, 0);
	if (!req)
		return -ENOMEM;
	req->msg_bytes = netvsc_rndis_tx_halt(req->msg, REQUEST_BYTES, req->id);
	err = rndis_run_req(nvdev, req, NETVSC_CHAN_WAIT_MS);
	rndis_put_req(req);
	return err;
}

int netvsc_rndis_query(struct netvsc_device *nvdev, u32 oid, const void *in,
		       u32 in_bytes, void *out, u32 out_bytes)
{
	struct netvsc_rndis_req *req;
	int ret;

	req = rndis_new_req(nvdev, RNDIS_MSG_QUERY_CMPLT, out_bytes);
	if (!req)
		return -ENOMEM;
	ret = netvsc_rndis_tx_query(req->msg, REQUEST_BYTES, req->id, oid, in,
				    in_bytes);
	if (ret < 0)
		goto put;
	req->msg_bytes = ret;
	ret = rndis_ask_host(nvdev, req);
	if (ret)
		goto put;
	if (req->answer.info_len > out_bytes) {
		ret = -EPROTO;
		goto put;
	}
	memcpy(out, req->data, req->data_len);
	ret = req->data_len;
put:
	rndis_put_req(req);
	return ret;
}

/* Sends a SET and puts the request; NULL: there was no memory for it. */
static int rndis_run_set(struct netvsc_device *nvdev,
			 struct netvsc_rndis_req *req, u32 oid,
			 const void *info, u32 bytes, u32 most_ms)
{
	int ret;

	if (!req)
		return -ENOMEM;
	ret = netvsc_rndis_tx_set(req->msg, REQUEST_BYTES, req->id, oid, info,
				  bytes);
	if (ret > 0) {
		req->msg_bytes = ret;
		ret = rndis_ask_limited(nvdev, req, most_ms);
	}
	rndis_put_req(req);
	return ret;
}

int netvsc_rndis_set_most(struct netvsc_device *nvdev, u32 oid, const void *info,
			  u32 bytes, u32 most_ms)
{
	return rndis_run_set(nvdev,
			     rndis_new_req(nvdev, RNDIS_MSG_SET_CMPLT, 0), oid,
			     info, bytes, most_ms);
}

int netvsc_rndis_set(struct netvsc_device *nvdev, u32 oid, const void *info,
		     u32 bytes)
{
	return netvsc_rndis_set_most(nvdev, oid, info, bytes,
				     NETVSC_CHAN_WAIT_MS);
}

int netvsc_rndis_set_spare(struct netvsc_device *nvdev, u32 oid,
			   const void *info, u32 bytes)
{
	return rndis_run_set(nvdev, rndis_spare_req(nvdev, RNDIS_MSG_SET_CMPLT),
			     oid, info, bytes, NETVSC_CHAN_WAIT_MS);
}

/* The request that waits for this answer, off the list. */
static struct netvsc_rndis_req *rndis_find_req(struct netvsc_rndis *rndis,
					       u32 id, u32 type)
{
	struct netvsc_rndis_req *req, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&rndis->lock, flags);
	list_for_each_entry(req, &rndis->requests, node) {
		if (req->id != id)
			continue;
		if (req->answer_type == type) {
			rndis_del_req(rndis, req);
			found = req;
		}
		break;
	}
	spin_unlock_irqrestore(&rndis->lock, flags);
	return found;
}

/* Keeps what the waiter needs; an info buffer too large shows in the answer. */
static void rndis_store_answer(struct netvsc_rndis_req *req, const void *msg,
			       u32 bytes,
			       const struct netvsc_rndis_answer *answer)
{
	u32 offset = answer->info_offset, len = answer->info_len;

	if (answer->type == RNDIS_MSG_INITIALIZE_CMPLT) {
		offset = 0;
		len = bytes;
	}
	req->answer = *answer;
	req->data_len = min(len, req->data_size);
	memcpy(req->data, msg + offset, req->data_len);
}

/* An answer that cannot be understood, but tells what it is one to. */
static void rndis_end_malformed(struct netvsc_device *nvdev, const void *msg,
				u32 bytes)
{
	struct netvsc_rndis_req *req;
	u32 type, id;

	if (netvsc_rndis_rx_peek(msg, bytes, &type, &id))
		return;
	req = rndis_find_req(nvdev->rndis, id, type);
	if (!req)
		return;
	req->err = -EPROTO;
	complete(&req->done);
	rndis_put_req(req);
}

static int rndis_handle_answer(struct netvsc_device *nvdev, const void *msg,
			       u32 bytes)
{
	struct netvsc_rndis_answer answer;
	struct netvsc_rndis_req *req;

	if (netvsc_rndis_rx_answer(msg, bytes, &answer)) {
		rndis_end_malformed(nvdev, msg, bytes);
		return -EPROTO;
	}
	req = rndis_find_req(nvdev->rndis, answer.request_id, answer.type);
	netvsc_nvsp_responsive(nvdev);
	trace_netvsc_rndis_received(nvdev->ndev, answer.type, answer.request_id,
				    answer.status, !req);
	if (!req) {
		netvsc_count(nvdev->ndev, NETVSC_CNT_HOST_BAD_ID);
		return 0;
	}
	rndis_store_answer(req, msg, bytes, &answer);
	complete(&req->done);
	rndis_put_req(req);
	return 0;
}

int netvsc_rndis_receive(struct netvsc_device *nvdev, const void *msg,
			 u32 bytes, int kind)
{
	struct netvsc_rndis_status status;

	if (kind == NETVSC_RNDIS_ANSWER)
		return rndis_handle_answer(nvdev, msg, bytes);

	if (netvsc_rndis_rx_status(msg, bytes, &status))
		return -EPROTO;
	trace_netvsc_rndis_status(nvdev->ndev, status.status, status.value);
	nvdev->events->status(nvdev, status.status, status.value);
	return 0;
}

void netvsc_rndis_sent(struct netvsc_device *nvdev,
		       const struct netvsc_slot *slot)
{
	struct netvsc_rndis_req *req = slot->req;

	rndis_release_section(nvdev, slot->section);
	if (!req->answer_type)
		complete(&req->done);
	rndis_put_req(req);
}

void netvsc_rndis_abandon(struct netvsc_device *nvdev)
{
	struct netvsc_rndis *rndis = nvdev->rndis;
	struct netvsc_rndis_req *req, *next;
	unsigned long flags;
	LIST_HEAD(orphans);

	spin_lock_irqsave(&rndis->lock, flags);
	list_splice_init(&rndis->requests, &orphans);
	rndis->unanswered = 0;
	spin_unlock_irqrestore(&rndis->lock, flags);
	list_for_each_entry_safe(req, next, &orphans, node) {
		list_del_init(&req->node);
		rndis_put_req(req);
	}
	netvsc_rndis_free_spares(nvdev);
	rndis->state = NETVSC_RNDIS_DOWN;
}
