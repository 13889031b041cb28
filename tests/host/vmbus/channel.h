/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: channel - what a device model sees of VMBus.
 *
 * A device offers channels, gets told when the guest opens, closes, signals or
 * releases them, reads and writes packets of their two rings and reaches guest
 * memory that the guest named by GPADL or by page numbers. The device never sees
 * KVM, SynIC or ring memory: this header is all. It runs the same over a real
 * machine and over the in-memory bus of the unit tests (vmbus/membus.h).
 *
 * Context of every function and callback: machine lock held.
 */
#ifndef HVHOST_VMBUS_CHANNEL_H
#define HVHOST_VMBUS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gmem;
struct vmbus;
struct vmbus_channel;
struct gpadl;

/* Packet types on the ring (vmbus-host.md C.2) */
#define VMBUS_PKT_INBAND	6
#define VMBUS_PKT_XFER_PAGES	7
#define VMBUS_PKT_GPA_DIRECT	9
#define VMBUS_PKT_COMPLETION	11
#define VMBUS_PKT_FLAG_COMPLETION_REQUESTED	1u

/* Largest guest packet accepted: descriptor + extension + payload */
#define VMBUS_PKT_MAX		16384u

struct vmbus_guid { uint8_t b[16]; };	/* wire order */

struct vmbus_offer_params {
	struct vmbus_guid type;
	struct vmbus_guid instance;
	uint16_t channel_flags;
	uint16_t subchannel_index;	/* 0 = primary */
	unsigned int latency_us;	/* of its monitor; 0: it has none */
	struct vmbus_channel *primary;	/* of a sub-channel, else NULL */
};

/**
 * struct vmbus_device_ops - news for the device
 * @open: OPEN_CHANNEL arrived, rings are mapped; 0 or negative errno (the guest
 *	sees a non-zero OPEN_RESULT). Packets may be sent only after it returned.
 * @close: closed by the guest, by unload, new contact or machine reset; the rings
 *	are gone when it returns. Never called for a channel that was not open.
 * @doorbell: the guest signalled: look at both rings (new packets, and room).
 *	Also called once after open, and on a slow timer while the device has
 *	asked for it by a full ring.
 * @gpadl: the guest shares @bytes of memory, a ring too; non-zero: the host refuses.
 *	May be NULL.
 * @request: the guest asks for @what, "open", "gpadl", "teardown" or "close", and it makes
 *	sense; called before it is carried out. May be NULL.
 * @late: how many ms later the guest hears the answer to @what, "open", "gpadl" or
 *	"teardown"; 0 at once, negative never. May be NULL.
 * @again: how many ms after the answer to @what the guest hears it once more; negative:
 *	only once. May be NULL.
 * @number: by which number a fault names the device; NULL: by none.
 * @meddles: does the device want to write the packets of @ch itself, just now? Asked for each
 *	one; NULL: never.
 * @outgoing: ... then it gets them here, descriptor first, @len a multiple of 8 and room for
 *	8192 bytes, and calls channel_write() or not; as of channel_send().
 * @gpadl_teardown: the guest takes a GPADL of this channel back; must not be touched
 *	after return.
 * @released: RELID_RELEASED after a rescind (or bus reset of a rescinded channel):
 *	@ch is freed when it returns.
 */
struct vmbus_device_ops {
	int (*open)(void *dev, struct vmbus_channel *ch);
	void (*close)(void *dev, struct vmbus_channel *ch);
	void (*doorbell)(void *dev, struct vmbus_channel *ch);
	int (*gpadl)(void *dev, struct vmbus_channel *ch, size_t bytes);
	void (*request)(void *dev, struct vmbus_channel *ch, const char *what);
	int (*late)(void *dev, struct vmbus_channel *ch, const char *what);
	int (*again)(void *dev, struct vmbus_channel *ch, const char *what);
	int (*number)(void *dev);
	bool (*meddles)(void *dev, struct vmbus_channel *ch);
	int (*outgoing)(void *dev, struct vmbus_channel *ch, uint8_t *pkt, size_t len);
	void (*gpadl_teardown)(void *dev, struct vmbus_channel *ch, struct gpadl *g);
	void (*released)(void *dev, struct vmbus_channel *ch);
};

