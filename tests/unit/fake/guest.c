// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: fake/guest - see guest.h. Written from the sheet, not from the driver.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>
#include "netvsp/netvsp.h"
#include "guest.h"

#define CONTROL_PAGE	0x80000	/* where control messages are put in guest memory */

bool guest_new(struct guest *g, unsigned int cpus, const char *words)
{
	const char *nic[1] = { words }, *host[1] = { "peer=off" };
	struct netvsp_config cfg = { .nics = 1, .nic = nic, .nic_cnt = words ? 1 : 0,
				     .host = host, .host_cnt = 1, .cpus = cpus };
	char err[512] = "";

	memset(g, 0, sizeof(*g));
	g->bus = fake_bus(cpus);
	g->next_id = 1;
	if (netvsp_setup(g->bus, &cfg, err, sizeof(err))) {
		printf("# set-up: %s\n", err);
		return false;
	}
	g->ch[0] = fake_channel(g->bus, 0);
	g->recv = fake_gpadl(g->bus, GUEST_RECV_GPADL, GUEST_RECV_BYTES);
	g->send = fake_gpadl(g->bus, GUEST_SEND_GPADL, GUEST_SEND_BYTES);
	return !fake_open(g->ch[0]);
}

void guest_free(struct guest *g)
{
	struct vmbus_channel *ch, *next;

	netvsp_teardown();
	for (ch = g->bus->channels; ch; ch = next) {
		next = ch->next;
		if (ch->rescinded)
			fake_release(ch);
	}
	fake_bus_free(g->bus);
}

void guest_inband(struct guest *g, unsigned int q, const void *msg, size_t len, bool flag,
		  uint64_t id)
{
	uint8_t b[16 + 128] = { 0 };
	uint16_t h[4] = { VMBUS_PKT_INBAND, 2, (uint16_t)((16 + len + 7) / 8), flag };

	memcpy(b, h, 8);
	memcpy(b + 8, &id, 8);
	memcpy(b + 16, msg, len);
	fake_put(g->ch[q], b, 16 + len);
	fake_ring(g->ch[q]);
}

/* The completion of @id among what waits; the rest stays in order. */
static struct fake_packet *take_completion(struct vmbus_channel *ch, uint64_t id)
{
	struct fake_packet **at, *p;

	for (at = &ch->out; *at; at = &(*at)->next) {
		p = *at;
		if (fp16(p, 0) == VMBUS_PKT_COMPLETION && !memcmp(p->b + 8, &id, 8)) {
			*at = p->next;
			return p;
		}
	}
	return NULL;
}

struct fake_packet *guest_ask(struct guest *g, const struct nvsp_message *m)
{
	uint64_t id = g->next_id++;

	guest_inband(g, 0, m, sizeof(*m), true, id);
	return take_completion(g->ch[0], id);
}

void guest_tell(struct guest *g, const struct nvsp_message *m)
{
	guest_inband(g, 0, m, sizeof(*m), false, 0xFFFFFFFFFFFFFFFDull);
}

void guest_gpa(struct guest *g, unsigned int q, uint32_t channel_type, uint32_t section,
	       uint32_t section_bytes, const struct guest_range *r, unsigned int n,
	       uint64_t id)
{
	uint8_t b[8192] = { 0 };
	struct nvsp_message m = { 0 };
	size_t at = 24;
	unsigned int i;
	uint16_t h[4];

	for (i = 0; i < n; i++) {
		uint32_t off = r[i].gpa % 4096, pages = (off + r[i].len + 4095) / 4096, k;

		memcpy(b + at, &r[i].len, 4);
		memcpy(b + at + 4, &off, 4);
		at += 8;
		for (k = 0; k < pages; k++, at += 8) {
			uint64_t pfn = r[i].gpa / 4096 + k;

			memcpy(b + at, &pfn, 8);
		}
	}
	memcpy(b + 20, &n, 4);
	m.rndis_pkt.type = htole32(NVSP_MSG_SEND_RNDIS_PKT);
	m.rndis_pkt.channel_type = htole32(channel_type);
	m.rndis_pkt.section_index = htole32(section);
	m.rndis_pkt.section_size = htole32(section_bytes);
	memcpy(b + at, &m, sizeof(m));
	h[0] = VMBUS_PKT_GPA_DIRECT;
	h[1] = (uint16_t)(at / 8);
	h[2] = (uint16_t)((at + sizeof(m)) / 8);
	h[3] = 1;
	memcpy(b, h, 8);
	memcpy(b + 8, &id, 8);
	fake_put(g->ch[q], b, at + sizeof(m));
	fake_ring(g->ch[q]);
}

uint32_t guest_status(struct guest *g, unsigned int q, uint64_t id)
{
	struct fake_packet *p = take_completion(g->ch[q], id);
	uint32_t status = 0;

	if (p && p->len >= 24 && fp32(p, 16) == NVSP_MSG_SEND_RNDIS_PKT_COMPLETE)
		status = fp32(p, 20);
	free(p);
	return status;
}

