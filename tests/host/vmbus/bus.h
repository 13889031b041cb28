/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: bus - VMBus as a state machine without I/O: messages and signals of the
 * guest come in by calls, messages, event flags and doorbells go out through
 * struct vmbus_actions. channel.h is the devices' side of it.
 *
 * Not connected -> INITIATE_CONTACT accepted -> connected -> REQUEST_OFFERS ->
 * offers flow; UNLOAD or a reset lead back. Machine lock held throughout.
 */
#ifndef HVHOST_VMBUS_BUS_H
#define HVHOST_VMBUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gmem;
struct json_t;
struct vmbus;

#define VMBUS_VERSION(major, minor)	((uint32_t)(major) << 16 | (minor))
#define VMBUS_MESSAGE_MAX		240

/* Results of the post-message and signal hypercalls */
#define HV_SUCCESS			0
#define HV_INVALID_PARAMETER		5
#define HV_INVALID_CONNECTION_ID	18

struct vmbus_actions {
	void (*post)(void *priv, uint32_t vp, const void *msg, size_t len);
	void (*set_event)(void *priv, uint32_t vp, uint32_t relid);
	void (*doorbell_on)(void *priv, uint32_t connection_id);
	void (*doorbell_off)(void *priv, uint32_t connection_id);
	void (*drop_messages)(void *priv);	/* forget what is queued for the guest */
};

/**
 * vmbus_create() - a bus; @max_version: newest version accepted
 *
 * Return: the bus, or NULL without memory.
 */
struct vmbus *vmbus_create(const struct gmem *mem, uint32_t max_version, unsigned int vps,
			   const struct vmbus_actions *act, void *priv);

/** vmbus_destroy() - the guest and its channels are gone; NULL is fine */
void vmbus_destroy(struct vmbus *bus);

/**
 * vmbus_message() - the guest posted a message
 *
 * Return: the hypercall's status.
 */
uint16_t vmbus_message(struct vmbus *bus, uint32_t connection_id, uint32_t type,
		       const void *msg, size_t len);

/**
 * vmbus_signal() - the guest rang a channel's doorbell
 *
 * Return: the hypercall's status.
 */
uint16_t vmbus_signal(struct vmbus *bus, uint32_t connection_id);

/** vmbus_reset() - the guest's machine was reset: all is forgotten but the offers */
void vmbus_reset(struct vmbus *bus);

/**
 * vmbus_version_known() - is it one of those that Linux speaks and so do we?
 *
 * Return: true if so.
 */
bool vmbus_version_known(uint32_t version);

/**
 * vmbus_json() - version, channels, counts
 *
 * Return: a new reference.
 */
struct json_t *vmbus_json(const struct vmbus *bus);

/** vmbus_register_verbs() - bus, bus.rescind, scan */
void vmbus_register_verbs(struct vmbus *bus);

/**
 * vmbus_contacts() - how often a contact was accepted
 *
 * Return: that number.
 */
unsigned int vmbus_contacts(const struct vmbus *bus);

#endif