/** channel_offer() - offer a channel to the guest, now or at its REQUEST_OFFERS.
 * A primary stays offered over close, unload and new contact until channel_rescind();
 * a sub-channel offer is dropped (released) by unload, new contact and reset.
 * Return: the channel, or NULL when the table is full. */
struct vmbus_channel *channel_offer(struct vmbus *bus, const struct vmbus_offer_params *p,
				    const struct vmbus_device_ops *ops, void *dev);

/** channel_rescind() - withdraw; @close is called at once if open, @released follows
 * when the guest lets go of the relid (or at once when it never saw the offer) */
void channel_rescind(struct vmbus_channel *ch);

/**
 * channel_relid() - the number that the guest knows it by
 *
 * Return: that number.
 */
uint32_t channel_relid(const struct vmbus_channel *ch);

/**
 * channel_subindex() - which of its device's channels it is
 *
 * Return: the index, 0: the primary.
 */
uint16_t channel_subindex(const struct vmbus_channel *ch);

/**
 * channel_is_open() - are there rings?
 *
 * Return: true if so.
 */
bool channel_is_open(const struct vmbus_channel *ch);

/**
 * channel_target_vp() - where the guest wants its interrupts
 *
 * Return: that VP.
 */
uint32_t channel_target_vp(const struct vmbus_channel *ch);

/**
 * channel_gmem() - the guest's memory
 *
 * Return: that memory.
 */
const struct gmem *channel_gmem(const struct vmbus_channel *ch);

/**
 * bus_vp_count() - VPs of the machine
 *
 * Return: their number.
 */
unsigned int bus_vp_count(const struct vmbus *bus);

/**
 * bus_version() - the version that is spoken
 *
 * Return: VMBUS_VERSION(), 0: not connected.
 */
uint32_t bus_version(const struct vmbus *bus);

/* ---- packets ---- */

struct vmbus_packet {
	uint16_t type;
	uint16_t flags;
	uint64_t trans_id;
	const uint8_t *desc;	/* whole private copy, descriptor first */
	uint32_t desc_len;	/* descriptor + extension: offset of the payload */
	const uint8_t *payload;	/* desc + desc_len */
	uint32_t payload_len;	/* multiple of 8 */
};

/**
 * channel_recv() - take the next guest packet out of the ring
 * @pkt: filled; points into @buf
 * @buf: private copy goes here, VMBUS_PKT_MAX bytes
 *
 * Return: 1 one packet, 0 ring empty (unmasked and re-checked: a doorbell will come),
 * -EPROTO the ring is corrupt (violation already noted; treat channel as dead).
 */
int channel_recv(struct vmbus_channel *ch, struct vmbus_packet *pkt, uint8_t *buf);

struct vmbus_range { uint32_t byte_count; uint32_t byte_offset; };

/**
 * channel_send() - put one packet into the host-to-guest ring and signal by the rules
 * @type: VMBUS_PKT_INBAND or VMBUS_PKT_COMPLETION
 * Return: 0, -EAGAIN ring full (pending send size is set; doorbell will be called), -ENODEV closed
 */
int channel_send(struct vmbus_channel *ch, uint16_t type, uint16_t flags, uint64_t trans_id,
		 const void *payload, size_t len);

/**
 * channel_send_ranges() - transfer-page packet (type 7, flag 1) with @n ranges of set @set_id
 *
 * Return: as of channel_send().
 */
int channel_send_ranges(struct vmbus_channel *ch, uint64_t trans_id, uint16_t set_id,
			const struct vmbus_range *range, unsigned int n,
			const void *payload, size_t len);

/**
 * channel_send_raw() - any bytes as a packet body (descriptor included), for misbehaviour
 *
 * Return: as of channel_send().
 */
