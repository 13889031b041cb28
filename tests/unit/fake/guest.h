/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: fake/guest - a minimal guest for the tests of the NIC room: bring-up by the
 * sheet's steps, transmits from section and pages, reading what arrives.
 */
#ifndef TESTS_UNIT_FAKE_GUEST_H
#define TESTS_UNIT_FAKE_GUEST_H

#include <netvsc/nvsp.h>
#include "host.h"

#define GUEST_RECV_GPADL	0x000E1E10
#define GUEST_SEND_GPADL	0x000E1E11
#define GUEST_RECV_BYTES	(256 * 4096)
#define GUEST_SEND_BYTES	(170 * 6144)

struct guest {
	struct vmbus *bus;
	struct vmbus_channel *ch[64];
	struct gpadl *recv, *send;
	uint64_t next_id;
	uint32_t next_request;
	uint32_t version;
};

/** guest_new() - one NIC by @words (keys of --nic), channel open, nothing said yet */
bool guest_new(struct guest *g, unsigned int cpus, const char *words);
void guest_free(struct guest *g);

/** guest_share() - steps 2 to 6: version, config, buffers; no RNDIS yet */
bool guest_share(struct guest *g, uint32_t version);
/** guest_bring_up() - steps 1 to 20 with @version; filter 0x0D */
bool guest_bring_up(struct guest *g, uint32_t version);
/** guest_up() - guest_new() and guest_bring_up() with V6.1 */
bool guest_up(struct guest *g, const char *words);
/** guest_down() - filter 0, HALT, revokes, close */
void guest_down(struct guest *g);

/** guest_inband() - NVSP message as it is, flag and id chosen; signals */
void guest_inband(struct guest *g, unsigned int q, const void *msg, size_t len, bool flag,
		  uint64_t id);
/** guest_ask() - 40-byte NVSP request; its completion (to be freed) or NULL */
struct fake_packet *guest_ask(struct guest *g, const struct nvsp_message *m);
/** guest_tell() - 40-byte NVSP message without completion */
void guest_tell(struct guest *g, const struct nvsp_message *m);

/** guest_gpa() - GPA-direct packet: @n ranges of (address, length), bytes already there */
struct guest_range { uint64_t gpa; uint32_t len; };
void guest_gpa(struct guest *g, unsigned int q, uint32_t channel_type, uint32_t section,
	       uint32_t section_bytes, const struct guest_range *r, unsigned int n,
	       uint64_t id);
/** guest_section() - @msg into section @index, in-band packet; the 108 status, 0 = none */
uint32_t guest_section(struct guest *g, uint32_t index, const void *msg, size_t len);
/** guest_status() - status of the next completion of @id in channel @q; 0 = none */
uint32_t guest_status(struct guest *g, unsigned int q, uint64_t id);
/** guest_rndis() - control message; the answer is in @out; its length, 0 = none */
size_t guest_rndis(struct guest *g, const void *msg, size_t len, uint8_t *out, size_t size);
/** guest_set() - RNDIS SET; its status, 0xFFFFFFFF = no answer */
uint32_t guest_set(struct guest *g, uint32_t oid, const void *info, size_t len);
/** guest_query() - RNDIS QUERY; info bytes in @out, count in @len; status */
uint32_t guest_query(struct guest *g, uint32_t oid, const void *info, size_t in_len,
		     uint8_t *out, size_t *len);
/** guest_complete() - complete transaction @id in channel @q */
void guest_complete(struct guest *g, unsigned int q, uint64_t id, uint32_t status);
/** guest_frame() - data PACKET with no PPIs around @frame; its length */
size_t guest_wrap(uint8_t *out, const void *frame, size_t len);
/** guest_receive() - next data packet in channel @q, completed: its first frame; length */
size_t guest_receive(struct guest *g, unsigned int q, uint8_t *frame, size_t size);
/** guest_discard() - take and complete everything that waits in channel @q */
unsigned int guest_discard(struct guest *g, unsigned int q);

#endif
