// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: tap - frames between a TAP and the switch. Tags travel inline on the TAP and
 * beside the frame on the switch.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "../base/loop.h"
#include "packet.h"
#include "switch.h"
#include "tap.h"

#define BURST		64
#define FRAME_MAX	16384

static struct {
	struct switch_port *port;
	int fd;
	bool watched;
	uint64_t dropped;
	uint8_t in[FRAME_MAX], untagged[FRAME_MAX], out[FRAME_MAX];
} tap = { .fd = -1 };

static void tap_deliver(void *priv, const struct switch_frame *f)
{
	const uint8_t *frame = f->data;
	size_t len = f->len;

	(void)priv;
	if (len + ETH_TAG_BYTES > FRAME_MAX) {
		tap.dropped++;
		return;
	}
	if (f->tagged) {
		memcpy(tap.out, f->data, 12);
		put_be16(tap.out + 12, ETH_TYPE_VLAN);
		put_be16(tap.out + 14, f->tci);
		memcpy(tap.out + 16, f->data + 12, len - 12);
		len += ETH_TAG_BYTES;
		frame = tap.out;
	}
	if (write(tap.fd, frame, len) != (ssize_t)len)
		tap.dropped++;
}

static const struct switch_port_ops tap_ops = { .deliver = tap_deliver };

static void tap_readable(void *priv, int fd, uint32_t events)
{
	struct switch_frame f;
	unsigned int n;
	ssize_t len;

	(void)priv;
	if (events & (EPOLLHUP | EPOLLERR)) {
		loop_del_fd(fd);
		tap.watched = false;
		return;
	}
	for (n = 0; n < BURST; n++) {
		len = read(fd, tap.in, sizeof(tap.in));
		if (len < ETH_HEADER_BYTES)
			break;
		switch_untag(tap.in, (size_t)len, tap.untagged, &f);
		switch_input(tap.port, &f);
	}
	switch_flush();
}

int tap_start(const char *name, int fd)
{
	tap.fd = fd;
	tap.port = switch_port_add(name, &tap_ops, NULL);
	if (!tap.port)
		return -ENOSPC;
	tap.watched = !loop_add_fd(fd, EPOLLIN, tap_readable, NULL);
	return tap.watched ? 0 : -EIO;
}

void tap_stop(void)
{
	if (tap.watched)
		loop_del_fd(tap.fd);
	tap.watched = false;
	switch_port_del(tap.port);
	tap.port = NULL;
}

uint64_t tap_dropped(void)
{
	return tap.dropped;
}
