// SPDX-License-Identifier: GPL-2.0
/* Is there a flag that keeps IPv6 from a device? */
#include <linux/netdevice.h>

static unsigned int probe(void)
{
	return IFF_NO_ADDRCONF;
}
