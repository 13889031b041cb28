// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Room trace: what is said to the host and by it, for ftrace, perf and BPF
 *
 * Promise: a trace point that is off costs a jump; none is on the path of a frame. What
 * the host said is copied, and shown by name where it has one.
 *
 * Neighbours: each room calls its own, see trace.h.
 *
 * The events are made of that header by the kernel's macros, here and nowhere else.
 */
#define CREATE_TRACE_POINTS
#include "trace.h"
