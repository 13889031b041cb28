/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: offload - task offloads: what the host can do, what the guest switched on.
 */
#ifndef HVHOST_NETVSP_OFFLOAD_H
#define HVHOST_NETVSP_OFFLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netvsc/ndis.h>

struct nic;
struct nic_cfg;

/* What is switched on (netvsc-wire.md 6.5). */
struct nic_offloads {
	bool tx_ip4, tx_tcp4, tx_udp4, tx_tcp6, tx_udp6;
	bool rx_ip4, rx_tcp4, rx_udp4, rx_tcp6, rx_udp6;
	bool lso4, lso6;
	bool rsc4, rsc6;
};

/** offload_caps() - the answer to the hardware capabilities */
void offload_caps(const struct nic *nic, struct ndis_offload *o);

/** offload_current() - the answer to the current configuration */
void offload_current(const struct nic *nic, struct ndis_offload *o);

/**
 * offload_trim() - revision and size for what the guest asked in @in
 *
 * Return: bytes of the answer.
 */
size_t offload_trim(const struct nic *nic, struct ndis_offload *o, const uint8_t *in,
		    size_t in_len);

/**
 * offload_set() - NDIS_OFFLOAD_PARAMETERS of the guest
 *
 * Return: the RNDIS status.
 */
uint32_t offload_set(struct nic *nic, const uint8_t *in, size_t len);

/**
 * offload_able() - what the keys of @cfg add up to
 *
 * Return: ABLE_*.
 */
unsigned int offload_able(const struct nic_cfg *cfg);

/**
 * offload_parse() - "full", "tcp4+lso4", "csum-udp6", ... into ABLE_*
 *
 * Return: false when a word is unknown.
 */
bool offload_parse(const char *words, unsigned int *able);

/** offload_change() - the host can do @able from now on; tells the guest */
void offload_change(struct nic *nic, unsigned int able);

/**
 * offload_tx() - what a frame that comes now may use
 *
 * Return: what is on, and what was until a moment ago.
 */
struct nic_offloads offload_tx(const struct nic *nic);

/** offload_reset() - all is off */
void offload_reset(struct nic *nic);

#endif
