// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: peer - hvhost's side of the peer: its child and the runs in there.
 *
 * A run is a command in the namespace: two pipes and an exit message from the
 * child. In the foreground its output streams to the caller and its end answers
 * the call; in the background (bg=1) the call is answered with the pid at once, and
 * the last output and the status are kept for peer.wait and peer.list.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../base/arg.h"
#include "../base/ctl.h"
#include "../base/loop.h"
#include "peer.h"
#include "peer_child.h"
#include "tap.h"

#define READY_MS	5000
#define TAIL_BYTES	8192	/* of each background run's output */
#define RUNS_KEPT	32	/* ended background runs remembered */

struct run {
	struct run *next;
	uint32_t id;
	int pid;			/* in the peer's pid namespace; 0 = not started yet */
	bool bg;
	bool ended;
	int status;
	int fd[2];			/* stdout, stderr; -1 = closed */
	struct ctl_call *call;		/* to be answered, or NULL */
	char tail[TAIL_BYTES];
	size_t tail_len;
};

static struct {
	pid_t pid;			/* of the child, 0 = no peer */
	int sock, tap;
	char why[300];			/* there is no peer */
	struct run *runs;
	uint32_t next_id;
	struct ctl_call *addr_call;
} peer = { .sock = -1, .tap = -1, .next_id = 1 };

/* ---- runs ---- */

static struct run *run_by_id(uint32_t id)
{
	struct run *r;

	for (r = peer.runs; r && r->id != id; r = r->next)
		;
	return r;
}

static struct run *run_by_pid(int pid)
{
	struct run *r;

	for (r = peer.runs; r && (r->pid != pid || !r->bg); r = r->next)
		;
	return r;
}

static void close_output(struct run *r, int i)
{
	if (r->fd[i] < 0)
		return;
	loop_del_fd(r->fd[i]);
	close(r->fd[i]);
	r->fd[i] = -1;
}

static void run_free(struct run *r)
{
	struct run **at = &peer.runs;

	while (*at && *at != r)
		at = &(*at)->next;
	if (*at)
		*at = r->next;
	close_output(r, 0);
	close_output(r, 1);
	free(r);
}

static json_t *run_json(const struct run *r)
{
	json_t *o = json_pack("{s:i,s:b}", "pid", r->pid, "ended", r->ended);

	if (r->ended)
		json_object_set_new(o, "status", json_integer(r->status));
	return o;
}

static void keep_tail(struct run *r, const char *data, size_t len)
{
	if (len > TAIL_BYTES) {
		data += len - TAIL_BYTES;
		len = TAIL_BYTES;
	}
	if (r->tail_len + len > TAIL_BYTES) {
		size_t cut = r->tail_len + len - TAIL_BYTES;

		memmove(r->tail, r->tail + cut, r->tail_len - cut);
		r->tail_len -= cut;
	}
	memcpy(r->tail + r->tail_len, data, len);
	r->tail_len += len;
}

/* Read what is there; false at the end of the pipe. */
static bool drain(struct run *r, int i)
{
	char buf[4096];
	ssize_t n;

	while (r->fd[i] >= 0) {
		n = read(r->fd[i], buf, sizeof(buf));
		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR);
		if (r->bg)
			keep_tail(r, buf, (size_t)n);
		else
			ctl_stream(r->call, i ? "stderr" : "stdout", buf, (size_t)n);
	}
	return false;
}

static void output_ready(void *priv, int fd, uint32_t events)
{
	struct run *r = priv;
	int i = fd == r->fd[1];

	(void)events;
	if (!drain(r, i))
		close_output(r, i);
}

/* Ended background runs are forgotten, oldest first, when there are too many. */
static void forget_old(void)
{
	unsigned int ended = 0;
	struct run *r, *next;

	for (r = peer.runs; r; r = next) {
		next = r->next;
		if (r->bg && r->ended && ++ended > RUNS_KEPT)
			run_free(r);
	}
}

static void answer_wait(struct run *r)
{
	json_t *o = run_json(r);

	json_object_set_new(o, "output", json_stringn_nocheck(r->tail, r->tail_len));
	ctl_ok(r->call, o);
	r->call = NULL;
}

static void run_ended(struct run *r, int status)
{
	drain(r, 0);
	drain(r, 1);
	close_output(r, 0);
	close_output(r, 1);
	r->ended = true;
	r->status = status;
	if (!r->bg) {
		ctl_ok(r->call, json_pack("{s:i}", "status", status));
		run_free(r);
		return;
	}
	if (r->call && !r->pid) {
		ctl_error(r->call, "the command could not be started");
		run_free(r);
		return;
	}
	if (r->call)
		answer_wait(r);
	forget_old();
}

