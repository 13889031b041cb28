/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: peer_child - the process inside the peer's namespace, and how to talk to it.
 * Used by peer.c alone.
 *
 * One SOCK_SEQPACKET message is a struct peer_msg and @len bytes behind it.
 */
#ifndef HVHOST_BACKEND_PEER_CHILD_H
#define HVHOST_BACKEND_PEER_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#define PEER_MSG_MAX	(192 * 1024)

enum peer_op {
	PEER_READY,	/* child: set up; the TAP's descriptor comes along */
	PEER_FAILED,	/* child: text says why; it ends */
	PEER_RUN,	/* host: words, each with its NUL; stdout and stderr come along */
	PEER_STARTED,	/* child: @value = pid */
	PEER_EXITED,	/* child: @value = status, 128 + N for signal N */
	PEER_KILL,	/* host: signal @value to the group of run @id */
	PEER_ADDR,	/* host: text ADDRESS/PREFIX for peer0 */
	PEER_ADDR_DONE,	/* child: @value = errno */
};

struct peer_msg {
	uint32_t op;
	uint32_t id;
	int32_t value;
	uint32_t len;
};

struct peer_plan {
	const char *addr4, *addr6;
	unsigned int mtu;
};

/** peer_child_start() - fork it off; @fd gets our end. Return: pid or negative errno */
pid_t peer_child_start(const struct peer_plan *plan, int *fd);

#endif
