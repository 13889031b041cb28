// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: tx - a transmit of the guest: collect its bytes from section and pages
 * (netvsc-wire.md 3.9, 2.6), have them read, complete it.
 *
 * All bytes are copied once into a private stream; whatever the guest does to its
 * memory afterwards changes nothing. Every packet that asks for a completion gets
 * one: status 1, or 2 when any message of it was malformed - then no frame of it
 * was sent.
 */
#include <errno.h>
#include <string.h>
#include "../fault/fault.h"
#include "../vm/gmem.h"
#include "nic.h"
#include "nvsp.h"
#include "subchan.h"
#include "tx.h"
#include "txmsg.h"
#include "txoff.h"

#define STREAM_MAX	(192 * 1024)	/* one transmit: section + 32 pages, and air */

static uint8_t stream_buf[STREAM_MAX];
static struct tx_stream stream;		/* large; used under the lock, by one packet at a time */
static struct tx_msg msgs[TXMSG_MAX];

static int reject(struct nic_queue *q, const char *name, const struct vmbus_packet *pkt,
		  const char *why, uint32_t a, uint32_t b)
{
	nic_violation(q->nic, name, pkt->desc, pkt->desc_len + pkt->payload_len,
		      "channel %u: %s (%u, %u)", q->index, why, a, b);
	return -EPROTO;
}

static int add_segment(struct tx_stream *s, size_t len, int range)
{
	if (s->seg_cnt == TX_SEGS_MAX || len > STREAM_MAX - s->len)
		return -EPROTO;
	s->seg[s->seg_cnt].off = s->len;
	s->seg[s->seg_cnt].len = len;
	s->seg[s->seg_cnt++].range = range;
	s->len += len;
	return 0;
}

static int collect_section(struct nic_queue *q, const struct vmbus_packet *pkt,
			   struct tx_stream *s, uint32_t index, uint32_t size)
{
	struct nic *nic = q->nic;
	uint64_t off = (uint64_t)index * nic->section_size;

	if (!nic->send_buf)
		return reject(q, "netvsp.section.no_buffer", pkt,
			      "section named but no send buffer is shared (3.9)", index, 0);
	if (index >= gpadl_len(nic->send_buf) / nic->section_size)
		return reject(q, "netvsp.section.out_of_range", pkt,
			      "section index beyond the send buffer (3.9)", index,
			      (uint32_t)(gpadl_len(nic->send_buf) / nic->section_size));
	if (size > nic->section_size)
		return reject(q, "netvsp.section.too_long", pkt,
			      "more bytes than a section has (3.9)", size,
			      nic->section_size);
	if (!size)
		return reject(q, "netvsp.section.empty", pkt, "section with no bytes (3.9)",
			      index, size);
	s->has_section = true;
	if (add_segment(s, size, -1) || gpadl_read(nic->send_buf, off, s->data, size))
		return reject(q, "netvsp.section.out_of_range", pkt,
			      "section beyond the send buffer (3.9)", index, size);
	return 0;
}

/* One range: its pages, one copy each. @ext: descriptor from the range on. */
static int collect_range(struct nic_queue *q, const struct vmbus_packet *pkt,
			 struct tx_stream *s, const uint8_t *ext, size_t rest, int n,
			 unsigned int *pages_used)
{
	const struct gmem *mem = channel_gmem(q->ch);
	uint32_t len, off, page, pages;
	uint64_t pfn, last = 0;
	uint8_t *to;

	if (rest < 8)
		return reject(q, "netvsp.gpa.truncated", pkt, "range list is cut (2.6)", n, 0);
	memcpy(&len, ext, 4);
	memcpy(&off, ext + 4, 4);
	len = le32toh(len);
	off = le32toh(off);
	if (off >= GMEM_PAGE_SIZE)
		return reject(q, "netvsp.gpa.offset", pkt,
			      "byte offset of a range must be below 4096 (2.6)", n, off);
	if (!len)
		return reject(q, "netvsp.gpa.empty_range", pkt, "range of length 0 (7.4)", n, 0);
	if (len > STREAM_MAX)
		return reject(q, "netvsp.gpa.too_long", pkt, "range is too long (7.4)", n, len);
	pages = (off + len + GMEM_PAGE_SIZE - 1) / GMEM_PAGE_SIZE;
	if ((rest - 8) / 8 < pages)
		return reject(q, "netvsp.gpa.truncated", pkt,
			      "range names fewer pages than it has (2.6)", n, pages);
	to = s->data + s->len;
	if (add_segment(s, len, n))
		return reject(q, "netvsp.gpa.too_long", pkt, "transmit is too long (7.4)",
			      n, (uint32_t)s->len);
	for (page = 0; page < pages; page++) {
		uint32_t part = GMEM_PAGE_SIZE - off < len ? GMEM_PAGE_SIZE - off : len;

		memcpy(&pfn, ext + 8 + page * 8, 8);
		pfn = le64toh(pfn);
		if (page && pfn != last + 1)
			nic_violation(q->nic, "netvsp.gpa.not_contiguous", ext, 8 + pages * 8,
				      "channel %u: pages of range %d are not contiguous (7.4)",
				      q->index, n);
		if (!gmem_is_shown(mem, pfn))
			return reject(q, "netvsp.gpa.private", pkt,
				      "range names a page that the guest does not show (8.7)", n,
				      page);
		if (pfn > UINT64_MAX / GMEM_PAGE_SIZE ||
		    gmem_read(mem, pfn * GMEM_PAGE_SIZE + off, to, part))
			return reject(q, "netvsp.gpa.outside_memory", pkt,
				      "range names a page that is not guest memory (2.6)", n,
				      page);
		last = pfn;
		to += part;
		len -= part;
		off = 0;
	}
	*pages_used += pages;
	return (int)(8 + pages * 8);
}

