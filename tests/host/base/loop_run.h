/* SPDX-License-Identifier: GPL-2.0 */
/* DOC: loop, main's side: only main.c runs it. */
#ifndef HVHOST_BASE_LOOP_RUN_H
#define HVHOST_BASE_LOOP_RUN_H

#include <pthread.h>

/** loop_init() - before anything is added; @lock is held during callbacks */
int loop_init(pthread_mutex_t *lock);

/** loop_run() - until loop_stop(); called without the lock */
void loop_run(void);

/** loop_stop() - any thread: loop_run() returns soon */
void loop_stop(void);

#endif
