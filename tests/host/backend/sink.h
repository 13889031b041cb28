/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: sink - the receiving side of the generator (gen.h): verbs gen.expect,
 * gen.reset, gen.frames.
 */
#ifndef HVHOST_BACKEND_SINK_H
#define HVHOST_BACKEND_SINK_H

#include <jansson.h>
#include "switch.h"

/** sink_setup() - the verbs */
void sink_setup(void);

/** sink_teardown() - what waits is answered */
void sink_teardown(void);

/** sink_deliver(), sink_flush() - the port's side of the switch */
void sink_deliver(void *priv, const struct switch_frame *f);
void sink_flush(void *priv);

/** sink_report() - adds the counters of this side to @o */
void sink_report(json_t *o);

#endif
