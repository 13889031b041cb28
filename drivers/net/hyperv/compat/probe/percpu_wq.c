// SPDX-License-Identifier: GPL-2.0
/* Is the queue that schedule_work() uses called system_percpu_wq? */
#include <linux/workqueue.h>

static bool probe(struct delayed_work *work)
{
	return mod_delayed_work(system_percpu_wq, work, 1);
}
