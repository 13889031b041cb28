// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/host/base/[a-z]*.c tests/host/vm/gmem.c LIBS: -ljansson */
/* CFLAGS: -Itests/host/base -Itests/host/vm */
/*
 * DOC: the loop, the control protocol's dispatch, the book of violations, arguments,
 * the log's limit, guest memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "arg.h"
#include "ctl.h"
#include "gmem.h"
#include "log.h"
#include "loop.h"
#include "loop_run.h"
#include "unit.h"
#include "violation.h"
#include "violation_json.h"

/* ---- loop ---- */

static char trace[64];

static void mark(void *priv)
{
	strcat(trace, priv);
}

static void mark_and_add(void *priv)
{
	mark(priv);
	loop_add_timer(0, mark, "z");
}

static void begin_loop(void)
{
	static bool up;

	if (!up)
		EXPECT_EQ(loop_init(NULL), 0);
	up = true;
	*trace = 0;
}

static void turn_until(const char *want)
{
	int i;

	for (i = 0; i < 200 && strcmp(trace, want); i++)
		loop_turn(5);
	EXPECT_STREQ(trace, want);
}

UNIT_TEST(timers_fire_in_the_order_of_their_time)
{
	begin_loop();
	loop_add_timer(30, mark, "c");
	loop_add_timer(1, mark, "a");
	loop_add_timer(10, mark, "b");
	turn_until("abc");
}

UNIT_TEST(timers_may_be_finer_than_a_millisecond)
{
	uint64_t start;

	begin_loop();
	start = loop_now_us();
	loop_add_timer(1, mark, "c");
	loop_add_timer_us(600, mark, "b");
	loop_add_timer_us(300, mark, "a");
	turn_until("abc");
	EXPECT_GE(loop_now_us() - start, 1000);
}

UNIT_TEST(timers_of_the_same_time_fire_in_the_order_they_came)
{
	begin_loop();
	loop_add_timer(5, mark, "1");
	loop_add_timer(5, mark, "2");
	loop_add_timer(5, mark, "3");
	turn_until("123");
}

UNIT_TEST(cancelled_timer_does_not_fire)
{
	struct loop_timer *t;

	begin_loop();
	t = loop_add_timer(1, mark, "x");
	loop_add_timer(2, mark, "y");
	loop_del_timer(t);
	loop_del_timer(NULL);
	turn_until("y");
	loop_turn(5);
	EXPECT_STREQ(trace, "y");
}

UNIT_TEST(timer_may_arm_another)
{
	begin_loop();
	loop_add_timer(0, mark_and_add, "a");
	turn_until("az");
}

static unsigned int three_times(void *priv)
{
	unsigned int *n = priv;

	return __atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST) < 3 ? 100 : 0;
}

UNIT_TEST(thread_beside_the_loop_ends_when_it_says_so)
{
	static unsigned int n;
	uint64_t end = loop_now_us() + 5000000;

	begin_loop();
	EXPECT_EQ(loop_beside(three_times, &n), 0);
	while (__atomic_load_n(&n, __ATOMIC_SEQ_CST) < 3 && loop_now_us() < end)
		usleep(100);
	usleep(20000);
	EXPECT_EQ(__atomic_load_n(&n, __ATOMIC_SEQ_CST), 3);
}

static int pipes[2][2];

static void on_pipe(void *priv, int fd, uint32_t events)
{
	char c;

	EXPECT_TRUE(events & EPOLLIN);
	EXPECT_EQ(read(fd, &c, 1), 1);
	mark(priv);
	/* Kills the other one, whose event may be in the same round. */
	loop_del_fd(pipes[0][0]);
	loop_del_fd(pipes[1][0]);
	close(pipes[fd == pipes[0][0]][0]);
}

UNIT_TEST(watch_removed_in_the_same_round_is_not_called)
{
	begin_loop();
	EXPECT_EQ(pipe(pipes[0]) | pipe(pipes[1]), 0);
	EXPECT_EQ(loop_add_fd(pipes[0][0], EPOLLIN, on_pipe, "p"), 0);
	EXPECT_EQ(loop_add_fd(pipes[1][0], EPOLLIN, on_pipe, "p"), 0);
	EXPECT_EQ(write(pipes[0][1], "a", 1) + write(pipes[1][1], "b", 1), 2);
	loop_turn(50);
	loop_turn(5);
	EXPECT_STREQ(trace, "p");
	close(pipes[0][1]);
	close(pipes[1][1]);
}

