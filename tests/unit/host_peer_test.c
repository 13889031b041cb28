// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/base/ctl.c tests/host/base/log.c tests/host/base/arg.c tests/host/base/loop.c tests/host/backend/switch.c tests/host/backend/pcap.c tests/host/backend/packet.c tests/host/backend/peer.c tests/host/backend/peer_child.c tests/host/backend/tap.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base */
/*
 * DOC: the peer for real: namespace, TAP, commands. Skipped where this machine has
 * no namespaces or no TUN; then the verb must say why.
 */
#include "unit.h"
#include <pthread.h>
#include "backend/packet.h"
#include "backend/peer.h"
#include "backend/switch.h"
#include "base/ctl.h"
#include "base/loop.h"
#include "base/loop_run.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char out[65536];
static json_t *last;
static bool waiting;		/* in the loop; a stop before it would end the next one */
static unsigned int frames;
static uint8_t first[2048];
static size_t first_len;

static void deliver(void *priv, const struct switch_frame *f)
{
	if (!frames++ && f->len <= sizeof(first)) {
		memcpy(first, f->data, f->len);
		first_len = f->len;
	}
}

static const struct switch_port_ops ops = { .deliver = deliver };

static void late(void *priv)
{
	loop_stop();
}

static void line(void *priv, const char *text, size_t len)
{
	json_t *o = json_loadb(text, len, 0, NULL);
	const char *data = json_string_value(json_object_get(o, "data"));

	if (data) {
		strncat(out, data, sizeof(out) - strlen(out) - 1);
		json_decref(o);
		return;
	}
	json_decref(last);
	last = o;
	if (waiting)
		loop_stop();
}

/* One verb, until its answer or five seconds. */
static json_t *verb(const char *text)
{
	struct loop_timer *t;

	json_decref(last);
	last = NULL;
	out[0] = 0;
	pthread_mutex_lock(&lock);
	ctl_line(text, strlen(text), line, NULL);
	t = last ? NULL : loop_add_timer(5000, late, NULL);
	pthread_mutex_unlock(&lock);
	if (!last) {
		waiting = true;
		loop_run();
		waiting = false;
		pthread_mutex_lock(&lock);
		if (last)
			loop_del_timer(t);
		pthread_mutex_unlock(&lock);
	}
	return json_object_get(last, "result");
}

static int64_t get(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static bool up(void)
{
	static bool tried, good;
	static struct switch_port *port;

	if (tried)
		return good;
	tried = true;
	if (loop_init(&lock))
		return false;
	port = switch_port_add("test", &ops, NULL);
	peer_setup(true, "192.168.77.1/24", "fd77::1/64", 1500);
	good = port && json_is_true(json_object_get(verb("{\"cmd\":\"peer.list\"}"), "present"));
	if (!good)
		printf("# no peer: %s\n",
		       json_string_value(json_object_get(json_object_get(last, "result"), "why")));
	return good;
}

UNIT_TEST(command_output_and_status_come_back)
{
	if (!up())
		UNIT_SKIP("no namespace or no TUN here");
	EXPECT_EQ(get(verb("{\"cmd\":\"peer\",\"argv\":[\"sh\",\"-c\",\"echo one; echo two >&2; exit 7\"]}"),
		      "status"), 7);
	EXPECT_TRUE(strstr(out, "one\n") != NULL);
	EXPECT_TRUE(strstr(out, "two\n") != NULL);
	EXPECT_EQ(get(verb("{\"cmd\":\"peer\",\"argv\":[\"no-such-program\"]}"), "status"), 127);
	EXPECT_EQ(get(verb("{\"cmd\":\"peer\",\"argv\":[\"sh\",\"-c\",\"kill -9 $$\"]}"), "status"), 137);
}

UNIT_TEST(it_is_a_world_of_its_own)
{
	if (!up())
		UNIT_SKIP("no namespace or no TUN here");
	verb("{\"cmd\":\"peer\",\"argv\":[\"cat\",\"/proc/net/dev\"]}");
	EXPECT_TRUE(strstr(out, "peer0:") != NULL);
	EXPECT_TRUE(strstr(out, "eth0:") == NULL);
	verb("{\"cmd\":\"peer\",\"argv\":[\"sh\",\"-c\",\"ls -l /proc/self/fd | grep -c socket; true\"]}");
	EXPECT_STREQ(out, "0\n");	/* nothing of the host's descriptors */
}

UNIT_TEST(frames_pass_through_the_tap)
{
	if (!up())
		UNIT_SKIP("no namespace or no TUN here");
	frames = 0;
	verb("{\"cmd\":\"peer\",\"argv\":[\"sh\",\"-c\",\"exec 3<>/dev/udp/192.168.77.2/9; true\"]}");
	verb("{\"cmd\":\"peer\",\"argv\":[\"python3\",\"-c\",\"import socket;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.sendto(b'x',('192.168.77.2',9))\"]}");
	verb("{\"cmd\":\"peer\",\"argv\":[\"sleep\",\"0.2\"]}");
	EXPECT_GT(frames, 0);
	EXPECT_GE(first_len, 42);
	EXPECT_EQ(first[6], 0x02);	/* from peer0's address */
	EXPECT_EQ(first[7], 0x68);
}

UNIT_TEST(background_commands_are_killed_and_waited_for)
{
	char text[128];
	int64_t pid;

	if (!up())
		UNIT_SKIP("no namespace or no TUN here");
	pid = get(verb("{\"cmd\":\"peer\",\"bg\":1,\"argv\":[\"sh\",\"-c\",\"echo started; sleep 100\"]}"), "pid");
	EXPECT_GT(pid, 0);
	verb("{\"cmd\":\"peer\",\"argv\":[\"sleep\",\"0.3\"]}");
	snprintf(text, sizeof(text), "{\"cmd\":\"peer.kill\",\"pid\":%d}", (int)pid);
	verb(text);
	snprintf(text, sizeof(text), "{\"cmd\":\"peer.wait\",\"pid\":\"%d\"}", (int)pid);
	verb(text);
	EXPECT_EQ(get(json_object_get(last, "result"), "status"), 143);
	EXPECT_STREQ(json_string_value(json_object_get(json_object_get(last, "result"), "output")),
		     "started\n");
	verb("{\"cmd\":\"peer.kill\",\"pid\":99999}");
	EXPECT_FALSE(json_is_true(json_object_get(last, "ok")));
}

UNIT_TEST(addresses_can_be_added)
{
	if (!up())
		UNIT_SKIP("no namespace or no TUN here");
	verb("{\"cmd\":\"peer.ip\",\"addr\":\"fd78::1/64\"}");
	EXPECT_TRUE(json_is_true(json_object_get(last, "ok")));
	verb("{\"cmd\":\"peer\",\"argv\":[\"cat\",\"/proc/net/if_inet6\"]}");
	EXPECT_TRUE(strstr(out, "fd780000") != NULL);
	EXPECT_TRUE(strstr(out, "fd770000") != NULL);
	verb("{\"cmd\":\"peer.ip\",\"addr\":\"nonsense\"}");
	EXPECT_FALSE(json_is_true(json_object_get(last, "ok")));
}

UNIT_TEST(nothing_is_left_behind)
{
	if (!up())
		UNIT_SKIP("no namespace or no TUN here");
	verb("{\"cmd\":\"peer\",\"bg\":1,\"argv\":[\"sleep\",\"4242\"]}");
	peer_teardown();
	EXPECT_EQ(system("! pgrep -f 'sleep [4]242' >/dev/null"), 0);
}

UNIT_MAIN()
