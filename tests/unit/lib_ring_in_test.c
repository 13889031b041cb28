// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
#include "../kunit/ring_in_kunit.c"
