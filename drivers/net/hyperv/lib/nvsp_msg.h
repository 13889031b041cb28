/* SPDX-License-Identifier: GPL-2.0 */
/* Room nvsp_msg: build and check NVSP messages; version -> caps. */
#ifndef _NETVSC_LIB_NVSP_MSG_H
#define _NETVSC_LIB_NVSP_MSG_H

#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include <netvsc/nvsp.h>

#include "get.h"

/**
 * struct netvsc_nvsp_caps - what one NVSP version brings
 * @version: the version as it goes on the wire
 * @bits: NVSP_CAP_* of SEND_NDIS_CONFIG on an ordinary VM; 0 means that the
 *	message does not exist in this version
 * @ndis_major: for SEND_NDIS_VERSION
 * @ndis_minor: for SEND_NDIS_VERSION
 * @recv_buf_max_bytes: upper limit of the receive buffer
 * @mtu_max: largest IP MTU that may be asked for
 * @offload_revision: revision of NDIS_OFFLOAD in the capability query
 * @offload_bytes: size that belongs to @offload_revision
 * @offload_params_bytes: bytes of NDIS_OFFLOAD_PARAMETERS to send
 * @vf: VF association and data path messages
 * @multi_queue: sub-channels, RSS queries, indirection table, hash PPIs
 * @link_speed: OID_GEN_LINK_SPEED may be queried
 * @udp_csum: UDP checksum offload may be asked for
 * @rsc: receive segment coalescing
 *
 * Sheet 3.1, 3.7, 3.8, 6.4, 6.5, 9.1; R77, R78, R79.
 */
struct netvsc_nvsp_caps {
	u32 version;
	u32 bits;
	u32 ndis_major;
	u32 ndis_minor;
	u32 recv_buf_max_bytes;
	u32 mtu_max;
	u16 offload_bytes;
	u8 offload_revision;
	u8 offload_params_bytes;
	bool vf;
	bool multi_queue;
	bool link_speed;
	bool udp_csum;
	bool rsc;
};

#define NETVSC_NVSP_VERSION_CNT	6

/**
 * netvsc_nvsp_msg_candidate() - versions in the order in which to offer them
 * @i: 0 is the newest
 *
 * Return: the caps of the version, NULL if there is no older one. Sheet 3.1.
 */
const struct netvsc_nvsp_caps *netvsc_nvsp_msg_candidate(unsigned int i);

/**
 * netvsc_nvsp_msg_find_caps() - what a version brings
 * @version: NVSP_VERSION_*
 *
 * Return: the caps, NULL if there is no such version.
 */
const struct netvsc_nvsp_caps *netvsc_nvsp_msg_find_caps(u32 version);

/**
 * netvsc_nvsp_msg_cap_bits() - capability bits to advertise
 * @nvsp_caps: of the version in force
 * @isolated: the VM is confidential; no VF then (R18)
 *
 * Return: NVSP_CAP_* for netvsc_nvsp_msg_build_ndis_config().
 */
u32 netvsc_nvsp_msg_cap_bits(const struct netvsc_nvsp_caps *nvsp_caps,
			     bool isolated);

/*
 * Builders. Each overwrites all NVSP_MSG_BYTES of @msg; send all of them,
 * hosts ignore short requests. Sheet 3.2.
 */

/**
 * netvsc_nvsp_msg_build_init() - INIT; answered by INIT_COMPLETE
 * @msg: filled
 * @version: the one version offered by this INIT. Sheet 3.6.
 */
void netvsc_nvsp_msg_build_init(struct nvsp_message *msg, u32 version);

/**
 * netvsc_nvsp_msg_build_ndis_config() - SEND_NDIS_CONFIG; no answer
 * @msg: filled
 * @mtu: IP MTU; the message carries the frame size, 14 bytes more
 * @caps: from netvsc_nvsp_msg_cap_bits()
 *
 * V2 and later only; before the receive buffer is sent. Sheet 3.7.
 */
void netvsc_nvsp_msg_build_ndis_config(struct nvsp_message *msg, u32 mtu,
				       u32 caps);

/**
 * netvsc_nvsp_msg_build_ndis_version() - SEND_NDIS_VERSION; no answer
 * @msg: filled
 * @caps: of the version in force. Sheet 3.8.
 */
