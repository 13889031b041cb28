// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: arg - see arg.h. Nothing here keeps or frees anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arg.h"

bool arg_int(const json_t *args, const char *key, int64_t *out)
{
	const json_t *v = json_object_get(args, key);
	const char *s;
	char *end;
	int64_t n;

	if (json_is_integer(v)) {
		*out = json_integer_value(v);
		return true;
	}
	if (json_is_boolean(v)) {
		*out = json_is_true(v);
		return true;
	}
	s = json_string_value(v);
	if (!s || !*s)
		return false;
	n = strtoll(s, &end, 0);
	if (*end)
		return false;
	*out = n;
	return true;
}

const char *arg_str(const json_t *args, const char *key)
{
	return json_string_value(json_object_get(args, key));
}

bool arg_bool(const json_t *args, const char *key, bool def)
{
	const char *s = arg_str(args, key);
	int64_t n;

	if (s && (!strcmp(s, "on") || !strcmp(s, "yes") || !strcmp(s, "true")))
		return true;
	if (s && (!strcmp(s, "off") || !strcmp(s, "no") || !strcmp(s, "false")))
		return false;
	return arg_int(args, key, &n) ? n != 0 : def;
}

bool arg_text(const json_t *value, char *out, size_t size)
{
	int n = -1;

	if (json_is_string(value))
		n = snprintf(out, size, "%s", json_string_value(value));
	else if (json_is_integer(value))
		n = snprintf(out, size, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		n = snprintf(out, size, "%g", json_real_value(value));
	else if (json_is_boolean(value))
		n = snprintf(out, size, "%s", json_is_true(value) ? "on" : "off");
	return n >= 0 && (size_t)n < size;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool arg_hex(const json_t *args, const char *key, uint8_t *out, size_t size, size_t *len)
{
	const char *s = arg_str(args, key);
	size_t n = 0;

	if (!s)
		return false;
	while (*s) {
		if (*s == ' ' || *s == ':') {
			s++;
			continue;
		}
		if (n == size || digit(s[0]) < 0 || digit(s[1]) < 0)
			return false;
		out[n++] = (uint8_t)(digit(s[0]) << 4 | digit(s[1]));
		s += 2;
	}
	*len = n;
	return true;
}

bool arg_mac(const char *s, uint8_t mac[6])
{
	unsigned int b[6];
	char end;
	int i;

	if (sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4],
		   &b[5], &end) != 6)
		return false;
	for (i = 0; i < 6; i++)
		mac[i] = (uint8_t)b[i];
	return true;
}
