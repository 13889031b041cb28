// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: serial - see serial.h. Machine lock held by all callers.
 *
 * Output is gathered per line or per chunk, so that a byte from the guest is not a
 * system call here. Input for COM3 is read only as fast as the guest takes it.
 */
#include "serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "log.h"
#include "loop.h"
#include "uart.h"

#define LINE_MAX_BYTES	65536
#define FLUSH_MS	20
#define INPUT_HIGH	4096

/* An output descriptor that waits a moment for more. */
struct sink {
	int fd;
	struct loop_timer *timer;
	size_t len;
	uint8_t buf[4096];
};

/* Lines for ctl from one place. */
struct liner {
	size_t len;
	bool overlong;
	char buf[LINE_MAX_BYTES];
};

struct client {
	int fd;
	struct liner in;
};

static struct sink console = { .fd = -1 }, output = { .fd = -1 };
static struct liner guest_lines;
static struct uart *com2, *com3;
static struct loop_timer *input_timer;

static void sink_flush(struct sink *s)
{
	size_t at = 0;

	while (at < s->len && s->fd >= 0) {
		ssize_t n = write(s->fd, s->buf + at, s->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			usleep(1000);
			continue;
		}
		if (n <= 0)
			break;
		at += n;
	}
	s->len = 0;
}

static void on_sink_timer(void *priv)
{
	struct sink *s = priv;

	s->timer = NULL;
	sink_flush(s);
}

static void sink_put(void *priv, const uint8_t *bytes, size_t len)
{
	struct sink *s = priv;

	for (; len; len--, bytes++) {
		if (s->len == sizeof(s->buf))
			sink_flush(s);
		s->buf[s->len++] = *bytes;
		if (*bytes == '\n')
			sink_flush(s);
	}
	if (s->len && !s->timer)
		s->timer = loop_add_timer(FLUSH_MS, on_sink_timer, s);
}

void serial_flush(void)
{
	sink_flush(&console);
	sink_flush(&output);
}

/* ---- control lines ---- */

static void feed(struct liner *l, const uint8_t *bytes, size_t len, ctl_out_fn out, void *outpriv)
{
	for (; len; len--, bytes++) {
		if (*bytes == '\n') {
			if (l->overlong)
				ctl_line("", 0, out, outpriv);
			else if (l->len)
				ctl_line(l->buf, l->len, out, outpriv);
			l->len = 0;
			l->overlong = false;
		} else if (l->len < sizeof(l->buf)) {
			if (*bytes != '\r')
				l->buf[l->len++] = *bytes;
		} else {
			l->overlong = true;
		}
	}
}

static void to_guest(void *priv, const char *line, size_t len)
{
	uart_input(priv, line, len);
}

static void from_guest(void *priv, const uint8_t *bytes, size_t len)
{
	(void)priv;
	feed(&guest_lines, bytes, len, to_guest, com2);
}

static void to_client(void *priv, const char *line, size_t len)
{
	struct client *c = priv;

	/* A client that does not read is cut off rather than waited for. */
	if (send(c->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		shutdown(c->fd, SHUT_RDWR);
}

static void on_client(void *priv, int fd, uint32_t events)
{
	struct client *c = priv;
	uint8_t buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	(void)events;
	if (n > 0) {
		feed(&c->in, buf, n, to_client, c);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		ctl_forget(c);
		loop_del_fd(fd);
		close(fd);
		free(c);
	}
}

static void on_accept(void *priv, int fd, uint32_t events)
{
	struct client *c = calloc(1, sizeof(*c));

	(void)priv;
	(void)events;
	if (!c)
		return;
	c->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (c->fd < 0 || loop_add_fd(c->fd, EPOLLIN, on_client, c)) {
		if (c->fd >= 0)
			close(c->fd);
		free(c);
	}
}

static int listen_on(const char *path, char *err, size_t errlen)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(sa.sun_path)) {
		snprintf(err, errlen, "--control %s: longer than a socket's name may be", path);
		return -ENAMETOOLONG;
	}
	strcpy(sa.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 8)) {
		snprintf(err, errlen, "--control %s: %s", path, strerror(errno));
		return -errno;
	}
	return loop_add_fd(fd, EPOLLIN, on_accept, NULL);
}

/* ---- stdin to COM3 ---- */

static void on_stdin(void *priv, int fd, uint32_t events);

static void on_input_timer(void *priv)
{
	(void)priv;
	input_timer = NULL;
	if (uart_pending(com3) < INPUT_HIGH)
		loop_mod_fd(STDIN_FILENO, EPOLLIN);
	else
		input_timer = loop_add_timer(FLUSH_MS, on_input_timer, NULL);
}

static void on_stdin(void *priv, int fd, uint32_t events)
{
	uint8_t buf[1024];
	ssize_t n = read(fd, buf, sizeof(buf));

	(void)priv;
	(void)events;
	if (n > 0) {
		uart_input(com3, buf, n);
		if (uart_pending(com3) >= INPUT_HIGH && !input_timer) {
			loop_mod_fd(fd, 0);
			input_timer = loop_add_timer(FLUSH_MS, on_input_timer, NULL);
		}
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		loop_del_fd(fd);
	}
}

static void nowhere(void *priv, const uint8_t *bytes, size_t len)
{
	(void)priv;
	(void)bytes;
	(void)len;
}

int serial_setup(struct machine *m, const struct opts *o, char *err, size_t errlen)
{
	if (o->console) {
		console.fd = !strcmp(o->console, "-") ? STDOUT_FILENO :
			open(o->console, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
		if (console.fd < 0) {
			snprintf(err, errlen, "--console %s: %s", o->console, strerror(errno));
			return -errno;
		}
	}
	uart_create(m, 0x3f8, 4, o->console ? sink_put : nowhere, &console);
	com2 = uart_create(m, 0x2f8, 3, from_guest, NULL);
	output.fd = STDOUT_FILENO;
	com3 = uart_create(m, 0x3e8, 10, o->use_stdio ? sink_put : nowhere, &output);
	if (!com2 || !com3) {
		snprintf(err, errlen, "serial ports: out of memory");
		return -ENOMEM;
	}
	/* A regular file or /dev/null cannot be watched: then there is no input. */
	if (o->use_stdio)
		loop_add_fd(STDIN_FILENO, EPOLLIN, on_stdin, NULL);
	return o->control ? listen_on(o->control, err, errlen) : 0;
}