void netvsc_nvsp_msg_build_ndis_version(struct nvsp_message *msg,
					const struct netvsc_nvsp_caps *caps);

/**
 * netvsc_nvsp_msg_build_recv_buf() - SEND_RECV_BUF
 * @msg: filled
 * @gpadl: handle of the receive buffer. Sheet 3.8.
 */
void netvsc_nvsp_msg_build_recv_buf(struct nvsp_message *msg, u32 gpadl);

/**
 * netvsc_nvsp_msg_build_revoke_recv_buf() - REVOKE_RECV_BUF; no answer
 * @msg: filled. Sheet 3.10.
 */
void netvsc_nvsp_msg_build_revoke_recv_buf(struct nvsp_message *msg);

/**
 * netvsc_nvsp_msg_build_send_buf() - SEND_SEND_BUF
 * @msg: filled
 * @gpadl: handle of the send buffer. Sheet 3.8.
 */
void netvsc_nvsp_msg_build_send_buf(struct nvsp_message *msg, u32 gpadl);

/**
 * netvsc_nvsp_msg_build_revoke_send_buf() - REVOKE_SEND_BUF; no answer
 * @msg: filled. Sheet 3.10.
 */
void netvsc_nvsp_msg_build_revoke_send_buf(struct nvsp_message *msg);

/**
 * netvsc_nvsp_msg_build_subchannel() - SUBCHANNEL; answered by the same type
 * @msg: filled
 * @count: sub-channels wanted, the primary not counted. Sheet 3.13.
 */
void netvsc_nvsp_msg_build_subchannel(struct nvsp_message *msg, u32 count);

/**
 * netvsc_nvsp_msg_build_data_path() - SWITCH_DATA_PATH; the completion is empty
 * @msg: filled
 * @path: NVSP_DATAPATH_*. Sheet 3.12.
 */
void netvsc_nvsp_msg_build_data_path(struct nvsp_message *msg, u32 path);

/**
 * netvsc_nvsp_msg_put_rndis() - SEND_RNDIS_PKT, hot path
 * @word: NVSP_MSG_BYTES, only written to (may be ring memory)
 * @channel_type: NVSP_RNDIS_CHANNEL_*
 * @section: send section that holds (the start of) the RNDIS bytes, or
 *	NVSP_SECTION_NONE
 * @bytes: bytes used in that section; 0 if none. Sheet 3.9.
 */
static __always_inline void
netvsc_nvsp_msg_put_rndis(__le64 *word, u32 channel_type, u32 section,
			  u32 bytes)
{
	word[0] = cpu_to_le64(NVSP_MSG_SEND_RNDIS_PKT |
			      (u64)channel_type << 32);
	word[1] = cpu_to_le64(section | (u64)bytes << 32);
	word[2] = 0;
	word[3] = 0;
	word[4] = 0;
}

/**
 * netvsc_nvsp_msg_build_rndis_complete() - give receive buffer space back
 * @msg: filled; the one message of 8 bytes
 * @status: NVSP_STAT_SUCCESS, or NVSP_STAT_FAILURE if any range was rejected.
 *	Sheet 3.9, 8.6.
 */
static inline void
netvsc_nvsp_msg_build_rndis_complete(struct nvsp_rndis_pkt_complete *msg,
				     u32 status)
{
	msg->type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PKT_COMPLETE);
	msg->status = cpu_to_le32(status);
}

/*
 * Checks. @buf is a private copy of the payload, @len its length (a multiple
 * of 8 on the ring, so longer than the message). -EPROTO: the host broke the
 * format; -EIO: the host refused.
 */

/**
 * netvsc_nvsp_msg_type() - message type of an inbound payload
 * @buf: payload
 * @len: its bytes
 * @type: set on success
 *
 * Return: 0, -EPROTO if @len is below 4. Sheet 3.4.
 */
int netvsc_nvsp_msg_type(const void *buf, size_t len, u32 *type);

/**
 * netvsc_nvsp_msg_check_answer() - does a completion answer this request?
 * @request: NVSP_MSG_* of the outstanding request with the completion's id
 * @buf: payload of the completion
 * @len: its bytes; 0 is legal for SWITCH_DATA_PATH alone, which in turn takes
 *	any payload
 *
 * Type must fit the request and length the type, so no waiter is ever woken
 * by the answer to another one. Sheet 3.4, 12.1; R16.
 *
 * Return: 0, -EPROTO.
 */
