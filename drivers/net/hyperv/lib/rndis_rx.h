/* SPDX-License-Identifier: GPL-2.0 */
/* Room rndis_rx: what a message in the receive buffer says. */
#ifndef _NETVSC_LIB_RNDIS_RX_H
#define _NETVSC_LIB_RNDIS_RX_H

#include <linux/types.h>

#include <netvsc/rndis.h>

/**
 * enum netvsc_rndis_kind - what an inbound message is
 * @NETVSC_RNDIS_PACKET: a frame: netvsc_rndis_rx_parse()
 * @NETVSC_RNDIS_ANSWER: a completion: netvsc_rndis_rx_answer()
 * @NETVSC_RNDIS_STATUS: an indication: netvsc_rndis_rx_status()
 */
enum netvsc_rndis_kind {
	NETVSC_RNDIS_PACKET,
	NETVSC_RNDIS_ANSWER,
	NETVSC_RNDIS_STATUS,
};

/*
 * Longest PPI block a packet may have. Hosts keep 256 bytes for header and
 * PPIs together (sheet 3.8).
 */
#define NETVSC_RX_PPI_MAX_BYTES		256

/* Which fields of struct netvsc_rx_meta the host gave. */
#define NETVSC_RX_HAS_CSUM		0x01
#define NETVSC_RX_HAS_VLAN		0x02
#define NETVSC_RX_HAS_HASH		0x04
#define NETVSC_RX_HAS_HASH_INFO		0x08
#define NETVSC_RX_HAS_PACKET_ID		0x10

/* As many PPIs does a frame have that tell us something. */
#define NETVSC_RX_WORDS			5

/**
 * struct netvsc_rx_meta - what the host says about one frame
 * @data_offset: where the frame starts, from byte 0 of the message
 * @data_len: its bytes; at least 14, or at least 1 in an RSC fragment that is
 *	not the first
 * @ppi_offset: where the PPI block starts, from byte 0 of the message
 * @ppi_len: its bytes, 0 if there is none, at most NETVSC_RX_PPI_MAX_BYTES
 * @csum: RNDIS_RX_CSUM_*, 0 if not given
 * @hash: hash value, 0 if not given
 * @hash_info: RNDIS_HASH_*, 0 if not given
 * @vlan_word: what @vlan_tci was made of, if given
 * @id_word: what @packet_id and @fragment were made of, if given
 * @words: the five of them
 * @vlan_tci: in the order of an 802.1Q TCI, 0 if not given
 * @packet_id: of the fragmented packet, 0 if not given
 * @fragment: RNDIS_PKT_ID_* if the packet spans several sub-allocations,
 *	0 if the frame is complete
 * @has: NETVSC_RX_HAS_*
 */
struct netvsc_rx_meta {
	u32 data_offset;
	u32 data_len;
	u32 ppi_offset;
	u32 ppi_len;
	union {
		struct {
			u32 csum;
			u32 hash;
			u32 hash_info;
			u32 vlan_word;
			u32 id_word;
		};
		u32 words[NETVSC_RX_WORDS];
	};
	u16 vlan_tci;
	u16 packet_id;
	u8 fragment;
	u8 has;
};

/**
 * netvsc_rndis_rx_parse() - a frame's header and PPIs, hot path
 * @msg: the message from byte 0, any alignment; may be the receive buffer
 *	itself, which the host can change: no byte is read twice (R11)
 * @avail: bytes that may be read; header and PPI block must be among them
 * @range_bytes: byte count of the range, >= @avail
 * @meta: filled
 *
 * Checks 1 to 9 of sheet 8.3, then one bounded pass over the PPIs: first
 * element of a type wins, unknown ones are skipped, the first malformed one
 * condemns the packet. Sheet 8.4; R12. The frame itself is the caller's to
 * copy, once.
 *
 * Return: 0; -EPROTO: answer the range with failure; -ENOMSG: no PACKET, see
 * netvsc_rndis_rx_classify().
 */
int netvsc_rndis_rx_parse(const void *msg, size_t avail, u32 range_bytes,
			  struct netvsc_rx_meta *meta);

/**
 * struct netvsc_rx_template - the headers of a good message, but for what they say
 * @ppi: where its PPIs are and how long, two fields as the host wrote them
 * @heads: of each PPI, size and type; 16 bytes with the data in the last four
 * @not_data_offset: where the frame is, as the host wrote it, all bits turned
 *	over: so what begins as zeros is like no message that could be good
 * @to: of each PPI, which of netvsc_rx_meta.words it is
 * @cnt: PPIs
 * @has: NETVSC_RX_HAS_*
 */
struct netvsc_rx_template {
	u64 ppi;
	u64 heads[NETVSC_RX_WORDS];
	u32 not_data_offset;
	u8 to[NETVSC_RX_WORDS];
	u8 cnt;
	u8 has;
};

/* Kept at a time; frames with another number of PPIs have another template. */
#define NETVSC_RX_TEMPLATES	4