UNIT_TEST(events_of_a_watch_can_change)
{
	char c;

	begin_loop();
	EXPECT_EQ(pipe(pipes[0]), 0);
	pipes[1][0] = dup(pipes[0][0]);
	EXPECT_EQ(loop_add_fd(pipes[0][0], 0, on_pipe, "q"), 0);
	EXPECT_EQ(write(pipes[0][1], "a", 1), 1);
	loop_turn(5);
	EXPECT_STREQ(trace, "");
	EXPECT_EQ(loop_mod_fd(pipes[0][0], EPOLLIN), 0);
	loop_turn(50);
	EXPECT_STREQ(trace, "q");
	EXPECT_EQ(loop_mod_fd(pipes[0][0], EPOLLIN), -ENOENT);
	EXPECT_EQ(read(pipes[0][0], &c, 0), 0);
	close(pipes[0][0]);
	close(pipes[0][1]);
}

UNIT_TEST(file_that_cannot_be_watched_is_an_error)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	begin_loop();
	EXPECT_EQ(loop_add_fd(fd, EPOLLIN, on_pipe, NULL), -EPERM);
	close(fd);
}

static void stop(void *priv)
{
	(void)priv;
	loop_stop();
}

UNIT_TEST(loop_may_run_again_after_a_stop)
{
	begin_loop();
	loop_add_timer(1, stop, NULL);
	loop_run();
	loop_add_timer(1, stop, NULL);
	loop_run();
}

/* ---- ctl ---- */

static char answers[8192];
static struct ctl_call *kept;

static void collect(void *priv, const char *line, size_t len)
{
	(void)priv;
	EXPECT_EQ(line[len - 1], '\n');
	strncat(answers, line, len);
}

static void verb_keys(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	ctl_ok(call, json_pack("{s:I}", "keys", (json_int_t)json_object_size(args)));
}

static void verb_echo(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	ctl_ok(call, json_pack("{s:O}", "got", json_object_get(args, "say")));
}

static void verb_keep(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	(void)args;
	kept = call;
}

static const char *ask(const char *line)
{
	static bool registered;

	if (!registered) {
		ctl_register("echo", "say=WORD", verb_echo, NULL);
		ctl_register("keys", "any", verb_keys, NULL);
		ctl_register("keep", "answers later", verb_keep, NULL);
		registered = true;
	}
	*answers = 0;
	ctl_line(line, strlen(line), collect, &registered);
	return answers;
}

UNIT_TEST(verb_gets_its_arguments_and_the_id_comes_back)
{
	EXPECT_STREQ(ask("{\"id\":7,\"cmd\":\"echo\",\"say\":\"hi\"}"),
		     "{\"ok\":true,\"result\":{\"got\":\"hi\"},\"id\":7}\n");
	EXPECT_STREQ(ask("{\"id\":\"x\",\"cmd\":\"echo\",\"say\":1}"),
		     "{\"ok\":true,\"result\":{\"got\":1},\"id\":\"x\"}\n");
}

UNIT_TEST(bad_lines_are_answered_with_a_sentence)
{
	static const char *const bad[] = { "", "x", "[]", "7", "{", "{}", "{\"cmd\":7}",
		"{\"cmd\":\"nobody\"}", "{\"cmd\":\"echo\"} trailing", "\"\\ud800\"" };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_TRUE(strstr(ask(bad[i]), "\"ok\":false,\"error\":\""));
}

UNIT_TEST(help_lists_the_verbs)
{
	EXPECT_TRUE(strstr(ask("{\"cmd\":\"help\"}"), "\"echo\":\"say=WORD\""));
}

UNIT_TEST(one_value_may_be_asked_for)
{
	EXPECT_STREQ(ask("{\"id\":1,\"cmd\":\"echo\",\"say\":[{\"a\":5}],\"get\":\"got.0.a\"}"),
		     "{\"ok\":true,\"value\":5,\"id\":1}\n");
	EXPECT_STREQ(ask("{\"id\":1,\"cmd\":\"echo\",\"say\":\"x\",\"get\":\"got\"}"),
		     "{\"ok\":true,\"value\":\"x\",\"id\":1}\n");
	EXPECT_TRUE(strstr(ask("{\"cmd\":\"echo\",\"say\":[1],\"get\":\"got.1\"}"), "has no 'got.1'"));
	EXPECT_TRUE(strstr(ask("{\"cmd\":\"echo\",\"say\":[1],\"get\":\"got.x\"}"), "has no 'got.x'"));
	EXPECT_TRUE(strstr(ask("{\"cmd\":\"echo\",\"say\":1,\"get\":\"got.a.b\"}"), "has no"));
	EXPECT_TRUE(strstr(ask("{\"cmd\":\"nobody\",\"get\":\"a\"}"), "unknown verb"));
	/* The verb does not see it. */
	EXPECT_STREQ(ask("{\"cmd\":\"keys\",\"x\":1,\"get\":\"keys\"}"),
		     "{\"ok\":true,\"value\":2}\n");
}