static int collect_ranges(struct nic_queue *q, const struct vmbus_packet *pkt,
			  struct tx_stream *s)
{
	const uint8_t *ext = pkt->desc + 24;
	unsigned int i, pages = 0;
	size_t rest;
	uint32_t n;

	if (pkt->desc_len < 24)
		return reject(q, "netvsp.gpa.truncated", pkt,
			      "GPA-direct packet without range list (2.6)", pkt->desc_len, 24);
	rest = pkt->desc_len - 24;
	memcpy(&n, pkt->desc + 20, 4);
	n = le32toh(n);
	if (!n)
		return reject(q, "netvsp.gpa.no_ranges", pkt, "range count 0 (2.6)", n, 0);
	for (i = 0; i < n; i++) {
		int used = collect_range(q, pkt, s, ext, rest, (int)i, &pages);

		if (used < 0)
			return used;
		ext += used;
		rest -= (size_t)used;
	}
	if (rest)
		nic_violation(q->nic, "netvsp.gpa.trailing", pkt->desc, pkt->desc_len,
			      "channel %u: %zu bytes behind the last range (2.6)", q->index,
			      rest);
	if (pages > NVSP_GPA_PAGES_MAX)
		nic_violation(q->nic, "netvsp.gpa.too_many_pages", pkt->desc, pkt->desc_len,
			      "channel %u: %u page numbers in one packet, at most 32 (2.8)",
			      q->index, pages);
	s->has_pages = true;
	return 0;
}

static int collect(struct nic_queue *q, const struct vmbus_packet *pkt,
		   struct tx_stream *s)
{
	const struct nvsp_rndis_pkt *m = (const void *)pkt->payload;
	uint32_t index = le32toh(m->section_index), size = le32toh(m->section_size);
	int ret = 0;

	s->data = stream_buf;
	s->len = 0;
	s->seg_cnt = 0;
	s->has_section = false;
	s->has_pages = false;
	if (index == NVSP_SECTION_NONE && pkt->type == VMBUS_PKT_INBAND)
		return reject(q, "netvsp.section.none", pkt,
			      "in-band packet that names no section has no bytes (3.9)", index,
			      size);
	if (index == NVSP_SECTION_NONE && size)
		nic_violation(q->nic, "netvsp.section.size_without_index", pkt->payload,
			      pkt->payload_len,
			      "channel %u: section size %u but no section (3.9)", q->index,
			      size);
	if (index != NVSP_SECTION_NONE)
		ret = collect_section(q, pkt, s, index, size);
	if (!ret && pkt->type == VMBUS_PKT_GPA_DIRECT)
		ret = collect_ranges(q, pkt, s);
	return ret;
}

static void complete(struct nic_queue *q, const struct vmbus_packet *pkt, uint32_t status)
{
	struct nvsp_message m = { 0 };
	size_t len = nic_msg_bytes(q->nic);
	int nic = q->nic->id;
	const struct fault *f;
	unsigned int ms = 0;

	if (!(pkt->flags & VMBUS_PKT_FLAG_COMPLETION_REQUESTED)) {
		nic_violation(q->nic, "netvsp.tx.no_completion_flag", pkt->desc,
			      pkt->desc_len,
			      "channel %u: RNDIS packet without completion requested (3.3)",
			      q->index);
		return;
	}
	if (fault_hit("tx.lose_completion", nic, "", 0))
		return;
	f = fault_hit("tx.fail", nic, "", 0);
	if (f)
		status = f->has_value ? f->value : NVSP_STAT_FAILURE;
	f = fault_hit("tx.delay_completions", nic, "", 0);
	if (f)
		ms = f->ms;
	if (fault_hit("tx.empty_completion", nic, "", 0))
		len = 0;
	m.rndis_pkt_complete.type = htole32(NVSP_MSG_SEND_RNDIS_PKT_COMPLETE);
	m.rndis_pkt_complete.status = htole32(status);
	f = fault_hit("tx.unknown_completion", nic, "", 0);
	if (f)
		done_send_late(q, f->has_value ? f->value : 0x7ffffff0, &m, len, ms, true);
	if (fault_hit("tx.duplicate_completion", nic, "", 0))
		done_send_late(q, pkt->trans_id, &m, len, ms, true);
	done_send_late(q, pkt->trans_id, &m, len, ms, false);
}

