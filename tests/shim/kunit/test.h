/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KUnit look-alike: the suites of tests/kunit run unchanged in user space on
 * the harness of tests/unit. One suite per binary.
 */
#ifndef _SHIM_KUNIT_TEST_H
#define _SHIM_KUNIT_TEST_H

#include <linux/kernel.h>
#include <linux/types.h>

#include <setjmp.h>

#include "unit.h"

#define KUNIT_PARAM_DESC_SIZE	128

struct kunit {
	const void *param_value;
	void *priv;
	jmp_buf leave;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(fn)		{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_PARAM(fn, gen) \
	{ .run_case = fn, .name = #fn, .generate_params = gen }

#define KUNIT_ARRAY_PARAM(gen_name, array, get_desc)			\
	static const void *gen_name##_gen_params(const void *prev, char *desc) \
	{								\
		__typeof__((array)[0]) *next = prev;			\
									\
		next = next ? next + 1 : (array);			\
		if (next == (array) + sizeof(array) / sizeof((array)[0])) \
			return NULL;					\
		void (*shim_desc)(__typeof__((array)[0]) *, char *) = get_desc; \
		if (shim_desc)						\
			shim_desc(next, desc);				\
		return next;						\
	}

/* From the heap, as long as was asked for: a sanitizer sees a step beyond. */
#define GFP_KERNEL			0
#define kunit_kmalloc(test, n, gfp)	malloc(n)
#define kunit_kfree(test, p)		free((void *)(p))

#define shim_assert(test, ok)	do { if (!(ok)) longjmp((test)->leave, 1); } while (0)

#define KUNIT_EXPECT_EQ(test, a, b)	EXPECT_EQ(a, b)
#define KUNIT_EXPECT_NE(test, a, b)	EXPECT_NE(a, b)
#define KUNIT_EXPECT_LT(test, a, b)	EXPECT_LT(a, b)
#define KUNIT_EXPECT_LE(test, a, b)	EXPECT_LE(a, b)
#define KUNIT_EXPECT_GT(test, a, b)	EXPECT_GT(a, b)
#define KUNIT_EXPECT_GE(test, a, b)	EXPECT_GE(a, b)
#define KUNIT_EXPECT_TRUE(test, e)	EXPECT_TRUE(e)
#define KUNIT_EXPECT_FALSE(test, e)	EXPECT_FALSE(e)
#define KUNIT_EXPECT_NULL(test, e)	EXPECT_NULL(e)
#define KUNIT_EXPECT_NOT_NULL(test, e)	EXPECT_NOT_NULL(e)
#define KUNIT_EXPECT_PTR_EQ(test, a, b)	EXPECT_TRUE((a) == (b))
#define KUNIT_EXPECT_STREQ(test, a, b)	EXPECT_STREQ(a, b)
#define KUNIT_EXPECT_MEMEQ(test, a, b, n) EXPECT_MEMEQ(a, b, n)
#define KUNIT_FAIL(test, fmt, ...)	UNIT_FAIL(fmt, ##__VA_ARGS__)

/* With the name of the table row: the message is the reader's only clue. */
#define shim_msg(ok, fmt, ...)						\
	do {								\
		if (!(ok))						\
			printf("# in " fmt "\n", ##__VA_ARGS__);	\
	} while (0)
#define KUNIT_EXPECT_EQ_MSG(test, a, b, fmt, ...)	\
	shim_msg(UNIT_CMP(a, ==, b), fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_TRUE_MSG(test, e, fmt, ...)	\
	shim_msg(unit_expect_bool(!!(e), #e, __FILE__, __LINE__), \
		 fmt, ##__VA_ARGS__)

#define KUNIT_ASSERT_EQ(test, a, b)	shim_assert(test, UNIT_CMP(a, ==, b))
#define KUNIT_ASSERT_NE(test, a, b)	shim_assert(test, UNIT_CMP(a, !=, b))
#define KUNIT_ASSERT_GE(test, a, b)	shim_assert(test, UNIT_CMP(a, >=, b))
#define KUNIT_ASSERT_LE(test, a, b)	shim_assert(test, UNIT_CMP(a, <=, b))
#define KUNIT_ASSERT_TRUE(test, e)	\
	shim_assert(test, unit_expect_bool(!!(e), #e, __FILE__, __LINE__))
#define KUNIT_ASSERT_NOT_NULL(test, e)	KUNIT_ASSERT_TRUE(test, (e) != NULL)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(test, e) KUNIT_ASSERT_TRUE(test, (e) != NULL)

static inline void shim_run_once(struct kunit_suite *suite, struct kunit_case *c,
				 const void *param)
{
	struct kunit test = { .param_value = param };

	if (suite->init && suite->init(&test)) {
		UNIT_FAIL("init of the suite failed");
		return;
	}
	if (!setjmp(test.leave))
		c->run_case(&test);
	if (suite->exit)
		suite->exit(&test);
}

static inline void shim_run_case(struct kunit_suite *suite, struct kunit_case *c)
{
	char desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;

	if (!c->generate_params) {
		shim_run_once(suite, c, NULL);
		return;
	}
	while ((param = c->generate_params(param, desc))) {
		unsigned int before = unit_failures;

		shim_run_once(suite, c, param);
		if (unit_failures != before)
			printf("# ... with %s\n", desc);
	}
}

static inline int shim_run_suite(struct kunit_suite *suite, int argc, char **argv)
{
	unsigned int n = 0, bad = 0;
	struct kunit_case *c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (c = suite->test_cases; c->run_case; c++)
		n += unit_selected(c->name, argc, argv);
	printf("KTAP version 1\n# suite %s\n1..%u\n", suite->name, n);

	n = 0;
	for (c = suite->test_cases; c->run_case; c++) {
		if (!unit_selected(c->name, argc, argv))
			continue;
		unit_failures = 0;
		shim_run_case(suite, c);
		bad += !!unit_failures;
		printf("%sok %u - %s\n", unit_failures ? "not " : "", ++n,
		       c->name);
	}
	return bad ? 1 : 0;
}

#define kunit_test_suite(suite)						\
	struct unit_test *unit_first, **unit_last = &unit_first;	\
	unsigned int unit_failures;					\
	const char *unit_skip_reason;					\
									\
	int main(int argc, char **argv)					\
	{								\
		return shim_run_suite(&(suite), argc, argv);		\
	}								\
	_Static_assert(1, "takes the semicolon")

#endif
