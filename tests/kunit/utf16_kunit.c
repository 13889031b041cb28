// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_utf16. Sheet 6.3; R80, R88. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/utf16.c"

static char out[64];

static void names_become_utf8(struct kunit *test)
{
	static const struct {
		const char *name;
		u8 in[12];
		u32 bytes;
		const char *want;
	} rows[] = {
		{ "empty", {}, 0, "" },
		{ "ASCII", { 'e', 0, 't', 0, 'h', 0 }, 6, "eth" },
		{ "ends at the terminator", { 'a', 0, 0, 0, 'b', 0 }, 6, "a" },
		{ "last of one byte", { 0x7f, 0x00 }, 2, "\x7f" },
		{ "first of two bytes", { 0x80, 0x00 }, 2, "\xc2\x80" },
		{ "two bytes", { 0xe9, 0x00 }, 2, "\xc3\xa9" },
		{ "last of two bytes", { 0xff, 0x07 }, 2, "\xdf\xbf" },
		{ "first of three bytes", { 0x00, 0x08 }, 2, "\xe0\xa0\x80" },
		{ "last of three bytes", { 0xff, 0xff }, 2, "\xef\xbf\xbf" },
		{ "three bytes", { 0xac, 0x20 }, 2, "\xe2\x82\xac" },
		{ "pair", { 0x3d, 0xd8, 0x00, 0xde }, 4, "\xf0\x9f\x98\x80" },
		{ "first pair", { 0x00, 0xd8, 0x00, 0xdc }, 4,
		  "\xf0\x90\x80\x80" },
		{ "last pair", { 0xff, 0xdb, 0xff, 0xdf }, 4,
		  "\xf4\x8f\xbf\xbf" },
		{ "two bytes behind a pair",
		  { 0x3d, 0xd8, 0x00, 0xde, 0xe9, 0x00 }, 6,
		  "\xf0\x9f\x98\x80\xc3\xa9" },
		{ "a pair behind another",
		  { 0x3d, 0xd8, 0x3f, 0xde, 0x3d, 0xd8, 0x00, 0xde }, 8,
		  "\xf0\x9f\x98\xbf\xf0\x9f\x98\x80" },
		{ "high alone", { 0x3d, 0xd8, 'x', 0 }, 4, "\xef\xbf\xbdx" },
		{ "high at the end", { 'x', 0, 0x3d, 0xd8 }, 4,
		  "x\xef\xbf\xbd" },
		{ "high at the end, low behind it",
		  { 'x', 0, 0x3d, 0xd8, 0x00, 0xde }, 4, "x\xef\xbf\xbd" },
		{ "low behind a letter", { 'x', 0, 0x00, 0xde }, 4,
		  "x\xef\xbf\xbd" },
		{ "low alone", { 0x00, 0xde, 'x', 0 }, 4, "\xef\xbf\xbdx" },
		{ "odd last byte", { 'a', 0, 'b' }, 3, "a" },
		{ "one byte", { 'a' }, 1, "" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t n = netvsc_utf16_to_utf8(rows[i].in, rows[i].bytes, out,
						sizeof(out));

		KUNIT_EXPECT_STREQ(test, out, rows[i].want);
		KUNIT_EXPECT_EQ_MSG(test, n, strlen(rows[i].want), "%s",
				    rows[i].name);
	}
}

static void output_ends_with_a_whole_character(struct kunit *test)
{
	static const u8 in[] = { 'a', 0, 0xac, 0x20, 0xac, 0x20 };
	static const u32 bytes[] = { 0, 0, 1, 1, 1, 4, 4, 4, 7, 7 };
	u32 size;

	for (size = 1; size < ARRAY_SIZE(bytes); size++) {
		memset(out, 'Z', sizeof(out));
		KUNIT_EXPECT_EQ_MSG(test,
				    netvsc_utf16_to_utf8(in, sizeof(in), out,
							 size),
				    bytes[size], "size %u", size);
		KUNIT_EXPECT_EQ(test, out[bytes[size]], 0);
		KUNIT_EXPECT_EQ(test, out[size], 'Z');
	}
}

static struct kunit_case utf16_cases[] = {
	KUNIT_CASE(names_become_utf8),
	KUNIT_CASE(output_ends_with_a_whole_character),
	{}
};

static struct kunit_suite utf16_suite = {
	.name = "hv_netvsc_utf16",
	.test_cases = utf16_cases,
};

kunit_test_suite(utf16_suite);
