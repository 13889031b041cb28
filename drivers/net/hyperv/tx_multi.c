// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room tx: large frames in a VM whose memory the host cannot read
 *
 * Promise: in a confidential VM nothing leaves but what was copied into the send
 * buffer, which is shown to the host as long as it is in use (R18, sheet 8.7). What
 * fits into a section goes the usual way. What does not is spread over several, and
 * travels by their pages:
 *
 *	section a: | header | frame ...      |
 *	section b: | ... frame ...           |    a packet with a range for the
 *	section c: | ... frame |                  header and one for each page
 *
 * The sections are noted in the memory of the request's slot, which otherwise has the
 * header, and are released with its completion. When they run out the queue stops
 * until some came back.
 *
 * Neighbours and locks: see tx.c, which this file belongs to.
 */
#include <linux/skbuff.h>

#include "chan_ring.h"
#include "netvsc.h"
#include "tx_multi.h"

u32 netvsc_tx_multi_max(const struct netvsc_device *nvdev)
{
	u32 cnt = min_t(u32, NETVSC_TX_MULTI_MAX, nvdev->send.sections.cnt / 2);

	/* The header must fit into the first one, with something behind it. */
	if (!cnt || nvdev->send.sections.bytes < 2 * NETVSC_HEADER_BYTES)
		return 0;
	return cnt * nvdev->send.sections.bytes - NETVSC_HEADER_BYTES;
}

static u32 tx_sections_for(const struct netvsc_device *nvdev, u32 bytes)
{
	return DIV_ROUND_UP(bytes, nvdev->send.sections.bytes);
}

bool netvsc_tx_multi_has_room(const struct netvsc_device *nvdev, u32 bytes)
{
	const struct netvsc_section_map *map = &nvdev->sections;

	return map->cnt - netvsc_section_used(map) >=
	       tx_sections_for(nvdev, bytes + NETVSC_HEADER_BYTES);
}

int netvsc_tx_multi_claim(struct netvsc_queue *q,
			  struct netvsc_tx_multi *multi, u32 bytes)
{
	u32 cnt = tx_sections_for(q->nvdev, bytes);
	int section;

	multi->cnt = 0;
	if (cnt > NETVSC_TX_MULTI_MAX)
		return -E2BIG;
	while (multi->cnt < cnt) {
		section = netvsc_section_claim(&q->nvdev->sections,
					       READ_ONCE(q->section_start));
		if (section < 0) {
			netvsc_tx_multi_release(q->nvdev, multi);
			return -ENOSPC;
		}
		multi->section[multi->cnt++] = section;
	}
	return 0;
}

void *netvsc_tx_multi_copy(struct netvsc_queue *q,
			   const struct netvsc_tx_multi *multi,
			   const struct sk_buff *skb, u32 hdr)
{
	const struct netvsc_device *nvdev = q->nvdev;
	u8 *first = netvsc_chan_section(nvdev, multi->section[0]);
	u32 i, part, done = 0, skip = hdr;
	int err;
	u8 *to;

	netvsc_gpa_init(&q->gpa);
	err = netvsc_chan_list_buffer(&q->gpa, first, hdr);
	for (i = 0; !err && i < multi->cnt && done < skb->len; i++) {
		part = min(skb->len - done, nvdev->send.sections.bytes - skip);
		to = netvsc_chan_section(nvdev, multi->section[i]) + skip;
		skb_copy_bits(skb, done, to, part);
		err = netvsc_chan_list_buffer(&q->gpa, to, part);
		done += part;
		skip = 0;
	}
	if (!err && !netvsc_gpa_fits(&q->gpa))
		err = -E2BIG;
	return err ? ERR_PTR(err) : first;
}

void netvsc_tx_multi_release(struct netvsc_device *nvdev,
			     const struct netvsc_tx_multi *multi)
{
	u32 i;

	for (i = 0; i < multi->cnt; i++)
		netvsc_section_release(&nvdev->sections, multi->section[i]);
}
