/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzzers share. A target is a file NAME_fuzz.c with one function, which
 * libFuzzer calls with bytes of its choice; it says with FUZZ_SEED() what good input
 * looks like. Read tests/fuzz/run --help.
 */
#ifndef _TESTS_FUZZ_H
#define _TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

/* What must hold whatever the input: libFuzzer keeps the input that breaks it. */
#define FUZZ_ASSERT(what) do { \
	if (!(what)) { \
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
		abort(); \
	} \
} while (0)

/**
 * struct fuzz_input - the bytes of one execution
 * @at: the next one
 * @left: so many
 *
 * What decides (sizes, choices) is taken from the front, the message is the rest, in a
 * heap block of exactly its size: the sanitizer sees one byte too many.
 */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/* The next byte; 0 when there are none. */
static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint16_t fuzz_u16(struct fuzz_input *in)
{
	uint16_t low = fuzz_u8(in);

	return low | fuzz_u8(in) << 8;
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
	uint32_t low = fuzz_u16(in);

	return low | (uint32_t)fuzz_u16(in) << 16;
}

/* All that is left, up to @most bytes; the caller frees. */
static inline uint8_t *fuzz_rest(struct fuzz_input *in, size_t most, uint32_t *len)
{
	uint8_t *copy;

	*len = in->left < most ? in->left : most;
	copy = malloc(*len ? *len : 1);
	FUZZ_ASSERT(copy);
	memcpy(copy, in->at, *len);
	in->at += *len;
	in->left -= *len;
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* _TESTS_FUZZ_H */
