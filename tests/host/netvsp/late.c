// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: late - answers that a fault holds back. The answer's owner says how it is sent
 * when its time has come; a reset of the connection throws it away.
 */
#include <stdlib.h>
#include <string.h>
#include "late.h"
#include "nic.h"

struct nic_late {
	struct nic_late *next;
	struct nic *nic;
	struct loop_timer *timer;
	late_send_fn send;
	uint64_t id;
	size_t len;
	uint8_t data[];
};

static void late_unlink(struct nic_late *l)
{
	struct nic_late **at = &l->nic->late;

	while (*at && *at != l)
		at = &(*at)->next;
	if (*at)
		*at = l->next;
}

static void late_fired(void *priv)
{
	struct nic_late *l = priv;

	late_unlink(l);
	l->send(l->nic, l->id, l->data, l->len);
	free(l);
}

void late_keep(struct nic *nic, late_send_fn send, uint64_t id, const void *data,
	       size_t len, unsigned int ms)
{
	struct nic_late *l = malloc(sizeof(*l) + len);

	if (!l)
		return;
	l->nic = nic;
	l->send = send;
	l->id = id;
	l->len = len;
	memcpy(l->data, data, len);
	l->next = nic->late;
	nic->late = l;
	l->timer = loop_add_timer(ms, late_fired, l);
}

void late_drop_all(struct nic *nic)
{
	while (nic->late) {
		struct nic_late *l = nic->late;

		nic->late = l->next;
		loop_del_timer(l->timer);
		free(l);
	}
}
