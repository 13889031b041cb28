// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: lie_table - the messages and fields of fault/messages.def, and what the words of the
 * fault "mutate" mean. No state.
 */
#include <string.h>
#include "../base/violation.h"
#include "fault.h"
#include "lie_table.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define NVSP_NONE				LIE_NVSP_NONE
#define MESSAGE(name, carrier, type, when, excuses)	{ name, LIE_##carrier, type, 0, when, excuses },
#define FIELD(name, offset, width)			{ name, LIE_IS_FIELD, offset, width, NULL, NULL },
static const struct lie_line lines[] = {
#include "messages.def"
};

static const char *const kinds[LIE_KINDS] = {
	[LIE_LOST] = "lost", [LIE_LATE] = "late", [LIE_TWICE] = "twice",
	[LIE_TRUNCATED] = "truncated", [LIE_STRETCHED] = "stretched", [LIE_FIELD] = "field",
	[LIE_REWRITTEN] = "rewritten", [LIE_SWAPPED] = "swapped", [LIE_ELSEWHERE] = "elsewhere",
	[LIE_GARBAGE] = "garbage",
};

const struct lie_line *lie_message(enum lie_carrier carrier, uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].carrier == carrier && lines[i].type == type)
			return &lines[i];
	return NULL;
}

const struct lie_line *lie_named(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].carrier != LIE_IS_FIELD && !strcmp(lines[i].name, name))
			return &lines[i];
	return NULL;
}

const struct lie_line *lie_nth_field(const struct lie_line *message, unsigned int n)
{
	const struct lie_line *line = message + 1;

	while (line < lines + ARRAY_SIZE(lines) && line->carrier == LIE_IS_FIELD && n--)
		line++;
	return line < lines + ARRAY_SIZE(lines) && line->carrier == LIE_IS_FIELD ? line : NULL;
}

const struct lie_line *lie_field(const struct fault *f)
{
	const struct lie_line *line = lie_named(f->what);

	while (line && ++line < lines + ARRAY_SIZE(lines) && line->carrier == LIE_IS_FIELD)
		if (!strcmp(line->name, f->field))
			return line;
	return NULL;
}

enum lie_kind lie_kind(const struct fault *f)
{
	enum lie_kind kind = 0;

	while (kind < LIE_KINDS && strcmp(kinds[kind], f->kind))
		kind++;
	return kind;
}

const char *lie_check(const struct fault *f)
{
	const struct lie_line *message = lie_named(f->what);
	enum lie_kind kind = lie_kind(f);
	bool wants_field = kind == LIE_FIELD || kind == LIE_REWRITTEN;

	if (!message)
		return "what= names no message of fault/messages.def";
	if (kind == LIE_KINDS)
		return "kind=lost|late|twice|truncated|stretched|field|rewritten|swapped|elsewhere|garbage wanted";
	if (wants_field && !lie_field(f))
		return "field= names no field of that message";
	if (message->carrier == LIE_RING && kind != LIE_FIELD)
		return "of a ring only kind=field is possible";
	if (message->carrier == LIE_BUS && (kind == LIE_REWRITTEN || kind == LIE_ELSEWHERE))
		return "a message of the bus is neither rewritten nor sent elsewhere";
	return NULL;
}

json_t *lie_report(void)
{
	static const char *const carriers[] = { "PACKET", "NVSP", "RNDIS", "RING", "BUS" };
	json_t *list = json_array(), *fields = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct lie_line *l = &lines[i];

		if (l->carrier == LIE_IS_FIELD) {
			json_array_append_new(fields, json_pack("[s,i,i]", l->name, (int)l->type, (int)l->width));
			continue;
		}
		fields = json_array();
		json_array_append_new(list, json_pack("{s:s,s:s,s:I,s:s,s:o}", "name", l->name,
						      "carrier", carriers[l->carrier], "type",
						      (json_int_t)l->type, "when", l->when,
						      "fields", fields));
	}
	return list;
}

/* Another one for each time that the fault acts. */
void lie_noise(const struct fault *f, uint8_t *b, size_t len)
{
	uint32_t seed = f->seed + (uint32_t)f->hits * 0x9e3779b9u;

	seed = seed ? seed : 1;
	while (len--) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		*b++ = (uint8_t)seed;
	}
}

uint64_t lie_bit(const struct lie_line *message)
{
	unsigned int n = 0;

	while (message-- > lines)
		n += message->carrier != LIE_IS_FIELD;
	return 1ull << n;
}

bool lie_excuses(uint64_t told, const char *violation)
{
	size_t i;

	for (i = 0; told && i < ARRAY_SIZE(lines); i++)
		if (lines[i].carrier != LIE_IS_FIELD && told & lie_bit(&lines[i]) &&
		    violation_begins(violation, lines[i].excuses))
			return true;
	return false;
}
