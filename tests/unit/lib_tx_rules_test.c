// SPDX-License-Identifier: GPL-2.0
/* CFLAGS: -Itests/shim */
#include "../kunit/tx_rules_kunit.c"
