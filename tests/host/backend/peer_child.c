// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: peer_child - first process of new network, pid and mount namespaces (and,
 * without root, of a user namespace in which it is root).
 *
 * It makes peer0, hands the descriptor to hvhost and then starts commands on
 * request. Being first in its pid namespace it reaps what they leave, and when it
 * dies the kernel kills all of them; PR_SET_PDEATHSIG makes it die with hvhost.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sched.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "peer_child.h"

#define IFACE		"peer0"
#define RUNS_MAX	64

struct in6_request {		/* struct in6_ifreq, whose header clashes with glibc's */
	struct in6_addr addr;
	uint32_t prefix;
	int index;
};

static struct {
	int sock;
	struct { uint32_t id; pid_t pid; } run[RUNS_MAX];
	char buf[PEER_MSG_MAX + 1];
} child;

static void tell(uint32_t op, uint32_t id, int32_t value, const void *data, uint32_t len,
		 int pass_fd)
{
	struct peer_msg m = { op, id, value, len };
	struct iovec iov[2] = { { &m, sizeof(m) }, { (void *)data, len } };
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };

	if (pass_fd >= 0) {
		struct cmsghdr *c = (struct cmsghdr *)control;

		h.msg_control = control;
		h.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	while (sendmsg(child.sock, &h, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

static void give_up(const char *what) __attribute__((noreturn));

static void give_up(const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
	tell(PEER_FAILED, 0, errno, text, (uint32_t)strlen(text), -1);
	_exit(1);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* ---- interface ---- */

static int set_up(int s, const char *name)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(s, SIOCGIFFLAGS, &r))
		return -1;
	r.ifr_flags |= IFF_UP | IFF_RUNNING;
	return ioctl(s, SIOCSIFFLAGS, &r);
}

static int add_addr4(struct in_addr a, unsigned int prefix)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = a };
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", IFACE);
	memcpy(&r.ifr_addr, &sin, sizeof(sin));
	ret = ioctl(s, SIOCSIFADDR, &r);
	sin.sin_addr.s_addr = prefix ? htonl(~0u << (32 - prefix)) : 0;
	memcpy(&r.ifr_netmask, &sin, sizeof(sin));
	if (!ret)
		ret = ioctl(s, SIOCSIFNETMASK, &r);
	close(s);
	return ret;
}

static int add_addr6(const struct in6_addr *a, unsigned int prefix)
{
	int s = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;
	struct in6_request r = { *a, prefix, (int)if_nametoindex(IFACE) };

	if (s < 0)
		return -1;
	ret = ioctl(s, SIOCSIFADDR, &r);
	close(s);
	return ret && errno == EEXIST ? 0 : ret;
}

static int add_addr(const char *text)
{
	char addr[64], *slash;
	struct in6_addr a6;
	struct in_addr a4;

	snprintf(addr, sizeof(addr), "%s", text);
	slash = strchr(addr, '/');
	if (slash)
		*slash = 0;
	if (inet_pton(AF_INET, addr, &a4) == 1)
		return add_addr4(a4, slash ? (unsigned int)atoi(slash + 1) : 24);
	if (inet_pton(AF_INET6, addr, &a6) == 1)
		return add_addr6(&a6, slash ? (unsigned int)atoi(slash + 1) : 64);
	errno = EINVAL;
	return -1;
}

static int make_tap(const struct peer_plan *plan)
{
	static const uint8_t mac[6] = { 0x02, 0x68, 0x76, 0x70, 0x65, 0x01 };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { 0 };

	if (fd < 0)
		give_up("/dev/net/tun");
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", IFACE);
	r.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &r))
		give_up("TUNSETIFF " IFACE);
	r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(r.ifr_hwaddr.sa_data, mac, 6);
	if (ioctl(s, SIOCSIFHWADDR, &r))
		give_up("address of " IFACE);
	r.ifr_mtu = (int)plan->mtu;
	if (ioctl(s, SIOCSIFMTU, &r))
		give_up("MTU of " IFACE);
	/* Addresses are usable at once; nothing is sent before the first command. */
	write_file("/proc/sys/net/ipv6/conf/all/accept_dad", "0");
	write_file("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	write_file("/proc/sys/net/ipv6/conf/" IFACE "/accept_dad", "0");
	write_file("/proc/sys/net/ipv6/conf/" IFACE "/router_solicitations", "0");
	write_file("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
	if (set_up(s, "lo") || set_up(s, IFACE))
		give_up("raising " IFACE);
	if (add_addr(plan->addr4))
		give_up(plan->addr4);
	add_addr(plan->addr6);	/* a kernel without IPv6 still has a peer */
	close(s);
	return fd;
}

/* ---- namespaces ---- */

static void become_root(uid_t uid, gid_t gid)
{
	char map[64];

	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)uid);
	if (write_file("/proc/self/uid_map", map))
		give_up("uid_map");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)gid);
	if (write_file("/proc/self/gid_map", map))
		give_up("gid_map");
}

/* Own /proc and /sys where the kernel lets us; commands like ip look there. */
static void own_mounts(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ||
	    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return;
}

