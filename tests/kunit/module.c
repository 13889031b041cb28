// SPDX-License-Identifier: GPL-2.0
/* What makes a module of the suites; they register themselves. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of the Microsoft Hyper-V network driver");
MODULE_LICENSE("GPL");
