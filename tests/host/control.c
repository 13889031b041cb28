// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: control - see control.h. Machine lock held by all callers.
 *
 * A client that does not read its answers gets them queued up to a limit, and is cut
 * off there: nobody waits for it.
 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop.h"

#define UNSENT_MAX	(16u << 20)

struct client {
	struct client *next;
	int fd;
	bool doomed;	/* to be closed when its callback comes */
	char *out;	/* not sent yet */
	size_t out_len;
	struct control_lines in;
};

static struct {
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client *clients;
} listener = { .fd = -1 };

void control_feed(struct control_lines *l, const uint8_t *bytes, size_t len, ctl_out_fn out,
		  void *outpriv)
{
	for (; len; len--, bytes++) {
		if (*bytes == '\n') {
			if (l->overlong)
				ctl_line("(line too long)", 15, out, outpriv);
			else if (l->len)
				ctl_line(l->buf, l->len, out, outpriv);
			l->len = 0;
			l->overlong = false;
		} else if (l->len == sizeof(l->buf)) {
			l->overlong = true;
		} else if (*bytes != '\r') {
			l->buf[l->len++] = (char)*bytes;
		}
	}
}

/* ---- clients ---- */

static void client_free(struct client *c)
{
	struct client **at;

	for (at = &listener.clients; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	ctl_forget(c);
	loop_del_fd(c->fd);
	close(c->fd);
	free(c->out);
	free(c);
}

static void doom(struct client *c)
{
	c->doomed = true;
	shutdown(c->fd, SHUT_RDWR);	/* its callback comes with EPOLLHUP */
}

/* Sends what goes now, keeps the rest. */
static void client_flush(struct client *c)
{
	ssize_t n;

	while (c->out_len) {
		n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0)
			break;
		c->out_len -= (size_t)n;
		memmove(c->out, c->out + n, c->out_len);
	}
	if (c->out_len && errno != EAGAIN && errno != EINTR)
		doom(c);
	else
		loop_mod_fd(c->fd, c->out_len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void to_client(void *priv, const char *line, size_t len)
{
	struct client *c = priv;
	char *out;

	if (c->doomed)
		return;
	out = c->out_len + len <= UNSENT_MAX ? realloc(c->out, c->out_len + len) : NULL;
	if (!out) {
		doom(c);
		return;
	}
	memcpy(out + c->out_len, line, len);
	c->out = out;
	c->out_len += len;
	client_flush(c);
}

static void on_client(void *priv, int fd, uint32_t events)
{
	struct client *c = priv;
	uint8_t buf[4096];
	ssize_t n;

	if (events & EPOLLOUT)
		client_flush(c);
	n = read(fd, buf, sizeof(buf));
	if (n > 0 && !c->doomed)
		control_feed(&c->in, buf, (size_t)n, to_client, c);
	else if (n == 0 || c->doomed || (errno != EAGAIN && errno != EINTR))
		client_free(c);
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
		return;
	}
	c->next = listener.clients;
	listener.clients = c;
}

/* ---- listener ---- */

/* A socket that an earlier host left is replaced; any other file is not touched. */
static int clear_the_way(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	return unlink(path) ? -errno : 0;
}

int control_listen(const char *path, char *err, size_t errlen)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int ret;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		snprintf(err, errlen, "--control %s: longer than a socket's name may be", path);
		return -ENAMETOOLONG;
	}
	strcpy(sa.sun_path, path);
	ret = clear_the_way(path);
	listener.fd = ret ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (!ret && (listener.fd < 0 || bind(listener.fd, (struct sockaddr *)&sa, sizeof(sa))))
		ret = -errno;
	if (!ret) {
		strcpy(listener.path, path);
		ret = listen(listener.fd, 8) ? -errno :
					       loop_add_fd(listener.fd, EPOLLIN, on_accept, NULL);
	}
	if (ret)
		snprintf(err, errlen, "--control %s: %s", path, strerror(-ret));
	return ret;
}

void control_close(void)
{
	while (listener.clients)
		client_free(listener.clients);
	if (listener.fd >= 0) {
		loop_del_fd(listener.fd);
		close(listener.fd);
		listener.fd = -1;
	}
	if (*listener.path)
		unlink(listener.path);
	*listener.path = 0;
}
