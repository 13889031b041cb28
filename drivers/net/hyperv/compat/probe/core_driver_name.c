// SPDX-License-Identifier: GPL-2.0
/* Does devlink say by itself which driver it is? Then this name is free. */
#include <net/devlink.h>

static void devlink_info_driver_name_put(void)
{
}
