/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: lie_table - what the host writes for a guest, as data: messages.def.
 */
#ifndef HVHOST_FAULT_LIE_TABLE_H
#define HVHOST_FAULT_LIE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

struct fault;

enum lie_carrier { LIE_PACKET, LIE_NVSP, LIE_RNDIS, LIE_RING, LIE_BUS, LIE_IS_FIELD };

#define LIE_NVSP_NONE	UINT32_MAX	/* type of a completion without payload */

/* A line of messages.def. */
struct lie_line {
	const char *name;
	enum lie_carrier carrier;
	uint32_t type;		/* a field: its offset */
	unsigned int width;	/* of a field */
	const char *when;
	const char *excuses;
};

/* What becomes of the message; the words are in lie_table.c. */
enum lie_kind {
	LIE_LOST, LIE_LATE, LIE_TWICE, LIE_TRUNCATED, LIE_STRETCHED, LIE_FIELD, LIE_REWRITTEN,
	LIE_SWAPPED, LIE_ELSEWHERE, LIE_GARBAGE, LIE_KINDS,
};

/**
 * lie_message() - which message of @carrier has @type?
 *
 * Return: its line, or NULL.
 */
const struct lie_line *lie_message(enum lie_carrier carrier, uint32_t type);

/**
 * lie_named() - which message has that name?
 *
 * Return: its line, or NULL.
 */
const struct lie_line *lie_named(const char *name);

/**
 * lie_nth_field() - the fields of a message, one by one
 *
 * Return: the line of the field, or NULL: it has not so many.
 */
const struct lie_line *lie_nth_field(const struct lie_line *message, unsigned int n);

/**
 * lie_field() - the field that a fault "mutate" names
 *
 * Return: its line, or NULL when the message has none of that name.
 */
const struct lie_line *lie_field(const struct fault *f);

/**
 * lie_kind() - what a fault "mutate" does
 *
 * Return: the kind, or LIE_KINDS when there is none of that name.
 */
enum lie_kind lie_kind(const struct fault *f);

/**
 * lie_check() - does a fault "mutate" make sense?
 *
 * Return: NULL, or what is wrong with it.
 */
const char *lie_check(const struct fault *f);

/**
 * lie_bit() - the bit of a message in a set of them
 *
 * Return: that bit.
 */
uint64_t lie_bit(const struct lie_line *message);

/** lie_noise() - @len bytes, of the fault's seed and of how often it acted */
void lie_noise(const struct fault *f, uint8_t *b, size_t len);

/**
 * lie_report() - the table for whoever makes plans of it
 *
 * Return: a new reference.
 */
json_t *lie_report(void);

/**
 * lie_excuses() - can a lie about one of the messages @told lead a guest into @violation?
 *
 * Return: true if so.
 */
bool lie_excuses(uint64_t told, const char *violation);

#endif