static int tell(uint32_t op, uint32_t id, int32_t value, const void *data, size_t len,
		const int *fds)
{
	struct peer_msg m = { op, id, value, (uint32_t)len };
	struct iovec iov[2] = { { &m, sizeof(m) }, { (void *)data, len } };
	char control[CMSG_SPACE(2 * sizeof(int))] = { 0 };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };

	if (fds) {
		struct cmsghdr *c = (struct cmsghdr *)control;

		h.msg_control = control;
		h.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(2 * sizeof(int));
		memcpy(CMSG_DATA(c), fds, 2 * sizeof(int));
	}
	return sendmsg(peer.sock, &h, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* ---- the child's messages ---- */

static ssize_t receive(struct peer_msg *m, char *text, size_t size, int *fd)
{
	struct iovec iov[2] = { { m, sizeof(*m) }, { text, size } };
	char control[CMSG_SPACE(sizeof(int))];
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = 2, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	*fd = -1;
	n = recvmsg(peer.sock, &h, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	c = n > 0 ? CMSG_FIRSTHDR(&h) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(int));
	return n;
}

static void started(struct run *r, int pid)
{
	r->pid = pid;
	if (!r->bg)
		return;
	ctl_ok(r->call, json_pack("{s:i}", "pid", pid));
	r->call = NULL;
}

static void message(const struct peer_msg *m)
{
	struct run *r = run_by_id(m->id);

	if (m->op == PEER_ADDR_DONE && peer.addr_call) {
		if (m->value)
			ctl_error(peer.addr_call, "address: %s", strerror(m->value));
		else
			ctl_ok(peer.addr_call, NULL);
		peer.addr_call = NULL;
	} else if (m->op == PEER_STARTED && r) {
		started(r, m->value);
	} else if (m->op == PEER_EXITED && r) {
		run_ended(r, m->value);
	}
}

static void gone(const char *why)
{
	snprintf(peer.why, sizeof(peer.why), "%s", why);
	while (peer.runs) {
		struct run *r = peer.runs;

		if (r->call)
			ctl_error(r->call, "%s", why);
		run_free(r);
	}
	if (peer.addr_call)
		ctl_error(peer.addr_call, "%s", why);
	peer.addr_call = NULL;
}

static void sock_readable(void *priv, int fd, uint32_t events)
{
	struct peer_msg m;
	char text[256];
	ssize_t n;
	int got;

	(void)priv;
	(void)events;
	while ((n = receive(&m, text, sizeof(text), &got)) >= (ssize_t)sizeof(m)) {
		if (got >= 0)
			close(got);
		message(&m);
	}
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		loop_del_fd(fd);
		gone("the peer's process has died");
	}
}

/* ---- verbs ---- */

static bool no_peer(struct ctl_call *call)
{
	if (peer.why[0])
		ctl_error(call, "there is no peer: %s", peer.why);
	return peer.why[0];
}

/* The words of argv=[...], each with its NUL. */
static char *pack_words(const json_t *argv, size_t *len)
{
	size_t i, n = 0;
	char *buf;

	for (i = 0; i < json_array_size(argv); i++) {
		if (!json_is_string(json_array_get(argv, i)))
			return NULL;
		n += strlen(json_string_value(json_array_get(argv, i))) + 1;
	}
	buf = n && n <= PEER_MSG_MAX ? malloc(n) : NULL;
	*len = 0;
	for (i = 0; buf && i < json_array_size(argv); i++) {
		const char *s = json_string_value(json_array_get(argv, i));

		memcpy(buf + *len, s, strlen(s) + 1);
		*len += strlen(s) + 1;
	}
	return buf;
}

static int start_run(struct run *r, const char *words, size_t len)
{
	int out[2], err[2], fds[2], ret;

	if (pipe2(out, O_CLOEXEC))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		ret = -errno;
		close(out[0]);
		close(out[1]);
		return ret;
	}
	fds[0] = out[1];
	fds[1] = err[1];
	ret = tell(PEER_RUN, r->id, 0, words, len, fds);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	r->fd[0] = out[0];
	r->fd[1] = err[0];
	loop_add_fd(out[0], EPOLLIN, output_ready, r);
	loop_add_fd(err[0], EPOLLIN, output_ready, r);
	return ret;
}

static void verb_peer(void *priv, struct ctl_call *call, const json_t *args)
{
	struct run *r;
	size_t len;
	char *words;
	int ret;

	(void)priv;
	if (no_peer(call))
		return;
	words = pack_words(json_object_get(args, "argv"), &len);
	r = words ? calloc(1, sizeof(*r)) : NULL;
	if (!r) {
		free(words);
		ctl_error(call, "argv=[WORD, ...] wanted (hvctl peer -- COMMAND ARGS)");
		return;
	}
	r->id = peer.next_id++;
	r->bg = arg_bool(args, "bg", false);
	r->call = call;
	r->next = peer.runs;
	peer.runs = r;
	ret = start_run(r, words, len);
	free(words);
	if (ret) {
		ctl_error(call, "the command could not be started: %s", strerror(-ret));
		run_free(r);
	}
}

static struct run *the_run(struct ctl_call *call, const json_t *args)
{
	int64_t pid = 0;
	struct run *r;

