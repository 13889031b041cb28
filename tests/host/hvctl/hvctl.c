// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: hvctl - the control protocol's command line.
 *
 * Promise: one request line to hvhost, its answer on stdout, always an end. The
 * same program serves in the guest (over the second serial port, one user at a
 * time by flock) and outside (over hvhost's Unix socket).
 *
 * Exit status: 0 the host did it; 1 the host refused, or --get found nothing;
 * 2 usage; 3 host not reached or no answer in time. "hvctl peer -- CMD" ends with
 * the status of CMD.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#define GUEST_PORT	"/dev/ttyS1"
#define DEFAULT_SECS	30
#define PEER_SECS	600
#define EXIT_REFUSED	1
#define EXIT_USAGE	2
#define EXIT_UNREACHED	3

struct options {
	const char *socket;
	const char *get;
	long secs;		/* 0: by verb */
	json_t *request;
};

struct link {
	int fd;
	char *buf;
	size_t len;
	size_t size;
	long long deadline;	/* CLOCK_MONOTONIC, ms */
};

static void usage(FILE *to)
{
	fputs("usage: hvctl [--socket PATH] [--timeout SECONDS] [--get A.B.0] VERB [key=value]... [-- WORD...]\n"
	      "\n"
	      "Talks to hvhost: in a guest over " GUEST_PORT ", elsewhere over its socket (or $HVCTL_SOCKET).\n"
	      "Prints the result as JSON, or with --get the one value at that path.\n"
	      "\n"
	      "  hvctl help                         the verbs of this host\n"
	      "  hvctl stats nic=0 --get mac\n"
	      "  hvctl nic.link nic=0 state=down\n"
	      "  hvctl peer -- ping -c 1 192.168.77.2   runs at the peer, ends with its status\n", to);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* 12 is a number, true and false are truth values, all else a string. */
static json_t *value_of(const char *text)
{
	char *end;
	long long n;

	if (!strcmp(text, "true") || !strcmp(text, "false"))
		return json_boolean(*text == 't');
	errno = 0;
	n = strtoll(text, &end, 10);
	if (*text && !*end && !errno)
		return json_integer(n);
	return json_string(text);
}

static int add_pair(json_t *request, const char *word)
{
	const char *eq = strchr(word, '=');
	char *key;
	int err;

	if (!eq || eq == word)
		return -EINVAL;
	key = strndup(word, eq - word);
	err = key ? json_object_set_new(request, key, value_of(eq + 1)) : -ENOMEM;
	free(key);
	return err;
}

static int add_words(json_t *request, char **words)
{
	json_t *argv = json_array();

	for (; *words; words++)
		json_array_append_new(argv, json_string(*words));
	return json_object_set_new(request, "argv", argv);
}

static const char *argument(char ***argv, const char *name)
{
	if (!*++*argv) {
		fprintf(stderr, "hvctl: %s wants an argument\n", name);
		exit(EXIT_USAGE);
	}
	return **argv;
}

static void parse(struct options *opt, char **argv)
{
	bool verb = false;

	opt->request = json_pack("{s:I}", "id", (json_int_t)getpid());
	for (argv++; *argv; argv++) {
		if (!strcmp(*argv, "--")) {
			add_words(opt->request, argv + 1);
			break;
		} else if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h")) {
			usage(stdout);
			exit(0);
		} else if (!strcmp(*argv, "--socket")) {
			opt->socket = argument(&argv, "--socket");
		} else if (!strcmp(*argv, "--get")) {
			opt->get = argument(&argv, "--get");
		} else if (!strcmp(*argv, "--timeout")) {
			opt->secs = atol(argument(&argv, "--timeout"));
		} else if (**argv == '-') {
			fprintf(stderr, "hvctl: unknown option %s (see --help)\n", *argv);
			exit(EXIT_USAGE);
		} else if (!verb) {
			json_object_set_new(opt->request, "cmd", json_string(*argv));
			verb = true;
		} else if (add_pair(opt->request, *argv)) {
			fprintf(stderr, "hvctl: '%s' is not key=value (words of a command go behind --)\n", *argv);
			exit(EXIT_USAGE);
		}
	}
	if (!verb) {
		usage(stderr);
		exit(EXIT_USAGE);
	}
	if (opt->get)
		json_object_set_new(opt->request, "get", json_string(opt->get));
	if (opt->secs <= 0)
		opt->secs = json_object_get(opt->request, "argv") ? PEER_SECS : DEFAULT_SECS;
}

static int open_socket(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sa.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* One user at a time: waits for the others, not longer than the deadline. */
static int open_port(long long deadline)
{
	struct termios tio;
	int fd;

	fd = open(GUEST_PORT, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		struct timespec nap = { .tv_nsec = 20000000 };

		if (errno != EWOULDBLOCK || now_ms() > deadline)
			return -1;
		nanosleep(&nap, NULL);
	}
	if (tcgetattr(fd, &tio))
		return -1;
	cfmakeraw(&tio);
	cfsetspeed(&tio, B115200);
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSANOW, &tio))
		return -1;
	tcflush(fd, TCIFLUSH);
	return fd;
}

