/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: switch - a small learning switch: NICs, the peer's TAP, the generator.
 *
 * A port hands frames in with switch_input(); the switch learns the source,
 * delivers to the port of the destination or floods, and remembers which ports
 * got something. After a run of frames the caller says switch_flush(): ports
 * that batch send what they hold. All in one thread, no queues of its own; a
 * port that cannot take a frame drops and counts it.
 *
 * A frame travels without its outer 802.1Q tag; the tag lies beside it, as RNDIS
 * carries it. Learning does not look at VLANs.
 */
#ifndef HVHOST_BACKEND_SWITCH_H
#define HVHOST_BACKEND_SWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#define SWITCH_MAX_PORTS	16
#define SWITCH_TABLE_SIZE	1024

struct switch_port;

/* What the host of the receiving port is to do with a frame, for tests. */
struct switch_order {
	bool has_csum, has_hash;
	uint32_t csum;		/* bits of the checksum PPI (netvsc-wire.md 5.11) */
	uint32_t hash, hash_type;	/* NDIS_HASH_*; type 0: no hash PPIs */
	int queue;		/* -1: as receive scaling has it */
};

struct switch_frame {
	const uint8_t *data;	/* from the destination address on, no outer tag */
	size_t len;		/* at least 14 */
	uint16_t tci;		/* PCP << 13 | DEI << 12 | VID, when tagged */
	bool tagged;
	bool l4_good;		/* TCP/UDP checksum known to be right: computed by us */
	bool last;		/* of a train: nothing is coalesced with what follows */
	const struct switch_order *order;	/* or NULL */
};

/**
 * struct switch_port_ops - a port's side
 * @deliver: take a copy of the frame now or drop (and count) it
 * @flush: no more frames for the moment; only called after a deliver
 * @room: frames that would be taken now; NULL = always room
 */
struct switch_port_ops {
	void (*deliver)(void *priv, const struct switch_frame *f);
	void (*flush)(void *priv);
	unsigned int (*room)(void *priv);
};

struct switch_port_stats {
	uint64_t in_frames;	/* from the port into the switch */
	uint64_t in_bytes;
	uint64_t out_frames;	/* offered to the port */
	uint64_t out_bytes;
	uint64_t flooded;	/* of in_frames: unknown unicast, multicast, broadcast */
	uint64_t discarded;	/* of in_frames: destination is the port it came from */
};

/**
 * switch_port_add() - another port; @name is copied
 *
 * Return: the port, or NULL when full.
 */
struct switch_port *switch_port_add(const char *name, const struct switch_port_ops *ops,
				    void *priv);

/** switch_port_del() - forgets what was learnt about it, closes its capture */
void switch_port_del(struct switch_port *port);

/** switch_port_own() - @mac is the port's own address: known before it ever sends */
void switch_port_own(struct switch_port *port, const uint8_t mac[6]);

/**
 * switch_port_mac() - the own address of the port with that name
 *
 * Return: false if there is none.
 */
bool switch_port_mac(const char *name, uint8_t mac[6]);

/** switch_input() - a frame from @port; @f->data is not kept */
void switch_input(struct switch_port *port, const struct switch_frame *f);

/** switch_flush() - tell all ports that got frames since the last time */
void switch_flush(void);

/**
 * switch_room() - frames that the port owning @dst would take now
 *
 * Return: their number; UINT_MAX for unknown, multicast and broadcast: nobody in particular.
 */
unsigned int switch_room(const uint8_t dst[6]);

/**
 * switch_learned() - which port owns @mac?
 *
 * Return: its name, or NULL.
 */
const char *switch_learned(const uint8_t mac[6]);

/**
 * switch_port_name() - the name that it was added with
 *
 * Return: that name.
 */
const char *switch_port_name(const struct switch_port *port);

/**
 * switch_port_stats() - what the port counted
 *
 * Return: its counters.
 */
const struct switch_port_stats *switch_port_stats(const struct switch_port *port);

/** switch_untag() - split a frame with an inline outer tag; @buf receives it, >= len */
void switch_untag(const uint8_t *frame, size_t len, uint8_t *buf,
		  struct switch_frame *f);

/**
 * switch_pcap_start() - capture into @dir/<port>.pcap
 * @port: name of one port, or NULL for all, also for those that come later
 * Return: files opened, or negative errno.
 */
int switch_pcap_start(const char *dir, const char *port);

/**
 * switch_pcap_stop() - close the captures of @port or of all
 *
 * Return: number of files.
 */
int switch_pcap_stop(const char *port);

/**
 * switch_report() - counters per port and the table's size
 *
 * Return: a new reference.
 */
json_t *switch_report(void);

#endif