static void maybe_withhold(struct nic *nic)
{
	const struct fault *f;

	if (nic->withhold)
		return;
	f = fault_hit("tx.withhold_completions", nic->id, "", 0);
	if (f)
		done_withhold(nic, f->ms ? f->ms : 1000);
}

static int control(struct nic_queue *q, const struct vmbus_packet *pkt,
		   const struct tx_stream *s)
{
	if (q->index)
		return reject(q, "netvsp.rndis.on_subchannel", pkt,
			      "RNDIS control message on a sub-channel (1.5)", q->index, 0);
	if (s->has_section || s->seg_cnt != 1)
		nic_violation(q->nic, "netvsp.rndis.not_one_range", pkt->desc, pkt->desc_len,
			      "control message in %u pieces: one range of pages wanted (7.4)",
			      s->seg_cnt);
	q->stats.control_requests++;
	return rndis_control(q, s->data, s->len) ? 0 : -EPROTO;
}

static void count_shape(struct nic_queue *q, const struct tx_stream *s, int n)
{
	unsigned int i;

	for (i = 0; i < s->seg_cnt; i++)
		*(s->seg[i].range < 0 ? &q->stats.section_bytes : &q->stats.gpa_bytes) +=
			s->seg[i].len;
	q->stats.tx_requests++;
	q->stats.aggregates += n > 1;
	if (s->has_section && s->has_pages)
		q->stats.mixed_packets++;
	else if (s->has_section)
		q->stats.section_packets++;
	else
		q->stats.gpa_packets++;
}

static int data(struct nic_queue *q, const struct vmbus_packet *pkt,
		const struct tx_stream *s)
{
	struct nic *nic = q->nic;
	int i, n;

	if (nic->state != NIC_OPERATIONAL)
		return reject(q, nic->state == NIC_HALTED ? "netvsp.tx.after_halt" :
							    "netvsp.tx.wrong_state", pkt,
			      "data packet outside of INITIALIZE .. HALT (4.8)", nic->state, 0);
	if (!nic->filter && nic->filter_was_set)
		nic_violation(nic, "netvsp.tx.filter_zero", pkt->payload, pkt->payload_len,
			      "channel %u: data packet after the filter was set to 0 (4.2)",
			      q->index);
	n = txmsg_read(q, s, msgs);
	count_shape(q, s, n);
	for (i = 0; i < n; i++) {
		q->stats.frames_from_guest++;
		q->stats.bytes_from_guest += msgs[i].len;
		q->stats.lso_frames += msgs[i].has_lso;
		q->stats.csum_frames += msgs[i].has_csum;
		txoff_send(nic, &msgs[i]);
	}
	if (n > 0)
		maybe_withhold(nic);
	return n < 0 ? n : 0;
}

/* Headers, padding and all: the bytes that the guest says are to be read. */
static void tx_watch(struct nic *nic, const struct tx_stream *s)
{
	if (nic->watch_len && memmem(s->data, s->len, nic->watch, nic->watch_len))
		nic->watched++;
}

void tx_take_packet(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	const struct nvsp_rndis_pkt *m = (const void *)pkt->payload;
	uint32_t type = le32toh(m->channel_type);
	int ret;

	if (subchan_too_tiny(q->nic, 1)) {
		channel_die(q->ch);
		q->dead = true;
		return;
	}
	if (!nvsp_buffers_ready(q->nic) || q->nic->state == NIC_QUIESCED)
		ret = reject(q, "netvsp.rndis.before_buffers", pkt,
			     "RNDIS packet while the buffers are not shared (4.1)",
			     q->nic->state, 0);
	else
		ret = collect(q, pkt, &stream);
	if (!ret)
		tx_watch(q->nic, &stream);
	if (!ret && type == NVSP_RNDIS_CHANNEL_CONTROL)
		ret = control(q, pkt, &stream);
	else if (!ret && type == NVSP_RNDIS_CHANNEL_DATA)
		ret = data(q, pkt, &stream);
	else if (!ret)
		ret = reject(q, "netvsp.rndis.channel_type", pkt,
			     "RNDIS channel type, 0 or 1 wanted (3.9)", type, 0);
	if (ret)
		q->nic->tx_bad++;
	complete(q, pkt, ret ? NVSP_STAT_FAILURE : NVSP_STAT_SUCCESS);
}
