// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/backend/switch.c tests/host/backend/pcap.c tests/host/backend/packet.c LIBS: -ljansson */
/* CFLAGS: -Itests/host */
/*
 * DOC: the switch bare: learning, flooding, tags, captures.
 */
#include "unit.h"
#include <limits.h>
#include <unistd.h>
#include "backend/packet.h"
#include "backend/switch.h"

struct end {
	struct switch_port *port;
	unsigned int frames, flushes, room;
	size_t last_len;
	uint16_t last_tci;
	bool last_tagged;
};

static void deliver(void *priv, const struct switch_frame *f)
{
	struct end *e = priv;

	e->frames++;
	e->last_len = f->len;
	e->last_tci = f->tci;
	e->last_tagged = f->tagged;
}

static void flush(void *priv)
{
	((struct end *)priv)->flushes++;
}

static unsigned int room(void *priv)
{
	return ((struct end *)priv)->room;
}

static const struct switch_port_ops ops = { deliver, flush, room };
static struct end a, b, c;

static void three(void)
{
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	memset(&c, 0, sizeof(c));
	a.port = switch_port_add("a", &ops, &a);
	b.port = switch_port_add("b", &ops, &b);
	c.port = switch_port_add("c", &ops, &c);
}

static void none(void)
{
	switch_port_del(a.port);
	switch_port_del(b.port);
	switch_port_del(c.port);
}

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 0xa }, mac_b[6] = { 2, 0, 0, 0, 0, 0xb };
static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static void send(struct end *from, const uint8_t *dst, const uint8_t *src)
{
	uint8_t f[60] = { 0 };
	struct switch_frame frame = { .data = f, .len = sizeof(f) };

	memcpy(f, dst, 6);
	memcpy(f + 6, src, 6);
	switch_input(from->port, &frame);
}

UNIT_TEST(unknown_is_flooded_known_is_not)
{
	three();
	send(&a, mac_b, mac_a);
	EXPECT_EQ(a.frames, 0);
	EXPECT_EQ(b.frames, 1);
	EXPECT_EQ(c.frames, 1);
	EXPECT_STREQ(switch_learned(mac_a), "a");
	send(&b, mac_a, mac_b);
	EXPECT_EQ(a.frames, 1);
	EXPECT_EQ(c.frames, 1);
	send(&a, mac_b, mac_a);
	EXPECT_EQ(b.frames, 2);
	EXPECT_EQ(c.frames, 1);
	EXPECT_EQ(switch_port_stats(a.port)->flooded, 1);
	none();
}

UNIT_TEST(broadcast_and_multicast_go_everywhere_but_back)
{
	static const uint8_t multi[6] = { 1, 0, 0x5e, 0, 0, 1 };

	three();
	send(&a, all, mac_a);
	send(&a, multi, mac_a);
	EXPECT_EQ(a.frames, 0);
	EXPECT_EQ(b.frames, 2);
	EXPECT_EQ(c.frames, 2);
	send(&b, all, multi);	/* a group address is never a source */
	EXPECT_NULL(switch_learned(multi));
	none();
}

UNIT_TEST(addresses_move_and_leave_with_their_port)
{
	three();
	send(&a, all, mac_a);
	send(&c, all, mac_a);
	EXPECT_STREQ(switch_learned(mac_a), "c");
	send(&c, mac_a, mac_b);		/* to itself: nobody */
	EXPECT_EQ(switch_port_stats(c.port)->discarded, 1);
	switch_port_del(c.port);
	c.port = NULL;
	EXPECT_NULL(switch_learned(mac_a));
	switch_port_del(a.port);
	switch_port_del(b.port);
}

UNIT_TEST(own_addresses_are_known_at_once)
{
	uint8_t mac[6];

	three();
	switch_port_own(b.port, mac_b);
	send(&a, mac_b, mac_a);
	EXPECT_EQ(b.frames, 1);
	EXPECT_EQ(c.frames, 0);
	b.room = 7;
	EXPECT_EQ(switch_room(mac_b), 7);
	EXPECT_EQ(switch_room(all), UINT_MAX);
	EXPECT_TRUE(switch_port_mac("b", mac));
	EXPECT_MEMEQ(mac, mac_b, 6);
	EXPECT_FALSE(switch_port_mac("c", mac));
	switch_port_own(b.port, mac_a);
	EXPECT_NULL(switch_learned(mac_b));
	none();
}

UNIT_TEST(flush_comes_once_to_those_that_got_something)
{
	three();
	switch_port_own(b.port, mac_b);
	send(&a, mac_b, mac_a);
	send(&a, mac_b, mac_a);
	switch_flush();
	switch_flush();
	EXPECT_EQ(b.flushes, 1);
	EXPECT_EQ(a.flushes, 0);
	EXPECT_EQ(c.flushes, 0);
	none();
}

