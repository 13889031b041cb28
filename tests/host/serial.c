// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: serial - see serial.h. Machine lock held by all callers.
 *
 * Output is gathered per line or per chunk, so that a byte from the guest is not a
 * system call here. Nothing here waits: who does not take the guest's output holds
 * up the guest (uart_hold), not the host. Input for COM3 is read only as fast as the
 * guest takes it. The control socket is control.c's.
 */
#include "serial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "log.h"
#include "loop.h"
#include "uart.h"

#define FLUSH_MS	20
#define LAST_WORDS_MS	3000
#define SINK_BYTES	65536
#define SINK_HIGH	32768		/* from here on the guest waits */
#define INPUT_HIGH	4096
#define ANSWERS_MAX	(4u << 20)	/* not read by the guest; more is dropped */

/* An output descriptor that waits a moment for more. */
struct sink {
	int fd;
	struct uart *uart;
	struct loop_timer *timer;
	size_t len;
	uint8_t buf[SINK_BYTES];
};

static struct sink console = { .fd = -1 }, output = { .fd = -1 };
static struct control_lines guest_lines;
static struct uart *com2;
static struct loop_timer *input_timer;
static bool input_ended, answers_dropped;

/* Writes what the other side takes now; a pipe that is writable takes PIPE_BUF. */
static void sink_flush(struct sink *s)
{
	size_t at = 0;

	while (at < s->len && s->fd >= 0) {
		struct pollfd p = { .fd = s->fd, .events = POLLOUT };
		size_t part = s->len - at < PIPE_BUF ? s->len - at : PIPE_BUF;
		ssize_t n;

		if (poll(&p, 1, 0) <= 0)
			break;
		n = write(s->fd, s->buf + at, part);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			break;
		if (n <= 0) {	/* nobody will ever take it */
			log_line("serial output: %s", strerror(errno));
			s->fd = -1;
		} else {
			at += (size_t)n;
		}
	}
	if (s->fd < 0)
		at = s->len;
	memmove(s->buf, s->buf + at, s->len - at);
	s->len -= at;
	if (s->uart)
		uart_hold(s->uart, s->len >= SINK_HIGH);
}

static void on_sink_timer(void *priv)
{
	struct sink *s = priv;

	s->timer = NULL;
	sink_flush(s);
	if (s->len)
		s->timer = loop_add_timer(FLUSH_MS, on_sink_timer, s);
}

static void sink_put(void *priv, const uint8_t *bytes, size_t len)
{
	struct sink *s = priv;

	for (; len; len--, bytes++) {
		if (s->len == sizeof(s->buf))	/* a guest that does not wait */
			break;
		s->buf[s->len++] = *bytes;
		if (*bytes == '\n' || s->len == SINK_HIGH)
			sink_flush(s);
	}
	if (s->len && !s->timer)
		s->timer = loop_add_timer(FLUSH_MS, on_sink_timer, s);
}

static void last_words(struct sink *s)
{
	uint64_t end = loop_now_ms() + LAST_WORDS_MS;

	sink_flush(s);
	while (s->len && loop_now_ms() < end) {
		usleep(1000);
		sink_flush(s);
	}
}

void serial_flush(void)
{
	last_words(&console);
	last_words(&output);
}

static void nowhere(void *priv, const uint8_t *bytes, size_t len)
{
	(void)priv;
	(void)bytes;
	(void)len;
}

/* ---- COM2: control lines ---- */

static void to_guest(void *priv, const char *line, size_t len)
{
	(void)priv;
	if (uart_pending(com2) + len <= ANSWERS_MAX) {
		uart_input(com2, line, len);
		answers_dropped = false;
	} else if (!answers_dropped) {
		log_line("control: the guest does not read its answers, they are dropped");
		answers_dropped = true;
	}
}

static void from_guest(void *priv, const uint8_t *bytes, size_t len)
{
	(void)priv;
	control_feed(&guest_lines, bytes, len, to_guest, &guest_lines);
}

/* ---- COM3: stdin and stdout ---- */

static void on_input_timer(void *priv);

/* A file as stdin is always readable: then the timer sets the pace. */
static void read_input(bool watched)
{
	uint8_t buf[1024];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n > 0)
		uart_input(output.uart, buf, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		input_ended = true;
	if (watched && input_ended)
		loop_del_fd(STDIN_FILENO);
	if (input_ended || input_timer || (watched && uart_pending(output.uart) < INPUT_HIGH))
		return;
	if (watched)
		loop_mod_fd(STDIN_FILENO, 0);
	input_timer = loop_add_timer(FLUSH_MS, on_input_timer, watched ? &output : NULL);
}

static void on_stdin(void *priv, int fd, uint32_t events)
{
	(void)priv;
	(void)fd;
	(void)events;
	read_input(true);
}

static void on_input_timer(void *priv)
{
	bool watched = priv;

	input_timer = NULL;
	if (uart_pending(output.uart) >= INPUT_HIGH)
		input_timer = loop_add_timer(FLUSH_MS, on_input_timer, priv);
	else if (watched)
		loop_mod_fd(STDIN_FILENO, EPOLLIN);
	else
		read_input(false);
}

static void watch_stdin(void)
{
	if (loop_add_fd(STDIN_FILENO, EPOLLIN, on_stdin, NULL))
		input_timer = loop_add_timer(0, on_input_timer, NULL);
}

/* ---- set-up ---- */

static int open_console(const char *path, char *err, size_t errlen)
{
	if (!strcmp(path, "-")) {
		console.fd = STDOUT_FILENO;
		return 0;
	}
	console.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (console.fd >= 0)
		return 0;
	snprintf(err, errlen, "--console %s: %s", path, strerror(errno));
	return -errno;
}

int serial_setup(struct machine *m, const struct opts *o, char *err, size_t errlen)
{
	int ret = o->console ? open_console(o->console, err, errlen) : 0;

	if (ret)
		return ret;
	console.uart = uart_create(m, 0x3f8, 4, o->console ? sink_put : nowhere, &console);
	com2 = uart_create(m, 0x2f8, 3, from_guest, NULL);
	output.uart = uart_create(m, 0x3e8, 10, o->use_stdio ? sink_put : nowhere, &output);
	if (!console.uart || !com2 || !output.uart) {
		snprintf(err, errlen, "serial ports: out of memory");
		return -ENOMEM;
	}
	if (o->use_stdio) {
		output.fd = STDOUT_FILENO;
		watch_stdin();
	}
	return o->control ? control_listen(o->control, err, errlen) : 0;
}

void serial_reset(void)
{
	uart_reset(console.uart);
	uart_reset(com2);
	uart_reset(output.uart);
	guest_lines.len = 0;
	guest_lines.overlong = false;
}

void serial_close(void)
{
	control_close();
}
