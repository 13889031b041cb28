// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: switch - learning, flooding, captures.
 *
 * The table is open-addressed by a hash of the address and never rehashed: an
 * address that finds no slot within a few steps takes over the first of them.
 * A wrong guess only costs a flood.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "packet.h"
#include "pcap.h"
#include "switch.h"

#define TABLE_STEPS	8

struct switch_port {
	char name[32];
	const struct switch_port_ops *ops;
	void *priv;
	struct switch_port_stats stats;
	struct pcap *pcap;
	uint8_t mac[6];		/* own address, when has_mac */
	bool has_mac;
	bool dirty;		/* got frames since the last flush */
};

struct table_entry {
	uint8_t mac[6];
	struct switch_port *port;	/* NULL: free */
};

static struct switch_port *ports[SWITCH_MAX_PORTS];
static struct table_entry table[SWITCH_TABLE_SIZE];
static char pcap_all_dir[PATH_MAX];	/* captures of later ports go here; "" = none */

static unsigned int table_slot(const uint8_t mac[6])
{
	uint32_t h = 2166136261u;
	int i;

	for (i = 0; i < 6; i++)
		h = (h ^ mac[i]) * 16777619u;
	return h % SWITCH_TABLE_SIZE;
}

static struct table_entry *table_find(const uint8_t mac[6])
{
	unsigned int i, slot = table_slot(mac);

	for (i = 0; i < TABLE_STEPS; i++) {
		struct table_entry *e = &table[(slot + i) % SWITCH_TABLE_SIZE];

		if (e->port && !memcmp(e->mac, mac, 6))
			return e;
	}
	return NULL;
}

static void learn(struct switch_port *port, const uint8_t mac[6])
{
	struct table_entry *e;
	unsigned int i, slot;

	if (mac[0] & 1)
		return;
	e = table_find(mac);
	slot = table_slot(mac);
	for (i = 0; !e && i < TABLE_STEPS; i++)
		if (!table[(slot + i) % SWITCH_TABLE_SIZE].port)
			e = &table[(slot + i) % SWITCH_TABLE_SIZE];
	if (!e)
		e = &table[slot];
	memcpy(e->mac, mac, 6);
	e->port = port;
}

static void pcap_begin(struct switch_port *port, const char *dir)
{
	char path[PATH_MAX + 48];

	snprintf(path, sizeof(path), "%s/%s.pcap", dir, port->name);
	pcap_close(port->pcap);
	port->pcap = pcap_open(path);
}

struct switch_port *switch_port_add(const char *name, const struct switch_port_ops *ops,
				    void *priv)
{
	struct switch_port *port;
	unsigned int i;

	for (i = 0; i < SWITCH_MAX_PORTS && ports[i]; i++)
		;
	if (i == SWITCH_MAX_PORTS)
		return NULL;
	port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	snprintf(port->name, sizeof(port->name), "%s", name);
	port->ops = ops;
	port->priv = priv;
	ports[i] = port;
	if (pcap_all_dir[0])
		pcap_begin(port, pcap_all_dir);
	return port;
}

void switch_port_del(struct switch_port *port)
{
	unsigned int i;

	if (!port)
		return;
	for (i = 0; i < SWITCH_TABLE_SIZE; i++)
		if (table[i].port == port)
			table[i].port = NULL;
	for (i = 0; i < SWITCH_MAX_PORTS; i++)
		if (ports[i] == port)
			ports[i] = NULL;
	pcap_close(port->pcap);
	free(port);
}

void switch_port_own(struct switch_port *port, const uint8_t mac[6])
{
	struct table_entry *old = port->has_mac ? table_find(port->mac) : NULL;

	if (old && old->port == port)
		old->port = NULL;
	memcpy(port->mac, mac, 6);
	port->has_mac = true;
	learn(port, mac);
}

bool switch_port_mac(const char *name, uint8_t mac[6])
{
	unsigned int i;

	for (i = 0; i < SWITCH_MAX_PORTS; i++) {
		if (!ports[i] || !ports[i]->has_mac || strcmp(ports[i]->name, name))
			continue;
		memcpy(mac, ports[i]->mac, 6);
		return true;
	}
	return false;
}

static void capture(struct switch_port *port, const struct switch_frame *f)
{
	if (port->pcap)
		pcap_frame(port->pcap, f->data, f->len, f->tagged, f->tci);
}

static void send_to(struct switch_port *port, const struct switch_frame *f)
{
	port->stats.out_frames++;
	port->stats.out_bytes += f->len;
	capture(port, f);
	port->dirty = true;
	port->ops->deliver(port->priv, f);
}