UNIT_TEST(table_survives_more_addresses_than_it_holds)
{
	uint8_t src[6] = { 2, 9 };
	unsigned int i;

	three();
	for (i = 0; i < 5000; i++) {
		src[4] = (uint8_t)(i >> 8);
		src[5] = (uint8_t)i;
		send(&a, all, src);
		EXPECT_STREQ(switch_learned(src), "a");
	}
	none();
}

UNIT_TEST(ports_have_a_limit)
{
	struct switch_port *p[SWITCH_MAX_PORTS + 1];
	unsigned int i;

	for (i = 0; i < SWITCH_MAX_PORTS; i++) {
		p[i] = switch_port_add("x", &ops, &a);
		EXPECT_NOT_NULL(p[i]);
	}
	EXPECT_NULL(switch_port_add("x", &ops, &a));
	for (i = 0; i < SWITCH_MAX_PORTS; i++)
		switch_port_del(p[i]);
}

UNIT_TEST(runts_are_not_switched)
{
	uint8_t f[14] = { 0xff };
	struct switch_frame frame = { .data = f, .len = 13 };

	three();
	switch_input(a.port, &frame);
	EXPECT_EQ(b.frames, 0);
	EXPECT_EQ(switch_port_stats(a.port)->in_frames, 0);
	none();
}

UNIT_TEST(inline_tags_are_split_off)
{
	uint8_t f[64], buf[64];
	struct switch_frame out;
	unsigned int i;

	for (i = 0; i < sizeof(f); i++)
		f[i] = (uint8_t)i;
	switch_untag(f, sizeof(f), buf, &out);
	EXPECT_FALSE(out.tagged);
	EXPECT_MEMEQ(buf, f, 64);
	put_be16(f + 12, ETH_TYPE_VLAN);
	put_be16(f + 14, 0xA064);
	switch_untag(f, sizeof(f), buf, &out);
	EXPECT_TRUE(out.tagged);
	EXPECT_EQ(out.tci, 0xA064);
	EXPECT_EQ(out.len, 60);
	EXPECT_EQ(buf[12], 16);
	switch_untag(f, 17, buf, &out);	/* too short for a tag */
	EXPECT_FALSE(out.tagged);
	EXPECT_EQ(out.len, 17);
}

UNIT_TEST(captures_hold_whole_frames_with_their_tags)
{
	char dir[] = "/tmp/hvhost-pcap-XXXXXX", path[80];
	uint8_t f[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 0, 1, 2 };
	struct switch_frame frame = { .data = f, .len = 60, .tagged = true, .tci = 0xA064 };
	uint32_t head[6], rec[4];
	uint8_t got[70];
	FILE *file;

	ASSERT_NOT_NULL(mkdtemp(dir));
	three();
	EXPECT_EQ(switch_pcap_start(dir, "b"), 1);
	EXPECT_LT(switch_pcap_start(dir, "nobody"), 0);
	switch_input(a.port, &frame);
	EXPECT_EQ(switch_pcap_stop(NULL), 1);
	snprintf(path, sizeof(path), "%s/b.pcap", dir);
	file = fopen(path, "rb");
	ASSERT_NOT_NULL(file);
	EXPECT_EQ(fread(head, 4, 6, file), 6);
	EXPECT_EQ(head[0], 0xa1b23c4d);
	EXPECT_EQ(fread(rec, 4, 4, file), 4);
	EXPECT_EQ(rec[2], 64);
	EXPECT_EQ(rec[3], 64);
	EXPECT_EQ(fread(got, 1, 70, file), 64);
	EXPECT_EQ(get_be16(got + 12), ETH_TYPE_VLAN);
	EXPECT_EQ(get_be16(got + 14), 0xA064);
	EXPECT_EQ(got[18], 1);
	fclose(file);
	unlink(path);
	/* A capture of all ports takes in those that come later. */
	EXPECT_EQ(switch_pcap_start(dir, NULL), 3);
	switch_port_del(c.port);
	c.port = switch_port_add("late", &ops, &c);
	switch_input(a.port, &frame);
	EXPECT_EQ(switch_pcap_stop(NULL), 3);
	snprintf(path, sizeof(path), "rm -r %s", dir);
	EXPECT_EQ(system(path), 0);
	none();
}

UNIT_TEST(report_names_the_ports)
{
	json_t *o;

	three();
	send(&a, all, mac_a);
	o = switch_report();
	EXPECT_EQ(json_array_size(json_object_get(o, "ports")), 3);
	EXPECT_EQ(json_integer_value(json_object_get(o, "learned")), 1);
	json_decref(o);
	none();
}

UNIT_MAIN()