int netvsc_nvsp_msg_check_answer(u32 request, const void *buf, size_t len);

/**
 * netvsc_nvsp_msg_parse_init() - INIT_COMPLETE
 * @buf: payload
 * @len: its bytes
 *
 * Return: 0 accepted, -EIO rejected: offer the next older version, -EPROTO.
 * Sheet 3.6.
 */
int netvsc_nvsp_msg_parse_init(const void *buf, size_t len);

/**
 * struct netvsc_sections - how a shared buffer is cut
 * @bytes: size of one section (receive: sub-allocation)
 * @cnt: number of sections, at least 1; @bytes * @cnt fits the buffer
 */
struct netvsc_sections {
	u32 bytes;
	u32 cnt;
};

/**
 * netvsc_nvsp_msg_parse_recv_buf() - SEND_RECV_BUF_COMPLETE
 * @buf: payload
 * @len: its bytes
 * @buf_bytes: size of the receive buffer that was sent
 * @sections: set on success
 *
 * One section from offset 0, sub-allocations of at least 68 bytes, at least
 * one of them, all inside the buffer (64-bit product). Sheet 3.8; R78.
 *
 * Return: 0, -EIO, -EPROTO.
 */
int netvsc_nvsp_msg_parse_recv_buf(const void *buf, size_t len, u32 buf_bytes,
				   struct netvsc_sections *sections);

/**
 * netvsc_nvsp_msg_parse_send_buf() - SEND_SEND_BUF_COMPLETE
 * @buf: payload
 * @len: its bytes
 * @buf_bytes: size of the send buffer that was sent
 * @sections: set on success; the guest computes the count
 *
 * Return: 0, -EIO, -EPROTO (section below 68 bytes or larger than the buffer).
 * Sheet 3.8; R26.
 */
int netvsc_nvsp_msg_parse_send_buf(const void *buf, size_t len, u32 buf_bytes,
				   struct netvsc_sections *sections);

/**
 * netvsc_nvsp_msg_parse_subchannel() - answer to SUBCHANNEL
 * @buf: payload
 * @len: its bytes
 * @wanted: the count that was asked for
 * @granted: set on success, 0..@wanted (R5)
 *
 * Return: 0, -EIO, -EPROTO (more than wanted). Sheet 3.13.
 */
int netvsc_nvsp_msg_parse_subchannel(const void *buf, size_t len, u32 wanted,
				     u32 *granted);

/**
 * netvsc_nvsp_msg_parse_rndis_complete() - SEND_RNDIS_PKT_COMPLETE, hot path
 * @buf: payload, at an address that is a multiple of 4
 * @len: its bytes
 *
 * Return: 0; -EIO if the host reports anything but success (the resources are
 * ours again all the same); -EPROTO. Sheet 3.9.
 */
static inline int netvsc_nvsp_msg_parse_rndis_complete(const void *buf,
						       size_t len)
{
	const struct nvsp_rndis_pkt_complete *msg = buf;

	if (len < sizeof(*msg) ||
	    msg->type != cpu_to_le32(NVSP_MSG_SEND_RNDIS_PKT_COMPLETE))
		return -EPROTO;
	return msg->status == cpu_to_le32(NVSP_STAT_SUCCESS) ? 0 : -EIO;
}

/**
 * netvsc_nvsp_msg_parse_vf() - SEND_VF_ASSOCIATION
 * @buf: payload
 * @len: its bytes
 * @allocated: set on success
 * @serial: set on success
 *
 * Return: 0, -EPROTO. Sheet 3.11.
 */
int netvsc_nvsp_msg_parse_vf(const void *buf, size_t len, bool *allocated,
			     u32 *serial);

/**
 * netvsc_nvsp_msg_parse_data_path() - SWITCH_DATA_PATH notice of the host
 * @buf: payload
 * @len: its bytes
 * @path: set on success, NVSP_DATAPATH_*
 *
 * Return: 0, -EPROTO (unknown path included). Sheet 3.12, 9.6; R59.
 */