int channel_send_raw(struct vmbus_channel *ch, const void *packet, size_t len);

/**
 * channel_write() - the same, past the device's outgoing()
 *
 * Return: as of channel_send().
 */
int channel_write(struct vmbus_channel *ch, const void *packet, size_t len);

/**
 * channel_mark() - the packet written last, for channel_overwrite()
 *
 * Return: its mark, good until the channel is closed.
 */
uint64_t channel_mark(const struct vmbus_channel *ch);

/**
 * channel_overwrite() - other bytes in a packet that was written
 * @mark: which one
 * @at: offset in it; @at + @len is not beyond its end
 *
 * Return: 1 the guest had not taken it yet, 0 it had, -ENODEV the channel is closed or the place is
 * another packet's by now (nothing is written).
 */
int channel_overwrite(struct vmbus_channel *ch, uint64_t mark, uint32_t at, const void *bytes,
		      uint32_t len);

/**
 * channel_bend() - a word of a control page that is the host's says something else, until the next
 * packet or channel_mend()
 * @from_guest: of the ring that the guest writes, else of the other one
 * @word: its offset: 0 write index, 4 read index, 8 interrupt mask, 12 pending send size
 *
 * Rings of that channel that make no sense are no violation any more (channel_forgive()).
 */
void channel_bend(struct vmbus_channel *ch, bool from_guest, uint32_t word, uint32_t value);

/** channel_mend() - they say again what is so */
void channel_mend(struct vmbus_channel *ch);

/** channel_forgive() - until it is closed, a ring of it that makes no sense is no violation: the
 * guest was led into it. The channel is dead then, as always */
void channel_forgive(struct vmbus_channel *ch);

/** channel_die() - neither ring is touched any more until the guest closes and opens again */
void channel_die(struct vmbus_channel *ch);

/** channel_wait_for_quarter() - after a full ring write on when a quarter of it is free */
void channel_wait_for_quarter(struct vmbus_channel *ch);

struct channel_stats {		/* all count since the channel was offered */
	uint64_t rx_packets;	/* guest -> host ring messages */
	uint64_t tx_packets;	/* host -> guest ring messages */
	uint64_t rx_signals;	/* doorbells from the guest, in both manners */
	uint64_t rx_monitor;	/* those of them that were a bit; others are hypercalls */
	uint64_t tx_signals;	/* interrupts raised towards the guest */
	uint64_t rx_spurious;	/* doorbells without a packet to read or a wait for room */
	uint64_t tx_full;	/* times the host-to-guest ring was full */
};

/**
 * channel_stats() - what was counted since the offer
 *
 * Return: the counters.
 */
const struct channel_stats *channel_stats(const struct vmbus_channel *ch);

/* ---- GPADLs (guest memory shared by list) ---- */

/**
 * channel_gpadl() - look up a completed GPADL of this channel (not the ring's)
 *
 * Return: the list, or NULL.
 */
struct gpadl *channel_gpadl(struct vmbus_channel *ch, uint32_t handle);

/**
 * gpadl_handle() - the guest's number of the list
 *
 * Return: that number.
 */
uint32_t gpadl_handle(const struct gpadl *g);

/**
 * gpadl_range_count() - ranges of the list
 *
 * Return: their number.
 */
uint32_t gpadl_range_count(const struct gpadl *g);

/**
 * gpadl_byte_offset() - where in its first page it begins
 *
 * Return: that offset.
 */
uint32_t gpadl_byte_offset(const struct gpadl *g);

/**
 * gpadl_len() - bytes of the list
 *
 * Return: their number.
 */
size_t gpadl_len(const struct gpadl *g);

/**
 * gpadl_read() - bounded copy out of the list
 *
 * Return: 0 or -EFAULT.
 */
int gpadl_read(const struct gpadl *g, size_t off, void *buf, size_t len);

/**
 * gpadl_write() - bounded copy into the list
 *
 * Return: 0 or -EFAULT.
 */
int gpadl_write(const struct gpadl *g, size_t off, const void *buf, size_t len);

#endif
