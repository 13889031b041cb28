/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: a NIC up in the fake host, for the tests of its data path: a port on the switch
 * that sends to it, its statistics, its faults, its sub-channels.
 */
#ifndef TESTS_UNIT_HOST_NIC_H
#define TESTS_UNIT_HOST_NIC_H

#include "unit.h"
#include <endian.h>
#include "backend/switch.h"
#include "base/violation.h"
#include "fake/guest.h"
#include "fault/fault.h"

#define NIC_MAYBE	__attribute__((unused)) static

NIC_MAYBE struct switch_port *nic_port;

NIC_MAYBE void nic_deaf(void *priv, const struct switch_frame *f)
{
}

NIC_MAYBE const struct switch_port_ops nic_mute = { .deliver = nic_deaf };

/* The guest is up with the NIC keys @words; what it got so far is discarded. */
NIC_MAYBE bool nic_start(struct guest *g, const char *words)
{
	violation_clear();
	nic_port = switch_port_add("test", &nic_mute, NULL);
	if (!guest_up(g, words))
		return false;
	guest_discard(g, 0);
	return true;
}

NIC_MAYBE void nic_stop(struct guest *g)
{
	if (nic_port)
		switch_port_del(nic_port);
	nic_port = NULL;
	guest_free(g);
	fault_clear(NULL, FAULT_ANY_NIC);
	violation_clear();
}

/* The same, the guest having broken no rule. */
NIC_MAYBE void nic_stop_clean(struct guest *g)
{
	EXPECT_EQ(violation_total(), 0);
	nic_stop(g);
}

NIC_MAYBE void nic_inject(const void *frame, size_t len)
{
	struct switch_frame f = { .data = frame, .len = len };

	switch_input(nic_port, &f);
}

/* A statistic of NIC 0, or a reason for drops; -1: there is none of that name. */
NIC_MAYBE int64_t nic_stat(const char *name)
{
	json_t *o = fake_verb("{\"cmd\":\"stats\",\"nic\":%d}", 0);
	json_t *r = json_object_get(o, "result"), *v = json_object_get(r, name);
	int64_t n;

	if (!json_is_integer(v))
		v = json_object_get(json_object_get(r, "drops"), name);
	n = json_is_integer(v) ? json_integer_value(v) : -1;
	json_decref(o);
	return n;
}

/* Once, on NIC 0; @value below 0: none. */
NIC_MAYBE void nic_arm(const char *name, unsigned int ms, int64_t value)
{
	struct fault f = { .nic = 0, .count = 1, .ms = ms, .has_value = value >= 0,
			   .value = (uint32_t)value };

	if (fault_set(&f, name) < 0)
		UNIT_FAIL("no fault %s", name);
}

NIC_MAYBE bool nic_open_subchannels(struct guest *g, unsigned int n)
{
	struct nvsp_message m = { 0 };
	unsigned int i;

	m.subchannel_request.type = htole32(NVSP_MSG_SUBCHANNEL);
	m.subchannel_request.operation = htole32(1);
	m.subchannel_request.count = htole32(n);
	free(guest_ask(g, &m));
	fake_run(5);
	for (i = 1; i <= n; i++) {
		g->ch[i] = fake_channel(g->bus, i);
		if (!g->ch[i] || fake_open(g->ch[i]))
			return false;
	}
	guest_discard(g, 0);
	return true;
}

#endif /* TESTS_UNIT_HOST_NIC_H */
