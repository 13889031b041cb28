// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
#include "../kunit/xdp_rules_kunit.c"
