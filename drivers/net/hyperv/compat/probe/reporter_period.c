// SPDX-License-Identifier: GPL-2.0
/* Does a health reporter have the pause between two recoveries among its operations? */
#include <net/devlink.h>

static const struct devlink_health_reporter_ops answer = {
	.default_graceful_period = 1,
};

static struct devlink_health_reporter *probe(struct devlink *devlink, void *priv)
{
	return devlink_health_reporter_create(devlink, &answer, priv);
}
