// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: fault - the table of known names and the list of armed ones. Spent faults
 * stay in the list with their hits until they are cleared, so that a test can see
 * that its fault acted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "fault.h"

static const struct {
	const char *name;
	const char *help;
} known[] = {
	{ "nvsp.no_answer", "leave the request (what=) unanswered" },
	{ "nvsp.delay", "answer the request after ms" },
	{ "nvsp.refuse", "answer with status value (default 2)" },
	{ "nvsp.twice", "answer the request two times" },
	{ "nvsp.wrong_id", "answer with a transaction id that nobody issued" },
	{ "nvsp.malformed", "answer with a message type that does not exist" },
	{ "nvsp.short", "answer with the first 8 bytes only" },
	{ "nvsp.rescind", "take the NIC away when the request (what=) arrives" },
	{ "rndis.no_answer", "leave the request (what=, oid=) unanswered" },
	{ "rndis.delay", "answer the request after ms" },
	{ "rndis.refuse", "answer with status value (default 0xC0000001)" },
	{ "rndis.twice", "answer the request two times" },
	{ "rndis.wrong_id", "answer with request id value (default 0x77; N13)" },
	{ "rndis.malformed", "answer with info offset and length out of the message" },
	{ "rndis.short", "answer with the first 8 bytes only" },
	{ "rndis.rescind", "take the NIC away when the request (what=, oid=) arrives" },
	{ "rndis.long", "query answers carry value (default 8) bytes too many" },
	{ "tx.withhold_completions", "keep all completions for the guest for ms, then send them" },
	{ "tx.delay_completions", "each transmit completes ms later" },
	{ "tx.lose_completion", "never complete this transmit" },
	{ "tx.duplicate_completion", "complete this transmit two times" },
	{ "tx.unknown_completion", "complete an id (value) that nobody issued as well" },
	{ "tx.fail", "complete this transmit with status value (default 2); frames are sent" },
	{ "tx.empty_completion", "complete this transmit without a message" },
	{ "rx.stall", "do not read the guest's rings for ms" },
	{ "rx.hold", "do not deliver frames for ms, queue what fits" },
	{ "recv.set_id", "N1: transfer-page packet with set id value (default 0)" },
	{ "recv.range_count", "N2: range count value (default 0x20000000)" },
	{ "recv.range_offset", "N3: first range at value (default 0xFFFFFFF0)" },
	{ "recv.range_size", "N4: first range longer than a sub-allocation" },
	{ "recv.nvsp_type", "transfer-page packet with NVSP type value (default 0)" },
	{ "recv.msg_length", "N5: message length beyond the range" },
	{ "recv.data_offset", "N6: data offset value (default 0xFFFFFFF8)" },
	{ "recv.data_length", "N7: one byte of frame more than there is" },
	{ "recv.long_frame", "frame of value bytes, whatever comes behind it (default: all of the sub-allocation)" },
	{ "recv.ppi_size_zero", "N8: PPI of size 0" },
	{ "recv.ppi_size_odd", "N9: PPI of size 17" },
	{ "recv.ppi_data_offset", "N10: PPI data offset 16" },
	{ "recv.rndis_type", "RNDIS message of type value (default 0x99)" },
	{ "recv.ppi_extra", "a PPI of type value (default 13) more, as a newer host might send (legal)" },
	{ "recv.unaligned", "frame at an odd offset (legal)" },
	{ "recv.lie_csum", "claim good checksums whatever they are" },
	{ "rsc.no_first", "aggregate whose first fragment does not say first" },
	{ "rsc.no_last", "aggregate whose last fragment does not say last" },
	{ "rsc.first_again", "aggregate whose second fragment says first again" },
	{ "rsc.wrong_id", "second fragment of an aggregate with packet id value (default id + 1)" },
	{ "rsc.no_id", "second fragment of an aggregate without a packet id PPI" },
	{ "rsc.too_many", "aggregate of value (default 563, at most 570) fragments" },
	{ "rsc.too_long", "aggregate of value (default 65550) bytes" },
	{ "rsc.split", "aggregate over two transfer-page packets" },
	{ "rsc.single", "a lone segment as an aggregate of one fragment (legal)" },
	{ "rsc.flags", "first fragment of an aggregate with flags value" },
	{ "rsc.late", "goes on coalescing when the guest turned it off: what was under way (legal)" },
	{ "channel.die", "touch a channel (what=primary, sub) no more until it is closed and opened; the bus goes on" },
	{ "open.refuse", "refuse to open the primary channel" },
	{ "gpadl.refuse", "refuse shared memory (buffers, rings) of value bytes or more (default: any)" },
	{ "vmbus.no_answer", "leave the bus request (what=open, subopen, gpadl, teardown) unanswered" },
	{ "vmbus.delay", "answer the bus request (what=) after ms" },
	{ "vmbus.refuse", "refuse the bus request (what=open, subopen, gpadl)" },
	{ "vmbus.twice", "answer the bus request (what=) two times, the second time ms later" },
	{ "vmbus.rescind", "take the channel away when the bus request (what=, close too) arrives, with its NIC if it is the primary" },
	{ "subchannel.fewer", "grant value (default 1) sub-channels less than asked" },
	{ "subchannel.missing", "grant all, offer value (default 1) less" },
	{ "subchannel.late", "offer them ms later" },
	{ "subchannel.early", "offer them before the answer" },
	{ "subchannel.refuse_open", "refuse to open the sub-channel" },
	{ "subchannel.more", "grant one more than asked" },
	{ "itab.bad_offset", "N14/N15: table offset field value (default 0x24)" },
	{ "itab.bad_entry", "N16: entry 0 = value (default 64)" },
	{ "itab.bad_count", "entry count value (default 15)" },
	{ "section.size", "send section size value" },
	{ "suballoc.size", "receive sub-allocation size value" },
	{ "suballoc.count", "receive sub-allocation count value" },
	{ "suballoc.offset", "receive section at offset value" },
	{ "suballoc.sections", "receive section count value" },
	{ "init.align", "INITIALIZE_CMPLT with alignment exponent value" },
	{ "init.max_packets", "INITIALIZE_CMPLT with max packets value" },
	{ "vf.assoc_lost", "do not send a VF association" },
	{ "vf.assoc_delay", "send the VF association of a NIC that came up ms later" },
	{ "vf.assoc_serial", "VF association with serial value (default: 1000 too much)" },
	{ "vf.assoc_twice", "send the VF association two times" },
	{ "vf.withdraw_lost", "do not withdraw a VF association" },
	{ "vf.notice_lost", "do not send a data path notice" },
	{ "vf.switch_slow", "steer, and complete the data path request, ms later" },
	{ "vf.switch_fail", "the path does not follow a data path request; it is completed" },
	{ "vf.refuse", "the VF's physical function refuses a request (what=mac, vlan, mtu, reset; virtio: mac, rx, mq, rss, offloads)" },
	{ "vpci.version", "newest vPCI version is value (default 0x10001)" },
	{ "vpci.d0_refuse", "refuse to enter D0" },
	{ "mutate", "the message what= of messages.def is kind=lost, late, twice, truncated, stretched, field, rewritten, swapped, elsewhere, garbage" },
	{ "rewrite", "a thread rewrites what the guest was sent, every value us (200), and puts it right: what=ring, completion, section or a message (field= of it)" },
	{ "status.malformed", "status indications with a buffer beyond the message" },
};

