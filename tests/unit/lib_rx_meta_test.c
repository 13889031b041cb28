// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
#include "../kunit/rx_meta_kunit.c"
