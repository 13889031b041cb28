/* SPDX-License-Identifier: GPL-2.0 */
/* Room xdp_rules: what a program's verdict means, and which frames it may have. */
#ifndef _NETVSC_LIB_XDP_RULES_H
#define _NETVSC_LIB_XDP_RULES_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/types.h>

/**
 * enum netvsc_xdp_todo - what to do with a frame that a program has seen
 * @NETVSC_XDP_PASS: to the stack
 * @NETVSC_XDP_DROP: nothing more
 * @NETVSC_XDP_SEND: back to the host
 * @NETVSC_XDP_REDIRECT: to where the program said
 * @NETVSC_XDP_ABORT: dropped, and traced as an exception
 * @NETVSC_XDP_UNKNOWN: the same, and a warning: there is no such verdict
 */
enum netvsc_xdp_todo {
	NETVSC_XDP_PASS,
	NETVSC_XDP_DROP,
	NETVSC_XDP_SEND,
	NETVSC_XDP_REDIRECT,
	NETVSC_XDP_ABORT,
	NETVSC_XDP_UNKNOWN,
};

/**
 * netvsc_xdp_rules_todo() - what a verdict means
 * @act: what the program returned: anything
 *
 * Return: enum netvsc_xdp_todo.
 */
static inline enum netvsc_xdp_todo netvsc_xdp_rules_todo(u32 act)
{
	switch (act) {
	case XDP_PASS:
		return NETVSC_XDP_PASS;
	case XDP_DROP:
		return NETVSC_XDP_DROP;
	case XDP_TX:
		return NETVSC_XDP_SEND;
	case XDP_REDIRECT:
		return NETVSC_XDP_REDIRECT;
	case XDP_ABORTED:
		return NETVSC_XDP_ABORT;
	}
	return NETVSC_XDP_UNKNOWN;
}

/**
 * enum netvsc_xdp_refusal - why a program cannot be in force
 * @NETVSC_XDP_ACCEPT: it can
 * @NETVSC_XDP_REFUSE_MTU: frames may be longer than what it can see
 * @NETVSC_XDP_REFUSE_RSC: the host may coalesce frames
 */
enum netvsc_xdp_refusal {
	NETVSC_XDP_ACCEPT,
	NETVSC_XDP_REFUSE_MTU,
	NETVSC_XDP_REFUSE_RSC,
};

/**
 * netvsc_xdp_rules_refuse() - may a program be in force? (R48)
 * @frags: it knows frames of more than one buffer
 * @mtu: of the interface
 * @linear_bytes: longest frame in one buffer
 * @rsc: the host may coalesce
 *
 * One that knows frags may always.
 *
 * Return: enum netvsc_xdp_refusal.
 */
enum netvsc_xdp_refusal netvsc_xdp_rules_refuse(bool frags, u32 mtu,
						u32 linear_bytes, bool rsc);

/**
 * netvsc_xdp_rules_may_send() - would the host take the frame?
 * @bytes: of the frame
 * @tagged: of these four are a VLAN tag, which travels beside the frame
 * @mtu: of the interface
 *
 * A coalesced frame is too long: it is none that could be sent. R51, sheet 7.1.
 *
 * Return: true: it would.
 */
static inline bool
netvsc_xdp_rules_may_send(u32 bytes, bool tagged, u32 mtu)
{
	u32 tag = tagged ? 4 : 0;

	return bytes >= ETH_HLEN + tag && bytes - tag <= mtu + ETH_HLEN;
}

/*
 * What a receive hash covers, as programs are told it: the bits of the kernel's
 * enum xdp_rss_hash_type, which older kernels do not have.
 */
#define NETVSC_XDP_HASH_IPV4	0x01
#define NETVSC_XDP_HASH_IPV6	0x02
#define NETVSC_XDP_HASH_EX	0x04
#define NETVSC_XDP_HASH_L4	0x08
#define NETVSC_XDP_HASH_TCP	0x10
#define NETVSC_XDP_HASH_UDP	0x20

/**
 * netvsc_xdp_rules_hash_type() - what a receive hash covers
 * @info: from the host, NDIS_HASH_*; 0 if it said nothing
 *
 * Return: NETVSC_XDP_HASH_*; 0 if it names none or several types.
 */
u32 netvsc_xdp_rules_hash_type(u32 info);

#endif /* _NETVSC_LIB_XDP_RULES_H */