uint32_t guest_section(struct guest *g, uint32_t index, const void *msg, size_t len)
{
	struct nvsp_message m = { 0 };
	uint64_t id = g->next_id++;

	memcpy(g->send->data + index * 6144, msg, len);
	m.rndis_pkt.type = htole32(NVSP_MSG_SEND_RNDIS_PKT);
	m.rndis_pkt.channel_type = htole32(NVSP_RNDIS_CHANNEL_DATA);
	m.rndis_pkt.section_index = htole32(index);
	m.rndis_pkt.section_size = htole32((uint32_t)len);
	guest_inband(g, 0, &m, sizeof(m), true, id);
	return guest_status(g, 0, id);
}

void guest_complete(struct guest *g, unsigned int q, uint64_t id, uint32_t status)
{
	uint8_t b[24] = { 0 };
	uint16_t h[4] = { VMBUS_PKT_COMPLETION, 2, 3, 0 };
	uint32_t m[2] = { NVSP_MSG_SEND_RNDIS_PKT_COMPLETE, status };

	memcpy(b, h, 8);
	memcpy(b + 8, &id, 8);
	memcpy(b + 16, m, 8);
	fake_put(g->ch[q], b, sizeof(b));
	fake_ring(g->ch[q]);
}

/* First transfer-page packet that waits; other packets are dropped on the way. */
static struct fake_packet *take_xfer(struct vmbus_channel *ch)
{
	struct fake_packet *p;

	while ((p = fake_get(ch))) {
		if (fp16(p, 0) == VMBUS_PKT_XFER_PAGES)
			return p;
		free(p);
	}
	return NULL;
}

static size_t take_control(struct guest *g, uint32_t request, uint8_t *out, size_t size)
{
	struct fake_packet *p;

	while ((p = take_xfer(g->ch[0]))) {
		uint32_t len = fp32(p, 24), off = fp32(p, 28);
		const uint8_t *msg = g->recv->data + off;
		uint64_t id;

		memcpy(&id, p->b + 8, 8);
		free(p);
		if (len > size)
			len = (uint32_t)size;
		memcpy(out, msg, len);
		guest_complete(g, 0, id, NVSP_STAT_SUCCESS);
		if ((out[3] & 0x80) && !memcmp(out + 8, &request, 4))
			return len;
	}
	return 0;
}

size_t guest_rndis(struct guest *g, const void *msg, size_t len, uint8_t *out, size_t size)
{
	struct guest_range r = { CONTROL_PAGE, (uint32_t)len };
	uint64_t id = g->next_id++;
	uint32_t request;

	memcpy(g->bus->ram + CONTROL_PAGE, msg, len);
	memcpy(&request, (const uint8_t *)msg + 8, 4);
	guest_gpa(g, 0, NVSP_RNDIS_CHANNEL_CONTROL, NVSP_SECTION_NONE, 0, &r, 1, id);
	if (guest_status(g, 0, id) != NVSP_STAT_SUCCESS)
		return 0;
	return take_control(g, request, out, size);
}

static size_t oid_request(struct guest *g, uint32_t type, uint32_t oid, const void *info,
			  size_t len, uint8_t *out, size_t size)
{
	uint8_t msg[28 + 4096];
	uint32_t h[7] = { type, (uint32_t)(28 + len), ++g->next_request, oid, (uint32_t)len,
			  20, 0 };

	memcpy(msg, h, 28);
	if (len)
		memcpy(msg + 28, info, len);
	return guest_rndis(g, msg, 28 + len, out, size);
}

uint32_t guest_set(struct guest *g, uint32_t oid, const void *info, size_t len)
{
	uint8_t out[64];
	uint32_t status;

	if (oid_request(g, RNDIS_MSG_SET, oid, info, len, out, sizeof(out)) < 16)
		return 0xFFFFFFFF;
	memcpy(&status, out + 12, 4);
	return status;
}

uint32_t guest_query(struct guest *g, uint32_t oid, const void *info, size_t in_len,
		     uint8_t *out, size_t *len)
{
	uint8_t buf[2048];
	uint32_t status, n, off;

	*len = 0;
	if (oid_request(g, RNDIS_MSG_QUERY, oid, info, in_len, buf, sizeof(buf)) < 24)
		return 0xFFFFFFFF;
	memcpy(&status, buf + 12, 4);
	memcpy(&n, buf + 16, 4);
	memcpy(&off, buf + 20, 4);
	if (n <= 1024 && off == 16) {
		memcpy(out, buf + 24, n);
		*len = n;
	}
	return status;
}

static bool share_buffers(struct guest *g)
{
	struct nvsp_message m = { 0 };
	struct fake_packet *p;
	bool good;

	m.send_recv_buf.type = htole32(NVSP_MSG_SEND_RECV_BUF);
	m.send_recv_buf.gpadl = htole32(GUEST_RECV_GPADL);
	m.send_recv_buf.id = htole16(NVSP_RECV_BUF_ID);
	p = guest_ask(g, &m);
	good = p && fp32(p, 20) == NVSP_STAT_SUCCESS;
	free(p);
	memset(&m, 0, sizeof(m));
	m.send_send_buf.type = htole32(NVSP_MSG_SEND_SEND_BUF);
	m.send_send_buf.gpadl = htole32(GUEST_SEND_GPADL);
	p = guest_ask(g, &m);
	good = good && p && fp32(p, 20) == NVSP_STAT_SUCCESS;
	free(p);
	return good;
}

