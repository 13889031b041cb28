// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: loop - epoll and a sorted list of timers.
 *
 * loop_run() sleeps in epoll without the machine lock, then takes it for all
 * callbacks of a round. Watches that are removed during a round are only marked
 * and freed when the round ends, so that no callback runs on a dead watch.
 */
#include "loop.h"
#include "loop_run.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define ROUND_EVENTS	32

struct watch {
	struct watch *next;
	int fd;
	bool dead;
	loop_fd_fn cb;
	void *priv;
};

struct loop_timer {
	struct loop_timer *next;
	uint64_t at_us;
	loop_timer_fn cb;
	void *priv;
};

static struct {
	int epfd, wakefd;
	pthread_mutex_t *lock;
	struct watch *watches;
	struct loop_timer *timers;
	pthread_t thread;	/* that runs the loop */
	volatile bool stop;
} loop = { .epfd = -1, .wakefd = -1 };

uint64_t loop_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

uint64_t loop_now_ms(void)
{
	return loop_now_us() / 1000;
}

static void wake(void)
{
	uint64_t one = 1;

	/* The loop's own callbacks are followed by a look at the timers anyway. */
	if (loop.wakefd < 0 || pthread_equal(pthread_self(), loop.thread))
		return;
	if (write(loop.wakefd, &one, sizeof(one)) < 0)
		return;	/* already full: the loop is awake */
}

int loop_init(pthread_mutex_t *lock)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	loop.lock = lock;
	loop.thread = pthread_self();
	loop.epfd = epoll_create1(EPOLL_CLOEXEC);
	loop.wakefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop.epfd < 0 || loop.wakefd < 0 ||
	    epoll_ctl(loop.epfd, EPOLL_CTL_ADD, loop.wakefd, &ev))
		return -errno;
	return 0;
}

static struct watch *find(int fd)
{
	struct watch *w;

	for (w = loop.watches; w; w = w->next)
		if (w->fd == fd && !w->dead)
			return w;
	return NULL;
}

int loop_add_fd(int fd, uint32_t events, loop_fd_fn cb, void *priv)
{
	struct epoll_event ev = { .events = events };
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->fd = fd;
	w->cb = cb;
	w->priv = priv;
	ev.data.ptr = w;
	if (epoll_ctl(loop.epfd, EPOLL_CTL_ADD, fd, &ev)) {
		free(w);
		return -errno;
	}
	w->next = loop.watches;
	loop.watches = w;
	return 0;
}

int loop_mod_fd(int fd, uint32_t events)
{
	struct watch *w = find(fd);
	struct epoll_event ev = { .events = events, .data.ptr = w };

	if (!w)
		return -ENOENT;
	return epoll_ctl(loop.epfd, EPOLL_CTL_MOD, fd, &ev) ? -errno : 0;
}

void loop_del_fd(int fd)
{
	struct watch *w = find(fd);

	if (!w)
		return;
	epoll_ctl(loop.epfd, EPOLL_CTL_DEL, fd, NULL);
	w->dead = true;
}

struct loop_timer *loop_add_timer_us(uint64_t us, loop_timer_fn cb, void *priv)
{
	struct loop_timer *t = calloc(1, sizeof(*t)), **at = &loop.timers;

	if (!t)
		return NULL;
	t->at_us = loop_now_us() + us;
	t->cb = cb;
	t->priv = priv;
	while (*at && (*at)->at_us <= t->at_us)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	if (loop.timers == t)
		wake();
	return t;
}

struct loop_timer *loop_add_timer(unsigned int ms, loop_timer_fn cb, void *priv)
{
	return loop_add_timer_us(ms * 1000ull, cb, priv);
}

void loop_del_timer(struct loop_timer *timer)
{
	struct loop_timer **at;

	for (at = &loop.timers; timer && *at; at = &(*at)->next)
		if (*at == timer) {
			*at = timer->next;
			free(timer);
			return;
		}
}

struct loop_companion {
	loop_beside_fn cb;
	void *priv;
};

static void *companion_thread(void *arg)
{
	struct loop_companion *c = arg;
	struct timespec t = { 0 };
	unsigned int us;

	do {
		if (loop.lock)
			pthread_mutex_lock(loop.lock);
		us = c->cb(c->priv);
		if (loop.lock)
			pthread_mutex_unlock(loop.lock);
		t.tv_sec = us / 1000000;
		t.tv_nsec = us % 1000000 * 1000;
		nanosleep(&t, NULL);
	} while (us);
	free(c);
	return NULL;
}

int loop_beside(loop_beside_fn cb, void *priv)
{
	struct loop_companion *c = malloc(sizeof(*c));
	pthread_t thread;
	int ret;

	if (!c)
		return -ENOMEM;
	*c = (struct loop_companion){ cb, priv };
	ret = pthread_create(&thread, NULL, companion_thread, c);
	if (ret)
		free(c);
	else
		pthread_detach(thread);
	return -ret;
}

static void run_timers(void)
{
	uint64_t now = loop_now_us();

	while (loop.timers && loop.timers->at_us <= now) {
		struct loop_timer *t = loop.timers;
		loop_timer_fn cb = t->cb;
		void *priv = t->priv;

		loop.timers = t->next;
		free(t);
		cb(priv);
	}
}

static void bury(void)
{
	struct watch **at = &loop.watches;

	while (*at) {
		struct watch *w = *at;

		if (w->dead) {
			*at = w->next;
			free(w);
		} else {
			at = &w->next;
		}
	}
}

/* Lock held. Microseconds; -1: no timer. */
static int64_t next_timeout(void)
{
	uint64_t now = loop_now_us();

	if (!loop.timers)
		return -1;
	return loop.timers->at_us <= now ? 0 : (int64_t)(loop.timers->at_us - now);
}

static int wait_events(struct epoll_event *ev, int64_t us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	return epoll_pwait2(loop.epfd, ev, ROUND_EVENTS, us < 0 ? NULL : &t, NULL);
}

static void run_watches(const struct epoll_event *ev, int n)
{
	uint64_t count;
	int i;

	for (i = 0; i < n; i++) {
		struct watch *w = ev[i].data.ptr;

		if (w && !w->dead)
			w->cb(w->priv, w->fd, ev[i].events);
		else if (!w && read(loop.wakefd, &count, sizeof(count)) < 0)
			continue;	/* nobody woke us after all */
	}
}

void loop_turn(int max_ms)
{
	struct epoll_event ev[ROUND_EVENTS];
	int64_t us, max = max_ms * 1000ll;
	int n;

	if (loop.lock)
		pthread_mutex_lock(loop.lock);
	us = next_timeout();
	if (loop.lock)
		pthread_mutex_unlock(loop.lock);
	if (max >= 0 && (us < 0 || us > max))
		us = max;
	n = wait_events(ev, us);
	if (loop.lock)
		pthread_mutex_lock(loop.lock);
	run_watches(ev, n);
	run_timers();
	bury();
	if (loop.lock)
		pthread_mutex_unlock(loop.lock);
}

void loop_run(void)
{
	while (!loop.stop)
		loop_turn(-1);
	loop.stop = false;
}

void loop_stop(void)
{
	loop.stop = true;
	wake();
}
