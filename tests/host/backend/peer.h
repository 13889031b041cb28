/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: peer - an IP stack that is not the guest's: a network namespace of the
 * hosting kernel with a TAP (peer0) whose other end is a switch port, and commands
 * that run in there (verbs peer, peer.kill, peer.wait, peer.list, peer.ip).
 *
 * The namespace belongs to a child process (peer_child.c) and dies with it; the
 * child dies with hvhost. Nothing is left behind and nothing has a name outside.
 */
#ifndef HVHOST_BACKEND_PEER_H
#define HVHOST_BACKEND_PEER_H

#include <stdbool.h>

/**
 * peer_setup() - make the namespace and the port, register the verbs
 * @on: false: only the verbs, which answer that there is no peer
 * @addr4: ADDRESS/PREFIX of peer0; @addr6 likewise
 *
 * Without the rights or the TUN driver there is no peer: the verbs say why. To be
 * called before other threads exist.
 */
void peer_setup(bool on, const char *addr4, const char *addr6, unsigned int mtu);

/** peer_teardown() - end the child and all commands */
void peer_teardown(void);

#endif