static bool negotiate(struct guest *g, uint32_t version)
{
	struct nvsp_message m = { 0 };
	struct fake_packet *p;
	bool good;

	m.init.type = htole32(NVSP_MSG_INIT);
	m.init.min_version = htole32(version);
	m.init.max_version = htole32(version);
	p = guest_ask(g, &m);
	good = p && fp32(p, 28) == NVSP_STAT_SUCCESS;
	free(p);
	if (!good)
		return false;
	g->version = version;
	memset(&m, 0, sizeof(m));
	m.ndis_config.type = htole32(NVSP_MSG_SEND_NDIS_CONFIG);
	m.ndis_config.frame_size = htole32(1514);
	m.ndis_config.capabilities = htole64(version >= NVSP_VERSION_61 ? 0xac :
					     version >= NVSP_VERSION_5 ? 0x2c : 0x08);
	if (version >= NVSP_VERSION_2)
		guest_tell(g, &m);
	memset(&m, 0, sizeof(m));
	m.ndis_version.type = htole32(NVSP_MSG_SEND_NDIS_VERSION);
	m.ndis_version.major = htole32(6);
	m.ndis_version.minor = htole32(version >= NVSP_VERSION_5 ? 30 : 1);
	guest_tell(g, &m);
	return true;
}

bool guest_share(struct guest *g, uint32_t version)
{
	return negotiate(g, version) && share_buffers(g);
}

bool guest_bring_up(struct guest *g, uint32_t version)
{
	uint32_t init[6] = { RNDIS_MSG_INITIALIZE, 24, ++g->next_request, 1, 0, 0x4000 };
	uint8_t params[28] = { 0x80, 3, 28, 0, 1, 4, 4, 4, 4, 0, 0, 2, 2 };
	uint32_t filter = htole32(0x0d);
	uint8_t out[64];

	if (!guest_share(g, version))
		return false;
	if (guest_rndis(g, init, sizeof(init), out, sizeof(out)) != 52)
		return false;
	if (version < NVSP_VERSION_5) {
		params[2] = 22;
		params[6] = 0;
		params[8] = 0;
	}
	return !guest_set(g, OID_TCP_OFFLOAD_PARAMETERS, params, params[2]) &&
	       !guest_set(g, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4);
}

bool guest_up(struct guest *g, const char *words)
{
	return guest_new(g, 4, words) && guest_bring_up(g, NVSP_VERSION_61);
}

void guest_down(struct guest *g)
{
	uint32_t halt[3] = { RNDIS_MSG_HALT, 12, ++g->next_request }, filter = 0;
	struct nvsp_message m = { 0 };
	uint8_t out[64];

	guest_set(g, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4);
	guest_discard(g, 0);
	guest_rndis(g, halt, sizeof(halt), out, sizeof(out));
	m.revoke_buf.type = htole32(NVSP_MSG_REVOKE_RECV_BUF);
	m.revoke_buf.id = htole16(NVSP_RECV_BUF_ID);
	guest_tell(g, &m);
	m.revoke_buf.type = htole32(NVSP_MSG_REVOKE_SEND_BUF);
	m.revoke_buf.id = 0;
	guest_tell(g, &m);
	fake_close(g->ch[0]);
	fake_run(0);
}

size_t guest_wrap(uint8_t *out, const void *frame, size_t len)
{
	uint32_t h[11] = { RNDIS_MSG_PACKET, (uint32_t)(44 + len), 36, (uint32_t)len, 0, 0, 0,
			   36, 0, 0, 0 };

	memcpy(out, h, 44);
	memcpy(out + 44, frame, len);
	return 44 + len;
}

size_t guest_receive(struct guest *g, unsigned int q, uint8_t *frame, size_t size)
{
	struct fake_packet *p = take_xfer(g->ch[q]);
	uint32_t off, at, len;
	uint64_t id;

	if (!p)
		return 0;
	off = fp32(p, 28);
	memcpy(&at, g->recv->data + off + 8, 4);
	memcpy(&len, g->recv->data + off + 12, 4);
	if (len > size)
		len = (uint32_t)size;
	memcpy(frame, g->recv->data + off + 8 + at, len);
	memcpy(&id, p->b + 8, 8);
	free(p);
	guest_complete(g, q, id, NVSP_STAT_SUCCESS);
	return len;
}

unsigned int guest_discard(struct guest *g, unsigned int q)
{
	struct fake_packet *p;
	unsigned int n = 0;

	while ((p = fake_get(g->ch[q]))) {
		uint64_t id;

		memcpy(&id, p->b + 8, 8);
		if (fp16(p, 0) == VMBUS_PKT_XFER_PAGES) {
			guest_complete(g, q, id, NVSP_STAT_SUCCESS);
			n++;
		}
		free(p);
	}
	return n;
}
