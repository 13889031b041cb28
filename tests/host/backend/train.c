// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: train - each train is segs= segments of one flow with consecutive sequence
 * numbers, the last one marked, so that a coalescing NIC makes exactly one aggregate
 * of it (or none, when its guest did not ask). Sequence numbers go on from train to
 * train; flows= takes turns with the source port. Byte p of the stream is p % 251.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "../base/arg.h"
#include "../base/ctl.h"
#include "../base/loop.h"
#include "gen.h"
#include "packet.h"
#include "train.h"

#define SEGS_MAX	562
#define FLOWS_MAX	64
#define FRAME_MAX	9216
#define ROUND_TRAINS	64
#define ROUND_FRAMES	256
#define STUCK_MS	10000
#define TCP_TS_BYTES	12

struct train {
	struct train *next;
	struct ctl_call *call;
	struct loop_timer *timer;
	uint8_t head[FRAME_MAX];	/* Ethernet, IP and TCP of the next segment */
	size_t head_len;
	struct pkt_info info;
	bool ip6, tagged;
	uint16_t tci, sport;
	unsigned int segs, mss, flows, burst;
	uint32_t seq[FLOWS_MAX];
	uint64_t count, sent;		/* trains */
	uint64_t moved_ms;
};

static struct {
	struct switch_port *port;
	struct train *first;
} trains;

static void train_end(struct train *t, const char *why)
{
	struct train **at = &trains.first;

	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	loop_del_timer(t->timer);
	if (why)
		ctl_error(t->call, "%s after %llu of %llu trains", why,
			  (unsigned long long)t->sent, (unsigned long long)t->count);
	else
		ctl_ok(t->call, json_pack("{s:I,s:I,s:I}", "sent", (json_int_t)t->sent,
					  "frames", (json_int_t)(t->sent * t->segs),
					  "bytes", (json_int_t)(t->sent * t->segs *
								(t->head_len + t->mss))));
	free(t);
}

static void send_segment(struct train *t, uint32_t *seq, bool last)
{
	uint8_t *b = t->head;
	struct switch_frame f = { .data = b, .len = t->head_len + t->mss, .tci = t->tci,
				  .tagged = t->tagged, .l4_good = true, .last = last };
	unsigned int i, at = *seq % 251;

	put_be32(b + t->info.l4_off + 4, *seq);
	for (i = 0; i < t->mss; i++) {
		b[t->head_len + i] = (uint8_t)at;
		at = at == 250 ? 0 : at + 1;
	}
	pkt_fill_l4_csum(b, &t->info);
	*seq += t->mss;
	switch_input(trains.port, &f);
}

static void send_train(struct train *t)
{
	unsigned int i, flow = (unsigned int)(t->sent % t->flows);

	put_be16(t->head + t->info.l4_off, (uint16_t)(t->sport + flow));
	for (i = 0; i < t->segs; i++)
		send_segment(t, &t->seq[flow], i + 1 == t->segs);
	t->sent++;
}

static void train_run(void *priv)
{
	struct train *t = priv;
	unsigned int n = 0;

	t->timer = NULL;
	while (t->sent < t->count && n < ROUND_TRAINS && n * t->segs < ROUND_FRAMES &&
	       switch_room(t->head) >= t->segs) {
		send_train(t);
		if (++n % t->burst == 0)
			switch_flush();
	}
	switch_flush();
	if (n)
		t->moved_ms = loop_now_ms();
	if (t->sent == t->count)
		train_end(t, NULL);
	else if (loop_now_ms() - t->moved_ms > STUCK_MS)
		train_end(t, "the receiver makes no room");
	else
		t->timer = loop_add_timer(n ? 0 : 1, train_run, t);
}

/* ---- the verb ---- */

static bool number(const json_t *args, const char *key, int64_t def, int64_t min,
		   int64_t max, unsigned int *out)
{
	int64_t v = def;

	if (json_object_get(args, key) && !arg_int(args, key, &v))
		return false;
	*out = (unsigned int)v;
	return v >= min && v <= max;
}

static bool address(const json_t *args, const char *key, bool ip6, const char *def,
		    uint8_t *out)
{
	const char *s = arg_str(args, key);

	return inet_pton(ip6 ? AF_INET6 : AF_INET, s ? s : def, out) == 1;
}

static bool ip_header(const json_t *args, struct train *t, unsigned int tcp)
{
	uint8_t *ip = t->head + ETH_HEADER_BYTES;
	unsigned int bytes = tcp + t->mss;

	if (t->ip6) {
		put_be16(t->head + 12, ETH_TYPE_IPV6);
		ip[0] = 0x60;
		put_be16(ip + 4, (uint16_t)bytes);
		ip[6] = IP_PROTO_TCP;
		ip[7] = 64;
		return address(args, "src_ip", true, "2001:db8::1", ip + 8) &&
		       address(args, "dst_ip", true, "2001:db8:1::2", ip + 24);
	}
	put_be16(t->head + 12, ETH_TYPE_IPV4);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(IPV4_HEADER_BYTES + bytes));
	ip[6] = 0x40;
	ip[8] = 64;
	ip[9] = IP_PROTO_TCP;
	return address(args, "src_ip", false, "192.0.2.1", ip + 12) &&
	       address(args, "dst_ip", false, "198.51.100.2", ip + 16);
}