	arg_int(args, "pid", &pid);
	r = run_by_pid((int)pid);
	if (!r)
		ctl_error(call, "no background command with pid %lld", (long long)pid);
	return r;
}

static void verb_kill(void *priv, struct ctl_call *call, const json_t *args)
{
	int64_t sig = SIGTERM;
	struct run *r;

	(void)priv;
	r = no_peer(call) ? NULL : the_run(call, args);
	if (!r)
		return;
	arg_int(args, "signal", &sig);
	if (!r->ended)
		tell(PEER_KILL, r->id, (int32_t)sig, NULL, 0, NULL);
	ctl_ok(call, run_json(r));
}

static void verb_wait(void *priv, struct ctl_call *call, const json_t *args)
{
	struct run *r;

	(void)priv;
	r = no_peer(call) ? NULL : the_run(call, args);
	if (!r)
		return;
	if (r->call) {
		ctl_error(call, "somebody waits for it already");
		return;
	}
	r->call = call;
	if (r->ended)
		answer_wait(r);
}

static void verb_list(void *priv, struct ctl_call *call, const json_t *args)
{
	json_t *list = json_array();
	struct run *r;

	(void)priv;
	(void)args;
	for (r = peer.runs; r; r = r->next)
		json_array_append_new(list, run_json(r));
	ctl_ok(call, json_pack("{s:b,s:s,s:o,s:I}", "present", !peer.why[0], "why",
			       peer.why, "commands", list, "dropped",
			       (json_int_t)tap_dropped()));
}

static void verb_ip(void *priv, struct ctl_call *call, const json_t *args)
{
	const char *addr = arg_str(args, "addr");

	(void)priv;
	if (no_peer(call))
		return;
	if (!addr || peer.addr_call) {
		ctl_error(call, "addr=ADDRESS/PREFIX wanted, one at a time");
		return;
	}
	peer.addr_call = call;
	tell(PEER_ADDR, 0, 0, addr, strlen(addr), NULL);
}

/* ---- set-up ---- */

static int take_ready(void)
{
	struct pollfd p = { .fd = peer.sock, .events = POLLIN };
	struct peer_msg m = { .op = PEER_FAILED };
	char text[256];
	ssize_t n;

	if (poll(&p, 1, READY_MS) != 1) {
		snprintf(peer.why, sizeof(peer.why), "its process does not answer");
		return -ETIMEDOUT;
	}
	n = receive(&m, text, sizeof(text) - 1, &peer.tap);
	if (n >= (ssize_t)sizeof(m) && m.op == PEER_READY && peer.tap >= 0)
		return 0;
	n = n > (ssize_t)sizeof(m) ? n - (ssize_t)sizeof(m) : 0;
	snprintf(peer.why, sizeof(peer.why), "%.*s", (int)n, n ? text : "");
	if (!n)
		snprintf(peer.why, sizeof(peer.why), "its process died");
	return -EIO;
}

static void stop_child(void)
{
	if (peer.pid > 0) {
		kill(peer.pid, SIGKILL);
		waitpid(peer.pid, NULL, 0);
	}
	peer.pid = 0;
	if (peer.sock >= 0)
		close(peer.sock);
	if (peer.tap >= 0)
		close(peer.tap);
	peer.sock = -1;
	peer.tap = -1;
}

static void start(const struct peer_plan *plan)
{
	peer.why[0] = 0;
	peer.pid = peer_child_start(plan, &peer.sock);
	if (peer.pid < 0) {
		snprintf(peer.why, sizeof(peer.why), "no namespace for it: %s",
			 strerror(-peer.pid));
		peer.pid = 0;
		return;
	}
	if (take_ready()) {
		stop_child();
		return;
	}
	fcntl(peer.sock, F_SETFL, O_NONBLOCK);
	if (tap_start("peer", peer.tap) ||
	    loop_add_fd(peer.sock, EPOLLIN, sock_readable, NULL)) {
		peer_teardown();
		snprintf(peer.why, sizeof(peer.why), "no switch port for it");
	}
}

void peer_setup(bool on, const char *addr4, const char *addr6, unsigned int mtu)
{
	struct peer_plan plan = { addr4, addr6, mtu };

	if (on)
		start(&plan);
	else
		snprintf(peer.why, sizeof(peer.why), "switched off (peer=off)");
	ctl_register("peer", "[bg=1] -- COMMAND ARGS: run it at the peer", verb_peer, NULL);
	ctl_register("peer.kill", "pid=N [signal=N]: a background command", verb_kill, NULL);
	ctl_register("peer.wait", "pid=N: its status and last output", verb_wait, NULL);
	ctl_register("peer.list", "background commands; is there a peer, if not why",
		     verb_list, NULL);
	ctl_register("peer.ip", "addr=ADDRESS/PREFIX: another address for peer0", verb_ip,
		     NULL);
}

void peer_teardown(void)
{
	if (!peer.pid)
		return;
	gone("the host ends");
	tap_stop();
	loop_del_fd(peer.sock);
	stop_child();
}
