/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: pcap - capture files with nanosecond stamps, one per switch port.
 */
#ifndef HVHOST_BACKEND_PCAP_H
#define HVHOST_BACKEND_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcap;

/**
 * pcap_open() - create (truncate) @path
 *
 * Return: the file, or NULL with errno.
 */
struct pcap *pcap_open(const char *path);

/** pcap_frame() - one frame; a tag beside it is put back behind the addresses */
void pcap_frame(struct pcap *p, const uint8_t *frame, size_t len, bool tagged,
		uint16_t tci);

/**
 * pcap_frames() - frames written so far
 *
 * Return: their number.
 */
uint64_t pcap_frames(const struct pcap *p);

/** pcap_close() - flush and close; NULL is fine */
void pcap_close(struct pcap *p);

#endif
