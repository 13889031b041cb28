// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: list - the buses that there are, and the machine that they are part of.
 */
#include "inside.h"

struct vpci_machine vpci_machine = { .vps = 1 };

static struct vpci *first_bus;

struct vpci *vpci_first(void)
{
	return first_bus;
}

void vpci_init(const struct vpci_machine *m)
{
	vpci_machine = *m;
}

void vpci_list_add(struct vpci *b)
{
	b->next = first_bus;
	first_bus = b;
}

void vpci_list_del(struct vpci *b)
{
	struct vpci **at = &first_bus;

	while (*at && *at != b)
		at = &(*at)->next;
	if (*at)
		*at = b->next;
}