UNIT_TEST(answer_may_come_later_with_output_before)
{
	EXPECT_STREQ(ask("{\"id\":1,\"cmd\":\"keep\"}"), "");
	ctl_stream(kept, "stdout", "a\nb", 3);
	ctl_stream(kept, "stderr", "\xff\0z", 3);	/* no UTF-8 */
	ctl_ok(kept, NULL);
	EXPECT_STREQ(answers, "{\"stream\":\"stdout\",\"data\":\"a\\nb\",\"id\":1}\n"
			      "{\"stream\":\"stderr\",\"data\":\"??z\",\"id\":1}\n"
			      "{\"ok\":true,\"result\":{},\"id\":1}\n");
}

UNIT_TEST(forgotten_asker_gets_nothing_more)
{
	static int asker;
	const char *line = "{\"id\":1,\"cmd\":\"keep\"}";

	*answers = 0;
	ctl_line(line, strlen(line), collect, &asker);
	ctl_forget(&asker);
	ctl_stream(kept, "stdout", "x", 1);
	ctl_error(kept, "too %s", "late");
	EXPECT_STREQ(answers, "");
}

/* ---- violations ---- */

UNIT_TEST(style_is_in_the_same_book_and_counted_apart)
{
	json_t *book, *entry;

	violation_clear();
	violation_style("test.style", "ab", 2, "as real hosts take it, %d", 1);
	violation_style("test.style", NULL, 0, "again");
	violation_note("test.rule", NULL, 0, "a rule");
	EXPECT_EQ(violation_total(), 1);
	EXPECT_EQ(violation_count("test.style"), 2);
	book = violation_json();
	EXPECT_EQ(json_integer_value(json_object_get(book, "total")), 1);
	EXPECT_EQ(json_integer_value(json_object_get(book, "style")), 2);
	entry = json_array_get(json_object_get(book, "list"), 0);
	EXPECT_STREQ(json_string_value(json_object_get(entry, "class")), "style");
	EXPECT_STREQ(json_string_value(json_object_get(entry, "text")), "as real hosts take it, 1");
	entry = json_array_get(json_object_get(book, "list"), 1);
	EXPECT_STREQ(json_string_value(json_object_get(entry, "class")), "protocol");
	json_decref(book);
	violation_clear();
	book = violation_json();
	EXPECT_EQ(json_integer_value(json_object_get(book, "style")), 0);
	json_decref(book);
}

UNIT_TEST(violations_are_counted_by_name_and_the_first_kept)
{
	uint8_t bytes[300];
	json_t *book, *first;
	unsigned int i;

	violation_clear();
	memset(bytes, 0xab, sizeof(bytes));
	for (i = 0; i < 1000; i++)
		violation_note("test.one", bytes, sizeof(bytes), "number %u", i);
	violation_note("test.two", NULL, 0, "no bytes");
	EXPECT_EQ(violation_total(), 1001);
	EXPECT_EQ(violation_count("test.one"), 1000);
	EXPECT_EQ(violation_count("test.none"), 0);
	book = violation_json();
	first = json_array_get(json_object_get(book, "list"), 0);
	EXPECT_EQ(json_integer_value(json_object_get(first, "count")), 1000);
	EXPECT_STREQ(json_string_value(json_object_get(first, "text")), "number 0");
	EXPECT_EQ(json_array_size(json_object_get(first, "samples")), 3);
	EXPECT_EQ(strlen(json_string_value(json_object_get(
			json_array_get(json_object_get(first, "samples"), 0), "bytes"))), 512);
	json_decref(book);
	violation_clear();
	EXPECT_EQ(violation_total(), 0);
	book = violation_json();
	EXPECT_EQ(json_array_size(json_object_get(book, "list")), 0);
	json_decref(book);
}

