/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_MODULE_H
#define _SHIM_LINUX_MODULE_H

#define MODULE_LICENSE(x)	_Static_assert(1, x)
#define MODULE_DESCRIPTION(x)	_Static_assert(1, x)

#endif
