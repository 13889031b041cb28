// SPDX-License-Identifier: GPL-2.0
/* SRCS: LIBS: */
/*
 * DOC: names are promises: every violation of the NIC room is provoked by a unit
 * test, and every violation, fault, verb and key is in Documentation/testhost.md.
 * Reads the sources, as the tests run at the top of the tree.
 */
#include "unit.h"
#include <ctype.h>
#include <glob.h>

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *buf = NULL;
	size_t len = 0;

	if (!f)
		return NULL;
	buf = malloc(1 << 20);
	len = fread(buf, 1, (1 << 20) - 1, f);
	buf[len] = 0;
	fclose(f);
	return buf;
}

/* All files of a pattern in one string. */
static char *slurp_all(const char *pattern)
{
	char *all = calloc(1, 8 << 20);
	glob_t g;
	size_t i;

	if (glob(pattern, 0, NULL, &g))
		return all;
	for (i = 0; i < g.gl_pathc; i++) {
		char *s = slurp(g.gl_pathv[i]);

		strcat(all, s);
		free(s);
	}
	globfree(&g);
	return all;
}

/* Calls @check with each word that stands between @before and the next quote. */
static unsigned int each(const char *text, const char *before,
			 void (*check)(const char *word, const char *where),
			 const char *where)
{
	unsigned int n = 0;

	while ((text = strstr(text, before))) {
		char word[80];
		size_t len;

		text += strlen(before);
		len = strcspn(text, "\"");
		if (!len || len >= sizeof(word))
			continue;
		memcpy(word, text, len);
		word[len] = 0;
		if (strspn(word, "abcdefghijklmnopqrstuvwxyz_0123456789.") != len)
			continue;
		check(word, where);
		n++;
	}
	return n;
}

static void in_document(const char *word, const char *where)
{
	char quoted[100];

	snprintf(quoted, sizeof(quoted), "`%s`", word);
	if (!strstr(where, quoted))
		UNIT_FAIL("%s is not in Documentation/testhost.md", quoted);
}

static void violation_in_document(const char *word, const char *where)
{
	char name[100];

	snprintf(name, sizeof(name), "netvsp.%s", word);
	if (strcmp(word, "h"))
		in_document(name, where);
}

static void provoked(const char *word, const char *tests)
{
	char a[100], b[100];

	snprintf(a, sizeof(a), "\"netvsp.%s\"", word);
	snprintf(b, sizeof(b), "M(\"%s\"", word);
	if (strcmp(word, "h") && !strstr(tests, a) && !strstr(tests, b))
		UNIT_FAIL("no unit test provokes netvsp.%s", word);
}

UNIT_TEST(every_violation_is_provoked_by_a_test)
{
	char *src = slurp_all("tests/host/netvsp/*.c");
	char *tests = slurp_all("tests/unit/host_*_test.c");

	EXPECT_GT(each(src, "\"netvsp.", provoked, tests), 100);
	free(src);
	free(tests);
}

UNIT_TEST(every_violation_is_documented)
{
	char *src = slurp_all("tests/host/netvsp/*.c");
	char *doc = slurp("Documentation/testhost.md");

	ASSERT_NOT_NULL(doc);
	EXPECT_GT(each(src, "\"netvsp.", violation_in_document, doc), 100);
	free(src);
	free(doc);
}

/* The word stands behind violation_note(" or corrupt(ch, ", so with its room's name. */
static void bus_violation(const char *word, const char *where)
{
	char quoted[100];

	if (!strncmp(word, "netvsp.", 7))
		return;
	snprintf(quoted, sizeof(quoted), "`%s`", word);
	if (!strstr(where, quoted))
		UNIT_FAIL("%s is not in Documentation/testhost.md", quoted);
}

static void bus_violation_provoked(const char *word, const char *tests)
{
	char quoted[100];

	snprintf(quoted, sizeof(quoted), "\"%s\"", word);
	if (!strstr(tests, quoted))
		UNIT_FAIL("no unit test provokes %s", word);
}

/* Of the vpci room, faults of that name included. */
static void vpci_violation(const char *word, const char *where)
{
	char name[100];

	snprintf(name, sizeof(name), "vpci.%s", word);
	in_document(name, where);
}

static void vpci_violation_provoked(const char *word, const char *tests)
{
	char quoted[100];

	snprintf(quoted, sizeof(quoted), "\"vpci.%s\"", word);
	if (!strstr(tests, quoted))
		UNIT_FAIL("no unit test provokes vpci.%s", word);
}

UNIT_TEST(violations_of_bus_and_rings_are_documented_and_provoked)
{
	char *bus = slurp_all("tests/host/vmbus/*.c"), *hv = slurp_all("tests/host/hv/*.c");
	char *tests = slurp_all("tests/unit/host_*_test.c");
	char *doc = slurp("Documentation/testhost.md"), *vpci = slurp_all("tests/host/vpci/*.c");
	unsigned int n;

	ASSERT_NOT_NULL(doc);
	n = each(bus, "violation_note(\"", bus_violation, doc) + each(bus, "corrupt(ch, \"", bus_violation, doc);
	EXPECT_GT(n, 35);
	EXPECT_EQ(each(hv, "violation_note(\"", bus_violation, doc), 4);
	EXPECT_EQ(each(vpci, "\"vpci.", vpci_violation, doc), 13);
	each(vpci, "\"vpci.", vpci_violation_provoked, tests);
	each(bus, "violation_note(\"", bus_violation_provoked, tests);
	each(bus, "corrupt(ch, \"", bus_violation_provoked, tests);
	each(hv, "violation_note(\"", bus_violation_provoked, tests);
	free(bus);
	free(hv);
	free(vpci);
	free(tests);
	free(doc);
}

UNIT_TEST(every_fault_is_documented)
{
	char *src = slurp("tests/host/fault/fault.c");
	char *doc = slurp("Documentation/testhost.md");

	ASSERT_NOT_NULL(doc);
	EXPECT_GT(each(src, "{ \"", in_document, doc), 40);
	free(src);
	free(doc);
}

UNIT_TEST(every_verb_is_documented)
{
	char *src = slurp_all("tests/host/*/*.c"), *main_c = slurp("tests/host/main.c");
	char *verbs = slurp_all("tests/host/netvsp/*verbs.c");
	char *doc = slurp("Documentation/testhost.md");

	ASSERT_NOT_NULL(doc);
	EXPECT_GT(each(src, "ctl_register(\"", in_document, doc), 5);
	EXPECT_GT(each(main_c, "ctl_register(\"", in_document, doc), 2);
	EXPECT_GT(each(verbs, "	{ \"", in_document, doc), 10);
	free(src);
	free(main_c);
	free(verbs);
	free(doc);
}

UNIT_TEST(every_key_is_documented)
{
	char *src = slurp("tests/host/netvsp/config.c");
	char *doc = slurp("Documentation/testhost.md");
	char *keys = strstr(src, "keys[] = {");

	ASSERT_NOT_NULL(doc);
	ASSERT_NOT_NULL(keys);
	EXPECT_GT(each(keys, "	{ \"", in_document, doc), 15);
	free(src);
	free(doc);
}

UNIT_MAIN()