/* ---- arguments ---- */

UNIT_TEST(numbers_come_as_numbers_or_digits)
{
	json_t *o = json_pack("{s:i,s:s,s:s,s:s,s:s}", "a", 5, "b", "0x10", "c", "7x", "d", "", "e", "-3");
	int64_t n = 99;

	EXPECT_TRUE(arg_int(o, "a", &n));
	EXPECT_EQ(n, 5);
	EXPECT_TRUE(arg_int(o, "b", &n));
	EXPECT_EQ(n, 16);
	EXPECT_TRUE(arg_int(o, "e", &n));
	EXPECT_EQ(n, -3);
	EXPECT_FALSE(arg_int(o, "c", &n) || arg_int(o, "d", &n) || arg_int(o, "z", &n));
	EXPECT_EQ(n, -3);
	json_decref(o);
}

UNIT_TEST(hex_and_addresses_are_read_strictly)
{
	json_t *o = json_pack("{s:s,s:s,s:s}", "a", "de ad:BE ef", "b", "abc", "c", "0g");
	uint8_t out[4], mac[6];
	size_t len = 0;

	EXPECT_TRUE(arg_hex(o, "a", out, 4, &len));
	EXPECT_EQ(len, 4);
	EXPECT_MEMEQ(out, "\xde\xad\xbe\xef", 4);
	EXPECT_FALSE(arg_hex(o, "a", out, 3, &len) || arg_hex(o, "b", out, 4, &len) ||
		     arg_hex(o, "c", out, 4, &len) || arg_hex(o, "z", out, 4, &len));
	EXPECT_TRUE(arg_mac("00:15:5d:00:00:0A", mac));
	EXPECT_EQ(mac[5], 10);
	EXPECT_FALSE(arg_mac("00:15:5d:00:00", mac) || arg_mac("00:15:5d:00:00:01x", mac) ||
		     arg_mac("", mac));
	json_decref(o);
}

/* ---- log ---- */

UNIT_TEST(flood_of_lines_is_cut)
{
	char buf[65536];
	int keep = dup(2), out[2], n, i, lines = 0;

	EXPECT_EQ(pipe(out), 0);
	fcntl(out[1], F_SETPIPE_SZ, sizeof(buf));
	dup2(out[1], 2);
	for (i = 0; i < 5000; i++)
		log_line("line %d", i);
	log_flush();
	dup2(keep, 2);
	close(keep);
	close(out[1]);
	n = (int)read(out[0], buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = 0;
	for (i = 0; i < n; i++)
		lines += buf[i] == '\n';
	EXPECT_LE(lines, 250);
	EXPECT_TRUE(strstr(buf, "lines left out)"));
	close(out[0]);
}

/* ---- guest memory ---- */

UNIT_TEST(guest_memory_is_bounded_at_both_ends)
{
	uint8_t ram[8192] = { 0 }, rom[4096] = "rom", buf[16];
	struct gmem m = { .range = { { 0x1000, 8192, ram, 1 }, { 0x100000000ull, 4096, rom, 0 } }, .cnt = 2 };

	EXPECT_EQ(gmem_ptr(&m, 0x1000, 8192), ram);
	EXPECT_NULL(gmem_ptr(&m, 0x1000, 8193));
	EXPECT_NULL(gmem_ptr(&m, 0xfff, 1));
	EXPECT_NULL(gmem_ptr(&m, 0x3000, 1));
	EXPECT_NULL(gmem_ptr(&m, ~0ull, 2));
	EXPECT_NULL(gmem_ptr(&m, 0x2fff, SIZE_MAX));
	EXPECT_EQ(gmem_write(&m, 0x2ffe, "ab", 2), 0);
	EXPECT_EQ(gmem_write(&m, 0x2fff, "ab", 2), -EFAULT);
	EXPECT_EQ(gmem_read(&m, 0x2ffe, buf, 2), 0);
	EXPECT_MEMEQ(buf, "ab", 2);
	EXPECT_EQ(gmem_read(&m, 0x100000000ull, buf, 4), 0);
	EXPECT_STREQ((char *)buf, "rom");
	EXPECT_EQ(gmem_write(&m, 0x100000000ull, "x", 1), -EFAULT);
	EXPECT_NULL(gmem_ptr_rw(&m, 0x100000000ull, 1));
	EXPECT_EQ(gmem_ptr_rw(&m, 0x1001, 1), ram + 1);
}

UNIT_MAIN()
