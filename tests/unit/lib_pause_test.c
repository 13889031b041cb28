// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
#include "../kunit/pause_kunit.c"