static bool headers(const json_t *args, struct train *t, unsigned int dport, bool ts)
{
	unsigned int l4 = ETH_HEADER_BYTES + (t->ip6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
	unsigned int tcp = TCP_HEADER_BYTES + (ts ? TCP_TS_BYTES : 0);
	uint8_t *p = t->head + l4;

	t->head_len = l4 + tcp;
	if (t->head_len + t->mss > FRAME_MAX || !ip_header(args, t, tcp))
		return false;
	put_be16(p, t->sport);
	put_be16(p + 2, (uint16_t)dport);
	put_be32(p + 8, 1);
	p[12] = (uint8_t)(tcp / 4 << 4);
	p[13] = 0x10;
	put_be16(p + 14, 0x2000);
	if (ts) {
		memcpy(p + 20, "\x01\x01\x08\x0a", 4);
		put_be32(p + 24, 1000);
		put_be32(p + 28, 2000);
	}
	pkt_parse(t->head, t->head_len + t->mss, &t->info);
	if (!t->ip6)
		pkt_fill_ip4_csum(t->head, &t->info);
	return t->info.l4_off == l4;
}

static const char *parse_macs(const json_t *args, struct train *t)
{
	static const uint8_t own[6] = GEN_MAC_BYTES;
	const char *dst = arg_str(args, "dst");
	char name[16];
	int64_t nic = 0;

	memcpy(t->head + 6, own, 6);
	if (arg_str(args, "src") && !arg_mac(arg_str(args, "src"), t->head + 6))
		return "src=: an address wanted";
	if (!dst) {
		arg_int(args, "nic", &nic);
		snprintf(name, sizeof(name), "nic%d", (int)nic);
		dst = name;
	}
	return arg_mac(dst, t->head) || switch_port_mac(dst, t->head) ? NULL :
	       "nic=N, or dst= an address or a port like nic0, wanted";
}

static const char *parse(const json_t *args, struct train *t)
{
	unsigned int v = 0, count, dport, ts;
	const char *err = parse_macs(args, t);

	if (err)
		return err;
	if (!number(args, "segs", 45, 1, SEGS_MAX, &t->segs))
		return "segs=: 1..562 wanted";
	if (!number(args, "ip6", 0, 0, 1, &v) || !number(args, "ts", 1, 0, 1, &ts))
		return "ip6=, ts=: 0 or 1 wanted";
	t->ip6 = v;
	if (!number(args, "mss", t->ip6 ? 1428 : 1448, 1, FRAME_MAX, &t->mss))
		return "mss=: 1 or more wanted";
	if (!number(args, "count", 1, 1, INT32_MAX, &count))
		return "count=: 1 or more wanted";
	if (!number(args, "flows", 1, 1, FLOWS_MAX, &t->flows))
		return "flows=: 1..64 wanted";
	if (!number(args, "burst", 1, 1, ROUND_TRAINS, &t->burst))
		return "burst=: 1..64 wanted";
	if (!number(args, "sport", 40000, 1, 65535 - FLOWS_MAX, &v) ||
	    !number(args, "dport", 5001, 1, 65535, &dport))
		return "sport=, dport=: ports wanted";
	t->sport = (uint16_t)v;
	t->tagged = json_object_get(args, "tci");
	if (!number(args, "tci", 0, 0, 65535, &v))
		return "tci=: 0..65535 wanted";
	t->tci = (uint16_t)v;
	t->count = count;
	if (!headers(args, t, dport, ts))
		return "src_ip=, dst_ip=: addresses of the family wanted, and a frame up to 9216 bytes";
	return NULL;
}

static void verb_tcp(void *priv, struct ctl_call *call, const json_t *args)
{
	struct train *t = calloc(1, sizeof(*t));
	const char *err = t ? parse(args, t) : "no memory";
	unsigned int i;

	(void)priv;
	if (err) {
		ctl_error(call, "%s", err);
		free(t);
		return;
	}
	for (i = 0; i < t->flows; i++)
		t->seq[i] = 1;
	t->call = call;
	t->moved_ms = loop_now_ms();
	t->next = trains.first;
	trains.first = t;
	t->timer = loop_add_timer(0, train_run, t);
}

void train_setup(struct switch_port *port)
{
	trains.port = port;
	ctl_register("gen.tcp", "nic=N|dst=MAC [segs=45] [mss=1448] [count=1] [flows=1] [burst=1] [ip6=1] [ts=0] [tci=N] [src_ip=] [dst_ip=] [sport=] [dport=]: trains of TCP segments",
		     verb_tcp, NULL);
}

void train_teardown(void)
{
	while (trains.first)
		train_end(trains.first, "the host ends");
	trains.port = NULL;
}