/* ---- commands ---- */

static void exec_words(char *words, size_t len, int out, int err) __attribute__((noreturn));

static void exec_words(char *words, size_t len, int out, int err)
{
	char *argv[1024];
	sigset_t none;
	size_t i, n = 0;

	for (i = 0; i < len && n < 1023; i += strlen(words + i) + 1)
		argv[n++] = words + i;
	argv[n] = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (dup2(open("/dev/null", O_RDONLY), 0) || dup2(out, 1) != 1 || dup2(err, 2) != 2)
		_exit(126);
	close_range(3, ~0u, 0);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void run(const struct peer_msg *m, const int fd[2])
{
	unsigned int i;
	pid_t pid;

	for (i = 0; i < RUNS_MAX && child.run[i].pid; i++)
		;
	if (i == RUNS_MAX || !m->len) {
		tell(PEER_EXITED, m->id, 126, NULL, 0, -1);
		return;
	}
	child.buf[m->len] = 0;
	pid = fork();
	if (!pid)
		exec_words(child.buf, m->len, fd[0], fd[1]);
	if (pid < 0) {
		tell(PEER_EXITED, m->id, 126, NULL, 0, -1);
		return;
	}
	child.run[i].id = m->id;
	child.run[i].pid = pid;
	tell(PEER_STARTED, m->id, pid, NULL, 0, -1);
}

static void reap(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < RUNS_MAX && child.run[i].pid != pid; i++)
			;
		if (i == RUNS_MAX)
			continue;
		child.run[i].pid = 0;
		tell(PEER_EXITED, child.run[i].id, WIFSIGNALED(status) ?
		     128 + WTERMSIG(status) : WEXITSTATUS(status), NULL, 0, -1);
	}
}

static void kill_run(uint32_t id, int sig)
{
	unsigned int i;

	for (i = 0; i < RUNS_MAX; i++)
		if (child.run[i].pid && child.run[i].id == id &&
		    kill(-child.run[i].pid, sig))
			kill(child.run[i].pid, sig);
}

/* One request; false when hvhost is gone. */
static bool serve_one(void)
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	struct peer_msg m;
	struct iovec iov[2] = { { &m, sizeof(m) }, { child.buf, PEER_MSG_MAX } };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = 2, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd[2] = { -1, -1 };
	struct cmsghdr *c;
	ssize_t n;

	n = recvmsg(child.sock, &h, MSG_CMSG_CLOEXEC);
	if (n < (ssize_t)sizeof(m))
		return n < 0 && errno == EINTR;
	c = CMSG_FIRSTHDR(&h);
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(fd, CMSG_DATA(c), sizeof(fd));
	m.len = (uint32_t)(n - (ssize_t)sizeof(m));
	child.buf[m.len] = 0;
	if (m.op == PEER_RUN && fd[1] >= 0)
		run(&m, fd);
	else if (m.op == PEER_KILL)
		kill_run(m.id, m.value);
	else if (m.op == PEER_ADDR)
		tell(PEER_ADDR_DONE, m.id, add_addr(child.buf) ? errno : 0, NULL, 0, -1);
	if (fd[0] >= 0)
		close(fd[0]);
	if (fd[1] >= 0)
		close(fd[1]);
	return true;
}

static void serve(void) __attribute__((noreturn));

static void serve(void)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	struct signalfd_siginfo info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	p[0].fd = child.sock;
	p[1].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			_exit(1);
		if (p[1].revents) {
			while (read(p[1].fd, &info, sizeof(info)) > 0)
				;
			reap();
		}
		if (p[0].revents && !serve_one())
			_exit(0);
	}
}

/*
 * hvhost ends us, a terminal's signals do not. Blocked, not ignored: a command
 * that is signalled before its exec finds the signal pending when it unblocks.
 */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void be_child(const struct peer_plan *plan, int sock, uid_t uid, gid_t gid)
{
	int keep, tap;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "hvhost-peer");
	/* Nothing of hvhost but this socket and the standard descriptors. */
	keep = dup2(sock, 3);
	close_range(4, ~0u, 0);
	fcntl(keep, F_SETFD, FD_CLOEXEC);
	child.sock = keep;
	block_signals();
	if (uid)
		become_root(uid, gid);
	own_mounts();
	tap = make_tap(plan);
	tell(PEER_READY, 0, 0, NULL, 0, tap);
	close(tap);
	serve();
}

pid_t peer_child_start(const struct peer_plan *plan, int *fd)
{
	unsigned long flags = SIGCHLD | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int sock[2], size = 2 * PEER_MSG_MAX;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock))
		return -errno;
	setsockopt(sock[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (uid)
		flags |= CLONE_NEWUSER;
	/* Like fork(), but into the new namespaces: the child is pid 1 of its own. */
	pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (!pid) {
		be_child(plan, sock[1], uid, gid);
		_exit(1);
	}
	close(sock[1]);
	if (pid < 0) {
		int err = errno;

		close(sock[0]);
		return -err;
	}
	*fd = sock[0];
	return pid;
}
