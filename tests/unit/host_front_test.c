// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/opts.c tests/host/control.c tests/host/base/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests/host/vm -Itests/host/vmbus -Itests/host/netvsp */
/*
 * DOC: the command line, and the control socket with clients of all manners.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bus.h"
#include "control.h"
#include "loop.h"
#include "loop_run.h"
#include "opts.h"
#include "unit.h"

/* ---- command line ---- */

static char err[512];

int netvsp_check(const struct netvsp_config *cfg, char *text, size_t len)
{
	if (cfg->host_cnt && !strcmp(cfg->host[0], "bad=1")) {
		snprintf(text, len, "no such key: bad");
		return -EINVAL;
	}
	return 0;
}

bool vmbus_version_known(uint32_t version)
{
	return version == VMBUS_VERSION(5, 3) || version == VMBUS_VERSION(2, 4);
}

static int parse(struct opts *o, ...)
{
	char *argv[40] = { "hvhost" };
	va_list ap;
	int argc = 1;

	va_start(ap, o);
	while ((argv[argc] = va_arg(ap, char *)))
		argc++;
	va_end(ap);
	memset(o, 0, sizeof(*o));
	*err = 0;
	optind = 0;
	return opts_parse(o, argc, argv, err, sizeof(err));
}

UNIT_TEST(defaults_are_a_small_guest_without_nics)
{
	struct opts o;

	EXPECT_EQ(parse(&o, "--kernel", "k", NULL), 0);
	EXPECT_STREQ(o.kernel, "k");
	EXPECT_EQ(o.cpus, 1);
	EXPECT_EQ(o.mem_mb, 512);
	EXPECT_EQ(o.net.nics, 0);
	EXPECT_EQ(o.vmbus_version, VMBUS_VERSION(5, 3));
	EXPECT_TRUE(o.eventfds);
	EXPECT_FALSE(o.stimer);
	EXPECT_EQ(o.reboots, 0);
}

UNIT_TEST(everything_can_be_said)
{
	struct opts o;

	EXPECT_EQ(parse(&o, "--kernel", "k", "--initrd", "i", "--cmdline", "c", "--cpus", "8", "--mem",
			"1024", "--pmem", "p", "--pmem", "q", "--console", "-", "--stdio", "--control",
			"s", "--nics", "2", "--timeout", "9", "--report", "r", NULL), 0);
	EXPECT_EQ(o.cpus, 8);
	EXPECT_EQ(o.net.cpus, 8);
	EXPECT_EQ(o.pmem_cnt, 2);
	EXPECT_STREQ(o.pmem[1], "q");
	EXPECT_TRUE(o.use_stdio);
	EXPECT_EQ(o.timeout, 9);
}

UNIT_TEST(keys_of_the_machine_are_taken_out_of_the_others)
{
	struct opts o = { 0 };

	EXPECT_EQ(parse(&o, "--kernel", "k", "--host", "mtu=9000,vmbus=2.4,link=down,doorbell=exit",
			"--host", "stimer=on", "--host", "reboot=3,queues=2", NULL), 0);
	EXPECT_EQ(o.vmbus_version, VMBUS_VERSION(2, 4));
	EXPECT_FALSE(o.eventfds);
	EXPECT_TRUE(o.stimer);
	EXPECT_EQ(o.reboots, 3);
	EXPECT_EQ(o.net.host_cnt, 2);
	EXPECT_STREQ(o.net.host[0], "mtu=9000,link=down");
	EXPECT_STREQ(o.net.host[1], "queues=2");
	opts_free(&o);
}

