/* SPDX-License-Identifier: GPL-2.0 */
/* devlink as the kernel at hand has it. */
#ifndef _NETVSC_COMPAT_DEVLINK_H
#define _NETVSC_COMPAT_DEVLINK_H

#include <net/devlink.h>

/* The pause between two recoveries was an argument. */
#ifdef NETVSC_COMPAT_NO_REPORTER_PERIOD
#define NETVSC_REPORTER_PERIOD(ms)	/* in the call */
#define netvsc_reporter_create(devlink, ops, ms, priv)	\
	devlink_health_reporter_create(devlink, ops, ms, priv)
#else
#define NETVSC_REPORTER_PERIOD(ms)	.default_graceful_period = (ms),
#define netvsc_reporter_create(devlink, ops, ms, priv)	\
	devlink_health_reporter_create(devlink, ops, priv)
#endif

/* Today the core says which driver it is. */
#ifdef NETVSC_COMPAT_NO_CORE_DRIVER_NAME
#define netvsc_info_driver_name_put(req)	\
	devlink_info_driver_name_put(req, KBUILD_MODNAME)
#else
#define netvsc_info_driver_name_put(req)	0
#endif

#endif /* _NETVSC_COMPAT_DEVLINK_H */
