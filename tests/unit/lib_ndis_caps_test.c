// SPDX-License-Identifier: GPL-2.0
/* SRCS: drivers/net/hyperv/lib/nvsp_msg.c */
/* CFLAGS: -Itests/shim */
#include "../kunit/ndis_caps_kunit.c"