static int send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		len -= n;
	}
	return 0;
}

/* Next whole line, without its end, to be freed; NULL: errno says why. */
static char *next_line(struct link *l)
{
	for (;;) {
		char *end = l->len ? memchr(l->buf, '\n', l->len) : NULL;
		long long left = l->deadline - now_ms();
		struct pollfd p = { .fd = l->fd, .events = POLLIN };
		ssize_t n;

		if (end) {
			char *line = strndup(l->buf, end - l->buf);

			l->len -= end + 1 - l->buf;
			memmove(l->buf, end + 1, l->len);
			return line;
		}
		if (l->len + 4096 > l->size) {
			l->size += 65536;
			l->buf = realloc(l->buf, l->size);
			if (!l->buf)
				return NULL;
		}
		errno = ETIMEDOUT;
		if (left <= 0 || (poll(&p, 1, left) <= 0 && errno != EINTR))
			return NULL;
		n = read(l->fd, l->buf + l->len, 4096);
		if (n > 0)
			l->len += n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			return NULL;
	}
}

/* The final answer; streamed output is passed on meanwhile. NULL: errno. */
static json_t *answer(struct link *l, json_int_t id)
{
	char *line;

	while ((line = next_line(l))) {
		json_t *got = json_loads(line, 0, NULL);
		const char *stream, *data;

		free(line);
		if (!got || json_integer_value(json_object_get(got, "id")) != id) {
			json_decref(got);
			continue;
		}
		stream = json_string_value(json_object_get(got, "stream"));
		if (!stream)
			return got;
		data = json_string_value(json_object_get(got, "data"));
		if (data) {
			FILE *to = strcmp(stream, "stderr") ? stdout : stderr;

			fputs(data, to);
			fflush(to);
		}
		json_decref(got);
	}
	return NULL;
}

static int print_value(const json_t *value)
{
	if (json_is_string(value)) {
		puts(json_string_value(value));
	} else {
		json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
		putchar('\n');
	}
	return 0;
}

static int report(const struct options *opt, const json_t *got)
{
	const json_t *result = json_object_get(got, "result"), *status;

	if (!json_is_true(json_object_get(got, "ok"))) {
		const char *why = json_string_value(json_object_get(got, "error"));

		fprintf(stderr, "hvctl: %s\n", why ? why : "the host refused");
		return EXIT_REFUSED;
	}
	if (opt->get)
		return print_value(json_object_get(got, "value"));
	status = json_object_get(result, "status");
	if (json_object_get(opt->request, "argv") && status)
		return json_integer_value(status);
	if (json_object_size(result)) {
		json_dumpf(result, stdout, JSON_INDENT(1));
		putchar('\n');
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options opt = { .socket = getenv("HVCTL_SOCKET") };
	struct link l = { .fd = -1 };
	json_t *got;
	char *text;

	(void)argc;
	parse(&opt, argv);
	l.deadline = now_ms() + opt.secs * 1000;
	l.fd = opt.socket ? open_socket(opt.socket) : open_port(l.deadline);
	if (l.fd < 0) {
		fprintf(stderr, "hvctl: cannot reach the host over %s: %s\n",
			opt.socket ? opt.socket : GUEST_PORT, strerror(errno));
		return EXIT_UNREACHED;
	}
	text = json_dumps(opt.request, JSON_COMPACT);
	if (!text || send_all(l.fd, text, strlen(text)) || send_all(l.fd, "\n", 1)) {
		fprintf(stderr, "hvctl: cannot send to the host: %s\n", strerror(errno));
		return EXIT_UNREACHED;
	}
	got = answer(&l, getpid());
	if (!got) {
		fprintf(stderr, "hvctl: no answer from the host within %ld s: %s\n", opt.secs, strerror(errno));
		return EXIT_UNREACHED;
	}
	return report(&opt, got);
}