/* PPI types that are counted: each by itself, the last stands for all above it. */
#define NETVSC_RX_PPI_TYPES	16

/**
 * netvsc_rndis_rx_parse_template() - netvsc_rndis_rx_parse(), faster
 * @msg: as there
 * @bytes: byte count of the range, all of which may be read
 * @meta: filled
 * @templates: NETVSC_RX_TEMPLATES of them, which begin as zeros and belong to the caller
 * @unknown: NETVSC_RX_PPI_TYPES counts of PPIs of types that nobody asks for, or NULL;
 *	they run free
 *
 * A host writes the same headers before frame after frame. One whose headers
 * are those of a message that was found good needs only what differs to be looked
 * at. Any other is looked at anew from the beginning, and nothing that was
 * read before counts.
 *
 * Return: as netvsc_rndis_rx_parse(), and the same @meta.
 */
int netvsc_rndis_rx_parse_template(const void *msg, u32 bytes,
				   struct netvsc_rx_meta *meta,
				   struct netvsc_rx_template *templates,
				   u32 *unknown);

/**
 * netvsc_rndis_rx_classify() - first look at a message
 * @head: private copy of the start of the range, 4-byte aligned
 * @avail: bytes copied
 * @range_bytes: byte count of the range, >= @avail
 *
 * Checks 1 to 4 of sheet 8.3: type known, 8 <= message length <= byte count,
 * fixed part of that type present in @head and counted in the length.
 *
 * Return: enum netvsc_rndis_kind, -EPROTO: answer the range with failure.
 */
int netvsc_rndis_rx_classify(const void *head, size_t avail, u32 range_bytes);

/**
 * struct netvsc_rndis_answer - a completion
 * @type: RNDIS_MSG_*_CMPLT; must be that of the request (R16)
 * @request_id: must be outstanding
 * @status: RNDIS_STATUS_*; look here before anything else
 * @info_offset: where the info buffer starts, from byte 0 of the message
 * @info_len: its bytes; 0 unless a query succeeded
 */
struct netvsc_rndis_answer {
	u32 type;
	u32 request_id;
	u32 status;
	u32 info_offset;
	u32 info_len;
};

/**
 * netvsc_rndis_rx_answer() - check a completion
 * @msg: private copy of the message, 4-byte aligned
 * @len: bytes copied, at most the byte count of the range
 * @answer: filled on success
 *
 * Sheet 5.4, 8.3 check 10.
 *
 * Return: 0, -EPROTO (too short for its type, info buffer outside).
 */
int netvsc_rndis_rx_answer(const void *msg, size_t len,
			   struct netvsc_rndis_answer *answer);

/**
 * netvsc_rndis_rx_peek() - what a completion that is wrong claims to answer
 * @msg: private copy of the message, 4-byte aligned
 * @len: bytes copied
 * @type: set to its type
 * @id: set to its request id
 *
 * For one that netvsc_rndis_rx_answer() did not accept. Sheet 5.1.
 *
 * Return: 0, -EPROTO: it is too short to say.
 */
int netvsc_rndis_rx_peek(const void *msg, size_t len, u32 *type, u32 *id);

/**
 * struct netvsc_rndis_init - what INITIALIZE_CMPLT tells
 * @max_packets: per message, as the host wrote it
 * @max_transfer_bytes: per message, as the host wrote it
 * @alignment_exp: exponent, as the host wrote it: see netvsc_sizing_batch()
 */
struct netvsc_rndis_init {
	u32 max_packets;
	u32 max_transfer_bytes;
	u32 alignment_exp;
};

/**
 * netvsc_rndis_rx_init() - body of INITIALIZE_CMPLT
 * @msg: private copy that netvsc_rndis_rx_answer() accepted with that type
 * @len: bytes copied
 * @init: filled on success. Sheet 5.3.
 *
 * Return: 0, -EPROTO.
 */
int netvsc_rndis_rx_init(const void *msg, size_t len,
			 struct netvsc_rndis_init *init);

/**
 * struct netvsc_rndis_status - an indication
 * @status: RNDIS_STATUS_MEDIA_CONNECT and others
 * @buf_offset: where the status buffer starts, from byte 0 of the message
 * @buf_len: its bytes, 0 if there is none
 * @value: first dword of the buffer, 0 if it has no 4 bytes
 */
struct netvsc_rndis_status {
	u32 status;
	u32 buf_offset;
	u32 buf_len;
	u32 value;
};

/**
 * netvsc_rndis_rx_status() - check an INDICATE_STATUS
 * @msg: private copy of the range, 4-byte aligned
 * @len: bytes copied, at most the byte count of the range. The status buffer
 *	is held against this and not against the message length, which does not
 *	count it on some old hosts (R20)
 * @status: filled on success. Sheet 5.6.
 *
 * Return: 0, -EPROTO: ignore the event.
 */
int netvsc_rndis_rx_status(const void *msg, size_t len,
			   struct netvsc_rndis_status *status);

#endif /* _NETVSC_LIB_RNDIS_RX_H */
