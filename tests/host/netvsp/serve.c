// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: serve - the loop on top: look at the rings of a channel, and bring each packet to
 * its room.
 *
 * A doorbell leads to serve_queue(): send what waits, then read the guest's packets, at
 * most a budget of them at a time so that one guest ring cannot occupy the loop. When
 * completions pile up (the guest does not make room) reading stops: the guest's
 * ring is the only unbounded producer.
 */
#include "../backend/switch.h"
#include "../fault/fault.h"
#include "nic.h"
#include "nvsp.h"
#include "rx.h"
#include "serve.h"
#include "tx.h"

#define DONE_STOP	1024	/* completions waiting: stop reading the ring */
#define PACKET_BUDGET	512	/* guest packets in one go */

/* The one private copy a packet is parsed from; filled and used under the lock. */
static uint8_t packet_buf[VMBUS_PKT_MAX] __attribute__((aligned(8)));

static void again_fired(void *priv)
{
	struct nic_queue *q = priv;

	q->again = NULL;
	if (q->open)
		serve_queue(q);
}

static void stall_over(void *priv)
{
	struct nic *nic = priv;
	unsigned int i;

	nic->stall = NULL;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->q[i] && nic->q[i]->open)
			serve_queue(nic->q[i]);
}

void serve_pause(struct nic *nic, unsigned int ms)
{
	if (!nic->stall)
		nic->stall = loop_add_timer(ms, stall_over, nic);
	rx_batch_hold(nic, ms);
}

static bool stalled(struct nic *nic)
{
	const struct fault *f;

	if (nic->stall)
		return true;
	/* Only once traffic flows: a stalled handshake is another fault. */
	if (nic->state != NIC_OPERATIONAL || !nic->filter)
		return false;
	f = fault_hit("rx.stall", nic->id, "", 0);
	if (!f)
		return false;
	nic->stall = loop_add_timer(f->ms ? f->ms : 1000, stall_over, nic);
	return nic->stall != NULL;
}

/* Fault channel.die: neither ring is touched from now on. */
static bool dies(struct nic_queue *q)
{
	if (!fault_hit("channel.die", q->nic->id, q->index ? "sub" : "primary", 0))
		return false;
	channel_die(q->ch);
	q->dead = true;
	return true;
}

/* The bus lets only types 6, 9 and 11 and the one known flag through. */
static void packet_dispatch(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	uint64_t frames = q->stats.frames_from_guest;

	if (pkt->type == VMBUS_PKT_COMPLETION) {
		if (!vf_answered(q->nic, pkt))
			rx_completion(q, pkt);
	} else if (nvsp_packet(q, pkt)) {
		tx_take_packet(q, pkt);
		vf_sent_synthetic(q->nic, q->stats.frames_from_guest - frames);
	}
}

static void read_ring(struct nic_queue *q)
{
	struct vmbus_packet pkt;
	unsigned int n = 0;
	int ret;

	while (q->open && !q->dead && q->done.cnt < DONE_STOP && !stalled(q->nic)) {
		if (dies(q))
			return;
		if (n++ == PACKET_BUDGET) {
			if (!q->again)
				q->again = loop_add_timer(0, again_fired, q);
			return;
		}
		ret = channel_recv(q->ch, &pkt, packet_buf);
		if (ret < 0)
			q->dead = true;
		if (ret <= 0)
			return;
		packet_dispatch(q, &pkt);
	}
}

void serve_queue(struct nic_queue *q)
{
	done_flush(q);
	if (!q->index)
		rndis_flush(q->nic);
	if (!q->index)
		vf_flush(q->nic);
	rx_batch_kick(q);
	read_ring(q);
	switch_flush();
}

/* Key pace: the host is busy and comes by later, once for all that is there then. */
bool serve_paced(struct nic_queue *q)
{
	const struct nic *nic = q->nic;

	if (!nic->cfg.pace_ms || nic->state != NIC_OPERATIONAL || !nic->filter)
		return false;
	if (!q->again)
		q->again = loop_add_timer(nic->cfg.pace_ms, again_fired, q);
	return q->again;
}

void serve_stop(struct nic_queue *q)
{
	loop_del_timer(q->again);
	q->again = NULL;
}

void serve_reset(struct nic *nic)
{
	loop_del_timer(nic->stall);
	nic->stall = NULL;
}
