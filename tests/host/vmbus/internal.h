/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: vmbus internal - shared by the files of this room, nobody else. */
#ifndef HVHOST_VMBUS_INTERNAL_H
#define HVHOST_VMBUS_INTERNAL_H

#include "bus.h"
#include "channel.h"
#include "ring.h"

#define RELID_MAX		2048u
#define CONNECTION_BASE		0x10000u
#define GPADL_PAGES_MAX		32768u		/* of one: 128 MB */
#define GPADL_PAGES_TOTAL_MAX	327680u		/* of all: 1280 MB, as newer hosts */
#define GPADL_CNT_MAX		4096u
#define MONITORS_MAX		128u
#define MONITOR_NONE		0xffu

/* Message ids (vmbus-host.md A.2) */
enum {
	MSG_OFFER = 1, MSG_RESCIND, MSG_REQUEST_OFFERS, MSG_ALL_OFFERS, MSG_OPEN, MSG_OPEN_RESULT,
	MSG_CLOSE, MSG_GPADL_HEADER, MSG_GPADL_BODY, MSG_GPADL_CREATED, MSG_GPADL_TEARDOWN,
	MSG_GPADL_TORNDOWN, MSG_RELID_RELEASED, MSG_INITIATE_CONTACT, MSG_VERSION_RESPONSE,
	MSG_UNLOAD, MSG_UNLOAD_RESPONSE, MSG_TL_CONNECT = 21, MSG_MODIFY, MSG_MODIFY_RESPONSE = 24,
};

struct gpadl {
	struct gpadl *next;
	struct vmbus_channel *ch;
	uint32_t handle;
	uint32_t byte_cnt, byte_off;
	uint32_t pages, got;	/* complete when equal */
	bool created, is_ring;
	uint8_t **page;		/* host addresses, in order */
};

enum channel_state {
	CH_HIDDEN,	/* not yet told to the guest */
	CH_OFFERED,
	CH_OPEN,
	CH_RESCINDED,	/* waits for RELID_RELEASED */
};

struct vmbus_channel {
	struct vmbus *bus;
	uint32_t relid;
	enum channel_state state;
	bool was_open;		/* at least once since it was offered */
	bool dead;		/* ring corrupt, or the device let it die: nothing moves until it is closed */
	bool doorbell;		/* registered */
	bool forgiven;		/* the host wrote nonsense into its rings: what the guest makes of it ... */
	bool bent;		/* ... and there is some in a control page just now */
	uint64_t written;	/* bytes for the guest since it was opened ... */
	uint64_t last;		/* ... up to where the last packet begins */
	bool by_quarter;	/* waits for a quarter of the ring, not for one packet */
	struct vmbus_offer_params params;
	const struct vmbus_device_ops *ops;
	void *dev;
	uint32_t target_vp;
	uint8_t monitor;	/* its bit, or MONITOR_NONE */
	struct gpadl *ring_gpadl;
	struct ring from_guest, to_guest;
	struct loop_timer *full_timer;
	struct channel_stats stats;
};

struct monitors {
	uint64_t page;		/* where the guest sets its bits; 0: nowhere */
	struct vmbus_channel *owner[MONITORS_MAX];
	struct loop_timer *timer;
	uint64_t last_us;	/* when the host looked last */
	unsigned int doublings;	/* of the time between looks: the last ones were in vain */
	uint64_t looks;
};

struct vmbus {
	const struct gmem *mem;
	const struct vmbus_actions *act;
	void *priv;
	uint32_t max_version, version;	/* version 0: not connected */
	uint32_t message_vp;
	unsigned int vps, contacts;
	bool offers_wanted;
	uint32_t next_relid;
	struct vmbus_channel *channel[RELID_MAX];
	struct gpadl *gpadls;
	uint32_t gpadl_pages, gpadl_cnt;
	struct late *late;
	struct tell_held *held;		/* a message that lets the next one pass */
	struct monitors monitors;
};

static inline void put32(uint8_t *p, unsigned int off, uint32_t v)
{
	__builtin_memcpy(p + off, &v, 4);
}

static inline uint32_t get32(const uint8_t *p, unsigned int off)
{
	uint32_t v;

	__builtin_memcpy(&v, p + off, 4);
	return v;
}

static inline uint64_t get64(const uint8_t *p, unsigned int off)
{
	uint64_t v;

	__builtin_memcpy(&v, p + off, 8);
	return v;
}

static inline uint16_t get16(const uint8_t *p, unsigned int off)
{
	uint16_t v;

	__builtin_memcpy(&v, p + off, 2);
	return v;
}

/* table.c */
/** bus_channel() - the channel that the guest was told of, or NULL */
struct vmbus_channel *bus_channel(const struct vmbus *bus, uint32_t relid);
void bus_post(struct vmbus *bus, const uint8_t *msg, size_t len);

/* late.c */
void bus_post_late(struct vmbus *bus, unsigned int ms, const uint8_t *msg, size_t len);
void bus_forget_late(struct vmbus *bus);

/* tell.c: to the guest, about @ch or, NULL, none; @what is "open", "gpadl", "teardown" or "close", which has no
 * answer */
void bus_tell(struct vmbus *bus, const struct vmbus_channel *ch, const uint8_t *msg, size_t len);
void bus_request(struct vmbus_channel *ch, const char *what);
void bus_answer(struct vmbus *bus, struct vmbus_channel *ch, const char *what, const uint8_t *msg,
		size_t len);
void tell_forget(struct vmbus *bus);

/* gpadl.c */
void gpadl_on_header(struct vmbus *bus, const uint8_t *msg, size_t len);
void gpadl_on_body(struct vmbus *bus, const uint8_t *msg, size_t len);
void gpadl_on_teardown(struct vmbus *bus, const uint8_t *msg, size_t len);
struct gpadl *gpadl_find(struct vmbus *bus, uint32_t handle);
void gpadl_drop_all_of(struct vmbus_channel *ch);

/* channel.c */
void channel_show(struct vmbus_channel *ch);
void channel_on_open(struct vmbus *bus, const uint8_t *msg, size_t len);
void channel_on_close(struct vmbus *bus, const uint8_t *msg, size_t len);
void channel_on_modify(struct vmbus *bus, const uint8_t *msg, size_t len);
void channel_on_released(struct vmbus *bus, const uint8_t *msg, size_t len);
uint16_t channel_on_signal(struct vmbus *bus, uint32_t connection_id);
void channel_forget_guest(struct vmbus_channel *ch);	/* may free it */

/* packet.c */
void channel_on_doorbell(struct vmbus_channel *ch);

/* scan.c: the "halves" of the pattern are @len / 2 bytes; a new reference */
struct json_t *scan_for(const struct vmbus *bus, const uint8_t *pattern, size_t len, bool all);

/* monitor.c */
void monitor_contact(struct vmbus *bus, uint64_t page);
void monitor_forget(struct vmbus *bus);
void monitor_assign(struct vmbus_channel *ch);
void monitor_release(struct vmbus_channel *ch);
void monitor_watch(struct vmbus *bus);

#endif
