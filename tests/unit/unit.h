/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The harness of the user-space unit tests.
 *
 *	#include "unit.h"
 *
 *	UNIT_TEST(empty_ring_has_no_packet)
 *	{
 *		EXPECT_EQ(ring_count(&r), 0);
 *	}
 *
 *	UNIT_MAIN()
 *
 * A test registers itself; tests run in the order of their lines. The first
 * failed expectation is printed with both values and the test goes on; ASSERT_*
 * leaves the function. Output is KTAP. Arguments given to the program select
 * the tests whose names contain one of them. Exit status: 0 all passed.
 */
#ifndef _TESTS_UNIT_H
#define _TESTS_UNIT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_test {
	const char *name;
	void (*run)(void);
	struct unit_test *next;
};

/* One binary is one translation unit with UNIT_MAIN(); others may add tests. */
extern struct unit_test *unit_first, **unit_last;
extern unsigned int unit_failures;	/* in the running test */
extern const char *unit_skip_reason;

static inline void unit_register(struct unit_test *t)
{
	*unit_last = t;
	unit_last = &t->next;
}

static inline void unit_dump(const char *what, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	size_t i;

	printf("# %s (%zu bytes)", what, len);
	for (i = 0; i < len; i++)
		printf("%s%02x", i % 16 ? " " : "\n#   ", p[i]);
	printf("\n");
}

static inline bool unit_expect_mem(const void *a, const void *b, size_t len,
				   const char *ea, const char *eb,
				   const char *file, int line)
{
	size_t i;

	if (!memcmp(a, b, len))
		return true;
	for (i = 0; i < len; i++)
		if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i])
			break;
	printf("# %s:%d: %s differs from %s at byte %zu\n", file, line, ea, eb, i);
	unit_dump(ea, a, len);
	unit_dump(eb, b, len);
	unit_failures++;
	return false;
}

static inline bool unit_expect_int(bool ok, intmax_t a, intmax_t b,
				   const char *op, const char *ea,
				   const char *eb, const char *file, int line)
{
	if (ok)
		return true;
	printf("# %s:%d: expected %s %s %s, but %jd (0x%jx) vs %jd (0x%jx)\n",
	       file, line, ea, op, eb, a, (uintmax_t)a, b, (uintmax_t)b);
	unit_failures++;
	return false;
}

static inline bool unit_expect_bool(bool ok, const char *e, const char *file,
				    int line)
{
	if (ok)
		return true;
	printf("# %s:%d: expected %s\n", file, line, e);
	unit_failures++;
	return false;
}

static inline bool unit_expect_str(const char *a, const char *b, const char *ea,
				   const char *eb, const char *file, int line)
{
	if (a && b && !strcmp(a, b))
		return true;
	printf("# %s:%d: %s is \"%s\", %s is \"%s\"\n", file, line,
	       ea, a ? a : "(null)", eb, b ? b : "(null)");
	unit_failures++;
	return false;
}

/* Compared as intmax_t: no value is cut, and (u32)0xFFFFFFFF is not -1. */
#define UNIT_CMP(a, op, b)						\
({									\
	intmax_t unit_a = (intmax_t)(a);				\
	intmax_t unit_b = (intmax_t)(b);				\
	unit_expect_int(unit_a op unit_b, unit_a, unit_b, #op, #a, #b,	\
			__FILE__, __LINE__);				\
})

#define EXPECT_EQ(a, b)		((void)UNIT_CMP(a, ==, b))
#define EXPECT_NE(a, b)		((void)UNIT_CMP(a, !=, b))
#define EXPECT_LT(a, b)		((void)UNIT_CMP(a, <, b))
#define EXPECT_LE(a, b)		((void)UNIT_CMP(a, <=, b))
#define EXPECT_GT(a, b)		((void)UNIT_CMP(a, >, b))
#define EXPECT_GE(a, b)		((void)UNIT_CMP(a, >=, b))
#define EXPECT_TRUE(e)		((void)unit_expect_bool(!!(e), #e, __FILE__, __LINE__))
#define EXPECT_FALSE(e)		((void)unit_expect_bool(!(e), "!(" #e ")", __FILE__, __LINE__))
#define EXPECT_NULL(e)		((void)unit_expect_bool(!(e), #e " == NULL", __FILE__, __LINE__))
#define EXPECT_NOT_NULL(e)	((void)unit_expect_bool(!!(e), #e " != NULL", __FILE__, __LINE__))
#define EXPECT_STREQ(a, b)	((void)unit_expect_str(a, b, #a, #b, __FILE__, __LINE__))
#define EXPECT_MEMEQ(a, b, len)	((void)unit_expect_mem(a, b, len, #a, #b, __FILE__, __LINE__))

/* Leave the test function at once; for what the rest of it cannot do without. */
#define ASSERT_EQ(a, b)		do { if (!UNIT_CMP(a, ==, b)) return; } while (0)
#define ASSERT_TRUE(e)							\
	do {								\
		if (!unit_expect_bool(!!(e), #e, __FILE__, __LINE__))	\
			return;						\
	} while (0)
#define ASSERT_NOT_NULL(e)	ASSERT_TRUE(e)

#define UNIT_FAIL(fmt, ...)						\
	do {								\
		printf("# %s:%d: " fmt "\n", __FILE__, __LINE__, ##__VA_ARGS__); \
		unit_failures++;					\
	} while (0)

/* For what this machine cannot do; give the reason. */
#define UNIT_SKIP(reason)	do { unit_skip_reason = (reason); return; } while (0)

#define UNIT_TEST(test_name)						\
	static void unit_run_##test_name(void);				\
	static struct unit_test unit_def_##test_name = {		\
		.name = #test_name, .run = unit_run_##test_name,	\
	};								\
	__attribute__((constructor))					\
	static void unit_add_##test_name(void)				\
	{								\
		unit_register(&unit_def_##test_name);			\
	}								\
	static void unit_run_##test_name(void)

static inline bool unit_selected(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

static inline int unit_main(int argc, char **argv)
{
	unsigned int n = 0, bad = 0;
	struct unit_test *t;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (t = unit_first; t; t = t->next)
		n += unit_selected(t->name, argc, argv);
	printf("KTAP version 1\n1..%u\n", n);

	n = 0;
	for (t = unit_first; t; t = t->next) {
		if (!unit_selected(t->name, argc, argv))
			continue;
		unit_failures = 0;
		unit_skip_reason = NULL;
		t->run();
		bad += !!unit_failures;
		printf("%sok %u - %s%s%s\n", unit_failures ? "not " : "", ++n,
		       t->name, unit_skip_reason ? " # SKIP " : "",
		       unit_skip_reason ? unit_skip_reason : "");
	}
	return bad ? 1 : 0;
}

/*
 * The list head needs a value before the first constructor runs, so it is
 * initialized statically here.
 */
#define UNIT_MAIN()							\
	struct unit_test *unit_first, **unit_last = &unit_first;	\
	unsigned int unit_failures;					\
	const char *unit_skip_reason;					\
									\
	int main(int argc, char **argv)					\
	{								\
		return unit_main(argc, argv);				\
	}

#endif /* _TESTS_UNIT_H */
