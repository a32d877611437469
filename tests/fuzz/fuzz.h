/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the harnesses share.  Each NAME_fuzz.c has one function, whose name and
 * form are libFuzzer's; main.c calls it where there is no fuzzer.  Two runs of
 * an input do the same and leave nothing behind: no memory, no descriptor.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "common/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What must hold whatever the input; in any build. */
#define MUST(what) ((what) ? (void)0 : fuzz_broken(#what, __FILE__, __LINE__))

static inline void fuzz_broken(const char *, const char *, int) LOG_NORETURN;

static inline void
fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* The next n bytes of the input, with zeros where it has ended. */
static inline void
fuzz_copy(struct bytes *in, void *to, size_t n)
{
	size_t have = n < in->left ? n : in->left;
	const uint8_t *from = bytes_take(in, have);

	memset(to, 0, n);
	if (have > 0)
		memcpy(to, from, have);
}

static inline uint8_t
fuzz_u8(struct bytes *in)
{
	uint8_t v;

	fuzz_copy(in, &v, sizeof(v));
	return v;
}

static inline uint16_t
fuzz_u16(struct bytes *in)
{
	uint8_t b[2];

	fuzz_copy(in, b, sizeof(b));
	return get_be16(b);
}

static inline uint32_t
fuzz_u32(struct bytes *in)
{
	uint8_t b[4];

	fuzz_copy(in, b, sizeof(b));
	return get_be32(b);
}

static inline uint64_t
fuzz_u64(struct bytes *in)
{
	uint8_t b[8];

	fuzz_copy(in, b, sizeof(b));
	return get_be64(b);
}

/*
 * A copy that ends where its memory does, for the sanitizer to see what is
 * read beyond it.
 */
static inline uint8_t *
fuzz_exact(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	MUST(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

/* How many descriptors are open: as many again, or some were left. */
static inline int
fuzz_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 128; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* What is logged of the input moves no terminal's cursor. */
static inline void
fuzz_log(void *arg, int priority, const char *line)
{
	(void)arg;
	(void)priority;
	for (; *line != '\0'; line++)
		MUST(*line >= ' ' && *line <= '~');
}

#endif