int netvsc_nvsp_msg_parse_data_path(const void *buf, size_t len, u32 *path);

/**
 * netvsc_nvsp_msg_parse_indirection() - SEND_INDIRECTION_TABLE
 * @buf: payload
 * @len: its bytes
 * @version: NVSP version in force; hosts up to V6 misstate the table's place
 * @channels: number of open channels, at least 1; entries are reduced modulo it
 * @table: set on success
 *
 * Sheet 3.13; R17.
 *
 * Return: how many entries had to be reduced, -EPROTO (table untouched).
 */
int netvsc_nvsp_msg_parse_indirection(const void *buf, size_t len, u32 version,
				      u32 channels,
				      u16 table[NVSP_INDIRECTION_ENTRIES]);

/**
 * struct netvsc_xfer - a checked transfer-page packet
 * @ranges: @range_cnt ranges, where they came from: netvsc_nvsp_msg_range()
 * @range_cnt: number of ranges, may be 0
 */
struct netvsc_xfer {
	const struct nvsp_xfer_range *ranges;
	u32 range_cnt;
};

/**
 * netvsc_nvsp_msg_parse_xfer() - header of a transfer-page packet, hot path
 * @pkt: the packet from its descriptor on; may be in the ring still, nothing is
 *	read twice
 * @data_offset: bytes in front of the payload, as read from the descriptor
 * @len: its bytes, descriptor and payload, without the trailer
 * @xfer: set on success
 *
 * Checks 1 to 5 of sheet 8.2. On failure the caller still owes the host one
 * completion with NVSP_STAT_FAILURE if the packet asks for one (R36).
 *
 * Return: 0, -EPROTO.
 */
static inline int netvsc_nvsp_msg_parse_xfer(const void *pkt, u32 data_offset,
					     u32 len, struct netvsc_xfer *xfer)
{
	u64 header;
	u32 cnt;

	if (data_offset < NVSP_XFER_RANGES_OFFSET ||
	    !netvsc_inside(data_offset, sizeof(__le32), len))
		return -EPROTO;
	if (netvsc_once_le32(pkt + data_offset) != NVSP_MSG_SEND_RNDIS_PKT)
		return -EPROTO;

	/* struct nvsp_xfer_header at once: id in front, count behind. */
	header = netvsc_once_le64(pkt + NVSP_VMBUS_DESC_BYTES);
	cnt = header >> 32;
	if ((u16)header != NVSP_RECV_BUF_ID ||
	    cnt > NVSP_XFER_RANGES_MAX_RSC ||
	    NVSP_XFER_RANGES_OFFSET + cnt * sizeof(*xfer->ranges) > data_offset)
		return -EPROTO;

	xfer->ranges = pkt + NVSP_XFER_RANGES_OFFSET;
	xfer->range_cnt = cnt;
	return 0;
}

/**
 * netvsc_nvsp_msg_range() - one range of a transfer-page packet, hot path
 * @xfer: from netvsc_nvsp_msg_parse_xfer()
 * @i: below range_cnt; ask once for each
 * @offset: set; still needs netvsc_nvsp_msg_range_ok()
 *
 * Return: the byte count.
 */
static inline u32 netvsc_nvsp_msg_range(const struct netvsc_xfer *xfer, u32 i,
					u32 *offset)
{
	u64 range = netvsc_once_le64(&xfer->ranges[i]);

	*offset = range >> 32;
	return range;
}

/**
 * netvsc_nvsp_msg_range_ok() - may this range be read?
 * @offset: byte offset, converted, read once
 * @count: byte count, converted, read once
 * @buf_bytes: size of the receive buffer as remembered from the set-up
 * @section_bytes: sub-allocation size as remembered from the set-up
 *
 * Checks 6 and 7 of sheet 8.2. A bad range is skipped and makes the status of
 * the whole packet a failure; the other ranges are good.
 *
 * Return: true: it lies in the buffer and is no longer than a sub-allocation.
 */
static inline bool netvsc_nvsp_msg_range_ok(u32 offset, u32 count,
					    u32 buf_bytes, u32 section_bytes)
{
	return count <= section_bytes && (u64)offset + count <= buf_bytes;
}

#endif /* _NETVSC_LIB_NVSP_MSG_H */
