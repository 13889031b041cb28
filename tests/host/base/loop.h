/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: loop - the host's one event loop: file descriptors and timers.
 *
 * The main thread waits here; every callback runs on it with the machine lock
 * held. What must happen later is a timer, what comes from outside is a descriptor;
 * only what a guest writes without a word is looked for (vmbus/monitor). A thread beside the
 * loop is an exception that has to say why.
 */
#ifndef HVHOST_BASE_LOOP_H
#define HVHOST_BASE_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

struct loop_timer;

/**
 * typedef loop_fd_fn - a watched descriptor is ready
 * @events: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR as they came
 */
typedef void (*loop_fd_fn)(void *priv, int fd, uint32_t events);
typedef void (*loop_timer_fn)(void *priv);

/**
 * loop_add_fd() - watch @fd (level triggered)
 *
 * Return: 0 or negative errno.
 */
int loop_add_fd(int fd, uint32_t events, loop_fd_fn cb, void *priv);

/**
 * loop_mod_fd() - change the events of a watched descriptor
 *
 * Return: 0 or negative errno.
 */
int loop_mod_fd(int fd, uint32_t events);

/** loop_del_fd() - stop watching, before close(); allowed in any callback */
void loop_del_fd(int fd);

/**
 * loop_add_timer() - call once, @ms from now (0: in the next round of the loop)
 *
 * Any host thread holding the machine lock may call it; it wakes the loop.
 * Return: a handle, dead as soon as the callback starts; NULL without memory.
 */
struct loop_timer *loop_add_timer(unsigned int ms, loop_timer_fn cb, void *priv);

/**
 * loop_add_timer_us() - the same, @us microseconds from now
 *
 * Return: as of loop_add_timer().
 */
struct loop_timer *loop_add_timer_us(uint64_t us, loop_timer_fn cb, void *priv);

/** loop_del_timer() - cancel a timer that has not fired; NULL is fine */
void loop_del_timer(struct loop_timer *timer);

/**
 * typedef loop_beside_fn - what a thread beside the loop does
 *
 * Return: microseconds until it is called again; 0: the thread ends.
 */
typedef unsigned int (*loop_beside_fn)(void *priv);

/**
 * loop_beside() - a thread of its own calls @cb over and over, with the machine lock held: for what must not wait for
 * the loop, nor the loop for it
 *
 * Return: 0 or negative errno.
 */
int loop_beside(loop_beside_fn cb, void *priv);

/**
 * loop_now_ms() - the clock of the timers, monotonic
 *
 * Return: milliseconds.
 */
uint64_t loop_now_ms(void);

/**
 * loop_now_us() - the same clock, finer
 *
 * Return: microseconds.
 */
uint64_t loop_now_us(void);

#endif