static void flood(struct switch_port *from, const struct switch_frame *f)
{
	unsigned int i;

	from->stats.flooded++;
	for (i = 0; i < SWITCH_MAX_PORTS; i++)
		if (ports[i] && ports[i] != from)
			send_to(ports[i], f);
}

void switch_input(struct switch_port *port, const struct switch_frame *f)
{
	struct table_entry *e;

	if (f->len < ETH_HEADER_BYTES)
		return;
	port->stats.in_frames++;
	port->stats.in_bytes += f->len;
	capture(port, f);
	learn(port, f->data + 6);
	e = f->data[0] & 1 ? NULL : table_find(f->data);
	if (!e)
		flood(port, f);
	else if (e->port == port)
		port->stats.discarded++;
	else
		send_to(e->port, f);
}

void switch_flush(void)
{
	unsigned int i;

	for (i = 0; i < SWITCH_MAX_PORTS; i++) {
		if (!ports[i] || !ports[i]->dirty)
			continue;
		ports[i]->dirty = false;
		if (ports[i]->ops->flush)
			ports[i]->ops->flush(ports[i]->priv);
	}
}

unsigned int switch_room(const uint8_t dst[6])
{
	struct table_entry *e = dst[0] & 1 ? NULL : table_find(dst);

	if (!e || !e->port->ops->room)
		return UINT_MAX;
	return e->port->ops->room(e->port->priv);
}

const char *switch_learned(const uint8_t mac[6])
{
	struct table_entry *e = table_find(mac);

	return e ? e->port->name : NULL;
}

const char *switch_port_name(const struct switch_port *port)
{
	return port->name;
}

const struct switch_port_stats *switch_port_stats(const struct switch_port *port)
{
	return &port->stats;
}

void switch_untag(const uint8_t *frame, size_t len, uint8_t *buf,
		  struct switch_frame *f)
{
	memset(f, 0, sizeof(*f));
	f->data = buf;
	f->len = len;
	if (len < ETH_HEADER_BYTES + ETH_TAG_BYTES ||
	    get_be16(frame + 12) != ETH_TYPE_VLAN) {
		memcpy(buf, frame, len);
		return;
	}
	f->tagged = true;
	f->tci = get_be16(frame + 14);
	f->len = len - ETH_TAG_BYTES;
	memcpy(buf, frame, 12);
	memcpy(buf + 12, frame + 12 + ETH_TAG_BYTES, len - 12 - ETH_TAG_BYTES);
}

int switch_pcap_start(const char *dir, const char *name)
{
	unsigned int i;
	int n = 0;

	if (strlen(dir) >= sizeof(pcap_all_dir))
		return -ENAMETOOLONG;
	if (mkdir(dir, 0755) && errno != EEXIST)
		return -errno;
	for (i = 0; i < SWITCH_MAX_PORTS; i++) {
		if (!ports[i] || (name && strcmp(name, ports[i]->name)))
			continue;
		pcap_begin(ports[i], dir);
		if (!ports[i]->pcap)
			return errno ? -errno : -EIO;
		n++;
	}
	if (!name)
		snprintf(pcap_all_dir, sizeof(pcap_all_dir), "%s", dir);
	else if (!n)
		return -ENOENT;
	return n;
}

int switch_pcap_stop(const char *name)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < SWITCH_MAX_PORTS; i++) {
		if (!ports[i] || !ports[i]->pcap ||
		    (name && strcmp(name, ports[i]->name)))
			continue;
		pcap_close(ports[i]->pcap);
		ports[i]->pcap = NULL;
		n++;
	}
	if (!name)
		pcap_all_dir[0] = 0;
	return n;
}

static json_t *port_report(const struct switch_port *port)
{
	const struct switch_port_stats *s = &port->stats;

	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "name", port->name,
			 "in_frames", (json_int_t)s->in_frames,
			 "in_bytes", (json_int_t)s->in_bytes,
			 "out_frames", (json_int_t)s->out_frames,
			 "out_bytes", (json_int_t)s->out_bytes,
			 "flooded", (json_int_t)s->flooded,
			 "discarded", (json_int_t)s->discarded,
			 "captured", (json_int_t)(port->pcap ?
						  pcap_frames(port->pcap) : 0));
}

json_t *switch_report(void)
{
	json_t *list = json_array();
	json_int_t learned = 0;
	unsigned int i;

	for (i = 0; i < SWITCH_MAX_PORTS; i++)
		if (ports[i])
			json_array_append_new(list, port_report(ports[i]));
	for (i = 0; i < SWITCH_TABLE_SIZE; i++)
		learned += table[i].port != NULL;
	return json_pack("{s:o,s:I}", "ports", list, "learned", learned);
}
