/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: loop, main's side: only main.c and the unit tests run it. */
#ifndef HVHOST_BASE_LOOP_RUN_H
#define HVHOST_BASE_LOOP_RUN_H

#include <pthread.h>

/**
 * loop_init() - before anything is added, by the thread that will run the loop
 * @lock: is held during callbacks; NULL: none
 *
 * Return: 0 or negative errno.
 */
int loop_init(pthread_mutex_t *lock);

/** loop_run() - until loop_stop(); called without the lock. May be run again. */
void loop_run(void);

/** loop_turn() - one round, waiting @max_ms at most (-1: until something is due) */
void loop_turn(int max_ms);

/** loop_stop() - any thread: loop_run() returns soon */
void loop_stop(void);

#endif