static struct fault *first;
static unsigned int next_id = 1;

static const char *known_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name))
			return known[i].name;
	return NULL;
}

int fault_set(const struct fault *f, const char *name)
{
	const char *stable = known_name(name);
	struct fault *n, **at;

	if (!stable)
		return -EINVAL;
	n = malloc(sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = *f;
	n->id = next_id++;
	n->name = stable;
	n->hits = 0;
	n->next = NULL;
	for (at = &first; *at; at = &(*at)->next)
		;
	*at = n;
	return (int)n->id;
}

unsigned int fault_clear(const char *name, int nic)
{
	struct fault **at = &first;
	unsigned int n = 0;

	while (*at) {
		struct fault *f = *at;

		if ((name && strcmp(name, f->name)) ||
		    (nic != FAULT_ANY_NIC && nic != f->nic)) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		free(f);
		n++;
	}
	return n;
}

/* count is the number of times left, kept as hits so that 0 can mean "for ever". */
static bool spent(const struct fault *f)
{
	return f->count && f->hits >= f->count;
}

static bool matches(const struct fault *f, const char *name, int nic)
{
	return !spent(f) && !strcmp(f->name, name) &&
	       (f->nic == FAULT_ANY_NIC || f->nic == nic);
}

const struct fault *fault_hit(const char *name, int nic, const char *what, uint32_t oid)
{
	struct fault *f;

	for (f = first; f; f = f->next) {
		if (!matches(f, name, nic) || (f->what[0] && strcmp(f->what, what)) ||
		    (f->oid && f->oid != oid))
			continue;
		if (f->after) {
			f->after--;
			continue;
		}
		f->hits++;
		return f;
	}
	return NULL;
}

const struct fault *fault_peek(const char *name, int nic)
{
	struct fault *f;

	for (f = first; f; f = f->next)
		if (matches(f, name, nic) && !f->after)
			return f;
	return NULL;
}

bool fault_wants(const char *name, int nic, const char *what)
{
	struct fault *f;

	for (f = first; f; f = f->next)
		if (matches(f, name, nic) && (!f->what[0] || !strcmp(f->what, what)))
			return true;
	return false;
}

bool fault_is_set(const char *name, int nic)
{
	struct fault *f;

	for (f = first; f; f = f->next)
		if (matches(f, name, nic))
			return true;
	return false;
}

json_t *fault_list(void)
{
	json_t *list = json_array();
	struct fault *f;

	for (f = first; f; f = f->next)
		json_array_append_new(list, json_pack(
			"{s:i,s:s,s:i,s:s,s:s,s:s,s:I,s:i,s:i,s:i,s:I,s:I,s:b}",
			"id", f->id, "name", f->name, "nic", f->nic, "what", f->what,
			"kind", f->kind, "field", f->field,
			"oid", (json_int_t)f->oid, "after", f->after, "count", f->count,
			"ms", f->ms, "value", (json_int_t)f->value,
			"hits", (json_int_t)f->hits, "spent", spent(f)));
	return list;
}

json_t *fault_known(void)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		json_object_set_new(o, known[i].name, json_string(known[i].help));
	return o;
}