UNIT_TEST(bad_words_are_refused_with_a_sentence)
{
	struct opts o;

#define REFUSED(what, ...) do { \
		EXPECT_EQ(parse(&o, ##__VA_ARGS__, NULL), -EINVAL); \
		if (!strstr(err, what)) \
			UNIT_FAIL("'%s' says nothing of '%s'", err, what); \
		opts_free(&o); \
	} while (0)
	REFUSED("--kernel is missing");
	REFUSED("--nonsense", "--nonsense");
	REFUSED("--kernel", "--kernel");
	REFUSED("'word' is no option", "--kernel", "k", "word");
	REFUSED("from 1 to 8", "--kernel", "k", "--cpus", "0");
	REFUSED("from 1 to 8", "--kernel", "k", "--cpus", "9");
	REFUSED("from 1 to 8", "--kernel", "k", "--cpus", "two");
	REFUSED("from 1 to 8", "--kernel", "k", "--cpus", "-1");
	REFUSED("from 128", "--kernel", "k", "--mem", "64");
	REFUSED("from 0 to 8", "--kernel", "k", "--nics", "");
	REFUSED("want 2.4, 3.0", "--kernel", "k", "--host", "vmbus=5.9");
	REFUSED("want 2.4, 3.0", "--kernel", "k", "--host", "vmbus=5.3x");
	REFUSED("want 2.4, 3.0", "--kernel", "k", "--host", "vmbus");
	REFUSED("want eventfd or exit", "--kernel", "k", "--host", "doorbell=no");
	REFUSED("want on or off", "--kernel", "k", "--host", "stimer=1");
	REFUSED("host reboot", "--kernel", "k", "--host", "reboot=x");
	REFUSED("no such key", "--kernel", "k", "--host", "bad=1");
	REFUSED("more than 4", "--pmem", "1", "--pmem", "2", "--pmem", "3", "--pmem", "4", "--pmem", "5");
}

/* ---- control socket ---- */

static char path[64];
static struct ctl_call *kept;

static void verb_big(void *priv, struct ctl_call *call, const json_t *args)
{
	int n = (int)json_integer_value(json_object_get(args, "bytes"));
	char *text = malloc((size_t)n + 1);

	(void)priv;
	memset(text, 'x', (size_t)n);
	text[n] = 0;
	ctl_ok(call, json_pack("{s:s}", "x", text));
	free(text);
}

static void verb_later(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	(void)args;
	kept = call;
}

static void begin_socket(void)
{
	static bool up;

	if (!up) {
		EXPECT_EQ(loop_init(NULL), 0);
		ctl_register("big", "", verb_big, NULL);
		ctl_register("later", "", verb_later, NULL);
		up = true;
	}
	snprintf(path, sizeof(path), "/tmp/hvhost-test.%d", getpid());
	EXPECT_EQ(control_listen(path, err, sizeof(err)), 0);
}

static void turn(void)
{
	int i;

	for (i = 0; i < 10; i++)
		loop_turn(1);
}

static int client(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(sa.sun_path, path);
	EXPECT_EQ(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	turn();
	return fd;
}

static void say(int fd, const char *text)
{
	EXPECT_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	turn();
}

static const char *hear(int fd)
{
	static char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = 0;
	return buf;
}

static void end_socket(void)
{
	struct stat st;

	control_close();
	turn();
	EXPECT_EQ(lstat(path, &st), -1);	/* no name is left */
}

UNIT_TEST(lines_in_pieces_and_many_at_once)
{
	int fd;

	begin_socket();
	fd = client();
	say(fd, "{\"id\":1,\"cmd\":\"bi");
	EXPECT_STREQ(hear(fd), "");
	say(fd, "g\",\"bytes\":1}\r\n{\"id\":2,\"cmd\":\"big\",\"bytes\":2}\n\n{\"id\":3");
	EXPECT_STREQ(hear(fd), "{\"ok\":true,\"result\":{\"x\":\"x\"},\"id\":1}\n"
			       "{\"ok\":true,\"result\":{\"x\":\"xx\"},\"id\":2}\n");
	close(fd);
	turn();
	end_socket();
}

UNIT_TEST(overlong_line_is_refused_and_the_next_is_heard)
{
	static char junk[CONTROL_LINE_MAX + 10];
	int fd;

	begin_socket();
	fd = client();
	memset(junk, 'j', sizeof(junk));
	junk[sizeof(junk) - 1] = 0;
	say(fd, junk);
	turn();
	say(fd, "\n{\"id\":2,\"cmd\":\"nobody\"}\n");
	EXPECT_TRUE(strstr(hear(fd), "\"ok\":false"));
	close(fd);
	turn();
	end_socket();
}

UNIT_TEST(slow_reader_gets_every_byte)
{
	size_t got = 0, i;
	char buf[65536];
	ssize_t n;
	int fd;

	begin_socket();
	fd = client();
	for (i = 0; i < 4; i++)
		say(fd, "{\"id\":1,\"cmd\":\"big\",\"bytes\":1000000}\n");
	for (i = 0; i < 2000 && got < 4000000 + 4 * 40; i++) {
		n = read(fd, buf, sizeof(buf));
		got += n > 0 ? (size_t)n : 0;
		loop_turn(1);
	}
	EXPECT_EQ(got, 4 * (1000000 + strlen("{\"ok\":true,\"result\":{\"x\":\"\"},\"id\":1}\n")));
	close(fd);
	turn();
	end_socket();
}

UNIT_TEST(client_that_never_reads_is_cut_off)
{
	char buf[65536];
	int fd, other, i;
	ssize_t n;

	begin_socket();
	fd = client();
	for (i = 0; i < 20; i++)
		if (write(fd, "{\"cmd\":\"big\",\"bytes\":1000000}\n", 30) != 30)
			break;
	for (i = 0; i < 50; i++)
		loop_turn(1);
	other = client();
	say(other, "{\"id\":1,\"cmd\":\"big\",\"bytes\":1}\n");
	EXPECT_TRUE(strstr(hear(other), "\"ok\":true"));
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	EXPECT_TRUE(n == 0 || errno != EAGAIN);		/* the end, not silence */
	close(fd);
	close(other);
	turn();
	end_socket();
}

UNIT_TEST(answer_to_a_client_that_left_goes_nowhere)
{
	int fd;

	begin_socket();
	fd = client();
	say(fd, "{\"cmd\":\"later\"}\n");
	close(fd);
	turn();
	ctl_stream(kept, "stdout", "x", 1);
	ctl_ok(kept, NULL);
	end_socket();
}

UNIT_TEST(socket_left_behind_is_replaced_another_file_is_not)
{
	int fd;

	begin_socket();
	*path = 0;
	snprintf(path, sizeof(path), "/tmp/hvhost-test.%d", getpid());
	EXPECT_EQ(control_listen(path, err, sizeof(err)), 0);	/* as after a crash */
	end_socket();
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	EXPECT_EQ(control_listen(path, err, sizeof(err)), -EEXIST);
	EXPECT_TRUE(strstr(err, path));
	EXPECT_EQ(unlink(path), 0);
	memset(path, 'a', sizeof(path) - 1);
}

UNIT_TEST(names_that_cannot_be_are_errors)
{
	char longer[200];

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	EXPECT_EQ(control_listen(longer, err, sizeof(err)), -ENAMETOOLONG);
	EXPECT_EQ(control_listen("/nowhere/at/all", err, sizeof(err)), -ENOENT);
	EXPECT_TRUE(strstr(err, "No such file"));
}

UNIT_MAIN()
