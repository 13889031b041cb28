// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: violation - a small table by name: count, class, and the first few in full.
 *
 * Machine lock held by all callers. Logged once per name in full, then only
 * counted, so that a hostile guest cannot flood the log.
 */
#include "violation.h"
#include "violation_json.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

#define NAMES_MAX	256
#define KEPT_PER_NAME	3
#define BYTES_KEPT	256
#define LOG_PER_NAME	3
#define EXCUSES_MAX	32

struct sample {
	char text[256];
	uint8_t bytes[BYTES_KEPT];
	size_t len;
};

static struct entry {
	const char *name;
	bool style;
	uint64_t cnt;
	struct sample sample[KEPT_PER_NAME];
} entries[NAMES_MAX];

static const char *excuses[EXCUSES_MAX];
static unsigned int entry_cnt, excuse_cnt;
static uint64_t total, style_total;

static struct entry *look_up(const char *name)
{
	unsigned int i;

	for (i = 0; i < entry_cnt; i++)
		if (!strcmp(entries[i].name, name))
			return &entries[i];
	return NULL;
}

static void hex(char *out, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", bytes[i]);
	out[2 * len] = 0;
}

/* NULL when the book is full. */
static struct entry *entry_of(const char *name, bool style)
{
	struct entry *e = look_up(name);

	if (!e && entry_cnt < NAMES_MAX) {
		e = &entries[entry_cnt++];
		memset(e, 0, sizeof(*e));
		e->name = name;
		e->style = style;
	}
	return e;
}

static void keep(struct entry *e, const void *bytes, size_t len, const char *text)
{
	char dump[2 * 64 + 1] = "";

	if (e->cnt < KEPT_PER_NAME) {
		struct sample *s = &e->sample[e->cnt];

		snprintf(s->text, sizeof(s->text), "%s", text);
		s->len = bytes ? (len < BYTES_KEPT ? len : BYTES_KEPT) : 0;
		if (s->len)
			memcpy(s->bytes, bytes, s->len);
	}
	if (e->cnt++ < LOG_PER_NAME) {
		if (bytes && len)
			hex(dump, bytes, len < 64 ? len : 64);
		log_line("%s %s: %s%s%s", e->style ? "STYLE" : "VIOLATION", e->name, text,
			 *dump ? " bytes " : "", dump);
	}
}

bool violation_begins(const char *name, const char *list)
{
	while (*list) {
		size_t len = strcspn(list, " ");

		if (len && !strncmp(name, list, len))
			return true;
		list += len + (list[len] == ' ');
	}
	return false;
}

void violation_excuse(const char *list)
{
	unsigned int i = 0;

	while (i < excuse_cnt && excuses[i] != list)
		i++;
	if (i == excuse_cnt && i < EXCUSES_MAX)
		excuses[excuse_cnt++] = list;
}

static bool is_excused(const char *name)
{
	unsigned int i = 0;

	while (i < excuse_cnt && !violation_begins(name, excuses[i]))
		i++;
	return i < excuse_cnt;
}

static void note(bool style, const char *name, const void *bytes, size_t len, const char *fmt,
		 va_list ap)
{
	struct entry *e;
	char text[256];

	if (is_excused(name))
		return;
	e = entry_of(name, style);
	total += !style;
	style_total += style;
	if (!e)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	keep(e, bytes, len, text);
}

void violation_note(const char *name, const void *bytes, size_t len, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(false, name, bytes, len, fmt, ap);
	va_end(ap);
}

void violation_style(const char *name, const void *bytes, size_t len, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(true, name, bytes, len, fmt, ap);
	va_end(ap);
}

uint64_t violation_total(void)
{
	return total;
}

uint64_t violation_count(const char *name)
{
	struct entry *e = look_up(name);

	return e ? e->cnt : 0;
}

void violation_clear(void)
{
	entry_cnt = 0;
	excuse_cnt = 0;
	total = style_total = 0;
}

json_t *violation_json(void)
{
	json_t *list = json_array();
	unsigned int i, k;

	for (i = 0; i < entry_cnt; i++) {
		struct entry *e = &entries[i];
		json_t *samples = json_array();

		for (k = 0; k < KEPT_PER_NAME && k < e->cnt; k++) {
			char dump[2 * BYTES_KEPT + 1];

			hex(dump, e->sample[k].bytes, e->sample[k].len);
			json_array_append_new(samples, json_pack("{s:s,s:s}", "text",
							e->sample[k].text, "bytes", dump));
		}
		json_array_append_new(list, json_pack("{s:s,s:s,s:I,s:s,s:o}", "name", e->name,
					"class", e->style ? "style" : "protocol",
					"count", (json_int_t)e->cnt,
					"text", e->sample[0].text, "samples", samples));
	}
	return json_pack("{s:I,s:I,s:o}", "total", (json_int_t)total,
			 "style", (json_int_t)style_total, "list", list);
}
