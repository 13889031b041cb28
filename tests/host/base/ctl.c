// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ctl - verbs by name, calls in progress as a list.
 *
 * A call lives from its line to its answer. When the other end goes away
 * (ctl_forget) its calls lose their output and end silently.
 */
#include "ctl.h"

#include "arg.h"
#include "log.h"
#include "loop.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERBS_MAX	64
#define LATER_MAX_MS	600000

struct ctl_call {
	struct ctl_call *next;
	json_t *id;
	char *get;	/* path of the one value that is wanted, or NULL */
	bool late;	/* answered before it began */
	ctl_out_fn out;
	void *outpriv;
};

static struct verb {
	const char *cmd, *help;
	ctl_fn fn;
	void *priv;
} verbs[VERBS_MAX];

static unsigned int verb_cnt;
static struct ctl_call *calls;

void ctl_register(const char *cmd, const char *help, ctl_fn fn, void *priv)
{
	if (verb_cnt < VERBS_MAX)
		verbs[verb_cnt++] = (struct verb){ cmd, help, fn, priv };
}

static void put_line(const struct ctl_call *call, json_t *obj)
{
	char *text;
	size_t len;

	if (call->out) {
		if (call->id)
			json_object_set(obj, "id", call->id);
		text = json_dumps(obj, JSON_COMPACT);
		len = text ? strlen(text) : 0;
		if (text) {
			char *line = realloc(text, len + 2);

			if (line) {
				line[len] = '\n';
				line[len + 1] = 0;
				call->out(call->outpriv, line, len + 1);
				text = line;
			}
			free(text);
		}
	}
	json_decref(obj);
}

static void end(struct ctl_call *call)
{
	struct ctl_call **at;

	for (at = &calls; *at; at = &(*at)->next)
		if (*at == call) {
			*at = call->next;
			break;
		}
	json_decref(call->id);
	free(call->get);
	free(call);
}

/* The value at "a.b.0", borrowed, or NULL. */
static json_t *look_up(json_t *at, const char *path)
{
	char *copy = strdup(path), *save = NULL, *step, *bad;
	size_t index;

	if (!copy)
		return NULL;
	for (step = strtok_r(copy, ".", &save); step && at; step = strtok_r(NULL, ".", &save)) {
		if (!json_is_array(at)) {
			at = json_object_get(at, step);
			continue;
		}
		index = strtoul(step, &bad, 10);
		at = *bad ? NULL : json_array_get(at, index);
	}
	free(copy);
	return at;
}

/* Spares the guest's serial port what nobody will look at. */
static void answer_value(struct ctl_call *call, json_t *result)
{
	json_t *value = look_up(result, call->get);

	if (value)
		put_line(call, json_pack("{s:b,s:O}", "ok", 1, "value", value));
	else
		put_line(call, json_pack("{s:b,s:o}", "ok", 0, "error",
					 json_sprintf("the result has no '%s'", call->get)));
	json_decref(result);
}

void ctl_ok(struct ctl_call *call, json_t *result)
{
	if (!result)
		result = json_object();
	if (call->get)
		answer_value(call, result);
	else
		put_line(call, json_pack("{s:b,s:o}", "ok", 1, "result", result));
	end(call);
}

void ctl_error(struct ctl_call *call, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (call->late)
		log_line("ctl: later: %s", text);
	put_line(call, json_pack("{s:b,s:s}", "ok", 0, "error", text));
	end(call);
}

void ctl_stream(struct ctl_call *call, const char *name, const char *data, size_t len)
{
	json_t *text = json_stringn(data, len);
	char *plain;
	size_t i;

	if (!text) {	/* not UTF-8: keep what is ASCII */
		plain = malloc(len + 1);
		if (!plain)
			return;
		for (i = 0; i < len; i++)
			plain[i] = (data[i] & 0x80) || !data[i] ? '?' : data[i];
		text = json_stringn(plain, len);
		free(plain);
	}
	put_line(call, json_pack("{s:s,s:o}", "stream", name, "data", text));
}

static void help(struct ctl_call *call)
{
	json_t *list = json_object();
	unsigned int i;

	for (i = 0; i < verb_cnt; i++)
		json_object_set_new(list, verbs[i].cmd, json_string(verbs[i].help));
	ctl_ok(call, list);
}

static struct ctl_call *begin(ctl_out_fn out, void *outpriv)
{
	struct ctl_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->out = out;
	call->outpriv = outpriv;
	call->next = calls;
	calls = call;
	return call;
}

static void run(struct ctl_call *call, const json_t *args)
{
	const char *cmd = json_string_value(json_object_get(args, "cmd"));
	unsigned int i;

	for (i = 0; cmd && i < verb_cnt; i++)
		if (!strcmp(verbs[i].cmd, cmd)) {
			verbs[i].fn(verbs[i].priv, call, args);
			return;
		}
	if (cmd && !strcmp(cmd, "help"))
		help(call);
	else
		ctl_error(call, "unknown verb '%s' (try help)", cmd ? cmd : "");
}

static void run_late(void *priv)
{
	struct ctl_call *call = begin(NULL, NULL);
	json_t *args = priv;

	if (call) {
		call->late = true;
		run(call, args);
	}
	json_decref(args);
}

/* The answer is on its way, and read, before anything happens. */
static void postpone(struct ctl_call *call, json_t *args, int64_t ms)
{
	if (ms < 1 || ms > LATER_MAX_MS)
		ctl_error(call, "later=1..%d wanted", LATER_MAX_MS);
	else if (!loop_add_timer((unsigned int)ms, run_late, args))
		ctl_error(call, "no memory");
	else {
		json_incref(args);	/* the timer's */
		ctl_ok(call, NULL);
	}
}

void ctl_line(const char *line, size_t len, ctl_out_fn out, void *outpriv)
{
	struct ctl_call *call = begin(out, outpriv);
	json_error_t err;
	const char *get;
	int64_t ms = 0;
	json_t *args;

	if (!call)
		return;
	args = json_loadb(line, len, 0, &err);
	if (!json_is_object(args)) {
		ctl_error(call, "not a JSON object: %s", args ? "other type" : err.text);
		json_decref(args);
		return;
	}
	call->id = json_incref(json_object_get(args, "id"));
	get = json_string_value(json_object_get(args, "get"));
	call->get = get ? strdup(get) : NULL;
	/* Not the verb's business: some take every key for a setting. */
	json_object_del(args, "get");
	if (arg_int(args, "later", &ms)) {
		json_object_del(args, "later");
		postpone(call, args, ms);
	} else {
		run(call, args);
	}
	json_decref(args);
}

void ctl_forget(void *outpriv)
{
	struct ctl_call *c;

	for (c = calls; c; c = c->next)
		if (c->outpriv == outpriv) {
			c->out = NULL;
			c->outpriv = NULL;
		}
}
